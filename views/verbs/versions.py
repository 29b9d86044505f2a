"""Which version of the data holds: ``versions``, ``use``, ``undo``."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from clusters.roles import viewer_without_sign_in
from data.audit import REFUSED, UNDONE, USED, note_if_possible
from data.reference import load_reference
from data.settings import settings
from data.store import current_version, list_versions, open_version, undo, use_version
from views.verbs.noting import actor, note_verb
from views.verbs.options import Json, Lang
from views.verbs.telling import stop, tell, words_in
from views.words import Words


def versions(
    diff: Annotated[str | None, typer.Option(help="Two versions, as 1..2: what sets them apart.")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """Every version of the data; the current one is marked."""
    t = words_in(lang)
    if diff is not None:
        _print_differences(diff, as_json, t)
        return
    current, records = current_version(settings().home), list_versions(settings().home, load_reference())
    if as_json:
        print(json.dumps({"current": current, "versions": [asdict(r) for r in records]}, ensure_ascii=False, indent=1))
        return
    from views.versions_text import version_lines

    print("\n".join(version_lines(records, current, t)))


def use(
    version: Annotated[str, typer.Argument(help="Id of a version; 0 is the bundled set.")],
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """Make a version the current one, for every page and verb."""
    words_in(lang)
    note_verb(USED, version=version)
    use_version(settings().home, version)
    tell({"version": version}, as_json)


def undo_(as_json: Json = False, lang: Lang = "zh") -> None:
    """Back to the version that was current before the current one was imported; use goes forward again."""
    words_in(lang)
    note_verb(UNDONE)
    tell({"version": undo(settings().home)}, as_json)


def _print_differences(asked: str, as_json: bool, t: Words) -> None:
    before, dots, after = asked.partition("..")
    if not (before and dots and after):
        stop(t("cli.unknown_range", range=asked))
    from data.differences import compare_versions
    from views.differences_text import differences_document, differences_text

    if not viewer_without_sign_in().keeps_data:  # what two releases differ by may be one firm
        note_if_possible(settings().home, actor(), REFUSED, name="versions --diff", version=asked)
        stop(t("cli.keepers_only"))
    old, new = (open_version(settings().home, version, load_reference()) for version in (before, after))
    found = compare_versions(old, new)
    if as_json:
        print(json.dumps(differences_document(found), ensure_ascii=False, indent=1))
    else:
        print(differences_text(found, new, t))

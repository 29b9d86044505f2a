"""What keeps a server in order: ``audit``, ``migrate``, ``backup``, ``restore``."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from clusters.roles import viewer_without_sign_in
from data.audit import EVENTS, notes
from data.settings import settings
from data.store import make_store
from views.verbs.options import Json, Lang, Output
from views.verbs.telling import stop, tell, words_in


def audit(
    since: Annotated[str, typer.Option(help="First day or moment, in UTC: 2026-11, 2026-11-28 or 2026-11-28T08.")] = "",
    who: Annotated[str, typer.Option(help="Part of the id or the name of a person.")] = "",
    what: Annotated[str, typer.Option(help="Kind of event, as export or sign_in.")] = "",
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """Who brought, changed, took or looked at what; the oldest first."""
    t = words_in(lang)
    if not viewer_without_sign_in().keeps_data:
        stop(t("cli.audit_keepers_only"))
    if since and not _begins_a_moment(since):
        stop(t("cli.unknown_moment", since=since))
    if what and what not in EVENTS:
        stop(t("cli.unknown_event", what=what, events=", ".join(EVENTS)))
    found = notes(settings().home, since=since, who=who, what=what)
    if as_json:
        print(json.dumps(list(found), ensure_ascii=False, indent=1))
        return
    from views.audit_text import audit_line

    for one in found:
        print(audit_line(one))


def _begins_a_moment(text: str) -> bool:
    """Whether an ISO 8601 moment to the second begins like that: a year, a month, a day, an hour, a minute."""
    if not re.fullmatch(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d)?)?)?)?)?", text, re.ASCII):
        return False
    try:
        datetime.fromisoformat(text + "0001-01-01T00:00:00"[len(text) :])
    except ValueError:
        return False
    return True


def migrate(as_json: Json = False, lang: Lang = "zh") -> None:
    """Bring the database of the versions to the schema of this release; nothing to do where versions are files."""
    words_in(lang)
    before, after = make_store(settings().home)
    tell({"before": before, "after": after}, as_json)


def backup(output: Output, as_json: Json = False, lang: Lang = "zh") -> None:
    """The whole workspace in one file, .tar.zst or .tar.gz, while the app runs; it holds withheld figures too."""
    words_in(lang)
    from data.backup import write_backup

    tell(write_backup(settings().home, output), as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that backup wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of a workspace that is not empty; it stays beside.")
    ] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """The workspace as a backup has it, whole or not at all; start the app again afterwards."""
    words_in(lang)
    from data.restore import restore_backup

    tell(restore_backup(file, settings().home, replace=replace), as_json)

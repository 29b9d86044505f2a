"""A file on its way in: ``check`` what it would bring, ``import`` it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data.audit import ASKED_TO_IMPORT, REFUSED_IMPORT, note_if_possible
from data.errors import UnknownChoice
from data.settings import settings
from data.store import current_dataset
from views.verbs.noting import actor, note_verb
from views.verbs.options import Datum, FigureYear, Json, Kind, Lang, MappingFile, UserFile
from views.verbs.telling import told_on_terminal, words_in

if TYPE_CHECKING:
    from data.importing import Told


def check(
    file: UserFile,
    kind: Kind = None,
    datum: Datum = "auto",
    mapping: MappingFile = None,
    year: FigureYear = None,
    refused: Annotated[
        Path | None, typer.Option(help="Write the refused rows here, with reasons; xlsx or csv.")
    ] = None,
    save_mapping: Annotated[Path | None, typer.Option(help="Write what was understood here, as TOML.")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """What a file would bring: rows accepted, repaired, refused and why, the datum, open questions. Writes nothing."""
    t = words_in(lang)
    from data.check_report import check_document, write_refused
    from data.findings import Effect
    from data.importing import check_file
    from data.mapping_files import save_mapping as write_mapping
    from views.check_text import check_json, check_lines
    from views.finding_words import reasons_by_row

    checked = check_file(file, _told(kind, datum, mapping, year), current_dataset())
    if refused is not None:
        reasons = reasons_by_row(checked.findings.of(Effect.REFUSED).to_pylist(), t)
        write_refused(checked, refused, reasons)
    if save_mapping is not None:
        write_mapping(checked.mapping, save_mapping)
    document = check_document(checked)
    if as_json:
        print(json.dumps(check_json(document, t), ensure_ascii=False, indent=1, allow_nan=False))
        return
    print("\n".join(check_lines(document, t)))


def import_(
    file: UserFile,
    kind: Kind = None,
    datum: Datum = "auto",
    mapping: MappingFile = None,
    year: FigureYear = None,
    merge: Annotated[bool, typer.Option("--merge", help="Upsert into what there is, instead of replacing it.")] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """A file as a new version of the data, which becomes the current one; prints its id."""
    words_in(lang)
    from data.importing import import_file, note_import

    told, home = _told(kind, datum, mapping, year, merge=merge), settings().home
    note_verb(ASKED_TO_IMPORT, file=file.name)
    try:
        record = import_file(file, told, home, progress=told_on_terminal())
    except ValueError as error:
        note_if_possible(home, actor(), REFUSED_IMPORT, file=file.name, outcome=type(error).__name__)
        raise
    note_import(home, actor(), record)
    print(json.dumps(asdict(record), ensure_ascii=False) if as_json else record.id)


def _told(kind: str | None, datum: str, mapping: Path | None, year: int | None, *, merge: bool = False) -> "Told":
    """What the options say beside a file."""
    from data.importing import Told
    from data.mapping import TableKind
    from data.mapping_files import load_mapping
    from geo.datums import read_datum

    if kind is not None and kind not in tuple(TableKind):
        raise UnknownChoice("kind", kind, tuple(TableKind))
    return Told(
        kind=None if kind is None else TableKind(kind),
        datum=None if datum == "auto" else read_datum(datum).value,
        year=year,
        merge=merge,
        mapping=None if mapping is None else load_mapping(mapping),
    )

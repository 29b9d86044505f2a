"""A file of somebody's becomes a new version of the data: read, understood, repaired, checked, and then kept.

``check_file`` does all but the keeping and tells what it would do; ``import_file`` does the same and keeps it. A file
that leaves a question open is never guessed at: the question is asked, and a mapping answers it for good.
"""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data import columns as c
from data.area_rows import read_boundaries
from data.audit import IMPORTED, Actor, note_if_possible
from data.brought import About, Brought
from data.chosen import Chosen
from data.dataset import Dataset
from data.errors import NoFigures, NothingLeft, OpenQuestions
from data.findings import Effect, Findings
from data.firm_rows import read_firms
from data.headings import propose_mapping
from data.hub_rows import read_hubs
from data.indicator_rows import read_indicators
from data.mapping import Mapping, Question, TableKind
from data.mapping_files import apply_told, mapping_text
from data.observation_rows import read_observations
from data.park_rows import read_parks
from data.progress import Progress, unheard
from data.readers import read_file
from data.readers.raw_table import RawTable, ReadOptions
from data.reference import load_reference
from data.store import commit, current_version, open_version
from data.taken import Taken
from data.version_files import VersionRecord
from geo.datums import read_datum

STORE_STAGES = {"check": "checking", "write": "writing", "derive": "deriving", "record": "writing"}


@dataclass(frozen=True)
class Told:
    """What a person says beside the file.

    Attributes
    ----------
    kind : TableKind or None
    datum : str or None
        As in ``Mapping.datum``.
    year : int or None
        Year of figures that name none.
    merge : bool
        Upsert into what there is, instead of replacing it.
    mapping : Mapping or None
        Answers kept from an earlier file or given on the page.
    """

    kind: TableKind | None = None
    datum: str | None = None
    year: int | None = None
    merge: bool = False
    mapping: Mapping | None = None


@dataclass(frozen=True, eq=False)
class Checked:
    """What a file would bring, and all that is to be said about it; nothing has been kept.

    Attributes
    ----------
    name, sha256 : str
        Of the file.
    raw : RawTable
    mapping : Mapping
        With every answer that was told.
    taken : Taken
    findings : Findings
    questions : tuple of Question
        Still open; the file cannot be imported while there is one.
    """

    name: str
    sha256: str
    raw: RawTable
    mapping: Mapping
    taken: Taken
    findings: Findings

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is open: of the mapping, then of the rows."""
        return tuple(dict.fromkeys((*self.mapping.questions, *self.taken.questions)))

    @cached_property
    def refused(self) -> int:
        """Rows that are not taken."""
        return len(self.findings.rows(Effect.REFUSED))

    @cached_property
    def repaired(self) -> int:
        """Rows that are taken with a change."""
        return len(np.setdiff1d(self.findings.rows(Effect.REPAIRED), self.findings.rows(Effect.REFUSED)))

    @property
    def read(self) -> int:
        """Rows of the file."""
        return len(self.raw.rows) + len(self.raw.bad_rows)

    @property
    def accepted(self) -> int:
        """Rows that are taken as they are."""
        return self.read - self.refused - self.repaired

    def refused_rows(self) -> pa.Table:
        """Refused rows as they stand: ``row``, then each column of the file under its position."""
        rows = self.findings.rows(Effect.REFUSED)
        kept = np.isin(self.raw.rows, rows)
        cells = self.raw.cells.filter(pa.array(kept))
        texts = [pc.cast(column, pa.large_string()) for column in cells.columns]
        whole = pa.table([pa.array(self.raw.rows[kept]), *texts], names=["row", *cells.column_names])
        for bad in self.raw.bad_rows:
            padded = [*bad.text[: len(cells.columns)], *[None] * (len(cells.columns) - len(bad.text))]
            one = pa.table([pa.array([bad.row], pa.int64()), *(pa.array([t], pa.large_string()) for t in padded)],
                           names=whole.column_names)  # fmt: skip
            whole = pa.concat_tables([whole, one])
        return whole.sort_by("row")


def check_file(
    path: Path, told: Told, current: Dataset, *, name: str | None = None, progress: Progress = unheard
) -> Checked:
    """Read a file and say what it would bring.

    Parameters
    ----------
    path : Path
    told : Told
    current : Dataset
        The version that it would follow.
    name : str, optional
        What the file is called, where the path is a copy under another name.
    progress : Progress, optional

    Raises
    ------
    RefusedFile
        When the file is not read at all.
    UnusableDatum
        When the datum that was told has no public parameters, or is none.
    """
    named = name or path.name
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    answers = told.mapping or Mapping(told.kind or TableKind.FIRMS)
    options = ReadOptions(answers.encoding, answers.separator, answers.sheet, answers.layer, answers.heading_rows)
    progress("reading", 0, 0)
    raw = read_file(path, options, name=named, progress=lambda _, rows: progress("reading", rows, 0))
    progress("understanding", 0, len(raw.rows))
    mapping = _understood(raw, told)
    findings = Findings()
    for bad in raw.bad_rows:
        findings.add(bad.reason, Effect.REFUSED, [bad.row], "", before=[" | ".join(bad.text)])
    taken = _rows(Chosen(raw, mapping), current, findings, progress)
    return Checked(named, sha256, raw, mapping, taken, findings)


def import_file(
    path: Path, told: Told, home: Path, *, name: str | None = None, progress: Progress = unheard
) -> VersionRecord:
    """Make a file a new version of the data, and the current one.

    Parameters
    ----------
    path : Path
    told : Told
    home : Path
        Workspace folder.
    name : str, optional
    progress : Progress, optional

    Raises
    ------
    RefusedFile
    OpenQuestions
        When nobody answered what the file leaves open.
    NothingLeft
        When no row was taken.
    NoFigures
        When a register that replaces the old one has no figure of any year.
    """
    reference = load_reference()

    def tell(stage: str, _done: int, _steps: int) -> None:
        progress(STORE_STAGES.get(stage, "writing"), 0, 0)

    # nothing here keeps the tables, so that the store can let them go before it derives
    return commit(home, reference, _checked_tables(path, told, home, name, progress), progress=tell)


def note_import(home: Path, by: Actor, record: VersionRecord, *, job: str = "") -> None:
    """Write into the audit log who made a file a version; the version is there either way, and names the file too."""
    told = {"file": record.file_name, "digest": record.sha256, "version": record.id, "job": job, "table": record.kind}
    note_if_possible(home, by, IMPORTED, outcome="done", rows=record.accepted, **told)


def _checked_tables(path: Path, told: Told, home: Path, name: str | None, progress: Progress) -> Brought:
    current = open_version(home, current_version(home), load_reference())
    checked = check_file(path, told, current, name=name, progress=progress)
    if checked.questions:
        raise OpenQuestions(checked.name, checked.questions)
    if checked.refused == checked.read:
        raise NothingLeft(checked.name, checked.refused)
    if set(checked.taken.tables) == {"firms"} and not told.merge:
        raise NoFigures(checked.name)
    return brought(checked, merge=told.merge)


def brought(checked: Checked, *, merge: bool) -> Brought:
    """What the store keeps of a checked file."""
    about = About(
        kind=checked.mapping.kind.value,
        file_name=checked.name,
        sha256=checked.sha256,
        accepted=checked.accepted,
        repaired=checked.repaired,
        refused=checked.refused,
        datum=_datum_of(checked),
        mapping=mapping_text(checked.mapping),
    )
    return Brought(
        **checked.taken.tables,
        merge=merge,
        findings=checked.findings.table(),
        refused=checked.refused_rows(),
        about=about,
    )


def _datum_of(checked: Checked) -> str:
    """The datum that the coordinates came in: told, or found."""
    found = checked.taken.places and checked.taken.places.diagnosis
    return checked.mapping.datum or (found.datum.value if found and found.datum else "")


def _understood(raw: RawTable, told: Told) -> Mapping:
    """The proposed mapping with what a person told."""
    kind = told.kind or (told.mapping.kind if told.mapping else None)
    mapping = propose_mapping(raw, kind)
    if told.mapping is not None:
        mapping = apply_told(mapping, told.mapping)
    if told.datum is not None:
        mapping = replace(mapping, datum=told.datum)
    if mapping.datum is not None:
        mapping = replace(mapping, datum=read_datum(mapping.datum).value)
    if told.year is not None:
        mapping = replace(mapping, year=told.year)
    answered = {about for about, value in (("year", mapping.year), ("datum", mapping.datum)) if value is not None}
    return replace(mapping, questions=tuple(q for q in mapping.questions if q.about not in answered))


def _rows(chosen: Chosen, current: Dataset, findings: Findings, progress: Progress) -> Taken:
    """The rows under the rules of their kind."""
    datum = chosen.mapping.datum
    match chosen.mapping.kind:
        case TableKind.FIRMS:
            return read_firms(chosen, current, told_datum=datum, findings=findings, progress=progress)
        case TableKind.OBSERVATIONS:
            return read_observations(chosen, current, findings=findings, progress=progress)
        case TableKind.PARKS:
            return read_parks(chosen, current, told_datum=datum, findings=findings, progress=progress)
        case TableKind.BOUNDARIES:
            return read_boundaries(chosen, current, told_datum=datum, findings=findings, progress=progress)
        case TableKind.INDICATORS:
            return Taken({"indicators": read_indicators(_figures(chosen), chosen.rows, current.districts, findings)})
        case TableKind.HUBS:
            return read_hubs(chosen, current, told_datum=datum, findings=findings, progress=progress)


def _figures(chosen: Chosen) -> pa.Table:
    """Columns of indicators; a unit or a year in the heading of the values holds where a row names none."""
    columns = dict.fromkeys(choice.column for choice in chosen.mapping.columns if choice.column is not None)
    texts = {column: chosen.or_nothing(column) for column in columns}
    value = next(iter(chosen.choices(c.VALUE)), None)
    for column, said in ((c.UNIT, value and value.unit), (c.YEAR, (value and value.year) or chosen.mapping.year)):
        if said is not None:
            texts[column] = chosen.or_nothing(column).fill_null(str(said))
    return pa.table(texts)

"""What the folder of one job holds: the upload, what a reader asked, and how far the worker is.

Two small files with one writer each: ``asked.json`` is the page's, ``state.json`` the worker's; each is replaced
whole, so that whoever looks sees one moment. A worker holds ``alive`` while it lives. The upload keeps no name of its
own: a name is data, and stands in ``asked.json``.
"""

import json
import os
import re
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc

from data.audit import UNKNOWN, Actor
from data.durable import replacing
from data.error_records import ErrorRecord
from data.findings import Effect
from data.importing import Told
from data.mapping import ColumnChoice, Mapping, TableKind

UPLOAD, ASKED, STATE, ALIVE, LOG = "upload", "asked.json", "state.json", "alive", "worker.log"
EXITED = "exited"
CHECK = "check.json"
REFUSED_ROWS, REASONS = "refused.arrow", "reasons.arrow"
HEADINGS = b"headings"
_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


class Wish(StrEnum):
    """What a reader wants of a job."""

    CHECK = "check"
    IMPORT = "import"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Asked:
    """What a reader asked last.

    Attributes
    ----------
    name : str
        Name of the file as the reader knows it.
    wish : Wish
    run : int
        Counts the workers that were started for this job, from 1.
    ticket : float
        Unix time of the wish: the order of the queue.
    created : str
        ISO 8601, UTC.
    told : Told
    by : Actor
        Whoever asked, for the audit log.
    """

    name: str
    wish: Wish
    run: int
    ticket: float
    created: str
    told: Told
    by: Actor = UNKNOWN


@dataclass(frozen=True)
class WorkerState:
    """How far a worker is.

    Attributes
    ----------
    run : int
        The run that this is of; an earlier one says nothing about the present.
    pid : int
    stage : str
        One of ``data.importing.STAGES``.
    rows, rows_total : int
        Rows of this stage that are done, and all; 0 when not known.
    ended : bool
        Whether the worker reached its end, good or bad.
    error : ErrorRecord or None
    version : str or None
        Id of the version that an import made.
    """

    run: int
    pid: int = 0
    stage: str = "waiting"
    rows: int = 0
    rows_total: int = 0
    ended: bool = False
    error: ErrorRecord | None = None
    version: str | None = None


def jobs_folder(home: Path) -> Path:
    """Where the jobs of a workspace are."""
    return home / "jobs"


def job_folder(home: Path, job_id: str) -> Path | None:
    """Folder of a job; ``None`` for an id that no job has, whatever it is written with."""
    if not _ID.fullmatch(job_id):
        return None
    folder = jobs_folder(home) / job_id
    return folder if (folder / ASKED).is_file() else None


def write_asked(folder: Path, asked: Asked) -> None:
    """Keep what a reader asked."""
    _write(folder / ASKED, asdict(asked))


def read_asked(folder: Path) -> Asked:
    """What a reader asked."""
    kept = _read(folder / ASKED)
    by = Actor(**kept["by"]) if "by" in kept else UNKNOWN
    return Asked(**{**kept, "wish": Wish(kept["wish"]), "told": _told(kept["told"]), "by": by})


def write_state(folder: Path, reached: WorkerState) -> None:
    """Keep how far the worker is."""
    _write(folder / STATE, asdict(reached))


def read_state(folder: Path, run: int) -> WorkerState:
    """How far the worker of a run is; nothing yet when it did not write."""
    try:
        kept = _read(folder / STATE)
    except FileNotFoundError:
        return WorkerState(run)
    error = kept["error"] and ErrorRecord.read(kept["error"])
    return WorkerState(**{**kept, "error": error}) if kept["run"] == run else WorkerState(run)


def write_exited(folder: Path, run: int) -> None:
    """Note that the worker of a run is gone."""
    with replacing(folder / EXITED) as file:
        file.write(str(run).encode())


def read_exited(folder: Path) -> int:
    """The last run whose worker is known to be gone; 0 for none."""
    try:
        return int((folder / EXITED).read_text("utf-8"))
    except FileNotFoundError:
        return 0


def read_check(folder: Path) -> dict[str, Any] | None:
    """Document of the last check, as ``data.check_report.check_document`` gives it."""
    try:
        return _read(folder / CHECK)
    except FileNotFoundError:
        return None


def write_check(folder: Path, document: dict[str, Any]) -> None:
    """Keep the document of a check."""
    _write(folder / CHECK, document)


def write_refused(folder: Path, rows: pa.Table, headings: tuple[str, ...], findings: pa.Table) -> None:
    """Keep the refused rows as they stand and why, for a page to write in its reader's words.

    Parameters
    ----------
    folder : Path
    rows : pyarrow.Table
        As of ``Checked.refused_rows``.
    headings : tuple of str
        Of the file.
    findings : pyarrow.Table
        All that were made; those that refuse a row are kept.
    """
    said = json.dumps(headings, ensure_ascii=False).encode()
    _write_table(folder / REFUSED_ROWS, rows.replace_schema_metadata({HEADINGS: said}))
    _write_table(folder / REASONS, findings.filter(pc.equal(findings["effect"], Effect.REFUSED.value)))


def read_refused(folder: Path) -> tuple[pa.Table, tuple[str, ...], pa.Table] | None:
    """Refused rows, the headings of their file, and why; ``None`` before a check ended."""
    try:
        rows, reasons = (_read_table(folder / name) for name in (REFUSED_ROWS, REASONS))
    except FileNotFoundError:
        return None
    return rows, tuple(json.loads(rows.schema.metadata[HEADINGS])), reasons


def forget_upload(folder: Path) -> None:
    """Let go of the file that was brought."""
    (folder / UPLOAD).unlink(missing_ok=True)


def next_run(asked: Asked, wish: Wish, told: Told | None = None, *, ticket: float, by: Actor = UNKNOWN) -> Asked:
    """The same job asked for something else by a new worker."""
    return replace(asked, wish=wish, run=asked.run + 1, ticket=ticket, told=told or asked.told, by=by)


def _write(path: Path, content: dict[str, Any]) -> None:
    with replacing(path) as file:
        file.write(json.dumps(content, ensure_ascii=False, default=str).encode())


def _told(kept: dict[str, Any]) -> Told:
    """What was told, as ``asdict`` wrote it."""
    mapping, kind = kept["mapping"], kept["kind"]
    if mapping is not None:
        columns = tuple(ColumnChoice(**choice) for choice in mapping["columns"])
        mapping = Mapping(**{**mapping, "kind": TableKind(mapping["kind"]), "columns": columns, "questions": ()})
    return Told(**{**kept, "kind": TableKind(kind) if kind else None, "mapping": mapping})


def _write_table(path: Path, table: pa.Table) -> None:
    with replacing(path) as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _read_table(path: Path) -> pa.Table:
    with pa.ipc.open_file(path.read_bytes()) as reader:
        return reader.read_all()


def _read(path: Path) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return held


def make_folder(home: Path, job_id: str) -> Path:
    """A new folder for a job, for nobody else to read."""
    folder = jobs_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    if os.name == "posix":
        folder.chmod(0o700)
    (folder / job_id).mkdir()
    return folder / job_id

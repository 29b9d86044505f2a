"""Which version of the data is current, and how an import becomes a version: whole, or not at all.

What is kept where, and why there:

- The catalogue (``store.db``, ``data.catalogue``) says which versions there are. It is small, it changes in one
  transaction, and SQLite keeps that promise through kill, power cut and full disk, which was measured; so a version
  exists from the moment at which COMMIT returns.
- The tables of a version are files in ``versions/<id>/`` that nobody changes (``data.version_files``). A million firms
  in SQLite would have to be read row by row at every start; an Arrow file is mapped and costs nothing until a column is
  touched, and all processes share its pages. Files and folder are on the disk before COMMIT names them, so a row always
  has its folder. A folder without a row is what a crash left; the next import or start sweeps it.
- Which version is current is the id in the file ``current``, which changes hands at once. A page looks whether it has
  changed by one ``stat``, which no query of a database could match. It is written before COMMIT and renamed after it,
  so that a disk that is full cannot come between the two.

An import prepares its tables without a lock, then writes alone: ``import.lock`` lets one import at a time build on the
current version, and if that has changed meanwhile it prepares again. So two imports of one kind, or of two, come one
after the other and neither is lost. The transaction at the end is short, and no reader ever waits.

What this leaves out: one machine and a local disk. On a network share neither the lock nor WAL is to be trusted.
"""

import logging
import shutil
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from data import catalogue
from data.brought import Brought
from data.dataset import Dataset
from data.durable import flush_folder
from data.errors import DamagedVersion, ImportBusy, NothingToUndo, UnknownVersion
from data.next_tables import NextTables, next_tables
from data.reference import load_reference
from data.room import room_for
from data.settings import settings
from data.version_files import (
    FILES,
    FINDINGS,
    REFUSED,
    Part,
    VersionRecord,
    derive,
    link_part,
    open_folder,
    open_tables,
    read_leftover,
    write_leftovers,
    write_record,
    write_register,
    write_table,
)
from data.workspace import (
    BUNDLED,
    PART,
    alone,
    check_whole,
    current_version,
    known_record,
    known_records,
    make_catalogue,
    next_id,
    pointer_state,
    pointing_to,
    sweep,
    versions_folder,
)

__all__ = ["check_store", "commit", "current_dataset", "current_version", "findings_of", "list_versions", "mapping_of",
           "open_version", "refused_rows", "undo", "use_version"]  # fmt: skip

STAGES = ("check", "write", "derive", "record")
log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Is told what begins: one of ``STAGES`` (or ``done``), how many are over, how many there are."""


def commit(home: Path, reference: Dataset, brought: Brought, *, progress: Progress | None = None) -> VersionRecord:
    """Make what an import brings a new version, and the current one.

    Parameters
    ----------
    home : Path
        Workspace folder; made when it is not there.
    reference : Dataset
        The bundled set, which lends what no import has replaced yet.
    brought : Brought
    progress : callable, optional
        See ``Progress``.

    Returns
    -------
    VersionRecord
        When this returns, the version survives a crash and a power cut. When it raises, nothing has changed.

    Raises
    ------
    BadTable
        When a table is refused.
    StoreFull, ImportBusy, DamagedStore
    UnknownVersion, DamagedVersion
        When the current version has to lend a table and cannot.
    """
    tell, mapping = progress or _silent, brought.about.mapping
    tell(STAGES[0], 0, len(STAGES))
    made = _prepared(home, reference, brought)
    folder = versions_folder(home)
    with room_for(_size(home, brought, made), home):
        folder.mkdir(parents=True, exist_ok=True)
        make_catalogue(home)
        with alone(folder):
            sweep(home)
            if current_version(home) != made.parent.id:
                made = _prepared(home, reference, brought)
            part = folder / f"{PART}{uuid.uuid4().hex[:8]}"
            part.mkdir()
            try:
                tell(STAGES[1], 1, len(STAGES))
                _write_tables(made, folder / made.parent.id, part)
                write_leftovers(brought, part)
                record = replace(made.record, id=next_id(home), created=datetime.now(UTC).isoformat(timespec="seconds"))
                same_firms = made.register is None
                # what is derived is derived from the files; it may have the memory of the tables, unless the caller
                # still holds them
                del made, brought
                tell(STAGES[2], 2, len(STAGES))
                record = _derived(part, record, reference, same_firms=same_firms)
                tell(STAGES[3], 3, len(STAGES))
                write_record(record, mapping, part)
                flush_folder(part)
                _name(home, part, record, mapping)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    tell("done", len(STAGES), len(STAGES))
    return record


def list_versions(home: Path, reference: Dataset) -> list[VersionRecord]:
    """Record of every version that can be read, the bundled set first, then by age."""
    found = [VersionRecord.of(reference)]
    for record in known_records(home):
        try:
            check_whole(versions_folder(home) / record.id, record)
            found.append(record)
        except DamagedVersion as error:
            log.warning("%s", error)
    return found


def use_version(home: Path, version_id: str) -> None:
    """Make a version the current one, for every process.

    Raises
    ------
    UnknownVersion
    DamagedVersion
        When its record cannot be read.
    """
    if version_id != BUNDLED:
        record = known_record(home, version_id)
        check_whole(versions_folder(home) / version_id, record)
    versions_folder(home).mkdir(parents=True, exist_ok=True)
    with pointing_to(version_id, home):
        pass


def undo(home: Path) -> str:
    """Go back to the version that was current when the import of the current one began, and get its id.

    Raises
    ------
    NothingToUndo
        When the bundled set is current.
    UnknownVersion, DamagedVersion
    """
    version_id = current_version(home)
    if version_id == BUNDLED:
        raise NothingToUndo(version_id)
    parent = known_record(home, version_id).parent
    use_version(home, parent)
    return parent


def open_version(home: Path, version_id: str, reference: Dataset) -> Dataset:
    """A version as a dataset; opening a large one reads next to nothing.

    Raises
    ------
    UnknownVersion, DamagedVersion
    """
    if version_id == BUNDLED:
        return reference
    record = known_record(home, version_id)
    folder = versions_folder(home) / version_id
    check_whole(folder, record)
    return open_folder(folder, record, reference)


def findings_of(home: Path, version_id: str) -> pa.Table:
    """What was found in the rows of the import of a version: ``data.findings.SCHEMA``.

    Raises
    ------
    UnknownVersion, DamagedVersion
    """
    return read_leftover(versions_folder(home) / known_record(home, version_id).id, FINDINGS)


def refused_rows(home: Path, version_id: str) -> pa.Table:
    """Rows that the import of a version kept out, as they stood in its file.

    Raises
    ------
    UnknownVersion, DamagedVersion
    """
    return read_leftover(versions_folder(home) / known_record(home, version_id).id, REFUSED)


def mapping_of(home: Path, version_id: str) -> str:
    """Which column was taken for which in the import of a version, as TOML.

    Raises
    ------
    UnknownVersion
    """
    return catalogue.mapping_of(home, known_record(home, version_id).id)


def check_store(home: Path) -> None:
    """At the start of a server: look through the catalogue, and sweep what a crash left, unless an import is at work.

    Raises
    ------
    DamagedStore
    """
    if not versions_folder(home).is_dir():
        return
    make_catalogue(home)
    catalogue.check(home)
    try:
        with alone(versions_folder(home), patience_s=0):
            sweep(home)
    except (ImportBusy, OSError) as error:  # an import at work, or a disk that is full or cannot be written
        log.info("what a crash may have left is not swept: %s", error)


def current_dataset() -> Dataset:
    """The current version of this workspace: the same object as long as the pointer stays.

    Raises
    ------
    UnknownVersion, DamagedVersion
        When the pointer leads to a version that is not there or not whole.
    """
    return _here.dataset(settings().home)


def version_before(home: Path, version_id: str, reference: Dataset) -> Dataset | None:
    """The version that one was made from; ``None`` for the bundled set, and when it is gone or not whole any more."""
    try:
        return None if version_id == BUNDLED else open_version(home, known_record(home, version_id).parent, reference)
    except (UnknownVersion, DamagedVersion) as error:
        log.warning("%s", error)
        return None


@dataclass(frozen=True, eq=False)
class _Held:
    """A version that is open, and the state of the pointer that it was opened under."""

    home: Path
    version_id: str
    pointer: tuple[int, ...]
    dataset: Dataset


class _Here:
    """The version that this process has open; only one thread opens another."""

    def __init__(self) -> None:
        self.held: _Held | None = None
        self.lock = threading.Lock()

    def dataset(self, home: Path) -> Dataset:
        if (held := self.still(home)) is None:
            with self.lock:
                held = self.held = self.still(home) or self.opened(home)
        return held.dataset

    def still(self, home: Path) -> _Held | None:
        """What is held, as long as the pointer is as it was."""
        held = self.held
        return held if held is not None and (held.home, held.pointer) == (home, pointer_state(home)) else None

    def opened(self, home: Path) -> _Held:
        pointer, version_id, old = pointer_state(home), current_version(home), self.held
        if old is not None and (old.home, old.version_id) == (home, version_id):
            return replace(old, pointer=pointer)
        return _Held(home, version_id, pointer, open_version(home, version_id, load_reference()))


_here = _Here()


# ---------------------------------------------------------------- one import


def _prepared(home: Path, reference: Dataset, brought: Brought) -> NextTables:
    parent = current_version(home)
    record = VersionRecord.of(reference) if parent == BUNDLED else known_record(home, parent)
    return next_tables(versions_folder(home) / parent, record, reference, brought)


def _write_tables(made: NextTables, parent: Path, part: Path) -> None:
    if made.register is not None:
        write_register(made.register, part)
    for kind, table in made.frames.items():
        write_table(kind, table, part)
    for kind in made.kept:
        link_part(kind, parent, part)


def _derived(part: Path, record: VersionRecord, reference: Dataset, *, same_firms: bool) -> VersionRecord:
    """Open what was written as any reader will, keep what is derived from new firms, and say which years there are."""
    if same_firms:
        dataset = open_folder(part, record, reference)
    else:
        dataset = open_tables(part, record, reference)
        derive(dataset, part)
    return replace(record, years=tuple(dataset.years))


def _name(home: Path, part: Path, record: VersionRecord, mapping: str) -> None:
    """The moment at which the version comes to be: COMMIT, between a pointer that lies ready and its new name."""
    folder = versions_folder(home) / record.id
    part.rename(folder)
    flush_folder(folder.parent)
    try:
        with pointing_to(record.id, home):
            catalogue.add(home, record, mapping)
    except BaseException:
        with suppress(Exception):
            if catalogue.find(home, record.id) is None:
                shutil.rmtree(folder)
        raise


def _size(home: Path, brought: Brought, made: NextTables) -> int:
    """What an import writes: what it brings, and the firms of its parent when they are written again."""
    size = brought.nbytes
    if made.register is not None and Part.FIRMS in made.parent.parts and (brought.merge or brought.firms is None):
        files = (versions_folder(home) / made.parent.id / name for name in FILES[Part.FIRMS])
        size += sum(file.stat().st_size for file in files if file.is_file())
    return size


def _silent(stage: str, done: int, total: int) -> None:
    pass

"""Which version of the data is current, and how an import becomes a version: whole, or not at all.

Where versions are kept is the shelf's matter (``data.shelf``): a folder of this machine (``data.embedded``), which is
the default, or a database that several machines share. What happens is the same: an import prepares its tables without
a lock, then writes alone, since one import at a time may build on the current version; if that has changed meanwhile it
prepares again. So two imports of one kind, or of two, come one after the other and neither is lost. All files of a
version are on the disk before the shelf names it, in one short step at the end, and no reader ever waits.

A version is opened from its folder whatever the shelf: an Arrow file is mapped and costs nothing until a column is
touched, and all processes share its pages. A million firms in any database would have to be read row by row at every
start.
"""

import logging
import shutil
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from data.brought import Brought
from data.dataset import Dataset
from data.durable import flush_folder
from data.errors import DamagedVersion, NothingToUndo, StoreAway, UnknownVersion
from data.next_tables import NextTables, next_tables
from data.reference import load_reference
from data.room import room_for
from data.settings import settings
from data.shelf import Shelf, shelf_of
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
from data.workspace import BUNDLED, PART

__all__ = ["check_reachable", "check_store", "commit", "current_dataset", "current_version", "dataset_of",
           "findings_of", "list_versions", "make_store", "mapping_of", "open_version", "refused_rows", "undo",
           "use_version", "version_before", "version_record"]  # fmt: skip

MOST_EARLIER = 3
"""Versions beside the current one that a process has open for old links."""
COPYING_S = 2.0
"""Who finds another thread opening a version waits so long, then shows the one before: a large one takes its time to be
copied from a database."""
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
    shelf = shelf_of(home)
    made = _prepared(shelf, reference, brought)
    with room_for(_size(shelf, brought, made), home), shelf.alone() as turn:
        if turn.current() != made.parent.id:
            made = _prepared(shelf, reference, brought)
        part = shelf.folder / f"{PART}{uuid.uuid4().hex[:8]}"
        part.mkdir()
        try:
            tell(STAGES[1], 1, len(STAGES))
            _write_tables(made, shelf.folder / made.parent.id, part)
            write_leftovers(brought, part)
            record = replace(made.record, id=turn.next_id(), created=datetime.now(UTC).isoformat(timespec="seconds"))
            same_firms, lent = made.register is None, made.kept
            # what is derived is derived from the files; it may have the memory of the tables, unless the caller
            # still holds them
            del made, brought
            tell(STAGES[2], 2, len(STAGES))
            record = _derived(part, record, reference, same_firms=same_firms)
            tell(STAGES[3], 3, len(STAGES))
            write_record(record, mapping, part)
            flush_folder(part)
            turn.name(part, record, mapping, lent)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    tell("done", len(STAGES), len(STAGES))
    return record


def current_version(home: Path) -> str:
    """Id of the current version; ``"0"``, the bundled set, when none was chosen."""
    return shelf_of(home).current()


def version_record(home: Path, version_id: str) -> VersionRecord:
    """What a version that is not the bundled set says of itself.

    Raises
    ------
    UnknownVersion
    """
    return shelf_of(home).record(version_id)


def list_versions(home: Path, reference: Dataset) -> list[VersionRecord]:
    """Record of every version that can be read, the bundled set first, then by age."""
    found = [VersionRecord.of(reference)]
    shelf = shelf_of(home)
    for record in shelf.records():
        try:
            shelf.check_whole(record)
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
    shelf = shelf_of(home)
    if version_id != BUNDLED:
        shelf.check_whole(shelf.record(version_id))
    shelf.point_to(version_id)


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
    parent = version_record(home, version_id).parent
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
    shelf = shelf_of(home)
    record = shelf.record(version_id)
    try:
        return _opened(shelf, record, reference)
    except DamagedVersion:
        if not shelf.mend(record):
            raise
        return _opened(shelf, record, reference)


def findings_of(home: Path, version_id: str) -> pa.Table:
    """What was found in the rows of the import of a version: ``data.findings.SCHEMA``.

    Raises
    ------
    UnknownVersion, DamagedVersion
    """
    return read_leftover(shelf_of(home).at(version_record(home, version_id)), FINDINGS)


def refused_rows(home: Path, version_id: str) -> pa.Table:
    """Rows that the import of a version kept out, as they stood in its file.

    Raises
    ------
    UnknownVersion, DamagedVersion
    """
    return read_leftover(shelf_of(home).at(version_record(home, version_id)), REFUSED)


def mapping_of(home: Path, version_id: str) -> str:
    """Which column was taken for which in the import of a version, as TOML.

    Raises
    ------
    UnknownVersion
    """
    return shelf_of(home).mapping_of(version_record(home, version_id).id)


def check_store(home: Path) -> None:
    """At the start of a server: look through the catalogue, and sweep what a crash left, unless an import is at work.

    Raises
    ------
    DamagedStore
    """
    shelf_of(home).check()


def make_store(home: Path) -> tuple[str, str]:
    """Make ready what keeps the versions, or bring it to this release; its steps before and after, empty for files.

    Raises
    ------
    StoreError
    """
    return shelf_of(home).make()


def check_reachable(home: Path) -> None:
    """Whether versions can be asked for now, as a server that is to get requests must.

    Raises
    ------
    StoreError
    """
    shelf_of(home).check_reachable()


def current_dataset() -> Dataset:
    """The current version of this workspace: the same object as long as the pointer stays.

    Raises
    ------
    UnknownVersion, DamagedVersion
        When the pointer leads to a version that is not there or not whole.
    """
    return _here.dataset(settings().home)


def dataset_of(version_id: str) -> Dataset:
    """A version of this workspace: the same object while it is current, or among the last that were asked for.

    Raises
    ------
    UnknownVersion, DamagedVersion
    """
    home = settings().home
    return current_dataset() if version_id == current_version(home) else _here.earlier(home, version_id)


def version_before(home: Path, version_id: str, reference: Dataset) -> Dataset | None:
    """The version that one was made from; ``None`` for the bundled set, and when it is gone or not whole any more."""
    try:
        return None if version_id == BUNDLED else open_version(home, version_record(home, version_id).parent, reference)
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
    """The version that this process has open, and a few others; only one thread opens another."""

    def __init__(self) -> None:
        self.held: _Held | None = None
        self.others: OrderedDict[tuple[Path, str], Dataset] = OrderedDict()
        self.lock = threading.Lock()

    def dataset(self, home: Path) -> Dataset:
        if (held := self.still(home)) is not None:
            return held.dataset
        before = self.held if self.held is not None and self.held.home == home else None
        if before is None:
            self.lock.acquire()
        elif not self.lock.acquire(timeout=COPYING_S):
            return before.dataset
        try:
            held = self.held = self.still(home) or self.opened(home)
        except StoreAway as error:  # the database went away between telling of a version and giving its rows
            if before is None:
                raise
            log.warning("version %s stays in use: %s", before.version_id, error)
            return before.dataset
        finally:
            self.lock.release()
        return held.dataset

    def still(self, home: Path) -> _Held | None:
        """What is held, as long as the pointer is as it was."""
        held = self.held
        return (
            held if held is not None and (held.home, held.pointer) == (home, shelf_of(home).pointer_state()) else None
        )

    def opened(self, home: Path) -> _Held:
        shelf = shelf_of(home)
        pointer, version_id, old = shelf.pointer_state(), shelf.current(), self.held
        if old is not None and (old.home, old.version_id) == (home, version_id):
            return replace(old, pointer=pointer)
        return _Held(home, version_id, pointer, open_version(home, version_id, load_reference()))

    def earlier(self, home: Path, version_id: str) -> Dataset:
        """A version that is not the current one; versions never change, so it stays until others push it out."""
        with self.lock:
            if (home, version_id) not in self.others:
                self.others[home, version_id] = open_version(home, version_id, load_reference())
            self.others.move_to_end((home, version_id))
            while len(self.others) > MOST_EARLIER:
                self.others.popitem(last=False)
            return self.others[home, version_id]


_here = _Here()


# ---------------------------------------------------------------- one import


def _prepared(shelf: Shelf, reference: Dataset, brought: Brought) -> NextTables:
    parent = shelf.current()
    if parent == BUNDLED:
        return next_tables(shelf.folder / parent, VersionRecord.of(reference), reference, brought)
    record = shelf.record(parent)
    return next_tables(shelf.at(record), record, reference, brought)


def _opened(shelf: Shelf, record: VersionRecord, reference: Dataset) -> Dataset:
    folder = shelf.at(record)
    shelf.check_whole(record)
    return open_folder(folder, record, reference)


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


def _size(shelf: Shelf, brought: Brought, made: NextTables) -> int:
    """What an import writes: what it brings, and the firms of its parent when they are written again."""
    size = brought.nbytes
    if made.register is not None and Part.FIRMS in made.parent.parts and (brought.merge or brought.firms is None):
        files = (shelf.folder / made.parent.id / name for name in FILES[Part.FIRMS])
        size += sum(file.stat().st_size for file in files if file.is_file())
    return size


def _silent(stage: str, done: int, total: int) -> None:
    pass

"""Which version of the data is current, and how a register becomes one.

A version is a folder that is never edited: ``versions/<id>`` under the workspace, built under another name and renamed
whole at the end, so that a crash leaves nothing to see. Version 0 is the bundled set and needs no folder. The current
version is the id in a file that changes hands at once; every process looks at that file whenever it is asked.
"""

import logging
import re
import shutil
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from data.dataset import Dataset
from data.durable import flush_folder, replacing
from data.errors import DamagedVersion, ImportBusy, UnknownVersion
from data.reference import load_reference
from data.register import read_register
from data.settings import settings
from data.version_files import VersionRecord, open_folder, read_record, write_version

BUNDLED = "0"
POINTER, LOCK, PART = "current", "import.lock", ".part-"
PATIENCE_S = 600.0
log = logging.getLogger(__name__)
_ID = re.compile(r"[1-9][0-9]*", re.ASCII)


def import_register(path: Path, home: Path, reference: Dataset) -> VersionRecord:
    """Make a register a new version, and the current one.

    Parameters
    ----------
    path : Path
        See ``data.register.read_register``.
    home : Path
        Workspace folder; made when it is not there.
    reference : Dataset
        Places the firms without a district, and lends all that is not a firm.

    Raises
    ------
    BadTable
        When the file is refused; nothing has changed then.
    ImportBusy
    """
    register = read_register(path, reference)
    folder = _folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        for left in folder.glob(f"{PART}*/"):
            shutil.rmtree(left)
        part = folder / f"{PART}{uuid.uuid4().hex[:8]}"
        part.mkdir()
        try:
            made = datetime.now(UTC).isoformat(timespec="seconds")
            record = write_version(register, part, reference, version_id=_next_id(folder), created=made)
            part.rename(folder / record.id)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        flush_folder(folder)
        _point_to(record.id, folder)
    return record


def list_versions(home: Path, reference: Dataset) -> list[VersionRecord]:
    """Record of every version that can be read, the bundled set first, then by age."""
    records = [VersionRecord.of(reference)]
    for version_id in _ids(_folder(home)):
        try:
            records.append(read_record(_folder(home) / version_id))
        except DamagedVersion as error:
            log.warning("%s", error)
    return records


def use_version(home: Path, version_id: str) -> None:
    """Make a version the current one, for every process.

    Raises
    ------
    UnknownVersion
    DamagedVersion
        When its record cannot be read.
    """
    folder = _folder(home)
    _check_id(folder, version_id)
    if version_id != BUNDLED:
        read_record(folder / version_id)
    folder.mkdir(parents=True, exist_ok=True)
    _point_to(version_id, folder)


def current_version(home: Path) -> str:
    """Id of the current version; the bundled set when none was chosen."""
    try:
        return (_folder(home) / POINTER).read_text("utf-8").strip()
    except FileNotFoundError:
        return BUNDLED


def open_version(home: Path, version_id: str, reference: Dataset) -> Dataset:
    """A version as a dataset; opening a large one reads next to nothing.

    Raises
    ------
    UnknownVersion, DamagedVersion
    """
    _check_id(_folder(home), version_id)
    return reference if version_id == BUNDLED else open_folder(_folder(home) / version_id, reference)


def current_dataset() -> Dataset:
    """The current version of this workspace: the same object as long as the pointer stays.

    Raises
    ------
    UnknownVersion, DamagedVersion
        When the pointer leads to a version that is not there or not whole.
    """
    return _here.dataset(settings().home)


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
        return held if held is not None and (held.home, held.pointer) == (home, _pointer(home)) else None

    def opened(self, home: Path) -> _Held:
        pointer, version_id, old = _pointer(home), current_version(home), self.held
        if old is not None and (old.home, old.version_id) == (home, version_id):
            return replace(old, pointer=pointer)
        return _Held(home, version_id, pointer, open_version(home, version_id, load_reference()))


_here = _Here()


def _pointer(home: Path) -> tuple[int, ...]:
    """What changes when the pointer does."""
    try:
        state = (_folder(home) / POINTER).stat()
    except FileNotFoundError:
        return ()
    return state.st_mtime_ns, state.st_ino


def _point_to(version_id: str, folder: Path) -> None:
    with replacing(folder / POINTER) as file:
        file.write(version_id.encode())


def _folder(home: Path) -> Path:
    return home / "versions"


def _ids(folder: Path) -> list[str]:
    """Ids of the versions with a folder, by age."""
    return sorted((path.name for path in folder.glob("*") if _ID.fullmatch(path.name) and path.is_dir()), key=int)


def _next_id(folder: Path) -> str:
    return str(max(map(int, _ids(folder)), default=0) + 1)


def _check_id(folder: Path, version_id: str) -> None:
    known = [BUNDLED, *_ids(folder)]
    if version_id not in known:
        raise UnknownVersion(version_id, known)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One import at a time; SQLite's lock is the same on every system, and goes when its process goes."""
    with closing(sqlite3.connect(folder / LOCK, timeout=PATIENCE_S, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise ImportBusy(PATIENCE_S) from error
        yield

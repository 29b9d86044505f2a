"""What lies in a workspace: the versions' folders, the pointer to the current one, the lock of the imports.

Whatever asks for the versions first makes the catalogue: of the folders that were there before there was one, or of
none. A folder that the catalogue does not name is what a crash left.
"""

import logging
import os
import re
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from data import catalogue
from data.durable import replacing
from data.errors import DamagedVersion, UnknownVersion
from data.version_files import RECORD, VersionRecord, read_record

BUNDLED = "0"
POINTER, LOCK, PART, ASIDE = "current", "import.lock", ".part-", "damaged-"
PATIENCE_S = 600.0
log = logging.getLogger(__name__)
_ID = re.compile(r"[1-9][0-9]*", re.ASCII)


def versions_folder(home: Path) -> Path:
    """Folder of the versions."""
    return home / "versions"


def current_version(home: Path) -> str:
    """Id of the current version; the bundled set when none was chosen."""
    try:
        return (versions_folder(home) / POINTER).read_text("utf-8").strip()
    except FileNotFoundError:
        return BUNDLED


def pointer_state(home: Path) -> tuple[int, ...]:
    """What changes when the pointer does."""
    try:
        state = (versions_folder(home) / POINTER).stat()
    except FileNotFoundError:
        return ()
    return state.st_mtime_ns, state.st_ino


@contextmanager
def pointing_to(version_id: str, home: Path) -> Iterator[None]:
    """Point to a version when the block ends; its pointer lies ready on the disk before the block begins."""
    with replacing(versions_folder(home) / POINTER) as file:
        file.write(version_id.encode())
        file.flush()
        os.fsync(file.fileno())
        yield


def known_records(home: Path) -> list[VersionRecord]:
    """Records of the versions with a folder, by age."""
    if not versions_folder(home).is_dir():
        return []
    make_catalogue(home)
    return [record for record in catalogue.records(home) if (versions_folder(home) / record.id).is_dir()]


def known_record(home: Path, version_id: str) -> VersionRecord:
    """Record of a version that is not the bundled set.

    Raises
    ------
    UnknownVersion
    """
    if versions_folder(home).is_dir():
        make_catalogue(home)
        found = catalogue.find(home, version_id)
        if found is not None and (versions_folder(home) / found.id).is_dir():
            return found
    raise UnknownVersion(version_id, [BUNDLED, *(record.id for record in known_records(home))])


def check_whole(folder: Path, record: VersionRecord) -> None:
    """Raise ``DamagedVersion`` when a folder does not say of itself what the catalogue says of it."""
    told, _ = read_record(folder)
    if (told.firms, told.digest) != (record.firms, record.digest):
        said, expected = (f"{each.firms} firms, digest {each.digest}" for each in (told, record))
        raise DamagedVersion(record.id, f"{RECORD} tells of {said}; the catalogue of {expected}")


def next_id(home: Path) -> str:
    """Id of the next version."""
    return str(max((int(record.id) for record in catalogue.records(home)), default=0) + 1)


def make_catalogue(home: Path) -> None:
    """A catalogue of the versions that are there already, the first time that somebody asks."""
    if catalogue.is_made(home):
        return
    with alone(versions_folder(home)):
        if not catalogue.is_made(home):
            catalogue.make(home, list(_found(versions_folder(home))))


def _found(folder: Path) -> Iterator[tuple[VersionRecord, str]]:
    """Versions by age whose folders are valid; the others are put aside, where no sweep finds them."""
    before = BUNDLED
    for path in sorted(_id_folders(folder), key=lambda path: int(path.name)):
        try:
            record, mapping = read_record(path)
            yield replace(record, id=path.name, parent=record.parent or before), mapping
            before = path.name
        except DamagedVersion as error:
            log.warning("%s", error)
            path.rename(path.with_name(f"{ASIDE}{path.name}-{uuid.uuid4().hex[:8]}"))


def _id_folders(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*") if _ID.fullmatch(path.name) and path.is_dir()]


def sweep(home: Path) -> None:
    """Take away what a crash left; nobody else may be at work."""
    folder = versions_folder(home)
    named = {record.id for record in catalogue.records(home)}
    for left in [*folder.glob(f"{PART}*"), *(path for path in _id_folders(folder) if path.name not in named)]:
        log.warning("%s is what an import left that did not end; it is removed", left)
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink(missing_ok=True)


@contextmanager
def alone(folder: Path, patience_s: float | None = None) -> Iterator[None]:
    """One import at a time; SQLite's lock is the same on every system, and goes when its process goes."""
    with closing(_locked(folder / LOCK, PATIENCE_S if patience_s is None else patience_s)):
        yield


def _locked(path: Path, patience_s: float) -> sqlite3.Connection:
    with catalogue.plainly(path, patience_s):
        lock = sqlite3.connect(path, timeout=patience_s, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
    return lock

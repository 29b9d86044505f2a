"""A workspace from its backup: whole in a folder beside the old one before it takes its place, in one step.

The archive is not trusted. Its first member says what it holds (``data.backup_manifest``), and what comes after must be
just that: regular files of these names, lengths and checksums, in a new folder, and second names of files that are
there already. Nothing else is ever made; no more is unpacked than the list says, nor than the disk holds. Then the
catalogue is looked through and each version is asked whether it is the one that the catalogue means.

The new folder and the old one change places by one call of the system where it has one (Linux), so that a kill at any
moment leaves the one or the other, whole; elsewhere by two renames. The old one stays beside, under the name that is
reported. A running server has versions open by id and must be started again.
"""

import ctypes
import hashlib
import os
import shutil
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from data import catalogue
from data.audit import audit_folder
from data.backup import check_embedded, compression_of
from data.backup_manifest import MOST_BYTES, NAME, Entry, Manifest, read_manifest
from data.durable import flush_folder, flushed
from data.errors import BadBackup, DamagedStore, DamagedVersion, FixedWorkspace, UnknownFormat, WorkspaceInUse
from data.exclusive import holding
from data.room import free_bytes
from data.sign_outs import sign_outs_folder
from data.workspace import BUNDLED, alone, check_whole, current_version, versions_folder

AIR_BYTES = 64 << 20
"""What stays free on the disk beside a restored workspace."""
PATIENCE_S = 10.0
CHUNK = 1 << 20
HEADERS = 1 << 16
"""Most bytes of an archive that say what the next member is."""
_AT_FDCWD, _EXCHANGE = -100, 2


def restore_backup(source: Path, home: Path, *, replace: bool = False) -> dict[str, Any]:
    """Make a workspace what a backup says it was.

    Parameters
    ----------
    source : Path
        Written by ``data.backup.write_backup``.
    home : Path
        Workspace folder; made when it is not there.
    replace : bool
        Whether a workspace that holds something gives way; it stays beside the new one.

    Returns
    -------
    dict
        ``home``, ``versions`` (how many), ``current``, ``files``, ``before`` (path of the old workspace, or empty).

    Raises
    ------
    WorkspaceInUse, FixedWorkspace, BadBackup, ImportBusy, StoreElsewhere, OSError
        The workspace is as it was.
    """
    check_embedded()
    try:
        compression = compression_of(source)
    except UnknownFormat:  # its sentence is about writing
        raise BadBackup(str(source), "foreign") from None
    home = home.resolve()  # beside the folder itself, where a link leads to it
    taken = home.exists() and any(home.iterdir())
    if taken and not replace:
        raise WorkspaceInUse(str(home))
    if home.is_mount():
        raise FixedWorkspace(str(home))
    home.parent.mkdir(parents=True, exist_ok=True)
    with _staging(home) as staging:
        manifest = _unpack(source, compression, staging)
        _check(source, staging, manifest)
        if taken:
            _carry_on(home, staging)
        before = _change_places(staging, home) if taken else _move_in(staging, home)
    told = {"versions": len(manifest.versions), "current": manifest.current, "files": len(manifest.files)}
    return {"home": str(home), **told, "before": before}


def _carry_on(home: Path, staging: Path) -> None:
    """Keep what a backup must not take back: sign-ins that were ended, and what was noted since."""
    for folder in (sign_outs_folder(home), audit_folder(home)):
        for path in folder.glob("*"):
            kept = staging / folder.name / path.name
            if kept.exists() and not path.read_bytes().startswith(kept.read_bytes()):
                continue  # the log of another workspace; this one's stays beside
            kept.parent.mkdir(mode=0o700, exist_ok=True)
            shutil.copy2(path, kept)


@contextmanager
def _staging(home: Path) -> Iterator[Path]:
    """A folder beside the workspace, for one restore at a time; what a killed one left goes first."""
    named = f".{home.name}.restoring"
    lock = home.with_name(f"{named}.lock")
    with holding(lock):
        for left in home.parent.glob(f"{named}-*"):
            shutil.rmtree(left)
        staging = home.with_name(f"{named}-{uuid.uuid4().hex[:8]}")
        staging.mkdir(mode=0o700)
        try:
            yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)
            lock.unlink(missing_ok=True)


class _Bounded:
    """What an archive unpacks to, as far as it was allowed."""

    def __init__(self, file: pa.NativeFile, name: str) -> None:
        self.file, self.name, self.allowed = file, name, 0

    def read(self, size: int) -> bytes:
        try:
            found = bytes(self.file.read(size))
        except (OSError, EOFError, ValueError, pa.ArrowException) as error:
            raise BadBackup(self.name, "damaged", " ".join(str(error).split())[:200]) from error
        self.allowed -= len(found)
        if self.allowed < 0:
            raise BadBackup(self.name, "unsafe", "more than it says of itself")
        return found


def _unpack(source: Path, compression: str, staging: Path) -> Manifest:
    with source.open("rb"):  # an error that names it, as the system does
        pass
    with pa.input_stream(str(source), compression=compression) as packed:
        bounded = _Bounded(packed, str(source))
        bounded.allowed = HEADERS + MOST_BYTES
        try:
            with tarfile.open(fileobj=bounded, mode="r|", encoding="utf-8") as archive:  # type: ignore[call-overload]
                manifest = _first(archive, source)
                wanted = manifest.nbytes + AIR_BYTES
                if (free := free_bytes(staging)) < wanted:
                    problem = f"{wanted / 1e6:,.0f} MB, {free / 1e6:,.0f} MB"
                    raise BadBackup(str(source), "room", problem)
                bounded.allowed = HEADERS
                _fill(archive, bounded, manifest, source, staging)
        except (tarfile.TarError, EOFError) as error:
            raise BadBackup(str(source), "damaged", str(error)) from error
    for folder, _, _ in os.walk(staging, topdown=False):
        flush_folder(Path(folder))
    return manifest


def _first(archive: tarfile.TarFile, source: Path) -> Manifest:
    member = archive.next()
    if member is None or member.name != NAME or not member.isreg() or member.size > MOST_BYTES:
        raise BadBackup(str(source), "foreign")
    file = archive.extractfile(member)
    return read_manifest(file.read() if file else b"", str(source))


def _fill(archive: tarfile.TarFile, bounded: _Bounded, manifest: Manifest, source: Path, staging: Path) -> None:
    """Make the files, in the order of the list; whatever is not on it ends the restore."""
    for entry in manifest.files:
        bounded.allowed += HEADERS
        member = archive.next()
        if member is None:
            raise BadBackup(str(source), "damaged", f"it ends before {entry.path}")
        if member.name != entry.path or not (_is_second(member, entry) or _is_first(member, entry)):
            raise BadBackup(str(source), "unsafe", f"{member.name[:80]!r}")
        path = staging / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.same_as:
            _link(staging / entry.same_as, path)
            continue
        bounded.allowed += entry.size
        whole = hashlib.sha256()
        file = archive.extractfile(member)
        with flushed(path) as new:
            while file and (part := file.read(CHUNK)):
                whole.update(part)
                new.write(part)
        if whole.hexdigest() != entry.sha256:
            raise BadBackup(str(source), "damaged", f"checksum of {entry.path}")
        path.chmod(0o600)
        os.utime(path, (member.mtime, member.mtime))
    bounded.allowed += HEADERS
    if (more := archive.next()) is not None:
        raise BadBackup(str(source), "unsafe", f"{more.name[:80]!r}")


def _is_first(member: tarfile.TarInfo, entry: Entry) -> bool:
    return member.type == tarfile.REGTYPE and not entry.same_as and member.size == entry.size


def _is_second(member: tarfile.TarInfo, entry: Entry) -> bool:
    return member.islnk() and bool(entry.same_as) and member.linkname == entry.same_as


def _link(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:
        with old.open("rb") as file, flushed(new) as copy:
            shutil.copyfileobj(file, copy)


def _check(source: Path, staging: Path, manifest: Manifest) -> None:
    """Raise unless the catalogue can be read and each version is the one that it means."""
    try:
        known = {}
        if (staging / catalogue.FILE).exists():
            catalogue.check(staging)
            known = {record.id: record for record in catalogue.records(staging)}
        for version_id in manifest.versions:
            check_whole(versions_folder(staging) / version_id, known[version_id])
    except (DamagedStore, DamagedVersion, KeyError) as error:
        raise BadBackup(str(source), "damaged", str(error).replace(f"{staging}/", "")) from error
    current = current_version(staging)
    if current != manifest.current or current not in (BUNDLED, *known):
        raise BadBackup(str(source), "damaged", f"current version {current[:20]!r}")


def _move_in(staging: Path, home: Path) -> str:
    """Take the place of nothing, or of an empty folder."""
    if home.exists():
        home.rmdir()
    staging.rename(home)
    flush_folder(home.parent)
    return ""


def _change_places(staging: Path, home: Path) -> str:
    """Let the old workspace give way, whole, and get its new path; no import is at work meanwhile."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    before = home.with_name(f"{home.name}.before-{stamp}-{uuid.uuid4().hex[:4]}")
    versions = versions_folder(home)
    with alone(versions, patience_s=PATIENCE_S) if versions.is_dir() else nullcontext():
        staging.rename(before)  # a kill from here to the next line leaves the new one under this name
        if not _exchanged(before, home):
            beside = before.with_name(f"{before.name}.old")
            home.rename(beside)
            before.rename(home)
            beside.rename(before)
    flush_folder(home.parent)
    return str(before)


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the system let two folders change places in one step."""
    try:
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return bool(exchange(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE) == 0)

"""A workspace as one file, taken while the app serves and imports run.

What changes is copied at one moment: the catalogue by SQLite's own backup, and any other SQLite file the same way.
Versions never change, so the folders that the copied catalogue names are read where they lie. The pointer to the
current version is read before the catalogue is copied, so that it never leads to a version that the copy does not
know. Plans, kept plans, masks and whatever else lies in the workspace come along.

Left out: jobs (uploads on their way, which are nobody's data yet), results that are kept only to be fast, locks, and
what a crash left. The file is a plain tar that ``tar -x`` opens; it holds withheld figures and is readable for its
owner alone. Where versions lie in a database, ``data.errors.StoreElsewhere`` says how that is copied.
"""

import hashlib
import io
import logging
import shutil
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from data import catalogue
from data.backup_manifest import NAME, Entry, Manifest, is_safe
from data.durable import replacing_path
from data.errors import BadBackup, DamagedVersion, StoreElsewhere, UnknownFormat
from data.kept import FOLDER as KEPT
from data.settings import settings
from data.workspace import LOCK, PART, POINTER, check_whole, current_version, known_records, versions_folder

COMPRESSION = {".tar.zst": "zstd", ".tar.gz": "gzip"}
NOT_KEPT = ("jobs",)
"""Folders of a workspace that no backup holds."""
_SQLITE = b"SQLite format 3\0"
_BESIDE = ("-wal", "-shm", "-journal", ".lock")

log = logging.getLogger(__name__)


def check_embedded() -> None:
    """Raise ``StoreElsewhere`` when the versions do not lie in the workspace."""
    if settings().store:
        raise StoreElsewhere


def compression_of(path: Path) -> str:
    """Compression that the name of a backup asks for.

    Raises
    ------
    UnknownFormat
    """
    for suffix, name in COMPRESSION.items():
        if path.name.endswith(suffix):
            return name
    raise UnknownFormat("".join(path.suffixes[-2:]), list(COMPRESSION))


def write_backup(home: Path, output: Path) -> dict[str, Any]:
    """Copy a workspace into one file, which is there whole or not at all.

    Parameters
    ----------
    home : Path
        Workspace folder.
    output : Path
        ``.tar.zst`` or ``.tar.gz``, outside of the workspace.

    Returns
    -------
    dict
        ``file``, ``bytes``, ``files``, ``versions`` (how many), ``current``.

    Raises
    ------
    UnknownFormat, BadBackup, DamagedStore, StoreElsewhere, OSError
    """
    check_embedded()
    compression = compression_of(output)
    if output.absolute().resolve().is_relative_to(home.absolute().resolve()):
        raise BadBackup(str(output), "inside")
    with replacing_path(output) as path:
        with TemporaryDirectory(dir=path.parent, prefix="copy-") as copies:
            manifest, sources = _taken(home, Path(copies))
            _write(path, compression, manifest, sources)
        path.chmod(0o600)
    told = {"files": len(manifest.files), "versions": len(manifest.versions), "current": manifest.current}
    return {"file": str(output), "bytes": output.stat().st_size, **told}


def _taken(home: Path, copies: Path) -> tuple[Manifest, dict[str, Path]]:
    """What is to be copied, and where each file of it can be read in peace."""
    current, sources, versions = current_version(home), {}, []
    if known_records(home):
        catalogue.copy_database(home / catalogue.FILE, copies / catalogue.FILE)
        sources[catalogue.FILE] = copies / catalogue.FILE
        for record in catalogue.records(copies):
            folder = versions_folder(home) / record.id
            if not folder.is_dir():
                log.warning("version %s has no folder and is not in the backup", record.id)
                continue
            try:
                check_whole(folder, record)
            except DamagedVersion as error:
                log.warning("%s; its files are in the backup as they are", error)
            versions.append(record.id)
            sources |= {_name(path, home): path for path in _files_of_version(folder)}
        pointer = copies / POINTER
        pointer.write_text(current, "utf-8")
        sources[f"{versions_folder(home).name}/{POINTER}"] = pointer
    sources |= _others(home, copies)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    entries = tuple(_entries(sources))
    return Manifest(created=created, current=current, versions=tuple(versions), files=entries), sources


def _files_of_version(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        if inner[0] != KEPT and not inner[0].startswith(PART) and path.is_file() and not path.is_symlink():
            yield path


def _others(home: Path, copies: Path) -> dict[str, Path]:
    """Copies of the files beside the versions: they may change or go while we read."""
    found: dict[str, Path] = {}
    for top in sorted(home.glob("*")):
        if top.name in (*NOT_KEPT, catalogue.FILE, versions_folder(home).name):
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if not path.is_file() or path.is_symlink() or path.name == LOCK or path.name.endswith(_BESIDE):
                continue
            if any(part.startswith(PART) for part in path.relative_to(home).parts):
                continue
            if not is_safe(_name(path, home)):
                log.warning("%r has a name that no backup takes", _name(path, home))
                continue
            copy = copies / f"other-{len(found)}"
            try:
                _copy(path, copy)
            except FileNotFoundError:  # swept while we looked
                continue
            found[_name(path, home)] = copy
    return found


def _copy(path: Path, copy: Path) -> None:
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            file.seek(0)
            with copy.open("wb") as new:
                shutil.copyfileobj(file, new)
            shutil.copystat(path, copy)
            return
    catalogue.copy_database(path, copy)


def _entries(sources: dict[str, Path]) -> Iterator[Entry]:
    """Each file with its checksum; what several versions share is read once."""
    digests: dict[tuple[int, int], str] = {}
    first: dict[tuple[str, int], str] = {}
    for name, path in sources.items():
        state = path.stat()
        inode = (state.st_dev, state.st_ino)
        if inode not in digests:
            with path.open("rb") as file:
                digests[inode] = hashlib.file_digest(file, "sha256").hexdigest()
        content = (digests[inode], state.st_size)
        shared = first.setdefault(content, name)
        yield Entry(path=name, size=state.st_size, sha256=content[0], same_as="" if shared == name else shared)


def _write(path: Path, compression: str, manifest: Manifest, sources: dict[str, Path]) -> None:
    written = manifest.to_bytes()
    with (
        pa.output_stream(str(path), compression=compression) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.GNU_FORMAT, encoding="utf-8") as archive,
    ):
        archive.addfile(_member(NAME, len(written)), io.BytesIO(written))
        for entry in manifest.files:
            member = _member(entry.path, entry.size, sources[entry.path].stat().st_mtime)
            if entry.same_as:
                member.type, member.size, member.linkname = tarfile.LNKTYPE, 0, entry.same_as
                archive.addfile(member)
            else:
                with sources[entry.path].open("rb") as file:
                    archive.addfile(member, file)


def _member(name: str, size: int, changed: float = 0.0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, int(changed), 0o600
    return member


def _name(path: Path, home: Path) -> str:
    return path.relative_to(home).as_posix()

"""Copies of versions on this machine: folders as the embedded store has them, made from the rows when first opened.

A copy says in ``cache.json`` which parts it was made from and how long its files are. One that is missing, cut off or
of other parts is made again; a copy is never the truth. What is derived from many firms is built here, by the same code
as at an import, and a part that another copy has already is taken over with all that is derived from it.
"""

import json
import logging
import shutil
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from data.durable import flush_folder, flushed
from data.errors import DamagedVersion
from data.exclusive import holding
from data.postgis.database import Connection, Database
from data.postgis.rows import read_rows
from data.reference import load_reference
from data.version_files import (
    FILES,
    FINDINGS,
    FIRMS,
    OBSERVATIONS,
    REFUSED,
    Part,
    VersionRecord,
    derive,
    link_part,
    open_tables,
    read_record,
    write_record,
)

MANIFEST, FETCHED, LOCK = "cache.json", ".fetch-", "fetch.lock"
PATIENCE_S = 1800.0
Tables = dict[str, str]
FOUND, KEPT_OUT = "findings", "refused"
TABLES: dict[str, Tables] = {
    Part.FIRMS: {"firms": FIRMS, "observations": OBSERVATIONS},
    **{part: {part.value: FILES[part][0]} for part in Part if part is not Part.FIRMS},
    FOUND: {FOUND: FINDINGS},
    KEPT_OUT: {KEPT_OUT: REFUSED},
}
"""Tables of the database that each part of a version has, and the files that they are here."""

log = logging.getLogger(__name__)


def cached(folder: Path, record: VersionRecord, mapping: str, parts: Mapping[str, int], database: Database) -> Path:
    """Folder of a version, made from the database when it is not there or not whole.

    Parameters
    ----------
    folder : Path
        Of all copies.
    record : VersionRecord
    mapping : str
        Of its import, as TOML.
    parts : mapping of str to int
        Id of each part of the version.
    database : Database

    Raises
    ------
    DamagedVersion
        When the rows of the database are not those that were written.
    StoreAway, UnfitStore
    """
    copy = folder / record.id
    if is_whole(copy, record, parts):
        return copy
    folder.mkdir(parents=True, exist_ok=True)
    with holding(folder / LOCK, patience_s=PATIENCE_S):
        if is_whole(copy, record, parts):
            return copy
        for left in folder.glob(f"{FETCHED}*"):
            shutil.rmtree(left, ignore_errors=True)
        made = folder / f"{FETCHED}{uuid.uuid4().hex[:8]}"
        made.mkdir()
        try:
            _fetch(made, record, mapping, parts, database)
            put(made, copy)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    log.info("version %s was copied from the database", record.id)
    return copy


def is_whole(copy: Path, record: VersionRecord, parts: Mapping[str, int]) -> bool:
    """Whether a folder is a copy of these parts, with every file as long as it was."""
    try:
        told = json.loads((copy / MANIFEST).read_text("utf-8"))
        sizes = {name: (copy / name).stat().st_size for name in told["files"]}
        return told["parts"] == dict(parts) and sizes == told["files"] and read_record(copy)[0] == record
    except (OSError, ValueError, KeyError, TypeError, DamagedVersion):
        return False


def write_manifest(folder: Path, parts: Mapping[str, int]) -> None:
    """Let a folder that has all its files say which parts it is a copy of."""
    files = {path.name: path.stat().st_size for path in folder.iterdir() if path.is_file()}
    with flushed(folder / MANIFEST) as file:
        file.write(json.dumps({"parts": dict(parts), "files": files}).encode())
    flush_folder(folder)


def put(made: Path, copy: Path) -> None:
    """Let a folder that is whole take the place of a copy; who has the old one mapped keeps it."""
    aside = made.with_name(f"{FETCHED}{uuid.uuid4().hex[:8]}")
    with suppress(FileNotFoundError):
        copy.rename(aside)
    made.rename(copy)
    flush_folder(copy.parent)
    shutil.rmtree(aside, ignore_errors=True)


def read_file(path: Path) -> pa.Table:
    """A table of a version as it lies in its file."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all() if path.suffix == ".arrow" else pq.read_table(path)


def _fetch(made: Path, record: VersionRecord, mapping: str, parts: Mapping[str, int], database: Database) -> None:
    fresh = set()
    with database.session() as connection:
        for kind, part in parts.items():
            source = _holder(made.parent, kind, part)
            if source is not None and kind in FILES:
                link_part(Part(kind), source, made)
                continue
            fresh.add(kind)
            for name, file in TABLES[kind].items():
                _write(connection, part, name, record.id, made / file)
    write_record(record, mapping, made)
    if Part.FIRMS in fresh:
        derive(open_tables(made, record, load_reference()), made)
    write_manifest(made, parts)


def _holder(folder: Path, kind: str, part: int) -> Path | None:
    """Another copy that has a part, whole as far as its manifest knows."""
    for manifest in folder.glob(f"[1-9]*/{MANIFEST}"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            told = json.loads(manifest.read_text("utf-8"))
            sizes = {name: (manifest.parent / name).stat().st_size for name in told["files"]}
            if told["parts"].get(kind) == part and sizes == told["files"]:
                return manifest.parent
    return None


def _write(connection: Connection, part: int, name: str, version: str, path: Path) -> None:
    table = read_rows(connection, part, name, version, path.with_suffix(".csv"))
    with flushed(path) as file:
        if path.suffix == ".arrow":
            with pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)
        else:
            pq.write_table(table, file)

"""Which versions there are: one row each in ``store.db``, an SQLite file that is damaged by no crash.

Every writing connection has WAL and ``synchronous=FULL``, and what belongs together is one transaction that takes its
lock at once. Reading connections cannot write, and see the versions of before until COMMIT. A reader makes do with the
file alone when a full or read-only disk leaves no room for the shared index of WAL: without a ``-wal`` beside it, the
file is whole.
"""

import errno
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import TypeVar

from data.dataset import Basis
from data.errors import DamagedStore, ImportBusy
from data.room import LEAST_FREE_BYTES, free_bytes
from data.version_files import VersionRecord

FILE, FORMAT = "store.db", 1
PATIENCE_S = 30.0
TABLE = """
CREATE TABLE versions (
    id INTEGER PRIMARY KEY, digest TEXT NOT NULL, basis TEXT NOT NULL, synthetic INTEGER NOT NULL,
    firms INTEGER NOT NULL, observations INTEGER NOT NULL, years TEXT NOT NULL, created TEXT NOT NULL,
    parent TEXT NOT NULL, kind TEXT NOT NULL, file_name TEXT NOT NULL, sha256 TEXT NOT NULL,
    accepted INTEGER NOT NULL, repaired INTEGER NOT NULL, refused INTEGER NOT NULL, datum TEXT NOT NULL,
    note TEXT NOT NULL, parts TEXT NOT NULL, mapping TEXT NOT NULL
) STRICT"""
COLUMNS = tuple(field.name for field in fields(VersionRecord))
_LISTED = ", ".join(COLUMNS)  # names of our own, never of a file
_ALL = f"SELECT {_LISTED} FROM versions ORDER BY id"  # noqa: S608
_ONE = f"SELECT {_LISTED} FROM versions WHERE CAST(id AS TEXT) = ?"  # noqa: S608
_ADD = f"INSERT INTO versions ({_LISTED}, mapping) VALUES ({'?, ' * len(COLUMNS)}?)"  # noqa: S608
_NO_SHARING = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_FORMAT)

T = TypeVar("T")


def is_made(home: Path) -> bool:
    """Whether there is a catalogue; a crash while it was made leaves none.

    Raises
    ------
    DamagedStore
    """
    return (home / FILE).exists() and _read(home, _is_made)


def make(home: Path, versions: Iterable[tuple[VersionRecord, str]]) -> None:
    """Make the catalogue with these versions and the mappings of their imports, all or none."""
    with _writing(home) as store:
        if not _is_made(store):
            store.execute(TABLE)
            for record, mapping in versions:
                _insert(store, record, mapping)
            store.execute(f"PRAGMA user_version = {FORMAT}")


def add(home: Path, record: VersionRecord, mapping: str) -> None:
    """Name one more version; it is there for everybody when this returns, and for nobody when it raises."""
    with _writing(home) as store:
        _insert(store, record, mapping)


def records(home: Path) -> list[VersionRecord]:
    """Record of every version, by age."""
    return [_record(row) for row in _read(home, lambda store: store.execute(_ALL).fetchall())]


def find(home: Path, version_id: str) -> VersionRecord | None:
    """Record of a version; ``None`` when there is none of this id."""
    row = _read(home, lambda store: store.execute(_ONE, (version_id,)).fetchone())
    return None if row is None else _record(row)


def mapping_of(home: Path, version_id: str) -> str:
    """Mapping of the import of a version, as TOML."""
    query = "SELECT mapping FROM versions WHERE CAST(id AS TEXT) = ?"
    row = _read(home, lambda store: store.execute(query, (version_id,)).fetchone())
    return "" if row is None else str(row[0])


def copy_database(source: Path, target: Path) -> None:
    """Copy an SQLite file as it is at one moment, while others write; what comes is one file with no log beside it.

    Raises
    ------
    DamagedStore
    """

    def copied(store: sqlite3.Connection) -> None:
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            store.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")

    with plainly(source):
        _ask(source, "mode=ro", copied)


def check(home: Path) -> None:
    """Look through the whole file.

    Raises
    ------
    DamagedStore
    """
    found = _read(home, lambda store: store.execute("PRAGMA quick_check").fetchall())
    if found != [("ok",)]:
        raise DamagedStore(str(home / FILE), " ".join(str(found[0][0]).split()))


def _record(row: tuple[object, ...]) -> VersionRecord:
    told = dict(zip(COLUMNS, row, strict=True))
    known = {
        "id": str(told["id"]),
        "basis": Basis(str(told["basis"])),
        "synthetic": bool(told["synthetic"]),
        "years": tuple(json.loads(str(told["years"]))),
        "parts": json.loads(str(told["parts"])),
    }
    return VersionRecord(**{**told, **known})


def _insert(store: sqlite3.Connection, record: VersionRecord, mapping: str) -> None:
    told = asdict(record) | {
        "id": int(record.id),
        "basis": record.basis.value,
        "synthetic": int(record.synthetic),
        "years": json.dumps(record.years),
        "parts": json.dumps(dict(record.parts)),
    }
    store.execute(_ADD, [*(told[name] for name in COLUMNS), mapping])


def _is_made(store: sqlite3.Connection) -> bool:
    form = store.execute("PRAGMA user_version").fetchone()[0]
    if form not in (0, FORMAT):
        raise DamagedStore(FILE, "it was written by another release")
    return bool(form)


@contextmanager
def _writing(home: Path) -> Iterator[sqlite3.Connection]:
    """A connection in a transaction that is committed when the block ends, or never was."""
    with plainly(home / FILE), closing(sqlite3.connect(home / FILE, timeout=PATIENCE_S, isolation_level=None)) as store:
        store.execute("PRAGMA journal_mode = WAL")
        store.execute("PRAGMA synchronous = FULL")
        store.execute("BEGIN IMMEDIATE")
        try:
            yield store
            store.execute("COMMIT")
        except BaseException:
            if store.in_transaction:
                store.execute("ROLLBACK")
            raise


def _read(home: Path, ask: Callable[[sqlite3.Connection], T]) -> T:
    """Ask through a connection that cannot write."""
    path = home / FILE
    with plainly(path):
        try:
            return _ask(path, "mode=ro", ask)
        except sqlite3.OperationalError as error:
            log = path.with_name(f"{FILE}-wal")
            whole = path.exists() and not (log.exists() and log.stat().st_size)
            if not whole or (error.sqlite_errorcode & 0xFF) not in _NO_SHARING:
                raise
            return _ask(path, "mode=ro&immutable=1", ask)


def _ask(path: Path, mode: str, ask: Callable[[sqlite3.Connection], T]) -> T:
    address = f"{path.absolute().as_uri()}?{mode}"
    with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE_S, isolation_level=None)) as store:
        return ask(store)


@contextmanager
def plainly(path: Path, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Say what SQLite says of a file as an error of ours or of the system.

    Raises
    ------
    DamagedStore, ImportBusy, OSError
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _DAMAGED:
            raise DamagedStore(str(path), str(error)) from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise ImportBusy(patience_s) from error
        # where there is no room for the shared index of WAL, SQLite speaks of an input/output error
        full = code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and free_bytes(path) < LEAST_FREE_BYTES)
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error), str(path)) from error

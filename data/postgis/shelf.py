"""The shelf that several machines share: the truth is rows of a database, each machine has copies of what it opened.

One import is one transaction with ``synchronous_commit=on``: parts, rows, version and pointer are there together, for
everybody, from COMMIT on, or never were. A lock of the session lets one import at a time build on the current version;
when its process or machine dies the server ends the session, and the lock and all rows of the import go with it. Where
the connection breaks at COMMIT itself, the next one takes the lock first, so that nothing can still be under way, and
looks whether the version came to be.

A part that an import did not bring is its parent's very part. Parts are known by a number and not by their digest: a
digest says what a part was made from, and the same file may be settled otherwise by a later release.

What this leaves out: pools that deal out a server's session by transaction (PgBouncer's transaction mode), which part a
lock from its holder.
"""

import logging
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from data import workspace
from data.dataset import Basis
from data.durable import flushed
from data.errors import ImportBusy, StoreAway, StoreError, UnknownVersion
from data.postgis import cache
from data.postgis.database import Connection, Database
from data.postgis.pointer import Pointer
from data.postgis.rows import NUL, SHOWN_NUL, write_rows
from data.version_files import Part, VersionRecord
from data.workspace import BUNDLED, PART

FOLDER = "postgis"
IMPORTING = 0x6A697175_6E000002  # a lock is a number: "jiqun" and which
SETTLE_S = 20.0
_COLUMNS = ("id", "digest", "basis", "synthetic", "firms", "observations", "years", "created", "parent", "kind",
            "file_name", "sha256", "accepted", "repaired", "refused", "datum", "note", "parts")  # fmt: skip
_LISTED = ", ".join(_COLUMNS)
_ALL = f"SELECT {_LISTED} FROM versions ORDER BY id"  # noqa: S608 - names of our own
_ONE = f"SELECT {_LISTED} FROM versions WHERE id = %s"  # noqa: S608
_ADD = f"INSERT INTO versions ({_LISTED}, mapping, import_id) VALUES ({'%s, ' * len(_COLUMNS)}%s, %s)"  # noqa: S608
_MOVE = "UPDATE current_version SET version = %s, moves = moves + 1, moved = now() RETURNING moves"
_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
log = logging.getLogger(__name__)


class PostgisShelf:
    """Versions in a database; see ``data.shelf.Shelf``."""

    def __init__(self, home: Path, database: Database) -> None:
        self.home, self.database = home, database
        self._pointer = Pointer(database)
        self._records: dict[str, VersionRecord] = {}
        self._store = ""

    @property
    def folder(self) -> Path:
        """Folder of the copies, one for each database, so that copies of two never meet."""
        if not self._store and self.database.is_made():
            self._store = str(self.database.ask("SELECT id FROM store")[0][0])
        return self.home / FOLDER / (self._store[:8] or "none")

    def current(self) -> str:
        """The version that the pointer leads to, or last led to when the database is away."""
        return self._pointer.now()[1]

    def pointer_state(self) -> tuple[int, ...]:
        """How often it has moved."""
        return (self._pointer.now()[0],)

    def point_to(self, version_id: str) -> None:
        """Move the pointer."""
        self._ready()
        self.database.ask(_MOVE, (None if version_id == BUNDLED else int(version_id),))

    def records(self) -> list[VersionRecord]:
        """Every version, by id."""
        if not self.database.is_made():
            return []
        return [self._known(row) for row in self.database.ask(_ALL)]

    def record(self, version_id: str) -> VersionRecord:
        """The row of a version; rows never change, so each is asked for once."""
        if version_id in self._records:
            return self._records[version_id]
        if _ID.fullmatch(version_id) and self.database.is_made():
            for row in self.database.ask(_ONE, (int(version_id),)):
                return self._known(row)
        raise UnknownVersion(version_id, [BUNDLED, *(record.id for record in self.records())])

    def mapping_of(self, version_id: str) -> str:
        """As its row has it."""
        return str(self.database.ask("SELECT mapping FROM versions WHERE id = %s", (int(version_id),))[0][0])

    def check_whole(self, record: VersionRecord) -> None:
        """A row refers to rows that are there; what they hold is checked when they are copied."""

    def at(self, record: VersionRecord) -> Path:
        """The copy of this machine."""
        copy = self.folder / record.id
        try:
            found = self.database.ask("SELECT kind, part FROM version_parts WHERE version = %s", (int(record.id),))
            parts = {str(kind): int(part) for kind, part in found}
        except StoreAway:
            if (copy / cache.MANIFEST).is_file():
                return copy  # it was whole when it was put there, and opening it looks again
            raise
        if cache.is_whole(copy, record, parts):
            return copy
        return cache.cached(self.folder, record, self.mapping_of(record.id), parts, self.database)

    def mend(self, record: VersionRecord) -> bool:
        """Make the copy again."""
        with suppress(FileNotFoundError):
            (self.folder / record.id / cache.MANIFEST).unlink()
        return True

    @contextmanager
    def alone(self) -> Iterator["_Turn"]:
        """Behind a lock of the database for all machines, and one of this folder for what sweeps it."""
        self._ready()
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.database.session() as connection:
            _take_turn(connection)
            with workspace.alone(self.folder):
                self._sweep()
                yield _Turn(self, connection)

    def keep_first(self, path: Path, write: Callable[[Path], None]) -> None:
        """Ask the database first, and offer it what was written; what it has then is everybody's."""
        question = "SELECT data FROM keepsakes WHERE kind = 'released' AND name = %s"
        own = path.with_name(f".{uuid.uuid4().hex}.part")
        try:
            if not (found := self.database.ask(question, (path.name,))):
                write(own)
                self.database.ask(
                    "INSERT INTO keepsakes (kind, name, data) VALUES ('released', %s, %s) ON CONFLICT DO NOTHING"
                    " RETURNING name",
                    (path.name, own.read_bytes()),
                )
                found = self.database.ask(question, (path.name,))
            with flushed(own) as file:
                file.write(found[0][0])
            own.replace(path)
        finally:
            own.unlink(missing_ok=True)

    def share(self, kind: str, name: str, data: bytes, *, most: int) -> None:
        """One row each; a database that is away leaves the file to this machine, and says so in the log."""
        try:
            self._ready()
            self.database.ask(
                "INSERT INTO keepsakes (kind, name, data) VALUES (%s, %s, %s)"
                " ON CONFLICT (kind, name) DO UPDATE SET asked = now() RETURNING name",
                (kind, name, data),
            )
            self.database.ask(
                "DELETE FROM keepsakes WHERE kind = %s AND name NOT IN (SELECT name FROM keepsakes WHERE kind = %s"
                " ORDER BY asked DESC, name LIMIT %s) RETURNING name",
                (kind, kind, most),
            )
        except StoreError as error:
            log.warning("%s %s is kept on this machine only: %s", kind, name, error)

    def shared(self, kind: str, folder: str) -> dict[str, bytes]:
        """Ask for them, and only for them."""
        question = "SELECT name, data FROM keepsakes WHERE kind = %s AND starts_with(name, %s)"
        try:
            rows = self.database.ask(question, (kind, f"{folder}/")) if self.database.is_made() else []
        except StoreError as error:
            log.warning("%s of other machines cannot be asked for: %s", kind, error)
            return {}
        return {str(name).removeprefix(f"{folder}/"): bytes(data) for name, data in rows}

    def check(self) -> None:
        """At the start of a server: bring the schema to this release, and sweep."""
        self.make()
        self.check_reachable()
        if not self.folder.is_dir():
            return
        try:
            with workspace.alone(self.folder, patience_s=0):
                self._sweep()
        except (ImportBusy, OSError) as error:
            log.info("what a crash may have left is not swept: %s", error)

    def check_reachable(self) -> None:
        """Ask for the pointer, not for what is remembered of it."""
        if self.database.is_made():
            self.database.ask("SELECT moves FROM current_version")

    def make(self) -> tuple[str, str]:
        """Bring the schema to the step of this release; the steps before and after."""
        return self.database.make()

    def named(self, record: VersionRecord) -> None:
        """What was named here need not be asked for."""
        self._records[record.id] = record

    def _ready(self) -> None:
        if not self.database.is_made():
            self.database.make()

    def _known(self, row: tuple[Any, ...]) -> VersionRecord:
        told = dict(zip(_COLUMNS, row, strict=True))
        known = {
            "id": str(told["id"]),
            "parent": str(told["parent"]),
            "basis": Basis(told["basis"]),
            "years": tuple(told["years"]),
            "created": told["created"].astimezone(UTC).isoformat(timespec="seconds"),
        }
        return self._records.setdefault(known["id"], VersionRecord(**{**told, **known}))

    def _sweep(self) -> None:
        for left in self.folder.glob(f"{PART}*"):
            log.warning("%s is what an import left that did not end; it is removed", left)
            shutil.rmtree(left, ignore_errors=True)


class _Turn:
    """The import at work."""

    def __init__(self, shelf: PostgisShelf, connection: Connection) -> None:
        self.shelf, self.connection = shelf, connection

    def current(self) -> str:
        found = self.connection.execute("SELECT version FROM current_version").fetchone()
        return BUNDLED if found is None or found[0] is None else str(found[0])

    def next_id(self) -> str:
        found = self.connection.execute("SELECT coalesce(max(id), 0) + 1 FROM versions").fetchone()
        return str(found[0]) if found else "1"

    def name(self, part: Path, record: VersionRecord, mapping: str, lent: Sequence[Part]) -> None:
        import_id = uuid.uuid4()
        self.connection.execute("BEGIN")
        parts = self._write_parts(part, record, lent)
        self.connection.execute(_ADD, [*_told(record), _plain(mapping), import_id])
        for kind, number in parts.items():
            self.connection.execute(
                "INSERT INTO version_parts (version, kind, part) VALUES (%s, %s, %s)", (int(record.id), kind, number)
            )
        self.connection.execute(_MOVE, (int(record.id),))
        cache.write_manifest(part, parts)
        try:
            self.connection.execute("COMMIT")
        except psycopg.OperationalError:
            if not self._came_to_be(import_id):
                raise
        self.shelf.named(record)
        with suppress(OSError):  # a copy that cannot be put in its place is made when somebody opens it
            cache.put(part, self.shelf.folder / record.id)

    def _write_parts(self, folder: Path, record: VersionRecord, lent: Sequence[Part]) -> dict[str, int]:
        """Rows of what is new; the numbers of all parts."""
        found = self.connection.execute(
            "SELECT kind, part FROM version_parts WHERE version = %s AND kind = ANY(%s)",
            (int(record.parent), [kind.value for kind in lent]),
        ).fetchall()
        parts = {str(kind): int(number) for kind, number in found}
        for kind, tables in cache.TABLES.items():
            there = {name: folder / file for name, file in tables.items() if (folder / file).is_file()}
            if kind in lent or not there:
                continue
            row = self.connection.execute(
                "INSERT INTO parts (kind, digest) VALUES (%s, %s) RETURNING id",
                (str(kind), record.parts.get(kind, record.digest)),
            ).fetchone()
            parts[str(kind)] = number = int(row[0]) if row else 0
            for name, file in there.items():
                write_rows(self.connection, number, name, cache.read_file(file))
        return parts

    def _came_to_be(self, import_id: uuid.UUID) -> bool:
        """Whether a transaction whose end was not heard of was committed; behind the lock, so that it is over."""
        database, until = self.shelf.database, time.monotonic() + SETTLE_S
        while True:
            try:
                with database.session() as connection:
                    _take_turn(connection)
                    found = connection.execute("SELECT FROM versions WHERE import_id = %s", (import_id,)).fetchone()
                    return found is not None
            except StoreAway as error:
                if time.monotonic() > until:
                    raise StoreAway(
                        database.where, f"{error.reason} while the import was committed, so the list of versions will"
                        " tell whether it is there"
                    ) from error  # fmt: skip
                time.sleep(0.5)


def _take_turn(connection: Connection) -> None:
    """Wait for the lock of the imports."""
    patience = workspace.PATIENCE_S
    connection.execute(f"SET lock_timeout = {int(patience * 1000)}")
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", (IMPORTING,))
    except psycopg.errors.LockNotAvailable as error:
        raise ImportBusy(patience) from error


def _told(record: VersionRecord) -> list[object]:
    told = {name: getattr(record, name) for name in _COLUMNS} | {
        "id": int(record.id),
        "parent": int(record.parent),
        "basis": record.basis.value,
        "years": list(record.years),
        "parts": Jsonb(dict(record.parts)),
    }
    return [_plain(value) if isinstance(value, str) else value for value in told.values()]


def _plain(text: str) -> str:
    return text.replace(NUL, SHOWN_NUL)

"""One database: connections that keep what we rely on, one that every look of a page shares, and errors in our words.

A process asks through one connection that it keeps; imports and fetches have one of their own. Whoever sees a
connection fail tries a new one once, so that a restart of the server is noticed by nobody who only reads. No password
is in any sentence: where an error says which database, it says so without it.
"""

import atexit
import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from data.errors import BadSetting, StoreAway, UnfitStore
from data.postgis import schema

CONNECT_S = 3
_SESSION = (
    "SET search_path = jiqun; SET synchronous_commit = on; SET timezone = 'UTC'; SET extra_float_digits = 1;"
    "SET datestyle = 'ISO'; SET client_encoding = 'UTF8'; SET statement_timeout = 0;"
    "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
)

_PREFIX = re.compile(r"^connection failed: (.*FATAL: )?")

Connection = psycopg.Connection[tuple[Any, ...]]


class Database:
    """A database by its address, ``postgresql://…``."""

    def __init__(self, url: str) -> None:
        self._url, self.where = url, _without_password(url)
        self._lock = threading.Lock()
        self._kept: Connection | None = None
        self._process = 0
        self._made = False
        atexit.register(self.close)

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """A connection of one's own, with autocommit, closed at the end.

        Raises
        ------
        StoreAway, UnfitStore
        """
        with self.plainly():
            connection = self._connected()
            try:
                schema.check_revision(schema.revision(connection), self.where)
                yield connection
            finally:
                connection.close()

    def ask(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of a question that changes nothing, or what may be said twice.

        Raises
        ------
        StoreAway, UnfitStore
        """
        with self.plainly(), self._lock:
            for last in (False, True):
                try:
                    return self._shared().execute(query, values, prepare=True).fetchall()
                except psycopg.OperationalError:
                    self._drop()
                    if last:
                        raise
        raise AssertionError

    def is_made(self) -> bool:
        """Whether the schema is there, and is the one of this release.

        Raises
        ------
        StoreAway, UnfitStore
        """
        if not self._made:
            with self.plainly(), self._lock:
                found = schema.revision(self._shared())
            schema.check_revision(found, self.where)
            self._made = bool(found)
        return self._made

    def make(self) -> tuple[str, str]:
        """Bring the schema to the step of this release; the steps before and after.

        Raises
        ------
        StoreAway, UnfitStore
        """
        with self.plainly():
            connection = self._connected()
            found = schema.revision(connection)
            if found == schema.REVISIONS[-1]:
                connection.close()
                return found, found
            return schema.upgrade(connection, self.where)

    def close(self) -> None:
        """Close the connection that is kept; the next question opens another."""
        with self._lock:
            self._drop()

    @contextmanager
    def plainly(self) -> Iterator[None]:
        """Say what the server or the way to it says as an error of ours."""
        try:
            yield
        except psycopg.errors.ReadOnlySqlTransaction as error:
            raise UnfitStore(self.where, "it can only be read, as a replica: imports go to the first server") from error
        except psycopg.errors.InsufficientPrivilege as error:
            raise UnfitStore(self.where, f"the role lacks a right: {_said(error)}") from error
        except psycopg.OperationalError as error:
            raise StoreAway(self.where, _said(error)) from error
        except psycopg.Error as error:
            raise UnfitStore(self.where, _said(error)) from error

    def _shared(self) -> Connection:
        if self._kept is None or self._kept.closed or self._process != os.getpid():
            self._kept, self._process = self._connected(), os.getpid()
        return self._kept

    def _drop(self) -> None:
        if self._kept is not None and self._process == os.getpid():
            with suppress(psycopg.Error):
                self._kept.close()
        self._kept = None

    def _connected(self) -> Connection:
        connection = psycopg.connect(
            self._url, autocommit=True, connect_timeout=CONNECT_S, tcp_user_timeout=1000 * CONNECT_S * 4,
            keepalives_idle=30,
            application_name="jiqun",
        )  # fmt: skip
        try:
            connection.execute(_SESSION)
        except BaseException:
            connection.close()
            raise
        return connection


@lru_cache(maxsize=8)
def database_of(url: str) -> Database:
    """The database of an address, the same for all workspaces of this process."""
    return Database(url)


def _without_password(url: str) -> str:
    try:
        told = conninfo_to_dict(url)
    except psycopg.Error as error:
        raise BadSetting("JIQUN_STORE", "…", "no address of a database: postgresql://role@host/database") from error
    user = f"{told['user']}@" if told.get("user") else ""
    port = f":{told['port']}" if told.get("port") else ""
    return f"postgresql://{user}{told.get('host') or ''}{port}/{told.get('dbname') or ''}"


def _said(error: psycopg.Error) -> str:
    """The first line of what the server said, without its prefix."""
    told = error.diag.message_primary or next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return _PREFIX.sub("", " ".join(told.split())).rstrip(".")

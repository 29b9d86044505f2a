"""The schema ``jiqun`` of the database: whether it is there, whether this release can use it, and how it is brought up.

An empty database is made ready by whoever writes first; an older schema only by the start of a server or
``cli.py migrate``, since releases that still run may read it. All steps are one transaction behind a lock.
"""

from pathlib import Path
from typing import Any

import psycopg

from data.errors import UnfitStore

SCHEMA = "jiqun"
REVISIONS = ("0001",)
"""Steps of ``data/migrations/versions``, oldest first; this release reads and writes the last."""
_MIGRATING = 0x6A697175_6E000001  # a lock is a number: "jiqun" and which
_FOLDER = Path(__file__).parents[1] / "migrations"


def revision(connection: "psycopg.Connection[Any]") -> str:
    """Step that the schema stands at; empty when there is none."""
    there = connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.alembic_version",)).fetchone()
    if there is None or there[0] is None:
        return ""
    row = connection.execute(f"SELECT version_num FROM {SCHEMA}.alembic_version").fetchone()  # noqa: S608
    return str(row[0]) if row else ""


def check_revision(found: str, where: str) -> None:
    """Raise ``UnfitStore`` unless the schema is the one of this release, or not there yet."""
    if found in REVISIONS[:-1]:
        raise UnfitStore(
            where, f"its schema is at step {found}, this release needs {REVISIONS[-1]}: run cli.py migrate"
        )
    if found and found != REVISIONS[-1]:
        raise UnfitStore(where, f"its schema is at step {found}, which a later release made: install that release")


def upgrade(connection: "psycopg.Connection[Any]", where: str) -> tuple[str, str]:
    """Bring the schema to the last step; the steps before and after.

    Parameters
    ----------
    connection : psycopg.Connection
        Of its own, with autocommit; it is closed.
    where : str
        What an error calls the database.

    Raises
    ------
    UnfitStore
        When there is no PostGIS that could be used, or a later release made the schema.
    """
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    connection.autocommit = False
    engine = create_engine("postgresql+psycopg://", creator=lambda: connection, poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    try:
        with engine.begin() as session:
            session.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")
            before = revision(connection)
            if before in REVISIONS[:-1] or not before:
                _need_postgis(connection, where)
                session.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
                config.attributes["connection"] = session
                command.upgrade(config, "head")
            check_revision(after := revision(connection), where)
    except DBAPIError as error:
        raise error.orig or error from error
    return before, after


def _need_postgis(connection: "psycopg.Connection[Any]", where: str) -> None:
    if connection.execute("SELECT FROM pg_extension WHERE extname = 'postgis'").fetchone() is None:
        try:
            with connection.transaction():
                connection.execute("CREATE EXTENSION postgis SCHEMA public")
        except psycopg.Error as error:
            raise UnfitStore(
                where, "it has no PostGIS: install it, and let an administrator run CREATE EXTENSION postgis in it"
            ) from error

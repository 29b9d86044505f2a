"""One holder at a time, across processes: SQLite's lock is the same on every system and goes when its process goes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from data.errors import HeldElsewhere


@contextmanager
def holding(path: Path, *, patience_s: float = 0) -> Iterator[None]:
    """Hold ``path`` until the block ends, or the process does.

    Parameters
    ----------
    path : Path
        A file of its own, made when it is not there; it stays.
    patience_s : float
        How long to wait for another holder to let go.

    Raises
    ------
    HeldElsewhere
        When another still holds it.
    """
    with closing(sqlite3.connect(path, timeout=patience_s, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise HeldElsewhere(path.name) from error
        yield


def is_held(path: Path) -> bool:
    """Whether somebody holds ``path``."""
    if not path.exists():
        return False
    try:
        with holding(path):
            return False
    except HeldElsewhere:
        return True

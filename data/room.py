"""Whether the disk has room for what an import writes, before it begins and when it turns out that it had not."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.errors import StoreFull

FACTOR = 3
"""How many times its own size an import wants free: its tables, what is derived from them, and some air."""
LEAST_FREE_BYTES = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def room_for(size: int, home: Path) -> Iterator[None]:
    """Refuse tables of so many bytes that have no room, and say it in one sentence when the disk is full after all.

    Raises
    ------
    StoreFull
    """
    wanted = FACTOR * size + LEAST_FREE_BYTES
    if free_bytes(home) < wanted:
        raise StoreFull(wanted / 1e6, free_bytes(home) / 1e6)
    try:
        yield
    except OSError as error:
        if error.errno in _FULL or "requested and" in str(error):  # NumPy counts what it wrote and names no reason
            raise StoreFull(wanted / 1e6, free_bytes(home) / 1e6) from error
        raise


def free_bytes(home: Path) -> int:
    """Bytes free for a folder that need not be there yet."""
    there = next(path for path in (home.absolute(), *home.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free

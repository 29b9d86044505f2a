"""Whether this process can answer readers now: the store can be read, the current version opens, the disk has room.

A check gives the name of what failed and keeps the reason for the log: whoever asks over HTTP is told no path and no
address of a database.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from data.room import free_bytes
from data.settings import settings
from data.store import check_reachable, current_dataset

LEAST_FREE_BYTES = 64 << 20
"""Room below which the next import is lost, and soon the log with it."""

log = logging.getLogger(__name__)


def failed_checks() -> list[str]:
    """Names of the checks that fail now, of ``CHECKS``; none when all is well."""
    home = settings().home
    return [name for name, check in CHECKS.items() if not _holds(name, check, home)]


def _holds(name: str, check: Callable[[Path], None], home: Path) -> bool:
    try:
        check(home)
    except (ValueError, OSError) as error:
        log.warning("not ready, %s: %s", name, error)
        return False
    return True


def _check_store(home: Path) -> None:
    check_reachable(home)


def _check_version(home: Path) -> None:
    current_dataset()


def _check_disk(home: Path) -> None:
    if (free := free_bytes(home)) < LEAST_FREE_BYTES:
        raise OSError(f"{free / 1e6:.0f} MB are free for {home}, {LEAST_FREE_BYTES / 1e6:.0f} MB are wanted")


CHECKS: dict[str, Callable[[Path], None]] = {"store": _check_store, "version": _check_version, "disk": _check_disk}
"""In the order in which they are told."""

"""Starts the process that reads a stranger's file, waits for it, and ends it when it takes too long.

The server never parses an upload. It copies it under a fixed name into an empty folder (a copy, for the child may write
there, and a second name of the same file would let it change the original) and starts a child with an environment of a
few words. Whatever the child starts belongs to its process group and ends with it.
"""

import json
import logging
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path

from data.readers import child
from data.readers.answer import VERDICT, rows_so_far
from data.readers.drivers import skip_list
from data.readers.limits import MIB, Limits
from data.readers.raw_table import ReadOptions
from data.readers.refusing import Refusal

Progress = Callable[[str, int], None]
"""Told what is being done (``"read"``) and how many rows are done."""

_ROOT = Path(__file__).parents[2]
_NOWHERE = "http://127.0.0.1:1"
_INTERVAL_S = 0.1
_LOG = "log"
_LAST_WORDS = 2_000
_KEPT = ("SYSTEMROOT", "LD_LIBRARY_PATH")  # without which Python does not start on some machines
_log = logging.getLogger(__name__)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """An empty folder of this process alone, gone when it is no longer needed."""
    folder = Path(tempfile.mkdtemp(prefix="jiqun-read-")).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copy_upload(path: Path, scratch: Path, limits: Limits) -> int:
    """Copy the file under a fixed name; its size in bytes.

    Raises
    ------
    OSError
        When there is no such file, or it may not be read.
    Refusal
        ``not_a_file``, ``empty`` or ``too_large``.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise Refusal("not_a_file")
    if not found.st_size:
        raise Refusal("empty")
    if found.st_size > limits.upload_bytes:
        raise Refusal("too_large", size_mib=-(-found.st_size // MIB), limit_mib=limits.upload_bytes // MIB)
    shutil.copyfile(path, scratch / child.UPLOAD)
    return found.st_size


def run_child(scratch: Path, size: int, options: ReadOptions, limits: Limits, progress: Progress | None) -> None:
    """Let the child read the upload of a folder; its answer is in the folder afterwards.

    Raises
    ------
    Refusal
        ``too_slow``, ``too_much_memory`` or ``reader_stopped`` when there is none.
    """
    cpu_s, wall_s = limits.cpu_seconds(size), limits.wall_seconds(size)
    walls = {"memory_bytes": limits.memory_bytes, "cpu_s": cpu_s, "file_bytes": limits.answer_bytes}
    request = {"walls": walls, "limits": limits.as_dict(), "options": asdict(options)}
    (scratch / child.REQUEST).write_text(json.dumps(request), "utf-8")
    # -P: nothing is imported from the folder of the upload; -s: nor from a person's own packages
    command = [sys.executable, "-P", "-s", "-B", "-X", "utf8", str(Path(child.__file__)), str(scratch)]
    with (scratch / _LOG).open("wb") as log:
        process = subprocess.Popen(
            command, cwd=scratch, env=environment(scratch), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        _wait(process, scratch, time.monotonic() + wall_s, progress)
    finally:
        _end(process)
    _warn_of_missing_walls(scratch)
    if process.returncode != 0 or not (scratch / VERDICT).exists():
        last_words = (scratch / _LOG).read_bytes()[-_LAST_WORDS:].decode("utf-8", "replace")
        _log.warning("the reader of an upload ended with %s: %r", process.returncode, last_words)
        raise _why(process.returncode, last_words, cpu_s)


def environment(scratch: Path) -> dict[str, str]:
    """All that the child gets to know: no secret of the server, no address that leads anywhere."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    proxies = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "GDAL_HTTP_PROXY")
    return {
        **kept,
        "PYTHONPATH": str(_ROOT),
        "LANG": "C.UTF-8",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "GDAL_SKIP": skip_list(),
        "SHAPE_RESTORE_SHX": "YES",
        **dict.fromkeys(proxies, _NOWHERE),
        "GDAL_HTTP_TIMEOUT": "1",
        "GDAL_HTTP_CONNECTTIMEOUT": "1",
        "GDAL_HTTP_MAX_RETRY": "0",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "PROJ_NETWORK": "OFF",
        # one thread: its stacks and heaps count as address space
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }


def _wait(process: subprocess.Popen[bytes], scratch: Path, deadline: float, progress: Progress | None) -> None:
    told = 0
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_INTERVAL_S)
        if progress is not None and (rows := rows_so_far(scratch)) > told:
            told = rows
            progress("read", rows)
        if process.returncode is not None:
            return
        if time.monotonic() > deadline:
            raise Refusal("too_slow")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it has started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _why(code: int | None, last_words: str, cpu_s: int) -> Refusal:
    """What the way in which a child ended says."""
    if code == -getattr(signal, "SIGXCPU", 0):
        return Refusal("too_slow")
    if "memory allocation of" in last_words or "MemoryError" in last_words or "bad_alloc" in last_words:
        return Refusal("too_much_memory")
    if "File too large" in last_words:
        return Refusal("too_much_memory")
    return Refusal("reader_stopped")


def _warn_of_missing_walls(scratch: Path) -> None:
    with suppress(OSError, ValueError, AttributeError):
        standing = json.loads((scratch / child.WALLS).read_text("utf-8"))
        _warn(tuple(name for name in ("limits", "network", "files", "sockets") if standing.get(name) is not True))


@cache
def _warn(missing: tuple[str, ...]) -> None:
    """Say once a process what this machine refused; uploads are read all the same."""
    if missing:
        _log.warning("uploads are read without these walls, which this machine refuses: %s", ", ".join(missing))

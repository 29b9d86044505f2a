"""Files that survive a crash: their bytes are on the disk before their name is, and a name changes hands at once."""

import errno
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO


@contextmanager
def flushed(path: Path) -> Iterator[BinaryIO]:
    """A new file open for writing; it has reached the disk when the block ends."""
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of ``path``, whole, when the block ends; after a failure the old one stays."""
    beside = path.with_name(f".part-{path.name}-{uuid.uuid4().hex[:8]}")
    try:
        with flushed(beside) as file:
            yield file
        beside.replace(path)
        flush_folder(path.parent)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def replacing_path(path: Path) -> Iterator[Path]:
    """A path for a library that opens files by name; the file written there takes the place of ``path`` like above.

    It has the same name in a folder of its own beside ``path``, so that what the library leaves there goes as well. An
    error that names it names ``path`` instead.

    Raises
    ------
    FileNotFoundError
        When there is no folder to write in.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(path.parent))
    try:
        with TemporaryDirectory(dir=path.parent, prefix=".part-") as folder:
            beside = Path(folder) / path.name
            yield beside
            with beside.open("rb+") as file:
                os.fsync(file.fileno())
            beside.replace(path)
        flush_folder(path.parent)
    except OSError as error:
        if str(error.filename).startswith(str(path.parent / ".part-")):
            error.filename = str(path)
        raise


def flush_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where a system can."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)

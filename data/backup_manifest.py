"""What a backup says of itself, as its first member: every file of it with its length and its checksum.

Whoever restores believes this list only as far as a name goes that stays within a folder, and then believes the
archive only where it agrees with the list. Files of equal content are in it once and named again, as the versions of a
workspace share theirs.
"""

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.errors import BadBackup

NAME, FORMAT = "MANIFEST.json", 1
MOST_BYTES = 64 << 20
LONGEST_PATH = 1024
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]|^[A-Za-z]:|(^|/)\.{0,2}(/|$)")


class Entry(BaseModel):
    """A file of a workspace.

    Attributes
    ----------
    path : str
        Within the workspace, parts parted by ``/``.
    size : int
    sha256 : str
    same_as : str
        Path of the earlier file that has the same content, or nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(min_length=1, max_length=LONGEST_PATH)
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    same_as: str = ""


class Manifest(BaseModel):
    """What a backup holds.

    Attributes
    ----------
    product : str
    format : int
    created : str
        ISO 8601, UTC.
    current : str
        Id of the version that was current.
    versions : tuple of str
        Ids of the versions that it holds, by age.
    files : tuple of Entry
        In the order of the archive.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: Literal["jiqun"] = "jiqun"
    format: Literal[1] = 1
    created: str
    current: str
    versions: tuple[str, ...]
    files: tuple[Entry, ...]

    @property
    def nbytes(self) -> int:
        """Bytes that a restored workspace takes."""
        return sum(entry.size for entry in self.files if not entry.same_as)

    def to_bytes(self) -> bytes:
        """As it stands in a backup."""
        return self.model_dump_json(indent=1).encode()


def is_safe(path: str) -> bool:
    """Whether a path stays within the folder that it is of, on every system, and is a name that can be written.

    Examples
    --------
    >>> [is_safe(path) for path in ("plans/规划.yaml", "../x", "/x", "a//b", "a/./b", "C:x", "a\\b", "a/")]
    [True, False, False, False, False, False, False, False]
    """
    try:
        return 0 < len(path.encode()) <= LONGEST_PATH and not _UNSAFE.search(path)
    except UnicodeEncodeError:  # bytes that are no text
        return False


def read_manifest(written: bytes, file: str) -> Manifest:
    """Read what a backup says of itself, and refuse what no backup of ours says.

    Parameters
    ----------
    written : bytes
    file : str
        Name of the backup, for the sentence.

    Raises
    ------
    BadBackup
    """
    try:
        told = json.loads(written)
        if told["product"] != "jiqun":
            raise BadBackup(file, "foreign")
        if told["format"] != FORMAT:
            raise BadBackup(file, "release", f"format {str(told['format'])[:20]}")
        manifest = Manifest.model_validate(told)
    except (UnicodeDecodeError, RecursionError, json.JSONDecodeError, KeyError, TypeError, ValidationError) as error:
        raise BadBackup(file, "foreign") from error
    for problem in _problems(manifest):
        raise BadBackup(file, "unsafe", problem)
    return manifest


def _problems(manifest: Manifest) -> Iterator[str]:
    """What is wrong with the names."""
    seen: dict[str, Entry] = {}
    folders: set[str] = set()
    for entry in manifest.files:
        if not is_safe(entry.path):
            yield f"path {entry.path[:80]!r}"
        if entry.path in seen or entry.path == NAME:
            yield f"{entry.path[:80]!r} twice"
        if entry.same_as:
            first = seen.get(entry.same_as)
            if first is None or first.same_as or (first.size, first.sha256) != (entry.size, entry.sha256):
                yield f"a link from {entry.path[:80]!r} to {entry.same_as[:80]!r}"
        seen[entry.path] = entry
        folders.update(str(parent) for parent in PurePosixPath(entry.path).parents)
    yield from (f"{name[:80]!r} is a file and a folder" for name in folders & set(seen))

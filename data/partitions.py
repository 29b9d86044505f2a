"""Partitions of a table that is too large for one piece: the Parquet files of a folder, cut where row groups end.

A partition is what one task reads at once. A file of many rows is several, so that memory follows the partition and not
the file; a row group is never cut. Left out: folders inside of the folder, and columns that only a folder's name tells
(``year=2021/``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import BadTable, RefusedFile

MOST_ROWS = 1_000_000
SUFFIX = ".parquet"


@dataclass(frozen=True)
class Partition:
    """Rows that one task reads.

    Attributes
    ----------
    path : Path
        Absolute: a worker on another machine has to find it under the same name.
    row_groups : tuple of int
        Which of the file, ascending.
    rows : int
    whole : bool
        Whether these are all rows of the file.
    """

    path: Path
    row_groups: tuple[int, ...]
    rows: int
    whole: bool

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        if self.whole:
            return self.path.name
        return f"{self.path.name}, row groups {self.row_groups[0]} to {self.row_groups[-1]}"


def parquet_files(folder: Path) -> list[Path]:
    """The Parquet files of a folder by name; hidden ones, which are not finished, are left out.

    Raises
    ------
    RefusedFile
        When there is none.
    """
    found = sorted(path for path in folder.iterdir() if path.suffix == SUFFIX and not path.name.startswith((".", "_")))
    if not found:
        raise RefusedFile(str(folder), "no_parquet")
    return [path.resolve() for path in found]


def partitions_of(source: Path, *, most_rows: int = MOST_ROWS) -> list[Partition]:
    """Partitions of a folder of Parquet files, or of one file by its row groups.

    Parameters
    ----------
    source : Path
    most_rows : int, optional
        A partition ends before it has more, unless a single row group has.

    Raises
    ------
    RefusedFile
        When the folder holds no Parquet file.
    BadTable
        When a file is not Parquet, with its name.
    """
    files = parquet_files(source) if source.is_dir() else [source.resolve()]
    return [partition for file in files for partition in _cut(file, most_rows)]


def _cut(path: Path, most_rows: int) -> Iterator[Partition]:
    try:
        with path.open("rb") as file:
            about = pq.read_metadata(file)
    except pa.ArrowException as error:
        raise BadTable(path.name, [" ".join(str(error).split())]) from error
    rows = [about.row_group(i).num_rows for i in range(about.num_row_groups)]
    pieces: list[list[int]] = [[]]
    held = 0
    for group, count in enumerate(rows):
        if pieces[-1] and held + count > most_rows:
            pieces.append([])
            held = 0
        pieces[-1].append(group)
        held += count
    for piece in pieces:
        yield Partition(path, tuple(piece), sum(rows[i] for i in piece), whole=len(pieces) == 1)

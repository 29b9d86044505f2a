"""`data.locating` for every Parquet file of a folder: a file out for a file in, by one task, whole or not there.

A run that was stopped goes on where it was: a file that is there already stays, if it came from the same file (size and
time of change, as rsync judges) by the same places, columns and program. Every worker reads and writes by path, so both
folders have to be under the same name everywhere. Files in the target that no source explains are left alone.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data import columns as c
from data.durable import replacing_path
from data.engine import partition_map
from data.errors import BadTable
from data.locating import STAMP, copy_located
from data.outlines import Outlines, places_of
from data.partitions import parquet_files, partitions_of
from data.program import program
from data.progress import Progress, unheard
from data.settings import LOCAL

COUNTS = ("rows", "located", "near_parks")


@dataclass(frozen=True)
class Rewrite:
    """A file to read and where to write it: what one task does.

    Attributes
    ----------
    source, target : Path
        Absolute.
    rows : int
    stamp : str
        Says what the target was made from.
    """

    source: Path
    target: Path
    rows: int
    stamp: str

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return self.source.name


def locate_folder(
    source: Path,
    target: Path,
    outlines: Outlines,
    *,
    lon: str = c.LON,
    lat: str = c.LAT,
    engine: str = LOCAL,
    progress: Progress = unheard,
) -> dict[str, int]:
    """Copy the Parquet files of a folder with two more columns, as `data.locating.locate_file` does with one.

    Parameters
    ----------
    source, target : Path
        Folders; they must differ, and the target is made when it is not there.
    outlines : Outlines
        Areas and parks.
    lon, lat : str
        Columns with degrees, WGS84.
    engine, progress
        See `data.engine.partition_map`.

    Returns
    -------
    dict
        files, files_kept (there already from an earlier run), and of the files written now rows, located, near_parks.

    Raises
    ------
    BadTable
        When the folders are one, or a file is not Parquet.
    RefusedFile
        When there is no Parquet file.
    PartitionFailed
        When a file cannot be read or written; what is finished stays.
    """
    if source.resolve() == target.resolve():
        raise BadTable(str(source), ["a folder is not located into itself; name another folder with -o"])
    files = parquet_files(source)
    target.mkdir(parents=True, exist_ok=True)
    wanted = list(_rewrites(files, target.resolve(), outlines, lon, lat))
    open_ones = [one for one in wanted if _stamp_of(one.target) != one.stamp]
    told = dict.fromkeys(COUNTS, 0)
    task = partial(rewrite, lon=str(lon), lat=str(lat))
    for counts in partition_map(task, outlines, open_ones, engine=engine, stage="placing", progress=progress):
        told = {name: told[name] + counts[name] for name in COUNTS}
    return {"files": len(wanted), "files_kept": len(wanted) - len(open_ones), **told}


def rewrite(outlines: Outlines, one: Rewrite, *, lon: str, lat: str) -> dict[str, int]:
    """Read one file and write it: the task."""
    with replacing_path(one.target) as path:
        return copy_located(one.source, path, places_of(outlines), lon=lon, lat=lat, stamp=one.stamp.encode())


def _rewrites(files: list[Path], target: Path, outlines: Outlines, lon: str, lat: str) -> Iterator[Rewrite]:
    for file in files:
        known = file.stat()
        made_from = [known.st_size, known.st_mtime_ns, outlines.digest, lon, lat, program()]
        stamp = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()
        rows = sum(partition.rows for partition in partitions_of(file))
        yield Rewrite(file, target / file.name, rows, stamp)


def _stamp_of(path: Path) -> str:
    """What a file that is there was made from; empty when it is not there, or cannot say."""
    try:
        about: dict[bytes, bytes] = pq.read_schema(path).metadata or {}
        return about.get(STAMP, b"").decode()
    except (OSError, pa.ArrowException):
        return ""

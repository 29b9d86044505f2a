"""What ten times as many firms cost: seconds and peak memory from ten thousand to ten million.

Every size has processes of its own, so that no peak is another's: one for ``cli.py locate`` over a file, one for
``cli.py import`` (or, beyond what is an upload, for keeping its columns), one that locates columns in memory, one that
builds the cube and the point pyramid of a version and draws tiles. The slope is that of the logarithms, from the
smallest size to the largest: 1 is time or memory in step with the firms.

``python -m bench.growth [firms ...]`` runs all sizes or these; ``python -m bench.growth job NAME FILE`` is one process.
"""

import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq

from bench.machine import forget_peak, machine, peak_kib
from bench.registers import kept, made_up, opened
from bench.results import Rows, Verdict, report
from bench.rounds import timed
from bench.server import ROOT
from data import columns as c
from data.cube import build_cube
from data.firm_points import firm_points
from data.reference import load_reference
from geo.locate import index_areas
from geo.mercator import mercator
from geo.tiles import grid_tile, point_tile

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
PACKAGES = ("numpy", "pandas", "pyarrow", "shapely", "numba")
LOOK_S = 0.02
FILE_JOB = "cli.py locate, file to file"
IMPORT_JOB = "cli.py import, register to version"
MOST_MB = 4096
MOST_IMPORTED = 5_000_000  # firms; a file of more columns of them is no upload
CITY, CITY_ZOOM, RAMP, LATER = (114.06, 22.54), 11, ("#ffffff", "#777777", "#000000"), 30


# One process


def job_locate(file: Path) -> Iterator[dict[str, Any]]:
    """District of every firm, columns in memory."""
    table = pq.read_table(file, columns=[c.LON, c.LAT])
    lon, lat = table[c.LON].to_numpy(), table[c.LAT].to_numpy()
    districts = load_reference().districts
    index = index_areas(districts)
    index.locate(lon[:1000], lat[:1000])
    yield measured("locate", lambda: index.locate(lon, lat))


def job_version(home: Path) -> Iterator[dict[str, Any]]:
    """What is kept beside a version, and tiles from it."""
    dataset = opened(home)
    yield measured("cube", lambda: build_cube(dataset))
    unprimed = replace(dataset)  # so that nothing is taken from the files of the version
    yield measured("pyramid", lambda: firm_points(unprimed))
    pyramid = firm_points(dataset).pyramid
    x, y = (int(part * 2**CITY_ZOOM) for part in mercator(*CITY))

    def cells() -> bytes | None:
        return grid_tile(pyramid, CITY_ZOOM, x, y, palette=RAMP)

    yield measured("PNG tile, first of its zoom", cells)
    yield measured("PNG tile", cells, LATER)
    zoom = pyramid.point_zoom()
    x, y = (int(part * 2**zoom) for part in mercator(*CITY))
    yield measured("point tile", lambda: point_tile(pyramid, zoom, x, y), LATER)


def job_keep(file: Path, home: Path) -> Iterator[dict[str, Any]]:
    """A register kept from its columns, where it is too large for an upload."""
    yield measured("register kept from its columns", lambda: kept(file, home))


def measured(job: str, run: Callable[[], object], times: int = 1) -> dict[str, Any]:
    """Median seconds, and the most memory of this process meanwhile."""
    forget_peak()
    seconds = statistics.median(timed(run)[1] for _ in range(times))
    return {"job": job, "seconds": float(f"{seconds:.4g}"), "peak_mb": round(peak_kib() / 1024)}


JOBS = {"locate": job_locate, "keep": job_keep, "version": job_version}


# All of them


def measure(firms: int, folder: Path) -> Iterator[dict[str, Any]]:
    """Rows of one size."""
    file, home = made_up(firms, folder), folder / f"home-{firms}"
    yield watched(FILE_JOB, ["locate", str(file), "-o", str(folder / "located.parquet")])
    if firms <= MOST_IMPORTED:
        yield watched(IMPORT_JOB, ["import", str(file)], JIQUN_HOME=str(home))
    else:
        yield from alone("keep", file, home)
    for job, place in (("locate", file), ("version", home)):
        yield from alone(job, place)
    file.unlink()
    shutil.rmtree(home)


def alone(job: str, *places: Path) -> Iterator[dict[str, Any]]:
    """A job in a process of its own."""
    command = [sys.executable, "-m", "bench.growth", "job", job, *map(str, places)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    yield from map(json.loads, done.stdout.splitlines())


def watched(job: str, words: list[str], **env: str) -> dict[str, Any]:
    """A verb of the terminal, start of Python included; its peak is looked at until it ends."""
    command = [sys.executable, "cli.py", *words]
    peak, start = 0, time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ, **env}) as process:
        while process.poll() is None:
            try:
                peak = max(peak, peak_kib(process.pid))
            except OSError:
                break
            time.sleep(LOOK_S)
    if process.returncode:
        raise SystemExit(f"cli.py {words[0]} ended with {process.returncode}")
    return {"job": job, "seconds": round(time.perf_counter() - start, 3), "peak_mb": round(peak / 1024)}


def slopes(rows: Rows) -> dict[str, tuple[float, float]]:
    """Log-log slope of seconds and of memory of each job, between its smallest and its largest size."""
    found = {}
    for job in dict.fromkeys(row["job"] for row in rows):
        ends = sorted((row for row in rows if row["job"] == job), key=lambda row: row["firms"])
        few, many = ends[0], ends[-1]
        if few is not many:
            decades = math.log(many["firms"] / few["firms"])
            found[job] = tuple(math.log(many[what] / few[what]) / decades for what in ("seconds", "peak_mb"))
    return found


def verdicts(rows: Rows) -> Iterator[Verdict]:
    """Memory of the largest file."""
    for row in rows:
        if row["job"] == FILE_JOB and row["firms"] == max(SIZES):
            yield Verdict(f"{row['firms']:,} rows, {FILE_JOB}: peak MB", row["peak_mb"], MOST_MB, at_most=True)


def main(wanted: list[str]) -> None:
    """Run, print, and keep the table."""
    here = machine(PACKAGES)
    rows: Rows = []
    print(here)
    with TemporaryDirectory() as folder:
        for firms in [int(size) for size in wanted] or SIZES:
            for row in measure(firms, Path(folder)):
                rows.append({"firms": firms, **row, "machine": here})
                print(f"{firms:>10}  {row['job']:<28} {row['seconds']:>10} s  {row['peak_mb']:>6} MB", flush=True)
    for job, (seconds, memory) in slopes(rows).items():
        print(f"slope of {job}: {seconds:.2f} in seconds, {memory:.2f} in memory")
    report("growth", rows, verdicts(rows), whole=not wanted)


if __name__ == "__main__":
    if sys.argv[1:2] == ["job"]:
        for found in JOBS[sys.argv[2]](*map(Path, sys.argv[3:])):
            print(json.dumps(found), flush=True)
    else:
        main(sys.argv[1:])

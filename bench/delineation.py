"""Clusters from points: what a million firms take, and what cells of 50 m change in the answer.

Registers are synthetic; points are their own, whatever their precision says, so that all are delineated. Each size has
processes of its own. Cells are compared with points where both can be had: the adjusted Rand index of the labels, and
the share of revenue that lies in another cluster, clusters matched so that it is least. Beside it stands the index of
points that are moved at random as far as cells move them: what any error of that size changes.

``python -m bench.delineation [firms ...]`` runs all sizes or these; ``python -m bench.delineation job NAME FIRMS
FOLDER`` is one process.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score

from bench.growth import measured
from bench.machine import machine
from bench.registers import SEED, imported, made_up, opened
from bench.results import Rows, Verdict, report
from bench.server import ROOT
from clusters.delineation import CELL_M, Delineation, delineate_clusters
from clusters.found_clusters import LEAST_FIRMS, LEAST_SHARE, MOST_SAMPLES, find_clusters
from data import columns as c
from data.reference import load_reference
from geo.crs import to_metric

CRS = 4547
BUNDLED, MANY = 0, 1_000_000
SIZES = (BUNDLED, 5_000, 10_000, 20_000, 100_000, MANY)
COMPARED = (5_000, 10_000, 20_000)
POINTS, REGISTER, BESIDE = "points to clusters", "a register's clusters, with outlines", "cells beside points"
MOST_S, MOST_MB = 60, 1536
PACKAGES = ("numpy", "scipy", "shapely", "pandas")


def points(firms: int, folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Easting, northing, revenue and ids of a synthetic register."""
    table = pq.read_table(made_up(firms, folder), columns=[c.LON, c.LAT, c.REVENUE_CNY, c.FIRM_ID])
    x, y = to_metric(table[c.LON].to_numpy(), table[c.LAT].to_numpy(), crs=CRS)
    return x, y, table[c.REVENUE_CNY].to_numpy().astype(float), table[c.FIRM_ID].to_numpy(zero_copy_only=False)


def delineated(firms: int, folder: Path, *, shaken_m: float = 0, **choices: Any) -> Delineation:
    """Clusters of the points, with the least size that ``find_clusters`` would choose."""
    x, y, _, ids = points(firms, folder)
    if shaken_m:
        east, north = np.random.default_rng(SEED).uniform(-shaken_m, shaken_m, (2, firms))
        x, y = x + east, y + north
    least = max(LEAST_FIRMS, round(firms * LEAST_SHARE))
    return delineate_clusters(x, y, ids, min_size=least, min_samples=min(least, MOST_SAMPLES), **choices)


def taken(job: str, run: Callable[[], object]) -> dict[str, Any]:
    """Seconds by the clock and of the processor, and the most memory meanwhile."""
    start = time.process_time()
    row = measured(job, run)
    return {**row, "cpu_s": float(f"{time.process_time() - start:.4g}")}


def job_points(firms: int, folder: Path) -> Iterator[dict[str, Any]]:
    """From coordinates to labels."""
    found: list[Delineation] = []
    row = taken(POINTS, lambda: found.append(delineated(firms, folder)))
    yield {**row, "places": found[0].places, "cell_m": found[0].cell_m, "clusters": len(found[0].reach_m)}


def job_register(firms: int, folder: Path) -> Iterator[dict[str, Any]]:
    """All that a page would show; the bundled set with its 100 resamples."""
    dataset = opened(imported(firms, folder)) if firms else load_reference()
    found: list[Any] = []
    row = taken(REGISTER, lambda: found.append(find_clusters(dataset, year=dataset.default_year)))
    facts = found[0].facts
    yield {**row, "places": facts["places"], "cell_m": facts["cell_m"], "clusters": len(found[0].clusters)}


def job_beside(firms: int, folder: Path) -> Iterator[dict[str, Any]]:
    """What is lost by cells."""
    exact = delineated(firms, folder)
    cells: list[Delineation] = []
    row = taken(BESIDE, lambda: cells.append(delineated(firms, folder, exact_up_to=1)))
    shaken = delineated(firms, folder, shaken_m=CELL_M / 2)
    revenue = points(firms, folder)[2]
    yield {
        **row,
        "places": cells[0].places,
        "cell_m": cells[0].cell_m,
        "clusters": len(cells[0].reach_m),
        "clusters_exact": len(exact.reach_m),
        "rand": round(adjusted_rand_score(exact.labels, cells[0].labels), 4),
        "rand_shaken": round(adjusted_rand_score(exact.labels, shaken.labels), 4),
        "revenue_moved": round(revenue_moved(exact.labels, cells[0].labels, revenue), 4),
    }


def revenue_moved(one: np.ndarray, other: np.ndarray, revenue: np.ndarray) -> float:
    """Share of revenue that two sets of labels put elsewhere; noise is matched with noise."""
    both = np.zeros((one.max(initial=0) + 1, other.max(initial=0) + 1))
    np.add.at(both, (np.maximum(one, 0), np.maximum(other, 0)), revenue)
    rows, columns = linear_sum_assignment(-both[1:, 1:])
    return float(1 - (both[0, 0] + both[1:, 1:][rows, columns].sum()) / both.sum())


JOBS = {"points": job_points, "register": job_register, "beside": job_beside}


def jobs_of(firms: int) -> list[str]:
    """What is measured at a size."""
    if firms in COMPARED:
        return ["beside"]
    return ["points", "register"] if firms else ["register"]


def alone(job: str, firms: int, folder: Path) -> Iterator[dict[str, Any]]:
    """A job in a process of its own."""
    command = [sys.executable, "-m", "bench.delineation", "job", job, str(firms), str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    yield from map(json.loads, done.stdout.splitlines())


def verdicts(rows: Rows) -> Iterator[Verdict]:
    """Time and memory of a million firms."""
    for row in rows:
        if row["firms"] == MANY:
            yield Verdict(f"{MANY:,} firms, {row['job']}: s", row["seconds"], MOST_S, at_most=True)
            yield Verdict(f"{MANY:,} firms, {row['job']}: peak MB", row["peak_mb"], MOST_MB, at_most=True)


def main(wanted: list[str]) -> None:
    """Run, print, and keep the table."""
    here = machine(PACKAGES)
    rows: Rows = []
    print(here)
    with TemporaryDirectory() as folder:
        for firms in [int(size) for size in wanted] or SIZES:
            for job in jobs_of(firms):
                for row in alone(job, firms, Path(folder)):
                    rows.append({"firms": firms or len(load_reference().firms), **row, "machine": here})
                    print({key: value for key, value in rows[-1].items() if key != "machine"}, flush=True)
    report("delineation", rows, verdicts(rows), whole=not wanted)


if __name__ == "__main__":
    if sys.argv[1:2] == ["job"]:
        for found in JOBS[sys.argv[2]](int(sys.argv[3]), Path(sys.argv[4])):
            print(json.dumps(found), flush=True)
    else:
        main(sys.argv[1:])

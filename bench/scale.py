"""A register of all of China's enterprises, counted: ten and sixty million firms on threads and on two workers.

Made-up firms are scattered over all 2,877 counties (``cli.py synthesize --region 100000``), each county the same share,
five years each. Every size is counted by a process of its own on its threads and by one with a Dask cluster of two
worker processes beside it; the digests of both must agree. A sample of partitions, one thread, tells what reading,
placing, counting and adding up take. Files have just been written, so they are read from the page cache: what a disk or
an object store adds is in the plan of ``docs/scale.md`` and not in the seconds.

``python -m bench.scale [firms ...]`` runs all sizes or these and writes the page after a whole run;
``python -m bench.scale job NAME FOLDER`` is one process. A whole run takes 2.3 GB of disk and up to 6 GB of memory.
"""

import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.cluster import peak_of, processes, worked_of, workers
from bench.machine import machine, peak_kib
from bench.results import Rows, Verdict, report
from bench.scale_soak import digest
from bench.server import ROOT
from data.outlines import Outlines, outlines_of, places_of
from data.partition_cube import add_counted, count_partitions, count_register, read_register
from data.partitions import partitions_of
from data.reference import load_reference
from data.settings import LOCAL
from data.synthetic_parts import write_parts
from geo.boundaries import load_region
from geo.grid_index import worth_compiling

SIZES = (1_000_000, 10_000_000, 60_000_000)
REGION, SEED = "100000", 1
ROWS, FEWEST = 1_000_000, 4  # of a partition; partitions
SAMPLED = 4
PACKAGES = ("numpy", "pandas", "pyarrow", "shapely", "numba", "distributed")


def job_make(folder: Path, firms: int) -> dict[str, Any]:
    """Write the register on two workers."""
    parts = max(FEWEST, firms // ROWS)
    with workers() as cluster:
        start = time.perf_counter()
        written = write_parts(
            folder, firms, SEED, load_reference(), parts=parts, region=load_region(REGION),
            engine=cluster.scheduler_address,
        )  # fmt: skip
        return {**_took(start), "partitions": parts, "mb": round(written / 1e6), **_of_cluster([cluster])}


def job_local(folder: Path, _: int) -> dict[str, Any]:
    """Count on the threads of this process."""
    return _counted(folder, LOCAL, [])


def job_dask(folder: Path, _: int) -> dict[str, Any]:
    """Count on two workers; the memory and the work are those of client and workers together."""
    with workers() as cluster:
        processes(cluster)  # all are there
        return _counted(folder, cluster.scheduler_address, [cluster])


def job_sample(folder: Path, _: int) -> dict[str, Any]:
    """What one thread takes for some partitions, step by step."""
    partitions = partitions_of(folder)
    compiled = worth_compiling(sum(partition.rows for partition in partitions))
    start = time.perf_counter()
    outlines = _outlines()
    places = places_of(outlines)
    index_s = time.perf_counter() - start
    some = partitions[:: max(len(partitions) // SAMPLED, 1)][:SAMPLED]
    spent, counted = dict.fromkeys(("reading_s", "placing_s", "counting_s"), 0.0), []
    places.index.locate([0.0], [0.0], compiled=compiled)  # what compiles does so once
    for partition in some:
        start = time.perf_counter()
        table = read_register(partition)
        spent["reading_s"] += time.perf_counter() - start
        lon, lat = table["lon"].to_numpy(), table["lat"].to_numpy()
        start = time.perf_counter()
        places.index.locate(lon, lat, compiled=compiled)
        placing = time.perf_counter() - start
        start = time.perf_counter()
        counted.append(count_register(table, places, partition.name, compiled=compiled))
        spent["placing_s"] += placing
        spent["counting_s"] += time.perf_counter() - start - placing
    start = time.perf_counter()
    add_counted(counted)
    adding = time.perf_counter() - start
    rows = sum(partition.rows for partition in some)
    per_million = {name: round(seconds / rows * 1e6, 4) for name, seconds in spent.items()}
    return {
        **per_million,
        "adding_s": round(adding / len(some), 4),
        "index_s": round(index_s, 2),
        "outlines_mb": round((len(outlines.areas) + len(outlines.parks)) / 1e6, 1),
        "result_mb": round(float(counted[0].cube.memory_usage(deep=True).sum()) / 1e6, 1),
        "peak_mb": round(peak_kib() / 1024),
    }


JOBS = {"make": job_make, "local": job_local, "dask": job_dask, "sample": job_sample}
TITLES = {"make": "made up, 2 workers", "local": "counted, threads", "dask": "counted, 2 workers", "sample": "steps"}


def _outlines() -> Outlines:
    return outlines_of(load_region(REGION))


def _counted(folder: Path, engine: str, clusters: list[Any]) -> dict[str, Any]:
    partitions, outlines = partitions_of(folder), _outlines()
    used = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    found = count_partitions(partitions, outlines, engine=engine)
    told = {**_took(start), "partitions": len(partitions), "cells": len(found.cube), "digest": digest(found)}
    return {**told, **_of_cluster(clusters, used.ru_utime + used.ru_stime)}


def _took(start: float) -> dict[str, float]:
    return {"seconds": round(time.perf_counter() - start, 2)}


def _of_cluster(clusters: list[Any], before: float = 0.0) -> dict[str, Any]:
    """Work and memory of this process and of the workers of a cluster."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    work = used.ru_utime + used.ru_stime - before + sum(map(worked_of, clusters))
    peak = peak_kib() + sum(map(peak_of, clusters))
    return {"cpu_s": round(work, 1), "peak_mb": round(peak / 1024)}


def measure(firms: int, folder: Path) -> Iterator[dict[str, Any]]:
    """Rows of one size; the digests must agree."""
    place, digests = folder / f"{firms}", set()
    for name in JOBS:
        command = [sys.executable, "-m", "bench.scale", "job", name, str(place), str(firms)]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        told = json.loads(done.stdout.splitlines()[-1])
        digests |= {told["digest"]} if "digest" in told else set()
        yield {"firms": firms, "job": TITLES[name], **told}
    shutil.rmtree(place)
    if len(digests) != 1:
        raise SystemExit(f"{firms:,} firms: threads and workers count differently")


def verdicts(rows: Rows) -> Iterator[Verdict]:
    """Memory that does not grow with the register, and time in step with it."""
    found = {(row["firms"], row["job"]): row for row in rows}
    for job in (TITLES["local"], TITLES["dask"]):
        few, many = found.get((SIZES[1], job)), found.get((SIZES[2], job))
        if few and many:
            times = SIZES[2] / SIZES[1]
            yield Verdict(f"{job}: seconds, 60M over 10M and {times:g}", many["seconds"] / few["seconds"] / times, 1.25,
                          at_most=True)  # fmt: skip
            yield Verdict(f"{job}: peak MB of 60M over 10M", many["peak_mb"] / few["peak_mb"], 1.5, at_most=True)


def main(wanted: list[str]) -> None:
    """Run, print, keep the table and write the page."""
    here = machine(PACKAGES)
    rows: Rows = []
    print(here)
    with TemporaryDirectory() as folder:
        for firms in [int(size) for size in wanted] or SIZES:
            for row in measure(firms, Path(folder)):
                rows.append({**row, "machine": here})
                print(*(f"{key} {value}" for key, value in row.items()), sep="  ", flush=True)
    report("scale", rows, verdicts(rows), whole=not wanted)
    if not wanted:
        from bench import scale_page

        scale_page.main()


if __name__ == "__main__":
    if sys.argv[1:2] == ["job"]:
        print(json.dumps(JOBS[sys.argv[2]](Path(sys.argv[3]), int(sys.argv[4]))), flush=True)
    else:
        main(sys.argv[1:])

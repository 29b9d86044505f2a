"""Ten million firms counted on a cluster and on threads: the same to the last bit, also when workers are killed?

``python -m bench.scale_soak [--firms 10000000] [--partitions 20] [--kills 5]`` makes up a register over the counties of
Guangdong, counts it on the threads of one process, on two workers, and on two workers of which one is killed with
SIGKILL while it has partitions in hand, again and again. Every count is compared by a digest over all cells, ids and
rows; files located on the cluster are compared byte by byte. The controls must differ, or equal digests would prove
nothing: one partition left out, one yuan more in one cell, and the total of every cell added up in floats in another
order. A register of ten million takes 330 MB on the disk, the located files the same once more for each engine.
"""

import argparse
import hashlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
from distributed import LocalCluster

from bench.cluster import processes, workers
from data import columns as c
from data.locating_folder import locate_folder
from data.outlines import Outlines, outlines_of
from data.partition_cube import Counted, count_partition, count_partitions
from data.partitions import Partition, partitions_of
from data.reference import load_reference
from data.settings import LOCAL
from data.synthetic_parts import write_parts
from geo.boundaries import load_region

REGION, SEED = "440000", 11
LOCATED = 4  # partitions whose located files are compared


@dataclass(frozen=True)
class Killed:
    """One run in which a worker was killed."""

    digest: str
    in_hand: int
    seconds: float


def digest(counted: Counted) -> str:
    """Changes with any cell, id or number of rows."""
    table = pa.Table.from_pandas(counted.cube, preserve_index=False)
    told = hashlib.sha256(repr((table.to_pydict(), counted.rows, counted.synthetic, counted.ids)).encode())
    return told.hexdigest()[:16]


def count_and_kill(cluster: LocalCluster, partitions: Sequence[Partition], outlines: Outlines, *, after: int) -> Killed:
    """Count on a cluster, and kill a worker that has work in hand when so many rows are done."""
    numbers, in_hand = processes(cluster), []

    def kill(_: str, done: int, __: int) -> None:
        busy = {address: len(worker.processing) for address, worker in cluster.scheduler.workers.items()}
        victims = [address for address in numbers if busy.get(address)]
        if not in_hand and done >= after and victims:
            in_hand.append(busy[victims[0]])
            os.kill(numbers[victims[0]], signal.SIGKILL)

    start = time.perf_counter()
    found = count_partitions(partitions, outlines, engine=cluster.scheduler_address, progress=kill)
    return Killed(digest(found), sum(in_hand), time.perf_counter() - start)


def controls(partitions: Sequence[Partition], outlines: Outlines, whole: Counted) -> dict[str, bool]:
    """What must not have the digest of the whole, and whether it has not."""
    right = digest(whole)
    richer = whole.cube.copy()
    richer.loc[len(richer) // 2, c.TOTAL_CNY] += 1
    some = [count_partition(outlines, partition) for partition in partitions[:3]]
    money = np.concatenate([one.cube[c.TOTAL_CNY].to_numpy(np.float64) for one in some]) / 1e8
    return {
        "one partition left out": digest(count_partitions(partitions[1:], outlines)) != right,
        "one yuan more in one cell": digest(replace(whole, cube=richer)) != right,
        "floats in another order": float(np.cumsum(money)[-1]) != float(np.cumsum(np.sort(money))[-1]),
    }


def located_differ(folder: Path, outlines: Outlines, scratch: Path, address: str) -> int:
    """How many located files differ between threads and cluster."""
    source = scratch / "some"
    source.mkdir()
    for file in sorted(folder.iterdir())[:LOCATED]:
        shutil.copy2(file, source / file.name)
    for name, engine in (("local", LOCAL), ("cluster", address)):
        locate_folder(source, scratch / name, outlines, engine=engine)
    return sum(_sha(scratch / "local" / p.name) != _sha(scratch / "cluster" / p.name) for p in source.iterdir())


def _sha(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def soak(firms: int, parts: int, kills: int, folder: Path) -> bool:
    """Run all of it, print a line each; whether nothing was found."""
    region = load_region(REGION)
    outlines = outlines_of(region, load_reference().parks)
    with workers() as cluster:
        start = time.perf_counter()
        written = write_parts(
            folder / "r", firms, SEED, load_reference(), parts=parts, region=region, engine=cluster.scheduler_address
        )
        took = time.perf_counter() - start
        print(f"{firms:,} firms in {parts} partitions, {written / 1e6:,.0f} MB, made up in {took:.0f} s", flush=True)
        partitions = partitions_of(folder / "r")
        start = time.perf_counter()
        whole = count_partitions(partitions, outlines)
        took = time.perf_counter() - start
        right = digest(whole)
        print(f"threads: {whole.rows:,} rows, {len(whole.cube):,} cells, digest {right}, {took:.1f} s", flush=True)
        start = time.perf_counter()
        same = digest(count_partitions(partitions, outlines, engine=cluster.scheduler_address)) == right
        took = time.perf_counter() - start
        print(f"two workers: {'the same' if same else 'ANOTHER digest'}, {took:.1f} s", flush=True)
        differ = located_differ(folder / "r", outlines, folder, cluster.scheduler_address)
        print(f"located files that differ: {differ} of {min(parts, LOCATED)}", flush=True)
        rng, wrong, in_hand = np.random.default_rng(SEED), 0, 0
        for number in range(kills):
            killed = count_and_kill(cluster, partitions, outlines, after=int(rng.integers(1, max(firms // 2, 2))))
            wrong += killed.digest != right
            in_hand += killed.in_hand > 0
            said = "the same" if killed.digest == right else "ANOTHER digest"
            told = f"a worker with {killed.in_hand} partitions in hand was killed"
            print(f"kill {number + 1}: {told}: {said}, {killed.seconds:.1f} s", flush=True)
    print(f"{in_hand} of {kills} kills hit a worker at work; {wrong} results differ")
    kept = controls(partitions, outlines, whole)
    for name, held in kept.items():
        print(f"control, {name}: {'as it must' if held else 'NOT as it must'}")
    return same and not differ and not wrong and in_hand == kills and all(kept.values())


def main() -> None:
    """Run and fail when anything differs that must not, or does not that must."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=10_000_000)
    parser.add_argument("--partitions", type=int, default=20)
    parser.add_argument("--kills", type=int, default=5)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        if not soak(asked.firms, asked.partitions, asked.kills, Path(folder)):
            sys.exit("threads and cluster differ, or a control does not")


if __name__ == "__main__":
    main()

"""A Dask cluster of worker processes on this machine, for measuring and for killing."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from distributed import Client, LocalCluster

from bench.machine import peak_kib, worked_s

WORKERS = 2


@contextmanager
def workers() -> Iterator[LocalCluster]:
    """A scheduler in this process and workers of one thread in processes of their own, which are not heard."""
    with LocalCluster(
        n_workers=WORKERS,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    ) as cluster:
        yield cluster


def processes(cluster: LocalCluster) -> dict[str, int]:
    """Process number of each worker by its address, once all of them are there."""
    with Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(WORKERS)
        found: dict[str, int] = client.run(os.getpid)
    return found


def peak_of(cluster: LocalCluster) -> int:
    """The most memory that the workers held, added up, KiB."""
    return sum(map(peak_kib, processes(cluster).values()))


def worked_of(cluster: LocalCluster) -> float:
    """Seconds that the processor was at work for the workers."""
    return sum(map(worked_s, processes(cluster).values()))

"""Where partitions are worked on: on the threads of this process, or on the workers of a Dask cluster.

A task is a plain function of what all partitions share and of one partition. It runs as it is either way, so the two
engines differ in time and place only; results come as they are ready, and whoever reduces them must not care about
their order. What is left out: tasks that need each other, and sharing out by where the data lie.
"""

import logging
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol, TypeVar

import pyarrow as pa

from data.errors import BadTable, DataError, PartitionFailed
from data.progress import Progress, unheard
from data.settings import LOCAL
from geo.errors import GeoError

AHEAD = 2  # partitions handed out for each thread, so that none waits

log = logging.getLogger(__name__)


class Piece(Protocol):
    """What a task works on."""

    @property
    def name(self) -> str:
        """What a sentence calls it."""

    @property
    def rows(self) -> int:
        """How much of the whole it is."""


S = TypeVar("S")
P = TypeVar("P", bound=Piece)
R = TypeVar("R")


@dataclass(frozen=True)
class Failed:
    """A task that could not do its work, and why."""

    problem: str


def partition_map(
    task: Callable[[S, P], R],
    shared: S,
    partitions: Sequence[P],
    *,
    engine: str,
    stage: str,
    progress: Progress = unheard,
) -> Iterator[R]:
    """Results of a task for every partition, as they are ready.

    Parameters
    ----------
    task : callable
        A function of a module, which any process can find by its name.
    shared : object
        What every task needs; it goes to each worker once.
    partitions : sequence
        Each has a name and rows.
    engine : str
        ``'local'``, or the address of a Dask scheduler.
    stage : str
        What the progress calls the work.
    progress : callable, optional
        Told the rows that are done.

    Raises
    ------
    PartitionFailed
        When a task fails: its partition and why. Those not begun are called off.
    UnusableEngine
        When the cluster is not there, or its workers run another program.
    """
    total, done = sum(partition.rows for partition in partitions), 0
    progress(stage, 0, total)
    if engine == LOCAL:
        results = _on_threads(task, shared, partitions)
    else:
        from data.dask_engine import on_cluster

        results = on_cluster(engine, task, shared, partitions)
    with closing(results):
        for partition, result in results:
            if isinstance(result, Failed):
                raise PartitionFailed(partition.name, result.problem)
            done += partition.rows
            progress(stage, done, total)
            yield result


def attempted(task: Callable[[S, P], R], shared: S, partition: P) -> R | Failed:
    """What a task gives, or why it cannot; what nobody foresaw is logged where it happened."""
    try:
        return task(shared, partition)
    except BadTable as error:
        return Failed("; ".join(error.problems))
    except (DataError, GeoError, OSError, pa.ArrowException) as error:
        return Failed(" ".join(str(error).split()))
    except Exception as error:
        log.exception("partition %s", partition.name)
        return Failed(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")


def _on_threads(
    task: Callable[[S, P], R], shared: S, partitions: Sequence[P]
) -> Generator[tuple[P, R | Failed], None, None]:
    """A loop over partitions on as many threads as there are cores."""
    threads = os.cpu_count() or 1
    waiting = iter(partitions)
    at_work: dict[Future[R | Failed], P] = {}
    with ThreadPoolExecutor(threads) as pool:
        try:
            while True:
                while len(at_work) < AHEAD * threads and (partition := next(waiting, None)) is not None:
                    at_work[pool.submit(attempted, task, shared, partition)] = partition
                if not at_work:
                    return
                for future in wait(at_work, return_when=FIRST_COMPLETED).done:
                    yield at_work.pop(future), future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

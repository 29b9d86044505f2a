"""Tasks on the workers of a Dask cluster: one a partition, on a cluster that others started and that others may use.

A worker that dies takes nothing with it but time: its partitions go to another one, and what all of them share is a
task itself, which is done again where it was lost. What travels is bytes and a function of Python itself, since a
worker that cannot find the code of a message stops: so the scheduler needs no program of ours, and a worker without it
says so and goes on for others. A worker answers for the program that it runs with every task, so one that joins late is
found out too. Dask sends Python objects between client, scheduler and workers: whoever reaches
their ports can run code there, so they belong into a network that is trusted, or behind TLS (``tls://``, with the
certificates that Dask's own settings name). Left out: starting a cluster, and reading from where a worker has no path.
"""

import logging
import os
import pickle
import time
import warnings
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from threading import Thread
from typing import TypeVar
from uuid import uuid4

from data.engine import Failed, Piece, attempted
from data.errors import UnusableEngine
from data.program import program

try:
    from distributed import Client, Future, KilledWorker, get_worker, wait
    from distributed.comm import CommClosedError
    from distributed.versions import VersionMismatchWarning
except ImportError as error:
    raise UnusableEngine("", "not_installed", problem=str(error)) from error

CONNECT_S, GRACE_S = 10.0, 5.0
PATIENCE_S = 60.0  # how long a cluster may be without any worker
LOOK_S = 5.0
AHEAD = 256  # tasks handed out at a time, so that results do not pile up

S = TypeVar("S")
P = TypeVar("P", bound=Piece)
R = TypeVar("R")


@dataclass(frozen=True)
class Stranger:
    """A worker that runs another program, and what sets it apart."""

    worker: str
    differs: str


def on_cluster(
    address: str, task: Callable[[S, P], R], shared: S, partitions: Sequence[P]
) -> Generator[tuple[P, R | Failed], None, None]:
    """Results of a task for every partition, as they are ready.

    Parameters
    ----------
    address : str
        Of the scheduler.
    task, shared, partitions
        As for `data.engine.partition_map`.

    Raises
    ------
    UnusableEngine
        When the scheduler or its workers are not there, leave for good, or run another program.
    """
    with _client(address) as client:
        waiting = iter(partitions)
        at_work: dict[Future, P] = {}
        lent = _lend(client, shared)
        try:
            while True:
                while len(at_work) < AHEAD and (partition := next(waiting, None)) is not None:
                    key = f"jiqun-{uuid4().hex}"
                    call = pickle.dumps(_Call(task, partition), protocol=5, buffer_callback=lambda _: None)
                    future = client.submit(pickle.loads, call, buffers=[lent], key=key, pure=False)
                    at_work[future] = partition
                if not at_work:
                    return
                for future in _done(client, address, list(at_work)):
                    yield at_work.pop(future), _result(future, address)
                    future.release()
        except (CommClosedError, CancelledError, OSError) as error:
            raise UnusableEngine(address, "lost", problem=_short(error)) from error
        finally:
            if client.status == "running":
                client.cancel([*at_work, lent], force=True)


def _lend(client: Client, shared: object) -> Future:
    """What all tasks share, as bytes that a worker has once and that are sent again when they were lost."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # of tens of MB, once
        return client.submit(bytes, pickle.dumps(shared, protocol=5), key=f"jiqun-shared-{uuid4().hex}", pure=False)


class _Call:
    """A call of `_answer` that is made where it is unpickled; the first buffer beside it is what tasks share."""

    def __init__(self, task: object, partition: object) -> None:
        self.task, self.partition = task, partition

    def __reduce__(self) -> tuple[object, ...]:
        return _answer, (self.task, pickle.PickleBuffer(b""), self.partition, program())


class _Client(Client):  # type: ignore[misc]
    """A client that is closed by whoever made it; one that never connected would complain when it is forgotten."""

    def __del__(self) -> None:
        pass


def _client(address: str) -> Client:
    """A client of the scheduler, which has a worker.

    It is made on a thread of its own: a port that is open and says nothing would be listened to for ever.
    """
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what goes wrong is raised, and told once
    made: list[Client | Exception] = []
    maker = Thread(target=_make_client, args=(address, made), daemon=True)
    maker.start()
    maker.join(CONNECT_S + GRACE_S)
    client = made[0] if made else TimeoutError(f"no answer within {CONNECT_S + GRACE_S:g} s")
    if isinstance(client, Exception):
        raise UnusableEngine(address, "unreachable", problem=_short(client)) from client
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError as error:
        client.close()
        raise UnusableEngine(address, "no_workers") from error
    return client


def _make_client(address: str, made: "list[Client | Exception]") -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # `program` says it of what matters
            made.append(_Client(address, timeout=CONNECT_S, set_as_default=False))
    except Exception as error:  # not there; no Dask; no certificates
        made.append(error)


def _done(client: Client, address: str, futures: list[Future]) -> set[Future]:
    """Futures that have ended; waits for one, as long as there is anybody to do it."""
    seen = time.monotonic()
    while True:
        try:
            with client.as_current():
                ended: set[Future] = wait(futures, timeout=LOOK_S, return_when="FIRST_COMPLETED").done
            return ended
        except TimeoutError:
            if client.scheduler_info(n_workers=-1)["workers"]:
                seen = time.monotonic()
            elif time.monotonic() - seen > PATIENCE_S:
                raise UnusableEngine(address, "no_workers") from None


def _result(future: Future, address: str) -> "R | Failed":
    try:
        answer: R | Failed | Stranger = future.result()
    except KilledWorker as error:
        return Failed(f"every worker that took it died ({error.last_worker.address} was the last)")
    except (ImportError, AttributeError) as error:
        raise UnusableEngine(address, "no_program", problem=_short(error)) from error
    if isinstance(answer, Stranger):
        raise UnusableEngine(address, "other_program", worker=answer.worker, problem=answer.differs)
    return answer


# On a worker


def _answer(task: Callable[[S, P], R], lent: bytes, partition: P, asked: dict[str, str]) -> "R | Failed | Stranger":
    own = program()
    if differs := [
        f"{name} {own.get(name)} there, {asked[name]} here" for name in asked if own.get(name) != asked[name]
    ]:
        return Stranger(f"{get_worker().address} (process {os.getpid()})", ", ".join(differs))
    return attempted(task, pickle.loads(lent), partition)  # noqa: S301 - it came with the call


def _short(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:200]

"""A cluster of two worker processes gives what the threads of this process give, whatever happens to a worker."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

import data.dask_engine as dask_engine
from data.dataset import Dataset
from data.engine import partition_map
from data.errors import PartitionFailed, UnusableEngine
from data.locating_folder import locate_folder
from data.outlines import Outlines, outlines_of
from data.partition_cube import Counted, add_counted, count_partitions
from data.partitions import partitions_of
from data.settings import LOCAL
from data.synthetic_parts import write_parts
from tests.partition_tasks import Gate, Piece, counts_when_told, dies, fails, times

distributed = pytest.importorskip("distributed")
PARTS, FIRMS = 6, 3_000
PATIENCE_S = 60

pytestmark = pytest.mark.filterwarnings(
    "ignore:unclosed:ResourceWarning",  # sockets of a worker that was killed
    "ignore::pytest.PytestUnraisableExceptionWarning",  # the same, seen when the collector passes
)


@pytest.fixture(scope="module")
def started() -> Iterator["distributed.LocalCluster"]:
    quiet = logging.CRITICAL  # deaths are meant here
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", silence_logs=quiet
    ) as made:
        yield made


@pytest.fixture
def cluster(started: "distributed.LocalCluster") -> "distributed.LocalCluster":
    """Both workers are there: one that a test before killed comes back in its own time."""
    waited(lambda: len(started.scheduler.workers) == 2)
    return started


@pytest.fixture(scope="module")
def register(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("register")
    write_parts(folder, FIRMS, 1, dataset, parts=PARTS)
    return folder


@pytest.fixture(scope="module")
def outlines(dataset: Dataset) -> Outlines:
    return outlines_of(dataset.districts, dataset.parks)


@pytest.fixture(scope="module")
def local(register: Path, outlines: Outlines) -> Counted:
    return count_partitions(partitions_of(register), outlines)


def waited(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_cluster_counts_what_threads_count(
    cluster: "distributed.LocalCluster", register: Path, outlines: Outlines, local: Counted
) -> None:
    heard: list[tuple[str, int, int]] = []
    found = count_partitions(
        partitions_of(register),
        outlines,
        engine=cluster.scheduler_address,
        progress=lambda *told: heard.append(told),
    )
    assert_frame_equal(found.cube, local.cube, check_exact=True)
    assert (found.rows, found.synthetic, found.ids, found.once) == (FIRMS, True, local.ids, True)
    assert heard == [("placing", FIRMS * done // PARTS, FIRMS) for done in range(PARTS + 1)]


def test_a_cluster_writes_the_files_that_threads_write(
    cluster: "distributed.LocalCluster", register: Path, outlines: Outlines, tmp_path: Path
) -> None:
    told = [
        locate_folder(register, tmp_path / name, outlines, engine=engine)
        for name, engine in (("local", LOCAL), ("cluster", cluster.scheduler_address))
    ]
    assert told[0] == told[1]
    for file in sorted(register.iterdir()):
        assert (tmp_path / "local" / file.name).read_bytes() == (tmp_path / "cluster" / file.name).read_bytes()


def test_a_cluster_makes_up_the_register_that_threads_make_up(
    cluster: "distributed.LocalCluster", register: Path, dataset: Dataset, tmp_path: Path
) -> None:
    write_parts(tmp_path, FIRMS, 1, dataset, parts=PARTS, engine=cluster.scheduler_address)
    for file in sorted(register.iterdir()):
        assert file.read_bytes() == (tmp_path / file.name).read_bytes()


def test_killing_a_worker_at_work_changes_nothing(
    cluster: "distributed.LocalCluster", register: Path, outlines: Outlines, local: Counted, tmp_path: Path
) -> None:
    gate, partitions = Gate(tmp_path, outlines), partitions_of(register)

    def run() -> Counted:
        engine = cluster.scheduler_address
        return add_counted(partition_map(counts_when_told, gate, partitions, engine=engine, stage="placing"))

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        waited(lambda: len(gate.at_work()) == 2)  # both workers hold a partition that none has finished
        name, (victim,) = next(iter(gate.at_work().items()))
        os.kill(victim, signal.SIGKILL)
        waited(lambda: not alive(victim))
        gate.opened.touch()
        found = running.result(PATIENCE_S)
    took_it = gate.at_work()[name]
    assert victim in took_it
    assert len(took_it) == 2  # another process did it again
    assert_frame_equal(found.cube, local.cube, check_exact=True)
    assert found.ids == local.ids


def test_a_task_that_kills_every_worker_ends_in_one_sentence(
    cluster: "distributed.LocalCluster", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    with pytest.raises(PartitionFailed, match="partition piece 1: every worker that took it died"):
        list(partition_map(dies, None, [Piece(1)], engine=cluster.scheduler_address, stage="placing"))


@pytest.mark.parametrize("where", [LOCAL, "cluster"])
def test_a_task_that_always_fails_ends_in_one_sentence(cluster: "distributed.LocalCluster", where: str) -> None:
    engine = LOCAL if where == LOCAL else cluster.scheduler_address
    with pytest.raises(PartitionFailed) as raised:
        list(partition_map(fails, None, [Piece(n) for n in range(5)], engine=engine, stage="placing"))
    assert str(raised.value) == "partition piece 2: ZeroDivisionError: nothing to share out"


def test_a_damaged_partition_is_named(
    cluster: "distributed.LocalCluster", register: Path, outlines: Outlines, tmp_path: Path
) -> None:
    for file in register.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    damaged = tmp_path / "part-00003.parquet"
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:4] + bytes(len(whole) // 2) + whole[4 + len(whole) // 2 :])  # the footer stays
    for engine in (LOCAL, cluster.scheduler_address):
        with pytest.raises(PartitionFailed, match=r"partition part-00003\.parquet: "):
            count_partitions(partitions_of(tmp_path), outlines, engine=engine)


def test_whoever_stops_listening_stops_the_work(cluster: "distributed.LocalCluster") -> None:
    results = partition_map(times, 3, [Piece(n) for n in range(50)], engine=cluster.scheduler_address, stage="placing")
    with closing(results):  # as Ctrl-C does
        next(results)
    waited(lambda: not cluster.scheduler.tasks)
    again = partition_map(times, 3, [Piece(n) for n in range(50)], engine=cluster.scheduler_address, stage="placing")
    assert sorted(again) == [3 * n for n in range(50)]


def test_a_worker_with_another_program_is_refused(
    cluster: "distributed.LocalCluster", monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = dask_engine.program()
    monkeypatch.setattr(dask_engine, "program", lambda: {**mine, "source": "0000aaaa", "numpy": "1.0"})
    with pytest.raises(UnusableEngine) as raised:
        list(partition_map(times, 3, [Piece(1)], engine=cluster.scheduler_address, stage="placing"))
    assert raised.value.reason == "other_program"
    assert f"source {mine['source']} there, 0000aaaa here, numpy {mine['numpy']} there, 1.0 here" in str(raised.value)


def test_workers_without_the_program_and_a_cluster_without_workers_are_told_apart(tmp_path: Path) -> None:
    with distributed.LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL) as empty:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dask_engine, "CONNECT_S", 0.5)
            with pytest.raises(UnusableEngine) as raised:
                list(partition_map(times, 3, [Piece(1)], engine=empty.scheduler_address, stage="placing"))
        assert raised.value.reason == "no_workers"
        command = [sys.executable, "-P", "-m", "distributed.cli.dask_worker", empty.scheduler_address, "--no-nanny",
                   "--no-dashboard", "--nthreads", "1"]  # fmt: skip
        elsewhere = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        with subprocess.Popen(command, cwd=tmp_path, env=elsewhere, stderr=subprocess.DEVNULL) as worker:
            try:
                with pytest.raises(UnusableEngine) as raised:
                    list(partition_map(times, 3, [Piece(1)], engine=empty.scheduler_address, stage="placing"))
            finally:
                worker.terminate()
        assert raised.value.reason == "no_program"


def test_a_scheduler_that_is_not_there_ends_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_engine, "CONNECT_S", 0.2)
    with pytest.raises(UnusableEngine) as raised:
        list(partition_map(times, 3, [Piece(1)], engine="tcp://127.0.0.1:9", stage="placing"))
    assert raised.value.reason == "unreachable"


def test_threads_do_what_a_plain_loop_does() -> None:
    pieces = [Piece(n) for n in range(100)]
    assert sorted(partition_map(times, 7, pieces, engine=LOCAL, stage="placing")) == [7 * n for n in range(100)]
    assert list(partition_map(times, 7, [], engine=LOCAL, stage="placing")) == []


def test_dask_is_imported_only_when_it_is_chosen() -> None:
    program = (
        "import sys, cli, data.partition_cube, data.locating_folder\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'dask', 'distributed'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_dask_a_sentence_tells_what_to_install() -> None:
    program = (
        "import sys; sys.modules['distributed'] = None\n"
        "from data.engine import partition_map\n"
        "try: list(partition_map(print, 1, [], engine='tcp://127.0.0.1:9', stage='placing'))\n"
        "except ValueError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "needs the packages of requirements-dask.txt" in done.stdout


def test_a_port_that_says_nothing_ends_in_one_sentence() -> None:
    program = (
        "import sys; import data.dask_engine as engine\n"
        "engine.CONNECT_S = engine.GRACE_S = 0.1\n"
        "try: list(engine.on_cluster(sys.argv[1], print, 1, []))\n"
        "except ValueError as error: print(error)"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        command = [sys.executable, "-c", program, f"tcp://127.0.0.1:{silent.getsockname()[1]}"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_S)
    assert "no answer within 0.2 s" in done.stdout
    assert done.stderr == ""

"""A real process that is told to stop: it says so first, ends what runs, waits for imports, and exits with 0."""

import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from api import leaving
from api.health import Readiness
from api.leaving import LeavingServer
from bench.server import HOST, free_port
from data.exclusive import holding
from data.importing import Told
from data.job_files import ALIVE, Asked, Wish, make_folder, write_asked
from data.settings import Settings

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def status(port: int, path: str) -> int:
    """Status of an answer; 0 when nobody listens."""
    with closing(http.client.HTTPConnection(HOST, port, timeout=PATIENCE_S)) as connection:
        try:
            connection.request("GET", path)
            with connection.getresponse() as answer:
                return answer.status
        except (OSError, http.client.HTTPException):
            return 0


Start = Callable[..., tuple["subprocess.Popen[bytes]", int]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    begun: list[subprocess.Popen[bytes]] = []

    def starting(stop_s: float = 60) -> tuple["subprocess.Popen[bytes]", int]:
        port = free_port()
        command = [sys.executable, "-m", "tests.api.serve_slow", str(port), str(tmp_path), str(stop_s)]
        begun.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE))
        until(lambda: status(port, "/healthz") == 200)
        return begun[-1], port

    yield starting
    for process in begun:
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


def test_a_request_and_an_import_end_and_readers_are_told_first(start: Start, tmp_path: Path) -> None:
    (tmp_path / "import").touch()
    process, port = start()
    assert status(port, "/readyz") == 200
    with ThreadPoolExecutor(1) as aside, connect(f"ws://{HOST}:{port}/talk") as talk:
        slow = aside.submit(status, port, "/slow")
        until((tmp_path / "begun").exists)
        process.send_signal(signal.SIGTERM)
        until(lambda: status(port, "/readyz") == 503)
        time.sleep(0.5)  # longer than it drains: the import alone holds it
        assert status(port, "/healthz") == 200
        talk.send("still here")
        assert talk.recv(PATIENCE_S) == "still here"
        (tmp_path / "import").unlink()
        with pytest.raises(ConnectionClosed) as closed:
            talk.recv(PATIENCE_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        until(lambda: status(port, "/healthz") == 0)  # nobody new is let in
        assert process.poll() is None  # the request is still answered
        (tmp_path / "go").touch()
        assert slow.result(PATIENCE_S) == 200
    assert process.wait(PATIENCE_S) == 0


def test_who_asks_twice_is_obeyed_at_once_and_a_request_without_end_holds_nobody_up(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "import").touch()
    process, port = start(stop_s=3600)
    with ThreadPoolExecutor(1) as aside:
        cut = aside.submit(status, port, "/slow")
        until((tmp_path / "begun").exists)
        process.send_signal(signal.SIGTERM)
        until(lambda: status(port, "/readyz") == 503)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        assert cut.result(PATIENCE_S) in (0, 500)


def test_imports_are_waited_for_as_long_as_was_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now, told = [100.0], Readiness(list)
    monkeypatch.setattr(leaving.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(leaving.threading, "Timer", lambda *_: SimpleNamespace(start=lambda: None))
    at_work = [True]
    server = LeavingServer(uvicorn.Config(None), drain_s=2, stop_s=30, told=told, at_work=lambda: at_work[0])

    def closes() -> bool:
        tick = server.on_tick(leaving.LOOK_EVERY)
        with pytest.raises(StopIteration) as ended:
            tick.send(None)
        return bool(ended.value.value)

    assert not closes()
    server.handle_exit(signal.SIGTERM, None)
    at_work[0] = False
    assert told.stopping
    now[0] += 1  # it drains, though nothing is at work
    assert not closes()
    at_work[0] = True
    now[0] += 30
    assert not closes()
    now[0] += 1
    assert closes()
    assert "imports are still at work" in caplog.text


def test_a_worker_that_lives_is_an_import_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "settings", lambda: Settings(home=tmp_path))
    assert not leaving.imports_at_work()
    folder = make_folder(tmp_path, "0123456789abcdef")
    write_asked(folder, Asked(name="x.csv", wish=Wish.IMPORT, run=1, ticket=0.0, created="", told=Told()))
    with holding(folder / ALIVE):
        assert leaving.imports_at_work()
    assert not leaving.imports_at_work()

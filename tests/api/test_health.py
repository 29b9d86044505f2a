"""Alive and ready: told small, told at once, and without a word that is nobody's business."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.requests import Request

import data.readiness
import data.settings
from api import health
from api.health import IN_TIME, STOPPING, Readiness, health_routes
from data.dataset import Dataset
from data.readiness import failed_checks
from data.synthetic import synthesize, write_register
from data.workspace import versions_folder
from tests.api.conftest import Answer, ask
from tests.register_files import import_register


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path / "s3cret"))
    data.settings.settings.cache_clear()
    yield tmp_path / "s3cret"
    monkeypatch.undo()
    data.settings.settings.cache_clear()


def ready() -> Answer:
    answer = ask(health_routes(Readiness()), "/readyz")
    assert answer.headers["cache-control"] == "no-store"
    assert "s3cret" not in answer.body.decode()
    return answer


def test_an_empty_workspace_is_ready_and_a_process_is_alive(home: Path) -> None:
    assert (ready().status, json.loads(ready().body)) == (200, {"status": "ready"})
    alive = ask(health_routes(Readiness(lambda: pytest.fail("it looked at data"))), "/healthz")
    assert (alive.status, json.loads(alive.body)) == (200, {"status": "alive"})
    assert alive.headers["cache-control"] == "no-store"


def test_each_check_is_told_by_name_and_no_more(
    home: Path, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_register(synthesize(30, 1, dataset), tmp_path / "made.parquet")
    version = import_register(tmp_path / "made.parquet", home, dataset).id
    assert ready().status == 200
    with monkeypatch.context() as patch:
        patch.setattr(data.readiness, "free_bytes", lambda _: 5)
        assert json.loads(ready().body) == {"status": "not ready", "failed": ["disk"]}
    (versions_folder(home) / "current").write_text(f"{version}9")
    assert json.loads(ready().body) == {"status": "not ready", "failed": ["version"]}
    (home / "store.db").write_bytes(b"no catalogue" * 100)
    answer = ready()
    assert answer.status == 503
    assert json.loads(answer.body)["failed"] == ["store", "version"]


def test_a_server_that_leaves_is_not_ready_at_once(home: Path) -> None:
    told = Readiness(list)
    assert ask(health_routes(told), "/readyz").status == 200
    told.stopping = True
    answer = ask(health_routes(told), "/readyz")
    assert (answer.status, json.loads(answer.body)["failed"]) == (503, [STOPPING])


def test_many_who_ask_are_one_look_and_one_that_hangs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE_S", 0.05)
    looks, gate = [], threading.Event()

    def look() -> list[str]:
        looks.append(1)
        gate.wait(60)
        return []

    told = Readiness(look)

    async def asked() -> tuple[list[list[str]], list[str]]:
        hanging = await asyncio.gather(*(told.lacks() for _ in range(50)))
        gate.set()
        assert told.looking is not None
        await told.looking
        return hanging, await told.lacks()

    outcome: list[tuple[list[list[str]], list[str]]] = []
    thread = threading.Thread(target=lambda: outcome.append(asyncio.run(asked())))
    thread.start()
    thread.join(60)
    ((hanging, after),) = outcome
    assert (hanging, after, len(looks)) == ([[IN_TIME]] * 50, [], 1)


def test_alive_waits_for_no_thread() -> None:
    """Every thread of the pool may be taken by pages: what answers here is a coroutine that ends in one step."""
    route = health_routes()[0]
    step = route.endpoint(Request(SimpleNamespace(scope={"type": "http"}).scope))
    with pytest.raises(StopIteration) as ended:
        step.send(None)
    assert ended.value.value.status_code == 200


def test_the_reasons_are_in_the_log(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    versions_folder(home).mkdir(parents=True)
    (versions_folder(home) / "current").write_text("9")
    assert failed_checks() == ["version"]
    assert "not ready, version" in caplog.text

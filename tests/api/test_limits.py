"""How often one address may ask, and what a request may carry."""

import json
from typing import Any

import pytest

from api import limits
from api.limits import MOST_BYTES, Buckets, Limits
from tests.aside import run_aside


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def _inner(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"through"})


def asked(app: Limits, path: str, client: str, **more: Any) -> tuple[int, dict[str, str], bytes]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nobody reads a body")

    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
             "headers": [], "client": (client, 1) if client else None, "root_path": ""} | more  # fmt: skip
    run_aside(app(scope, receive, send))
    headers = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(clock: Clock) -> Limits:
    return Limits(_inner, {"/tiles": 50.0, "/ogc": 0.5}, clock)


def test_an_address_that_asks_too_often_waits(app: Limits, clock: Clock) -> None:
    answers = [asked(app, "/ogc/collections", "203.0.113.7") for _ in range(7)]
    assert [status for status, _, _ in answers] == [200] * 5 + [429] * 2
    _, headers, body = answers[-1]
    assert (headers["retry-after"], headers["cache-control"]) == ("2", "private, no-store")
    assert json.loads(body)["code"] == "TooManyRequests"
    assert asked(app, "/ogc/", "203.0.113.8")[0] == 200  # another address
    assert asked(app, "/tiles/firms/0/0/0.png", "203.0.113.7")[0] == 200  # has a bucket of its own
    assert asked(app, "/overview", "203.0.113.7")[0] == 200
    clock.now += float(headers["retry-after"])
    assert [asked(app, "/ogc", "203.0.113.7")[0] for _ in range(2)] == [200, 429]
    clock.now += 1e6  # no more than the burst is saved up
    assert [asked(app, "/ogc", "203.0.113.7")[0] for _ in range(6)] == [200] * 5 + [429]


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", ""])
def test_this_machine_is_not_limited(app: Limits, client: str) -> None:
    assert {asked(app, "/ogc", client)[0] for _ in range(20)} == {200}


def test_a_network_of_ipv6_is_one_reader(app: Limits) -> None:
    clients = [f"2001:db8:1:2::{number:x}" for number in range(1, 7)]
    assert [asked(app, "/ogc", client)[0] for client in clients] == [200] * 5 + [429]
    assert asked(app, "/ogc", "2001:db8:1:3::1")[0] == 200
    assert asked(app, "/ogc", "fe80::1%eth0")[0] == 200
    assert [asked(app, "/ogc", client)[0] for client in ["::ffff:203.0.113.9", "203.0.113.9"] * 3][-1] == 429


def test_no_rate_is_no_limit(clock: Clock) -> None:
    app = Limits(_inner, {"/ogc": 0.0}, clock)
    assert {asked(app, "/ogc", "203.0.113.7")[0] for _ in range(500)} == {200}


def test_memory_has_an_end(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_BUCKETS", 10)
    buckets = Buckets(0.1, 1.0, clock)
    for number in range(1_000):
        assert buckets.wait_s(f"client {number}") == 0.0
    assert len(buckets) == 10
    assert buckets.wait_s("client 999") == pytest.approx(10.0)


def test_a_long_address_and_a_body_are_refused(app: Limits) -> None:
    assert asked(app, "/ogc", "203.0.113.1", query_string=b"x" * MOST_BYTES)[0] == 414
    for header in ((b"content-length", b"5"), (b"transfer-encoding", b"chunked")):
        status, _, body = asked(app, "/ogc", "203.0.113.2", headers=[header])
        assert (status, json.loads(body)["code"]) == (413, "ContentTooLarge")
    assert asked(app, "/ogc", "203.0.113.3", headers=[(b"content-length", b"0")])[0] == 200
    assert asked(app, "/ogc", "203.0.113.4", method="POST", headers=[(b"content-length", b"5")])[0] == 200
    assert asked(app, "/overview", "203.0.113.5", query_string=b"x" * MOST_BYTES)[0] == 200


def test_a_path_in_front_of_the_app_changes_nothing(app: Limits) -> None:
    answers = [asked(app, "/jiqun/ogc/x", "203.0.113.7", root_path="/jiqun")[0] for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_other_paths_are_untouched(app: Limits) -> None:
    assert {asked(app, "/ogcx", "203.0.113.7")[0] for _ in range(9)} == {200}


def test_websockets_go_through(app: Limits) -> None:
    seen: list[str] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    run_aside(Limits(inner, {"/ogc": 0.1})({"type": "websocket", "path": "/ogc"}, None, None))  # type: ignore[arg-type]
    assert seen == ["websocket"]

"""So many read at once, who comes then waits, and nobody is put out by a reload or a line that broke."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from api.sessions import COMES_S, COOKIE, RETURNS_S, Places, SessionCap
from tests.aside import run_aside

A, B, C = ("a" * 22, "b" * 22, "c" * 22)


class Clock:
    """Time that stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_place_is_free_at_once_when_somebody_leaves(clock: Clock) -> None:
    places = Places(1, clock)
    assert places.take(A, known=False)
    assert not places.take(B, known=False)
    assert not places.admits(B)
    places.leave(A)
    assert places.free == 1
    assert places.take(B, known=False)


def test_a_reload_keeps_its_place_even_if_somebody_was_faster(clock: Clock) -> None:
    places = Places(1, clock)
    places.take(A, known=False)
    assert places.admits(A), "the page is asked for again while its WebSocket is still open"
    places.leave(A)
    assert places.take(B, known=False)
    assert places.admits(A)
    assert places.take(A, known=False)
    assert not places.take(A, known=False), "one came back, not two"


def test_who_left_long_ago_has_no_place_kept(clock: Clock) -> None:
    places = Places(1, clock)
    places.take(A, known=False)
    places.leave(A)
    places.take(B, known=False)
    clock.now += RETURNS_S
    assert not places.admits(A)
    assert not places.take(A, known=False)


def test_a_session_that_is_kept_for_its_browser_always_comes_back(clock: Clock) -> None:
    places = Places(1, clock)
    places.take(A, known=False)
    assert places.take(B, known=True)
    assert not places.take(C, known=True), "but never twice the cap"


def test_who_left_many_times_does_not_come_back_as_a_crowd(clock: Clock) -> None:
    places = Places(2, clock)
    crowd = [f"{number:022d}" for number in range(50)]
    for one in crowd:
        places.take(one, known=False)
        places.leave(one)
    assert sum(places.take(one, known=False) for one in crowd) == 4


def test_who_waited_finds_the_place_that_the_page_was_shown_for(clock: Clock) -> None:
    places = Places(1, clock)
    places.take(A, known=False)
    assert not places.admits(B)
    places.wait(B)
    places.leave(A)
    assert places.admits(B)
    assert not places.admits(C)
    assert not places.take(C, known=False)
    assert places.take(B, known=False)


def test_made_up_tickets_keep_no_places(clock: Clock) -> None:
    places = Places(3, clock)
    assert all(places.admits(f"{number:022d}") for number in range(100))
    assert places.free == 3
    assert places.admits("")


def test_only_so_many_who_wait_are_remembered(clock: Clock) -> None:
    places = Places(2, clock)
    for number in range(100):
        places.wait(f"{number:022d}")
    assert [places.admits(f"{number:022d}") for number in (0, 98, 99, 1)] == [True, True, True, False]


def test_a_page_that_never_opens_gives_its_place_back(clock: Clock) -> None:
    places = Places(1, clock)
    places.wait(B)
    assert places.admits(B)
    assert not places.admits(C)
    clock.now += COMES_S
    assert places.admits(C)


def test_what_a_reader_did_leaves_nothing_behind(clock: Clock) -> None:
    places = Places(3, clock)
    for number in range(1_000):
        places.take(f"{number:022d}", known=False)
        places.leave(f"{number:022d}")
        clock.now += 1
    assert len(places._left) <= RETURNS_S
    assert not places._open
    assert not places._coming


# ---------------------------------------------------------------- over ASGI


async def _api(request: Request) -> Response:
    return PlainTextResponse("data")


class Inner:
    """An app that answers, and holds a WebSocket until it is told to end."""

    def __init__(self) -> None:
        self.end = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            await self.end.wait()
        else:
            await PlainTextResponse("page")(scope, receive, send)


def scope_of(path: str, kind: str = "http", method: str = "GET", query: str = "", **headers: str) -> dict[str, Any]:
    return {
        "type": kind, "path": path, "method": method, "query_string": query.encode(), "root_path": "",
        "scheme": "ws" if kind == "websocket" else "http",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip


async def asked(cap: SessionCap, scope: dict[str, Any]) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await cap(scope, receive, send)
    return sent


def head(messages: list[Message]) -> tuple[int, dict[str, str]]:
    return messages[0]["status"], {name.decode(): value.decode() for name, value in messages[0]["headers"]}


async def full(known: str = "") -> tuple[SessionCap, Inner, "asyncio.Task[list[Message]]"]:
    """A cap of one with its place taken."""
    inner = Inner()
    pages = {"zh": "<script>a()</script>满", "en": "<script>a()</script>full"}
    cap = SessionCap(inner, 1, known.__eq__, pages.__getitem__, [Route("/ogc/{rest:path}", _api)])
    first = asyncio.create_task(asked(cap, scope_of("/_stcore/stream", "websocket")))
    await asyncio.sleep(0)
    assert cap.places.taken == 1
    return cap, inner, first


def test_a_full_server_lets_wait_in_the_readers_language() -> None:
    async def story() -> None:
        cap, *_ = await full()
        for query, accepts, text in (("", "en-US,en;q=.9,zh;q=.8", "full"), ("", "de,zh-CN", "满"), ("", "", "满"),
                                     ("lang=en", "zh-CN", "full"), ("lang=xx", "en", "full")):  # fmt: skip
            answer = await asked(cap, scope_of("/overview", query=query, accept_language=accepts))
            status, headers = head(answer)
            assert (status, headers["retry-after"], headers["cache-control"]) == (503, "10", "no-store")
            assert text in answer[1]["body"].decode()
            assert "script-src 'sha256-" in headers["content-security-policy"]
            assert headers["set-cookie"].startswith(COOKIE)

    run_aside(story())


@pytest.mark.parametrize(
    "path",
    ["/_stcore/health", "/static/js/index.js", "/favicon.png", "/ogc/collections", "/component/x/index.html",
     "/media/a", "/auth/login", "/oauth2callback"],
)  # fmt: skip
def test_what_is_no_page_goes_on(path: str) -> None:
    async def story() -> None:
        cap, *_ = await full()
        assert head(await asked(cap, scope_of(path)))[0] == 200

    run_aside(story())


def test_a_websocket_beyond_the_cap_is_not_admitted_until_one_closes() -> None:
    async def story() -> None:
        cap, inner, first = await full()
        refused = await asked(cap, scope_of("/_stcore/stream", "websocket"))
        assert [message["type"] for message in refused] == ["websocket.close"]
        assert cap.places.taken == 1
        inner.end.set()
        accepted = (await first)[0]
        cookie = dict(accepted["headers"])[b"set-cookie"].decode()
        assert cookie.startswith(COOKIE)
        assert "HttpOnly; SameSite=Lax" in cookie
        assert cap.places.taken == 0
        again = await asked(cap, scope_of("/_stcore/stream", "websocket"))
        assert again[0]["type"] == "websocket.accept"

    run_aside(story())


def test_a_browser_that_names_its_kept_session_is_admitted() -> None:
    async def story() -> None:
        cap, inner, _ = await full(known="mine")
        for protocols, answered in (("streamlit, xsrf, other", "close"), ("streamlit, xsrf, mine", "accept")):
            if answered == "accept":
                inner.end.set()  # it may end once it is in
            told = await asked(cap, scope_of("/_stcore/stream", "websocket", sec_websocket_protocol=protocols))
            assert told[0]["type"] == f"websocket.{answered}"

    run_aside(story())


def test_an_app_that_fails_gives_its_place_back() -> None:
    async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("gone")

    async def story() -> None:
        cap = SessionCap(breaks, 1, "".__eq__, str)
        with pytest.raises(RuntimeError, match="gone"):
            await asked(cap, scope_of("/_stcore/stream", "websocket"))
        assert cap.places.taken == 0

    run_aside(story())

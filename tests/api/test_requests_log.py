"""What is kept of a request, and what is not."""

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from api.requests_log import HEADER, RequestLog
from data.logs import REQUESTS, asked_by, configure_logs
from data.settings import Settings
from tests.aside import run_aside


async def _fine(request: Request) -> Response:
    return PlainTextResponse(asked_by.get())


async def _broken(request: Request) -> Response:
    raise RuntimeError("nobody foresaw this")


async def _breaks_off(request: Request) -> Response:
    async def parts() -> Any:
        yield b"half"
        raise RuntimeError("after half")

    return StreamingResponse(parts())


async def _talk(websocket: WebSocket) -> None:
    if "no" in websocket.query_params:
        await websocket.close(1008)
        return
    await websocket.accept()
    await websocket.send_text("hello")
    await websocket.close()


APP = Starlette(
    routes=[
        Route("/broken", _broken),
        Route("/half", _breaks_off),
        WebSocketRoute("/talk", _talk),
        Route("/{rest:path}", _fine),
    ],
    middleware=[Middleware(RequestLog)],
)


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root, level = logging.getLogger(), logging.getLogger().level
    handlers = root.handlers[:]
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    REQUESTS.setLevel(logging.NOTSET)


def ask(address: str, kind: str = "http", **headers: str) -> list[dict[str, Any]]:
    """Messages that came back; a failure of the app is raised here, as it reaches a server."""
    configure_logs(Settings(log_format="json", log_level="debug"))
    path, _, query = address.partition("?")
    sent: list[dict[str, Any]] = []
    asked = [{"type": "websocket.connect"} if kind == "websocket" else {"type": "http.request", "body": b""}]

    async def receive() -> dict[str, Any]:
        if not asked:
            await asyncio.Event().wait()
        return asked.pop()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": kind,
        "http_version": "1.1",
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()],
        **({"method": "GET"} if kind == "http" else {"subprotocols": []}),
    }
    run_aside(APP(scope, receive, send))
    return sent


def id_of(sent: list[dict[str, Any]]) -> str:
    return str({key.decode(): value.decode() for key, value in sent[0]["headers"]}[HEADER.lower()])


def body_of(sent: list[dict[str, Any]]) -> str:
    return b"".join(message.get("body", b"") for message in sent[1:]).decode()


def told(capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    (line,) = (line for line in capfd.readouterr().err.splitlines() if '"jiqun.requests"' in line)
    return dict(json.loads(line))


def test_a_request_is_told_without_the_values_of_its_query(capfd: pytest.CaptureFixture[str]) -> None:
    sent = ask("/oauth2callback?code=s3cret&firm=甲公司", Authorization="Bearer s3cret")
    kept = told(capfd)
    assert (kept["method"], kept["path"], kept["status"]) == ("GET", "/oauth2callback", 200)
    assert kept["fields"] == "code,firm"
    assert kept["ms"] >= 0
    assert kept["request"] == id_of(sent) == body_of(sent)
    assert "s3cret" not in json.dumps(kept)
    assert "甲公司" not in json.dumps(kept, ensure_ascii=False)


@pytest.mark.parametrize(("given", "taken"), [("proxy-1.2_x", True), ("a b", False), ("x" * 65, False), ("", False)])
def test_an_id_of_a_proxy_is_taken_when_it_is_a_plain_word(
    capfd: pytest.CaptureFixture[str], given: str, taken: bool
) -> None:
    sent = ask("/tiles", X_Request_ID=given)
    assert (id_of(sent) == given) is taken
    assert told(capfd)["request"] == id_of(sent) != ""


def test_ids_of_sessions_and_endless_paths_are_cut(capfd: pytest.CaptureFixture[str]) -> None:
    ask("/_stcore/upload_file/my-session/my-file")
    assert told(capfd)["path"] == "/_stcore/upload_file/…"
    ask("/" + "x" * 4000 + "?" + "&".join(f"{n}=1" for n in range(40)))
    kept = told(capfd)
    assert len(kept["path"]) == 300
    assert kept["fields"] == "more than are told"


def test_what_nobody_foresaw_is_one_record_and_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    sent = ask("/broken")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    (kept,) = (line for line in lines if line["level"] == "error")
    assert (sent[0]["status"], kept["status"]) == (500, 500)
    assert body_of(sent).endswith(kept["request"])
    assert "nobody foresaw this" in kept["exception"]
    assert "foresaw" not in body_of(sent)


def test_an_answer_that_breaks_off_does_not_look_whole(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="after half"):
        ask("/half")
    kept = told(capfd)
    assert (kept["level"], kept["status"]) == ("error", 200)


def test_health_is_told_only_to_who_asks_for_all(capfd: pytest.CaptureFixture[str]) -> None:
    ask("/healthz")
    assert told(capfd)["level"] == "debug"


@pytest.mark.parametrize(("address", "status"), [("/talk?session=s3cret", 101), ("/talk?no=s3cret", 403)])
def test_a_websocket_is_told_when_it_ends(capfd: pytest.CaptureFixture[str], address: str, status: int) -> None:
    ask(address, "websocket")
    kept = told(capfd)
    assert (kept["method"], kept["status"]) == ("WEBSOCKET", status)
    assert "s3cret" not in json.dumps(kept)

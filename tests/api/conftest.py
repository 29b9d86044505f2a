"""One request to routes of ours, as a server would ask; no client tidies the path up first."""

import asyncio
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from tests.aside import run_aside


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def pixels(self) -> NDArray[np.uint8]:
        assert (self.status, self.headers["content-type"]) == (200, "image/png")
        return np.asarray(Image.open(io.BytesIO(self.body)).convert("RGBA"))

    @property
    def sentence(self) -> str:
        assert self.status == 400
        assert self.headers["content-type"] == "text/plain; charset=utf-8"
        assert "\n" not in self.body.decode()
        return self.body.decode()


def ask(
    routes: Sequence[BaseRoute],
    address: str,
    *,
    known: str = "",
    method: str = "GET",
    accepts: str = "",
    middleware: Sequence[Middleware] = (),
    headers: Mapping[str, str] | None = None,
    **scope_more: Any,
) -> Answer:
    """Ask on a loop of its own, whatever loop a browser test left running here.

    ``known`` is an ETag; ``scope_more`` is what a server in front says, such as ``root_path``.
    """
    path, _, query = address.partition("?")
    sent: list[Any] = []
    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not asked:
            await asyncio.Event().wait()  # the client stays connected
        return asked.pop()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [
            (name.encode(), value.encode())
            for name, value in {"if-none-match": known, "accept-encoding": accepts, **(headers or {})}.items()
            if value
        ],
    } | scope_more
    app = Starlette(routes=routes, middleware=middleware)
    run_aside(app(scope, receive, send))
    answered = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], answered, b"".join(message.get("body", b"") for message in sent[1:]))

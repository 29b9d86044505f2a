"""One record for each request: who may later ask what happened finds method, path, status, time and id, and no secret.

Values of a query may name a firm or carry the code of a sign-in, so that only the names of its fields are kept; what
stands behind ``SECRET_PATHS`` is a session's. Addresses of readers are left to the proxy, whose own log has the same
id. An id that a proxy gave (``X-Request-ID``) is taken when it is a plain word, and every answer carries one.

What nobody foresaw is one record with its trace, and one sentence for the reader with the id.
"""

import logging
import re
import time
import uuid
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.logs import REQUESTS, asked_by

HEADER = "X-Request-ID"
SECRET_PATHS = ("/_stcore/upload_file/", "/media/")
"""Paths whose rest is left out: ids of sessions and of their files."""
QUIET_PATHS = ("/healthz", "/readyz", "/_stcore/health")
"""Asked every few seconds by machines: told at debug level, unless they fail."""
LONGEST, MOST_FIELDS = 300, 20

_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)


class RequestLog:
    """ASGI middleware; the outermost, so that its time is the reader's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and tell of it when it was answered."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        token = asked_by.set(request_id)

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            elif message["type"] == "websocket.accept":
                status = 101
            elif message["type"] == "websocket.close" and not status:
                status = 403  # refused before it was accepted
            await send(message)

        failure: Exception | None = None
        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            failure = error
            if scope["type"] == "websocket" or status:
                raise  # a connection that breaks must not look like an answer that ended
            said = f"the server could not answer; its log has the reason under {request_id}"
            await PlainTextResponse(said, 500, {"X-Content-Type-Options": "nosniff"})(scope, receive, noting)
        finally:
            _tell(scope, status, 1000 * (time.perf_counter() - begun), failure)
            asked_by.reset(token)


def _tell(scope: Scope, status: int, took_ms: float, failure: Exception | None) -> None:
    path = scope["path"]
    if failure is not None or status >= 500:
        level = logging.ERROR
    else:
        level = logging.DEBUG if path in QUIET_PATHS else logging.INFO
    if not REQUESTS.isEnabledFor(level):
        return
    facts = {"method": scope.get("method", "WEBSOCKET"), "path": _path(path), "status": status, "ms": round(took_ms, 1)}
    if fields := _fields(scope["query_string"]):
        facts["fields"] = fields
    REQUESTS.log(level, "request", exc_info=failure, extra={"facts": facts})


def _path(path: str) -> str:
    for secret in SECRET_PATHS:
        if secret in path:
            path = path.partition(secret)[0] + secret + "…"
    return path[:LONGEST]


def _fields(query: bytes) -> str:
    """Names of a query's fields."""
    try:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return "more than are told"
    return ",".join(name for name, _ in pairs)[:LONGEST]

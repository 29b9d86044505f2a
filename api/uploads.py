"""What a browser may leave in this process's memory: Streamlit holds every upload there until its session ends.

Streamlit bounds one file and asks that the session be open. A session may still send any number of files, under ids of
its own making, at any pace. Here the files that a session holds are counted and weighed, with those on their way, and
so are all of the process; who asks for more is refused, and nothing of it is kept. A body that does not say how long it
is, or lies, is cut where its room ends; one that takes too long is ended. What is held is asked of Streamlit each time,
so that nothing is counted twice or forgotten. Left out: rates of requests, which are counted elsewhere.
"""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PATH = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)")
_FRAMING_BYTES = 64 * 1024  # boundaries and headers of a form around one file
MIB = 1 << 20
PAUSE_S = 0.3
"""Without a byte of a refused upload, after which it is answered."""


@dataclass(frozen=True)
class UploadLimits:
    """How much may be held.

    Attributes
    ----------
    files : int
        Of one session at a time.
    session_bytes, total_bytes : int
        Of the files of one session, and of all.
    seconds : float
        An upload may take.
    """

    files: int
    session_bytes: int
    total_bytes: int
    seconds: float


class _Ended(Exception):
    """An upload is not read any further."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class UploadQuota:
    """Lets a session upload while it has room.

    Parameters
    ----------
    app : ASGIApp
    limits : UploadLimits
    is_known : callable
        Whether there is such a session.
    held : callable
        Bytes of the files that are held: by session, then by file.
    """

    def __init__(
        self, app: ASGIApp, limits: UploadLimits, is_known: Callable[[str], bool],
        held: Callable[[], Mapping[str, Mapping[str, int]]],
    ) -> None:  # fmt: skip
        self._app, self._limits, self._is_known, self._held = app, limits, is_known, held
        self._coming: dict[object, tuple[str, int]] = {}  # session and bytes of each upload on its way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on everything but an upload that has no room."""
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        upload, started = object(), False

        async def send_noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            room = self._room(found[1], found[2])
            told = _told_bytes(scope)
            if told is not None and told > room + _FRAMING_BYTES:
                raise _Ended(413, f"this file is larger than the room that is left: {room / MIB:.1f} MB")
            self._coming[upload] = (found[1], told or 0)
            await self._app(scope, self._bounded(receive, upload, found[1], room + _FRAMING_BYTES), send_noting)
        except _Ended as ended:
            if started:
                raise
            await _let_pass(receive, self._limits.session_bytes)
            # what is still on its way then is not read, so the connection cannot be used again
            await PlainTextResponse(ended.why, ended.status, {"Connection": "close"})(scope, receive, send)
        finally:
            self._coming.pop(upload, None)

    def _room(self, session: str, file: str) -> int:
        """Bytes that a session may still bring.

        Raises
        ------
        _Ended
            When there is no such session, or it may bring none.
        """
        if not self._is_known(session):
            raise _Ended(404, "no such session; reload the page")
        held = self._held()
        own = [size for name, size in held.get(session, {}).items() if name != file]
        coming = [size for of, size in self._coming.values() if of == session]
        if len(own) + len(coming) >= self._limits.files:
            raise _Ended(413, f"a session holds at most {self._limits.files} files; remove one or reload the page")
        total = sum(sum(files.values()) for files in held.values()) + sum(size for _, size in self._coming.values())
        room = min(self._limits.session_bytes - sum(own) - sum(coming), self._limits.total_bytes - total)
        if room <= 0:
            raise _Ended(413, "no room is left for files; remove one, reload the page, or try again later")
        return room

    def _bounded(self, receive: Receive, upload: object, session: str, most: int) -> Receive:
        until, came = time.monotonic() + self._limits.seconds, 0

        async def receive_in_time() -> Message:
            nonlocal came
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    message = await receive()
            except TimeoutError:
                raise _Ended(408, f"an upload may take {self._limits.seconds:g} s") from None
            came += len(message.get("body", b""))
            if came > most:
                raise _Ended(413, "this file is larger than the room that is left")
            self._coming[upload] = (session, max(came, self._coming[upload][1]))
            return message

        return receive_in_time


async def _let_pass(receive: Receive, most: int) -> None:
    """Read on while more comes, and keep none of it: a proxy that still sends takes an early answer for a fault."""
    came, coming = 0, True
    with suppress(TimeoutError):
        while coming and came <= most:
            async with asyncio.timeout(PAUSE_S):
                message = await receive()
            came += len(message.get("body", b""))
            coming = message["type"] == "http.request" and message.get("more_body", False)


def _told_bytes(scope: Scope) -> int | None:
    """Length that a request states; ``None`` when it states none.

    Raises
    ------
    _Ended
        When it is no number.
    """
    told = Headers(scope=scope).get("content-length")
    if told is None:
        return None
    if not (told.isascii() and told.isdigit()):
        raise _Ended(400, "Content-Length is no number")
    return int(told)

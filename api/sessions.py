"""How many read at the same time, and what those see who come when all places are taken.

A session is a WebSocket of a page, and costs this process memory and work; beyond ``most`` of them nobody is helped by
one more. The cap counts open WebSockets of this process. A page that is asked for when all places are taken is a
waiting page with status 503, which asks again by itself; everything else (tiles, files, health, downloads) goes on.

A place is free at once when its WebSocket closes. Whoever held it may take one beyond the cap for a short while, so
that reloading a page puts nobody out: a browser is known by a ticket, a cookie without meaning. So may a session that
Streamlit still keeps for a browser whose line broke. Together they never come to twice the cap. Who waits and finds a
free place has it kept until the page has opened its WebSocket. Left out: a queue (who asks first gets in), and a count
over several processes: each has its own.
"""

import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Sequence

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.headers import POLICY, standalone_policy

STREAM = "/_stcore/stream"
COOKIE = "jiqun_place"
RETRY_S = 10
COMES_S, RETURNS_S, WAITS_S = 20.0, 30.0, 3.0 * RETRY_S
LANGUAGES = ("zh", "en")
# what pages load, and where a sign-in passes through
_NO_PAGES = ("/_stcore/", "/static/", "/media/", "/component/", "/app/static/", "/auth/", "/oauth2callback")
_TICKET = re.compile(r"[\w-]{22}", re.ASCII)


class Places:
    """Who holds a place; for the event loop alone.

    Parameters
    ----------
    most : int
        Places.
    clock : callable
        Seconds.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self._clock = most, clock
        self._open: Counter[str] = Counter()
        self._waiting: dict[str, float] = {}  # were told to wait: until when they are remembered
        self._coming: dict[str, float] = {}  # waited, and were shown the page: until when their place is kept
        self._left: dict[str, float] = {}  # closed a WebSocket: until when they may come back beyond the cap

    @property
    def taken(self) -> int:
        """Open WebSockets."""
        return self._open.total()

    @property
    def free(self) -> int:
        """Places that nobody holds and that are kept for nobody."""
        self._forget()
        return max(0, self.most - self.taken - len(self._coming))

    def admits(self, ticket: str) -> bool:
        """Whether a page is shown; a place is kept for who waited, and for nobody else, or made-up tickets take all."""
        free = self.free
        if ticket and (ticket in self._coming or ticket in self._left or self._open[ticket]):
            return True
        if free and self._waiting.pop(ticket, None):
            self._coming[ticket] = self._clock() + COMES_S
        return free > 0

    def wait(self, ticket: str) -> None:
        """Somebody is told to wait; of too many the first are forgotten, and wait like others when they come."""
        self._waiting.pop(ticket, None)
        self._waiting[ticket] = self._clock() + WAITS_S
        while len(self._waiting) > 2 * self.most:
            del self._waiting[next(iter(self._waiting))]

    def take(self, ticket: str, *, known: bool) -> bool:
        """Take a place for a WebSocket; ``known`` says that its session is kept for it."""
        free = self.free
        kept = self._coming.pop(ticket, None)
        if not (free or kept) and (self.taken >= 2 * self.most or not (known or self._left.pop(ticket, None))):
            return False
        self._open[ticket] += 1
        return True

    def leave(self, ticket: str) -> None:
        """A WebSocket has closed."""
        self._open[ticket] -= 1
        if self._open[ticket] <= 0:
            del self._open[ticket]
        self._left[ticket] = self._clock() + RETURNS_S
        self._forget()

    def _forget(self) -> None:
        now = self._clock()
        for held in (self._waiting, self._coming, self._left):
            for ticket in [ticket for ticket, until in held.items() if until <= now]:
                del held[ticket]


class SessionCap:
    """Admits as many sessions as there are places.

    Parameters
    ----------
    app : ASGIApp
    most : int
        Places.
    is_known : callable
        Whether a session of this id is kept for the browser that names it.
    waiting_page : callable
        Page for who waits, in a language.
    routes : sequence of BaseRoute
        Those that are no pages.
    frame_ancestors : str
        Who may frame the waiting page.
    """

    def __init__(
        self, app: ASGIApp, most: int, is_known: Callable[[str], bool], waiting_page: Callable[[str], str],
        routes: Sequence[BaseRoute] = (), frame_ancestors: str = "'self'",
    ) -> None:  # fmt: skip
        self._app, self._is_known, self._routes = app, is_known, routes
        self._waiting_page, self._frame_ancestors = waiting_page, frame_ancestors
        self.places = Places(most)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit, or let wait."""
        if scope["type"] == "websocket" and scope["path"].endswith(STREAM):
            await self._stream(scope, receive, send)
        elif self._is_page(scope) and not self.places.admits(ticket := _ticket(scope)):
            await self._wait(scope, ticket)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _ticket(scope)
        ticket = asked or secrets.token_urlsafe(16)
        if not self.places.take(ticket, known=bool(session := _session(scope)) and self._is_known(session)):
            await receive()
            await send({"type": "websocket.close", "code": 1013, "reason": "full"})  # before accept: HTTP 403
            return

        async def send_with_ticket(message: Message) -> None:
            if message["type"] == "websocket.accept" and not asked:
                message.setdefault("headers", [])
                MutableHeaders(scope=message).append("set-cookie", _cookie(ticket, scope))
            await send(message)

        try:
            await self._app(scope, receive, send_with_ticket)
        finally:
            self.places.leave(ticket)

    def _is_page(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return False
        path = str(scope["path"])
        if path.startswith(_NO_PAGES) or "." in path.rpartition("/")[2]:
            return False
        return all(route.matches(scope)[0] is Match.NONE for route in self._routes)

    def _wait(self, scope: Scope, ticket: str) -> Response:
        language = _language(HTTPConnection(scope))
        page = self._waiting_page(language)
        answer = Response(page, 503, media_type="text/html")
        answer.headers["Retry-After"] = str(RETRY_S)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Content-Language"] = language
        answer.headers[POLICY] = standalone_policy(page, frame_ancestors=self._frame_ancestors)
        if not ticket:
            ticket = secrets.token_urlsafe(16)
            answer.headers.append("set-cookie", _cookie(ticket, scope))
        self.places.wait(ticket)
        return answer


def _ticket(scope: Scope) -> str:
    """The ticket of a browser; empty when it has none of ours."""
    held = HTTPConnection(scope).cookies.get(COOKIE, "")
    return held if _TICKET.fullmatch(held) else ""


def _session(scope: Scope) -> str:
    """The session that a WebSocket wants back: Streamlit's pages name it third among the subprotocols."""
    asked = [part.strip() for part in HTTPConnection(scope).headers.get("sec-websocket-protocol", "").split(",")]
    return asked[2] if len(asked) > 2 else ""


def _cookie(ticket: str, scope: Scope) -> str:
    secure = "; Secure" if scope["scheme"] in ("https", "wss") else ""
    return f"{COOKIE}={ticket}; Path=/; HttpOnly; SameSite=Lax{secure}"


def _language(request: HTTPConnection) -> str:
    """That of the address, else the first of ours that the browser names, else Chinese."""
    asked = request.query_params.get("lang", "")
    named = re.findall(r"\b(zh|en)\b", request.headers.get("accept-language", "").lower())
    return next((one for one in (asked, *named) if one in LANGUAGES), LANGUAGES[0])

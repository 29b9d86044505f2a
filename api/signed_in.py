"""Around all routes: who a request comes from, by the cookie of the pages or by a token, and what of it is noted.

A token that is not good ends the request, so that a program notices; a cookie that is not good makes it anybody's, so
that a page opens. What a government that signed in reads is noted before it is answered: each request for firms and for
totals, which name the largest firm and its revenue, and of tiles, of which a map asks for hundreds, the first of an
hour. A browser may keep answers, so those that are a reader's
own are marked as depending on the cookie and the token.

Pages read the cookie themselves when they connect, less strictly than we do; one that says nothing here is taken from
their request, so that nobody is somebody to the pages alone.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cache, partial
from http.cookies import CookieError, SimpleCookie

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.asking import CHALLENGE, READER, bearer_token
from api.bearer import BadToken, Tokens
from api.limits import Buckets, bucket_of
from clusters.readers import ANYBODY, Claims, Reader, reader_of
from clusters.sign_in import SignIn
from data.audit import NOT_SIGNED_IN, READ, REFUSED, SIGNED_IN, SIGNED_OUT, Actor, note, note_if_possible
from data.errors import NotNoted
from data.settings import settings
from data.sign_outs import end_sign_in, is_ended

CALLBACK, LOGOUT = "/oauth2callback", "/auth/logout"
TILES = "/tiles/"
READ_UP_ON = (
    TILES,
    *(f"/ogc/collections/{name}/items" for name in ("firms", "districts", "clusters", "district-clusters")),
)
DEPENDING = ("/ogc", "/tiles/", "/layers/")
"""Whose answers are a reader's own."""
SEAL_S = 31 * 86_400
TILES_EVERY_S, REFUSALS_EVERY_S = 3600.0, 60.0
REFUSALS_PER_S, REFUSALS_AT_ONCE = 1.0, 600.0
MOST_REMEMBERED = 4096
TOKENS_AT_ONCE = 4
"""Looked at; while the provider does not answer, they wait for it, and the threads of tiles and pages are others."""

ReadCookie = Callable[[Mapping[str, str], SignIn], Claims | None]
"""What the cookie of a request says; nothing for none that is good."""
Seal = Callable[[Mapping[str, str], SignIn], str]
"""What must be given beside cookies that were just made; empty for nothing."""


class SignedIn:
    """ASGI middleware.

    Parameters
    ----------
    app : ASGIApp
    how : SignIn
    read_cookie : callable
        See ``ReadCookie``.
    cookie : str
        How the names of the cookies of a sign-in begin.
    seal : tuple of (str, Seal)
        A further cookie of a sign-in: its name and what gives it.
    tokens : Tokens, optional
        Looks at tokens; those of the provider when left out.
    """

    def __init__(
        self, app: ASGIApp, how: SignIn, read_cookie: ReadCookie, cookie: str, seal: tuple[str, Seal],
        tokens: Tokens | None = None,
    ) -> None:  # fmt: skip
        self._app, self._how, self._read_cookie, self._cookie, self._seal = app, how, read_cookie, cookie, seal
        self._tokens = tokens or Tokens(how)
        self._looking = CapacityLimiter(TOKENS_AT_ONCE)
        self._all_refusals = Buckets(REFUSALS_PER_S, REFUSALS_AT_ONCE)
        self._tiles, self._refusals = _Lately(TILES_EVERY_S), _Lately(REFUSALS_EVERY_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(self._without_bad_cookie(scope), receive, send)
            return
        if self._how.origin.startswith("https://"):
            send = partial(_secured, send)
        request = Request(scope)
        token = bearer_token(request)
        if token is None:
            scope[READER] = cache(lambda: self._of_cookies(request.cookies))
        else:
            try:
                claims = await to_thread.run_sync(self._tokens.claims_of, token, limiter=self._looking)
            except BadToken as error:
                await (await self._refused(request, str(error)))(scope, receive, send)
                return
            reader = self._reader(claims)
            if not reader.is_signed_in:
                await (await self._refused(request, "the sign-in of this token is over"))(scope, receive, send)
                return
            scope[READER] = lambda: reader
        path = request.url.path
        if path.startswith(READ_UP_ON) and (problem := await run_in_threadpool(self._note_read, scope, path)):
            await problem(scope, receive, send)
        elif path == LOGOUT:
            await run_in_threadpool(self._note_end, scope[READER]())
            await self._app(scope, receive, send)
        elif path == CALLBACK:
            await self._app(scope, receive, partial(self._watched, send, _client(request)))
        elif path.startswith(DEPENDING):
            await self._app(scope, receive, partial(_depending, send))
        else:
            await self._app(scope, receive, send)

    def _of_cookies(self, cookies: Mapping[str, str]) -> Reader:
        return self._reader(self._read_cookie(cookies, self._how))

    def _without_bad_cookie(self, scope: Scope) -> Scope:
        """The scope of a page's connection, without a cookie that says nothing to us."""
        if scope["type"] != "websocket":
            return scope
        held = HTTPConnection(scope).cookies
        if not any(name.startswith(self._cookie) for name in held) or self._read_cookie(held, self._how):
            return scope
        kept = "; ".join(f"{name}={value}" for name, value in held.items() if not name.startswith(self._cookie))
        others = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
        return {**scope, "headers": [*others, (b"cookie", kept.encode("latin-1"))]}

    def _reader(self, claims: Claims | None) -> Reader:
        if not claims:
            return ANYBODY
        return reader_of(claims, self._how, now=time.time(), is_ended=partial(is_ended, settings().home))

    async def _refused(self, request: Request, why: str) -> Response:
        """A program is told why its token is not good; one line a minute for each sender is noted."""
        client = _client(request)
        if self._is_noted(client):
            told = {"client": client, "path": request.url.path, "outcome": why}
            nobody = Actor("anonymous", "public")
            await run_in_threadpool(note_if_possible, settings().home, nobody, REFUSED, **told)
        said = why.replace('"', "'").replace("\\", "/").encode("ascii", "replace").decode()
        challenge = f'{CHALLENGE["WWW-Authenticate"]}, error="invalid_token", error_description="{said}"'
        return PlainTextResponse(f"{why}\n", 401, {**CHALLENGE, "WWW-Authenticate": challenge})

    def _note_read(self, scope: Scope, path: str) -> Response | None:
        """Note what a government reads; an answer instead of it when that cannot be noted."""
        reader: Reader = scope[READER]()
        if not reader.is_read_up_on:
            return None
        if path.startswith(TILES) and not self._tiles.is_first(reader.login_id):
            return None
        try:
            note(settings().home, reader.actor, READ, path=path)
        except NotNoted as error:
            self._tiles.forget(reader.login_id)
            return PlainTextResponse(f"{error}\n", 503, {"Cache-Control": "no-store"})
        return None

    def _note_end(self, reader: Reader) -> None:
        if reader.login_id:
            end_sign_in(settings().home, reader.login_id)
            note_if_possible(settings().home, reader.actor, SIGNED_OUT)

    def _is_noted(self, client: str, what: str = "") -> bool:
        """Whether a refusal is noted: one a minute for each sender, and so many of all that nobody fills the disk."""
        return self._refusals.is_first(what + bucket_of(client)) and self._all_refusals.wait_s("") == 0

    async def _watched(self, send: Send, client: str, message: Message) -> None:
        """Look at what the way back from the provider ends in: a cookie, or none."""
        if message["type"] == "http.response.start":
            made = _cookies_set(Headers(raw=message["headers"]))
            name, seal_of = self._seal
            if seal := seal_of(made, self._how):
                made[name] = seal
                told = f"{name}={seal}; HttpOnly; Max-Age={SEAL_S}; Path=/; SameSite=lax"
                MutableHeaders(scope=message).append("set-cookie", told)
            reader = self._of_cookies(made)
            if reader.is_signed_in:
                await run_in_threadpool(note_if_possible, settings().home, reader.actor, SIGNED_IN, client=client)
            elif self._is_noted(client, "sign-in "):
                nobody = Actor("anonymous", "public")
                await run_in_threadpool(note_if_possible, settings().home, nobody, NOT_SIGNED_IN, client=client)
        await send(message)


async def _secured(send: Send, message: Message) -> None:
    """Streamlit sets its cookies without ``Secure``; a browser would send them over plain HTTP too."""
    if message["type"] == "http.response.start":
        message["headers"] = [
            (name, value + b"; Secure" if name.lower() == b"set-cookie" and b"; secure" not in value.lower() else value)
            for name, value in message.get("headers", [])
        ]
    await send(message)


async def _depending(send: Send, message: Message) -> None:
    if message["type"] == "http.response.start":
        MutableHeaders(scope=message).add_vary_header("Cookie, Authorization")
    await send(message)


def _cookies_set(headers: Headers) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in headers.getlist("set-cookie"):
        try:
            found |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        except CookieError:
            continue
    return found


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


class _Lately:
    """What happened within some time, of the last few thousand."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._at: OrderedDict[str, float] = OrderedDict()

    def is_first(self, what: str) -> bool:
        """Whether it did not happen lately; from now on it did."""
        now = time.monotonic()
        if now - self._at.get(what, float("-inf")) < self._within_s:
            return False
        self._at[what] = now
        self._at.move_to_end(what)
        while len(self._at) > MOST_REMEMBERED:
            self._at.popitem(last=False)
        return True

    def forget(self, what: str) -> None:
        """As if it had not happened."""
        self._at.pop(what, None)

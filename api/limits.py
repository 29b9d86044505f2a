"""How often one address may ask, and how much a request may carry, where every request costs work.

A bucket for each client address holds so many requests as may come at once and fills up again at a steady rate; an
empty one is answered with 429 and the seconds to wait. The address is that of the connection; behind a proxy it is what
uvicorn takes from the headers of a proxy that it trusts, and nobody else's word. Of an IPv6 address the network counts
(/64), since one reader may have all of it. A reader on this machine is not limited: it is a single desk, and behind a
proxy of its own that machine never stands for others. Buckets that were not used for longest go first, so memory has an
end.

What this leaves out: a limit over all addresses together, and one over several processes; the proxy has those.
"""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from api.ogc.failing import failure
from data.settings import settings

MOST_BYTES = 16_384
MOST_BUCKETS = 20_000
BURST_S = 10.0


@dataclass
class _Bucket:
    room: float
    at: float


class Buckets:
    """Rates of many clients.

    Parameters
    ----------
    rate : float
        Requests a second that a client may keep up; 0 sets no limit.
    burst : float
        Requests that may come at once.
    clock : callable
        Seconds that only go up.
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, max(burst, 1.0), clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_s(self, client: str) -> float:
        """Take one request from a client's bucket: 0, or the seconds until there is room for it."""
        if self._rate <= 0:
            return 0.0
        now = self._clock()
        bucket = self._buckets.setdefault(client, _Bucket(self._burst, now))
        self._buckets.move_to_end(client)
        while len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        bucket.room = min(bucket.room + (now - bucket.at) * self._rate, self._burst)
        bucket.at = now
        if bucket.room < 1.0:
            return (1.0 - bucket.room) / self._rate
        bucket.room -= 1.0
        return 0.0


class Limits:
    """ASGI middleware that limits the paths under some prefixes; the rest goes through untouched.

    Parameters
    ----------
    app : ASGI app
    rates : mapping of str to float
        Requests a second by prefix.
    clock : callable
    """

    def __init__(self, app: ASGIApp, rates: dict[str, float], clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._buckets = {prefix: Buckets(rate, rate * BURST_S, clock) for prefix, rate in rates.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        buckets = self._limited(scope) if scope["type"] == "http" else None
        if buckets is None:
            return await self._app(scope, receive, send)
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MOST_BYTES:
            answer = failure(414, f"the address is longer than {MOST_BYTES:,} bytes; ask for less at once")
        elif scope["method"] in ("GET", "HEAD") and _has_body(scope):
            answer = failure(
                413, "the request has a body, and none is read here; leave it out", {"Connection": "close"}
            )
        elif wait := buckets.wait_s(client) if (client := bucket_of(str((scope.get("client") or ("", 0))[0]))) else 0.0:
            seconds = math.ceil(wait)
            answer = failure(
                429,
                f"too many requests came from this address; ask again in {seconds} s",
                {"Retry-After": str(seconds)},
            )
        else:
            return await self._app(scope, receive, send)
        return await answer(scope, receive, send)

    def _limited(self, scope: Scope) -> Buckets | None:
        path = scope["path"].removeprefix(scope.get("root_path", "")) + "/"
        return next((found for prefix, found in self._buckets.items() if path.startswith(f"{prefix}/")), None)


def limits() -> Middleware:
    """The middleware with the rates of the settings."""
    now = settings()
    return Middleware(Limits, rates={"/tiles": now.tiles_per_second, "/ogc": now.features_per_second})


def bucket_of(host: str) -> str:
    """Whose bucket it is, by the address of a connection; empty on this machine."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host  # a socket of this machine has no address and is not limited
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_loopback:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _has_body(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0").strip() not in (b"0", b"")

"""``/healthz``: the process lives; ``/readyz``: it can answer readers now, or what it lacks, by name.

Both answer under load: the first touches no data and no thread; the second looks in a thread of its own, which no
page can take, one look at a time, and whoever asks within ``FRESH_S`` gets the same answer. A look that hangs, as at a
disk that does not answer, is told after ``PATIENCE_S``. A process that was told to stop is alive and not ready.
"""

import asyncio
import time
from collections.abc import Callable

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from data.readiness import failed_checks

FRESH_S, PATIENCE_S = 1.0, 5.0
STOPPING, IN_TIME = "stopping", "in time"
_NOT_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Readiness:
    """What ``/readyz`` says; a server that leaves sets ``stopping``."""

    def __init__(self, look: Callable[[], list[str]] = failed_checks) -> None:
        self.look = look
        self.stopping = False
        self.looking: asyncio.Task[list[str]] | None = None
        self.seen: tuple[float, list[str]] = (-FRESH_S, [])

    async def lacks(self) -> list[str]:
        """Names of what is missing; none when readers can be answered."""
        if self.stopping:
            return [STOPPING]
        when, failed = self.seen
        if time.monotonic() - when < FRESH_S:
            return failed
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self._look())
        try:
            return await asyncio.wait_for(asyncio.shield(self.looking), PATIENCE_S)
        except TimeoutError:
            return [IN_TIME]

    async def _look(self) -> list[str]:
        failed = await anyio.to_thread.run_sync(self.look, limiter=anyio.CapacityLimiter(1))
        self.seen = (time.monotonic(), failed)
        return failed


readiness = Readiness()
"""That of this process."""


def health_routes(asked: Readiness = readiness) -> list[Route]:
    """The two routes."""

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "alive"}, headers=_NOT_KEPT)

    async def ready(request: Request) -> Response:
        lacks = await asked.lacks()
        told = {"status": "not ready", "failed": lacks} if lacks else {"status": "ready"}
        return JSONResponse(told, 503 if lacks else 200, _NOT_KEPT)

    return [Route("/healthz", alive), Route("/readyz", ready)]

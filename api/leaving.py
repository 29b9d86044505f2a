"""A server that leaves in order: SIGTERM turns ``/readyz`` to 503, then it waits, then it closes, and exits with 0.

1. For ``drain_s`` it answers as before, so that a proxy stops sending readers here.
2. While imports are at work it goes on answering, up to ``stop_s``: their pages look at them. A worker is a process in
   a session of its own and would outlive the server; but a container or a unit that ends takes it along. What is cut
   off then has changed nothing, and its page offers to start it again.
3. Websockets are told that the service restarts (1012), running requests end, up to ``GRACE_S``; then the process ends,
   whatever still computes: the store holds through a kill, and a page that nobody looks at is no loss.

A second SIGTERM, or Ctrl+C, goes to the third step at once.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

import uvicorn

from api.health import Readiness, readiness
from data.jobs import AT_WORK, jobs
from data.settings import settings

GRACE_S = 5
LAST_S = 5.0
"""What closing may take beside the grace."""
LOOK_EVERY = 5
"""Ticks of the server, ten a second, between two looks at the imports."""
log = logging.getLogger(__name__)


def imports_at_work() -> bool:
    """Whether a worker of this workspace is at work or waits."""
    return any(job.state in AT_WORK for job in jobs(settings().home))


class LeavingServer(uvicorn.Server):
    """A server that tells before it goes."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        drain_s: float,
        stop_s: float,
        told: Readiness = readiness,
        at_work: Callable[[], bool] = imports_at_work,
    ) -> None:
        super().__init__(config)
        self.drain_s, self.stop_s = drain_s, stop_s
        self.told, self.at_work = told, at_work
        self.asked_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to leave, or leave now."""
        if sig != signal.SIGTERM or self.asked_at is not None:
            self._close()
            if sig != signal.SIGTERM:
                super().handle_exit(sig, frame)
            return
        self.told.stopping = True
        self.asked_at = time.monotonic()

    async def on_tick(self, counter: int) -> bool:
        """Whether to close now."""
        if self.asked_at is not None and not self.should_exit:
            waited = time.monotonic() - self.asked_at
            over = waited >= self.drain_s and (counter % LOOK_EVERY == 0) and not self._waits(waited)
            if over:
                self._close()
        return await super().on_tick(counter)

    def _waits(self, waited: float) -> bool:
        if waited >= self.drain_s + self.stop_s:
            log.warning("imports are still at work; the server ends without them")
            return False
        return self.at_work()

    def _close(self) -> None:
        self.told.stopping = True
        self.should_exit = True
        last = threading.Timer(GRACE_S + LAST_S, _end)
        last.daemon = True
        last.start()


def _end() -> None:
    log.warning("what still runs is left behind")
    sys.stderr.flush()
    os._exit(0)

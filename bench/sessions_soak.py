"""Fifty readers at once for ten minutes on a million firms: does anything fail, does memory settle, is a filter quick?

``python -m bench.sessions_soak [--sessions 50] [--seconds 600] [--firms 1000000] [--think 5]`` starts the app over a
synthetic register. Each reader is a WebSocket that speaks as a browser's page does; they open the pages of
``bench.pages`` and change their filters with pauses, fetch the tiles around a place on every map, and now and then
leave, so that sessions end and others begin. Every page that shows an error, every tile without an answer and every
lost connection counts.

Memory is the server's RSS each second: in the second half of the run its median of the last quarter may exceed that of
the third by no more than ``MOST_GROWTH``. Then all leave, and what they alone held is looked at once more when the
server has forgotten them. Two controls in the same run must fail: a server with fewer places than readers must refuse
some, and killed while they read it must cost them errors; otherwise the zero would prove nothing.
Clients and server share the machine.
"""

import argparse
import http.client
import json
import os
import signal
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
from websockets.exceptions import InvalidHandshake

from bench.machine import held_kib, machine
from bench.pages import OPENING, WALKS, Walk
from bench.registers import imported
from bench.results import Rows, Verdict, report
from bench.server import served
from bench.sessions import choose, joined
from geo.mercator import mercator

SERVER = ("cli.py", "serve", "--port", "{port}")
PACKAGES = ("streamlit", "starlette", "uvicorn", "pandas", "pyarrow")
SESSIONS, SECONDS, FIRMS, SEED = 50, 600.0, 1_000_000, 2026
THINK_S = 5.0  # on average
LEAVES = 0.1  # of those who have seen a page
MAPS = ("overview", "district", "compare", "sites")
TILES, FIRST_ZOOM, LAST_ZOOM = 6, 10, 17
MOST_GROWTH = 0.05
CONTROL_SESSIONS, CONTROL_S, CONTROL_THINK_S = 4, 3.0, 0.4
REST_S = 150.0  # Streamlit keeps a session for two minutes after its line broke
Figures = dict[str, Any]


@dataclass
class Seen:
    """What all readers went through; appended to by their threads."""

    opened: list[float] = field(default_factory=list)
    changed: list[float] = field(default_factory=list)
    tiles: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    sessions: int = 0

    def failed(self, error: BaseException) -> None:
        """Count an error, and say the first of its kind."""
        kind = f"{type(error).__name__}: {str(error)[:160]}"
        if not self.errors[kind]:
            print(kind, file=sys.stderr, flush=True)
        self.errors[kind] += 1


class Reader(threading.Thread):
    """One reader after another on one chair."""

    def __init__(self, address: str, stop: threading.Event, seen: Seen, seed: int, think_s: float) -> None:
        super().__init__(daemon=True)
        self.address, self.stop, self.seen, self.think_s = address, stop, seen, think_s
        self.rng = np.random.default_rng([SEED, seed])

    def run(self) -> None:
        """Read until told to stop; who fails begins anew."""
        self._think()
        while not self.stop.is_set():
            try:
                self._visit()
            except InvalidHandshake:
                self.seen.refused += 1
                self._think()
            except Exception as error:  # whatever it is, it is counted
                self.seen.failed(error)
                self._think()

    def _visit(self) -> None:
        with joined(self.address) as socket:
            self.seen.sessions += 1
            while not self.stop.is_set() and self.rng.random() > LEAVES:
                walk = WALKS[str(self.rng.choice(list(WALKS)))]
                for what, asked in self._asked(walk):
                    if self.stop.is_set():
                        return
                    start = time.perf_counter()
                    choose(socket, urlencode(asked), walk.page)
                    took = self.seen.opened if what == OPENING else self.seen.changed
                    took.append(time.perf_counter() - start)
                    if walk.page in MAPS:
                        self._tiles()
                    self._think()

    def _asked(self, walk: Walk) -> Iterator[tuple[str, dict[str, str]]]:
        """The opening, then a few changes, each with a value that readers choose."""
        yield OPENING, dict(walk.asked)
        if walk.changes:
            for what in self.rng.choice(list(walk.changes), 2):
                yield str(what), {**walk.asked, str(what): str(self.rng.choice(walk.changes[str(what)]))}

    def _tiles(self) -> None:
        """What a map asks for around a place in the city, over one connection."""
        zoom = int(self.rng.integers(FIRST_ZOOM, LAST_ZOOM))
        lon, lat = self.rng.uniform(113.85, 114.2), self.rng.uniform(22.5, 22.75)
        x, y = (int(part[0] * 2**zoom) for part in mercator(np.array([lon]), np.array([lat])))
        suffix = "png" if zoom < 15 else "pbf"
        with closing(http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)) as connection:
            for number in range(TILES):
                path = f"/tiles/firms/{zoom}/{x + number % 3}/{y + number // 3}.{suffix}"
                start = time.perf_counter()
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                self.seen.tiles.append(time.perf_counter() - start)
                if answer.status not in (200, 204):
                    raise RuntimeError(f"a tile answered {answer.status}")

    def _think(self) -> None:
        self.stop.wait(float(self.rng.uniform(0.2, 1.8)) * self.think_s)


def load(
    address: str, sessions: int, seconds: float, think_s: float, each_second: Callable[[], object] = lambda: None
) -> Seen:
    """Let so many read for so long."""
    seen, stop = Seen(), threading.Event()
    readers = [Reader(address, stop, seen, number, think_s) for number in range(sessions)]
    for reader in readers:
        reader.start()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        each_second()
        time.sleep(1)
    stop.set()
    for reader in readers:
        reader.join(120)
        if reader.is_alive():
            seen.failed(TimeoutError("a reader got no answer for two minutes"))
    return seen


def under_load(home: Path, sessions: int, seconds: float, think_s: float, rest_s: float) -> Figures:
    """The campaign itself."""
    with served(SERVER, JIQUN_HOME=str(home), JIQUN_MOST_SESSIONS=str(2 * sessions)) as (address, process):
        for walk in WALKS.values():  # what the first reader of a page makes is shared; memory begins after it
            with joined(address) as socket:
                choose(socket, urlencode(walk.asked), walk.page)
        memory: list[int] = []
        seen = load(address, sessions, seconds, think_s, lambda: memory.append(held_kib(process)))
        time.sleep(rest_s)
        with joined(address) as socket:  # Streamlit clears away when somebody looks
            choose(socket, "", "units")
        return {
            "campaign": "load",
            "sessions": sessions,
            "seconds": seconds,
            "think_s": think_s,
            "sessions_opened": seen.sessions,
            "page_runs": len(seen.opened) + len(seen.changed),
            "runs_per_s": round((len(seen.opened) + len(seen.changed)) / seconds, 2),
            "tiles": len(seen.tiles),
            "errors": seen.errors.total(),
            "refused": seen.refused,
            **_spread("change", seen.changed, 3),
            **_spread("opening", seen.opened, 3),
            **_spread("tile", seen.tiles, 4),
            **memory_figures(memory),
            "rss_after_mb": round(held_kib(process) / 1024),
        }


def memory_figures(memory: list[int]) -> Figures:
    """RSS in MB at the start, the most, the end; and by how much its last quarter is above its third."""
    quarter = max(1, len(memory) // 4)
    third, last = (statistics.median(part) for part in (memory[-2 * quarter : -quarter] or memory, memory[-quarter:]))
    hours = quarter / 3600
    return {
        "rss_start_mb": round(memory[0] / 1024),
        "rss_most_mb": round(max(memory) / 1024),
        "rss_end_mb": round(last / 1024),
        "growth_second_half": round(last / third - 1, 4),
        "slope_mb_per_hour": round((last - third) / 1024 / hours, 1),
    }


def controls(home: Path) -> Iterator[Figures]:
    """On a server with fewer places than readers some must be refused and none fail; killed, it must cost errors."""
    with served(SERVER, JIQUN_HOME=str(home), JIQUN_MOST_SESSIONS="2") as (address, process):
        seen = load(address, CONTROL_SESSIONS, CONTROL_S, CONTROL_THINK_S)
        errors = seen.errors.total()
        yield {"campaign": "control: 2 places", "refused": seen.refused, "errors": errors,
               "as_expected": seen.refused > 0 and not errors}  # fmt: skip
        at = time.monotonic() + CONTROL_S / 2

        def kill() -> None:
            nonlocal at
            if time.monotonic() > at:
                os.kill(process, signal.SIGKILL)
                at = float("inf")

        errors = load(address, CONTROL_SESSIONS, CONTROL_S, CONTROL_THINK_S, kill).errors.total()
        yield {"campaign": "control: killed", "errors": errors, "as_expected": errors > 0}


def _spread(name: str, seconds: list[float], digits: int) -> Figures:
    if not seconds:
        return {f"{name}_p50_s": None, f"{name}_p95_s": None, f"{name}_max_s": None}
    p50, p95 = (float(np.quantile(seconds, q)) for q in (0.5, 0.95))
    told = {f"{name}_p50_s": p50, f"{name}_p95_s": p95, f"{name}_max_s": max(seconds)}
    return {key: round(value, digits) for key, value in told.items()}


def verdicts(rows: Rows) -> Iterator[Verdict]:
    """What was promised beside what was measured."""
    for row in rows:
        name = f"{row['sessions']} sessions on {row['firms']:,} firms"
        yield Verdict(f"{name}: errors", row["errors"], 0, at_most=True)
        yield Verdict(
            f"{name}: growth of RSS from the third to the last quarter", row["growth_second_half"], MOST_GROWTH,
            at_most=True,
        )  # fmt: skip


def soak(sessions: int, seconds: float, firms: int, think_s: float, rest_s: float) -> Iterator[Figures]:
    """All campaigns, each with whether it went as it must."""
    with TemporaryDirectory() as folder:
        home = imported(firms, Path(folder))
        yield from controls(home)
        row = {"firms": firms, **under_load(home, sessions, seconds, think_s, rest_s)}
        yield {**row, "as_expected": not row["refused"] and all(verdict.met for verdict in verdicts([row]))}


def main() -> None:
    """Run, print, keep the table of a whole run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--firms", type=int, default=FIRMS)
    parser.add_argument(
        "--think", type=float, default=THINK_S, help="seconds that a reader looks at a page, on average"
    )
    parser.add_argument("--rest", type=float, default=REST_S, help="seconds until memory is looked at once more")
    asked = parser.parse_args()
    here, told = machine(PACKAGES), []
    for figures in soak(asked.sessions, asked.seconds, asked.firms, asked.think, asked.rest):
        told.append(figures)
        print(json.dumps(figures), flush=True)
    row = {**told[-1], "machine": here}
    whole = (asked.sessions, asked.seconds, asked.firms, asked.think) == (SESSIONS, SECONDS, FIRMS, THINK_S)
    report("sessions_soak", [row], verdicts([row]), whole=whole)
    if not all(figures["as_expected"] for figures in told):
        sys.exit("the campaign did not go as it must")


if __name__ == "__main__":
    main()

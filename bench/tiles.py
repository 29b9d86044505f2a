"""How soon a tile comes from the running app: alone, in a crowd, and while other readers make the server compute.

The server is the app over an imported register, started by ``cli.py serve``; client and server share the machine, so
throughput is a lower bound. Tiles are those around firms, as a reader looks where the firms are. Each is asked for
twice: *first* it is drawn, *again* it is held ready. *Busy* is a number of readers, each of whom changes the year on
the overview again as soon as the page rests (``bench.sessions``), which keeps the server computing all the time. Idle
and busy take turns.

``python -m bench.tiles [firms ...]`` runs the register of the whole run, or registers of these sizes; 0 is the bundled
data.
"""

import http.client
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import local
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pyarrow.parquet as pq

from bench.machine import machine, peak_kib
from bench.registers import NoRegister, imported, made_up
from bench.results import Rows, Verdict, report
from bench.server import ROOT, served
from data import columns as c
from data.reference import load_reference
from geo.mercator import mercator

FIRMS = 1_000_000
PACKAGES = ("numpy", "pillow", "starlette", "streamlit", "uvicorn")
SEED = 1
FIRST_ZOOM, ZOOMS = 9, 3  # the city in a window, and how far a reader goes on from the change of kinds
ROUNDS, SERIAL, AT_ONCE = 3, 80, 8
SERVER = ("cli.py", "serve", "--port", "{port}")
READERS = (1, 3)
TARGET = 5.0
IDLE = "no reader"
BUSY = "1 busy reader"
ASKED = ("first", "again")
DISTINCT = SERIAL * ROUNDS * (1 + len(READERS))


class Client:
    """Kept connections to one server, one for each thread."""

    def __init__(self, base: str) -> None:
        self.netloc, self.own = urlsplit(base).netloc, local()

    def get(self, path: str) -> tuple[float, bytes]:
        """Seconds until the whole answer was here, and the answer."""
        if not hasattr(self.own, "connection"):
            self.own.connection = http.client.HTTPConnection(self.netloc, timeout=60)
        start = time.perf_counter()
        self.own.connection.request("GET", path)
        response = self.own.connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - start
        if response.status not in (200, 204):
            raise RuntimeError(f"{path} answered {response.status}")
        return seconds, body


def tiles_to_ask(client: Client, firms: int, folder: Path, rng: np.random.Generator) -> dict[str, list[str]]:
    """Addresses of tiles around firms by kind: cells below the zoom where points begin, points from there on."""
    lon, lat = places(firms, folder)
    change = json.loads(client.get(f"/tiles/firms/{FIRST_ZOOM}/scale.json")[1])["points_from_zoom"]
    kinds = {"png": range(FIRST_ZOOM, max(change, FIRST_ZOOM + 1)), "pbf": range(change, change + ZOOMS)}
    asked: dict[str, list[str]] = {}
    for suffix, zooms in kinds.items():
        for zoom in zooms:  # the first of each level counts its cells
            client.get(f"/tiles/firms/{zoom}/scale.json")
        zoom = rng.choice(list(zooms), 6 * DISTINCT)
        firm = rng.integers(0, len(lon), len(zoom))
        x, y = (np.floor(part * 2.0**zoom).astype(int) for part in mercator(lon[firm], lat[firm]))
        tiles = dict.fromkeys(f"/tiles/firms/{z}/{i}/{j}.{suffix}" for z, i, j in zip(zoom, x, y, strict=True))
        asked[suffix] = list(tiles)[:DISTINCT]
    return asked


def places(firms: int, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of the firms that the server holds."""
    if firms:
        table = pq.read_table(made_up(firms, folder), columns=[c.LON, c.LAT])
        return table[c.LON].to_numpy(), table[c.LAT].to_numpy()
    known = load_reference().firms[[c.LON, c.LAT]].dropna().to_numpy(np.float64)
    return known[:, 0], known[:, 1]


@contextmanager
def readers(base: str, several: int) -> Iterator[list[float]]:
    """Busy readers; the list holds their page runs for each second when they have gone."""
    told: list[float] = []
    command = [sys.executable, "-m", "bench.sessions", base, str(several)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        time.sleep(3)  # they connect and fill the caches
        start = time.perf_counter()
        yield told
        seconds = time.perf_counter() - start + 3
        answer, _ = process.communicate("")
        told.append(int(answer) / seconds)


def measure(firms: int, folder: Path) -> Rows:
    """Latencies by kind of tile, first or again, and number of readers; and the throughput."""
    home = imported(firms, folder)
    name = f"{firms:,} firms" if firms else "bundled data"
    with served(SERVER, JIQUN_HOME=str(home)) as (base, process):
        asked = tiles_to_ask(Client(base), firms, folder, np.random.default_rng(SEED))
        left = {suffix: iter(paths) for suffix, paths in asked.items()}
        serial: dict[tuple[str, str, str], list[float]] = {}
        sizes: dict[str, list[int]] = {}
        runs: dict[str, list[float]] = {}

        def serially(state: str) -> None:
            client = Client(base)  # the server has closed what was idle meanwhile
            client.get("/_stcore/health")
            for suffix, paths in left.items():
                for path in islice(paths, SERIAL):
                    for turn in ASKED:
                        seconds, body = client.get(path)
                        serial.setdefault((suffix, turn, state), []).append(seconds)
                    sizes.setdefault(suffix, []).append(len(body))

        for _ in range(ROUNDS):
            serially(IDLE)
            for several in READERS:
                state = f"{several} busy reader{'s' if several > 1 else ''}"
                with readers(base, several) as told:
                    serially(state)
                runs.setdefault(state, []).extend(told)
        rows = [
            latency(name, suffix, turn, state, seconds)
            | {"page_runs_per_s": round(statistics.mean(runs[state]), 2) if state in runs else 0.0}
            for (suffix, turn, state), seconds in serial.items()
        ]
        for suffix, paths in asked.items():
            with ThreadPoolExecutor(AT_ONCE) as crowd:
                start = time.perf_counter()
                seconds = [seconds for seconds, _ in crowd.map(Client(base).get, paths)]
                per_s = len(paths) / (time.perf_counter() - start)
            rows.append(
                latency(name, suffix, ASKED[1], f"{AT_ONCE} at once", seconds) | {"tiles_per_s": round(per_s, 1)}
            )
        for row in rows:
            row["median_bytes"] = int(statistics.median(sizes[row["tile"]]))
            row["server_peak_mb"] = round(peak_kib(process) / 1024)
        return rows


def latency(case: str, suffix: str, turn: str, state: str, seconds: list[float]) -> dict[str, Any]:
    """Median and 95th percentile."""
    return {
        "case": case,
        "tile": suffix,
        "asked": turn,
        "state": state,
        "requests": len(seconds),
        "p50_ms": round(1000 * statistics.median(seconds), 2),
        "p95_ms": round(1000 * p95(seconds), 2),
    }


def p95(seconds: list[float]) -> float:
    """95th percentile."""
    return statistics.quantiles(seconds, n=20)[-1]


def verdicts(rows: Rows) -> Iterator[Verdict]:
    """The target beside what was measured."""
    idle = {(row["tile"], row["asked"]): row["p50_ms"] for row in rows if row.get("state") == IDLE}
    for row in rows:
        if row.get("state") == BUSY:
            what = f"{row['case']}, {row['tile']} asked {row['asked']}: p95 with {BUSY} against the idle median"
            yield Verdict(what, row["p95_ms"] / idle[row["tile"], row["asked"]], TARGET, at_most=True)


def main(wanted: list[str]) -> None:
    """Run, print, and keep the table."""
    here = machine(PACKAGES)
    rows: Rows = []
    print(here)
    with TemporaryDirectory() as folder:
        for firms in [int(size) for size in wanted] or [FIRMS]:
            try:
                rows += measure(firms, Path(folder))
            except NoRegister as reason:
                rows.append({"case": f"{firms:,} firms", "note": f"not run: {reason}"})
    for row in rows:
        row["machine"] = here
        print(*(f"{key} {value}" for key, value in row.items() if key != "machine"), sep="  ")
    report("tiles", rows, verdicts(rows), whole=not wanted)


if __name__ == "__main__":
    main(sys.argv[1:])

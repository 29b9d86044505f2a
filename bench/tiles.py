"""How soon a tile comes from the running app: alone, in a crowd, and while other readers make the server compute.

The server is the app over an imported register, started by ``cli.py serve`` and, beside it, by uvicorn itself; client
and server share the machine, so throughput is a lower bound. Tiles are those around firms, as a reader looks where the
firms are; every request asks without a stamp, so that each is drawn. *Busy* is a number of readers, each of whom
changes the year on the overview again as soon as the page rests (``bench.sessions``). Idle and busy take turns. The
ratio of the target is that of the busy 95th percentile to the smaller of the servers' idle medians, so that a delay
which one of them adds to every answer hides nothing.

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
from itertools import product
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
ROUNDS, SERIAL, CROWD, AT_ONCE = 3, 100, 400, 8
SERVERS = {
    "cli.py serve": ("cli.py", "serve", "--port", "{port}"),
    "uvicorn": ("-m", "uvicorn", "app:app", "--port", "{port}", "--log-level", "warning"),
}
READERS = (1, 3)
TARGET = 5.0
IDLE = "no reader"


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
        zoom = rng.choice(list(zooms), CROWD)
        firm = rng.integers(0, len(lon), CROWD)
        x, y = (np.floor(part * 2.0**zoom).astype(int) for part in mercator(lon[firm], lat[firm]))
        asked[suffix] = [f"/tiles/firms/{z}/{i}/{j}.{suffix}" for z, i, j in zip(zoom, x, y, strict=True)]
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


def measure(firms: int, folder: Path, server: str) -> Rows:
    """Latencies by kind of tile and number of readers, and the throughput."""
    home = imported(firms, folder)
    name = f"{firms:,} firms, {server}" if firms else f"bundled data, {server}"
    with served(SERVERS[server], JIQUN_HOME=str(home)) as (base, process):
        client = Client(base)
        asked = tiles_to_ask(client, firms, folder, np.random.default_rng(SEED))
        for path in (path for paths in asked.values() for path in paths):
            client.get(path)  # the first of each level counts the cells
        serial: dict[tuple[str, str], list[float]] = {}
        sizes: dict[str, list[int]] = {}
        runs: dict[str, list[float]] = {}

        def serially(state: str, turn: int) -> None:
            client = Client(base)  # the server has closed what was idle meanwhile
            for suffix, paths in asked.items():
                client.get(paths[-1])
                for path in paths[turn * SERIAL : (turn + 1) * SERIAL]:
                    seconds, body = client.get(path)
                    serial.setdefault((suffix, state), []).append(seconds)
                    sizes.setdefault(suffix, []).append(len(body))

        for turn in range(ROUNDS):
            serially(IDLE, turn)
            for several in READERS:
                state = f"{several} busy reader{'s' if several > 1 else ''}"
                with readers(base, several) as told:
                    serially(state, turn)
                runs.setdefault(state, []).extend(told)
        rows = [
            latency(name, suffix, state, seconds)
            | {"page_runs_per_s": round(statistics.mean(runs[state]), 2) if state in runs else 0.0}
            for (suffix, state), seconds in serial.items()
        ]
        for suffix, paths in asked.items():
            with ThreadPoolExecutor(AT_ONCE) as crowd:
                start = time.perf_counter()
                seconds = [seconds for seconds, _ in crowd.map(client.get, paths)]
                per_s = len(paths) / (time.perf_counter() - start)
            rows.append(latency(name, suffix, f"{AT_ONCE} at once", seconds) | {"tiles_per_s": round(per_s, 1)})
        for row in rows:
            row["median_bytes"] = int(statistics.median(sizes[row["tile"]]))
            row["server_peak_mb"] = round(peak_kib(process) / 1024)
        return rows


def latency(case: str, suffix: str, state: str, seconds: list[float]) -> dict[str, Any]:
    """Median and 95th percentile."""
    return {
        "case": case,
        "tile": suffix,
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
    idle: dict[str, list[float]] = {}
    for row in rows:
        if row.get("state") == IDLE:
            idle.setdefault(row["tile"], []).append(row["p50_ms"])
    for row in rows:
        if "busy" in row.get("state", ""):
            what = f"{row['case']}, {row['tile']}: p95 with {row['state']} against the idle median"
            yield Verdict(what, row["p95_ms"] / min(idle[row["tile"]]), TARGET, at_most=True)


def main(wanted: list[str]) -> None:
    """Run, print, and keep the table."""
    here = machine(PACKAGES)
    rows: Rows = []
    print(here)
    with TemporaryDirectory() as folder:
        for firms, server in product([int(size) for size in wanted] or [FIRMS], SERVERS):
            try:
                rows += measure(firms, Path(folder), server)
            except NoRegister as reason:
                rows.append({"case": f"{firms:,} firms, {server}", "note": f"not run: {reason}"})
    for row in rows:
        row["machine"] = here
        print(*(f"{key} {value}" for key, value in row.items() if key != "machine"), sep="  ")
    report("tiles", rows, verdicts(rows), whole=not wanted)


if __name__ == "__main__":
    main(sys.argv[1:])

"""How soon a page of features comes from the running app, with a million firms and with the bundled ones.

The server is the app over an imported register, started by ``cli.py serve``; client and server share the machine. Boxes
lie around firms, as a reader looks where the firms are. *Again* is the same address with the tag that the client holds.

``python -m bench.features [firms ...]`` runs both sizes of the whole run, or registers of these sizes; 0 is the bundled
data.
"""

import http.client
import json
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import numpy as np

from bench.machine import machine, peak_kib
from bench.registers import NoRegister, imported
from bench.results import Rows, Verdict, report
from bench.server import served
from bench.tiles import FIRMS, SERVER, p95, places

SIZES = (0, FIRMS)
REQUESTS = 40
PACKAGES = ("numpy", "pandas", "starlette", "uvicorn")
WINDOW = "a window of 1 km, 100 firms at most"
TARGET = 10.0
FIRST, AGAIN = "first", "again"


def asked(firms: int, folder: Path, rng: np.random.Generator) -> dict[str, list[str]]:
    """Addresses by what they ask."""
    at = "/ogc/collections/firms/items"
    lon, lat = (part[np.isfinite(part)] for part in places(firms, folder))
    chosen = rng.integers(0, len(lon), REQUESTS)
    around = [
        ",".join(f"{v:.5f}" for v in (x - 0.005, y - 0.0045, x + 0.005, y + 0.0045))
        for x, y in zip(lon[chosen], lat[chosen], strict=True)
    ]
    skipped = rng.integers(0, max(len(lon) - 1_000, 1), REQUESTS)
    return {
        WINDOW: [f"{at}?limit=100&bbox={box}" for box in around],
        "the same of one subsector": [f"{at}?limit=100&bbox={box}&subsector_id=S05" for box in around],
        "a page of 1,000 firms": [f"{at}?limit=1000&offset={offset}" for offset in skipped],
        "clusters by district": [f"/ogc/collections/district-clusters/items?offset={k}" for k in range(REQUESTS)],
    }


def measure(firms: int, folder: Path) -> Rows:
    """Latencies by what is asked, first and again."""
    home = imported(firms, folder)
    case = f"{firms:,} firms" if firms else "bundled data"
    rows: Rows = []
    with served(SERVER, JIQUN_HOME=str(home)) as (base, process):
        connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
        for what, addresses in asked(firms, folder, np.random.default_rng(1)).items():
            get(connection, addresses[0].partition("?")[0], "")  # the first of all builds what is kept
            seconds: dict[str, list[float]] = {FIRST: [], AGAIN: []}
            sizes, matched = [], []
            for address in addresses:
                took, body, tag = get(connection, address, "")
                seconds[FIRST].append(took)
                seconds[AGAIN].append(get(connection, address, tag)[0])
                sizes.append(len(body))
                matched.append(json.loads(body)["numberReturned"])
            rows += [
                {
                    "case": case,
                    "what": what,
                    "asked": turn,
                    "p50_ms": round(1000 * statistics.median(took), 1),
                    "p95_ms": round(1000 * p95(took), 1),
                    "median_features": int(statistics.median(matched)),
                    "median_bytes": int(statistics.median(sizes)),
                }
                for turn, took in seconds.items()
            ]
        connection.close()
        for row in rows:
            row["server_peak_mb"] = round(peak_kib(process) / 1024)
    return rows


def get(connection: http.client.HTTPConnection, address: str, tag: str) -> tuple[float, bytes, str]:
    """Seconds until the whole answer was here, the answer and its tag."""
    start = time.perf_counter()
    connection.request("GET", address, headers={"If-None-Match": tag} if tag else {})
    answer = connection.getresponse()
    body = answer.read()
    took = time.perf_counter() - start
    if answer.status != (304 if tag else 200):
        raise RuntimeError(f"{address} answered {answer.status}")
    return took, body, answer.headers["etag"]


def verdicts(rows: Rows) -> Iterator[Verdict]:
    """A window of a million firms beside one of the few."""
    p50 = {row["case"]: row["p50_ms"] for row in rows if row.get("what") == WINDOW and row["asked"] == FIRST}
    many, few = p50.get(f"{FIRMS:,} firms"), p50.get("bundled data")
    if many and few:
        yield Verdict(f"{WINDOW}: p50 with {FIRMS:,} firms against the bundled ones", many / few, TARGET, at_most=True)


def main(wanted: list[str]) -> None:
    """Run, print, and keep the table."""
    here = machine(PACKAGES)
    rows: Rows = []
    print(here)
    with TemporaryDirectory() as folder:
        for firms in [int(size) for size in wanted] or SIZES:
            try:
                rows += measure(firms, Path(folder))
            except NoRegister as reason:
                rows.append({"case": f"{firms:,} firms", "note": f"not run: {reason}"})
    for row in rows:
        row["machine"] = here
        print(*(f"{key} {value}" for key, value in row.items() if key != "machine"), sep="  ")
    report("features", rows, verdicts(rows), whole=not wanted)


if __name__ == "__main__":
    main(sys.argv[1:])

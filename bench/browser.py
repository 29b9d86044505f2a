"""When a reader sees the map: our overview beside other layers, in a real browser, for 10,000 to 3 million firms.

*Visible* is two animation frames after the map's script ended, for tiles after the last tile; for a chart on a canvas
it is the first picture with dots, looked at from outside. *Bytes* came for this register: WebSocket payloads, tiles and
other answers, but no scripts, styles and fonts, which are the same for all. *Heap* is JavaScript memory after a
collection. Every visit has an empty cache; the server is warm but for those who run once. Peers are small Streamlit
pages written as their documentation shows; libraries come from this machine. The *empty map* is our shell and base map,
*jiqun map* the same with everything on it, *jiqun overview* the whole page.

``python -m bench.browser [firms ...]`` runs all sizes or these; 0 is the bundled data.
"""

import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser

from bench import libraries
from bench.machine import machine, peak_kib
from bench.registers import NoRegister, imported, made_up
from bench.results import Rows, Verdict, report
from bench.server import served
from bench.visits import Visit, browser
from data.dataset import MANY_FIRMS

SIZES = (0, 10_000, 100_000, 1_000_000, 3_000_000)
ROUNDS, PATIENCE_S = 5, 120.0
WINDOW = {"width": 1440, "height": 900}
PACKAGES = ("streamlit", "streamlit-folium", "folium", "pydeck", "playwright")
EMPTY, MAP, OURS, CHANGE = "empty map", "jiqun map", "jiqun overview", "jiqun, one more subsector"
SUBSECTOR, FILTERS = '.st-key-subsectors button[aria-pressed="false"]', "tune"  # icon of the button, in any language
# the largest register that a peer draws here in about a minute, and the largest that it draws several times
PEERS = {
    "Marker": (10_000, 0),
    "CircleMarker, canvas": (10_000, 0),
    "FastMarkerCluster": (100_000, 10_000),
    "HeatMap": (1_000_000, 10_000),
    "pydeck": (1_000_000, 10_000),
}
TARGET_FIRMS = 1_000_000
TARGETS = (  # page, column, most
    (MAP, "times_empty", 1.3),
    (OURS, "received_kb", 120),
    (CHANGE, "socket_kb", 60),
    (OURS, "server_peak_mb", 600),
)


@dataclass
class Entry:
    """A page that takes part, and what its visits showed."""

    firms: int
    page: str
    address: str
    ready: str
    once: bool = False
    server: int | None = None
    seen: list[dict[str, float]] = field(default_factory=list)
    note: str = ""


def visit(opened: Browser, entry: Entry) -> dict[str, float] | None:
    """One visit; ``None`` when the map did not come in time."""
    context = opened.new_context(viewport=WINDOW, locale="zh-CN", service_workers="block")
    try:
        one = Visit(context.new_page(), entry.ready)
        open_page: Callable[[str, float], float | None] = one.open_canvas if entry.ready == "canvas" else one.open
        seconds = open_page(entry.address, PATIENCE_S)
        if seconds is None:
            return None
        one.rested()
        return {"visible_s": seconds, "received_kb": one.traffic.whole / 1024, "heap_mb": one.heap_mb()}
    finally:
        context.close()


def visits(opened: Browser, entries: list[Entry]) -> None:
    """All entries in turns; the first turn of those who run more than once is not counted."""
    for turn in range(ROUNDS + 1):
        for entry in entries:
            if entry.note or (entry.once and turn):
                continue
            seen = visit(opened, entry)
            if seen is None:
                entry.note = f"not run: no map after {PATIENCE_S:.0f} s"
            elif turn or entry.once:
                entry.seen.append(seen)


def change(opened: Browser, entry: Entry) -> dict[str, Any]:
    """Medians of some changes of the filter on one page, after a first one that leaves one subsector of all."""
    context = opened.new_context(viewport=WINDOW, locale="zh-CN", service_workers="block")
    try:
        one = Visit(context.new_page(), entry.ready)
        if one.open(entry.address, PATIENCE_S) is None:
            return {"note": f"not run: no map after {PATIENCE_S:.0f} s"}
        one.rested()
        found = []
        for _ in range(ROUNDS + 1):
            one.reveal(SUBSECTOR, FILTERS)
            found.append(one.change(SUBSECTOR, PATIENCE_S))
        found = found[1:]
        middle = {key: statistics.median(each[key] for each in found) for key in ("seconds", "socket_kb", "tiles_kb")}
        return {
            "runs": len(found),
            "visible_s": round(middle["seconds"], 3),
            "received_kb": round(middle["socket_kb"] + middle["tiles_kb"], 1),
            "socket_kb": round(middle["socket_kb"], 1),
            "frame_kept": "yes" if all(each["kept"] for each in found) else "no",
        }
    finally:
        context.close()


def entries_of(firms: int, folder: Path, empty: str, peers: str, running: ExitStack) -> Iterator[Entry]:
    """Who takes part with a register of this size; our server for it starts here."""
    yield Entry(firms, EMPTY, f"{empty}/", "empty")
    try:
        home = imported(firms, folder)
        base, process = running.enter_context(served(["cli.py", "serve", "--port", "{port}"], JIQUN_HOME=str(home)))
        ready = "jiqun, tiles" if firms > MANY_FIRMS else "jiqun"
        alone, _ = running.enter_context(
            served(["-m", "streamlit", "run", "bench/pages/map_app.py", *SERVER], JIQUN_HOME=str(home))
        )
        yield Entry(firms, MAP, f"{alone}/", ready)
        yield Entry(firms, OURS, f"{base}/overview", ready, server=process)
    except NoRegister as reason:
        yield Entry(firms, OURS, "", "", note=f"not run: {reason}")
    if firms:
        made_up(firms, folder)  # the peers read it too
    for layer, (most, often) in PEERS.items() if firms else ():
        address = f"{peers}/?layer={layer}&firms={firms}"
        entry = Entry(firms, layer, address, "canvas" if layer == "pydeck" else "folium", once=firms > often)
        entry.note = "" if firms <= most else "not run: minutes at this size"
        yield entry


def rows_of(entry: Entry, empty_s: float | None) -> dict[str, Any]:
    """Medians of an entry."""
    row: dict[str, Any] = {"firms": entry.firms, "page": entry.page, "note": entry.note}
    if entry.seen:
        middle = {key: statistics.median(seen[key] for seen in entry.seen) for key in entry.seen[0]}
        row |= {"runs": len(entry.seen), "visible_s": round(middle["visible_s"], 3)}
        row |= {key: round(middle[key], 1) for key in ("received_kb", "heap_mb")}
        if empty_s:
            row["times_empty"] = round(middle["visible_s"] / empty_s, 2)
    if entry.server:
        row["server_peak_mb"] = round(peak_kib(entry.server) / 1024)
    return row


def measure(opened: Browser, firms: int, folder: Path, empty: str, peers: str) -> Iterator[dict[str, Any]]:
    """Rows of one register."""
    with ExitStack() as running:
        entries = list(entries_of(firms, folder, empty, peers, running))
        visits(opened, entries)
        empty_s = statistics.median(seen["visible_s"] for seen in entries[0].seen) if entries[0].seen else None
        for entry in entries:
            yield rows_of(entry, empty_s)
        ours = next(entry for entry in entries if entry.page == OURS)
        yield {"firms": firms, "page": CHANGE, **({"note": ours.note} if ours.note else change(opened, ours))}


def verdicts(rows: Rows) -> Iterator[Verdict]:
    """The target beside what was measured."""
    for page, column, most in TARGETS:
        for row in rows:
            if row.get("firms") == TARGET_FIRMS and row["page"] == page and row.get(column) not in (None, ""):
                what = f"{TARGET_FIRMS:,} firms, {page}: {column}"
                yield Verdict(what, float(row[column]), most, at_most=True)


def main(wanted: list[str]) -> None:
    """Run, print, and keep the table."""
    libraries.fetch()
    here = machine(PACKAGES)
    print(here)
    rows: Rows = []
    with (
        TemporaryDirectory() as folder,
        served(["-m", "streamlit", "run", "bench/pages/empty_app.py", *SERVER]) as (empty, _),
        served(["-m", "streamlit", "run", "bench/pages/peers_app.py", *SERVER], JIQUN_BENCH_REGISTERS=folder) as (
            peers,
            _,
        ),
        browser() as opened,
    ):
        for firms in [int(size) for size in wanted] or SIZES:
            for row in measure(opened, firms, Path(folder), empty, peers):
                rows.append({**row, "machine": here})
                print(*(f"{key} {value}" for key, value in row.items() if value != ""), sep="  ", flush=True)
    report("browser", rows, verdicts(rows), whole=not wanted)


SERVER = ("--server.port", "{port}", "--server.headless", "true", "--server.address", "127.0.0.1")

if __name__ == "__main__":
    main(sys.argv[1:])

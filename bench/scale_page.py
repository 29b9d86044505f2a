"""Writes ``docs/scale.md`` from the kept table of ``bench.scale``: what was measured, and the plan past one machine.

``python -m bench.scale_page`` writes the page anew without measuring anything. What was measured and what is assumed
stay apart: every assumption of the plan is a line of `ASSUMED` with its name, and the page prints the formula with it.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from bench import scale
from bench.report import find, grid
from bench.results import Rows, kept
from bench.server import ROOT

PAGE = ROOT / "docs" / "scale.md"
HEAD = """# Scale

Written by `python -m bench.scale` from `bench/results/scale.csv`; do not edit it by hand. [engine.md](engine.md) tells
how to run a register past one machine.

All of China's enterprises as a made-up register: firms scattered over all 2,877 counties, each county the same share,
around one point of it and as far as its size reaches; revenue of five years each, so sixty million firms are three
hundred million observations. They say how long it takes and nothing about any place. Counted is the cube of county ×
subsector × year: firms, revenue, largest firm. Threads and workers gave the same digest, or there would be no table.
"""
FOOT = """## How to measure again

`python -m bench.scale` on a machine that does nothing else: about {minutes} minutes on two cores, 2.3 GB of disk in the
temporary folder (`TMPDIR`), 6 GB of memory. `python -m bench.scale 1000000` tries it in a minute or two and keeps
nothing. `python -m bench.soak scale` kills workers under ten million firms and compares every count.
"""
STEPS = (("reading_s", "reading"), ("placing_s", "placing"), ("counting_s", "counting"))


class Assumed(NamedTuple):
    """A number of the plan that nobody measured here."""

    name: str
    value: float
    unit: str
    why: str


ASSUMED = {
    "F": Assumed("firms of a national register", 60e6, "firms", "order of magnitude of China's enterprises"),
    "B": Assumed("reading from an object store", 100.0, "MB/s for each worker", "one stream over a 1 Gbit/s link"),
    "L": Assumed("start of a read there", 0.1, "s for each partition", "a few requests of tens of milliseconds"),
    "P": Assumed("partitions", 60.0, "", "one million rows each, as measured"),
    "R": Assumed("bytes of a firm in PostGIS", 600.0, "bytes", "row, five observations, geometry and two indexes"),
    "U": Assumed("readers at the same time", 2000.0, "", "a province's bureaus in working hours"),
    "Q": Assumed("requests of a reader to the store", 6.0, "a minute", "a filter or an identify every ten seconds"),
    "q": Assumed("requests that a replica answers", 100.0, "a second", "measure yours: bench of the store, p95 < 1 s"),
    "V": Assumed("map views of a reader", 4.0, "a minute", ""),
    "T": Assumed("tiles of a view", 20.0, "", "a screen of 256-pixel tiles and its rim"),
    "H": Assumed("share of tiles that a CDN answers", 0.95, "", "addresses name the version, so a tile never changes"),
    "S": Assumed("bytes of a tile", 20e3, "bytes", "a full PNG tile; bench/results/tiles.csv has the median"),
}


def page() -> str:
    """The whole page."""
    rows = kept("scale")
    if not rows:
        return "\n".join([HEAD, "Not measured yet.\n", FOOT.format(minutes=15)])
    seconds = sum(row.get("seconds", 0) for row in rows)
    return "\n".join([HEAD, measured(rows), cost(rows), plan(rows), FOOT.format(minutes=math.ceil(seconds / 60) + 2)])


def measured(rows: Rows) -> str:
    """Tables, targets and slopes."""
    columns = {"firms": "firms", "job": "job", "partitions": "partitions", "seconds": "s", "cpu_s": "CPU s",
               "peak_mb": "peak MB", "mb": "MB on disk", "cells": "cells", "digest": "digest"}  # fmt: skip
    timed = [row for row in rows if row["job"] != scale.TITLES["sample"]]
    targets = ([v.what, v.bound, v.shown, "met" if v.met else "**missed**"] for v in scale.verdicts(rows))
    blocks = [
        "## Measured",
        " ".join(says(rows)),
        grid(["target", "bound", "measured", ""], targets),
        grid(columns.values(), ([_cell(row.get(key, "")) for key in columns] for row in timed)),
        "Peak MB of two workers is that of the client and both workers together, each with an index of its own.",
        "### Where the time goes",
        shares(rows),
        f"Machine: {rows[0]['machine']}",
    ]
    return "\n\n".join(blocks) + "\n"


def says(rows: Rows) -> Iterator[str]:
    """What the table tells."""
    few, many = scale.SIZES[1], scale.SIZES[2]
    for job in ("local", "dask"):
        small, large = (find(rows, firms=firms, job=scale.TITLES[job]) for firms in (few, many))
        if small and large:
            slope = math.log(large["seconds"] / small["seconds"]) / math.log(many / few)
            yield (
                f"{scale.TITLES[job].capitalize()}: {few:,} firms in {small['seconds']:.0f} s, {many:,} in "
                f"{large['seconds']:.0f} s, a log-log slope of {slope:.2f} (1 is in step with the firms), with "
                f"{small['peak_mb']:,.0f} and {large['peak_mb']:,.0f} MB."
            )
    local, dask = (find(rows, firms=many, job=scale.TITLES[job]) for job in ("local", "dask"))
    if local and dask:
        ratio = local["seconds"] / dask["seconds"]
        faster = f"{ratio:.2f} times as fast as" if ratio >= 1 else f"{1 / ratio:.2f} times as slow as"
        yield f"On one machine two workers are {faster} threads; a cluster is for more machines than one."


def shares(rows: Rows) -> str:
    """Steps of one thread, a million firms each."""
    lines = []
    for row in rows:
        if row["job"] == scale.TITLES["sample"]:
            whole = sum(row[key] for key, _ in STEPS)
            told = [f"{row[key]:.2f} s ({100 * row[key] / whole:.0f} %)" for key, _ in STEPS]
            lines.append([f"{row['firms']:,}", *told, f"{row['adding_s']:.2f} s", f"{row['index_s']:.1f} s"])
    headings = ["firms", *(f"{name} a million" for _, name in STEPS), "adding up a partition", "index, once a process"]
    return grid(headings, lines)


def cost(rows: Rows) -> str:
    """What a count costs in work, whatever an hour of it costs."""
    blocks = ["## Cost"]
    for row in rows:
        if row["job"] == scale.TITLES["dask"] and row["firms"] == scale.SIZES[-1]:
            made = find(rows, firms=row["firms"], job=scale.TITLES["make"])
            hours, gb = row["cpu_s"] / 3600, made["mb"] / 1000
            blocks.append(
                f"A count of {row['firms']:,} firms takes {row['cpu_s']:,.0f} processor seconds = {hours:.3f} core "
                f"hours, and {gb:.1f} GB at rest ({made['mb'] * 1e6 / row['firms']:.0f} bytes a firm, all columns). "
                f"With p the price of a core hour and s that of a GB and month at your provider, a count costs "
                f"{hours:.3f} p and keeping the register {gb:.1f} s a month. Counted anew each night, the count is "
                f"{30 * hours:.1f} core hours a month: a cluster that stands idle otherwise costs more than its work, "
                "so let it start for the run, or use the machines that are there."
            )
    return "\n\n".join(blocks) + "\n"


def plan(rows: Rows) -> str:
    """Past one machine, with arithmetic on what was measured and what is assumed."""
    most = max(row["firms"] for row in rows)
    step = find(rows, firms=most, job=scale.TITLES["sample"])
    made = find(rows, firms=most, job=scale.TITLES["make"])
    figures = Plan(step, made["mb"] * 1e6 / most)
    lines = [[key, one.name, f"{one.value:g} {one.unit}".strip(), one.why] for key, one in ASSUMED.items()]
    return "\n\n".join([
        "## The plan past one machine",
        "Nothing below was measured; it is arithmetic on the figures above and on these assumptions. Put yours in.",
        grid(["", "assumption", "value", "why"], lines),
        *figures.store(), *figures.replicas(), *figures.tiles(), figures.order(),
    ]) + "\n"  # fmt: skip


class Plan:
    """The arithmetic: c seconds of one thread for a million firms, a to add a partition up, b bytes a firm."""

    def __init__(self, step: dict[str, Any], bytes_a_firm: float) -> None:
        self.c = sum(step[key] for key, _ in STEPS)
        self.a, self.index, self.peak, self.b = step["adding_s"], step["index_s"], step["peak_mb"], bytes_a_firm
        self.v = {key: one.value for key, one in ASSUMED.items()}

    def seconds(self, workers: int) -> float:
        """A whole count by so many workers that read from an object store."""
        v = self.v
        each = v["F"] / 1e6 * self.c / workers
        reading = (v["F"] * self.b / 1e6 / v["B"] + v["P"] * v["L"]) / workers
        return self.index + each + reading + v["P"] * self.a

    def store(self) -> Iterator[str]:
        """Partitions in an object store, one worker a core."""
        v = self.v
        reduced = v["P"] * self.a
        table = [[f"{w}", f"{self.seconds(w):.0f} s", f"{self.seconds(1) / self.seconds(w):.1f}",
                  f"{w * self.peak / 1000:.0f} GB"] for w in (1, 2, 4, 8, 16, 32, 60)]  # fmt: skip
        yield "### 1. Partitions in an object store, workers beside it"
        yield (
            "With W workers of one core: time = index + F/10⁶ · c / W + (F · b / B + P · L) / W + P · a, where "
            f"c = {self.c:.2f} s for a million firms, b = {self.b:.0f} bytes, the index takes {self.index:.1f} s, and "
            f"the client adds cubes up one after the other in a = {self.a:.2f} s each (measured)."
        )
        yield grid(["W", "time", "times as fast as one", "memory of all workers"], table)
        yield (
            f"Index and adding up do not shrink with W: {self.index + reduced:.0f} s stay, so workers beyond "
            f"{math.ceil(v['F'] / 1e6 * self.c / max(self.index + reduced, 0.1))} spend more than half of their time "
            "waiting. More is gained by adding up in a tree on the workers, and by partitions that hold counties "
            "together, whose cubes are small; neither is built. The mount that workers read through is the operator's "
            "(NFS, or the store's own driver); the program knows paths only."
        )

    def replicas(self) -> Iterator[str]:
        """Readers at a PostGIS store."""
        v = self.v
        gb, asked = v["F"] * v["R"] / 1e9, v["U"] * v["Q"] / 60
        yield "### 2. PostGIS with read replicas"
        yield (
            f"Size: F · R = {gb:.0f} GB, which wants {math.ceil(gb / 0.75 / 16) * 16} GB of memory for its working set "
            f"to stay there. Load: U · Q / 60 = {asked:.0f} requests a second, so ⌈U · Q / 60 / q⌉ = "
            f"{math.ceil(asked / v['q'])} replicas answer them, and one more lets any of them fail. Versions never "
            "change once they are written, so a replica that lags shows an older version and never half of one; "
            "imports go to the primary alone. The program takes one JIQUN_STORE: an app process whose address is a "
            "replica would show versions and import none."
        )

    def tiles(self) -> Iterator[str]:
        """Tiles behind a CDN."""
        v = self.v
        asked = v["U"] * v["V"] * v["T"] / 60
        origin = asked * (1 - v["H"])
        yield "### 3. Tiles behind a CDN"
        yield (
            f"Asked: U · V · T / 60 = {asked:,.0f} tiles a second, {asked * v['S'] * 8 / 1e9:.2f} Gbit/s. At the "
            f"origin: (1 − H) of it = {origin:,.0f} a second, {origin * v['S'] * 8 / 1e9:.2f} Gbit/s; performance.md "
            "has what one app process answers. Only tiles that every reader may see may be kept by a CDN: those of the "
            "public role, or of public record. What depends on who looks goes past it to the app, always."
        )

    def order(self) -> str:
        """What to do first."""
        return (
            "### In which order\n\nOne machine counts the nation in the time above; so first the machine's memory, "
            "then replicas when readers wait, then a CDN when the map is public, and a cluster last: for many "
            "registers each night, for many years, or where the data already lie beside one."
        )


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), "utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

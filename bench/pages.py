"""What the server works for each page: with the bundled firms and with a million, in turns, without a browser.

A reader speaks to the server over a page's WebSocket as a browser does, and draws nothing: a time is that from asking
until the page's script has ended, which is all of the server's work but files and tiles. Every turn is a new session:
an *opening*, then each *change* that readers of the page make, with a value that this page was not asked for before;
what it needs of a year or a cluster may have been made for another page. The *first* turn on a new server, in the
order of the table, makes what later readers share; it is told and not counted. *CPU* is what the processor worked for
the server meanwhile: unlike a time, it does not grow with what else the machine does.

Both registers are in one class where a million firms take at most three times the bundled data's time, or at most
0.1 s more: a ratio alone would call 40 ms beside 12 ms slow, a difference alone 1.1 s beside 1 s. A tenth of a second
is what a reader takes for at once (Nielsen, J. (1993). "Usability Engineering"), and a factor of three is far from
the 14,000 by which the registers differ.

``python -m bench.pages [firms]`` takes a million, or so many.
"""

import statistics
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import urlencode

from bench.machine import machine, worked_s
from bench.registers import imported
from bench.results import Rows, Verdict, report
from bench.rounds import timed
from bench.server import served
from bench.sessions import choose, joined

MANY = 1_000_000
MOST_TIMES, MOST_MORE_S = 3.0, 0.1
PACKAGES = ("streamlit", "pandas", "pyarrow", "numba")
OPENING = "opening"
SAME, SLOWER = "same", "slower"
NANSHAN, PAIR, SITES = "440305", "440305,440308", {"subsector": "S01"}
# a value for each turn, the first for the one that is not counted
CLUSTERS = ("S02", "S03", "S05", "S08", "S11")
DISTRICTS = ("440303", "440304", "440306", "440307", "440309")
TRIPLES = tuple(f"{PAIR},{district}" for district in DISTRICTS)
TIERS = ("all", "CNY_1E11", "CNY_1E10", "BELOW", "all")
YEARS = ("2023", "2022", "2021", "2020", "2019")
RATES = ("0.05", "0.06", "0.07", "0.08", "0.09")
WEIGHTS = tuple(f"near_metro:{weight}" for weight in ("5", "4.5", "4", "3.5", "3"))
MEASURES = ("hoover_index", "krugman_index", "growth_interval", "k_density", "rank_sites")


@dataclass(frozen=True)
class Walk:
    """How the readers of a page go: where it opens, and what they change then.

    Attributes
    ----------
    page : str
        Last part of its address.
    asked : mapping of str to str
        Parameters of the address that it is opened with.
    changes : mapping of str to tuple of str
        Values of a parameter, one for each turn, the first for the one that is not counted.
    """

    page: str
    asked: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


WALKS = {
    "start": Walk("start", changes={"district": DISTRICTS, "year": YEARS}),
    "overview": Walk("overview", changes={"subsectors": CLUSTERS, "tier": TIERS, "year": YEARS}),
    "district": Walk("district", {"district": NANSHAN}, {"district": DISTRICTS, "year": YEARS}),
    "compare": Walk("compare", {"districts": PAIR}, {"districts": TRIPLES, "since": YEARS, "year": YEARS}),
    "sites, parks": Walk("sites", SITES, {"weights": WEIGHTS, "subsector": CLUSTERS, "year": YEARS}),
    "sites, squares": Walk("sites", SITES | {"view": "grid"}, {"weights": WEIGHTS, "subsector": CLUSTERS}),
    "gaps": Walk("gaps", changes={"subsector": CLUSTERS, "area": DISTRICTS, "growth": RATES, "year": YEARS}),
    "units": Walk("units", changes={"year": YEARS}),
    "data": Walk("data"),
    "methods": Walk("methods", changes={"measure": MEASURES}),
}
TURNS = len(CLUSTERS)


@dataclass(frozen=True)
class Server:
    """Where a register is shown."""

    address: str
    process: int


class Took(NamedTuple):
    """Seconds until the script had ended, and those that the processor was at work for the server meanwhile."""

    seconds: float
    worked: float


def walked(server: Server, walk: Walk, turn: int) -> dict[str, Took]:
    """One session: the opening, then each change from there."""
    found = {}
    with joined(server.address) as reader:
        for what, change in {
            OPENING: {},
            **{name: {name: values[turn]} for name, values in walk.changes.items()},
        }.items():
            before = worked_s(server.process)
            _, seconds = timed(partial(choose, reader, urlencode({**walk.asked, **change}), walk.page))
            found[what] = Took(seconds, worked_s(server.process) - before)
    return found


def measure(few: Server, many: Server, firms: int) -> Iterator[dict[str, Any]]:
    """Rows of every page."""
    for name, walk in WALKS.items():
        small, large = list[dict[str, Took]](), list[dict[str, Took]]()
        for turn in range(TURNS):
            small.append(walked(few, walk, turn))
            large.append(walked(many, walk, turn))
        for what in (OPENING, *walk.changes):
            row = {"page": name, "what": what, "firms": firms, "runs": TURNS - 1}
            row |= compared([each[what] for each in small[1:]], [each[what] for each in large[1:]])
            yield row | {
                "first_few_s": round(small[0][what].seconds, 3),
                "first_many_s": round(large[0][what].seconds, 3),
            }


def compared(few: list[Took], many: list[Took]) -> dict[str, Any]:
    """Medians, the ratio and the difference of their seconds, and whether they are in one class."""
    small, large = (Took(*map(statistics.median, zip(*each, strict=True))) for each in (few, many))
    ratio, more = large.seconds / small.seconds, large.seconds - small.seconds
    return {
        "few_s": round(small.seconds, 3),
        "many_s": round(large.seconds, 3),
        "ratio": round(ratio, 2),
        "more_s": round(more, 3),
        "class": SAME if ratio <= MOST_TIMES or more <= MOST_MORE_S else SLOWER,
        "few_cpu_s": round(small.worked, 3),
        "many_cpu_s": round(large.worked, 3),
    }


def verdicts(rows: Rows) -> Iterator[Verdict]:
    """The largest ratio of those that take more than a tenth of a second longer."""
    longer = [row["ratio"] for row in rows if row["more_s"] > MOST_MORE_S]
    if rows:
        yield Verdict(
            f"largest ratio of the {len(rows)} rows, where it is more than {MOST_MORE_S:g} s",
            max(longer, default=1.0),
            MOST_TIMES,
            at_most=True,
        )


def main(wanted: list[str]) -> None:
    """Run, print, and keep the table."""
    firms = int(wanted[0]) if wanted else MANY
    here = machine(PACKAGES)
    print(here)
    rows: Rows = []
    with TemporaryDirectory() as folder, ExitStack() as running:
        homes = [imported(size, Path(folder)) for size in (0, firms)]
        few, many = (
            Server(*running.enter_context(served(["cli.py", "serve", "--port", "{port}"], JIQUN_HOME=str(home))))
            for home in homes
        )
        for row in measure(few, many, firms):
            rows.append({**row, "machine": here})
            print(*(f"{key} {value}" for key, value in row.items()), sep="  ", flush=True)
    report("pages", rows, verdicts(rows), whole=not wanted)


if __name__ == "__main__":
    main(sys.argv[1:])

"""What the running app holds in memory: bare, with one session, with ten, and when they have gone.

*RSS* counts every page of memory that the process uses, those of mapped files too, which the system may take back;
*own* is what the process alone holds. A session is a WebSocket of a page, as a browser opens it, that has seen the
overview of two years. What ten sessions need above one is theirs alone: shared data stay what they were.

``python -m bench.memory [firms ...]`` runs all sizes or these; 0 is the bundled data.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from websockets.sync.client import connect

from bench.machine import machine
from bench.registers import imported
from bench.results import Rows, Verdict, report
from bench.server import served
from bench.sessions import YEARS, choose

SIZES = (0, 1_000_000, 3_000_000)
PACKAGES = ("streamlit", "pandas", "pyarrow", "numpy")
MANY = 10
TARGET_FIRMS, MOST_MB = 1_000_000, 600
REST_S = 3  # what a page run leaves is let go meanwhile


def held(process: int) -> dict[str, int]:
    """RSS and own memory in MB; Linux alone tells them."""
    lines = (line.split() for line in Path(f"/proc/{process}/smaps_rollup").read_text("utf-8").splitlines()[1:])
    told = {name.rstrip(":"): round(int(kib) / 1024) for name, kib, *_ in lines}
    return {"rss_mb": told["Rss"], "own_mb": told["Anonymous"]}


def measure(firms: int, folder: Path) -> Iterator[dict[str, object]]:
    """Rows of one register."""
    home = imported(firms, folder)
    with served(["cli.py", "serve", "--port", "{port}"], JIQUN_HOME=str(home)) as (base, process):
        yield {"firms": firms, "state": "started", **held(process)}
        stream = base.replace("http", "ws", 1) + "/_stcore/stream"
        with ExitStack() as open_sockets:
            for number in range(1, MANY + 1):
                socket = connect(stream, subprotocols=["streamlit"], origin=base, max_size=None, compression=None)
                open_sockets.enter_context(socket)
                for year in YEARS:
                    choose(socket, f"year={year}")
                if number in (1, MANY):
                    time.sleep(REST_S)
                    yield {"firms": firms, "state": f"{number} session{'s' if number > 1 else ''}", **held(process)}
        time.sleep(REST_S)
        yield {"firms": firms, "state": "all gone", **held(process)}


def verdicts(rows: Rows) -> Iterator[Verdict]:
    """The target beside what was measured."""
    for row in rows:
        if row.get("firms") == TARGET_FIRMS and row.get("state") == f"{MANY} sessions":
            yield Verdict(f"{TARGET_FIRMS:,} firms, {MANY} sessions: RSS in MB", row["rss_mb"], MOST_MB, at_most=True)


def main(wanted: list[str]) -> None:
    """Run, print, and keep the table."""
    here = machine(PACKAGES)
    print(here)
    rows: Rows = []
    with TemporaryDirectory() as folder:
        for firms in [int(size) for size in wanted] or SIZES:
            for row in measure(firms, Path(folder)):
                rows.append({**row, "machine": here})
                print(*(f"{key} {value}" for key, value in row.items()), sep="  ", flush=True)
    report("memory", rows, verdicts(rows), whole=not wanted)


if __name__ == "__main__":
    main(sys.argv[1:])

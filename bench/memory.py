"""What the current version costs a process: memory and time to open it, to prepare the tiles, and of ten boards.

``Rss`` counts every page in memory, those of mapped files too, which processes share and the system may take back;
``Anonymous`` is what this process alone holds. ``python -m bench.memory`` measures the version that ``JIQUN_HOME``
points to.
"""

import gc
import time
from collections.abc import Callable
from pathlib import Path

from api.tiles import ramp, warm
from clusters.goals import tally_goals
from clusters.plan import open_plan
from data.firm_points import firm_points
from data.reference import load_reference
from data.settings import settings
from data.versions import current_dataset, current_version
from geo.tiles import grid_tile

PLAN = "shenzhen-digital-economy-2021-2023"
CITY = (8, 209, 111)
BOARDS = 10
MIB = 1024


def memory_mib() -> dict[str, int]:
    """Rss, Pss and Anonymous of this process in MiB; Linux alone tells them."""
    gc.collect()
    lines = (line.split() for line in Path("/proc/self/smaps_rollup").read_text("utf-8").splitlines()[1:])
    told = {name.rstrip(":"): int(kib) // MIB for name, kib, *_ in lines}
    return {name: told[name] for name in ("Rss", "Pss", "Anonymous")}


def boards() -> None:
    """Boards of ten areas, the city first."""
    dataset, plan = current_dataset(), open_plan(PLAN, *settings().plan_folders)
    for area in [None, *dataset.districts.index][:BOARDS]:
        tally_goals(plan, dataset, district_id=area)


def main() -> None:
    """Print one line a step."""
    steps: dict[str, Callable[[], object]] = {
        "the bundled set": load_reference,
        "open": current_dataset,
        "points": lambda: firm_points(current_dataset()),
        "first tile": lambda: grid_tile(firm_points(current_dataset()).pyramid, *CITY, palette=ramp("light")),
        "warm": warm,
        f"{BOARDS} boards": boards,
    }
    print(f"version {current_version(settings().home)}")
    print(f"{'':16} {'s':>8} {'Rss':>6} {'Pss':>6} {'Anonymous':>9}  MiB")
    for name, step in steps.items():
        began = time.perf_counter()
        step()
        took = time.perf_counter() - began
        rss, pss, anonymous = memory_mib().values()
        print(f"{name:16} {took:8.3f} {rss:6} {pss:6} {anonymous:9}")


if __name__ == "__main__":
    main()

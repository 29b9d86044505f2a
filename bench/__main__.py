"""All measurements, each in a process of its own, then the page about them."""

import subprocess
import sys

from bench import report

MEASUREMENTS = (
    "locate",
    "tables",
    "growth",
    "importing",
    "delineation",
    "point_patterns",
    "tiles",
    "features",
    "pages",
    "memory",
    "browser",
)

if __name__ == "__main__":
    failed = [name for name in MEASUREMENTS if subprocess.call([sys.executable, "-m", f"bench.{name}"])]
    report.main()
    if failed:
        sys.exit(f"no new table from: {', '.join(failed)}")

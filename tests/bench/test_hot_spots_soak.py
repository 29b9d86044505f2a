"""The short form of the campaign over cities with and without hot spots; ``make soak`` runs the long one."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_nothing_is_named_too_often_and_what_was_planted_is_found() -> None:
    command = [sys.executable, "-m", "bench.hot_spots_soak", "--cities", "60"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert done.stdout.count("drawn") >= 8

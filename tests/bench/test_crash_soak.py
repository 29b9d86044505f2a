"""The short form of kill -9 of the app at work; ``make soak`` runs the long one."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHORT = ["--rounds", "1", "--control", "1", "--readers", "1", "--think", "0.3"]


def test_a_killed_app_loses_nothing_that_was_told_and_the_control_does() -> None:
    command = [sys.executable, "-m", "bench.crash_soak", *SHORT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=400)
    product, control = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert product["told"] > 0, done.stderr
    assert [product[name] for name in ("lost", "faults", "jobs_stuck", "reader_errors")] == [0] * 4, product
    assert product["came_back"] == 1
    assert control["lost"] > 0, control
    assert done.returncode == 0

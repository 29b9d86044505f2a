"""The short form of the campaign over cities with and without a pair of duplicates; ``make soak`` runs the long one."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_nothing_is_named_too_often_and_a_planted_pair_is_found() -> None:
    command = [sys.executable, "-m", "bench.similarity_soak", "--cities", "10"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert done.stdout.count("counts") == 3

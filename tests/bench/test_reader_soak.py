"""The short form of the campaign over hostile files; ``make soak`` runs the long one."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EVERY_SEED_AND_MORE = "60"


def test_no_file_of_a_stranger_crashes_leaks_or_calls_out() -> None:
    command = [sys.executable, "-m", "bench.reader_soak", EVERY_SEED_AND_MORE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "'app crashes': 0" in done.stdout
    assert "'secret read': 0" in done.stdout
    assert "'requests sent': 0" in done.stdout

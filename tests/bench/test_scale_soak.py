"""The short form of the campaign that kills workers of a cluster; ``make soak`` runs the long one."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_cluster_counts_the_same_when_a_worker_is_killed() -> None:
    command = [sys.executable, "-m", "bench.scale_soak", "--firms", "8000", "--partitions", "8", "--kills", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "1 of 1 kills hit a worker at work; 0 results differ" in done.stdout
    assert done.stdout.count("as it must") == 3

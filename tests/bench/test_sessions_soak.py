"""The short form of many readers at once; ``make soak`` runs the long one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.sessions_soak import memory_figures, verdicts

ROOT = Path(__file__).parents[2]
SHORT = ["--sessions", "3", "--seconds", "3", "--firms", "0", "--think", "0.3", "--rest", "0"]


def test_readers_see_no_error_and_the_controls_do() -> None:
    command = [sys.executable, "-m", "bench.sessions_soak", *SHORT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    few, killed, load = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert (load["errors"], load["refused"]) == (0, 0), done.stderr
    assert load["page_runs"] > 0
    assert (few["refused"] > 0, few["errors"]) == (True, 0), done.stderr
    assert killed["errors"] > 0


@pytest.mark.parametrize(("rises_kib", "met"), [(0, True), (500, False)])
def test_memory_that_rises_to_the_end_is_no_plateau(rises_kib: int, met: bool) -> None:
    figures = memory_figures([400_000 + second * rises_kib for second in range(600)])
    row = {"sessions": 50, "firms": 1, "errors": 0, **figures}
    assert [verdict.met for verdict in verdicts([row])] == [True, met]
    assert figures["slope_mb_per_hour"] == pytest.approx(rises_kib * 3600 / 1024, rel=0.01)

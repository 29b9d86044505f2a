"""Backups and restores under kills, beside imports and from damaged archives, in short, with their controls."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SHORT = ("--kills", "4", "--backups", "2", "--damages", "12", "--short")


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, Any]]:
    """What a short campaign says; in a process of its own, since it forks."""
    command = [sys.executable, "-m", "bench.backup_soak", *SHORT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode in (0, 1), done.stderr
    told = {line["campaign"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert len(told) == 6, done.stderr
    return told


def test_a_killed_restore_leaves_the_old_or_the_new(figures: dict[str, dict[str, Any]]) -> None:
    assert figures["kill -9 of a restore, beside and exchanged"]["as_expected"], figures
    assert figures["kill -9 of a restore, in place"]["torn"] > 0


def test_a_backup_beside_imports_is_whole_and_a_plain_copy_is_not(figures: dict[str, dict[str, Any]]) -> None:
    assert figures["backups beside imports"]["not_whole"] == 0, figures
    assert figures["plain copies beside imports"]["not_whole"] > 0


def test_nothing_wrong_comes_out_of_a_damaged_archive(figures: dict[str, dict[str, Any]]) -> None:
    damaged = figures["damaged archives"]
    assert (damaged["wrong"], damaged["other_errors"], damaged["left_behind"]) == (0, 0, 0), damaged
    assert damaged["refused"] > 0
    assert figures["damaged archives, unpacked unchecked"]["as_expected"]

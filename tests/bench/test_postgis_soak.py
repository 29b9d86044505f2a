"""Two apps on one PostGIS under kills and crashes, in short; and the controls that have to lose."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SHORT = ("--imports", "8", "--reads", "100", "--kills", "3", "--crashes", "1")


@pytest.fixture(scope="module")
def figures(postgis_is_there: None) -> dict[str, dict[str, Any]]:
    """What a short campaign says; in a process of its own, since it forks, on a server of its own, which it crashes."""
    command = [sys.executable, "-m", "bench.postgis_soak", *SHORT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode in (0, 1), done.stderr
    told = {line["campaign"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert len(told) == 5, done.stderr
    return told


def test_no_import_of_two_apps_is_lost_and_no_reader_sees_half_of_one(figures: dict[str, dict[str, Any]]) -> None:
    both = figures["two apps"]
    assert (both["acknowledged"], both["lost"], both["errors"], both["read_errors_or_mixed"]) == (8, 0, 0, 0), both
    assert both["reads"] >= 100
    assert both["as_expected"], both


def test_without_the_lock_imports_are_lost_or_refused(figures: dict[str, dict[str, Any]]) -> None:
    without = figures["two apps without a lock"]
    assert without["lost"] + without["errors"] > 0


def test_killed_importers_lose_nothing_and_without_a_transaction_they_do(figures: dict[str, dict[str, Any]]) -> None:
    assert figures["kill -9 of importers"]["as_expected"], figures["kill -9 of importers"]
    assert figures["kill -9 of importers"]["acknowledged"] > 0
    assert figures["kill -9 of importers without a transaction"]["lost"] > 0


def test_a_crash_of_the_server_loses_nothing_and_everybody_comes_back(figures: dict[str, dict[str, Any]]) -> None:
    assert figures["crashes of the server"]["as_expected"], figures["crashes of the server"]

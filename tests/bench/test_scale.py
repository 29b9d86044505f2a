"""The page about scale says what the kept table says, and its plan is arithmetic on it."""

import pytest

from bench import scale, scale_page


def table() -> list[dict[str, object]]:
    """Of a machine on which everything takes a second for a million firms."""
    rows: list[dict[str, object]] = []
    for firms in scale.SIZES:
        seconds = firms / 1e6
        counted = {"seconds": seconds, "cpu_s": 2 * seconds, "peak_mb": 1_000, "digest": "d", "cells": 5}
        rows += [
            {"firms": firms, "job": scale.TITLES["make"], "seconds": seconds, "cpu_s": 9.0, "peak_mb": 1,
             "mb": 30 * seconds},
            {"firms": firms, "job": scale.TITLES["local"], **counted},
            {"firms": firms, "job": scale.TITLES["dask"], **counted},
            {"firms": firms, "job": scale.TITLES["sample"], "reading_s": 0.2, "placing_s": 0.3, "counting_s": 0.5,
             "adding_s": 0.1, "index_s": 4.0, "outlines_mb": 30.4, "result_mb": 15.7, "peak_mb": 1_200},
        ]  # fmt: skip
    return [{**row, "machine": "a machine"} for row in rows]


def test_the_page_is_what_the_kept_table_gives() -> None:
    assert scale_page.PAGE.read_text("utf-8") == scale_page.page()


def test_a_table_is_told_with_its_slope_its_cost_and_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale_page, "kept", lambda _: table())
    page = scale_page.page()
    assert "10,000,000 firms in 10 s, 60,000,000 in 60 s, a log-log slope of 1.00" in page
    assert "120 processor seconds = 0.033 core hours, and 1.8 GB at rest (30 bytes a firm" in page
    assert page.count("| met |") == 4
    assert "| 60,000,000 | 0.20 s (20 %) | 0.30 s (30 %) | 0.50 s (50 %) | 0.10 s | 4.0 s |" in page
    for assumed in scale_page.ASSUMED.values():
        assert assumed.name in page


def test_the_plan_adds_up() -> None:
    step = {"reading_s": 0.2, "placing_s": 0.3, "counting_s": 0.5, "adding_s": 0.1, "index_s": 4.0, "peak_mb": 1_200}
    plan = scale_page.Plan(step, bytes_a_firm=30.0)
    # one worker: index 4, 60 million at 1 s, 1.8 GB at 100 MB/s and 60 reads of 0.1 s, 60 cubes of 0.1 s
    assert plan.seconds(1) == pytest.approx(4 + 60 + 18 + 6 + 6)
    assert plan.seconds(6) == pytest.approx(4 + 84 / 6 + 6)


def test_memory_that_grows_with_the_register_misses() -> None:
    rows = table()
    rows[-3]["peak_mb"] = 6_000
    missed = [verdict.what for verdict in scale.verdicts(rows) if not verdict.met]
    assert missed == ["counted, threads: peak MB of 60M over 10M"]

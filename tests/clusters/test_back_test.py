"""Bands hold years held back as often as they say, where the model is true."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bench.outlook_soak import coverage
from clusters.errors import BadValue
from clusters.outlook import BackTest, backtest, project
from data import columns as c

NAN = float("nan")
TOWNS = pd.DataFrame(
    [[100, 110, 123, 131, 140], [100, 104, 109, 60, NAN], [NAN, 5, 6, 7, NAN], [NAN, NAN, NAN, 1, 2]],
    ["X", "Y", "Z", "W"],
    range(2018, 2023),
)


def held_back(series: pd.DataFrame = TOWNS, **choices: float) -> BackTest:
    return backtest(series, **{"horizon": 2, "draws": 2_001} | choices, rng=np.random.default_rng(1))  # type: ignore[arg-type]


def test_cases_of_a_rolling_origin_by_hand() -> None:
    """X is seen until 2020 (asked for 2021, 2022) and until 2021 (2022); Y until 2020 (2021); Z, W never in time."""
    cases = held_back().cases.reset_index(names="town")
    told = cases[["town", c.ORIGIN_YEAR, c.YEAR, c.STEP, c.INTERVALS]].sort_values(["town", c.ORIGIN_YEAR, c.YEAR])
    assert told.to_numpy().tolist() == [
        ["X", 2020, 2021, 1, 2],
        ["X", 2020, 2022, 2, 2],
        ["X", 2021, 2022, 1, 3],
        ["Y", 2020, 2021, 1, 2],
    ]
    assert cases[c.ACTUAL].tolist() == [131, 60, 140, 140]


def test_counts_and_the_interval_of_clopper_and_pearson() -> None:
    """Two of three one year ahead: limits are quantiles of Beta(2, 2) and Beta(3, 1)."""
    found = held_back()
    row = found.by_step.loc[1]
    assert row[[c.CASES, c.INSIDE]].tolist() == [3, 2]
    assert row[c.COVERAGE_LOW] == pytest.approx(stats.beta(2, 2).ppf(0.025))
    assert row[c.COVERAGE_HIGH] == pytest.approx(stats.beta(3, 1).ppf(0.975))
    assert found.by_step.loc["all", c.CASES] == 4
    assert (found.nominal, found.level, found.draws, found.seed) == (0.8, 0.95, 2_001, 1)


def test_a_case_has_the_band_of_the_projection() -> None:
    case = held_back(TOWNS.loc[["X"]], draws=50_001).cases.query("origin_year == 2020 and step == 2").iloc[0]
    seen = project(TOWNS.loc["X", :2020], horizon=2, rng=np.random.default_rng(2), draws=50_001).bands.loc[2022]
    names = [c.MEDIAN, c.LOW, c.HIGH]
    assert np.log(case[names].to_numpy(float)) == pytest.approx(np.log(seen[names].to_numpy(float)), abs=0.02)


def test_only_the_last_six_years_are_seen() -> None:
    long = pd.DataFrame([[1.0, 9, 2, *range(3, 9)]], columns=range(2000, 2009))
    cases = held_back(long, horizon=1).cases
    assert cases[c.INTERVALS].tolist() == [2, 3, 4, 5, 5, 5]
    short = held_back(long.loc[:, 2002:], horizon=1).cases
    assert short[c.INTERVALS].iloc[-1] == 5


def test_without_a_year_to_hold_back_nothing_is_claimed() -> None:
    for nothing in (TOWNS.loc[["Z", "W"]], TOWNS.iloc[:0], TOWNS[[2018, 2019]]):
        row = held_back(nothing).by_step.loc["all"]
        assert row[c.CASES] == 0
        assert np.isnan(row[c.COVERAGE])
        assert (row[c.COVERAGE_LOW], row[c.COVERAGE_HIGH]) == (0, 1)


def test_order_unit_and_names_of_series_do_not_matter_and_the_input_stays() -> None:
    before, found = TOWNS.copy(), held_back()
    turned = held_back(TOWNS.iloc[::-1] * 1e6)
    pd.testing.assert_frame_equal(found.by_step, turned.by_step)
    assert held_back(TOWNS.rename(str.lower)).cases.index.str.upper().tolist() == found.cases.index.tolist()
    pd.testing.assert_frame_equal(TOWNS, before)


@pytest.mark.parametrize(
    ("series", "choices", "said"),
    [
        (TOWNS[[2018, 2020]], {}, "consecutive"),
        (TOWNS.rename(columns=str), {}, "consecutive"),
        (TOWNS * 0, {}, r"series\[X, 2018\] must be a positive amount, or NaN; got 0"),
        (TOWNS.replace(123, float("inf")), {}, r"series\[X, 2020\] must be a positive amount, or NaN; got inf"),
        (TOWNS, {"horizon": 0}, "horizon"),
        (TOWNS, {"draws": 10}, "draws"),
        (TOWNS, {"coverage": 0.0}, "coverage"),
        (TOWNS, {"level": 1.0}, "level"),
    ],
)
def test_what_cannot_be_tested_is_refused(series: pd.DataFrame, choices: dict[str, float], said: str) -> None:
    with pytest.raises(BadValue, match=said):
        held_back(series, **choices)


@pytest.mark.parametrize("intervals", [2, 3, 5])
def test_the_band_holds_four_of_five_on_walks_of_the_model(intervals: int) -> None:
    """3,000 series: three standard errors are 0.022; the draws add 0.01."""
    held = coverage("the model", 3_000, intervals, np.random.default_rng(11), draws=20_001)
    assert np.abs(held - 0.8).max() < 0.03


@pytest.mark.parametrize("kind", ["drift falls after what was seen", "a crisis in the first year after"])
def test_the_band_misses_what_it_cannot_know(kind: str) -> None:
    assert coverage(kind, 1_000, 5, np.random.default_rng(11), draws=2_001)[0] < 0.5

"""Official figures become series of one scope and unit each."""

from dataclasses import replace

import numpy as np
import pandas as pd

from clusters.official_series import official_series
from clusters.outlook import backtest
from data import columns as c
from data.dataset import Dataset

CITY = "440300"
NAMES = (c.INDICATOR, c.SCOPE, c.AREA_ID, c.YEAR, c.VALUE, c.UNIT, c.STATUS)


def of(dataset: Dataset, rows: list[tuple[object, ...]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(NAMES)).astype({c.YEAR: "Int64"})
    return official_series(replace(dataset, indicators=table), area_id=CITY)


def test_series_are_kept_apart_by_scope_and_unit(four_towns: Dataset) -> None:
    kinds = (("a", "亿元"), ("b", "亿元"), (None, "亿元"), (None, "元"))
    years = (2020, 2021, 2022)
    rows = [("GDP", scope, CITY, year, year - 2010.0, unit, "sourced") for year in years for scope, unit in kinds]
    series = of(four_towns, rows)
    assert series.index.tolist() == [("GDP", "", "亿元"), ("GDP", "", "元"), ("GDP", "a", "亿元"), ("GDP", "b", "亿元")]
    assert series.iloc[0].to_dict() == {2020: 10, 2021: 11, 2022: 12}


def test_what_is_no_plain_yearly_figure_is_left_out(four_towns: Dataset) -> None:
    good = [("GDP", None, CITY, year, 5.0, "亿元", "secondary") for year in (2018, 2020, 2021)]
    series = of(
        four_towns,
        [
            *good,
            ("GDP", None, CITY, 2020, 6.0, "亿元", "sourced"),  # read at its source: counts
            ("GDP", None, CITY, 2021, 9.0, "亿元", "memory"),
            ("GDP", None, "440391", 2021, 9.0, "亿元", "sourced"),
            *(("rate", None, CITY, year, 9.0, "%", "sourced") for year in (2019, 2020, 2021)),
            *(("two", None, CITY, year, 9.0, "亿元", "sourced") for year in (2010, 2021)),
            *(("loss", None, CITY, year, -9.0, "亿元", "sourced") for year in (2019, 2020, 2021)),
        ],
    )
    assert series.index.get_level_values(c.INDICATOR).tolist() == ["GDP"]
    assert series.columns.tolist() == [2018, 2019, 2020, 2021]
    np.testing.assert_array_equal(series.iloc[0].to_numpy(), [5, np.nan, 6, 5])
    assert of(four_towns, []).empty


def test_the_bundled_figures_of_the_city_are_all_that_can_be_held_back(dataset: Dataset) -> None:
    """地区生产总值 of 2020 to 2024 and three figures of 2021 to 2024: six cases, far too few to say anything."""
    tested = backtest(
        official_series(dataset, area_id=CITY), horizon=3, rng=np.random.default_rng(1), draws=999
    )  # fmt: skip
    assert tested.by_step[c.CASES].to_dict() == {1: 5, 2: 1, "all": 6}
    assert tested.by_step.loc["all", c.COVERAGE_LOW] < 0.6

"""Pace against the plan's 15.3 % a year, from the matched firms' own base."""

import pandas as pd
import pytest

from clusters.pace import pace_of_clusters, revenue_rate
from clusters.plan import Plan
from data import columns as c
from data.dataset import Dataset
from data.matched import matched_firms

YI = 10**8


def registered(dataset: Dataset) -> pd.DataFrame:
    matched = matched_firms(dataset)
    return matched[matched[c.PLACE] == "registered"]


def test_the_rate_is_the_one_the_plan_asks_of_revenue(plan: Plan) -> None:
    """T2's 15.3 %, neither T1's 6.5 % of value added nor T3's 10.8 % of software income."""
    assert revenue_rate(plan) == pytest.approx(0.153)


def test_a_plan_that_asks_no_growth_of_revenue_has_no_pace(plan: Plan, four_towns: Dataset) -> None:
    without = plan.model_copy(update={"targets": tuple(t for t in plan.targets if t.id != "T2")})
    assert revenue_rate(without) is None
    pace = pace_of_clusters(without, registered(four_towns), year=2021)
    assert len(pace) == 0
    assert {c.GROWTH, c.PATH_CNY, c.MATCHED_FIRMS} <= set(pace.columns)


def test_pace_of_the_four_towns(plan: Plan, four_towns: Dataset) -> None:
    """S01: a1 and a2 from 40 + 10 to 60 + 50, path 57.65; S02: 955 to 1040, path 1101.115; b1 and d1 are unmatched."""
    pace = pace_of_clusters(plan, registered(four_towns), year=2021)
    assert pace[[c.MATCHED_FIRMS, c.BASE_CNY, c.MATCHED_CNY]].to_dict("index") == {
        "S01": {"matched_firms": 2, "base_cny": 50 * YI, "matched_cny": 110 * YI},
        "S02": {"matched_firms": 3, "base_cny": 955 * YI, "matched_cny": 1040 * YI},
    }
    assert pace[c.PATH_CNY].div(YI).to_dict() == pytest.approx({"S01": 50 * 1.153, "S02": 955 * 1.153})
    assert pace[c.GROWTH].to_dict() == pytest.approx({"S01": 1.2, "S02": 1040 / 955 - 1})
    ahead = pace[c.MATCHED_CNY] > pace[c.PATH_CNY]
    assert ahead.to_dict() == {"S01": True, "S02": False}


def test_pace_of_one_town_starts_from_its_own_base(plan: Plan, four_towns: Dataset) -> None:
    matched = registered(four_towns)
    jia = pace_of_clusters(plan, matched[matched[c.DISTRICT_ID] == "440391"], year=2021)
    assert jia[c.BASE_CNY].to_dict() == {"S01": 50 * YI, "S02": 70 * YI}
    ding = pace_of_clusters(plan, matched[matched[c.DISTRICT_ID] == "440394"], year=2021)
    assert len(ding) == 0


@pytest.mark.parametrize("year", [2019, 2020])
def test_there_is_no_pace_before_the_plans_base_year_has_passed(plan: Plan, dataset: Dataset, year: int) -> None:
    assert len(pace_of_clusters(plan, registered(dataset), year=year)) == 0


def test_another_base_year_is_another_path(plan: Plan, dataset: Dataset) -> None:
    matched = registered(dataset)
    pace = pace_of_clusters(plan, matched, year=2021, base_year=2019)
    assert (pace[c.PATH_CNY] / pace[c.BASE_CNY]).to_list() == pytest.approx([1.153**2] * len(pace))
    assert pace_of_clusters(plan, matched, year=2021)[c.PATH_CNY].div(
        pace_of_clusters(plan, matched, year=2021)[c.BASE_CNY]
    ).to_list() == pytest.approx([1.153] * 11)


def test_pace_of_the_bundled_internet_cluster_is_behind(plan: Plan, dataset: Dataset) -> None:
    row = pace_of_clusters(plan, registered(dataset), year=2021).loc["S07"]
    assert row[c.MATCHED_FIRMS] == 2
    assert row[c.MATCHED_CNY] == 10_940_190_000
    assert row[c.PATH_CNY] == pytest.approx(11_156_840_000 * 1.153)

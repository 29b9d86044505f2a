"""The plan's path under each base year in which its words can be read."""

import numpy as np
import pytest

from clusters.errors import NoRequiredPath, UnknownTarget
from clusters.plan import Plan, required_path
from clusters.plan_paths import paths_by_reading, required_growth_by_reading
from clusters.plan_records import LevelTarget
from data import columns as c

YI = 10**8


@pytest.mark.parametrize("target_id", ["T1", "T2", "T3"])
def test_each_base_year_implies_what_the_plan_file_says(plan: Plan, target_id: str) -> None:
    table = required_growth_by_reading(plan, target_id)
    assert table.index.tolist() == [2020, 2019, 2021]
    assert table[c.IS_DEFAULT].tolist() == [True, False, False]
    assert table[c.INTERVALS].tolist() == [3, 4, 2]
    bases = {year: round(cny / YI, 1) for year, cny in table[c.IMPLIED_BASE_CNY].items()}
    assert bases == dict(plan.base_year_sensitivity_yi[target_id])
    assert table[[c.ACTUAL_CNY, c.REQUIRED_GROWTH, c.LINEAR_PACE_CNY, c.GAP_CNY]].isna().all(axis=None)


def test_an_observed_base_asks_for_its_own_growth(plan: Plan) -> None:
    """T2 wants 9,000 by 2023: from 6,000 in 2020, 1.5 ** (1/3) - 1 = 0.144714 and 1,000 a year; 2021 needs a base."""
    table = required_growth_by_reading(plan, "T2", figures={2020: 6000 * YI, 2021: 0, 2018: 1})
    assert table.loc[2020, c.ANNUAL_RATE] == pytest.approx(0.153)
    assert table.loc[2020, c.REQUIRED_GROWTH] == pytest.approx(0.14471424255333)
    assert table.loc[2020, [c.LINEAR_PACE_CNY, c.GAP_CNY]].tolist() == [1000 * YI, 3000 * YI]
    assert np.isnan(table.loc[[2019, 2021], c.REQUIRED_GROWTH]).all()


def test_paths_are_those_of_the_target_with_figures_beside_them(plan: Plan) -> None:
    table = paths_by_reading(plan, "T1", figures={2021: 1700 * YI, 2030: 1})
    target = plan.target("T1")
    assert isinstance(target, LevelTarget)
    for base_year in (2020, 2019, 2021):
        assert table.loc[base_year, c.PATH_CNY].to_dict() == required_path(target, base_year)
    row = table.loc[(2020, 2021)]
    assert row[c.AHEAD_CNY] == 1700 * YI - row[c.PATH_CNY]
    assert row[c.AHEAD_OF_PATH] == pytest.approx(row[c.AHEAD_CNY] / row[c.PATH_CNY])
    assert table.loc[(2020, 2022), [c.ACTUAL_CNY, c.AHEAD_CNY, c.AHEAD_OF_PATH]].isna().all()


def test_a_target_without_a_growing_level_has_no_path(plan: Plan) -> None:
    for table in (required_growth_by_reading, paths_by_reading):
        with pytest.raises(NoRequiredPath, match="T9"):
            table(plan, "T9")
        with pytest.raises(UnknownTarget):
            table(plan, "T99")


def test_a_plan_that_leaves_no_year_open_is_read_from_the_assumed_one_or_not_at_all(plan: Plan) -> None:
    settled = plan.model_copy(update={"ambiguities": ()})
    assert required_growth_by_reading(settled, "T1").index.tolist() == [2020]
    period = plan.period.model_copy(update={"base_year_assumed": None})
    unknown = settled.model_copy(update={"header": plan.header.model_copy(update={"period": period})})
    with pytest.raises(NoRequiredPath, match="base year before 2023"):
        required_growth_by_reading(unknown, "T1")

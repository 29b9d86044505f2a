"""Official outcomes on the four towns, by hand: levels in their own scope, new carriers as totals and as a list."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from clusters.goals import Tally, tally_goals
from clusters.outcomes import Figure, latest_figures, official_series
from clusters.plan import Plan
from data import columns as c
from data.dataset import Dataset

YI = 10**8
A, CITY = "440391", "440300"
T2 = "信息传输、软件和信息技术服务业营业收入"
T5 = "新建高水平研究院、实验室、创新中心、攻关基地等新型研究机构和创新载体"
WritePlan = Callable[..., Plan]


def row(indicator: str, year: int | None, value: float, **more: Any) -> dict[Any, Any]:
    names = {
        "scope": c.SCOPE,
        "area": c.AREA_ID,
        "unit": c.UNIT,
        "status": c.STATUS,
        "source": c.SOURCE,
        "note": c.NOTE,
    }
    told = {"scope": "市统计局口径", "area": CITY, "unit": "亿元", "status": "sourced", "source": "公报"} | more
    return {c.INDICATOR: indicator, c.YEAR: year, c.VALUE: value} | {names[key]: told[key] for key in told}


def carriers(*listed: tuple[str, int], **more: Any) -> list[dict[Any, Any]]:
    return [row(T5, year, 1, scope=None, unit="家", note=name, **more) for name, year in listed]


def world(four_towns: Dataset, *rows: dict[Any, Any]) -> Dataset:
    table = pd.concat([four_towns.indicators, pd.DataFrame(rows)], ignore_index=True).astype({c.YEAR: "Int64"})
    return replace(four_towns, indicators=table)


def tally(plan: Plan, dataset: Dataset, target: str, **asked: Any) -> Tally:
    return tally_goals(plan, dataset, **asked).tally(target)


# ---------------------------------------------------------------- levels


def test_an_outcome_is_met_or_missed_under_every_reading(plan: Plan, four_towns: Dataset) -> None:
    """T2 asks for more than 9,000: 9,000.5 is, 9,000 is not."""
    for value, met in ((9000.5, True), (9000.0, False)):
        found = tally(plan, world(four_towns, row(T2, 2023, value)), "T2")
        assert [(r.met, r.why) for r in found.readings] == [(met, "decided")] * 3
        assert found.outcome == found.shown == Figure(2023, round(value * YI))
        assert found.actual == round(value * YI)  # no figure of the year shown, 2021


def test_the_year_shown_has_its_own_figure_and_the_outcome_decides(plan: Plan, four_towns: Dataset) -> None:
    found = tally(plan, world(four_towns, row(T2, 2021, 7000), row(T2, 2023, 9100)), "T2")
    assert (found.actual, found.met) == (7000 * YI, True)
    assert found.shown == Figure(2023, 9100 * YI)
    assert dict(found.points) == {2021: 7000 * YI, 2023: 9100 * YI}


def test_a_figure_on_the_way_is_shown_and_decides_nothing(plan: Plan, four_towns: Dataset) -> None:
    found = tally(plan, world(four_towns, row(T2, 2021, 9999)), "T2")
    assert (found.met, found.chosen.why, found.outcome) == (None, "no_outcome", None)
    assert found.shown == Figure(2021, 9999 * YI)


def test_growth_is_of_official_figures_from_each_base_year(plan: Plan, four_towns: Dataset) -> None:
    """From 6,400 in 2021 to 10,000 in 2023: the root of 1.5625 is 1.25. Of 2020 and 2019 nothing is known."""
    found = tally(plan, world(four_towns, row(T2, 2021, 6400), row(T2, 2023, 10000)), "T2")
    growth = {r.reading.base_year: r.growth for r in found.readings}
    assert growth == {2020: None, 2019: None, 2021: pytest.approx(0.25)}


def test_growth_never_runs_from_one_scope_to_another(plan: Plan, four_towns: Dataset) -> None:
    """T1's figure of 2021 is 狭义, that of 2023 is not said to be."""
    found = tally(plan, world(four_towns, row("数字经济产业增加值", 2023, 2000)), "T1")
    assert {r.growth for r in found.readings} == {None}


def test_figures_of_another_scope_are_another_series_and_decide_nothing(plan: Plan, four_towns: Dataset) -> None:
    found = tally(plan, world(four_towns, row(T2, 2023, 99999, scope="规模以上口径")), "T2")
    assert (found.actual, found.met, found.chosen.why, dict(found.points)) == (None, None, "no_outcome", {})
    assert [(s.scope, s.decides, dict(s.points)) for s in found.series] == [("规模以上口径", False, {2023: 99999 * YI})]


def test_the_goals_own_scope_comes_first_and_the_very_words_win(plan: Plan, four_towns: Dataset) -> None:
    """In 市统计局口径, 狭义 the figure of 2021 is 1,700; in the very scope of the goal it is 1,720."""
    found = tally(plan, world(four_towns, row("数字经济产业增加值", 2021, 1720)), "T1")
    assert dict(found.points) == {2021: 1720 * YI}
    assert [(s.scope, s.decides) for s in found.series] == [("市统计局口径", True), (None, False), ("广义", False)]
    assert [(f.scope, f.source) for f in found.series[0].facts] == [("市统计局口径", "公报")]


def test_a_goal_without_a_scope_is_not_decided_in_two(write_plan: WritePlan, four_towns: Dataset) -> None:
    line = '{id: N1, kind: level, geography: "440300", metric: M, operator: ">", value: 1, unit: 亿元, by: 2023}'
    one = row("M", 2023, 2, scope="甲")
    assert tally(write_plan([line]), world(four_towns, one), "N1").met is True
    both = tally(write_plan([line]), world(four_towns, one, row("M", 2023, 0.5, scope="乙")), "N1")
    assert (both.met, both.actual, both.chosen.why) == (None, None, "several_scopes")
    assert [(s.scope, s.decides) for s in both.series] == [("乙", False), ("甲", False)]


@pytest.mark.parametrize(
    "change", [{"status": "secondary"}, {"status": "memory"}, {"unit": "%"}, {"area": A}, {"year": None}]
)
def test_only_a_sourced_amount_of_the_area_and_of_a_whole_year_counts(
    plan: Plan, four_towns: Dataset, change: dict[str, Any]
) -> None:
    year = change.pop("year", 2023) if "year" in change else 2023
    assert tally(plan, world(four_towns, row(T2, year, 9999, **change)), "T2").series == ()


# ---------------------------------------------------------------- new carriers


def test_a_list_counts_one_by_one_from_the_plans_first_year(plan: Plan, four_towns: Dataset) -> None:
    """Built: one in 2020, before the plan, two in 2021, none in 2022, one in 2023."""
    rows = carriers(("旧", 2020), ("甲", 2021), ("乙", 2021), ("丙", 2023))
    found = tally(plan, world(four_towns, *rows), "T5")
    assert dict(found.points) == {2021: 2, 2022: 2, 2023: 3}
    assert (found.actual, found.met, found.shown) == (2, False, Figure(2023, 3))
    assert [(f.note, f.year, f.source) for f in found.series[0].carriers] == [
        ("甲", 2021, "公报"), ("乙", 2021, "公报"), ("丙", 2023, "公报")
    ]  # fmt: skip


def test_ten_carriers_meet_the_goal_and_even_before_it_is_due(plan: Plan, four_towns: Dataset) -> None:
    ten = [(f"载体{n}", 2021 + n // 5) for n in range(10)]  # five in 2021, five in 2022
    found = tally(plan, world(four_towns, *carriers(*ten)), "T5")
    assert (found.met, found.outcome) == (True, Figure(2022, 10))
    nine = tally(plan, world(four_towns, *carriers(*ten[:9])), "T5")
    assert (nine.met, nine.chosen.why) == (None, "no_outcome")  # 2023 may bring another
    assert nine.actual == 5


def test_a_carrier_in_a_district_counts_in_the_city_and_a_districts_total_does_not(
    plan: Plan, four_towns: Dataset
) -> None:
    rows = [*carriers(("甲", 2023)), *carriers(("乙", 2023), area=A), row(T5, 2023, 50, scope=None, unit="家", area=A)]
    dataset = world(four_towns, *rows)
    assert tally(plan, dataset, "T5").outcome == Figure(2023, 2)
    here = tally(plan, dataset, "T5", district_id=A)
    assert (here.actual, here.met, here.goal, here.chosen.why) == (50, None, None, "no_district_goal")


def test_an_official_total_goes_before_a_list_year_by_year(plan: Plan, four_towns: Dataset) -> None:
    rows = [*carriers(("甲", 2021), ("乙", 2023)), row(T5, 2022, 4, scope=None, unit="个", note="年报")]
    assert dict(tally(plan, world(four_towns, *rows), "T5").points) == {2021: 1, 2022: 4, 2023: 2}


def test_a_total_alone_decides(plan: Plan, four_towns: Dataset) -> None:
    for value, met in ((10, True), (9, False)):
        found = tally(plan, world(four_towns, row(T5, 2023, value, scope=None, unit="家")), "T5")
        assert (found.met, found.shown, found.series[0].carriers) == (met, Figure(2023, value), ())


def test_lists_of_two_scopes_are_not_added_up(plan: Plan, four_towns: Dataset) -> None:
    rows = [*carriers(("甲", 2023)), row(T5, 2023, 12, scope="省级", unit="家")]
    found = tally(plan, world(four_towns, *rows), "T5")
    assert (found.met, found.actual, found.chosen.why) == (None, None, "several_scopes")


def test_money_and_percentages_are_no_carriers(plan: Plan, four_towns: Dataset) -> None:
    rows = [row(T5, 2023, 12, scope=None, unit=unit) for unit in ("亿元", "%")]
    assert tally(plan, world(four_towns, *rows), "T5").series == ()


def test_a_synthetic_register_leaves_official_figures_what_they_are(plan: Plan, four_towns: Dataset) -> None:
    found = tally(plan, replace(world(four_towns, row(T2, 2023, 9100)), synthetic=True), "T2")
    assert (found.met, found.chosen.why) == (True, "decided")


# ---------------------------------------------------------------- facts of a district


def test_a_districts_facts_are_its_latest_sourced_figures_by_scope(four_towns: Dataset) -> None:
    gdp = "地区生产总值"
    rows = [
        row(gdp, 2021, 900, area=A, scope=None),
        row(gdp, 2023, 1100, area=A, scope="现价", source="甲公报"),
        row(gdp, 2022, 1000, area=A, scope="现价"),
        row(gdp, 2024, 9999, area=A, scope="现价", status="secondary"),
        row("年末常住人口", 2023, 100, area=A, unit="万人"),
    ]
    found = latest_figures(world(four_towns, *rows), A)
    assert [(name, f.year, f.value, f.scope, f.source) for name, f in found] == [
        ("数字经济产业增加值", 2021, 300 * YI, "市统计局口径", None),
        (gdp, 2021, 900 * YI, None, "公报"),
        (gdp, 2023, 1100 * YI, "现价", "甲公报"),
    ]


def test_a_count_of_firms_has_no_official_series(plan: Plan, four_towns: Dataset) -> None:
    target = next(t for t in plan.quantified_targets if t.id == "T9")
    assert official_series(four_towns, target, CITY, since=2021) == ()


def test_series_are_put_together_once_for_each_question(plan: Plan, four_towns: Dataset) -> None:
    """A board of another year or place asks for the same; another goal, scope, area, start or dataset does not."""
    told = world(four_towns, *carriers(("甲", 2021), ("乙", 2022)))
    value_added, new = (next(t for t in plan.quantified_targets if t.id == name) for name in ("T1", "T5"))
    found = official_series(told, new, CITY, since=2021)
    assert official_series(told, new.model_copy(), CITY, since=2021) is found
    assert [dict(series.points) for series in found] == [{2021: 1, 2022: 2}]
    assert [dict(s.points) for s in official_series(told, new, CITY, since=2022)] == [{2022: 1}]
    assert official_series(told, new, A, since=2021) == official_series(four_towns, new, CITY, since=2021) == ()
    own = official_series(told, value_added, CITY, since=2021)
    other = official_series(told, value_added.model_copy(update={"basis": None}), CITY, since=2021)
    assert any(series.decides for series in own)
    assert not any(series.decides for series in other)


def test_the_bundled_set_has_the_gdp_of_its_districts_and_no_outcome(plan: Plan, dataset: Dataset) -> None:
    assert latest_figures(dataset, "440305")[0][1].value == 384_527_000_000
    assert latest_figures(dataset, "441521-SS") == []
    for target in ("T1", "T2", "T3", "T5"):
        assert tally(plan, dataset, target).outcome is None

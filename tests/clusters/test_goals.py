"""Goals under every reading: four towns by hand, what decides a verdict and what never does, then the bundled set."""

import dataclasses
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from clusters.errors import UnknownDistrict, UnknownYear
from clusters.goals import Board, Tally, tally_goals
from clusters.plan import Plan, required_path
from data import columns as c
from data.dataset import Basis, Dataset
from data.sources import REFERENCE

YI = 10**8
A, B, C, D = "440391", "440392", "440393", "440394"
CITY = "440300"
WritePlan = Callable[..., Plan]

OVER_50 = "firm_threshold: {metric: 年营收, operator: '>', value: 50, unit: 亿元}"
OVER_10 = "firm_threshold: {metric: 年营收, operator: '>', value: 10, unit: 亿元}"
FROM_100 = "cluster_threshold: {value: 100, unit: 亿元}"
FROM_1000 = "cluster_threshold: {value: 1000, unit: 亿元}"


def firms_goal(name: str, threshold: str, goal: int, area: str = CITY, operator: str = ">=") -> str:
    return (
        f'{{id: {name}, kind: firm_count, geography: "{area}", metric: 企业, {threshold}, '
        f"operator: '{operator}', value: {goal}, unit: 家, by: 2023}}"
    )


def clusters_goal(name: str, threshold: str, goal: int, area: str = CITY) -> str:
    return (
        f'{{id: {name}, kind: cluster_count, geography: "{area}", metric: 集群, {threshold}, '
        f"operator: '>=', value: {goal}, unit: 个, by: 2023}}"
    )


def readings(tally: Tally) -> dict[str, int | None]:
    return {each.reading.id: each.actual for each in tally.readings}


def verdicts(tally: Tally) -> dict[str, tuple[bool | None, str]]:
    return {each.reading.id: (each.met, each.why) for each in tally.readings}


@pytest.fixture(scope="module")
def towns_board(plan: Plan, four_towns: Dataset) -> Board:
    return tally_goals(plan, four_towns)


@pytest.fixture(scope="module")
def register(four_towns: Dataset) -> Dataset:
    return replace(four_towns, basis=Basis.REGISTER)


# ---------------------------------------------------------------- four towns by hand


def test_firms_over_50_yi_in_the_four_towns(towns_board: Board) -> None:
    """Over 50: a1 60, a3 80, b2 950 in 2021, not a2 with just 50; in 2020 a3 70 and b2 880. a3's office is outside."""
    assert readings(towns_board.tally("T9")) == {
        "place=registered;counting=stock": 3,
        "place=registered;counting=net_new;base_year=2020": 1,
        "place=registered;counting=net_new;base_year=2019": None,  # nothing observed in 2019
        "place=registered;counting=net_new;base_year=2021": None,  # 2021 has no years before it
        "place=operating;counting=stock": 2,
        "place=operating;counting=net_new;base_year=2020": 1,
        "place=operating;counting=net_new;base_year=2019": None,
        "place=operating;counting=net_new;base_year=2021": None,
    }


def test_firms_over_10_yi_in_the_four_towns(towns_board: Board) -> None:
    """Over 10 in 2021: a1, a2, a3, b1 15, b2, not n1 with exactly 10; disjoint drops those over 50 and keeps a2 at 50.

    Net new from 2020 on the five firms seen in both years: a1, a2, a3, b2 less a1, a3, b2; b1 was not seen in 2020.
    Disjoint, between 10 and 50: a2 now, a1 (40) then.
    """
    found = readings(towns_board.tally("T10"))
    assert found["place=registered;firm_nesting=nested;counting=stock"] == 5
    assert found["place=registered;firm_nesting=disjoint;counting=stock"] == 2
    assert found["place=operating;firm_nesting=nested;counting=stock"] == 4
    assert found["place=operating;firm_nesting=disjoint;counting=stock"] == 2
    assert found["place=registered;firm_nesting=nested;counting=net_new;base_year=2020"] == 1
    assert found["place=registered;firm_nesting=disjoint;counting=net_new;base_year=2020"] == 0
    assert len(found) == 16


def test_clusters_of_the_four_towns_disjoint_and_nested(towns_board: Board) -> None:
    """S01 125 and S02 1040; at their offices S02 is 960 and no longer 千亿级, so it joins the disjoint 百亿级."""
    assert readings(towns_board.tally("T11")) == {
        "measure=revenue;place=registered": 1,
        "measure=revenue;place=operating": 0,
        "measure=gross_output;place=registered": None,
        "measure=gross_output;place=operating": None,
        "measure=value_added;place=registered": None,
        "measure=value_added;place=operating": None,
    }
    found = readings(towns_board.tally("T12"))
    assert found["measure=revenue;nesting=disjoint;place=registered"] == 1
    assert found["measure=revenue;nesting=nested;place=registered"] == 2
    assert found["measure=revenue;nesting=disjoint;place=operating"] == 2
    assert found["measure=revenue;nesting=nested;place=operating"] == 2
    assert {actual for name, actual in found.items() if "measure=revenue" not in name} == {None}


def test_the_year_before_is_tallied_on_its_own_figures(plan: Plan, four_towns: Dataset) -> None:
    """2020: S01 50, S02 955, S05 8; over 50: a3 and b2; over 10: a1, a3, b2, not a2 with exactly 10."""
    board = tally_goals(plan, four_towns, year=2020)
    assert [board.tally(t).actual for t in ("T9", "T10", "T11", "T12")] == [2, 3, 0, 1]
    assert board.clusters[c.TIER].dropna().to_dict() == {"S01": "BELOW", "S02": "CNY_1E10", "S05": "BELOW"}


def test_a_cluster_known_from_memory_only_is_missing_and_not_zero(towns_board: Board) -> None:
    cluster = towns_board.clusters.loc["S05"]
    assert pd.isna(cluster[c.TOTAL_CNY])
    assert pd.isna(cluster[c.TIER])
    assert (cluster[c.FIRMS], cluster[c.KNOWN_FIRMS]) == (0, 1)


def test_the_board_lists_every_subsector_of_the_plan_in_its_order(towns_board: Board) -> None:
    assert list(towns_board.clusters.index) == [f"S{i:02d}" for i in range(1, 13)]
    assert towns_board.clusters[c.FIRMS].sum() == 6


def test_the_chosen_place_changes_what_is_shown_and_not_what_is_tallied(plan: Plan, four_towns: Dataset) -> None:
    registered, operating = (tally_goals(plan, four_towns, place=p) for p in ("registered", "operating"))
    for one, other in zip(registered.tallies, operating.tallies, strict=True):
        assert readings(one) == readings(other)
    shown = {t: (registered.tally(t).actual, operating.tally(t).actual) for t in ("T9", "T10", "T11", "T12")}
    assert shown == {"T9": (3, 2), "T10": (5, 4), "T11": (1, 0), "T12": (1, 2)}
    assert operating.tally("T12").chosen.reading.id == "measure=revenue;nesting=disjoint;place=operating"
    assert registered.tally("T12").chosen.reading.is_default


# ---------------------------------------------------------------- what a verdict rests on


def test_a_sample_of_listed_firms_never_meets_and_never_misses(write_plan: WritePlan, four_towns: Dataset) -> None:
    plan = write_plan([firms_goal("N1", OVER_50, 1), firms_goal("N2", OVER_50, 99), clusters_goal("N3", FROM_100, 1)])
    board = tally_goals(plan, four_towns)
    for tally in board.tallies:
        assert tally.actual is not None
        assert tally.basis is Basis.LISTED_SAMPLE
        assert verdicts(tally) == {"as_stated": (None, "listed_sample")}


def test_the_same_firms_as_a_register_meet_or_miss(write_plan: WritePlan, register: Dataset) -> None:
    """Three firms are over 50 亿元, so 3 is met and 4 is not; one 千亿级 and two 百亿级 and more."""
    plan = write_plan(
        [
            firms_goal("N1", OVER_50, 3),
            firms_goal("N2", OVER_50, 4),
            firms_goal("N3", OVER_50, 3, operator=">"),
            clusters_goal("N4", FROM_1000, 1),
            clusters_goal("N5", FROM_1000, 2),
        ]
    )
    board = tally_goals(plan, register)
    assert {t.target.id: (t.goal, t.actual, t.met, t.chosen.why) for t in board.tallies} == {
        "N1": (3, 3, True, "decided"),
        "N2": (4, 3, False, "decided"),
        "N3": (3, 3, False, "decided"),
        "N4": (1, 1, True, "decided"),
        "N5": (2, 1, False, "decided"),
    }
    assert {t.basis for t in board.tallies} == {Basis.REGISTER}


def test_one_goal_may_be_met_missed_and_undetermined_at_once(write_plan: WritePlan, register: Dataset) -> None:
    axes = ["measure: [revenue, value_added]", "place: [registered, operating]"]
    ambiguities = [
        f"{{id: A{i}, question: '?', text: '-', default: '-', axis: {axis.split(':')[0]}, "
        f"options:{axis.split(':')[1]}, applies_to: [N1]}}"
        for i, axis in enumerate(axes)
    ]
    plan = write_plan([clusters_goal("N1", FROM_1000, 1)], ambiguities)
    assert verdicts(tally_goals(plan, register).tally("N1")) == {
        "measure=revenue;place=registered": (True, "decided"),
        "measure=revenue;place=operating": (False, "decided"),
        "measure=value_added;place=registered": (None, "no_data"),
        "measure=value_added;place=operating": (None, "no_data"),
    }


def test_in_a_register_the_bundled_plan_is_missed_by_far(plan: Plan, register: Dataset) -> None:
    board = tally_goals(plan, register)
    for target_id in ("T9", "T10", "T11", "T12"):
        tally = board.tally(target_id)
        assert tally.met is False
        for each in tally.readings:
            assert (each.met, each.why) == ((None, "no_data") if each.actual is None else (False, "decided"))


@pytest.mark.parametrize("basis", [Basis.LISTED_SAMPLE, Basis.REGISTER])
def test_a_level_is_never_tallied_from_firms(plan: Plan, four_towns: Dataset, basis: Basis) -> None:
    board = tally_goals(plan, replace(four_towns, basis=basis))
    for target_id in ("T2", "T3", "T5"):
        tally = board.tally(target_id)
        assert tally.basis is Basis.STATISTICAL
        assert (tally.actual, tally.met, dict(tally.points)) == (None, None, {})
        assert {each.why for each in tally.readings} == {"no_outcome"}


# ---------------------------------------------------------------- official figures


def test_only_sourced_figures_of_the_targets_own_scope_are_its_points(towns_board: Board) -> None:
    """Of the seven rows one fits: the others are secondary, no money, another or no scope, memory, another area."""
    tally = towns_board.tally("T1")
    assert dict(tally.points) == {2021: 1700 * YI}
    assert tally.actual == 1700 * YI
    assert (tally.met, tally.chosen.why) == (None, "no_outcome")  # 2023 is due, 2021 is on the way


def with_figure(dataset: Dataset, value: float, unit: str = "亿元", year: int = 2023) -> Dataset:
    row = {
        c.INDICATOR: "数字经济产业增加值",
        c.SCOPE: "市统计局口径",
        c.AREA_ID: CITY,
        c.YEAR: year,
        c.VALUE: value,
        c.UNIT: unit,
        c.STATUS: "sourced",
    }
    rows = pd.concat([dataset.indicators, pd.DataFrame([row])], ignore_index=True).astype({c.YEAR: "Int64"})
    return replace(dataset, indicators=rows)


@pytest.mark.parametrize(
    ("value", "unit", "cny", "met"),
    [
        (1900.0, "亿元", 1900 * YI, False),  # 突破 is strictly over
        (1900.01, "亿元", 190_001_000_000, True),
        (0.19, "万亿元", 1900 * YI, False),
        (0.2, "万亿元", 2000 * YI, True),
        (19_000_000.0, "万元", 1900 * YI, False),
        (190_000_000_001.0, "元", 190_000_000_001, True),
    ],
)
@pytest.mark.parametrize("basis", [Basis.LISTED_SAMPLE, Basis.REGISTER])
def test_an_official_outcome_of_the_due_year_decides(
    plan: Plan, four_towns: Dataset, value: float, unit: str, cny: int, met: bool, basis: Basis
) -> None:
    tally = tally_goals(plan, with_figure(replace(four_towns, basis=basis), value, unit)).tally("T1")
    assert tally.points[2023] == cny
    assert set(verdicts(tally).values()) == {(met, "decided")}
    assert tally.actual == 1700 * YI  # the year shown is 2021


@pytest.mark.parametrize("unit", ["%", "家", "亿美元"])
def test_a_figure_in_no_unit_of_money_is_no_point_of_a_level(plan: Plan, four_towns: Dataset, unit: str) -> None:
    tally = tally_goals(plan, with_figure(four_towns, 1901e8, unit)).tally("T1")
    assert 2023 not in tally.points
    assert tally.met is None


def test_the_implied_path_is_that_of_required_path_under_each_base_year(plan: Plan, towns_board: Board) -> None:
    for target_id in ("T1", "T2", "T3"):
        target = plan.target(target_id)
        for each in towns_board.tally(target_id).readings:
            base_year = each.reading.base_year
            assert base_year is not None
            assert dict(each.path) == required_path(target, base_year)
            assert list(each.path) == list(range(base_year, 2024))
    assert all(not each.path for t in ("T5", "T9", "T11") for each in towns_board.tally(t).readings)


# ---------------------------------------------------------------- districts


def test_a_district_without_a_plan_of_its_own_has_no_goal(plan: Plan, register: Dataset) -> None:
    """Even in a register, and even where its figure would pass the city's goal: its figure is a part, not a verdict."""
    board = tally_goals(plan, register, district_id=B)
    assert board.area_id == B
    for tally in board.tallies:
        assert (tally.goal, tally.official, tally.met) == (None, False, None)
        assert {each.why for each in tally.readings} == {"no_district_goal"}
    assert [board.tally(t).actual for t in ("T9", "T10", "T11", "T12")] == [1, 2, 0, 1]  # b1 15, b2 950


def test_a_districts_own_plan_gives_it_official_goals(write_plan: WritePlan, register: Dataset) -> None:
    """甲 has a1 60, a2 50, a3 80: two firms over 50 亿元, and S01 with 110 is one 百亿级."""
    plan = write_plan([firms_goal("N1", OVER_50, 2, A), clusters_goal("N2", FROM_100, 2, A)])
    for board in (tally_goals(plan, register), tally_goals(plan, register, district_id=A)):
        assert {t.target.id: (t.official, t.goal, t.actual, t.met) for t in board.tallies} == {
            "N1": (True, 2, 2, True),
            "N2": (True, 2, 1, False),
        }
    elsewhere = tally_goals(plan, register, district_id=B).tally("N1")
    assert (elsewhere.official, elsewhere.goal, elsewhere.actual, elsewhere.met) == (False, None, 1, None)


def test_nesting_looks_at_thresholds_of_the_same_place_only(write_plan: WritePlan, four_towns: Dataset) -> None:
    """A city target for firms over 50 does not cut a district's target for firms over 10, which is disjoint here."""
    ambiguity = (
        "{id: A1, question: '?', text: '-', default: '-', axis: firm_nesting, options: [disjoint], applies_to: [N1]}"
    )
    alone = write_plan([firms_goal("N1", OVER_10, 1, A), firms_goal("N2", OVER_50, 1)], [ambiguity])
    assert tally_goals(alone, four_towns).tally("N1").actual == 3
    beside = write_plan([firms_goal("N1", OVER_10, 1, A), firms_goal("N2", OVER_50, 1, A)], [ambiguity], "beside")
    assert tally_goals(beside, four_towns).tally("N1").actual == 1


def test_futians_own_plan_is_official_on_the_bundled_set(write_plan: WritePlan, dataset: Dataset) -> None:
    plan = write_plan(
        [firms_goal("F1", OVER_10, 9, "440304"), clusters_goal("F2", FROM_100, 2, "440304")], plan_id="futian"
    )
    board = tally_goals(plan, dataset, district_id="440304")
    firms = pd.read_csv(REFERENCE / "firms.csv", dtype=str).query("district == '福田区'")
    rows = pd.read_csv(REFERENCE / "revenue.csv", dtype={"stock_code": str}).query("year == 2021").merge(firms)
    over_10 = int((rows.set_index("stock_code")["revenue_yi"] > 10).sum())
    large = int((rows.groupby("subsector")["revenue_yi"].sum() >= 100).sum())
    assert (over_10, large) == (7, 1)
    assert {t.target.id: (t.official, t.goal, t.actual, t.met) for t in board.tallies} == {
        "F1": (True, 9, over_10, None),
        "F2": (True, 2, large, None),
    }
    assert tally_goals(plan, dataset).tally("F1") == board.tally("F1")


@pytest.mark.parametrize("unknown", ["前海", "440300", "", "440304 "])
def test_a_district_that_nobody_knows_is_refused(plan: Plan, dataset: Dataset, unknown: str) -> None:
    with pytest.raises(UnknownDistrict) as caught:
        tally_goals(plan, dataset, district_id=unknown)
    assert list(caught.value.known) == list(dataset.districts.index)


@pytest.mark.parametrize("year", [1999, 2018, 2025])
def test_a_year_without_data_is_refused(plan: Plan, dataset: Dataset, year: int) -> None:
    with pytest.raises(UnknownYear) as caught:
        tally_goals(plan, dataset, year=year)
    assert caught.value.year == year
    assert list(caught.value.known) == [2019, 2020, 2021, 2022, 2023, 2024]


# ---------------------------------------------------------------- the bundled set


def test_the_bundled_sample_never_decides_in_any_year_place_or_area(plan: Plan, dataset: Dataset) -> None:
    seen = 0
    for options in (
        {"year": 2019},
        {"year": 2021},
        {"year": 2021, "place": "operating"},
        {"year": 2023},
        {"district_id": "440305"},
    ):
        for tally in tally_goals(plan, dataset, **options).tallies:
            assert tally.met is None
            assert {each.met for each in tally.readings} == {None}
            assert "decided" not in {each.why for each in tally.readings}
            seen += len(tally.readings)
    assert seen == 5 * (3 * 3 + 1 + 8 + 16 + 6 + 12)


def test_each_target_has_its_readings_and_one_default(board: Board) -> None:
    assert {t.target.id: len(t.readings) for t in board.tallies} == {
        "T1": 3,
        "T2": 3,
        "T3": 3,
        "T5": 1,
        "T9": 8,
        "T10": 16,
        "T11": 6,
        "T12": 12,
    }
    for tally in board.tallies:
        assert [each.reading.is_default for each in tally.readings] == [True] + [False] * (len(tally.readings) - 1)
        assert tally.chosen is tally.readings[0]


def test_cloud_computing_leaves_the_top_tier_at_its_offices_and_the_tally_follows(plan: Plan, dataset: Dataset) -> None:
    """神州数码's 1223.8488 of S05's 1697.2787 亿元 go with it to 北京."""
    registered, operating = (tally_goals(plan, dataset, place=p) for p in ("registered", "operating"))
    assert registered.clusters.loc["S05", c.TIER] == "CNY_1E11"
    assert operating.clusters.loc["S05", c.TIER] == "CNY_1E10"
    left = registered.clusters.loc["S05", c.TOTAL_CNY] - operating.clusters.loc["S05", c.TOTAL_CNY]
    assert left == 122_384_880_000
    assert (registered.tally("T11").actual, operating.tally("T11").actual) == (3, 2)
    assert readings(registered.tally("T11"))["measure=revenue;place=operating"] == 2
    assert (registered.tally("T12").actual, operating.tally("T12").actual) == (3, 4)
    gone = set(registered.clusters.index[registered.clusters[c.TIER] == "CNY_1E11"]) - set(
        operating.clusters.index[operating.clusters[c.TIER] == "CNY_1E11"]
    )
    assert gone == {"S05"}


def test_counts_of_the_bundled_set_equal_counts_over_the_files(board: Board) -> None:
    rows = pd.read_csv(REFERENCE / "revenue.csv", dtype={"stock_code": str})
    wide = rows[~rows["status"].str.contains("memory")].pivot(index="stock_code", columns="year", values="revenue_yi")
    firms = pd.read_csv(REFERENCE / "firms.csv", dtype=str).set_index("stock_code")
    clusters = wide[2021].groupby(firms["subsector"]).sum()
    inside = wide[~wide.index.isin(["000034", "000555"])]
    both = wide[[2020, 2021]].dropna()
    nine, ten = readings(board.tally("T9")), readings(board.tally("T10"))
    assert nine["place=registered;counting=stock"] == (wide[2021] > 50).sum() == 11
    assert nine["place=operating;counting=stock"] == (inside[2021] > 50).sum() == 9
    net = (both[2021] > 50).sum() - (both[2020] > 50).sum()
    assert nine["place=registered;counting=net_new;base_year=2020"] == net
    assert ten["place=registered;firm_nesting=nested;counting=stock"] == (wide[2021] > 10).sum() == 38
    between = ((wide[2021] > 10) & (wide[2021] <= 50)).sum()
    assert ten["place=registered;firm_nesting=disjoint;counting=stock"] == between == 27
    assert board.tally("T11").actual == (clusters >= 1000).sum() == 3
    assert board.tally("T12").actual == ((clusters >= 100) & (clusters < 1000)).sum() == 3
    assert readings(board.tally("T12"))["measure=revenue;nesting=nested;place=registered"] == (clusters >= 100).sum()


def test_the_three_headline_figures_show_their_path_and_no_outcome(board: Board) -> None:
    """The listed firms alone add up to more than T2's 9000 亿元; that must not show anywhere."""
    assert board.clusters[c.TOTAL_CNY].sum() > 9000 * YI
    for target_id in ("T1", "T2", "T3"):
        tally = board.tally(target_id)
        assert (tally.actual, tally.met, tally.official, tally.basis) == (None, None, True, Basis.STATISTICAL)
        assert {each.why for each in tally.readings} == {"no_outcome"}
        assert tally.chosen.path[2023] == tally.goal
    value_added = board.tally("T1")
    assert dict(value_added.points) == {2019: 159_659_000_000}
    assert value_added.chosen.path[2021] == pytest.approx(167_517e6, abs=3e6)
    assert value_added.chosen.path == required_path(value_added.target, 2020)


def test_the_sourced_point_of_2019_is_the_actual_of_2019_and_no_verdict(plan: Plan, dataset: Dataset) -> None:
    tally = tally_goals(plan, dataset, year=2019).tally("T1")
    assert (tally.actual, tally.met) == (159_659_000_000, None)


def test_the_board_says_what_it_was_asked_for(plan: Plan, dataset: Dataset) -> None:
    board = tally_goals(plan, dataset, district_id="440305", place="operating", year=2020)
    assert (board.area_id, board.place, board.year) == ("440305", "operating", 2020)
    assert (board.plan, board.dataset) == (plan, dataset)
    default = tally_goals(plan, dataset)
    assert (default.area_id, default.place, default.year) == ("440300", "registered", 2021)


def test_tallying_leaves_the_data_as_they_were(plan: Plan, dataset: Dataset) -> None:
    tables = ("firms", "observations", "indicators")
    before = {name: getattr(dataset, name).copy() for name in tables}
    tally_goals(plan, dataset, place="operating", district_id="440305")
    for name in tables:
        pd.testing.assert_frame_equal(getattr(dataset, name), before[name])
    assert dataclasses.is_dataclass(dataset)


def test_a_year_that_hardly_any_firm_covers_counts_nothing(plan: Plan, dataset: Dataset) -> None:
    board = tally_goals(plan, dataset, year=2024)
    counted = [t for t in board.tallies if t.target.kind in ("firm_count", "cluster_count")]
    assert len(counted) == 4
    assert {(t.actual, t.met, t.chosen.why) for t in counted} == {(None, None, "low_coverage")}
    assert {r.actual for t in counted for r in t.readings} == {None}


# ---------------------------------------------------------------- many firms


def test_a_board_of_many_firms_touches_no_row(plan: Plan, sealed: Dataset) -> None:
    """The city in every year, every district in one."""
    of_city = [(year, None) for year in sealed.years]
    of_districts = [(sealed.default_year, district_id) for district_id in sealed.districts.index]
    for place in ("registered", "operating"):
        for year, district_id in of_city + of_districts:
            board = tally_goals(plan, sealed, year=year, place=place, district_id=district_id)
            assert board.clusters[c.KNOWN_FIRMS].sum() == board.coverage["of_firms"] > 0


def test_the_rows_of_a_sealed_register_are_out_of_reach(sealed: Dataset) -> None:
    for name in ("firms", "observations", "usable"):
        with pytest.raises(AssertionError, match="a walk over"):
            getattr(sealed, name)

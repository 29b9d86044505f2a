"""A scenario changes what it says and nothing else: by hand on four towns, and as laws on random scenarios."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.errors import (
    BadScenario,
    UnknownDistrict,
    UnknownFirm,
    UnknownSubsector,
    UnknownYear,
    WithheldFirm,
)
from clusters.plan import Plan
from clusters.release import release
from clusters.roles import Role, Viewer
from clusters.scenario_results import ScenarioResult, change_from_moves, play_scenario, scenario_goals
from clusters.scenario_text import read_scenario, scenario_document, scenario_of, write_scenario
from clusters.scenarios import Attract, Change, Grow, Relocate, Scenario
from clusters.standing import cluster_totals
from clusters.tiers import ScaleTier
from data import columns as c
from data.cube import cube_of
from data.dataset import Dataset
from tests.conftest import YI, build_four_towns

A, B, C, D = "440391", "440392", "440393", "440394"
TOWNS = build_four_towns()
SPLIT = replace(
    TOWNS, firms=TOWNS.firms.assign(**{c.SUBSECTOR_WEIGHTS: TOWNS.firms.index.map({"a1": "S01:0.3333;S02:0.6667"}.get)})
)


def played(*changes: Change, until: int = 2021, dataset: Dataset = TOWNS, place: str = "registered") -> ScenarioResult:
    return play_scenario(dataset, Scenario(2021, until, place, changes))  # type: ignore[arg-type]


def test_an_attracted_firm_ramps_up_in_its_district_and_the_city() -> None:
    """S01 of 2021: 甲 60 + 50, 乙 15. 90 in three equal steps is 30 after one; 900 more is 1,025, 千亿."""
    found = played(Attract(C, "S01", 90 * YI, 3), until=2022)
    assert found.cells.loc[("S01", C)].tolist() == [0, 30 * YI, 30 * YI]
    assert found.clusters.loc["S01", [c.BASELINE_CNY, c.SCENARIO_CNY]].tolist() == [125 * YI, 155 * YI]
    big = played(Attract(C, "S01", 900 * YI))
    assert big.clusters.loc["S01", [c.TIER, c.SCENARIO_TIER]].tolist() == [ScaleTier.CNY_1E10, ScaleTier.CNY_1E11]
    assert big.clusters.loc["S01", [c.GAP_CNY, c.SCENARIO_GAP_CNY]].tolist() == [875 * YI, 0]


def test_a_moving_firm_changes_two_districts_and_not_the_city() -> None:
    """a1's 60 leave 甲 for 丁; under the office reading too, where a2's 50 are 乙's already."""
    found = played(Relocate("a1", D))
    assert found.cells[c.CHANGE_CNY].loc["S01"].to_dict() == {A: -60 * YI, B: 0, D: 60 * YI}
    assert found.districts[c.CHANGE_CNY].to_dict() == {A: -60 * YI, B: 0, D: 60 * YI, c.UNPLACED: 0}
    assert (found.clusters[c.CHANGE_CNY] == 0).all()
    office = played(Relocate("a2", A), place="operating")
    assert office.cells.loc["S01", c.SCENARIO_CNY].to_dict() == {A: 110 * YI, B: 15 * YI}


def test_a_firm_in_two_subsectors_moves_with_both_parts() -> None:
    found = played(Relocate("a1", D), dataset=SPLIT)
    parts = {"S01": 60 * YI * 3333 // 10_000, "S02": 60 * YI * 6667 // 10_000}
    assert {k: found.cells.loc[(k, D), c.SCENARIO_CNY] for k in parts} == parts
    assert (found.clusters[c.CHANGE_CNY] == 0).all()


def test_growth_is_compound_and_meets_in_a_cell() -> None:
    """S01 in 甲: 110 at 10 % and 10 % more is 110 × 1.2² = 158.4; 乙's 15 × 1.1² = 18.15."""
    found = played(Grow(0.1, "S01"), Grow(0.1, None, A), until=2023)
    assert found.cells.loc["S01", c.SCENARIO_CNY].to_dict() == {A: 158_4 * YI // 10, B: 18_15 * YI // 100}
    assert found.cells.loc[("S02", A), c.SCENARIO_CNY] == 80 * YI * 121 // 100


def test_a_mover_takes_its_grown_revenue_along() -> None:
    """甲 grows 100 % in one year, so a1 leaves it with 120."""
    found = played(Grow(1.0, None, A), Relocate("a1", D), until=2022)
    assert found.cells.loc["S01", c.SCENARIO_CNY].to_dict() == {A: 100 * YI, B: 15 * YI, D: 120 * YI}


def test_goals_count_clusters_before_and_after(plan: Plan) -> None:
    """S02's 1,040 are 千亿 already; S01 joins it and leaves 百亿 when each tier counts by itself."""
    goals = scenario_goals(plan, played(Attract(C, "S01", 900 * YI)))
    told = goals[[c.BASELINE, c.SCENARIO]].to_numpy().tolist()
    assert sorted(map(tuple, told)) == sorted([(1, 2), (1, 2), (1, 0), (2, 2)])


def scenarios() -> st.SearchStrategy[Scenario]:
    districts, subsectors = st.sampled_from([A, B, C, D]), st.sampled_from(["S01", "S02", "S05"])
    growth = st.integers(-2_000, 5_000).map(lambda steps: steps / 10_000)
    attract = st.builds(Attract, districts, subsectors, st.integers(1, 10**13), st.integers(0, 5))
    grow = st.builds(Grow, growth, st.none() | subsectors, st.none() | districts)
    moves = st.lists(st.sampled_from(["a1", "a2", "b1", "b2", "n1"]), unique=True, max_size=3).flatmap(
        lambda firms: st.tuples(*(st.builds(Relocate, st.just(firm), st.sampled_from([C, D])) for firm in firms))
    )
    return st.builds(
        lambda others, moving, years, place: Scenario(2021, 2021 + years, place, (*others, *moving)),
        st.lists(attract | grow, max_size=4),
        moves,
        st.integers(0, 4),
        st.sampled_from(["registered", "operating"]),
    )


@given(scenarios(), st.randoms())
@settings(max_examples=60)
def test_districts_make_the_city_and_the_order_of_changes_does_not_matter(scenario: Scenario, random: object) -> None:
    found = play_scenario(SPLIT, scenario)
    for column in (c.BASELINE_CNY, c.SCENARIO_CNY):
        assert found.cells.groupby(level=0)[column].sum().to_dict() == found.clusters[column].to_dict()
        assert found.districts[column].sum() == found.clusters[column].sum()
    shuffled = list(scenario.changes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = play_scenario(SPLIT, replace(scenario, changes=tuple(shuffled)))
    pd.testing.assert_frame_equal(again.cells, found.cells)


@given(scenarios())
@settings(max_examples=60)
def test_moves_never_change_the_city(scenario: Scenario) -> None:
    stays = replace(scenario, changes=tuple(each for each in scenario.changes if not isinstance(each, Relocate)))
    moved, stayed = play_scenario(SPLIT, scenario), play_scenario(SPLIT, stays)
    assert moved.clusters[c.SCENARIO_CNY].to_dict() == stayed.clusters[c.SCENARIO_CNY].to_dict()
    assert (moved.cells[c.SCENARIO_CNY] >= 0).all()


@pytest.mark.parametrize("place", ["registered", "operating"])
@pytest.mark.parametrize("until", [2021, 2030])
def test_no_changes_are_the_baseline(place: str, until: int, dataset: Dataset) -> None:
    for each in (SPLIT, dataset):
        found = play_scenario(each, Scenario(2021, until, place))  # type: ignore[arg-type]
        totals = cluster_totals(cube_of(each), year=2021, place=place)  # type: ignore[arg-type]
        assert found.clusters[c.SCENARIO_CNY].to_dict() == totals[c.TOTAL_CNY].to_dict()
        assert found.clusters[c.SCENARIO_TIER].tolist() == totals[c.TIER].tolist()
        for table in (found.cells, found.clusters, found.districts):
            assert (table[c.CHANGE_CNY] == 0).all()


@given(scenarios())
@settings(max_examples=40)
def test_a_scenario_comes_back_from_text_and_document(scenario: Scenario) -> None:
    assert read_scenario(write_scenario(scenario)) == scenario
    assert scenario_of(json.loads(json.dumps(scenario_document(scenario)))) == scenario


def test_a_firm_id_with_any_sign_comes_back_from_text() -> None:
    scenario = Scenario(2021, 2025, changes=(Relocate("01698.HK/TME;:%号", D), Relocate("", A)))
    assert read_scenario(write_scenario(scenario)) == scenario


@pytest.mark.parametrize(
    "text",
    ["", "2021;registered", "2021-2020;registered", "2021-2025;here", "2021-2025;registered;fly:1:2",
     "2021-2025;registered;move:a1", "2021-2025;registered;grow:fast::", "2021-2025;registered;grow:0.00001::",
     "2021-2025;registered;grow:-1::", "2021-2025;registered;attract:440391:S01:-5:0",
     "2021-2025;registered;attract:440391:S01:5.5:0", "2021-2025;registered;move:a:X;move:a:Y",
     "2021-2025;registered;attract:440391:S01:5:99"],
)  # fmt: skip
def test_a_text_that_is_no_scenario_is_refused(text: str) -> None:
    with pytest.raises(BadScenario):
        read_scenario(text)


def test_a_document_that_is_no_scenario_is_refused() -> None:
    for document in ({}, {"year": 2021, "until": 2022, "place": "registered", "changes": [{"kind": "fly"}]}):
        with pytest.raises(BadScenario):
            scenario_of(document)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (Attract("440300", "S01", 1), UnknownDistrict),
        (Attract(A, "S99", 1), UnknownSubsector),
        (Grow(0.1, "S99"), UnknownSubsector),
        (Relocate("a1", "here"), UnknownDistrict),
        (Relocate("x", A), UnknownFirm),
        (Relocate("a1", A), BadScenario),
        (Relocate("d1", A), BadScenario),
    ],
)
def test_what_the_data_do_not_have_is_refused(change: Change, error: type[Exception]) -> None:
    with pytest.raises(error):
        played(change)
    with pytest.raises(UnknownYear):
        play_scenario(TOWNS, Scenario(2031, 2031))


def test_growth_that_adds_up_to_a_loss_of_all_is_refused() -> None:
    with pytest.raises(BadScenario, match="S01"):
        played(Grow(-0.6, "S01"), Grow(-0.6), until=2022)
    with pytest.raises(BadScenario):
        played(Relocate("a3", A), place="operating")  # outside the city


def confidential() -> Dataset:
    """a3 and b2 are statistical: S02's cells of 甲 and 乙 are withheld, and with two contributors its total too."""
    status = np.where(TOWNS.firms.index.isin(["a3", "b2"]), "statistical", "public_record")
    made = replace(TOWNS, firms=TOWNS.firms.assign(**{c.CONFIDENTIALITY: status}), digest="00000001")
    return release(made, Viewer(Role.INVESTOR))


def test_what_is_withheld_stays_withheld_and_a_hidden_firm_does_not_move() -> None:
    seen = confidential()
    assert seen.release is not None
    found = played(Attract(A, "S02", YI), Relocate("a1", D), Grow(0.1), until=2022, dataset=seen)
    assert found.clusters.loc["S02", c.SCENARIO_CNY] is None
    assert found.cells.loc[("S02", A)].tolist() == [None, None, None]
    assert found.districts.loc[A].tolist() == [None, None, None]
    assert found.clusters.loc["S01", c.CHANGE_CNY] == 125 * YI // 10
    with pytest.raises(WithheldFirm):
        played(Relocate("b2", A), dataset=seen)


def test_a_released_city_total_moves_with_what_is_withheld() -> None:
    """S01 of 甲 and 乙 withheld, their sum 125 released: both grow 10 % to 137.5; 甲 alone, and nobody knows."""
    cube = cube_of(TOWNS)
    marks = cube.assign(
        **{c.WITHHELD: cube[c.SUBSECTOR_ID] == "S01", c.HIDDEN: cube[c.SUBSECTOR_ID] == "S01", c.RESIDUAL: ""}
    )
    rest = marks[marks[c.WITHHELD]].groupby([c.PLACE, c.SUBSECTOR_ID, c.YEAR], as_index=False)[c.TOTAL_CNY].sum()
    rest = rest.assign(**{c.RESIDUAL: "subsector", c.DISTRICT_ID: c.NOT_RELEASED, c.WITHHELD: False, c.HIDDEN: False,
                          c.FIRMS: 0, c.TOP1_CNY: 0, c.TOP_FIRM_ID: None})  # fmt: skip
    marks.loc[marks[c.WITHHELD], c.TOTAL_CNY] = 0
    seen = replace(TOWNS, digest="00000002")
    cube_of.prime(seen, pd.concat([marks, rest], ignore_index=True))
    both = played(Grow(0.1, "S01"), Attract(A, "S01", YI), until=2022, dataset=seen)
    assert both.cells.loc["S01", c.SCENARIO_CNY].to_dict() == {A: None, B: None, c.NOT_RELEASED: 1385 * YI // 10}
    assert both.clusters.loc["S01", c.SCENARIO_CNY] == 1385 * YI // 10
    assert played(Relocate("a1", D), dataset=seen).cells.loc["S01", c.CHANGE_CNY].to_dict() == {
        A: None, B: None, D: 60 * YI, c.NOT_RELEASED: -60 * YI
    }  # fmt: skip
    alone = played(Grow(0.1, "S01", A), until=2022, dataset=seen)
    assert alone.clusters.loc["S01", [c.BASELINE_CNY, c.SCENARIO_CNY]].tolist() == [125 * YI, None]


@given(scenarios())
@settings(max_examples=30)
def test_what_moves_change_in_the_city_is_computed_and_nothing(scenario: Scenario) -> None:
    assert change_from_moves(SPLIT, scenario) == 0

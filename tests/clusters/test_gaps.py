"""What closes a gap, by hand on four towns, and what it says when there is too little to say it from."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.dependence import without_largest
from clusters.errors import BadValue, UnknownDistrict, UnknownYear
from clusters.gap_records import GapClosing, ParkRoom, TypicalFirm
from clusters.gaps import close_gap
from clusters.growth import matched_growth
from clusters.growth_interval import growth_interval
from clusters.release import release
from clusters.roles import Role, Viewer
from clusters.scenario_results import play_scenario
from clusters.scenarios import Relocate, Scenario
from data import columns as c
from data.dataset import Dataset
from data.matched import matched_firms
from tests.conftest import YI, Sealed, build_four_towns

TOWNS = build_four_towns()
A, B = "440391", "440392"


def gap(dataset: Dataset = TOWNS, **choices: object) -> GapClosing:
    rng = np.random.default_rng(1)
    return close_gap(dataset, **{"until": 2023, "draws": 999} | choices, rng=rng)  # type: ignore[arg-type]


def test_the_smallest_mixes_are_worked_out_by_hand() -> None:
    """S01 of 2021: 60 + 50 + 15 = 125 of 1,000; a1 and a2 grew from 50 to 110, 120 % in a year.

    Sizes 15, 50, 60: quartiles 32.5, 50, 55. Without growth 875 are missing: 15.9, 17.5 and 26.9 firms. At 120 % the
    125 become 605 in two years and 395 are missing: 7.2, 7.9 and 12.2 firms.
    """
    found = gap(subsector_id="S01")
    assert (found.total_cny, found.firms, found.target_cny, found.gap_cny) == (125 * YI, 3, 1000 * YI, 875 * YI)
    assert found.size == TypicalFirm(325 * YI // 10, 50 * YI, 55 * YI, 3, "here")
    assert found.size.too_few_firms
    assert found.growth is not None
    assert (found.growth.firms, found.growth.too_few_firms, found.growth_from) == (2, True, 2020)
    assert found.growth.growth == pytest.approx(1.2)
    still, grown = found.mixes
    assert (still.of_growth, still.missing_cny, still.fewest, still.typical, still.most) == (
        "none",
        875 * YI,
        16,
        18,
        27,
    )
    assert (grown.of_growth, grown.grown_cny, grown.fewest, grown.typical, grown.most) == ("middle", 605 * YI, 8, 8, 13)
    assert found.required is not None
    assert found.required.required_growth == pytest.approx(8**0.5 - 1)
    assert (found.panel.problem, found.outlook) == ("too_few_years", None)


def test_room_is_unknown_until_somebody_enters_it() -> None:
    """18 firms of 1,000 m² need 18,000: the parks of 甲 have 20,000, of which 丙's other one knows nothing."""
    assert gap(subsector_id="S01").room == ParkRoom(0, 0, None)
    parks = pd.DataFrame({c.DISTRICT_ID: [A, A, B], c.VACANT_M2: [20_000.0, np.nan, 5.0]})
    towns = replace(TOWNS, parks=parks, digest="00000003")
    found = gap(towns, subsector_id="S01", district_id=A, floor_m2_per_firm=1_000.0, growth=0.0, firm_cny=50 * YI)
    assert found.room == ParkRoom(2, 1, 20_000.0)
    assert [(mix.typical, mix.floor_m2, mix.room) for mix in found.mixes] == [(18, 18_000.0, "enough")]
    tight = gap(towns, subsector_id="S01", district_id=B, floor_m2_per_firm=1.0, growth=0.0, firm_cny=5 * YI)
    assert tight.mixes[0].room == "short"
    assert gap(towns, subsector_id="S01").mixes[0].room == "unknown"


def test_a_goal_that_is_reached_has_no_gap() -> None:
    """S02 of 2021 is 1,040: 千亿 already, so there is no next tier; a stated 1,000 is reached."""
    top = gap(subsector_id="S02")
    assert (top.total_cny, top.target_cny, top.gap_cny, top.mixes) == (1040 * YI, None, None, ())
    assert gap(subsector_id="S02", target_cny=1040 * YI).gap_cny == 0
    assert gap(subsector_id="S02", target_cny=1040 * YI + 1).gap_cny == 1


def test_a_cluster_without_an_observation_starts_from_nothing() -> None:
    found = gap(subsector_id="S07", firm_cny=30 * YI)
    assert (found.total_cny, found.firms, found.gap_cny, found.required) == (None, 0, 100 * YI, None)
    assert [(mix.of_growth, mix.typical) for mix in found.mixes] == [("none", 4)]
    assert gap(subsector_id="S07").mixes[0].typical is None


def test_a_district_with_few_firms_looks_to_the_city(dataset: Dataset) -> None:
    found = gap(dataset, subsector_id="S05", district_id="440304", until=2024)
    assert (found.growth_area, found.size.area if found.size else None) == ("here", "city")
    assert found.firms == 1
    district = gap(dataset, district_id="440305", target_cny=10**12, until=2024)
    assert district.growth is not None
    assert {mix.of_growth for mix in district.mixes} == {"none", "low", "middle", "high"}
    assert [mix.missing_cny for mix in district.mixes] == sorted((m.missing_cny for m in district.mixes), reverse=True)
    assert district.growth.firms > 30


def test_the_chance_of_crossing_is_that_of_the_panels_share(dataset: Dataset) -> None:
    """The panel is a share of the total, so it is asked to reach that share of the target."""
    found = gap(dataset, subsector_id="S01", until=2024)
    assert found.outlook is not None
    assert found.outlook.target == pytest.approx(10**10 * found.panel.coverage)
    assert found.panel.totals.iloc[-1] == pytest.approx(found.panel.coverage * (found.total_cny or 0))
    assert found.outlook.bands.index[-1] == 2024
    assert found.panel.firms == 3


@given(st.integers(1, 10**14), st.integers(1, 10**12), st.integers(-5_000, 20_000), st.integers(1, 6))
@settings(max_examples=40)
def test_one_firm_fewer_does_not_do(target: int, size: int, steps: int, years: int) -> None:
    found = gap(subsector_id="S01", target_cny=target, firm_cny=size, growth=steps / 10_000, until=2021 + years)
    for mix in found.mixes:
        assert mix.typical is not None
        assert mix.grown_cny + mix.typical * size >= target
        assert mix.typical == 0 or mix.grown_cny + (mix.typical - 1) * size < target


def test_many_firms_answer_from_small_tables(sealed: Sealed) -> None:
    """With growth kept from before nothing walks over rows, nor does moving a firm that leads."""
    year = sealed.default_year
    kept = growth_interval(np.arange(1.0, 9), np.arange(2.0, 10), 1, rng=np.random.default_rng(1))
    found = gap(sealed, subsector_id="S05", until=year + 2, target_cny=10**15, growth=kept)
    assert [mix.of_growth for mix in found.mixes] == ["none", "low", "middle", "high"]
    assert found.outlook is not None
    assert len(without_largest(sealed, year=year, subsector_id="S05", most=50)) == 50
    mover = without_largest(sealed, year=year, subsector_id="S05", district_id="440305")[c.FIRM_ID][0]
    moved = play_scenario(sealed, Scenario(year, year, changes=(Relocate(mover, "440304"),)))
    assert (moved.clusters[c.CHANGE_CNY] == 0).all()
    assert moved.districts.loc["440304", c.CHANGE_CNY] == -moved.districts.loc["440305", c.CHANGE_CNY] > 0


def test_a_withheld_total_tells_nothing_else() -> None:
    status = np.where(TOWNS.firms.index.isin(["a3", "b2"]), "statistical", "public_record")
    made = replace(TOWNS, firms=TOWNS.firms.assign(**{c.CONFIDENTIALITY: status}), digest="00000004")
    found = gap(release(made, Viewer(Role.INVESTOR)), subsector_id="S02")
    assert (found.withheld, found.total_cny, found.target_cny, found.gap_cny) == (True, None, None, None)
    assert (found.growth, found.size, found.mixes, found.outlook, found.required) == (None, None, (), None, None)


@pytest.mark.parametrize(
    ("choices", "error"),
    [
        ({"until": 2021}, BadValue),
        ({"year": 2031}, UnknownYear),
        ({"district_id": "1"}, UnknownDistrict),
        ({"growth": -1.0}, BadValue),
        ({"growth": float("nan")}, BadValue),
        ({"firm_cny": 0}, BadValue),
        ({"target_cny": -1}, BadValue),
        ({"floor_m2_per_firm": float("inf")}, BadValue),
    ],
)
def test_a_bad_choice_is_refused(choices: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        gap(**choices)


def test_growth_of_many_firms_comes_from_the_small_table(sealed: Sealed) -> None:
    """It says its n and has no interval, since nothing is drawn again; a small district takes the city's."""
    year = sealed.default_year
    found = gap(sealed, subsector_id="S05", until=year + 2, target_cny=10**15)
    assert found.growth is not None
    assert found.growth.firms >= 5
    assert np.isnan(found.growth.low)
    assert (found.growth.draws, found.growth.too_few_firms) == (0, False)
    assert [mix.of_growth for mix in found.mixes if mix.growth] == ["middle"]
    by_hand = matched_growth(
        matched_firms(sealed).query("place == 'registered' and subsector_id == 'S05'"),
        base_year=found.growth_from or 0, year=year, by=["subsector_id"],
    )  # fmt: skip
    assert found.growth.growth == pytest.approx(float(by_hand["growth"].iloc[0]))

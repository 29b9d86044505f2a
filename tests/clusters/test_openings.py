"""What the doors open with, worked by hand on the four towns."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.errors import UnknownYear
from clusters.goals import tally_goals
from clusters.openings import MostAlike, NearestTier, PlacesKnown, most_alike, nearest_tier, places_known
from clusters.plan import Plan
from clusters.tiers import gap_to_next_cny
from data import columns as c
from data.dataset import Dataset

YI = 10**8


def test_the_nearest_tier_of_the_city_and_of_a_town(plan: Plan, four_towns: Dataset) -> None:
    """City, 2021: S01 is 60 + 50 + 15 = 125, 875 short of 1,000; S02 is 80 + 950 + 10 = 1,040, at the top. 甲: S01 is
    60 + 50 = 110, 890 short; S02 is 80, 20 short of 100."""
    city = tally_goals(plan, four_towns, year=2021)
    assert nearest_tier(city.clusters) == NearestTier("S01", 125 * YI, 875 * YI, 3)
    town = tally_goals(plan, four_towns, year=2021, district_id="440391")
    assert nearest_tier(town.clusters) == NearestTier("S02", 80 * YI, 20 * YI, 1)
    empty = tally_goals(plan, four_towns, year=2021, district_id="440394")
    assert nearest_tier(empty.clusters) is None


@given(totals=st.lists(st.integers(0, 3 * 10**11), min_size=1, max_size=12), data=st.data())
def test_no_cluster_lacks_less_and_the_order_of_rows_does_not_matter(totals: list[int], data: st.DataObject) -> None:
    table = pd.DataFrame(
        {c.TOTAL_CNY: totals, c.GAP_CNY: [gap_to_next_cny(v) for v in totals], c.FIRMS: 1},
        index=[f"S{n:02}" for n in range(len(totals))],
    )
    before = table.copy()
    found = nearest_tier(table)
    pd.testing.assert_frame_equal(table, before)
    gaps = [gap for gap in table[c.GAP_CNY] if gap]
    assert (found.gap_cny if found else None) == min(gaps, default=None)
    shuffled = nearest_tier(table.loc[data.draw(st.permutations(list(table.index)))])
    assert (shuffled and shuffled.gap_cny) == (found and found.gap_cny)


def test_a_total_that_is_withheld_is_passed_over() -> None:
    table = pd.DataFrame(
        {c.TOTAL_CNY: [float("nan"), 4e9], c.GAP_CNY: [None, 6e9], c.FIRMS: [2, 3]}, index=["S01", "S02"]
    )
    assert nearest_tier(table) == NearestTier("S02", 4 * 10**9, 6 * 10**9, 3)
    assert nearest_tier(table.iloc[:1]) is None


def test_the_most_alike_towns(four_towns: Dataset) -> None:
    """甲 has 2 firms of S01 and 1 of S02, 乙 one of each: 1/2 and 1/3 of the mixes are common, 5/6 in all. Only they
    have a firm of 2021."""
    found = most_alike(four_towns, year=2021, fewest=1)
    assert found is not None
    assert found == MostAlike("440391", "440392", pytest.approx(5 / 6), 3, 2, 2)
    assert most_alike(four_towns, year=2021, fewest=3) is None
    assert most_alike(four_towns, year=2021) is None
    with pytest.raises(UnknownYear):
        most_alike(four_towns, year=1999)


def test_the_bundled_city_has_its_two_large_districts(dataset: Dataset) -> None:
    found = most_alike(dataset, year=2021)
    assert found is not None
    assert {found.district_a, found.district_b} == {"440304", "440305"}
    assert found.districts == 2
    assert 0 < found.similarity < 1


def test_places_are_counted_with_and_without_a_point(four_towns: Dataset, dataset: Dataset) -> None:
    assert places_known(four_towns) == PlacesKnown(0, 0, 0, 7, 0)
    firms = four_towns.firms.assign(**{c.LON: None, c.LAT: None})
    firms.loc["a1", [c.LON, c.LAT]] = [114.05, 22.55]
    parks = pd.DataFrame({c.LON: [114.05, None]}, index=["P1", "P2"])
    assert places_known(replace(four_towns, firms=firms, parks=parks)) == PlacesKnown(2, 1, 0, 7, 1)
    bundled = places_known(dataset)
    assert bundled.parks == len(dataset.parks)
    assert 0 < bundled.placed_parks < bundled.parks
    assert bundled.firms == len(dataset.firms)


def test_of_many_firms_no_row_is_read(sealed: Dataset) -> None:
    year = sealed.default_year
    assert most_alike(sealed, year=year) is not None
    assert places_known(sealed).firms > 5_000

"""Leading firms: all of a few; of many the large ones and the head of every list, and what is counted on them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import columns as c
from data import lookup
from data.cube import cube_of
from data.dataset import MANY_FIRMS, Dataset, Place, firm_districts
from data.firm_points import firm_points
from data.known_firms import firms_at_places, known_firms
from data.leading import LARGE_CNY, LARGEST_IN_CELL, leading_firms, leading_revenue
from data.matched import matched_firms
from data.ranking import largest_firms, largest_in_district
from data.thresholds import firms_over

PLACES: tuple[Place, ...] = ("registered", "operating")
NANSHAN = "440305"
SUBSECTORS = [f"S{n:02d}" for n in range(1, 13)]


@pytest.fixture(scope="module")
def moved(many_firms: Dataset) -> Dataset:
    """The register with offices: some elsewhere, some outside the city; some firms without district or subsector."""
    firms, rng = many_firms.firms.copy(), np.random.default_rng(3)
    home = firms[c.REGISTERED_DISTRICT_ID].astype(object)
    office = pd.Series(rng.choice([*many_firms.districts.index, c.OUTSIDE], len(firms)), firms.index, dtype=object)
    firms[c.OPERATING_DISTRICT_ID] = office.where(rng.random(len(firms)) < 0.3, None)
    firms[c.REGISTERED_DISTRICT_ID] = home.where(rng.random(len(firms)) < 0.95, None)
    firms[c.SUBSECTOR_ID] = firms[c.SUBSECTOR_ID].astype(object).where(rng.random(len(firms)) < 0.95, None)
    return replace(many_firms, firms=firms)


def wide(dataset: Dataset) -> pd.DataFrame:
    """Revenue by firm and year, by a pivot of all rows."""
    return dataset.usable.pivot_table(index=c.FIRM_ID, columns=c.YEAR, values=c.REVENUE_CNY, aggfunc="sum")


# ---------------------------------------------------------------- which firms lead


def test_a_few_firms_all_lead(dataset: Dataset, four_towns: Dataset) -> None:
    for few in (dataset, four_towns):
        assert leading_firms(few) is few.firms
        seen = leading_revenue(few)
        assert seen[c.FIRM_ROW].map(dict(enumerate(few.firms.index))).tolist() == few.usable[c.FIRM_ID].tolist()
        assert seen[c.REVENUE_CNY].tolist() == few.usable[c.REVENUE_CNY].tolist()
        assert seen[c.STATUS].tolist() == few.usable[c.STATUS].tolist()


def test_of_many_firms_the_large_ones_and_the_largest_of_each_cell_lead(moved: Dataset) -> None:
    revenue = wide(moved)
    expected = set(revenue.index[(revenue >= LARGE_CNY).any(axis=1)])
    assert len(expected) > 100
    for place in PLACES:
        keys = [firm_districts(moved.firms, place), moved.firms[c.SUBSECTOR_ID], moved.firms[c.LOCATION_PRECISION]]
        for year in moved.years:
            ranked = revenue[year].dropna().reindex(moved.firms.index).dropna().sort_values(ascending=False)
            by = [key.fillna("-").reindex(ranked.index) for key in keys]
            expected |= set(ranked.groupby(by, observed=True).head(LARGEST_IN_CELL).index)
    found = leading_firms(moved)
    assert set(found.index) == expected
    assert len(found) < len(moved.firms)
    assert found.index.tolist() == [firm for firm in moved.firms.index if firm in expected]
    seen = leading_revenue(moved)
    rows = moved.usable[moved.usable[c.FIRM_ID].isin(expected)]
    assert len(seen) == len(rows)
    assert seen[c.REVENUE_CNY].sum() == rows[c.REVENUE_CNY].sum()


def test_the_derived_tables_survive_a_file(moved: Dataset, tmp_path: Path) -> None:
    """With every value; a missing text may come back as another missing value."""
    for table in (f(moved) for f in (leading_firms, leading_revenue, known_firms, firms_at_places, matched_firms)):
        table.to_parquet(tmp_path / "table.parquet")
        again = pd.read_parquet(tmp_path / "table.parquet")
        again, expected = (each.astype(object).where(each.notna(), None) for each in (again, table))
        pd.testing.assert_frame_equal(again, expected, check_index_type=False)


# ---------------------------------------------------------------- how many pass a threshold


@pytest.mark.parametrize("threshold", [5 * 10**9, 10**9, LARGE_CNY, LARGE_CNY - 1, 10**7, 0])
@pytest.mark.parametrize("strictly", [True, False])
def test_counts_over_a_threshold_equal_a_walk(moved: Dataset, threshold: int, strictly: bool) -> None:
    """Also below the amount from which the leading firms are complete."""
    revenue, counts = wide(moved), firms_over(moved, threshold, strictly=strictly)
    assert firms_over(moved, threshold, strictly=strictly) is counts
    for place in PLACES:
        where = firm_districts(moved.firms, place).reindex(revenue.index)
        for year, seen_in in [(2021, 2021), (2023, 2020), (2020, 2023)]:
            passed = revenue[year] > threshold if strictly else revenue[year] >= threshold
            expected = where[passed & revenue[seen_in].notna()].value_counts().drop(c.OUTSIDE, errors="ignore")
            found = {district: n for district, n in counts[place, year, seen_in].items() if n}
            assert found == expected.to_dict()


def test_two_rows_of_one_firm_and_year_pass_together(four_towns: Dataset) -> None:
    rows = four_towns.observations
    twice = replace(four_towns, observations=pd.concat([rows, rows[rows[c.FIRM_ID] == "b1"]], ignore_index=True))
    over = firms_over(twice, 20 * 10**8, strictly=True)["registered", 2021, 2021]
    assert over["440392"] == 2  # b2, and b1 with 15 and 15


# ---------------------------------------------------------------- lists of firms


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("subsectors", "precisions"), [(SUBSECTORS, ()), (["S05"], ()), (["S02", "S09"], ("street",)), ([], ())]
)
def test_a_list_of_many_firms_is_the_head_of_the_whole_list(
    moved: Dataset, place: Place, subsectors: list[str], precisions: tuple[str, ...]
) -> None:
    firms, revenue = moved.firms, wide(moved)[2022]
    for district in moved.districts.index:
        mine = firms[(firm_districts(firms, place) == district) & firms[c.SUBSECTOR_ID].isin(subsectors)]
        if precisions:
            mine = mine[mine[c.LOCATION_PRECISION].isin(precisions)]
        whole = revenue.reindex(mine.index).dropna().sort_values(ascending=False)
        listed = largest_in_district(
            moved, district, year=2022, subsectors=subsectors, precisions=precisions, place=place, most=200
        )
        assert listed[c.REVENUE_CNY].tolist() == whole.head(len(listed)).astype(int).tolist()
        assert len(listed) >= min(LARGEST_IN_CELL, len(whole))
        assert len(listed) <= 200
        assert listed[c.REVENUE_CNY].astype(float).to_dict() == whole.reindex(listed.index).to_dict()


def test_a_large_district_lists_as_many_as_asked(moved: Dataset) -> None:
    assert len(largest_in_district(moved, NANSHAN, year=2023, subsectors=SUBSECTORS, most=200)) == 200


def test_a_list_of_few_firms_has_them_all(dataset: Dataset) -> None:
    listed = largest_in_district(dataset, NANSHAN, year=2021, subsectors=SUBSECTORS, most=3)
    mine = dataset.firms[dataset.firms[c.REGISTERED_DISTRICT_ID] == NANSHAN]
    assert set(listed.index) == set(mine.index)
    assert listed[c.REVENUE_CNY].isna().sum() == (~mine.index.isin(dataset.usable.query("year == 2021").firm_id)).sum()
    known = listed[c.REVENUE_CNY].dropna()
    assert known.is_monotonic_decreasing
    assert listed[c.REVENUE_CNY].notna().to_numpy()[: len(known)].all()


def test_firms_of_equal_revenue_may_stand_for_each_other(many_firms: Dataset) -> None:
    """Thousands tie: the list ends at its length, and nobody left out is larger."""
    level = replace(many_firms, observations=many_firms.observations.assign(**{c.REVENUE_CNY: 1000}))
    listed = largest_in_district(level, NANSHAN, year=2023, subsectors=SUBSECTORS, most=200)
    assert len(listed) == 200
    assert set(listed[c.REVENUE_CNY]) == {1000}


def test_the_largest_of_the_city(many_firms: Dataset, dataset: Dataset) -> None:
    found = largest_firms(many_firms, 300)
    revenue = wide(many_firms)[many_firms.default_year]
    assert revenue[found.index].sum() == revenue.nlargest(300).sum()
    assert found.index.is_monotonic_increasing
    assert largest_firms(dataset, 300) is dataset.firms


# ---------------------------------------------------------------- look-ups and counts


def test_any_firm_is_found_and_nobody_else(many_firms: Dataset, dataset: Dataset) -> None:
    lead = leading_firms(many_firms).index
    other = many_firms.firms.index.difference(lead)[-1]
    for firm_id in (lead[0], other):
        found = lookup.firm(many_firms, firm_id)
        assert found is not None
        assert found[c.NAME] == many_firms.firms[c.NAME][firm_id]
        assert lookup.short_name(many_firms, firm_id) == found[c.SHORT_NAME]
    for unknown in ("", "SYN-", "nan", "None", f"{other} "):
        assert lookup.firm(many_firms, unknown) is None
        assert lookup.firm(dataset, unknown) is None
    assert lookup.short_name(many_firms, "nobody") == "nobody"


def test_no_index_over_all_ids_is_built(many_firms: Dataset) -> None:
    """It would outweigh all that is derived, and even ``np.asarray`` of a column makes one on the way."""
    fresh = replace(many_firms, firms=many_firms.firms.set_index(many_firms.firms.index.copy()))
    for derived in (cube_of, known_firms, firms_at_places, matched_firms, leading_firms, leading_revenue, firm_points):
        derived(fresh)
    firms_over(fresh, 10**7, strictly=True)
    largest_in_district(fresh, NANSHAN, year=2022, subsectors=SUBSECTORS, most=200)
    assert lookup.firm(fresh, fresh.firms.index[-1]) is not None
    assert fresh.default_year
    assert "_engine" not in fresh.firms.index._cache
    assert "S" in fresh.firms.index or "_engine" in fresh.firms.index._cache, "the test sees one when it is built"


def test_a_place_is_known_when_it_lends_its_point(dataset: Dataset) -> None:
    known = set(dataset.firms[c.PLACE_ID].dropna())
    for place_id in (*dataset.parks.index, *dataset.streets.index, *dataset.districts.index, "None", "nan", ""):
        assert lookup.has_place(dataset, place_id) == (place_id in known)


def test_firms_at_places_are_counted_with_their_point(dataset: Dataset) -> None:
    found, firms = firms_at_places(dataset), dataset.firms
    assert found[c.KNOWN_FIRMS].sum() == firms[c.PLACE_ID].notna().sum()
    for row in found.to_dict("records"):
        here = firms[firms[c.PLACE_ID] == row[c.PLACE_ID]]
        here = here[here[c.LOCATION_PRECISION] == row[c.LOCATION_PRECISION]]
        assert (row[c.KNOWN_FIRMS], row[c.LON], row[c.LAT]) == (len(here), here[c.LON].iloc[0], here[c.LAT].iloc[0])


PARTS = st.sampled_from(["440391", "outside", None])


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from(["S01", None]), PARTS, PARTS, st.sampled_from(["park", "none"])), max_size=9))
def test_known_firms_add_up(known_of: Callable[..., Dataset], rows: list[tuple[str | None, ...]]) -> None:
    made = known_of(rows)
    found = known_firms(made)
    for place in PLACES:
        mine = found[found[c.PLACE] == place]
        assert mine[c.KNOWN_FIRMS].sum() == len(rows)
        assert mine[c.PLACED_FIRMS].sum() == sum(precision == "park" for *_, precision in rows)
        where = firm_districts(made.firms, place)
        expected = pd.crosstab(where, made.firms[c.LOCATION_PRECISION]).stack()
        counted = mine.groupby([c.DISTRICT_ID, c.LOCATION_PRECISION])[c.KNOWN_FIRMS].sum()
        assert counted.to_dict() == expected[expected > 0].to_dict()
    assert found.loc[found[c.SUBSECTOR_ID].isna(), c.KNOWN_FIRMS].sum() == 2 * sum(row[0] is None for row in rows)


@pytest.fixture(scope="session")
def known_of(four_towns: Dataset) -> Callable[..., Dataset]:
    """Make firms of subsector, registered and operating district, and precision; 'none' has no point."""

    def make(rows: list[tuple[str | None, ...]]) -> Dataset:
        names = [c.SUBSECTOR_ID, c.REGISTERED_DISTRICT_ID, c.OPERATING_DISTRICT_ID, c.LOCATION_PRECISION]
        firms = pd.DataFrame(rows, columns=names, dtype=object, index=[f"f{i}" for i in range(len(rows))])
        firms[c.LON] = [114.0 if precision == "park" else None for *_, precision in rows]
        return replace(four_towns, firms=firms.assign(**{c.FIRM_ID: firms.index}))

    return make


def test_many_is_many(many_firms: Dataset) -> None:
    assert len(many_firms.firms) > MANY_FIRMS
    assert many_firms.has_many_firms

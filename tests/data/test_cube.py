"""Cells of the cube add up to what a walk over the observations gives, whatever the grouping."""

from collections import defaultdict
from dataclasses import replace

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from clusters.standing import observed_firms, select
from data import columns as c
from data.cube import KEYS, build_cube, cube_of, cube_totals
from data.dataset import Dataset, Place, firm_districts

PLACES: tuple[Place, ...] = ("registered", "operating")
KINDS = [[c.DISTRICT_ID], [c.SUBSECTOR_ID], [c.SUBSECTOR_ID, c.DISTRICT_ID], [c.YEAR, c.DISTRICT_ID, c.SUBSECTOR_ID]]
SAME = [c.TOTAL_CNY, c.FIRMS, c.TOP_FIRM_ID, c.TOP1_CNY]


def walked(observed: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Totals by a walk over the observations."""
    largest = observed.sort_values([c.REVENUE_CNY, c.FIRM_ID], ascending=[False, True]).groupby(by)
    return pd.DataFrame(
        {
            c.TOTAL_CNY: largest[c.REVENUE_CNY].sum(),
            c.FIRMS: largest[c.FIRM_ID].nunique(),
            c.TOP_FIRM_ID: largest[c.FIRM_ID].first(),
            c.TOP1_CNY: largest[c.REVENUE_CNY].first(),
        }
    )


def check_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Equal in every number; text may be of another text type."""
    text = {c.TOP_FIRM_ID: object}
    assert_frame_equal(found.astype(text), expected[SAME].astype(text), check_index_type=False)


def check_against_the_observations(dataset: Dataset) -> None:
    cube = build_cube(dataset)
    for place in PLACES:
        observed = observed_firms(dataset, place=place)
        for by in KINDS:
            if c.YEAR in by:
                check_same(cube_totals(cube, by, place=place), walked(observed, by))
                continue
            for year in dataset.years:
                expected = walked(select(observed, year=year), by)
                check_same(cube_totals(cube, by, place=place, year=year), expected)


def check_the_parts_of_each_sum(dataset: Dataset) -> None:
    """What was read at its source and what belongs to an office elsewhere, firm by firm."""
    cube, firms, usable = build_cube(dataset), dataset.firms, dataset.usable
    offices = zip(firms.index, firms[c.REGISTERED_DISTRICT_ID], firms[c.OPERATING_DISTRICT_ID], strict=True)
    moved = {firm for firm, registered, office in offices if isinstance(office, str) and office != registered}
    subsectors = dict(zip(firms.index, firms[c.SUBSECTOR_ID].where(firms[c.SUBSECTOR_ID].notna(), ""), strict=True))
    where = {place: firm_districts(firms, place).to_dict() for place in PLACES}
    rows = defaultdict(list)
    for firm, *row in zip(*(usable[n] for n in (c.FIRM_ID, c.YEAR, c.REVENUE_CNY, c.STATUS)), strict=True):
        for place in PLACES:
            rows[place, where[place][firm], subsectors[firm], row[0]].append((firm, *row[1:]))
    for cell in cube.to_dict("records"):
        place, district, subsector, year = (cell[key] for key in KEYS)
        of_cell = rows[place, district, "" if pd.isna(subsector) else subsector, year]
        assert cell[c.TOTAL_CNY] == sum(revenue for _, revenue, _ in of_cell)
        assert cell[c.SOURCED_FIRMS] == len({firm for firm, _, status in of_cell if status == "sourced"})
        assert cell[c.SOURCED_CNY] == sum(revenue for _, revenue, status in of_cell if status == "sourced")
        assert cell[c.ELSEWHERE_CNY] == sum(revenue for firm, revenue, _ in of_cell if firm in moved)
    for place in PLACES:
        assert cube.loc[cube[c.PLACE] == place, c.TOTAL_CNY].sum() == dataset.usable[c.REVENUE_CNY].sum()


def test_the_bundled_set_adds_up(dataset: Dataset) -> None:
    check_against_the_observations(dataset)
    check_the_parts_of_each_sum(dataset)


def test_the_four_towns_add_up(four_towns: Dataset) -> None:
    check_against_the_observations(four_towns)


FIRM = st.tuples(
    st.sampled_from(["S01", "S02", None]),
    st.sampled_from(["440391", "440392", None]),
    st.sampled_from(["440391", "440393", "outside", None]),
)
SEEN = st.tuples(
    st.integers(0, 7), st.sampled_from([2020, 2021, 2023]), st.integers(-3, 3) | st.just(10**16),
    st.sampled_from(["sourced", "memory"]),
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.lists(FIRM, min_size=8, max_size=8), st.lists(SEEN, min_size=1, max_size=30))
def test_any_register_adds_up(
    four_towns: Dataset, firms: list[tuple[str | None, ...]], seen: list[tuple[int, int, int, str]]
) -> None:
    """Ties, losses, two rows of one firm and year, firms without subsector or place, rows from memory."""
    if all(status == "memory" for *_, status in seen):
        seen = [*seen, (0, 2021, 1, "sourced")]
    table = pd.DataFrame(
        firms, columns=[c.SUBSECTOR_ID, c.REGISTERED_DISTRICT_ID, c.OPERATING_DISTRICT_ID], dtype=object
    )
    table[c.FIRM_ID] = [f"f{i}" for i in (3, 1, 2, 0, 7, 6, 5, 4)]
    observations = pd.DataFrame(seen, columns=[c.FIRM_ID, c.YEAR, c.REVENUE_CNY, c.STATUS])
    observations[c.FIRM_ID] = [f"f{i}" for i in observations[c.FIRM_ID]]
    observations[c.SOURCE] = "made up"
    firms_table = table.set_index(c.FIRM_ID, drop=False).rename_axis(None)
    made = replace(four_towns, firms=firms_table, observations=observations)
    check_against_the_observations(made)
    check_the_parts_of_each_sum(made)


def test_subsectors_may_be_named(dataset: Dataset) -> None:
    some = cube_totals(cube_of(dataset), [c.DISTRICT_ID], year=2021, subsectors=["S05", "S11"])
    expected = walked(select(observed_firms(dataset), year=2021, subsectors=["S05", "S11"]), [c.DISTRICT_ID])
    check_same(some, expected)


def test_each_cell_stands_once_and_in_order(dataset: Dataset) -> None:
    cube = build_cube(dataset)
    assert not cube.duplicated(list(KEYS)).any()
    for _, part in cube.groupby(c.PLACE, sort=False):
        keys = part[list(KEYS[1:])]
        assert_frame_equal(keys, keys.sort_values(list(KEYS[1:])))


def test_a_dataset_has_one_cube(dataset: Dataset, four_towns: Dataset) -> None:
    assert cube_of(dataset) is cube_of(dataset)
    assert cube_of(four_towns) is not cube_of(dataset)
    assert cube_of(replace(four_towns)) is not cube_of(four_towns)

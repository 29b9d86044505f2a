"""Panels hold the firms of every one of their years, each cell summed exactly."""

from dataclasses import replace
from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import columns as c
from data.dataset import Dataset
from data.matched import matched_firms, matched_pairs
from data.panels import panel_totals

Rows = list[tuple[str, int, int]]


def with_rows(dataset: Dataset, rows: Rows, **columns: object) -> Dataset:
    table = pd.DataFrame(rows, columns=[c.FIRM_ID, c.YEAR, c.REVENUE_CNY]).assign(**{c.STATUS: "sourced"})
    return replace(dataset, observations=table.astype({c.FIRM_ID: object, c.YEAR: int, c.REVENUE_CNY: int}), **columns)


def registered(dataset: Dataset) -> pd.DataFrame:
    table = panel_totals(dataset)
    return table[table[c.PLACE] == "registered"]


def test_runs_of_three_years_and_more_without_a_gap(four_towns: Dataset) -> None:
    """2016 to 2018 and 2020 to 2023: one run of three, two of three and one of four."""
    rows = [("a1", year, 10) for year in (2016, 2017, 2018, 2020, 2021, 2022, 2023)]
    table = registered(with_rows(four_towns, rows))
    runs = table[[c.BASE_YEAR, c.LAST_YEAR]].drop_duplicates().to_numpy().tolist()
    assert runs == [[2016, 2018], [2020, 2022], [2020, 2023], [2021, 2023]]
    assert len(table) == 3 + 3 + 4 + 3


def test_no_panel_is_longer_than_six_years(four_towns: Dataset) -> None:
    table = registered(with_rows(four_towns, [("a1", year, 10) for year in range(2010, 2018)]))
    assert (table[c.LAST_YEAR] - table[c.BASE_YEAR]).max() == 5


def test_a_firm_that_misses_a_year_is_not_of_the_panel(four_towns: Dataset) -> None:
    rows = [("a1", 2019, 1), ("a1", 2020, 2), ("a1", 2021, 3), ("a2", 2019, 50), ("a2", 2021, 50)]
    table = registered(with_rows(four_towns, rows)).set_index(c.YEAR)
    assert table[c.PANEL_CNY].to_dict() == {2019: 1, 2020: 2, 2021: 3}
    assert table[c.PANEL_FIRMS].tolist() == [1, 1, 1]


def test_two_years_are_no_panel(four_towns: Dataset) -> None:
    assert len(panel_totals(four_towns)) == 0
    assert len(panel_totals(with_rows(four_towns, []))) == 0


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a1", "a2", "b1"]), st.integers(2018, 2021), st.integers(0, 10**12)),
        unique_by=lambda row: row[:2],
        max_size=12,
    )
)
def test_panel_sums_agree_with_plain_python(four_towns: Dataset, rows: Rows) -> None:
    """All three firms are of S01; a1 and a2 of 甲, b1 of 乙."""
    cny = {(firm, year): amount for firm, year, amount in rows}
    table = registered(with_rows(four_towns, rows))
    known = sorted({year for _, year, _ in rows})
    expected = {}
    for first, last in combinations(known, 2):
        window = range(first, last + 1)
        if len(window) < 3 or not set(window) <= set(known):
            continue
        firms = [firm for firm in ("a1", "a2", "b1") if all((firm, year) in cny for year in window)]
        for year in window if firms else ():
            expected[first, last, year] = (len(firms), sum(cny[firm, year] for firm in firms))
    sums = table.groupby([c.BASE_YEAR, c.LAST_YEAR, c.YEAR])[[c.PANEL_FIRMS, c.PANEL_CNY]].sum()
    assert {key: tuple(row) for key, row in zip(sums.index, sums.to_numpy().tolist(), strict=True)} == expected


@pytest.mark.parametrize("place", ["registered", "operating"])
@pytest.mark.parametrize(("base_year", "year"), [(2019, 2020), (2019, 2021), (2022, 2023), (2000, 2021)])
def test_pairs_of_firms_add_up_to_the_matched_sums(dataset: Dataset, place: str, base_year: int, year: int) -> None:
    pairs = matched_pairs(dataset, base_year=base_year, year=year, place=place)  # type: ignore[arg-type]
    matched = matched_firms(dataset)
    matched = matched[(matched[c.PLACE] == place) & (matched[c.BASE_YEAR] == base_year) & (matched[c.YEAR] == year)]
    keys = [c.DISTRICT_ID, c.SUBSECTOR_ID]
    sums = pairs.groupby(keys)[[c.BASE_CNY, c.MATCHED_CNY]].sum()
    pd.testing.assert_frame_equal(sums, matched.set_index(keys)[list(sums)], check_index_type=False)
    assert pairs.groupby(keys).size().tolist() == matched[c.MATCHED_FIRMS].tolist()

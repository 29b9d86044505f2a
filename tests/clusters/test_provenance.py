"""What stands behind a total, worked by hand in the four towns."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clusters.errors import UnknownYear
from clusters.provenance import figure_provenance
from clusters.release import release
from clusters.roles import Role, Viewer
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset
from tests.conftest import YI


def test_the_city_is_the_sum_of_its_cells_and_of_its_firms(four_towns: Dataset) -> None:
    # 2021: a1 60 + a2 50 + a3 80 + b1 15 + b2 950 + n1 10 = 1165 亿元 of six firms; d1's 2021 is from memory
    found = figure_provenance(four_towns, year=2021)
    assert (found.total_cny, found.n, found.known) == (1165 * YI, 6, 7)
    assert found.firms.index.tolist() == ["b2", "a3", "a1", "a2", "b1", "n1"]
    assert found.firms[c.REVENUE_CNY].sum() == found.cells[c.TOTAL_CNY].sum() == found.total_cny
    # 甲: S01 60 + 50, S02 80; 乙: S01 15, S02 950; unplaced S02 10
    assert found.cells[c.TOTAL_CNY].to_dict() == {
        ("440392", "S02"): 950 * YI,
        ("440391", "S01"): 110 * YI,
        ("440391", "S02"): 80 * YI,
        ("440392", "S01"): 15 * YI,
        (c.UNPLACED, "S02"): 10 * YI,
    }
    # sourced: a1, b1, b2, n1; secondary: a2, a3
    assert found.sources[[c.STATUS, c.FIRMS]].to_numpy().tolist() == [["sourced", 4], ["secondary", 2]]
    assert (found.unnamed, found.unlisted, found.is_withheld) == (0, 0, False)


def test_one_cell_lists_its_firms_alone(four_towns: Dataset) -> None:
    found = figure_provenance(four_towns, year=2021, subsectors=("S01",), district_id="440391", most=1)
    assert (found.total_cny, found.n, found.unlisted) == (110 * YI, 2, 1)
    assert found.firms[c.REVENUE_CNY].to_dict() == {"a1": 60 * YI}


def test_place_moves_firms_as_it_moves_totals(four_towns: Dataset) -> None:
    # a3's office is beyond the city, a2's in 乙
    found = figure_provenance(four_towns, year=2021, place="operating")
    assert found.total_cny == (1165 - 80) * YI
    assert "a3" not in found.firms.index
    assert figure_provenance(four_towns, year=2021, place="operating", district_id="440391").n == 1


def test_a_cell_without_a_firm_has_no_total(four_towns: Dataset) -> None:
    found = figure_provenance(four_towns, year=2021, district_id="440394")
    assert (found.total_cny, found.n, found.is_withheld) == (None, 0, False)
    assert found.cells.empty
    assert found.firms.empty


def test_a_year_without_data_is_refused(four_towns: Dataset) -> None:
    with pytest.raises(UnknownYear):
        figure_provenance(four_towns, year=1999)


def test_a_firm_of_two_subsectors_counts_with_its_part(four_towns: Dataset) -> None:
    firms = four_towns.firms.assign(**{c.SUBSECTOR_WEIGHTS: None})
    firms.loc["a1", c.SUBSECTOR_WEIGHTS] = "S01:0.7;S02:0.3"
    split = replace(four_towns, firms=firms)
    found = figure_provenance(split, year=2021, subsectors=("S01",), district_id="440391")
    assert found.firms[c.REVENUE_CNY].to_dict() == {"a2": 50 * YI, "a1": 42 * YI}
    assert found.total_cny == 92 * YI
    assert figure_provenance(split, year=2021).firms[c.REVENUE_CNY]["a1"] == 60 * YI, "once, and whole"


def test_firms_that_are_not_for_the_reader_are_counted_and_not_named(dataset: Dataset) -> None:
    whole = figure_provenance(dataset, year=2021)
    free = whole.firms.index[0]
    firms = dataset.firms.assign(**{c.CONFIDENTIALITY: "statistical"})
    firms.loc[free, c.CONFIDENTIALITY] = "public_record"
    of_2021 = dataset.observations[dataset.observations[c.YEAR] == 2021]
    seen = release(replace(dataset, firms=firms, observations=of_2021, digest="secret00"), Viewer(Role.PUBLIC))
    found = figure_provenance(seen, year=2021)
    assert found.firms.index.tolist() == [free]
    assert (found.n, found.unnamed, found.unlisted) == (whole.n, whole.n - 1, 0)
    assert found.sources[c.FIRMS].sum() == 1


def test_of_many_firms_the_largest_are_listed_and_no_row_is_touched(sealed: Dataset) -> None:
    found = figure_provenance(sealed, year=sealed.default_year, most=10)
    whole = cube_totals(cube_of(sealed), [c.YEAR], year=sealed.default_year)
    assert found.total_cny == int(whole[c.TOTAL_CNY].sum())
    assert len(found.firms) == 10
    assert found.firms[c.REVENUE_CNY].is_monotonic_decreasing
    assert found.unlisted == found.n - 10
    assert found.sources[c.FIRMS].sum() == found.n


def test_the_input_is_untouched(four_towns: Dataset) -> None:
    before = four_towns.observations.copy()
    figure_provenance(four_towns, year=2021)
    pd.testing.assert_frame_equal(before, four_towns.observations)
    assert np.array_equal(before.index, four_towns.observations.index)

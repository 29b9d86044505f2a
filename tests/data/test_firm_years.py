"""Sizes of firms in a year: one firm's parts, the largest, quartiles."""

from dataclasses import replace

import numpy as np
import pandas as pd

from data import columns as c
from data.dataset import Dataset
from data.firm_years import FirmYear, firm_sizes, firm_year, largest_parts
from data.leading import leading_firms
from data.matched import matched_pairs
from tests.conftest import YI


def split(four_towns: Dataset) -> Dataset:
    """a1's 60 of 2021 lie at 40 % in S01 and 60 % in S02."""
    weights = four_towns.firms.index.map({"a1": "S01:0.4;S02:0.6"}.get)
    return replace(four_towns, firms=four_towns.firms.assign(**{c.SUBSECTOR_WEIGHTS: weights}))


def test_a_firm_has_its_parts_and_its_place(four_towns: Dataset) -> None:
    towns = split(four_towns)
    assert firm_year(towns, "a1", year=2021) == FirmYear("440391", {"S01": 24 * YI, "S02": 36 * YI})
    assert firm_year(towns, "a2", year=2021, place="operating") == FirmYear("440392", {"S01": 50 * YI})
    assert firm_year(towns, "a3", year=2021, place="operating") == FirmYear("outside", {"S02": 80 * YI})
    assert firm_year(towns, "d1", year=2021) is None  # from memory
    assert firm_year(towns, "x", year=2021) is None


def test_the_largest_come_first_with_their_parts(four_towns: Dataset) -> None:
    """S02 of 2021: b2 950, a3 80, a1's part 36, n1 10."""
    found = largest_parts(split(four_towns), year=2021, most=3, subsector_id="S02")
    assert found.to_dict() == {"b2": 950 * YI, "a3": 80 * YI, "a1": 36 * YI}
    assert list(largest_parts(split(four_towns), year=2021, most=2, district_id="440391").index) == ["a3", "a1"]
    assert "a3" not in largest_parts(four_towns, year=2021, most=9, place="operating")


def test_quartiles_interpolate_and_stand_for_the_city_and_all_subsectors(four_towns: Dataset) -> None:
    """S01 of 2021: 15, 50, 60, so the quartiles are 32.5, 50 and 55; in 甲 50 and 60."""
    sizes = firm_sizes(four_towns)
    assert sizes.loc[("registered", c.TOTAL, "S01", 2021)].tolist() == [3, 32.5 * YI, 50 * YI, 55 * YI]
    assert sizes.loc[("registered", "440391", "S01", 2021)].tolist() == [2, 52.5 * YI, 55 * YI, 57.5 * YI]
    assert sizes.loc[("registered", c.TOTAL, c.TOTAL, 2021), c.FIRMS] == 6
    assert sizes.loc[("operating", c.TOTAL, c.TOTAL, 2021), c.FIRMS] == 5


def test_sizes_of_many_firms_are_those_of_numpy(many_firms: Dataset) -> None:
    pairs = matched_pairs(many_firms, base_year=2021, year=2021)
    sizes = firm_sizes(many_firms).loc["registered"]
    for subsector_id in ("S01", "S07"):
        mine = pairs.loc[pairs[c.SUBSECTOR_ID] == subsector_id, c.MATCHED_CNY]
        row = sizes.loc[(c.TOTAL, subsector_id, 2021)]
        np.testing.assert_allclose(row.to_numpy(float)[1:], np.quantile(mine, [0.25, 0.5, 0.75]))
        assert row[c.FIRMS] == len(mine)
        largest = largest_parts(many_firms, year=2021, most=20, subsector_id=subsector_id)
        assert largest.tolist() == mine.sort_values(ascending=False).head(20).tolist()


def test_a_firm_that_does_not_lead_is_sought_by_its_id(many_firms: Dataset) -> None:
    leading = leading_firms(many_firms).index
    for firm_id in (leading[0], many_firms.firms.index.difference(leading)[0]):
        found = firm_year(many_firms, str(firm_id), year=many_firms.default_year)
        seen = many_firms.usable[(many_firms.usable[c.FIRM_ID] == firm_id)]
        seen = seen[seen[c.YEAR] == many_firms.default_year]
        assert (0 if found is None else sum(found.parts.values())) == seen[c.REVENUE_CNY].sum()
    assert firm_year(many_firms, "nobody", year=2021) is None


def test_a_dataset_without_observations_has_no_sizes(four_towns: Dataset) -> None:
    empty = replace(four_towns, observations=four_towns.observations.head(0))
    assert firm_sizes(empty).empty
    assert isinstance(firm_sizes(empty), pd.DataFrame)

"""What a dataset says of itself."""

from dataclasses import replace

import pandas as pd

from data import columns as c
from data.dataset import MANY_FIRMS, firms_by_year


def test_the_bundled_firms_are_few_and_a_register_is_many(dataset):
    assert not dataset.has_many_firms
    rows = pd.concat([dataset.firms] * (MANY_FIRMS // len(dataset.firms) + 1))
    assert replace(dataset, firms=rows).has_many_firms
    assert not replace(dataset, firms=rows.iloc[:MANY_FIRMS]).has_many_firms


def test_rows_from_memory_leave_and_without_them_nothing_is_copied(four_towns):
    assert len(four_towns.usable) == len(four_towns.observations) - 1
    assert four_towns.usable is four_towns.usable
    without = replace(four_towns, observations=four_towns.usable)
    assert without.usable is without.observations


def test_years_are_those_with_a_usable_observation(four_towns):
    assert (four_towns.years, four_towns.default_year) == ([2020, 2021], 2021)
    assert firms_by_year(four_towns)[c.FIRMS].to_dict() == {2020: 6, 2021: 6}

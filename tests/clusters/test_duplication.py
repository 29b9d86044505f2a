"""Who duplicates whom, on tables small enough to see it."""

import numpy as np
import pandas as pd
import pytest

from clusters.comparison import district_structure
from clusters.duplication import Verdict, district_pairs, pairs_of, verdict
from clusters.errors import UnknownYear
from clusters.profile import FEWEST_FIRMS
from clusters.similarity import DRAWS, similarity_test
from data import columns as c
from data.dataset import Dataset

TOWNS = pd.DataFrame({"toys": [9, 9, 1, 1, 0], "chips": [1, 1, 9, 1, 0], "software": [0, 0, 1, 9, 0]}, index=[*"ABCDE"])


def pairs(counts: pd.DataFrame, revenue: pd.DataFrame | None = None) -> pd.DataFrame:
    revenue = counts * 10.0 if revenue is None else revenue
    return pairs_of(counts, revenue, rng=np.random.default_rng(3), draws=999).set_index([c.DISTRICT_A, c.DISTRICT_B])


def test_only_the_pair_that_leans_to_the_same_subsector_duplicates() -> None:
    """A and B have 9 of 10 firms in toys, where the four towns together have 20 of 41; E has no firm and no pair."""
    found = pairs(TOWNS)
    assert len(found) == 6
    assert found.index[found[c.VERDICT] == Verdict.DUPLICATES].tolist() == [("A", "B")]
    assert found.loc[("A", "B"), c.COMMON_SUBSECTOR] == "toys"
    assert found[c.MIX_OF_FIRMS][("A", "B")] == pytest.approx(1)
    assert found[c.MIX_OF_FIRMS][("A", "C")] == pytest.approx(0.1 + 1 / 11), "a tenth of A is chips, a part of C toys"
    assert pd.isna(found[c.COMMON_SUBSECTOR][("A", "C")])


def test_of_few_firms_nothing_is_concluded() -> None:
    few = TOWNS.copy()
    few.loc["B"] = [FEWEST_FIRMS - 1, 0, 0]
    assert pairs(few)[c.VERDICT][("A", "B")] == Verdict.FEW
    assert verdict(float("nan"), 50) == Verdict.CHANCE


def test_a_withheld_mix_of_revenue_is_missing_and_the_counts_decide() -> None:
    revenue = TOWNS * 10.0
    revenue.loc["A"] = np.nan
    found = pairs(TOWNS, revenue)
    assert np.isnan(found[c.MIX_OF_REVENUE][("A", "B")])
    assert found[c.MIX_OF_REVENUE][("C", "D")] == pytest.approx(found[c.MIX_OF_FIRMS][("C", "D")])
    assert found[c.VERDICT][("A", "B")] == Verdict.DUPLICATES


def test_input_is_untouched_and_order_of_subsectors_does_not_matter() -> None:
    before, shuffled = TOWNS.copy(), TOWNS[["software", "toys", "chips"]]
    found, other = pairs(TOWNS), pairs(shuffled)
    pd.testing.assert_frame_equal(TOWNS, before)
    names = [c.SIMILARITY, c.MIX_OF_FIRMS, c.COMMON_SUBSECTOR, c.VERDICT]
    pd.testing.assert_frame_equal(found[names], other[names])


def test_pairs_of_a_dataset_are_drawn_once_and_the_same_again(dataset: Dataset) -> None:
    found = district_pairs(dataset, year=2021)
    assert district_pairs(dataset, year=2021) is found
    counts = district_structure(dataset, year=2021, by="firms")
    held = counts[counts.sum(axis=1) > 0]
    again = similarity_test(held.astype(int), rng=np.random.default_rng(found.attrs["seed"]))
    pd.testing.assert_series_equal(found[c.P], again[c.P])
    assert found[c.DRAWS].eq(DRAWS).all()
    assert len(found) == len(held) * (len(held) - 1) / 2
    with pytest.raises(UnknownYear):
        district_pairs(dataset, year=1999)


def test_a_city_with_one_district_has_no_pair() -> None:
    assert pairs_of(TOWNS.iloc[:1], TOWNS.iloc[:1], rng=np.random.default_rng(1), draws=999).empty

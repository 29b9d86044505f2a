"""Two published rules, each part beside its value."""

import numpy as np
import pandas as pd
import pytest

from clusters.errors import BadValue
from clusters.strength import cluster_mapping_strength, cluster_observatory_stars
from data import columns as c

# city: a 100, b 100 of 200. Quotients of a: 2 * share of a in the region
WORLD = pd.DataFrame({"a": [45, 30, 15, 10, 0], "b": [5, 20, 25, 30, 20]}, index=list("VWXYZ"))
# a: V 90 % 1.8, W 60 % 1.2, X 37.5 % 0.75, Y 25 % 0.5, Z 0 %. Fourth of five in ascending order is the 75th percentile


def test_the_top_quarter_by_hand() -> None:
    found = cluster_mapping_strength(WORLD).xs("a", level=1)
    assert found[c.LOCATION_QUOTIENT].tolist() == pytest.approx([1.8, 1.2, 0.75, 0.5, 0])
    assert found[c.QUOTIENT_NEEDED].tolist() == pytest.approx([1.2] * 5)
    assert found[c.STRONG].tolist() == [True, True, False, False, False]
    assert found[c.QUOTIENT_RANK].tolist() == [1, 2, 3, 4, 5]
    assert set(found[c.REGIONS_RANKED]) == {5}


def test_minimum_sizes_are_reached_by_equality() -> None:
    assert cluster_mapping_strength(WORLD, least_employment=30).loc[("W", "a"), c.STRONG]
    assert not cluster_mapping_strength(WORLD, least_employment=30.5).loc[("W", "a"), c.STRONG]
    places = WORLD // 10
    found = cluster_mapping_strength(WORLD, establishments=places, least_establishments=4)
    assert found.xs("a", level=1)[c.STRONG].tolist() == [True, False, False, False, False]
    assert found[c.ESTABLISHMENTS].unstack().equals(places.astype(float))
    with pytest.raises(BadValue, match="establishments must be given"):
        cluster_mapping_strength(WORLD, least_establishments=1)
    with pytest.raises(BadValue, match="on the index and columns of employment"):
        cluster_mapping_strength(WORLD, establishments=places.iloc[:2])


def test_the_top_of_the_regions_is_not_strong_unless_above_the_base() -> None:
    """Held against a base that has more of a, even the first region falls below 1."""
    found = cluster_mapping_strength(WORLD, pd.Series({"a": 99, "b": 1})).xs("a", level=1)
    assert found.loc["V", c.QUOTIENT_RANK] == 1
    assert not found[c.STRONG].any()


def test_ties_share_the_better_rank_and_a_missing_quotient_has_none() -> None:
    table = pd.DataFrame({"a": [1, 1, 1, 0], "b": [1, 1, 3, 0], "none": 0}, index=list("WXYZ"))
    found = cluster_mapping_strength(table)
    assert found.xs("a", level=1)[c.QUOTIENT_RANK].tolist()[:3] == [1, 1, 3]
    assert found.xs("a", level=1)[c.REGIONS_RANKED].tolist() == [3] * 4
    missing = found.xs("none", level=1)
    assert missing[c.STRONG].isna().all()
    assert missing[c.QUOTIENT_RANK].isna().all()
    assert found.loc["Z", c.STRONG].isna().all()


def test_stars_by_hand() -> None:
    # b: sizes 5 20 25 30 20, the top tenth from 25 + 0.6 * 5 = 28: Y. Shares .1 .4 .625 .75 1, from 0.9: Z
    # quotients are twice the shares: Z alone reaches 2
    found = cluster_observatory_stars(WORLD).xs("b", level=1)
    assert found[c.SIZE_STAR].tolist() == [False, False, False, True, False]
    assert found[c.SPECIALIZATION_STAR].tolist() == [False, False, False, False, True]
    assert found[c.FOCUS_STAR].tolist() == [False, False, False, False, True]
    assert found[c.STARS].tolist() == [0, 0, 0, 1, 2]


def test_nothing_earns_no_star() -> None:
    found = cluster_observatory_stars(pd.DataFrame({"a": [0, 0], "b": [1, 0]}))
    assert found[c.STARS].tolist() == [0, 2, 0, 0]


def test_results_are_on_the_cells_and_neither_order_nor_unit_matters() -> None:
    before = WORLD.copy()
    for rule in (cluster_mapping_strength, cluster_observatory_stars):
        found = rule(WORLD)
        assert list(found.index) == list(pd.MultiIndex.from_product([WORLD.index, WORLD.columns]))
        assert set(found.columns) <= set(c.DECLARED)
        mixed = rule(WORLD.iloc[::-1, ::-1] * 3).sort_index()
        pd.testing.assert_frame_equal(mixed.drop(columns=c.COUNT), found.sort_index().drop(columns=c.COUNT))
    pd.testing.assert_frame_equal(WORLD, before)
    assert np.isclose(cluster_mapping_strength(WORLD, quantile=0.5).loc[("V", "a"), c.QUOTIENT_NEEDED], 0.75)

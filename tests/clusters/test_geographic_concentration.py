"""Concentration over regions: by hand, invariant, and 0 on average where firms lie at random."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.concentration import gini_index
from clusters.errors import BadValue
from clusters.geographic_concentration import (
    ellison_glaeser_index,
    geographic_concentration,
    locational_gini,
    maurel_sedillot_index,
)
from clusters.specialization import location_quotient
from data import columns as c

TOWNS = {"甲": 50, "乙": 30, "丙": 10, "丁": 10}
INDICES = (ellison_glaeser_index, maurel_sedillot_index)

# ---------------------------------------------------------------- locational Gini


def test_the_locational_gini_by_hand() -> None:
    # quotients 0.75 / 0.6 = 1.25 and 0.25 / 0.4 = 0.625: (1.25 - 0.625) / (2 * 1.875) = 1/6
    assert locational_gini([30, 10], [60, 40]) == pytest.approx(1 / 6)
    # as the formula is written, with the unweighted mean 0.9375: 2 / (4 * 0.9375) * (1 * -0.3125 + 2 * 0.3125) = 1/6


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 1000)), min_size=1, max_size=12))
@settings(max_examples=40)
def test_it_is_the_gini_index_of_the_quotients(rows: list) -> None:
    from inequality.gini import Gini

    here, base = map(np.array, zip(*rows, strict=True))
    base = base + here
    found = locational_gini(here, base)
    if here.sum() == 0:
        assert np.isnan(found)
    else:
        quotients = location_quotient(here, base)
        assert found == pytest.approx(gini_index(quotients), abs=1e-12)
        assert found == pytest.approx(Gini(quotients).g, abs=1e-12)


def test_a_table_gives_one_for_each_row_and_a_base_of_0_gives_none() -> None:
    table = pd.DataFrame({"a": [30, 10], "b": [10, 30]}, index=["X", "Y"])
    found = locational_gini(table)
    assert found.index.equals(table.index)
    assert found["X"] == pytest.approx(locational_gini([30, 10], [40, 40]))
    assert np.isnan(locational_gini(table.assign(none=0))).all()


# ---------------------------------------------------------------- Ellison-Glaeser and Maurel-Sedillot


def test_both_indices_by_hand() -> None:
    # s .75 .25 0 0; x .5 .3 .1 .1: X = .25 + .09 + .01 + .01 = .36; G = .0625 + .0025 + .01 + .01 = .085
    # z .5 .25 .25: H = .375. EG = (.085 - .64 * .375) / (.64 * .625) = -.155 / .4
    # MS: s^2 = .625: ((.625 - .36) / .64 - .375) / .625 = (.4140625 - .375) / .625
    firms = [2, 1, 1], ["甲", "甲", "乙"]
    assert ellison_glaeser_index(*firms, region_totals=TOWNS) == pytest.approx(-0.3875)
    assert maurel_sedillot_index(*firms, region_totals=TOWNS) == pytest.approx(0.0625)


def test_regions_without_the_industry_count() -> None:
    fewer = {"甲": 50, "乙": 30}
    with_all, without = (ellison_glaeser_index([2, 1, 1], ["甲", "甲", "乙"], region_totals=t) for t in (TOWNS, fewer))
    assert with_all != pytest.approx(without)


def test_all_firms_of_all_industries_are_the_base_by_default() -> None:
    size, region, industry = [2, 1, 1, 4], ["甲", "甲", "乙", "乙"], ["s", "s", "s", "c"]
    found = geographic_concentration(size, region, industry)
    assert found.loc["s", c.ELLISON_GLAESER_INDEX] == pytest.approx(
        ellison_glaeser_index(size[:3], region[:3], region_totals={"甲": 3, "乙": 5})
    )
    assert found.loc["s", [c.FIRMS, c.OCCUPIED_REGIONS]].tolist() == [3, 2]
    assert set(found.columns) <= set(c.DECLARED)
    for measure, name in zip(INDICES, (c.ELLISON_GLAESER_INDEX, c.MAUREL_SEDILLOT_INDEX), strict=True):
        pd.testing.assert_series_equal(measure(size, region, industry=industry), found[name])


def test_where_they_are_not_defined() -> None:
    for index in INDICES:
        assert np.isnan(index([5], ["甲"], region_totals=TOWNS))  # one firm: H is 1
        assert np.isnan(index([5, 0], ["甲", "乙"], region_totals=TOWNS))
        assert np.isnan(index([0, 0], ["甲", "乙"], region_totals=TOWNS))
        assert np.isnan(index([], [], region_totals=TOWNS))
        assert np.isnan(index([1, 2], ["甲", "甲"], region_totals={"甲": 9, "乙": 0}))  # all activity in one region


def test_all_firms_in_one_region_by_hand() -> None:
    """Maurel and Sedillot's index is then 1 wherever it is; Ellison and Glaeser's is larger, the smaller the region.

    In 丁: G = .25 + .09 + .01 + .81 = 1.16, H = .5: (1.16 - .32) / (.64 * .5) = 2.625
    """
    for town in TOWNS:
        assert maurel_sedillot_index([1, 1], [town, town], region_totals=TOWNS) == pytest.approx(1)
    assert ellison_glaeser_index([1, 1], ["丁", "丁"], region_totals=TOWNS) == pytest.approx(2.625)
    # in 甲: G = .25 + .09 + .01 + .01 = .36: (.36 - .32) / .32 = 0.125
    assert ellison_glaeser_index([1, 1], ["甲", "甲"], region_totals=TOWNS) == pytest.approx(0.125)


FIRMS = st.lists(
    st.tuples(st.integers(0, 1000), st.sampled_from(list(TOWNS)), st.sampled_from("sc")), min_size=2, max_size=20
)


@given(FIRMS, st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_neither_order_nor_unit_matters_and_a_walk_gives_the_same(rows: list, random) -> None:
    firms = pd.DataFrame(rows, columns=["size", "region", "industry"])
    before = firms.copy()
    totals = pd.Series(TOWNS)
    found = geographic_concentration(firms["size"], firms.region, firms.industry, region_totals=totals)
    mixed = firms.sample(frac=1, random_state=random.randrange(2**32))
    again = geographic_concentration(mixed["size"] * 3, mixed.region, mixed.industry, region_totals=totals[::-1] * 0.5)
    pd.testing.assert_frame_equal(found, again)
    pd.testing.assert_frame_equal(firms, before)
    assert (found[c.MAUREL_SEDILLOT_INDEX].dropna() <= 1 + 1e-9).all()
    x = np.array(list(TOWNS.values())) / 100
    for industry, of_one in firms.groupby("industry"):
        whole = of_one["size"].sum()
        if whole and (of_one["size"] < whole).all():
            s = np.array([of_one.loc[of_one.region == town, "size"].sum() / whole for town in TOWNS])
            h = sum((size / whole) ** 2 for size in of_one["size"])
            gamma = (((s - x) ** 2).sum() - (1 - (x**2).sum()) * h) / ((1 - (x**2).sum()) * (1 - h))
            assert found.loc[industry, c.ELLISON_GLAESER_INDEX] == pytest.approx(gamma, abs=1e-9)


def test_firms_at_random_have_an_index_of_0_on_average() -> None:
    """4,000 industries of 20 unequal firms thrown at the towns by their size, as the dartboard does."""
    rng, industries, firms = np.random.default_rng(5), 4_000, 20
    x = np.array(list(TOWNS.values())) / 100
    industry = np.repeat(np.arange(industries), firms)
    region = rng.choice(4, industries * firms, p=x)
    size = rng.lognormal(0, 1, industries * firms)
    for index in INDICES:
        found = index(size, region, industry=industry, region_totals=x)
        assert abs(found.mean()) < 4 * found.std() / industries**0.5
        assert found.std() > 0.02


def test_a_hundred_thousand_firms_take_no_time() -> None:
    rng = np.random.default_rng(1)
    size, region, industry = rng.lognormal(0, 1, 10**5), rng.integers(12, size=10**5), rng.integers(400, size=10**5)
    start = time.process_time()
    geographic_concentration(size, region, industry)
    assert time.process_time() - start < 0.5


def test_what_is_refused() -> None:
    with pytest.raises(BadValue, match="region_totals must be given when all firms are of one industry"):
        ellison_glaeser_index([1, 2], ["甲", "乙"])
    with pytest.raises(BadValue, match="region_totals must be given for every region of a firm; got none for 戊"):
        ellison_glaeser_index([1, 2], ["甲", "戊"], region_totals=TOWNS)
    with pytest.raises(BadValue, match="region_totals must be given once for each region; got 甲"):
        ellison_glaeser_index([1, 2], ["甲", "甲"], region_totals=pd.Series([1, 2], ["甲", "甲"]))
    with pytest.raises(BadValue, match=r"employment must be finite and at least 0; got -1\.0"):
        ellison_glaeser_index([-1, 2], ["甲", "乙"], region_totals=TOWNS)
    with pytest.raises(BadValue, match="region must be given in every row"):
        ellison_glaeser_index([1, 2], ["甲", None], region_totals=TOWNS)

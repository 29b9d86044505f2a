"""A quotient is a share over a share; the indices add up how far shares lie apart."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import braycurtis, cityblock

from clusters.errors import BadValue, ClusterError
from clusters.specialization import hoover_index, krugman_index, location_quotient, symmetric_location_quotient

TOWNS = ["甲", "乙", "丙", "丁"]
WORLD = pd.DataFrame({"software": [30, 10, 0, 20], "chips": [10, 10, 20, 0]}, index=TOWNS)
TABLES = st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(0, 10**6).map(float))
)

# ---------------------------------------------------------------- worked by hand


def test_four_towns_by_hand() -> None:
    # city: software 60, chips 40 of 100. 甲 has 30 of 40 in software: 0.75 / 0.6 = 1.25; 10 of 40 in chips: 0.25 / 0.4
    assert location_quotient(WORLD).loc["甲"].tolist() == pytest.approx([1.25, 0.625], abs=1e-15)
    # 丁 has software only: 1 / 0.6 = 5/3, and chips 0
    assert location_quotient(WORLD).loc["丁"].tolist() == pytest.approx([5 / 3, 0])
    # 甲: |0.75 - 0.6| + |0.25 - 0.4| = 0.3; half of it is Hoover's
    assert krugman_index(WORLD)["甲"] == pytest.approx(0.3)
    assert hoover_index(WORLD)["甲"] == pytest.approx(0.15)


def test_totals_of_the_whole_economy_replace_the_sums_of_the_listed() -> None:
    # 30 of 80 in the region and 60 of 400 in the base: 0.375 / 0.15 = 2.5
    assert location_quotient([30, 10], [60, 40], total=80, base_total=400)[0] == pytest.approx(2.5)
    assert location_quotient(30, 60, total=80, base_total=400) == pytest.approx(2.5)
    by_town = pd.Series([80, 40, 40, 40], index=TOWNS)
    assert location_quotient(WORLD, total=by_town[::-1], base_total=400).loc["甲", "software"] == pytest.approx(2.5)


def test_an_industry_that_the_base_lacks_and_an_empty_region_are_not_defined() -> None:
    table = location_quotient(pd.DataFrame({"a": [1, 0], "b": [0, 0]}))
    assert table.loc[0, "a"] == 1
    assert table.isna().to_numpy().tolist() == [[False, True], [True, True]]
    assert np.isnan(location_quotient([3, 1], [0, 4])[0])
    assert np.isnan(krugman_index(pd.DataFrame({"a": [1, 0], "b": [0, 0]}))[1])
    assert np.isnan(hoover_index([1, 2], [0, 0]))


def test_the_symmetric_quotient_by_hand() -> None:
    given_quotients = pd.Series([0, 1 / 3, 1, 3, np.inf, np.nan])
    found = symmetric_location_quotient(given_quotients)
    assert found[:5].tolist() == pytest.approx([-1, -0.5, 0, 0.5, 1])
    assert np.isnan(found[5])
    assert symmetric_location_quotient(3.0) == 0.5
    with pytest.raises(BadValue, match="at least 0; got -1"):
        symmetric_location_quotient([-1])


# ---------------------------------------------------------------- properties


@given(TABLES)
@settings(max_examples=50)
def test_base_shares_weighted_by_quotients_give_one(table: np.ndarray) -> None:
    """A region's shares add up to 1, so its quotients weighted by base shares do, where all are defined."""
    base = table.sum(axis=0)
    quotients = location_quotient(table)
    whole = np.nansum(quotients * base / max(base.sum(), 1), axis=1)
    assert np.allclose(whole[table.sum(axis=1) > 0], 1)


@given(TABLES, st.sampled_from([0.25, 3.0, 1e6]))
@settings(max_examples=30)
def test_the_unit_of_measurement_plays_no_part(table: np.ndarray, factor: float) -> None:
    for measure in (location_quotient, krugman_index, hoover_index):
        np.testing.assert_allclose(measure(table * factor), measure(table), rtol=1e-12, atol=1e-12)


@given(TABLES, st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_of_rows_and_columns_plays_no_part(table: np.ndarray, random) -> None:
    frame = pd.DataFrame(table)
    before = frame.copy()
    rows, columns = (random.sample(range(size), size) for size in table.shape)
    mixed = frame.loc[rows, columns]
    found = location_quotient(mixed)
    assert found.index.equals(mixed.index)
    assert found.columns.equals(mixed.columns)
    pd.testing.assert_frame_equal(found.sort_index().sort_index(axis=1), location_quotient(frame), check_names=False)
    for measure in (krugman_index, hoover_index):
        pd.testing.assert_series_equal(measure(mixed).sort_index(), measure(frame))
    pd.testing.assert_frame_equal(frame, before)


@given(TABLES)
@settings(max_examples=50)
def test_the_indices_stay_within_their_limits(table: np.ndarray) -> None:
    krugman, hoover = krugman_index(table), hoover_index(table)
    defined = table.sum(axis=1) > 0
    assert np.array_equal(np.isfinite(krugman), defined)
    assert np.all((krugman[defined] >= 0) & (krugman[defined] <= 2 + 1e-12))
    np.testing.assert_allclose(hoover, krugman / 2)


def test_nothing_in_common_is_the_upper_limit_and_the_same_mix_the_lower() -> None:
    assert krugman_index([5, 0], [0, 7]) == 2
    assert hoover_index([5, 0], [0, 7]) == 1
    assert krugman_index([1, 2, 3], [10, 20, 30]) == pytest.approx(0, abs=1e-15)
    assert location_quotient([1, 2, 3], [10, 20, 30]).tolist() == pytest.approx([1, 1, 1])


# ---------------------------------------------------------------- agreement


@given(arrays(np.float64, 7, elements=st.floats(0.1, 1e6)), arrays(np.float64, 7, elements=st.floats(0.1, 1e6)))
@settings(max_examples=30)
def test_ecology_measures_the_same_distances(here: np.ndarray, base: np.ndarray) -> None:
    """Krugman's index is the city-block distance of the shares, Hoover's their Bray-Curtis dissimilarity."""
    shares = here / here.sum(), base / base.sum()
    assert krugman_index(here, base) == pytest.approx(cityblock(*shares), abs=1e-12)
    assert hoover_index(here, base) == pytest.approx(braycurtis(*shares), abs=1e-12)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([-1, 2], [3, 4]), "activity must be finite and at least 0; got -1.0"),
        (([np.nan, 2], [3, 4]), "activity must be finite and at least 0; got nan"),
        (([np.inf, 2], [3, 4]), "got inf"),
        ((["x", 2], [3, 4]), "activity must be numbers"),
        (([1, 2], [3, 4, 5]), "the length of base must be 2, one for each industry; got 3"),
        (([1, 2],), "base must be given"),
        ((np.ones((1, 1, 1)),), r"activity must be of 0 or 1 or 2 dimensions; got shape \(1, 1, 1\)"),
        (
            (pd.Series([1, 2], ["a", "b"]), pd.Series([1, 2], ["a", "c"])),
            "the labels of base must be those of activity, each once; got c, none for b",
        ),
        ((3, 4), "total and base_total must be given for a single industry"),
    ],
)
def test_what_came_is_said(arguments: tuple, said: str) -> None:
    with pytest.raises(BadValue, match=said) as caught:
        location_quotient(*arguments)
    assert isinstance(caught.value, ClusterError)


def test_a_total_below_its_part_is_refused() -> None:
    with pytest.raises(BadValue, match="total must be no smaller than any of its industries; got 20"):
        location_quotient([30, 10], [60, 40], total=20)
    with pytest.raises(BadValue, match="base_total"):
        location_quotient([30, 10], [60, 40], base_total=50)
    with pytest.raises(BadValue, match="the length of total must be 4, one for each region; got 2"):
        location_quotient(WORLD, total=[80, 80])


def test_labels_decide_which_base_belongs_to_which_industry() -> None:
    base = pd.Series({"chips": 40, "software": 60})
    pd.testing.assert_frame_equal(location_quotient(WORLD, base), location_quotient(WORLD))
    found = location_quotient(WORLD.loc["甲"], base)
    assert found.to_dict() == pytest.approx({"software": 1.25, "chips": 0.625})

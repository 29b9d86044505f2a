"""Concentration of amounts: worked by hand, within limits, beside a package of its own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clusters.concentration
from clusters.concentration import gini_index, herfindahl_index
from clusters.errors import BadValue

AMOUNTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)

# ---------------------------------------------------------------- Herfindahl


def test_herfindahl_by_hand_on_both_scales() -> None:
    # shares 0.5, 0.25, 0.25: 0.25 + 0.0625 + 0.0625 = 0.375; less a third, of two thirds: 0.0625
    assert herfindahl_index([2, 1, 1]) == 0.375
    assert herfindahl_index([2, 1, 1], scale="points") == 3750
    assert herfindahl_index([2, 1, 1], normalized=True) == pytest.approx(0.0625)
    assert herfindahl_index([2, 1, 1], normalized=True, scale="points") == pytest.approx(625)


def test_shares_in_percent_are_squared_as_given() -> None:
    # 1600 + 900 + 225 = 2725 whatever the missing 15 % are; as amounts they would be shares of 85
    assert herfindahl_index([40, 30, 15], percent_shares=True, scale="points") == 2725
    assert herfindahl_index([40, 30, 15], scale="points") == pytest.approx(2725 / 0.85**2)
    assert herfindahl_index([40, 30, 15], percent_shares=True) == pytest.approx(0.2725)
    with pytest.raises(BadValue, match="no more than 100; got 130"):
        herfindahl_index([100, 30], percent_shares=True)


def test_one_unit_has_all_and_empty_units_count() -> None:
    assert herfindahl_index([7]) == herfindahl_index([7], normalized=True) == 1
    assert herfindahl_index([7, 0, 0, 0], normalized=True) == 1
    assert herfindahl_index([1, 1, 0, 0], normalized=True) == pytest.approx((0.5 - 0.25) / 0.75)
    assert np.isnan([herfindahl_index([]), herfindahl_index([0, 0])]).all()


@given(AMOUNTS.filter(any), st.sampled_from([1e-3, 7.0]))
@settings(max_examples=50)
def test_herfindahl_limits_and_invariances(amounts: list[int], factor: float) -> None:
    index = herfindahl_index(amounts)
    assert 1 / len(amounts) - 1e-12 <= index <= 1 + 1e-12
    assert herfindahl_index([a * factor for a in amounts]) == pytest.approx(index)
    assert herfindahl_index(amounts[::-1]) == pytest.approx(index)
    assert -1e-12 <= herfindahl_index(amounts, normalized=True) <= 1 + 1e-12
    assert 1 / index <= np.count_nonzero(amounts) + 1e-9


# ---------------------------------------------------------------- Gini


def test_gini_by_hand() -> None:
    # ranks weigh -3 -1 1 3: -3 - 1 + 2 + 12 = 10 over 4 * 8 = 0.3125; corrected by 4/3
    assert gini_index([4, 1, 2, 1]) == 0.3125
    assert gini_index([4, 1, 2, 1], corrected=True) == pytest.approx(0.3125 * 4 / 3)
    assert gini_index([0, 0, 0, 5]) == 0.75
    assert gini_index([0, 0, 0, 5], corrected=True) == 1
    assert gini_index([5]) == 0
    assert np.isnan([gini_index([5], corrected=True), gini_index([]), gini_index([0, 0])]).all()


@given(AMOUNTS.filter(any))
@settings(max_examples=50)
def test_gini_agrees_with_a_package_and_with_all_pairs(amounts: list[int]) -> None:
    from inequality.gini import Gini

    values = np.array(amounts, float)
    assert gini_index(amounts) == pytest.approx(Gini(values).g, abs=1e-12)
    pairs = np.abs(values[:, None] - values).mean() / (2 * values.mean())
    assert gini_index(amounts) == pytest.approx(pairs, abs=1e-12)
    assert gini_index(amounts) >= -1e-12
    assert gini_index(amounts) <= 1 - 1 / len(amounts) + 1e-12


def test_the_input_stays_and_bad_amounts_are_refused() -> None:
    values = np.array([3.0, 1.0, 2.0])
    gini_index(values), herfindahl_index(values)
    assert values.tolist() == [3, 1, 2]
    for measure in (gini_index, herfindahl_index):
        for wrong, said in ((-1, "got -1.0"), (np.nan, "got nan"), (np.inf, "got inf")):
            with pytest.raises(BadValue, match=said):
                measure([1, wrong])
        with pytest.raises(BadValue, match=r"of 1 dimension; got shape \(1, 2\)"):
            measure([[1, 2]])
    with pytest.raises(BadValue, match="scale must be one of fraction, points; got percent"):
        herfindahl_index([1, 2], scale="percent")


def test_every_measure_of_concentration_is_found_in_one_place() -> None:
    for name in clusters.concentration.__all__:
        assert callable(getattr(clusters.concentration, name))
    assert {"theil_index", "ellison_glaeser_index", "gini_index"} <= set(clusters.concentration.__all__)


def test_one_unit_alone_is_all_there_is_whatever_the_scale() -> None:
    assert herfindahl_index([50], percent_shares=True, normalized=True) == 1
    assert herfindahl_index([7], normalized=True, scale="points") == 10_000
    with pytest.raises(BadValue):
        herfindahl_index(["1", "2"])

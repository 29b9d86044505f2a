"""Bands and p-values of curves: by hand on few draws, and true to their level under the null."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.patterns_soak import Tally, campaign, sites
from clusters.envelopes import checked_members, curve_p_value, global_band, labelling_envelope
from clusters.errors import BadValue


def measured_by_first(values: np.ndarray):
    """A measure that is the value of the first site drawn, at two radii."""
    return lambda positions: np.array([values[positions[0]], 2 * values[positions[0]]])


def test_a_p_value_by_hand() -> None:
    """Five curves at one radius: the observed 5 is the highest, 1 the lowest, each of depth 1: p = 2 / 5."""
    assert curve_p_value(np.array([5.0]), np.array([[1.0], [2], [3], [4]])) == 2 / 5
    assert curve_p_value(np.array([4.0]), np.array([[1.0], [2], [3], [5]])) == 4 / 5
    assert curve_p_value(np.array([3.0]), np.array([[1.0], [2], [4], [5]])) == 1


def test_a_second_radius_decides_between_curves_of_the_same_extreme_rank() -> None:
    """All but one touch an end at some radius; only the observed one does at both, so that no other is as extreme."""
    curves = np.array([[1.0, 2], [2, 1], [3, 3], [4, 4]])
    assert curve_p_value(np.array([5.0, 5]), curves) == 1 / 5


def test_curves_that_tie_with_all_are_not_extreme() -> None:
    assert curve_p_value(np.zeros(3), np.zeros((9, 3))) == 1
    low, high = global_band(np.zeros((9, 3)), 0.05)
    np.testing.assert_array_equal([low, high], np.zeros((2, 3)))


def test_a_global_band_by_hand() -> None:
    """Of 100 curves at one radius two touch the ends, so that 4 % are outside from order 1; 5 % lie halfway to order 2.

    Orders count from 0. Touching the second from an end or beyond are 4 of 100, the third 6.
    """
    low, high = global_band(np.arange(100.0)[:, np.newaxis], 0.05)
    assert (low[0], high[0]) == (pytest.approx(1.5), pytest.approx(97.5))


def test_a_global_band_is_wider_over_more_radii() -> None:
    curves = np.random.default_rng(1).normal(size=(999, 20))
    one, many = (global_band(curves[:, :count], 0.05) for count in (1, 20))
    assert one[0][0] > many[0][0]
    assert one[1][0] < many[1][0]


def test_too_few_draws_have_no_global_band() -> None:
    """Of 20 independent curves at five radii nearly half are an end somewhere: no band leaves out only 5 %."""
    low, high = global_band(np.random.default_rng(1).normal(size=(20, 5)), 0.05)
    assert np.isnan([low, high]).all()


def test_radii_without_a_value_have_no_band_and_do_not_decide() -> None:
    curves = np.random.default_rng(1).normal(size=(99, 2))
    with_gap = np.column_stack([np.full(99, np.nan), curves])
    low, _ = global_band(with_gap, 0.1)
    np.testing.assert_array_equal(low[1:], global_band(curves, 0.1)[0])
    assert np.isnan(low[0])
    observed = np.array([1.0, 0.5, -0.5])
    assert curve_p_value(observed, with_gap) == curve_p_value(observed[1:], curves)
    assert np.isnan(curve_p_value(np.full(2, np.nan), curves))


@given(st.integers(0, 2**32), st.floats(0.1, 100), st.floats(-5, 5))
@settings(max_examples=25)
def test_p_and_bands_follow_a_change_of_unit(seed: int, unit: float, shift: float) -> None:
    curves = np.random.default_rng(seed).normal(size=(60, 3))
    assert curve_p_value(curves[0], curves[1:]) == curve_p_value(unit * curves[0] + shift, unit * curves[1:] + shift)
    for mine, theirs in zip(global_band(curves, 0.3), global_band(unit * curves + shift, 0.3), strict=True):
        np.testing.assert_allclose(unit * mine + shift, theirs, rtol=1e-9, atol=1e-9)


def test_local_bands_are_quantiles_of_the_draws() -> None:
    found = labelling_envelope(measured_by_first(np.arange(50.0)), np.arange(50) < 2, 50, np.array([1.0, 2]),
                               rng=np.random.default_rng(3), draws=400, level=0.1)  # fmt: skip
    assert found.low[0] == pytest.approx(2.5, abs=1.5)
    assert found.high[0] == pytest.approx(46.5, abs=1.5)
    np.testing.assert_array_equal(found.high * 2, [2 * found.high[0], 4 * found.high[0]])
    assert found.observed.tolist() == [0, 0]


@pytest.mark.parametrize(
    "members", [[True, True], [1, 1, 0], [True, False, False], [[True, True, True]]], ids=["few", "int", "one", "shape"]
)
def test_members_are_two_bools_or_more_for_all_sites(members: list) -> None:
    with pytest.raises(BadValue, match="members"):
        checked_members(members, 3)


@pytest.mark.parametrize("wrong", [{"draws": 0}, {"level": 0}, {"level": 1}, {"level": np.nan}])
def test_draws_and_level_are_checked(wrong: dict) -> None:
    options = {"draws": 9, "level": 0.05} | wrong
    with pytest.raises(BadValue, match=next(iter(wrong))):
        labelling_envelope(measured_by_first(np.arange(3.0)), np.ones(3, bool), 3, np.ones(2),
                           rng=np.random.default_rng(1), **options)  # fmt: skip


@pytest.mark.parametrize("name", ["Ripley's K", "K-density", "K-density, weighted"])
def test_p_is_uniform_and_the_global_band_is_left_by_five_percent_under_the_null(name: str) -> None:
    """The short form of the campaign; ``make soak`` runs the long one. Bounds hold in all but 1 of 10,000 runs."""
    rng = np.random.default_rng(20240607)
    tally: Tally = campaign(name, sites(100, rng), n=10, industries=80, draws=79, level=0.2, rng=rng)
    assert tally.uniform_p > 1e-4
    assert abs(tally.left_global - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 80)
    assert abs(tally.left_local - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 80)

"""Moran, Geary and the general G: four towns on a road by hand, invariances, esda, and p under normal values."""

import warnings
from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.stats import kstest

from clusters.errors import BadValue
from clusters.hot_spots import (
    gearys_c,
    getis_ord_general_g,
    grid_contiguity,
    morans_i,
    row_standardized,
)
from clusters.spatial_autocorrelation import GlobalStatistic

ROAD = sparse.csr_array(np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], float))
Measure = Callable[..., GlobalStatistic]
FACTS = ("value", "expected", "variance_rand", "z_rand", "p_rand")


def some_weights(n: int, seed: int, *, share: float = 0.2) -> sparse.csr_array:
    """Weights of all sizes in either direction, and the last unit an island."""
    rng = np.random.default_rng(seed)
    dense = rng.random((n, n)) * (rng.random((n, n)) < share)
    dense[-1, :] = dense[:, -1] = 0
    np.fill_diagonal(dense, 0)
    dense[0, 1] = 1
    return sparse.csr_array(dense)


def facts(found: GlobalStatistic) -> list[float]:
    return [getattr(found, name) for name in FACTS]


# ---------------------------------------------------------------- by hand


def test_morans_i_of_four_towns_by_hand() -> None:
    """Values 1, 2, 3, 4; z = -1.5, -0.5, 0.5, 1.5; z'z = 5; k = (2 · 1.5^4 + 2 · 0.5^4)/4 / (5/4)² = 2.5625/1.5625.

    Binary: S0 = 6, z'Wz = 2 (0.75 - 0.25 + 0.75) = 2.5, I = 4/6 · 2.5/5 = 1/3. Each of 6 pairs (i, j) has
    (w + w)² = 4: S1 = 12. Row and column sums 2, 4, 4, 2: S2 = 40.
    Var_N = (16 · 12 - 4 · 40 + 3 · 36)/(15 · 36) - 1/9 = 140/540 - 1/9 = 4/27.
    Var_R = (4 (7 · 12 - 160 + 108) - 1.64 (12 · 12 - 320 + 216))/(6 · 36) - 1/9 = (128 - 65.6)/216 - 1/9 = 8/45.
    """
    found = morans_i([1, 2, 3, 4], ROAD, row_standardize=False)
    assert found.value == pytest.approx(1 / 3)
    assert found.expected == pytest.approx(-1 / 3)
    assert found.variance_norm == pytest.approx(4 / 27)
    assert found.variance_rand == pytest.approx(8 / 45)
    assert found.z_norm == pytest.approx((2 / 3) / (4 / 27) ** 0.5)
    assert found.z_rand == pytest.approx((2 / 3) / (8 / 45) ** 0.5)
    assert found.units == 4


def test_morans_i_is_the_mean_product_with_the_neighborhood() -> None:
    """Rows sum to one: neighborhoods are -0.5, -0.5, 0.5, 0.5, so z'Wz = 0.75 + 0.25 + 0.25 + 0.75 = 2; 2/5."""
    assert morans_i([1, 2, 3, 4], ROAD).value == pytest.approx(0.4)


def test_gearys_c_of_four_towns_by_hand() -> None:
    """Six differences of 1: C = 3 · 6/(2 · 6 · 5) = 0.3. Var_N = ((24 + 40) 3 - 144)/(2 · 5 · 36) = 48/360."""
    found = gearys_c([1, 2, 3, 4], ROAD, row_standardize=False)
    assert found.value == pytest.approx(0.3)
    assert found.expected == 1
    assert found.variance_norm == pytest.approx(48 / 360)
    assert found.z_norm == pytest.approx(-0.7 / (48 / 360) ** 0.5)


@pytest.mark.parametrize("measure", [morans_i, gearys_c, getis_ord_general_g])
def test_moments_under_randomization_are_those_of_all_orders(measure: Measure) -> None:
    """All 120 orders of five values on a lopsided graph: their mean and population variance, to the last digit."""
    w, y = some_weights(5, 3, share=0.5), [1.0, 2.0, 4.0, 4.5, 11.0]
    all_orders = [measure(order, w).value for order in permutations(y)]
    found = measure(y, w)
    assert np.mean(all_orders) == pytest.approx(found.expected, rel=1e-12)
    assert np.var(all_orders) == pytest.approx(found.variance_rand, rel=1e-10)


# ---------------------------------------------------------------- properties


@pytest.mark.parametrize("measure", [morans_i, gearys_c, getis_ord_general_g])
@given(seed=st.integers(0, 10**6), n=st.integers(5, 12), factor=st.floats(1e-6, 1e12))
@settings(max_examples=25)
def test_unit_of_measurement_and_order_of_units_do_not_matter(
    measure: Measure, seed: int, n: int, factor: float
) -> None:
    rng = np.random.default_rng(seed)
    y, w, order = rng.lognormal(size=n), some_weights(n, seed), rng.permutation(n)
    before = facts(measure(y, w))
    assert facts(measure(y * factor, w)) == pytest.approx(before, rel=1e-8, nan_ok=True)
    assert facts(measure(y[order], w[order][:, order])) == pytest.approx(before, rel=1e-8, nan_ok=True)


@pytest.mark.parametrize("measure", [morans_i, gearys_c])
@given(seed=st.integers(0, 10**6), shift=st.floats(-1e3, 1e3))
@settings(max_examples=25)
def test_shifting_or_turning_values_leaves_moran_and_geary(measure: Measure, seed: int, shift: float) -> None:
    y, w = np.random.default_rng(seed).normal(size=9), some_weights(9, seed)
    assert facts(measure(shift - y, w)) == pytest.approx(facts(measure(y, w)), rel=1e-7)


def test_like_neighbors_and_a_chessboard_have_opposite_signs() -> None:
    w = grid_contiguity(np.ones((8, 8)))
    rows, columns = np.indices((8, 8))
    halves, stripes = (columns >= 4).astype(float).ravel(), (columns % 2).astype(float).ravel()
    assert morans_i(halves, w).z_rand > 5 > 0 > morans_i(stripes, w).z_rand
    assert gearys_c(halves, w).z_rand < -5 < 0 < gearys_c(stripes, w).z_rand
    corner = ((rows < 3) & (columns < 3)).astype(float).ravel()
    assert getis_ord_general_g(corner, w).z_rand > 5
    peaks_apart = ((rows % 2) * (columns % 2)).astype(float).ravel()
    assert getis_ord_general_g(peaks_apart, w).z_rand < -2


@pytest.mark.parametrize("measure", [morans_i, gearys_c, getis_ord_general_g])
def test_input_is_untouched(measure: Measure) -> None:
    y, w = np.arange(6.0), some_weights(6, 1)
    y_before, w_before = y.copy(), w.toarray()
    measure(y, w)
    assert (y == y_before).all()
    assert (w.toarray() == w_before).all()


@pytest.mark.parametrize("measure", [morans_i, gearys_c])
def test_values_all_alike_or_nobody_beside_anybody_is_nan(measure: Measure) -> None:
    assert np.isnan(measure([0.1] * 4, ROAD).value)
    assert np.isnan(measure([0.1] * 4, ROAD).p_rand)
    assert np.isnan(measure([1, 2, 3, 4], sparse.csr_array((4, 4))).value)


def test_general_g_needs_two_units_above_zero_and_none_below() -> None:
    assert np.isnan(getis_ord_general_g([0, 0, 0, 7], ROAD).value)
    with pytest.raises(BadValue, match=r"values must be finite and at least 0; got -1\.0 at unit 2"):
        getis_ord_general_g([0, 3, -1, 7], ROAD)


@pytest.mark.parametrize("measure", [morans_i, gearys_c, getis_ord_general_g])
def test_where_all_are_neighbors_there_is_no_z(measure: Measure) -> None:
    """Every order of the values gives the same statistic, so its variance is zero."""
    everybody = sparse.csr_array(np.ones((7, 7)) - np.eye(7))
    found = measure([1.0, 2.5, 3.1, 4.7, 5.2, 6.9, 70.3], everybody)
    assert found.value == pytest.approx(found.expected)
    assert found.variance_rand == 0
    assert np.isnan(found.z_rand)


def test_three_units_have_no_variance_under_randomization() -> None:
    road = sparse.csr_array(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], float))
    found = morans_i([1, 2, 4], road)
    assert np.isnan(found.variance_rand)
    assert np.isfinite(found.z_norm)


def test_values_of_any_size_are_taken() -> None:
    """Fourth powers of 1e100 would be infinite, those of 1e-100 zero."""
    y = np.array([1.0, 2.0, 3.0, 4.0])
    for size in (1e-100, 1e100):
        assert facts(morans_i(y * size, ROAD)) == pytest.approx(facts(morans_i(y, ROAD)))
        assert facts(gearys_c(y * size, ROAD)) == pytest.approx(facts(gearys_c(y, ROAD)))
        assert facts(getis_ord_general_g(y * size, ROAD)) == pytest.approx(facts(getis_ord_general_g(y, ROAD)))


# ---------------------------------------------------------------- against esda


def peer_weights(w: sparse.csr_array) -> object:
    from libpysal.weights import W

    w = sparse.csr_array(w)
    rows = [slice(w.indptr[i], w.indptr[i + 1]) for i in range(w.shape[0])]
    return W(
        {i: w.indices[row].tolist() for i, row in enumerate(rows)},
        {i: w.data[row].tolist() for i, row in enumerate(rows)},
        silence_warnings=True,
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("transformation", "row_standardize"), [("r", True), ("O", False)])
def test_agrees_with_esda_on_moran_and_geary(seed: int, transformation: str, row_standardize: bool) -> None:
    """esda's p is one-sided for Geary; Moran's is asked for on both sides."""
    from esda import Geary, Moran

    y, w = np.random.default_rng(seed).lognormal(size=40), some_weights(40, seed)
    found = morans_i(y, w, row_standardize=row_standardize)
    peer = Moran(y, peer_weights(w), transformation=transformation, permutations=0, two_tailed=True)
    theirs = [peer.I, peer.EI, peer.VI_norm, peer.VI_rand, peer.z_norm, peer.z_rand, peer.p_norm, peer.p_rand]
    ours = [found.value, found.expected, found.variance_norm, found.variance_rand, found.z_norm, found.z_rand,
            found.p_norm, found.p_rand]  # fmt: skip
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)
    found = gearys_c(y, w, row_standardize=row_standardize)
    peer = Geary(y, peer_weights(w), transformation=transformation, permutations=0)
    theirs = [peer.C, peer.VC_norm, peer.VC_rand, peer.z_norm, peer.z_rand, 2 * peer.p_norm, 2 * peer.p_rand]
    ours = [found.value, found.variance_norm, found.variance_rand, found.z_norm, found.z_rand, found.p_norm,
            found.p_rand]  # fmt: skip
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_esda_on_the_general_g(seed: int) -> None:
    from esda import G

    y, w = np.random.default_rng(seed).lognormal(size=40), some_weights(40, seed)
    found = getis_ord_general_g(y, w)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="invalid value encountered", category=RuntimeWarning)  # permutations
        peer = G(y, peer_weights(w), permutations=0)
    assert [found.value, found.expected, found.variance_rand, found.z_rand, found.p_rand] == pytest.approx(
        [peer.G, peer.EG, peer.VG, peer.z_norm, 2 * peer.p_norm], rel=1e-9, abs=1e-12
    )


def test_row_standardized_weights_may_come_ready_made() -> None:
    y, w = np.random.default_rng(5).normal(size=12), some_weights(12, 5)
    assert facts(morans_i(y, row_standardized(w), row_standardize=False)) == pytest.approx(facts(morans_i(y, w)))


# ---------------------------------------------------------------- chance


def test_p_is_uniform_when_values_are_normal_and_nothing_is_there() -> None:
    """In short; `bench.hot_spots_soak` draws more."""
    rng, w = np.random.default_rng(11), grid_contiguity(np.ones((12, 12)))
    drawn = [(morans_i(y, w), gearys_c(y, w), getis_ord_general_g(y, w)) for y in rng.normal(10, 1, (250, 144))]
    for ps in zip(*[(m.p_norm, m.p_rand, g.p_norm, g.p_rand, o.p_rand) for m, g, o in drawn], strict=True):
        assert kstest(ps, "uniform").pvalue > 0.001

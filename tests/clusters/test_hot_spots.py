"""Gi, Gi* and local Moran: four towns and a 2 × 2 grid by hand, invariances, esda, and p under normal values."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.stats import kstest

from clusters.errors import BadValue
from clusters.hot_spots import getis_ord_g, getis_ord_g_on_grid, grid_contiguity, local_morans_i, morans_i
from clusters.significance import fdr_adjusted_p, two_sided_p

ROAD = sparse.csr_array(np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], float))


def some_graph(n: int, seed: int) -> sparse.csr_array:
    """Neighbors that need not be each other's; the last unit is an island."""
    dense = (np.random.default_rng(seed).random((n, n)) < 0.3) * (1 - np.eye(n))
    dense[-1, :] = 0
    dense[0, 1] = 1
    return sparse.csr_array(dense)


# ---------------------------------------------------------------- by hand


def test_gi_star_of_four_towns_by_hand() -> None:
    """Mean 2.5, s² = (1 + 4 + 9 + 16)/4 - 6.25 = 1.25.

    First: 1 + 2 = 3, W = 2, (3 - 5)/√(1.25 (4 · 2 - 4)/3). Second: 1 + 2 + 3 = 6, W = 3, (6 - 7.5)/√(1.25 (12 - 9)/3).
    """
    first, second = -2 / (1.25 * 4 / 3) ** 0.5, -1.5 / 1.25**0.5
    found = getis_ord_g(pd.Series([1, 2, 3, 4], list("abcd")), ROAD)
    assert found["z"].to_dict() == pytest.approx({"a": first, "b": second, "c": -second, "d": -first})
    assert found["p"].to_numpy() == pytest.approx(two_sided_p(found["z"]))
    assert found["tested"].all()


def test_gi_of_four_towns_by_hand() -> None:
    """First: the others are 2, 3, 4, mean 3, s² = 2/3, N = 3; one neighbor: (2 - 3)/√(2/3 (3 - 1)/2).

    Second: the others are 1, 3, 4, mean 8/3, s² = 26/3 - 64/9 = 14/9; two: (4 - 16/3)/√(14/9 (6 - 4)/2).
    """
    found = getis_ord_g([1, 2, 3, 4], ROAD, star=False)["z"]
    assert found.tolist()[:2] == pytest.approx([-1 / (2 / 3) ** 0.5, (4 - 16 / 3) / (14 / 9) ** 0.5])
    assert found.tolist()[2:] == pytest.approx([-found[1], -found[0]])


def test_two_by_two_cells_are_all_neighbors_and_have_no_z() -> None:
    """W = n, so that n Σw² - W² is zero."""
    for star in (True, False):
        assert np.isnan(getis_ord_g_on_grid([[1, 2], [3, 9]], star=star)).all()


def test_two_by_two_cells_with_one_outside_by_hand() -> None:
    """One row of three: 4, 1, 1; mean 2, s² = 2. First: 5, W = 2, (5 - 4)/√(2 (6 - 4)/2) = 1/√2. Middle: all three."""
    z = getis_ord_g_on_grid([[4, 1, 1], [9, 9, 9]], inside=[[True] * 3, [False] * 3])
    assert z[0] == pytest.approx([0.5**0.5, np.nan, -2 / 2**0.5], nan_ok=True)
    assert np.isnan(z[1]).all()


def test_local_morans_i_of_four_towns_by_hand() -> None:
    """z = -1.5, -0.5, 0.5, 1.5; m2 = 1.25; neighborhoods -0.5, (-1.5 + 0.5)/2, ...: 0.75/1.25, 0.25/1.25."""
    values = pd.Series([1, 2, 3, 4], list("abcd"))
    found = local_morans_i(values, ROAD)
    assert found.to_dict() == pytest.approx({"a": 0.6, "b": 0.2, "c": 0.2, "d": 0.6})
    assert local_morans_i(values, ROAD, form="esda").tolist() == pytest.approx([0.45, 0.15, 0.15, 0.45])


# ---------------------------------------------------------------- properties


@pytest.mark.parametrize("star", [True, False])
@given(seed=st.integers(0, 10**6), n=st.integers(3, 12), factor=st.floats(1e-3, 1e9), shift=st.floats(-10, 10))
@settings(max_examples=30)
def test_z_does_not_know_unit_of_measurement_or_order(
    star: bool, seed: int, n: int, factor: float, shift: float
) -> None:
    rng = np.random.default_rng(seed)
    y, w, order = rng.lognormal(size=n), some_graph(n, seed), rng.permutation(n)
    before = getis_ord_g(y, w, star=star)["z"].to_numpy()
    assert getis_ord_g((y + shift) * factor, w, star=star)["z"].to_numpy() == pytest.approx(
        before, rel=1e-6, nan_ok=True
    )
    assert getis_ord_g(-y, w, star=star)["z"].to_numpy() == pytest.approx(-before, rel=1e-9, nan_ok=True)
    moved = getis_ord_g(pd.Series(y)[order], w[order][:, order], star=star)["z"]
    assert moved.sort_index().to_numpy() == pytest.approx(before, rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("star", [True, False])
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 6), columns=st.integers(2, 6))
@settings(max_examples=30)
def test_the_box_gives_what_the_matrix_gives(star: bool, seed: int, rows: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    values, inside = rng.lognormal(size=(rows, columns)), rng.random((rows, columns)) < 0.8
    inside[0, 0] = True
    grid = getis_ord_g_on_grid(np.where(inside, values, np.nan), inside=inside, star=star)
    matrix = getis_ord_g(values[inside], grid_contiguity(inside), star=star)["z"].to_numpy()
    assert grid[inside] == pytest.approx(matrix, rel=1e-9, abs=1e-9, nan_ok=True)
    assert np.isnan(grid[~inside]).all()


@given(seed=st.integers(0, 10**6), n=st.integers(3, 12), row_standardize=st.booleans())
@settings(max_examples=30)
def test_local_morans_i_add_up_to_the_global_one(seed: int, n: int, row_standardize: bool) -> None:
    y, w = np.random.default_rng(seed).normal(size=n), some_graph(n, seed)
    s0 = (w.sum(axis=1) > 0).sum() if row_standardize else w.sum()
    local = local_morans_i(y, w, row_standardize=row_standardize)
    assert local.sum() == pytest.approx(s0 * morans_i(y, w, row_standardize=row_standardize).value)
    assert local.iloc[-1] == 0
    esda_form = local_morans_i(y, w, row_standardize=row_standardize, form="esda")
    assert esda_form.to_numpy() == pytest.approx(local.to_numpy() * (n - 1) / n)


def test_weights_of_any_size_count_as_one() -> None:
    y, w = np.arange(7.0) ** 2, some_graph(7, 2)
    pd.testing.assert_frame_equal(getis_ord_g(y, w * 0.3), getis_ord_g(y, w))


def test_an_island_is_not_tested_and_does_not_weaken_the_others() -> None:
    """The Gi* of an island is the z of its own value, its Gi is none; p is adjusted over the four others."""
    alone = sparse.block_diag([ROAD, sparse.csr_array((1, 1))], format="csr")
    y = [1.0, 2.0, 3.0, 4.0, 9.0]
    found = getis_ord_g(y, alone)
    assert found["tested"].tolist() == [True] * 4 + [False]
    assert found["z"][4] == pytest.approx((9 - np.mean(y)) / np.std(y))
    assert found["p_adjusted"].to_numpy() == pytest.approx([*fdr_adjusted_p(found["p"][:4]), np.nan], nan_ok=True)
    assert np.isnan(getis_ord_g(y, alone, star=False)["z"][4])


@pytest.mark.parametrize("star", [True, False])
def test_values_all_alike_have_no_z(star: bool) -> None:
    found = getis_ord_g([0.1] * 4, ROAD, star=star)
    assert found[["z", "p", "p_adjusted"]].isna().all(axis=None)
    assert not found["tested"].any()
    assert local_morans_i([0.1] * 4, ROAD).isna().all()


def test_gi_has_no_z_where_the_others_are_alike() -> None:
    """The first town alone differs: seen from it, nothing varies."""
    z = getis_ord_g([7.7, 0.1, 0.1, 0.1], ROAD, star=False)["z"]
    assert np.isnan(z[0])
    assert z[1:].notna().all()


def test_gi_of_a_giant_keeps_its_digits() -> None:
    """One value a billion times the others; from the others alone, in exact arithmetic on whole numbers."""
    y = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 1e9])
    ring = sparse.csr_array(np.roll(np.eye(6), 1, axis=1) + np.roll(np.eye(6), -1, axis=1))
    others = y[:5]
    expected = (5 + 3 - 2 * others.mean()) / (others.std() * ((5 * 2 - 4) / 4) ** 0.5)
    assert getis_ord_g(y, ring, star=False)["z"][5] == pytest.approx(expected, rel=1e-6)


def test_input_is_untouched() -> None:
    y, w = pd.Series([1.0, 5.0, 2.0, 2.0]), ROAD.copy()
    getis_ord_g(y, w), local_morans_i(y, w)
    assert y.tolist() == [1, 5, 2, 2]
    assert (w != ROAD).nnz == 0


def test_what_cannot_be_is_told() -> None:
    with pytest.raises(BadValue, match="nan at unit 1"):
        getis_ord_g([1, np.nan, 2, 3], ROAD)
    with pytest.raises(BadValue, match="form must be one of spdep, esda; got pysal"):
        local_morans_i([1, 2, 3, 4], ROAD, form="pysal")
    with pytest.raises(BadValue, match="two tables of one shape"):
        getis_ord_g_on_grid([[1, 2]], inside=[[True]])
    with pytest.raises(BadValue, match="values must be one number a unit; got nothing"):
        getis_ord_g_on_grid([[1, 2]], inside=[[False, False]])


# ---------------------------------------------------------------- against esda


def peer_weights(w: sparse.csr_array) -> object:
    from libpysal.weights import W

    return W({i: w.indices[w.indptr[i] : w.indptr[i + 1]].tolist() for i in range(w.shape[0])}, silence_warnings=True)


@pytest.mark.filterwarnings("ignore:invalid value encountered in divide:RuntimeWarning")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("star", [True, False])
def test_agrees_with_esda_on_gi(seed: int, star: bool) -> None:
    """esda's p is one-sided; on an island its Gi divides zero by zero, and Gi* is its own z as here."""
    from esda import G_Local

    y, w = np.random.default_rng(seed).lognormal(size=30), some_graph(30, seed)
    peer = G_Local(y, peer_weights(w), transform="B", star=star, permutations=0)
    found = getis_ord_g(y, w, star=star)
    assert found["z"].to_numpy() == pytest.approx(peer.Zs, rel=1e-9, abs=1e-12, nan_ok=True)
    assert found["p"].to_numpy() == pytest.approx(2 * peer.p_norm, rel=1e-9, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_esda_on_local_moran(seed: int) -> None:
    from esda import Moran_Local

    y, w = np.random.default_rng(seed).lognormal(size=30), some_graph(30, seed)
    peer = Moran_Local(y, peer_weights(w), transformation="r", permutations=0)
    assert local_morans_i(y, w, form="esda").to_numpy() == pytest.approx(peer.Is, rel=1e-9, abs=1e-12)


# ---------------------------------------------------------------- chance, and what is not there


@pytest.mark.parametrize("star", [True, False])
def test_p_is_uniform_when_values_are_normal_and_nothing_is_there(star: bool) -> None:
    """One cell of each of 400 cities, so that the p values are independent; short of `bench.hot_spots_soak`."""
    cities = np.random.default_rng(7).normal(size=(400, 10, 10))
    ps = [two_sided_p(getis_ord_g_on_grid(city, star=star)[4, 4]) for city in cities]
    assert kstest(ps, "uniform").pvalue > 0.001


def test_nothing_is_compiled_and_no_peer_is_imported() -> None:
    """In a fresh process: neither numba nor esda is there after the measures have run."""
    program = (
        "import sys, numpy as np\n"
        "from clusters.hot_spots import *\n"
        "w = grid_contiguity(np.ones((5, 5)))\n"
        "local_permutation_p(np.arange(25.0), w, rng=np.random.default_rng(1)); getis_ord_g(np.arange(25.0), w)\n"
        "sys.exit(bool({'numba', 'esda', 'libpysal'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

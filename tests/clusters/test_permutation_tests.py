"""p by dealing out: all deals counted by hand, a slow walk over the same question, uniformity, and what is refused."""

from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.stats import kstest

from clusters.errors import BadValue
from clusters.hot_spots import (
    gearys_c,
    getis_ord_general_g,
    global_permutation_p,
    grid_contiguity,
    local_permutation_p,
    morans_i,
    row_standardized,
)

ROAD = sparse.csr_array(np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], float))
MANY = 40_000


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def nearer_tail(observed: float, possible: np.ndarray) -> float:
    """What p tends to: twice the part of all possible statistics in the nearer tail, ties included."""
    slack = 1e-9
    return min(1, 2 * min((possible >= observed - slack).mean(), (possible <= observed + slack).mean()))


# ---------------------------------------------------------------- local


def test_local_p_of_five_towns_by_hand() -> None:
    """Values 1, 2, 4, 8, 16 in a row. First town: one neighbor, 2, the lowest of 2, 4, 8, 16: 2 · 1/4.

    Second: 1 + 4 among pairs of 1, 4, 8, 16 (5, 9, 17, 12, 20, 24): the lowest, 2 · 1/6. Third: 2 + 8 among pairs of
    1, 2, 8, 16 (3, 9, 17, 10, 18, 24): third from below, 2 · 3/6. Fourth: 4 + 16 among pairs of 1, 2, 4, 16
    (3, 5, 17, 6, 18, 20): the highest, 2 · 1/6. Fifth: 8, the highest of 1, 2, 4, 8: 2 · 1/4.
    """
    road = sparse.diags_array([np.ones(4), np.ones(4)], offsets=[-1, 1], shape=(5, 5))
    found = local_permutation_p(pd.Series([1, 2, 4, 8, 16], list("abcde")), road, rng=rng(), draws=MANY)
    assert found.index.tolist() == list("abcde")
    assert found["p"].tolist() == pytest.approx([1 / 2, 1 / 3, 1, 1 / 3, 1 / 2], abs=0.015)
    assert (found["draws"] == MANY).all()


@pytest.mark.parametrize("seed", range(3))
def test_local_p_tends_to_that_of_all_choices_of_neighbors(seed: int) -> None:
    """Units with one to five neighbors among seven, ties among the values."""
    dense = np.triu(rng(seed).random((7, 7)) < 0.5, 1)
    dense = (dense | dense.T).astype(float)
    y = rng(seed).integers(0, 4, 7).astype(float)
    found = local_permutation_p(y, sparse.csr_array(dense), rng=rng(), draws=MANY)["p"]
    for unit in range(7):
        neighbors = int(dense[unit].sum())
        if not neighbors:
            assert np.isnan(found[unit])
            continue
        possible = np.array([sum(chosen) for chosen in combinations(np.delete(y, unit), neighbors)])
        assert found[unit] == pytest.approx(nearer_tail(dense[unit] @ y, possible), abs=0.02)


def test_local_p_does_not_change_with_unit_of_measurement_or_form_of_weights() -> None:
    y, w = rng(3).lognormal(size=36), grid_contiguity(np.ones((6, 6)))
    first = local_permutation_p(y, w, rng=rng())
    pd.testing.assert_frame_equal(local_permutation_p(7 - 3 * y, row_standardized(w), rng=rng()), first)


def test_an_island_and_values_all_alike_have_no_local_p() -> None:
    w = sparse.csr_array(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], float))
    assert np.isnan(local_permutation_p([1, 2, 3], w, rng=rng())["p"]).tolist() == [False, False, True]
    assert np.isnan(local_permutation_p([1.1] * 4, ROAD, rng=rng())["p"]).all()
    assert np.isnan(local_permutation_p([1, 2], sparse.csr_array((2, 2)), rng=rng())["p"]).all()


def test_local_p_with_everybody_as_neighbor_is_one() -> None:
    everybody = sparse.csr_array(np.ones((6, 6)) - np.eye(6))
    assert (local_permutation_p(rng(2).normal(size=6), everybody, rng=rng())["p"] == 1).all()


def test_local_p_is_uniform_when_nothing_is_there() -> None:
    """One unit of each of 400 cities, so that the p values are independent; short of `bench.hot_spots_soak`."""
    w = grid_contiguity(np.ones((6, 6)))
    dice = rng(5)
    ps = [local_permutation_p(dice.lognormal(0, 1, 36), w, rng=dice)["p"][14] for _ in range(400)]
    assert kstest(ps, "uniform").pvalue > 0.001


def test_neighbors_of_several_weights_are_refused() -> None:
    unlike = sparse.csr_array(np.array([[0, 1, 2], [1, 0, 1], [2, 1, 0]], float))
    with pytest.raises(BadValue, match="neighbors of several weights"):
        local_permutation_p([1, 2, 3], unlike, rng=rng())


# ---------------------------------------------------------------- global


@pytest.mark.parametrize(
    ("statistic", "measure"),
    [("morans_i", morans_i), ("gearys_c", gearys_c), ("getis_ord_general_g", getis_ord_general_g)],
)
def test_global_p_tends_to_that_of_all_orders(statistic: str, measure: object) -> None:
    """All 720 orders of six values, two of them alike, on a graph that is not symmetric."""
    dense = (rng(4).random((6, 6)) < 0.4) * (1 - np.eye(6))
    w, y = sparse.csr_array(dense), [1.0, 2.0, 2.0, 5.0, 9.0, 11.0]
    possible = np.array([measure(order, w).value for order in permutations(y)])  # type: ignore[operator]
    for order in ([0, 1, 2, 3, 4, 5], [5, 0, 3, 1, 4, 2]):
        dealt = [y[i] for i in order]
        observed = measure(dealt, w).value  # type: ignore[operator]
        found = global_permutation_p(dealt, w, rng=rng(), statistic=statistic, draws=MANY)
        assert found.p == pytest.approx(nearer_tail(observed, possible), abs=0.02)
        assert found.draws == MANY


def test_global_p_is_uniform_when_nothing_is_there() -> None:
    w, dice = grid_contiguity(np.ones((6, 6))), rng(6)
    ps = [global_permutation_p(dice.lognormal(0, 1, 36), w, rng=dice).p for _ in range(250)]
    assert kstest(ps, "uniform").pvalue > 0.001


def test_global_p_of_a_pattern_is_the_least_that_the_draws_can_give() -> None:
    w, y = grid_contiguity(np.ones((10, 10))), np.repeat(np.arange(10.0), 10)
    assert global_permutation_p(y, w, rng=rng()).p == 2 / 1000


def test_global_p_is_nan_without_differences_or_neighbors() -> None:
    assert np.isnan(global_permutation_p([2.2] * 4, ROAD, rng=rng()).p)
    assert np.isnan(global_permutation_p([1, 2], sparse.csr_array((2, 2)), rng=rng()).p)


def test_input_is_untouched_and_a_seed_gives_the_same_p() -> None:
    y, w = np.arange(4.0), ROAD.copy()
    first = local_permutation_p(y, w, rng=rng()), global_permutation_p(y, w, rng=rng())
    again = local_permutation_p(y, w, rng=rng()), global_permutation_p(y, w, rng=rng())
    pd.testing.assert_frame_equal(first[0], again[0])
    assert first[1] == again[1]
    assert (y == np.arange(4.0)).all()
    assert (w != ROAD).nnz == 0


def test_too_few_draws_and_another_statistic_are_told() -> None:
    for test in (local_permutation_p, global_permutation_p):
        with pytest.raises(BadValue, match="draws must be at least 999; got 99"):
            test([1, 2, 3, 4], ROAD, rng=rng(), draws=99)
    with pytest.raises(BadValue, match=r"got morans$"):
        global_permutation_p([1, 2, 3, 4], ROAD, rng=rng(), statistic="morans")

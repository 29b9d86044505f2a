"""Would chance do the same: p values from dealing the values out over the units again and again.

No distribution is taken for granted, so this is the test for few units and for values as skewed as revenue. A draw
counts as extreme when it reaches the observed statistic, ties included, in the tail that has fewer such draws; that
p is doubled, since the tail was chosen after looking.

Locally the unit keeps its own value and its neighbors are drawn from the others (conditional permutation). Holding the
unit, local Moran's I, Gi and Gi* all rise or fall with the sum of its neighbors alone, so one two-sided p is the p of
all three (but for a unit exactly at the mean, whose I is 0 whatever its neighbors). One set of draws serves all units:
each p is right by itself, and p values of different units are dependent, as they are through shared neighbors anyway.
Left out: draws under a pattern in the city at large, such as a gradient from the center.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from clusters.checking import FEWEST_DRAWS, Floats, check_choice, check_draws, seed_of
from clusters.errors import BadValue
from clusters.spatial_autocorrelation import deviations
from clusters.spatial_weights import Weights, binary_weights, checked_values, checked_weights, row_standardized

Statistic = Literal["morans_i", "gearys_c", "getis_ord_general_g"]

_AT_ONCE = 2_000_000  # numbers held at a time
_ROUNDING = 1e-12  # sums whose order differs are ties within this part of the largest that they could be


@dataclass(frozen=True)
class DrawnP:
    """A p value that was drawn.

    Attributes
    ----------
    p : float
        Two-sided pseudo p, at least 2 / (draws + 1).
    draws : int
        How many times the values were dealt out.
    seed : int or None
        Of the generator; ``None`` when it was not made from one number.
    """

    p: float
    draws: int
    seed: int | None = None


def global_permutation_p(
    values: ArrayLike, weights: Weights, *, rng: np.random.Generator, statistic: Statistic = "morans_i",
    row_standardize: bool = True, draws: int = FEWEST_DRAWS,
) -> DrawnP:  # fmt: skip
    """p of a global statistic, from dealing all values out over all units.

    Parameters
    ----------
    values : array_like of float
        One a unit, finite; 0 or more for the general G.
    weights : scipy.sparse matrix or array
        Square, in the order of the values; 0 or more, none on the diagonal. Binary for the general G.
    rng : numpy.random.Generator
    statistic : 'morans_i', 'gearys_c' or 'getis_ord_general_g'
    row_standardize : bool
        Whether each unit's weights are made to sum to one first; not for the general G.
    draws : int
        At least 999.

    Returns
    -------
    DrawnP
        p is NaN where all values are alike or nobody has a neighbor.

    Raises
    ------
    BadValue
        When a value or weight is not one, the statistic is none of these, or there are too few draws.

    Notes
    -----
    .. math::

        p = \\min\\left(1, 2 \\frac{R + 1}{M + 1}\\right)

    with M draws, of which R are at least as extreme as the observed one in the nearer tail.

    Reading: At most 0.05: so strong a pattern, either way, comes once in twenty deals with nothing there.

    Limits: p has steps of 2/(M + 1) and cannot fall below the first. It moves from run to run unless the generator's
    seed is the same.

    References
    ----------
    Hope, A. C. A. (1968). A simplified Monte Carlo significance test procedure. Journal of the Royal Statistical
    Society B 30, 582-598.
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes. London: Pion.

    Examples
    --------
    Four towns on a road, 1 to 4 firms. Of the 24 orders only this one and its reverse make neighbors so alike: p is
    2 · 2/24, but for the draw.

    >>> from scipy import sparse
    >>> road = sparse.csr_array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]])
    >>> found = global_permutation_p([1, 2, 3, 4], road, rng=np.random.default_rng(1), draws=9_999)
    >>> abs(found.p - 1 / 6) < 0.02, found.draws
    (True, 9999)
    """
    check_choice(statistic, "statistic", ("morans_i", "gearys_c", "getis_ord_general_g"))
    check_draws(draws)
    is_g = statistic == "getis_ord_general_g"
    y = checked_values(values, least=0 if is_g else -np.inf)
    w = checked_weights(weights, y.size)
    w = binary_weights(w) if is_g else row_standardized(w) if row_standardize else w
    if np.ptp(y) == 0 or not w.nnz:
        return DrawnP(np.nan, draws, seed_of(rng))
    dealt = y / y.max() if is_g else deviations(y)
    around = w.sum(axis=1) + w.sum(axis=0)

    def part_that_varies(columns: Floats) -> Floats:
        """What of the statistic the order of the values changes; the rest of it is the same for every deal."""
        products = np.asarray((columns * (w @ columns)).sum(axis=0))
        return np.asarray(around @ columns**2 - 2 * products) if statistic == "gearys_c" else products

    observed = part_that_varies(dealt[:, np.newaxis])[0]
    at_least = at_most = 0
    for block in _blocks(draws, y.size):
        deal = np.ascontiguousarray(rng.permuted(np.broadcast_to(dealt, (block, y.size)), axis=1).T)
        drawn = part_that_varies(deal)
        slack = _ROUNDING * float(around @ dealt**2)
        at_least += int((drawn >= observed - slack).sum())
        at_most += int((drawn <= observed + slack).sum())
    return DrawnP(float(_pseudo_p(np.array(at_least), np.array(at_most), draws)), draws, seed_of(rng))


def local_permutation_p(
    values: pd.Series | ArrayLike, weights: Weights, *, rng: np.random.Generator, draws: int = FEWEST_DRAWS
) -> pd.DataFrame:
    """p of each unit's local statistic (local Moran's I, Gi or Gi*), from drawing its neighbors among all others.

    Parameters
    ----------
    values : Series or array_like of float
        One a unit, finite.
    weights : scipy.sparse matrix or array
        Square, in the order of the values, none on the diagonal, the neighbors of a unit all of one weight: binary
        and row-standardized weights give the same p.
    rng : numpy.random.Generator
    draws : int
        At least 999.

    Returns
    -------
    DataFrame
        On the index of the values: ``p``, two-sided, NaN on an island and where all values are alike; ``draws``.

    Raises
    ------
    BadValue
        When a value or weight is not one, a unit's neighbors have several weights, or there are too few draws.

    Notes
    -----
    .. math::

        p_i = \\min\\left(1, 2 \\frac{R_i + 1}{M + 1}\\right)

    with M draws, of which R_i have a neighborhood sum at least as extreme as the observed one, in the nearer tail.

    Reading: As in `global_permutation_p`, for each unit; adjust with `fdr_adjusted_p` before naming any.

    Limits: An adjusted p of 0.05 among m units needs some unit with p of about 0.05/m, and p cannot fall below
    2/(M + 1): with 2 000 units and 999 draws a lone hot spot is never found. Take M of at least 40 m over the number
    of units that you expect to be hot.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association: LISA. Geographical Analysis 27, 93-115.

    Examples
    --------
    Four towns on a road, 1 to 4 firms. The first has one neighbor, with the lowest of the other three values, which a
    draw finds once in three: 2/3. The second has 1 and 3, the lowest of three pairs: 2/3 too.

    >>> from scipy import sparse
    >>> road = sparse.csr_array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]])
    >>> local_permutation_p([1, 2, 3, 4], road, rng=np.random.default_rng(1), draws=99_999)["p"].round(1).tolist()
    [0.7, 0.7, 0.7, 0.7]
    """
    check_draws(draws)
    y = checked_values(values)
    w = checked_weights(weights, y.size)
    size = np.diff(w.indptr)
    _check_alike(w, size)
    p = np.full(y.size, np.nan)
    if np.ptp(y) > 0 and w.nnz:
        z = deviations(y)
        observed = binary_weights(w) @ z
        at_least, at_most = np.zeros(y.size, np.int64), np.zeros(y.size, np.int64)
        for order in _orders(y.size, int(size.max()) + 1, draws, rng):
            for neighbors in np.unique(size[size > 0]):
                least, most = _extreme_draws(z, observed, size == neighbors, order[:, : neighbors + 1])
                at_least += least
                at_most += most
        p[size > 0] = _pseudo_p(at_least, at_most, draws)[size > 0]
    found = pd.DataFrame({"p": p, "draws": draws}, index=values.index if isinstance(values, pd.Series) else None)
    found.attrs["seed"] = seed_of(rng)
    return found


def _orders(units: int, first: int, draws: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """The first of random orders of the units, a draw in a row; shuffles (Fisher and Yates) that stop after the first.

    A shuffle may start from any order, so each block goes on from where the last one stopped.
    """
    order = np.repeat(np.arange(units)[:, np.newaxis], next(_blocks(draws, units)), axis=1)
    for block in _blocks(draws, units):
        draw = np.arange(block)
        for place in range(first):
            taken = rng.integers(place, units, block)
            chosen = order[taken, draw]
            order[taken, draw] = order[place, :block].copy()
            order[place, :block] = chosen
        yield order[:first, :block].T


def _extreme_draws(
    z: Floats, observed: Floats, units: NDArray[np.bool_], order: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """In how many draws the neighborhood sum of each of some units is at least, and at most, the observed one.

    The neighbors in a draw are the first of an order of all units but the unit itself. Nearly every unit is not among
    those first, and then the draw has one sum for all of them; where it is, the next in order steps in for it.
    """
    first, next_one = order[:, :-1], order[:, -1]
    sums = z[first].sum(axis=1)
    slack = _ROUNDING * order.shape[1]
    low, high, sorted_sums = observed - slack, observed + slack, np.sort(sums)
    at_least, at_most = np.zeros(z.size, np.int64), np.zeros(z.size, np.int64)
    at_least[units] = len(sums) - np.searchsorted(sorted_sums, low[units], "left")
    at_most[units] = np.searchsorted(sorted_sums, high[units], "right")
    draw, slot = np.nonzero(units[first])
    own, common = first[draw, slot], sums[draw]
    its_own = common - z[own] + z[next_one[draw]]
    np.add.at(at_least, own, (its_own >= low[own]).astype(np.int64) - (common >= low[own]))
    np.add.at(at_most, own, (its_own <= high[own]).astype(np.int64) - (common <= high[own]))
    return at_least, at_most


def _pseudo_p(at_least: NDArray[np.int64], at_most: NDArray[np.int64], draws: int) -> Floats:
    return np.asarray(np.minimum(1, 2 * (np.minimum(at_least, at_most) + 1) / (draws + 1)))


def _blocks(draws: int, units: int) -> Iterator[int]:
    """How many draws to hold at a time."""
    most = max(1, _AT_ONCE // units)
    while draws > 0:
        yield min(most, draws)
        draws -= most


def _check_alike(w: Weights, size: NDArray[np.int64]) -> None:
    """Draws are of neighbors that count alike."""
    unlike = np.flatnonzero(w.data != np.repeat(w.data[w.indptr[:-1][size > 0]], size[size > 0]))
    if unlike.size:
        came = f"neighbors of several weights, one of {w.data[unlike[0]]}"
        raise BadValue("weights", came, "equal among the neighbors of a unit")

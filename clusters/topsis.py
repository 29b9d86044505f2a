"""Which alternative is nearest to the best of everything and farthest from the worst of everything (TOPSIS).

Beside a weighted sum it is a second opinion: distances are Euclidean, so being far behind in one thing costs more than
being a little behind in several. A missing value is left out of both distances of its alternative, never set to zero.
"""

from collections.abc import Collection
from typing import Literal, overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clusters.checking import Floats, check_choice
from clusters.scoring import Alternatives, Weights, read_alternatives

Normalization = Literal["vector", "none"]
NORMALIZATIONS = ("vector", "none")


@overload
def topsis(
    values: pd.DataFrame, weights: Weights, *, costs: Collection[object] = (), normalization: Normalization = "vector"
) -> pd.Series: ...
@overload
def topsis(
    values: ArrayLike, weights: Weights, *, costs: Collection[object] = (), normalization: Normalization = "vector"
) -> Floats: ...
def topsis(
    values: pd.DataFrame | ArrayLike, weights: Weights, *, costs: Collection[object] = (),
    normalization: Normalization = "vector",
) -> pd.Series | Floats:  # fmt: skip
    r"""Closeness of each alternative to an ideal one (technique for order preference by similarity to ideal solution).

    The ideal has the best value of every criterion, the anti-ideal the worst; both are put together from all
    alternatives and need not exist.

    Parameters
    ----------
    values : DataFrame or array_like, (alternatives, criteria)
        In any unit, finite; NaN is missing.
    weights : mapping, Series or sequence
        One for each criterion, at least 0, not all 0. A common factor changes nothing.
    costs : collection
        Criteria (labels, or positions of an array) of which less is better.
    normalization : 'vector' or 'none'
        Each criterion divided by the root of its sum of squares, or as it is.

    Returns
    -------
    Series or ndarray
        From 0 to 1 by alternative. NaN where both distances are 0: all are alike, or nothing is known.

    Raises
    ------
    BadValue
        When a value is infinite, a weight negative, missing or not finite, all weights are 0, or the normalization is
        another.
    UnknownCriterion
        When a weight or cost names what is no column.

    Notes
    -----
    With :math:`r_{ij} = x_{ij} / \sqrt{\sum_i x_{ij}^2}` and :math:`v_{ij} = w_j r_{ij}`, the ideal :math:`v^+_j` is
    the largest :math:`v_{ij}` of a benefit and the least of a cost, the anti-ideal :math:`v^-_j` the other way round,

    .. math:: d^{\pm}_i = \sqrt{\sum_j \left( v_{ij} - v^{\pm}_j \right)^2}, \qquad
       C_i = \frac{d^-_i}{d^+_i + d^-_i}

    where sums are over the criteria with a value of i. Costs are not inverted.

    Reading: 1 is the ideal itself, 0 the anti-ideal, 0.5 as far from one as from the other. Only the order is to be
    read: a closeness of 0.6 is not twice as good as 0.3.

    Limits: relative to who takes part, as every ranking of this kind; a constant shift of a criterion changes vector
    normalization and with it closeness. An alternative with missing values is compared on fewer criteria.

    References
    ----------
    .. [1] Hwang, C.-L. and Yoon, K. (1981). "Multiple Attribute Decision Making: Methods and Applications". Springer.

    Examples
    --------
    >>> topsis([[3, 4], [4, 3]], [1, 1]).tolist()
    [0.5, 0.5]
    >>> topsis([[3, 1], [4, 2], [0, 2]], [1, 1], costs=[1]).round(4).tolist()
    [0.7744, 0.7059, 0.0]
    """
    check_choice(normalization, "normalization", NORMALIZATIONS)
    read = read_alternatives(values, weights, costs=costs)
    closeness = closeness_of(*squared_distances(read, normalization), read.weights)
    return pd.Series(closeness, index=read.rows) if isinstance(values, pd.DataFrame) else closeness


def squared_distances(read: Alternatives, normalization: Normalization = "vector") -> tuple[Floats, Floats]:
    """Squared distance of each value from the ideal and from the anti-ideal, before weights; 0 where missing."""
    values = read.values
    if normalization == "vector":
        length = np.sqrt(np.nansum(values**2, axis=0))
        values = values / np.where(length == 0, 1.0, length)
    known = read.known
    highest = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    lowest = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    ideal, worst = np.where(read.cost, lowest, highest), np.where(read.cost, highest, lowest)
    filled = np.where(known, values, 0.0)
    return np.where(known, (filled - ideal) ** 2, 0.0), np.where(known, (filled - worst) ** 2, 0.0)


def closeness_of(from_ideal: Floats, from_worst: Floats, weights: Floats) -> Floats:
    """Closeness of alternatives for one vector of weights, or for one in each row."""
    away, near = np.sqrt(weights**2 @ from_ideal.T), np.sqrt(weights**2 @ from_worst.T)
    with np.errstate(invalid="ignore"):
        return np.asarray(near / (away + near))

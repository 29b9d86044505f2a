"""Where do high values gather: each unit with its neighbors against the whole city, and Moran's I taken apart.

Two questions that look alike. Gi and Gi* ask whether the sum around a unit is higher (hot) or lower (cold) than chance
would give; local Moran's I asks whether a unit is like its neighbors, high or low. Each unit is a test of its own, so p
values are adjusted over the units that were tested: with thousands of cells, one in twenty would be "significant" with
nothing there. About ten districts carry no such test: use a grid or streets, and print n.

The global statistics live in `clusters.spatial_autocorrelation`, p values by dealing out the values in
`clusters.permutation_tests`; their names can be had here too. Left out: populations at risk. A cell of many firms of
all kinds is hot in every subsector; to see specialization, take a location quotient instead.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clusters.checking import Floats, check_choice
from clusters.errors import BadValue
from clusters.permutation_tests import global_permutation_p, local_permutation_p
from clusters.significance import fdr_adjusted_p, two_sided_p
from clusters.spatial_autocorrelation import (
    deviations,
    gearys_c,
    getis_ord_general_g,
    morans_i,
)
from clusters.spatial_weights import (
    Weights,
    binary_weights,
    checked_values,
    checked_weights,
    grid_contiguity,
    row_standardized,
)

__all__ = [
    "fdr_adjusted_p",
    "gearys_c",
    "getis_ord_g",
    "getis_ord_g_on_grid",
    "getis_ord_general_g",
    "global_permutation_p",
    "grid_contiguity",
    "local_morans_i",
    "local_permutation_p",
    "morans_i",
    "row_standardized",
]

LocalMoranForm = Literal["spdep", "esda"]
"""The program whose divisor of local Moran's I is taken; n in spdep, n - 1 in esda."""


def getis_ord_g(values: pd.Series | ArrayLike, weights: Weights, *, star: bool = True) -> pd.DataFrame:
    """Getis-Ord Gi* (or Gi): how far the sum around each unit is from what chance would give, in standard deviations.

    Parameters
    ----------
    values : Series or array_like of float
        One a unit, in any unit of measurement, finite. Negative values are taken: z does not change when all values
        rise by the same amount.
    weights : scipy.sparse matrix or array
        Square, in the order of the values; taken as binary, one for every neighbor, none on the diagonal.
    star : bool
        True for Gi*, where a unit counts as its own neighbor; false for Gi, where it is left out of the sum, the mean
        and the spread.

    Returns
    -------
    DataFrame
        On the index of the values: ``z``; ``p``, two-sided; ``tested``, whether the unit has a neighbor and a z;
        ``p_adjusted``, for the false discovery rate over the tested units, NaN for the others. z and p are NaN where
        all values are alike, where all units are neighbors, and in Gi on an island; the Gi* of an island is its own
        value's z and is not tested.

    Raises
    ------
    BadValue
        When a value is not finite, or weights are not square or hold a negative, infinite or own weight.

    Notes
    -----
    .. math::

        z_i = \\frac{\\sum_j w_{ij} y_j - \\bar y W_i}
        {s \\sqrt{(N \\sum_j w_{ij}^2 - W_i^2) / (N - 1)}}, \\qquad
        W_i = \\sum_j w_{ij}, \\qquad s = \\sqrt{\\overline{y^2} - \\bar y^2}

    with binary weights. In Gi* the mean, s and N are of all n units and w_ii is 1; in Gi they are of the other n - 1.
    p is 2(1 - Φ(abs(z))), and ``p_adjusted`` Benjamini and Hochberg's.

    Reading: A tested unit with ``p_adjusted`` of at most 0.05 is a hot spot where z is positive and a cold spot where
    it is negative; of all units so named about one in twenty is expected to be none. The size of z is evidence, not
    size of the cluster.

    Limits: With few units, few neighbors or values as skewed as revenue, z is not normal and hot spots are named too
    easily, cold ones hardly ever: take p from `local_permutation_p` there. Below about 30 units nothing can be said.
    Neighboring tests share values, so hot spots come in patches.

    References
    ----------
    Getis, A. and Ord, J. K. (1992). The analysis of spatial association by use of distance statistics. Geographical
    Analysis 24, 189-206.
    Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation statistics. Geographical Analysis 27, 286-306.

    Examples
    --------
    Four towns on a road, 1 to 4 firms: mean 2.5, s = √1.25. The first has a neighborhood sum of 3, expected 5, over
    √1.25 · √((4 · 2 - 4) / 3).

    >>> from scipy import sparse
    >>> road = sparse.csr_array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]])
    >>> getis_ord_g(pd.Series([1, 2, 3, 4], list("abcd")), road)["z"].round(4).to_dict()
    {'a': -1.5492, 'b': -1.3416, 'c': 1.3416, 'd': 1.5492}
    """
    y = checked_values(values)
    w = binary_weights(checked_weights(weights, y.size))
    neighbors = np.diff(w.indptr)
    z = _getis_ord_z(y, lambda centered: w @ centered, neighbors.astype(np.float64), star=star)
    p, tested = two_sided_p(z), (neighbors > 0) & np.isfinite(z)
    columns = {"z": z, "p": p, "p_adjusted": fdr_adjusted_p(p, tested=tested), "tested": tested}
    return pd.DataFrame(columns, index=values.index if isinstance(values, pd.Series) else None)


def getis_ord_g_on_grid(values: ArrayLike, *, inside: ArrayLike | None = None, star: bool = True) -> Floats:
    """z of Gi* (or Gi) on a square grid, whose neighbors are the cells around: the 3 × 3 box.

    The same numbers as `getis_ord_g` with the weights of `grid_contiguity`, without making a matrix.

    Parameters
    ----------
    values : array_like of float, (rows, columns)
        One a cell, finite inside; what is outside is not looked at.
    inside : array_like of bool, (rows, columns), optional
        Which cells are units; all when left out. Cells outside add nothing to a sum and are no neighbors.
    star : bool
        Gi* when true, Gi when false.

    Returns
    -------
    numpy.ndarray, (rows, columns)
        z; NaN outside and where `getis_ord_g` has none.

    Raises
    ------
    BadValue
        When the shapes differ or are not two-dimensional, no cell is inside, or a value inside is not finite.

    Notes
    -----
    The formula of `getis_ord_g`: W_i is the number of cells of the box that lie inside, the sum is over the same
    cells, and n counts the cells inside.

    Reading: As in `getis_ord_g`.

    Limits: As in `getis_ord_g`; and another cell size is another question.

    References
    ----------
    Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation statistics. Geographical Analysis 27, 286-306.

    Examples
    --------
    >>> getis_ord_g_on_grid([[1, 2, 3, 4]]).round(4)
    array([[-1.5492, -1.3416,  1.3416,  1.5492]])
    """
    grid = np.asarray(values, np.float64)
    mask = np.ones(grid.shape, bool) if inside is None else np.asarray(inside, bool)
    if grid.ndim != 2 or mask.shape != grid.shape:
        raise BadValue("values and inside", f"shapes {grid.shape} and {mask.shape}", "two tables of one shape")
    y, neighbors = checked_values(grid[mask]), _box_sums(mask.astype(np.float64))[mask] - 1

    def around(centered: Floats) -> Floats:
        table = np.zeros(grid.shape)
        table[mask] = centered
        return np.asarray(_box_sums(table)[mask] - centered)

    z = np.full(grid.shape, np.nan)
    z[mask] = _getis_ord_z(y, around, neighbors, star=star)
    return z


def local_morans_i(
    values: pd.Series | ArrayLike, weights: Weights, *, row_standardize: bool = True, form: LocalMoranForm = "spdep"
) -> pd.Series:
    """Local Moran's I: what each unit adds to Moran's I, its deviation times that of its neighborhood.

    Parameters
    ----------
    values : Series or array_like of float
        One a unit, in any unit of measurement, finite.
    weights : scipy.sparse matrix or array
        Square, in the order of the values; 0 or more, none on the diagonal.
    row_standardize : bool
        Whether each unit's weights are made to sum to one first.
    form : 'spdep' or 'esda'
        Which program's divisor: the variance over n, or over n - 1.

    Returns
    -------
    Series
        On the index of the values. 0 on an island; NaN where all values are alike.

    Raises
    ------
    BadValue
        When a value is not finite, weights are not square or hold a negative, infinite or own weight, or `form` is
        neither.

    Notes
    -----
    .. math::

        I_i = \\frac{z_i}{m_2} \\sum_j w_{ij} z_j, \\qquad z = y - \\bar y, \\qquad m_2 = \\frac1n \\sum z_i^2

    The form of esda is this times (n - 1)/n. In the form of spdep the I_i sum to S0 times Moran's I.

    Reading: Positive where a unit is like its neighbors, high among high or low among low (the sign of its own
    deviation says which); negative where it stands out from them. Its p comes from `local_permutation_p`.

    Limits: The size depends on the unit's own value, so that two I_i do not compare. As in `getis_ord_g` each unit is a
    test of its own.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association: LISA. Geographical Analysis 27, 93-115.

    Examples
    --------
    Four towns on a road, 1 to 4 firms: deviations -1.5 to 1.5, m2 = 1.25. The first: -1.5 · -0.5 / 1.25.

    >>> from scipy import sparse
    >>> road = sparse.csr_array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]])
    >>> local_morans_i([1, 2, 3, 4], road).round(12).tolist()
    [0.6, 0.2, 0.2, 0.6]
    >>> local_morans_i([1, 2, 3, 4], road, form="esda").round(12).tolist()
    [0.45, 0.15, 0.15, 0.45]
    """
    check_choice(form, "form", ("spdep", "esda"))
    y = checked_values(values)
    w = checked_weights(weights, y.size)
    w = row_standardized(w) if row_standardize else w
    if np.ptp(y) == 0:
        made = np.full(y.size, np.nan)
    else:
        z = deviations(y)
        divisor = y.size if form == "spdep" else y.size - 1
        made = divisor * z * (w @ z) / (z @ z)
    return pd.Series(made, index=values.index if isinstance(values, pd.Series) else None, name="local_morans_i")


def _getis_ord_z(y: Floats, around: Callable[[Floats], Floats], neighbors: Floats, *, star: bool) -> Floats:
    """z of each unit from deviations, whose mean is zero; `around` sums them over the neighbors of each unit."""
    if np.ptp(y) == 0:
        return np.full(y.size, np.nan)
    z, n = deviations(y), y.size
    if star:
        counted, total, weight = float(n), around(z) + z, neighbors + 1
        mean, variance = np.zeros(n), np.full(n, z @ z / n)
    else:
        counted, total, weight = n - 1.0, around(z), neighbors
        mean, variance = -z / max(counted, 1), _variance_of_others(z)
    spread = np.sqrt(variance * weight * (counted - weight) / max(counted - 1, 1))  # of zeros and ones, w² is w
    return np.asarray(np.divide(total - mean * weight, spread, out=np.full(n, np.nan), where=spread > 0))


def _variance_of_others(z: Floats) -> Floats:
    """Population variance of all values but each one."""
    n = z.size
    variance = (z @ z - z**2) / (n - 1) - (z / (n - 1)) ** 2
    for outlier in np.flatnonzero(z**2 > 0.1 * (z @ z)):  # ten at most, where the difference would lose digits
        others = np.delete(z, outlier)
        variance[outlier] = others.var() if np.ptp(others) > 0 else 0
    return variance


def _box_sums(table: Floats) -> Floats:
    """Sum of each 3 × 3 box, with zeros around the table."""
    padded = np.pad(table, 1)
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    return np.asarray(rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:])

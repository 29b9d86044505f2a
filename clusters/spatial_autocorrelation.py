"""Does the whole city cluster: one number for how alike neighbors are, with its z under two null hypotheses.

Under **normality** the values are draws from one normal distribution; under **randomization** the observed values are
dealt out over the units at random, and their kurtosis enters. Both are exact in their first two moments; the p of a z
then takes the statistic for normal, which many units and few neighbors each make it. Where that is in doubt,
`clusters.permutation_tests` deals the values out instead. Left out: trends, unequal populations at risk, and any value
that neighbors have in common because a boundary was drawn through it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clusters.significance import two_sided_p
from clusters.spatial_weights import Weights, binary_weights, checked_values, checked_weights, row_standardized

_ROUNDING = 1e-13  # a variance below this part of what it is the difference of is a zero with rounding


@dataclass(frozen=True)
class GlobalStatistic:
    """A statistic of all units together, and how far it is from what chance would give.

    Attributes
    ----------
    value, expected : float
        The statistic, and its mean under either null hypothesis.
    variance_norm, z_norm, p_norm : float
        Under normality; p is two-sided. NaN where the literature has none (global G).
    variance_rand, z_rand, p_rand : float
        Under randomization; p is two-sided.
    units : int
        How many, islands included.
    """

    value: float
    expected: float
    variance_norm: float
    variance_rand: float
    units: int

    @property
    def z_norm(self) -> float:
        """Standard deviations from the mean under normality."""
        return _z(self.value - self.expected, self.variance_norm)

    @property
    def z_rand(self) -> float:
        """Standard deviations from the mean under randomization."""
        return _z(self.value - self.expected, self.variance_rand)

    @property
    def p_norm(self) -> float:
        """Two-sided p under normality."""
        return float(two_sided_p(self.z_norm))

    @property
    def p_rand(self) -> float:
        """Two-sided p under randomization."""
        return float(two_sided_p(self.z_rand))


def morans_i(values: ArrayLike, weights: Weights, *, row_standardize: bool = True) -> GlobalStatistic:
    """Moran's I: whether units are like their neighbors, as a correlation of each with its neighborhood.

    The mean product of the deviations of neighbors, over the variance. Above its expected value neighbors are alike,
    below it they alternate.

    Parameters
    ----------
    values : array_like of float
        One a unit, in any unit of measurement, finite; negative values are taken, since only deviations enter.
    weights : scipy.sparse matrix or array
        Square, in the order of the values; 0 or more, none on the diagonal.
    row_standardize : bool
        Whether each unit's weights are made to sum to one first.

    Returns
    -------
    GlobalStatistic
        All NaN but the expected value where values are all alike or nobody has a neighbor; a variance is NaN where it
        takes more units (randomization: four), and a z where the variance is zero, as when all are neighbors of all.

    Raises
    ------
    BadValue
        When a value is not finite, or weights are not square or hold a negative, infinite or own weight.

    Notes
    -----
    .. math::

        I = \\frac{n}{S_0} \\frac{z^\\top W z}{z^\\top z}, \\qquad E(I) = -\\frac{1}{n-1}

    with :math:`z = y - \\bar y`, :math:`S_0 = \\sum w_{ij}`, :math:`S_1 = \\frac12 \\sum (w_{ij} + w_{ji})^2`,
    :math:`S_2 = \\sum_i (w_{i\\cdot} + w_{\\cdot i})^2`, :math:`k = m_4 / m_2^2`, and

    .. math::

        V_N = \\frac{n^2 S_1 - n S_2 + 3 S_0^2}{(n^2 - 1) S_0^2} - E^2, \\qquad
        V_R = \\frac{n[(n^2 - 3n + 3) S_1 - n S_2 + 3 S_0^2] - k[(n^2 - n) S_1 - 2n S_2 + 6 S_0^2]}
        {(n-1)(n-2)(n-3) S_0^2} - E^2

    Islands keep a zero row and stay in n.

    Reading: Near -1/(n-1) there is no pattern; towards 1 high stands beside high and low beside low; clearly negative
    values alternate like a chessboard. Quote I with its z and n.

    Limits: It says that there is a pattern, not where (see `getis_ord_g`), and it depends on the units that were drawn
    and on who counts as a neighbor. With fewer than about 30 units the normal approximation is poor and the power low.

    References
    ----------
    Moran, P. A. P. (1950). Notes on continuous stochastic phenomena. Biometrika 37, 17-23.
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes. London: Pion.

    Examples
    --------
    Four towns on a road, with 1, 2, 3 and 4 firms: the deviations are -1.5, -0.5, 0.5, 1.5.

    >>> from scipy import sparse
    >>> road = sparse.csr_array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]])
    >>> found = morans_i([1, 2, 3, 4], road)
    >>> round(found.value, 12), round(found.expected, 4)
    (0.4, -0.3333)
    """
    y, w = checked_values(values), _weights(values, weights, row_standardize)
    n, (s0, s1, s2) = y.size, weight_sums(w)
    expected = _ratio(-1, n - 1)
    if np.ptp(y) == 0 or s0 == 0:
        return GlobalStatistic(np.nan, expected, np.nan, np.nan, n)
    z = deviations(y)
    normal = _ratio(n**2 * s1 - n * s2 + 3 * s0**2, (n**2 - 1) * s0**2) - expected**2
    k = _kurtosis(z)
    first = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    second = k * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    random = _ratio(first - second, (n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    value = n / s0 * (z @ (w @ z)) / (z @ z)
    return GlobalStatistic(float(value), expected, _variance(normal, expected**2), _variance(random, expected**2), n)


def gearys_c(values: ArrayLike, weights: Weights, *, row_standardize: bool = True) -> GlobalStatistic:
    """Geary's C: how much neighbors differ, over how much any two units differ.

    Parameters
    ----------
    values : array_like of float
        One a unit, in any unit of measurement, finite.
    weights : scipy.sparse matrix or array
        Square, in the order of the values; 0 or more, none on the diagonal.
    row_standardize : bool
        Whether each unit's weights are made to sum to one first.

    Returns
    -------
    GlobalStatistic
        Expected is 1. NaN as in `morans_i`.

    Raises
    ------
    BadValue
        When a value is not finite, or weights are not square or hold a negative, infinite or own weight.

    Notes
    -----
    .. math::

        C = \\frac{(n-1) \\sum_{ij} w_{ij} (y_i - y_j)^2}{2 S_0 \\sum_i z_i^2}, \\qquad E(C) = 1

    .. math::

        V_N = \\frac{(2 S_1 + S_2)(n-1) - 4 S_0^2}{2(n+1) S_0^2}, \\qquad
        V_R = \\frac{(n-1) S_1 [n^2 - 3n + 3 - (n-1)k] - \\frac14 (n-1) S_2 [n^2 + 3n - 6 - (n^2 - n + 2)k]
        + S_0^2 [n^2 - 3 - (n-1)^2 k]}{n(n-2)(n-3) S_0^2}

    with the sums of `morans_i`.

    Reading: 1 is no pattern; towards 0 neighbors are alike; above 1 they differ more than strangers do. A positive z
    therefore means unlike neighbors: the sign is the reverse of Moran's.

    Limits: It weighs differences between neighbors, so one odd neighbor moves it more than it moves Moran's I. With
    fewer than about 30 units the normal approximation is poor.

    References
    ----------
    Geary, R. C. (1954). The contiguity ratio and statistical mapping. The Incorporated Statistician 5, 115-145.
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes. London: Pion.

    Examples
    --------
    Four towns on a road, 1 to 4 firms; weights one: six differences of 1, so C = 3 * 6 / (2 * 6 * 5).

    >>> from scipy import sparse
    >>> road = sparse.csr_array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]])
    >>> round(gearys_c([1, 2, 3, 4], road, row_standardize=False).value, 12)
    0.3
    """
    y, w = checked_values(values), _weights(values, weights, row_standardize)
    n, (s0, s1, s2) = y.size, weight_sums(w)
    if np.ptp(y) == 0 or s0 == 0:
        return GlobalStatistic(np.nan, 1.0, np.nan, np.nan, n)
    z, pairs = deviations(y), w.tocoo()
    value = (n - 1) * (pairs.data @ (z[pairs.row] - z[pairs.col]) ** 2) / (2 * s0 * (z @ z))
    normal = _ratio((2 * s1 + s2) * (n - 1) - 4 * s0**2, 2 * (n + 1) * s0**2)
    k = _kurtosis(z)
    first = (n - 1) * s1 * (n**2 - 3 * n + 3 - (n - 1) * k)
    second = (n - 1) * s2 * (n**2 + 3 * n - 6 - (n**2 - n + 2) * k) / 4
    third = s0**2 * (n**2 - 3 - (n - 1) ** 2 * k)
    random = _ratio(first - second + third, n * (n - 2) * (n - 3) * s0**2)
    return GlobalStatistic(float(value), 1.0, _variance(normal, 1), _variance(random, 1), n)


def getis_ord_general_g(values: ArrayLike, weights: Weights) -> GlobalStatistic:
    """Global Getis-Ord G: the part of all products of two units that is between neighbors.

    Parameters
    ----------
    values : array_like of float
        One a unit, 0 or more with a natural zero (firms, revenue in CNY), finite.
    weights : scipy.sparse matrix or array
        Square, in the order of the values; taken as binary, one for every neighbor.

    Returns
    -------
    GlobalStatistic
        Variance, z and p under randomization alone. The value is NaN where fewer than two units are above zero, the
        variance with fewer than four units, the z where the variance is zero.

    Raises
    ------
    BadValue
        When a value is negative or not finite, or weights are not square or hold a negative, infinite or own weight.

    Notes
    -----
    .. math::

        G = \\frac{\\sum_{i \\ne j} w_{ij} y_i y_j}{\\sum_{i \\ne j} y_i y_j}, \\qquad E(G) = \\frac{S_0}{n(n-1)}

    The variance follows Getis and Ord (1992) from the power sums of y and S0, S1, S2 of `morans_i`.

    Reading: Above its expected value, high values stand beside high ones: there are hot spots. Below it, high values
    are kept apart and low ones gather between them. Moran's I cannot tell these two apart.

    Limits: It says nothing of where, and a single hole in a plain of high values raises it too. Distributions as
    skewed as revenue need many units before z is near normal.

    References
    ----------
    Getis, A. and Ord, J. K. (1992). The analysis of spatial association by use of distance statistics. Geographical
    Analysis 24, 189-206.

    Examples
    --------
    Four towns on a road, 1 to 4 firms: neighbors give 2 (2 + 6 + 12) of all products, 10^2 - 30.

    >>> from scipy import sparse
    >>> road = sparse.csr_array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]])
    >>> found = getis_ord_general_g([1, 2, 3, 4], road)
    >>> round(found.value, 6), found.expected
    (0.571429, 0.5)
    """
    y = checked_values(values, least=0)
    w, n = binary_weights(checked_weights(weights, y.size)), y.size
    s0, s1, s2 = weight_sums(w)
    expected = _ratio(s0, n * (n - 1))
    if s0 == 0 or np.count_nonzero(y) < 2:
        return GlobalStatistic(np.nan, expected, np.nan, np.nan, n)
    y = y / y.max()  # G has no unit, and powers of CNY would outgrow what a float can hold
    m1, m2, m3, m4 = (float((y**power).sum()) for power in (1, 2, 3, 4))
    second_moment = _ratio(
        ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) * m2**2
        - ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2) * m4
        - (2 * n * s1 - (n + 3) * s2 + 6 * s0**2) * m1**2 * m2
        + (4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2) * m1 * m3
        + (s1 - s2 + s0**2) * m1**4,
        (m1**2 - m2) ** 2 * n * (n - 1) * (n - 2) * (n - 3),
    )
    value = float(y @ (w @ y) / (m1**2 - m2))
    return GlobalStatistic(value, expected, np.nan, _variance(second_moment - expected**2, expected**2), n)


def deviations(y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Deviations from the mean, over the largest of them, so that no power of them leaves the range of a float."""
    z = y - y.mean()
    return np.asarray(z / np.abs(z).max())


def weight_sums(w: Weights) -> tuple[float, float, float]:
    """S0, S1 and S2: the sums of weights that the moments of every global statistic are made of."""
    both = w + w.T
    around = w.sum(axis=1) + w.sum(axis=0)
    return float(w.sum()), float((both.data**2).sum() / 2), float(around @ around)


def _weights(values: ArrayLike, weights: Weights, row_standardize: bool) -> Weights:
    w = checked_weights(weights, np.size(values))
    return row_standardized(w) if row_standardize else w


def _kurtosis(z: NDArray[np.float64]) -> float:
    """Fourth moment over the square of the second, population moments."""
    return float((z**4).mean() / (z**2).mean() ** 2)


def _ratio(over: float, under: float) -> float:
    return float(over / under) if under else np.nan


def _variance(variance: float, scale: float) -> float:
    """The variance, and zero where it is less than what rounding leaves of a difference of this scale."""
    return 0.0 if variance < _ROUNDING * scale else variance


def _z(off: float, variance: float) -> float:
    return float(off / np.sqrt(variance)) if variance > 0 else np.nan

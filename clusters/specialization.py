"""What is a region specialized in, and how unlike the base is its mix of industries?

A region is held against a base: the city that it belongs to, or any table that is given. The measures compare shares,
so they say nothing about size: a small district may be specialized in an industry whose firms mostly lie elsewhere.
How sure a quotient is stands in ``specialization_intervals`` and ``specialization_bootstrap``.
"""

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from clusters.activity import Amounts, read_activity
from clusters.checking import Floats
from clusters.errors import BadValue

Numbers = Sequence[float] | NDArray[Any]
Vector = Sequence[float] | pd.Series


@overload
def location_quotient(
    activity: pd.DataFrame,
    base: Amounts | None = None,
    *,
    total: Amounts | None = None,
    base_total: float | None = None,
) -> pd.DataFrame: ...
@overload
def location_quotient(
    activity: pd.Series, base: Amounts, *, total: float | None = None, base_total: float | None = None
) -> pd.Series: ...
@overload
def location_quotient(activity: float, base: float, *, total: float, base_total: float) -> float: ...
@overload
def location_quotient(
    activity: Numbers, base: Amounts | None = None, *, total: Amounts | None = None, base_total: float | None = None
) -> Floats: ...
def location_quotient(
    activity: Amounts, base: Amounts | None = None, *, total: Amounts | None = None, base_total: float | None = None
) -> pd.DataFrame | pd.Series | Floats | float:
    """Share of each industry in a region over its share in the base.

    An industry is over-represented where it takes a larger part of the region's activity than of the base's.

    Parameters
    ----------
    activity : Series, DataFrame or array_like
        Employment, revenue or firms by industry, at least 0; a table has regions as rows and industries as columns. A
        single number is one industry, whose totals must then be given.
    base : Series or array_like, optional
        The same by industry for the base, with the labels of ``activity``. The column sums of a table by default, so
        that the regions together are the base.
    total : float, Series or array_like, optional
        All activity of the region (of each region), when more than the listed industries counts; their sum by default.
    base_total : float, optional
        All activity of the base; the sum of the listed industries by default.

    Returns
    -------
    Series, DataFrame, ndarray or float
        Quotients, at least 0, in the shape and on the labels of ``activity``. NaN where the base has none of the
        industry, and in a region without activity.

    Raises
    ------
    BadValue
        When an amount is negative or not finite, labels or lengths differ, or a total is smaller than one of its parts.

    Notes
    -----
    .. math:: LQ_i = \\frac{e_i / e}{E_i / E}

    with :math:`e_i` the region's and :math:`E_i` the base's activity in industry :math:`i`, and :math:`e`, :math:`E`
    the totals.

    Reading: 1 means the same share as the base, 2 twice the share, 0 no activity. Above 1 the region is specialized.

    Limits: a ratio of shares, not of sizes; in small regions one firm moves it far, so read it with its interval and
    without the largest firm. Published tables differ in their totals: the listed industries or the whole economy.

    References
    ----------
    Isserman, A. M. (1977). The location quotient approach to estimating regional economic impacts. Journal of the
    American Institute of Planners 43(1), 33–41.

    Examples
    --------
    >>> towns = pd.DataFrame({"software": [30, 10, 0, 20], "chips": [10, 10, 20, 0]}, index=["甲", "乙", "丙", "丁"])
    >>> location_quotient(towns).round(4)
       software  chips
    甲    1.2500  0.625
    乙    0.8333  1.250
    丙    0.0000  2.500
    丁    1.6667  0.000
    >>> location_quotient(30, 60, total=40, base_total=100)
    1.25
    """
    read = read_activity(activity, base, total=total, base_total=base_total)
    return read.by_cell(read.quotients)


@overload
def symmetric_location_quotient(quotient: pd.DataFrame) -> pd.DataFrame: ...
@overload
def symmetric_location_quotient(quotient: pd.Series) -> pd.Series: ...
@overload
def symmetric_location_quotient(quotient: float) -> float: ...
@overload
def symmetric_location_quotient(quotient: Numbers) -> Floats: ...
def symmetric_location_quotient(
    quotient: ArrayLike | pd.Series | pd.DataFrame,
) -> pd.DataFrame | pd.Series | Floats | float:
    """Location quotients on a scale from -1 to 1 that treats over- and under-representation alike.

    Parameters
    ----------
    quotient : Series, DataFrame, array_like or float
        Location quotients, at least 0; infinity stands for an industry that the base has none of.

    Returns
    -------
    Series, DataFrame, ndarray or float
        In the shape and on the labels of ``quotient``. NaN where the quotient is NaN; 1 where it is infinite.

    Raises
    ------
    BadValue
        When a quotient is negative.

    Notes
    -----
    .. math:: SLQ = \\frac{LQ - 1}{LQ + 1}

    Reading: 0 means the same share as the base, 1/3 twice the share, -1/3 half of it, -1 no activity.

    Limits: the same information as the location quotient, on a scale for maps and averages; no evidence of its own.

    References
    ----------
    Laursen, K. (2015). Revealed comparative advantage and the alternatives as measures of international
    specialization. Eurasian Business Review 5, 99–115.

    Examples
    --------
    >>> symmetric_location_quotient([0, 0.5, 1, 2, np.inf]).round(4).tolist()
    [-1.0, -0.3333, 0.0, 0.3333, 1.0]
    """
    values = np.asarray(quotient, dtype=np.float64)
    if (values < 0).any():
        raise BadValue("quotient", np.atleast_1d(values)[np.atleast_1d(values < 0)].tolist(), "at least 0")
    with np.errstate(invalid="ignore"):
        symmetric = np.where(np.isposinf(values), 1.0, (values - 1) / (values + 1))
    if isinstance(quotient, pd.DataFrame):
        return pd.DataFrame(symmetric, index=quotient.index, columns=quotient.columns)
    if isinstance(quotient, pd.Series):
        return pd.Series(symmetric, index=quotient.index)
    return symmetric if symmetric.ndim else float(symmetric)


@overload
def krugman_index(activity: pd.DataFrame, base: Amounts | None = None) -> pd.Series: ...
@overload
def krugman_index(activity: Vector, base: Amounts) -> float: ...
@overload
def krugman_index(activity: NDArray[Any], base: Amounts | None = None) -> Floats | float: ...
def krugman_index(activity: Amounts, base: Amounts | None = None) -> pd.Series | Floats | float:
    """Sum of the distances between a region's industry shares and the base's, from 0 to 2.

    Parameters
    ----------
    activity : Series, DataFrame or array_like
        Employment, revenue or firms by industry, at least 0; a table has regions as rows and industries as columns.
    base : Series or array_like, optional
        The same by industry for the base, or for another region. The column sums of a table by default.

    Returns
    -------
    float, or Series or ndarray by region
        From 0 to 2. NaN in a region, or against a base, without activity.

    Raises
    ------
    BadValue
        When an amount is negative or not finite, or labels or lengths differ.

    Notes
    -----
    .. math:: K = \\sum_i \\left| s_i - s^*_i \\right|

    with :math:`s_i` and :math:`s^*_i` the shares of industry :math:`i` among the listed industries. It is not halved;
    the halved form is the Hoover index.

    Reading: 0 means the same mix as the base; 2 means no industry in common; 0.5 means that a quarter of the region's
    activity would have to change its industry to mirror the base.

    Limits: depends on how finely industries are cut (finer gives more), and a region that is itself most of the base
    cannot differ much from it. Compare regions under one classification only.

    References
    ----------
    Krugman, P. (1991). Geography and Trade. MIT Press, 75–76.

    Examples
    --------
    >>> towns = pd.DataFrame({"software": [30, 10, 0, 20], "chips": [10, 10, 20, 0]}, index=["甲", "乙", "丙", "丁"])
    >>> krugman_index(towns).round(10).tolist()
    [0.3, 0.2, 1.2, 0.8]
    """
    read = read_activity(activity, base)
    return read.by_region(np.abs(read.shares - read.base_shares).sum(axis=1))


@overload
def hoover_index(activity: pd.DataFrame, base: Amounts | None = None) -> pd.Series: ...
@overload
def hoover_index(activity: Vector, base: Amounts) -> float: ...
@overload
def hoover_index(activity: NDArray[Any], base: Amounts | None = None) -> Floats | float: ...
def hoover_index(activity: Amounts, base: Amounts | None = None) -> pd.Series | Floats | float:
    """Part of a region's activity that would have to change its industry for the region to mirror the base.

    Parameters
    ----------
    activity : Series, DataFrame or array_like
        Employment, revenue or firms by industry, at least 0; a table has regions as rows and industries as columns.
        One industry by region, against all activity by region, gives its geographic concentration instead.
    base : Series or array_like, optional
        The same for the base. The column sums of a table by default.

    Returns
    -------
    float, or Series or ndarray by region
        From 0 to 1. NaN in a region, or against a base, without activity.

    Raises
    ------
    BadValue
        When an amount is negative or not finite, or labels or lengths differ.

    Notes
    -----
    .. math:: H = \\frac{1}{2} \\sum_i \\left| s_i - s^*_i \\right|

    with the shares of the Krugman index, of which it is the half.

    Reading: 0 means the same mix as the base, 1 no industry in common; 0.25 means that a quarter would have to move.

    Limits: those of the Krugman index; moves between neighboring industries count as much as moves between distant
    ones.

    References
    ----------
    Hoover, E. M. (1936). The measurement of industrial localization. Review of Economics and Statistics 18(4), 162–171.

    Examples
    --------
    >>> round(hoover_index([30, 10], [60, 40]), 10)
    0.15
    """
    read = read_activity(activity, base)
    return read.by_region(np.abs(read.shares - read.base_shares).sum(axis=1) / 2)

"""How unequal are amounts, and how much of it lies between groups?

Each amount is one unit (a firm, a district) of weight 1: population measures, divided by n. The order of units plays no
part, nor where they lie.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clusters.checking import Floats, check_amounts, check_labels
from data import columns as c


def theil_index(values: ArrayLike) -> float:
    """Theil's T of amounts, from 0 for equal ones to ln n when one unit has all.

    Parameters
    ----------
    values : array_like of shape (n,)
        Amounts in any unit, at least 0.

    Returns
    -------
    float
        From 0 to ln n. NaN without amounts or when all are 0.

    Raises
    ------
    BadValue
        When an amount is negative or not finite.

    Notes
    -----
    .. math:: T = \\frac{1}{n} \\sum_i \\frac{x_i}{\\mu} \\ln \\frac{x_i}{\\mu}, \\qquad 0 \\ln 0 = 0

    Reading: 0 means that all are alike. It grows with inequality, most with that among the large; only the part between
    groups and the part within them have a share of it that reads as a percentage (``theil_decomposition``).

    Limits: its upper bound grows with n, so compare only sets of about the same size; one giant decides it.

    References
    ----------
    Theil, H. (1967). Economics and Information Theory. North-Holland, chapter 4.

    Examples
    --------
    >>> theil_index([1, 1, 1, 1]), round(theil_index([4, 0, 0, 0]), 6)
    (0.0, 1.386294)
    """
    return _theil(check_amounts(values, "values"))


@dataclass(frozen=True)
class TheilDecomposition:
    """Theil's T and its parts.

    Attributes
    ----------
    total, between, within : float
        ``between`` and ``within`` add up to ``total``.
    groups : DataFrame
        Indexed by group: members, group_share (of the total amount) and theil_index (NaN in a group without amounts).
    """

    total: float
    between: float
    within: float
    groups: pd.DataFrame


def theil_decomposition(values: ArrayLike, groups: ArrayLike) -> TheilDecomposition:
    """Theil's T split into inequality between groups and inequality within them.

    Parameters
    ----------
    values : array_like of shape (n,)
        Amounts in any unit, at least 0.
    groups : array_like of shape (n,)
        Label of each unit's group, such as its district; none missing.

    Returns
    -------
    TheilDecomposition
        NaN without amounts or when all are 0.

    Raises
    ------
    BadValue
        When an amount is negative or not finite, a label is missing, or lengths differ.

    Notes
    -----
    With :math:`S_g` the group's share of the total, :math:`n_g` its members and :math:`T_g` its own index,

    .. math:: T = \\sum_g S_g \\ln \\frac{S_g}{n_g / n} + \\sum_g S_g T_g

    A group without amounts adds 0 to both.

    Reading: ``between / total`` is the part of inequality that goes with the groups: near 1, the districts differ and
    their firms are alike; near 0, every district has the same inequality inside.

    Limits: more groups give more between; groups of one unit have nothing within. The split tells no cause.

    References
    ----------
    Shorrocks, A. F. (1980). The class of additively decomposable inequality measures. Econometrica 48(3), 613–625.

    Examples
    --------
    >>> split = theil_decomposition([1, 3, 4, 8], ["甲", "甲", "乙", "乙"])
    >>> round(split.total, 4), round(split.between, 4), round(split.within, 4)
    (0.206, 0.1308, 0.0752)
    """
    amounts = check_amounts(values, "values")
    codes, names = check_labels(groups, "groups", rows=len(amounts))
    members = np.bincount(codes, minlength=len(names))
    totals = np.bincount(codes, amounts, minlength=len(names))
    whole = totals.sum()
    shares = totals / whole if whole > 0 else np.full(len(names), np.nan)
    own = np.array([_theil(amounts[codes == group]) for group in range(len(names))])
    table = pd.DataFrame({c.MEMBERS: members, c.GROUP_SHARE: shares, c.THEIL_INDEX: own}, index=names)
    if not whole > 0:
        return TheilDecomposition(np.nan, np.nan, np.nan, table)
    present = shares > 0
    between = float((shares * np.log(np.where(present, shares / (members / len(amounts)), 1))).sum())
    within = float((shares[present] * own[present]).sum())
    return TheilDecomposition(_theil(amounts), between, within, table)


def atkinson_index(values: ArrayLike, *, epsilon: float = 0.5) -> float:
    """Part of the total that could be given up if the rest were shared equally, at an aversion to inequality.

    Parameters
    ----------
    values : array_like of shape (n,)
        Amounts in any unit, at least 0.
    epsilon : float
        Aversion to inequality, at least 0; the larger, the more the small units count.

    Returns
    -------
    float
        From 0 to 1. NaN without amounts or when all are 0. 1 when a unit has nothing and ``epsilon`` is at least 1.

    Raises
    ------
    BadValue
        When an amount is negative or not finite, or ``epsilon`` is.

    Notes
    -----
    .. math:: A = 1 - \\left(\\frac{1}{n} \\sum_i \\left(\\frac{x_i}{\\mu}\\right)^{1-\\varepsilon}
       \\right)^{1/(1-\\varepsilon)}, \\qquad
       \\varepsilon = 1:\\; A = 1 - \\frac{\\left(\\prod_i x_i\\right)^{1/n}}{\\mu}

    Reading: 0.2 means that 80 % of the total, shared equally, would be worth as much as all of it is now.

    Limits: the choice of ``epsilon`` is a judgment and is to be shown; at 1 and above a single empty unit gives 1.

    References
    ----------
    Atkinson, A. B. (1970). On the measurement of inequality. Journal of Economic Theory 2(3), 244–263.

    Examples
    --------
    >>> round(atkinson_index([1, 4]), 4), round(atkinson_index([1, 4], epsilon=1), 4)
    (0.1, 0.2)
    """
    amounts = check_amounts(values, "values")
    check_amounts(epsilon, "epsilon", dimensions=(0,))
    if not amounts.sum() > 0:
        return np.nan
    relative = amounts / amounts.mean()
    if epsilon >= 1 and not relative.all():
        return 1.0
    if epsilon == 1:
        return float(1 - np.exp(np.log(relative).mean()))
    return float(1 - (relative ** (1 - epsilon)).mean() ** (1 / (1 - epsilon)))


def _theil(amounts: Floats) -> float:
    if not amounts.sum() > 0:
        return np.nan
    relative = amounts / amounts.mean()
    return float((relative * np.log(np.where(relative > 0, relative, 1))).mean())

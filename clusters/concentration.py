"""Is activity in few hands or few places? Concentration of amounts; the measures of places have modules of their own.

``herfindahl_index`` and ``gini_index`` take amounts of units (firms, districts) and look at sizes alone.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from clusters.checking import check_amounts, check_choice
from clusters.errors import BadValue
from clusters.geographic_concentration import (
    ellison_glaeser_index,
    geographic_concentration,
    locational_gini,
    maurel_sedillot_index,
)
from clusters.inequality import TheilDecomposition, atkinson_index, theil_decomposition, theil_index
from clusters.k_density import k_density
from clusters.ripley import ripleys_k

__all__ = [
    "TheilDecomposition",
    "atkinson_index",
    "ellison_glaeser_index",
    "geographic_concentration",
    "gini_index",
    "herfindahl_index",
    "k_density",
    "locational_gini",
    "maurel_sedillot_index",
    "ripleys_k",
    "theil_decomposition",
    "theil_index",
]

ROUNDED_PERCENT = 101  # shares printed without decimals may add up to a little more than 100


def herfindahl_index(
    values: ArrayLike, *, scale: Literal["fraction", "points"] = "fraction", percent_shares: bool = False,
    normalized: bool = False,
) -> float:  # fmt: skip
    """Sum of squared shares: how far a total is in few hands.

    Parameters
    ----------
    values : array_like of shape (n,)
        Amounts of the units (firms) in any unit, at least 0, turned into shares of their sum; units of 0 count in n.
    scale : 'fraction' or 'points'
        From 1/n to 1, or from 10,000/n to 10,000 as competition authorities print it.
    percent_shares : bool
        The values are shares in percent and are squared as given, although they may not add up to 100.
    normalized : bool
        Take away what n equal units would have, so that 0 means equal and 1 (10,000) one unit with all.

    Returns
    -------
    float
        NaN without amounts or when all are 0. One unit gives 1, normalized too.

    Raises
    ------
    BadValue
        When an amount is negative or not finite, or shares in percent add up to more than 100 and rounding.

    Notes
    -----
    .. math:: H = \\sum_i s_i^2, \\qquad H^* = \\frac{H - 1/n}{1 - 1/n}

    Reading: 1/H is the number of equal firms that would be as concentrated. In points, the U.S. merger guidelines of
    2023 call a market above 1,800 highly concentrated.

    Limits: sizes alone, no places and no owners; firms of one group count apart unless they are added up before.
    Firms that are missing from the list make it too high.

    References
    ----------
    Hirschman, A. O. (1964). The paternity of an index. American Economic Review 54(5), 761–762.

    Examples
    --------
    >>> herfindahl_index([2, 1, 1]), herfindahl_index([40, 30, 15, 15], percent_shares=True, scale="points")
    (0.375, 2950.0)
    """
    check_choice(scale, "scale", ("fraction", "points"))
    amounts = check_amounts(values, "values")
    whole = amounts.sum()
    if percent_shares and whole > ROUNDED_PERCENT:
        raise BadValue("values", [float(whole)], "shares in percent that add up to no more than 100")
    if not whole > 0:
        return np.nan
    n, unit = len(amounts), 10_000 if scale == "points" else 1
    index = float((amounts**2).sum()) / 10_000 if percent_shares else float(((amounts / whole) ** 2).sum())
    if normalized:
        index = (index - 1 / n) / (1 - 1 / n) if n > 1 else 1.0
    return index * unit


def gini_index(values: ArrayLike, *, corrected: bool = False) -> float:
    """Gini index of amounts: half the mean distance between two units, relative to the mean.

    Parameters
    ----------
    values : array_like of shape (n,)
        Amounts of the units (firms, districts) in any unit, at least 0.
    corrected : bool
        Multiply by n/(n - 1), so that one unit with all gives 1 however few units there are.

    Returns
    -------
    float
        From 0 to 1 - 1/n, or to 1 when corrected. NaN without amounts, when all are 0, and corrected for one unit.

    Raises
    ------
    BadValue
        When an amount is negative or not finite.

    Notes
    -----
    .. math:: G = \\frac{\\sum_{i=1}^{n} (2i - n - 1)\\, x_{(i)}}{n \\sum_i x_i}, \\qquad G_c = \\frac{n}{n - 1}\\, G

    with amounts in ascending order.

    Reading: 0 means that all are alike, near 1 that one has nearly all. A half: two units drawn at random differ by the
    mean on average.

    Limits: uncorrected, small sets cannot reach 1; different distributions share one value. It is most sensitive
    around the middle of the distribution, not to its giants.

    References
    ----------
    Sen, A. (1973). On Economic Inequality. Oxford University Press, 29–31.

    Examples
    --------
    >>> gini_index([1, 1, 2, 4]), round(gini_index([1, 1, 2, 4], corrected=True), 10)
    (0.3125, 0.4166666667)
    """
    amounts = np.sort(check_amounts(values, "values"))
    n, whole = len(amounts), amounts.sum()
    if not whole > 0 or (corrected and n == 1):
        return np.nan
    index = float(((2 * np.arange(1, n + 1) - n - 1) * amounts).sum() / (n * whole))
    return index * n / (n - 1) if corrected else index

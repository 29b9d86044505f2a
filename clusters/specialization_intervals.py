"""How sure is a location quotient of counts?

Each counted unit (a firm, a person) is taken for an independent draw that falls into the industry with the probability
of its region. Persons of one firm are not independent, so for employment these limits are too narrow; for revenue,
where one giant decides, resample firms (``specialization_bootstrap``).
"""

from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import ndtri

from clusters.activity import Activity, Amounts, read_activity
from clusters.checking import CONFIDENCE, Floats, check_between, check_choice
from clusters.errors import BadValue
from data import columns as c

Relation = Literal["nested", "independent", "known"]
Method = Literal["delta", "fieller"]


def location_quotient_interval(
    activity: Amounts, base: Amounts | None = None, *, total: Amounts | None = None, base_total: float | None = None,
    relation: Relation = "nested", method: Method = "delta", confidence: float = CONFIDENCE,
) -> pd.DataFrame:  # fmt: skip
    """Location quotients of counts with the limits of a confidence interval and the number of units behind each.

    Parameters
    ----------
    activity : Series, DataFrame or array_like
        Units counted (firms) by industry, whole numbers; a table has regions as rows and industries as columns.
    base : Series or array_like, optional
        The same for the base; the column sums of a table by default.
    total : float, Series or array_like, optional
        All units of the region (of each region); the sum of the listed industries by default.
    base_total : float, optional
        All units of the base; the sum of the listed industries by default.
    relation : 'nested', 'independent' or 'known'
        The base contains the region; is a sample of its own; or is known exactly (a census, then of any numbers).
    method : 'delta' or 'fieller'
        From the logarithm of the quotient by the delta method, or from Fieller's theorem on the ratio of two shares.
    confidence : float
        Above 0, below 1.

    Returns
    -------
    DataFrame
        A row for each cell, by industry or by region and industry: location_quotient, lower_limit, upper_limit, count,
        region_count. NaN where the quotient is not defined.

    Raises
    ------
    BadValue
        When a count is negative or not whole, labels or lengths differ, or a nested base is smaller than the region.

    Notes
    -----
    With :math:`x` of :math:`n` units of the region and :math:`X` of :math:`N` of the base in the industry,
    :math:`p = x/n`, :math:`P = X/N`, the delta limits are

    .. math:: LQ \\cdot \\exp\\left(\\pm z \\sqrt{v}\\right)

    where for a nested base, with :math:`x' = X - x`, :math:`n' = N - n` and :math:`p' = x'/n'`,

    .. math:: v = \\left(\\frac{1}{x} - \\frac{1}{X}\\right)^2 n\\,p(1-p) + \\frac{n' p' (1-p')}{X^2},

    for an independent one :math:`v = (1-p)/x + (1-P)/X` and for a known one :math:`v = (1-p)/x`. Fieller's limits are
    the roots :math:`\\theta` of

    .. math:: (p - \\theta P)^2 = z^2 \\left(\\sigma_{pp} - 2 \\theta \\sigma_{pP} + \\theta^2 \\sigma_{PP}\\right)

    with :math:`\\sigma` the estimated variances and covariance of both shares; they reach from 0 to infinity when the
    base share itself is not distinct from 0. At :math:`x = 0` both give :math:`[0, u / P]` with
    :math:`u = 1 - (\\alpha/2)^{1/n}`, the Clopper–Pearson upper limit of :math:`p`. A share observed as 1
    (:math:`x = n`), or as 0 in the rest of a nested base (:math:`X = x`), shows no variance; there the lower limit goes
    down, if it is not lower already, to the quotient with the Clopper–Pearson limit in that share's place.

    Reading: with a lower limit above 1 the region is specialized, with an upper limit below 1 it is not, at the stated
    confidence; with 1 between them the counts do not tell.

    Limits: below about 5 units in a cell the limits are rough; simulated coverage of 95 % limits is in the page on
    reliability. Of 120 cells about 6 stray from 1 by chance alone. The independent formula on nested data is too wide.

    References
    ----------
    Clopper, C. J., Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case of the
    binomial. Biometrika 26(4), 404–413.

    Fieller, E. C. (1954). Some problems in interval estimation. Journal of the Royal Statistical Society B 16(2),
    175–185.

    Examples
    --------
    >>> firms = pd.DataFrame({"software": [30, 30, 0], "chips": [10, 20, 10]}, index=["甲", "乙", "丙"])
    >>> location_quotient_interval(firms).loc["甲"].round(3)
              location_quotient  lower_limit  upper_limit  count  region_count
    software              1.250        1.071        1.459     30            40
    chips                 0.625        0.400        0.975     10            40
    """
    check_choice(relation, "relation", ("nested", "independent", "known"))
    check_choice(method, "method", ("delta", "fieller"))
    alpha = 1 - check_between(confidence, "confidence", low=0, high=1)
    read = read_activity(activity, base, total=total, base_total=base_total)
    _check_counts(read, relation)
    with np.errstate(divide="ignore", invalid="ignore"):
        limits = _delta if method == "delta" else _fieller
        lower, upper = limits(read, relation, float(ndtri(1 - alpha / 2)))
        lower, upper = _at_the_edges(read, relation, alpha, lower, upper)
    undefined = np.isnan(read.quotients)
    columns = {
        c.LOCATION_QUOTIENT: read.quotients,
        c.LOWER_LIMIT: np.where(undefined, np.nan, lower),
        c.UPPER_LIMIT: np.where(undefined, np.nan, upper),
        c.COUNT: read.amounts.astype(np.int64),
        c.REGION_COUNT: np.broadcast_to(read.total[:, np.newaxis], read.amounts.shape).astype(np.int64),
    }
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=read.cells)


def _check_counts(read: Activity, relation: Relation) -> None:
    counted = [("activity", read.amounts), ("total", read.total)]
    if relation != "known":
        counted += [("base", read.base), ("base_total", np.array([read.base_total]))]
    for name, counts in counted:
        parts = counts[counts != np.floor(counts)]
        if len(parts):
            raise BadValue(name, parts.tolist(), "whole numbers")
    if relation == "nested":
        rest, others = read.base - read.amounts, read.base_total - read.total[:, np.newaxis]
        outside = (rest < 0) | (others < rest)
        if outside.any():
            whole = np.broadcast_to(read.base, rest.shape)[outside]
            pairs = [f"{x:g} of {base:g}" for x, base in zip(read.amounts[outside], whole, strict=True)]
            raise BadValue("a nested base", pairs, "one that contains the region, in every industry and in all")


def _delta(read: Activity, relation: Relation, z: float) -> tuple[Floats, Floats]:
    x, base_x = read.amounts, read.base
    p, base_p = read.shares, read.base_shares
    if relation == "nested":
        _, spread, rest_spread = _nested_spread(read)
        variance = (1 / x - 1 / base_x) ** 2 * spread + rest_spread / base_x**2
    else:
        variance = (1 - p) / x + ((1 - base_p) / base_x if relation == "independent" else 0)
    factor = np.exp(z * np.sqrt(variance))
    return read.quotients / factor, read.quotients * factor


def _fieller(read: Activity, relation: Relation, z: float) -> tuple[Floats, Floats]:
    n, base_n = read.total[:, np.newaxis], read.base_total
    p, base_p = read.shares, read.base_shares
    own, base, shared = p * (1 - p) / n, base_p * (1 - base_p) / base_n * np.ones_like(p), np.zeros_like(p)
    if relation == "nested":
        _, spread, rest_spread = _nested_spread(read)
        base, shared = (spread + rest_spread) / base_n**2, spread / (n * base_n)
    elif relation == "known":
        base = np.zeros_like(p)
    square, cross, constant = base_p**2 - z**2 * base, p * base_p - z**2 * shared, p**2 - z**2 * own
    root = np.sqrt(np.maximum(cross**2 - square * constant, 0))
    bounded = square > 0
    return (
        np.where(bounded, np.maximum((cross - root) / square, 0), 0),
        np.where(bounded, (cross + root) / square, np.inf),
    )


def _nested_spread(read: Activity) -> tuple[Floats, Floats, Floats]:
    """Units outside the region, and the variances of the counts inside and outside of it."""
    p, others = read.shares, read.base_total - read.total[:, np.newaxis]
    rest_p = np.where(others > 0, (read.base - read.amounts) / others, 0)
    return others, read.total[:, np.newaxis] * p * (1 - p), others * rest_p * (1 - rest_p)


def _at_the_edges(
    read: Activity, relation: Relation, alpha: float, lower: Floats, upper: Floats
) -> tuple[Floats, Floats]:
    """Clopper–Pearson limits where a share is observed as 0 or 1 and its estimated variance says nothing."""
    x, n, base_p = read.amounts, read.total[:, np.newaxis], read.base_shares
    least = (alpha / 2) ** (1 / n)
    lower = np.where(x == n, np.fmin(lower, least / base_p), lower)
    if relation == "nested":
        others, *_ = _nested_spread(read)
        most = 1 - (alpha / 2) ** (1 / others)
        alone = (read.base == x) & (others > 0)
        lower = np.where(alone, np.fmin(lower, read.shares * read.base_total / (x + others * most)), lower)
    return np.where(x == 0, 0.0, lower), np.where(x == 0, (1 - least) / base_p, upper)

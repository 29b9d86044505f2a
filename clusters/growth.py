"""How fast something grew, and how fast it would have to grow to reach a goal.

A total over whoever happened to be observed mixes growth with coverage; so every rate of a group of firms here is of
matched firms, with n. The firms were matched once for the dataset (``data.matched``); here their sums are grouped.
Between two levels growth is compound; a required path says what the arithmetic asks and not what is likely, which is
the question of ``clusters.outlook``. Who grew because of what is `shift_share`, in a module of its own.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

import numpy as np
import pandas as pd

from clusters.errors import BadValue
from clusters.shift_share import shift_share
from data import columns as c
from data.parts import counted_once

__all__ = [
    "RequiredPath",
    "compound_growth_rate",
    "discounted_path",
    "distance_to_path",
    "matched_growth",
    "required_path",
    "shift_share",
]

Number = TypeVar("Number", float, Fraction)


@dataclass(frozen=True, eq=False)
class RequiredPath:
    """What reaching a target asks.

    Attributes
    ----------
    path : Series
        Level at each year (or at each number of intervals from 0), from the level now to the target.
    required_growth : float
        Compound growth a year; 0.05 is 5 %.
    linear_pace : float
        Equal amount a year, in the unit of the levels.
    gap, gap_share : float
        Target minus the level now, in its unit and as a share of the target; negative once the target is passed.
    implied_base : float
        Level now that the stated growth a year would start from; NaN when none was stated.
    """

    path: pd.Series
    required_growth: float
    linear_pace: float
    gap: float
    gap_share: float
    implied_base: float


def compound_growth_rate(begin: float, end: float, intervals: int) -> float:
    r"""Compound growth a year.

    The constant growth a year that leads from one level to another.

    Parameters
    ----------
    begin, end : float
        Positive amounts in the same unit.
    intervals : int
        Number of years between them (not of observations), at least 1.

    Returns
    -------
    float
        0.05 means 5 % a year.

    Raises
    ------
    BadValue
        When an amount is not positive and finite or ``intervals`` is no whole number from 1.

    Notes
    -----
    With V the amount and n the number of intervals,

    .. math:: g = \left( \frac{V_{t_0 + n}}{V_{t_0}} \right)^{1/n} - 1

    Reading: the constant rate that leads from the first amount to the last; 0.153 is 15.3 % a year. It is below the
    arithmetic mean of the yearly rates whenever these differ.

    Limits: only the two ends count, so an odd first or last year carries the whole rate. Needs two positive amounts of
    one scope and one set of firms; over one or two intervals it is a change and no trend.

    References
    ----------
    .. [1] International Monetary Fund (2017). "Quarterly National Accounts Manual", 2017 edition. Washington, DC.

    Examples
    --------
    >>> round(compound_growth_rate(100, 121, 2), 10)
    0.1
    """
    _check_positive(begin=begin, end=end)
    _check_intervals(intervals)
    return float((end / begin) ** (1 / intervals) - 1)


def required_path(
    now: float,
    target: float,
    intervals: int | None = None,
    *,
    now_year: int | None = None,
    target_year: int | None = None,
    annual_rate: float | None = None,
) -> RequiredPath:
    r"""Path from the level now to a target.

    The compound path that just arrives, the growth a year that it asks, the equal amount a year that would do instead,
    and the gap. A plan's own path, which starts from its stated growth and not from a level, is
    ``clusters.plan.required_path``.

    Parameters
    ----------
    now, target : float
        Positive amounts in the same unit and scope.
    intervals : int, optional
        Years until the target is due, at least 1; may be left out when both years are given.
    now_year, target_year : int, optional
        Calendar years of the two levels; the path is then indexed by year.
    annual_rate : float, optional
        A stated growth a year, above -1 (0.153 is 15.3 %), for ``implied_base``.

    Returns
    -------
    RequiredPath

    Raises
    ------
    BadValue
        When an amount is not positive and finite, the target is not due at least one year on, years and intervals
        disagree, or the rate is not above -1.

    Notes
    -----
    .. math:: g = \left(\frac{T}{V_0}\right)^{1/n} - 1, \qquad V_t = V_0 (1 + g)^{t},
        \qquad B = \frac{T}{(1 + r)^{n}}, \qquad p = \frac{T - V_0}{n}

    with :math:`V_0` the level now, :math:`T` the target, :math:`n` the intervals, :math:`r` the stated growth,
    :math:`B` the implied base and :math:`p` the linear pace.

    Reading: a required growth far above what the same firms reached in the years behind says that the goal asks for
    something that has not been seen there yet. An implied base that differs from the level now says that the stated
    growth was meant from another level, scope or year.

    Limits: arithmetic, no forecast; it holds for two levels of one scope and says nothing of how likely the path is.

    References
    ----------
    .. [1] International Monetary Fund (2017). "Quarterly National Accounts Manual", 2017 edition. Washington, DC.

    Examples
    --------
    >>> asked = required_path(100, 121, now_year=2021, target_year=2023, annual_rate=0.21)
    >>> asked.path.round(6).to_dict(), round(asked.required_growth, 6)
    ({2021: 100.0, 2022: 110.0, 2023: 121.0}, 0.1)
    >>> round(asked.linear_pace, 6), round(asked.gap, 6), round(asked.implied_base, 6)
    (10.5, 21.0, 82.644628)
    """
    steps = _intervals_between(intervals, now_year, target_year)
    _check_positive(now=now, target=target)
    growth = compound_growth_rate(now, target, steps)
    if annual_rate is not None and not (np.isfinite(annual_rate) and annual_rate > -1):
        raise BadValue("annual_rate", annual_rate, "a growth a year above -1")
    first = now_year if now_year is not None else target_year - steps if target_year is not None else 0
    index = pd.RangeIndex(first, first + steps + 1, name=c.YEAR if first else c.INTERVALS)
    return RequiredPath(
        path=pd.Series(discounted_path(float(target), growth, steps), index=index, name="path"),
        required_growth=growth,
        linear_pace=float(target - now) / steps,
        gap=float(target - now),
        gap_share=float(target - now) / target,
        implied_base=np.nan if annual_rate is None else discounted_path(float(target), annual_rate, steps)[0],
    )


def discounted_path(target: Number, growth: Number, intervals: int) -> list[Number]:
    """Levels that lead to a target at a growth a year, the first ``intervals`` years before it, the last the target.

    Exact with fractions, so that a plan's path can be rounded once.

    Examples
    --------
    >>> discounted_path(Fraction(121), Fraction(1, 10), 2)
    [Fraction(100, 1), Fraction(110, 1), Fraction(121, 1)]
    """
    return [target / (1 + growth) ** (intervals - step) for step in range(intervals + 1)]


def distance_to_path(actual: pd.Series, path: pd.Series) -> pd.DataFrame:
    r"""How far actual levels are ahead of a path, or behind it.

    Parameters
    ----------
    actual, path : Series
        CNY by year; finite, the path positive. Years of only one of them are left out.

    Returns
    -------
    DataFrame
        Indexed by year: actual_cny, path_cny, ahead_cny, ahead_share (of the path).

    Raises
    ------
    BadValue
        When a level is not finite, one of the path is not positive, or a year is there twice.

    Notes
    -----
    .. math:: a_t = V_t - P_t, \qquad \frac{a_t}{P_t}

    Reading: -0.1 says that the year's level is a tenth below what the path asks for by then.

    Limits: both must be of one scope; a preliminary figure may be revised by more than it is behind.

    Examples
    --------
    >>> distance_to_path(pd.Series({2021: 90}), pd.Series({2021: 100.0, 2022: 110.0})).to_dict("index")
    {2021: {'actual_cny': 90.0, 'path_cny': 100.0, 'ahead_cny': -10.0, 'ahead_share': -0.1}}
    """
    for name, levels in (("actual", actual), ("path", path)):
        if not levels.index.is_unique:
            raise BadValue(f"the index of {name}", levels.index.tolist(), "years, each once")
        wrong = levels[~np.isfinite(levels.to_numpy(float)) | ((name == "path") & (levels.to_numpy(float) <= 0))]
        if len(wrong):
            expected = "a finite amount" if name == "actual" else "a finite amount above 0"
            raise BadValue(f"{name}[{wrong.index[0]}]", wrong.iloc[0], expected)
    both = actual.index.intersection(path.index, sort=True).rename(c.YEAR)
    levels, asked = actual.loc[both].astype(float), path.loc[both].astype(float)
    ahead = levels - asked
    return pd.DataFrame({c.ACTUAL_CNY: levels, c.PATH_CNY: asked, c.AHEAD_CNY: ahead, c.AHEAD_SHARE: ahead / asked})


def matched_growth(
    matched: pd.DataFrame, *, base_year: int, year: int, by: list[str], annual_rate: float | None = None
) -> pd.DataFrame:
    r"""Growth and pace of groups of firms between two years, on the firms observed in both.

    Parameters
    ----------
    matched : DataFrame
        Sums over matched firms of each pair of years, under one reading of place (see ``data.matched``).
    base_year, year : int
        ``base_year`` lies before ``year``.
    by : list of str
        Columns that form the groups.
    annual_rate : float, optional
        A planned growth a year (0.153 is 15.3 %); adds ``path_cny``, the matched base grown at that rate.

    Returns
    -------
    DataFrame
        Indexed by ``by``: matched_firms, base_cny, matched_cny, growth (a year; missing when the base is not positive)
        and, with ``annual_rate``, path_cny. Groups without a matched firm are absent.

    Raises
    ------
    BadValue
        When ``base_year`` does not lie before ``year``.

    Notes
    -----
    Over the firms M that are observed in both years :math:`t_0 < t`, with V their revenue,

    .. math:: g = \left( \frac{\sum_{i \in M} V_{i,t}}{\sum_{i \in M} V_{i,t_0}} \right)^{1/(t - t_0)} - 1

    .. math:: \mathrm{path}_t = (1 + g^{*})^{t - t_0} \sum_{i \in M} V_{i,t_0}

    where :math:`g^{*}` is the planned rate.

    Reading: growth of the same firms, so a firm that is newly observed adds nothing. An amount above the path is ahead
    of the planned rate.

    Limits: firms that were born, died or moved are left out, which favors survivors. Read it with the number of matched
    firms; one large firm can be most of it.

    References
    ----------
    .. [1] Davis, S. J., Haltiwanger, J. C. and Schuh, S. (1996). "Job Creation and Destruction". MIT Press.

    Examples
    --------
    >>> towns = pd.DataFrame({"district_id": ["X", "X"], "base_year": 2020, "year": [2021, 2022],
    ...                       "matched_firms": 1, "base_cny": 10, "matched_cny": [12, 20]})
    >>> matched_growth(towns, base_year=2020, year=2021, by=["district_id"]).round(3).to_dict("index")
    {'X': {'matched_firms': 1, 'base_cny': 10, 'matched_cny': 12, 'growth': 0.2}}
    """
    if base_year >= year:
        raise BadValue("base_year", base_year, f"a year before {year}")
    pair = matched[(matched[c.BASE_YEAR] == base_year) & (matched[c.YEAR] == year)]
    pair = pair if c.SUBSECTOR_ID in by else counted_once(pair)
    result = pair.groupby(by)[[c.MATCHED_FIRMS, c.BASE_CNY, c.MATCHED_CNY]].sum()
    ratio = result[c.MATCHED_CNY] / result[c.BASE_CNY].where(result[c.BASE_CNY] > 0)
    result[c.GROWTH] = ratio ** (1 / (year - base_year)) - 1
    if annual_rate is not None:
        result[c.PATH_CNY] = result[c.BASE_CNY] * (1 + annual_rate) ** (year - base_year)
    return result


def _check_positive(**amounts: float) -> None:
    for name, amount in amounts.items():
        if not (np.isfinite(amount) and amount > 0):
            raise BadValue(name, amount, "a positive amount, since growth from or to anything else is not defined")


def _check_intervals(intervals: int) -> None:
    if intervals != int(intervals) or intervals < 1:
        raise BadValue("intervals", intervals, "a whole number of years, at least 1")


def _intervals_between(intervals: int | None, now_year: int | None, target_year: int | None) -> int:
    between = None if now_year is None or target_year is None else target_year - now_year
    steps = between if intervals is None else intervals
    if steps is None:
        raise BadValue("intervals", [], "given, or else both now_year and target_year")
    if between is not None and between != steps:
        raise BadValue("intervals", intervals, f"{between}, the years from {now_year} to {target_year}")
    _check_intervals(steps)
    return int(steps)

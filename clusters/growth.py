"""Growth of a group of firms between two years, on the firms observed in both.

A total over whoever happened to be observed mixes growth with coverage; so every rate here is of matched firms, with n.
The firms were matched once for the dataset (``data.matched``); here their sums are grouped.
Formulas: notes on compound growth and required paths in ``docs/methods.md``.
"""

import pandas as pd

from data import columns as c
from data.parts import counted_once


def compound_growth_rate(begin: float, end: float, intervals: int) -> float:
    r"""Compound growth a year, ``(end / begin) ** (1 / intervals) - 1``.

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
    ValueError
        When an amount is not positive or ``intervals`` is below 1.

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
    if not (begin > 0 and end > 0):
        raise ValueError(f"growth needs positive amounts, got {begin} and {end}")
    if intervals < 1:
        raise ValueError(f"growth needs at least one interval, got {intervals}")
    return float((end / begin) ** (1 / intervals) - 1)


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
    ValueError
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
        raise ValueError(f"the base year {base_year} must lie before {year}")
    pair = matched[(matched[c.BASE_YEAR] == base_year) & (matched[c.YEAR] == year)]
    pair = pair if c.SUBSECTOR_ID in by else counted_once(pair)
    result = pair.groupby(by)[[c.MATCHED_FIRMS, c.BASE_CNY, c.MATCHED_CNY]].sum()
    ratio = result[c.MATCHED_CNY] / result[c.BASE_CNY].where(result[c.BASE_CNY] > 0)
    result[c.GROWTH] = ratio ** (1 / (year - base_year)) - 1
    if annual_rate is not None:
        result[c.PATH_CNY] = result[c.BASE_CNY] * (1 + annual_rate) ** (year - base_year)
    return result

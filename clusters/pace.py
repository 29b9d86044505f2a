"""Pace of a district against the plan's growth: what its own base would have to be by now.

The plan asks 15.3 % a year of the city's revenue (T2) and nothing of a district; so this is a reference, never a goal.
Only firms observed in the base year and in the year take part.
"""

import pandas as pd

from clusters.growth import matched_growth
from clusters.plan import Plan
from clusters.plan_records import LevelTarget
from data import columns as c


def revenue_rate(plan: Plan) -> float | None:
    """Growth a year that the plan asks of revenue, from its level target for 营业收入; 0.153 is 15.3 %."""
    rates = [
        t.cagr_pct
        for t in plan.quantified_targets
        if isinstance(t, LevelTarget) and t.cagr_pct is not None and t.metric.endswith("营业收入")
    ]
    return rates[0] / 100 if rates else None


def pace_of_clusters(plan: Plan, matched: pd.DataFrame, *, year: int, base_year: int | None = None) -> pd.DataFrame:
    r"""Matched growth and distance to the plan's path, by subsector.

    Parameters
    ----------
    plan : Plan
    matched : DataFrame
        Matched firms of one area under one reading of place (see ``data.matched``).
    year : int
    base_year : int, optional
        The plan's assumed base year when left out.

    Returns
    -------
    DataFrame
        Indexed by subsector_id: the columns of ``clusters.growth.matched_growth``. Empty when ``year`` does not lie
        after the base year or the plan names no growth of revenue.

    Notes
    -----
    With :math:`g^{*}` the growth a year that the plan asks of revenue and :math:`t_0` its base year,

    .. math:: \mathrm{distance}_t = \sum_{i \in M} V_{i,t} - (1 + g^{*})^{t - t_0} \sum_{i \in M} V_{i,t_0}

    over the firms M observed in both years.

    Reading: above zero the matched firms grew faster than the plan asks of the city.

    Limits: the plan sets the rate for the whole city and a statistical scope, so for a district or subsector it is a
    reference and no goal. Needs at least one firm observed in both years; with few firms it is the story of those
    firms.

    References
    ----------
    .. [1] Shenzhen Municipal Bureau of Industry and Information Technology. "Implementation Plan for the Innovative
       Development of the Digital Economy Industry in Shenzhen, 2021-2023" (in Chinese).

    Examples
    --------
    >>> from clusters.plan import open_plan
    >>> plan = open_plan("shenzhen-digital-economy-2021-2023")
    >>> matched = pd.DataFrame({"district_id": "X", "subsector_id": ["S01"], "base_year": 2020, "year": 2021,
    ...                         "matched_firms": 1, "base_cny": 1000, "matched_cny": 1200})
    >>> pace_of_clusters(plan, matched, year=2021, base_year=2020)[["growth", "path_cny"]].round(3).values.tolist()
    [[0.2, 1153.0]]
    """
    base_year = base_year or plan.period.base_year_assumed
    rate = revenue_rate(plan)
    if base_year is None or rate is None or year <= base_year:
        return pd.DataFrame(columns=[c.MATCHED_FIRMS, c.BASE_CNY, c.MATCHED_CNY, c.GROWTH, c.PATH_CNY])
    return matched_growth(matched, base_year=base_year, year=year, by=[c.SUBSECTOR_ID], annual_rate=rate)

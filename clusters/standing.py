"""Where the clusters stand in one year: totals, tiers, gaps, dependence on the largest firm, shares and ranks.

A cluster is one subsector of the plan, citywide (reading A4 of the plan); its part in a district is a fact about that
district and no goal of the plan. Sums are exact integers, so that districts always add up to the city.
"""

from collections.abc import Iterable

import pandas as pd

from clusters.errors import UnknownYear
from clusters.tiers import gap_to_next_cny, scale_tier
from data import columns as c
from data.dataset import Dataset, Place, Status, firm_districts


def observed_firms(dataset: Dataset, *, place: Place = "registered") -> pd.DataFrame:
    """Usable observations of all years with each firm's subsector and district.

    Parameters
    ----------
    dataset : Dataset
    place : 'registered' or 'operating'
        Where revenue counts (reading A6). Firms that operate outside the city leave under 'operating'.

    Returns
    -------
    DataFrame
        firm_id, year, revenue_cny, status, source, subsector_id, district_id (``'unplaced'`` when unknown).
    """
    firms = dataset.firms
    where = firms[[c.SUBSECTOR_ID]].assign(**{c.DISTRICT_ID: firm_districts(firms, place)})
    joined = dataset.usable.join(where, on=c.FIRM_ID)
    return joined[joined[c.DISTRICT_ID] != c.OUTSIDE].reset_index(drop=True)


def check_year(dataset: Dataset, year: int) -> int:
    """The year, when the data hold an observation of it.

    Raises
    ------
    UnknownYear
    """
    if year not in dataset.years:
        raise UnknownYear(year, dataset.years)
    return year


def cluster_totals(observed: pd.DataFrame, by: list[str] | None = None) -> pd.DataFrame:
    """Totals of groups of firms in one year.

    Parameters
    ----------
    observed : DataFrame
        One row a firm (see ``observed_firms``), of one year.
    by : list of str, optional
        Columns that form the groups; the subsector by default.

    Returns
    -------
    DataFrame
        Indexed by ``by``: total_cny (int64, CNY), firms, top_firm_id, top1_cny, top1_share, tier, gap_to_next_cny.

    Examples
    --------
    >>> four = pd.DataFrame({"firm_id": list("abcd"), "subsector_id": ["S1", "S1", "S1", "S2"],
    ...                      "revenue_cny": [6, 3, 1, 10**11]})
    >>> cluster_totals(four)[["total_cny", "firms", "top1_share", "tier"]].to_dict("list")
    {'total_cny': [10, 100000000000], 'firms': [3, 1], 'top1_share': [0.6, 1.0],
     'tier': [<ScaleTier.BELOW: 'BELOW'>, <ScaleTier.CNY_1E11: 'CNY_1E11'>]}
    """
    by = by or [c.SUBSECTOR_ID]
    ordered = observed.sort_values([c.REVENUE_CNY, c.FIRM_ID], ascending=[False, True])
    totals = ordered.groupby(by).agg(
        **{
            c.TOTAL_CNY: (c.REVENUE_CNY, "sum"),
            c.FIRMS: (c.FIRM_ID, "nunique"),
            c.TOP_FIRM_ID: (c.FIRM_ID, "first"),
            c.TOP1_CNY: (c.REVENUE_CNY, "first"),
        }
    )
    totals[c.TOP1_SHARE] = totals[c.TOP1_CNY] / totals[c.TOTAL_CNY].where(totals[c.TOTAL_CNY] > 0)
    tiers = [scale_tier(int(v)) for v in totals[c.TOTAL_CNY]]
    totals[c.TIER] = pd.Series(tiers, index=totals.index, dtype=object)  # pandas would make plain text of them
    totals[c.GAP_CNY] = [gap_to_next_cny(int(v)) for v in totals[c.TOTAL_CNY]]
    return totals


def district_clusters(observed: pd.DataFrame) -> pd.DataFrame:
    """Each district's part in each cluster of one year, with its share of the city and its rank among the districts.

    Parameters
    ----------
    observed : DataFrame
        One row a firm (see ``observed_firms``), of one year.

    Returns
    -------
    DataFrame
        Indexed by subsector_id and district_id (``'unplaced'`` included): the columns of ``cluster_totals`` plus
        city_share, rank (1 is the largest; ties share the better rank; missing for ``'unplaced'``) and ranked, the
        number of districts ranked. Pairs without a firm are absent.

    Examples
    --------
    >>> towns = pd.DataFrame({"firm_id": list("abc"), "subsector_id": "S1", "district_id": ["X", "X", "Y"],
    ...                       "revenue_cny": [5, 1, 2]})
    >>> district_clusters(towns)[["total_cny", "city_share", "rank", "ranked"]].values.tolist()
    [[6.0, 0.75, 1.0, 2.0], [2.0, 0.25, 2.0, 2.0]]
    """
    parts = cluster_totals(observed, [c.SUBSECTOR_ID, c.DISTRICT_ID])
    city = parts.groupby(c.SUBSECTOR_ID)[c.TOTAL_CNY].transform("sum")
    parts[c.CITY_SHARE] = parts[c.TOTAL_CNY] / city.where(city > 0)
    placed = parts[parts.index.get_level_values(c.DISTRICT_ID) != c.UNPLACED].groupby(c.SUBSECTOR_ID)[c.TOTAL_CNY]
    parts[c.RANK] = placed.rank(method="min", ascending=False)
    parts[c.RANKED] = placed.transform("size")
    return parts


def without_largest_cny(totals: pd.DataFrame) -> pd.Series:
    """What is left of each total when its largest firm leaves, CNY."""
    return (totals[c.TOTAL_CNY] - totals[c.TOP1_CNY]).rename(c.TOTAL_CNY)


def coverage(
    dataset: Dataset, observed: pd.DataFrame, *, place: Place = "registered", district_id: str | None = None
) -> dict[str, object]:
    """How much of what we know the observations of one year cover.

    Parameters
    ----------
    dataset : Dataset
    observed : DataFrame
        The observations behind a figure, of one year and, with ``district_id``, of one district.
    place : 'registered' or 'operating'
        The reading under which they were drawn.
    district_id : str, optional
        Compare with the firms of this district only.

    Returns
    -------
    dict
        firms (with an observation), of_firms (in the data, here), share (0–1; ``None`` without firms), sourced_firms,
        sourced_share (of the revenue, 0–1; ``None`` without revenue), elsewhere_share (of the revenue: firms whose
        office is known to lie in another district or outside the city), unplaced_firms, place.
    """
    where = firm_districts(dataset.firms, place)
    firms = dataset.firms if district_id is None else dataset.firms[where == district_id]
    registered, operating = firms[c.REGISTERED_DISTRICT_ID], firms[c.OPERATING_DISTRICT_ID]
    elsewhere = firms.index[operating.notna() & (operating != registered)]
    usable = dataset.usable[dataset.usable[c.YEAR].isin(observed[c.YEAR].unique())]
    usable = usable[usable[c.FIRM_ID].isin(firms.index)]
    total, whole = int(observed[c.REVENUE_CNY].sum()), int(usable[c.REVENUE_CNY].sum())
    sourced = observed[observed[c.STATUS] == Status.SOURCED]
    moved = int(usable.loc[usable[c.FIRM_ID].isin(elsewhere), c.REVENUE_CNY].sum())
    counted = int(observed[c.FIRM_ID].nunique())
    return {
        "firms": counted,
        "of_firms": len(firms),
        "share": counted / len(firms) if len(firms) else None,
        "sourced_firms": int(sourced[c.FIRM_ID].nunique()),
        "sourced_share": int(sourced[c.REVENUE_CNY].sum()) / total if total else None,
        "elsewhere_share": moved / whole if whole else None,
        "unplaced_firms": int((observed[c.DISTRICT_ID] == c.UNPLACED).sum()),
        "place": place,
    }


def select(observed: pd.DataFrame, *, year: int, subsectors: Iterable[str] = ()) -> pd.DataFrame:
    """Observations of one year, of some subsectors when any are named."""
    rows = observed[observed[c.YEAR] == year]
    wanted = list(subsectors)
    return rows[rows[c.SUBSECTOR_ID].isin(wanted)] if wanted else rows

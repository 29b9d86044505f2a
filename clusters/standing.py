"""Where the clusters stand in one year: totals, tiers, gaps, dependence on the largest firm, shares and ranks.

A cluster is one subsector of the plan, citywide (reading A4 of the plan); its part in a district is a fact about that
district and no goal of the plan. Sums are exact integers, so that districts always add up to the city.
"""

import math
from collections.abc import Iterable

import pandas as pd

from clusters.errors import UnknownYear
from clusters.tiers import gap_to_next_cny, scale_tier
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset, Place, firm_districts
from data.known_firms import known_firms
from data.parts import counted_once


def observed_firms(dataset: Dataset, *, place: Place = "registered") -> pd.DataFrame:
    """Usable observations of all years with each firm's main subsector and district.

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


def cluster_totals(
    cube: pd.DataFrame, by: list[str] | None = None, *, year: int, place: Place = "registered",
    subsectors: Iterable[str] = (), district_id: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    r"""Totals of groups of firms in one year.

    Parameters
    ----------
    cube : DataFrame
        See ``data.cube``.
    by : list of str, optional
        Columns that form the groups; the subsector by default.
    year : int
    place : 'registered' or 'operating'
        Where revenue counts (reading A6). Firms that operate outside the city leave under 'operating'.
    subsectors : iterable of str
        Only these, when any are named.
    district_id : str, optional
        Only this district.

    Returns
    -------
    DataFrame
        Indexed by ``by``: total_cny (int64, CNY), firms, top_firm_id, top1_cny, top1_share, tier, gap_to_next_cny. Of a
        total that is withheld from the reader (NaN, see ``data.cube``) all but the firms is missing.

    Notes
    -----
    For a group G of firms with revenue V in integer CNY,

    .. math:: T_G = \sum_{i \in G} V_i

    .. math:: \mathrm{top1}_G = \frac{\max_{i \in G} V_i}{T_G}

    Reading: the tier and the gap are decided on the unrounded integer. A top-1 share near 1 says that the cluster is
    one firm.

    Limits: a total of observed firms is a lower bound of the industry's, and no statistical figure. A missing group has
    no observation, which is not zero. Any number of firms; below three, a total may give a single firm away.

    References
    ----------
    .. [1] United Nations (2008). "International Recommendations for Industrial Statistics". Series M, No. 90.

    Examples
    --------
    >>> cube = pd.DataFrame({"place": "registered", "district_id": ["X", "Y"], "subsector_id": ["S1", "S2"],
    ...                      "year": 2021, "firms": [3, 1], "total_cny": [10, 10**11], "top_firm_id": ["a", "d"],
    ...                      "top1_cny": [6, 10**11]})
    >>> cluster_totals(cube, year=2021)[["total_cny", "firms", "top1_share", "tier"]].to_dict("list")
    {'total_cny': [10, 100000000000], 'firms': [3, 1], 'top1_share': [0.6, 1.0],
     'tier': [<ScaleTier.BELOW: 'BELOW'>, <ScaleTier.CNY_1E11: 'CNY_1E11'>]}
    """
    by = by or [c.SUBSECTOR_ID]
    totals = cube_totals(cube, by, place=place, year=year, subsectors=subsectors, district_id=district_id)
    totals[c.TOP1_SHARE] = totals[c.TOP1_CNY] / totals[c.TOTAL_CNY].where(totals[c.TOTAL_CNY] > 0)
    known = [None if math.isnan(v) else int(v) for v in totals[c.TOTAL_CNY]]
    tiers = [scale_tier(v) for v in known]
    totals[c.TIER] = pd.Series(tiers, index=totals.index, dtype=object)  # pandas would make plain text of them
    totals[c.GAP_CNY] = [gap_to_next_cny(v) for v in known]
    return totals


def district_clusters(
    cube: pd.DataFrame, *, year: int, place: Place = "registered", district_id: str | None = None
) -> pd.DataFrame:
    r"""Each district's part in each cluster of one year, with its share of the city and its rank among the districts.

    Parameters
    ----------
    cube : DataFrame
        See ``data.cube``.
    year : int
    place : 'registered' or 'operating'
    district_id : str, optional
        As if there were this district only.

    Returns
    -------
    DataFrame
        Indexed by subsector_id and district_id (``'unplaced'`` included): the columns of ``cluster_totals`` plus
        city_share, rank (1 is the largest; ties share the better rank; missing for ``'unplaced'``, and for all of a
        cluster in which a district's part is withheld) and ranked, the number of districts ranked. Pairs without a firm
        are absent.

    Notes
    -----
    With :math:`T_{k,d}` the total of cluster k in district d, and u the firms that no district could be found for,

    .. math:: s_{k,d} = \frac{T_{k,d}}{\sum_{d'} T_{k,d'} + T_{k,u}}

    .. math:: \mathrm{rank}_{k,d} = 1 + \#\{d' : T_{k,d'} > T_{k,d}\}

    Reading: a share of the city's cluster from 0 to 1; districts and the unplaced add up to 1. Ties share the better
    rank.

    Limits: revenue is booked where the firm is registered, so the district of a head office holds what its branches
    earn elsewhere. A rank among two or three districts says little.

    References
    ----------
    .. [1] Isard, W. (1960). "Methods of Regional Analysis". MIT Press.

    Examples
    --------
    >>> towns = pd.DataFrame({"place": "registered", "district_id": ["X", "Y"], "subsector_id": "S1", "year": 2021,
    ...                       "firms": [2, 1], "total_cny": [6, 2], "top_firm_id": ["a", "c"], "top1_cny": [5, 2]})
    >>> district_clusters(towns, year=2021)[["total_cny", "city_share", "rank", "ranked"]].values.tolist()
    [[6.0, 0.75, 1.0, 2.0], [2.0, 0.25, 2.0, 2.0]]
    """
    parts = cluster_totals(cube, [c.SUBSECTOR_ID, c.DISTRICT_ID], year=year, place=place, district_id=district_id)
    totals = cluster_totals(cube, year=year, place=place, district_id=district_id)[c.TOTAL_CNY]
    city = totals.reindex(parts.index.get_level_values(c.SUBSECTOR_ID)).set_axis(parts.index)
    parts[c.CITY_SHARE] = parts[c.TOTAL_CNY] / city.where(city > 0)
    placed = parts[parts.index.get_level_values(c.DISTRICT_ID) != c.UNPLACED].groupby(c.SUBSECTOR_ID)[c.TOTAL_CNY]
    whole = placed.transform("count") == placed.transform("size")
    parts[c.RANK] = placed.rank(method="min", ascending=False).where(whole)
    parts[c.RANKED] = placed.transform("size").where(whole)
    return parts


def firms_known(dataset: Dataset, *, place: Place = "registered", district_id: str | None = None) -> pd.DataFrame:
    """Cells of ``data.known_firms`` under one reading of place, of one district when it is named.

    A firm whose office lies outside the city is known and counts in the city, though its revenue does not. A firm with
    parts in several subsectors counts in each; ``data.parts.counted_once`` makes the counts of several add up.
    """
    known = known_firms(dataset)
    keep = known[c.PLACE] == place
    return known[keep if district_id is None else keep & (known[c.DISTRICT_ID] == district_id)]


def coverage(
    dataset: Dataset, *, year: int, place: Place = "registered", district_id: str | None = None
) -> dict[str, object]:
    r"""How much of what we know the observations of one year cover.

    Parameters
    ----------
    dataset : Dataset
    year : int
    place : 'registered' or 'operating'
        The reading under which firms are placed.
    district_id : str, optional
        Only the firms of this district.

    Returns
    -------
    dict
        firms (with an observation), of_firms (in the data, here), share (0–1; ``None`` without firms), sourced_firms,
        sourced_share (of the revenue, 0–1; ``None`` without revenue), elsewhere_share (of the revenue, that of firms
        outside the city included: firms whose office is known to lie in another district or outside), unplaced_firms,
        place. Of firms whose own figures are withheld no share of revenue is told (``None``).

    Notes
    -----
    With N the firms that the data know and O those among them with an observation of the year,

    .. math:: c = \frac{|O|}{|N|}

    .. math:: c_{\mathrm{sourced}} = \frac{\sum_{i \in O,\, \mathrm{sourced}} V_i}{\sum_{i \in O} V_i}

    Reading: 1 means that every firm we know of was observed. A year is well covered from 80 % of the best year's firms
    up.

    Limits: it is a share of the firms in the data, not of all firms of the city: what the data never heard of is in
    neither number.

    References
    ----------
    .. [1] Eurostat (2020). "European Statistical System Handbook for Quality and Metadata Reports".

    Examples
    --------
    >>> from data.reference import load_reference
    >>> found = coverage(load_reference(), year=2021)
    >>> found["share"] == found["firms"] / found["of_firms"]
    True
    """
    cube = cube_of(dataset)
    whole = counted_once(cube[(cube[c.PLACE] == place) & (cube[c.YEAR] == year)])
    if district_id is not None:
        whole = whole[whole[c.DISTRICT_ID] == district_id]
    inside = whole[whole[c.DISTRICT_ID] != c.OUTSIDE]
    is_free = c.HIDDEN not in whole or not whole[c.HIDDEN].any()
    firms, total = int(inside[c.FIRMS].sum()), int(inside[c.TOTAL_CNY].sum()) if is_free else 0
    everything = int(whole[c.TOTAL_CNY].sum()) if is_free else 0
    of_firms = int(counted_once(firms_known(dataset, place=place, district_id=district_id))[c.KNOWN_FIRMS].sum())
    return {
        "firms": firms,
        "of_firms": of_firms,
        "share": firms / of_firms if of_firms else None,
        "sourced_firms": int(inside[c.SOURCED_FIRMS].sum()),
        "sourced_share": int(inside[c.SOURCED_CNY].sum()) / total if total else None,
        "elsewhere_share": int(whole[c.ELSEWHERE_CNY].sum()) / everything if everything else None,
        "unplaced_firms": int(inside.loc[inside[c.DISTRICT_ID] == c.UNPLACED, c.FIRMS].sum()),
        "place": place,
    }


def select(observed: pd.DataFrame, *, year: int, subsectors: Iterable[str] = ()) -> pd.DataFrame:
    """Observations of one year, of some subsectors when any are named."""
    rows = observed[observed[c.YEAR] == year]
    wanted = list(subsectors)
    return rows[rows[c.SUBSECTOR_ID].isin(wanted)] if wanted else rows

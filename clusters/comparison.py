"""Districts side by side: structure, peers, totals per km² and per firm, years, and what drove each one's change.

Everything comes from the small tables of a dataset, under one reading of place. Firms without a known district belong
to the city's change and to no district. What is withheld from the reader is NaN and makes NaN of what needs it.
"""

from typing import Literal

import numpy as np
import pandas as pd

from clusters.errors import BadValue, UnknownDistrict
from clusters.shift_share import shift_share
from clusters.similarity import structural_similarity
from clusters.standing import check_year
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset, Place
from data.matched import matched_firms

By = Literal["revenue", "firms"]


def district_structure(dataset: Dataset, *, year: int, by: By = "revenue", place: Place = "registered") -> pd.DataFrame:
    """Revenue or firms of each subsector in each district.

    Parameters
    ----------
    dataset : Dataset
    year : int
    by : 'revenue' or 'firms'
        CNY, or firms with an observation; a firm with parts in several subsectors counts in each.
    place : 'registered' or 'operating'

    Returns
    -------
    DataFrame
        Rows: every district of the city, columns: subsectors with a firm somewhere. 0 without a firm; NaN in all of a
        district where a cell is withheld or negative, since its shares are not known or mean nothing.

    Raises
    ------
    UnknownYear
    """
    check_year(dataset, year)
    keys: list[str] = [c.DISTRICT_ID, c.SUBSECTOR_ID]
    column = c.TOTAL_CNY if by == "revenue" else c.FIRMS
    totals = cube_totals(cube_of(dataset), keys, year=year, place=place)
    totals = totals[totals[c.FIRMS] > 0]
    known = totals[column].astype(float)
    unknown = known.index[~(known >= 0)].get_level_values(c.DISTRICT_ID)
    districts = pd.Index(dataset.districts.index.astype(str), name=c.DISTRICT_ID)
    table = known.unstack().reindex(index=districts).fillna(0.0)
    table.loc[districts.isin(unknown)] = np.nan
    return pd.DataFrame(table)


def propose_peers(activity: pd.DataFrame, district_id: str, *, most: int = 3) -> pd.DataFrame:
    r"""Districts nearest to one in structure and size, each with what brings it near.

    Parameters
    ----------
    activity : DataFrame
        As `district_structure`; a row with NaN is no peer.
    district_id : str
        One of the rows.
    most : int
        At least 1.

    Returns
    -------
    DataFrame
        Indexed by district_id, nearest first (ties: lowest id): similarity (one minus half of Krugman's index),
        structure_rank, size_ratio, size_rank, nearness and peer_reason. Districts without activity are left out; empty
        when the district itself has none, or is withheld.

    Raises
    ------
    UnknownDistrict, BadValue

    Notes
    -----
    With S the similarity of structure and T the totals,

    .. math:: \mathrm{nearness}_{rq} = S_{rq} \cdot \frac{\min(T_r, T_q)}{\max(T_r, T_q)}

    The reason is ``structure`` where the district ranks better by similarity than by size ratio, ``size`` where it
    ranks worse, else ``both``.

    Reading: the first is whom to compare with. A peer by size alone shows what another mix of the same size looks like.

    Limits: among eleven districts the nearest may still be far: read the two parts, not the product.

    References
    ----------
    .. [1] Krugman, P. (1991). "Geography and Trade". MIT Press.

    Examples
    --------
    >>> towns = pd.DataFrame({"software": [30.0, 20.0, 0.0], "chips": [10.0, 10.0, 40.0]}, index=["甲", "乙", "丙"])
    >>> propose_peers(towns, "甲")[["similarity", "size_ratio", "peer_reason"]].round(3).to_dict("index")
    {'乙': {'similarity': 0.917, 'size_ratio': 0.75, 'peer_reason': 'structure'},
     '丙': {'similarity': 0.25, 'size_ratio': 1.0, 'peer_reason': 'size'}}
    """
    if district_id not in activity.index:
        raise UnknownDistrict(district_id, list(activity.index))
    if most < 1:
        raise BadValue("most", most, "at least 1")
    total = activity.sum(axis=1, skipna=False)
    held = activity[total > 0].sort_index()
    if district_id not in held.index:
        held = held.head(0)
        return pd.DataFrame(columns=_OF_PEERS, index=held.index)
    others = held.index.drop(district_id)
    alike = structural_similarity(held)[district_id].loc[others]
    pair = pd.DataFrame({"own": total[district_id], "other": total[others]})
    ratio = pair.min(axis=1) / pair.max(axis=1)
    ranks = [each.rank(method="min", ascending=False).astype(int) for each in (alike, ratio)]
    reason = np.select([ranks[0] < ranks[1], ranks[0] > ranks[1]], ["structure", "size"], "both")
    values = (alike, ranks[0], ratio, ranks[1], alike * ratio, reason)
    found = pd.DataFrame(dict(zip(_OF_PEERS, values, strict=True)), index=others)
    return found.sort_values(c.NEARNESS, ascending=False, kind="stable").head(most)


def district_densities(
    dataset: Dataset, *, year: int, place: Place = "registered", subsector_id: str | None = None
) -> pd.DataFrame:
    r"""Totals of each district, over its official area and over its firms.

    Parameters
    ----------
    dataset : Dataset
    year : int
    place : 'registered' or 'operating'
    subsector_id : str, optional
        Only the district's part in this cluster.

    Returns
    -------
    DataFrame
        Indexed by every district: total_cny, firms, official_area_m2, cny_per_km2, firms_per_km2, cny_per_firm. Without
        a firm total_cny and cny_per_firm are NaN; without an official area the densities are. Withheld money is NaN.

    Raises
    ------
    UnknownYear

    Notes
    -----
    .. math:: \frac{T_d}{A_d}, \qquad \frac{N_d}{A_d}, \qquad \frac{T_d}{N_d}

    Reading: revenue that is booked on a km² of the district, and by its firms on average; of either one giant can be
    nearly all.

    Limits: the official area holds hills and water; revenue is booked where the firm is registered.

    References
    ----------
    .. [1] Ciccone, A. and Hall, R. E. (1996). "Productivity and the Density of Economic Activity". American Economic
       Review 86(1), 54-70.

    Examples
    --------
    >>> from data.reference import load_reference
    >>> found = district_densities(load_reference(), year=2021).loc["440304"]
    >>> found[["cny_per_km2", "cny_per_firm"]].div(1e8).round(2).tolist()
    [4.67, 30.62]
    """
    check_year(dataset, year)
    subsectors = [] if subsector_id is None else [subsector_id]
    totals = cube_totals(cube_of(dataset), [c.DISTRICT_ID], year=year, place=place, subsectors=subsectors)
    table = totals[[c.TOTAL_CNY, c.FIRMS]].reindex(pd.Index(dataset.districts.index.astype(str), name=c.DISTRICT_ID))
    firms = table[c.FIRMS].fillna(0).astype(int)
    area = pd.to_numeric(dataset.districts[c.OFFICIAL_AREA_M2]).set_axis(table.index).astype(float)
    km2, total = (area / 1e6).where(area > 0), table[c.TOTAL_CNY].astype(float).where(firms > 0)
    return pd.DataFrame(
        {
            c.TOTAL_CNY: total,
            c.FIRMS: firms,
            c.OFFICIAL_AREA_M2: area,
            c.CNY_PER_KM2: total / km2,
            c.FIRMS_PER_KM2: firms / km2,
            c.CNY_PER_FIRM: total / firms.where(firms > 0),
        }
    )


def district_years(dataset: Dataset, *, place: Place = "registered", by_subsector: bool = True) -> pd.DataFrame:
    """Totals of each district in every year, for small multiples.

    Parameters
    ----------
    dataset : Dataset
    place : 'registered' or 'operating'
    by_subsector : bool
        One row for each subsector too.

    Returns
    -------
    DataFrame
        district_id, subsector_id (when asked for), year, total_cny (NaN where withheld), firms. Rows without a firm are
        absent; districts only. A total moves with who was observed: read it with the firms, or take growth of matched
        firms (``clusters.growth.matched_growth``).
    """
    keys: list[str] = [c.DISTRICT_ID, *([c.SUBSECTOR_ID] if by_subsector else []), c.YEAR]
    totals = cube_totals(cube_of(dataset), keys, place=place)[[c.TOTAL_CNY, c.FIRMS]]
    found = totals[totals[c.FIRMS] > 0].reset_index()
    return pd.DataFrame(found[found[c.DISTRICT_ID].isin(dataset.districts.index)].reset_index(drop=True))


def district_shift_share(dataset: Dataset, *, base_year: int, year: int, place: Place = "registered") -> pd.DataFrame:
    r"""Change of each district's subsectors against the city, on firms observed in both years.

    Parameters
    ----------
    dataset : Dataset
    base_year, year : int
        ``base_year`` lies before ``year``.
    place : 'registered' or 'operating'

    Returns
    -------
    DataFrame
        Indexed by district_id and subsector_id: matched_firms, base_cny, and the parts of
        ``clusters.shift_share.shift_share`` in CNY. The base is the city, firms without a place included. Subsectors
        that began with nothing in the whole city are left out. Empty without a matched firm; of a dataset made for a
        reader it is of the firms whose figures are free.

    Raises
    ------
    BadValue
        When ``base_year`` does not lie before ``year``, or a matched total is negative.

    Notes
    -----
    .. math:: \Delta e_{dk} = e_{dk} G + e_{dk} (g_k - G) + \left(e'_{dk} - e_{dk} (1 + g_k)\right)

    with :math:`e_{dk}` the matched firms' revenue in district d and subsector k, :math:`g_k` the growth of the city's
    matched firms of the subsector and G that of all.

    Reading: as ``clusters.shift_share.shift_share``: what the district would have gained with the city, by its mix, and
    by its own firms.

    Limits: a district that is most of the city's subsector is compared with itself and has next to no share of its own.
    Few firms a cell: read it with matched_firms.

    References
    ----------
    .. [1] Dunn, E. S. (1960). "A Statistical and Analytical Technique for Regional Analysis". Papers in Regional
       Science 6(1), 97-112.

    Examples
    --------
    >>> from data.reference import load_reference
    >>> parts = district_shift_share(load_reference(), base_year=2019, year=2021)
    >>> own = parts[["national_effect", "industrial_mix", "regional_effect"]].sum(axis=1)
    >>> bool(np.allclose(own, parts["change"]))
    True
    """
    if base_year >= year:
        raise BadValue("base_year", base_year, f"a year before {year}")
    matched = matched_firms(dataset)
    keep = (matched[c.PLACE] == place) & (matched[c.BASE_YEAR] == base_year) & (matched[c.YEAR] == year)
    sums = [c.MATCHED_FIRMS, c.BASE_CNY, c.MATCHED_CNY]
    cells = matched[keep].groupby([c.DISTRICT_ID, c.SUBSECTOR_ID])[sums].sum()
    city = cells.groupby(level=c.SUBSECTOR_ID).sum()
    city = city[city[c.BASE_CNY] != 0]
    tables = {}
    for district_id in cells.index.unique(c.DISTRICT_ID):
        mine = cells.loc[district_id].reindex(city.index, fill_value=0)
        if district_id in dataset.districts.index and len(city):
            parts = shift_share(mine[c.BASE_CNY], mine[c.MATCHED_CNY], city[c.BASE_CNY], city[c.MATCHED_CNY])
            tables[district_id] = mine[[c.MATCHED_FIRMS, c.BASE_CNY]].join(parts)[mine[c.MATCHED_FIRMS] > 0]
    if not tables:
        return cells.head(0)[[c.MATCHED_FIRMS, c.BASE_CNY]]
    found: pd.DataFrame = pd.concat(tables, names=[c.DISTRICT_ID])
    return found


_OF_PEERS = [c.SIMILARITY, c.STRUCTURE_RANK, c.SIZE_RATIO, c.SIZE_RANK, c.NEARNESS, c.PEER_REASON]

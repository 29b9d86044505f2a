"""What the doors of the start page open with: for each reader one figure of the data, and what it rests on.

A district government is told which cluster is nearest to its next tier, a planner which two districts have the most
alike mix, an investor how many places and neighbors can be compared. Each is a fact about the data that are open, and
taken from small tables, so it costs as much with a million firms as with seventy. Left out: what to make of it, which
is what the pages behind the doors are for.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clusters.comparison import district_structure
from clusters.growth_interval import FEWEST_FIRMS
from clusters.similarity import structural_similarity
from clusters.standing import cluster_totals, firms_known
from data import columns as c
from data.cube import cube_of
from data.dataset import Dataset, Place
from data.parts import counted_once


@dataclass(frozen=True)
class NearestTier:
    """The cluster that lacks least of its next tier.

    Attributes
    ----------
    subsector_id : str
    total_cny, gap_cny : int
        What it has, and what it lacks, CNY.
    firms : int
        Firms that the total is of.
    """

    subsector_id: str
    total_cny: int
    gap_cny: int
    firms: int


@dataclass(frozen=True)
class MostAlike:
    """The two districts whose firms are spread most alike over the subsectors.

    Attributes
    ----------
    district_a, district_b : str
        In the order of the city's list.
    similarity : float
        See `clusters.similarity.structural_similarity`, by firms; from 0 to 1.
    firms_a, firms_b : int
    districts : int
        How many could be compared.
    """

    district_a: str
    district_b: str
    similarity: float
    firms_a: int
    firms_b: int
    districts: int


@dataclass(frozen=True)
class PlacesKnown:
    """What a choice of a site can be made from.

    Attributes
    ----------
    parks, placed_parks : int
        All, and those with a point.
    hubs : int
        Stations, ports, airports and crossings with a point.
    firms, placed_firms : int
    """

    parks: int
    placed_parks: int
    hubs: int
    firms: int
    placed_firms: int


def nearest_tier(clusters: pd.DataFrame) -> NearestTier | None:
    """The cluster with the smallest gap to its next tier.

    Parameters
    ----------
    clusters : DataFrame
        See `clusters.standing.cluster_totals`; of the city or of one district.

    Returns
    -------
    NearestTier or None
        ``None`` when every known total is of the top tier, or none is known. Of equal gaps the first row's.

    Examples
    --------
    >>> towns = pd.DataFrame({"total_cny": [4e9, 9e9, 2e11], "gap_to_next_cny": [6e9, 1e9, 0.0], "firms": [3, 2, 9]},
    ...                      index=["S01", "S02", "S03"])
    >>> nearest_tier(towns)
    NearestTier(subsector_id='S02', total_cny=9000000000, gap_cny=1000000000, firms=2)
    """
    below = clusters[(clusters[c.GAP_CNY] > 0) & (clusters[c.FIRMS] > 0)]
    if below.empty:
        return None
    row = below.iloc[int(below[c.GAP_CNY].astype(float).to_numpy().argmin())]
    return NearestTier(str(row.name), int(row[c.TOTAL_CNY]), int(row[c.GAP_CNY]), int(row[c.FIRMS]))


def most_alike(
    dataset: Dataset, *, year: int, place: Place = "registered", fewest: int = FEWEST_FIRMS
) -> MostAlike | None:
    """The two districts with the most alike mix of firms.

    By firms and not by revenue: a mix by revenue is that of one or two large firms, and numbers of firms are public.

    Parameters
    ----------
    dataset : Dataset
    year : int
    place : 'registered' or 'operating'
    fewest : int
        A district with fewer firms has no mix to speak of and is left out.

    Returns
    -------
    MostAlike or None
        ``None`` when fewer than two districts have as many firms. Of equal pairs the first in the city's order.

    Raises
    ------
    UnknownYear
    """
    mixes = district_structure(dataset, year=year, by="firms", place=place)
    firms = cluster_totals(cube_of(dataset), [c.DISTRICT_ID], year=year, place=place)[c.FIRMS]
    firms = firms.reindex(mixes.index, fill_value=0)
    compared = mixes[firms >= fewest].dropna()
    if len(compared) < 2:
        return None
    alike = structural_similarity(compared).to_numpy(copy=True)
    alike[np.tril_indices(len(compared))] = -1.0
    a, b = divmod(int(alike.argmax()), len(compared))
    one, other = str(compared.index[a]), str(compared.index[b])
    return MostAlike(one, other, float(alike[a, b]), int(firms[one]), int(firms[other]), len(compared))


def places_known(dataset: Dataset, *, place: Place = "registered") -> PlacesKnown:
    """How many parks, hubs and firms there are, and how many of them have a point."""
    known = counted_once(firms_known(dataset, place=place))
    placed = [int(table[c.LON].notna().sum()) if c.LON in table else 0 for table in (dataset.parks, dataset.hubs)]
    return PlacesKnown(
        len(dataset.parks), placed[0], placed[1], int(known[c.KNOWN_FIRMS].sum()), int(known[c.PLACED_FIRMS].sum())
    )

"""What stands in each district: totals over its area and its firms, tiers, dependence on one firm, parks.

One row a district, from the small tables. Parks are counted where the register of parks puts them; how many of them are
full, or how large they are, is not known here.
"""

import pandas as pd

from clusters.comparison import district_densities
from clusters.standing import cluster_totals, district_clusters
from clusters.tiers import ScaleTier
from data import columns as c
from data.cube import cube_of
from data.dataset import Dataset, Place


def district_facts(dataset: Dataset, *, year: int, place: Place = "registered") -> pd.DataFrame:
    """Headline figures of every district.

    Parameters
    ----------
    dataset : Dataset
    year : int
    place : 'registered' or 'operating'

    Returns
    -------
    DataFrame
        Indexed by every district: the columns of ``clusters.comparison.district_densities``, top1_share (of the largest
        firm in the total), subsectors (with a firm), clusters_1e11 and clusters_1e10 (subsectors whose part in the
        district lies in that tier; missing where a part is withheld) and parks. top1_share is NaN without a firm, and
        where it is withheld.

    Raises
    ------
    UnknownYear
    """
    found = district_densities(dataset, year=year, place=place)
    cube = cube_of(dataset)
    totals = cluster_totals(cube, [c.DISTRICT_ID], year=year, place=place)
    parts = district_clusters(cube, year=year, place=place).reset_index(c.SUBSECTOR_ID)
    known = parts[c.TOTAL_CNY].notna().groupby(level=0).all().reindex(found.index, fill_value=True)
    found[c.TOP1_SHARE] = totals[c.TOP1_SHARE].reindex(found.index).astype(float)
    found[c.SUBSECTORS] = parts.groupby(level=0).size().reindex(found.index, fill_value=0)
    for name, tier in ((c.CLUSTERS_1E11, ScaleTier.CNY_1E11), (c.CLUSTERS_1E10, ScaleTier.CNY_1E10)):
        reached = pd.Series([each == tier for each in parts[c.TIER]], index=parts.index, dtype=bool)
        number = reached.groupby(level=0).sum().reindex(found.index, fill_value=0).astype(float)
        found[name] = number.where(known)
    parks = dataset.parks.reindex(columns=[c.DISTRICT_ID])[c.DISTRICT_ID].value_counts()
    found[c.PARKS] = parks.reindex(found.index, fill_value=0)
    return found

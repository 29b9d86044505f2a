"""Which firms of the chain stand near a site: how many within each distance, what they come to, and the largest.

As in the ranking, a firm is near only by a point that is exact or a park's; one that is known by its street or district
is counted apart, never as near. A firm counts with the whole of its revenue, however it is split over subsectors.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from clusters.site_criteria import chain_points, city_crs
from clusters.site_records import NEIGHBORHOODS_M
from data import columns as c
from data.dataset import Dataset
from data.lookup import observations_of
from geo.crs import on_globe, to_metric

MOST_NAMED = 200


@dataclass(frozen=True, eq=False)
class SiteNeighbors:
    """Firms of the chain around one site.

    Attributes
    ----------
    bands : DataFrame
        By distance in metres (1,000, 3,000, 5,000), each holding the nearer ones too: firms; revenue_firms, those of
        them whose revenue of the year is known; total_cny, its sum, missing where none is.
    firms : DataFrame
        The largest ones within the farthest distance, those without a figure last and nearest first: the columns of the
        firms, distance_m, revenue_cny.
    precise, of_firms : int
        Firms of the chain with a precise point, and all.
    """

    bands: pd.DataFrame
    firms: pd.DataFrame
    precise: int
    of_firms: int


def site_neighbors(
    dataset: Dataset, subsectors: Sequence[str], park_ids: Sequence[str], *, year: int, most: int = MOST_NAMED
) -> dict[str, SiteNeighbors]:
    """Neighbors of the same chain around some parks; a park without a point is left out.

    Parameters
    ----------
    dataset : Dataset
        As the reader may see it: figures that are withheld are in no sum.
    subsectors : sequence of str
        Whose firms are the chain.
    park_ids : sequence of str
    year : int
        Of the revenue.
    most : int
        How many firms are listed by name, at least 1.

    Returns
    -------
    dict of str to SiteNeighbors

    Examples
    --------
    >>> from data.reference import load_reference
    >>> near = site_neighbors(load_reference(), ["S01"], ["P01"], year=2021)["P01"]
    >>> near.bands["firms"].is_monotonic_increasing, len(near.firms) == int(near.bands["firms"].iloc[-1])
    (True, True)
    """
    crs = city_crs(dataset)
    chain = chain_points(dataset, tuple(subsectors), crs)
    parks = dataset.parks.reindex(list(dict.fromkeys(park_ids)))
    lon, lat = (pd.to_numeric(parks[name]).to_numpy(np.float64, na_value=np.nan) for name in (c.LON, c.LAT))
    placed = on_globe(lon, lat)
    x, y = to_metric(lon[placed], lat[placed], crs=crs)
    points = np.column_stack([x, y])
    tree = KDTree(np.column_stack([chain.x, chain.y])) if len(chain.x) else None
    near = [np.empty(0, np.int64) if tree is None else _within(tree, point) for point in points]
    everyone = np.unique(np.concatenate([chain.rows[each] for each in near])) if near else np.empty(0, np.int64)
    revenue = _revenue(dataset, everyone, year)
    found = {}
    for park_id, point, each in zip(parks.index[placed], points, near, strict=True):
        distance = np.hypot(chain.x[each] - point[0], chain.y[each] - point[1])
        rows = chain.rows[each]
        figures = revenue.reindex(rows).astype("Int64")
        found[str(park_id)] = SiteNeighbors(
            bands=_bands(distance, figures),
            firms=_largest(dataset, rows, distance, figures, most),
            precise=len(chain.x),
            of_firms=chain.firms,
        )
    return found


def _within(tree: KDTree, point: np.ndarray) -> np.ndarray:
    return np.asarray(sorted(tree.query_ball_point(point, float(NEIGHBORHOODS_M[-1]))), np.int64)


def _revenue(dataset: Dataset, rows: np.ndarray, year: int) -> pd.Series:
    """Revenue of the year by row number of the firm; only firms that have one."""
    if not len(rows):
        return pd.Series(dtype="Int64")
    ids = pd.Index(dataset.firms.index[rows])
    table = observations_of(dataset, rows, year=year)
    amounts = pd.Series(table[c.REVENUE_CNY].to_numpy(), index=rows[ids.get_indexer(table[c.FIRM_ID].astype(object))])
    return amounts.astype("Int64").dropna()


def _bands(distance: np.ndarray, figures: pd.Series) -> pd.DataFrame:
    known = figures.notna().to_numpy()
    rows = []
    for metres in NEIGHBORHOODS_M:
        inside = distance <= metres
        n = int((inside & known).sum())
        total = sum(int(v) for v in figures[inside & known]) if n else pd.NA
        rows.append({c.FIRMS: int(inside.sum()), c.REVENUE_FIRMS: n, c.TOTAL_CNY: total})
    table = pd.DataFrame(rows, index=pd.Index(NEIGHBORHOODS_M, name=c.WITHIN_M))
    return table.astype({c.FIRMS: "Int64", c.REVENUE_FIRMS: "Int64", c.TOTAL_CNY: "Int64"})


def _largest(
    dataset: Dataset, rows: np.ndarray, distance: np.ndarray, figures: pd.Series, most: int
) -> pd.DataFrame:  # fmt: skip
    size = figures.astype("Float64").to_numpy(np.float64, na_value=-np.inf)
    first = np.lexsort((rows, distance, -size))[:most]
    firms = dataset.firms.iloc[rows[first]]
    return firms.assign(**{c.DISTANCE_M: distance[first], c.REVENUE_CNY: figures.to_numpy()[first]})

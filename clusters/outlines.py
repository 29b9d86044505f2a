"""Outlines of clusters that were found from points: discs around their firms, joined and cut at the city's edge.

A disc's radius is a little more than half of the longest step that connects the cluster, so that its outline hangs
together and keeps the shape of what it holds; a hull would take in whatever lies between. Outlines of two clusters may
overlap at their rims. What this leaves out: an outline is a sketch of where a cluster's firms are, no boundary that
anybody has drawn.
"""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import STORAGE_CRS

QUARTER_STEPS = 4
"""Corners of a quarter of a disc."""
STEP_SHARE = 0.55
"""Radius in longest steps: above a half, because a disc of 16 corners is narrower between them."""


def cluster_outlines(
    x_m: NDArray[np.float64], y_m: NDArray[np.float64], labels: NDArray[np.int64], *,
    reach_m: NDArray[np.float64], least_radius_m: float, within: gpd.GeoDataFrame, crs: int,
) -> gpd.GeoSeries:  # fmt: skip
    """Outline of each cluster.

    Parameters
    ----------
    x_m, y_m : ndarray, (firms,)
        Where firms stood when they were clustered, metres in ``crs``.
    labels : ndarray of int64, (firms,)
        1, 2, …; what is below 1 has no outline.
    reach_m : ndarray, (clusters,)
        Longest step that connects each cluster.
    least_radius_m : float
        Of a disc.
    within : GeoDataFrame
        Districts of the city. A cluster that lies wholly beyond them keeps its outline.
    crs : int
        EPSG code, in metres.

    Returns
    -------
    GeoSeries
        Indexed by cluster, EPSG:4326.
    """
    city = shapely.union_all(within.geometry.to_crs(crs).to_numpy())
    shapely.prepare(city)
    outlines = []
    for number, reach in enumerate(reach_m, 1):
        mine = labels == number
        places = np.unique(np.column_stack([x_m[mine], y_m[mine]]), axis=0)
        discs = shapely.buffer(shapely.points(places), max(STEP_SHARE * reach, least_radius_m), quad_segs=QUARTER_STEPS)
        joined = shapely.union_all(discs)
        inside = joined if shapely.contains(city, joined) else shapely.intersection(joined, city)
        outlines.append(joined if shapely.is_empty(inside) else inside)
    index = np.arange(1, len(outlines) + 1)
    return gpd.GeoSeries(outlines, index=index, crs=crs).to_crs(STORAGE_CRS)

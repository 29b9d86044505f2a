"""Which sites lie near a point, when each site is known as a point: all of them, not only the nearest.

Points are sorted by easting once; each site then looks at a strip as wide as its reach. Distances are straight lines in
a metric reference system; how far a walk would be is left out.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.crs import on_globe, to_metric
from geo.errors import GeoError


def sites_within(
    lon: ArrayLike,
    lat: ArrayLike,
    sites_lon: ArrayLike,
    sites_lat: ArrayLike,
    *,
    within_m: float,
    crs: int | str,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of a point and a site that are near each other.

    Parameters
    ----------
    lon, lat : array_like
        Degrees, WGS84, one-dimensional and of one length; NaN, infinite and out of range are near nothing.
    sites_lon, sites_lat : array_like
        The same for the sites.
    within_m : float
        Greatest distance that counts, in metres, 0 or more, itself included.
    crs : int or str
        Reference system in metres in which distances are taken, from `geo.crs.metric_crs`.

    Returns
    -------
    points, sites : numpy.ndarray
        Positions (0, 1, ...) of each pair, ascending by point and then by site.

    Raises
    ------
    GeoError
        When `within_m` is negative or not finite.
    UnsuitableCRS
        When `crs` is not projected in metres.

    Examples
    --------
    >>> sites_within([114.0, 114.1], [22.5, 22.5], [114.001, 113.999, 114.2], [22.5] * 3, within_m=500, crs=4547)
    (array([0, 0]), array([0, 1]))
    """
    if not 0 <= within_m < np.inf:
        raise GeoError(f"within_m came as {within_m!r}; expected a number of metres, 0 or more")
    x, y, point_rows = _metric(lon, lat, crs)
    sites_x, sites_y, site_rows = _metric(sites_lon, sites_lat, crs)
    order = np.argsort(x, kind="stable")
    eastings = x[order]
    starts = np.searchsorted(eastings, sites_x - within_m, side="left")
    stops = np.searchsorted(eastings, sites_x + within_m, side="right")
    found: list[NDArray[np.intp]] = []
    for site, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        strip = order[start:stop]
        near = strip[np.hypot(x[strip] - sites_x[site], y[strip] - sites_y[site]) <= within_m]
        found.append(np.stack([point_rows[near], np.full(len(near), site_rows[site])]))
    points, sites = np.concatenate(found, axis=1) if found else np.empty((2, 0), np.intp)
    by_point = np.lexsort((sites, points))
    return points[by_point], sites[by_point]


def _metric(
    lon: ArrayLike, lat: ArrayLike, crs: int | str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Easting and northing of the pairs that are positions, and the rows that they come from."""
    x, y = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
    rows = np.flatnonzero(on_globe(x, y))
    east, north = to_metric(x[rows], y[rows], crs=crs)
    known = np.isfinite(east)
    return east[known], north[known], rows[known]

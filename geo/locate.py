"""Which area holds a point, in which parks it lies, and which site is nearest to it.

An area is its closed polygon: a point on the edge is inside, and where areas share an edge the lowest area id in text
order owns it, so every point has at most one owner and the answer does not depend on the order of rows. The test is
exact in the plane of longitude and latitude, where an edge is a straight line in degrees; from a geodesic that departs
by centimetres along an edge of two kilometres. Parks overlap, so a point has all of them. `geo.grid_index` says how
millions of points are answered. Left out: how certain a position is.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.crs import STORAGE_CRS, on_globe, to_metric
from geo.errors import GeoError, UnsuitableCRS
from geo.grid_index import AreaIndex, Memberships

_COUNTED = 2**16  # points counted at a time


def index_areas(areas: gpd.GeoDataFrame) -> AreaIndex:
    """The areas made ready for locating: build it once where points come again and again.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Polygons in EPSG:4326 under their ids as index; they may overlap.

    Returns
    -------
    AreaIndex
        Answers `locate` with one code for each point and `memberships` with all.

    Raises
    ------
    UnsuitableCRS
        When the areas are not in EPSG:4326.
    GeoError
        When an outline is not a polygon or holds a coordinate that is not a number of degrees.

    Examples
    --------
    >>> towns = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], index=["A"], crs=STORAGE_CRS)
    >>> index_areas(towns).locate([0.5, 1.5], [0.5, 0.5])
    array([ 0, -1], dtype=int32)
    """
    if areas.crs is None or not areas.crs.equals(STORAGE_CRS, ignore_axis_order=True):
        raise UnsuitableCRS(str(areas.crs), STORAGE_CRS)
    return AreaIndex(areas.geometry.to_numpy(), areas.index)


def locate_areas(lon: ArrayLike, lat: ArrayLike, areas: gpd.GeoDataFrame) -> NDArray[np.object_]:
    r"""Id of the area that holds each point.

    Parameters
    ----------
    lon, lat : array_like
        Degrees, WGS84, one-dimensional and of one length (a single number counts as one point).
    areas : geopandas.GeoDataFrame
        Polygons in EPSG:4326 under their ids as index; they may overlap.

    Returns
    -------
    numpy.ndarray
        For each point, in order, the id as text: the lowest in text order where several areas hold it. None where no
        area does, and where a coordinate is NaN, infinite or out of range.

    Raises
    ------
    UnsuitableCRS
        When the areas are not in EPSG:4326.
    GeoError
        When the lengths differ, or an outline is not a polygon in degrees.

    Notes
    -----
    With :math:`A_d` the closed polygon of area d,

    .. math:: \mathrm{area}(p) = \min \{ d : p \in A_d \}

    and nothing where the set is empty.

    Reading: every point has at most one owner; on a shared edge the lowest id owns it, whatever the order of rows.

    Limits: the outlines are a sketch and no legal boundary, and a position that is known to a street only may lie in
    the wrong area. Any number of points.

    References
    ----------
    .. [1] Hormann, K. and Agathos, A. (2001). "The point in polygon problem for arbitrary polygons". Computational
       Geometry 20(3), 131-144.

    Examples
    --------
    >>> towns = gpd.GeoDataFrame(
    ...     geometry=[shapely.box(1, 0, 2, 1), shapely.box(0, 0, 1, 1)], index=["B", "A"], crs=STORAGE_CRS
    ... )
    >>> locate_areas([0.5, 1.0, 1.5, 9.0], [0.5, 0.5, 0.5, 0.5], towns)  # the second is on the shared edge
    array(['A', 'A', 'B', None], dtype=object)
    """
    index = index_areas(areas)
    names = np.array([*index.area_ids, None], dtype=object)
    return names[index.locate(lon, lat)]  # -1, nowhere, is the last


def locate_parks(lon: ArrayLike, lat: ArrayLike, parks: gpd.GeoDataFrame) -> Memberships:
    r"""All parks that hold each point; which of several counts is the caller's choice.

    Parameters
    ----------
    lon, lat : array_like
        Degrees, WGS84, one-dimensional and of one length (a single number counts as one point).
    parks : geopandas.GeoDataFrame
        Polygons in EPSG:4326 under their ids as index; they may overlap.

    Returns
    -------
    Memberships
        Pairs of `points` and `codes`, positions in `area_ids`; the parks of point i are also
        ``codes[offsets[i] : offsets[i + 1]]``. None where a coordinate is NaN, infinite or out of range.

    Raises
    ------
    UnsuitableCRS
        When the parks are not in EPSG:4326.
    GeoError
        When the lengths differ, or an outline is not a polygon in degrees.

    Notes
    -----
    With :math:`A_k` the closed polygon of park k,

    .. math:: \mathrm{parks}(p) = \{ k : p \in A_k \}

    Reading: a point may lie in several parks; which of them counts is for the caller to say.

    Limits: parks without an outline hold nobody here; `locate_near` answers for those that are known as a point. Totals
    by park may add up to more than the city's. Any number of points.

    References
    ----------
    .. [1] Hormann, K. and Agathos, A. (2001). "The point in polygon problem for arbitrary polygons". Computational
       Geometry 20(3), 131-144.

    Examples
    --------
    >>> parks = gpd.GeoDataFrame(
    ...     geometry=[shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)], index=["P1", "P2"], crs=STORAGE_CRS
    ... )
    >>> found = locate_parks([0.5, 1.5, 9.0], [0.5, 1.5, 9.0], parks)
    >>> found.offsets, found.area_ids[found.codes]
    (array([0, 1, 3, 3]), array(['P1', 'P1', 'P2'], dtype=object))
    """
    return index_areas(parks).memberships(lon, lat)


def totals_by_area(
    codes: NDArray[np.integer[Any]], values: NDArray[np.float64], *, areas: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """How many points each area holds, and the sum of their values.

    Taken in blocks that stay in the cache: a third of the time of one pass over ten million, and no copy of the codes.

    Parameters
    ----------
    codes : numpy.ndarray
        Code of each point's area, -1 for none, as `AreaIndex.locate` gives them.
    values : numpy.ndarray
        One for each point, in any unit.
    areas : int
        How many areas there are.

    Returns
    -------
    counts, sums : numpy.ndarray
        For each area in the order of the codes; 0 where it holds nobody.

    Examples
    --------
    >>> totals_by_area(np.array([0, 2, -1, 2]), np.array([1.0, 2.0, 4.0, 8.0]), areas=3)
    (array([1, 0, 2]), array([ 1.,  0., 10.]))
    """
    counts, sums = np.zeros(areas + 1, dtype=np.int64), np.zeros(areas + 1)
    for start in range(0, len(codes), _COUNTED):
        block = slice(start, start + _COUNTED)
        bins = (codes[block] + 1).astype(np.intp)  # nowhere is 0
        counts += np.bincount(bins, minlength=areas + 1)
        sums += np.bincount(bins, values[block], areas + 1)
    return counts[1:], sums[1:]


def locate_near(
    lon: ArrayLike,
    lat: ArrayLike,
    sites_lon: ArrayLike,
    sites_lat: ArrayLike,
    *,
    within_m: float,
    crs: int | str,
) -> NDArray[np.intp]:
    r"""Position of the nearest site, for sites known only as a point with an uncertainty.

    Parameters
    ----------
    lon, lat : array_like
        Degrees, WGS84, one-dimensional and of one length.
    sites_lon, sites_lat : array_like
        The same for the sites.
    within_m : float
        Greatest distance that counts, in metres, 0 or more, itself included.
    crs : int or str
        Reference system in metres in which distances are taken, from `geo.crs.metric_crs`.

    Returns
    -------
    numpy.ndarray
        For each point the position (0, 1, ...) of the nearest site, the lowest of several equally near ones; -1 where
        none is near enough, and where a coordinate is NaN, infinite or out of range. Such a site is nearest to nobody.

    Raises
    ------
    GeoError
        When `within_m` is negative or not finite.
    UnsuitableCRS
        When `crs` is not projected in metres.

    Notes
    -----
    With :math:`\delta` the straight distance in the metric reference system and r the greatest that counts,

    .. math:: \mathrm{site}(p) = \arg\min_{k \,:\, \delta(p, s_k) \le r} \delta(p, s_k)

    the lowest k of several equally near ones.

    Reading: the nearest site within reach, or none.

    Limits: straight distance, not a way along roads; and no better than the points of the sites, which may be off by
    hundreds of metres. Any number of points and sites.

    References
    ----------
    .. [1] Leutenegger, S. T., Lopez, M. A. and Edgington, J. (1997). "STR: A simple and efficient algorithm for R-tree
       packing". Proceedings of ICDE, 497-506.

    Examples
    --------
    >>> locate_near([114.001, 114.05], [22.5, 22.5], [114.0, 114.1], [22.5, 22.5], within_m=500, crs=4547)
    array([ 0, -1])
    """
    if not 0 <= within_m < np.inf:
        raise GeoError(f"within_m came as {within_m!r}; expected a number of metres, 0 or more")
    points, rows = _points_on_globe(lon, lat, crs=crs)
    sites, site_numbers = _points_on_globe(sites_lon, sites_lat, crs=crs)
    (point, site), distance_m = shapely.STRtree(sites).query_nearest(
        points, max_distance=np.nextafter(within_m, np.inf), return_distance=True
    )
    near = distance_m <= within_m

    nobody = len(sites)
    nearest = np.full(len(points), nobody)
    np.minimum.at(nearest, point[near], site[near])
    located = np.full(len(rows), -1, dtype=np.intp)
    located[rows] = np.append(np.flatnonzero(site_numbers), -1)[nearest]
    return located


def _points_on_globe(
    lon: ArrayLike, lat: ArrayLike, *, crs: int | str | None = None
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The pairs that are positions, as points in degrees or in `crs`, and which rows they come from."""
    x, y = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
    rows = on_globe(x, y)
    if crs is not None:
        x, y = to_metric(np.where(rows, x, np.nan), np.where(rows, y, np.nan), crs=crs)
        rows = np.isfinite(x)
    return np.asarray(shapely.points(x[rows], y[rows])), rows

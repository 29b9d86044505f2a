"""Coordinate reference systems: degrees in storage, metres where something is measured.

Positions are kept as WGS84 longitude and latitude. Lengths and areas are taken in the CGCS2000 3-degree Gauss-Kruger
zone whose central meridian is nearest, where lengths are true to about 3 parts in 10 000. CGCS2000 and WGS84 differ by
decimetres at most; that is left out, and so are city grids such as 深圳独立坐标系, whose parameters are not public.
"""

from functools import lru_cache
from math import floor, isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from geo.errors import CoordinateError, CoordinatesOutOfRange, UnsuitableCRS

STORAGE_CRS = "EPSG:4326"

_ZONE_WIDTH_DEG = 3
_FIRST_MERIDIAN_DEG, _FIRST_EPSG = 75, 4534  # CGCS2000 / 3-degree Gauss-Kruger CM 75E
_LAST_MERIDIAN_DEG = 135  # EPSG:4554


def metric_crs(lon: float) -> int:
    """EPSG code of the metric reference system for places near a longitude.

    The CGCS2000 3-degree Gauss-Kruger zone with the nearest central meridian, in the series whose eastings carry no
    zone number: EPSG:4534 (75 E), 4535 (78 E), ... 4554 (135 E). Halfway between two meridians the eastern is taken.

    Parameters
    ----------
    lon : float
        Longitude in degrees east, 72 to 138.

    Returns
    -------
    int
        EPSG code, 4534 to 4554.

    Raises
    ------
    CoordinateError
        When the longitude lies more than 3 degrees from every meridian of the series, or is NaN.

    References
    ----------
    EPSG Geodetic Parameter Dataset, projected systems 4534-4554.

    Examples
    --------
    >>> metric_crs(114.06)  # Shenzhen
    4547
    >>> metric_crs(120.62)  # Suzhou
    4549
    """
    west, east = _FIRST_MERIDIAN_DEG - _ZONE_WIDTH_DEG, _LAST_MERIDIAN_DEG + _ZONE_WIDTH_DEG
    if not (isfinite(lon) and west <= lon <= east):
        raise CoordinateError(
            f"longitude {lon!r} has no 3-degree CGCS2000 zone; expected {west} to {east} degrees east"
        )
    nearest = _ZONE_WIDTH_DEG * floor(lon / _ZONE_WIDTH_DEG + 0.5)
    meridian = min(max(nearest, _FIRST_MERIDIAN_DEG), _LAST_MERIDIAN_DEG)
    return _FIRST_EPSG + (meridian - _FIRST_MERIDIAN_DEG) // _ZONE_WIDTH_DEG


def to_metric(lon: ArrayLike, lat: ArrayLike, *, crs: int | str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Easting and northing of WGS84 positions.

    Parameters
    ----------
    lon, lat : array_like
        Degrees, WGS84, of shapes that broadcast together.
    crs : int or str
        A projected reference system in metres: an EPSG code, usually from `metric_crs`, or anything that pyproj reads.

    Returns
    -------
    x, y : numpy.ndarray
        Easting and northing in metres, in this order whatever the official axis order. NaN where an input is NaN or
        infinite, and where the projection has no value.

    Raises
    ------
    CoordinatesOutOfRange
        When a finite longitude is outside -180..180 or a latitude outside -90..90.
    UnsuitableCRS
        When `crs` is unknown or is not projected in metres.

    Examples
    --------
    >>> x, y = to_metric([114.0, 114.1], [22.5, 22.5], crs=4547)
    >>> (x[1] - x[0]).round()
    np.float64(10290.0)
    """
    lon, lat = check_degrees(lon, lat)
    return _nan_where_undefined(_transformer(crs).transform(lon, lat))


def from_metric(x: ArrayLike, y: ArrayLike, *, crs: int | str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of positions given in metres: the inverse of `to_metric`.

    Parameters
    ----------
    x, y : array_like
        Easting and northing in metres, of shapes that broadcast together.
    crs : int or str
        The projected reference system in metres that they are in.

    Returns
    -------
    lon, lat : numpy.ndarray
        Degrees, WGS84. NaN where an input is NaN or infinite, and where the projection has no inverse.

    Raises
    ------
    UnsuitableCRS
        When `crs` is unknown or is not projected in metres.

    Examples
    --------
    >>> lon, lat = from_metric(500_000.0, 2_489_167.311, crs=4547)
    >>> lon.round(6), lat.round(6)
    (np.float64(114.0), np.float64(22.5))
    """
    x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    return _nan_where_undefined(_transformer(crs).transform(x, y, direction="INVERSE"))


def on_globe(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether each pair is a position at all: both finite, longitude in -180..180, latitude in -90..90.

    Parameters
    ----------
    lon, lat : array_like
        Degrees, of shapes that broadcast together.

    Returns
    -------
    numpy.ndarray
        Boolean, in the common shape.

    Examples
    --------
    >>> on_globe([114.06, 22.54, float("nan")], [22.54, 114.06, 22.54])
    array([ True, False, False])
    """
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    return np.asarray((np.abs(lon) <= 180) & (np.abs(lat) <= 90))


def check_degrees(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes as fresh float64 arrays of one shape, NaN in both where either is NaN or infinite.

    Parameters
    ----------
    lon, lat : array_like
        Degrees, of shapes that broadcast together; never changed.

    Returns
    -------
    lon, lat : numpy.ndarray

    Raises
    ------
    CoordinatesOutOfRange
        When both numbers of a pair are finite and the pair is not on the globe. It carries how many, and the first.

    Examples
    --------
    >>> check_degrees([114.06, float("inf")], 22.54)
    (array([114.06, nan]), array([22.54, nan]))
    >>> check_degrees(22.54, 114.06)
    Traceback (most recent call last):
        ...
    geo.errors.CoordinatesOutOfRange: 1 coordinate(s) out of range, the first lon 22.54, lat 114.06; expected ...
    """
    lon, lat = np.broadcast_arrays(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    known = np.isfinite(lon) & np.isfinite(lat)
    wrong = known & ~on_globe(lon, lat)
    if wrong.any():
        raise CoordinatesOutOfRange(int(wrong.sum()), float(lon[wrong][0]), float(lat[wrong][0]))
    return np.where(known, lon, np.nan), np.where(known, lat, np.nan)


@lru_cache(maxsize=64)
def _transformer(crs: int | str) -> Transformer:
    """From storage degrees to `crs`, x before y. Building one takes 60 ms; pyproj lets threads share it."""
    try:
        target = CRS.from_user_input(crs)
    except CRSError as error:
        raise UnsuitableCRS(repr(crs), "a code or text that names one") from error
    if not (target.is_projected and all(axis.unit_conversion_factor == 1 for axis in target.axis_info[:2])):
        raise UnsuitableCRS(f"{crs!r} ({target.name})", "one projected in metres, such as EPSG:4547")
    return Transformer.from_crs(STORAGE_CRS, target, always_xy=True)


def _nan_where_undefined(pair: tuple[ArrayLike, ArrayLike]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The pair with NaN in both where either is not finite: pyproj answers infinity for "no value"."""
    first, second = (np.asarray(values, np.float64) for values in pair)
    known = np.isfinite(first) & np.isfinite(second)
    return np.where(known, first, np.nan), np.where(known, second, np.nan)

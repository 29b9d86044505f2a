"""Web mercator as whole numbers: the square that tiles quarter, and the Morton order in which a tile is one run.

The square has 2**28 steps a side, 0.15 m at the equator. A Morton code interleaves the bits of column and row, so that
the points of a tile, and of every cell of a finer grid, stand side by side when sorted by code. The projection treats
the ellipsoid as a sphere, as every web map does; nothing is measured in it. What lies beyond 85.05 degrees has no
place in the square.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.crs import on_globe

BITS = 28
SIDE = 1 << BITS
LATITUDE_LIMIT = 85.0511287798066  # where the square ends
EQUATOR_M = 40_075_016.68557849

_UP = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)
_DOWN = (
    (1, 0x3333333333333333),
    (2, 0x0F0F0F0F0F0F0F0F),
    (4, 0x00FF00FF00FF00FF),
    (8, 0x0000FFFF0000FFFF),
    (16, 0x00000000FFFFFFFF),
)


def in_square(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether each pair has a place in the square: on the globe and within 85.05 degrees of the equator.

    Examples
    --------
    >>> in_square([114.06, 0.0, float("nan"), 181.0], [22.54, 89.0, 0.0, 0.0])
    array([ True, False, False, False])
    """
    return on_globe(lon, lat) & (np.abs(np.asarray(lat, np.float64)) <= LATITUDE_LIMIT)


def mercator(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Place in the unit square: x grows to the east from 180° W, y grows to the south.

    Parameters
    ----------
    lon, lat : array_like
        Degrees, WGS84; all `in_square`.

    Examples
    --------
    >>> mercator(0.0, 0.0)
    (np.float64(0.5), np.float64(0.5))
    """
    sine = np.sin(np.radians(np.asarray(lat, np.float64)))
    return (np.asarray(lon, np.float64) + 180) / 360, 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)


def latitude(y: float) -> float:
    """Latitude in degrees of a height in the unit square: the inverse of `mercator`.

    Examples
    --------
    >>> round(latitude(float(mercator(114.06, 22.54)[1])), 9)
    22.54
    """
    return float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y)))))


def steps(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Column and row of the finest grid that hold each place, 0 to 2**28 - 1."""
    x, y = mercator(lon, lat)
    column, row = (np.floor(np.asarray(v) * SIDE).astype(np.int64).clip(0, SIDE - 1) for v in (x, y))
    return column, row


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Column and row of the tile that holds a place.

    Examples
    --------
    >>> tile_of(114.06, 22.54, 10)
    (836, 446)
    """
    column, row = steps(lon, lat)
    return int(column) >> (BITS - zoom), int(row) >> (BITS - zoom)


def interleave(column: ArrayLike, row: ArrayLike) -> NDArray[np.uint64]:
    """Morton codes: the bits of the column at even places, those of the row at odd places.

    Examples
    --------
    >>> interleave([0, 1, 0, 1], [0, 0, 1, 1])
    array([0, 1, 2, 3], dtype=uint64)
    """
    return _spread(np.asarray(column)) | (_spread(np.asarray(row)) << np.uint64(1))


def apart(codes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Column and row of Morton codes: the inverse of `interleave`.

    Examples
    --------
    >>> apart(interleave([5, 6], [7, 8]))
    (array([5, 6]), array([7, 8]))
    """
    return _gather(codes), _gather(codes >> np.uint64(1))


def _spread(values: NDArray[Any]) -> NDArray[np.uint64]:
    spread = values.astype(np.uint64)
    for shift, mask in _UP:
        spread = (spread | (spread << np.uint64(shift))) & np.uint64(mask)
    return spread


def _gather(codes: NDArray[np.uint64]) -> NDArray[np.int64]:
    gathered = codes & np.uint64(0x5555555555555555)
    for shift, mask in _DOWN:
        gathered = (gathered | (gathered >> np.uint64(shift))) & np.uint64(mask)
    return gathered.astype(np.int64)

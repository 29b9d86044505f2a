"""Where the features of a collection lie, as columns: what a box meets, what holds all, and the GeoJSON of a few.

A million points are two arrays of numbers, and a box is four comparisons of each, a few milliseconds; a spatial index
would be faster and would have to be kept in memory for each version and kind of reader. What has no place meets every
box, as the standard asks.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from api.ogc.asked import Box


class Places(Protocol):
    """Places of the features of a collection, in its order."""

    def meet(self, box: Box) -> NDArray[np.bool_]:
        """Which meet a box; what has no place does not."""

    def nowhere(self) -> NDArray[np.bool_]:
        """Which have no place."""

    def bounds(self) -> Box | None:
        """The box around all; ``None`` when none has a place."""

    def geojson(self, rows: NDArray[np.intp]) -> list[str]:
        """Geometry of some of them."""


@dataclass(frozen=True, eq=False)
class Points:
    """Points.

    Attributes
    ----------
    lon, lat : ndarray of float64
        Degrees, NaN without a place.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]

    def meet(self, box: Box) -> NDArray[np.bool_]:
        """See ``Places``; points on the edge are inside."""
        west, south, east, north = box
        high = (self.lat >= south) & (self.lat <= north)
        if west > east:
            return high & ((self.lon >= west) | (self.lon <= east))
        return high & (self.lon >= west) & (self.lon <= east)

    def nowhere(self) -> NDArray[np.bool_]:
        """See ``Places``."""
        return ~(np.isfinite(self.lon) & np.isfinite(self.lat))

    def bounds(self) -> Box | None:
        """See ``Places``."""
        there = ~self.nowhere()
        if not there.any():
            return None
        west, east = (float(f(self.lon, where=there, initial=v)) for f, v in ((np.min, np.inf), (np.max, -np.inf)))
        south, north = (float(f(self.lat, where=there, initial=v)) for f, v in ((np.min, np.inf), (np.max, -np.inf)))
        return west, south, east, north

    def geojson(self, rows: NDArray[np.intp]) -> list[str]:
        """See ``Places``; every number has the digits that give it back."""
        there = ~Points(self.lon[rows], self.lat[rows]).nowhere()
        pairs = zip(there.tolist(), self.lon[rows].tolist(), self.lat[rows].tolist(), strict=True)
        return [f'{{"type":"Point","coordinates":[{x!r},{y!r}]}}' if is_there else "null" for is_there, x, y in pairs]


@dataclass(frozen=True, eq=False)
class Shapes:
    """Outlines, or no place at all.

    Attributes
    ----------
    shapes : ndarray of object
        Shapes in WGS84, ``None`` without a place.
    """

    shapes: NDArray[np.object_]

    def meet(self, box: Box) -> NDArray[np.bool_]:
        """See ``Places``; shapes that touch the box meet it."""
        west, south, east, north = box
        parts = [box] if west <= east else [(west, south, 180.0, north), (-180.0, south, east, north)]
        met = [shapely.intersects(shapely.box(*part), self.shapes) for part in parts]
        return np.asarray(np.logical_or.reduce(met), np.bool_)

    def nowhere(self) -> NDArray[np.bool_]:
        """See ``Places``."""
        return np.asarray(shapely.is_missing(self.shapes) | shapely.is_empty(self.shapes), np.bool_)

    def bounds(self) -> Box | None:
        """See ``Places``."""
        west, south, east, north = (float(v) for v in shapely.total_bounds(self.shapes))
        return (west, south, east, north) if west == west else None

    def geojson(self, rows: NDArray[np.intp]) -> list[str]:
        """See ``Places``; outlines are counter-clockwise (RFC 7946)."""
        turned = shapely.orient_polygons(self.shapes[rows], exterior_cw=False)
        return [text or "null" for text in shapely.to_geojson(turned).tolist()]

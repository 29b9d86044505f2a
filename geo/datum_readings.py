"""The ways to read numbers whose datum is not known: which frames they can be in, and in which order of the axes."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from geo.datums import Datum, Floats, to_wgs84, zone_of

_LARGEST_DEGREE = 360.0
_MARGIN_DEG = 1.0
_ZONE_REACH_DEG = 4.0


class Hypothesis(NamedTuple):
    """One way to read the numbers; `swapped` means latitude or northing first."""

    datum: Datum
    swapped: bool = False

    def places(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """WGS84 longitude and latitude of the numbers under this reading, NaN where they are no place."""
        return to_wgs84(*((y, x) if self.swapped else (x, y)), self.datum)

    def agrees_with(self, datum: Datum | None) -> bool:
        """Whether this is what a datum says; CGCS2000 without a zone may be any of its zones."""
        if datum is None:
            return False
        return (self.datum.is_projected and datum is Datum.CGCS2000) or self.datum.same_place_as(datum)


def are_metres(x: Floats, y: Floats) -> bool:
    """Whether numbers are too large for degrees; without any number they are not.

    Examples
    --------
    >>> are_metres(np.array([505_000.0, 0.0, 1.0]), np.array([2.5e6, 2.5e6, 0.0]))
    True
    """
    return bool(len(x) and np.median(np.maximum(np.abs(x), np.abs(y))) > _LARGEST_DEGREE)


def hypotheses_for(x: Floats, y: Floats, bounds: ArrayLike, declared: Datum | None = None) -> list[Hypothesis]:
    """The ways to read numbers of this size near some areas.

    Parameters
    ----------
    x, y : numpy.ndarray
        The numbers.
    bounds : array_like
        West, south, east, north of the areas, degrees.
    declared : Datum, optional
        A zone that is among the readings wherever it puts the numbers.

    Returns
    -------
    list of Hypothesis
        For degrees WGS84, GCJ-02 and BD-09 in both orders; for metres every zone of CGCS2000, in both orders, in which
        the middle of the numbers lies within a degree of the areas. Zones that mean the same place stand once.

    Examples
    --------
    >>> [each.datum.value for each in hypotheses_for(np.array([38505000.0]), np.array([2.5e6]), [113.7, 22.4, 115, 23])]
    ['epsg:4526']
    """
    if not are_metres(x, y):
        return [Hypothesis(datum, swapped) for swapped in (False, True) for datum in _IN_DEGREES]
    middle = float(np.median(x)), float(np.median(y))
    found = [
        Hypothesis(datum, swapped)
        for swapped, (easting, northing) in ((False, middle), (True, middle[::-1]))
        for datum in _zones_near(bounds)
        if _is_near(to_wgs84(easting, northing, datum), bounds)
    ]
    if declared is None or not declared.is_projected or any(each.datum.same_place_as(declared) for each in found):
        return found
    return [*found, Hypothesis(declared), Hypothesis(declared, swapped=True)]


_IN_DEGREES = (Datum.WGS84, Datum.GCJ02, Datum.BD09)
_ZONES = tuple(  # without EPSG:4502 to 4512, whose metres are those of the 3-degree zones of the same meridians
    Datum(f"epsg:{code}") for code in (*range(4534, 4555), *range(4513, 4534), *range(4491, 4502))
)


def _zones_near(bounds: ArrayLike) -> Iterator[Datum]:
    west, _, east, _ = np.asarray(bounds, np.float64).tolist()
    for datum in _ZONES:
        if west - _ZONE_REACH_DEG <= zone_of(datum)[0] <= east + _ZONE_REACH_DEG:
            yield datum


def _is_near(place: tuple[Floats, Floats], bounds: ArrayLike) -> bool:
    west, south, east, north = np.asarray(bounds, np.float64).tolist()
    lon, lat = place
    margin = _MARGIN_DEG
    return bool(west - margin <= lon <= east + margin and south - margin <= lat <= north + margin)

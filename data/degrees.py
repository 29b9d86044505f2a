"""Degrees of longitude and latitude as people write them, and a first look at which is which.

Metres of a projected system pass through as the plain numbers that they are; ``geo.datum_doctor`` says what they mean.
"""

import re

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from data.numbers import plain_floats
from data.parsed import SCIENTIFIC, Cells, Parsed, Reading, parse_cells

DEGREES_MINUTES = "degrees_minutes"
DEGREE_SIGN = "degree_sign"
CHINA_LON = (73.0, 136.0)
CHINA_LAT = (3.0, 54.0)

_SIDE = r"[nsew]|东经|西经|北纬|南纬|東經|西經|北緯|南緯|东|西|南|北"
_DEGREE, _MINUTE = r"(?:°|度|deg|:|-|\s)", r"(?:′|'|‘|’|分|:|-|\s)"
_SECOND = r"(?:″|′′|\"|”|“|''|’’|秒)"
_DMS = re.compile(
    rf"(?P<before>{_SIDE})?\s*(?P<sign>[+-]?)(?P<degrees>[0-9]{{1,3}})\s*{_DEGREE}\s*"
    rf"(?P<minutes>[0-9]{{1,2}}(?:\.[0-9]+)?)\s*(?:{_MINUTE}\s*(?P<seconds>[0-9]{{1,2}}(?:\.[0-9]*)?)\s*{_SECOND}?|{_MINUTE})\s*"
    rf"(?P<after>{_SIDE})?"
)
_DECIMAL = re.compile(
    rf"(?P<before>{_SIDE})?\s*(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?P<power>e[+-]?[0-9]{{1,3}})?)\s*"
    rf"(?P<sign>°|度|deg)?\s*(?P<after>{_SIDE})?"
)
_NEGATIVE = frozenset("sw西南")


def parse_degrees(cells: Cells) -> Parsed:
    """Degrees, or metres of a projected system, as float64.

    Parameters
    ----------
    cells : pyarrow.Array or ChunkedArray
        ``113.9416``, ``113°56'30"E``, ``东经113度56分30秒``, ``113-56-30``, ``113°56.5'``, ``38512345.1``; or numbers.
        South and west are negative. Minutes of 60 or more are unreadable.

    Examples
    --------
    >>> parse_degrees(pa.array(["113.5", "113度30分", "22°30'0\\"S", "113°75'"])).values.to_pylist()
    [113.5, 113.5, -22.5, None]
    """
    if pa.types.is_floating(cells.type):
        numbers = np.array(cells.cast(pa.float64()).to_numpy(zero_copy_only=False))
        infinite = np.isinf(numbers)
        values = pa.array(numbers, mask=np.isnan(numbers) | infinite)
        return Parsed(values, infinite, pa.nulls(len(values), pa.string()))
    return parse_cells(cells, pa.float64(), plain_floats, _degrees)


def swapped(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Where a longitude can only be a latitude of China, and the latitude a longitude.

    Parameters
    ----------
    lon, lat : array_like of float
        Degrees; NaN where unknown, which is never swapped.

    Examples
    --------
    >>> swapped([113.9, 22.5], [22.5, 113.9]).tolist()
    [False, True]
    """
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    return _within(lon, CHINA_LAT) & _within(lat, CHINA_LON)


def _within(degrees: NDArray[np.float64], bounds: tuple[float, float]) -> NDArray[np.bool_]:
    return (degrees >= bounds[0]) & (degrees <= bounds[1])


def _degrees(text: str, rule: str | None) -> Reading | None:
    found = _DMS.fullmatch(text) or _DECIMAL.fullmatch(text)
    if found is None:
        return None
    parts = found.groupdict()
    sides = [side for side in (parts["before"], parts["after"]) if side]
    negative = any(_NEGATIVE & set(side) for side in sides)
    if len(sides) > 1 or (sides and "-" in (parts["sign"] or "", (parts.get("number") or "")[:1])):
        return None
    if "number" in parts:
        value = float(parts["number"])
        if not np.isfinite(value):
            return None
        rule = DEGREE_SIGN if sides or parts["sign"] else SCIENTIFIC if parts["power"] else rule
        return Reading(-value if negative else value, rule)
    minutes, seconds = float(parts["minutes"]), float(parts["seconds"] or 0)
    # a writer that rounds makes 60.00 of 59.999 seconds
    if minutes >= 60 or seconds > 60 or (parts["seconds"] and minutes % 1):
        return None
    value = int(parts["degrees"]) + minutes / 60 + seconds / 3600
    return Reading(-value if negative or parts["sign"] == "-" else value, DEGREES_MINUTES) if value <= 180 else None

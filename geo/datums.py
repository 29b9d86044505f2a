"""Which frame positions can come in, what people call it, and the way from each to WGS84.

CGCS2000 counts as WGS84: they differ by decimetres. Projected positions are metres of the Gauss-Kruger zones of
CGCS2000, of 3 and of 6 degrees, with and without the zone number in front of the easting. Frames whose parameters are
not public here are refused with their reason and never approximated: 北京54, 西安80, 深圳独立坐标系, Baidu's metres.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.crs import from_metric, on_globe
from geo.datum import bd09_to_wgs84, gcj02_to_wgs84
from geo.errors import UnusableDatum

Floats = NDArray[np.float64]

_FIRST_EPSG, _LAST_EPSG = 4491, 4554
_ZONE_SERIES = (  # first code, codes, width in degrees, number of the first zone or None where eastings carry none
    (4491, 11, 6, 13),
    (4502, 11, 6, None),
    (4513, 21, 3, 25),
    (4534, 21, 3, None),
)
_FIRST_MERIDIAN_DEG = 75
_FALSE_EASTING_M, _EASTING_REACH_M, _NORTHEST_M = 500_000.0, 500_000.0, 10_000_000.0


class Datum(StrEnum):
    """What the numbers of a position mean.

    Degrees are `WGS84`, `CGCS2000`, `GCJ02` (amap, Tencent) or `BD09` (Baidu). Metres are ``EPSG_4491`` to
    ``EPSG_4554``, the Gauss-Kruger zones of CGCS2000, whose values read ``"epsg:4547"``.

    Examples
    --------
    >>> Datum("gcj02"), Datum("epsg:4547").is_projected
    (<Datum.GCJ02: 'gcj02'>, True)
    """

    _ignore_ = ["code", "members"]  # noqa: RUF012

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"
    members = vars()
    for code in range(_FIRST_EPSG, _LAST_EPSG + 1):
        members[f"EPSG_{code}"] = f"epsg:{code}"

    @property
    def is_projected(self) -> bool:
        """Whether positions are metres rather than degrees."""
        return self.value.startswith("epsg:")

    @property
    def epsg(self) -> int | None:
        """EPSG code: 4326, 4490, or that of a zone; GCJ-02 and BD-09 have none."""
        if self.is_projected:
            return int(self.value.removeprefix("epsg:"))
        return {"wgs84": 4326, "cgcs2000": 4490}.get(self.value)

    def same_place_as(self, other: "Datum") -> bool:
        """Whether the same numbers mean the same place, within decimetres.

        Examples
        --------
        >>> Datum.WGS84.same_place_as(Datum.CGCS2000), Datum("epsg:4547").same_place_as(Datum("epsg:4546"))
        (True, False)
        >>> Datum("epsg:4508").same_place_as(Datum("epsg:4546"))  # 6-degree and 3-degree zone around 111 E
        True
        """
        if self.is_projected and other.is_projected:
            return zone_of(self) == zone_of(other)
        satellite = (Datum.WGS84, Datum.CGCS2000)
        return self is other or (self in satellite and other in satellite)


def zone_of(datum: Datum) -> tuple[int, float]:
    """Central meridian in degrees east, and false easting in metres, of a projected datum.

    Raises
    ------
    UnusableDatum
        When the datum is in degrees.

    Examples
    --------
    >>> zone_of(Datum("epsg:4547")), zone_of(Datum("epsg:4526")), zone_of(Datum("epsg:4498"))
    ((114, 500000.0), (114, 38500000.0), (117, 20500000.0))
    """
    code = datum.epsg or 0
    for first, count, width, number in _ZONE_SERIES:
        if first <= code < first + count:
            place = code - first
            false_easting_m = _FALSE_EASTING_M + (0 if number is None else 1e6 * (number + place))
            return _FIRST_MERIDIAN_DEG + width * place, false_easting_m
    raise UnusableDatum(datum, "unknown")


def to_wgs84(x: ArrayLike, y: ArrayLike, datum: Datum | str) -> tuple[Floats, Floats]:
    """WGS84 longitude and latitude of positions in any datum.

    Parameters
    ----------
    x, y : array_like
        Longitude and latitude in degrees, or easting and northing in metres, of shapes that broadcast together.
    datum : Datum or str
        What they are in.

    Returns
    -------
    lon, lat : numpy.ndarray
        Degrees; fresh arrays. NaN in both where either is NaN, infinite, off the globe, or, in metres, more than 500 km
        from the meridian of the zone.

    Raises
    ------
    UnusableDatum
        When the datum is not one of `Datum`.

    Examples
    --------
    >>> lon, lat = to_wgs84([114.06301399856547, 190.0], [22.54038281422246, 22.5], Datum.GCJ02)
    >>> lon.round(6), lat.round(6)
    (array([114.0579,      nan]), array([22.5431,     nan]))
    >>> lon, lat = to_wgs84(38_500_000.0, 2_489_167.311, "epsg:4526")
    >>> lon.round(6), lat.round(6)
    (np.float64(114.0), np.float64(22.5))
    """
    frame = as_datum(datum)
    x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    usable = _within_zone(x, y, frame) if frame.is_projected else on_globe(x, y)
    x, y = np.where(usable, x, np.nan), np.where(usable, y, np.nan)
    if frame.is_projected:
        return from_metric(x, y, crs=frame.value)
    if frame is Datum.GCJ02:
        return _arrays(gcj02_to_wgs84(x, y))
    return _arrays(bd09_to_wgs84(x, y)) if frame is Datum.BD09 else (x, y)


def repair_areas(geometries: ArrayLike, datum: Datum | str, *, swapped: bool = False) -> NDArray[np.object_]:
    """WGS84 outlines of outlines in any datum: every vertex goes through `to_wgs84`.

    Parameters
    ----------
    geometries : array_like of shapely geometries
        Missing ones stay missing. A third coordinate is dropped.
    datum : Datum or str
        What their vertices are in.
    swapped : bool, optional
        Whether latitude or northing stands first.

    Returns
    -------
    numpy.ndarray
        New geometries, in order. A vertex that is no position becomes NaN.

    Raises
    ------
    UnusableDatum
        When the datum is not one of `Datum`.

    Examples
    --------
    >>> areas = repair_areas([shapely.Point(22.54038281422246, 114.06301399856547)], "gcj02", swapped=True)
    >>> shapely.get_coordinates(areas).round(6)
    array([[114.0579,  22.5431]])
    """

    def repaired(vertices: NDArray[Any]) -> NDArray[Any]:
        x, y = vertices.T[::-1] if swapped else vertices.T
        return np.column_stack(to_wgs84(x, y, datum))

    shapes = np.asarray(geometries, dtype=object)
    return np.asarray(shapely.transform(shapes, repaired), dtype=object)


def as_datum(value: Datum | str) -> Datum:
    """The datum under its own value, as configuration and command lines write it.

    Raises
    ------
    UnusableDatum

    Examples
    --------
    >>> as_datum("epsg:4547").name
    'EPSG_4547'
    """
    try:
        return Datum(value)
    except ValueError as error:
        raise UnusableDatum(str(value), "unknown") from error


Refusal = Literal["beijing54", "xian80", "shenzhen_local", "baidu_metres", "unknown"]
"""Why a datum cannot be used: its parameters are not public here, or nobody knows it under this name."""

_REFUSED: tuple[tuple[str, Refusal], ...] = (
    (r"北京54|北京1954|1954(年)?北京|bei?jing(1954|54)|bj54|epsg(4214|214[1-8]\d|24[0-4]\d)$", "beijing54"),
    (r"西安80|西安1980|1980(年)?西安|xian(1980|80)|epsg(4610|23[2-9]\d)$", "xian80"),
    (r"深圳(市)?(独立|地方|城建|坐标|平面)|shenzhen(local|independent|coordinate)|sz(独立|local)", "shenzhen_local"),
    (r"bd09mc|bdmc|百度(墨卡托|平面|米制)", "baidu_metres"),
)
_MENTIONED: tuple[tuple[str, Datum], ...] = (  # in this order: 百度 before 高德 decides nothing, both are not written
    (r"bd09(ll)?|bd9|百度|baidu", Datum.BD09),
    (r"gcj(02|2)?|火星坐标|国测局|高德|腾讯|amap|autonavi|tencent|mars", Datum.GCJ02),
    (r"cgcs2000|国家2000|2000国家|大地2000|epsg4490$|天地图|tianditu", Datum.CGCS2000),
    (r"wgs(19)?84|epsg4326$|crs84|gps", Datum.WGS84),
)
_ZONE_CODE = re.compile(r"epsg(4(?:49[1-9]|5[0-4]\d|55[0-4]))$")


def mentioned_datum(text: str) -> Datum | None:
    """The datum that a heading, a layer's name or a note mentions, if it mentions exactly one.

    Examples
    --------
    >>> mentioned_datum("经度(GCJ-02)"), mentioned_datum("百度纬度"), mentioned_datum("经度")
    (<Datum.GCJ02: 'gcj02'>, <Datum.BD09: 'bd09'>, None)
    """
    plain = _plain(text)
    if any(re.search(pattern, plain) for pattern, _ in _REFUSED):
        return None
    if zone := _ZONE_CODE.search(plain):
        return Datum(f"epsg:{zone[1]}")
    named = [datum for pattern, datum in _MENTIONED if re.search(pattern, plain)]
    return named[0] if len(named) == 1 else None


def read_datum(text: str) -> Datum:
    """The datum that someone declares, in the words that people use: ``高德``, ``WGS-84``, ``EPSG:4547``, ``国家2000``.

    Raises
    ------
    UnusableDatum
        When it is one whose parameters are not public here, or none that is known.

    Examples
    --------
    >>> read_datum("高德地图"), read_datum("EPSG:4547").value
    (<Datum.GCJ02: 'gcj02'>, 'epsg:4547')
    >>> read_datum("深圳独立坐标系")
    Traceback (most recent call last):
        ...
    geo.errors.UnusableDatum: 深圳独立坐标系: the parameters of Shenzhen's own grid are not public; ...
    """
    plain = _plain(text)
    for pattern, reason in _REFUSED:
        if re.search(pattern, plain):
            raise UnusableDatum(text, reason)
    found = mentioned_datum(text)
    if found is None:
        raise UnusableDatum(text, "unknown")
    return found


def _plain(text: str) -> str:
    """Small letters and digits without anything between them."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _within_zone(x: Floats, y: Floats, datum: Datum) -> NDArray[np.bool_]:
    _, false_easting_m = zone_of(datum)
    return np.asarray((np.abs(x - false_easting_m) <= _EASTING_REACH_M) & (np.abs(y) <= _NORTHEST_M))


def _arrays(pair: tuple[ArrayLike, ArrayLike]) -> tuple[Floats, Floats]:
    return np.asarray(pair[0], np.float64), np.asarray(pair[1], np.float64)

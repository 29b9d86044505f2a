"""The three datums of Chinese web maps: WGS84 (GNSS, storage), GCJ-02 (amap, Tencent), BD-09 (Baidu).

GCJ-02 moves a position by up to several hundred metres with a published-by-reconstruction formula; BD-09 moves GCJ-02
once more. Both are evaluated exactly as reconstructed, and inverted by fixed-point iteration to the last bits of a
double, about 1e-14 degree. That is the precision of the arithmetic, not of the place: against the live services these
formulas agree to about 1-3 m, so a converted position is never "exact WGS84".

As published implementations do, GCJ-02 is taken to equal WGS84 outside one box around China (72.004-137.8347 E,
0.8293-55.8271 N); within a kilometre of the edge of that box, abroad or at sea, the jump cannot be undone. Left out:
Hong Kong, Macau and Taiwan lie inside the box although services follow other rules there, so positions south of 深圳河
need care. Which datum a file is in is not asked here.

Every function takes longitude and latitude in degrees, scalars or arrays that broadcast together, and gives float64
arrays, or two floats when both came as scalars. NaN and infinity give NaN. A pair outside -180..180, -90..90 raises
`geo.errors.CoordinateError`. Inputs stay untouched.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Protocol, TypeAlias, overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geo.crs import check_degrees

Degrees: TypeAlias = NDArray[np.float64]
"""Float64 degrees: what the formulas work on."""

ManyDegrees: TypeAlias = "NDArray[np.floating[Any]] | NDArray[np.integer[Any]] | Sequence[float] | pd.Series[float]"
"""Degrees that come as more than one number."""

_Formula: TypeAlias = Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]

_KRASOVSKY_MAJOR_AXIS_M = 6378245.0
_KRASOVSKY_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BOX_WEST, _BOX_EAST, _BOX_SOUTH, _BOX_NORTH = 72.004, 137.8347, 0.8293, 55.8271

_BD09_WAVE = 3000 * np.pi / 180
_BD09_EAST_DEG, _BD09_NORTH_DEG = 0.0065, 0.006

_INVERSE_STEPS = 12  # each step gains at least two digits; eight would do


class DatumShift(Protocol):
    """A conversion between datums: two floats for two floats, two arrays for anything longer."""

    @overload
    def __call__(self, lon: float, lat: float) -> tuple[float, float]: ...
    @overload
    def __call__(self, lon: ManyDegrees, lat: ManyDegrees) -> tuple[Degrees, Degrees]: ...


def _checked(formula: _Formula) -> DatumShift:
    """The formula behind one door: range checked, infinity made NaN, floats out where scalars came in."""

    @wraps(formula)
    def shift(lon: ArrayLike, lat: ArrayLike) -> tuple[Any, Any]:
        shifted_lon, shifted_lat = formula(*check_degrees(lon, lat))
        if shifted_lon.ndim == 0:
            return float(shifted_lon), float(shifted_lat)
        return shifted_lon, shifted_lat

    return shift


@_checked
def wgs84_to_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    r"""GCJ-02 position of a WGS84 position.

    A polynomial with sine waves in lon - 105 and lat - 35 gives metres east and north; these become degrees on the
    Krasovsky 1940 ellipsoid and are added.

    Parameters
    ----------
    lon, lat : float or array_like
        WGS84 degrees.

    Returns
    -------
    lon, lat : float or numpy.ndarray
        GCJ-02 degrees; the input unchanged outside the box around China.

    Raises
    ------
    CoordinateError
        When a pair is outside -180..180, -90..90.

    Notes
    -----
    With :math:`x = \mathrm{lon} - 105`, :math:`y = \mathrm{lat} - 35` in degrees, a = 6378245 m, e² =
    0.00669342162296594323 and :math:`m = 1 - e^2 \sin^2 \mathrm{lat}`,

    .. math::

        \begin{aligned}
        u ={} & -100 + 2x + 3y + 0.2y^2 \\
        & + 0.1xy + 0.2\sqrt{|x|} + D \\
        & + \tfrac{2}{3}\left(20\sin \pi y + 40\sin \tfrac{\pi y}{3}\right) \\
        & + \tfrac{2}{3}\left(160\sin \tfrac{\pi y}{12} + 320\sin \tfrac{\pi y}{30}\right)
        \end{aligned}

    .. math::

        \begin{aligned}
        v ={} & 300 + x + 2y + 0.1x^2 \\
        & + 0.1xy + 0.1\sqrt{|x|} + D \\
        & + \tfrac{2}{3}\left(20\sin \pi x + 40\sin \tfrac{\pi x}{3}\right) \\
        & + \tfrac{2}{3}\left(150\sin \tfrac{\pi x}{12} + 300\sin \tfrac{\pi x}{30}\right)
        \end{aligned}

    .. math:: D = \tfrac{2}{3}(20 \sin 6\pi x + 20 \sin 2\pi x)

    .. math:: \Delta\mathrm{lat} = \frac{180\, u\, m^{3/2}}{\pi a (1 - e^2)}

    .. math:: \Delta\mathrm{lon} = \frac{180\, v \sqrt{m}}{\pi a \cos \mathrm{lat}}

    Reading: in Shenzhen the shift is about 500 m east and 300 m south; a point that is off by that much is in the other
    datum.

    Limits: a published formula and no survey: against live services it agrees to 1 to 3 m. The box around China holds
    Hong Kong too, where services follow other rules. One point suffices.

    References
    ----------
    .. [1] The reconstructed algorithm as in coord-convert 0.2.1 and prcoords 1.0.2 (PyPI).

    Examples
    --------
    >>> lon, lat = wgs84_to_gcj02(114.0579, 22.5431)
    >>> round(lon, 6), round(lat, 6)
    (114.063014, 22.540383)
    """
    return _gcj02_from_wgs84(lon, lat)


@_checked
def gcj02_to_wgs84(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    r"""WGS84 position of a GCJ-02 position, by iteration.

    Solves ``wgs84_to_gcj02(q) = target`` with q ← q + (target - wgs84_to_gcj02(q)), 12 steps from q = target.

    Parameters
    ----------
    lon, lat : float or array_like
        GCJ-02 degrees.

    Returns
    -------
    lon, lat : float or numpy.ndarray
        WGS84 degrees; shifting them again misses the input by about 1e-14 degree.

    Raises
    ------
    CoordinateError
        When a pair is outside -180..180, -90..90.

    Notes
    -----
    With f the shift of `wgs84_to_gcj02` and p the GCJ-02 position,

    .. math:: q_0 = p, \qquad q_{k+1} = q_k + \bigl(p - f(q_k)\bigr), \qquad k = 0, \dots, 11

    Reading: shifting the result again gives the input back to about 1e-14 degree, far below a millimetre.

    Limits: exact as an inverse of the formula, not as a survey: 1 to 3 m against live services. The common one-step
    inverse is up to 2.5 m further off in Shenzhen. One point suffices.

    References
    ----------
    .. [1] The reconstructed algorithm as in coord-convert 0.2.1 and prcoords 1.0.2 (PyPI).

    Examples
    --------
    >>> lon, lat = gcj02_to_wgs84(114.06301399856547, 22.54038281422246)
    >>> round(lon, 9), round(lat, 9)
    (114.0579, 22.5431)
    """
    return _wgs84_from_gcj02(lon, lat)


@_checked
def gcj02_to_wgs84_one_step(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """WGS84 position of a GCJ-02 position as the common one-step inverse gives it: 2 target - wgs84_to_gcj02(target).

    For reproducing data that others converted this way; it is 1 m off in the center of Shenzhen, up to 2.5 m elsewhere
    in the city.

    Parameters
    ----------
    lon, lat : float or array_like
        GCJ-02 degrees.

    Returns
    -------
    lon, lat : float or numpy.ndarray
        WGS84 degrees, to a metre or two.

    Raises
    ------
    CoordinateError
        When a pair is outside -180..180, -90..90.

    Examples
    --------
    >>> lon, lat = gcj02_to_wgs84_one_step(114.06301399856547, 22.54038281422246)
    >>> round(lon, 6), round(lat, 6)
    (114.057895, 22.543092)
    """
    again_lon, again_lat = _gcj02_from_wgs84(lon, lat)
    return 2 * lon - again_lon, 2 * lat - again_lat


@_checked
def gcj02_to_bd09(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    r"""BD-09 position of a GCJ-02 position.

    In polar form around lon = lat = 0, the radius gains 0.00002 sin(κ lat) and the angle 0.000003 cos(κ lon), with
    κ = 3000 π / 180 per degree; 0.0065 degree east and 0.006 degree north are added.

    Parameters
    ----------
    lon, lat : float or array_like
        GCJ-02 degrees.

    Returns
    -------
    lon, lat : float or numpy.ndarray
        BD-09 degrees.

    Raises
    ------
    CoordinateError
        When a pair is outside -180..180, -90..90.

    Notes
    -----
    With :math:`\kappa = 3000\pi/180` per degree and GCJ-02 degrees in,

    .. math:: z = \sqrt{\mathrm{lon}^2 + \mathrm{lat}^2} + 0.00002 \sin(\kappa\, \mathrm{lat})

    .. math::

        \begin{aligned}
        \theta ={} & \operatorname{atan2}(\mathrm{lat}, \mathrm{lon}) \\
        & + 0.000003 \cos(\kappa\, \mathrm{lon})
        \end{aligned}

    .. math:: \mathrm{lon}' = z \cos \theta + 0.0065

    .. math:: \mathrm{lat}' = z \sin \theta + 0.006

    Reading: in Shenzhen BD-09 lies about 1,150 to 1,200 m east and 320 to 360 m north of WGS84.

    Limits: a published formula and no survey: 1 to 3 m against live services. Implementations that write sin(π lat) for
    sin(κ lat) are tens of metres off. One point suffices.

    References
    ----------
    .. [1] The reconstructed algorithm as in coord-convert 0.2.1 and prcoords 1.0.2 (PyPI).

    Examples
    --------
    >>> lon, lat = gcj02_to_bd09(114.06301399856547, 22.54038281422246)
    >>> round(lon, 6), round(lat, 6)
    (114.069564, 22.546042)
    """
    return _bd09_from_gcj02(lon, lat)


@_checked
def bd09_to_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    r"""GCJ-02 position of a BD-09 position, by iteration.

    Solves ``gcj02_to_bd09(q) = target`` with q ← q + (target - gcj02_to_bd09(q)), 12 steps from the one-step inverse.

    Parameters
    ----------
    lon, lat : float or array_like
        BD-09 degrees.

    Returns
    -------
    lon, lat : float or numpy.ndarray
        GCJ-02 degrees; shifting them again misses the input by about 1e-14 degree.

    Raises
    ------
    CoordinateError
        When a pair is outside -180..180, -90..90.

    Notes
    -----
    With f the shift of `gcj02_to_bd09`, p the BD-09 position and :math:`q_0` its one-step inverse,

    .. math:: q_{k+1} = q_k + \bigl(p - f(q_k)\bigr), \qquad k = 0, \dots, 11

    Reading: shifting the result again gives the input back to about 1e-14 degree.

    Limits: exact as an inverse of the formula, not as a survey: 1 to 3 m against live services. One point suffices.

    References
    ----------
    .. [1] The reconstructed algorithm as in coord-convert 0.2.1 and prcoords 1.0.2 (PyPI).

    Examples
    --------
    >>> lon, lat = bd09_to_gcj02(114.06956398703267, 22.546041559073544)
    >>> round(lon, 6), round(lat, 6)
    (114.063014, 22.540383)
    """
    return _gcj02_from_bd09(lon, lat)


@_checked
def bd09_to_gcj02_one_step(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """GCJ-02 position of a BD-09 position as the common one-step inverse gives it.

    The offsets and waves of `gcj02_to_bd09` are subtracted, the waves being read at the shifted place. For reproducing
    data that others converted this way; it is about 0.05 m off in Shenzhen.

    Parameters
    ----------
    lon, lat : float or array_like
        BD-09 degrees.

    Returns
    -------
    lon, lat : float or numpy.ndarray
        GCJ-02 degrees, to a decimetre or two.

    Raises
    ------
    CoordinateError
        When a pair is outside -180..180, -90..90.

    Examples
    --------
    >>> lon, lat = bd09_to_gcj02_one_step(114.06956398703267, 22.546041559073544)
    >>> round(lon, 6), round(lat, 6)
    (114.063014, 22.540383)
    """
    return _gcj02_near_bd09(lon, lat)


@_checked
def wgs84_to_bd09(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    r"""BD-09 position of a WGS84 position: `wgs84_to_gcj02`, then `gcj02_to_bd09`.

    Parameters
    ----------
    lon, lat : float or array_like
        WGS84 degrees.

    Returns
    -------
    lon, lat : float or numpy.ndarray
        BD-09 degrees.

    Raises
    ------
    CoordinateError
        When a pair is outside -180..180, -90..90.

    Notes
    -----
    With f the shift of `wgs84_to_gcj02` and h that of `gcj02_to_bd09`,

    .. math:: p' = h\bigl(f(p)\bigr)

    Reading: in Shenzhen the shift is about 1,150 to 1,200 m east and 320 to 360 m north.

    Limits: both formulas are published reconstructions: 1 to 3 m against live services. One point suffices.

    References
    ----------
    .. [1] The reconstructed algorithm as in coord-convert 0.2.1 and prcoords 1.0.2 (PyPI).

    Examples
    --------
    >>> lon, lat = wgs84_to_bd09([114.0579, float("nan")], [22.5431, 22.5431])
    >>> lon.round(6), lat.round(6)
    (array([114.069564, nan]), array([22.546042, nan]))
    """
    return _bd09_from_gcj02(*_gcj02_from_wgs84(lon, lat))


@_checked
def bd09_to_wgs84(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    r"""WGS84 position of a BD-09 position: `bd09_to_gcj02`, then `gcj02_to_wgs84`, both iterated.

    Parameters
    ----------
    lon, lat : float or array_like
        BD-09 degrees.

    Returns
    -------
    lon, lat : float or numpy.ndarray
        WGS84 degrees; shifting them again misses the input by a few 1e-14 degree.

    Raises
    ------
    CoordinateError
        When a pair is outside -180..180, -90..90.

    Notes
    -----
    With f the shift of `wgs84_to_gcj02` and h that of `gcj02_to_bd09`, both inverted by iteration,

    .. math:: p = f^{-1}\bigl(h^{-1}(p')\bigr)

    Reading: the position that a satellite receiver would show for a point of a Baidu map.

    Limits: exact as an inverse of the formulas, not as a survey: 1 to 3 m against live services. One point suffices.

    References
    ----------
    .. [1] The reconstructed algorithm as in coord-convert 0.2.1 and prcoords 1.0.2 (PyPI).

    Examples
    --------
    >>> lon, lat = bd09_to_wgs84(114.06956398703267, 22.546041559073544)
    >>> round(lon, 9), round(lat, 9)
    (114.0579, 22.5431)
    """
    return _wgs84_from_gcj02(*_gcj02_from_bd09(lon, lat))


def _gcj02_from_wgs84(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    east_m, north_m = _gcj02_offset_m(lon - 105, lat - 35)
    lat_radians = np.radians(lat)
    flattening = 1 - _KRASOVSKY_ECCENTRICITY_SQUARED * np.sin(lat_radians) ** 2
    meridian_radius_m = _KRASOVSKY_MAJOR_AXIS_M * (1 - _KRASOVSKY_ECCENTRICITY_SQUARED) / flattening**1.5
    parallel_radius_m = _KRASOVSKY_MAJOR_AXIS_M / np.sqrt(flattening) * np.cos(lat_radians)
    shifted = (lon >= _BOX_WEST) & (lon <= _BOX_EAST) & (lat >= _BOX_SOUTH) & (lat <= _BOX_NORTH)
    return (
        lon + np.where(shifted, 180 * east_m / (np.pi * parallel_radius_m), 0),
        lat + np.where(shifted, 180 * north_m / (np.pi * meridian_radius_m), 0),
    )


def _gcj02_offset_m(x: Degrees, y: Degrees) -> tuple[Degrees, Degrees]:
    """Metres east and north, x and y degrees away from 105 E, 35 N."""
    sin, pi = np.sin, np.pi
    root, both = np.sqrt(np.abs(x)), (20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)) * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + both
    east_m = east_m + (20 * sin(pi * x) + 40 * sin(pi * x / 3)) * 2 / 3
    east_m = east_m + (150 * sin(pi * x / 12) + 300 * sin(pi * x / 30)) * 2 / 3
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + both
    north_m = north_m + (20 * sin(pi * y) + 40 * sin(pi * y / 3)) * 2 / 3
    north_m = north_m + (160 * sin(pi * y / 12) + 320 * sin(pi * y / 30)) * 2 / 3
    return east_m, north_m


def _bd09_from_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(_BD09_WAVE * lat)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(_BD09_WAVE * lon)
    return radius * np.cos(angle) + _BD09_EAST_DEG, radius * np.sin(angle) + _BD09_NORTH_DEG


def _gcj02_near_bd09(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    x, y = lon - _BD09_EAST_DEG, lat - _BD09_NORTH_DEG
    radius = np.hypot(x, y) - 0.00002 * np.sin(_BD09_WAVE * y)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(_BD09_WAVE * x)
    return radius * np.cos(angle), radius * np.sin(angle)


def _wgs84_from_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    return _inverse(_gcj02_from_wgs84, target=(lon, lat), start=(lon, lat))


def _gcj02_from_bd09(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    return _inverse(_bd09_from_gcj02, target=(lon, lat), start=_gcj02_near_bd09(lon, lat))


def _inverse(
    formula: _Formula, *, target: tuple[Degrees, Degrees], start: tuple[Degrees, Degrees]
) -> tuple[Degrees, Degrees]:
    """The place that `formula` sends to the target. The steps are always as many: no row depends on another."""
    lon, lat = start
    for _ in range(_INVERSE_STEPS):
        reached_lon, reached_lat = formula(lon, lat)
        lon, lat = lon + (target[0] - reached_lon), lat + (target[1] - reached_lat)
    return lon, lat

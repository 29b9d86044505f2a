"""Errors of ``geo``; every one is a ``ValueError`` that says what came and what was expected.

GeoError
├── UnknownCity         no boundary under this adcode
├── BoundaryRecipeError a recipe did not give the areas that it names
├── CoordinateError     a longitude or latitude that is not on the map
│   └── CoordinatesOutOfRange  some of many are not: how many, and the first of them
├── UnsuitableCRS       a coordinate reference system that cannot serve here
├── UnusableDatum       a datum that cannot be brought to WGS84, or that nobody knows
├── PyramidError        points, a filter or a folder that do not make a point pyramid
└── AssetsMissing       the browser libraries were not fetched yet
"""

from typing import ClassVar


class GeoError(ValueError):
    """Base of every error raised in ``geo``."""


class UnknownCity(GeoError):
    """No boundary is known under this administrative code."""

    def __init__(self, adcode: str) -> None:
        self.adcode = adcode
        super().__init__(f"no boundary for adcode {adcode!r}; expected the 6-digit code of a Chinese city or district")


class BoundaryRecipeError(GeoError):
    """A recipe for a functional zone did not give what it promised."""

    def __init__(self, sentence: str, *, area_ids: tuple[str, ...] = ()) -> None:
        self.area_ids = area_ids
        super().__init__(sentence)


class CoordinateError(GeoError):
    """A coordinate outside the range of longitude (-180..180) or latitude (-90..90)."""


class CoordinatesOutOfRange(CoordinateError):
    """Some of the coordinates given are not on the globe; swapped columns are the usual cause."""

    def __init__(self, count: int, first_lon: float, first_lat: float) -> None:
        self.count = count
        self.first_lon = first_lon
        self.first_lat = first_lat
        super().__init__(
            f"{count} coordinate(s) out of range, the first lon {first_lon!r}, lat {first_lat!r}; "
            "expected lon -180..180 and lat -90..90 in degrees, in this order"
        )


class UnsuitableCRS(GeoError):
    """A coordinate reference system that cannot serve the purpose at hand."""

    def __init__(self, crs: str, expected: str) -> None:
        self.crs = crs
        self.expected = expected
        super().__init__(f"coordinate reference system came as {crs}; expected {expected}")


class UnusableDatum(GeoError):
    """A datum that cannot be brought to WGS84: its parameters are not public, or nobody knows it under this name.

    `reason` is ``beijing54``, ``xian80``, ``shenzhen_local``, ``baidu_metres`` or ``unknown``.
    """

    _SENTENCES: ClassVar = {
        "beijing54": "the parameters from Beijing 1954 to CGCS2000 are not public",
        "xian80": "the parameters from Xi'an 1980 to CGCS2000 are not public",
        "shenzhen_local": "the parameters of Shenzhen's own grid are not public",
        "baidu_metres": "Baidu's metres are not read",
        "unknown": "no datum is known under this name",
    }

    def __init__(self, given: str, reason: str) -> None:
        self.given = given
        self.reason = reason
        super().__init__(
            f"{given}: {self._SENTENCES[reason]}; export the data in WGS84, CGCS2000, GCJ-02, BD-09 "
            "or a Gauss-Kruger zone of CGCS2000 (EPSG:4491 to EPSG:4554)"
        )


class PyramidError(GeoError):
    """Points, a filter or a folder that do not make a point pyramid."""


class AssetsMissing(GeoError):
    """The browser libraries are not on this machine yet."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"browser libraries missing: {path}; run `make install` (or `python -m geo.web_assets`) once")

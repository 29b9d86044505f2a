"""Where each row of a register lies, and whether its parts agree: point, address, park and district.

A row with coordinates keeps them. A row without is placed by the gazetteer of ``geo.address`` at the park, street or
district that it names; the precision says which, and nothing is spread around that point. The polygons give a second
opinion: a point that lies clearly in another district than the row names, or outside the city, is told and not moved.

The choices, where they are arguable:

- The district is the declared one, else the one that the address means, else the one whose polygon holds the row's own
  point. The point of a park or street stands for a whole area and decides nothing on its own.
- 前海 lies over 南山 and 宝安 and is no district. ``南山区(前海)`` is 南山区; a bare ``前海`` is the park of that name,
  at the point and in the district of the reference table when the row names nothing else, and contradicts no point.
- 大鹏新区 lies legally in 龙岗区: a row that names 龙岗区 is not contradicted by a point in 大鹏.
- An outline is simplified and a geocoder errs, so a point counts as elsewhere only ``TOLERANCE_M`` beyond the outline.

Left out: which of two statements is right, and places that the gazetteer does not know.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import ArrayLike, NDArray

from data import columns as c
from data.dataset import Dataset
from data.reference import gazetteer_of
from geo.address import Gazetteer, Placement
from geo.crs import check_degrees, metric_crs, to_metric
from geo.locate import index_areas

Texts: TypeAlias = pa.Array | pa.ChunkedArray | None
"""A column of text, a null where the row says nothing; ``None`` when the file has no such column."""

TOLERANCE_M = 500.0
TEXT = pa.large_string()
QIANHAI = "前海合作区"
_QIANHAI = re.compile(
    r"前海(?:深港)?(?:现代服务业)?(?:合作区|蛇口自贸(?:片)?区|自贸(?:片)?区|片区|新区)?|qianhai", re.I
)
_DIGITS = "[0-9０-９]+"

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Placed:
    """Place of each row, in the order of the rows.

    Attributes
    ----------
    lon, lat : ndarray of float64
        Degrees, WGS84; NaN where nothing gives a point.
    location_precision : pyarrow text
        ``exact`` (the row's own point), ``park``, ``street``, ``district`` or ``none``.
    place_id : pyarrow text
        The place that lends its point; null for ``exact`` and ``none``.
    place_evidence, place_conflict : pyarrow text
        What was recognized and what disagrees, statements joined by ``"; "``; empty when there is none.
    registered_district_id : pyarrow text
        The declared district, else that of the address, else the one that holds the row's own point; null for none.
    named_district : pyarrow text
        The district that the row's words name; null when they name none, or only one that the point may well leave.
    anchor_lon, anchor_lat : ndarray of float64
        Point of the park or street that the row's words name, whatever its own point is; NaN when they name none, or
        contradict themselves.
    unknown_district : ndarray of bool
        A district is declared and is none of ours.
    disagrees : ndarray of bool
        The row's own point lies in another district, more than ``TOLERANCE_M`` from the named one.
    outside : ndarray of bool
        The row's own point lies more than ``TOLERANCE_M`` from every district.
    """

    lon: Floats
    lat: Floats
    location_precision: pa.Array
    place_id: pa.Array
    place_evidence: pa.Array
    place_conflict: pa.Array
    registered_district_id: pa.Array
    named_district: pa.Array
    anchor_lon: Floats
    anchor_lat: Floats
    unknown_district: Flags
    disagrees: Flags
    outside: Flags


def place_firms(
    lon: ArrayLike, lat: ArrayLike, address: Texts, park: Texts, district: Texts, reference: Dataset
) -> Placed:
    """Place the rows of a register.

    Parameters
    ----------
    lon, lat : array_like
        Degrees, WGS84; NaN in either for a row without a point.
    address, park, district : pyarrow text or None
        As written. A district is an id (``440305``), a name (``南山区``, ``南山``, ``Nanshan``) or a form of 前海.
    reference : Dataset
        Its districts, parks and streets.

    Returns
    -------
    Placed

    Raises
    ------
    CoordinatesOutOfRange
        When a pair of numbers is no position on the globe.

    Examples
    --------
    >>> from data.reference import load_reference
    >>> placed = place_firms([np.nan, 114.05], [np.nan, 22.54], pa.array(["深圳市南山区西丽打石一路", None]), None,
    ...                      pa.array([None, "南山"]), load_reference())
    >>> placed.location_precision.to_pylist(), placed.place_id.to_pylist()
    (['street', 'exact'], ['R14', None])
    >>> placed.registered_district_id.to_pylist(), placed.disagrees.tolist()
    (['440305', '440305'], [False, True])
    """
    x, y = check_degrees(lon, lat)
    own = ~np.isnan(x)
    row, said = _distinct_rows(address, park, district, rows=len(x))
    read = _read_all(said, gazetteer_of(reference))
    area_of_point, disagrees, outside = _second_opinion(x, y, read.named, row, reference.districts)
    named, registered = _take(read.named, row), _take(read.registered, row)
    conflict = _add(_take(read.conflict, row), "point ", area_of_point, ", named ", named, where=disagrees)
    evidence = _take(read.evidence, row)
    place_lon, place_lat, anchor_lon, anchor_lat = read.points[:, row]
    return Placed(
        lon=np.where(own, x, place_lon),
        lat=np.where(own, y, place_lat),
        location_precision=pc.if_else(pa.array(own), pa.scalar("exact", TEXT), _take(read.precision, row)),
        place_id=pc.if_else(pa.array(own), pa.scalar(None, TEXT), _take(read.place_id, row)),
        place_evidence=_add(evidence, "coordinates", where=own),
        place_conflict=conflict,
        registered_district_id=pc.coalesce(registered, area_of_point),
        named_district=named,
        anchor_lon=anchor_lon,
        anchor_lat=anchor_lat,
        unknown_district=read.unknown[row],
        disagrees=disagrees,
        outside=outside,
    )


def named_districts(district: Texts, reference: Dataset) -> pa.Array:
    """The district_id that each text names (``440305``, ``南山区``, ``南山``, ``Nanshan``); null for none of ours."""
    nowhere = np.full(0 if district is None else len(district), np.nan)
    return place_firms(nowhere, nowhere, None, None, district, reference).registered_district_id


class _Said(NamedTuple):
    """What one row says of its place, or many rows alike."""

    address: str | None
    park: str | None
    district: str | None


def _distinct_rows(*columns: Texts, rows: int) -> tuple[NDArray[np.intp], list[_Said]]:
    """Number of each row among the different ones, and those.

    House numbers place nothing: addresses that differ in no more are one, so that a street is read once and not once
    for each of its doors.
    """
    address, *others = (_plain(column, rows) for column in columns)
    doors = pc.replace_substring_regex(address, _DIGITS, "0")
    number = np.zeros(rows, np.int64)
    for column in (doors, *others):
        codes = column.dictionary_encode()
        number = number * (len(codes.dictionary) + 1) + np.asarray(codes.indices.fill_null(-1), np.int64) + 1
    _, first, row = np.unique(number, return_index=True, return_inverse=True)
    at = pa.array(first)
    return row, [_Said(*said) for said in zip(*(col.take(at).to_pylist() for col in (doors, *others)), strict=True)]


def _plain(column: Texts, rows: int) -> pa.Array:
    """A column as one array of text without blanks at its ends; null where nothing is left."""
    if column is None:
        return pa.nulls(rows, TEXT)
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    text = pc.utf8_trim_whitespace(whole.cast(TEXT))
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, TEXT), text)


@dataclass(frozen=True, eq=False)
class _Read:
    """The reading of each different row."""

    points: Floats  # longitude and latitude of the place, then those of the park or street
    unknown: Flags
    precision: pa.Array
    place_id: pa.Array
    evidence: pa.Array
    conflict: pa.Array
    registered: pa.Array
    named: pa.Array


def _read_all(said: list[_Said], gazetteer: Gazetteer) -> _Read:
    points = np.full((4, len(said)), np.nan)
    texts: list[list[str | None]] = [[] for _ in range(6)]
    unknown = np.zeros(len(said), bool)
    for i, one in enumerate(said):
        placed, declared, unknown[i] = _read(one, gazetteer)
        if placed.lon is not None:
            points[:2, i] = placed.lon, placed.lat
            if placed.precision in ("park", "street") and not placed.conflicts:
                points[2:, i] = points[:2, i]
        registered = declared or placed.district
        named = None if declared is None and _names_only_qianhai(placed) else registered
        row = (placed.precision, placed.place_id, "; ".join(placed.evidence), "; ".join(placed.conflicts))
        for column, text in zip(texts, (*row, registered, named), strict=True):
            column.append(text)
    return _Read(points, unknown, *(pa.array(column, TEXT) for column in texts))


def _read(said: _Said, gazetteer: Gazetteer) -> tuple[Placement, str | None, bool]:
    """Where a row is, the district_id that it declares, and whether it declares one that is none of ours."""
    district, address = said.district, said.address or ""
    qianhai = district is not None and _QIANHAI.search(district) is not None
    if district is not None and qianhai:
        district = _QIANHAI.sub("", district).strip("()（）/、-— ") or None
    placed = gazetteer.place(address, park=said.park, district=district)
    if qianhai and placed.precision == "none":
        placed = gazetteer.place(address, park=QIANHAI)
    declared = next((e.removeprefix("declared:") for e in placed.evidence if e.startswith("declared:")), None)
    return placed, declared, district is not None and declared is None and not qianhai


def _names_only_qianhai(placed: Placement) -> bool:
    """Whether 前海 is all that tells of a district; it crosses districts, so no point contradicts it."""
    kinds = {evidence.partition(":")[0] for evidence in placed.evidence}
    return f"park:{QIANHAI}" in placed.evidence and kinds <= {"park", "ambiguous"}


def _second_opinion(
    x: Floats, y: Floats, named: pa.Array, row: NDArray[np.intp], areas: gpd.GeoDataFrame
) -> tuple[pa.Array, Flags, Flags]:
    """District that holds each row's own point, whether it is far from the named one, whether it is far from all."""
    index = index_areas(areas)
    code = np.asarray(index.locate(x, y), np.int64)
    ids = [str(area_id) for area_id in index.area_ids]
    position = {area_id: i for i, area_id in enumerate(ids)}
    said = np.array([position.get(text, -1) for text in named.to_pylist()], np.int64)[row]
    lies_in = _lies_in(areas, ids)
    agrees = (code >= 0) & ((said < 0) | (said == code) | (said == lies_in[code]))
    doubted = np.flatnonzero(~np.isnan(x) & ~agrees)
    crs = metric_crs(float(np.mean(areas.total_bounds[[0, 2]])))
    outlines = areas.geometry.to_crs(crs).reindex(index.area_ids).to_numpy()
    east, north = np.nan_to_num(to_metric(x[doubted], y[doubted], crs=crs), nan=1e9)  # no value is far from all
    points = np.asarray(shapely.points(east, north))
    far = _farther(points, said[doubted], outlines)
    astray = np.flatnonzero(code[doubted] < 0)
    _, close = shapely.STRtree(points[astray]).query(outlines, predicate="dwithin", distance=TOLERANCE_M)
    disagrees, outside = np.zeros(len(x), bool), np.zeros(len(x), bool)
    outside[np.delete(doubted[astray], np.unique(close))] = True
    disagrees[doubted[far & (code[doubted] >= 0)]] = True
    names = pa.array([*ids, None], TEXT)
    return names.take(pa.array(np.where(code < 0, len(ids), code))), disagrees, outside


def _lies_in(areas: gpd.GeoDataFrame, ids: list[str]) -> NDArray[np.int64]:
    """Position of the area that each lies in legally; -1 for none of them."""
    if c.PARENT_ADCODE not in areas:
        return np.full(len(ids), -1)
    parents = areas[c.PARENT_ADCODE].reindex(ids)
    return np.array([ids.index(p) if p in ids else -1 for p in parents], np.int64)


def _farther(points: NDArray[np.object_], said: NDArray[np.int64], outlines: NDArray[np.object_]) -> Flags:
    """Which points are more than the tolerance from the area that is said; none where none is said."""
    far = np.zeros(len(points), bool)
    for area in np.unique(said[said >= 0]):
        mine = np.flatnonzero(said == area)
        shapely.prepare(outlines[area])
        far[mine] = ~shapely.dwithin(outlines[area], points[mine], TOLERANCE_M)
    return far


def _take(texts: pa.Array, row: NDArray[np.intp]) -> pa.Array:
    return texts.take(pa.array(row))


def _add(texts: pa.Array, *statement: str | pa.Array, where: Flags) -> pa.Array:
    """Texts with one more statement in front, in some rows."""
    parts = [pa.scalar(part, TEXT) if isinstance(part, str) else part for part in statement]
    more = pc.binary_join_element_wise(*parts, pa.scalar("", TEXT))
    both = pc.binary_join_element_wise(more, texts, pa.scalar("; ", TEXT))
    return pc.if_else(pa.array(where), pc.if_else(pc.equal(texts, ""), more, both), texts)

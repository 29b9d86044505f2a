"""Which datum points are in, from what their rows say about where they are.

WGS84, GCJ-02 and BD-09 differ by 500 to 1,300 m, so most points look right under all of them. Those near an edge do
not: the area that a row names holds the point under one reading and not under another. A row that names a known place
(a park, a street) says more: the point should lie near it. And under a wrong reading more points fall into the sea or
over the border. These are the claims; `geo.datum_evidence` turns them into a verdict.

The model, where it is arguable:

- A row's area is wrong in `WRONG_NAME` of all rows, and then one of `RIVAL_NAMES` others: a wrong name is mostly a
  neighbor's. A point is outside every area in `OUTSIDE` of all rows.
- A position and an outline are each known to some 50 m: near an edge a point lies partly on both sides, so it takes
  several rows well away from the edges to settle anything.
- Rows of one name within a cell of 200 m are nearly one observation: n of them count as 1 + ln n. A building whose
  district everybody gets wrong must not outvote a city.
- An anchor is wrong by its own error, which all of its rows share: what counts is the median displacement of its rows,
  with a variance of precision² (1 + 1/n), or, in `WRONG_ANCHOR` of cases, anything within 20 km.

Left out: a shift of less than the precision of the anchors (北京54 against CGCS2000), a datum that changes from row to
row (mixed rows are asked about, not separated), and metres of any other projection.
"""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.crs import on_globe
from geo.datum_evidence import Diagnosis, Observed, judge
from geo.datum_readings import are_metres, hypotheses_for
from geo.datums import Datum, Floats, as_datum
from geo.errors import GeoError
from geo.grid_index import AreaIndex
from geo.locate import index_areas

WRONG_NAME, RIVAL_NAMES = 0.05, 3
OUTSIDE = 0.02
WRONG_ANCHOR, ANYWHERE_M = 0.1, 20_000.0
ANCHOR_PRECISION_M = 300.0

POSITION_ERROR_M = 50.0

_REACH_M = np.sqrt(3) * POSITION_ERROR_M
_AROUND = ((1 / 3, 0, 0), *((1 / 6, *step) for step in ((_REACH_M, 0), (-_REACH_M, 0), (0, _REACH_M), (0, -_REACH_M))))
_NO_POSITION = np.log(1e-6)
_MOST_CLAIMING, _MOST_SILENT = 60_000, 10_000
_CELL_DEG, _CELL_M = 0.002, 200.0
_DEGREE_M = 111_320.0


class _Rows(NamedTuple):
    """The rows that are judged, in an order of their own that does not depend on the file's."""

    x: Floats
    y: Floats
    name: NDArray[np.int64]
    anchor_lon: Floats
    anchor_lat: Floats
    precision_m: Floats


class _Claims(NamedTuple):
    """Log likelihood of each claim under each hypothesis and under none of them, and how much it counts."""

    log_likelihoods: Floats
    elsewhere: Floats
    weights: Floats


def diagnose_points(
    x: ArrayLike,
    y: ArrayLike,
    *,
    areas: gpd.GeoDataFrame,
    named_area: ArrayLike | None = None,
    anchors: tuple[ArrayLike, ArrayLike] | None = None,
    anchor_precision_m: ArrayLike = ANCHOR_PRECISION_M,
    declared: Datum | str | None = None,
    hint: Datum | str | None = None,
) -> Diagnosis:
    r"""Which datum the points of one source are in.

    Parameters
    ----------
    x, y : array_like
        Longitude and latitude in degrees, or easting and northing in metres, or either in the other order. NaN,
        infinite and absurd numbers say nothing.
    areas : geopandas.GeoDataFrame
        Polygons in EPSG:4326 that do not overlap, under their ids as index: the districts of the city.
    named_area : array_like, optional
        For each row the id of the area that it names; None, NaN, or an id that is none of `areas`, where it names none.
    anchors : tuple of two array_like, optional
        For each row WGS84 longitude and latitude of a known place that it names, NaN where it names none. It must not
        come from the row's own coordinates.
    anchor_precision_m : array_like, optional
        How far a row may lie from its anchor, metres (one standard deviation of east and of north), for all or for
        each row: 300 for a park, 1,000 or more for the middle of a street or district.
    declared : Datum or str, optional
        What someone states the datum to be.
    hint : Datum or str, optional
        What a heading or a name mentions.

    Returns
    -------
    Diagnosis
        The same whatever the order of the rows. WGS84 stands for CGCS2000 too. Of very many rows a fixed sample is
        judged, chosen by what stands in them.

    Raises
    ------
    GeoError
        When the lengths differ, or an anchor's precision is not above 0.
    UnusableDatum
        When `declared` or `hint` is not one of `Datum`.
    UnsuitableCRS
        When the areas are not in EPSG:4326.

    Notes
    -----
    Each hypothesis h reads the numbers in one datum, with or without swapped axes. With :math:`\ell_{i,h}` the log
    likelihood of claim i (a row lies in the district, or near the place, that it names), :math:`w_i` its weight and
    :math:`\pi_h` the odds of a hint,

    .. math::

        P(h \mid \mathrm{claims}) = \frac{\pi_h \exp \sum_i w_i \ell_{i,h}}{\sum_{g} \pi_g \exp \sum_i w_i \ell_{i,g}}

    where g runs over all hypotheses and over a rival that says that the numbers mean none of them.

    Reading: a probability near 1 on enough claims settles the datum; anything less is asked, and nothing is converted
    silently.

    Limits: it trusts the outlines and the anchors. Rows that name neither a district nor a place say nothing; about 10
    anchored rows or 200 rows with a district are needed as a rule.

    References
    ----------
    .. [1] Kass, R. E. and Raftery, A. E. (1995). "Bayes Factors". Journal of the American Statistical Association
       90(430), 773-795.

    Examples
    --------
    >>> import shapely
    >>> from geo.datum import wgs84_to_gcj02
    >>> town = gpd.GeoDataFrame(geometry=[shapely.box(113.9, 22.4, 114.2, 22.7)], index=["A"], crs="EPSG:4326")
    >>> known = np.linspace(114.0, 114.1, 30), np.linspace(22.5, 22.6, 30)
    >>> found = diagnose_points(*wgs84_to_gcj02(*known), areas=town, anchors=known)
    >>> found.datum.value, found.likeliest.value
    ('gcj02', 'gcj02')
    """
    stated, mentioned = (None if each is None else as_datum(each) for each in (declared, hint))
    index = index_areas(areas)
    rows = _judged(_rows_of(x, y, named_area, anchors, anchor_precision_m, index))
    hypotheses = hypotheses_for(rows.x, rows.y, areas.total_bounds, stated)
    places = [each.places(rows.x, rows.y) for each in hypotheses]
    codes = [index.locate(*place) for place in places]
    gaps = [_metres_to_anchor(rows, place) for place in places]
    claims = [_area_claims(rows, places, index), _anchor_claims(rows, gaps)]
    return judge(
        hypotheses,
        np.concatenate([claim.log_likelihoods for claim in claims], axis=1),
        np.concatenate([claim.elsewhere for claim in claims]),
        np.concatenate([claim.weights for claim in claims]),
        [_observed(rows, code, gap) for code, gap in zip(codes, gaps, strict=True)],
        declared=stated,
        hint=mentioned,
    )


# ---------------------------------------------------------------- the rows that are judged


def _rows_of(
    x: ArrayLike,
    y: ArrayLike,
    named_area: ArrayLike | None,
    anchors: tuple[ArrayLike, ArrayLike] | None,
    precision_m: ArrayLike,
    index: AreaIndex,
) -> _Rows:
    x, y = (np.atleast_1d(np.asarray(values, np.float64)) for values in (x, y))
    name = np.full(len(x), -1) if named_area is None else _codes_of(named_area, index)
    nowhere = np.full(len(x), np.nan)
    anchor_lon, anchor_lat = (
        (nowhere, nowhere) if anchors is None else (np.atleast_1d(np.asarray(each, np.float64)) for each in anchors)
    )
    columns = (x, y, name, anchor_lon, anchor_lat)
    precision_m = np.asarray(precision_m, np.float64)
    if len({each.shape for each in columns}) > 1 or precision_m.shape not in ((), x.shape):
        shapes = [each.shape for each in (*columns, precision_m)]
        raise GeoError(f"rows came with shapes {shapes}; expected one length")
    rows = _Rows(*columns, np.broadcast_to(precision_m, x.shape))
    if not (rows.precision_m[_anchored(rows)] > 0).all():
        raise GeoError("an anchor came with a precision of 0 m, less, or NaN; expected more than 0 m")
    return rows


def _anchored(rows: _Rows) -> NDArray[np.bool_]:
    return on_globe(rows.anchor_lon, rows.anchor_lat)


def _codes_of(named_area: ArrayLike, index: AreaIndex) -> NDArray[np.int64]:
    """Position of each named area among the ids, -1 where it is none of them."""
    names = np.atleast_1d(np.asarray(named_area, dtype=object))
    known = {area_id: code for code, area_id in enumerate(index.area_ids)}
    return np.fromiter((known.get(name, -1) for name in names), np.int64, len(names))


def _judged(rows: _Rows) -> _Rows:
    """Rows with numbers, at most so many that claim something and so many that do not, by what stands in them."""
    usable = np.isfinite(rows.x) & np.isfinite(rows.y)
    claiming = (rows.name >= 0) | _anchored(rows)
    lots = _lots(rows)
    kept = np.concatenate(
        [
            _lowest(lots, usable & claiming, _MOST_CLAIMING),
            _lowest(lots, usable & ~claiming, _MOST_SILENT),
        ]
    )
    columns = [column[kept] for column in rows]
    order = np.lexsort(columns)
    return _Rows(*(column[order] for column in columns))


def _lowest(lots: NDArray[np.uint64], among: NDArray[np.bool_], most: int) -> NDArray[np.intp]:
    here = np.flatnonzero(among)
    return here if len(here) <= most else here[np.argpartition(lots[here], most)[:most]]


def _lots(rows: _Rows) -> NDArray[np.uint64]:
    """A number for each row that looks drawn at random and follows from what stands in it (the mixer of SplitMix64)."""
    lots = np.zeros(len(rows.x), np.uint64)
    for column in rows:
        lots ^= np.ascontiguousarray(column + 0).view(np.uint64)  # + 0: no negative zero
        lots += np.uint64(0x9E3779B97F4A7C15)
        lots = (lots ^ (lots >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        lots = (lots ^ (lots >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        lots ^= lots >> np.uint64(31)
    return lots


# ---------------------------------------------------------------- what they claim


def _area_claims(rows: _Rows, places: list[tuple[Floats, Floats]], index: AreaIndex) -> _Claims:
    """How likely it is that a point lies where it does and names what it names."""
    areas = len(index.area_ids)
    rivals = max(min(RIVAL_NAMES, areas - 1), 1)
    named = rows.name >= 0
    right = np.where(named, 1 - WRONG_NAME, 1.0) * (1 - OUTSIDE)
    wrong = np.where(named, WRONG_NAME / rivals, 1.0) * (1 - OUTSIDE)
    outside = np.where(named, OUTSIDE / areas, OUTSIDE)
    likelihoods = np.empty((len(places), len(rows.x)))
    for place, (lon, lat) in enumerate(places):
        likely = np.zeros(len(lon))
        for share, east_m, north_m in _AROUND:
            code = index.locate(lon + east_m / (_DEGREE_M * np.cos(np.radians(lat))), lat + north_m / _DEGREE_M)
            likely += share * np.where(code < 0, outside, np.where(code == rows.name, right, wrong))
        likelihoods[place] = np.where(np.isnan(lon), _NO_POSITION, np.log(likely))
    return _Claims(likelihoods, np.log(outside), _weights(rows))


def _weights(rows: _Rows) -> Floats:
    """(1 + ln n) / n for each of the n rows of one name in one cell."""
    size = _CELL_M if are_metres(rows.x, rows.y) else _CELL_DEG
    cell = np.column_stack([np.floor(each / size) for each in (rows.x, rows.y)])
    _, group, counts = np.unique(np.column_stack([cell, rows.name]), axis=0, return_inverse=True, return_counts=True)
    count = counts[group.ravel()]
    return np.asarray((1 + np.log(count)) / count)


def _metres_to_anchor(rows: _Rows, place: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    lon, lat = place
    east = (lon - rows.anchor_lon) * _DEGREE_M * np.cos(np.radians(rows.anchor_lat))
    return east, (lat - rows.anchor_lat) * _DEGREE_M


def _anchor_claims(rows: _Rows, gaps: list[tuple[Floats, Floats]]) -> _Claims:
    """How likely it is that the rows of an anchor lie as they do around it: one claim for each anchor."""
    anchored = np.flatnonzero(_anchored(rows))
    if not len(anchored) or not gaps:
        return _Claims(np.empty((len(gaps), 0)), np.empty(0), np.empty(0))
    where = np.column_stack([rows.anchor_lon, rows.anchor_lat])[anchored]
    _, group, counts = np.unique(where, axis=0, return_inverse=True, return_counts=True)
    group = group.ravel()
    precision_m = np.zeros(len(counts))
    np.maximum.at(precision_m, group, rows.precision_m[anchored])
    variance = precision_m**2 * (1 + 1 / counts)
    anywhere = WRONG_ANCHOR / (np.pi * ANYWHERE_M**2)
    likelihoods = np.empty((len(gaps), len(counts)))
    for place, (east, north) in enumerate(gaps):
        squared = _medians(east[anchored], group, counts) ** 2 + _medians(north[anchored], group, counts) ** 2
        near = (1 - WRONG_ANCHOR) * np.exp(-squared / (2 * variance)) / (2 * np.pi * variance)
        likelihoods[place] = np.where(np.isnan(squared), _NO_POSITION, np.log(np.nan_to_num(near) + anywhere))
    return _Claims(likelihoods, np.full(len(counts), np.log(anywhere)), np.ones(len(counts)))


def _medians(values: Floats, group: NDArray[np.intp], counts: NDArray[np.intp]) -> Floats:
    """Median of each group, NaN last."""
    ordered = values[np.lexsort((values, group))]
    start = np.cumsum(counts) - counts
    return np.asarray((ordered[start + (counts - 1) // 2] + ordered[start + counts // 2]) / 2)


def _observed(rows: _Rows, code: NDArray[np.int32], gap: tuple[Floats, Floats]) -> Observed:
    named = rows.name >= 0
    distance = np.hypot(*gap)
    distance = distance[np.isfinite(distance)]
    return Observed(
        rows=len(rows.x),
        agreeing_share=float((code == rows.name)[named].mean()) if named.any() else np.nan,
        outside_share=float((code < 0).mean()) if len(code) else np.nan,
        distance_m=float(np.median(distance)) if len(distance) else np.nan,
    )

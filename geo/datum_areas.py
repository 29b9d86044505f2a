"""Which datum outlines are in, from how they fit the boundaries that are known.

A layer of districts or streets shares edges with the districts of the city: under the right reading its outlines lie on
them, under a wrong one they run beside them, up to a kilometre away. Outlines are sampled evenly; each sample lies on a
shared edge, tens of metres off, or anywhere. How many are shared is a property of the layer and fitted: one that shares
none (parks, buildings) fits all readings alike, and is asked about. What lies in one square kilometre counts once: a
line that runs beside a boundary for a while is one coincidence and not many.

Left out: layers of other cities, and a shift of less than `SHARED_M`.
"""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.crs import metric_crs, to_metric
from geo.datum_evidence import Diagnosis, Observed, judge
from geo.datum_readings import are_metres, hypotheses_for
from geo.datums import Datum, Floats, as_datum
from geo.locate import index_areas

SHARED_M = 60.0
"""Mean distance of a shared edge from the reference: generalized, jittered or drawn anew."""

ANYWHERE_M = 1_500.0
"""An edge that is not shared lies at any distance, equally likely: only being on a boundary says something."""

FEWEST_BLOCKS = 5.0
"""Square kilometres whose outlines separate the best reading from the next, without which nothing is inferred."""

_ON_EDGE_M = 100.0
_NO_POSITION = 1e-9
_SHARES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9)
_MOST_SAMPLES = 6_000
_STEP_DEG, _STEP_M = 0.001, 100.0
_BLOCK_STEPS = 10


def diagnose_areas(
    polygons: ArrayLike,
    *,
    areas: gpd.GeoDataFrame,
    declared: Datum | str | None = None,
    hint: Datum | str | None = None,
) -> Diagnosis:
    """Which datum the outlines of a layer are in.

    Parameters
    ----------
    polygons : array_like of shapely geometries
        Polygons as the file holds them, in degrees or in metres, in either order of the axes. Missing and empty ones
        say nothing.
    areas : geopandas.GeoDataFrame
        Polygons in EPSG:4326: the districts of the city, of a datum that is known.
    declared : Datum or str, optional
        What someone states the datum to be. A label of EPSG:4326 states nothing: GCJ-02 has no code of its own.
    hint : Datum or str, optional
        What the name of the layer mentions.

    Returns
    -------
    Diagnosis
        In its evidence a row is a sample of the outlines, the agreeing share what lies within 100 m of a reference
        boundary, and the distance the median to the nearest one.

    Raises
    ------
    UnusableDatum
        When `declared` or `hint` is not one of `Datum`.
    UnsuitableCRS
        When the areas are not in EPSG:4326.
    """
    stated, mentioned = (None if each is None else as_datum(each) for each in (declared, hint))
    index = index_areas(areas)
    x, y, weights = _samples(np.asarray(polygons, dtype=object).ravel())
    hypotheses = hypotheses_for(x, y, areas.total_bounds, stated)
    edges = _Edges(areas)
    places = [each.places(x, y) for each in hypotheses]
    gaps = [edges.metres_from(*place) for place in places]
    *claims, elsewhere = _claims(gaps, weights)
    return judge(
        hypotheses,
        np.array(claims),
        elsewhere,
        weights,
        [_observed(gap, index.locate(*place)) for gap, place in zip(gaps, places, strict=True)],
        declared=stated,
        hint=mentioned,
        fewest=FEWEST_BLOCKS,
    )


class _Edges:
    """The boundaries of the reference, in metres."""

    def __init__(self, areas: gpd.GeoDataFrame) -> None:
        west, _, east, _ = areas.total_bounds
        self._crs = metric_crs(float(west + east) / 2)
        rings = shapely.get_rings(shapely.get_parts(areas.geometry.to_numpy()))
        degrees, ring = shapely.get_coordinates(rings, return_index=True)
        vertices = np.column_stack(to_metric(*degrees.T, crs=self._crs))
        along = ring[1:] == ring[:-1]
        self._tree = shapely.STRtree(shapely.linestrings(np.stack([vertices[:-1], vertices[1:]], axis=1)[along]))

    def metres_from(self, lon: Floats, lat: Floats) -> Floats:
        """Metres from each place to the nearest boundary; NaN where there is no place."""
        x, y = to_metric(lon, lat, crs=self._crs)
        metres = np.full(len(x), np.nan)
        placed = np.flatnonzero(np.isfinite(x))
        (found, _), distance = self._tree.query_nearest(
            shapely.points(x[placed], y[placed]), return_distance=True, all_matches=False
        )
        metres[placed[found]] = distance
        return metres


def _samples(polygons: NDArray[np.object_]) -> tuple[Floats, Floats, Floats]:
    """Points along all outlines at even steps, in an order of their own, and the part of its block that each is."""
    rings = shapely.get_rings(shapely.get_parts(polygons[~shapely.is_missing(polygons)]))
    length = shapely.length(rings)
    rings, length = rings[length > 0], length[length > 0]  # NaN is not
    if not len(rings):
        return np.empty(0), np.empty(0), np.empty(0)
    unit = _STEP_M if are_metres(*shapely.get_coordinates(rings).T) else _STEP_DEG
    step = max(unit, float(length.sum()) / _MOST_SAMPLES)
    counts = np.maximum((length / step).astype(np.intp), 1)
    ring = np.repeat(np.arange(len(rings)), counts)
    place = (np.arange(len(ring)) - np.repeat(np.cumsum(counts) - counts, counts) + 0.5) / counts[ring]
    points = shapely.get_coordinates(shapely.line_interpolate_point(rings[ring], place, normalized=True))
    points = points[np.isfinite(points).all(axis=1)]
    points = points[np.lexsort(points.T)]
    block = np.floor(points / (unit * _BLOCK_STEPS))
    _, group, count = np.unique(block, axis=0, return_inverse=True, return_counts=True)
    return points[:, 0], points[:, 1], 1 / count[group.ravel()]


def _claims(gaps: list[Floats], weights: Floats) -> Floats:
    """Log likelihood of each distance under each reading and, last, of no reading at all.

    The share of shared edges is the one that fits the best reading best.
    """
    metres = np.array([*gaps, np.full(len(weights), np.inf)])
    shared = np.where(np.isnan(metres), 0.0, np.exp(-metres / SHARED_M) / SHARED_M)
    anywhere = np.where(np.isnan(metres), _NO_POSITION, 1 / ANYWHERE_M)
    fits = [np.log(share * shared + (1 - share) * anywhere) for share in _SHARES]
    return max(fits, key=lambda fit: float((fit @ weights).max()))


def _observed(metres: Floats, code: NDArray[np.int32]) -> Observed:
    known = metres[np.isfinite(metres)]
    return Observed(
        rows=len(metres),
        agreeing_share=float((known <= _ON_EDGE_M).sum() / len(metres)) if len(metres) else np.nan,
        outside_share=float((code < 0).mean()) if len(code) else np.nan,
        distance_m=float(np.median(known)) if len(known) else np.nan,
    )

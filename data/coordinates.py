"""Where the rows of a file lie: coordinates as written, the datum they are in, and the same places in WGS84.

Written are two columns of degrees (or metres of a projected grid), or the geometries of a layer. Nothing is converted
that nobody declared and the evidence does not show; what stays open is asked. A coordinate that cannot be read is left
out and said, since the row's address may still place it.
"""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from data import columns as c
from data.cell_findings import tell_of_cells
from data.chosen import Chosen
from data.degrees import parse_degrees, swapped
from data.findings import Effect, Findings
from data.heading_words import heading_datum
from data.layer_crs import labelled, points_inside
from data.mapping import Question
from data.placing import Placed
from geo.datum_doctor import diagnose_points
from geo.datum_evidence import Diagnosis, Verdict
from geo.datums import mentioned_datum, to_wgs84

Degrees = NDArray[np.float64]
PARK_PRECISION_M, STREET_PRECISION_M = 300.0, 1_500.0
DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")


@dataclass(frozen=True, eq=False)
class Written:
    """Coordinates as a file writes them; NaN where it has none.

    Attributes
    ----------
    x, y : ndarray of float64
        Longitude and latitude in degrees, or easting and northing in metres.
    stated : ndarray of object
        Datum that each row states for itself; ``None`` where it does not.
    label : str or None
        What a heading or the layer says of all rows: a hint, not a proof.
    """

    x: Degrees
    y: Degrees
    stated: NDArray[np.object_]
    label: str | None


@dataclass(frozen=True, eq=False)
class Found:
    """The same places in WGS84.

    Attributes
    ----------
    lon, lat : ndarray of float64
        Degrees; NaN without a place, and for all rows while the datum is asked for.
    diagnosis : Diagnosis or None
        Of the rows that state no datum; ``None`` when there are no such coordinates.
    questions : tuple of Question
    """

    lon: Degrees
    lat: Degrees
    diagnosis: Diagnosis | None = None
    questions: tuple[Question, ...] = field(default=())


def read_coordinates(chosen: Chosen, findings: Findings) -> Written:
    """Coordinates of every row, from its columns or else from its geometry.

    Parameters
    ----------
    chosen : Chosen
    findings : Findings
        Hears of what could not be read and of longitudes and latitudes that stood in each other's column.
    """
    if not (chosen.choices(c.LON) and chosen.choices(c.LAT)):
        x, y, label = _of_geometry(chosen)
        return Written(x, y, np.full(len(chosen), None, object), label)
    read = {}
    for column in (c.LON, c.LAT):
        choice = chosen.choices(column)[0]
        parsed = parse_degrees(chosen.cells(choice))
        tell_of_cells(
            chosen, choice, parsed, column, findings, unreadable="unreadable_coordinate", effect=Effect.REPAIRED
        )
        read[column] = np.array(parsed.values.to_numpy(zero_copy_only=False), np.float64)
    lon, lat = read[c.LON], read[c.LAT]
    turned = swapped(lon, lat)
    at = np.flatnonzero(turned)
    findings.add(
        "swapped_lon_lat", Effect.REPAIRED, chosen.rows[at], c.LON,
        before=pair_texts(lon[at], lat[at]), after=pair_texts(lat[at], lon[at]),
    )  # fmt: skip
    lon, lat = np.where(turned, lat, lon), np.where(turned, lon, lat)
    alone = np.isnan(lon) != np.isnan(lat)
    findings.add("half_coordinate", Effect.REPAIRED, chosen.rows[np.flatnonzero(alone)], c.LON)
    nowhere = alone | ~np.isfinite(lon) | ~np.isfinite(lat) | ((lon == 0) & (lat == 0))
    label = heading_datum(chosen.raw.headings)
    return Written(np.where(nowhere, np.nan, lon), np.where(nowhere, np.nan, lat), _stated(chosen, findings), label)


def find_places(
    written: Written,
    rows: NDArray[np.int64],
    *,
    areas: gpd.GeoDataFrame,
    named_area: NDArray[np.object_],
    anchors: tuple[Degrees, Degrees],
    anchor_precision_m: Degrees,
    told: str | None,
    findings: Findings,
) -> Found:
    """Coordinates in WGS84, by what is told, what the rows state, or what the evidence shows.

    Parameters
    ----------
    written : Written
    rows : ndarray of int64
        Row numbers for the findings.
    areas : GeoDataFrame
        Districts.
    named_area : ndarray of object
        District that each row names; ``None`` where it names none.
    anchors : pair of ndarray of float64
        Known place that each row names, WGS84; NaN where it names none.
    anchor_precision_m : ndarray of float64
        How far a row may lie from its anchor.
    told : str or None
        Datum that a person declared for the whole file.
    findings : Findings
        Hears of every place that moved.
    """
    has = ~np.isnan(written.x)
    lon, lat = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    own = pd.Series(written.stated) if told is None else pd.Series(np.full(len(rows), None, object))
    for datum in own.dropna().unique():
        at = np.flatnonzero((own == datum).to_numpy() & has)
        lon[at], lat[at] = to_wgs84(written.x[at], written.y[at], datum)
    at, diagnosis = np.flatnonzero(own.isna().to_numpy() & has), None
    questions: tuple[Question, ...] = ()
    if len(at):
        diagnosis = diagnose_points(
            written.x[at],
            written.y[at],
            areas=areas,
            named_area=named_area[at],
            anchors=(anchors[0][at], anchors[1][at]),
            anchor_precision_m=anchor_precision_m[at],
            declared=told,
            hint=written.label,
        )
        datum = told or diagnosis.datum
        if datum is None or (told is None and diagnosis.verdict is Verdict.ASK):
            questions = (Question("datum", "", DATUMS),)
        else:
            x, y = (written.y, written.x) if diagnosis.swapped else (written.x, written.y)
            lon[at], lat[at] = to_wgs84(x[at], y[at], datum)
    moved = np.flatnonzero(has & ~np.isnan(lon) & ((lon != written.x) | (lat != written.y)))
    findings.add(
        "datum_repaired", Effect.REPAIRED, rows[moved], c.LON,
        before=pair_texts(written.x[moved], written.y[moved]), after=pair_texts(lon[moved], lat[moved]),
    )  # fmt: skip
    lost = np.flatnonzero(has & np.isnan(lon)) if not questions else np.empty(0, np.int64)
    findings.add(
        "no_place_on_earth", Effect.REPAIRED, rows[lost], c.LON, before=pair_texts(written.x[lost], written.y[lost])
    )
    return Found(lon, lat, diagnosis, questions)


def anchor_precision_m(placed: Placed) -> Degrees:
    """How far rows may lie from the park or street that their words name."""
    is_street = pc.equal(placed.location_precision, "street").fill_null(False)
    return np.where(np.asarray(is_street), STREET_PRECISION_M, PARK_PRECISION_M)


def pair_texts(x: Degrees, y: Degrees) -> pa.Array:
    """Two coordinates as one text; degrees with seven digits, which is a centimetre."""
    texts = (pc.cast(pa.array(np.round(values, 7)), pa.large_string()) for values in (x, y))
    return pc.binary_join_element_wise(*texts, pa.scalar(", ", pa.large_string()))


def _of_geometry(chosen: Chosen) -> tuple[Degrees, Degrees, str | None]:
    """A point of each geometry, itself or one inside its outline, and the datum that the layer's label hints at."""
    if chosen.raw.geometry is None:
        return np.full(len(chosen), np.nan), np.full(len(chosen), np.nan), None
    shapes = shapely.from_wkb(chosen.raw.geometry.to_numpy(zero_copy_only=False), on_invalid="ignore")
    shapes, hint = labelled(shapes, chosen.raw.crs)
    return *points_inside(shapes), hint


def _stated(chosen: Chosen, findings: Findings) -> NDArray[np.object_]:
    """Datum in a column of its own; what names none is asked like a row without."""
    written = chosen.text(c.DATUM)
    if written is None:
        return np.full(len(chosen), None, object)
    texts = pd.Series(written.to_pandas())
    named = {text: mentioned_datum(text) for text in texts.dropna().unique()}
    strange = texts.map(lambda text: text is not None and text == text and named[text] is None).to_numpy(bool)
    at = np.flatnonzero(strange)
    findings.add("unknown_datum", Effect.NOTED, chosen.rows[at], c.DATUM, before=written.take(pa.array(at)))
    found = texts.map(named).astype(object)
    return found.where(found.notna(), None).to_numpy(object)

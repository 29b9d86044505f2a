"""District outlines from a layer of polygons: which district each is, in which datum they are drawn, whether they hold.

A row is a district that is known already, by its id or its name; its outline replaces ours. What the file says beside
it (an official area, a name) replaces too; what it does not say stays.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from data import columns as c
from data.cell_findings import tell_of_cells
from data.chosen import Chosen
from data.coordinates import DATUMS
from data.dataset import Dataset
from data.findings import Effect, Findings
from data.layer_crs import labelled, points_inside
from data.mapping import Question
from data.numbers import parse_areas
from data.placing import named_districts
from data.progress import Progress
from data.taken import Places, Taken
from geo.crs import STORAGE_CRS
from geo.datum_areas import diagnose_areas
from geo.datums import repair_areas

POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def read_boundaries(
    chosen: Chosen, current: Dataset, *, told_datum: str | None, findings: Findings, progress: Progress
) -> Taken:
    """Districts of a version with the outlines of a file.

    Parameters
    ----------
    chosen : Chosen
    current : Dataset
        Its districts, which the rows are about.
    told_datum : str or None
    findings : Findings
        Hears of rows without an outline, of districts that nobody knows, of outlines that had to be mended.
    progress : Progress
    """
    rows, total = chosen.rows, len(chosen)
    progress("datum", 0, total)
    ids = _district_ids(chosen, current)
    at = np.flatnonzero(np.array([i is None for i in ids]))
    said = chosen.or_nothing(c.NAME).take(pa.array(at))
    findings.add("unknown_district", Effect.REFUSED, rows[at], c.DISTRICT_ID, before=said)
    again = np.flatnonzero(pd.Series(ids).duplicated().to_numpy() & np.array([i is not None for i in ids]))
    findings.add("district_stands_twice", Effect.REFUSED, rows[again], c.DISTRICT_ID, before=[ids[i] for i in again])
    shapes = _shapes(chosen, findings)
    kept = ~np.isin(rows, findings.rows(Effect.REFUSED))
    shapes, hint = labelled(shapes, chosen.raw.crs)
    diagnosis = diagnose_areas(shapes[kept], areas=current.districts, declared=told_datum, hint=hint)
    datum = told_datum or diagnosis.datum
    centre = points_inside(shapes)
    nowhere = np.full(total, np.nan)
    if datum is None:
        places = Places(*centre, nowhere, nowhere, diagnosis)
        return Taken({}, (Question("datum", "", DATUMS),), places)
    outlines = repair_areas(shapes, datum, swapped=diagnosis.swapped)
    after = points_inside(outlines)
    places = Places(*centre, *after, diagnosis)
    moved = kept & ~shapely.equals_exact(shapes, outlines, 1e-9)
    findings.add("outline_moved", Effect.REPAIRED, rows[np.flatnonzero(moved)], c.DISTRICT_ID)
    progress("checking", 0, total)
    drawn = pd.Series(outlines[kept], index=[ids[i] for i in np.flatnonzero(kept)])
    districts = current.districts.copy()
    geometry = districts.geometry.to_numpy().copy()
    position = districts.index.get_indexer(drawn.index)
    geometry[position] = drawn.to_numpy()
    for column, figures in _official(chosen, findings).items():
        values = figures[kept]
        told = values.notna().to_numpy()
        districts.iloc[position[told], districts.columns.get_loc(column)] = values[told].to_numpy()
    districts = gpd.GeoDataFrame(districts.drop(columns="geometry"), geometry=geometry, crs=STORAGE_CRS)
    return Taken({"districts": districts}, (), places)


def _district_ids(chosen: Chosen, current: Dataset) -> list[str | None]:
    by_id, by_name = (named_districts(chosen.or_nothing(column), current) for column in (c.DISTRICT_ID, c.NAME))
    return [one or other for one, other in zip(by_id.to_pylist(), by_name.to_pylist(), strict=True)]


def _shapes(chosen: Chosen, findings: Findings) -> NDArray[np.object_]:
    """Outlines as polygons; what is none refuses its row, what crosses itself is mended and told."""
    wkb = chosen.raw.geometry
    raw = np.full(len(chosen), None, object) if wkb is None else wkb.to_numpy(zero_copy_only=False)
    shapes = shapely.from_wkb(raw, on_invalid="ignore")
    wrong = ~np.isin(shapely.get_type_id(shapes), POLYGONS) | shapely.is_empty(shapes)
    findings.add("no_outline", Effect.REFUSED, chosen.rows[np.flatnonzero(wrong)], "geometry")
    crossing = ~wrong & ~shapely.is_valid(shapes)
    shapes[crossing] = shapely.make_valid(shapes[crossing], method="structure")
    findings.add("outline_mended", Effect.REPAIRED, chosen.rows[np.flatnonzero(crossing)], "geometry")
    shapes[wrong] = shapely.Polygon()
    return np.asarray(shapes, object)


def _official(chosen: Chosen, findings: Findings) -> dict[str, pd.Series]:
    choices = chosen.choices(c.OFFICIAL_AREA_M2)
    if not choices:
        return {}
    parsed = parse_areas(chosen.cells(choices[0]), choices[0].unit)
    tell_of_cells(
        chosen, choices[0], parsed, c.OFFICIAL_AREA_M2, findings, unreadable="unreadable_number", effect=Effect.REPAIRED
    )
    return {c.OFFICIAL_AREA_M2: pd.Series(parsed.values.to_pandas()).astype(float)}

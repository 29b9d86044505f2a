"""Parks from the rows of a file: points or outlines, areas, rent, whom to ask. What a row leaves out stays unknown."""

import hashlib

import numpy as np
import pandas as pd

from data import columns as c
from data.cell_findings import tell_of_cells
from data.chosen import Chosen
from data.coordinates import anchor_precision_m, find_places, read_coordinates
from data.dataset import Dataset, Status
from data.findings import Effect, Findings
from data.numbers import parse_areas, parse_decimals
from data.placing import place_firms
from data.progress import Progress
from data.statuses import read_statuses
from data.taken import Places, Taken

MEASURED = (c.AREA_M2, c.FLOOR_AREA_M2, c.VACANT_M2)
PASSED_ON = (c.OPERATOR, c.AREA_TEXT, c.FOCUS, c.CONTACT, c.NOTE)


def read_parks(
    chosen: Chosen, current: Dataset, *, told_datum: str | None, findings: Findings, progress: Progress
) -> Taken:
    """Parks of a file, in the columns of the bundled ones and those that only a file can fill.

    Parameters
    ----------
    chosen : Chosen
    current : Dataset
        Its districts and places.
    told_datum : str or None
    findings : Findings
        Hears of rows without a name, names that stand twice, figures that are no numbers.
    progress : Progress
    """
    rows, total = chosen.rows, len(chosen)
    names = chosen.or_nothing(c.NAME)
    findings.add("no_name", Effect.REFUSED, rows[np.asarray(names.is_null())], c.NAME)
    progress("datum", 0, total)
    written = read_coordinates(chosen, findings)
    district, nowhere = chosen.text(c.DISTRICT_ID), np.full(total, np.nan)
    by_text = place_firms(nowhere, nowhere, chosen.text(c.ADDRESS), names, district, current)
    found = find_places(
        written,
        rows,
        areas=current.districts,
        named_area=by_text.named_district.to_numpy(zero_copy_only=False),
        anchors=(by_text.anchor_lon, by_text.anchor_lat),
        anchor_precision_m=anchor_precision_m(by_text),
        told=told_datum,
        findings=findings,
    )
    progress("checking", 0, total)
    placed = place_firms(found.lon, found.lat, chosen.text(c.ADDRESS), None, district, current)
    figures = {column: _figures(chosen, column, findings) for column in (*MEASURED, c.RENT_CNY_M2_MONTH)}
    name, home = pd.Series(names.to_pandas()), pd.Series(placed.registered_district_id.to_pandas())
    again = np.flatnonzero(pd.DataFrame({"name": name, "home": home}).duplicated().to_numpy() & name.notna().to_numpy())
    findings.add("park_stands_twice", Effect.REFUSED, rows[again], c.NAME, before=name.iloc[again].tolist())
    kept = ~np.isin(rows, findings.rows(Effect.REFUSED))
    given = pd.Series(chosen.or_nothing(c.PARK_ID).to_pandas())
    table = pd.DataFrame(
        {
            c.PARK_ID: [i or made_park_id(n, d) for i, n, d in zip(given, name, home, strict=True)],
            c.NAME: name,
            c.LON: placed.lon,
            c.LAT: placed.lat,
            c.DISTRICT_ID: home,
            c.DISTRICT_TEXT: _objects(chosen, c.DISTRICT_ID),
            c.DISTRICT_BASIS: None,
            **{column: _objects(chosen, column) for column in PASSED_ON},
            **figures,
            c.PRECISION: pd.Series(placed.location_precision.to_pandas()),
            c.SOURCE: _objects(chosen, c.SOURCE),
            c.STATUS: pd.Series(read_statuses(chosen, findings).to_pandas()).fillna(Status.UNVERIFIED.value),
        }
    )
    table = table.astype({n: object for n in table if n not in (c.LON, c.LAT, *figures)})
    table = table.where(table.notna(), None) if not figures else table
    places = Places(written.x, written.y, found.lon, found.lat, found.diagnosis)
    return Taken({"parks": table[kept].set_index(c.PARK_ID, drop=False).rename_axis(None)}, found.questions, places)


def made_park_id(name: str | None, district_id: str | None) -> str:
    """Id of a park that has none: the same for the same name and district."""
    return "PK-" + hashlib.sha256(f"{name}\n{district_id or ''}".encode()).hexdigest()[:8].upper()


def _figures(chosen: Chosen, column: str, findings: Findings) -> pd.Series:
    """A measured column; missing stays missing."""
    choices = chosen.choices(column)
    if not choices:
        return pd.Series(np.full(len(chosen), np.nan))
    if chosen.is_asked("unit", choices[0]):
        return pd.Series(np.full(len(chosen), np.nan))
    cells = chosen.cells(choices[0])
    parsed = parse_areas(cells, choices[0].unit) if column in MEASURED else parse_decimals(cells)
    tell_of_cells(chosen, choices[0], parsed, column, findings, unreadable="unreadable_number")
    return pd.Series(np.asarray(parsed.values.to_numpy(zero_copy_only=False), np.float64))


def _objects(chosen: Chosen, column: str) -> pd.Series:
    texts = pd.Series(chosen.or_nothing(column).to_pandas()).astype(object)
    return texts.where(texts.notna(), None)

"""Firms and their yearly figures from the rows of a file: who a row is about, where it lies, which subsectors it is in.

One row is a firm, or a firm in one year; rows of one firm are put together by its id, and without an id by name and
place. What a later row says of the firm itself is not taken. A row is refused when nobody could know what it means: no
name, a figure that is no number, a second figure for the same year.
"""

from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data import columns as c
from data.amounts import note_oddities, observation_table, read_amounts
from data.chosen import TEXT, Chosen
from data.classifying import Classified, classify_firms
from data.coordinates import Found, anchor_precision_m, find_places, pair_texts, read_coordinates
from data.dataset import Dataset
from data.findings import Effect, Findings
from data.firm_identity import (
    firm_ids,
    first_of,
    known_figures,
    note_namesakes,
    number_firms,
    refuse_repeated,
    refuse_second_figures,
)
from data.firm_points import PRECISIONS
from data.placing import Placed, named_districts, place_firms
from data.progress import Progress
from data.statuses import read_statuses, read_word
from data.taken import Places, Taken

PASSED_ON = (
    *(c.SHORT_NAME, c.HOLDING_ID, c.LISTED, c.ADDRESS, c.OFFICE_NOTE, c.NOTES, c.SOURCE),
    *(c.INDUSTRY_CODE, c.BUSINESS_SCOPE),
)
PLACE_GIVEN = (c.PLACE_ID, c.PLACE_EVIDENCE, c.PLACE_CONFLICT)
Ints = NDArray[np.int64]
Texts: TypeAlias = pa.ChunkedArray | pa.Array
CONFIDENTIALITIES = ("public_record", "statistical")
OUTSIDE_WORDS = (c.OUTSIDE, "市外", "外地")
TRUE = ("true", "1", "yes", "是")


def read_firms(
    chosen: Chosen, reference: Dataset, *, told_datum: str | None, findings: Findings, progress: Progress
) -> Taken:
    """Firms and observations of a file, one row a firm and one a firm and year.

    Parameters
    ----------
    chosen : Chosen
    reference : Dataset
        Its districts, parks and streets place the rows.
    told_datum : str or None
        Datum that a person declared.
    findings : Findings
        Hears of every row that is refused, mended or odd.
    progress : Progress
    """
    rows, total = chosen.rows, len(chosen)
    names = chosen.or_nothing(c.NAME)
    findings.add("no_name", Effect.REFUSED, rows[np.asarray(names.is_null())], c.NAME)
    progress("understanding", 0, total)
    amounts, questions = read_amounts(chosen, findings)
    progress("datum", 0, total)
    written = read_coordinates(chosen, findings)
    named = (chosen.text(c.ADDRESS), chosen.text(c.PARK), chosen.text(c.REGISTERED_DISTRICT_ID))
    nowhere = np.full(total, np.nan)
    by_text = place_firms(nowhere, nowhere, *named, reference)
    found = find_places(
        written,
        rows,
        areas=reference.districts,
        named_area=by_text.named_district.to_numpy(zero_copy_only=False),
        anchors=(by_text.anchor_lon, by_text.anchor_lat),
        anchor_precision_m=anchor_precision_m(by_text),
        told=told_datum,
        findings=findings,
    )
    del by_text
    progress("placing", 0, total)
    placed = place_firms(found.lon, found.lat, *named, reference)
    _second_opinion(placed, found, rows, named[2], findings)
    progress("classifying", 0, total)
    classified = classify_firms(
        declared=chosen.text(c.SUBSECTOR_ID),
        weights=chosen.text(c.SUBSECTOR_WEIGHTS),
        codes=chosen.text(c.INDUSTRY_CODE),
        scopes=chosen.text(c.BUSINESS_SCOPE),
        names=names,
    )
    _say_of_classes(classified, chosen, findings)
    progress("checking", 0, total)
    ids = firm_ids(chosen, names, placed.registered_district_id, findings)
    firm = number_firms(ids)
    refuse_second_figures(amounts, firm, rows, findings)
    refuse_repeated(amounts, firm, rows, findings)
    note_namesakes(names, placed.registered_district_id, firm, rows, findings)
    kept = ~np.isin(rows, findings.rows(Effect.REFUSED))
    earlier = known_figures(ids, firm, reference)
    note_oddities(amounts, firm[amounts.at], rows[amounts.at], findings, earlier=earlier)
    every = (*questions, *found.questions)
    places = Places(written.x, written.y, found.lon, found.lat, found.diagnosis)
    columns: dict[str, Any] = {
        c.FIRM_ID: ids,
        c.NAME: names,
        **{name: chosen.text(name) for name in PASSED_ON},
        c.SUBSECTOR_ID: classified.subsector_id,
        c.SUBSECTOR_WEIGHTS: classified.subsector_weights,
        c.SUBSECTOR_BASIS: classified.subsector_basis,
        c.REGISTERED_DISTRICT_ID: placed.registered_district_id,
        c.OPERATING_DISTRICT_ID: _operating(chosen, reference, findings),
        c.LON: placed.lon,
        c.LAT: placed.lat,
        c.LOCATION_PRECISION: placed.location_precision,
        c.PLACE_ID: placed.place_id,
        c.PLACE_EVIDENCE: placed.place_evidence,
        c.PLACE_CONFLICT: placed.place_conflict,
        c.CONFIDENTIALITY: read_word(chosen, c.CONFIDENTIALITY, CONFIDENTIALITIES, "statistical", findings),
        c.SYNTHETIC: pc.is_in(pc.utf8_lower(chosen.or_nothing(c.SYNTHETIC)), pa.array(TRUE, TEXT)),
    }
    columns |= _given_places(chosen, placed, found)
    table = pa.table({name: column for name, column in columns.items() if column is not None})
    first_kept = first_of(firm, kept)
    if len(first_kept) < len(table):  # a copy of a million firms is not made for nothing
        table = table.take(pa.array(first_kept))
    tables = {"firms": table}
    observations = observation_table(
        amounts, ids, chosen.text(c.SCOPE), read_statuses(chosen, findings), chosen.text(c.SOURCE), among=kept
    )
    if len(observations):
        tables["observations"] = observations
    return Taken(tables, every, places)


def _second_opinion(placed: Placed, found: Found, rows: Ints, district: Texts | None, findings: Findings) -> None:
    """Say which districts nobody knows, where the point and the words of a row disagree, what lies outside the city."""
    for mask, code, column in (
        (placed.unknown_district, "unknown_district", c.REGISTERED_DISTRICT_ID),
        (placed.disagrees, "point_elsewhere", c.REGISTERED_DISTRICT_ID),
        (placed.outside, "point_outside", c.LON),
    ):
        at = np.flatnonzero(mask)
        where = pair_texts(found.lon[at], found.lat[at])
        said = where if code == "point_outside" or district is None else district.take(pa.array(at))
        findings.add(
            code, Effect.NOTED, rows[at], column, before=said, after=where if code == "point_elsewhere" else None
        )


def _say_of_classes(classified: Classified, chosen: Chosen, findings: Findings) -> None:
    """Say which subsectors could not be taken as declared, and which a person should look at."""
    for code, where in classified.problems.items():
        column = c.SUBSECTOR_WEIGHTS if code.startswith("weights") else c.SUBSECTOR_ID
        said = pc.coalesce(chosen.or_nothing(c.SUBSECTOR_WEIGHTS), chosen.or_nothing(c.SUBSECTOR_ID))
        findings.add(code, Effect.NOTED, chosen.rows[where], column, before=said.take(pa.array(where)))
    known = np.asarray(classified.subsector_id.is_valid())
    for code, mask in (("subsector_review", classified.review & known), ("subsector_open", ~known)):
        at = pa.array(np.flatnonzero(mask))
        findings.add(
            code, Effect.NOTED, chosen.rows[at.to_numpy()], c.SUBSECTOR_ID,
            before=classified.subsector_basis.take(at), after=classified.subsector_id.take(at),
        )  # fmt: skip


def _given_places(chosen: Chosen, placed: Placed, found: Found) -> dict[str, Any]:
    """Precision and evidence that the file itself gives, as an export of ours does.

    They hold for a row with a coordinate, and for a row that says that nobody knows its place.
    """
    given = chosen.text(c.LOCATION_PRECISION)
    if given is None:
        return {}
    nowhere = np.asarray(pc.fill_null(pc.equal(given, "none"), False)) & np.isnan(found.lon)
    taken = pc.and_(pc.is_in(given, pa.array(PRECISIONS, TEXT)), pa.array(~np.isnan(found.lon) | nowhere))
    return {
        c.LON: np.where(nowhere, np.nan, placed.lon),
        c.LAT: np.where(nowhere, np.nan, placed.lat),
        c.LOCATION_PRECISION: pc.if_else(taken, given, placed.location_precision),
        **{column: pc.if_else(taken, chosen.or_nothing(column), getattr(placed, column)) for column in PLACE_GIVEN},
    }


def _operating(chosen: Chosen, reference: Dataset, findings: Findings) -> Texts:
    """District of the office where the file names one."""
    written = chosen.or_nothing(c.OPERATING_DISTRICT_ID)
    outside = pc.is_in(pc.utf8_lower(written), pa.array(OUTSIDE_WORDS, TEXT))
    ids = pc.if_else(outside, pa.scalar(str(c.OUTSIDE), TEXT), named_districts(written, reference))
    at = pa.array(np.flatnonzero(np.asarray(written.is_valid()) & ~np.asarray(ids.is_valid())))
    findings.add(
        "unknown_district", Effect.NOTED, chosen.rows[at.to_numpy()], c.OPERATING_DISTRICT_ID, before=written.take(at)
    )
    return ids

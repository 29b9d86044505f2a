"""What a check found, as one document of codes and numbers, and its refused rows as a file to mend and bring back."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data import columns as c
from data.chosen import REASON, ROW
from data.exporting import write_table
from data.findings import Effect
from data.importing import Checked
from geo.datum_evidence import Diagnosis

MOST_FINDINGS = 1_000
MOST_POINTS = 300
SAMPLES = 3
ORDER = {Effect.REFUSED.value: 0, Effect.REPAIRED.value: 1, Effect.NOTED.value: 2}


def check_document(checked: Checked) -> dict[str, Any]:
    """A check as a document of plain values.

    Parameters
    ----------
    checked : Checked

    Returns
    -------
    dict
        file, sha256, file_kind, kind; accepted, repaired, refused (integers that add up to rows_read); facts of the
        reading; columns with what each is taken for; questions; datum with its evidence; points (at most 300, before
        and after); findings (at most 1,000, refused first) and how many there are of each code; totals of what would
        be kept; synthetic, whether any firm is made up.
    """
    table = checked.findings.table()
    return {
        "file": checked.name,
        "sha256": checked.sha256,
        "file_kind": checked.raw.file_kind.value,
        "kind": checked.mapping.kind.value,
        "rows_read": checked.read,
        "accepted": checked.accepted,
        "repaired": checked.repaired,
        "refused": checked.refused,
        "facts": dict(checked.raw.facts),
        "columns": _columns(checked),
        "questions": [{"about": q.about, "subject": q.subject, "options": list(q.options)} for q in checked.questions],
        "datum": None if checked.taken.places is None else _datum(checked.taken.places.diagnosis),
        "points": _points(checked),
        "findings": _findings(table),
        "findings_total": len(table),
        "findings_by_code": _by_code(table),
        "totals": _totals(checked),
        "synthetic": _is_synthetic(checked),
    }


def write_refused(checked: Checked, path: Path, reasons: dict[int, str]) -> None:
    """Write the refused rows, as they stand, with row number and reason: ready to mend and bring back.

    Parameters
    ----------
    checked : Checked
    path : Path
        .xlsx or .csv.
    reasons : dict of int to str
        Words for each row number.
    """
    write_rows(checked.refused_rows(), checked.raw.headings, reasons, path)


def write_rows(rows: pa.Table, headings: tuple[str, ...], reasons: dict[int, str], path: Path) -> None:
    """Write refused rows under the headings of their file; see ``write_refused``."""
    table = pd.DataFrame(rows.to_pandas())
    number = table.pop("row")
    names, taken = [], {ROW, REASON}
    for position, heading in enumerate(headings):
        name = heading or f"column {position + 1}"
        while name in taken:
            name += " "
        taken.add(name)
        names.append(name)
    table.columns = pd.Index(names)
    table[ROW], table[REASON] = number, number.map(reasons).fillna("")
    write_table(table, path, {})


def _columns(checked: Checked) -> list[dict[str, Any]]:
    found = []
    for choice in checked.mapping.columns:
        cells = checked.raw.cells.column(choice.position)
        samples = pc.unique(cells.slice(0, 1_000)).drop_null()[:SAMPLES].to_pylist()
        found.append(
            {
                "position": choice.position,
                "heading": choice.heading,
                "column": choice.column,
                "unit": choice.unit,
                "year": choice.year,
                "how": choice.how,
                "score": round(choice.score, 3),
                "samples": [str(sample)[:200] for sample in samples],
            }
        )
    return found


def _datum(diagnosis: Diagnosis | None) -> dict[str, Any] | None:
    if diagnosis is None:
        return None
    return {
        "datum": None if diagnosis.datum is None else diagnosis.datum.value,
        "likeliest": None if diagnosis.likeliest is None else diagnosis.likeliest.value,
        "verdict": diagnosis.verdict.value,
        "confidence": round(diagnosis.confidence, 6),
        "swapped": diagnosis.swapped,
        "evidence": [
            {
                "datum": e.datum.value,
                "swapped": e.swapped,
                "rows": e.rows,
                "agreeing": _number(e.agreeing_share),
                "outside": _number(e.outside_share),
                "anchor_m": _number(e.distance_m),
                "log_likelihood": _number(e.log_likelihood),
                "posterior": _number(e.posterior),
            }
            for e in diagnosis.evidence
        ],
    }


def _number(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), 6)


def _points(checked: Checked) -> list[dict[str, Any]]:
    """Some rows with a place, evenly over the file: as written and as kept."""
    places = checked.taken.places
    if places is None:
        return []
    has = np.flatnonzero(~np.isnan(places.x))
    at = has[np.unique(np.linspace(0, len(has) - 1, min(len(has), MOST_POINTS)).astype(np.int64))] if len(has) else has
    named = next((choice for choice in checked.mapping.columns if choice.column == c.NAME), None)
    names = None if named is None else checked.raw.cells.column(named.position).take(pa.array(at)).to_pylist()
    return [
        {
            "row": int(checked.raw.rows[i]),
            "name": "" if names is None else str(names[n] or "")[:80],
            "before": [float(places.x[i]), float(places.y[i])],
            "after": None if np.isnan(places.lon[i]) else [float(places.lon[i]), float(places.lat[i])],
        }
        for n, i in enumerate(at)
    ]


def _findings(table: pa.Table) -> list[dict[str, Any]]:
    rank = np.array([ORDER[effect] for effect in table["effect"].to_pylist()], np.int8)
    first = np.argsort(rank, kind="stable")[:MOST_FINDINGS]
    return [{**row, "row": int(row["row"])} for row in table.take(pa.array(first)).to_pylist()]


def _by_code(table: pa.Table) -> list[dict[str, Any]]:
    counts = table.group_by(["code", "effect", "column"]).aggregate([("row", "count_distinct")]).to_pylist()
    found = [
        {"code": one["code"], "effect": one["effect"], "column": one["column"], "rows": one["row_count_distinct"]}
        for one in counts
    ]
    return sorted(found, key=lambda one: (ORDER[one["effect"]], -one["rows"], one["code"]))


def _is_synthetic(checked: Checked) -> bool:
    firms = checked.taken.tables.get("firms")
    return firms is not None and bool(pc.any(firms[c.SYNTHETIC]).as_py())


def _totals(checked: Checked) -> dict[str, Any]:
    """What would be kept, counted."""
    tables = checked.taken.tables
    found: dict[str, Any] = {
        name: len(tables[name])
        for name in ("firms", "observations", "parks", "indicators", "districts", "hubs")
        if name in tables
    }
    if "firms" in tables:
        for key, column in (("by_district", c.REGISTERED_DISTRICT_ID), ("by_subsector", c.SUBSECTOR_ID)):
            counts = pc.value_counts(tables["firms"][column]).to_pylist()
            found[key] = {one["values"] or c.UNPLACED: one["counts"] for one in counts}
    if "observations" in tables:
        sums = tables["observations"].group_by(c.YEAR).aggregate([(c.REVENUE_CNY, "sum")]).to_pylist()
        found["revenue_cny"] = {
            str(one[c.YEAR]): one[f"{c.REVENUE_CNY}_sum"] for one in sorted(sums, key=lambda o: o[c.YEAR])
        }
        found["years"] = sorted(one[c.YEAR] for one in sums)
    return found

"""A stand-in for the pipeline, run by real worker processes: ``python -m tests.data.fake_pipeline HOME JOB RUN``.

The first line of a file decides what happens: ``hold`` waits at the gate ``HOME/gate`` (a FIFO, so that nobody polls),
``refuse``, ``crash`` and ``kill`` end as they say; what follows is CSV and is read well enough to fill a page.
"""

import csv
import hashlib
import io
import os
import signal
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa

from data.dataset import Dataset
from data.errors import RefusedFile
from data.findings import SCHEMA, Findings
from data.importing import Told
from data.jobs_worker import Pipeline, main
from data.mapping import TableKind
from data.mapping_files import AS_PROPOSED
from data.reference import load_reference
from data.synthetic import synthesize, write_register
from geo.datum import bd09_to_wgs84, gcj02_to_wgs84
from tests.register_files import import_register

FIRMS = 60
SYNONYMS = {
    "企业名称": "name",
    "统一社会信用代码": "firm_id",
    "地址": "address",
    "经度": "lon",
    "纬度": "lat",
    "所属领域": "subsector_id",
    "2022年营收(万元)": "revenue_cny",
    "2021年营收": "revenue_cny",
}
TURN = {"wgs84": lambda x, y: (x, y), "gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}


def behave(path: Path, home: Path, progress: Any) -> bytes:
    """Do what the first line says; the CSV after it."""
    given = path.read_bytes()
    first, _, rest = given.partition(b"\n")
    word = first.strip().decode("ascii", "replace")
    progress("reading", 3, 10)
    if word == "hold":
        (home / "gate").read_text()
    elif word == "refuse":
        raise RefusedFile("名录.csv", "too_large", limit="200 MB")
    elif word == "crash":
        raise KeyError("nobody foresaw this")
    elif word == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    return rest if word == "hold" else given


def check(path: Path, told: Told, reference: Dataset, *, name: str, progress: Any) -> Any:
    given = behave(path, path.parents[2], progress)
    progress("understanding", 0, 0)
    document = _document(name, given, told)
    headings, cells = _headings_and_cells(given)
    bad = [f["row"] for f in document["findings"] if f["effect"] == "refused"]
    rows = {"row": pa.array(bad, pa.int64())} | {
        str(n): pa.array([cells[row - 2][n] for row in bad], pa.large_string()) for n in range(len(headings))
    }
    return SimpleNamespace(
        document=document,
        raw=SimpleNamespace(headings=headings),
        findings=Findings([pa.Table.from_pylist(document["findings"], SCHEMA)]),
        refused_rows=lambda: pa.table(rows),
    )


def commit(path: Path, told: Told, home: Path, *, name: str, progress: Any) -> Any:
    behave(path, home, progress)
    progress("writing", 0, 0)
    made = home / f"made-{os.getpid()}.parquet"
    write_register(synthesize(FIRMS, 3, load_reference()), made)
    return import_register(made, home, load_reference())


def _headings_and_cells(given: bytes) -> tuple[list[str], list[list[str]]]:
    rows = list(csv.reader(io.StringIO(given.decode(_encoding(given)))))
    return (rows[0], rows[1:]) if rows else ([], [])


def _encoding(given: bytes) -> str:
    return "UTF-8" if _reads(given, "utf-8") else "GB18030"


def _document(name: str, given: bytes, told: Told) -> dict[str, Any]:
    headings, cells = _headings_and_cells(given)
    mapped = {c.heading: c for c in told.mapping.columns} if told.mapping else {}
    columns, questions = [], []
    for position, heading in enumerate(headings):
        own = mapped.get(heading)
        column = own.column if own and own.column != AS_PROPOSED else SYNONYMS.get(heading)
        unit = (own and own.unit) or ("万元" if "万元" in heading else None)
        year = (own and own.year) or (int(heading[:4]) if heading[:4].isdecimal() else None)
        samples = [row[position] for row in cells[:3] if position < len(row)]
        how = "told" if own else "synonym" if column else "fuzzy"
        columns.append(
            {"position": position, "heading": heading, "column": column, "unit": unit, "year": year, "how": how}
            | {"score": 1.0 if column else 0.0, "samples": samples}
        )
        if column == "revenue_cny" and unit is None:
            questions.append({"about": "unit", "subject": heading, "options": ["元", "千元", "万元", "亿元"]})
    by_column = {column["column"]: column["position"] for column in columns}
    bad = [n for n, row in enumerate(cells, 2) if any("约" in cell for cell in row)]
    findings = [_finding(n, "revenue_cny", "unreadable_number", "refused", "约12", None) for n in bad]
    points, datum = [], None
    if "lon" in by_column and "lat" in by_column:
        lon, lat = (np.array([float(row[by_column[k]]) for row in cells]) for k in ("lon", "lat"))
        chosen = told.datum if told.datum in TURN else "gcj02"
        after = TURN[chosen](lon, lat)
        points = [
            {"row": n + 2, "name": cells[n][by_column["name"]] if "name" in by_column else str(n + 2)}
            | {"before": [float(lon[n]), float(lat[n])], "after": [float(after[0][n]), float(after[1][n])]}
            for n in range(0, len(cells), max(1, len(cells) // 300))
        ][:300]
        if chosen != "wgs84":
            findings += [_finding(n, "lon", "datum_repaired", "repaired", None, None) for n in range(2, len(cells) + 2)]
        datum = _evidence(chosen, bool(told.datum), len(cells))
    by_code = Counter((f["code"], f["effect"], f["column"]) for f in findings)
    repaired = len({f["row"] for f in findings if f["effect"] == "repaired"} - set(bad))
    kind = told.kind or TableKind.FIRMS
    return {
        "file": name,
        "sha256": hashlib.sha256(given).hexdigest(),
        "file_kind": "csv",
        "kind": kind.value,
        "rows_read": len(cells),
        "accepted": len(cells) - len(bad) - repaired,
        "repaired": repaired,
        "refused": len(bad),
        "facts": {"encoding": _encoding(given), "separator": ",", "heading_rows": "1"},
        "columns": columns,
        "questions": questions,
        "datum": datum,
        "points": points,
        "findings": findings[:1000],
        "findings_total": len(findings),
        "findings_by_code": [
            {"code": code, "effect": effect, "column": column, "rows": n}
            for (code, effect, column), n in by_code.items()
        ],
        "totals": {
            "firms": len(cells) - len(bad),
            "observations": 0,
            "years": [2022],
            "revenue_cny": {},
            "districts": {},
        }
        | {"subsectors": {}},
        "version": None,
    }


def _finding(row: int, column: str, code: str, effect: str, before: str | None, after: str | None) -> dict[str, Any]:
    return {"row": row, "column": column, "code": code, "effect": effect, "before": before, "after": after}


def _evidence(chosen: str, declared: bool, rows: int) -> dict[str, Any]:
    told = [("wgs84", 0.905, 0.021, 531.0), ("gcj02", 0.995, 0.0, 12.0), ("bd09", 0.71, 0.18, 640.0)]
    return {
        "datum": chosen,
        "likeliest": chosen,
        "verdict": "declared" if declared else "inferred",
        "confidence": 0.9991,
        "swapped": False,
        "evidence": [
            {
                "datum": d,
                "swapped": False,
                "rows": rows,
                "agreeing": a,
                "outside": o,
                "anchor_m": m,
                "log_likelihood": -9.0,
            }
            for d, a, o, m in told
        ],
    }


def _reads(given: bytes, encoding: str) -> bool:
    try:
        given.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


FAKE = Pipeline(check=check, document=lambda checked: checked.document, commit=commit)

if __name__ == "__main__":
    main(FAKE)

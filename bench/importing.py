"""What an import costs, stage by stage: a CSV of a million rows and a workbook of a hundred thousand.

The files are what a district might send: Chinese headings, revenue in 万元, places in GCJ-02, GB18030 or a workbook.
Every file is imported by a process of its own, whose peak is taken together with that of the child that reads.

``python -m bench.importing [rows ...]`` runs both files, or a CSV and a workbook of so many rows.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from bench.machine import machine
from bench.results import Rows, Verdict, report
from bench.server import ROOT
from data import columns as c
from data.importing import Told, import_file
from data.reference import load_reference
from data.synthetic import synthesize
from geo.datum import wgs84_to_gcj02

CSV_ROWS, XLSX_ROWS = 1_000_000, 100_000
PACKAGES = ("pandas", "pyarrow", "numpy", "shapely", "python-calamine")
MOST_MB = 2_048
SEED = 11


def messy(rows: int) -> pd.DataFrame:
    """A synthetic register as a district might write it."""
    reference = load_reference()
    register = synthesize(rows, SEED, reference)
    lon, lat = wgs84_to_gcj02(register[c.LON].to_numpy(), register[c.LAT].to_numpy())
    names = reference.districts[c.NAME]
    revenue = (register[c.REVENUE_CNY].to_numpy() / 10_000).round(1)
    return pd.DataFrame(
        {
            "统一社会信用代码": register[c.FIRM_ID],
            "企业名称": register[c.NAME],
            "所属区": register[c.REGISTERED_DISTRICT_ID].map(names),
            "细分领域": register[c.SUBSECTOR_ID],
            "经度": np.round(lon, 6),
            "纬度": np.round(lat, 6),
            "年份": register[c.YEAR],
            "营业收入（万元）": revenue,
            "2022年营业收入（万元）": (register["revenue_2022_cny"].astype("Float64") / 10_000).round(1),
            "合成数据": "是",
            "来源": register[c.SOURCE],
        }
    )


def write_csv(rows: int, path: Path) -> None:
    """The register as GB18030."""
    messy(rows).to_csv(path, index=False, encoding="gb18030", errors="strict")


def write_workbook(rows: int, path: Path) -> None:
    """The register as a workbook, row by row."""
    from openpyxl import Workbook

    table = messy(rows)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("名录")
    sheet.append(list(table.columns))
    for row in table.astype(object).where(table.notna(), None).itertuples(index=False):
        sheet.append(list(row))
    book.save(path)


def job(file: Path, home: Path) -> dict[str, Any]:
    """Import a file in this process and tell the seconds of each stage."""
    load_reference()
    stages: dict[str, float] = {}
    last = ["reading", time.perf_counter()]

    def hear(stage: str, done: int, total: int) -> None:
        now = time.perf_counter()
        stages[last[0]] = stages.get(last[0], 0.0) + now - last[1]
        last[:] = [stage, now]

    start = time.perf_counter()
    record = import_file(file, Told(), home, progress=hear)
    hear("done", 0, 0)
    own, child = (resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "firms": record.firms,
        "seconds": round(time.perf_counter() - start, 2),
        "peak_mb": own,
        "reader_peak_mb": child,
        **{f"{stage}_s": round(seconds, 2) for stage, seconds in stages.items()},
    }


def measured(name: str, file: Path, folder: Path) -> dict[str, Any]:
    """One file in a process of its own."""
    command = [sys.executable, "-m", "bench.importing", "job", str(file), str(folder / f"home-{file.stem}")]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return {"file": name, "mb": round(file.stat().st_size / 2**20), **json.loads(done.stdout)}


def verdicts(rows: Rows) -> Iterator[Verdict]:
    """Memory of the process and its reader together."""
    for row in rows:
        yield Verdict(f"{row['file']}: peak MB", row["peak_mb"] + row["reader_peak_mb"], MOST_MB, at_most=True)


def main(wanted: list[str]) -> None:
    """Run, print, and keep the table."""
    here = machine(PACKAGES)
    print(here)
    sizes = [int(rows) for rows in wanted] * 2 if wanted else [CSV_ROWS, XLSX_ROWS]
    rows: Rows = []
    with TemporaryDirectory() as folder:
        for size, suffix, write in zip(sizes, ("csv", "xlsx"), (write_csv, write_workbook), strict=False):
            file = Path(folder) / f"{suffix}.{suffix}"
            write(size, file)
            rows.append({**measured(f"{size:,} rows, {suffix.upper()}", file, Path(folder)), "machine": here})
            print({key: value for key, value in rows[-1].items() if key != "machine"}, flush=True)
    report("importing", rows, verdicts(rows), whole=not wanted)


if __name__ == "__main__":
    if sys.argv[1:2] == ["job"]:
        print(json.dumps(job(Path(sys.argv[2]), Path(sys.argv[3]))))
    else:
        main(sys.argv[1:])

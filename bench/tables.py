"""File → table, and table → smaller table: district × subsector sums from a file of firms, and again after a filter.

The file case reads a register from disk, finds the district of every firm and sums its revenue by district and
subsector: ours from columns of longitude and latitude, GeoPandas as its users write it, SedonaDB on the same columns.
The filter case has the districts already and asks for three subsectors of one year: our stored cube beside passes over
all observations. Answers are compared first; firms on an edge of a district are dropped, where predicates differ.

``python -m bench.tables [case ...]`` runs all or the named cases.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import shapely

from bench.machine import machine
from bench.registers import imported, opened
from bench.results import Rows, Verdict, report
from bench.rounds import interleaved, medians
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset, firm_districts
from data.reference import load_reference
from data.synthetic import synthesize, write_register
from geo.crs import STORAGE_CRS
from geo.locate import index_areas, totals_by_area

Run = Callable[[], pd.DataFrame]

SEED = 1
PACKAGES = ("numpy", "pandas", "geopandas", "shapely", "pyarrow", "polars", "duckdb", "sedonadb")
OURS = "jiqun"
BY = [c.DISTRICT_ID, c.SUBSECTOR_ID]
NEEDED = [c.LON, c.LAT, c.SUBSECTOR_ID, c.REVENUE_CNY]
FILTER_YEAR, FILTER_SUBSECTORS = 2022, ("S03", "S05", "S07")
YEARS_OF_A_FIRM = 5
TARGETS = (
    ("file 1M, Parquet", "sjoin(within)", 30),
    ("filter 1M", "pandas", 15),
    ("filter 10M", "pandas", 15),
)
CUBE_MS = 0.1


@dataclass
class Case:
    """Contestants by name, who of them runs once, and who does not run at all and why."""

    name: str
    runs: dict[str, Run]
    rounds: int
    once: tuple[str, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()


# File → table


def file_cases(firms: int, folder: Path) -> Iterator[Case]:
    """The same firms as Parquet and as CSV."""
    reference = load_reference()
    areas = reference.districts[["geometry"]].rename_axis(c.DISTRICT_ID).reset_index()
    register = off_edges(synthesize(firms, SEED, reference), areas)
    columns, points, text = (folder / name for name in ("columns.parquet", "points.parquet", "columns.csv"))
    write_register(register, columns)
    write_register(register, text)
    geometry = gpd.points_from_xy(register[c.LON], register[c.LAT])
    gpd.GeoDataFrame(register, geometry=geometry, crs=STORAGE_CRS).to_parquet(points)

    def sjoin(read: Callable[[], gpd.GeoDataFrame], predicate: str) -> pd.DataFrame:
        return summed(read().sjoin(areas, predicate=predicate))

    def from_parquet() -> gpd.GeoDataFrame:
        return gpd.read_parquet(points, columns=["geometry", c.SUBSECTOR_ID, c.REVENUE_CNY])

    def from_csv() -> gpd.GeoDataFrame:
        read = pd.read_csv(text, usecols=list(map(str, NEEDED)))
        return gpd.GeoDataFrame(read, geometry=gpd.points_from_xy(read[c.LON], read[c.LAT]), crs=STORAGE_CRS)

    def parquet_columns() -> pa.Table:
        return pq.read_table(columns, columns=NEEDED, read_dictionary=[c.SUBSECTOR_ID])

    def csv_columns() -> pa.Table:
        subsector = {c.SUBSECTOR_ID: pa.dictionary(pa.int32(), pa.string())}
        options = pyarrow.csv.ConvertOptions(include_columns=NEEDED, column_types=subsector)
        return pyarrow.csv.read_csv(text, convert_options=options)

    for kind, ours, theirs, sql in (
        ("Parquet", parquet_columns, from_parquet, f"'{columns}'"),
        ("CSV", csv_columns, from_csv, ""),
    ):
        runs: dict[str, Run] = {
            OURS: lambda ours=ours: located(ours(), reference),
            "sjoin(within)": lambda theirs=theirs: sjoin(theirs, "within"),
            "sjoin(intersects)": lambda theirs=theirs: sjoin(theirs, "intersects"),
        }
        absent: tuple[tuple[str, str], ...] = ()
        if sql:
            try:
                runs["SedonaDB"] = sedona(columns, areas)
            except ImportError as problem:
                absent = (("SedonaDB", f"not run: {problem}"),)
        yield Case(f"file {named(firms)}, {kind}", runs, 3, absent=absent)


def off_edges(register: pd.DataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """The firms that lie on no edge of an area."""
    edges = shapely.union_all(areas.boundary.to_numpy())
    shapely.prepare(edges)
    return register[~shapely.intersects_xy(edges, register[c.LON], register[c.LAT])].reset_index(drop=True)


def located(table: pa.Table, reference: Dataset) -> pd.DataFrame:
    """Our way: codes of districts by the index, codes of subsectors from the dictionary, one count."""
    index = index_areas(reference.districts)
    district = index.locate(table[c.LON].to_numpy(), table[c.LAT].to_numpy())
    kind = table.unify_dictionaries()[c.SUBSECTOR_ID].combine_chunks()
    names = kind.dictionary.to_pylist()
    cell = np.where(district < 0, -1, district * len(names) + kind.indices.to_numpy())
    several = len(index.area_ids) * len(names)
    firms, total = totals_by_area(cell, table[c.REVENUE_CNY].to_numpy().astype(np.float64), areas=several)
    cells = pd.MultiIndex.from_product([index.area_ids, names], names=BY)
    answer = pd.DataFrame({c.FIRMS: firms, c.TOTAL_CNY: total}, index=cells)
    return answer[answer[c.FIRMS] > 0].sort_index()


def summed(table: pd.DataFrame) -> pd.DataFrame:
    """Firms and revenue by district and subsector."""
    grouped = table.groupby(BY, observed=True)[c.REVENUE_CNY]
    return grouped.agg(**{str(c.FIRMS): "count", str(c.TOTAL_CNY): "sum"}).sort_index()


def sedona(columns: Path, areas: gpd.GeoDataFrame) -> Run:
    """SedonaDB on the Parquet columns, the areas registered beforehand."""
    import sedonadb

    session = sedonadb.connect()
    session.create_data_frame(areas).to_view("areas")
    session.read_parquet(str(columns)).to_view("firms")
    query = f"""
        SELECT a.{c.DISTRICT_ID}, f.{c.SUBSECTOR_ID}, count(*) AS {c.FIRMS}, sum(f.{c.REVENUE_CNY}) AS {c.TOTAL_CNY}
        FROM firms f JOIN areas a ON ST_Intersects(a.geometry, ST_SetSRID(ST_Point(f.{c.LON}, f.{c.LAT}), 4326))
        GROUP BY 1, 2
    """  # noqa: S608 - column names of our own
    return lambda: session.sql(query).to_pandas().set_index(BY).sort_index()


# Table → smaller table


def filter_case(observations: int) -> Case:
    """Three subsectors of one year, from the cube and from the observations."""
    with TemporaryDirectory() as folder:
        dataset = opened(imported(observations // YEARS_OF_A_FIRM, Path(folder)))
        cube, table = cube_of(dataset), observed(dataset)

    def from_cube() -> pd.DataFrame:
        return cube_totals(cube, BY, year=FILTER_YEAR, subsectors=FILTER_SUBSECTORS)[[c.FIRMS, c.TOTAL_CNY]]

    def by_pandas() -> pd.DataFrame:
        return summed(table[(table[c.YEAR] == FILTER_YEAR) & table[c.SUBSECTOR_ID].isin(FILTER_SUBSECTORS)])

    runs: dict[str, Run] = {OURS: from_cube, "pandas": by_pandas}
    absent = []
    for name, enter in {"Polars": by_polars, "DuckDB": by_duckdb}.items():
        try:
            runs[name] = enter(table)
        except ImportError as problem:
            absent.append((name, f"not run: {problem}"))
    return Case(f"filter {named(observations)}", runs, 15, absent=tuple(absent))


def observed(dataset: Dataset) -> pd.DataFrame:
    """Observations with district and subsector as categories, the lightest form that pandas has for them."""
    rows = dataset.firms.index.get_indexer(pd.Index(dataset.observations[c.FIRM_ID]))
    kinds = pd.DataFrame(
        {
            c.DISTRICT_ID: firm_districts(dataset.firms, "registered").astype("category"),
            c.SUBSECTOR_ID: dataset.firms[c.SUBSECTOR_ID].astype("category"),
        }
    ).iloc[rows]
    years, revenue = (dataset.observations[name].to_numpy(np.int64) for name in (c.YEAR, c.REVENUE_CNY))
    return kinds.reset_index(drop=True).assign(**{c.YEAR: years.astype(np.int16), c.REVENUE_CNY: revenue})


def by_polars(table: pd.DataFrame) -> Run:
    """A filter and a group-by over a frame in memory."""
    import polars as pl

    frame = pl.from_pandas(table)
    wanted = pl.col(c.SUBSECTOR_ID).is_in(list(FILTER_SUBSECTORS)) & (pl.col(c.YEAR) == FILTER_YEAR)
    sums = [pl.len().alias(c.FIRMS), pl.col(c.REVENUE_CNY).sum().alias(c.TOTAL_CNY)]

    def run() -> pd.DataFrame:
        grouped = frame.filter(wanted).group_by(BY).agg(sums).to_dict(as_series=False)
        return pd.DataFrame(grouped).set_index(BY).sort_index()

    return run


def by_duckdb(table: pd.DataFrame) -> Run:
    """The same in SQL over a table of its own."""
    import duckdb

    database = duckdb.connect()
    database.register("frame", table)
    database.execute("CREATE TABLE observations AS SELECT * FROM frame")
    query = f"""
        SELECT {c.DISTRICT_ID}::text AS {c.DISTRICT_ID}, {c.SUBSECTOR_ID}::text AS {c.SUBSECTOR_ID},
               count(*) AS {c.FIRMS}, sum({c.REVENUE_CNY}) AS {c.TOTAL_CNY}
        FROM observations WHERE {c.YEAR} = {FILTER_YEAR} AND {c.SUBSECTOR_ID} IN {FILTER_SUBSECTORS} GROUP BY 1, 2
    """  # noqa: S608 - column names of our own
    return lambda: database.execute(query).df().set_index(BY).sort_index()


# The run


def same_table(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """The same groups, equal counts, and sums that differ by rounding only."""
    keys = [[tuple(map(str, key)) for key in table.index] for table in (one, other)]
    counts, totals = ([t[name].to_numpy(np.float64) for t in (one, other)] for name in (c.FIRMS, c.TOTAL_CNY))
    return keys[0] == keys[1] and bool((counts[0] == counts[1]).all()) and np.allclose(*totals, rtol=1e-9)


def named(number: int) -> str:
    """1_000_000 as 1M."""
    return f"{number // 10**6}M" if number >= 10**6 else f"{number // 1000}k"


def measure(case: Case) -> Iterator[dict[str, object]]:
    """One row for each contestant."""
    times = interleaved(case.runs, case.rounds, same_table, case=case.name, once=case.once)
    middle = medians(times)
    for name, seconds in middle.items():
        yield {
            "case": case.name,
            "method": name,
            "runs": len(times[name]),
            "median_ms": float(f"{1000 * seconds:.4g}"),
            "times_jiqun": float(f"{seconds / middle[OURS]:.4g}"),
        }
    for name, reason in case.absent:
        yield {"case": case.name, "method": name, "note": reason}


def verdicts(rows: Rows) -> Iterator[Verdict]:
    """Each target beside what was measured."""
    times = {(row["case"], row["method"]): row["times_jiqun"] for row in rows if "times_jiqun" in row}
    for case, rival, target in TARGETS:
        if (case, rival) in times:
            yield Verdict(f"{case}: {OURS} against {rival}", times[case, rival], target)
    for row in rows:
        if row["method"] == OURS and row["case"].startswith("filter"):
            yield Verdict(f"{row['case']}: ms from the cube", row["median_ms"], CUBE_MS, at_most=True)


def cases(folder: Path) -> dict[str, Callable[[], Iterator[Case]]]:
    """The cases by name, each made when asked for."""
    return {
        "file": lambda: file_cases(1_000_000, folder),
        "filter": lambda: iter([filter_case(1_000_000)]),
        "filter10": lambda: iter([filter_case(10_000_000)]),
    }


def main(wanted: list[str]) -> None:
    """Run, print, and keep the table."""
    here = machine(PACKAGES)
    rows: Rows = []
    print(here)
    with TemporaryDirectory() as folder:
        for make in (make for name, make in cases(Path(folder)).items() if not wanted or name in wanted):
            for case in make():
                for row in measure(case):
                    rows.append({**row, "machine": here})
                    print(
                        *(
                            f"{row.get(cell, ''):>18}"
                            for cell in ("case", "method", "median_ms", "times_jiqun", "note")
                        ),
                        flush=True,
                    )
    report("tables", rows, verdicts(rows), whole=not wanted)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Point → area and point → parks, counted and summed: ours beside peers in one interleaved run.

Every contestant gets coordinates and revenues and gives firms and revenue for each area; answers are compared first.
Points on an edge are dropped, because the peers' predicates differ there and ours has a rule of its own. Queries are
ours, not tuned by the peers' authors. Times on a shared machine are noise; the ratios of medians from one run are what
we keep. A contestant that is not installed, or too slow to wait for, is named with the reason.

``python -m bench.locate [case ...]`` runs all or the named cases; ``python -m bench.locate memory`` tells the memory
that ten million points take.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from bench.machine import machine, peak_kib
from bench.results import Rows, Verdict, report
from bench.rounds import interleaved, medians
from data import columns as c
from data.reference import load_reference
from geo.boundaries import load_units
from geo.crs import STORAGE_CRS
from geo.grid_index import AreaIndex
from geo.locate import totals_by_area

Floats = NDArray[np.float64]
Table = tuple[NDArray[np.int64], Floats]
Run = Callable[[], Table]

SEED = 42
GUANGDONG = [f"44{city:02d}00" for city in (*range(1, 10), *range(12, 21), 51, 52, 53)]
PARKS = 400
NUMPY, NUMPY_COLD, NUMBA, NUMBA_COLD = (
    "jiqun NumPy",
    "jiqun NumPy, index built inside",
    "jiqun numba",
    "jiqun numba, index built inside",
)
PACKAGES = ("numpy", "shapely", "geopandas", "numba", "sedonadb", "duckdb", "duckdb-ext-spatial")


@dataclass
class Case:
    """Points with a revenue, areas with a code, and who takes part how often."""

    name: str
    lon: Floats
    lat: Floats
    revenue: Floats
    areas: gpd.GeoDataFrame
    overlapping: bool = False
    rounds: int = 7
    skip: dict[str, str] = field(default_factory=dict)
    once: tuple[str, ...] = ()

    @property
    def outlines(self) -> NDArray[Any]:
        """Polygons in the order of their codes."""
        return self.areas.geometry.to_numpy()

    @property
    def ids(self) -> list[str]:
        """Names in text order."""
        return [f"{code:05d}" for code in self.areas["code"]]


# The world


def firms(bounds: NDArray[np.float64], count: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Four of five around 200 hot spots, the others anywhere; six decimals; revenues with a heavy tail. Synthetic."""
    west, south, east, north = bounds
    spots = rng.uniform((west, south), (east, north), (200, 2))
    clustered = int(count * 0.8)
    near = spots[rng.integers(0, 200, clustered)] + rng.normal(0, 0.01, (clustered, 2))
    anywhere = rng.uniform((west, south), (east, north), (count - clustered, 2))
    lon, lat = rng.permutation(np.concatenate([near, anywhere])).round(6).T
    return np.ascontiguousarray(lon), np.ascontiguousarray(lat), rng.pareto(1.2, count) * 1e6


def synthetic_parks(rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Rectangles and ovals of 50 to 500 m around the published points of real parks. The outlines are invented."""
    known = load_reference().parks[[c.LON, c.LAT]].dropna().to_numpy()
    places = known[rng.integers(0, len(known), PARKS)] + rng.normal(0, 0.01, (PARKS, 2))
    half = rng.uniform(25, 250, (PARKS, 2)) / (102_000, 111_000)
    turned = [
        shapely.affinity.rotate(
            shapely.box(x - dx, y - dy, x + dx, y + dy)
            if i % 2
            else shapely.affinity.scale(shapely.Point(x, y).buffer(1), dx, dy),
            rng.uniform(0, 180),
        )
        for i, ((x, y), (dx, dy)) in enumerate(zip(places, half, strict=True))
    ]
    return coded(gpd.GeoSeries(turned, crs=STORAGE_CRS))


def coded(outlines: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Outlines under the codes 0, 1, ..."""
    return gpd.GeoDataFrame({"code": np.arange(len(outlines))}, geometry=outlines.to_numpy(), crs=STORAGE_CRS)


def off_edges(case: Case) -> Case:
    """The case without the points on an edge of an area."""
    keep = np.ones(len(case.lon), dtype=np.bool_)
    for outline in case.outlines:
        shapely.prepare(outline)
        near = within_box(outline, case.lon, case.lat)
        x, y = case.lon[near], case.lat[near]
        keep[near[shapely.intersects_xy(outline, x, y) & ~shapely.contains_xy(outline, x, y)]] = False
    case.lon, case.lat, case.revenue = case.lon[keep], case.lat[keep], case.revenue[keep]
    shapely.destroy_prepared(case.outlines)
    return case


def cases() -> dict[str, Callable[[], Case]]:
    """The cases by name, each made when asked for."""
    slow = "not run: minutes at this size, see 1M"
    default, tree, within, duck = "sjoin(intersects)", "STRtree(points).query", "sjoin(within)", "DuckDB spatial"

    def districts(name: str, count: int, cities: list[str], **more: Any) -> Case:
        areas = coded(pd.concat([load_units(city) for city in cities]).geometry)
        return off_edges(Case(name, *firms(areas.total_bounds, count, np.random.default_rng(SEED)), areas, **more))

    def parks() -> Case:
        rng = np.random.default_rng(SEED)
        city = load_units("440300").total_bounds
        return off_edges(
            Case("1M x 400 parks", *firms(city, 1_000_000, rng), synthetic_parks(rng), overlapping=True, once=(duck,))
        )

    big = {default: slow, tree: slow, duck: slow}
    return {
        "shenzhen": lambda: districts("1M x 9", 1_000_000, ["440300"], once=(default, duck)),
        "shenzhen10": lambda: districts("10M x 9", 10_000_000, ["440300"], rounds=5, skip=big, once=(within,)),
        "guangdong": lambda: districts("5M x 125", 5_000_000, GUANGDONG, rounds=5, skip=big, once=(within,)),
        "parks": parks,
    }


# The contestants


def ours(case: Case) -> dict[str, Run]:
    """The index as it comes and as it is kept, by arrays and compiled."""
    kept = AreaIndex(case.outlines, case.ids)
    several = len(case.areas)

    def one_owner(index: AreaIndex, compiled: bool) -> Table:
        return totals_by_area(index.locate(case.lon, case.lat, compiled=compiled), case.revenue, areas=several)

    def all_parks(index: AreaIndex) -> Table:
        found = index.memberships(case.lon, case.lat)
        return totals_by_area(found.codes, case.revenue[found.points], areas=several)

    def built() -> AreaIndex:
        return AreaIndex(case.outlines, case.ids)

    if case.overlapping:
        return {NUMPY: lambda: all_parks(kept), NUMPY_COLD: lambda: all_parks(built())}
    runs: dict[str, Run] = {NUMPY: lambda: one_owner(kept, False), NUMPY_COLD: lambda: one_owner(built(), False)}
    if find_spec("numba"):
        runs |= {NUMBA: lambda: one_owner(kept, True), NUMBA_COLD: lambda: one_owner(built(), True)}
    return runs


def geopandas_and_shapely(case: Case) -> dict[str, Run]:
    """What a user of our own requirements might write instead."""
    several = len(case.areas)

    def sjoin(predicate: str) -> Table:
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(case.lon, case.lat, crs=STORAGE_CRS))
        joined = points.sjoin(case.areas, predicate=predicate)
        return totals_by_area(joined["code"].to_numpy(), case.revenue[joined.index.to_numpy()], areas=several)

    def prepared() -> Table:
        firms, revenue = np.zeros(several, dtype=np.int64), np.zeros(several)
        for code, outline in enumerate(case.outlines):
            shapely.prepare(outline)
            near = within_box(outline, case.lon, case.lat)
            held = near[shapely.intersects_xy(outline, case.lon[near], case.lat[near])]
            firms[code], revenue[code] = len(held), case.revenue[held].sum()
        shapely.destroy_prepared(case.outlines)
        return firms, revenue

    def tree() -> Table:
        area, point = shapely.STRtree(shapely.points(case.lon, case.lat)).query(case.outlines, predicate="intersects")
        return totals_by_area(area, case.revenue[point], areas=several)

    return {
        "prepared loop": prepared,
        "STRtree(points).query": tree,
        "sjoin(within)": lambda: sjoin("within"),
        "sjoin(intersects)": lambda: sjoin("intersects"),
    }


def within_box(outline: Any, lon: Floats, lat: Floats) -> NDArray[np.intp]:
    """Points in the bounding box of an outline."""
    west, south, east, north = outline.bounds
    return np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


JOIN = """
    SELECT a.code AS code, count(*) AS firms, sum(f.revenue) AS revenue
    FROM firms f JOIN areas a ON ST_Intersects(a.geometry, {point}) GROUP BY a.code
"""


def sedona(case: Case) -> Run:
    """SedonaDB with both tables registered beforehand."""
    import pyarrow as pa
    import sedonadb

    session = sedonadb.connect()
    session.create_data_frame(pa.table({"lon": case.lon, "lat": case.lat, "revenue": case.revenue})).to_view("firms")
    session.create_data_frame(case.areas).to_view("areas")
    query = JOIN.format(point="ST_SetSRID(ST_Point(f.lon, f.lat), 4326)")
    return lambda: by_code(session.sql(query).to_pandas(), len(case.areas))


def duckdb_spatial(case: Case) -> Run:
    """DuckDB with both tables stored beforehand; its spatial extension as a wheel, without a network."""
    import duckdb
    import duckdb_ext

    database = duckdb.connect()
    database.execute("SET extension_directory = ?", (str(Path(next(iter(duckdb_ext.__path__))) / "extensions"),))
    database.execute("SET autoinstall_known_extensions = false")
    database.execute("LOAD spatial")
    points = pd.DataFrame({"lon": case.lon, "lat": case.lat, "revenue": case.revenue})
    outlines = pd.DataFrame({"code": case.areas["code"], "wkb": shapely.to_wkb(case.outlines)})
    database.register("points", points)
    database.register("outlines", outlines)
    database.execute("CREATE TABLE firms AS SELECT * FROM points")
    database.execute("CREATE TABLE areas AS SELECT code, ST_GeomFromWKB(wkb) AS geometry FROM outlines")
    query = JOIN.format(point="ST_Point(f.lon, f.lat)")
    return lambda: by_code(database.execute(query).df(), len(case.areas))


def by_code(table: pd.DataFrame, several: int) -> Table:
    """Firms and revenue in the order of the codes, 0 where nobody is."""
    full = table.set_index("code").reindex(range(several), fill_value=0)
    return full["firms"].to_numpy(np.int64), full["revenue"].to_numpy(np.float64)


def contestants(case: Case) -> tuple[dict[str, Run], dict[str, str]]:
    """Who runs, and who does not and why."""
    runs, absent = ours(case) | geopandas_and_shapely(case), dict(case.skip)
    if not case.overlapping and NUMBA not in runs:
        absent[NUMBA] = "not run: numba is not installed"
    for name, enter in {"SedonaDB": sedona, "DuckDB spatial": duckdb_spatial}.items():
        if name not in absent:
            try:
                runs[name] = enter(case)
            except Exception as problem:  # a peer may fail to load in its own ways
                absent[name] = f"not run: {str(problem).splitlines()[0]}"
    absent["Polars"] = "not run: has no test of points in polygons"
    return {name: run for name, run in runs.items() if name not in absent}, absent


# The run


def same_totals(one: Table, other: Table) -> bool:
    """Equal counts, and sums that differ by rounding only."""
    return bool((one[0] == other[0]).all() and np.allclose(one[1], other[1], rtol=1e-9))


def measure(case: Case) -> Iterator[dict[str, Any]]:
    """Check the answers, interleave the rounds, give one row for each contestant."""
    runs, absent = contestants(case)
    times = interleaved(runs, case.rounds, same_totals, case=case.name, once=case.once)
    middle = medians(times)
    for name, seconds in middle.items():
        yield {
            "case": case.name,
            "method": name,
            "runs": len(times[name]),
            "median_s": round(seconds, 5),
            **{f"times_{mine}": round(seconds / middle[mine], 2) for mine in OURS if mine in middle},
            "note": "",
        }
    for name, reason in absent.items():
        yield {"case": case.name, "method": name, "note": reason}


OURS = (NUMPY, NUMPY_COLD, NUMBA, NUMBA_COLD)
PEERS_ARE_NOT = "jiqun"
TARGETS = (
    ("1M x 9", NUMPY, "sjoin(within)", 60),
    ("1M x 9", NUMPY, "best peer", 5),
    ("1M x 9", NUMBA_COLD, "sjoin(within)", 100),
    ("1M x 9", NUMBA_COLD, "best peer", 10),
    ("10M x 9", NUMPY, "best peer", 10),
    ("10M x 9", NUMBA_COLD, "best peer", 10),
    ("5M x 125", NUMPY, "best peer", 5),
    ("5M x 125", NUMBA_COLD, "best peer", 5),
    ("1M x 400 parks", NUMPY, "best peer", 4),
)


def verdicts(rows: Rows) -> Iterator[Verdict]:
    """Each target beside what was measured."""
    seconds = {(row["case"], row["method"]): row["median_s"] for row in rows if "median_s" in row}
    for case, mine, rival, target in TARGETS:
        peers = {m: s for (of, m), s in seconds.items() if of == case and not m.startswith(PEERS_ARE_NOT)}
        if (case, mine) not in seconds or not peers:
            continue
        named = min(peers, key=lambda each: peers[each]) if rival == "best peer" else rival
        against = f"{named}, the best peer" if rival == "best peer" else named
        yield Verdict(f"{case}: {mine} against {against}", peers[named] / seconds[case, mine], target)


def memory() -> None:
    """Peak memory of a process that locates ten million points."""
    areas = coded(load_units("440300").geometry)
    lon, lat, _ = firms(areas.total_bounds, 10_000_000, np.random.default_rng(SEED))
    index = AreaIndex(areas.geometry.to_numpy(), areas["code"])
    before = peak_kib()
    index.locate(lon, lat, compiled=False)
    index.memberships(lon, lat)
    after = peak_kib()
    print(f"10M points: peak {after / 2**20:.2f} GiB of memory in all, {before / 2**20:.2f} GiB before locating")


def main(wanted: list[str]) -> None:
    """Run, print, and keep the table."""
    rows: Rows = []
    here = machine(PACKAGES)
    print(here)
    for make in (make for name, make in cases().items() if not wanted or name in wanted):
        for row in measure(make()):
            rows.append({**row, "machine": here})
            mine = "  ".join(f"{row.get(f'times_{each}', ''):>8}" for each in OURS)
            print(
                f"{row['case']:<15} {row['method']:<32} {row.get('median_s', ''):>9}  {mine}  {row['note']}", flush=True
            )
    report("locate", rows, verdicts(rows), whole=not wanted)
    subprocess.run([sys.executable, "-m", "bench.locate", "memory"], check=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["memory"]:
        memory()
    else:
        main(sys.argv[1:])

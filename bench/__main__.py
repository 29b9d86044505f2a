"""Point → district: ours against ``geopandas.sjoin`` on the eleven areas, interleaved, medians and their ratio.

Times on a shared machine are noise; the ratio of two medians from one run is what we keep.
"""

import platform
import statistics
import time
from collections.abc import Callable

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from data.reference import load_reference
from geo.locate import locate_areas

POINTS = 200_000
ROUNDS = 5


def ours(lon: NDArray[np.float64], lat: NDArray[np.float64], areas: gpd.GeoDataFrame) -> list[str | None]:
    """``geo.locate.locate_areas``."""
    return list(locate_areas(lon, lat, areas))


def sjoin(lon: NDArray[np.float64], lat: NDArray[np.float64], areas: gpd.GeoDataFrame) -> list[str | None]:
    """``geopandas.sjoin`` with the same rule for a shared edge: the lowest id owns."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat, crs=areas.crs))
    joined = points.sjoin(areas[["geometry"]].rename_axis("area"), predicate="intersects", how="left")["area"]
    owner = joined.groupby(level=0).min().reindex(points.index)
    return [None if name != name else name for name in owner]


def main() -> None:
    """Compare the answers, then the times."""
    areas = load_reference().districts
    west, south, east, north = areas.total_bounds
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(west, east, POINTS), rng.uniform(south, north, POINTS)
    contestants: dict[str, Callable[..., list[str | None]]] = {"jiqun": ours, "geopandas.sjoin": sjoin}
    answers = [run(lon, lat, areas) for run in contestants.values()]
    if answers[0] != answers[1]:
        raise SystemExit("the answers differ: nothing to compare")
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, run in contestants.items():
            start = time.perf_counter()
            run(lon, lat, areas)
            times[name].append(time.perf_counter() - start)
    base = statistics.median(times["jiqun"])
    print(f"{POINTS:,} points × {len(areas)} districts, {ROUNDS} interleaved rounds, {platform.platform()}")
    for name, taken in times.items():
        print(f"{name:<18} median {statistics.median(taken):7.3f} s   ratio {statistics.median(taken) / base:5.2f}")


if __name__ == "__main__":
    main()

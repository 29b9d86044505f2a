"""How often hot spots are named where there are none, and how often planted ones are found.

``python -m bench.hot_spots_soak [--cities N]`` draws cities of 30 × 30 cells. With nothing there, values are dealt out
at random: normal values; firms thrown into cells (5, 1 or 0.1 a cell); revenue of firms, lognormal with the spread of a
real register. With a hot spot, firms come three times as often to a block of 5 × 5 cells.

p is that of the normal distribution, or drawn. A cell named at p of at most 0.05 without adjusting is the control: it
has to go wrong, or the cities would be no test. After adjusting, at most one city in twenty may name any cell.
"""

import argparse
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, kstest

from clusters.hot_spot_cells import cell_kinds
from clusters.hot_spots import gearys_c, getis_ord_general_g, global_permutation_p, grid_contiguity, morans_i
from data import columns as c

SIDE, LEVEL = 30, 0.05
DRAWS = 19_999  # with 900 cells two have to be hot before any is named, as with 99 999 draws on 2 600
PLANTED = (slice(12, 17), slice(12, 17))
TIMES_AS_MANY = 3.0
Floats = NDArray[np.float64]
City = Callable[[np.random.Generator], Floats]


class Named(NamedTuple):
    """Over all cities: part of cells with p of at most 0.05, and part of cities where some cell was named."""

    cells_unadjusted: float
    cities_unadjusted: float
    cities: float


def thrown(firms: float, rng: np.random.Generator, *, planted: bool = False) -> Floats:
    """Firms in each cell, so many on average."""
    rate = np.full((SIDE, SIDE), firms)
    if planted:
        rate[PLANTED] *= TIMES_AS_MANY
    return rng.poisson(rate).astype(np.float64).ravel()


def revenue(firms: float, rng: np.random.Generator) -> Floats:
    """Revenue in each cell of firms thrown at random, lognormal with a spread of 2 in logarithms."""
    count = thrown(firms, rng).astype(np.int64)
    cell = np.repeat(np.arange(count.size), count)
    return np.bincount(cell, rng.lognormal(0, 2, cell.size), count.size).astype(np.float64)


NOTHING: dict[str, City] = {
    "normal values": lambda rng: rng.normal(size=SIDE * SIDE),
    "5 firms a cell": lambda rng: thrown(5, rng),
    "1 firm a cell": lambda rng: thrown(1, rng),
    "0.1 firm a cell": lambda rng: thrown(0.1, rng),
    "revenue of 1 firm a cell": lambda rng: revenue(1, rng),
}


def soak_nothing(city: City, cities: int, rng: np.random.Generator, *, draws: int = 0) -> Named:
    """Name cells in cities where nothing is; p is drawn when there are draws."""
    inside = np.ones((SIDE, SIDE), bool)
    cells = unadjusted = adjusted = 0
    for _ in range(cities):
        found = cell_kinds(city(rng), inside, rng=rng if draws else None, draws=draws)
        named = int((found[c.P] <= LEVEL).sum())
        cells, unadjusted = cells + named, unadjusted + (named > 0)
        adjusted += bool(found[c.KIND].isin(["hot", "cold"]).any())
    return Named(cells / inside.size / cities, unadjusted / cities, adjusted / cities)


def soak_planted(firms: float, cities: int, rng: np.random.Generator, *, draws: int = 0) -> tuple[float, float]:
    """Part of the planted cells that is named hot, and part of the cells named that touch no planted one."""
    inside = np.ones((SIDE, SIDE), bool)
    planted, near = np.zeros((SIDE, SIDE), bool), np.zeros((SIDE, SIDE), bool)
    planted[PLANTED] = True
    near[PLANTED[0].start - 1 : PLANTED[0].stop + 1, PLANTED[1].start - 1 : PLANTED[1].stop + 1] = True
    right = false = named = 0
    for _ in range(cities):
        found = cell_kinds(thrown(firms, rng, planted=True), inside, rng=rng if draws else None, draws=draws)
        kind = found[c.KIND].to_numpy().reshape(inside.shape)
        right += int((kind[planted] == "hot").sum())
        named += int(np.isin(kind, ["hot", "cold"]).sum())
        false += int(np.isin(kind[~near], ["hot", "cold"]).sum())
    return right / planted.sum() / cities, false / max(named, 1)


def uniformity(cities: int, rng: np.random.Generator) -> dict[str, float]:
    """Kolmogorov-Smirnov p that global p values of normal draws on 15 × 15 cells are uniform."""
    weights = grid_contiguity(np.ones((15, 15)))
    ps: dict[str, list[float]] = {}
    for _ in range(cities):
        y = rng.normal(10, 1, 225)
        moran, geary, general = morans_i(y, weights), gearys_c(y, weights), getis_ord_general_g(y, weights)
        drawn = global_permutation_p(y, weights, rng=rng, draws=999)
        for name, p in {
            "Moran, normality": moran.p_norm,
            "Moran, randomization": moran.p_rand,
            "Moran, drawn": drawn.p,
            "Geary, normality": geary.p_norm,
            "Geary, randomization": geary.p_rand,
            "general G, randomization": general.p_rand,
        }.items():
            ps.setdefault(name, []).append(p)
    return {name: float(kstest(values, "uniform").pvalue) for name, values in ps.items()}


def at_most(level: float, cities: int) -> float:
    """Largest part of so many cities that chance still gives when `level` is true, but for one run in a thousand."""
    return float(binom.ppf(0.999, cities, level)) / cities


def main() -> None:
    """Draw the cities, say what was named, and fail where too much is, or too little of what was planted."""
    parser = argparse.ArgumentParser(prog="bench.hot_spots_soak", description=main.__doc__)
    parser.add_argument("--cities", type=int, default=400, help="cities of each kind; a tenth where p is drawn")
    cities = parser.parse_args().cities
    drawn_cities, rng = max(cities // 10, 5), np.random.default_rng(20230101)
    failed = False
    print(f"Nothing there: {'p <= 0.05':>34} {'any, unadjusted':>16} {'any, adjusted':>14}  bound")
    for name, city in NOTHING.items():
        for how, draws, tries in (("normal", 0, cities), ("drawn", DRAWS, drawn_cities)):
            start = time.perf_counter()
            named = soak_nothing(city, tries, rng, draws=draws)
            bound = at_most(LEVEL, tries) if draws or name == "normal values" else 1.0
            print(f"  {name:26} {how:7} {named.cells_unadjusted:12.4f} {named.cities_unadjusted:16.3f}"
                  f" {named.cities:14.3f}  {bound:5.3f}  ({tries} cities, {time.perf_counter() - start:.0f} s)",
                  flush=True)  # fmt: skip
            failed |= named.cities > bound or (name == "normal values" and named.cities_unadjusted < 0.9)
    print("Planted, 3 times as many firms in 5 x 5 cells:      found   false among named")
    for firms, least in ((5.0, 0.7), (1.0, 0.2), (0.1, 0.0)):
        for how, draws, tries in (("normal", 0, cities), ("drawn", DRAWS, drawn_cities)):
            right, false = soak_planted(firms, tries, rng, draws=draws)
            print(f"  {f'{firms:g} firms a cell':26} {how:7} {right:17.3f} {false:18.4f}", flush=True)
            failed |= right < least or (firms >= 5 and false > LEVEL)
    print("Global p of normal values, Kolmogorov-Smirnov p that they are uniform")
    for name, p in uniformity(max(cities // 2, 50), rng).items():
        print(f"  {name:46} {p:7.3f}", flush=True)
        failed |= p < 0.0005
    raise SystemExit(int(failed))


if __name__ == "__main__":
    main()

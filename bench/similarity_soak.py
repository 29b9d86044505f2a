"""How often two districts are called duplicates of each other where none are, and how often planted ones are found.

``python -m bench.similarity_soak [--cities N]`` draws cities of eleven districts and twelve subsectors. With nothing
there every firm's subsector is drawn from one mix, and of each city one pair is taken, so that the p are independent.
With a pair planted, two districts of 200 firms have 23 % and not 8 % of their firms in one subsector. The indices of
shares alone are the control: chance explains the likeness that they measure, so they must find next to nothing.
"""

import argparse
import time
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom, kstest

from clusters.similarity import Index, similarity_test, similarity_test_by_amount
from data import columns as c

DISTRICTS, SUBSECTORS, LEVEL = 11, 12, 0.05
DRAWS = 2_999  # enough for a lone pair of 55 to be named after adjusting
EVEN = np.full(SUBSECTORS, 1 / SUBSECTORS)
UNEVEN = np.array([0.25, 0.2, 0.15, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02, 0.01, 0.01])
LEANING = np.append(0.85 * EVEN[0] + 0.15, 0.85 * EVEN[1:])
Sizes = NDArray[np.int64]


def thrown(sizes: Sizes, mixes: list[NDArray[np.float64]], rng: np.random.Generator) -> pd.DataFrame:
    """Firms of each district by subsector."""
    return pd.DataFrame([rng.multinomial(size, mix) for size, mix in zip(sizes, mixes, strict=True)])


def soak_nothing(sizes: Sizes, cities: int, rng: np.random.Generator, *, revenue: bool) -> tuple[list[float], float]:
    """p of one pair of each city, and part of the cities where some pair was named."""
    first, named = [], 0
    for _ in range(cities):
        world = thrown(sizes, [UNEVEN] * DISTRICTS, rng)
        if revenue:
            where, what = (np.repeat(each.ravel(), world.to_numpy().ravel()) for each in np.indices(world.shape))
            found = similarity_test_by_amount(where, what, rng.lognormal(0, 1.5, len(where)), rng=rng, draws=DRAWS)
        else:
            found = similarity_test(world, rng=rng, draws=DRAWS)
        first.append(float(found[c.P].iloc[0]))
        named += bool((found[c.P_ADJUSTED] <= LEVEL).any())
    return first, named / cities


def soak_planted(index: Index, cities: int, rng: np.random.Generator) -> tuple[float, float]:
    """Part of the cities in which the planted pair has a p of at most 0.05, and an adjusted one."""
    sizes, low, named = np.full(DISTRICTS, 200), 0, 0
    for _ in range(cities):
        world = thrown(sizes, [LEANING] * 2 + [EVEN] * (DISTRICTS - 2), rng)
        planted = similarity_test(world, rng=rng, index=index, draws=DRAWS).iloc[0]
        low, named = low + bool(planted[c.P] <= LEVEL), named + bool(planted[c.P_ADJUSTED] <= LEVEL)
    return low / cities, named / cities


def main() -> None:
    """Draw the cities, say what was named, and fail where too much is, or too little of what was planted."""
    parser = argparse.ArgumentParser(prog="bench.similarity_soak", description=main.__doc__)
    parser.add_argument("--cities", type=int, default=200, help="cities of each kind")
    cities, rng, failed = parser.parse_args().cities, np.random.default_rng(20230101), False
    bound = float(binom.ppf(0.999, cities, LEVEL)) / cities
    print(f"Nothing there: {'p <= 0.05':>30} {'uniform, p':>11} {'any, adjusted':>14}  bound")
    for name, size in (("10 firms", 10), ("100 firms", 100), ("10 to 1,000 firms", 0)):
        sizes = np.full(DISTRICTS, size) if size else np.geomspace(10, 1000, DISTRICTS).astype(np.int64)
        for revenue in (False, True):
            start = time.perf_counter()
            tries = cities // 4 if revenue else cities
            p, named = soak_nothing(sizes, tries, rng, revenue=revenue)
            low, uniform = float(np.mean(np.array(p) <= LEVEL)), float(kstest(p, "uniform").pvalue)
            limit = float(binom.ppf(0.999, tries, LEVEL)) / tries
            print(f"  {name:20} {'revenue' if revenue else 'counts':8} {low:12.3f} {uniform:11.3f} {named:14.3f}"
                  f"  {limit:5.3f}  ({tries} cities, {time.perf_counter() - start:.0f} s)", flush=True)  # fmt: skip
            failed |= low > limit or named > limit or uniform < 0.0005
    print("Planted, 23 % and not 8 % of 200 firms in one subsector: p <= 0.05, adjusted")
    for index in get_args(Index):
        found, named = soak_planted(index, cities, rng)
        print(f"  {index:42} {found:18.3f} {named:10.3f}", flush=True)
        failed |= found < 0.9 if index == "shared_specialization" else index == "krugman" and found > 2 * bound
    raise SystemExit(int(failed))


if __name__ == "__main__":
    main()

"""How often the limits of a location quotient hold the truth: delta, Fieller, Clopper–Pearson and bootstrap.

``python -m bench.intervals_soak [--draws N] [--cities N]`` draws regions whose true quotient is known. Counts are
binomial; where delta limits are given for an empty cell or an empty rest they are Clopper–Pearson's. Revenue is
log-normal and has nothing to do with place or industry, so the true quotient of revenue is that of firms. Firms whose
place is drawn at random have a true Ellison–Glaeser index of 0, and a Maurel–Sédillot index of 0.

The run fails where nested delta or Fieller limits of well-filled cells hold less than 94 % or more than 96 %, where an
empty cell's limit misses in more than 2.5 %, where the bootstrap of firms of similar size holds less than 92 % with 20
or more in the cell, or where a mean index lies more than four standard errors from 0. Small cells and giants are
printed as they come out.
"""

import argparse
from typing import NamedTuple

import numpy as np

from clusters.geographic_concentration import geographic_concentration
from clusters.specialization_bootstrap import bootstrap_location_quotient
from clusters.specialization_intervals import Method, Relation, location_quotient_interval
from data import columns as c

SEED = 20230101
PERCENT = 100
FIRMS_HERE, SHARE_HERE, SHARE_ELSEWHERE = 0.25, 0.3, 0.2
BOOTSTRAP_MAY_FALL_TO, CELL_OF = 0.92, 20


class Setting(NamedTuple):
    """Units of the region and of the rest, and the shares of the industry in both."""

    units: int
    share: float
    others: int
    other_share: float
    filled: bool = True

    @property
    def name(self) -> str:
        """The setting in one line, with the mean count of the cell."""
        mean = self.units * self.share
        return f"{self.share:.2f} of {self.units}, {self.other_share:.2f} of {self.others} (cell {mean:.0f})"


SETTINGS = (
    Setting(400, 0.10, 3_600, 0.05),
    Setting(300, 0.20, 900, 0.25),
    Setting(200, 0.30, 400, 0.10),
    Setting(5_000, 0.02, 50_000, 0.01),
    Setting(100, 0.10, 1_000, 0.10, filled=False),
    Setting(40, 0.10, 400, 0.08, filled=False),
    Setting(10, 0.20, 60, 0.10, filled=False),
    Setting(7, 0.10, 63, 0.08, filled=False),
)
LIMITS: tuple[tuple[str, Relation, Method], ...] = (
    ("nested delta", "nested", "delta"),
    ("nested Fieller", "nested", "fieller"),
    ("independent delta", "independent", "delta"),
)


def covered(setting: Setting, draws: int, relation: Relation, method: Method, rng: np.random.Generator) -> float:
    """Share of draws with a defined quotient whose limits hold the truth; every draw is a column of one region."""
    x = rng.binomial(setting.units, setting.share, draws)
    base = x + rng.binomial(setting.others, setting.other_share, draws)
    every = setting.units + setting.others
    found = location_quotient_interval(
        x, base, total=setting.units, base_total=every, relation=relation, method=method
    ).dropna()
    expected = setting.units * setting.share + setting.others * setting.other_share
    truth = setting.share / (expected / every)
    return float(((found[c.LOWER_LIMIT] <= truth) & (truth <= found[c.UPPER_LIMIT])).mean())


def covered_against_known(units: int, share: float, draws: int, rng: np.random.Generator) -> tuple[float, float]:
    """The same against a base known exactly, and the share of draws with an empty cell."""
    x = rng.binomial(units, share, draws)
    base = np.full(draws, 0.1)
    found = location_quotient_interval(x, base, total=units, base_total=1, relation="known")
    inside = (found[c.LOWER_LIMIT] <= share / 0.1) & (share / 0.1 <= found[c.UPPER_LIMIT])
    return float(inside.mean()), float((x == 0).mean())


def missed_by_empty_cells(units: int, draws: int, rng: np.random.Generator) -> float:
    """Share of draws that are empty and whose limit misses a truth that lies just above it: 2.5 % at most."""
    limit = location_quotient_interval(0, 0.1, total=units, base_total=1, relation="known")[c.UPPER_LIMIT].iloc[0]
    truth = 1.0001 * limit
    x = rng.binomial(units, truth * 0.1, draws)
    found = location_quotient_interval(x, np.full(draws, 0.1), total=units, base_total=1, relation="known")
    return float(((x == 0) & (found[c.UPPER_LIMIT] < truth)).mean())


def bootstrap_covered(firms: int, spread: float, cities: int, rng: np.random.Generator) -> tuple[float, float]:
    """Share of cities whose percentile limits hold the truth, and firms in the cell on average."""
    truth = SHARE_HERE / (FIRMS_HERE * SHARE_HERE + (1 - FIRMS_HERE) * SHARE_ELSEWHERE)
    inside, defined = 0, 0
    for _ in range(cities):
        here = rng.random(firms) < FIRMS_HERE
        industry = rng.random(firms) < np.where(here, SHARE_HERE, SHARE_ELSEWHERE)
        if not (here.any() and industry.any()):
            continue
        found = bootstrap_location_quotient(rng.lognormal(0, spread, firms), here, industry, rng=rng)
        if (True, True) in found.index:
            lower, upper = found.loc[(True, True), [c.LOWER_LIMIT, c.UPPER_LIMIT]]
            defined, inside = defined + 1, inside + (lower <= truth <= upper)
    return inside / defined, firms * FIRMS_HERE * SHARE_HERE


def mean_of_random(firms: int, spread: float, industries: int, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Mean and its standard error of both indices over industries whose firms lie at random."""
    totals = rng.dirichlet(np.ones(11))
    industry = np.repeat(np.arange(industries), firms)
    region = rng.choice(11, industries * firms, p=totals)
    found = geographic_concentration(
        rng.lognormal(0, spread, industries * firms), region, industry, region_totals=totals
    )
    indices = (found[c.ELLISON_GLAESER_INDEX], found[c.MAUREL_SEDILLOT_INDEX])
    return [(float(index.mean()), float(index.std() / industries**0.5)) for index in indices]


def main() -> None:
    """Draw, say what came, and fail where limits hold too little or too much."""
    parser = argparse.ArgumentParser(prog="bench.intervals_soak", description=main.__doc__)
    parser.add_argument("--draws", type=int, default=200_000, help="draws of counts in each setting")
    parser.add_argument("--cities", type=int, default=600, help="cities of firms that are bootstrapped")
    options = parser.parse_args()
    rng, failed = np.random.default_rng(SEED), False
    print(f"95 % limits, counts, {options.draws:,} draws each: held the truth in %")
    print(f"{'':44}" + "".join(f"{name:>19}" for name, *_ in LIMITS))
    for setting in SETTINGS:
        held = [covered(setting, options.draws, relation, method, rng) for _, relation, method in LIMITS]
        print(f"{setting.name:44}" + "".join(f"{PERCENT * share:19.2f}" for share in held), flush=True)
        failed |= setting.filled and not all(0.94 <= share <= 0.96 for share in held[:2])
    print(f"\nbase known exactly, {options.draws:,} draws each: held the truth in %, cells empty in %")
    for units, share in ((200, 0.15), (40, 0.1), (20, 0.02), (10, 0.02)):
        held_known, empty = covered_against_known(units, share, options.draws, rng)
        print(f"{f'{share:.2f} of {units}':44}{PERCENT * held_known:19.2f}{PERCENT * empty:19.2f}", flush=True)
    print("\nempty cells, the truth just above Clopper–Pearson's limit: missed in % (2.5 at most)")
    for units in (7, 20, 70, 400):
        missed = missed_by_empty_cells(units, options.draws, rng)
        print(f"{f'0 of {units}':44}{PERCENT * missed:19.2f}", flush=True)
        failed |= missed > 0.025 + 4 * (0.025 / options.draws) ** 0.5
    print(f"\n95 % limits, revenue, bootstrap of 2,000 draws, {options.cities:,} cities each: held the truth in %")
    for spread in (0.7, 1.5):
        for firms in (70, 300, 1_000):
            held_drawn, cell = bootstrap_covered(firms, spread, options.cities, rng)
            name = f"{firms} firms, log-normal {spread} (cell {cell:.0f})"
            print(f"{name:44}{PERCENT * held_drawn:19.2f}", flush=True)
            failed |= cell >= CELL_OF and spread < 1 and held_drawn < BOOTSTRAP_MAY_FALL_TO
    print("\nfirms at random in 11 regions, 20,000 industries each: mean index and its standard error")
    print(f"{'':44}{'Ellison–Glaeser':>24}{'Maurel–Sédillot':>24}")
    for firms, spread in ((5, 0.0), (20, 1.0), (100, 1.5)):
        means = mean_of_random(firms, spread, 20_000, rng)
        name = f"{firms} firms, log-normal {spread}"
        print(f"{name:44}" + "".join(f"{f'{mean:.5f} ± {error:.5f}':>24}" for mean, error in means), flush=True)
        failed |= any(abs(mean) > 4 * error for mean, error in means)
    raise SystemExit(failed)


if __name__ == "__main__":
    main()

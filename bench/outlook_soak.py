"""How often a projection's band and a growth rate's interval hold what they should: longer than a test has time for.

``python -m bench.outlook_soak [--series N]`` draws series of the model that ``clusters.outlook`` assumes and of others,
holds their last years back, and counts how many lie in the band of 80 %. A drift that changes and a crisis year are the
controls: the band cannot know of them, and a count that came out right there would be a broken one. The years seen
are few on purpose, three to six as in practice.
"""

import argparse
import time

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from clusters.growth_interval import growth_interval
from clusters.official_series import official_series
from clusters.outlook import backtest, project
from clusters.panel_outlook import panel_series
from clusters.random_walk import standard_paths
from data import columns as c
from data.reference import load_reference

Floats = NDArray[np.float64]

DRAWS = 100_001
HORIZON = 3
DRIFT, SPREAD = 0.08, 0.06  # of yearly log growth
DRIFTS_APART = 0.3
NOMINAL, MAY_MISS = 0.8, 0.015
CITY = "440300"


def walks(kind: str, series: int, intervals: int, rng: np.random.Generator) -> pd.DataFrame:
    """Series of so many yearly growth rates seen, and ``HORIZON`` years after them.

    ``kind`` is 'the model', 'drifts far apart' (the model, each series with a drift of its own), 'drift falls after
    what was seen', 'a crisis in the first year after', 'fat tails' (steps of Student's t with 3 degrees of freedom) or
    'growth persists' (autocorrelation 0.6).
    """
    shape = (series, intervals + HORIZON)
    noise = rng.standard_t(3, shape) / np.sqrt(3) if kind == "fat tails" else rng.standard_normal(shape)
    if kind == "growth persists":
        for year in range(1, shape[1]):
            noise[:, year] = 0.6 * noise[:, year - 1] + 0.8 * noise[:, year]
    growth = DRIFT + SPREAD * noise
    if kind == "drifts far apart":
        growth += rng.normal(0, DRIFTS_APART, (series, 1))
    if kind == "drift falls after what was seen":
        growth[:, intervals:] -= 0.15
    if kind == "a crisis in the first year after":
        growth[:, intervals] -= 0.3
    levels = 100 * np.exp(np.cumsum(np.hstack([np.zeros((series, 1)), growth]), axis=1))
    return pd.DataFrame(levels, columns=range(2000, 2000 + levels.shape[1]))


def coverage(kind: str, series: int, intervals: int, rng: np.random.Generator, *, draws: int = DRAWS) -> Floats:
    """Share of the series within the band, at each step after the years seen."""
    cases = backtest(walks(kind, series, intervals, rng), horizon=HORIZON, rng=rng, draws=draws).cases
    cases = cases[cases[c.ORIGIN_YEAR] == 2000 + intervals]
    return cases.groupby(c.STEP)[c.INSIDE].mean().to_numpy(np.float64)


def student_p(intervals: int, step: int, rng: np.random.Generator, *, draws: int = DRAWS) -> float:
    """Kolmogorov–Smirnov p of drawn growth over some steps against its Student t."""
    drawn = standard_paths(intervals, step, draws, rng)[:, -1]
    scale = np.sqrt(step + step**2 / intervals)
    return float(stats.kstest(drawn, stats.t(intervals - 1, scale=scale).cdf).pvalue)


def crossings(kind: str, series: int, intervals: int, rng: np.random.Generator) -> pd.DataFrame:
    """Chance that a target 1.3 times the last level is crossed within the horizon, as said and as it came."""
    levels = walks(kind, series, intervals, rng)
    rows = []
    for _, each in levels.iterrows():
        seen = each.iloc[: intervals + 1]
        target = 1.3 * seen.iloc[-1]
        said = project(seen, horizon=HORIZON, target=target, rng=rng, draws=999).bands[c.CROSSED].iloc[-1]
        rows.append((said, each.iloc[intervals + 1 :].max() >= target))
    return pd.DataFrame(rows, columns=["said", "came"])


def growth_coverage(firms: int, groups: int, rng: np.random.Generator) -> float:
    """Share of drawn groups whose interval of 95 % holds the growth of the endless many that they were drawn from."""
    held = 0
    for _ in range(groups):
        begin = np.exp(rng.normal(0, 1.2, firms))
        found = growth_interval(begin, begin * np.exp(rng.normal(0.1, 0.2, firms)), 1, rng=rng, draws=999)
        held += found.low <= np.exp(0.1 + 0.2**2 / 2) - 1 <= found.high
    return held / groups


def main() -> None:
    """Say how often each held, and fail where the model's own walks are not held as they should or a control is."""
    parser = argparse.ArgumentParser(prog="bench.outlook_soak", description=main.__doc__)
    parser.add_argument("--series", type=int, default=20_000, help="series of each kind")
    series = parser.parse_args().series
    rng, start = np.random.default_rng(20230101), time.perf_counter()
    failed = _say_student(rng)
    failed |= _say_coverage(series, rng)
    _say_crossings(max(series // 20, 100), rng)
    print("\ngrowth of groups of firms of lognormal size, interval of 95 % from drawing the firms again")
    for firms in (5, 10, 20, 50, 200):
        print(f"  {firms:4} firms  held {growth_coverage(firms, max(series // 20, 100), rng):.3f}")
    _say_bundled(rng)
    print(f"\n{series:,} series of each kind, {DRAWS:,} paths, seed 20230101 ({time.perf_counter() - start:.0f} s)")
    raise SystemExit(failed)


def _say_student(rng: np.random.Generator) -> bool:
    print("drawn growth against its Student t, Kolmogorov–Smirnov p")
    found = {(intervals, step): student_p(intervals, step, rng) for intervals in (2, 3, 5) for step in (1, HORIZON)}
    for (intervals, step), p in found.items():
        print(f"  {intervals} growth rates seen, {step} ahead  p {p:.3f}")
    return min(found.values()) < 1e-4


def _say_coverage(series: int, rng: np.random.Generator) -> bool:
    print(f"\ncoverage of the band of 80 %{'':36} 1 ahead  2 ahead  3 ahead")
    failed = False
    for kind in (
        "the model",
        "fat tails",
        "growth persists",
        "drift falls after what was seen",
        "a crisis in the first year after",
    ):
        for intervals in (2, 3, 5):
            held = coverage(kind, series, intervals, rng)
            print(f"  {kind:34} {intervals} growth rates seen {'':6}" + "".join(f"{share:9.3f}" for share in held))
            if kind == "the model":
                failed |= bool(np.abs(held - NOMINAL).max() > MAY_MISS)
            if kind in ("drift falls after what was seen", "a crisis in the first year after") and intervals == 5:
                failed |= bool(held[0] > NOMINAL - 0.1)
    return failed


def _say_crossings(series: int, rng: np.random.Generator) -> None:
    print(f"\nchance to cross 1.3 times the last level within {HORIZON} years, 5 growth rates seen")
    for kind, what in (("drifts far apart", "each series with its own drift"), ("the model", "all of one drift")):
        found = crossings(kind, series, 5, rng)
        for fifth, cases in found.groupby((found["said"] * 5).astype(int).clip(upper=4)):
            said = f"said {fifth / 5:.1f} to {(fifth + 1) / 5:.1f}, {cases['said'].mean():.3f} on average"
            print(f"  {what:32} {said}  came {cases['came'].mean():.3f} of {len(cases):,}")


def _say_bundled(rng: np.random.Generator) -> None:
    reference = load_reference()
    firms = reference.usable.groupby([c.FIRM_ID, c.YEAR])[c.REVENUE_CNY].sum().unstack(c.YEAR).astype(float)
    years = [int(year) for year in firms.columns]
    firms = firms.reindex(columns=range(years[0], years[-1] + 1)).where(lambda cny: cny > 0)
    print(f"\nthe bundled data, {years[0]} to {years[-1]}, years held back (interval: Clopper–Pearson, 95 %)")
    for name, table in (
        ("each listed firm", firms),
        ("clusters, firms of all years", panel_series(reference, [c.SUBSECTOR_ID])),
        ("districts, firms of all years", panel_series(reference, [c.DISTRICT_ID])),
        ("official figures of the city", official_series(reference, area_id=CITY)),
    ):
        tested = backtest(table, horizon=HORIZON, rng=rng)
        for step, row in tested.by_step.iterrows():
            ahead = "in all  " if step == "all" else f"{step} ahead "
            held = f"{row[c.COVERAGE]:.3f} [{row[c.COVERAGE_LOW]:.3f}, {row[c.COVERAGE_HIGH]:.3f}]"
            said = held if row[c.CASES] else "no case: nothing was observed in four years in a row"
            print(f"  {name:30} {ahead} n = {int(row[c.CASES]):2}  {said}")


if __name__ == "__main__":
    main()

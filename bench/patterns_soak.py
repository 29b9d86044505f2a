"""Bands and p-values over distances are true to their word when an industry is nothing but chance.

Industries are drawn at random from the sites of a made-up city with hubs. ``campaign`` measures each against draws of
its own, all the way; it is the short form. The long form draws one pool of curves, all alike, for each measure and
deals it out: p of one curve in a hundred is uniform (Kolmogorov–Smirnov), and of 1,000 curves a share of 5 % leaves the
local band of another 999 at a radius chosen beforehand, and their global band anywhere. The control is an industry that
gathers: its p must be small, or a uniform p would prove nothing.

``python -m bench.patterns_soak --rounds 10``: so many times 2,000 curves of each measure.
"""

import argparse
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstest

from clusters.envelopes import Envelope, curve_p_value, global_band
from clusters.k_density import k_density, k_density_envelope
from clusters.ripley import ripleys_k, ripleys_k_envelope

Floats = NDArray[np.float64]

WIDE, HIGH = 40_000.0, 20_000.0
AREA = (0.0, 0.0, WIDE, HIGH)
RADII = np.linspace(250, 5_000, 20)
AT = 9  # the radius chosen beforehand
SITES, FIRMS = 600, 20  # of all, and of an industry
LEAST = 1e-4  # a verdict of a probability below this fails


@dataclass(frozen=True)
class Tally:
    """What came of many industries."""

    uniform_p: float  # of the Kolmogorov–Smirnov test
    left_local: float
    left_global: float
    at_most_level: float  # share of p at most ``level``


def sites(count: int, rng: np.random.Generator) -> Floats:
    """Columns x, y and size of made-up firms: most around hubs, the others anywhere."""
    hubs = rng.uniform((0, 0), (WIDE, HIGH), (12, 2))
    near = hubs[rng.integers(0, 12, count - count // 4)] + rng.normal(0, 1_500, (count - count // 4, 2))
    points = np.vstack([near, rng.uniform((0, 0), (WIDE, HIGH), (count // 4, 2))])
    return np.column_stack([np.clip(points, 0, (WIDE, HIGH)), rng.pareto(1.5, count) + 1])


def measures(
    firms: Floats, draws: int, level: float
) -> dict[str, Callable[[NDArray[np.bool_], np.random.Generator], Envelope]]:
    """What is tested, by name."""
    x, y, size = firms.T
    return {
        "Ripley's K": lambda members, rng: ripleys_k_envelope(
            x, y, members, radii=RADII, area=AREA, rng=rng, draws=draws, level=level
        ),
        "K-density": lambda members, rng: k_density_envelope(
            x, y, members, radii=RADII, rng=rng, draws=draws, level=level
        ),
        "K-density, weighted": lambda members, rng: k_density_envelope(
            x, y, members, radii=RADII, rng=rng, weights=size, draws=draws, level=level
        ),
    }


def campaign(
    name: str, firms: Floats, *, n: int, industries: int, draws: int, level: float, rng: np.random.Generator
) -> Tally:
    """Industries of ``n`` firms drawn at random, each against its own draws."""
    measure = measures(firms, draws, level)[name]
    found = []
    for _ in range(industries):
        members = np.zeros(len(firms), np.bool_)
        members[rng.choice(len(firms), n, replace=False)] = True
        found.append(measure(members, rng))
    p = np.array([each.p_value for each in found])
    spread = p - rng.uniform(0, 1 / (draws + 1), industries)  # p takes steps; below each, any value is as likely
    return Tally(
        uniform_p=float(kstest(spread, "uniform").pvalue),
        left_local=_share((each.observed < each.low)[AT] | (each.observed > each.high)[AT] for each in found),
        left_global=_share(
            ((each.observed < each.global_low) | (each.observed > each.global_high)).any() for each in found
        ),
        at_most_level=float(np.mean(p <= level)),
    )


def gathering(name: str, firms: Floats, *, n: int, draws: int, rng: np.random.Generator) -> float:
    """The control: p of an industry of every other firm around one firm."""
    nearest = np.argsort(np.hypot(*(firms[:, :2] - firms[0, :2]).T))[: 2 * n : 2]
    members = np.isin(np.arange(len(firms)), nearest)
    return measures(firms, draws, 0.05)[name](members, rng).p_value


def _share(flags: Iterable[bool]) -> float:
    return float(np.mean(list(flags)))


def pool(name: str, firms: Floats, *, n: int, curves: int, rng: np.random.Generator) -> Floats:
    """Curves of industries drawn at random."""
    x, y, size = firms.T
    drawn = np.empty((curves, len(RADII)))
    for curve in drawn:
        at = rng.choice(len(firms), n, replace=False)
        if name == "Ripley's K":
            curve[:] = ripleys_k(x[at], y[at], radii=RADII, area=AREA)
        else:
            curve[:] = k_density(x[at], y[at], radii=RADII, weights=size[at] if "weighted" in name else None)
    return drawn


def dealt(curves: Floats, rounds: int, level: float, rng: np.random.Generator) -> Tally:
    """What bands from half of each round say of the other half, and p of one curve in each hundred."""
    p = np.array([curve_p_value(hand[0], hand[1:]) for hand in curves.reshape(-1, 100, len(RADII))])
    local, everywhere = [], []
    for hand in curves.reshape(rounds, -1, len(RADII)):
        draws, fresh = hand[:999], hand[1_000:]
        low, high = np.quantile(draws[:, AT], [level / 2, 1 - level / 2])
        local.append((fresh[:, AT] < low) | (fresh[:, AT] > high))
        low, high = global_band(draws, level)
        everywhere.append(~((fresh >= low) & (fresh <= high)).all(axis=1))  # a band that is not defined is left by all
    return Tally(
        uniform_p=float(kstest(p - rng.uniform(0, 0.01, len(p)), "uniform").pvalue),
        left_local=float(np.mean(local)),
        left_global=float(np.mean(everywhere)),
        at_most_level=float(np.mean(p <= level)),
    )


def main() -> None:
    """Run every measure, and fail where a share or p is further off than chance explains."""
    parser = argparse.ArgumentParser(prog="bench.patterns_soak", description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="of 2,000 curves, for each measure")
    rounds = parser.parse_args().rounds
    rng, level, failed = np.random.default_rng(20230101), 0.05, False
    error = np.sqrt(level * (1 - level) * 2 / (1_000 * rounds))  # of a share: of fresh curves, and of their band
    print(f"{2_000 * rounds:,} curves of each; shares of level {level}, with a standard error of {error:.4f}")
    print(f"{'':38} {'KS p':>7} {'p<=level':>9} {'local':>7} {'global':>7} {'control p':>10}")
    for name in ("Ripley's K", "K-density", "K-density, weighted"):
        start, firms = time.perf_counter(), sites(SITES, rng)
        tally = dealt(pool(name, firms, n=FIRMS, curves=2_000 * rounds, rng=rng), rounds, level, rng)
        control = gathering(name, firms, n=FIRMS, draws=99, rng=rng)
        print(
            f"{f'{name}, {FIRMS} of {SITES} firms':38} {tally.uniform_p:7.3f} {tally.at_most_level:9.3f} "
            f"{tally.left_local:7.4f} {tally.left_global:7.4f} {control:10.3f}  ({time.perf_counter() - start:.0f} s)",
            flush=True,
        )
        failed |= tally.uniform_p < LEAST or control > level
        failed |= max(abs(tally.left_local - level), abs(tally.left_global - level)) > 4 * error
    raise SystemExit(int(failed))


if __name__ == "__main__":
    main()

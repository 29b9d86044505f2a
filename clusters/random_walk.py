"""The one model of how a yearly figure moves: a geometric random walk whose drift and spread are both unknown.

Yearly log growth is taken as independent and normal with one mean and one variance, both estimated from three to six
points; what is not known of them is drawn with the paths (the prior is the flat one, so that one step ahead is a
Student t). Left out: cycles, breaks, mean reversion, and anything known about next year.
"""

from dataclasses import dataclass

import numpy as np

from clusters.checking import Floats

FEWEST_INTERVALS = 2
DRAWS = 10_001
"""By default; with 10,001 draws the median and the ends of the 80 % band are drawn values and no means of two."""
COVERAGE = 0.8
"""Share of paths that a band holds, by default."""


@dataclass(frozen=True, eq=False)
class LogGrowth:
    """Yearly log growth of series that were observed in the same number of years.

    Attributes
    ----------
    mean, sd : ndarray
        One entry a series; the spread divides by ``intervals - 1``.
    intervals : int
        Number of yearly growth rates, at least 2.
    """

    mean: Floats
    sd: Floats
    intervals: int


def log_growth(values: Floats) -> LogGrowth:
    """Mean and spread of yearly log growth.

    Parameters
    ----------
    values : ndarray, (series, years)
        Positive; at least three consecutive years.

    Examples
    --------
    >>> found = log_growth(np.exp([[0.0, 0.1, 0.4]]))
    >>> found.mean.round(6), found.sd.round(6), found.intervals
    (array([0.2]), array([0.141421]), 2)
    """
    steps = np.diff(np.log(values), axis=1)
    return LogGrowth(steps.mean(axis=1), steps.std(axis=1, ddof=1), steps.shape[1])


def standard_paths(intervals: int, horizon: int, draws: int, rng: np.random.Generator) -> Floats:
    r"""Cumulated log growth of drawn paths, for a series of mean growth 0 and spread 1.

    Any other series' paths are these times its spread plus its mean times the step.

    Parameters
    ----------
    intervals : int
        Yearly growth rates that mean and spread were estimated from, at least 2.
    horizon : int
        Steps, at least 0.
    draws : int
        Paths, at least 999.
    rng : Generator

    Returns
    -------
    ndarray, (draws, horizon)
    """
    scale = np.sqrt((intervals - 1) / rng.chisquare(intervals - 1, draws))
    drift = rng.standard_normal(draws) / np.sqrt(intervals)
    steps = rng.standard_normal((draws, horizon))
    return np.asarray(scale[:, np.newaxis] * np.cumsum(drift[:, np.newaxis] + steps, axis=1))


def tails(coverage: float) -> list[float]:
    """Quantiles of the lower end, the median and the upper end of a central band."""
    return [(1 - coverage) / 2, 0.5, (1 + coverage) / 2]

"""Where a yearly figure may stand in the years to come, and how likely it crosses a goal by each of them.

Three to six points say little; so the answer is a median and a band, never a single line and never a mean (which does
not exist here: the tails are those of a Student t on the log scale). The model is ``clusters.random_walk``; how often
its bands held on years that were held back is ``clusters.back_test``, and should be shown beside them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clusters.back_test import BackTest, backtest
from clusters.checking import check_between, check_draws, seed_of
from clusters.errors import BadValue, TooFewYears
from clusters.random_walk import COVERAGE, DRAWS, FEWEST_INTERVALS, log_growth, standard_paths, tails
from data import columns as c

__all__ = ["BackTest", "Outlook", "backtest", "project"]


@dataclass(frozen=True, eq=False)
class Outlook:
    """A projection.

    Attributes
    ----------
    bands : DataFrame
        Indexed by year, from the last observed one to the horizon: median, low, high (in the unit of the series) and,
        with a target, crossed (share of the paths that reached it by then) and crossed_error (its Monte Carlo error).
    target : float or None
    crossing_year : int or None
        First year by which at least half of the paths crossed; ``None`` when that lies beyond the horizon, or without
        a target.
    intervals : int
        Yearly growth rates that it rests on.
    mean_log_growth, sd_log_growth : float
        Of those rates; the spread divides by ``intervals - 1``.
    coverage : float
        Share of the paths within the band.
    draws : int
        Paths drawn.
    seed : int or None
        Seed of the generator, if it was fresh and made from one.
    """

    bands: pd.DataFrame
    target: float | None
    crossing_year: int | None
    intervals: int
    mean_log_growth: float
    sd_log_growth: float
    coverage: float
    draws: int
    seed: int | None

    @property
    def beyond_horizon(self) -> bool:
        """Whether there is a target and fewer than half of the paths reach it within the horizon."""
        return self.target is not None and self.crossing_year is None


def project(
    values: pd.Series,
    *,
    horizon: int,
    rng: np.random.Generator,
    target: float | None = None,
    strictly: bool = False,
    draws: int = DRAWS,
    coverage: float = COVERAGE,
) -> Outlook:
    r"""Median, band and chance of crossing a target, drawn from a geometric random walk.

    Each path draws its own variance and drift from what the few observed growth rates leave open, then one growth a
    year. A path has crossed by a year when it stood at the target or over it in any year until then, the last observed
    one included.

    Parameters
    ----------
    values : Series
        Yearly totals by calendar year: consecutive, ascending, positive, at least three; whole years, no cumulated
        quarters.
    horizon : int
        Years ahead; 0 gives the last observed year only.
    rng : Generator
    target : float, optional
        Positive, in the unit of ``values``.
    strictly : bool
        Whether the target must be exceeded (突破, 超过); else reaching it counts (a tier, 以上).
    draws : int
        Paths, at least 999.
    coverage : float
        Share of paths that the band holds, between 0 and 1; 0.8 is the band from the 10th to the 90th percentile.

    Returns
    -------
    Outlook

    Raises
    ------
    TooFewYears
        With fewer than two yearly growth rates, since one says nothing of how much they vary.
    BadValue
        When a value is not positive and finite, years are missing or out of order, or a choice is out of its range.

    Notes
    -----
    With :math:`g_k = \ln(V_k / V_{k-1})`, their mean :math:`\bar g` and standard deviation :math:`s` (dividing by
    :math:`m - 1`), every path draws

    .. math:: \sigma^2 = \frac{s^2 (m-1)}{\chi^2_{m-1}}, \qquad \mu \sim N\!\left(\bar g, \frac{\sigma^2}{m}\right),
        \qquad \ln V_{t+1} - \ln V_t \sim N(\mu, \sigma^2)

    so that growth over :math:`h` years is :math:`h \bar g + s \sqrt{h + h^2/m}\; t_{m-1}`. Quantiles are taken of log
    values. The chance of a crossing has the Monte Carlo error :math:`\sqrt{P (1 - P) / M}`.

    Reading: the figure lies in the band in four of five cases if it goes on moving as it did; a chance of 0.3 says
    that three in ten paths crossed by then. A very wide band is the honest answer of three points.

    Limits: a change of drift, a crisis or a new plant is not in the past growth, and the band misses it. With three
    points (two rates) the tails are those of a Cauchy distribution. A chance is that of the few years seen: over series
    whose drifts lie far apart it is about right, but among series of one drift those with a high chance just had lucky
    years, and cross no more often than the others (docs/reliability.md). Of a sample of firms it says nothing about the
    industry, and one dominant firm is the figure.

    References
    ----------
    Box, G. E. P. and Tiao, G. C. (1973). Bayesian Inference in Statistical Analysis, ch. 2. Addison-Wesley.

    Examples
    --------
    >>> sales = pd.Series({2019: 80.0, 2020: 88.0, 2021: 99.0, 2022: 107.0})
    >>> seen = project(sales, horizon=3, target=130.0, rng=np.random.default_rng(1))
    >>> seen.bands.round(2)
          median     low    high  crossed  crossed_error
    year
    2022  107.00  107.00  107.00     0.00            0.0
    2023  117.84  112.79  122.91     0.02            0.0
    2024  129.81  121.16  138.84     0.49            0.0
    2025  142.83  130.40  156.47     0.91            0.0
    >>> seen.crossing_year, seen.intervals, seen.draws, seen.seed
    (2025, 3, 10001, 1)
    """
    _check_series(values)
    _check_choices(horizon, target)
    check_draws(draws)
    check_between(coverage, "coverage", low=0, high=1)
    found = log_growth(values.to_numpy(np.float64)[np.newaxis])
    mean, sd, now = float(found.mean[0]), float(found.sd[0]), float(values.iloc[-1])
    steps = np.arange(1, horizon + 1)
    paths = steps * mean + sd * standard_paths(found.intervals, horizon, draws, rng)
    with np.errstate(over="ignore"):  # a band without an end is infinite
        ends = now * np.exp(np.quantile(paths, tails(coverage), axis=0))
    years = pd.RangeIndex(int(values.index[-1]), int(values.index[-1]) + horizon + 1, name=c.YEAR)
    low, median, high = (np.append(now, end) for end in ends)
    bands = pd.DataFrame({c.MEDIAN: median, c.LOW: low, c.HIGH: high}, index=years)
    if target is not None:
        bands[c.CROSSED] = _crossed(paths, now, target, strictly)
        bands[c.CROSSED_ERROR] = np.sqrt(bands[c.CROSSED] * (1 - bands[c.CROSSED]) / draws)
    return Outlook(
        bands=bands,
        target=target,
        crossing_year=None if target is None else _first_by_half(bands[c.CROSSED]),
        intervals=found.intervals,
        mean_log_growth=mean,
        sd_log_growth=sd,
        coverage=coverage,
        draws=draws,
        seed=seed_of(rng),
    )


def _crossed(paths: np.ndarray, now: float, target: float, strictly: bool) -> np.ndarray:
    """Share of paths that have crossed by each year, the last observed one first."""
    over = np.greater if strictly else np.greater_equal
    already = np.full((len(paths), 1), over(now, target))
    ever = np.logical_or.accumulate(np.hstack([already, over(paths, np.log(target) - np.log(now))]), axis=1)
    return np.asarray(ever.mean(axis=0))


def _first_by_half(crossed: pd.Series) -> int | None:
    years = crossed.index[crossed >= 0.5]
    return int(years[0]) if len(years) else None


def _check_series(values: pd.Series) -> None:
    years = values.index.to_numpy()
    if not np.issubdtype(years.dtype, np.integer) or (np.diff(years) != 1).any():
        raise BadValue("the index of values", years.tolist(), "consecutive calendar years, ascending")
    amounts = values.to_numpy(np.float64, na_value=np.nan)
    wrong = ~(np.isfinite(amounts) & (amounts > 0))
    if wrong.any():
        raise BadValue(f"values[{years[wrong][0]}]", amounts[wrong][0], "a positive amount")
    if len(values) <= FEWEST_INTERVALS:
        raise TooFewYears("the number of years", len(values), f"at least {FEWEST_INTERVALS + 1}")


def _check_choices(horizon: int, target: float | None) -> None:
    if horizon != int(horizon) or horizon < 0:
        raise BadValue("horizon", horizon, "a whole number of years, at least 0")
    if target is not None and not (np.isfinite(target) and target > 0):
        raise BadValue("target", target, "a positive amount")

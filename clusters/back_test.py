"""How often a projection's band held the years that were held back from it.

From each origin the projection sees the years until then and nothing later, and is asked for the years after it that
are known. It is the same walk as in ``clusters.outlook``; series observed over equally many years share the draws, so
that a million series are one multiplication.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from clusters.checking import CONFIDENCE, Floats, check_between, check_draws, seed_of
from clusters.errors import BadValue
from clusters.random_walk import (
    COVERAGE,
    DRAWS,
    FEWEST_INTERVALS,
    log_growth,
    standard_paths,
    tails,
)
from data import columns as c

MOST_YEARS = 6
"""A projection from an origin sees at most so many years."""


@dataclass(frozen=True, eq=False)
class BackTest:
    """What came in the years held back, beside the bands.

    Attributes
    ----------
    cases : DataFrame
        On the labels of the series, one row for each year held back: origin_year, year, step, intervals, actual,
        median, low, high, inside.
    by_step : DataFrame
        Indexed by step (years ahead), ``'all'`` last: cases, inside, coverage, coverage_low, coverage_high.
    nominal : float
        Share that should lie inside.
    level : float
        Confidence of the interval of the coverage.
    draws : int
        Paths drawn for each number of years seen.
    seed : int or None
        Seed of the generator, if it was fresh and made from one.
    """

    cases: pd.DataFrame
    by_step: pd.DataFrame
    nominal: float
    level: float
    draws: int
    seed: int | None


def backtest(
    series: pd.DataFrame,
    *,
    horizon: int,
    rng: np.random.Generator,
    draws: int = DRAWS,
    coverage: float = COVERAGE,
    level: float = CONFIDENCE,
) -> BackTest:
    r"""Coverage of projection bands on years held back, from a rolling origin.

    Parameters
    ----------
    series : DataFrame
        One row a series, one column a calendar year, consecutive and ascending; positive, NaN where not observed.
    horizon : int
        Years ahead that are asked for from each origin, at least 1.
    rng : Generator
    draws : int
        Paths, at least 999.
    coverage : float
        Share of paths that a band holds, between 0 and 1.
    level : float
        Confidence of the Clopper–Pearson interval, between 0 and 1.

    Returns
    -------
    BackTest
        From each origin with at least three observed years in a row (of which the last six are seen) one case for each
        observed year up to ``horizon`` after it.

    Raises
    ------
    BadValue
        When years are missing or out of order, a value is infinite or not positive, or a choice is out of its range.

    Notes
    -----
    .. math:: \hat c = \frac{1}{n} \sum_{k=1}^{n} [L_k \le V_k \le U_k]

    with the interval of Clopper and Pearson for :math:`n` independent cases.

    Reading: 0.62 for a band of 80 % says that the years held back were rougher than the years before them had been.

    Limits: cases of one series overlap and a crisis hits all series in one year, so the interval is too narrow by an
    amount that it cannot tell. Below some 20 cases it spans most of what is possible: it then says only that little is
    known.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case of the
    binomial. Biometrika 26(4).
    Tashman, L. J. (2000). Out-of-sample tests of forecasting accuracy. International Journal of Forecasting 16(4).

    Examples
    --------
    >>> towns = pd.DataFrame([[100, 110, 123, 131], [100, 104, 109, 60]], ["X", "Y"], [2018, 2019, 2020, 2021])
    >>> tested = backtest(towns, horizon=1, rng=np.random.default_rng(1))
    >>> tested.cases["inside"].to_dict(), tested.by_step.loc[1, ["cases", "inside", "coverage"]].tolist()
    ({'X': True, 'Y': False}, [2.0, 1.0, 0.5])
    """
    values = _checked(series)
    if horizon != int(horizon) or horizon < 1:
        raise BadValue("horizon", horizon, "a whole number of years, at least 1")
    check_draws(draws)
    check_between(coverage, "coverage", low=0, high=1)
    check_between(level, "level", low=0, high=1)
    bands = {
        intervals: np.quantile(standard_paths(intervals, horizon, draws, rng), tails(coverage), axis=0)
        for intervals in range(FEWEST_INTERVALS, min(MOST_YEARS, values.shape[1] - 1))
    }
    found = list(_cases(series, values, horizon, bands))
    cases = pd.concat(found) if found else pd.DataFrame(columns=_CASE)
    return BackTest(cases, _by_step(cases, level), coverage, level, draws, seed_of(rng))


_CASE = [c.ORIGIN_YEAR, c.YEAR, c.STEP, c.INTERVALS, c.ACTUAL, c.MEDIAN, c.LOW, c.HIGH, c.INSIDE]


def _cases(series: pd.DataFrame, values: Floats, horizon: int, bands: dict[int, Floats]) -> Iterator[pd.DataFrame]:
    """Cases of each origin, number of years seen and step, in this order."""
    years, run = [int(year) for year in series.columns], np.zeros(len(values), int)
    for origin in range(len(years)):
        run = np.where(np.isnan(values[:, origin]), 0, np.minimum(run + 1, MOST_YEARS))
        for intervals, ends in bands.items():
            rows = np.flatnonzero(run == intervals + 1)
            if not len(rows):
                continue
            growth = log_growth(values[rows, origin - intervals : origin + 1])
            for step in range(1, min(horizon, len(years) - 1 - origin) + 1):
                actual = values[rows, origin + step]
                middle = np.log(values[rows, origin]) + step * growth.mean
                with np.errstate(over="ignore"):
                    low, median, high = np.exp(middle + growth.sd * ends[:, step - 1, np.newaxis])
                held = pd.DataFrame(
                    {
                        c.ORIGIN_YEAR: years[origin],
                        c.YEAR: years[origin + step],
                        c.STEP: step,
                        c.INTERVALS: intervals,
                        c.ACTUAL: actual,
                        c.MEDIAN: median,
                        c.LOW: low,
                        c.HIGH: high,
                        c.INSIDE: (low <= actual) & (actual <= high),
                    },
                    index=series.index[rows],
                )[~np.isnan(actual)]
                if len(held):
                    yield held


def _by_step(cases: pd.DataFrame, level: float) -> pd.DataFrame:
    rows = {step: _covered(group[c.INSIDE], level) for step, group in cases.groupby(c.STEP)}
    rows["all"] = _covered(cases[c.INSIDE], level)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(c.STEP)


def _covered(inside: pd.Series, level: float) -> dict[str, float]:
    """Share inside; without a case it is missing, and the interval holds everything."""
    n, k = len(inside), int(inside.sum())
    low, high = binomtest(k, n).proportion_ci(level, method="exact") if n else (0.0, 1.0)
    share = k / n if n else np.nan
    return {c.CASES: n, c.INSIDE: k, c.COVERAGE: share, c.COVERAGE_LOW: float(low), c.COVERAGE_HIGH: float(high)}


def _checked(series: pd.DataFrame) -> Floats:
    years = series.columns.to_numpy()
    if not len(years) or not np.issubdtype(years.dtype, np.integer) or (np.diff(years) != 1).any():
        raise BadValue("the columns of series", years.tolist(), "consecutive calendar years, ascending")
    values = series.to_numpy(np.float64, na_value=np.nan)
    wrong = np.argwhere(np.isinf(values) | (values <= 0))
    if len(wrong):
        row, year = wrong[0]
        raise BadValue(f"series[{series.index[row]}, {years[year]}]", values[row, year], "a positive amount, or NaN")
    return values

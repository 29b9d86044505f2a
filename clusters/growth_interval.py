"""How far the growth of a group of firms leans on single ones of them: an interval from drawing the firms again.

The firms are taken as drawn from many like them; where a register holds every firm there is, the interval still says
how different the growth would be with a few firms more or fewer. Left out: errors of the figures themselves.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from clusters.checking import CONFIDENCE, Floats, check_amounts, check_between, check_draws, check_length, seed_of
from clusters.errors import BadValue
from data import columns as c
from data.cells import in_order, number_cells, reduce_runs, runs
from data.dataset import Dataset, Place
from data.matched import matched_pairs

FEWEST_FIRMS = 5
DRAWS = 1_999
LARGEST_DRAWN = 500
"""Of more firms than this, the largest are drawn one by one and the others' sum as the normal that it is near to."""
_AT_ONCE = 2_000_000  # numbers held in memory


@dataclass(frozen=True)
class GrowthInterval:
    """Compound growth a year with its interval.

    Attributes
    ----------
    growth : float
        0.05 is 5 % a year; NaN when a total is not positive.
    low, high : float
        NaN when there are fewer than five firms, or no growth.
    firms : int
        Firms that it rests on.
    level : float
        Confidence of the interval.
    draws : int
        Times that the firms were drawn again; 0 when there is no interval.
    seed : int or None
        Seed of the generator, if it was fresh and made from one.
    """

    growth: float
    low: float
    high: float
    firms: int
    level: float
    draws: int
    seed: int | None

    @property
    def too_few_firms(self) -> bool:
        """Whether there is no interval because there are fewer than five firms."""
        return self.firms < FEWEST_FIRMS


def growth_interval(
    begin: Floats,
    end: Floats,
    intervals: int,
    *,
    rng: np.random.Generator,
    draws: int = DRAWS,
    level: float = CONFIDENCE,
) -> GrowthInterval:
    r"""Compound growth a year of a group of firms, with a bootstrap interval over firms.

    The firms, each with its level in both years, are drawn again with replacement; the interval lies between quantiles
    of the growth of the drawn groups.

    Parameters
    ----------
    begin, end : ndarray
        Revenue of each firm in the two years, one unit, finite; the same firms in the same order.
    intervals : int
        Years between, at least 1.
    rng : Generator
    draws : int
        Times that the firms are drawn, at least 999.
    level : float
        Between 0 and 1.

    Returns
    -------
    GrowthInterval
        Without an interval when there are fewer than five firms.

    Raises
    ------
    BadValue
        When the lists differ in length, an amount is not finite, or a choice is out of its range.

    Notes
    -----
    .. math:: g^{*} = \left(\frac{\sum_i w_i e_i'}{\sum_i w_i e_i}\right)^{1/n} - 1, \qquad w \sim
        \text{Multinomial}\left(N; \tfrac1N, \dots, \tfrac1N\right)

    with :math:`N` firms and :math:`n` years between; the limits are the percentiles of :math:`g^{*}`. Of more than
    500 firms the 500 largest are drawn one by one, and the sums of the others as a bivariate normal with their mean
    and covariance.

    Reading: an interval from -0.02 to 0.31 says that the group's growth hangs on a few of its firms; a narrow one that
    most firms moved alike.

    Limits: no interval below five firms. With few or very unequal firms it is too narrow: of firms of
    lognormal size an interval of 95 % held the truth in about 79 % of simulations with five firms, 87 % with ten, 92 %
    with fifty and 94 % with two hundred. It knows nothing of firms that came or left.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap, ch. 13. Chapman and Hall.

    Examples
    --------
    >>> begin, end = np.array([10, 20, 30, 40, 50.0]), np.array([11, 21, 36, 40, 57.0])
    >>> found = growth_interval(begin, end, 1, rng=np.random.default_rng(1))
    >>> [round(each, 3) for each in (found.growth, found.low, found.high)], found.firms
    ([0.1, 0.023, 0.167], 5)
    >>> growth_interval(begin[:4], end[:4], 1, rng=np.random.default_rng(1)).too_few_firms
    True
    """
    then = check_amounts(begin, "begin", least=-np.inf, of="firm")
    now = check_amounts(end, "end", least=-np.inf, of="firm")
    check_length(now, "end", rows=len(then), of="firm")
    check_draws(draws)
    check_between(level, "level", low=0, high=1)
    if intervals < 1:
        raise BadValue("intervals", intervals, "a whole number of years, at least 1")
    seed, firms = seed_of(rng), len(then)
    growth = _growth(then.sum(keepdims=True), now.sum(keepdims=True), intervals)[0]
    if firms < FEWEST_FIRMS or np.isnan(growth):
        return GrowthInterval(float(growth), np.nan, np.nan, firms, level, 0, seed)
    drawn = _growth(*_drawn_sums(then, now, draws, rng), intervals)
    drawn = drawn[~np.isnan(drawn)]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return GrowthInterval(float(growth), float(low), float(high), firms, level, len(drawn), seed)


def growth_with_intervals(
    dataset: Dataset,
    *,
    base_year: int,
    year: int,
    by: list[str],
    rng: np.random.Generator,
    place: Place = "registered",
    draws: int = DRAWS,
    level: float = CONFIDENCE,
) -> pd.DataFrame:
    """Growth of groups of firms between two years, each with its interval and n, on firms observed in both.

    Parameters
    ----------
    dataset : Dataset
    base_year, year : int
        ``base_year`` lies before ``year``.
    by : list of str
        Columns that form the groups: subsector_id, district_id or both; none for the city.
    rng, draws, level
        See `growth_interval`.
    place : 'registered' or 'operating'

    Returns
    -------
    DataFrame
        Indexed by ``by`` (without any, one row): matched_firms, base_cny, matched_cny, growth, growth_low, growth_high,
        draws. Groups without a matched firm are absent. It is of the dataset's basis: of a sample it is a sample's.

    Raises
    ------
    BadValue
        When ``base_year`` does not lie before ``year``.
    """
    if base_year >= year:
        raise BadValue("base_year", base_year, f"a year before {year}")
    pairs = matched_pairs(dataset, base_year=base_year, year=year, place=place)
    keys = by or [c.PLACE]
    pairs = (pairs if by else pairs.assign(**{c.PLACE: place})).dropna(subset=keys)
    cells = number_cells({key: pairs[key] for key in keys})
    order = in_order(cells.number, cells.size)  # within a group the parts of a firm stay side by side
    number, firm = cells.number[order], pairs[c.FIRM_ROW].to_numpy(np.int64)[order]
    starts = np.flatnonzero((np.diff(number, prepend=-1) != 0) | (np.diff(firm, prepend=-1) != 0))
    then, now = (
        reduce_runs(np.add, pairs[name].to_numpy(np.int64)[order], starts) for name in (c.BASE_CNY, c.MATCHED_CNY)
    )
    groups = runs(number[starts])
    rows = []
    for first, end in pairwise([*groups, len(starts)]):
        begin_cny, end_cny = then[first:end], now[first:end]
        found = growth_interval(
            begin_cny.astype(float), end_cny.astype(float), year - base_year, rng=rng, draws=draws, level=level
        )
        sums = (int(begin_cny.sum()), int(end_cny.sum()))
        rows.append((found.firms, *sums, found.growth, found.low, found.high, found.draws))
    names = cells.names(number[starts[groups]])
    return pd.DataFrame(rows, columns=_COLUMNS).set_index([pd.Index(names[key], name=key) for key in keys])


_COLUMNS = [c.MATCHED_FIRMS, c.BASE_CNY, c.MATCHED_CNY, c.GROWTH, c.GROWTH_LOW, c.GROWTH_HIGH, c.DRAWS]


def _drawn_sums(then: Floats, now: Floats, draws: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Sums of the two years of each drawn group."""
    largest = np.argsort(-np.maximum(np.abs(then), np.abs(now)), kind="stable")
    head, tail = largest[:LARGEST_DRAWN], largest[LARGEST_DRAWN:]
    from_tail = rng.binomial(len(then), len(tail) / len(then), draws) if len(tail) else np.zeros(draws, np.int64)
    pairs = np.column_stack([then[head], now[head]])
    sums = np.empty((draws, 2))
    even = np.full(len(head), 1 / len(head))
    for start in range(0, draws, step := max(_AT_ONCE // len(head), 1)):
        chosen = slice(start, start + step)
        sums[chosen] = rng.multinomial(len(then) - from_tail[chosen], even) @ pairs
    if len(tail):
        others = np.column_stack([then[tail], now[tail]])
        noise = rng.multivariate_normal(np.zeros(2), np.cov(others, rowvar=False, bias=True), draws, method="eigh")
        sums += from_tail[:, np.newaxis] * others.mean(axis=0) + np.sqrt(from_tail)[:, np.newaxis] * noise
    return sums[:, 0], sums[:, 1]


def _growth(then: Floats, now: Floats, intervals: int) -> Floats:
    """Growth a year; NaN where a total is not positive."""
    defined = (then > 0) & (now > 0)
    ratio = np.divide(now, then, out=np.full(len(then), np.nan), where=defined)
    return np.asarray(ratio ** (1 / intervals) - 1)

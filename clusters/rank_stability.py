"""How far does a ranking depend on the weights, and on who takes part?

Weights are opinions. So they are drawn many times, around the user's or anywhere, and each alternative's share of draws
at each rank is counted. The other test takes one alternative away and looks whether the order of the rest changes.
Left out: how uncertain the values themselves are.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clusters.checking import Floats, check_choice, seed_of
from clusters.errors import BadValue
from clusters.scoring import Alternatives, Table, Weights, rank_of, read_alternatives, scores_of, weighted_sum
from clusters.topsis import closeness_of, squared_distances, topsis
from data import columns as c

Method = Literal["weighted_sum", "topsis"]
METHODS = ("weighted_sum", "topsis")
_AT_A_TIME = 2_000_000  # scores held at once


@dataclass(frozen=True, eq=False)
class RankStability:
    """How often each alternative takes each rank when weights move.

    Attributes
    ----------
    shares : DataFrame
        Alternatives by rank (1, 2, ...): share of draws; rows of alternatives with a score add up to 1.
    draws : int
        How many vectors of weights were drawn.
    concentration : float or None
        How close to the user's weights they were; ``None`` when they were drawn from everywhere.
    seed : int or None
        Of the generator; ``None`` when it was not made from one number.
    """

    shares: pd.DataFrame
    draws: int
    concentration: float | None
    seed: int | None = None

    def first_share(self) -> pd.Series:
        """Share of draws in which an alternative is first."""
        return self.shares[1].rename(c.FIRST_SHARE)

    def rank_range(self, confidence: float = 0.9) -> pd.DataFrame:
        """Ranks between which an alternative is in the middle part of the draws: low_rank, high_rank."""
        cumulated = self.shares.cumsum(axis=1).to_numpy()
        tail = (1 - confidence) / 2
        none = cumulated[:, -1] == 0
        low = 1 + (cumulated < tail + 1e-12).sum(axis=1)
        high = 1 + (cumulated < 1 - tail - 1e-12).sum(axis=1)
        ranks = pd.DataFrame({c.LOW_RANK: low, c.HIGH_RANK: high}, index=self.shares.index)
        return ranks.astype("Int64").mask(np.column_stack([none, none]))


def rank_stability(
    values: Table, weights: Weights, *, rng: np.random.Generator, draws: int = 10_000,
    concentration: float | None = None, costs: Collection[object] = (),
    scales: Mapping[object, tuple[float, float]] | None = None, method: Method = "weighted_sum",
) -> RankStability:  # fmt: skip
    r"""Share of random weights under which each alternative takes each rank.

    Parameters
    ----------
    values : DataFrame or array_like, (alternatives, criteria)
        In any unit, finite; NaN is missing.
    weights : mapping, Series or sequence
        The user's. A criterion of weight 0 stays out of every draw.
    rng : numpy.random.Generator
    draws : int
        How many vectors of weights, at least 1.
    concentration : float, optional
        Above 0: weights are drawn around the user's, the closer the larger it is. Without it every vector of weights
        is as likely as any other.
    costs, scales
        As for the weighted sum; TOPSIS takes no scales.
    method : 'weighted_sum' or 'topsis'

    Returns
    -------
    RankStability

    Raises
    ------
    BadValue, UnknownCriterion

    Notes
    -----
    With n criteria in use and the user's weights :math:`w`, :math:`\sum_j w_j = 1`,

    .. math:: W \sim \mathrm{Dirichlet}(1, \dots, 1) \quad \text{or} \quad
       W \sim \mathrm{Dirichlet}(c\,w_1, \dots, c\,w_n)

    the second with mean :math:`w` and variance :math:`w_j (1 - w_j) / (c + 1)`; ties go to the lowest position.

    Reading: 0.8 at rank 1 says that four in five vectors of weights put this alternative first. A winner with a small
    share wins only under these very weights.

    Limits: a share of draws is no probability of being right; its sampling error is at most
    :math:`1 / (2 \sqrt{\mathrm{draws}})`. It moves with the concentration, which is a choice.

    References
    ----------
    .. [1] Lahdelma, R. and Salminen, P. (2001). "SMAA-2: Stochastic multicriteria acceptability analysis for group
       decision making". Operations Research 49(3), 444-454.

    Examples
    --------
    One is best in the first criterion, the other in the second: under all weights each wins as often.

    >>> found = rank_stability([[1, 0], [0, 1]], [1, 1], rng=np.random.default_rng(0), draws=10_000)
    >>> found.shares[1].round(1).tolist()
    [0.5, 0.5]
    """
    check_choice(method, "method", METHODS)
    if draws < 1 or draws != int(draws):
        raise BadValue("draws", [draws], "a whole number from 1")
    if concentration is not None and not 0 < concentration < np.inf:
        raise BadValue("concentration", [concentration], "above 0 and finite")
    read = read_alternatives(values, weights, costs=costs)
    score = _Scorer(read, values, weights, costs, scales, method)
    used = read.weights > 0
    alternatives = len(read.rows)
    counts = np.zeros((alternatives, alternatives + 1), np.int64)
    step = max(1, _AT_A_TIME // max(1, alternatives))
    for start in range(0, draws if used.any() else 0, step):
        drawn = np.zeros((min(step, draws - start), len(used)))
        alpha = np.ones(used.sum()) if concentration is None else concentration * read.weights[used]
        drawn[:, used] = rng.dirichlet(alpha, len(drawn))
        ranks = rank_of(score(drawn))
        at = np.broadcast_to(np.arange(alternatives), ranks.shape) * (alternatives + 1) + ranks
        counts += np.bincount(at.ravel(), minlength=counts.size).reshape(counts.shape)
    shares = counts[:, 1:] / draws
    ranked = pd.DataFrame(shares, index=read.rows, columns=pd.RangeIndex(1, alternatives + 1, name=c.RANK))
    return RankStability(ranked, draws, concentration, seed_of(rng))


def rank_reversals(
    values: Table, weights: Weights, *, costs: Collection[object] = (),
    scales: Mapping[object, tuple[float, float]] | None = None, method: Method = "weighted_sum",
) -> pd.DataFrame:  # fmt: skip
    r"""What changes among the others when one alternative is taken away.

    Parameters
    ----------
    values, weights, costs, scales, method
        As for the stability of ranks.

    Returns
    -------
    DataFrame
        By the alternative taken away: reversals (pairs of others whose order turns round) and first (which of the
        others is then first; missing when none has a score).

    Raises
    ------
    BadValue, UnknownCriterion

    Notes
    -----
    With :math:`r` the ranks among all and :math:`r^{(-k)}` those without k,

    .. math:: R_k = \#\left\{ i < j,\; i, j \ne k : (r_i - r_j)(r^{(-k)}_i - r^{(-k)}_j) < 0 \right\}

    Reading: 0 everywhere says that the order does not hang on who else takes part. With fixed utility scales the
    weighted sum never reverses; with min-max scales only an alternative at an end of a scale can do it.

    Limits: looks at one alternative at a time, and not at new ones that might come.

    References
    ----------
    .. [1] Belton, V. and Gear, T. (1983). "On a short-coming of Saaty's method of analytic hierarchies". Omega 11(3),
       228-230.

    Examples
    --------
    丙 stretches the second scale; without it 乙's lead there counts in full, and 乙 passes 甲.

    >>> towns = pd.DataFrame({"a": [10, 4, 0], "b": [6, 8, 0]}, index=["甲", "乙", "丙"])
    >>> rank_reversals(towns, [1, 1.5])["reversals"].to_dict()
    {'甲': 0, '乙': 0, '丙': 1}
    """
    check_choice(method, "method", METHODS)
    table = values if isinstance(values, pd.DataFrame) else pd.DataFrame(np.asarray(values, np.float64))
    ranks = rank_of(_scores(table, weights, costs, scales, method))
    reversals, firsts = np.zeros(len(table), np.int64), np.full(len(table), None, object)
    moves = np.ones(len(table), bool) if method == "topsis" else _holds_an_end(table.to_numpy(np.float64))
    for k in range(len(table)):
        others = np.delete(np.arange(len(table)), k)
        again = rank_of(_scores(table.iloc[others], weights, costs, scales, method)) if moves[k] else ranks[others]
        reversals[k] = _turned(ranks[others], again) if moves[k] else 0
        if (again > 0).any():
            firsts[k] = table.index[others[np.argmin(np.where(again > 0, again, len(table) + 1))]]
    return pd.DataFrame({c.REVERSALS: reversals, c.FIRST: firsts}, index=table.index)


def _holds_an_end(values: Floats) -> NDArray[np.bool_]:
    """Which alternatives hold the least or the largest value of a criterion: without any other no scale changes."""
    known = ~np.isnan(values)
    least = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    largest = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    return np.asarray((known & ((values == least) | (values == largest))).any(axis=1))


def _turned(before: np.ndarray, after: np.ndarray) -> int:
    """Pairs in the other order, of those that have a rank both times."""
    both = (before > 0) & (after > 0)
    then, now = before[both], after[both]
    turned = (then[:, None] < then[None, :]) & (now[:, None] > now[None, :])
    return int(turned.sum())


def _scores(
    table: pd.DataFrame, weights: Weights, costs: Collection[object],
    scales: Mapping[object, tuple[float, float]] | None, method: Method,
) -> Floats:  # fmt: skip
    if method == "topsis":
        return topsis(table, weights, costs=costs).to_numpy()
    return weighted_sum(table, weights, costs=costs, scales=scales).scores.to_numpy()


class _Scorer:
    """Scores of all alternatives for many vectors of weights."""

    def __init__(
        self, read: Alternatives, values: Table, weights: Weights, costs: Collection[object],
        scales: Mapping[object, tuple[float, float]] | None, method: Method,
    ) -> None:  # fmt: skip
        self.read, self.method = read, method
        if method == "topsis":
            self.squared = squared_distances(read)
        else:
            found = weighted_sum(values, weights, costs=costs, scales=scales)
            self.utilities = found.utilities.to_numpy()
            self.telling = ~read.criteria.isin(list(found.constant))

    def __call__(self, drawn: Floats) -> Floats:
        if self.method == "topsis":
            return closeness_of(*self.squared, drawn)
        return scores_of(self.utilities, self.read.known, drawn * self.telling, drawn)

"""Which of several alternatives is best when many things count: scores as weighted sums, and how missing values count.

Every criterion becomes a utility from 0 (worst) to 1 (best); a score adds utilities by weight. A missing value is never
a zero. The score of an alternative is over the criteria that it has a value for, as if the others stood at the mean of
those; its *coverage* says how much of the weight that is, and the *band* where the score could lie if what is missing
were as bad, or as good, as can be. So a well-known middling park does not fall behind an unknown one without a word.
Left out: criteria that make up for each other only in part (vetoes are filters, set before anything is scored).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from clusters.checking import Floats
from clusters.errors import BadValue, UnknownCriterion

Weights = Mapping[str, float] | pd.Series | Sequence[float] | NDArray[np.float64]
Table = pd.DataFrame | ArrayLike
DECIMALS = 12
"""Scores that agree to so many decimals are ties: the last digits are those of the arithmetic, not of the data."""


@dataclass(frozen=True, eq=False)
class Alternatives:
    """Alternatives and criteria as arrays.

    Attributes
    ----------
    rows, criteria : Index
        Labels; positions where an array came.
    values : ndarray, (alternatives, criteria)
        NaN where missing.
    weights : ndarray
        Adding up to 1; 0 for a criterion that no alternative has a value for.
    cost : ndarray of bool
        Whether less is better.
    """

    rows: pd.Index
    criteria: pd.Index
    values: Floats
    weights: Floats
    cost: NDArray[np.bool_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which values are there."""
        return ~np.isnan(self.values)

    @property
    def constant(self) -> NDArray[np.bool_]:
        """Which criteria have a value, and only one."""
        known, lowest, highest = self.known.any(axis=0), *_extremes(self.values)
        return np.asarray(known & (lowest == highest))

    @property
    def coverage(self) -> Floats:
        """Part of the weight that each alternative has values for."""
        return np.asarray(self.known @ self.weights)


@dataclass(frozen=True, eq=False)
class WeightedSum:
    """Scores and what they are made of.

    Attributes
    ----------
    scores : Series
        From 0 to 1 by alternative; NaN where nothing that tells alternatives apart is known.
    low, high : Series
        Where the score could lie if all that is missing were worst, or best.
    coverage : Series
        Part of the weight that an alternative has values for, 0 to 1.
    utilities, contributions : DataFrame
        By alternative and criterion, NaN where missing. A utility times its weight is the contribution; contributions
        add up to ``low``, and where nothing is missing to the score.
    weights : Series
        As used, adding up to 1.
    constant : tuple
        Criteria that are the same for all: they contribute 0.
    without_data : tuple
        Criteria that no alternative has a value for: they are off and their weight is spread over the others.
    """

    scores: pd.Series
    low: pd.Series
    high: pd.Series
    coverage: pd.Series
    utilities: pd.DataFrame
    contributions: pd.DataFrame
    weights: pd.Series
    constant: tuple[object, ...]
    without_data: tuple[object, ...]


def weighted_sum(
    values: Table, weights: Weights, *, costs: Collection[object] = (),
    scales: Mapping[object, tuple[float, float]] | None = None,
) -> WeightedSum:  # fmt: skip
    r"""Score of each alternative as the weighted sum of its utilities.

    Parameters
    ----------
    values : DataFrame or array_like, (alternatives, criteria)
        In any unit, finite; NaN is missing. What fails a hard condition is taken out before.
    weights : mapping, Series or sequence
        One for each criterion, at least 0, not all 0; divided by their sum over the criteria with a value.
    costs : collection
        Criteria (labels, or positions of an array) of which less is better.
    scales : mapping, optional
        Fixed utility scales: criterion to (value of utility 0, value of utility 1), in the criterion's unit; beyond
        them the utility stays 0 or 1, and the order of the two is the direction. Other criteria are scaled between the
        least and the largest value among the alternatives.

    Returns
    -------
    WeightedSum

    Raises
    ------
    BadValue
        When a value is infinite, a weight negative, missing or not finite, all weights are 0, or a scale has no length.
    UnknownCriterion
        When a weight, cost or scale names what is no column.

    Notes
    -----
    With :math:`x_{ij}` the value of alternative i in criterion j and :math:`w_j` the weights, :math:`\sum_j w_j = 1`,

    .. math:: u_{ij} = \frac{x_{ij} - \min_i x_{ij}}{\max_i x_{ij} - \min_i x_{ij}}

    (one minus that for a cost, 0 in a constant column),

    .. math:: S_i = \sum_{j \in V} w_j \cdot \frac{\sum_{j \in K_i} w_j u_{ij}}{\sum_{j \in K_i} w_j}

    over the criteria V that are not constant, and those of them :math:`K_i` that i has a value for; where nothing is
    missing this is :math:`\sum_j w_j u_{ij}`. The band is

    .. math:: \left[ \sum_{j \in K_i} w_j u_{ij},\; \sum_{j \in K_i} w_j u_{ij} + \sum_{j \in M_i} w_j \right]

    with :math:`M_i` all criteria, constant ones too, that i has no value for.

    Reading: 1 is best in everything, 0 worst in everything, among these alternatives. A criterion in other units, or
    moved by a constant, leaves every score as it was. Where bands overlap, missing values decide who is first.

    Limits: with min-max scales a score is relative to who takes part, so one alternative more or less may change the
    order of others. A lead in one criterion makes up for a lag in another in full. The band takes the scales as they
    are; a missing value beyond all others would stretch them.

    References
    ----------
    .. [1] Keeney, R. L. and Raiffa, H. (1976). "Decisions with Multiple Objectives". Wiley.

    Examples
    --------
    >>> parks = pd.DataFrame({"metro_m": [500, 1500, 1000], "firms": [0, 10, np.nan]}, index=["甲", "乙", "丙"])
    >>> found = weighted_sum(parks, {"metro_m": 3, "firms": 1}, costs=["metro_m"])
    >>> found.scores.tolist(), found.coverage.tolist()
    ([0.75, 0.25, 0.5], [1.0, 1.0, 0.75])
    >>> found.low.tolist(), found.high.tolist()
    ([0.75, 0.25, 0.375], [0.75, 0.25, 0.625])
    """
    read = read_alternatives(values, weights, costs=costs)
    fixed = _scales(scales, read.criteria)
    utilities = _utilities(read, fixed)
    flat = read.constant & ~np.isin(np.arange(len(read.criteria)), list(fixed))
    telling = np.where(flat, 0.0, read.weights)
    contributions = utilities * read.weights
    low, missing = np.nansum(contributions, axis=1), ~read.known @ read.weights
    return WeightedSum(
        scores=pd.Series(scores_of(utilities, read.known, telling, read.weights), index=read.rows),
        low=pd.Series(low, index=read.rows),
        high=pd.Series(low + missing, index=read.rows),
        coverage=pd.Series(read.coverage, index=read.rows),
        utilities=pd.DataFrame(utilities, index=read.rows, columns=read.criteria),
        contributions=pd.DataFrame(contributions, index=read.rows, columns=read.criteria),
        weights=pd.Series(read.weights, index=read.criteria),
        constant=tuple(read.criteria[np.flatnonzero(flat)]),
        without_data=tuple(read.criteria[np.flatnonzero(~read.known.any(axis=0))]),
    )


def scores_of(utilities: Floats, known: NDArray[np.bool_], telling: Floats, weights: Floats) -> Floats:
    """Weighted sums over what is known, for one vector of weights or for one in each row.

    Parameters
    ----------
    utilities, known : ndarray, (alternatives, criteria)
    telling, weights : ndarray, (criteria,) or (draws, criteria)
        Weights, in ``telling`` 0 for a constant criterion.

    Returns
    -------
    ndarray, (alternatives,) or (draws, alternatives)
    """
    filled = np.where(known, utilities, 0.0)
    part, covered = telling @ filled.T, telling @ known.T.astype(np.float64)
    whole = telling.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = np.where(covered > 0, part / covered * whole, np.nan)
    complete = known[:, telling.reshape(-1, known.shape[1]).any(axis=0)].all(axis=1)
    scores = np.where(complete, part, scores)  # to the last digit, where nothing is missing
    return np.asarray(np.where(known.any(axis=1) & (weights @ known.T.astype(np.float64) > 0), scores, np.nan))


def rank_of(scores: ArrayLike) -> NDArray[np.int64]:
    """Rank of each score, 1 the largest; ties to the lowest position; 0 where there is no score.

    Examples
    --------
    >>> rank_of([0.2, 0.9, np.nan, 0.9]).tolist()
    [3, 1, 0, 2]
    """
    rounded = np.round(np.asarray(scores, np.float64), DECIMALS)
    order = np.argsort(-rounded, axis=-1, kind="stable")  # NaN is last
    ranks = np.empty(rounded.shape, np.int64)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(1, rounded.shape[-1] + 1), rounded.shape), axis=-1)
    return np.where(np.isnan(rounded), 0, ranks)


def read_alternatives(values: Table, weights: Weights, *, costs: Collection[object] = ()) -> Alternatives:
    """A table, weights and directions, checked and as arrays.

    Raises
    ------
    BadValue, UnknownCriterion
    """
    table = values if isinstance(values, pd.DataFrame) else pd.DataFrame(np.asarray(values, np.float64))
    numbers = table.to_numpy(np.float64, na_value=np.nan)
    if np.isinf(numbers).any():
        raise BadValue("values", numbers[np.isinf(numbers)].tolist(), "finite, or NaN where missing")
    criteria = table.columns
    if not criteria.is_unique:
        raise BadValue("values", list(criteria[criteria.duplicated()]), "a table that names each criterion once")
    return Alternatives(
        rows=table.index,
        criteria=criteria,
        values=numbers,
        weights=_normalized(weights, criteria, ~np.isnan(numbers).all(axis=0)),
        cost=np.isin(np.arange(len(criteria)), [_position(each, criteria) for each in costs]),
    )


def _normalized(weights: Weights, criteria: pd.Index, with_data: NDArray[np.bool_]) -> Floats:
    if isinstance(weights, pd.Series | Mapping):
        for each in weights if isinstance(weights, Mapping) else weights.index:
            _position(each, criteria)
        given = np.array([weights.get(each, np.nan) for each in criteria], np.float64)
    else:
        given = np.asarray(weights, np.float64)
    if given.shape != (len(criteria),):
        raise BadValue("weights", [f"shape {given.shape}"], f"one for each of {len(criteria)} criteria")
    wrong = ~(np.isfinite(given) & (given >= 0))
    if wrong.any() or not given.sum() > 0:
        raise BadValue("weights", (given[wrong] if wrong.any() else given).tolist(), "finite, at least 0 and not all 0")
    used = np.where(with_data, given, 0.0)
    total = used.sum()
    return np.asarray(used / total if total > 0 else used)


def _utilities(read: Alternatives, scales: Mapping[int, tuple[float, float]]) -> Floats:
    lowest, highest = _extremes(read.values)
    worst, best = np.where(read.cost, highest, lowest), np.where(read.cost, lowest, highest)
    for position, (zero, one) in scales.items():
        worst[position], best[position] = zero, one
    length = best - worst
    scaled = np.clip((read.values - worst) / np.where(length == 0, 1.0, length), 0.0, 1.0)
    return np.asarray(np.where(read.known & (length == 0), 0.0, scaled))


def _extremes(values: Floats) -> tuple[Floats, Floats]:
    """Least and largest value of each criterion; NaN where there is none."""
    known, nothing = ~np.isnan(values), np.isnan(values).all(axis=0)
    lowest = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    highest = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    return np.where(nothing, np.nan, lowest), np.where(nothing, np.nan, highest)


def _scales(scales: Mapping[object, tuple[float, float]] | None, criteria: pd.Index) -> dict[int, tuple[float, float]]:
    found = {_position(name, criteria): ends for name, ends in (scales or {}).items()}
    wrong = [ends for ends in found.values() if not np.isfinite(ends).all() or ends[0] == ends[1]]
    if wrong:
        raise BadValue("scales", wrong, "two different finite numbers each")
    return found


def _position(name: object, criteria: pd.Index) -> int:
    if name not in criteria:
        raise UnknownCriterion(name, list(criteria))
    return cast(int, criteria.get_loc(name))

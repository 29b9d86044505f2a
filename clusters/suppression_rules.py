"""Which cells of a table would give a contributor away, and how well each of them has to be hidden.

A cell is judged by its own contributors, largest first; who else could know what is the caller's to decide. Amounts are
net within the cell: the rows of one contributor are added before anything is compared. A contributor whose net amount
is zero hides nobody and is not counted, so a cell of zeros is an empty cell. What is left out: that a firm which is
known to be there earned nothing, and alliances of contributors who tell each other their amounts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clusters.errors import BadContributions, ClusterError
from data import columns as c

Integers = NDArray[np.int64]
COUNT, P_PERCENT, DOMINANCE = "count", "p_percent", "dominance"


@dataclass(frozen=True)
class SafetyRule:
    """When a cell is unsafe; a cell has to pass all that are set.

    Attributes
    ----------
    n_min : int
        A cell of fewer contributors is unsafe; at least 1.
    p_percent : float
        A cell is unsafe when its second largest contributor can estimate the largest to within this percentage; above 0
        and at most 100.
    dominance : (int, float), optional
        ``(n, k)``: unsafe when the n largest have more than k percent of the cell; n at least 1, k in (0, 100).

    Examples
    --------
    >>> SafetyRule()
    SafetyRule(n_min=3, p_percent=10.0, dominance=None)
    """

    n_min: int = 3
    p_percent: float = 10.0
    dominance: tuple[int, float] | None = None

    def __post_init__(self) -> None:
        if self.n_min < 1:
            raise ClusterError(f"n_min is {self.n_min}; expected at least 1")
        if not 0 < self.p_percent <= 100:
            raise ClusterError(f"p_percent is {self.p_percent}; expected more than 0 and at most 100")
        if self.dominance is not None and not (self.dominance[0] >= 1 and 0 < self.dominance[1] < 100):
            raise ClusterError(f"dominance is {self.dominance}; expected (n, k), n at least 1 and k between 0 and 100")

    @property
    def depth(self) -> int:
        """How many of a cell's largest contributors decide whether it is safe."""
        return max(2, self.n_min, self.dominance[0] if self.dominance else 0)


DEFAULT_RULE = SafetyRule()


def primary_suppression(
    contributions: pd.DataFrame, *, by: Sequence[str] = (c.DISTRICT_ID, c.SUBSECTOR_ID), within: Sequence[str] = (),
    amount: str = c.REVENUE_CNY, contributor: str | None = None, rule: SafetyRule = DEFAULT_RULE,
) -> pd.DataFrame:  # fmt: skip
    """Cells, margins among them, that would give a contributor away, with the protection that each needs.

    A cell is unsafe when it has too few contributors, when its second largest could work out the largest too closely
    (p% rule), or when its largest make up too much of it ((n, k) rule). Totals over each of `by` are cells as well.

    Parameters
    ----------
    contributions : DataFrame
        A row for each amount: the columns of `by`, `within`, `amount` and `contributor`.
    by : sequence of str, optional
        Columns that form the cells and are summed for the margins, where the column says ``'total'``.
    within : sequence of str, optional
        Columns that form cells and are never summed, such as the year.
    amount : str, optional
        Column of amounts, CNY; any finite number. Negative amounts count by their size.
    contributor : str, optional
        Column of who contributes: the holding, so that its firms count as one. Without it, or where it is empty, each
        row is its own contributor.
    rule : SafetyRule, optional
        By default at least 3 contributors and p = 10.

    Returns
    -------
    DataFrame
        Indexed by `within` and `by`, sorted, margins last: contributors, total_cny (signed sum, in the type of the
        amounts), unsafe, rule (the first that fails of count, p_percent, dominance), protection_cny (0 when safe).
        Cells without any row are absent; they are empty, and safe.

    Raises
    ------
    BadContributions
        When a column is missing, a key is empty or an amount is no finite number.

    Notes
    -----
    .. math::
        x_1 \\ge x_2 \\ge \\dots,\\; T = \\sum_i x_i:\\quad
        n < n_{min} \\;\\lor\\; T - x_1 - x_2 < \\tfrac{p}{100} x_1 \\;\\lor\\; \\sum_{i \\le n} x_i > \\tfrac{k}{100} T

    .. math::
        U = \\max\\left\\{\\tfrac{p}{100} x_1 - (T - x_1 - x_2),\\; \\tfrac{p}{100} T \\text{ (count)},\\;
        \\tfrac{100}{k} \\sum_{i \\le n} x_i - T\\right\\} \\text{ over the rules that fail}

    Reading: an unsafe cell must not be released, and nobody may be able to bound it more closely than `protection_cny`
    below and above its total.

    Limits: the rules see one cell. Whether a withheld cell follows from the released ones is `secondary_suppression`'s
    question. With n contributors below 3 the p% rule always fails. The protection tells the size of the largest
    contributor: it is for the audit and never for readers.

    References
    ----------
    Hundepool, A. et al. (2012): Statistical Disclosure Control, Wiley, chapter 4.

    Examples
    --------
    >>> rows = [("X", "S1", 100), ("X", "S1", 50), ("X", "S1", 10), ("Y", "S1", 100), ("Y", "S1", 50), ("Y", "S1", 9)]
    >>> towns = pd.DataFrame(rows, columns=["district_id", "subsector_id", "revenue_cny"])
    >>> primary_suppression(towns).xs("S1", level="subsector_id")
                 contributors  total_cny  unsafe       rule  protection_cny
    district_id
    X                       3        160   False                        0.0
    Y                       3        159    True  p_percent             1.0
    total                   6        319   False                        0.0
    """
    keys = [*within, *by]
    amounts = checked_amounts(contributions, keys, amount)
    labels = [pd.factorize(contributions[key], sort=True) for key in keys]
    names = [[*known, *([c.TOTAL] if key in by else [])] for key, (_, known) in zip(keys, labels, strict=True)]
    shape = tuple(len(each) for each in names)
    if c.TOTAL in {one for key, (_, known) in zip(keys, labels, strict=True) if key in by for one in known}:
        raise BadContributions(" or ".join(by), f"says {c.TOTAL!r}, which names the margins")
    holders = contributor_codes(contributions, contributor)
    codes = np.array([code for code, _ in labels], dtype=np.int64).reshape(len(keys), len(amounts))
    parts = []
    for summed in product([False, True], repeat=len(by)):
        over = np.array([False] * len(within) + list(summed), dtype=bool)
        last = np.array(shape)[:, None] - 1
        cells = np.ravel_multi_index(tuple(np.where(over[:, None], last, codes)), shape) if len(amounts) else codes[0]
        parts.append(_judged(cells, holders, amounts, rule))
    result = pd.concat(parts).sort_index()
    places = np.unravel_index(result.index.to_numpy(), shape)
    arrays = [pd.Index(each, dtype=object if key in by else None)[place]
              for key, each, place in zip(keys, names, places, strict=True)]  # fmt: skip
    result.index = pd.MultiIndex.from_arrays(arrays, names=keys)
    return result


def checked_amounts(contributions: pd.DataFrame, keys: Sequence[str], amount: str) -> NDArray[Any]:
    """The amounts as int64 or float64, when every key is there and every amount is a finite number.

    Raises
    ------
    BadContributions
    """
    for key in (*keys, amount):
        if key not in contributions.columns:
            raise BadContributions(key, "is missing; expected a column of this name")
        empty = int(contributions[key].isna().sum())
        if empty:
            raise BadContributions(key, f"is empty in {empty} rows; expected a value in every row")
    column = contributions[amount]
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        raise BadContributions(amount, f"is of type {column.dtype}; expected numbers")
    amounts = column.to_numpy(dtype=np.int64 if pd.api.types.is_integer_dtype(column) else np.float64)
    if not np.isfinite(amounts).all():
        raise BadContributions(amount, f"is infinite in {int((~np.isfinite(amounts)).sum())} rows; expected numbers")
    return amounts


def contributor_codes(contributions: pd.DataFrame, contributor: str | None) -> Integers:
    """A number for each row's contributor; rows without an id get one of their own."""
    rows = np.arange(len(contributions), dtype=np.int64)
    if contributor is None:
        return rows
    if contributor not in contributions.columns:
        raise BadContributions(contributor, "is missing; expected a column of this name")
    codes, known = pd.factorize(contributions[contributor])
    return np.where(codes < 0, len(known) + rows, codes)


def summed_by_contributor(
    cells: Integers, holders: Integers, amounts: NDArray[Any]
) -> tuple[Integers, Integers, NDArray[Any]]:
    """Cell, contributor and exact sum of amounts of each pair that occurs, in order of both."""
    order = np.lexsort((holders, cells))
    cells, holders = cells[order], holders[order]
    starts = _starts(cells, holders)
    return cells[starts], holders[starts], _sums(amounts[order], starts)


def protections(
    contributors: Integers, total: NDArray[Any], first: NDArray[Any], rest: NDArray[Any], top: NDArray[Any],
    rule: SafetyRule,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64]]:  # fmt: skip
    """Whether cells fail the count, p% and (n, k) rule, and the largest protection that a failed rule asks for.

    `rest` is all but the two largest, `top` the sum of the n largest of the (n, k) rule. Compared in hundredths, so
    that integers of up to 1e13 are compared exactly.
    """
    few = (contributors > 0) & (contributors < rule.n_min)
    close = 100 * rest < rule.p_percent * first
    asked = np.where(close, rule.p_percent * first / 100 - rest, 0.0)
    asked = np.maximum(asked, np.where(few, rule.p_percent * total / 100, 0.0))
    if rule.dominance is None:
        return few, close, np.zeros_like(few), asked
    share = rule.dominance[1]
    led = 100 * top > share * total
    return few, close, led, np.maximum(asked, np.where(led, 100 * top / share - total, 0.0))


def _judged(cells: Integers, holders: Integers, amounts: NDArray[Any], rule: SafetyRule) -> pd.DataFrame:
    """The rules on every cell, indexed by its number."""
    cells, _, nets = summed_by_contributor(cells, holders, amounts)
    sizes = np.abs(nets)
    order = np.lexsort((-sizes, cells))
    cells, nets, sizes = cells[order], nets[order], sizes[order]
    starts = _starts(cells)
    rank = np.arange(len(cells)) - np.repeat(starts, np.diff(np.append(starts, len(cells))))
    counted = _sums((sizes > 0).astype(np.int64), starts)
    total, rest = _sums(sizes, starts), _sums(np.where(rank < 2, 0, sizes), starts)
    deep = rule.dominance[0] if rule.dominance else 0
    top = _sums(np.where(rank < deep, sizes, 0), starts)
    few, close, led, asked = protections(counted, total, sizes[starts], rest, top, rule)
    return pd.DataFrame(
        {
            c.CONTRIBUTORS: counted,
            c.TOTAL_CNY: _sums(nets, starts),
            c.UNSAFE: few | close | led,
            c.RULE: np.select([few, close, led], [COUNT, P_PERCENT, DOMINANCE], ""),
            c.PROTECTION_CNY: asked,
        },
        index=cells[starts],
    )


def _starts(*sorted_keys: Integers) -> NDArray[np.intp]:
    """Where a new combination of sorted keys begins."""
    changed = np.zeros(len(sorted_keys[0]), dtype=bool)
    changed[:1] = True
    for key in sorted_keys:
        changed[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(changed)


def _sums(values: NDArray[Any], starts: NDArray[np.intp]) -> NDArray[Any]:
    return np.add.reduceat(values, starts) if len(starts) else values[:0]

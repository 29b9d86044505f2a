"""One two-way table with its margins, and what each contributor knows of its cells beforehand.

Everything is exact int64 CNY. Beside the public, who knows that no amount is negative and which cells are empty, the
intruders are the single contributors: each knows its own amount in every cell and margin, and where it is alone, so
there the cell itself. Its guess about another contributor must stay as vague as the rule asks (``protection_from``).

Two contributors who exchange their amounts are left out; so is what an intruder knows of a firm's size from elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from clusters.errors import BadContributions
from clusters.suppression_rules import (
    DEFAULT_RULE,
    Integers,
    SafetyRule,
    checked_amounts,
    contributor_codes,
    primary_suppression,
    protections,
    summed_by_contributor,
)
from data import columns as c

NOBODY = -1
SHARE = 0.01  # of a cell: whoever has less in all of its cells is not looked at one by one
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class MarginTable:
    """Cells by row and column; the last row and the last column are the margins.

    Attributes
    ----------
    rows, columns : Index
        Labels, ``'total'`` last.
    values : int64 array (rows, columns)
        CNY, not negative.
    cells : DataFrame
        What ``primary_suppression`` says of every cell, in row-major order; empty cells have no contributor.
    holders : int64 array (contributors, cells)
        Amounts of those contributors who could matter (see ``of_contributions``) in each cell, row-major.
    unlisted : int64 array (cells,)
        No other contributor to several cells has more in a cell than this. Nobody is taken to know less, so that what
        these few percent could do is covered without asking for each of them.
    rule : SafetyRule
    """

    rows: "pd.Index[str]"
    columns: "pd.Index[str]"
    values: Integers
    cells: pd.DataFrame
    holders: Integers
    unlisted: Integers
    rule: SafetyRule

    @property
    def size(self) -> int:
        """Number of cells, margins included."""
        return int(self.values.size)

    @cached_property
    def flat(self) -> Integers:
        """Values in row-major order."""
        return self.values.ravel()

    def free(self, holder: int = NOBODY) -> Integers:
        """How far each cell could go down for a contributor, or for everybody."""
        own = self.holders[holder] if holder != NOBODY else 0
        return self.flat - np.maximum(self.unlisted, own)

    @cached_property
    def contributors(self) -> Integers:
        """Number of contributors of each cell, row-major."""
        return self.cells[c.CONTRIBUTORS].to_numpy(dtype=np.int64)

    @cached_property
    def primary(self) -> Flags:
        """Which cells are unsafe, row-major."""
        return self.cells[c.UNSAFE].to_numpy(dtype=bool)

    @cached_property
    def protection(self) -> Integers:
        """Protection of each cell in whole CNY, rounded up: at least 1 where unsafe, at most the cell itself below."""
        asked = np.ceil(self.cells[c.PROTECTION_CNY].to_numpy(dtype=float)).astype(np.int64)
        return np.where(self.primary, np.maximum(asked, 1), 0)

    @cached_property
    def alone(self) -> Flags:
        """(contributor, cell): nobody else contributes to the cell."""
        return np.asfortranarray((self.holders == self.flat) & (self.flat > 0))

    def protection_from(self, cell: int, holder: int) -> int:
        """How far a contributor's bounds of an unsafe cell must stay from its total, CNY.

        Whoever has part in the cell looks for the largest *other* contributor h, with
        ``(p/100)·x_h − (T − x_h − x_k)`` to be kept, and p percent of the others' total where they are too few.
        """
        own = int(self.holders[holder, cell]) if holder != NOBODY else 0
        if own == 0:
            return self._against_outsiders(cell) if holder != NOBODY else int(self.protection[cell])
        total, others = int(self.flat[cell]), self._largest(cell, without=holder)
        if total == own:
            return 0
        first = int(others[0])
        few = int(self.contributors[cell]) < self.rule.n_min
        asked = self.rule.p_percent * first / 100 - (total - first - own)
        asked = max(asked, self.rule.p_percent * (total - own) / 100 if few else 0.0)
        if self.rule.dominance is not None:
            n, k = self.rule.dominance
            asked = max(asked, 100 * int(self._largest(cell)[:n].sum()) / k - total)
        return min(max(int(np.ceil(asked)), 0), total - own)

    def unsafe_union(self, cells: Integers) -> bool:
        """Whether the total of several cells of one line would give a contributor away."""
        amounts = -np.sort(-self.holders[:, cells].sum(axis=1))
        total = int(self.flat[cells].sum())
        counted = np.count_nonzero(amounts)
        first, second = (int(each) for each in np.append(amounts[:2], [0, 0])[:2])
        second = max(second, min(first, int(self.unlisted[cells].sum())))
        deep = self.rule.dominance[0] if self.rule.dominance else 0
        count, sums = np.array([counted]), np.array([total, first, total - first - second, amounts[:deep].sum()])
        few, close, led, _ = protections(count, sums[:1], sums[1:2], sums[2:3], sums[3:], self.rule)
        return bool((few | close | led)[0])

    def _against_outsiders(self, cell: int) -> int:
        """A contributor of other cells only: nobody's amount can be taken off the total."""
        total, first = int(self.flat[cell]), int(self._largest(cell)[0])
        few = int(self.contributors[cell]) < self.rule.n_min
        asked = max(self.rule.p_percent * first / 100 - (total - first), self.rule.p_percent * total / 100 * few)
        if self.rule.dominance is not None:
            n, k = self.rule.dominance
            asked = max(asked, 100 * int(self._largest(cell)[:n].sum()) / k - total)
        return min(max(int(np.ceil(asked)), 0), total)

    def _largest(self, cell: int, *, without: int = NOBODY) -> Integers:
        top = self._leaders[:, cell]
        amounts: Integers = self.holders[top[top != without], cell]
        return amounts

    @cached_property
    def _leaders(self) -> NDArray[np.intp]:
        """The largest contributors of each cell, one more than the rule looks at."""
        deep = min(self.rule.depth + 1, len(self.holders))
        top = np.argpartition(-self.holders, deep - 1, axis=0)[:deep]
        order = np.argsort(-np.take_along_axis(self.holders, top, axis=0), axis=0, kind="stable")
        return np.take_along_axis(top, order, axis=0)


def of_contributions(
    contributions: pd.DataFrame, *, by: Sequence[str] = (c.DISTRICT_ID, c.SUBSECTOR_ID), amount: str = c.REVENUE_CNY,
    contributor: str | None = None, rule: SafetyRule = DEFAULT_RULE,
) -> MarginTable:  # fmt: skip
    """The table of contributions, judged, with the contributors who could matter.

    Of contributors to one cell only, the largest few stand for the rest: who knows less of the same cell learns less.
    Contributors to several cells are listed when they are among the largest anywhere or have a hundredth of any cell.

    Parameters
    ----------
    contributions : DataFrame
    by : two columns, optional
        Rows and columns of the table.
    amount, contributor, rule
        As in ``primary_suppression``.

    Returns
    -------
    MarginTable

    Raises
    ------
    BadContributions
        When `by` does not name two columns, an amount is no whole number of CNY or a contributor's net amount in a cell
        is negative: bounds from below would be meaningless.
    """
    if len(by) != 2:
        raise BadContributions("by", f"names {len(by)} columns; expected the two that form the table")
    amounts = checked_amounts(contributions, by, amount)
    if not np.array_equal(amounts, np.rint(amounts)):
        raise BadContributions(amount, "has fractions of a CNY; expected whole numbers")
    whole = contributions[list(by)].assign(**{amount: amounts.astype(np.int64)})
    if contributor is not None:
        whole[contributor] = contributions[contributor]
    judged = primary_suppression(whole, by=by, amount=amount, contributor=contributor, rule=rule)
    rows, columns = (pd.Index([*sorted(set(whole[key])), c.TOTAL], dtype=object, name=key) for key in by)
    cells = judged.reindex(pd.MultiIndex.from_product([rows, columns], names=list(by)))
    cells = cells.fillna({c.CONTRIBUTORS: 0, c.TOTAL_CNY: 0, c.UNSAFE: False, c.RULE: "", c.PROTECTION_CNY: 0.0})
    cells = cells.astype({c.CONTRIBUTORS: np.int64, c.TOTAL_CNY: np.int64, c.UNSAFE: bool})
    shape = (len(rows), len(columns))
    at_row, at_column = (
        labels.get_indexer(pd.Index(whole[key])) for labels, key in zip((rows, columns), by, strict=True)
    )
    places = np.asarray(at_row * shape[1] + at_column, dtype=np.int64)
    triples = summed_by_contributor(places, contributor_codes(contributions, contributor), whole[amount].to_numpy())
    negative = int((triples[2] < 0).sum())
    if negative:
        raise BadContributions(amount, f"is negative for {negative} contributors; expected zero or more in every cell")
    values = cells[c.TOTAL_CNY].to_numpy(dtype=np.int64).reshape(shape)
    held, unlisted = _listed(*triples, values, rule.depth)
    return MarginTable(rows, columns, values, cells, held, unlisted, rule)


def _listed(
    cells: Integers, holders: Integers, nets: Integers, values: Integers, depth: int
) -> tuple[Integers, Integers]:
    """Amounts (contributor, cell), margins included, of those who could matter, and the most that others have."""
    cells, holders, nets = cells[nets > 0], holders[nets > 0], nets[nets > 0]
    _, holder, times = np.unique(holders, return_inverse=True, return_counts=True)
    several = times[holder] > 1
    single = _largest_of_each(cells, nets, depth, among=~several)
    held = csr_array((nets, (holder, cells)), shape=(len(times), values.size))
    spread = (held[np.flatnonzero(times > 1)] @ _with_margins(*values.shape)).tocsc()
    of_cell = np.repeat(np.arange(values.size), np.diff(spread.indptr))
    large = np.asarray(spread.data >= SHARE * values.ravel()[of_cell])
    large[_largest_of_each(of_cell, spread.data, depth, among=np.ones(len(of_cell), dtype=bool))] = True
    kept = np.zeros(spread.shape[0], dtype=bool)
    kept[spread.indices[large]] = True
    unlisted = np.zeros(values.size, dtype=np.int64)
    np.maximum.at(unlisted, of_cell, np.where(kept[spread.indices], 0, spread.data))
    alone = held[holder[single]] @ _with_margins(*values.shape)
    listed = vstack([spread.tocsr()[np.flatnonzero(kept)], alone]).toarray()
    order = np.lexsort(listed.T)  # so that the order of rows in the file decides nothing
    return np.asfortranarray(listed[order]), unlisted


def _largest_of_each(cells: Integers, nets: Integers, depth: int, *, among: Flags) -> NDArray[np.intp]:
    """Positions of the largest amounts of each cell."""
    at = np.flatnonzero(among)
    order = at[np.lexsort((-nets[at], cells[at]))]
    sorted_cells = cells[order]
    firsts = np.searchsorted(sorted_cells, sorted_cells, side="left")
    return order[np.arange(len(order)) - firsts < depth]


def _with_margins(rows: int, columns: int) -> csr_array:
    """Matrix that adds to each cell inside the table its two margins and the grand total."""
    cells = np.arange(rows * columns).reshape(rows, columns)
    inside = cells[:-1, :-1]
    ends = [inside, inside * 0 + cells[:-1, -1:], inside * 0 + cells[-1:, :-1], inside * 0 + cells[-1, -1]]
    starts = np.concatenate([inside.ravel()] * 4)
    stops = np.concatenate([each.ravel() for each in ends])
    return csr_array((np.ones(len(starts), dtype=np.int64), (starts, stops)), shape=(cells.size, cells.size))

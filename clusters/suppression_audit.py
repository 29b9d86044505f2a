"""Can anybody work out a withheld cell? An intruder's linear programs, solved against the pattern.

The intruder knows all released cells, that rows and columns add up and that no amount is negative; a contributor also
knows its own amounts. For every unsafe cell and either direction the audit looks for another table that fits all of
this and is further away than the protection. Such a table is rounded to whole CNY and checked in integers, so a cell
counts as safe only when its witness is exact; whatever the solver could not prove counts as given away. Nothing here is
shared with the search for the pattern but the table itself.

Left out: contributors who exchange their amounts, and what is known of a firm's size from elsewhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, kron

from clusters.suppression_rules import Integers
from clusters.suppression_table import NOBODY, Flags, MarginTable
from data import columns as c

EVERYBODY, CONTRIBUTOR, LINE = "everybody", "contributor", "line"
FINE = 10**6  # units to a protection: small integers are solved exactly
UNITS_OF_TABLE, UNBOUNDED = 10**8, 10**9
AT_ONCE = 50
MOST = 1000  # reaching further outweighs any movement of other cells


def audit_table(table: MarginTable, withheld: Flags, *, intervals: bool = True) -> pd.DataFrame:
    """What an intruder can say of each withheld or unsafe cell.

    Parameters
    ----------
    table : MarginTable
    withheld : bool array (cells,), row-major
    intervals : bool, optional
        Whether to work out the bounds, which are for information: the verdict does not need them.

    Returns
    -------
    DataFrame
        Indexed by row and column: lower_cny, upper_cny (inf when unbounded; both rounded inward to a
        hundred-millionth of the largest total), protection_cny, exposed_to (empty when nobody can tell).
    """
    audit = _Audit(table, withheld)
    seen = np.flatnonzero(table.primary | withheld)
    exposed = audit.exposed()
    lower, upper = audit.bounds() if intervals else (audit.unknown, audit.unknown)
    return pd.DataFrame(
        {
            c.LOWER_CNY: lower[seen],
            c.UPPER_CNY: upper[seen],
            c.PROTECTION_CNY: table.protection[seen],
            c.EXPOSED_TO: [exposed.get(int(cell), "") for cell in seen],
        },
        index=table.cells.index[seen],
    )


@dataclass(frozen=True)
class _Question:
    """Can this cell be so much larger (sign 1) or smaller (−1) for the contributor who knows its own?"""

    cell: int
    sign: int
    level: int
    holder: int = NOBODY

    @property
    def unit(self) -> int:
        """CNY to a unit of its program."""
        return -(-self.level // FINE)


class _Audit:
    """The withheld cells of one table as variables; what adds up as equations."""

    def __init__(self, table: MarginTable, withheld: Flags) -> None:
        self.table = table
        self.withheld = withheld & (table.flat > 0)  # that an empty cell is empty is known
        self.hidden = np.flatnonzero(self.withheld)
        self.place = {int(cell): at for at, cell in enumerate(self.hidden)}
        self.sums = _equations(*table.values.shape)[:, self.hidden]
        self.unknown = np.full(table.size, np.nan)

    def exposed(self) -> dict[int, str]:
        """Cells given away and to whom."""
        unsafe = [int(cell) for cell in np.flatnonzero(self.table.primary)]
        exposed = {cell: EVERYBODY for cell in unsafe if not self.withheld[cell]}
        asked = [
            _Question(cell, sign, level if sign > 0 else min(level, int(self.table.flat[cell])))
            for cell in unsafe if cell not in exposed
            for level in [int(self.table.protection[cell])] for sign in (1, -1)
        ]  # fmt: skip
        further = []
        for question, witness in zip(asked, self._witnesses(asked), strict=True):
            if witness is None:
                exposed[question.cell] = EVERYBODY
            else:
                further += list(self._doubted(question, witness))
        for question, witness in zip(further, self._witnesses(further), strict=True):
            if witness is None:
                exposed.setdefault(question.cell, CONTRIBUTOR)
        for line in self._lines():
            exposed.update({cell: LINE for cell in line if cell not in exposed})
        return exposed

    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Smallest and largest value of every cell for those who contribute nothing."""
        unit = max(1, -(-int(self.table.flat.max(initial=0)) // UNITS_OF_TABLE))
        down = self.table.flat[self.hidden] // unit
        up = np.full_like(down, UNBOUNDED)
        ends = [self.table.flat.astype(float), self.table.flat.astype(float)]
        for end, sign in zip(ends, (-1, 1), strict=True):
            blocks = [(np.where(np.arange(len(down)) == at, sign, 0), up, down, 0) for at in range(len(down))]
            for at, moved in enumerate(self._solved(blocks)):
                cell = self.hidden[at]
                fits = moved is not None and self._adds_up(moved, up, down)
                far = np.nan if not fits or moved is None else float(moved[at])
                end[cell] = np.inf if far >= UNBOUNDED else self.table.flat[cell] + unit * far
        return ends[0], ends[1]

    def _witnesses(self, questions: Sequence[_Question]) -> Iterator[Integers | None]:
        """For each question a movement of the hidden cells, in CNY, that proves it; None where there is no proof."""
        blocks = [self._block(question) for question in questions]
        for question, block, moved in zip(questions, blocks, self._solved(blocks), strict=True):
            aim, up, down, _ = block
            proven = moved is not None and self._adds_up(moved, up, down)
            enough = int((up if question.sign > 0 else down)[self.place[question.cell]])
            if not proven or moved is None or enough == 0 or int(moved @ np.sign(aim)) < enough:
                yield None
            else:
                yield moved * question.unit

    def _block(self, question: _Question) -> tuple[Integers, Integers, Integers, int]:
        """Aim, room above and room below of one program, in its unit.

        A cell that has to be imagined empty ends up to one unit, a millionth of its protection, above zero.
        """
        wanted = -(-question.level // question.unit)
        free = self.table.free(question.holder)[self.hidden]
        up = np.where(free > 0, wanted, 0)
        down = np.minimum(free // question.unit, wanted)
        aim = np.zeros_like(free)
        aim[self.place[question.cell]] = question.sign * MOST
        return aim, up, down, 1

    def _solved(
        self, blocks: Sequence[tuple[Integers, Integers, Integers, int]]
    ) -> Iterator[Integers | None]:  # fmt: skip
        """Movements that reach furthest along each aim, in whole units; many programs in one call."""
        for start in range(0, len(blocks), AT_ONCE):
            chunk = blocks[start : start + AT_ONCE]
            both = kron(eye_array(len(chunk)), csr_array(np.hstack([self.sums, -self.sums])), format="csr")
            prices = [np.concatenate([price - aim, price + aim]) for aim, _, _, price in chunk]
            rooms = np.concatenate([np.concatenate([up, down]) for _, up, down, _ in chunk])
            found = linprog(np.concatenate(prices), A_eq=both, b_eq=np.zeros(both.shape[0]),
                            bounds=np.column_stack([np.zeros(len(rooms)), rooms]), method="highs-ds")  # fmt: skip
            if found.x is None:
                yield from [None] * len(chunk)
                continue
            for x in np.rint(found.x).astype(np.int64).reshape(len(chunk), 2, len(self.hidden)):
                yield x[0] - x[1]

    def _adds_up(self, moved: Integers, up: Integers, down: Integers) -> bool:
        return not (self.sums @ moved).any() and bool(((-down <= moved) & (moved <= up)).all())

    def _doubted(self, question: _Question, moved: Integers) -> Iterator[_Question]:
        """The question again for each contributor who knows that the witness is wrong."""
        own, total = self.table.holders[:, self.hidden], self.table.flat[self.hidden]
        moving = np.flatnonzero(moved)
        own, total, moved = own[:, moving], total[moving], moved[moving]
        elsewhere = self.hidden[moving] != question.cell
        wrong = ((total + moved < own) | (own == total)) & elsewhere
        for holder in np.flatnonzero(wrong.any(axis=1)):
            level = self.table.protection_from(question.cell, int(holder))
            if level > 0:
                yield _Question(question.cell, question.sign, level, int(holder))

    def _lines(self) -> Iterator[list[int]]:
        """Hidden cells of a line with a released margin whose sum, then known, gives a contributor away."""
        cells = np.arange(self.table.size).reshape(self.table.values.shape)
        for line in [*cells, *cells.T]:
            inside = [int(cell) for cell in line[:-1] if self.withheld[cell]]
            if len(inside) > 1 and not self.withheld[line[-1]] and self.table.unsafe_union(np.array(inside)):
                yield inside


def _equations(rows: int, columns: int) -> Integers:
    """One row for each line of the table: its cells less its margin are zero."""
    cells = np.zeros((rows + columns, rows, columns), dtype=np.int64)
    for row in range(rows):
        cells[row, row, :-1], cells[row, row, -1] = 1, -1
    for column in range(columns):
        cells[rows + column, :-1, column], cells[rows + column, -1, column] = 1, -1
    return cells.reshape(rows + columns, rows * columns)

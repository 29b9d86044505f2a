"""Which further cells to withhold so that nobody can work the unsafe ones out, at least cost.

Cutting planes (Fischetti and Salazar): a small integer program chooses cells, flows look for needs that the choice
leaves unmet, and each minimum cut comes back as a constraint, first on fractions, then on whole cells. One program with
all alternative tables of all unsafe cells would have twice as many copies of the table as there are unsafe cells; this
one has a variable for each cell and some dozen cuts. It ends after a fixed number of programs: what is unmet then is
met by cheapest paths, which withhold more and never less. At last further cells are released again, dearest first,
where all needs stay met without them. The pattern is cheap, not always the cheapest; that it is safe is for
``suppression_audit`` to show by another way.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from clusters.checking import Floats
from clusters.suppression_flows import Answer, Flows, Need
from clusters.suppression_rules import Integers
from clusters.suppression_table import Flags, MarginTable

TINY = 1e-5  # a cell that carries less of what is wanted is not counted on
SLIGHT = 1e-6  # a cut violated by less is not worth another program
ROUNDS, NODES, ANSWERS = 25, 100, 1_500  # effort that is the same on every machine, so that a table has one pattern
GAP = 0.005  # a program's choice may cost this share more than its bound


def cheap_pattern(table: MarginTable, costs: Floats, time_limit_s: float) -> Flags:
    """Cells to withhold, row-major, the unsafe ones among them.

    Parameters
    ----------
    table : MarginTable
    costs : array (cells,)
        Positive; unsafe and empty cells are not looked at.
    time_limit_s : float
        For the integer programs; 0 leaves cheapest paths only.

    Returns
    -------
    bool array (cells,)
    """
    flows = Flows(table)
    withheld = table.primary.copy()
    if not withheld.any():
        return withheld
    withheld = _Master(flows, costs, time.perf_counter() + time_limit_s).solved()
    withheld = _completed(flows, withheld, costs)
    return _reduced(flows, withheld, costs)


def line_unions(table: MarginTable, withheld: Flags) -> Iterator[tuple[Integers, Integers]]:
    """Lines whose withheld cells have an unsafe total that the released margin gives away, with the line's other cells.

    A single contributor's cells in one line, or those of two, are one cell to whoever adds the line up.
    """
    cells = np.arange(table.size).reshape(table.values.shape)
    for line in (*cells, *cells.T):
        inside = line[:-1][withheld[line[:-1]]]
        if len(inside) > 1 and not withheld[line[-1]] and table.unsafe_union(inside):
            yield inside, np.setdiff1d(line[table.flat[line] > 0], inside)


class _Master:
    """The program over cells and the cuts found so far."""

    def __init__(self, flows: Flows, costs: Floats, until: float) -> None:
        self.flows, self.table, self.until = flows, flows.table, until
        self.free = np.flatnonzero(~self.table.primary & (self.table.flat > 0))
        self.costs = costs[self.free] / costs[self.free].mean() if len(self.free) else costs[:0]
        self.rows: list[Floats] = []
        self.least: list[float] = []

    def solved(self) -> Flags:
        """The cheapest choice that meets all needs, or the last one that time allowed."""
        fractions = self.table.primary.astype(float)
        for _ in range(ROUNDS):
            if not self._in_time() or not self._cut(fractions, whole=False):
                break
            if (solved := self._choose(whole=False)) is None:
                break
            fractions = solved
        choice = self.table.primary.astype(float)
        for _ in range(ROUNDS if self.rows else 0):
            if not self._in_time() or (solved := self._choose(whole=True)) is None:
                break
            choice = solved
            if not self._cut(choice, whole=True):
                break
        return np.asarray(choice > 0.5)

    def _in_time(self) -> bool:
        return time.perf_counter() < self.until

    def _choose(self, *, whole: bool) -> Floats | None:
        left = max(self.until - time.perf_counter(), 0.05)
        with _mute():
            found = milp(self.costs, integrality=np.full(len(self.free), int(whole)), bounds=Bounds(0, 1),
                         constraints=LinearConstraint(csr_array(np.array(self.rows)), lb=np.array(self.least)),
                         options={"time_limit": left, "mip_rel_gap": GAP, "node_limit": NODES})  # fmt: skip
        if found.x is None:
            return None
        choice = self.table.primary.astype(float)
        choice[self.free] = np.round(found.x) if whole else np.clip(found.x, 0, 1)
        return choice

    def _cut(self, choice: Floats, *, whole: bool) -> bool:
        """Add what a choice violates; whether there was anything."""
        before = len(self.rows)
        for answer in _unmet(self.flows, choice, contributors=whole):
            self._add(answer.weights, 1.0, choice)
        if whole:
            for inside, others in line_unions(self.table, choice > 0.5):
                weights = np.zeros(self.table.size)
                weights[others], weights[inside] = 1.0, -1.0
                self._add(weights, 1.0 - len(inside), choice)
        return len(self.rows) > before

    def _add(self, weights: Floats, least: float, choice: Floats) -> None:
        least -= weights[self.table.primary].sum()
        row = weights[self.free]
        if least > 0:
            row = np.minimum(row, least)  # a cell of whole numbers can do no more
            row[row < TINY] = 0.0
        if row @ choice[self.free] < least - SLIGHT and row.max(initial=0) > 0:
            self.rows.append(row)
            self.least.append(least)


@contextmanager
def _mute() -> Iterator[None]:
    """Drop what the solver's library prints past Python: a stray line would spoil a document on standard output."""
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _unmet(flows: Flows, withheld: Floats | Flags, *, contributors: bool) -> Iterator[Answer]:
    """Answers to needs that are not met, those of contributors where the public's is."""
    for need in flows.public_needs():
        answer = flows.answer(need, withheld)
        if not answer.met:
            yield answer
        elif contributors:
            for other in flows.contributor_needs(need, answer.moved):
                of_contributor = flows.answer(other, withheld)
                if not of_contributor.met:
                    yield of_contributor


def _completed(flows: Flows, withheld: Flags, costs: Floats) -> Flags:
    """Withhold along cheapest paths until every need is met."""
    withheld = withheld.copy()

    def meet(need: Need) -> Answer:
        while not (answer := flows.answer(need, withheld)).met:
            more = flows.cheapest_path(need, withheld, costs)
            if not len(more):
                break
            withheld[more] = True
        return answer

    changed = True
    while changed:
        before = int(withheld.sum())
        for need in flows.public_needs():
            for other in flows.contributor_needs(need, meet(need).moved):
                meet(other)
        for _, others in list(line_unions(flows.table, withheld)):
            if not withheld[others].any() and len(others):
                withheld[others[np.argmin(costs[others])]] = True
        changed = int(withheld.sum()) > before
    return withheld


def _reduced(flows: Flows, withheld: Flags, costs: Floats) -> Flags:
    """Release again what no need needs, dearest first."""
    withheld = withheld.copy()
    unions = {tuple(inside) for inside, _ in line_unions(flows.table, withheld)}
    moves = {need: flows.answer(need, withheld).moved for need in _all_needs(flows, withheld)}
    further = np.flatnonzero(withheld & ~flows.table.primary)
    enough = flows.answered + ANSWERS
    for cell in further[np.argsort(-costs[further], kind="stable")]:
        if flows.answered > enough:
            break
        trial = withheld.copy()
        trial[cell] = False
        again = _moved_otherwise(flows, trial, moves, int(cell))
        if again is not None and {tuple(inside) for inside, _ in line_unions(flows.table, trial)} <= unions:
            withheld, moves = trial, moves | again
    return withheld


def _moved_otherwise(
    flows: Flows, withheld: Flags, moves: dict[Need, Integers], released: int
) -> dict[Need, Integers] | None:
    """New movements for all needs that used a cell, without it; None when one is impossible."""
    again: dict[Need, Integers] = {}
    for need, moved in moves.items():
        if moved[released]:
            answer = flows.answer(need, withheld)
            if not answer.met:
                return None
            again[need] = answer.moved
            for other in flows.contributor_needs(need, answer.moved) if need.holder < 0 else ():
                if other not in moves or moves[other][released]:
                    of_contributor = flows.answer(other, withheld)
                    if not of_contributor.met:
                        return None
                    again[other] = of_contributor.moved
    return again


def _all_needs(flows: Flows, withheld: Flags) -> Iterator[Need]:
    for need in flows.public_needs():
        yield need
        yield from flows.contributor_needs(need, flows.answer(need, withheld).moved)

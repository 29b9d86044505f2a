"""What must be withheld for one cell to stay vague: flows and cuts in the network of a two-way table.

Rows and columns are the nodes and every cell is an arc between its row and its column, margins in the opposite
direction, so that a table which adds up is a circulation. A withheld cell can then be larger by U exactly when U can
flow back from its head to its tail through the other withheld cells, up without bound and down by as much as they hold;
and where that fails, a minimum cut names the cells of which some must be withheld too (Fischetti and Salazar's capacity
constraints).

All amounts are whole CNY, so flows and cuts are exact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from clusters.suppression_rules import Integers
from clusters.suppression_table import NOBODY, Flags, MarginTable

FREE = 1e-9  # a way that costs nothing still has to be one
UNSEEN = -1


@dataclass(frozen=True)
class Need:
    """An intruder must not be able to exclude that a cell is larger (or smaller) by the level, in CNY."""

    cell: int
    larger: bool
    holder: int
    level: int


@dataclass(frozen=True)
class Answer:
    """Whether a need is met, and either the flow (movement of each cell, CNY) or the cells cut with their weight."""

    met: bool
    moved: Integers
    weights: NDArray[np.float64]


class Flows:
    """Needs of one table, answered for any set of withheld cells."""

    def __init__(self, table: MarginTable) -> None:
        """Lay the arcs."""
        rows, columns = table.values.shape
        self.table, self.nodes, self.answered = table, rows + columns, 0
        row, column = (each.ravel() for each in np.indices((rows, columns)))
        reversed_ = (row == rows - 1) ^ (column == columns - 1)
        self.tail = np.where(reversed_, rows + column, row)
        self.head = np.where(reversed_, row, rows + column)

    def public_needs(self) -> Iterator[Need]:
        """What each unsafe cell needs against those who contribute nothing."""
        for cell in np.flatnonzero(self.table.primary):
            level, total = int(self.table.protection[cell]), int(self.table.flat[cell])
            yield Need(int(cell), True, NOBODY, level)
            yield Need(int(cell), False, NOBODY, min(level, total))

    def contributor_needs(self, need: Need, moved: Integers) -> Iterator[Need]:
        """The same against those contributors for whom a movement that served the public is impossible."""
        used = np.flatnonzero(moved)
        used = used[used != need.cell]
        own, total = self.table.holders[:, used], self.table.flat[used]
        blocked = (moved[used] < own - total) | self.table.alone[:, used]
        for holder in np.flatnonzero(blocked.any(axis=1)):
            level = self.table.protection_from(need.cell, int(holder))
            if level > 0:
                yield Need(need.cell, need.larger, int(holder), level)

    def answer(self, need: Need, withheld: NDArray[np.float64] | Flags) -> Answer:
        """Whether the withheld cells (or fractions of them) meet a need.

        Parameters
        ----------
        need : Need
        withheld : array (cells,), from 0 to 1

        Returns
        -------
        Answer
            `weights` say how much of the level each cell of a minimum cut would carry: withheld ones must sum to 1.
        """
        self.answered += 1
        up, down = self._capacities(need)
        residual, met = self._filled(need, np.floor(up * withheld), np.floor(down * withheld))
        if met:
            moved = np.floor(up * withheld).astype(np.int64) - residual[self.tail, self.head]
            return Answer(True, moved, self._nothing)
        reached = np.array(_predecessors(_openings(residual), self._ends(need)[0])) != UNSEEN
        weights = np.where(reached[self.tail] & ~reached[self.head], up, 0)
        weights = weights + np.where(reached[self.head] & ~reached[self.tail], down, 0)
        return Answer(False, self._still, weights / need.level)

    def cheapest_path(self, need: Need, withheld: Flags, costs: NDArray[np.float64]) -> Integers:
        """Cells to withhold besides, at least cost, so that more can flow; empty when nothing helps."""
        up, down = self._capacities(need)
        source, sink = self._ends(need)
        residual, _ = self._filled(need, up * withheld, down * withheld)
        closed = (self.table.flat == 0) | withheld
        price = np.zeros((self.nodes, self.nodes))
        for start, end, room in ((self.tail, self.head, up), (self.head, self.tail, down)):
            short = need.level / np.maximum(room, 1)  # several such cells are needed
            new = np.where((room > 0) & ~closed, costs * np.maximum(short, 1), 0)
            price[start, end] = np.where(residual[start, end] > 0, FREE, new)
        _, before = dijkstra(csr_array(price), indices=source, return_predecessors=True)
        path, node = [], sink
        while node != source:
            if before[node] < 0:
                return np.empty(0, dtype=np.int64)
            path.append(self._cells[before[node], node])
            node = before[node]
        cells = np.array(path, dtype=np.int64)
        return cells[~withheld[cells]]

    def _ends(self, need: Need) -> tuple[int, int]:
        """Where the flow that makes up for the cell starts and ends."""
        tail, head = int(self.tail[need.cell]), int(self.head[need.cell])
        return (head, tail) if need.larger else (tail, head)

    def _capacities(self, need: Need) -> tuple[Integers, Integers]:
        """How far each cell could move up and down if it were withheld, no further than the level."""
        free = self.table.free(need.holder)
        up = np.where(self.table.flat > 0, need.level, 0)
        if need.holder != NOBODY:
            up[self.table.alone[need.holder]] = 0
        down = np.minimum(free, need.level)
        up[need.cell] = down[need.cell] = 0
        return up, down

    def _filled(self, need: Need, up: NDArray[Any], down: NDArray[Any]) -> tuple[Integers, bool]:
        """What capacity is left between nodes when as much flows as the need asks for, and whether that is enough."""
        residual = np.zeros((self.nodes, self.nodes), dtype=np.int64)
        residual[self.tail, self.head], residual[self.head, self.tail] = up, down
        source, sink = self._ends(need)
        wanted, left, openings = need.level, residual.tolist(), _openings(residual)
        while wanted > 0:
            before = _predecessors(openings, source, sink)
            if before[sink] == UNSEEN:
                break
            path = [sink]
            while path[-1] != source:
                path.append(before[path[-1]])
            steps = list(zip(path[1:], path[:-1], strict=True))
            more = min(wanted, *(left[start][end] for start, end in steps))
            for start, end in steps:
                left[start][end] -= more
                left[end][start] += more
                openings[end] |= 1 << start
                if not left[start][end]:
                    openings[start] &= ~(1 << end)
            wanted -= more
        return np.array(left, np.int64), wanted <= 0

    @cached_property
    def _cells(self) -> Integers:
        """Cell between two nodes."""
        cells = np.zeros((self.nodes, self.nodes), dtype=np.int64)
        cells[self.tail, self.head] = cells[self.head, self.tail] = np.arange(self.table.size)
        return cells

    @cached_property
    def _still(self) -> Integers:
        return np.zeros(self.table.size, dtype=np.int64)

    @cached_property
    def _nothing(self) -> NDArray[np.float64]:
        return np.zeros(self.table.size)


def _openings(residual: Integers) -> list[int]:
    """For each node the nodes that more can flow to, as the bits of a number: far quicker to walk than arrays."""
    bits = np.array([1 << node for node in range(len(residual))], np.int64 if len(residual) < 63 else object)
    return [int(opening) for opening in (residual > 0) @ bits]


def _predecessors(openings: list[int], source: int, sink: int | None = None) -> list[int]:
    """The node before each on a shortest way from the source, as far as the sink; `UNSEEN` where none leads."""
    before = [UNSEEN] * len(openings)
    before[source] = source
    unseen = (1 << len(openings)) - 1 & ~(1 << source)
    queue = [source]
    for node in queue:
        new = openings[node] & unseen
        unseen &= ~new
        while new:
            lowest = new & -new
            following = lowest.bit_length() - 1
            before[following] = node
            queue.append(following)
            new ^= lowest
        if sink is not None and before[sink] != UNSEEN:
            break
    return before

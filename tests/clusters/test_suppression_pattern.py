"""The pattern is safe by the audit, as cheap as the program with all alternative tables, and needs all it withholds."""

import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import bmat, csr_array, eye_array

from clusters.suppression_audit import audit_table
from clusters.suppression_flows import Flows
from clusters.suppression_pattern import GAP, _mute, cheap_pattern
from clusters.suppression_table import Flags, MarginTable
from data import columns as c
from tests.clusters.suppression_worlds import Cells, activities, random_cells, strangers, table_of, worlds

LIMIT_S = 3.0


def costs_of(table: MarginTable) -> NDArray[np.float64]:
    return table.flat / max(table.flat.mean(), 1.0) + 0.01


def given_away(table: MarginTable, withheld: Flags) -> int:
    return int((audit_table(table, withheld, intervals=False)[c.EXPOSED_TO] != "").sum())


def test_three_further_cells_by_hand() -> None:
    """One unsafe cell needs a second in its row, one in its column and the corner: the cheapest rectangle.

    Rectangles through II–C (cost of the three others): with I and A: 10 + 8 + 20 = 38; I and B: 10 + 19 + 50 = 79;
    III and A: 12 + 8 + 17 = 37; III and B: 12 + 19 + 32 = 63. Margins cost more. So III and A.
    """
    table = table_of(activities())
    withheld = cheap_pattern(table, costs_of(table), LIMIT_S).reshape(table.values.shape)
    assert sorted(zip(*np.nonzero(withheld), strict=True)) == [(1, 0), (1, 2), (2, 0), (2, 2)]


def test_nothing_unsafe_needs_nothing() -> None:
    table = table_of(strangers({(0, 0): [5] * 9, (1, 1): [5] * 9}))
    assert not cheap_pattern(table, costs_of(table), LIMIT_S).any()


def test_a_city_of_one_firm_shows_nothing() -> None:
    table = table_of(strangers({(0, 0): [10**13]}))
    assert cheap_pattern(table, costs_of(table), LIMIT_S).all()
    assert given_away(table, cheap_pattern(table, costs_of(table), LIMIT_S)) == 0


@settings(max_examples=30)
@given(cells=worlds(), limit_s=st.sampled_from([0.0, LIMIT_S]))
def test_no_pattern_gives_a_cell_away_even_without_time(cells: Cells, limit_s: float) -> None:
    table = table_of(cells)
    withheld = cheap_pattern(table, costs_of(table), limit_s)
    assert withheld[table.primary].all()
    assert not withheld[table.flat == 0].any()
    assert given_away(table, withheld) == 0


@settings(max_examples=10)
@given(cells=worlds(4), factor=st.sampled_from([1, 7, 10**6, 10**9]), seed=st.integers(0, 99))
def test_scale_and_order_of_rows_and_columns_keep_it_safe(cells: Cells, factor: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    row, column = rng.permutation(4), rng.permutation(4)
    moved = {(int(row[i]), int(column[j])): {name: x * factor for name, x in cells[i, j].items()} for i, j in cells}
    first, second = table_of(cells), table_of(moved)
    assert second.primary.sum() == first.primary.sum()
    assert given_away(second, cheap_pattern(second, costs_of(second), LIMIT_S)) == 0


def test_the_solver_prints_nothing_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    """What its library writes past Python would spoil a document on standard output; what we print stays."""
    with _mute():
        os.write(1, b"noise")
    os.write(1, b"document\n")
    assert capfd.readouterr().out == "document\n"


def test_every_further_cell_is_needed() -> None:
    rng = np.random.default_rng(3)
    for _ in range(8):
        table = table_of(random_cells(rng, 4, 5))
        withheld = cheap_pattern(table, costs_of(table), LIMIT_S)
        for cell in np.flatnonzero(withheld & ~table.primary):
            fewer = withheld.copy()
            fewer[cell] = False
            assert given_away(table, fewer) > 0


def all_at_once(table: MarginTable, costs: NDArray[np.float64]) -> float:
    """Least cost by one program with two alternative tables for each unsafe cell, as the notes on methods put it."""
    flows, size = Flows(table), table.size
    sums = np.zeros((flows.nodes, size))
    sums[flows.tail, np.arange(size)], sums[flows.head, np.arange(size)] = 1, -1
    needs = list(flows.public_needs())
    count = len(needs)
    most = np.full(size, float(table.flat.max() * 4 + 4))
    matrix, low, high = [], [], []
    for at, need in enumerate(needs):

        def block(y: object, d: object, at: int = at) -> csr_array:
            return bmat([[y, *[d if i == at else (d * 0) for i in range(count)]]], format="csr")  # type: ignore[operator]

        unit = csr_array(np.eye(size)[[need.cell]])
        zero = csr_array((flows.nodes, size))
        matrix += [block(zero, csr_array(sums)), block(csr_array((1, size)), unit)]
        low += [np.zeros(flows.nodes), [need.level if need.larger else -np.inf]]
        high += [np.zeros(flows.nodes), [np.inf if need.larger else -need.level]]
        one = csr_array(eye_array(size))
        matrix += [block(csr_array(np.diag(-most)), one), block(csr_array(np.diag(table.flat.astype(float))), one)]
        low += [np.full(size, -np.inf), np.zeros(size)]
        high += [np.zeros(size), np.full(size, np.inf)]
    free = np.where(table.flat > 0, 1, 0)
    found = milp(
        np.concatenate([costs * ~table.primary, np.zeros(size * count)]),
        integrality=np.concatenate([np.ones(size), np.zeros(size * count)]),
        bounds=Bounds(
            np.concatenate([table.primary.astype(float), np.full(size * count, -np.inf)]),
            np.concatenate([free, np.full(size * count, np.inf)]),
        ),
        constraints=LinearConstraint(bmat([[each] for each in matrix], format="csr"), np.concatenate(low),
                                     np.concatenate(high)),
    )  # fmt: skip
    assert found.success
    return float(found.fun)


@pytest.mark.parametrize("seed", [0, 2, 3, 4, 5, 6, 7, 8])
def test_it_costs_no_more_than_the_program_with_all_tables_at_once(seed: int) -> None:
    """Against the public alone, so that both answer the same question."""
    whole = table_of(random_cells(np.random.default_rng(seed), 3, 3, largest=300))
    table = replace(whole, holders=whole.holders[:0])
    costs = costs_of(table)
    assert table.primary.any()
    withheld = cheap_pattern(table, costs, LIMIT_S)
    ours, least = costs[withheld & ~table.primary].sum(), all_at_once(table, costs)
    assert least - 1e-6 <= ours <= least * (1 + GAP) + 1e-3

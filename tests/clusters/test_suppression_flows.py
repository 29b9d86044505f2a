"""Flows in the network of a table, by hand and against a maintained maximum flow."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from clusters.suppression_flows import Flows, Need
from clusters.suppression_table import NOBODY
from tests.clusters.suppression_worlds import Cells, activities, table_of, worlds


def withheld(*places: tuple[int, int]) -> np.ndarray:
    mask = np.zeros((4, 4), dtype=bool)
    for place in places:
        mask[place] = True
    return mask.ravel()


RECTANGLE = withheld((1, 2), (1, 0), (2, 0), (2, 2))
CELL = 1 * 4 + 2


def test_a_rectangle_moves_as_far_as_its_emptiest_cell_allows() -> None:
    """II–C up: II–A and III–C down, at most 8 and 12. Down by 17: II–A and III–C up, III–A (17) down."""
    flows = Flows(table_of(activities()))
    assert flows.answer(Need(CELL, True, NOBODY, 8), RECTANGLE).met
    assert not flows.answer(Need(CELL, True, NOBODY, 9), RECTANGLE).met
    assert flows.answer(Need(CELL, False, NOBODY, 17), RECTANGLE).met
    assert not flows.answer(Need(CELL, False, NOBODY, 18), RECTANGLE).met


def test_the_movement_is_another_table() -> None:
    flows = Flows(table_of(activities()))
    moved = flows.answer(Need(CELL, True, NOBODY, 8), RECTANGLE).moved.reshape(4, 4)
    assert moved.tolist() == [[0, 0, 0, 0], [-8, 0, 0, 0], [8, 0, -8, 0], [0, 0, 0, 0]]  # the cell itself: +8


def test_a_cut_names_what_is_missing() -> None:
    """With II–A, III–A, III–C and one more unit wanted, the cut weighs II–A with 8 of the 9 wanted."""
    flows = Flows(table_of(activities()))
    weights = flows.answer(Need(CELL, True, NOBODY, 9), RECTANGLE).weights
    assert weights @ RECTANGLE < 1
    assert weights[1 * 4 + 0] == 8 / 9


@settings(max_examples=40)
@given(cells=worlds(), seed=st.integers(0, 999))
def test_what_can_flow_is_what_scipy_finds(cells: Cells, seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = table_of(cells)
    flows, mask = Flows(table), (rng.random(table.size) < 0.6) & (table.flat > 0)
    for need in list(flows.public_needs())[:6]:
        capacity = np.zeros((flows.nodes, flows.nodes), dtype=np.int32)
        others = mask & (np.arange(table.size) != need.cell)
        capacity[flows.tail, flows.head] = np.where(others, need.level, 0)
        capacity[flows.head, flows.tail] = np.where(others, np.minimum(table.flat, need.level), 0)
        ends = (flows.tail[need.cell], flows.head[need.cell])
        source, sink = ends[::-1] if need.larger else ends
        most = maximum_flow(csr_array(capacity), source, sink).flow_value
        answer = flows.answer(need, mask)
        assert answer.met == (most >= need.level)
        if not answer.met:  # a minimum cut lets through what can flow
            assert abs(answer.weights @ mask * need.level - most) < 1e-6 * max(most, 1)

"""The audit finds what an intruder finds: by hand, by trying all tables, and as the flows do by their own way."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.suppression_audit import audit_table
from clusters.suppression_flows import Flows
from clusters.suppression_pattern import line_unions
from clusters.suppression_table import Flags, MarginTable
from data import columns as c
from tests.clusters.suppression_worlds import Cells, activities, random_cells, strangers, table_of, worlds


def hidden(table: MarginTable, *places: tuple[int, int]) -> Flags:
    withheld = np.zeros(table.values.shape, dtype=bool)
    for place in places:
        withheld[place] = True
    return withheld.ravel()


def exposed(table: MarginTable, withheld: Flags) -> list[str]:
    return [each for each in audit_table(table, withheld, intervals=False)[c.EXPOSED_TO] if each]


def test_bounds_by_hand() -> None:
    """II–C with II–A, III–A and III–C withheld: II: a + x = 30, III: a' + c' = 29, A: a + a' = 25, C: x + c' = 34.

    x = 30 − a with a from 0 to 25 (a' = 25 − a ≥ 0), and c' = 4 + a ≥ 0 always: x from 5 to 30.
    """
    table = table_of(activities())
    audit = audit_table(table, hidden(table, (1, 2), (1, 0), (2, 0), (2, 2)))
    assert audit.loc[("D01", "S02"), [c.LOWER_CNY, c.UPPER_CNY]].tolist() == [5, 30]
    assert audit.loc[("D01", "S00"), [c.LOWER_CNY, c.UPPER_CNY]].tolist() == [0, 25]
    assert audit.loc[("D02", "S02"), [c.LOWER_CNY, c.UPPER_CNY]].tolist() == [4, 29]
    assert exposed(table, hidden(table, (1, 2), (1, 0), (2, 0), (2, 2))) == []


@pytest.mark.parametrize(
    "places",
    [
        [],  # released
        [(1, 2)],  # row II gives it: 49 − 8 − 19
        [(1, 2), (1, 0)],  # column C gives it: 44 − 10 − 12
        [(1, 2), (1, 0), (2, 2)],  # still alone in no line, but column A gives II–A and row II then the cell
        [(1, 2), (1, 3)],  # the margin of column C is there
    ],
)
def test_a_weak_pattern_is_caught(places: list[tuple[int, int]]) -> None:
    table = table_of(activities())
    assert exposed(table, hidden(table, *places)) == ["everybody"]


def test_a_cell_whose_margins_are_withheld_is_unbounded_above() -> None:
    table = table_of(activities())
    audit = audit_table(table, hidden(table, (1, 2), (1, 3), (3, 2), (3, 3)))
    assert audit.loc[("D01", "S02"), [c.LOWER_CNY, c.UPPER_CNY]].tolist() == [0, np.inf]


def test_an_empty_cell_hides_nothing() -> None:
    table = table_of(strangers({(0, 0): [9], (0, 1): [1] * 9, (1, 0): [1] * 9}))
    assert exposed(table, hidden(table, (0, 0), (0, 1), (1, 0), (1, 1))) == ["everybody"]


BLOCK = list(product(range(2), range(2)))
SAFE = strangers({place: [50] * 10 for place in product(range(3), range(3))})


def test_four_single_firms_do_not_hide_each_other() -> None:
    """For the public each could be 0 or 200; whoever knows one knows all four."""
    table = table_of(SAFE | strangers({place: [100] for place in BLOCK}))
    assert table.primary.sum() == 4
    audit = audit_table(table, hidden(table, *BLOCK))
    inside = audit.loc[[("D00", "S00"), ("D01", "S01")]]
    assert inside[[c.LOWER_CNY, c.UPPER_CNY]].to_numpy().tolist() == [[0, 200], [0, 200]]
    assert inside[c.EXPOSED_TO].tolist() == ["contributor", "contributor"]
    assert exposed(table, hidden(table, *SAFE)) == []


def test_two_cells_of_one_holding_do_not_hide_each_other() -> None:
    """Each could be anything from 0 to 200, but the row says that the holding has 200 there."""
    table = table_of(SAFE | {(0, 0): {"h": 100}, (0, 1): {"h": 100}})
    assert exposed(table, hidden(table, *BLOCK)) == ["line", "line"]
    assert exposed(table, hidden(table, *BLOCK, (0, 2), (1, 2))) == []


@pytest.mark.parametrize(("others", "told"), [([10] * 12, ""), ([114, 3, 3], "contributor")])
def test_a_cell_hides_only_behind_what_its_intruder_does_not_own(others: list[int], told: str) -> None:
    """100 alone, beside a cell of 120, which for the public moves by more than 10 either way.

    Where one firm has 114 of the 120, it can rule out that the 100 were more than 106.
    """
    table = table_of(SAFE | strangers({(0, 0): [100], (0, 1): others}))
    audit = audit_table(table, hidden(table, *BLOCK))
    assert audit.loc[("D00", "S00"), c.UPPER_CNY] == 220
    assert audit.loc[("D00", "S00"), c.EXPOSED_TO] == told


@pytest.mark.parametrize(
    ("beside", "opposite", "told"),
    [
        (10**5, 10**5, "everybody"),  # neighbors of a million: far below a solver's tolerance in units of the giant
        (10**12, 10**5, "everybody"),  # the opposite corner cannot make up for a giant that is larger
        (10**12, 10**12, ""),
    ],
)
def test_only_large_neighbors_hide_a_giant(beside: int, opposite: int, told: str) -> None:
    large = [10**13] * 9
    block = {(0, 0): [10**13], (0, 1): [beside] * 10, (1, 0): [beside] * 10, (1, 1): [opposite] * 10}
    table = table_of(strangers(block | {(0, 2): large, (2, 0): large}))
    assert table.primary.sum() == 1
    audit = audit_table(table, hidden(table, *block), intervals=False)
    assert audit.loc[("D00", "S00"), c.EXPOSED_TO] == told


def all_tables(table: MarginTable, withheld: Flags) -> np.ndarray:
    """Every table of whole numbers that fits what is released (margins released too)."""
    rows, columns = (size - 1 for size in table.values.shape)
    mask = withheld.reshape(table.values.shape)
    row_sums, column_sums = table.values[:-1, -1], table.values[-1, :-1]
    choices = [
        range(min(row_sums[i], column_sums[j]) + 1) if mask[i, j] else [table.values[i, j]]
        for i in range(rows) for j in range(columns)
    ]  # fmt: skip
    tried = np.array(list(product(*choices))).reshape(-1, rows, columns)
    fits = (tried.sum(axis=2) == row_sums).all(axis=1) & (tried.sum(axis=1) == column_sums).all(axis=1)
    return tried[fits]


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6))
def test_bounds_are_those_of_all_tables_that_fit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 4, (3, 3))
    table = table_of(strangers({(i, j): [1] * int(sizes[i, j]) for i, j in product(range(3), range(3))}))
    withheld = np.zeros((4, 4), dtype=bool)
    withheld[:3, :3] = rng.random((3, 3)) < 0.6
    withheld &= np.cumsum(withheld).reshape(4, 4) <= 6
    tables = all_tables(table, withheld.ravel())
    audit = audit_table(table, withheld.ravel())
    for (row, column), cell in audit.iterrows():
        values = tables[:, int(row[1:]), int(column[1:])] if "total" not in (row, column) else None
        if values is not None and withheld[int(row[1:]), int(column[1:])]:
            assert (cell[c.LOWER_CNY], cell[c.UPPER_CNY]) == (values.min(), values.max())


def unmet_by_flows(table: MarginTable, withheld: Flags) -> set[int]:
    """Unsafe cells given away, as the search for a pattern sees it."""
    flows, found = Flows(table), set(np.flatnonzero(table.primary & ~withheld))
    for need in flows.public_needs():
        answer = flows.answer(need, withheld)
        if not answer.met or any(
            not flows.answer(other, withheld).met for other in flows.contributor_needs(need, answer.moved)
        ):
            found.add(need.cell)
    for inside, _ in line_unions(table, withheld):
        found |= set(inside)
    return {int(cell) for cell in found}


@settings(max_examples=40)
@given(cells=worlds(), seed=st.integers(0, 99), share=st.sampled_from([0.2, 0.5, 0.9]))
def test_linear_programs_and_flows_agree_on_any_pattern(cells: Cells, seed: int, share: float) -> None:
    table = table_of(cells)
    withheld = (table.primary | (np.random.default_rng(seed).random(table.size) < share)) & (table.flat > 0)
    audit = audit_table(table, withheld, intervals=False)[c.EXPOSED_TO]
    places = {int(at) for at in table.cells.index.get_indexer(audit.index[audit != ""])}
    assert places == unmet_by_flows(table, withheld)


@settings(max_examples=15)
@given(cells=worlds(), seed=st.integers(0, 99))
def test_bounds_hold_the_truth_and_the_protection(cells: Cells, seed: int) -> None:
    table = table_of(cells)
    withheld = (table.primary | (np.random.default_rng(seed).random(table.size) < 0.7)) & (table.flat > 0)
    audit = audit_table(table, withheld)
    total = table.cells[c.TOTAL_CNY].loc[audit.index]
    assert (audit[c.LOWER_CNY] <= total).all()
    assert (audit[c.UPPER_CNY] >= total).all()
    safe = audit[c.EXPOSED_TO] != "everybody"
    below = np.minimum(audit[c.PROTECTION_CNY], total)
    assert (total - audit[c.LOWER_CNY] >= below)[safe].all()
    assert (audit[c.UPPER_CNY] - total >= audit[c.PROTECTION_CNY])[safe].all()


def test_withholding_more_never_gives_more_away_to_everybody() -> None:
    rng = np.random.default_rng(5)
    for _ in range(10):
        table = table_of(random_cells(rng, 4, 4))
        some = table.primary | (rng.random(table.size) < 0.3)
        more = some | (rng.random(table.size) < 0.3)
        few, many = (audit_table(table, each, intervals=False)[c.EXPOSED_TO] == "everybody" for each in (more, some))
        assert set(few.index[few]) <= set(many.index[many])

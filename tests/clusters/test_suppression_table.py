"""Who knows what of a table: by hand, and who is not listed knows too little to matter."""

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.suppression_rules import SafetyRule
from clusters.suppression_table import NOBODY, of_contributions
from data import columns as c
from tests.clusters.suppression_worlds import HOLDING, LABELS, Cells, contributions, strangers, table_of, worlds

SAFE = strangers({(i, j): [50] * 10 for i in range(2) for j in range(2)})


def test_protection_against_a_contributor_by_hand() -> None:
    """a 1,000, b 50 and c 3: p% asks 100 − 3 = 97 against b and 100 − 53 = 47 against strangers.

    Against a it asks for b, 5 − 3 = 2; against c, 100 − 50 = 50; alone in its cell a contributor needs nothing.
    """
    table = table_of(SAFE | {(0, 0): {"a": 1000, "b": 50, "c": 3}, (1, 1): {"d": 7}})
    listed = {int(row[0]): at for at, row in enumerate(table.holders) if row[0]}
    assert {amount: table.protection_from(0, at) for amount, at in listed.items()} == {1000: 2, 50: 97, 3: 50}
    stranger = int(np.flatnonzero(table.holders[:, 1])[0])
    assert table.protection_from(0, stranger) == 47
    assert table.protection_from(0, NOBODY) == 97
    lone = int(np.flatnonzero(table.holders[:, 4])[0])
    assert table.alone[lone].tolist() == [False] * 4 + [True] + [False] * 4
    assert table.protection_from(4, lone) == 0


def test_two_contributors_are_protected_from_each_other() -> None:
    """The count rule asks 10 % of what the other has: 100 against the small one, 5 against the large one."""
    table = table_of(SAFE | {(0, 0): {"a": 1000, "b": 50}})
    listed = {int(row[0]): at for at, row in enumerate(table.holders) if row[0]}
    assert {amount: table.protection_from(0, at) for amount, at in listed.items()} == {1000: 5, 50: 100}


def test_a_union_is_judged_by_its_holdings() -> None:
    table = table_of({(0, 0): {"h": 100}, (0, 1): {"h": 100}, (0, 2): {"i": 100, "j": 100, "k": 100}})
    assert table.unsafe_union(np.array([0, 1]))
    assert not table.unsafe_union(np.array([0, 1, 2]))  # 200, 100 and a rest of 200


def test_margins_of_a_holding_add_up() -> None:
    table = table_of(SAFE | {(0, 0): {"h": 5, "i": 9, "j": 9}, (1, 1): {"h": 7, "i": 9, "k": 9}})
    amounts = table.holders.reshape(-1, 3, 3)
    assert (amounts[:, :-1].sum(axis=1) == amounts[:, -1]).all()
    assert (amounts[:, :, :-1].sum(axis=2) == amounts[:, :, -1]).all()
    assert 12 in amounts[:, -1, -1]


@settings(max_examples=10)
@given(cells=worlds(4))
def test_a_small_table_lists_the_largest_of_every_cell(cells: Cells) -> None:
    table, firms = table_of(cells), contributions(cells)
    for at, (row, column) in enumerate(table.cells.index):
        inside = firms[
            ((firms[c.DISTRICT_ID] == row) | (row == c.TOTAL))
            & ((firms[c.SUBSECTOR_ID] == column) | (column == c.TOTAL))
        ]
        largest = inside.groupby(HOLDING)[c.REVENUE_CNY].sum().sort_values(ascending=False).head(2).tolist()
        known = sorted(table.holders[:, at], reverse=True)[: len(largest)]
        assert known == largest
    assert (table.unlisted == 0).all()


@settings(max_examples=5)
@given(seed=st.integers(0, 10**6))
def test_who_is_not_listed_has_less_than_the_table_says(seed: int) -> None:
    """Holdings everywhere with little in each cell are not listed; every cell's room is less by the most of them."""
    rng = np.random.default_rng(seed)
    places = [(f"D{i:02}", f"S{j:02}") for i in range(2) for j in range(2)]
    small = [(*place, f"h{n}", int(rng.integers(1, 30))) for n in range(300) for place in places]
    large = [(*place, f"g{n}", 5_000) for n in range(4) for place in places]
    firms = pd.DataFrame([*small, *large], columns=LABELS)
    table = of_contributions(firms, contributor=HOLDING)
    assert len(table.holders) < 20
    amounts = firms.pivot_table(c.REVENUE_CNY, HOLDING, [c.DISTRICT_ID, c.SUBSECTOR_ID], "sum", 0)
    inside = table.unlisted.reshape(table.values.shape)[:-1, :-1].ravel()
    assert (inside > 0).all()
    assert (inside <= amounts[amounts.index.str.startswith("h")].max().to_numpy()).all()
    assert (table.unlisted <= 0.01 * table.flat).all()
    assert (table.free() == table.flat - table.unlisted).all()
    listed = {tuple(row) for row in table.holders.reshape(-1, 3, 3)[:, :-1, :-1].reshape(-1, 4).tolist()}
    left_out = [row for row in amounts.to_numpy().tolist() if tuple(row) not in listed]
    assert (np.array(left_out) <= inside).all()


def test_dominance_asks_the_same_of_every_intruder() -> None:
    rule = SafetyRule(n_min=1, p_percent=1, dominance=(1, 50))
    rows = contributions(SAFE | {(0, 0): {"a": 60, "b": 25, "d": 25}})
    table = of_contributions(rows, contributor=HOLDING, rule=rule)
    stranger = int(np.flatnonzero(table.holders[:, 1])[0])
    member = int(np.flatnonzero(table.holders[:, 0] == 25)[0])
    assert table.protection[0] == table.protection_from(0, stranger) == table.protection_from(0, member) == 10
    assert not replace(table, rule=SafetyRule()).unsafe_union(np.array([0, 1]))

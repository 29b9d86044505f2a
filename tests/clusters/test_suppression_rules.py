"""Which cells are unsafe, by hand, by a slow reading of the rules, and by what may not change the answer."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.errors import BadContributions, ClusterError
from clusters.suppression_rules import SafetyRule, primary_suppression
from data import columns as c

KEYS = [c.DISTRICT_ID, c.SUBSECTOR_ID]
Row = tuple[str, str, str, int]


def table(rows: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*KEYS, "holding", c.REVENUE_CNY]).astype({c.REVENUE_CNY: np.int64})


def one_cell(*amounts: int, rule: SafetyRule = SafetyRule(), holdings: str = "") -> dict[str, object]:  # noqa: B008
    rows = [("X", "S1", (holdings or "abcdefghij")[i], each) for i, each in enumerate(amounts)]
    return primary_suppression(table(rows), contributor="holding", rule=rule).loc[("X", "S1")].to_dict()


# ---------------------------------------------------------------- by hand


@pytest.mark.parametrize(
    ("amounts", "rule", "protection"),
    [
        ((100,), "count", 10.0),  # T − x1 − x2 = 0 < 10; p% asks 10 − 0, count asks 10 % of 100
        ((100, 50), "count", 15.0),  # p% asks 10 − 0, count asks 10 % of 150
        ((100, 50, 10), "", 0.0),  # the rest, 10, is not below 10
        ((100, 50, 9), "p_percent", 1.0),  # 10 − 9
        ((100, 50, 4, 5), "p_percent", 1.0),
        ((40, 30, 30), "", 0.0),
        ((0, 0), "", 0.0),  # nobody contributes: an empty cell
        ((100, 0, 0), "count", 10.0),  # zeros hide nobody
    ],
)
def test_a_cell_by_hand(amounts: tuple[int, ...], rule: str, protection: float) -> None:
    cell = one_cell(*amounts)
    assert (cell[c.RULE], cell[c.PROTECTION_CNY], cell[c.UNSAFE]) == (rule, pytest.approx(protection), rule != "")
    assert cell[c.TOTAL_CNY] == sum(amounts)


def test_dominance_is_strict_and_asks_for_its_own_protection() -> None:
    """(1, 50): 50 of 100 is not more than half; 60 of 110 is, and 100/50 · 60 − 110 = 10."""
    rule = SafetyRule(n_min=1, p_percent=1, dominance=(1, 50))
    assert one_cell(50, 25, 25, rule=rule)[c.RULE] == ""
    cell = one_cell(60, 25, 25, rule=rule)
    assert (cell[c.RULE], cell[c.PROTECTION_CNY]) == ("dominance", pytest.approx(10))


def test_rows_of_one_holding_are_one_contributor() -> None:
    assert one_cell(50, 50, 50, holdings="abc")[c.UNSAFE] is False
    cell = one_cell(50, 50, 50, holdings="aab")
    assert (cell[c.CONTRIBUTORS], cell[c.RULE]) == (2, "count")


def test_rows_without_a_holding_stand_for_themselves() -> None:
    rows = table([("X", "S1", "a", 5), ("X", "S1", "a", 5), ("X", "S1", "b", 5)])
    assert primary_suppression(rows)[c.CONTRIBUTORS].iloc[0] == 3
    rows["holding"] = None
    assert primary_suppression(rows, contributor="holding")[c.CONTRIBUTORS].iloc[0] == 3


def test_losses_count_by_their_size() -> None:
    """|x|: 100, 50, 10 pass; the total that would be released is signed."""
    cell = one_cell(-100, 50, 10)
    assert (cell[c.UNSAFE], cell[c.TOTAL_CNY]) == (False, -40)


def test_margins_are_cells_in_which_a_holding_counts_once() -> None:
    rows = [("X", "S1", "h", 40), ("X", "S2", "h", 40), ("X", "S1", "i", 40), ("Y", "S1", "j", 40)]
    cells = primary_suppression(table(rows), contributor="holding")
    assert cells.index.tolist() == [
        ("X", "S1"), ("X", "S2"), ("X", "total"), ("Y", "S1"), ("Y", "total"),
        ("total", "S1"), ("total", "S2"), ("total", "total"),
    ]  # fmt: skip
    assert cells[c.CONTRIBUTORS].tolist() == [2, 1, 2, 1, 1, 3, 1, 3]
    assert cells.loc[("X", "total"), c.PROTECTION_CNY] == pytest.approx(12)  # 10 % of 120 for two contributors
    assert not cells.loc[("total", "total"), c.UNSAFE]  # 160 − 80 − 40 = 40


def test_years_are_never_added() -> None:
    rows = pd.concat([table([("X", "S1", "a", 5)]).assign(year=year) for year in (2022, 2021)])
    cells = primary_suppression(rows, within=[c.YEAR])
    assert cells.index.get_level_values(c.YEAR).tolist() == [2021] * 4 + [2022] * 4


def test_sums_are_exact_where_floats_are_not() -> None:
    big = 2**53
    assert one_cell(big, big, 1, 1)[c.TOTAL_CNY] == 2 * big + 2


# ---------------------------------------------------------------- a slow reading of the rules


def slowly(rows: pd.DataFrame, rule: SafetyRule) -> dict[tuple[str, str], tuple[int, bool, float]]:
    cells: dict[tuple[str, str], dict[str, int]] = {}
    for district, subsector, holding, amount in rows.itertuples(index=False):
        for key in ((district, subsector), (district, "total"), ("total", subsector), ("total", "total")):
            cell = cells.setdefault(key, {})
            cell[holding] = cell.get(holding, 0) + amount
    result = {}
    for key, cell in cells.items():
        x = sorted((abs(each) for each in cell.values() if each), reverse=True)
        total, n = sum(x), len(x)
        first, second = [*x, 0, 0][:2]
        asked = []
        if 0 < n < rule.n_min:
            asked.append(rule.p_percent * total / 100)
        if total - first - second < rule.p_percent * first / 100:
            asked.append(rule.p_percent * first / 100 - (total - first - second))
        if rule.dominance and sum(x[: rule.dominance[0]]) > rule.dominance[1] * total / 100:
            asked.append(100 * sum(x[: rule.dominance[0]]) / rule.dominance[1] - total)
        result[key] = (n, bool(asked), max(asked, default=0.0))
    return result


ROWS = st.lists(
    st.tuples(st.sampled_from("XYZ"), st.sampled_from(["S1", "S2"]), st.sampled_from("abcdef"), st.integers(-5, 300)),
    min_size=1, max_size=25,
)  # fmt: skip
RULES = st.builds(
    SafetyRule, n_min=st.integers(1, 5), p_percent=st.sampled_from([1.0, 10.0, 25.0]),
    dominance=st.sampled_from([None, (1, 85.0), (2, 90.0), (3, 60.0)]),
)  # fmt: skip


@settings(max_examples=60)
@given(rows=ROWS, rule=RULES)
def test_the_fast_way_says_what_the_slow_way_says(rows: list[Row], rule: SafetyRule) -> None:
    given_rows = table(rows)
    before = given_rows.copy()
    cells = primary_suppression(given_rows, contributor="holding", rule=rule)
    pd.testing.assert_frame_equal(given_rows, before)
    slow = slowly(given_rows, rule)
    assert set(cells.index) == set(slow)
    for key, (n, unsafe, asked) in slow.items():
        cell = cells.loc[key]
        assert (cell[c.CONTRIBUTORS], cell[c.UNSAFE]) == (n, unsafe)
        assert cell[c.PROTECTION_CNY] == pytest.approx(asked, abs=1e-9)
        assert (cell[c.RULE] != "") == unsafe


@settings(max_examples=25)
@given(rows=ROWS, seed=st.integers(0, 99), factor=st.integers(2, 10**9))
def test_order_does_not_matter_and_protection_has_the_unit_of_the_amounts(
    rows: list[Row], seed: int, factor: int
) -> None:
    cells = primary_suppression(table(rows), contributor="holding")
    shuffled = table(rows).sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(primary_suppression(shuffled, contributor="holding"), cells)
    shuffled[c.REVENUE_CNY] *= factor
    larger = primary_suppression(shuffled, contributor="holding")
    assert larger[c.RULE].tolist() == cells[c.RULE].tolist()
    assert larger[c.PROTECTION_CNY].to_numpy() == pytest.approx(cells[c.PROTECTION_CNY].to_numpy() * factor)


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (pd.DataFrame({c.DISTRICT_ID: ["X"], c.REVENUE_CNY: [1]}), "subsector_id is missing"),
        (table([("X", "S1", "a", 1)]).assign(**{c.REVENUE_CNY: [np.nan]}), "revenue_cny is empty in 1 rows"),
        (table([("X", "S1", "a", 1)]).assign(**{c.REVENUE_CNY: [np.inf]}), "revenue_cny is infinite in 1 rows"),
        (table([("X", "S1", "a", 1)]).assign(**{c.REVENUE_CNY: ["1"]}), "expected numbers"),
        (table([("X", "S1", "a", 1)]).assign(**{c.DISTRICT_ID: [None]}), "district_id is empty in 1 rows"),
        (table([("total", "S1", "a", 1)]), "which names the margins"),
    ],
)
def test_what_no_cell_can_be_made_of_is_refused(rows: pd.DataFrame, words: str) -> None:
    with pytest.raises(BadContributions, match=words):
        primary_suppression(rows)


@pytest.mark.parametrize(
    "choice", [{"n_min": 0}, {"p_percent": 0}, {"p_percent": 101}, {"dominance": (0, 80)}, {"dominance": (1, 100)}]
)
def test_a_rule_that_means_nothing_is_refused(choice: dict[str, object]) -> None:
    with pytest.raises(ClusterError, match="expected"):
        SafetyRule(**choice)  # type: ignore[arg-type]


def test_a_contributor_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadContributions, match="holding"):
        primary_suppression(table([("X", "S1", "a", 1)]).drop(columns="holding"), contributor="holding")


def test_no_rows_are_no_cells() -> None:
    assert len(primary_suppression(table([]))) == 0

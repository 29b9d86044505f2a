"""What is released of a whole table, and what a reader could do with it."""

import pickle
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from clusters import disclosure
from clusters.disclosure import audit_suppression, protect_table, secondary_suppression
from clusters.errors import BadContributions, ClusterError, StillDisclosed
from clusters.suppression_rules import SafetyRule
from data import columns as c
from tests.clusters.suppression_worlds import HOLDING, Cells, activities, contributions, random_cells, worlds


def released(cells: Cells, **choices: object) -> pd.DataFrame:
    return protect_table(contributions(cells), contributor=HOLDING, **choices)  # type: ignore[arg-type]


def test_the_explained_table_by_hand() -> None:
    """II–C is unsafe; II–A, III–A and III–C (37 in all) are the cheapest cells that hide it."""
    table = released(activities())
    assert table[c.TOTAL_CNY].unstack().fillna(-1).to_numpy().tolist() == [
        [20, 50, 10, 80], [-1, 19, -1, 49], [-1, 32, -1, 61], [45, 101, 44, 190],
    ]  # fmt: skip
    assert table[c.REASON].unstack().to_numpy().tolist() == [
        ["", "", "", ""], ["secondary", "", "primary", ""], ["secondary", "", "secondary", ""], ["", "", "", ""],
    ]  # fmt: skip
    assert table.loc[("D01", "S02"), [c.RULE, c.PROTECTION_CNY]].tolist() == ["p_percent", 1]


def test_without_further_cells_a_difference_gives_the_cell_away() -> None:
    firms = contributions(activities())
    only_unsafe = pd.Series({("D01", "S02"): True})
    audit = audit_suppression(firms, only_unsafe, contributor=HOLDING)
    assert audit[[c.LOWER_CNY, c.UPPER_CNY, c.EXPOSED_TO]].to_numpy().tolist() == [[22, 22, "everybody"]]


def test_an_unsafe_margin_is_hidden_by_other_margins() -> None:
    """A district of one firm: its total says as much as its cell."""
    safe = {f"f{i}": 50 for i in range(10)}
    cells: Cells = {(0, 0): {"alone": 70}}
    cells |= {(i, j): {f"{i}{j}{name}": x for name, x in safe.items()} for i in (1, 2) for j in (0, 1)}
    table = released(cells)
    assert table.loc[("D00", "total"), c.REASON] == "primary"
    assert (table[c.REASON] == "secondary").sum() >= 2
    assert table.loc[("total", "total"), c.REASON] == ""


@settings(max_examples=10)
@given(cells=worlds(4), cost=st.sampled_from(["total", "log", "unit"]))
def test_released_numbers_are_exact_and_the_rest_stands_the_audit(cells: Cells, cost: str) -> None:
    firms = contributions(cells)
    before = firms.copy()
    table = protect_table(firms, contributor=HOLDING, cost=cost)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(firms, before)
    true = firms.pivot_table(c.REVENUE_CNY, c.DISTRICT_ID, c.SUBSECTOR_ID, "sum", 0, margins=True, margins_name="total")
    shown = table[c.TOTAL_CNY].unstack()
    assert ((shown == true) | shown.isna()).all(axis=None)
    assert (table[c.TOTAL_CNY].isna() == table[c.WITHHELD]).all()
    assert ((table[c.REASON] != "") == table[c.WITHHELD]).all()
    assert ((table[c.REASON] == "primary") == (table[c.RULE] != "")).all()
    audit = audit_suppression(firms, table[c.WITHHELD], contributor=HOLDING)
    assert (audit[c.EXPOSED_TO] == "").all()


@settings(max_examples=10)
@given(cells=worlds(4), seed=st.integers(0, 99))
def test_the_order_of_rows_decides_nothing(cells: Cells, seed: int) -> None:
    firms = contributions(cells)
    shuffled = firms.sample(frac=1, random_state=seed)
    first, second = (secondary_suppression(each, contributor=HOLDING) for each in (firms, shuffled))
    pd.testing.assert_series_equal(first, second)


def test_a_stricter_rule_is_passed_on() -> None:
    strict = released(activities(), rule=SafetyRule(n_min=11))
    assert strict.loc[("D01", "S00"), c.RULE] == "count"  # eight contributors
    assert released(activities()).loc[("D01", "S00"), c.RULE] == ""


def test_margins_that_cost_little_are_withheld_first() -> None:
    cheap, dear = (
        released(activities(), cost="unit", margin_weight=weight)[c.REASON].xs("total", level=c.SUBSECTOR_ID)
        for weight in (0.01, 10)
    )
    assert (cheap == "secondary").any()
    assert not (dear == "secondary").any()


def test_a_pattern_that_fails_the_audit_is_never_released(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then all that is not empty is withheld; and if that were not enough, nothing is."""
    monkeypatch.setattr(disclosure, "cheap_pattern", lambda table, *_: table.primary)
    table = released(activities())
    assert table[c.WITHHELD].all()
    monkeypatch.setattr(disclosure, "_given_away", lambda table, _: table.cells.index[:1])
    with pytest.raises(StillDisclosed, match="1 unsafe cells") as caught:
        released(activities())
    assert pickle.loads(pickle.dumps(caught.value)).cells == caught.value.cells  # noqa: S301


def test_no_firms_are_an_empty_city() -> None:
    table = protect_table(contributions({}), contributor=HOLDING)
    assert table.index.tolist() == [("total", "total")]
    assert table[c.TOTAL_CNY].tolist() == [0]


@pytest.mark.parametrize(
    ("firms", "words"),
    [
        (contributions({(0, 0): {"a": -1}}), "is negative for 1 contributors"),
        (contributions({(0, 0): {"a": 1}}).assign(**{c.REVENUE_CNY: 1.5}), "fractions"),
    ],
)
def test_amounts_that_bound_nothing_are_refused(firms: pd.DataFrame, words: str) -> None:
    with pytest.raises(BadContributions, match=words):
        protect_table(firms, contributor=HOLDING)


def test_choices_that_mean_nothing_are_refused() -> None:
    firms = contributions(activities())
    with pytest.raises(ClusterError, match="expected one of total, log, unit"):
        secondary_suppression(firms, cost="none")  # type: ignore[arg-type]
    with pytest.raises(ClusterError, match="margin_weight"):
        secondary_suppression(firms, margin_weight=0)
    with pytest.raises(BadContributions, match="names 1 columns"):
        secondary_suppression(firms, by=[c.DISTRICT_ID])
    with pytest.raises(BadContributions, match="does not have"):
        audit_suppression(firms, pd.Series({("D09", "S00"): True}))


def test_errors_travel_between_processes() -> None:
    error = BadContributions("revenue_cny", "is empty")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301
    assert np.array_equal(StillDisclosed([("X", "S1")]).cells, [("X", "S1")])


# ---------------------------------------------------------------- every contributor, one program after the other


def naive_attack(firms: pd.DataFrame, withheld: "pd.Series[bool]", unsafe: list[tuple[str, str]]) -> list[object]:
    """What anybody finds who writes the table down as unknowns: (cell, who) given away, for n = 3 and p = 10."""
    own: dict[str, dict[tuple[str, str], int]] = {}
    for district, subsector, name, amount in firms.itertuples(index=False):
        for place in product((district, "total"), (subsector, "total")):
            mine = own.setdefault(name, {})
            mine[place] = mine.get(place, 0) + amount
    index = list(withheld.index)
    total = {place: sum(mine.get(place, 0) for mine in own.values()) for place in index}
    sums = []
    for level in (0, 1):
        for name in {place[level] for place in index}:
            signs = {place: -1 if place[1 - level] == "total" else 1 for place in index if place[level] == name}
            sums.append([signs.get(place, 0) for place in index])
    found: list[object] = []
    for cell, who in product(unsafe, (None, *own)):
        mine = own.get(who or "", {})
        others = sorted((each[cell] for name, each in own.items() if name != who and cell in each), reverse=True)
        if not others:
            continue
        rest = sum(others[1:]) if who else sum(others[2:])
        few = sum(cell in each for each in own.values()) < 3
        need = max(0.1 * others[0] - rest, 0.1 * sum(others) if few else 0)
        bounds = [
            (mine.get(place, 0), None) if withheld[place] and mine.get(place, 0) < total[place] else (total[place],) * 2
            for place in index
        ]
        for sign in (1, -1) if need > 0 else ():
            aim = np.where(np.arange(len(index)) == index.index(cell), -sign, 0)
            answer = linprog(aim, A_eq=sums, b_eq=np.zeros(len(sums)), bounds=bounds)
            reach = np.inf if answer.status == 3 else -answer.fun - sign * total[cell]
            if reach < min(need, sum(others)) - 1e-6:
                found.append((cell, who))
    return found


@pytest.mark.parametrize("seed", [2, 3])
def test_no_contributor_finds_anything_by_itself_and_all_do_without_further_cells(seed: int) -> None:
    firms = contributions(random_cells(np.random.default_rng(seed), 3, 3, largest=300))
    table = protect_table(firms, contributor=HOLDING)
    unsafe = table.index[table[c.REASON] == "primary"].tolist()
    assert unsafe
    assert naive_attack(firms, table[c.WITHHELD], unsafe) == []
    assert naive_attack(firms, table[c.REASON] == "primary", unsafe)

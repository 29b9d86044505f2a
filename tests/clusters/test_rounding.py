"""Rounded parts add up: worked by hand, then what holds of any amounts, then tables with margins."""

import pickle
from decimal import Decimal
from fractions import Fraction
from itertools import chain, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.errors import BadValue, ClusterError
from clusters.rounding import controlled_rounding, round_largest_remainder, shares_of_whole

AMOUNTS = st.lists(st.integers(-(10**15), 10**15), max_size=12)
UNITS = st.integers(1, 10**9)
TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.none() | st.integers(-50, 400) | st.integers(-(10**15), 10**15), min_size=width, max_size=width),
        min_size=1,
        max_size=5,
    )
)


def table_of(rows: list[list[int | None]]) -> pd.DataFrame:
    """Rows as a table of objects: None stays None, integers stay exact."""
    cells = np.empty((len(rows), len(rows[0])), object)
    for i, j in product(range(len(rows)), range(len(rows[0]))):
        cells[i, j] = rows[i][j]
    return pd.DataFrame(cells, index=[f"S{i}" for i in range(len(rows))])


def test_parts_worked_by_hand() -> None:
    # 12.6, 7.7, 3.7 of a unit: 24.0 in all; cut down 12, 7, 3 make 22, two are missing: to .7 and .7
    assert round_largest_remainder([126, 77, 37], 10) == [120, 80, 40]
    # 1.4, 1.4, 1.4 make 4.2, shown 4; 1, 1, 1 lack one, and of equals the first gets it
    assert round_largest_remainder([14, 14, 14], 10) == [20, 10, 10]
    # 0.5 and 2.0 make 2.5, half goes up to 3: 0, 2 lack one, and only the half has a fraction
    assert round_largest_remainder([5, 20, 0], 10) == [10, 20, 0]
    # -1.4 and 0.9 make -0.5, half goes up to 0 from floors -2 and 0: fractions .6 and .9 both go up
    assert round_largest_remainder([-14, 9], 10) == [-10, 10]
    # -2.5 alone goes up to -2
    assert round_largest_remainder([-25], 10) == [-20]


def test_a_total_that_is_settled_is_met_or_refused() -> None:
    assert round_largest_remainder([14, 14, 14], 10, total=50) == [20, 20, 10]
    assert round_largest_remainder([14, 14, 14], 10, total=30) == [10, 10, 10]
    for total in (20, 70, 45):
        with pytest.raises(BadValue, match="whole number from 3 to 6"):
            round_largest_remainder([14, 14, 14], 10, total=total)


def test_missing_stays_missing_in_every_container() -> None:
    assert round_largest_remainder([26, None, 26], 10) == [30, None, 20]
    whole = pd.Series([26, None, 26], index=list("abc"), dtype="Int64", name="cny")
    rounded = round_largest_remainder(whole, 10)
    pd.testing.assert_series_equal(rounded, pd.Series([30, None, 20], index=list("abc"), dtype="Int64", name="cny"))
    np.testing.assert_array_equal(round_largest_remainder(np.array([26.0, np.nan, 26.0]), 10), [30, np.nan, 20])
    assert round_largest_remainder(np.array([26, 26]), 10).dtype == np.int64
    assert round_largest_remainder([], 10) == []
    assert round_largest_remainder([None], 10) == [None]


def test_decimals_are_exact() -> None:
    tenths = [Decimal("0.1")] * 3
    assert round_largest_remainder(tenths, Decimal("0.3")) == [Decimal("0.3"), Decimal("0.0"), Decimal("0.0")]
    assert round_largest_remainder([Decimal("12.34"), 1], Decimal("0.1")) == [Decimal("12.3"), Decimal("1.0")]


@pytest.mark.parametrize("amounts", [[0.5], [float("inf")], [True], ["3"], [Decimal("Infinity")], [1e300]])
def test_what_is_no_exact_amount_is_refused(amounts: list[object]) -> None:
    with pytest.raises(BadValue, match="a whole number or a Decimal"):
        round_largest_remainder(amounts, 10)


def test_a_bad_unit_or_shape_is_refused() -> None:
    for unit in (0, -1, 0.5, True, Decimal(0)):
        with pytest.raises(BadValue, match=f"unit must be a whole number or Decimal above 0; got {unit}"):
            round_largest_remainder([1], unit)
    with pytest.raises(BadValue, match="one dimension"):
        round_largest_remainder(np.ones((2, 2), int), 10)
    with pytest.raises(BadValue, match="steps"):
        shares_of_whole([1], steps=0)
    error = BadValue("unit", 0, "a number above 0")
    assert isinstance(error, ClusterError)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301


@given(AMOUNTS, UNITS)
def test_parts_add_up_and_stay_within_a_unit(amounts: list[int], unit: int) -> None:
    before = list(amounts)
    rounded = round_largest_remainder(amounts, unit)
    assert amounts == before, "the input is untouched"
    assert sum(rounded) == (2 * sum(amounts) + unit) // (2 * unit) * unit
    assert all(shown % unit == 0 and abs(shown - cny) < unit for shown, cny in zip(rounded, amounts, strict=True))
    assert round_largest_remainder(rounded, unit) == rounded, "rounding twice changes nothing"
    pairs = list(zip(amounts, rounded, strict=True))
    assert all(a[1] <= b[1] for a in pairs for b in pairs if a[0] < b[0]), "the larger never shows the smaller figure"


@given(AMOUNTS, UNITS, st.randoms())
def test_the_order_of_the_parts_moves_only_ties(amounts: list[int], unit: int, random: object) -> None:
    order = list(range(len(amounts)))
    random.shuffle(order)
    there = round_largest_remainder([amounts[i] for i in order], unit)
    here = round_largest_remainder(amounts, unit)
    by_fraction = lambda parts, shown: sorted((a % unit, s - a) for a, s in zip(parts, shown, strict=True))  # noqa: E731
    assert by_fraction([amounts[i] for i in order], there) == by_fraction(amounts, here)


@given(AMOUNTS, UNITS, st.integers(0, 11), st.integers(-5, 5))
def test_whole_units_added_to_a_part_are_added_to_its_answer(amounts: list[int], unit: int, at: int, n: int) -> None:
    if not amounts:
        return
    at %= len(amounts)
    moved = [a + n * unit * (i == at) for i, a in enumerate(amounts)]
    expected = [r + n * unit * (i == at) for i, r in enumerate(round_largest_remainder(amounts, unit))]
    assert round_largest_remainder(moved, unit) == expected


@given(AMOUNTS, UNITS)
def test_containers_agree(amounts: list[int], unit: int) -> None:
    rounded = round_largest_remainder(amounts, unit)
    assert round_largest_remainder(np.array(amounts, np.int64), unit).tolist() == rounded
    assert round_largest_remainder(pd.Series(amounts, dtype="Int64"), unit).tolist() == rounded
    assert round_largest_remainder([Decimal(a) for a in amounts], Decimal(unit)) == rounded


def test_sums_beyond_64_bits_are_exact() -> None:
    amounts = np.full(20_000, 10**15 + 6, np.int64)
    rounded = round_largest_remainder(amounts, 10)
    assert sum(rounded.tolist()) == 20_000 * (10**15 + 6)
    large = [2**80 + 1, 2**80 + 2]
    assert sum(round_largest_remainder(large, 3)) == (2 * sum(large) + 3) // 6 * 3


@given(st.lists(st.none() | st.integers(0, 10**15), max_size=12), st.sampled_from([100, 1000, 10_000]))
def test_shares_make_up_the_whole(amounts: list[int | None], steps: int) -> None:
    shares = shares_of_whole(amounts, steps=steps)
    known = [a for a in amounts if a is not None]
    assert shares.isna().tolist() == [a is None or not sum(known) for a in amounts]
    if sum(known):
        assert sum(round(s * steps) for s in shares.dropna()) == steps
        exact = [Fraction(a, sum(known)) for a in known]
        assert all(abs(Fraction(round(s * steps), steps) - e) < Fraction(1, steps)
                   for s, e in zip(shares.dropna(), exact, strict=True))  # fmt: skip


def test_a_table_worked_by_hand() -> None:
    # in units:      X    Y   sum
    #          S0   1.2  2.6  3.8        totals go to 4 and 2, columns 2.5 -> 2 or 3, 3.1 -> 3, in all 5.6 -> 6:
    #          S1   1.3  0.5  1.8        rows must be 4 and 2 (6 in all), columns 3 and 3 (or 2 and 4)
    #         sum   2.5  3.1  5.6        nearest: columns 3 and 3; S0 is 1, 3 and S1 2, 0
    table = pd.DataFrame({"X": [12, 13], "Y": [26, 5]}, index=["S0", "S1"])
    rounded = controlled_rounding(table, 10)
    assert rounded.total == 60
    assert rounded.rows.to_dict() == {"S0": 40, "S1": 20}
    assert rounded.columns.to_dict() == {"X": 30, "Y": 30}
    assert rounded.cells.to_dict("index") == {"S0": {"X": 10, "Y": 30}, "S1": {"X": 20, "Y": 0}}


@settings(max_examples=150)
@given(TABLES, st.sampled_from([1, 7, 10, 10**7]))
def test_a_table_adds_up_in_every_direction(rows: list[list[int | None]], unit: int) -> None:
    table = table_of(rows)
    before = table.copy(deep=True)
    rounded = controlled_rounding(table, unit)
    pd.testing.assert_frame_equal(table, before)
    exact = [[a or 0 for a in row] for row in rows]
    shown = [[a or 0 for a in row] for row in rounded.cells.to_numpy().tolist()]
    assert [[a is None for a in row] for row in rounded.cells.to_numpy().tolist()] == [
        [a is None for a in row] for row in rows
    ]
    assert rounded.rows.tolist() == [sum(row) for row in shown]
    assert rounded.columns.tolist() == [sum(column) for column in zip(*shown, strict=True)]
    assert rounded.total == sum(rounded.rows) == sum(rounded.columns)
    assert rounded.total == (2 * sum(map(sum, exact)) + unit) // (2 * unit) * unit
    figures = [
        *zip(chain.from_iterable(exact), chain.from_iterable(shown), strict=True),
        *zip(map(sum, exact), rounded.rows, strict=True),
        *zip(map(sum, zip(*exact, strict=True)), rounded.columns, strict=True),
    ]
    assert all(s % unit == 0 and abs(s - a) < unit for a, s in figures), "each figure is its floor or its ceiling"
    again = controlled_rounding(rounded.cells, unit)
    pd.testing.assert_frame_equal(again.cells, rounded.cells)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8, unique_by=lambda a: a % 10**7))
def test_a_table_of_one_row_is_apportioned_by_largest_remainders(amounts: list[int]) -> None:
    rounded = controlled_rounding(pd.DataFrame([amounts]), 10**7)
    assert rounded.cells.iloc[0].tolist() == round_largest_remainder(amounts, 10**7)


def _distance(fractions: np.ndarray, ups: np.ndarray) -> float:
    """How far totals go, then cells, of a table whose cells go up or down; infinite when a total goes a whole unit."""
    way = abs(ups - fractions)
    sides = np.concatenate(
        [way_of.ravel() for way_of in (ups.sum(0) - fractions.sum(0), ups.sum(1) - fractions.sum(1))]
    )
    if (abs(sides) >= 1 - 1e-12).any() or ups.sum() != np.floor(fractions.sum() + 0.5):
        return np.inf
    return float(abs(sides).sum() * np.count_nonzero(fractions) + way.sum())


@pytest.mark.parametrize("seed", range(12))
def test_no_table_is_nearer(seed: int) -> None:
    """Every table of floors and ceilings of 3 × 3 cells is tried."""
    whole = np.random.default_rng(seed).integers(1, 1000, (3, 3))
    rounded = controlled_rounding(pd.DataFrame(whole), 1000).cells.to_numpy(int) // 1000
    fractions = whole / 1000
    every = [_distance(fractions, np.reshape(ups, (3, 3))) for ups in product((0, 1), repeat=9)]
    assert _distance(fractions, rounded) == pytest.approx(min(every), abs=1e-9)
    assert np.isfinite(min(every))


def test_a_table_of_nothing_and_bad_tables() -> None:
    empty = controlled_rounding(pd.DataFrame(index=["S0"]), 10)
    assert (empty.total, empty.rows.tolist()) == (0, [0])
    assert controlled_rounding(table_of([[None, None]]), 10).cells.to_numpy().tolist() == [[None, None]]
    with pytest.raises(BadValue, match="a whole number or a Decimal"):
        controlled_rounding(pd.DataFrame([[0.5]]), 10)
    with pytest.raises(BadValue, match="unit"):
        controlled_rounding(pd.DataFrame([[1]]), 0)


def test_a_unit_of_numpy_is_a_whole_number() -> None:
    assert round_largest_remainder([15, 25, 60], np.int64(10)) == round_largest_remainder([15, 25, 60], 10)

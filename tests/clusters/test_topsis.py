"""TOPSIS: by hand, against a walk over the formula, and with values missing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.errors import BadValue
from clusters.topsis import topsis

TABLES = st.lists(st.lists(st.integers(1, 50), min_size=3, max_size=3), min_size=2, max_size=6)


def brute_force(table: list[list[float]], weights: list[float], costs: set[int], vector: bool) -> list[float]:
    """The formula, one number after the other."""
    columns = range(len(weights))
    length = [sum(row[j] ** 2 for row in table) ** 0.5 if vector else 1.0 for j in columns]
    v = [[weights[j] * row[j] / (length[j] or 1.0) for j in columns] for row in table]
    best = [(min if j in costs else max)(row[j] for row in v) for j in columns]
    worst = [(max if j in costs else min)(row[j] for row in v) for j in columns]
    found = []
    for row in v:
        away = sum((row[j] - best[j]) ** 2 for j in columns) ** 0.5
        near = sum((row[j] - worst[j]) ** 2 for j in columns) ** 0.5
        found.append(near / (away + near) if away + near else np.nan)
    return found


def test_closeness_by_hand() -> None:
    # norms 5 and 3: .6 .8 0 and 1/3 2/3 2/3; ideal (.8, 1/3), anti-ideal (0, 2/3)
    # first: .2 from the ideal, sqrt(.36 + 1/9) from the other; second: 1/3 and .8
    table = pd.DataFrame({"firms": [3, 4, 0], "metro_m": [1, 2, 2]}, index=["甲", "乙", "丙"])
    away, near = 0.2, np.sqrt(0.36 + 1 / 9)
    found = topsis(table, {"firms": 1, "metro_m": 1}, costs=["metro_m"])
    assert found.to_dict() == pytest.approx({"甲": near / (away + near), "乙": 0.8 / (0.8 + 1 / 3), "丙": 0.0})
    # as they are: ideal (4, 1), anti-ideal (0, 2); 1 and sqrt(10) for the first
    raw = topsis(table, [1, 1], costs=["metro_m"], normalization="none")
    assert raw["甲"] == pytest.approx(np.sqrt(10) / (1 + np.sqrt(10)))


@given(TABLES, st.lists(st.integers(1, 9), min_size=3, max_size=3), st.booleans())
@settings(max_examples=50)
def test_the_formula_is_walked(table: list[list[float]], weights: list[float], vector: bool) -> None:
    found = topsis(table, weights, costs=[1], normalization="vector" if vector else "none")
    np.testing.assert_allclose(found, brute_force(table, weights, {1}, vector), atol=1e-9)
    again = topsis(table, [10 * w for w in weights], costs=[1], normalization="vector" if vector else "none")
    np.testing.assert_allclose(again, found, atol=1e-12)


@given(TABLES, st.sampled_from([1e-3, 12.0]))
@settings(max_examples=30)
def test_the_unit_of_a_criterion_does_not_matter_and_rows_may_move(table: list[list[float]], factor: float) -> None:
    values = pd.DataFrame(table, dtype=float)
    found = topsis(values, [3, 2, 1], costs=[2])
    moved = values.copy()
    moved[2] = moved[2] * factor
    pd.testing.assert_series_equal(topsis(moved, [3, 2, 1], costs=[2]), found)
    pd.testing.assert_series_equal(topsis(values[::-1], [3, 2, 1], costs=[2])[::-1], found)


def test_nothing_to_tell_apart_is_not_defined() -> None:
    assert np.isnan(topsis([[1, 2], [1, 2]], [1, 1])).all()
    assert np.isnan(topsis([[0, 0], [0, 0]], [1, 1])).all()


def test_a_missing_value_is_left_out_of_both_distances() -> None:
    table = [[1.0, 9.0], [3.0, np.nan], [2.0, 1.0]]
    found = topsis(table, [1, 1])
    assert found[1] == 1.0  # best in the one thing that is known of it
    assert found[1] != topsis(np.nan_to_num(table), [1, 1])[1]
    assert np.isnan(topsis([[1.0, 2.0], [np.nan, np.nan], [2.0, 1.0]], [1, 1])[1])


def test_another_normalization_is_refused() -> None:
    with pytest.raises(BadValue, match="vector, none"):
        topsis([[1]], [1], normalization="minmax")  # type: ignore[call-overload]

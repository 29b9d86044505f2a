"""Parts of a change of products add up to it, zeros included."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.attribution import lmdi_attribution
from clusters.errors import BadValue

FACTORS = ["firms", "revenue"]


def table(*rows: tuple[float, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), [f"S{i}" for i in range(len(rows))], FACTORS, dtype=float)


def test_a_split_by_hand() -> None:
    """10 x 2 to 15 x 4: 40 more over ln 3; ln 1.5 of it from firms, ln 2 from revenue."""
    parts = lmdi_attribution(table((10, 2)), table((15, 4)))
    mean = 40 / np.log(3)
    assert parts.loc["S0"].tolist() == pytest.approx([mean * np.log(1.5), mean * np.log(2)])


def test_where_only_one_factor_moves_the_change_is_its_own() -> None:
    assert lmdi_attribution(table((10, 2)), table((15, 2))).loc["S0"].tolist() == pytest.approx([10, 0])


def test_factors_that_cancel_have_parts_that_cancel() -> None:
    """L(a, a) = a: 10 x 2 to 20 x 1 is 20 ln 2 and its opposite."""
    parts = lmdi_attribution(table((10, 2)), table((20, 1))).loc["S0"]
    assert parts.tolist() == pytest.approx([20 * np.log(2), -20 * np.log(2)])


@pytest.mark.parametrize(
    ("begin", "end", "parts"),
    [
        ((0, 2), (5, 3), (15, 0)),
        ((5, 3), (0, 2), (-15, 0)),
        ((0, 0), (5, 3), (7.5, 7.5)),
        ((0, 2), (0, 3), (0, 0)),
        ((0, 2), (3, 0), (0, 0)),
    ],
)
def test_zeros_take_the_limit(begin: tuple[float, ...], end: tuple[float, ...], parts: tuple[float, ...]) -> None:
    assert lmdi_attribution(table(begin), table(end)).loc["S0"].tolist() == pytest.approx(parts)


def test_the_limit_is_one() -> None:
    near = lmdi_attribution(table((1e-300, 2)), table((5, 3))).loc["S0"]
    assert near.tolist() == pytest.approx([15, 0], abs=0.02)
    falls = lmdi_attribution(table((5, 3)), table((1e-300, 2))).loc["S0"]
    assert falls.tolist() == pytest.approx([-15, 0], abs=0.02)


ROWS = st.lists(st.tuples(*[st.integers(0, 10**6)] * 4), min_size=1, max_size=5)


@settings(max_examples=60)
@given(ROWS, st.floats(1e-3, 1e3))
def test_parts_add_up_turn_around_and_scale(rows: list[tuple[int, ...]], unit: float) -> None:
    begin, end = table(*(row[:2] for row in rows)), table(*(row[2:] for row in rows))
    kept = begin.copy()
    parts = lmdi_attribution(begin, end)
    change = (end.prod(axis=1) - begin.prod(axis=1)).to_numpy()
    size = max(1.0, float(parts.abs().max(axis=None)))
    assert parts.sum(axis=1).to_numpy() == pytest.approx(change, abs=1e-9 * size)
    assert lmdi_attribution(end, begin).to_numpy() == pytest.approx(-parts.to_numpy(), abs=1e-9 * size)
    scaled = lmdi_attribution(begin * [1, unit], end * [1, unit])
    assert scaled.to_numpy() == pytest.approx(parts.to_numpy() * unit, abs=1e-9 * size * unit)
    pd.testing.assert_frame_equal(lmdi_attribution(begin.iloc[::-1], end).loc[begin.index], parts)
    pd.testing.assert_frame_equal(begin, kept)


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [
        (table((1, 2)), table((1, 2), (3, 4)), "index of end"),
        (table((1, 2)), table((1, 2)).rename(columns={"firms": "people"}), "columns of end"),
        (table((1, -2)), table((1, 2)), r"begin\[S0, revenue\] must be finite and at least 0; got -2"),
        (table((1, 2)), table((float("nan"), 2)), r"end\[S0, firms\] must be finite and at least 0; got nan"),
        (table(), table(), "index of begin"),
    ],
)
def test_what_cannot_be_split_is_refused(begin: pd.DataFrame, end: pd.DataFrame, said: str) -> None:
    with pytest.raises(BadValue, match=said):
        lmdi_attribution(begin, end)

"""What a measure takes, and what it says of the rest."""

import pickle

import numpy as np
import pandas as pd
import pytest

from clusters.checking import check_amounts, check_between, check_choice, check_draws, check_labels, check_length
from clusters.errors import BadValue


def test_where_an_amount_is_wrong_is_told_and_any_floor_holds() -> None:
    assert check_amounts([-2, 1], "growth", least=-2).tolist() == [-2, 1]
    assert check_amounts([-1e9], "growth", least=-np.inf).tolist() == [-1e9]
    with pytest.raises(BadValue, match=r"growth must be finite; got nan at firm 1, inf at firm 2$"):
        check_amounts([0, np.nan, np.inf], "growth", least=-np.inf, of="firm")
    with pytest.raises(BadValue, match=r"growth must be finite and at least -1; got -1\.5 at firm 0$"):
        check_amounts([-1.5, 0], "growth", least=-1, of="firm")


def test_a_length_and_a_number_of_draws_are_told() -> None:
    check_length([1, 2], "end", rows=2)
    with pytest.raises(BadValue, match=r"the length of end must be 3, one for each firm; got 2$"):
        check_length([1, 2], "end", rows=3, of="firm")
    check_draws(999)
    with pytest.raises(BadValue, match=r"draws must be at least 999; got 998$"):
        check_draws(998)
    with pytest.raises(BadValue, match=r"draws must be at least 2000; got 1999$"):
        check_draws(1999, fewest=2000)


def test_amounts_come_as_floats_from_whatever_holds_numbers() -> None:
    for given in ([1, 2], (1.0, 2.0), np.array([1, 2], np.int8), pd.Series([1, 2], dtype="Int64")):
        found = check_amounts(given, "revenue")
        assert found.dtype == np.float64
        assert found.tolist() == [1, 2]


@pytest.mark.parametrize(
    "given", [[1, None], pd.Series([1, None], dtype="Int64"), pd.Series([1, None]), ["1a"], [[1], [2, 3]]]
)
def test_a_missing_amount_is_no_zero(given: object) -> None:
    with pytest.raises(BadValue, match="revenue must be"):
        check_amounts(given, "revenue")


def test_the_first_five_are_shown_and_all_are_kept() -> None:
    with pytest.raises(BadValue, match=r"got -1\.0, -1\.0, -1\.0, -1\.0, -1\.0 and 2 more") as caught:
        check_amounts([-1] * 7 + [3], "revenue")
    assert caught.value.came == [-1.0] * 7
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert (str(again), again.came) == (str(caught.value), caught.value.came)


def test_labels_are_numbered_in_their_own_order() -> None:
    for given in (["b", "a", "b"], np.array(["b", "a", "b"]), pd.Series(["b", "a", "b"], index=[7, 8, 9])):
        codes, names = check_labels(given, "region", rows=3)
        assert codes.tolist() == [1, 0, 1]
        assert names.tolist() == ["a", "b"]


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_missing_label_is_told(missing: object) -> None:
    with pytest.raises(BadValue, match="region must be given in every row; got none in 1 of 2 rows"):
        check_labels(["a", missing], "region", rows=2)


def test_choices_and_bounds() -> None:
    assert check_between(0.95, "confidence", low=0, high=1) == 0.95
    for wrong in (0, 1, np.nan):
        with pytest.raises(BadValue, match="between 0 and 1"):
            check_between(wrong, "confidence", low=0, high=1)
    with pytest.raises(BadValue, match="one of a, b; got c"):
        check_choice("c", "letter", ("a", "b"))

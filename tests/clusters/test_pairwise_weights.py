"""Weights from pairwise comparisons: a textbook case, exact cases, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.errors import BadValue
from clusters.pairwise_weights import ahp_weights, least_consistent_judgment, row_geometric_mean_weights


def test_a_textbook_case() -> None:
    found = ahp_weights([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])
    assert found.weights.round(3).tolist() == [0.637, 0.258, 0.105]
    assert found.largest_eigenvalue == pytest.approx(3.0385, abs=1e-4)
    # (3.0385 - 3) / 2 = 0.0193; over 0.58: 0.033
    assert found.consistency_index == pytest.approx(0.0193, abs=1e-4)
    assert found.consistency_ratio == pytest.approx(0.0332, abs=1e-4)
    assert found.consistent


def test_by_hand_with_three_criteria_that_disagree() -> None:
    # a beats b twice, b beats c twice, and yet a and c are alike: 1, 2, 1 / .5, 1, 2 / 1, .5, 1
    # every row has the product 2, 1, .5: weights 2^(1/3) : 1 : 2^(-1/3), and the largest eigenvalue
    # is 1 + 4^(1/3) + 4^(-1/3) - for three criteria 1 + s + 1/s with s^3 = a_ab a_bc / a_ac = 4
    judged = [[1, 2, 1], [0.5, 1, 2], [1, 0.5, 1]]
    found = ahp_weights(judged)
    s = 4 ** (1 / 3)
    assert found.largest_eigenvalue == pytest.approx(1 + s + 1 / s, abs=1e-12)
    assert found.consistency_ratio == pytest.approx((s + 1 / s - 2) / 2 / 0.58, abs=1e-12)
    assert not found.consistent
    parts = np.array([2 ** (1 / 3), 1, 2 ** (-1 / 3)])
    np.testing.assert_allclose(found.weights, parts / parts.sum(), atol=1e-12)
    np.testing.assert_allclose(row_geometric_mean_weights(judged), found.weights, atol=1e-12)


@given(st.lists(st.integers(1, 9), min_size=3, max_size=10), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_judgments_that_agree_give_their_weights_back(parts: list[int], random) -> None:  # type: ignore[no-untyped-def]
    names = [f"c{k}" for k in range(len(parts))]
    judged = pd.DataFrame(np.divide.outer(parts, parts), index=names, columns=names)
    found = ahp_weights(judged)
    np.testing.assert_allclose(found.weights, np.array(parts) / sum(parts), atol=1e-9)
    assert found.consistency_ratio == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(row_geometric_mean_weights(judged), found.weights, atol=1e-9)
    order = random.sample(names, len(names))
    np.testing.assert_allclose(ahp_weights(judged.loc[order, order]).weights[names], found.weights, atol=1e-9)


def test_small_and_large_tables() -> None:
    assert ahp_weights([[1]]).weights.tolist() == [1.0]
    two = ahp_weights([[1, 4], [0.25, 1]])
    assert two.consistency_ratio == 0
    assert two.weights.tolist() == pytest.approx([0.8, 0.2])
    eleven = ahp_weights(np.ones((11, 11)))
    assert np.isnan(eleven.consistency_ratio)
    assert eleven.consistent is None


def test_a_third_may_be_written_with_two_digits() -> None:
    assert ahp_weights([[1, 3], [0.33, 1]]).weights[0] == pytest.approx(0.75, abs=2e-3)


@pytest.mark.parametrize(
    ("judged", "said"),
    [
        ([[1, 2]], "a square table"),
        ([[1, 0], [0, 1]], "finite and above 0"),
        ([[1, 3], [3, 1]], "reciprocal"),
        ([[2, 3], [1 / 3, 1]], "reciprocal"),
        (pd.DataFrame([[1, 1], [1, 1]], index=["a", "b"], columns=["b", "a"]), "named alike"),
    ],
)
def test_what_is_no_comparison_is_refused(judged, said) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadValue, match=said):
        ahp_weights(judged)


def test_the_judgment_to_look_at_again() -> None:
    # all alike but for a over d, judged 5: with the other two equal, that pair is the odd one
    judged = pd.DataFrame(np.ones((4, 4)), list("abcd"), list("abcd"))
    judged.loc["a", "d"], judged.loc["d", "a"] = 1 / 5, 5
    found = least_consistent_judgment(judged)
    assert found is not None
    assert (found.row, found.column, found.judged) == ("d", "a", 5)
    weights = ahp_weights(judged).weights
    assert found.implied == pytest.approx(weights["d"] / weights["a"])
    assert 1 < found.implied < 5
    assert least_consistent_judgment([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]]) is None
    assert least_consistent_judgment([[1]]) is None
    with pytest.raises(BadValue):
        least_consistent_judgment([[1, 2]])


def test_one_wrong_judgment_among_consistent_ones_is_found() -> None:
    weights = np.array([0.4, 0.3, 0.15, 0.1, 0.05])
    for row, column in ((0, 1), (1, 4), (2, 3)):
        judged = weights[:, None] / weights[None, :]
        judged[row, column] *= 6
        judged[column, row] /= 6
        found = least_consistent_judgment(judged)
        assert found is not None
        assert {found.row, found.column} == {row, column}

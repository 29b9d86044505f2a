"""Weighted sums: worked by hand, the same whatever the unit, and a missing value is never a zero."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clusters.errors import BadValue, UnknownCriterion
from clusters.scoring import rank_of, weighted_sum

TOWNS = pd.DataFrame(
    {"metro_m": [500.0, 1500.0, 1000.0, 900.0], "firms": [0.0, 10.0, 4.0, 6.0], "focus": [1.0, 1.0, 1.0, 1.0]},
    index=["甲", "乙", "丙", "丁"],
)
TABLES = st.lists(st.lists(st.integers(0, 50), min_size=3, max_size=3), min_size=2, max_size=6)


def test_scores_by_hand() -> None:
    # weights 2:1:1 -> .5 .25 .25; metro: 1, 0, .5, .6; firms: 0, 1, .4, .6; focus is the same for all and adds nothing
    found = weighted_sum(TOWNS, {"metro_m": 2, "firms": 1, "focus": 1}, costs=["metro_m"])
    assert found.weights.to_dict() == {"metro_m": 0.5, "firms": 0.25, "focus": 0.25}
    assert found.scores.tolist() == pytest.approx([0.5, 0.25, 0.35, 0.45])
    assert found.constant == ("focus",)
    assert found.utilities["focus"].tolist() == [0, 0, 0, 0]
    assert (found.low == found.scores).all()
    assert (found.high == found.scores).all()
    assert rank_of(found.scores).tolist() == [1, 4, 3, 2]


def test_fixed_scales_are_clipped_and_carry_the_direction() -> None:
    found = weighted_sum(TOWNS[["metro_m", "firms"]], [1, 1], scales={"metro_m": (1000, 0), "firms": (0, 5)})
    assert found.utilities["metro_m"].tolist() == pytest.approx([0.5, 0, 0, 0.1])
    assert found.utilities["firms"].tolist() == pytest.approx([0, 1, 0.8, 1])
    # on a scale of its own a constant is a fact that counts
    same = weighted_sum(TOWNS[["focus"]], [1], scales={"focus": (0, 2)})
    assert same.scores.tolist() == [0.5] * 4
    assert same.constant == ()


def test_a_missing_value_is_no_zero() -> None:
    towns = TOWNS.drop(columns="focus")
    towns.loc["丁", "firms"] = np.nan
    found = weighted_sum(towns, [1, 1], costs=["metro_m"])
    # 丁: metro .6 alone, so .6 with half of the weight known; between .3 and .8 if the rest were known
    assert found.scores["丁"] == pytest.approx(0.6)
    assert (found.coverage["丁"], found.low["丁"], found.high["丁"]) == pytest.approx((0.5, 0.3, 0.8))
    assert np.isnan(found.contributions.loc["丁", "firms"])
    zero = weighted_sum(towns.fillna(0), [1, 1], costs=["metro_m"])
    assert zero.scores["丁"] == pytest.approx(0.3)


def test_a_constant_criterion_does_not_weigh_on_who_has_it() -> None:
    # 丁 lacks the criterion in which the others are all alike: nothing is to be gained or lost by it
    towns = TOWNS.copy()
    towns.loc["丁", "focus"] = np.nan
    found = weighted_sum(towns, {"metro_m": 2, "firms": 1, "focus": 1}, costs=["metro_m"])
    assert found.scores.tolist() == pytest.approx([0.5, 0.25, 0.35, 0.45])
    assert found.coverage.tolist() == [1, 1, 1, 0.75]
    # what is not known of 丁 may still be better than what all others have
    assert (found.low["丁"], found.high["丁"]) == pytest.approx((0.45, 0.7))


def test_a_criterion_without_any_value_is_off() -> None:
    found = weighted_sum(TOWNS.assign(rent=np.nan), {"metro_m": 1, "firms": 1, "focus": 0, "rent": 2})
    assert found.without_data == ("rent",)
    assert found.weights["rent"] == 0
    assert found.weights.sum() == 1
    assert found.coverage.tolist() == [1] * 4
    nothing = weighted_sum(pd.DataFrame({"rent": [np.nan, np.nan]}), [1])
    assert nothing.scores.isna().all()


def test_one_alternative_and_none() -> None:
    alone = weighted_sum(TOWNS.iloc[:1], [1, 1, 1])
    assert alone.scores.tolist() == [0.0]
    assert alone.constant == ("metro_m", "firms", "focus")
    assert weighted_sum(TOWNS.iloc[:0], [1, 1, 1]).scores.empty


@given(TABLES, st.sampled_from([0.3, 7.0, 1e6]), st.integers(-5, 5), st.integers(0, 2))
@settings(max_examples=40)
def test_rescaling_a_criterion_changes_no_rank(table: list[list[int]], factor: float, shift: int, which: int) -> None:
    values = pd.DataFrame(table, dtype=float)
    before = weighted_sum(values, [3, 2, 1], costs=[0])
    moved = values.copy()
    moved[which] = moved[which] * factor + shift
    after = weighted_sum(moved, [3, 2, 1], costs=[0])
    np.testing.assert_allclose(after.scores, before.scores, atol=1e-9)
    apart = np.abs(np.subtract.outer(before.scores.to_numpy(), before.scores.to_numpy()))
    assume(not ((apart > 0) & (apart < 1e-8)).any())
    assert rank_of(after.scores).tolist() == rank_of(before.scores).tolist()


@given(TABLES, st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_order_of_rows_and_columns_and_scale_of_weights_do_not_matter(table: list[list[int]], random) -> None:  # type: ignore[no-untyped-def]
    values = pd.DataFrame(table, columns=list("abc"), dtype=float)
    values.iloc[0, 0] = np.nan
    kept = values.copy()
    found = weighted_sum(values, {"a": 1, "b": 2, "c": 5}, costs=["b"])
    rows = random.sample(range(len(values)), len(values))
    again = weighted_sum(values.iloc[rows][["c", "a", "b"]], {"b": 20, "c": 50, "a": 10}, costs=["b"])
    pd.testing.assert_series_equal(again.scores.sort_index(), found.scores)
    assert found.weights.sum() == pytest.approx(1)
    assert found.scores.dropna().between(0, 1 + 1e-12).all()
    known = found.scores.notna()
    assert (found.low <= found.scores + 1e-12)[known].all()
    assert (found.scores <= found.high + 1e-12)[known].all()
    pd.testing.assert_frame_equal(values, kept)


@pytest.mark.parametrize(
    ("values", "weights", "options", "error", "said"),
    [
        ([[1, np.inf]], [1, 1], {}, BadValue, "values must be finite"),
        ([[1, 2]], [1, -1], {}, BadValue, "got -1.0"),
        ([[1, 2]], [0, 0], {}, BadValue, "not all 0"),
        ([[1, 2]], [1], {}, BadValue, "one for each of 2 criteria"),
        ([[1, 2]], [1, 1], {"costs": [5]}, UnknownCriterion, "unknown criterion 5"),
        ([[1, 2]], [1, 1], {"scales": {0: (3, 3)}}, BadValue, "two different finite numbers"),
        ([[1, 2]], {0: 1, 1: 1, 7: 1}, {}, UnknownCriterion, "unknown criterion 7"),
    ],
)
def test_what_cannot_be_scored_is_refused(values, weights, options, error, said) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=said):
        weighted_sum(values, weights, **options)

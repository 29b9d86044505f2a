"""千亿级 is at least 1000 亿元 and 百亿级 at least 100 亿元, decided on whole yuan."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.tiers import THRESHOLD_CNY, ScaleTier, gap_to_next_cny, next_tier, scale_tier

YI = 10**8
AMOUNTS = st.integers(min_value=0, max_value=10**13)


def test_the_thresholds_are_a_thousand_and_a_hundred_yi() -> None:
    assert {tier.value: cny // YI for tier, cny in THRESHOLD_CNY.items()} == {
        "CNY_1E11": 1000,
        "CNY_1E10": 100,
        "BELOW": 0,
    }


@pytest.mark.parametrize(
    ("cny", "tier", "above", "gap"),
    [
        (0, "BELOW", "CNY_1E10", 100 * YI),
        (100 * YI - 1, "BELOW", "CNY_1E10", 1),
        (100 * YI, "CNY_1E10", "CNY_1E11", 900 * YI),
        (1000 * YI - 1, "CNY_1E10", "CNY_1E11", 1),
        (1000 * YI, "CNY_1E11", None, 0),
        (5601 * YI, "CNY_1E11", None, 0),
        (-5 * YI, "BELOW", "CNY_1E10", 105 * YI),  # a sum may be negative
    ],
)
def test_a_tier_begins_exactly_at_its_threshold(cny: int, tier: str, above: str | None, gap: int) -> None:
    assert scale_tier(cny) == tier
    assert next_tier(cny) == above
    assert gap_to_next_cny(cny) == gap


def test_nothing_observed_is_no_tier_and_no_gap() -> None:
    assert scale_tier(None) is None
    assert gap_to_next_cny(None) is None
    assert next_tier(None) is ScaleTier.CNY_1E10


@given(AMOUNTS, AMOUNTS)
def test_more_revenue_never_lowers_a_tier(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert THRESHOLD_CNY[scale_tier(low)] <= THRESHOLD_CNY[scale_tier(high)]


@given(AMOUNTS)
def test_the_gap_is_exactly_what_the_next_tier_asks(cny: int) -> None:
    gap, above = gap_to_next_cny(cny), next_tier(cny)
    assert gap is not None
    if above is None:
        assert (gap, scale_tier(cny)) == (0, ScaleTier.CNY_1E11)
    else:
        assert gap > 0
        assert scale_tier(cny + gap) is above
        assert scale_tier(cny + gap - 1) is not above


def test_tiers_are_ordered_from_the_largest() -> None:
    """``scale_tier`` takes the first that fits."""
    assert all(high > low for high, low in pairwise(THRESHOLD_CNY.values()))
    assert list(THRESHOLD_CNY) == list(ScaleTier)

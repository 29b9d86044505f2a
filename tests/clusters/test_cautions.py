"""Each rule of caution at its threshold."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.cautions import RULES, cautions_of_growth, cautions_of_size
from clusters.tiers import ScaleTier
from data import columns as c

YI = 10**8


def kinds(subsector_id: str | None, total: int, top: int) -> list[str]:
    found = cautions_of_size(subsector_id, total_cny=total * YI, firms=9, top_firm_id="a", top1_cny=top * YI)
    return [each.kind for each in found]


@pytest.mark.parametrize(
    ("subsector_id", "total", "top", "expected"),
    [
        ("S01", 300, 150, []),  # half is not more than half, and 150 is left
        ("S01", 300, 151, ["one_firm"]),
        ("S01", 300, 201, ["tier_of_one"]),  # 99 is left: said once
        ("S01", 99, 99, []),  # no tier to lose
        ("S01", 105, 1, []),  # exactly a twentieth above
        ("S01", 104, 1, ["tier_near"]),
        ("S01", 1049, 10, ["tier_near"]),
        (None, 104, 1, []),  # a district has no tier
        (None, 104, 53, ["one_firm"]),
        (None, 0, 0, []),
    ],
)
def test_rules_at_their_thresholds(subsector_id: str | None, total: int, top: int, expected: list[str]) -> None:
    assert kinds(subsector_id, total, top) == expected


def test_a_tier_that_falls_says_to_which() -> None:
    (found,) = cautions_of_size("S05", total_cny=1200 * YI, firms=4, top_firm_id="x", top1_cny=1150 * YI)
    assert (found.tier, found.tier_then, found.firm_id) == (ScaleTier.CNY_1E11, ScaleTier.BELOW, "x")
    assert (found.cny, found.rule) == (50 * YI, RULES["tier_of_one"])


@pytest.mark.parametrize(("upper", "expected"), [(-0.001, ["decline"]), (0.0, []), (float("nan"), [])])
def test_a_decline_needs_its_whole_interval_below_zero(upper: float, expected: list[str]) -> None:
    grown = pd.DataFrame({c.MATCHED_FIRMS: [7], c.GROWTH: [-0.2], c.GROWTH_HIGH: [upper]}, [c.TOTAL])
    found = list(cautions_of_growth(grown))
    assert [each.kind for each in found] == expected
    assert all(each.subsector_id is None and each.firms == 7 for each in found)


@given(total=st.integers(1, 10**13), part=st.floats(0, 1))
def test_one_firm_is_told_once(total: int, part: float) -> None:
    found = list(
        cautions_of_size("S01", total_cny=total, firms=2, top_firm_id="a", top1_cny=min(int(total * part), total))
    )
    assert sum(each.kind in ("tier_of_one", "one_firm") for each in found) <= 1
    assert all(each.tier is not ScaleTier.BELOW for each in found)

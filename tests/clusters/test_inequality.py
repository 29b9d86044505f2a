"""Theil and Atkinson by hand, their decomposition, and beside a package of its own."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clusters.errors import BadValue
from clusters.inequality import atkinson_index, theil_decomposition, theil_index
from data import columns as c

ROWS = st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from("甲乙丙")), min_size=1, max_size=20)


def test_theil_by_hand() -> None:
    # mean 4: 0.25 ln 0.25 + 0.75 ln 0.75 + 0 + 2 ln 2 = 0.823957, over 4
    assert theil_index([1, 3, 4, 8]) == pytest.approx((0.25 * np.log(0.25) + 0.75 * np.log(0.75) + 2 * np.log(2)) / 4)
    assert theil_index([5, 5]) == 0
    assert theil_index([0, 0, 9]) == pytest.approx(np.log(3))
    assert np.isnan([theil_index([]), theil_index([0, 0])]).all()


def test_the_parts_between_and_within_by_hand() -> None:
    # 甲 has 4 of 16, 乙 12: between 0.25 ln(0.25 / 0.5) + 0.75 ln(0.75 / 0.5)
    # 甲: relative 0.5 and 1.5; 乙: 2/3 and 4/3
    found = theil_decomposition([1, 3, 4, 8], ["甲", "甲", "乙", "乙"])
    assert found.between == pytest.approx(0.25 * np.log(0.5) + 0.75 * np.log(1.5))
    own = {"甲": (0.5 * np.log(0.5) + 1.5 * np.log(1.5)) / 2, "乙": (2 / 3 * np.log(2 / 3) + 4 / 3 * np.log(4 / 3)) / 2}
    assert found.groups[c.THEIL_INDEX].to_dict() == pytest.approx(own)
    assert found.groups[c.GROUP_SHARE].to_dict() == {"甲": 0.25, "乙": 0.75}
    assert found.groups[c.MEMBERS].to_dict() == {"甲": 2, "乙": 2}
    assert found.within == pytest.approx(0.25 * own["甲"] + 0.75 * own["乙"])


def test_a_group_without_amounts_adds_nothing() -> None:
    found = theil_decomposition([1, 3, 0, 0], ["甲", "甲", "乙", "乙"])
    assert found.between + found.within == pytest.approx(found.total)
    assert found.between == pytest.approx(np.log(2))
    assert np.isnan(found.groups.loc["乙", c.THEIL_INDEX])
    nothing = theil_decomposition([0, 0], ["甲", "乙"])
    assert np.isnan([nothing.total, nothing.between, nothing.within]).all()


@given(ROWS)
@settings(max_examples=60)
def test_theil_agrees_with_a_package_and_its_parts_add_up(rows: list) -> None:
    values, groups = np.array([v for v, _ in rows], float), np.array([g for _, g in rows])
    assume(values.sum() > 0)
    found = theil_decomposition(values, groups)
    assert found.total == pytest.approx(theil_index(values), abs=1e-12)
    assert found.between + found.within == pytest.approx(found.total, abs=1e-9)
    assert found.total >= -1e-12
    assert found.total <= np.log(len(values)) + 1e-12
    from inequality.theil import Theil, TheilD

    theirs = TheilD(values, groups)
    assert found.total == pytest.approx(float(np.squeeze(Theil(values).T)), abs=1e-9)
    assert found.between == pytest.approx(float(np.squeeze(theirs.bg)), abs=1e-9)
    assert found.within == pytest.approx(float(np.squeeze(theirs.wg)), abs=1e-9)
    assert theil_index(values[::-1] * 3) == pytest.approx(found.total, abs=1e-12)
    assert values.tolist() == [v for v, _ in rows]


def test_atkinson_by_hand() -> None:
    # 1 and 4: mean 2.5; (mean of the roots)^2 = 1.5^2 = 2.25, 0.9 of it; geometric mean 2, 0.8 of it; harmonic 1.6
    assert [atkinson_index([1, 4], epsilon=e) for e in (0, 0.5, 1, 2)] == pytest.approx([0, 0.1, 0.2, 0.36])
    assert atkinson_index([0, 4], epsilon=0.5) == pytest.approx(0.5)
    assert [atkinson_index([0, 4], epsilon=e) for e in (1, 1.5, 2)] == [1, 1, 1]
    assert np.isnan([atkinson_index([]), atkinson_index([0])]).all()


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=20), st.sampled_from([0.25, 0.5, 1, 1.5, 3]))
@settings(max_examples=50)
def test_atkinson_agrees_with_a_package(values: list[int], epsilon: float) -> None:
    from inequality.atkinson import atkinson

    found = atkinson_index(values, epsilon=epsilon)
    assert found == pytest.approx(float(atkinson(np.array(values, float), epsilon)), abs=1e-9)
    assert -1e-12 <= found <= 1
    assert atkinson_index([7 * v for v in values[::-1]], epsilon=epsilon) == pytest.approx(found, abs=1e-9)
    assert atkinson_index(values, epsilon=epsilon / 2) <= found + 1e-9


def test_what_is_refused() -> None:
    with pytest.raises(BadValue, match="epsilon must be finite and at least 0; got -1"):
        atkinson_index([1, 2], epsilon=-1)
    with pytest.raises(BadValue, match="the length of groups must be 2, one for each row; got 1"):
        theil_decomposition([1, 2], ["甲"])
    for measure in (theil_index, atkinson_index):
        with pytest.raises(BadValue, match=r"got -1\.0"):
            measure([1, -1])

"""What is left without the largest firms."""

from dataclasses import replace

import numpy as np
import pytest

from clusters.dependence import without_largest
from clusters.errors import BadValue
from clusters.release import release
from clusters.roles import Role, Viewer
from clusters.tiers import ScaleTier
from data import columns as c
from data.dataset import Dataset
from tests.conftest import YI


def test_a_tier_that_is_one_firms_is_lost_without_it(four_towns: Dataset) -> None:
    """S02 of 2021: b2 950, a3 80, n1 10. 1,040 is 千亿; without b2 90 is below 百亿."""
    left = without_largest(four_towns, year=2021, subsector_id="S02")
    assert left[c.FIRM_ID].tolist() == ["b2", "a3", "n1"]
    assert left[c.WITHOUT_CNY].tolist() == [90 * YI, 10 * YI, 0]
    assert left[c.LEFT_SHARE].tolist() == pytest.approx([90 / 1040, 10 / 1040, 0])
    assert left[c.TIER].tolist() == [ScaleTier.BELOW] * 3


def test_a_district_and_the_office_reading_choose_their_firms(four_towns: Dataset) -> None:
    """甲: a3 80, a1 60, a2 50; by office a1 alone, since a2 and a3 work elsewhere."""
    here = without_largest(four_towns, year=2021, district_id="440391", most=2)
    assert here[[c.FIRM_ID, c.WITHOUT_CNY]].to_numpy().tolist() == [["a3", 110 * YI], ["a1", 50 * YI]]
    office = without_largest(four_towns, year=2021, district_id="440391", place="operating")
    assert office[[c.FIRM_ID, c.WITHOUT_CNY]].to_numpy().tolist() == [["a1", 0]]


def test_all_firms_gone_leave_nothing(dataset: Dataset) -> None:
    for subsector_id in ("S01", "S07", "S12"):
        left = without_largest(dataset, year=2021, subsector_id=subsector_id, most=50)
        assert left[c.WITHOUT_CNY].iloc[-1] == 0


def test_nothing_is_told_without_a_firm_or_of_a_hidden_one(four_towns: Dataset) -> None:
    assert without_largest(four_towns, year=2021, subsector_id="S07").empty
    status = np.where(four_towns.firms.index == "a3", "statistical", "public_record")
    made = replace(four_towns, firms=four_towns.firms.assign(**{c.CONFIDENTIALITY: status}), digest="00000005")
    assert without_largest(release(made, Viewer(Role.INVESTOR)), year=2021, subsector_id="S02").empty
    with pytest.raises(BadValue):
        without_largest(four_towns, year=2021, most=0)

"""Headline figures of districts on four towns, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from clusters.district_facts import district_facts
from clusters.errors import UnknownYear
from clusters.release import release
from clusters.roles import Role, Viewer
from data import columns as c
from data.dataset import Dataset
from tests.conftest import YI

A, B, C = "440391", "440392", "440393"


def test_facts_by_hand(four_towns: Dataset) -> None:
    """2021: 甲 holds 110 and 80 亿元, 乙 15 and 950; 丙 has no firm. A part of 100 亿元 or more is 百亿级."""
    found = district_facts(four_towns, year=2021)
    assert found[c.TOTAL_CNY][A] == 190 * YI
    assert found[c.SUBSECTORS].loc[[A, B, C]].tolist() == [2, 2, 0]
    assert found[c.CLUSTERS_1E10].loc[[A, B, C]].tolist() == [1, 1, 0]
    assert found[c.CLUSTERS_1E11].loc[[A, B, C]].tolist() == [0, 0, 0]
    assert found[c.TOP1_SHARE][B] == pytest.approx(950 / 965)
    assert np.isnan(found[c.TOP1_SHARE][C])
    assert found[c.PARKS].tolist() == [0] * 4, "the four towns have none"


def test_parks_are_counted_where_their_register_puts_them(dataset: Dataset) -> None:
    found = district_facts(dataset, year=2021)[c.PARKS]
    assert found.sum() == dataset.parks[c.DISTRICT_ID].isin(found.index).sum() > 0
    assert found["440305"] == (dataset.parks[c.DISTRICT_ID] == "440305").sum()


def test_what_is_withheld_is_missing(four_towns: Dataset) -> None:
    status = np.where(four_towns.firms.index == "a3", "statistical", "public_record")
    made = replace(four_towns, firms=four_towns.firms.assign(**{c.CONFIDENTIALITY: status}), digest="00000007")
    found = district_facts(release(made, Viewer(Role.INVESTOR)), year=2021)
    assert np.isnan(found[c.CLUSTERS_1E10][A])
    assert found[c.CLUSTERS_1E10][B] == 1
    assert found[c.FIRMS][A] == 3


def test_an_unknown_year(four_towns: Dataset) -> None:
    with pytest.raises(UnknownYear):
        district_facts(four_towns, year=1999)

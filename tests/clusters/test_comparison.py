"""Districts side by side on four towns, by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clusters.comparison import (
    district_densities,
    district_shift_share,
    district_structure,
    district_years,
    propose_peers,
)
from clusters.errors import BadValue, UnknownDistrict, UnknownYear
from clusters.release import release
from clusters.roles import Role, Viewer
from clusters.similarity import structural_similarity
from data import columns as c
from data.dataset import Dataset
from tests.conftest import YI

A, B, C, D = "440391", "440392", "440393", "440394"


def test_structure_holds_every_district_and_no_firm_twice(four_towns: Dataset) -> None:
    """2021: 甲 110 and 80, 乙 15 and 950. Alike: 15/965 of S01 and 80/190 of S02 are common."""
    revenue = district_structure(four_towns, year=2021)
    assert revenue.to_dict("index") == {
        A: {"S01": 110 * YI, "S02": 80 * YI},
        B: {"S01": 15 * YI, "S02": 950 * YI},
        C: {"S01": 0, "S02": 0},
        D: {"S01": 0, "S02": 0},
    }
    assert structural_similarity(revenue).loc[A, B] == pytest.approx(15 / 965 + 80 / 190)
    assert district_structure(four_towns, year=2021, by="firms").loc[A].tolist() == [2, 1]
    assert district_structure(four_towns, year=2021, place="operating").loc[A].tolist() == [60 * YI, 0]


def test_shares_of_a_structure_sum_to_one(dataset: Dataset) -> None:
    revenue = district_structure(dataset, year=2021)
    held = revenue[revenue.sum(axis=1) > 0]
    np.testing.assert_allclose(held.div(held.sum(axis=1), axis=0).sum(axis=1), 1)


def test_a_withheld_or_negative_cell_makes_the_district_unknown(four_towns: Dataset) -> None:
    status = np.where(four_towns.firms.index == "a3", "statistical", "public_record")
    made = replace(four_towns, firms=four_towns.firms.assign(**{c.CONFIDENTIALITY: status}), digest="00000006")
    seen = district_structure(release(made, Viewer(Role.INVESTOR)), year=2021)
    assert seen.loc[A].isna().all()
    assert seen.loc[B].tolist() == [15 * YI, 950 * YI]
    assert district_structure(release(made, Viewer(Role.INVESTOR)), year=2021, by="firms").loc[A].tolist() == [2, 1]
    assert propose_peers(seen, A).empty
    table = four_towns.observations.copy()
    table.loc[table[c.FIRM_ID] == "b1", c.REVENUE_CNY] = -1
    assert district_structure(replace(four_towns, observations=table), year=2021).loc[B].isna().all()


def test_peers_come_nearest_first_with_a_reason() -> None:
    """Of P (30, 10): Q (6, 2) is as alike as can be and a fifth in size; R (20, 20) shares 3/4 and is as large."""
    towns = pd.DataFrame({"x": [30.0, 6, 20, 0], "y": [10.0, 2, 20, 0]}, index=["P", "Q", "R", "S"])
    found = propose_peers(towns, "P")
    assert found.index.tolist() == ["R", "Q"]
    assert found[c.NEARNESS].tolist() == pytest.approx([0.75, 0.2])
    assert found[c.PEER_REASON].tolist() == ["size", "structure"]
    assert propose_peers(towns, "P", most=1).index.tolist() == ["R"]
    assert propose_peers(towns, "S").empty
    with pytest.raises(UnknownDistrict):
        propose_peers(towns, "T")
    with pytest.raises(BadValue):
        propose_peers(towns, "P", most=0)


def test_densities_divide_by_the_official_area_and_the_firms(four_towns: Dataset) -> None:
    """甲: 190 亿 of three firms on 100 km²; 丙's only firm was not observed in 2021."""
    found = district_densities(four_towns, year=2021)
    assert found.loc[A, c.CNY_PER_KM2] == 190 * YI / 100
    assert found.loc[A, c.CNY_PER_FIRM] == pytest.approx(190 * YI / 3)
    assert found.loc[A, c.FIRMS_PER_KM2] == 0.03
    assert found.loc[C, c.FIRMS] == 0
    assert found.loc[C, [c.TOTAL_CNY, c.CNY_PER_KM2, c.CNY_PER_FIRM]].isna().all()
    assert district_densities(four_towns, year=2021, subsector_id="S01").loc[B, c.TOTAL_CNY] == 15 * YI
    bare = replace(four_towns, districts=four_towns.districts.assign(**{c.OFFICIAL_AREA_M2: [np.nan, 0, 1e8, 1e8]}))
    assert district_densities(bare, year=2021).loc[[A, B], c.CNY_PER_KM2].isna().all()


def test_years_hold_districts_and_what_was_observed(four_towns: Dataset) -> None:
    found = district_years(four_towns, by_subsector=False)
    assert found.to_numpy().tolist() == [
        [A, 2020, 120 * YI, 3],
        [A, 2021, 190 * YI, 3],
        [B, 2020, 880 * YI, 1],
        [B, 2021, 965 * YI, 2],
        [C, 2020, 8 * YI, 1],
    ]
    assert len(district_years(four_towns)) == 8


def test_shift_share_holds_a_district_against_the_city(four_towns: Dataset) -> None:
    """Matched S02: a3 70 to 80, b2 880 to 950, n1 5 to 10: 955 to 1,040 in the city. 甲's own part is
    80 - 70 · 1040/955; S01 is all 甲's, so it has none."""
    found = district_shift_share(four_towns, base_year=2020, year=2021)
    assert found.loc[(A, "S02"), c.REGIONAL_EFFECT] == pytest.approx((80 - 70 * 1040 / 955) * YI)
    assert found.loc[(A, "S01"), c.REGIONAL_EFFECT] == pytest.approx(0, abs=1)
    assert found.loc[(A, "S01"), c.MATCHED_FIRMS] == 2
    parts = found[[c.NATIONAL_EFFECT, c.INDUSTRIAL_MIX, c.REGIONAL_EFFECT]].sum(axis=1)
    np.testing.assert_allclose(parts, found[c.CHANGE])
    assert set(found.index.get_level_values(0)) == {A, B}
    with pytest.raises(BadValue):
        district_shift_share(four_towns, base_year=2021, year=2021)
    assert district_shift_share(four_towns, base_year=2010, year=2011).empty


def test_a_year_without_data_is_refused(four_towns: Dataset) -> None:
    for ask in (district_structure, district_densities):
        with pytest.raises(UnknownYear):
            ask(four_towns, year=2031)

"""What the data say of four parks, measured by hand; too little of it is missing, and says why."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clusters.site_criteria import city_crs, site_criteria
from clusters.site_records import CRITERIA, SiteCriterion, SiteRequest
from data import columns as c
from data.dataset import Dataset
from geo.near import sites_within
from tests.clusters.site_worlds import with_sites


@pytest.fixture(scope="module")
def towns(four_towns: Dataset) -> Dataset:
    return with_sites(four_towns)


def ask(towns: Dataset, request: SiteRequest | None = None) -> dict[str, SiteCriterion]:
    request = request or SiteRequest("S01", min_firms=1)
    found = site_criteria(towns, request, towns.parks, year=2021, base_year=2020)
    assert [each.id for each in found] == list(CRITERIA)
    return {each.id: each for each in found}


def test_the_nearest_hub_of_each_kind(towns: Dataset) -> None:
    found = ask(towns)
    assert found["near_metro"].values.round(3).tolist()[:3] == [1000, 2000, 1000]
    assert found["near_metro"].facts[c.HUB_ID].tolist()[:3] == ["H1", "H1", "H2"]
    assert found["near_port"].values.round(3).tolist()[:3] == [3000, 6000, 14000]
    assert found["near_metro"].missing.tolist() == [None, None, None, "no_point"]
    assert found["near_metro"].less_is_better
    assert (found["near_rail"].off, found["near_metro"].off) == ("no_hubs", None)
    assert ask(replace(towns, hubs=pd.DataFrame()))["near_metro"].off == "no_hubs"


def test_neighbors_are_those_with_a_precise_point(towns: Dataset) -> None:
    # a1 at 100 m and a2 at 2,000 m; b1, known by its street, is not counted though P3 lies where it does
    found = ask(towns)["chain_firms"]
    assert found.values.tolist()[:3] == [2, 2, 0]
    assert found.facts["within_1000_m"].tolist()[:3] == [1, 1, 0]
    assert found.facts[[c.POINTS, c.FIRMS]].iloc[0].tolist() == [2, 3]
    assert np.isnan(found.values["P4"])
    assert ask(towns, SiteRequest("S01", near_m=500))["chain_firms"].values.tolist()[:3] == [1, 0, 0]
    # with S02 in the chain its firms are known and have no point
    assert ask(towns, SiteRequest("S01", chain=("S02",)))["chain_firms"].facts[c.FIRMS].iloc[0] == 6
    assert ask(towns, SiteRequest("S02"))["chain_firms"].off == "no_points"
    assert ask(towns, SiteRequest("S12"))["chain_firms"].off == "no_firms"


def test_a_firm_exactly_as_far_as_asked_is_near(towns: Dataset) -> None:
    metres = float(ask(towns)["near_metro"].values["P1"])
    at_hub = towns.firms.assign(**{c.LON: towns.hubs[c.LON].iloc[0], c.LAT: towns.hubs[c.LAT].iloc[0]})
    near = replace(towns, firms=at_hub.assign(**{c.LOCATION_PRECISION: "exact"}))
    assert ask(near, SiteRequest("S01", near_m=metres))["chain_firms"].values["P1"] == 3


def test_the_quotient_of_the_district_by_firms(towns: Dataset) -> None:
    # 甲: 2 of 3 firms in S01, 乙: 1 of 2, the city 3 of 7 (n1 is unplaced, d1 lies in 丙)
    found = ask(towns)["cluster_strength"]
    assert found.values.tolist() == pytest.approx([14 / 9, 14 / 9, 7 / 6, 7 / 6])
    assert found.facts[[c.COUNT, c.REGION_COUNT]].iloc[0].tolist() == [2, 3]
    few = ask(towns, SiteRequest("S01", min_firms=3))["cluster_strength"]
    assert few.missing.tolist() == [None, None, "too_few_firms", "too_few_firms"]
    assert few.values.isna().tolist() == [False, False, True, True]
    none = ask(towns, SiteRequest("S01", min_firms=9))["cluster_strength"]
    assert none.off == "too_few_firms"


def test_the_growth_of_the_district(towns: Dataset) -> None:
    # 甲: a1 40 -> 60, a2 10 -> 50, a3 70 -> 80: 120 -> 190; 乙: b2 880 -> 950, b1 was not seen before
    found = ask(towns)["momentum"]
    assert found.values.tolist() == pytest.approx([190 / 120 - 1] * 2 + [950 / 880 - 1] * 2)
    assert found.facts[c.MATCHED_FIRMS].tolist() == [3, 3, 1, 1]
    alone = site_criteria(towns, SiteRequest("S01"), towns.parks, year=2021, base_year=2019)
    assert {each.id: each.off for each in alone}["momentum"] == "no_pair_of_years"


def test_a_focus_names_the_subsector_or_another_or_is_not_stated(towns: Dataset) -> None:
    found = ask(towns)["focus"]
    assert found.values.tolist()[:2] == [1, 0]
    assert found.facts[c.MATCHED_WORDS].tolist() == [["软件"], [], [], []]
    assert found.missing.tolist() == [None, None, "no_focus", "no_focus"]
    # 工业互联网 is not 互联网
    parks = towns.parks.assign(**{c.FOCUS: "工业互联网"})
    assert ask(replace(towns, parks=parks), SiteRequest("S07"))["focus"].values.tolist() == [0] * 4


def test_what_no_file_brought_is_off_and_never_zero(towns: Dataset) -> None:
    found = ask(towns)
    assert {found[name].off for name in ("rent", "vacant_area", "floor_area")} == {"no_figure"}
    assert found["rent"].values.isna().all()
    brought = replace(towns, parks=towns.parks.assign(**{c.RENT_CNY_M2_MONTH: [90.0, np.nan, 60.0, 0.0]}))
    rent = ask(brought)["rent"]
    assert rent.off is None
    assert rent.less_is_better
    assert rent.missing.tolist() == [None, "no_figure", None, None]


def test_the_order_of_rows_does_not_matter(towns: Dataset) -> None:
    turned = replace(towns, parks=towns.parks[::-1], hubs=towns.hubs[::-1], firms=towns.firms[::-1])
    before, after = ask(towns), ask(turned)
    for name in CRITERIA:
        pd.testing.assert_series_equal(after[name].values[::-1], before[name].values)


def test_neighbors_are_those_that_a_search_of_pairs_finds(many_firms: Dataset) -> None:
    found = site_criteria(many_firms, SiteRequest("S09"), many_firms.parks, year=2021, base_year=2020)
    counted = {each.id: each for each in found}["chain_firms"]
    firms, parks = many_firms.firms, many_firms.parks
    near = firms[(firms[c.SUBSECTOR_ID] == "S09") & firms[c.LOCATION_PRECISION].isin(["exact", "park"])]
    points = [table[name].to_numpy(np.float64) for table in (near, parks) for name in (c.LON, c.LAT)]
    _, sites = sites_within(*points, within_m=3_000, crs=city_crs(many_firms))
    expected = np.bincount(sites, minlength=len(parks))[parks[c.LON].notna()]
    assert counted.values.dropna().tolist() == expected.tolist()
    assert expected.sum() > 100

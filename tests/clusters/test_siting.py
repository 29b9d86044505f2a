"""Parks ranked for a firm: by hand, whatever the unit, with conditions, and with what is missing said."""

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import clusters.siting
from clusters.errors import BadValue, UnknownCriterion, UnknownDistrict, UnknownSubsector, UnknownYear
from clusters.release import release
from clusters.roles import read_viewer
from clusters.site_records import CRITERIA, SiteRequest
from clusters.siting import parks_of, rank_sites
from data import columns as c
from data.dataset import Dataset
from data.matched import matched_firms
from tests.clusters.site_worlds import with_sites

NONE = tuple((name, 0.0) for name in CRITERIA)


def only(**weights: float) -> tuple[tuple[str, float], ...]:
    """These weights and no others."""
    return tuple((dict(NONE) | weights).items())


@pytest.fixture(scope="module")
def towns(four_towns: Dataset) -> Dataset:
    return with_sites(four_towns)


def test_a_ranking_by_hand(towns: Dataset) -> None:
    # metro 1, 2, 1 km: utilities 1, 0, 1; firms within 3 km 2, 2, 0: 1, 1, 0; weights .25, .75
    request = SiteRequest("S01", weights=only(near_metro=1, chain_firms=3))
    found = rank_sites(towns, request)
    assert found.sites.index.tolist() == ["P1", "P2", "P3", "P4"]
    assert found.sites[c.SCORE].round(9).tolist()[:3] == [1, 0.75, 0.25]
    assert found.sites[c.SCORE_RANK].tolist()[:3] == [1, 2, 3]
    assert found.sites.loc["P4", [c.SCORE, c.SCORE_RANK]].isna().all(), "nothing is known of it"
    assert found.sites[c.WEIGHT_COVERAGE].tolist() == [1, 1, 1, 0]
    assert found.scoring.weights.sum() == 1
    first = found.reasons("P1")
    assert [(r.criterion, round(r.contribution or 0, 9)) for r in first[:2]] == [
        ("chain_firms", 0.75),
        ("near_metro", 0.25),
    ]
    assert first[1].facts["hub_id"] == "H1"
    assert {r.missing for r in found.reasons("P4") if r.criterion.startswith("near")} == {"no_point"}
    assert all(r.value is None for r in found.reasons("P4") if r.missing)


def test_a_missing_value_lowers_coverage_and_opens_a_band(towns: Dataset) -> None:
    # P3 states no focus: on the metro alone it is as good as P1, and between 2nd and 1st once its focus is known
    request = SiteRequest("S01", weights=only(near_metro=2, focus=1))
    found = rank_sites(towns, request).sites
    assert found.loc["P3", c.SCORE] == pytest.approx(1.0)
    assert found.loc["P3", [c.WEIGHT_COVERAGE, c.LOW_SCORE, c.HIGH_SCORE]].tolist() == pytest.approx([2 / 3, 2 / 3, 1])
    assert found.loc["P3", [c.BEST_RANK, c.WORST_RANK]].tolist() == [1, 2]
    assert found.loc["P2", [c.BEST_RANK, c.WORST_RANK]].tolist() == [3, 3]
    strict = rank_sites(towns, replace(request, min_coverage=0.9)).sites
    assert strict[c.SCORE_RANK].isna().to_dict() == {"P1": False, "P2": False, "P3": True, "P4": True}


def test_criteria_without_data_are_off_and_their_weight_goes_to_the_others(towns: Dataset) -> None:
    found = rank_sites(towns, SiteRequest("S01", min_firms=1))
    assert set(found.off) == {"near_rail", "near_border", "near_airport", "rent", "vacant_area", "floor_area"}
    assert found.scoring.weights[list(found.off)].tolist() == [0] * 6
    assert found.scoring.weights.sum() == pytest.approx(1)


def test_a_ranking_does_not_change_when_a_criterion_is_rescaled(towns: Dataset) -> None:
    rents = towns.parks.assign(**{c.RENT_CNY_M2_MONTH: [90.0, 70.0, 60.0, 50.0], c.VACANT_M2: [1e4, 3e3, 5e3, 8e3]})
    request = SiteRequest("S01", min_coverage=0.0)
    before = rank_sites(replace(towns, parks=rents), request)
    for column in (c.RENT_CNY_M2_MONTH, c.VACANT_M2):
        moved = replace(towns, parks=rents.assign(**{column: rents[column] * 0.0929 + 7}))
        after = rank_sites(moved, request)
        pd.testing.assert_series_equal(after.sites[c.SCORE_RANK], before.sites[c.SCORE_RANK])
        pd.testing.assert_series_equal(after.sites[c.SCORE], before.sites[c.SCORE])


def test_the_order_of_parks_does_not_matter_and_nothing_is_written_into(towns: Dataset) -> None:
    request, kept = SiteRequest("S01"), towns.parks.copy()
    found = rank_sites(towns, request, rng=np.random.default_rng(1), draws=50)
    turned = rank_sites(replace(towns, parks=towns.parks[::-1]), request).sites
    pd.testing.assert_series_equal(turned[c.SCORE].sort_index(), found.sites[c.SCORE].sort_index())
    pd.testing.assert_frame_equal(towns.parks, kept)
    assert found.stability is not None
    assert found.stability.draws == 50
    assert found.sites[c.FIRST_SHARE].sum() == pytest.approx(1)


def test_conditions_come_first_and_the_unknown_stays(towns: Dataset) -> None:
    parks = towns.parks.assign(**{c.VACANT_M2: [500.0, 5000.0, np.nan, 100.0], c.RENT_CNY_M2_MONTH: [80.0, 80, 99, 80]})
    request = SiteRequest(
        "S01",
        min_area_m2=1000,
        max_rent_cny_m2_month=90,
        hubs_within_m=(("metro", 5000.0),),
        weights=only(near_metro=1),
        min_coverage=0,
    )
    found = rank_sites(replace(towns, parks=parks), request)
    assert found.excluded.to_dict() == {"P1": "area", "P3": "rent", "P4": "area"}
    assert found.sites.index.tolist() == ["P2"]
    asked = rank_sites(towns, SiteRequest("S01", min_area_m2=1000, max_rent_cny_m2_month=90))
    assert asked.excluded.empty
    assert asked.unchecked["P1"] == ("area", "rent")
    near = rank_sites(towns, SiteRequest("S01", hubs_within_m=(("metro", 1500.0),)))
    assert near.excluded.to_dict() == {"P2": "near_metro"}
    assert near.unchecked == {"P4": ("near_metro",)}


def test_a_district_and_no_park_at_all(towns: Dataset) -> None:
    assert set(rank_sites(towns, SiteRequest("S01", district_id="440392")).sites.index) == {"P3", "P4"}
    for nothing in (replace(towns, parks=towns.parks.iloc[:0]), replace(towns, parks=pd.DataFrame())):
        found = rank_sites(nothing, SiteRequest("S01"), rng=np.random.default_rng(0))
        assert found.sites.empty
        assert found.stability is None


def test_parks_that_are_known_give_the_same_under_other_weights_and_conditions(towns: Dataset) -> None:
    known = parks_of(towns, SiteRequest("S01"))
    asked = SiteRequest("S01", weights=only(near_metro=2, rent=1), min_area_m2=1000, hubs_within_m=(("metro", 1500.0),))
    again, anew = rank_sites(towns, asked, parks=known), rank_sites(towns, asked)
    pd.testing.assert_frame_equal(again.sites, anew.sites)
    assert (again.off, again.unchecked, again.year) == (anew.off, anew.unchecked, anew.year)
    assert again.excluded.equals(anew.excluded)


def test_what_is_not_known_is_refused(towns: Dataset) -> None:
    with pytest.raises(UnknownSubsector, match="S99"):
        rank_sites(towns, SiteRequest("S99"))
    with pytest.raises(UnknownDistrict):
        rank_sites(towns, SiteRequest("S01", district_id="1"))
    with pytest.raises(UnknownYear):
        rank_sites(towns, SiteRequest("S01", year=1999))
    with pytest.raises(UnknownCriterion, match="sunshine"):
        SiteRequest("S01", weights=(("sunshine", 1.0),))
    for wrong in ({"near_m": 0}, {"min_area_m2": -1}, {"min_coverage": 2}, {"hubs_within_m": (("moon", 1.0),)}):
        with pytest.raises(BadValue):
            SiteRequest("S01", **wrong)
    with pytest.raises(BadValue, match="not all 0"):
        rank_sites(towns, SiteRequest("S01", weights=NONE))


@pytest.mark.parametrize("subsector", ["S01", "S03", "S12"])
def test_the_bundled_set_works_out_of_the_box(dataset: Dataset, subsector: str) -> None:
    found = rank_sites(dataset, SiteRequest(subsector), rng=np.random.default_rng(0), draws=200)
    assert {"rent", "vacant_area", "floor_area"} <= set(found.off)
    ranked = found.sites[found.sites[c.SCORE_RANK].notna()]
    assert len(ranked) + 11 == len(dataset.parks), "eleven have no point"
    assert sorted(ranked[c.SCORE_RANK]) == list(range(1, len(ranked) + 1))
    assert ranked[c.LOW_SCORE].le(ranked[c.SCORE] + 1e-12).all()
    assert ranked[c.BEST_RANK].le(ranked[c.SCORE_RANK]).all()
    assert ranked[c.WORST_RANK].ge(ranked[c.SCORE_RANK]).all()
    assert hash(found.request) == hash(SiteRequest(subsector))


def test_a_reader_who_may_not_see_figures_gets_none_of_them(many_firms: Dataset) -> None:
    few = many_firms.firms.iloc[:300].copy()
    few[c.CONFIDENTIALITY] = np.where(np.arange(300) < 30, "public_record", "statistical")
    whole = replace(many_firms, firms=few, digest="few", firms_digest="few")
    seen = release(whole, read_viewer("public"))
    assert seen.release is not None
    request = SiteRequest("S02")
    told, truth = rank_sites(seen, request).criteria, rank_sites(whole, request).criteria
    # growth rests on the thirty free firms alone, while how many firms there are is no secret
    free = matched_firms(replace(whole, firms=few.iloc[:30]))
    pair = (free[c.PLACE] == "registered") & (free[c.YEAR] == whole.default_year)
    pair &= free[c.BASE_YEAR] == whole.default_year - 1
    by_district = free[pair].groupby(c.DISTRICT_ID, observed=True)[c.MATCHED_FIRMS].sum()
    n = told["momentum"].facts.dropna(subset=[c.MATCHED_FIRMS]).drop_duplicates(c.DISTRICT_ID)
    assert dict(zip(n[c.DISTRICT_ID], n[c.MATCHED_FIRMS], strict=True)).items() <= by_district.to_dict().items()
    pd.testing.assert_series_equal(told["cluster_strength"].values, truth["cluster_strength"].values)
    assert truth["momentum"].facts[c.MATCHED_FIRMS].sum() > told["momentum"].facts[c.MATCHED_FIRMS].sum()


def test_many_firms_are_answered_without_walking_over_rows(many_firms: Dataset) -> None:
    began = time.process_time()
    found = rank_sites(many_firms, SiteRequest("S02"), rng=np.random.default_rng(0), draws=500)
    assert time.process_time() - began < 5
    assert found.criteria["chain_firms"].values.max() > 10


def test_the_names_that_others_rely_on() -> None:
    assert {"topsis", "ahp_weights", "weighted_sum", "rank_sites"} <= set(clusters.siting.__all__)

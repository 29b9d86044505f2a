"""The briefing of a district, worked by hand on the four towns, and what it keeps silent about."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clusters.briefing import SHARE, district_briefing
from clusters.briefing_records import Briefing, HeadlineKind
from clusters.errors import UnknownDistrict, UnknownYear
from clusters.plan import Plan
from clusters.profile import Finding
from clusters.release import release
from clusters.roles import Role, Viewer
from clusters.tiers import ScaleTier
from data import columns as c
from data.dataset import Basis, Dataset
from tests.conftest import YI

JIA, YI_TOWN, DING = "440391", "440392", "440394"


@pytest.fixture(scope="module")
def jia(plan: Plan, four_towns: Dataset) -> Briefing:
    return district_briefing(plan, four_towns, JIA, year=2021)


def headline(briefing: Briefing, kind: HeadlineKind) -> dict[str, object]:
    (found,) = [each for each in briefing.headlines if each.kind is kind]
    return dict(found.figures)


def test_total_and_share_of_the_city(jia: Briefing) -> None:
    # 甲 in 2021: 60 + 50 + 80 = 190; the city: 190 + 15 + 950 + 10 (nobody knows where) = 1165
    found = headline(jia, HeadlineKind.TOTAL)
    assert (found["total_cny"], found["firms"], found["city_firms"]) == (190 * YI, 3, 6)
    assert found["share"] == pytest.approx(190 / 1165)


def test_leading_part_with_its_share_and_rank(jia: Briefing) -> None:
    # S01: 110 of 125 in 甲, 15 in 乙; S02: 80
    found = headline(jia, HeadlineKind.LEADING)
    assert (found["subsector_id"], found["cny"], found["rank"], found["ranked"]) == ("S01", 110 * YI, 1, 2)
    assert found["share"] == pytest.approx(110 / 125)


def test_nearest_tier_is_the_one_with_the_smallest_part_missing(jia: Briefing) -> None:
    # S01 lacks 890 of 1000; S02 lacks 20 of 100
    found = headline(jia, HeadlineKind.NEAREST)
    assert (found["subsector_id"], found["gap_cny"], found["tier"]) == ("S02", 20 * YI, "CNY_1E10")


def test_growth_and_pace_on_the_firms_of_both_years(jia: Briefing) -> None:
    # a1 40, a2 10, a3 70 become 60, 50, 80: 120 to 190; at 15.3 % they would be 138.36
    progress = jia.progress
    assert (progress.matched_firms, progress.base_year) == (3, 2020)
    assert progress.growth == pytest.approx(190 / 120 - 1)
    assert progress.ahead_cny == pytest.approx((190 - 120 * 1.153) * YI)
    assert np.isnan(progress.lower)
    # the city: 40 + 10 + 70 + 880 + 5 become 60 + 50 + 80 + 950 + 10
    assert progress.city_growth == pytest.approx(1150 / 1005 - 1)
    # S01: 50 to 110
    assert progress.clusters.loc["S01", [c.BASE_CNY, c.MATCHED_CNY]].tolist() == [50 * YI, 110 * YI]


def test_dependence_on_the_largest_firm(jia: Briefing) -> None:
    whole, s01 = jia.dependence_of(None), jia.dependence_of("S01")
    assert whole is not None
    assert s01 is not None
    assert (whole.top_firm_id, whole.without_cny, whole.tier) == ("a3", 110 * YI, None)
    # S01 without a1: 50, below 百亿级
    assert (s01.top_firm_id, s01.without_cny, s01.falls) == ("a1", 50 * YI, True)
    assert s01.tier is ScaleTier.CNY_1E10
    assert jia.top_firms[SHARE].round(3).to_dict() == {"a3": 0.421, "a1": 0.316, "a2": 0.263}


def test_cautions_of_the_towns(plan: Plan, four_towns: Dataset, jia: Briefing) -> None:
    assert [(each.kind, each.subsector_id, each.cny) for each in jia.cautions] == [("tier_of_one", "S01", 50 * YI)]
    # 乙: S02 is b2 alone, and b2 is 950 of 965
    other = district_briefing(plan, four_towns, YI_TOWN, year=2021)
    assert [(each.kind, each.subsector_id) for each in other.cautions] == [("tier_of_one", "S02"), ("one_firm", None)]
    assert other.cautions[1].value == pytest.approx(950 / 965)


def test_nothing_is_concluded_from_three_firms(jia: Briefing) -> None:
    assert {point.quadrant for point in jia.points} == {None}
    assert {point.finding for point in jia.points} == {Finding.FEW}
    # S01 by firms: 2 of 3 in 甲, 3 of 6 in the city
    (s01,) = [point for point in jia.points if point.subsector_id == "S01"]
    assert s01.quotient == pytest.approx((2 / 3) / (3 / 6))
    assert (s01.presence, s01.firms) == (pytest.approx(110 / 125), 2)
    assert jia.fitting_paths == ()
    assert headline(jia, HeadlineKind.PATH) == {"paths": ()}
    assert HeadlineKind.STRENGTH not in {each.kind for each in jia.headlines}


def test_a_district_without_a_firm_has_duties_and_no_figures(plan: Plan, four_towns: Dataset) -> None:
    empty = district_briefing(plan, four_towns, DING, year=2021)
    assert (empty.headlines, empty.cautions, empty.dependence, empty.unjudged) == ((), (), (), ())
    assert empty.progress.total_cny is None
    assert empty.top_firms.empty
    assert [task.id for task in empty.duties.tasks] == ["K5"]


def test_unknown_year_and_district_are_refused(plan: Plan, four_towns: Dataset) -> None:
    with pytest.raises(UnknownDistrict):
        district_briefing(plan, four_towns, "440300")
    with pytest.raises(UnknownYear):
        district_briefing(plan, four_towns, JIA, year=1999)


def test_the_base_year_itself_has_no_growth(plan: Plan, four_towns: Dataset) -> None:
    found = district_briefing(plan, four_towns, JIA, year=2020)
    assert found.progress.base_year is None
    assert np.isnan(found.progress.growth)
    assert HeadlineKind.GROWTH not in {each.kind for each in found.headlines}


def test_vacant_area_that_nobody_entered_is_unknown_and_not_nothing(plan: Plan, four_towns: Dataset) -> None:
    parks = pd.DataFrame(
        {
            c.PARK_ID: ["P1", "P2", "P3"],
            c.NAME: ["一园", "二园", "三园"],
            c.DISTRICT_ID: [JIA, JIA, DING],
            c.VACANT_M2: [None, 2000.0, 9.0],
        }
    ).set_index(c.PARK_ID, drop=False)
    found = district_briefing(plan, replace(four_towns, parks=parks), JIA, year=2021)
    assert [(park.name, park.vacant_m2) for park in found.parks] == [("二园", 2000.0), ("一园", None)]
    assert headline(found, HeadlineKind.ROOM) == {"parks": 2, "known": 1, "vacant_m2": 2000.0}


def test_what_changed_since_the_version_before(plan: Plan, four_towns: Dataset) -> None:
    seen = four_towns.observations
    fewer = seen[~((seen[c.FIRM_ID] == "a1") & (seen[c.YEAR] == 2021))]  # 甲 had 130, S01 50
    before = replace(four_towns, version="before", observations=fewer)
    found = district_briefing(plan, four_towns, JIA, year=2021, previous=before)
    assert found.changes is not None
    assert headline(found, HeadlineKind.CHANGE) == {
        "before": "before", "difference_cny": 60 * YI, "total_cny": 190 * YI, "firms": 1,
    }  # fmt: skip
    assert found.changes.tiers == {"S01": (ScaleTier.BELOW, ScaleTier.CNY_1E10)}
    same = district_briefing(plan, four_towns, JIA, year=2021, previous=replace(four_towns, version="same"))
    assert same.changes is not None
    assert same.changes.clusters.empty


def test_withheld_figures_leave_no_headline_and_no_difference(plan: Plan, dataset: Dataset) -> None:
    secret = replace(
        dataset,
        basis=Basis.REGISTER,
        digest="secret",
        firms=dataset.firms.assign(**{c.CONFIDENTIALITY: "statistical"}),
    )
    found = district_briefing(plan, release(secret, Viewer(Role.PUBLIC)), "440307", year=2021, previous=secret)
    assert found.changes is None
    assert found.dependence == ()
    assert found.top_firms.empty
    assert found.cautions == ()
    assert set(found.unjudged) == {"S08", "S09"}  # one firm each
    told = {each.kind for each in found.headlines}
    assert not told & {HeadlineKind.LEADING, HeadlineKind.NEAREST, HeadlineKind.DEPENDENCE, HeadlineKind.CHANGE}


@pytest.mark.parametrize("factor", [3, 40])
def test_order_of_rows_changes_nothing_and_scale_changes_only_money(
    plan: Plan, four_towns: Dataset, jia: Briefing, factor: int
) -> None:
    order = np.random.default_rng(factor).permutation(len(four_towns.firms))
    firms_before, seen_before = four_towns.firms.copy(), four_towns.observations.copy()
    shuffled = replace(four_towns, firms=four_towns.firms.iloc[order], digest="shuffled")
    found = district_briefing(plan, shuffled, JIA, year=2021)
    assert [each.figures for each in found.headlines if each.kind is not HeadlineKind.GROWTH] == [
        each.figures for each in jia.headlines if each.kind is not HeadlineKind.GROWTH
    ]
    assert found.cautions == jia.cautions
    larger = four_towns.observations.assign(**{c.REVENUE_CNY: four_towns.observations[c.REVENUE_CNY] * factor})
    scaled = district_briefing(plan, replace(four_towns, observations=larger, digest="scaled"), JIA, year=2021)
    assert scaled.progress.share == pytest.approx(jia.progress.share)
    assert scaled.progress.growth == pytest.approx(jia.progress.growth)
    assert scaled.progress.total_cny == factor * (jia.progress.total_cny or 0)
    np.testing.assert_array_equal([fit.quotient for fit in scaled.paths], [fit.quotient for fit in jia.paths])
    pd.testing.assert_frame_equal(firms_before, four_towns.firms)
    pd.testing.assert_frame_equal(seen_before, four_towns.observations)


def test_parts_of_the_districts_add_up_to_the_city(plan: Plan, dataset: Dataset) -> None:
    every = [district_briefing(plan, dataset, district) for district in dataset.districts.index]
    unplaced = every[0].accounts.total(district_id=c.UNPLACED)
    shown = sum(each.progress.total_cny or 0 for each in every) + (unplaced.cny if unplaced else 0)
    city = every[0].accounts.total()
    assert city is not None
    assert shown == city.cny
    for each in every:
        assert each.progress.firms == each.profile.firms


def test_many_firms_answer_without_a_walk(plan: Plan, sealed: Dataset) -> None:
    found = district_briefing(plan, sealed, "440305")
    for point in found.points:
        assert (point.quadrant is not None) == (point.finding in (Finding.ABOVE, Finding.BELOW))
    assert len(found.top_firms) == 5

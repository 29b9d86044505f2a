"""A district against its city: worked by hand on the four towns, then what must hold of any data."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters import profile
from clusters.errors import UnknownDistrict, UnknownYear
from clusters.profile import Finding, Quadrant, district_profile, finding, quadrant
from clusters.release import release
from clusters.roles import Role, Viewer
from data import columns as c
from data.cube import cube_of
from data.dataset import Dataset
from data.store import open_version
from data.synthetic import synthesize, write_register
from tests.register_files import import_register

JIA, YI, BING = "440391", "440392", "440393"
LIMITS = [c.LOWER_LIMIT, c.UPPER_LIMIT]


def test_a_town_by_hand(four_towns: Dataset) -> None:
    """2021, 亿元: 甲 has a1 60 and a2 50 in S01, a3 80 in S02; 乙 b1 15 and b2 950; n1 10 has no place.

    Firms: 甲 2 of 3 in S01, the city 3 of 6. Revenue: 甲 110 of 190 in S01, the city 125 of 1,165.
    """
    found = district_profile(four_towns, JIA, year=2021)
    assert (found.firms, found.city_firms, found.revenue_basis) == (3, 6, "firms_drawn")
    assert found.of_firms[c.LOCATION_QUOTIENT].tolist() == pytest.approx([(2 / 3) / (3 / 6), (1 / 3) / (3 / 6)])
    assert found.of_firms[c.COUNT].tolist() == [2, 1]
    assert found.of_firms[c.REGION_COUNT].tolist() == [3, 3]
    quotients = [(110 / 190) / (125 / 1165), (80 / 190) / (1040 / 1165)]
    assert found.of_revenue[c.LOCATION_QUOTIENT].tolist() == pytest.approx(quotients)
    assert found.of_revenue[c.CITY_SHARE].tolist() == pytest.approx([110 / 125, 80 / 1040])
    assert found.of_revenue[c.TOP1_SHARE].tolist() == pytest.approx([60 / 110, 1])
    without_a1 = (50 / 130) / (65 / 1105)
    assert found.of_revenue[c.WITHOUT_LARGEST].tolist() == pytest.approx([without_a1, 0])
    assert found.of_revenue[[c.QUOTIENT_RANK, c.REGIONS_RANKED]].to_numpy().tolist() == [[1, 2], [2, 2]]
    assert found.of_revenue[c.QUADRANT].isna().all()  # no cell has the five firms to be classed
    assert found.of_firms[c.FINDING].tolist() == [Finding.FEW, Finding.FEW]
    assert not found.of_revenue[c.STRONG].any()  # five firms are asked


def test_the_mix_of_a_town_by_hand(four_towns: Dataset) -> None:
    """甲 has 110 and 80; the rest of the city 15 and 960."""
    found = district_profile(four_towns, JIA, year=2021)
    assert found.mix_of_revenue.herfindahl == pytest.approx((110**2 + 80**2) / 190**2)
    assert found.mix_of_revenue.krugman == pytest.approx(2 * (110 / 190 - 15 / 975))
    assert found.mix_of_revenue.city_herfindahl == pytest.approx((125**2 + 1040**2) / 1165**2)
    assert found.mix_of_firms.herfindahl == pytest.approx(5 / 9)
    assert found.mix_of_firms.krugman == pytest.approx(2 * (2 / 3 - 1 / 3))


def test_the_offices_change_who_is_where(four_towns: Dataset) -> None:
    """At their offices 甲 has a1 alone, 乙 a2, b1 and b2; a3 is beyond the city."""
    found = district_profile(four_towns, JIA, year=2021, place="operating")
    assert (found.firms, found.city_firms) == (1, 5)
    assert found.of_firms[c.COUNT].tolist() == [1, 0]


def test_a_town_without_a_firm_has_nothing_to_tell(four_towns: Dataset) -> None:
    found = district_profile(four_towns, BING, year=2021)
    assert found.firms == 0
    assert found.of_firms[c.LOCATION_QUOTIENT].isna().all()
    assert np.isnan(found.mix_of_firms.herfindahl)
    assert set(found.of_firms[c.FINDING]) == set(found.of_revenue[c.FINDING]) == {Finding.FEW}


def test_unknown_places_and_years_are_refused(four_towns: Dataset) -> None:
    with pytest.raises(UnknownDistrict):
        district_profile(four_towns, "1", year=2021)
    with pytest.raises(UnknownYear):
        district_profile(four_towns, JIA, year=2031)


def test_a_negative_amount_ends_the_interval_and_nothing_else(four_towns: Dataset) -> None:
    rows = four_towns.observations
    at = (rows[c.FIRM_ID] == "a1") & (rows[c.YEAR] == 2021)
    lower = replace(four_towns, observations=rows.assign(**{c.REVENUE_CNY: rows[c.REVENUE_CNY].mask(at, -(10**8))}))
    found = district_profile(lower, JIA, year=2021)
    assert found.revenue_basis == "negative"
    assert found.of_revenue[LIMITS].isna().all(axis=None)
    assert found.of_firms[LIMITS].notna().all(axis=None)


def test_the_same_data_show_the_same_limits_and_rows_may_come_in_any_order(dataset: Dataset) -> None:
    first = district_profile(dataset, "440305", year=2021)
    mixed = replace(dataset, firms=dataset.firms.iloc[::-1], observations=dataset.observations.iloc[::-1])
    again = district_profile(mixed, "440305", year=2021)
    pd.testing.assert_frame_equal(first.of_firms, again.of_firms)
    pd.testing.assert_frame_equal(first.of_revenue, again.of_revenue)
    other = district_profile(replace(dataset, digest="ffffffff"), "440305", year=2021)
    assert not other.of_revenue[c.LOWER_LIMIT].equals(first.of_revenue[c.LOWER_LIMIT])


@settings(max_examples=10)
@given(factor=st.integers(2, 1000))
def test_the_unit_of_money_changes_no_quotient(four_towns: Dataset, factor: int) -> None:
    rows = four_towns.observations
    scaled = replace(four_towns, observations=rows.assign(**{c.REVENUE_CNY: rows[c.REVENUE_CNY] * factor}))
    one, other = (district_profile(each, YI, year=2021) for each in (four_towns, scaled))
    pd.testing.assert_frame_equal(one.of_revenue, other.of_revenue)
    assert one.mix_of_revenue.krugman == pytest.approx(other.mix_of_revenue.krugman)


def test_every_value_of_the_bundled_set_lies_in_its_interval(dataset: Dataset) -> None:
    for district_id in dataset.districts.index:
        found = district_profile(dataset, str(district_id), year=dataset.default_year).of_firms
        known = found.dropna(subset=[c.LOCATION_QUOTIENT])
        assert (known[c.LOWER_LIMIT] <= known[c.LOCATION_QUOTIENT] + 1e-12).all()
        assert (known[c.LOCATION_QUOTIENT] <= known[c.UPPER_LIMIT] + 1e-12).all()


def test_a_cell_with_every_firm_of_its_subsector_is_not_found_above(dataset: Dataset) -> None:
    """All firms of S01 lie in 南山: each draw has them there again, so no draw falls below 1."""
    found = district_profile(dataset, "440305", year=2021).of_revenue.loc["S01"]
    assert found[c.CITY_SHARE] == 1
    assert found[c.LOWER_LIMIT] > 1
    assert found[c.FINDING] == Finding.OPEN


def test_findings_and_quadrants_meet_their_edges() -> None:
    assert finding(1.0, 2.0, 9) is Finding.OPEN
    assert finding(0.2, 0.9, 5) is Finding.BELOW
    assert finding(float("nan"), float("nan"), 9) is Finding.FEW
    assert quadrant(0.25, Finding.BELOW, 4) is Quadrant.BULK
    assert quadrant(0.24, Finding.BELOW, 4) is Quadrant.MINOR
    assert [quadrant(0.25, each, 4) for each in (Finding.OPEN, Finding.FEW)] == [None, None]
    assert quadrant(0.0, Finding.BELOW, 4) is quadrant(float("nan"), Finding.ABOVE, 4) is None


def test_a_quadrant_needs_firms_on_one_side_and_a_known_share(dataset: Dataset) -> None:
    for district in dataset.districts.index:
        found = district_profile(dataset, district, year=2021)
        sure = found.of_firms[c.FINDING].isin([Finding.ABOVE, Finding.BELOW])
        assert (found.of_revenue[c.QUADRANT].notna() == sure & (found.of_revenue[c.CITY_SHARE] > 0)).all()


@pytest.fixture(scope="module")
def register(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A made-up register of which one firm in ten is of public record."""
    home = tmp_path_factory.mktemp("profile")
    firms = synthesize(300, 3, dataset)
    firms[c.CONFIDENTIALITY] = np.where(np.arange(300) % 10 == 0, "public_record", "statistical")
    path: Path = home / "register.parquet"
    write_register(firms, path)
    return open_version(home, import_register(path, home, dataset).id, dataset)


def test_under_a_release_counts_stay_and_quotients_are_true_or_withheld(register: Dataset) -> None:
    year = register.default_year
    seen = release(register, Viewer(Role.PUBLIC))
    withheld = 0
    for district_id in map(str, register.districts.index):
        true, told = (district_profile(each, district_id, year=year) for each in (register, seen))
        pd.testing.assert_frame_equal(true.of_firms, told.of_firms)
        assert told.revenue_basis == "withheld"
        assert told.of_revenue[[*LIMITS, c.WITHOUT_LARGEST]].isna().all(axis=None)
        known = told.of_revenue[c.LOCATION_QUOTIENT].dropna()
        assert known.tolist() == pytest.approx(true.of_revenue[c.LOCATION_QUOTIENT][known.index].tolist())
        withheld += int(told.of_revenue[c.LOCATION_QUOTIENT].isna().sum())
    assert withheld > 10


def test_many_firms_are_profiled_from_the_cube_alone(sealed: Dataset) -> None:
    found = district_profile(sealed, "440305", year=sealed.default_year)
    assert found.revenue_basis == "many_firms"
    assert found.of_firms[LIMITS].notna().all(axis=None)
    assert found.of_revenue[c.LOCATION_QUOTIENT].notna().all()
    assert found.of_revenue[LIMITS].isna().all(axis=None)


def test_a_city_is_profiled_once(four_towns: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    data = replace(four_towns)
    district_profile(data, JIA, year=2020)
    monkeypatch.setattr(profile, "_city_profile", None)
    assert district_profile(data, YI, year=2020).firms == 1  # b2 alone was seen
    assert len(cube_of(data))

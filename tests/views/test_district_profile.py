"""Every claim of the section carries its interval or its n, and the page says what the firms cannot tell."""

import re
from dataclasses import replace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from clusters.goals import Board, tally_goals
from clusters.plan import Plan
from clusters.profile import DistrictProfile, Finding, district_profile
from clusters.prospects import district_growth, prospects
from data import columns as c
from data.dataset import Basis, Dataset
from tests.views.opened import app_page
from views.profile_words import (
    finding_text,
    growth_sentences,
    growth_text,
    outlook_sentences,
    specialization_sentences,
)
from views.quotient_chart import quotient_chart
from views.sample_limits import limits_of
from views.tokens import tokens
from views.words import Language, Words, words

NANSHAN, FUTIAN, EMPTY = "440305", "440304", "440310"


@pytest.fixture(scope="module")
def nanshan(dataset: Dataset) -> DistrictProfile:
    return district_profile(dataset, NANSHAN, year=2021)


def district(district_id: str, lang: Language, **query: str) -> AppTest:
    return (
        app_page("overview", **({"lang": lang, "focus": f"district:{district_id}"} | query))
        .run()
        .button(key="open_district")
        .click()
        .run()
    )


def said(page: AppTest) -> str:
    return re.sub(r"\\(.)", r"\1", "\n".join(each.value for each in (*page.markdown, *page.caption)))


def test_the_section_shows_every_quotient_with_its_interval_and_n(language: Language, nanshan: DistrictProfile) -> None:
    t, page = words(language), district(NANSHAN, language)
    assert not page.exception
    table = page.dataframe[2].value.set_index("name")
    row, firms = table.loc[t("subsector.S10")], nanshan.of_firms.loc["S10"]
    assert row["firms"] == f"{firms[c.LOCATION_QUOTIENT]:.2f}"
    assert row["firms_limits"] == f"{firms[c.LOWER_LIMIT]:.2f} – {firms[c.UPPER_LIMIT]:.2f}"
    assert row["n"] == "5/9"
    assert len(table) == 11, "every subsector that the city has a firm in"
    everything = said(page)
    for line in specialization_sentences(nanshan, t):
        assert line in everything
    assert t("profile.note", year=2021, n="38", of="58") in everything
    assert re.search(r"/methods\?[^)]*measure=location_quotient", everything)
    assert t("limits.title") in everything
    assert t("map.of_city_n", share="93.2%", n="38", of="58") in page.metric[0].delta


def test_a_district_without_a_firm_has_no_figures(language: Language) -> None:
    t, page = words(language), district(EMPTY, language)
    assert t("profile.empty", year=2021) in said(page)
    assert len(page.dataframe) == 2


@pytest.mark.parametrize("year", ["2020", "2022"])
def test_other_years_are_told_as_they_are(year: str) -> None:
    page = district(NANSHAN, "zh", year=year)
    assert not page.exception
    t = words("zh")
    if year == "2020":
        assert t("profile.no_span", year=2020, base=2020) in said(page)


def test_higher_is_said_only_when_an_interval_lies_above_one(nanshan: DistrictProfile) -> None:
    t = words("zh")
    assert finding_text(Finding.ABOVE, Finding.ABOVE, t) == "显著高于全市"
    assert finding_text(Finding.OPEN, Finding.ABOVE, t) == "家数：分不出高低；营收：显著高于全市"
    shown = {
        finding_text(f, r, t) for f, r in zip(nanshan.of_firms[c.FINDING], nanshan.of_revenue[c.FINDING], strict=True)
    }
    assert not any("显著" in text for text in shown), "no interval of the sample lies beside 1 on five firms"


def test_growth_below_five_firms_says_that_it_has_no_interval(dataset: Dataset, t: Words) -> None:
    grown = district_growth(dataset, base_year=2020, year=2021)
    few, enough = (growth_text(grown.loc[(d, c.TOTAL)], t) for d in ("440309", FUTIAN))
    assert "+25.2%" in few
    assert "n = 4" in few
    assert "%" not in few.replace("+25.2%", "")
    assert enough.count("%") == 3
    assert "n = 12" in enough
    (none,) = growth_sentences(grown, EMPTY, 2020, 2021, t)
    assert "n = 0" in none


def test_a_chance_stands_with_its_n_its_rates_and_its_band(dataset: Dataset, t: Words) -> None:
    limit, smart, fintech, silent = outlook_sentences(prospects(dataset, NANSHAN, plan_end=2023), t)
    assert "2" in limit
    for line, n in ((smart, "6"), (fintech, "5")):
        assert line.count("%") == 4, "two years, coverage, band"
        assert re.search(rf"\b{n}\b", line)
        assert "2023" in line
        assert "2024" in line
    assert "7" in silent
    (only,) = outlook_sentences(prospects(dataset, FUTIAN, plan_end=2023), t)
    assert "%" not in only


@pytest.mark.parametrize("basis", ["many_firms", "withheld", "negative"])
def test_revenue_without_an_interval_says_why(nanshan: DistrictProfile, basis: str, t: Words) -> None:
    lines = specialization_sentences(replace(nanshan, revenue_basis=basis), t)
    assert lines[1] == t(f"profile.basis_{basis}")


def test_what_lies_beyond_the_axis_ends_in_an_arrow(dataset: Dataset) -> None:
    found = district_profile(dataset, FUTIAN, year=2021)
    spec = quotient_chart(found, ["S02", "S12"], tokens("light"), words("zh"))
    low, high = spec["xAxis"]["min"], spec["xAxis"]["max"]
    assert (low, high) == (0.1, 100)
    firms, revenue = spec["series"]
    assert [point[1] for point in firms["data"]] == [0, 2]
    begin, end = revenue["markLine"]["data"][0]
    assert (begin["coord"], begin["symbol"]) == ([low, 1], "arrow")
    upper = found.of_revenue[c.UPPER_LIMIT]["S02"]
    assert (end["coord"][0], end["symbol"]) == ((high, "arrow") if upper > high else (upper, "rect"))
    for point, (begin, end) in zip(firms["data"], firms["markLine"]["data"][:2], strict=True):
        assert low <= begin["coord"][0] <= point[0] <= end["coord"][0] <= high


def test_the_sample_says_what_it_cannot_tell(board: Board, language: Language) -> None:
    t = words(language)
    lines = limits_of(board, t)
    everything = "\n".join(lines)
    assert t("limits.city", year=2021, n="58", of="70", share="82.9%") in lines
    for year, n in ((2019, "50"), (2020, "56"), (2021, "58"), (2022, "4"), (2023, "4"), (2024, "1")):
        assert t("limits.in_year", year=year, n=n) in everything
    names = board.dataset.districts[c.NAME if language == "zh" else c.NAME_EN]
    counts = board.districts[c.FIRMS].groupby(c.DISTRICT_ID).sum().reindex(names.index, fill_value=0)
    for district_id, n in counts.items():
        assert (t("limits.small_one", name=names[district_id], n=n) in everything) == (n < 3)
    assert t("limits.no_statistics") in lines


def test_a_register_is_not_told_to_be_a_sample(dataset: Dataset, plan: Plan) -> None:
    t = words("en", "register")
    lines = limits_of(tally_goals(plan, replace(dataset, basis=Basis.REGISTER)), t)
    assert t("limits.listed") not in lines
    assert t("limits.no_statistics") not in lines
    assert "register" in lines[0]


def test_a_chart_takes_whatever_a_release_leaves(nanshan: DistrictProfile) -> None:
    bare = nanshan.of_revenue.assign(**dict.fromkeys((c.LOCATION_QUOTIENT, c.LOWER_LIMIT, c.UPPER_LIMIT), float("nan")))
    spec = quotient_chart(replace(nanshan, of_revenue=bare), ["S10"], tokens("dark"), words("en"))
    assert spec["series"][1]["data"] == []
    assert spec["yAxis"][1]["data"][1] == "—"
    assert isinstance(bare, pd.DataFrame)

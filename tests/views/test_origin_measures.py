"""Every block with figures has one way to its origin; what opens for a figure that is no total."""

from itertools import cycle

import pytest
from streamlit.testing.v1 import AppTest

from clusters.measure_basis import matched_behind, years_behind
from data import columns as c
from tests.views.opened import app_page
from views import loaded
from views.origin_bases import MEASURES
from views.words import LANGUAGES, Language, words

OPENERS = {
    "overview": {"overview", "ladder", "matrix", "ground"},
    "district": {
        *("district", "briefing", "clusters", "firms", "quadrant", "paths", "dependence", "profile", "part"),
        *("statistics", "parks", "duties"),
    },
    "compare": {f"compare_{part}" for part in (
        "facts", "structure", "maps", "specialization", "similarity", "years", "moved"
    )},
    "gaps": {"gap_total", "gap_mixes", "gap_left", "gap_fan", "gap_scenario"},
    "sites": {"sites_ranked", "sites_park", "sites_shortlist"},
    "start": {"door_district", "door_compare", "door_sites"},
    "units": {"units"},
}  # fmt: skip
QUERY = {
    "district": {"district": "440305"},
    "sites": {"subsector": "S01", "focus": "park:P01", "shortlist": "P01,P02"},
}


def open_one(figure_words: dict[str, object], language: str) -> AppTest:
    """What opens of one figure, without the page around it."""

    def script(figure_words: dict[str, object], language: str) -> None:
        import streamlit as st

        from views import origin, state
        from views.origin_bases import Figure
        from views.words import words

        st.session_state["page"] = "overview"
        st.session_state["selection"] = state.selection("overview")
        origin._show(Figure(**figure_words), words(language))  # type: ignore[arg-type]

    page = AppTest.from_function(script, default_timeout=60, args=(figure_words, language)).run()
    assert not page.exception
    return page


def told(page: AppTest) -> str:
    return "\n".join(line.value for line in (*page.markdown, *page.caption))


@pytest.mark.parametrize("name", OPENERS)
def test_each_block_with_figures_has_one_opener(name: str) -> None:
    page = app_page(name, lang="zh", **QUERY.get(name, {})).run()
    assert not page.exception
    keys = [str(button.key) for button in page.button if str(button.key).startswith("origin-")]
    of_goals = {key for key in keys if key.startswith("origin-T")}
    assert len(keys) == len(set(keys))
    assert set(keys) - of_goals == {f"origin-{key}" for key in OPENERS[name]}


@pytest.mark.parametrize(("measure", "language"), list(zip(MEASURES, cycle(LANGUAGES), strict=False)))
def test_what_is_no_total_opens_with_its_formula_method_tables_and_sources(measure: str, language: Language) -> None:
    t, basis = words(language), MEASURES[measure]
    among = {"firm": ("000032",), "park": ("P01",)}.get(measure, ())
    page = open_one({"measure": measure, "district_id": "440305", "among": among}, language)
    said = told(page)
    assert t(f"origin.formula_{measure}") in said
    assert not basis.method or f"measure={basis.method}" in said
    for table in basis.tables:
        assert f"**{t(f'origin.table_{table}')}**" in said
    assert f"**{t('origin.sources')}**" in said
    assert (f"**{t('origin.coverage')}**" in said) is basis.is_of_firms
    assert (t("stale.figures", month="2021-12", years=2) in said) is basis.is_of_revenue
    assert all(file.split("/")[-1].split(".")[0] in said.replace("\\", "") for file in basis.files)
    assert bool(page.metric) is basis.has_total


def test_a_quotient_shows_firms_and_revenue_of_district_and_city() -> None:
    t = words("zh")
    table = open_one({"measure": "quotient", "district_id": "440305"}, "zh").dataframe[0].value
    assert table.columns.tolist() == [t("field.subsector"), "南山区", t("city")]
    assert len(table) == 13, "each of the twelve, and all together"
    assert table.iloc[-1, 2].startswith("58 家 · ")


def test_growth_shows_the_firms_of_both_years() -> None:
    t = words("zh")
    table = open_one({"measure": "change", "among": ("440305",), "since": 2020}, "zh").dataframe[0].value
    found = matched_behind(loaded.dataset(), base_year=2020, year=2021, district_id="440305")
    assert table[t("origin.matched_firms")].tolist() == found[c.MATCHED_FIRMS].tolist()
    assert table[t("field.district")].unique().tolist() == ["南山区"]


def test_years_are_those_of_each_district() -> None:
    table = open_one({"measure": "years", "among": ("440305", "440304")}, "zh").dataframe[0].value
    firms = years_behind(loaded.dataset(), district_id="440304")[c.FIRMS]
    assert all(str(table.set_index("年份")["福田区"][str(year)]).startswith(f"{n} 家") for year, n in firms.items())


def test_a_park_and_a_firm_name_their_sources() -> None:
    data, t = loaded.dataset(), words("zh")
    parks = open_one({"measure": "park", "among": ("P02",)}, "zh").dataframe[0].value
    assert parks[t("fact.source")].tolist() == [data.parks[c.SOURCE]["P02"]]
    assert parks[t("origin.note")].tolist() == [data.parks[c.NOTE]["P02"]]
    page = app_page("district", lang="zh", district="440305", focus="firm:000032").run()
    page.button(key="origin-firms").click().run()
    assert not page.exception
    assert t("origin.formula_firm") in told(page)

"""The gap lab answers with its n, keeps every choice in the address, and moves change districts and never the city."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import streamlit as st
from hypothesis import given, settings
from hypothesis import strategies as some
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from clusters.goals import tally_goals
from clusters.plan import open_plan
from clusters.release import release
from clusters.roles import Role, Viewer
from clusters.scenario_text import read_scenario, write_scenario
from clusters.scenarios import Attract, Grow, Relocate, Scenario
from data import columns as c
from data.dataset import Dataset
from data.firm_years import largest_parts
from data.lookup import short_name
from data.reference import load_reference
from tests.views.conftest import PHONE, WIDE, Guarded, Reader, Server
from tests.views.opened import app_page
from tests.views.test_languages import left_in_english, sent
from views import loaded
from views.document_html import document_html
from views.document_xlsx import document_xlsx
from views.gaps_answer import beside_of, gap_page, play
from views.gaps_document import gaps_document
from views.gaps_tables import clusters_table, districts_table
from views.selection import Selection
from views.words import Language, Words, words

TENCENT, FUTIAN, NANSHAN = "00700.HK", "440304", "440305"
MOVE = f"2021-2023;registered;move:{TENCENT}:{FUTIAN}"
DATA = load_reference()
PLAN = open_plan("shenzhen-digital-economy-2021-2023")
CITY = tally_goals(PLAN, DATA)
MOVERS = [str(firm) for firm in largest_parts(DATA, year=2021, most=12).index]


def gaps(lang: Language = "zh", **query: str) -> AppTest:
    page = app_page("gaps", **({"lang": lang} | query)).run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    boxes = (*page.markdown, *page.caption, *page.info, *page.warning, *page.error)
    return re.sub(r"\\(.)", r"\1", "\n".join(each.value for each in boxes))


def told(page: AppTest) -> Selection:
    chosen: Selection = page.session_state["selection"]
    return chosen


# what it says ----------------------------------------------------------------------------------------------------


def test_the_page_opens_on_the_nearest_gap_with_everything_that_it_rests_on(language: Language) -> None:
    """S01 of 2021: 86.6 of 100 亿元; three firms grew 10.8 % a year, five have sizes."""
    t, page = words(language), gaps(language)
    everything = said(page)
    assert page.metric[0].value == t.money(8_660_000_000)
    assert page.metric[1].value == t("card.gap", gap=t.money(1_340_000_000))
    assert page.metric[2].value == "+7.5%"
    growth = t("lab.growth_few", growth="+10.8%", n=3, since=2019, year=2021)
    assert t("lab.observed", growth=growth) in everything
    assert t("lab.coverage", n=58, of=70, year=2021) in everything
    assert t("gaps.room_unknown", parks=66) in everything
    assert t("lab.unsaid.few_firms", n=3) in everything
    assert t("why.listed_sample")[1:] in everything
    assert page.selectbox(key="gap_subsector").options[0].startswith(t("subsector.S01"))
    assert len(page.selectbox(key="gap_subsector").options) == 13


def test_a_district_is_marked_and_a_chance_has_its_basis(language: Language) -> None:
    t, page = words(language), gaps(language, subsector="S09", until="2025")
    everything = said(page)
    assert re.search(re.escape(t("lab.chance", until=2025, p="@", error="@")).replace("@", r"[\d.]+%"), everything)
    assert "10,001" in everything
    chances = page.dataframe[2].value
    assert chances.iloc[:, 0].tolist() == ["2022", "2023", "2024", "2025", "2026"]
    assert t("word.derived") in said(gaps(language, subsector="S09", area=NANSHAN))


def test_it_is_said_whose_leaving_takes_the_tier_away(t: Words) -> None:
    assert t("lab.left_falls", firms="腾讯", before="千亿级", after="百亿级") in said(gaps(subsector="S07"))
    assert t("lab.top") in said(gaps(subsector="S07"))
    assert t("lab.no_firm", year=2021) in said(gaps(subsector="S03"))


def test_a_goal_is_never_met_on_a_sample(t: Words) -> None:
    page = gaps(subsector="S07", target="CNY_1E10")
    everything = said(page)
    assert t("why.listed_sample") in everything
    assert "✓" not in everything
    assert "目标已达到" not in everything
    assert t("lab.nothing_to_close") in everything
    assert page.metric[1].value == t("lab.no_gap")


@pytest.mark.parametrize("reason", ["too_few_years", "no_firms", "not_positive", "few_firms", "low_coverage",
                                    "withheld", "top_tier"])  # fmt: skip
def test_every_reason_against_a_chance_has_its_words(reason: str, language: Language) -> None:
    assert words(language)(f"lab.unsaid.{reason}", n=1, years=1, coverage="1%")


def test_nothing_that_the_english_page_sends_is_chinese() -> None:
    query = {"subsector": "S09", "area": NANSHAN, "scenario": MOVE, "beside": "2021-2023;registered;grow:0.1::"}
    assert left_in_english(sent(gaps("en", **query)), DATA) == set()


# choices ---------------------------------------------------------------------------------------------------------


def test_every_choice_of_the_page_stands_in_its_address(t: Words) -> None:
    page = gaps()
    page.selectbox(key="gap_subsector").set_value("S09").run()
    page.selectbox(key="gap_area").set_value(NANSHAN).run()
    page.selectbox(key="gap_until").set_value(2026).run()
    page.selectbox(key="gap_target").set_value("own").run()
    page.number_input(key="gap_own").set_value(250.0).run()
    page.number_input(key="gap_growth").set_value(12.5).run()
    page.number_input(key="gap_firm").set_value(8.0).run()
    page.number_input(key="gap_floor").set_value(3_000).run()
    assert not page.exception
    chosen = told(page).gaps
    assert (chosen.target, chosen.growth, chosen.firm_cny, chosen.floor_m2) == ("25000000000", 0.125, 8 * 10**8, 3000)
    again = gaps(**{k: v[0] if isinstance(v, list) else v for k, v in page.query_params.items()})
    assert told(again) == told(page)
    assert again.metric[1].value == page.metric[1].value
    assert t("lab.stated", what="增长、新企业规模、每家面积") in said(again)
    again.button(key="gap_reset").click().run()
    assert (told(again).gaps.growth, told(again).gaps.firm_cny, told(again).gaps.floor_m2) == (None, None, None)


@pytest.fixture(scope="module")
def proposed() -> str:
    """The gap that the page opens on."""
    return str(gaps().metric[1].value)


@pytest.mark.parametrize("query", [{"until": "2021"}, {"until": "1999"}, {"growth": "-1"}, {"growth": "nan"},
                                   {"target": "-5"}, {"target": "1e9"}, {"firm_cny": "0"}, {"subsector": "S99"},
                                   {"area": "440300"}])  # fmt: skip
def test_a_choice_that_nobody_knows_falls_back(query: dict[str, str], proposed: str) -> None:
    assert gaps(**query).metric[1].value == proposed


def test_a_scenario_of_a_link_brings_its_own_year() -> None:
    assert told(gaps(scenario="2021-2027;registered;grow:0.1::")).gaps.until == 2027


def test_a_link_to_take_away_names_what_the_page_proposed() -> None:
    page = gaps(scenario=MOVE)
    assert any(f"/gaps?subsector=S01&until=2023&scenario={MOVE}&data=0&plan=" in code.value for code in page.code)


# scenarios -------------------------------------------------------------------------------------------------------


def moves() -> some.SearchStrategy[Scenario]:
    chosen = some.lists(some.sampled_from(MOVERS), unique=True, max_size=4)
    growth = some.integers(-2_000, 5_000).map(lambda steps: Grow(steps / 10_000))
    return some.builds(
        lambda ids, target, grown, until: Scenario(
            2021, until, changes=(*(Relocate(firm, target) for firm in ids), *grown)
        ),
        chosen, some.sampled_from(["440307-DP", "441521-SS"]), some.lists(growth, max_size=1),
        some.integers(2022, 2026),
    )  # fmt: skip


@given(moves())
@settings(max_examples=8)
def test_city_totals_are_invariant_under_moves_between_districts(scenario: Scenario) -> None:
    """Through the page's own path: an address in, the tables' cells out."""
    stays = replace(scenario, changes=tuple(each for each in scenario.changes if not isinstance(each, Relocate)))
    t = words("zh")
    moved, stayed = (play(write_scenario(each), CITY, each.until) for each in (scenario, stays))
    assert moved.problem is None
    assert clusters_table(CITY, moved, None, t) == clusters_table(CITY, stayed, None, t)
    assert moved.moves_cny in (None, 0)
    assert moved.result.districts[c.SCENARIO_CNY].sum() == stayed.result.districts[c.SCENARIO_CNY].sum()


@pytest.mark.parametrize("text", ["", "2021-2023;registered", "nonsense", "2021-2023;registered;move:none:440304"])
def test_a_scenario_with_no_changes_equals_the_baseline_exactly(text: str, language: Language) -> None:
    """So does one that cannot be read or played, and its cells are those of the other pages."""
    t = words(language)
    found = play(text, CITY, 2023)
    for table in (found.result.cells, found.result.clusters, found.result.districts):
        assert table[c.BASELINE_CNY].tolist() == table[c.SCENARIO_CNY].tolist()
    for shown in (clusters_table(CITY, found, None, t), districts_table(CITY, found, t)):
        assert all(row[1] == row[2] and row[3].value == 0 for row in shown.rows)


def test_a_change_is_added_edited_taken_back_and_removed(t: Words) -> None:
    page = gaps()
    page.button_group(key="draft_kind").set_value("move").run()
    page.text_input(key="draft_sought").set_value("腾讯").run()
    page.selectbox(key="draft_to").set_value(FUTIAN).run()
    page.button(key="lab_add").click().run()
    assert told(page).gaps.scenario == MOVE
    assert t("lab.city_same") in said(page)
    assert t("lab.moves_zero", yuan=0) in said(page)
    page.button(key="lab_edit_0").click().run()
    page.selectbox(key="draft_to").set_value("440306").run()
    page.button(key="lab_add").click().run()
    assert read_scenario(told(page).gaps.scenario).changes == (Relocate(TENCENT, "440306"),)
    page.button(key="lab_undo_button").click().run()
    assert told(page).gaps.scenario == MOVE
    page.button_group(key="draft_kind").set_value("attract").run()
    page.number_input(key="draft_revenue").set_value(30.0).run()
    page.button(key="lab_add").click().run()
    assert read_scenario(told(page).gaps.scenario).changes[1] == Attract("440303", "S01", 30 * 10**8, 0)
    page.button(key="lab_beside").click().run()
    page.button(key="lab_remove_0").click().run()
    assert len(read_scenario(told(page).gaps.scenario).changes) == 1
    assert len(read_scenario(told(page).gaps.beside).changes) == 2
    assert not page.exception


def test_a_move_that_cannot_be_is_refused_with_its_reason(t: Words) -> None:
    page = gaps(scenario=MOVE)
    page.button_group(key="draft_kind").set_value("move").run()
    page.text_input(key="draft_sought").set_value(TENCENT).run()
    page.button(key="lab_add").click().run()
    assert t("lab.refused") in said(page)
    assert told(page).gaps.scenario == MOVE


def test_a_bad_scenario_of_a_link_is_said_in_one_sentence(language: Language) -> None:
    t = words(language)
    assert t("lab.unreadable") in said(gaps(language, scenario="<script>"))
    bad = said(gaps(language, scenario="2021-2023;registered;move:none:440304"))
    assert t("lab.not_played") + t("error.UnknownFirm", value="none") in bad
    other = gaps(language, scenario="2020-2023;operating;grow:0.1::")
    assert t("lab.otherwise", year=2020, until=2023, place=t("axis.place.operating")) in said(other)
    other.button(key="lab_as_told").click().run()
    assert (told(other).year, told(other).place, told(other).gaps.until) == (2020, "operating", 2023)


# other readers, many firms ---------------------------------------------------------------------------------------


@pytest.fixture
def released(secret_dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dataset]:
    """The page as an investor sees a register of which most firms are confidential."""
    seen = release(secret_dataset, Viewer(Role.INVESTOR))
    monkeypatch.setattr(loaded, "dataset", lambda: seen)
    st.cache_resource.clear()
    yield seen
    st.cache_resource.clear()


def test_what_is_withheld_is_said_and_a_hidden_firm_does_not_move(
    released: Dataset, secret_dataset: Dataset, language: Language
) -> None:
    t = words(language)
    hidden = Viewer(Role.INVESTOR).hidden_firms(secret_dataset.firms)
    firm = str(released.firms.index[hidden][0])
    city = next(a for a in released.districts.index if a != released.firms[c.REGISTERED_DISTRICT_ID].iloc[0])
    scenario = f"{released.default_year}-{released.default_year + 2};registered;move:{firm}:{city}"
    everything = said(gaps(language, scenario=scenario))
    assert t("lab.refused_withheld", firm=short_name(released, firm)) in everything
    assert t("gaps.free_only") in everything or t("gaps.withheld") in everything
    for subsector in ("S01", "S07", "all"):
        gaps(language, subsector=subsector, area=NANSHAN)


def test_many_firms_answer_from_small_tables(sealed: Dataset, monkeypatch: pytest.MonkeyPatch, t: Words) -> None:
    monkeypatch.setattr(loaded, "dataset", lambda: sealed)
    st.cache_resource.clear()
    for query in ({}, {"subsector": "S05", "area": NANSHAN, "target": "900000000000000"}):
        page = gaps(**query)
        assert not page.error
        assert "区间" in said(page)
    st.cache_resource.clear()


# paper and browser -----------------------------------------------------------------------------------------------


def test_the_document_holds_what_the_page_holds(language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    t = words(language)
    monkeypatch.setattr(loaded, "dataset", lambda: DATA)
    chosen = Selection(lang=language).on("gaps", subsector="S09", area=NANSHAN, scenario=MOVE, beside=MOVE)
    page = gap_page(chosen)
    document = gaps_document(
        page, play(MOVE, page.city, page.closing.until), beside_of(chosen.gaps, page.city, 2023), t, link="/gaps"
    )
    assert [section.label for section in document.sections[:4]] == [t("word.derived")] * 4
    assert document.sections[-1].label == t("word.derived")
    text = html.unescape(document_html(document))
    for line in (t("lab.moves_zero", yuan=0), t("why.listed_sample")[1:], t("lab.without"), t("lab.scenario")):
        assert line in text
    assert document_xlsx(document)[:2] == b"PK"


def test_the_lab_is_walked_from_a_gap_to_a_scenario(guarded: Guarded, server: Server) -> None:
    """On a wide screen and, in English, on a phone: the exact zero of a move goes and comes, nothing lies outside."""
    reader = Reader(guarded.page(server.base, WIDE), server.base)
    overflow = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

    def opened(lang: Language) -> str:
        zero = words(lang)("lab.moves_zero", yuan=0)
        reader.page.goto(f"{reader.base}/gaps?lang={lang}&subsector=S09&scenario={MOVE}")
        expect(reader.key("lab_city")).to_contain_text(zero)
        reader.rested()
        expect(reader.key("gap_fan").locator("canvas, svg").first).to_be_visible()
        assert reader.page.evaluate(overflow) <= 0
        return zero

    opened("zh")
    reader.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    zero = opened("en")
    reader.key("lab_remove_0").locator("button").click()
    expect(reader.key("lab_city")).not_to_contain_text(zero)
    reader.at(scenario=None)
    reader.key("lab_undo_button").locator("button").click()
    reader.at(scenario=MOVE)
    assert reader.page.evaluate(overflow) <= 0

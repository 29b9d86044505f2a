"""方法: in both languages and at both widths every measure opens, by link too, and the document is up to date."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from clusters.goals import tally_goals
from clusters.measures import MEASURES, measure, measures_of
from clusters.plan import open_plan
from data.cube import cube_of, cube_totals
from data.dataset import Dataset
from tests.views.conftest import PHONE, WIDE, Guarded, Reader, Server
from tests.views.test_languages import left_in_english, sent
from views import state
from views.methods_document import DOCUMENT, document
from views.methods_values import VALUES, city_and_parts, value_of
from views.selection import MEASURES as MAP_MEASURES
from views.selection import METHODS, Selection, read_selection
from views.words import Language, words

PAGE = """
from views import methods, state
state.selection("methods")
methods.show()
state.write_address()
"""
NO_WIDER = "e => e.scrollWidth <= e.clientWidth"
# each formula fits, or can be scrolled to its end within its own box
FORMULAS_REACHED = """e => [...e.querySelectorAll('.katex-display')].every(f => {
  const wide = f.querySelector('.katex-html');
  for (let box = f; box !== e; box = box.parentElement) {
    if (box.scrollWidth > box.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(box).overflowX)) {
      return true;
    }
  }
  return wide.getBoundingClientRect().right <= e.getBoundingClientRect().right;
})"""
LATIN_IN_CODE = '[data-testid="stExpander"], [role="img"], .katex, h3, ol'


def methods(lang: Language = "zh", **query: str) -> AppTest:
    page = AppTest.from_string(PAGE, default_timeout=60)
    for key, value in ({"lang": lang} | query).items():
        page.query_params[key] = value
    return page.run()


def text_of(page: AppTest) -> str:
    return "\n".join(re.sub(r"\\(.)", r"\1", e.value) for e in (*page.markdown, *page.caption))


# ---------------------------------------------------------------- the document


def test_the_document_is_what_the_code_says() -> None:
    assert DOCUMENT.read_text("utf-8") == document(), "docs/methods.md is out of date: run 'make docs'"


def test_every_link_of_the_document_has_its_anchor() -> None:
    text = document()
    linked = set(re.findall(r"\]\(#(\w+)\)", text))
    assert linked == set(re.findall(r'<a id="(\w+)"></a>', text)) == {each.id for each in MEASURES}


# ---------------------------------------------------------------- the page


def test_every_measure_shows_its_formula_and_its_words() -> None:
    t = words("zh")
    page = methods()
    for each in MEASURES:
        page.query_params["measure"] = each.id
        page.run()
        assert not page.exception
        assert [e.value.strip("$\n") for e in page.latex] == list(each.docs.formulas)
        text = text_of(page)
        for part in ("question", "reading", "limits", "needs"):
            assert t(f"measure.{each.id}.{part}") in text
        if f"measure.{each.id}.where" in t:
            assert t(f"measure.{each.id}.where") in text
        assert (t("methods.live", year=2021) in text) is (each.id in VALUES)


def test_without_a_measure_the_page_says_what_the_data_can_tell(language: Language, dataset: Dataset) -> None:
    t = words(language)
    page = methods(language)
    assert not page.exception
    text = text_of(page)
    assert t("methods.sample.listed_sample", firms=len(dataset.firms), year=dataset.default_year) in text
    assert t("methods.totals.equal") in text
    table = next(e.proto.body for e in page.get("html") if "jq-table" in e.proto.body)
    assert all(f"<td>{year}" in table for year in dataset.years)


def test_a_section_lists_its_measures_with_their_questions(language: Language) -> None:
    t = words(language)
    page = methods(language, measure="growth")
    assert not page.exception
    text = text_of(page)
    for each in measures_of(MEASURES[0].section):
        assert page.button(key=f"open-{each.id}").label == f"**{t(f'measure.{each.id}.name')}**"
        assert t(f"measure.{each.id}.question") in text
    page.button(key="open-matched_growth").click().run()
    assert page.session_state["selection"].method == "matched_growth"


def test_no_chinese_is_sent_to_an_english_reader(dataset: Dataset) -> None:
    page = methods("en")
    for opened in ("", *METHODS):
        page.query_params["measure"] = opened
        page.run()
        assert not page.exception
        assert left_in_english(sent(page), dataset) == set(), opened


def test_an_unknown_measure_in_the_link_opens_the_guide() -> None:
    page = methods(measure="coverage")
    for asked in ("colour", "revenue", "", "guide"):
        page.query_params["measure"] = asked
        page.run()
        assert not page.exception
        assert words("zh")("methods.topic.sample") in text_of(page)


# ---------------------------------------------------------------- the link


def test_what_is_open_stands_in_the_address_under_a_name_of_its_own(dataset: Dataset) -> None:
    assert set(METHODS) & set(MAP_MEASURES) == set()
    for method in METHODS:
        chosen = Selection(method=method)
        assert chosen.query() == {"measure": method}
        assert read_selection(chosen.query(), dataset, ()) == chosen


def test_the_map_keeps_its_measure_while_methods_are_read(dataset: Dataset) -> None:
    assert Selection(measure="density", method="coverage").query() == {"measure": "coverage"}
    assert Selection(measure="density").query() == {"measure": "density"}
    assert read_selection({"measure": "density"}, dataset, ()).method == ""


# ---------------------------------------------------------------- values on the data


def test_every_value_names_how_many_firms_it_rests_on(language: Language, dataset: Dataset) -> None:
    board = tally_goals(open_plan(state.PLAN_ID), dataset)
    for measure_id in VALUES:
        said = value_of(measure_id, board, words(language))
        assert said
        assert re.search(r"\d+ 家" if language == "zh" else r"\d+( matched)? firms|of \d+ firms", said)
        assert not re.search(r"\bnan\b", said.lower())


def test_a_year_without_pairs_has_no_growth(dataset: Dataset) -> None:
    board = tally_goals(open_plan(state.PLAN_ID), dataset, year=2019)
    for measure_id in ("compound_growth_rate", "matched_growth", "pace_of_clusters"):
        assert value_of(measure_id, board, words("zh")) is None
    assert value_of("wgs84_to_gcj02", board, words("zh")) is None


def test_values_listed_are_measures() -> None:
    assert set(VALUES) <= {each.id for each in MEASURES}


@pytest.mark.parametrize("place", ["registered", "operating"])
def test_districts_and_unplaced_make_the_city(dataset: Dataset, place: str) -> None:
    board = tally_goals(open_plan(state.PLAN_ID), dataset, place=place)
    city, placed, unplaced = city_and_parts(board)
    assert city == placed + unplaced
    by_subsector = cube_totals(cube_of(dataset), ["subsector_id"], year=board.year, place=place)
    assert city == int(by_subsector["total_cny"].sum())


# ---------------------------------------------------------------- in a browser


@pytest.fixture
def read(guarded: Guarded, server: Server) -> Callable[..., Reader]:
    def one(viewport: tuple[int, int] = WIDE, **query: str) -> Reader:
        page = guarded.page(server.base, viewport)
        page.goto(f"{server.base}/methods?" + "&".join(f"{key}={value}" for key, value in query.items()))
        return Reader(page, server.base).rested()

    return one


@pytest.mark.parametrize(("lang", "viewport"), [("zh", WIDE), ("zh", PHONE), ("en", PHONE)])
def test_a_link_opens_the_entry_with_its_formula_drawn(
    read: Callable[..., Reader], lang: Language, viewport: tuple[int, int]
) -> None:
    t = words(lang)
    reader = read(viewport, lang=lang, measure="wgs84_to_gcj02")
    entry = reader.key("entry")
    expect(entry).to_contain_text(t("measure.wgs84_to_gcj02.question"))
    expect(entry.locator(".katex-display")).to_have_count(len(measure("wgs84_to_gcj02").docs.formulas))
    expect(reader.key("open_measure").locator('[aria-checked="true"]')).to_have_text(t("measure.wgs84_to_gcj02.name"))
    assert reader.page.get_by_test_id("stMain").evaluate(NO_WIDER)
    assert entry.evaluate(FORMULAS_REACHED)
    reader.at(measure="wgs84_to_gcj02")


def test_every_formula_is_drawn(guarded: Guarded, tmp_path: Path) -> None:
    script = str(Path(__file__).with_name("all_formulas.py"))
    server = Server(["-m", "streamlit", "run", script, "--server.port"], tmp_path / "log.txt", tmp_path)
    try:
        page = guarded.page(server.base)
        page.goto(server.base)
        Reader(page, server.base).rested()
        expect(page.get_by_text("all", exact=True)).to_be_visible()
        for each in MEASURES:
            expect(page.locator(f".st-key-{each.id} .katex-display")).to_have_count(len(each.docs.formulas))
        expect(page.locator(".katex-error")).to_have_count(0)
    finally:
        server.stop()


def test_sections_and_entries_are_links(read: Callable[..., Reader]) -> None:
    t = words("zh")
    reader = read()
    reader.choice("method_section", t("methods.section.growth")).click()
    reader.at(measure="growth")
    reader.key("open-compound_growth_rate").get_by_role("button").click()
    reader.at(measure="compound_growth_rate")
    reader.choice("open_measure", t("measure.matched_growth.name")).click()
    reader.at(measure="matched_growth")
    expect(reader.key("entry")).to_contain_text(t("measure.matched_growth.question"))
    reader.choice("open_measure", t("measure.matched_growth.name")).click()
    reader.at(measure="growth")
    expect(reader.key("contents")).to_be_visible()


def test_the_search_box_opens_a_measure_and_the_navigation_keeps_it(read: Callable[..., Reader]) -> None:
    t = words("zh")
    reader = read()
    reader.key("find_measure").locator("input").fill("coverage")
    reader.page.get_by_role("option").filter(has_text="coverage").first.click()
    reader.at(measure="coverage")
    expect(reader.key("entry")).to_contain_text(t("measure.coverage.question"))
    reader.page.get_by_role("link", name=t("page.data")).click()
    reader.page.wait_for_url("**/data*")
    reader.at(measure=None)
    reader.page.get_by_role("link", name=t("page.methods")).click()
    reader.at(measure="coverage")


def test_no_english_but_code_formulas_and_references_is_seen_in_chinese(read: Callable[..., Reader]) -> None:
    t = words("zh")
    reader = read(measure="coverage")
    expect(reader.key("entry")).to_contain_text(t("measure.coverage.question"))
    seen = reader.key("entry").evaluate(
        "(e, aside) => { const copy = e.cloneNode(true); copy.querySelectorAll(aside).forEach(x => x.remove()); "
        "return copy.textContent; }",
        LATIN_IN_CODE,
    )
    assert set(re.findall(r"[A-Za-z]{4,}", seen)) - {"sourced"} == set()

"""方法: in both languages and at both widths every measure opens, by link too, and the document is up to date."""

import re
from collections.abc import Callable
from dataclasses import replace
from inspect import getdoc
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from clusters.goals import Board, tally_goals
from clusters.measures import MEASURES, Section, measure, measures_of
from clusters.plan import open_plan
from clusters.release import release
from clusters.roles import Role, Viewer
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import MANY_FIRMS, Dataset
from data.sources import sources
from tests.views.conftest import PHONE, WIDE, Guarded, Reader, Server
from tests.views.test_languages import HAN, left_in_english, sent
from views import loaded
from views.methods import BY_ID
from views.methods_document import DOCUMENT, document
from views.methods_facts import PRECISE, firm_counts
from views.methods_guide import READERS
from views.methods_sums import city_and_parts
from views.methods_values import VALUES, value_of
from views.selection import MEASURES as MAP_MEASURES
from views.selection import METHODS, SOURCES, Selection, read_selection
from views.words import Language, words

PAGE = """
from views import links, loaded, methods, state
state.selection("methods")
methods.show()
links.write_address()
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
WITHOUT = """(e, aside) => {
  const copy = e.cloneNode(true);
  copy.querySelectorAll(aside).forEach(x => x.remove());
  return copy.textContent;
}"""
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


def test_every_measure_shows_its_formula_and_its_words_in_one_language(dataset: Dataset) -> None:
    """One session goes through the guide, sections and all entries; code and sources alone keep names of their own."""
    t = words("en")
    page = methods("en")
    for opened in ("", *METHODS):
        page.query_params["measure"] = opened
        page.run()
        assert not page.exception, opened
        written = getdoc(measure(opened).function) or "" if opened in BY_ID else repr(sources())
        code = set(HAN.findall(written)) if opened in (*BY_ID, SOURCES) else set()
        assert left_in_english(sent(page), dataset) <= code, opened
        if opened not in BY_ID:
            continue
        assert [e.value.strip("$\n") for e in page.latex] == list(measure(opened).docs.formulas)
        text = text_of(page)
        for part in ("question", "reading", "limits", "needs", "where"):
            assert t(f"measure.{opened}.{part}") in text
        assert (t("methods.live", year=2021) in text) is (opened in VALUES)


def test_without_a_measure_the_page_says_what_the_data_can_tell(language: Language, dataset: Dataset) -> None:
    t = words(language)
    page = methods(language)
    assert not page.exception
    text = text_of(page)
    assert t("methods.sample.listed_sample", firms=len(dataset.firms), year=dataset.default_year) in text
    assert t("methods.totals.equal") in text
    tables = [e.proto.body for e in page.get("html") if "jq-table" in e.proto.body]
    assert all(f"<td>{year}" in tables[0] for year in dataset.years)
    assert all(t(f"methods.roles.{reader}.figures") in tables[1] for reader in READERS)
    precise = dataset.firms[c.LOCATION_PRECISION].isin(PRECISE) & dataset.firms[c.LON].notna()
    for said in (
        t("methods.cannot.unlisted", n=len(dataset.firms)),
        t("methods.cannot.points", n=len(dataset.firms), precise=int(precise.sum())),
        t("methods.confidentiality.now_public", n=len(dataset.firms)),
        t("methods.confidentiality.rules", least=3, p=10),
        t("methods.confidentiality.limits"),
    ):
        assert said in text


def test_a_section_lists_its_measures_with_their_questions(language: Language) -> None:
    t = words(language)
    page = methods(language, measure="growth")
    assert not page.exception
    text = text_of(page)
    for each in measures_of(Section.GROWTH):
        assert page.button(key=f"open-{each.id}").label == f"**{t(f'measure.{each.id}.name')}**"
        assert t(f"measure.{each.id}.question") in text
    page.button(key="open-matched_growth").click().run()
    assert page.session_state["selection"].method == "matched_growth"


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


@pytest.fixture(scope="module")
def board(dataset: Dataset) -> Board:
    return tally_goals(open_plan(loaded.PLAN_ID), dataset)


def test_every_value_names_how_many_firms_it_rests_on(language: Language, board: Board) -> None:
    for measure_id in VALUES:
        said = value_of(measure_id, board, words(language))
        assert said, measure_id
        assert re.search(r"\d+ 家" if language == "zh" else r"\d+( \w+)? firms|of \d+ firms", said), said
        assert not re.search(r"\bnan\b|\binf\b|none", said.lower()), said
        assert words(language)("word.no_data") not in said


def test_values_are_those_of_the_measures(dataset: Dataset, board: Board) -> None:
    """The largest cell, its interval, the Gini of revenue and the number of firms, counted here from the tables."""
    now = dataset.usable[dataset.usable[c.YEAR] == board.year].set_index(c.FIRM_ID)[c.REVENUE_CNY]
    firms = dataset.firms.loc[now.index]
    cells = firms.groupby([c.REGISTERED_DISTRICT_ID, c.SUBSECTOR_ID]).size()
    assert f"{cells.max()} 家" in (value_of("location_quotient", board, words("zh")) or "")
    ordered = np.sort(now.to_numpy(float))
    gini = ((2 * np.arange(1, len(ordered) + 1) - len(ordered) - 1) * ordered).sum() / (len(ordered) * ordered.sum())
    assert f"{len(now)} 家企业的营收：基尼系数 {gini:.3f}" in (value_of("gini_index", board, words("zh")) or "")


def test_a_fact_is_computed_once_for_a_year(board: Board) -> None:
    said, counted = value_of("ellison_glaeser_index", board, words("zh")), firm_counts(board)
    assert firm_counts(replace(board)) is counted
    assert firm_counts(replace(board, year=2020)) is not counted
    assert value_of("ellison_glaeser_index", board, words("zh")) == said


def test_a_year_without_pairs_has_no_growth(dataset: Dataset) -> None:
    board = tally_goals(open_plan(loaded.PLAN_ID), dataset, year=2019)
    for measure_id in ("compound_growth_rate", "matched_growth", "pace_of_clusters", "growth_interval", "shift_share"):
        assert value_of(measure_id, board, words("zh")) is None
    assert value_of("wgs84_to_gcj02", board, words("zh")) is None


def test_of_many_firms_nothing_is_walked_over(dataset: Dataset) -> None:
    """The page says why, and does not touch a firm."""
    many = replace(dataset, digest="many")
    vars(many)["has_many_firms"] = True
    board, t = tally_goals(open_plan(loaded.PLAN_ID), many), words("zh")
    why = t("methods.no_value.many", n=f"{len(many.firms):,}", most=f"{MANY_FIRMS:,}")
    unsaid = {measure_id for measure_id in VALUES if value_of(measure_id, board, t) == why}
    assert {"gini_index", "morans_i", "ripleys_k", "find_clusters", "growth_interval", "protect_table"} <= unsaid
    assert {"location_quotient", "ellison_glaeser_index", "shift_share", "project", "cube_totals"} & unsaid == set()


def test_a_release_tells_what_is_withheld_and_nothing_of_single_firms(half_statistical: Dataset) -> None:
    """Whatever the reader is told is the same when the hidden firms had earned something else."""
    seen = release(half_statistical, Viewer(Role.PUBLIC))
    assert seen.release is not None
    board, t = tally_goals(open_plan(loaded.PLAN_ID), seen), words("zh")
    said = {measure_id: value_of(measure_id, board, t) or "" for measure_id in VALUES}
    why = t("methods.no_value.withheld", n=seen.release.firms)
    assert {"gini_index", "herfindahl_index", "morans_i", "ripleys_k", "find_clusters", "growth_interval"} <= {
        measure_id for measure_id, text in said.items() if text == why
    }
    assert t("methods.no_value.free_only", n=seen.release.firms) in said["shift_share"]
    assert said["cube_totals"] == said["controlled_rounding"] == t("methods.no_value.sums", n=58)
    assert said["protect_table"] == said["release"] != ""
    assert "nan" not in "".join(said.values()).lower()
    counts = firm_counts(board)
    assert counts.sum().sum() == firm_counts(replace(board, dataset=half_statistical)).sum().sum(), "counts are free"


def test_values_listed_are_measures() -> None:
    assert set(VALUES) <= {each.id for each in MEASURES}


@pytest.mark.parametrize("place", ["registered", "operating"])
def test_districts_and_unplaced_make_the_city(dataset: Dataset, place: str) -> None:
    board = tally_goals(open_plan(loaded.PLAN_ID), dataset, place=place)
    parts = city_and_parts(board)
    assert parts is not None
    city, placed, unplaced = parts
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


@pytest.mark.parametrize(("lang", "viewport"), [("zh", WIDE), ("en", PHONE)])
def test_a_link_opens_the_entry_with_its_formula_drawn(
    read: Callable[..., Reader], lang: Language, viewport: tuple[int, int]
) -> None:
    """The longest formulas fit a telephone or scroll; in Chinese only code, formulas and references are English."""
    t, opened = words(lang), "secondary_suppression"
    reader = read(viewport, lang=lang, measure=opened)
    entry = reader.key("entry")
    expect(entry).to_contain_text(t(f"measure.{opened}.question"))
    expect(entry.locator(".katex-display")).to_have_count(len(measure(opened).docs.formulas))
    expect(reader.key("open_measure").locator('[aria-checked="true"]')).to_have_text(t(f"measure.{opened}.name"))
    assert reader.page.get_by_test_id("stMain").evaluate(NO_WIDER)
    assert entry.evaluate(FORMULAS_REACHED)
    reader.at(measure=opened)
    if lang == "zh":
        seen = entry.evaluate(WITHOUT, LATIN_IN_CODE)
        assert set(re.findall(r"[A-Za-z]{4,}", seen)) == set()


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


def test_sections_entries_and_the_search_box_are_links_that_the_navigation_keeps(read: Callable[..., Reader]) -> None:
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
    reader.key("find_measure").locator("input").fill("cube_totals")
    reader.page.get_by_role("option").filter(has_text="cube_totals").first.click()
    reader.at(measure="cube_totals")
    expect(reader.key("entry")).to_contain_text(t("measure.cube_totals.question"))
    reader.page.get_by_role("link", name=t("page.data")).click()
    reader.page.wait_for_url("**/data*")
    reader.at(measure=None)
    reader.page.get_by_role("link", name=t("page.methods")).click()
    reader.at(measure="cube_totals")

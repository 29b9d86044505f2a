"""A figure tells where it comes from, and an old one says so."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pandas as pd
import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from clusters.kept_plans import plan_digest
from clusters.provenance import figure_provenance
from data import columns as c
from data.sources import sources
from tests.views.conftest import PHONE, Reader
from tests.views.opened import app_page
from views import data_sources, loaded, stale
from views.origin import rows_file
from views.words import Language, Words, words

Visit = Callable[..., Reader]


def opened(button: str, name: str = "overview", **query: str) -> AppTest:
    page = app_page(name, **query).run()
    assert not page.exception
    page.button(key=f"origin-{button}").click().run()
    assert not page.exception
    return page


def told(page: AppTest) -> str:
    return "\n".join(line.value for line in (*page.markdown, *page.caption))


def test_what_is_in_focus_tells_its_firms_cells_sources_and_plan(language: Language) -> None:
    t = words(language)
    page = opened("overview", lang=language, focus="district:440305")
    text = told(page)
    for heading in ("origin.sources", "origin.plan", "origin.coverage"):
        assert f"**{t(heading)}**" in text
    found = figure_provenance(loaded.dataset(), year=2021, district_id="440305")
    assert t("origin.firms", n=len(found.firms), of=found.n) in text
    assert t("stale.figures", month="2021-12", years=2) in text
    assert "/methods?" in text
    assert "measure=location_quotient_interval" in text
    assert f"data={loaded.dataset().version}" in text


def test_any_other_cell_is_a_choice_away() -> None:
    page = opened("district", "district", lang="zh", district="440305")
    subsectors, districts = (
        next(box for box in page.selectbox if str(box.key).startswith(f"origin_{what}"))
        for what in ("subsector", "district")
    )
    assert len(subsectors.options) == 13, "all together and each of the twelve"
    assert len(districts.options) == 13, "the city, each of the eleven, and firms without a place"
    assert districts.value == "440305"


def test_a_goal_tells_the_plans_own_words() -> None:
    page = opened("T9-", lang="zh")
    quote = loaded.plan().target("T9").quote
    assert quote
    assert quote in told(page).replace("\\", "")


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_rows_behind_a_figure_add_up_to_it(board: object, suffix: str) -> None:
    found = figure_provenance(board.dataset, year=2021, most=5)  # type: ignore[attr-defined]
    file = BytesIO(rows_file(found, board, suffix, words("zh")))  # type: ignore[arg-type]
    rows = pd.read_csv(file) if suffix == "csv" else pd.read_excel(file, engine="openpyxl")
    assert len(rows) == 6
    assert rows[c.REVENUE_CNY].astype(int).sum() == found.total_cny
    assert "data_version" in rows


def test_figures_are_old_two_years_after_their_year_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    t = words("zh")
    said = t("stale.figures", month="2021-12", years=2)
    for day, is_old in ((date(2023, 12, 31), False), (date(2024, 1, 1), True)):
        monkeypatch.setattr(stale, "today", lambda day=day: day)
        page = app_page("overview", lang="zh").run()
        assert not page.exception
        assert any(said in line.value for line in page.markdown) is is_old
        cards = "\n".join(element.proto.body for element in page.get("html"))
        assert ("jq-goal stale" in cards) is is_old


def test_the_sources_have_one_home_and_every_foot_leads_there(language: Language) -> None:
    t = words(language)
    page = app_page("methods", lang=language, measure="sources").run()
    assert not page.exception
    assert page.session_state["selection"].method == "sources"
    shown = page.dataframe[0].value
    assert shown["file"].tolist() == [source.file for source in sources()]
    assert shown["sha256"].tolist() == [source.sha256 for source in sources()]
    assert t("sources.none_imported", version="0") in [box.value for box in page.info]
    for name in ("overview", "district", "data", "methods"):
        page = app_page(name, lang=language).run()
        (link,) = (line.value for line in page.caption if t("footer.sources") in line.value)
        assert "measure=sources" in link
        assert "data=0" in link


def test_facts_age_and_rules_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    t = words("zh")
    monkeypatch.setattr(data_sources, "today", lambda: date(2026, 11, 27))
    page = app_page("methods", lang="zh", measure="sources").run()
    age = page.dataframe[0].value.set_index("file")["age"]
    assert age["reference/districts.csv"] == f"{t('sources.months', n=46)} · {t('stale.source', years=2)}"
    assert age["reference/revenue.csv"] == t("sources.months", n=22)
    assert age["reference/density.toml"] == t("sources.ageless")


def test_every_page_that_a_source_names_is_one() -> None:
    assert {f"page.{page}" for source in sources() for page in source.pages} <= words("zh").keys


def test_a_reader_shares_a_link_and_asks_where_a_figure_comes_from_by_keyboard(visit: Visit, t: Words) -> None:
    reader = visit("overview", viewport=PHONE)
    reader.at(data="0", plan=plan_digest(loaded.plan_of_today()))
    reader.key("share").get_by_role("button").first.click()
    shared = reader.page.locator('[data-testid="stPopoverBody"] code')
    expect(shared).to_have_text(reader.page.url)
    reader.page.keyboard.press("Escape")

    reader.key("origin-overview").get_by_role("button").press("Enter")
    dialog = reader.page.get_by_role("dialog")
    expect(dialog.get_by_text(t("origin.sources"), exact=True)).to_be_visible()
    whole = dialog.get_by_test_id("stMetricValue").inner_text()
    dialog.get_by_role("combobox").first.press("ArrowDown")
    reader.page.keyboard.press("ArrowDown")
    reader.page.keyboard.press("Enter")
    expect(dialog.get_by_test_id("stMetricValue")).not_to_have_text(whole)
    reader.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

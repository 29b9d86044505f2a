"""The briefing on the page of a district, and the way from there to what its units are listed for."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from clusters.briefing import district_briefing
from clusters.plan import Plan
from data.dataset import Dataset
from tests.views.conftest import PHONE, WIDE, Reader
from tests.views.opened import app_page
from views.briefing_words import caution_sentence, headline_sentence, path_sentence, told_headlines
from views.quadrant_chart import drawn_points, quadrant_chart
from views.tokens import tokens
from views.words import Language, words

NANSHAN, EMPTY = "440305", "440310"
MAIN_WIDTH = "() => document.querySelector('[data-testid=stMain]').scrollWidth"


def said(page: AppTest) -> str:
    return re.sub(r"\\(.)", r"\1", "\n".join(each.value for each in (*page.markdown, *page.caption)))


def test_the_page_says_every_finding_and_warning(plan: Plan, dataset: Dataset, language: Language) -> None:
    t, found = words(language), district_briefing(plan, dataset, NANSHAN)
    page = app_page("district", lang=language, district=NANSHAN).run()
    assert not page.exception
    text = said(page)
    for each in told_headlines(found)[1:]:  # the total is a figure above them
        assert headline_sentence(each, found, t) in text
    for each in found.cautions:
        assert caution_sentence(each, found, t) in text
    for fit in found.paths:
        assert path_sentence(fit, t) in text
    assert t("units.open") in {button.label for button in page.button}
    assert any(t("briefing.first_firm") in table.value.columns for table in page.table)


def test_a_district_without_a_firm_has_no_empty_charts(language: Language) -> None:
    t, page = words(language), app_page("district", lang=language, district=EMPTY).run()
    assert not page.exception
    text = said(page)
    assert t("briefing.quadrant") not in text
    assert t("briefing.paths") not in text
    assert t("caution.no_firms") in text


def test_the_chart_names_every_point_and_draws_none_without_a_place(plan: Plan, dataset: Dataset) -> None:
    found, t = district_briefing(plan, dataset, "440304"), words("zh")
    options = quadrant_chart(found.points, 11, tokens("light"), t)
    named = [point["name"] for series in options["series"] for point in series["data"]]
    assert len(named) == len(drawn_points(found.points)) == 7
    assert "金融科技 · 3 家" in " ".join(named) or any("金融科技" in name for name in named)
    sure, open_ = options["series"]
    assert sure["data"] == [], "three firms are too few to be classed"
    assert open_["itemStyle"]["color"] != sure["itemStyle"]["color"]
    low, high = options["xAxis"]["min"], options["xAxis"]["max"]
    assert all(low <= point["value"][0] <= high for point in open_["data"])


@pytest.mark.parametrize(("lang", "size"), [("zh", WIDE), ("en", PHONE)])
def test_the_page_fits_its_window_and_leads_from_the_briefing_to_the_units(
    visit: Callable[..., Reader], lang: Language, size: tuple[int, int]
) -> None:
    """The fixture fails on any request that leaves the machine."""
    t = words(lang)
    reader = visit("district", viewport=size, lang=lang, district=NANSHAN)
    page = reader.page
    expect(page.get_by_text(t("briefing.title"), exact=True).first).to_be_visible()
    expect(page.locator(".st-key-quadrant canvas").first).to_be_visible()
    table = reader.key("profile").get_by_test_id("stDataFrame")
    for part in (*map(reader.key, ("profile", "quotients", "sample_limits")), table):
        part.scroll_into_view_if_needed()
        expect(part).to_be_visible()
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
    expect(reader.key("quotients").locator("canvas").first).to_be_visible()
    assert page.evaluate(MAIN_WIDTH) <= size[0]
    page.get_by_role("button", name=t("briefing.rules")).click()
    expect(page.get_by_test_id("stPopoverBody")).to_contain_text("50%")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=t("units.open")).click()
    expect(page.get_by_text(t("units.lead")).first).to_be_visible()
    assert page.evaluate(MAIN_WIDTH) <= size[0]

"""A new reader comes to the start page: takes the tour by keyboard, goes through the doors, comes back by the logo."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from data.dataset import Dataset
from tests.views.conftest import PHONE, WIDE, Guarded, Reader, Server
from tests.views.test_languages import ASIDE, SEEN, left_in_chinese, left_in_english
from tests.views.test_layout import OVERHANG
from views import start, tour
from views.words import Language, words

DISTRICT = "440304"


@pytest.fixture
def come(guarded: Guarded, server: Server) -> Callable[..., Reader]:
    """Come to an address of the app with a browser that was never here."""

    def one(path: str = "", viewport: tuple[int, int] = WIDE) -> Reader:
        page = guarded.page(server.base, viewport)
        page.goto(f"{server.base}/{path}")
        return Reader(page, server.base).rested()

    return one


def dialog(reader: Reader) -> Locator:
    return reader.page.get_by_role("dialog")


def on(reader: Reader, page: str) -> None:
    reader.page.wait_for_url(lambda address: urlsplit(address).path.strip("/") == page)
    reader.rested()


def fits(reader: Reader) -> None:
    seen = reader.page.evaluate(OVERHANG)
    assert max(seen.values()) == seen["window"], seen


@pytest.mark.parametrize(("lang", "viewport"), [("zh", WIDE), ("en", PHONE)])
def test_a_new_reader_takes_the_tour_and_goes_through_every_door(
    come: Callable[..., Reader], lang: Language, viewport: tuple[int, int], dataset: Dataset
) -> None:
    t, reader = words(lang), come("" if lang == "zh" else "?lang=en", viewport)
    page = reader.page
    texts = []
    expect(dialog(reader)).to_be_visible()
    for n, step in enumerate(tour.STEPS):
        expect(dialog(reader).get_by_role("heading", name=t(f"tour.{step}.title"))).to_be_visible()
        texts.append(page.evaluate(SEEN, ASIDE))
        fits(reader)
        next_ = reader.key("tour_next").get_by_role("button")
        expect(next_).to_have_text(t("tour.done" if n == len(tour.STEPS) - 1 else "tour.next"))
        if n == 0:
            next_.focus()
        page.keyboard.press("Enter")  # the button keeps the focus from step to step
    expect(dialog(reader)).to_have_count(0)
    cookie = next(each for each in page.context.cookies() if each["name"] == tour.COOKIE)
    assert (cookie["value"], cookie["httpOnly"]) == ("seen", True)
    page.reload()
    reader.rested()
    expect(reader.key("door-sites")).to_be_visible()
    expect(dialog(reader)).to_have_count(0)

    texts.append(page.evaluate(SEEN, ASIDE))
    fits(reader)
    if viewport == WIDE:
        foot = reader.key("way-methods").bounding_box()
        assert foot is not None
        assert foot["y"] + foot["height"] <= viewport[1], "the first screen is complete"
    for door in start.DOORS:
        reader.key(f"read_door_{door}").get_by_role("button").first.click()
        expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
        texts.append(page.evaluate(SEEN, ASIDE))
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    unsaid = (left_in_english if lang == "en" else left_in_chinese)("\n".join(texts), dataset)
    assert unsaid == set()

    box = reader.key("start_district").locator("input")
    name = dataset.districts["name" if lang == "zh" else "name_en"][DISTRICT]
    box.scroll_into_view_if_needed()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    box.click()  # a list that opens while the page still scrolls is closed again
    page.get_by_role("option", name=name).click()
    reader.at(district=DISTRICT)
    expect(reader.key("open_district").get_by_role("button")).to_have_text(
        re.compile(re.escape(t("start.open_this", name=name)))
    )
    for door in start.DOORS:
        reader.key(f"open_{door}").get_by_role("button").click()
        on(reader, door)
        if door == "district":
            expect(page.get_by_role("heading", name=name).first).to_be_visible()
        expect(reader.key("to_start")).to_be_visible()
        expect(dialog(reader)).to_have_count(0)
        page.locator('[data-testid="stLogoLink"]:visible').first.click()
        on(reader, "")
        reader.at(district=DISTRICT)


def test_a_link_into_a_page_is_not_interrupted_and_the_foot_has_tour_and_terms(come: Callable[..., Reader]) -> None:
    t, reader = words("zh"), come("methods?measure=term:krugman")
    expect(reader.key("term")).to_contain_text(t("term.krugman.text"))
    expect(dialog(reader)).to_have_count(0)
    reader.key("to_tour").get_by_role("button").click()
    expect(dialog(reader)).to_be_visible()
    reader.page.keyboard.press("Escape")
    expect(dialog(reader)).to_have_count(0)
    reader.rested().key("to_terms").get_by_role("button").click()
    reader.at(measure="terms")
    expect(reader.key("term")).to_have_count(0)
    reader.key("to_start").get_by_role("button").click()
    on(reader, "")
    expect(reader.key("door-district")).to_be_visible()
    expect(dialog(reader)).to_have_count(0)

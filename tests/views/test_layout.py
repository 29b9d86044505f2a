"""Both pages fit a desk and a phone in both languages, and show no word of the other one.

Nothing hangs over the side, the map and the goals are there. Names, addresses and sources keep the language of their
file. Pictures of every view are left under ``test-results/`` for people to look at.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from data.dataset import Dataset
from tests.views.conftest import PHONE, ROOT, WIDE, Reader, read_cards
from tests.views.test_languages import ASIDE, SEEN, left_in_chinese, left_in_english
from views import loaded
from views.words import Language, words

Visit = Callable[..., Reader]
PICTURES = ROOT / "test-results"
OVERHANG = """() => ({
  document: document.documentElement.scrollWidth,
  main: document.querySelector('[data-testid="stMain"]').scrollWidth,
  window: document.documentElement.clientWidth,
})"""

ON_MAP = """() => {
  const named = [...document.querySelectorAll('[title], [aria-label]')];
  const hints = named.flatMap(e => [e.title, e.getAttribute('aria-label') || '']);
  return [document.body.innerText, ...hints].join('\\n');
}"""
QUERIES = {"overview": {"focus": "district:440305"}, "district": {"district": "440305"}}


def check(reader: Reader, path: str, width: int) -> None:
    """Nothing hangs over, and what matters is there."""
    seen = reader.page.evaluate(OVERHANG)
    assert max(seen.values()) == seen["window"] <= width, seen
    frame = reader.page.locator('iframe[title="streamlit_folium.st_folium"]')
    box = frame.bounding_box()
    assert box is not None
    assert box["height"] >= 300
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert reader.drawn()["district"] == 11
    inside = reader.frame.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert inside[0] <= inside[1]
    for part in (".jq-legend", ".leaflet-control-attribution", ".leaflet-control-zoom"):
        control = reader.map.locator(part).bounding_box()
        assert control is not None
        assert control["x"] >= box["x"] - 1
        assert control["x"] + control["width"] <= box["x"] + box["width"] + 1
    if path == "overview":
        goals = reader.key(f"goals-{loaded.PLAN_ID}").locator(".jq-goal .name")
        expect(goals).to_have_count(8)
        for goal in goals.all():
            expect(goal).to_be_visible()


def words_on(reader: Reader) -> list[str]:
    """What a page says, with all that it opens and its tables."""
    page = reader.page
    texts = [page.title(), page.evaluate(SEEN, ASIDE)]
    for popover in page.get_by_test_id("stPopover").all():
        popover.get_by_role("button").first.click()
        body = page.get_by_test_id("stPopoverBody")
        expect(body).to_be_visible()
        texts.append(page.evaluate(SEEN, ASIDE))
        page.keyboard.press("Escape")
        expect(body).to_have_count(0)
    for expander in page.get_by_test_id("stExpander").all():
        details = expander.get_by_test_id("stExpanderDetails")
        if not details.is_visible():
            expander.locator("summary").click()
        expect(details).to_be_visible()
    texts.append(page.evaluate(SEEN, ASIDE))
    texts += [
        cell
        for key in ("matrix", "clusters", "firms", "parks")
        if reader.key(key).count()
        for row in reader.cells(key)
        for cell in row
    ]
    return texts


def words_on_map(reader: Reader) -> list[str]:
    """What the map says, with every card."""
    cards = [text for card in read_cards(reader.frame).values() for text in card]
    return [*cards, reader.frame.evaluate(ON_MAP)]


@pytest.mark.parametrize("path", list(QUERIES))
def test_a_page_fits_desk_and_phone_and_shows_no_word_of_the_other_language(
    visit: Visit, dataset: Dataset, path: str
) -> None:
    """Opened on a phone; the other language is chosen on a desk."""
    PICTURES.mkdir(exist_ok=True)
    reader = visit(path, viewport=PHONE, **QUERIES[path])
    _fits(reader, path, "zh", PHONE)
    _fits(reader, path, "zh", WIDE)
    texts = words_on(reader) + words_on_map(reader)  # the map last, since the page hears of its clicks
    _says_only(texts, "zh", dataset)

    reader.quiet().choice("language", "English").click()
    reader.at(lang="en")
    expect(reader.map.locator(".jq-legend")).to_contain_text(words("en")("map.firm_legend"))
    _fits(reader, path, "en", WIDE)
    texts = words_on(reader)
    _fits(reader, path, "en", PHONE)
    _says_only(texts + words_on_map(reader), "en", dataset)


def _fits(reader: Reader, path: str, language: Language, viewport: tuple[int, int]) -> None:
    width, height = viewport
    reader.page.set_viewport_size({"width": width, "height": height})
    reader.settled().quiet()
    check(reader, path, width)
    file = PICTURES / f"{path}-{language}-{width}.png"
    reader.page.screenshot(path=file, full_page=True)
    assert file.stat().st_size > 10_000


def _says_only(texts: list[str], language: Language, dataset: Dataset) -> None:
    t, text = words(language), "\n".join(texts)
    assert t("notice.sketch") in text
    assert t("field.official_area") in text
    assert (left_in_english if language == "en" else left_in_chinese)(text, dataset) == set()

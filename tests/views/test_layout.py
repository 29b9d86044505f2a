"""Both pages fit a desk and a phone, in both languages: nothing hangs over the side, the map and the goals are there.

Pictures of every view are left under ``test-results/`` for people to look at.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.views.conftest import PHONE, ROOT, WIDE, Reader
from views import loaded
from views.words import words

Visit = Callable[..., Reader]
PICTURES = ROOT / "test-results"
OVERHANG = """() => ({
  document: document.documentElement.scrollWidth,
  main: document.querySelector('[data-testid="stMain"]').scrollWidth,
  window: document.documentElement.clientWidth,
})"""


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


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", ["overview", "district"])
def test_a_page_fits_its_window(visit: Visit, path: str, viewport: tuple[int, int]) -> None:
    PICTURES.mkdir(exist_ok=True)
    reader = visit(path, viewport=viewport)
    for language in ("zh", "en"):
        t = words(language)
        if language == "en":
            reader.choice("language", "English").click()
            reader.at(lang="en")
            expect(reader.map.locator(".jq-legend")).to_contain_text(t("map.firm_legend"))
            reader.settled()
        check(reader, path, viewport[0])
        _picture(reader, PICTURES / f"{path}-{language}-{viewport[0]}.png")


def _picture(reader: Reader, file: Path) -> None:
    reader.page.screenshot(path=file, full_page=True)
    assert file.stat().st_size > 10_000

"""The web page: one file without script or outside link, whose names are text."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect

from tests.views.conftest import Guarded
from tests.views.paper import DRAWING, HOSTILE, LINK, document
from views.document import printable
from views.document_html import document_html
from views.document_svg import inline_svg


@pytest.fixture(scope="module")
def page() -> BeautifulSoup:
    return BeautifulSoup(document_html(document()), "html.parser")


def test_names_are_text_and_nothing_runs(page: BeautifulSoup) -> None:
    assert page.find_all(["script", "iframe", "object", "embed", "link", "base"]) == []
    for name in HOSTILE:
        assert len(page.find_all(string=printable(name))) >= 3, name
    for element in page.find_all(True):
        assert not [name for name in element.attrs if name.lower().startswith("on")]


def test_the_only_link_is_the_one_that_was_given(page: BeautifulSoup) -> None:
    assert [a["href"] for a in page.find_all("a")] == [LINK]
    linked = {value for tag in page.find_all(True) for name, value in tag.attrs.items() if name in ("src", "href")}
    assert {value for value in linked if not value.startswith("#")} == {LINK}
    assert "default-src 'none'" in page.find("meta", {"http-equiv": True})["content"]
    for path in ("/district?x=1", "javascript:alert(1)"):
        assert "<a " not in document_html(document(link=path))


def test_no_two_elements_share_an_id_and_every_reference_is_kept(page: BeautifulSoup) -> None:
    ids = [element["id"] for element in page.find_all(id=True)]
    assert len(ids) == len(set(ids)) >= 6
    assert set(re.findall(r"url\(#([^)]+)\)", str(page))) <= set(ids)
    assert len(page.find_all("svg")) == 4  # three drawings and the code


def test_what_a_drawing_should_not_hold_is_taken_out() -> None:
    bad = DRAWING.replace(
        "<defs>",
        '<script>alert(1)</script><a href="https://evil.example"><rect/></a><foreignObject/>'
        '<image href="https://evil.example/x.png"/><rect onclick="alert(1)" fill="url(https://evil.example)"/><defs>',
    )
    clean = inline_svg(bad, "f1-", 'a"b')
    for left in ("script", "evil", "onclick", "foreignObject"):
        assert left not in clean
    assert "url(#f1-p1)" in clean
    assert 'id="f1-p1"' in clean
    assert "图中文字 42" in clean


def test_it_opens_without_a_network_on_a_screen_a_phone_and_paper(guarded: Guarded, tmp_path: Path) -> None:
    file = tmp_path / "document.html"
    file.write_text(document_html(document()), "utf-8")
    page = guarded.page()
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(file.as_uri())
        expect(page.get_by_role("heading", level=1)).to_have_text("南山区 产业集群")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("figure svg").first.bounding_box()["width"] > 300
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"

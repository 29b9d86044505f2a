"""The buttons: nothing is made before a click, and each format is what it says."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.views.opened import app_page
from tests.views.paper import document
from views.document_file import FORMATS, Format, document_file
from views.words import words


def test_the_page_of_a_district_offers_its_document_without_making_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr("views.district.district_document", lambda *a, **k: made.append(a))
    page = app_page("district", district="440305", lang="zh").run()
    assert not page.exception
    offered = [button.proto.label for button in page.get("download_button")]
    assert {words("zh")(f"document.{kind}") for kind in FORMATS} <= set(offered)
    assert made == []


def test_only_the_formats_that_were_asked_for_are_offered() -> None:
    def script() -> None:
        import streamlit as st

        from tests.views.paper import document
        from views.document_downloads import document_downloads
        from views.words import words

        document_downloads(st.container(), document, "name", words("en"), formats=("xlsx",), key="one")

    page = AppTest.from_function(script).run(timeout=30)
    assert not page.exception
    assert [button.proto.label for button in page.get("download_button")] == [words("en")("document.xlsx")]


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_what_it_says(kind: Format) -> None:
    begins = {"pdf": b"%PDF-", "xlsx": b"PK\x03\x04", "html": b"<!DOCTYPE html>"}
    assert document_file(document(), kind).startswith(begins[kind])

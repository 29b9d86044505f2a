"""The PDF: A4 pages with our fonts, text that can be found, drawings that are there, and names that stay names."""

import re
from dataclasses import replace

import numpy as np
import pypdfium2 as pdfium
import pytest

from geo import web_assets
from geo.errors import AssetsMissing
from tests.views.paper import A4_PT, HOSTILE, LINK, document, inked, opened, pictures, texts
from views import document_pdf as writer
from views.document_code import qr_svg
from views.document_pdf import document_pdf


@pytest.fixture(scope="module")
def file() -> bytes:
    return document_pdf(document())


def test_every_page_is_a4_with_something_on_it_and_its_number(file: bytes) -> None:
    pages, seen = texts(file), pictures(file)
    assert len(pages) >= 3
    with opened(file) as pdf:
        for number, (text, pixels) in enumerate(zip(pages, seen, strict=True), 1):
            assert pdf.get_page_size(number - 1) == pytest.approx(A4_PT, abs=0.1)
            assert f"{number} / {len(pages)}" in text
            assert inked(pixels) > 0.005
            assert not (pixels[:20] < 250).any()
            assert not (pixels[:, :20] < 250).any()
            assert not (pixels[:, -20:] < 250).any()  # nothing runs out of the page


def test_words_and_numbers_of_both_languages_are_found_in_text_and_drawings(file: bytes) -> None:
    whole = "\n".join(texts(file))
    for words in (
        "南山区 产业集群",
        "Nanshan",
        "9,015.9 亿元",
        "参考分解，非官方指标",
        "图中文字 42",
        "来源与方法",
        LINK,
    ):
        assert words in whole
    assert whole.count("图中文字 42") == 3
    assert whole.count("营收（亿元）") >= 2  # the heading of a table stands on each of its pages


def test_what_markup_would_read_is_set_as_it_is_written(file: bytes) -> None:
    whole = "".join(texts(file)).replace("\n", "")
    for name in HOSTILE:
        if name.isprintable() and not set(name) & set("😀م"):
            assert whole.count(name) >= 3, name
    assert "root:" not in whole
    assert "abcd" in whole


def test_every_font_is_ours_and_in_the_file(file: bytes) -> None:
    fonts = set()
    with opened(file) as pdf:
        for number in range(len(pdf)):
            page = pdf[number]
            for thing in page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_TEXT], max_depth=5):
                font = thing.get_font()
                fonts.add((font.get_base_name().partition("+")[2], font.is_embedded))
            page.close()
    assert fonts == {("NotoSansSC-Regular", True), ("NotoSansSC-Bold", True)}


def test_a_drawing_fills_its_place(file: bytes) -> None:
    dark = [np.abs(page.astype(int) - (0x0B, 0x43, 0x5D)).max(axis=2) < 8 for page in pictures(file)]
    assert max(page.mean() for page in dark) > 0.1


def test_the_only_link_is_the_one_that_was_given(file: bytes) -> None:
    assert _links(file) == {LINK.encode()}
    assert _links(document_pdf(document(link="/district?district=440305"))) == set()
    assert _links(document_pdf(document(link="javascript:alert(1)"))) == set()


def test_a_path_is_printed_without_a_code() -> None:
    path = "/district?district=440305"
    assert path in texts(document_pdf(document(link=path)))[0]
    assert qr_svg(path) == ""
    assert qr_svg("https://jiqun.example/" + "x" * 5000) == ""
    assert qr_svg(LINK).startswith("<svg ")


def test_the_same_document_gives_the_same_bytes(file: bytes) -> None:
    assert document_pdf(document()) == file


def test_title_outline_language_and_structure_are_in_the_file(file: bytes) -> None:
    with opened(file) as pdf:
        assert pdf.get_metadata_dict()["Title"] == "南山区 产业集群"
        assert pdf.is_tagged()
        assert [mark.get_title() for mark in pdf.get_toc()][:2] == ["概况", "图"]


def test_a_document_with_nothing_in_it_is_a_page() -> None:
    empty = replace(document(), sections=(), origin=(), link="", lead="", subtitle="")
    assert len(texts(document_pdf(empty))) == 1


def test_missing_fonts_are_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_assets, "FONTS", ("nowhere/font.ttf",))
    writer._fonts.cache_clear()
    with pytest.raises(AssetsMissing, match="make install"):
        document_pdf(document())


def _links(file: bytes) -> set[bytes]:
    return set(re.findall(rb"/URI\s*\((.*?)\)", file))

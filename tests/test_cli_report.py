"""A district's report from a terminal: three formats, both languages, and one sentence for what cannot be."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import cli
from data.settings import Settings, settings
from tests.views.paper import inked, pictures, texts
from views.words import words


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    def call(*asked: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cli.py", "report", *asked])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out = capfd.readouterr()
        return int(ended.value.code or 0), out.out, out.err

    return call


def test_a_pdf_of_a_district(said: Any, tmp_path: Path) -> None:
    path = tmp_path / "南山.pdf"
    code, out, err = said("440305", "-o", str(path), "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told == {"file": str(path), "bytes": path.stat().st_size, "district": "440305", "year": 2021}
    pages = texts(path.read_bytes())
    for part in ("南山区", "9,015.9", "2021", "/district?year=2021&district=440305", f"1 / {len(pages)}"):
        assert part in pages[0]
    t = words("zh")
    whole = "".join(pages).replace("\n", "")
    for part in (t("word.derived"), "腾讯", t("notice.sketch"), t("document.origin")):
        assert part in whole
    for picture in pictures(path.read_bytes()):
        assert inked(picture) > 0.01


def test_the_address_of_the_app_is_printed_with_its_code(
    said: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIQUN_PUBLIC_URL", "https://jiqun.example/maps/")
    settings.cache_clear()
    path = tmp_path / "a.html"
    assert said("南山区", "-o", str(path), "--place", "operating", "--year", "2020")[0] == 0
    monkeypatch.undo()
    settings.cache_clear()
    page = path.read_text("utf-8")
    link = "https://jiqun.example/maps/district?year=2020&amp;place=operating&amp;district=440305"
    assert f'<a href="{link}&amp;data=0&amp;plan=' in page
    assert page.count(words("zh")("document.code")) == 1


@pytest.mark.parametrize(
    "address", ["jiqun.example", "javascript:alert(1)", "https://", "https://a b", "https://a?b=1"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="public_url"):
        Settings(public_url=address)


def test_a_workbook_in_english_has_numbers_and_no_formula(said: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    assert said("Futian District", "-o", str(path), "--lang", "en")[0] == 0
    book = load_workbook(io.BytesIO(path.read_bytes()))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"n", "s"}
    money = [cell.value for cell in cells if cell.data_type == "n" and "CNY" in cell.number_format]
    assert max(money) > 10**10
    assert all(isinstance(value, int) for value in money)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (("999", "-o", "a.pdf"), "999"),
        (("440305", "-o", "a.docx"), ".docx"),
        (("440305", "-o", "report"), ".pdf"),
        (("440305",), "--output"),
        (("440305", "-o", "a.pdf", "--year", "1999"), "1999"),
        (("440305", "-o", "a.pdf", "--place", "moon"), "moon"),
        (("440305", "-o", "a.pdf", "--plan", "none-such"), "none-such"),
        (("440305", "-o", "a.pdf", "--lang", "fr"), "fr"),
        (("440305", "-o", "no/such/folder/a.pdf"), "folder"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    said: Any, asked: tuple[str, ...], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = said(*asked)
    assert (code, out) == (2, "")
    assert named in err
    assert len(err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []

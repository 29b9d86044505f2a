"""The workbook: numbers are numbers, text is text, nothing is a formula."""

import io
import zipfile
from dataclasses import replace

import pytest
from openpyxl import Workbook, load_workbook

from tests.views.paper import HOSTILE, document
from views.document import Cell, Column, Section, Table, printable
from views.document_xlsx import document_xlsx, sheet_name


@pytest.fixture(scope="module")
def file() -> bytes:
    return document_xlsx(document())


@pytest.fixture(scope="module")
def book(file: bytes) -> Workbook:
    return load_workbook(io.BytesIO(file))


def test_each_table_is_a_sheet_between_summary_and_origin(book: Workbook) -> None:
    assert book.sheetnames == ["概要", "企业 名单", "企业 名单 2", "来源与方法"]
    assert book["企业 名单"].freeze_panes == "A2"


def test_numbers_are_numbers_with_a_format_and_codes_are_text(book: Workbook) -> None:
    sheet = book["企业 名单"]
    assert (sheet["B2"].value, sheet["B2"].number_format) == (0.5, "#,##0.0")
    assert (sheet["C3"].value, sheet["C3"].number_format) == (0.001, "0.0%")
    assert {sheet.cell(row, 2).data_type for row in range(2, sheet.max_row + 1)} == {"n"}
    assert (sheet["D2"].value, sheet["D2"].data_type) == ("00440305", "s")


def test_no_cell_is_a_formula_and_every_name_comes_back(file: bytes, book: Workbook) -> None:
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "n"}
    names = {cell.value for cell in book["企业 名单"]["A"]}
    assert {printable(name) for name in HOSTILE} <= names
    assert book["企业 名单"]["A12"].value == "=1+1"
    assert book["企业 名单"]["A12"].quotePrefix
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/")]
    assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)


def test_what_a_spreadsheet_cannot_hold_stays_text() -> None:
    rows = tuple((Cell("说不清", value),) for value in (10**16, float("inf"), float("nan"), None, 10**15))
    held = replace(document(), sections=(Section("s", (Table("t", (Column("a", "right", "0"),), rows),)),))
    sheet = load_workbook(io.BytesIO(document_xlsx(held)))["t"]
    assert [sheet.cell(row, 1).value for row in range(2, 7)] == ["说不清"] * 4 + [10**15]


def test_columns_are_wide_enough_for_chinese(book: Workbook) -> None:
    assert book["企业 名单"].column_dimensions["A"].width == 60
    assert book["企业 名单"].column_dimensions["B"].width >= 12


@pytest.mark.parametrize("asked", ["a" * 60, "[x]:*?/\\", "'", "", "History", "history", "\x00", "表" * 40])
def test_names_of_sheets_are_taken_and_differ(asked: str) -> None:
    taken: set[str] = set()
    names = [sheet_name(asked, taken) for _ in range(12)]
    assert len({name.casefold() for name in names}) == 12
    for name in names:
        assert 1 <= len(name) <= 31
        assert not set(name) & set("[]:*?/\\")
        assert name.casefold() != "history"
        assert not name.startswith("'")
        assert not name.endswith("'")

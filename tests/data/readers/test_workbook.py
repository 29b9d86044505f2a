import datetime
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlwt

from data.readers import Limits
from data.readers.raw_table import FileKind, RawTable

Read = Callable[..., RawTable]
Make = Callable[..., Path]
Reason = Callable[..., str]


def xlsx(*sheets: tuple[str, list[list[object]]], merges: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for merge in merges:
            sheet.merge_cells(merge)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def xls(rows: list[list[object]]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名录")
    dates = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell, *([dates] if isinstance(cell, datetime.date) else []))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


HALF_PAST_TEN = datetime.datetime(2021, 3, 5, 10, 30)
TYPED = ["甲", 3, 2.5, 123456789012, 914403001922038216, True, HALF_PAST_TEN.date(), HALF_PAST_TEN]
HEADINGS = ["企业", "人数", "营收", "总额", "代码", "上市", "成立", "更新"]
WRITTEN = ["甲", "3", "2.5", "123456789012", "9.14403E+17", "TRUE", "2021-03-05", "2021-03-05 10:30:00"]


def first_row(raw: RawTable) -> list[str | None]:
    return [column[0].as_py() for column in raw.cells.columns]


def test_typed_cells_of_an_xlsx_become_the_text_that_excel_shows(read_here: Read, make: Make) -> None:
    raw = read_here(make(xlsx(("名录", [HEADINGS, TYPED]))))
    assert raw.file_kind is FileKind.XLSX
    assert raw.headings == tuple(HEADINGS)
    assert first_row(raw) == WRITTEN
    assert raw.facts == {"heading_rows": "1", "sheet": "名录", "sheets": "名录"}


def test_typed_cells_of_a_legacy_xls_become_the_same_text(read_here: Read, make: Make) -> None:
    raw = read_here(make(xls([HEADINGS[:7], TYPED[:7]]), "upload.dat"))
    assert raw.file_kind is FileKind.XLS
    assert first_row(raw) == WRITTEN[:7]


def test_text_keeps_its_zeros_and_its_words(read_here: Read, make: Make) -> None:
    cells = ["000004", "NA", "nan", "91440300708461136T"]
    raw = read_here(make(xlsx(("s", [["代码", "区"], *([cell, "南山"] for cell in cells)]))))
    assert raw.cells["0"].to_pylist() == cells


def test_rows_and_columns_are_counted_from_where_the_sheet_begins(read_here: Read, make: Make) -> None:
    rows: list[list[object]] = [[], [], [None, "企业", "区"], [None, "甲", "南山"], [], [None, "乙", "福田"]]
    raw = read_here(make(xlsx(("s", rows))))
    assert raw.headings == ("企业", "区")
    assert raw.rows.tolist() == [4, 6]


def test_a_title_and_merged_headings_of_two_rows(read_here: Read, make: Make) -> None:
    rows: list[list[object]] = [
        ["2022年企业名录"],
        ["企业", "位置", None, "营收（万元）", None],
        [None, "经度", "纬度", 2021, 2022],
        ["甲", 114.1, 22.5, 3, 4],
    ]
    merges = ("A1:E1", "A2:A3", "B2:C2", "D2:E2")
    raw = read_here(make(xlsx(("s", rows), merges=merges)))
    assert raw.headings == ("企业", "位置 经度", "位置 纬度", "营收（万元） 2021", "营收（万元） 2022")
    assert first_row(raw) == ["甲", "114.1", "22.5", "3", "4"]
    assert (raw.facts["heading_rows"], raw.facts["title"], raw.rows.tolist()) == ("2", "2022年企业名录", [4])


def test_merged_headings_of_a_legacy_xls(read_here: Read, make: Make) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    sheet.write_merge(0, 1, 0, 0, "企业")
    sheet.write_merge(0, 0, 1, 2, "位置")
    for (i, j), cell in {(1, 1): "经度", (1, 2): "纬度", (2, 0): "甲", (2, 1): 114.1, (2, 2): 22.5}.items():
        sheet.write(i, j, cell)
    target = io.BytesIO()
    book.save(target)
    assert read_here(make(target.getvalue())).headings == ("企业", "位置 经度", "位置 纬度")


def test_the_first_sheet_that_holds_anything_is_read_unless_one_is_named(
    read_here: Read, reason: Reason, make: Make
) -> None:
    book = make(
        xlsx(("说明", []), ("企业", [["名称", "区"], ["甲", "南山"]]), ("园区", [["名称", "区"], ["乙", "福田"]]))
    )
    raw = read_here(book)
    assert (raw.facts["sheet"], raw.facts["sheets"]) == ("企业", "说明\n企业\n园区")
    assert first_row(read_here(book, sheet="园区"))[0] == "乙"
    assert reason(book, sheet="没有") == "no_such_sheet"
    assert reason(book, sheet="说明") == "no_rows"


def test_a_hidden_sheet_is_not_read_by_itself(read_here: Read, make: Make) -> None:
    book = openpyxl.Workbook()
    book.active.append(["旧", "表"])
    book.active.append(["x", "y"])
    book.active.sheet_state = "hidden"
    shown = book.create_sheet("名录")
    for row in (["企业", "区"], ["甲", "南山"]):
        shown.append(row)
    target = io.BytesIO()
    book.save(target)
    assert read_here(make(target.getvalue())).facts["sheet"] == "名录"


def test_what_is_called_csv_and_is_a_workbook_is_read_as_a_workbook(read_here: Read, make: Make) -> None:
    assert read_here(make(xlsx(("s", [["企业", "区"], ["甲", "南山"]])), "名录.csv")).file_kind is FileKind.XLSX


def test_what_is_called_xls_and_is_text_is_read_as_text(read_here: Read, make: Make) -> None:
    raw = read_here(make("企业\t区\n甲\t南山\n".encode("gbk"), "名录.xls"))
    assert (raw.file_kind, raw.facts["separator"]) == (FileKind.CSV, "\t")


def test_a_web_page_called_xls_is_refused(reason: Reason, make: Make) -> None:
    assert reason(make("<table><tr><td>企业</td></tr></table>", "名录.xls")) == "html"


def test_headings_alone_are_refused(reason: Reason, make: Make) -> None:
    assert reason(make(xlsx(("s", [["企业", "区"]])))) == "no_rows"


def test_too_many_cells_are_refused_before_they_are_parsed(reason: Reason, make: Make) -> None:
    book = make(xlsx(("s", [["企业", "区"], *([f"甲{i}", "南山"] for i in range(50))])))
    assert reason(book, Limits(workbook_cells=20)) == "too_many_cells"
    assert reason(book, Limits(columns=1)) == "too_many_columns"


def with_part(book: bytes, part: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != part:
                new.writestr(info.filename, old.read(info))
        new.writestr(part, content)
    return target.getvalue()


BOMB = b"""<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&b;</t></si></sst>"""


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_part_with_entities_is_refused(reason: Reason, make: Make, part: str) -> None:
    book = xlsx(("s", [["企业", "区"], ["甲", "南山"]]))
    assert reason(make(with_part(book, part, BOMB))) == "document_type"


def test_entities_cannot_hide_in_utf16(reason: Reason, make: Make) -> None:
    book = xlsx(("s", [["企业", "区"], ["甲", "南山"]]))
    for codec in ("utf-16", "utf-16-le"):
        hidden = BOMB.decode().encode(codec)
        assert reason(make(with_part(book, "xl/sharedStrings.xml", hidden))) == "not_utf8"


def test_a_sheet_that_swells_is_refused_before_it_is_unpacked(reason: Reason, make: Make) -> None:
    cells = b"<row>" + b'<c t="inlineStr"><is><t>x</t></is></c>' * 200_000 + b"</row>"
    book = with_part(xlsx(("s", [["a", "b"]])), "xl/worksheets/sheet1.xml", b"<worksheet><sheetData>" + cells)
    assert reason(make(book)) == "unpacks_too_large"


def test_a_cut_or_broken_workbook_is_damaged(reason: Reason, make: Make) -> None:
    book = xlsx(("s", [["企业", "区"], ["甲", "南山"]]))
    assert reason(make(book[: len(book) // 2])) == "damaged"
    assert reason(make(with_part(book, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row"))) == "damaged"
    assert reason(make(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)) == "damaged"

"""Workbooks, XLSX and legacy XLS: one sheet of them, typed cells written back to text.

A workbook is unpacked as a whole, so its parts are judged first: how many cells there are, and that no part declares
a document type. Formulas are read as the values that were last calculated; a cell with an error is blank.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from data.readers.answer import Answer, Described
from data.readers.archives import Archive
from data.readers.cell_text import cell_text, tidy, without_blank_rows
from data.readers.heading_rows import LOOKED_AT, Merge, find_heads
from data.readers.limits import Limits
from data.readers.raw_table import ReadOptions
from data.readers.refusing import Refusal

_BATCH = 8_192
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_MEDIA = "xl/media/"  # pictures, which nobody opens

Row = Sequence[object]


def read_workbook(path: Path, options: ReadOptions, limits: Limits, answer: Answer) -> Described:
    """Read one sheet into the answer: the one that is named, or the first that shows any cell."""
    try:
        with load_workbook(path) as book:
            names = [m.name for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
            name, sheet = _chosen(book, names, options.sheet)
            described = _read_sheet(sheet, options.heading_rows, limits, answer)
    except PasswordError as problem:
        raise Refusal("encrypted") from problem
    except (CalamineError, ValueError, OSError) as problem:
        raise Refusal("damaged") from problem
    described.facts |= {"sheet": name, "sheets": "\n".join(names)}
    return described


def check_parts(archive: Archive, limits: Limits) -> None:
    """Judge the parts of an XLSX before they are parsed.

    Raises
    ------
    Refusal
        ``too_many_cells``; ``document_type`` for a part with a DTD, ``not_utf8`` for one that could hide it.
    """
    halves = 0
    for member in archive.members:
        if member.name.lower().startswith(_MEDIA):
            continue
        tail = b""
        for block in archive.blocks(member):
            window = tail + block
            if not tail and (window.startswith(_UTF16_MARKS) or (member.suffix == "xml" and b"\0" in window[:64])):
                raise Refusal("not_utf8", member=member.name)
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                raise Refusal("document_type", member=member.name)
            # a value, or text in place; a tag with a prefix is seen twice, where it opens and where it closes
            halves += 2 * (block.count(b"</v>") + block.count(b"</is>")) + block.count(b":v>") + block.count(b":is>")
            if halves > 2 * limits.workbook_cells:
                raise Refusal("too_many_cells", limit=limits.workbook_cells)
            tail = window[-16:]


def _chosen(book: CalamineWorkbook, names: Sequence[str], told: str | None) -> tuple[str, CalamineSheet]:
    if told is not None:
        if told not in names:
            raise Refusal("no_such_sheet", sheet=told, known=", ".join(names))
        return told, book.get_sheet_by_name(told)
    visible = [m.name for m in book.sheets_metadata if m.visible == SheetVisibleEnum.Visible and m.name in names]
    for name in visible or names:
        sheet = book.get_sheet_by_name(name)
        if sheet.start is not None:
            return name, sheet
    raise Refusal("no_rows")


def _read_sheet(sheet: CalamineSheet, told: int | None, limits: Limits, answer: Answer) -> Described:
    if sheet.start is None:
        raise Refusal("no_rows")
    if sheet.width > limits.columns:
        raise Refusal("too_many_columns", count=sheet.width, limit=limits.columns)
    if sheet.height * sheet.width > limits.workbook_cells:
        raise Refusal("too_many_cells", limit=limits.workbook_cells)
    left = sheet.start[1]  # rows are counted from the sheet's own first, columns from the first that is used
    rows: Iterator[Row] = iter(sheet.iter_rows())
    above = sheet.start[0]
    first = list(islice(islice(rows, above, None), LOOKED_AT))
    heads = find_heads([[cell_text(c) for c in row] for row in first], _merges(sheet, above, left), told)
    start = above + 1 + heads.first + heads.count
    batch: list[Row] = first[heads.first + heads.count :]
    while batch:
        columns = [_column(column) for column in zip(*batch, strict=True)]
        numbers, held = without_blank_rows(np.arange(start, start + len(batch), dtype=np.int64), columns)
        if len(numbers):
            answer.write(numbers, held)
        start += len(batch)
        batch = list(islice(rows, _BATCH))
    facts = {"heading_rows": str(heads.count)}
    return Described(heads.headings, facts | ({"title": "\n".join(heads.titles)} if heads.titles else {}))


def _merges(sheet: CalamineSheet, above: int, left: int) -> list[Merge]:
    """Merged cells near the top, counted as the rows and columns that are read."""
    ranges = sheet.merged_cell_ranges or ()
    return [
        (max(top - above, 0), max(first - left, 0), bottom - above, min(last - left, sheet.width - 1))
        for (top, first), (bottom, last) in ranges
        if bottom >= above and last >= left and top < above + LOOKED_AT and first < left + sheet.width
    ]


def _column(cells: Sequence[object]) -> pa.Array:
    if set(map(type, cells)) != {str}:
        cells = [cell_text(cell) for cell in cells]
    return tidy(pa.array(cells, pa.large_string()))

"""A document as a workbook: a sheet of what it says, one of each table, one of its sources; numbers are numbers.

No cell is a formula, whatever a text begins with. A number that a spreadsheet cannot hold exactly is written as text.
"""

import io
import math
import re

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from data.writers.xlsx import EXACT, MOST_CHARACTERS
from views.document import Block, Cell, Document, Facts, Figure, Table, Text, printable
from views.tokens import tokens
from views.words import Words, words

LONGEST_NAME = 31
NARROWEST, WIDEST = 8, 60
"""Widths of a column, in halves of a Chinese character."""
_BANNED = re.compile(r"[\[\]:*?/\\]")


def document_xlsx(document: Document) -> bytes:
    """The file.

    Each table is one sheet under its own name, with a heading that stays while one scrolls. Money is whole CNY and a
    share runs from 0 to 1, shown as its column says; a figure that is missing is written in words.
    """
    t = words(document.language)
    book = Workbook()
    taken: set[str] = set()
    first = book.worksheets[0]
    first.title = sheet_name(t("document.summary"), taken)
    _write_lines(first, _summary(document, t))
    for section in document.sections:
        for table in (block for block in section.blocks if isinstance(block, Table)):
            _write_table(book.create_sheet(sheet_name(table.sheet or t("document.table"), taken)), table)
    _write_lines(book.create_sheet(sheet_name(t("document.origin"), taken)), [(line,) for line in _origin(document)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet_name(asked: str, taken: set[str]) -> str:
    """A name that a workbook takes: at most 31 characters, none of ``[]:*?/\\``, different from those ``taken``.

    It is added to ``taken``.

    Examples
    --------
    >>> taken = set()
    >>> sheet_name("A/B", taken), sheet_name("a b", taken), sheet_name("", taken)
    ('A B', 'a b 2', 'Sheet')
    """
    plain = " ".join(_BANNED.sub(" ", printable(asked)).split()).strip("'")[:LONGEST_NAME].strip("' ") or "Sheet"
    if plain.casefold() == "history":  # a name that spreadsheets keep for themselves
        plain += " 1"
    name, number = plain, 1
    while name.casefold() in taken:
        number += 1
        name = f"{plain[: LONGEST_NAME - len(f' {number}')]} {number}"
    taken.add(name.casefold())
    return name


def _summary(document: Document, t: Words) -> list[tuple[str, ...]]:
    head = [line for line in (document.title, document.subtitle, document.lead) if line]
    link = [f"{t('document.open')}{document.link}"] if document.link else []
    lines: list[tuple[str, ...]] = [(line,) for line in (*head, *link)]
    for section in document.sections:
        lines += [(), (section.title, section.label) if section.label else (section.title,)]
        for block in section.blocks:
            lines += _said(block)
    return lines


def _said(block: Block) -> list[tuple[str, ...]]:
    match block:
        case Text():
            return [(line,) for line in block.lines]
        case Facts():
            return [tuple(item) for item in block.items]
        case Figure():
            return [(line,) for line in (block.title, block.alt, block.note) if line]
        case Table():
            return [(line,) for line in (block.title, block.note) if line]


def _origin(document: Document) -> list[str]:
    return [*document.origin, *(f"{key}: {value}" for key, value in document.stamp.items())]


def _write_lines(sheet: Worksheet, lines: list[tuple[str, ...]]) -> None:
    for row, line in enumerate(lines, 1):
        for column, text in enumerate(line, 1):
            cell = _write_text(sheet.cell(row, column), text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if row == 1 or (column == 1 and row > 1 and not lines[row - 2]):
                cell.font = Font(bold=True, size=14 if row == 1 else 11)
    for letter, width in (("A", 70), ("B", 28), ("C", 60)):
        sheet.column_dimensions[letter].width = width


def _write_table(sheet: Worksheet, table: Table) -> None:
    heading = PatternFill("solid", fgColor=tokens("light").panel.removeprefix("#"))
    for place, column in enumerate(table.columns, 1):
        cell = _write_text(sheet.cell(1, place), column.sheet_title or column.title)
        cell.font, cell.fill = Font(bold=True), heading
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal=column.align)
    for row, cells in enumerate(table.rows, 2):
        for place, (column, held) in enumerate(zip(table.columns, cells, strict=True), 1):
            _write(sheet.cell(row, place), held, column.number_format)
            sheet.cell(row, place).alignment = Alignment(horizontal=column.align, vertical="top")
    for place, column in enumerate(table.columns, 1):
        texts = (column.title, *(cells[place - 1].text for cells in table.rows))
        longest = max(map(_width, texts)) + 2
        sheet.column_dimensions[get_column_letter(place)].width = min(WIDEST, max(NARROWEST, longest))
    sheet.freeze_panes = "A2"
    if table.rows:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(table.rows) + 1}"


def _write(cell: SheetCell, held: Cell, number_format: str) -> None:
    value = held.value
    if value is None or not math.isfinite(value) or abs(value) > EXACT:
        _write_text(cell, held.text)
        return
    cell.value = value
    if number_format:
        cell.number_format = number_format


def _write_text(cell: SheetCell, text: str) -> SheetCell:
    """Text as text, also when it begins like a formula or reads like a number or an error."""
    cell.value = printable(text)[:MOST_CHARACTERS]
    cell.data_type = "s"
    if text[:1] in ("=", "+", "-", "@", "\t", "\r", "'"):
        cell.quotePrefix = True
    return cell


def _width(text: str) -> int:
    return max((sum(1 + (ch > "\u2e7f") for ch in line) for line in text.splitlines()), default=0)

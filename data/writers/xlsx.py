"""XLSX with one sheet: every text typed as text, every number with the digits that give it back.

openpyxl and XlsxWriter write 16 digits, one fewer than a coordinate may need, and walk cell by cell; here whole columns
become the sheet's XML. Each text stands once in the table of shared strings, which keeps the sheet small. A number that
a spreadsheet cannot hold (a whole number beyond 10**15, an infinity) is written as text, so that no digit is lost.
"""

import zipfile
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import TooLongForCell, TooManyRows
from data.writers.columns import (
    TEXT,
    Columns,
    Parts,
    batches,
    completed,
    is_coded,
    joined,
    row_count,
    write_texts,
)

MOST_ROWS = 2**20
MOST_CHARACTERS = 32_767
EXACT = 10**15
_SHARED = pa.uint32()  # type of a column whose numbers are those of shared strings
_NOT_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"  # no character of XML 1.0
_ESCAPED = "_x[0-9A-Fa-f]{4}_"  # what a spreadsheet reads as one character
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    f'<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}


def write_xlsx(columns: Columns, file: IO[bytes], name: str) -> None:
    """Write a table.

    Parameters
    ----------
    columns : Columns
    file : binary file
    name : str
        Of the file, for errors.

    Raises
    ------
    TooManyRows
        Beyond the 1,048,576 rows of a sheet, its heading included.
    TooLongForCell
        When a text has more than 32,767 characters as a spreadsheet counts them.
    """
    rows = row_count(columns)
    if rows + 1 > MOST_ROWS:
        raise TooManyRows(name, rows, MOST_ROWS - 1)
    strings = _Strings(name)
    headings = strings.number(pa.chunked_array([list(columns)], TEXT), "", row=1)
    numbered = {heading: strings.number_texts(parts, heading) for heading, parts in columns.items()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for part, content in _PARTS.items():
            book.writestr(part, _HEAD + content)
        with book.open("xl/sharedStrings.xml", "w", force_zip64=True) as part_file:
            strings.write(part_file)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part_file:
            _write_sheet(headings, numbered, part_file)


class _Strings:
    """Texts of the book, each column's once; cells name them by number."""

    def __init__(self, file: str) -> None:
        self.file, self.count = file, 0
        self.texts: list[pa.Array] = []

    def number_texts(self, parts: Parts, heading: str) -> Parts:
        """Parts of a column with numbers of shared strings instead of texts."""
        held = [half for part in parts for half in _as_held(part)]
        return tuple(self.number(half, heading) if half.type == TEXT or is_coded(half.type) else half for half in held)

    def number(self, texts: pa.ChunkedArray, heading: str, *, row: int = 2) -> pa.ChunkedArray:
        """Numbers of some texts, the first of which stands in ``row``."""
        coded = texts.cast(TEXT).combine_chunks().dictionary_encode()
        clean = pc.replace_substring_regex(coded.dictionary, _NOT_XML, "")
        for number in np.flatnonzero(np.asarray(pc.greater(pc.binary_length(clean), MOST_CHARACTERS))):
            if (length := len(clean[int(number)].as_py().encode("utf-16-le")) // 2) > MOST_CHARACTERS:
                at = pc.index(coded.indices, int(number)).as_py()
                raise TooLongForCell(self.file, at + row, heading, length, MOST_CHARACTERS)
        first = self.count
        self.texts.append(clean)
        self.count += len(clean)
        return pa.chunked_array([pc.add(coded.indices.cast(_SHARED), pa.scalar(first, _SHARED))])

    def write(self, file: IO[bytes]) -> None:
        """Write the table of shared strings."""
        file.write(f'{_HEAD}<sst xmlns="{_MAIN}">'.encode())
        for texts in self.texts:
            write_texts(file, joined('<si><t xml:space="preserve">', _escaped(texts), "</t></si>"))
        file.write(b"</sst>")


def _as_held(values: pa.ChunkedArray) -> Parts:
    """Numbers that a cell holds exactly and, as texts, those that it does not."""
    if pa.types.is_integer(values.type):
        beyond = pc.or_(pc.greater(values, EXACT), pc.less(values, -EXACT))
    elif pa.types.is_floating(values.type):
        beyond = pc.invert(pc.is_finite(values))
    else:
        return (values,)
    if not pc.any(beyond).as_py():
        return (values,)
    return pc.if_else(beyond, None, values), pc.if_else(beyond, values.cast(TEXT), None)


def _escaped(texts: pa.Array) -> pa.Array:
    like = pc.match_substring_regex(texts, _ESCAPED)
    if pc.any(like).as_py():
        texts = pc.if_else(like, pc.replace_substring(texts, "_x", "_x005F_x"), texts)
    for character, written in _ESCAPES.items():
        texts = pc.replace_substring(texts, character, written)
    return texts


def _write_sheet(headings: pa.ChunkedArray, columns: Columns, file: IO[bytes]) -> None:
    from openpyxl.utils import get_column_letter

    letters = [get_column_letter(i) for i in range(1, len(columns) + 1)]
    corner = f"{letters[-1]}{row_count(columns) + 1}"
    file.write(
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><dimension ref="A1:{corner}"/>'
        f'<sheetViews><sheetView workbookViewId="0">'
        f'<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><sheetData>'.encode()
    )
    first = [[number] for number in (headings.slice(i, 1).combine_chunks() for i in range(len(letters)))]
    _write_rows(1, first, letters, file)
    for start, parts in batches(columns):
        _write_rows(start + 2, parts, letters, file)
    file.write(b"</sheetData></worksheet>")


def _write_rows(row: int, parts: list[list[pa.Array]], letters: list[str], file: IO[bytes]) -> None:
    numbers = pa.array(np.arange(row, row + len(parts[0][0]))).cast(TEXT)
    cells = [
        completed([_cells(letter, numbers, values) for values in column])
        for letter, column in zip(letters, parts, strict=True)
    ]
    write_texts(file, joined('<row r="', numbers, '">', *cells, "</row>", missing=""))


def _cells(letter: str, numbers: pa.Array, values: pa.Array) -> pa.Array:
    kind, written = "", values
    if values.type == _SHARED:
        kind = ' t="s"'
    elif pa.types.is_boolean(values.type):
        kind, written = ' t="b"', values.cast(pa.int8())
    return joined(f'<c r="{letter}', numbers, f'"{kind}><v>', written.cast(TEXT), "</v></c>")

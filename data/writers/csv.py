"""CSV as Excel reads it: UTF-8 with a byte order mark, CRLF, and no text that would run as a formula.

A number is written with the fewest digits that give it back. A missing value is nothing, an empty text is ``""``.
"""

from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

from data.apostrophes import guard
from data.writers.columns import TEXT, Columns, batches, completed, is_coded, joined, text_cells, write_texts

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def write_csv(columns: Columns, file: IO[bytes]) -> None:
    """Write a table; see ``data.apostrophes`` for texts that start like a formula."""
    file.write(BYTE_ORDER_MARK + ",".join(_texts(pa.array(list(columns), TEXT)).to_pylist()).encode() + b"\r\n")
    for _, parts in batches(columns):
        rows = joined(*(completed([_cells(p) for p in column]) for column in parts), missing="", between=",")
        write_texts(file, joined(rows, "\r\n"))


def _cells(values: pa.Array) -> pa.Array:
    if values.type == TEXT or is_coded(values.type):
        return text_cells(values, _texts)
    return values.cast(TEXT)


def _texts(texts: pa.Array) -> pa.Array:
    """Inert texts, quoted where they hold what would end a cell or a row, or nothing."""
    inert = guard(texts)
    quoted = joined('"', pc.replace_substring(inert, '"', '""'), '"')
    return pc.if_else(pc.match_substring_regex(inert, '[",\r\n]|^$'), quoted, inert)

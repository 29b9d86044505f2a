"""What a typed cell says as text, so that nothing is lost on the way and nothing is made up.

Numbers are written in plain digits. A number of 16 digits or more cannot have come through a spreadsheet whole: it
keeps 15. It is written as a spreadsheet shows it (``9.14403E+17``), so that a damaged credit code can be named as one.
"""

import datetime
import json
import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_EXACT_BELOW = 1e15


def number_text(value: float) -> str:
    """A number in plain digits; empty for NaN.

    Examples
    --------
    >>> number_text(123456789012.0), number_text(114.05), number_text(1e-7), number_text(914403001922038216.0)
    ('123456789012', '114.05', '0.0000001', '9.14403E+17')
    """
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if abs(value) >= _EXACT_BELOW:
        mantissa, exponent = f"{value:.5E}".split("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
    if value == int(value):
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def cell_text(value: object) -> str:
    """Any value of a spreadsheet cell: dates are ISO, truth values ``TRUE`` and ``FALSE`` as the sheet shows them.

    Examples
    --------
    >>> cell_text(datetime.datetime(2021, 3, 5)), cell_text(datetime.datetime(2021, 3, 5, 10, 30)), cell_text(True)
    ('2021-03-05', '2021-03-05 10:30:00', 'TRUE')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return "" if value is None else str(value)


def tidy(texts: pa.Array) -> pa.Array:
    """Text without surrounding blanks, null where nothing is left."""
    trimmed = pc.utf8_trim_whitespace(texts.cast(pa.large_string()))
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.large_string()), trimmed)


def without_blank_rows(
    numbers: NDArray[np.int64], columns: Sequence[pa.Array]
) -> tuple[NDArray[np.int64], list[pa.Array]]:
    """Row numbers and tidy columns of those rows that hold anything."""
    blank = np.ones(len(numbers), bool)
    for column in columns:
        if not blank.any():
            return numbers, list(columns)
        blank &= np.asarray(column.is_null())
    held = pa.array(~blank)
    return numbers[~blank], [column.filter(held) for column in columns]


def column_text(column: pa.Array) -> pa.Array:
    """Any column of Arrow as tidy text."""
    column = plain(column)
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return tidy(column)
    if pa.types.is_floating(kind):
        return _floats(column)
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "TRUE", "FALSE").cast(pa.large_string())
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_date(kind) or pa.types.is_time(kind):
        return tidy(column.cast(pa.string()))
    if pa.types.is_timestamp(kind):
        dates = pc.replace_substring_regex(column.cast(pa.string()), r" 00:00:00(\.0+)?Z?$", "")
        return tidy(pc.replace_substring_regex(dates, r"\.0+(Z?)$", r"\1"))
    if pa.types.is_null(kind):
        return pa.nulls(len(column), pa.large_string())
    return pa.array([_odd(value) for value in column.to_pylist()], pa.large_string())


def plain(column: pa.Array) -> pa.Array:
    """The column without the wrappings that say nothing about its cells: extension types, dictionaries, views."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string_view(column.type):
        column = column.cast(pa.large_string())
    return column


def _floats(column: pa.Array) -> pa.Array:
    """Arrow writes the shortest digits that give the number back, but large and small ones with an exponent."""
    texts = (column.cast(pa.float32()) if pa.types.is_float16(column.type) else column).cast(pa.large_string())
    odd = pc.fill_null(pc.match_substring_regex(texts, "[a-z]"), False)
    if not pc.any(odd).as_py():
        return texts
    mended = [number_text(value) or None for value in column.filter(odd).to_pylist()]
    return pc.replace_with_mask(texts, odd, pa.array(mended, pa.large_string()))


def _odd(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8").strip() or None
        except UnicodeDecodeError:
            return value.hex()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value).strip() or None

"""Which rows of a table are its headings.

Spreadsheets of offices open with a title over the whole width, then one or several rows of headings whose cells are
merged, then perhaps a row of units. A row is a title when it has one text only, or far fewer than the table has
columns. Without merged cells (in a CSV) a second heading row is known by filling just the blanks of the first.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column; from 0."""

LOOKED_AT = 60
"""Rows at the top of a table that are enough to find its headings."""

_MOST_HEADING_ROWS = 10
_NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?%?|[-+]?\.\d+")
_YEAR = re.compile(r"(19|20)\d{2}")
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
_UNIT = re.compile(
    r"[(（\[]?(单位[:：])?(元|千元|万元|百万元|亿元|人|个|家|户|项|件|%|％|年|度|°|m2|m²|㎡|平方米|万平方米|万㎡|平方公里|km2|km²|亩|公顷"
    r"|CNY|RMB)[)）\]]?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Heads:
    """Where the headings are.

    Attributes
    ----------
    first : int
        Their first row, from 0; the first row of cells where there are none.
    count : int
        How many rows they take; 0 for a table without.
    headings : tuple of str
        One a column; empty text where the table has none.
    titles : tuple of str
        What stands above them, one text a row.
    """

    first: int
    count: int
    headings: tuple[str, ...]
    titles: tuple[str, ...] = ()


def find_heads(rows: Sequence[Sequence[str]], merges: Sequence[Merge] = (), told: int | None = None) -> Heads:
    """The headings of a table.

    Parameters
    ----------
    rows : sequence of sequences of str
        The first rows, ``LOOKED_AT`` are enough; blank cells are empty text, rows may differ in length.
    merges : sequence of Merge
        Merged cells, in the same numbers.
    told : int, optional
        How many heading rows a person says there are.

    Examples
    --------
    >>> find_heads([["2022年企业名录", ""], ["企业", "营收"], ["甲", "1.5"]])
    Heads(first=1, count=1, headings=('企业', '营收'), titles=('2022年企业名录',))
    >>> find_heads([["企业", "位置", ""], ["", "经度", "纬度"], ["甲", "114.1", "22.5"]]).headings
    ('企业', '位置 经度', '位置 纬度')
    """
    top = [[cell.strip() for cell in row] for row in rows[:LOOKED_AT]]
    first = _first_row(top, merges, told)
    width = _width(top, first)
    titles = tuple(" ".join(dict.fromkeys(filter(None, row))) for row in top[:first] if any(row))
    if told is None:
        count = 0 if first >= len(top) or _is_data(top[first]) else _count(top, merges, first, width)
    else:
        count = min(told, len(top) - first)
    return Heads(first, count, _joined(top[first : first + count], merges, first, width), titles)


def _first_row(rows: list[list[str]], merges: Sequence[Merge], told: int | None) -> int:
    widest = max((sum(map(bool, row)) for row in rows), default=0)
    enough = min(2, widest) if told is not None else max(min(2, widest), widest / 2)
    for at, row in enumerate(rows):
        filled = sum(map(bool, row))
        covered = sum(
            right - left for top, left, bottom, right in merges if top <= at <= bottom and _text(rows, top, left)
        )
        if filled >= min(2, widest) and filled + covered >= enough:
            return at
    return next((at for at, row in enumerate(rows) if any(row)), 0)


def _width(rows: list[list[str]], first: int) -> int:
    """Columns of the table: of its first row, or more when most rows below have cells beyond it."""
    if first >= len(rows):
        return 0
    used = Counter(
        max((i + 1 for i, cell in enumerate(row) if cell), default=0) for row in rows[first + 1 :] if any(row)
    )
    beyond = {width: n for width, n in used.items() if width > len(rows[first])}
    if 2 * sum(beyond.values()) > sum(used.values()):
        return max(beyond, key=lambda width: (beyond[width], width))
    return len(rows[first])


def _is_data(row: list[str]) -> bool:
    """Whether a row holds what no heading is: a credit code, or plain numbers that are no years in a third of it."""
    filled = [cell for cell in row if cell]
    if any(_CREDIT_CODE.fullmatch(cell) for cell in filled):
        return True
    numbers = [cell for cell in filled if _NUMBER.fullmatch(cell)]
    return len(numbers) == len(filled) or 3 * sum(not _YEAR.fullmatch(cell) for cell in numbers) >= len(filled)


def _count(rows: list[list[str]], merges: Sequence[Merge], first: int, width: int) -> int:
    last = first
    while True:
        reached = last
        for top, left, bottom, right in merges:
            if first <= top <= last and right - left + 1 < width:
                # below a heading that spans columns stand those of its columns
                reached = max(reached, bottom + (right > left and top == bottom == last))
        reached = min(reached, len(rows) - 2, first + _MOST_HEADING_ROWS - 1)
        if reached <= last:
            break
        last = reached
    if last == first and len(rows) > first + 2 and _fills_blanks(rows[first], rows[first + 1], width):
        last += 1
    if len(rows) > last + 2 and _is_units(rows[last + 1]):
        last += 1
    return last - first + 1


def _fills_blanks(upper: list[str], lower: list[str], width: int) -> bool:
    upper, lower = _padded(upper, width), _padded(lower, width)
    blank = [not cell for cell in upper]
    if not any(blank) or any(_NUMBER.fullmatch(cell) and not _YEAR.fullmatch(cell) for cell in lower):
        return False
    return all(cell for cell, needed in zip(lower, blank, strict=True) if needed) and not all(lower)


def _is_units(row: list[str]) -> bool:
    filled = [cell for cell in row if cell]
    return bool(filled) and all(_UNIT.fullmatch(cell) for cell in filled)


def _joined(heads: list[list[str]], merges: Sequence[Merge], first: int, width: int) -> tuple[str, ...]:
    filled = [_padded(row, width) for row in heads]
    for top, left, bottom, right in merges:
        if first <= top < first + len(heads):
            text = filled[top - first][left] if left < width else ""
            for row in filled[top - first : bottom - first + 1]:
                row[left : right + 1] = [text] * (min(right + 1, width) - min(left, width))
    if not merges and len(filled) > 1:
        _fill_right(filled[0], filled[1])
    return tuple(" ".join(dict.fromkeys(cell for cell in column if cell)) for column in zip(*filled, strict=True)) or (
        ("",) * width
    )


def _fill_right(upper: list[str], lower: list[str]) -> None:
    """Repeat a heading over the blanks beside it, as far as the row below names columns."""
    for at in range(1, len(upper)):
        if not upper[at] and lower[at]:
            upper[at] = upper[at - 1]


def _padded(row: list[str], width: int) -> list[str]:
    return (row + [""] * width)[:width]


def _text(rows: list[list[str]], row: int, column: int) -> str:
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""

"""A document to take away: one description that becomes a PDF, an HTML file or a workbook.

It holds finished words and figures in one language. What a number is worth stands beside how it is written, so that a
workbook holds numbers. Text is text: every writer escapes it for its own format. No Streamlit here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Align = Literal["left", "right"]
Width = Literal["full", "half"]


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes
    ----------
    text : str
        As a reader sees it, with its unit unless the heading has it.
    value : int, float or None
        What a workbook holds: money in CNY, shares from 0 to 1; ``None`` for words.
    """

    text: str
    value: int | float | None = None


@dataclass(frozen=True)
class Column:
    """Heading of a column.

    Attributes
    ----------
    number_format : str
        Of a workbook, such as ``#,##0`` or ``0.0%``.
    sheet_title : str
        Heading in a workbook, where its figures have another unit than on paper; empty for the same.
    """

    title: str
    align: Align = "left"
    number_format: str = ""
    sheet_title: str = ""


@dataclass(frozen=True)
class Table:
    """A table; it is also one sheet of the workbook, under ``sheet``, a name of at most 31 characters."""

    sheet: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A drawing as SVG without outside links, its title and what it shows in words."""

    svg: str
    alt: str
    title: str = ""
    note: str = ""
    width: Width = "full"


@dataclass(frozen=True)
class Facts:
    """Key figures in a row: each a name, a figure and a line below it."""

    items: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Text:
    """Paragraphs, or the items of a list; ``caution`` marks what a reader should not miss."""

    lines: tuple[str, ...]
    as_list: bool = False
    caution: bool = False


Block = Text | Facts | Table | Figure


@dataclass(frozen=True)
class Section:
    """A heading with what stands under it; ``label`` is a badge beside it, such as 参考分解，非官方指标."""

    title: str
    blocks: tuple[Block, ...]
    label: str = ""


@dataclass(frozen=True)
class Document:
    """All of it.

    Attributes
    ----------
    language : 'zh' or 'en'
    title, subtitle, lead : str
        The lead says scope and coverage.
    sections : tuple of Section
    origin : tuple of str
        Versions, readings, sources, notices; printed at the end and, shortened, at the foot of each page.
    link : str
        Address that reopens the view, as far as it is known; printed and as a QR code.
    """

    language: Literal["zh", "en"]
    title: str
    subtitle: str
    lead: str
    sections: tuple[Section, ...]
    origin: tuple[str, ...]
    link: str = ""
    stamp: dict[str, str | bool] = field(default_factory=dict)


_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """Text without characters that no format holds, and without those that turn the direction of what follows.

    Examples
    --------
    >>> printable("a\\x00b\\u202ec")
    'abc'
    """
    return _UNPRINTABLE.sub("", text)


def in_rows(blocks: tuple[Block, ...]) -> Iterator[tuple[Block, ...]]:
    """Blocks as they stand below each other: two figures of half width that follow each other share a row."""
    at = 0
    while at < len(blocks):
        pair = [b for b in blocks[at : at + 2] if isinstance(b, Figure) and b.width == "half"]
        taken = 2 if len(pair) == 2 else 1
        yield blocks[at : at + taken]
        at += taken

"""Which column of a file is which of ours: proposed by its headings, changed by a person, kept as TOML.

A mapping answers every question that a file leaves open, so that the next file of the same kind needs no person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

METRES = "m"
"""Unit of coordinates that are metres of a projected system; degrees have none."""

How = Literal["own", "synonym", "fuzzy", "content", "told"]
"""How a column was recognized: by our own name, by a synonym of the table, by likeness, by what its cells hold (a file
without headings), or told by a person. ``fuzzy`` and ``content`` ask before they are believed."""


class TableKind(StrEnum):
    """What a table is about; an import replaces (or merges into) the table of its kind."""

    FIRMS = "firms"
    OBSERVATIONS = "observations"
    PARKS = "parks"
    BOUNDARIES = "boundaries"
    INDICATORS = "indicators"
    HUBS = "hubs"


@dataclass(frozen=True)
class ColumnChoice:
    """What one column of the file is taken for.

    Attributes
    ----------
    position : int
        Column of the file, from 0.
    heading : str
        As written; may be empty.
    column : str or None
        Column of ``data.columns``; ``None`` leaves it out.
    unit : str or None
        Unit of its plain numbers, a key of ``data.units.UNITS``: for money ``元``, ``千元``, ``万元``, ``亿元``, ...,
        for areas ``m²``, ``km²``, ``万m²``, ``亩`` or ``公顷``, for persons ``人`` or ``万人``; ``m`` for coordinates
        that are metres of a projected system; any text for the value of an indicator. ``None`` when the column has
        none, its cells name their own, or nobody knows it yet.
    year : int or None
        Year of its figures, when the heading or a person says so.
    how : str
    score : float
        0 to 1; 1 is certain.
    """

    position: int
    heading: str
    column: str | None
    unit: str | None = None
    year: int | None = None
    how: How = "told"
    score: float = 1.0


@dataclass(frozen=True)
class Question:
    """What a file leaves open and nobody may guess.

    Attributes
    ----------
    about : str
        ``kind``, ``column``, ``unit``, ``year``, ``datum``, ``sheet``, ``layer``, ``encoding`` or ``basis``.
    subject : str
        Key of the column in question (``column_keys``); for ``column`` also a column of ours that the file seems to
        lack, with the keys of unused columns as options; empty for the file as a whole.
    options : tuple of str
        Answers to choose from; empty when any text of its kind will do.
    """

    about: str
    subject: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mapping:
    """All that was decided about a file.

    Attributes
    ----------
    kind : TableKind
    columns : tuple of ColumnChoice
        One for each column of the file, in its order.
    datum : str or None
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09``, an ``EPSG:`` code; ``None`` lets the evidence decide.
    year : int or None
        Year of figures that name none.
    sheet, layer, encoding, separator : str or None
    heading_rows : int or None
    questions : tuple of Question
        Open after the proposal; a person's answers take them away.
    """

    kind: TableKind
    columns: tuple[ColumnChoice, ...] = ()
    datum: str | None = None
    year: int | None = None
    sheet: str | None = None
    layer: str | None = None
    encoding: str | None = None
    separator: str | None = None
    heading_rows: int | None = None
    questions: tuple[Question, ...] = field(default=(), compare=False)


def column_keys(headings: Sequence[str]) -> tuple[str, ...]:
    """What each column is called in a mapping file and in a question: its heading, or its number where that is no name.

    The number, ``#1`` for the first column, stands for a heading that is empty, stands twice or looks like a number.

    Examples
    --------
    >>> column_keys(["企业名称", "", "地址", "地址"])
    ('企业名称', '#2', '#3', '#4')
    """
    return tuple(
        heading if heading and headings.count(heading) == 1 and not heading.startswith("#") else f"#{number}"
        for number, heading in enumerate(headings, start=1)
    )

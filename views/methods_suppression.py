"""Live values of confidentiality: what is withheld from this reader, or would be if all figures were statistical.

Whoever sees every figure is told what the public would get; that is computed for small data and only for the year that
is looked at. Whoever gets a release is told what it withholds, and nothing else is computed.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import NamedTuple

from clusters.disclosure import audit_suppression, protect_table
from clusters.errors import BadContributions, StillDisclosed
from clusters.goals import Board
from clusters.release import safety_rule
from clusters.roles import PUBLIC_RECORD
from data import columns as c
from data.cube import cube_of
from data.dataset import firm_column
from views.methods_facts import HOLDER, Value, firm_amounts, kept, many
from views.words import Words


class AsIfStatistical(NamedTuple):
    """Cells and margins of the year's table with somebody in them, were all figures statistical.

    Attributes
    ----------
    firms, cells, margins : int
        Firms; cells inside of the table and margins that are not empty.
    unsafe, unsafe_margins : int
        Of these the ones that are unsafe by themselves.
    beside : int
        Cells and margins that are withheld to hide them.
    exposed, left : int
        Unsafe ones that can be worked out when only the unsafe are withheld; and with the others.
    share : float
        Of the money, what stands in cells that would be released, 0 to 1.
    """

    firms: int
    cells: int
    margins: int
    unsafe: int
    unsafe_margins: int
    beside: int
    exposed: int
    left: int
    share: float


class Withheld(NamedTuple):
    """Cells of the year in a release, and how many of them are withheld."""

    cells: int
    withheld: int


def hidden_number(board: Board) -> int:
    """Firms of the data that are not of public record; of a release, the firms whose figures are not in it."""
    if board.dataset.release is not None:
        return board.dataset.release.firms
    return int((firm_column(board.dataset.firms, c.CONFIDENTIALITY) != PUBLIC_RECORD).sum())


@kept
def withheld_cells(board: Board) -> Withheld:
    """Cells of the year in the fixed table of a release."""
    cube = cube_of(board.dataset)
    rows = cube[(cube[c.PLACE] == "registered") & (cube[c.YEAR] == board.year) & (cube[c.RESIDUAL] == "")]
    marks = rows.groupby([c.DISTRICT_ID, c.SUBSECTOR_ID], dropna=False)[c.WITHHELD].any()
    return Withheld(len(marks), int(marks.sum()))


def _released(value: Callable[[AsIfStatistical, Words], str]) -> Value:
    """A value as if all figures were statistical; under a release, what that withholds."""

    @wraps(value)
    def said(board: Board, t: Words) -> str | None:
        if board.dataset.release is not None:
            return _of_release(board, t)
        if (too_many := many(board, t)) is not None:
            return too_many
        found = as_if_statistical(board)
        return None if found is None else value(found, t)

    return said


@_released
def _primary_suppression(found: AsIfStatistical, t: Words) -> str:
    return t(
        "methods.value.primary_suppression",
        n=found.firms,
        cells=found.cells,
        unsafe=found.unsafe,
        margins=found.margins,
        unsafe_margins=found.unsafe_margins,
    )


@_released
def _secondary_suppression(found: AsIfStatistical, t: Words) -> str:
    unsafe = found.unsafe + found.unsafe_margins
    return t(
        "methods.value.secondary_suppression",
        n=found.firms,
        unsafe=unsafe,
        beside=found.beside,
        cells=found.cells + found.margins,
        free=found.cells + found.margins - unsafe - found.beside,
    )


@_released
def _audit_suppression(found: AsIfStatistical, t: Words) -> str:
    return t(
        "methods.value.audit_suppression",
        n=found.firms,
        unsafe=found.unsafe + found.unsafe_margins,
        exposed=found.exposed,
        beside=found.beside,
        left=found.left,
    )


@_released
def _protect_table(found: AsIfStatistical, t: Words) -> str:
    withheld = found.unsafe + found.unsafe_margins + found.beside
    return t(
        "methods.value.protect_table",
        n=found.firms,
        cells=found.cells + found.margins,
        withheld=withheld,
        share=t.share(found.share),
    )


def _release(board: Board, t: Words) -> str | None:
    if board.dataset.release is not None:
        return _of_release(board, t)
    hidden, firms = hidden_number(board), len(board.dataset.firms)
    key = "release_hides" if hidden else "release_all_public"
    return t(f"methods.value.{key}", n=f"{firms:,}", hidden=f"{hidden:,}")


def _of_release(board: Board, t: Words) -> str:
    found = withheld_cells(board)
    return t(
        "methods.value.release_withholds",
        n=f"{hidden_number(board):,}",
        year=board.year,
        cells=found.cells,
        withheld=found.withheld,
    )


@kept
def as_if_statistical(board: Board) -> AsIfStatistical | None:
    """``None`` where the year has no amounts, or no pattern is known to be safe."""
    rows, rule = firm_amounts(replace(board, place="registered")), safety_rule()
    try:
        table = protect_table(rows, contributor=HOLDER, rule=rule)
        some = table[table[c.CONTRIBUTORS] > 0]
        unsafe, hidden = some[c.RULE] != "", some[c.WITHHELD]
        exposed, left = (
            int((audit_suppression(rows, mask, contributor=HOLDER, rule=rule)[c.EXPOSED_TO] != "").sum())
            for mask in (unsafe, hidden)
        )
    except (BadContributions, StillDisclosed):
        return None
    inside = (some.index.get_level_values(0) != c.TOTAL) & (some.index.get_level_values(1) != c.TOTAL)
    whole = int(rows[c.REVENUE_CNY].sum())
    return AsIfStatistical(
        firms=int(rows[HOLDER].nunique()),
        cells=int(inside.sum()),
        margins=int((~inside).sum()),
        unsafe=int((unsafe & inside).sum()),
        unsafe_margins=int((unsafe & ~inside).sum()),
        beside=int((hidden & ~unsafe).sum()),
        exposed=exposed,
        left=left,
        share=int(some[c.TOTAL_CNY][inside].sum()) / whole if whole else 0.0,
    )


SUPPRESSION: Mapping[str, Value] = {
    "primary_suppression": _primary_suppression,
    "secondary_suppression": _secondary_suppression,
    "audit_suppression": _audit_suppression,
    "protect_table": _protect_table,
    "release": _release,
}

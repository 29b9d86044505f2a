"""Charts for paper from small tables: plain records in, a vector drawing out; no board, no page.

Amounts of clusters lie on a log axis as points, never as bars. Figures stand as words beside the
marks, as their caller writes them. A value that is ``None`` or not finite has no mark, and its words say why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from matplotlib.axes import Axes

from clusters.tiers import THRESHOLD_CNY, ScaleTier
from views.static_figure import (
    BODY_PT,
    FULL_IN,
    SMALL_PT,
    drawable,
    measure,
    new_figure,
    quiet,
    shortened,
    spread,
    svg_of,
)
from views.tokens import Seal, Tokens, tokens
from views.words import TIER_STAR, Words

ROW_IN = 0.24
CORNERS = ((0.01, 0.99, "left", "top"), (0.99, 0.99, "right", "top"), (0.01, 0.01, "left", "bottom"),
           (0.99, 0.01, "right", "bottom"))  # fmt: skip
NAME_MOST = 26
"""Halves of a Chinese character that a name at the left may have."""


@dataclass(frozen=True)
class LadderRow:
    """A cluster on the ladder of tiers: its total in CNY, and the words of its figure."""

    name: str
    cny: float | None
    figure: str
    seal: Seal | None = None


@dataclass(frozen=True)
class QuadrantMark:
    """A cluster by specialization, with its interval where it has one, and by presence (share of its whole, 0 to 1)."""

    name: str
    presence: float
    quotient: float
    lower: float = float("nan")
    upper: float = float("nan")
    sure: bool = True


@dataclass(frozen=True)
class PairRow:
    """Two values side by side, with the words of each."""

    name: str
    first: float | None
    second: float | None
    first_figure: str
    second_figure: str


def tier_ladder_svg(rows: Sequence[LadderRow], t: Words, *, width_in: float = FULL_IN) -> str:
    """Totals on a log axis between the thresholds of the tiers, the first row at the top, figures at the right."""
    look = tokens("light")
    axes = _rows_figure([row.name for row in rows], [row.figure for row in rows], width_in, look, head_in=0.3)
    ends = [10**9, 10**12, *(row.cny for row in rows if _known(row.cny) and row.cny)]
    low, high = _powers(ends)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    lower, upper = THRESHOLD_CNY[ScaleTier.CNY_1E10], THRESHOLD_CNY[ScaleTier.CNY_1E11]
    band = look.tier[ScaleTier.CNY_1E10][0]
    for tier, start, end, depth in ((ScaleTier.CNY_1E10, lower, upper, 0.35), (ScaleTier.CNY_1E11, upper, high, 0.8)):
        axes.axvspan(start, end, color=band, alpha=depth, linewidth=0)
        axes.axvline(start, color=look.outline, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.annotate(
            drawable(f"{TIER_STAR[tier]} {t.tier(tier)}"), (start, 1), xycoords=("data", "axes fraction"),
            xytext=(0, 3), textcoords="offset points", ha="left" if tier is ScaleTier.CNY_1E11 else "center",
            fontsize=SMALL_PT, color=look.palette.text,
        )  # fmt: skip
    for place, row in enumerate(rows):
        if _known(row.cny) and row.cny:
            seal = row.seal or Seal("", look.palette.accent, look.palette.page)
            axes.plot([row.cny], [place], "s", markersize=11, color=seal.fill, zorder=4)
            axes.text(
                float(row.cny), place, drawable(seal.character), ha="center", va="center_baseline", zorder=5,
                fontsize=SMALL_PT, fontweight="bold", color=seal.ink,
            )  # fmt: skip
    powers = [10.0**n for n in range(round(log10(low)), round(log10(high)) + 1)]
    axes.set_xticks(powers, [t.money_step(round(power)) for power in powers])
    axes.set_xticks([], minor=True)
    axes.set_xlabel(t.money_unit, fontsize=SMALL_PT, color=look.palette.muted, loc="right")
    return svg_of(axes.figure)


def quadrant_svg(
    marks: Sequence[QuadrantMark], *, x_title: str, y_title: str, cut: float | None = None,
    corners: tuple[str, ...] = (), width_in: float = FULL_IN, height_in: float = 3.2,
) -> str:  # fmt: skip
    """Specialization from left to right with a line at 1, presence upwards, both on log axes; whiskers are intervals.

    Parameters
    ----------
    marks : sequence of QuadrantMark
        One that is not ``sure`` is hollow; one without quotient or presence is not drawn.
    x_title, y_title : str
    cut : float, optional
        Presence from which a part counts as large, 0 to 1.
    corners : tuple of str
        Words of the quarters: top left, top right, bottom left, bottom right.
    """
    look = tokens("light")
    palette = look.palette
    figure = new_figure(width_in, height_in)
    axes = figure.add_axes((0.5 / width_in, 0.42 / height_in, 1 - 2.15 / width_in, 1 - 0.52 / height_in))
    quiet(axes, palette.line, palette.muted)
    shown = [m for m in marks if _known(m.presence) and _known(m.quotient) and m.quotient > 0 and m.presence > 0]
    low, high = _powers([0.1, 10, *(m.quotient for m in shown)])
    least, _ = _powers([0.05, *(m.presence for m in shown)])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(least, 1.15)
    line = {"color": look.outline, "linewidth": 0.9, "linestyle": (0, (4, 3))}
    axes.axvline(1, **line)
    if cut is not None:
        axes.axhline(cut, **line)
    for mark in shown:
        if _known(mark.lower) and _known(mark.upper):
            ends = [max(mark.lower, low), min(mark.upper, high)]
            axes.plot(ends, [mark.presence] * 2, color=palette.accent, linewidth=0.8, alpha=0.6, zorder=2)
        axes.plot(
            [mark.quotient], [mark.presence], "o", markersize=5, zorder=3, markeredgecolor=palette.accent,
            markerfacecolor=palette.accent if mark.sure else palette.page,
        )  # fmt: skip
    for words, (x, y, side, base) in zip(corners, CORNERS, strict=False):
        axes.text(
            x, y, drawable(words), transform=axes.transAxes, ha=side, va=base, fontsize=SMALL_PT, color=palette.muted,
            zorder=1,
        )  # fmt: skip
    _label_marks(axes, shown, height_in, look)
    for axis, (first, last) in ((axes.xaxis, (low, high)), (axes.yaxis, (least, 1.0))):
        powers = [10.0**n for n in range(round(log10(first)), round(log10(last)) + 1)]
        axis.set_ticks(powers, [f"{p:g}" if axis is axes.xaxis else f"{100 * p:g}%" for p in powers])
        axis.set_ticks([], minor=True)
    axes.set_xlabel(drawable(x_title), fontsize=SMALL_PT, color=palette.muted, loc="right")
    axes.set_ylabel(drawable(y_title), fontsize=SMALL_PT, color=palette.muted, loc="top")
    return svg_of(figure)


def dumbbell_svg(
    rows: Sequence[PairRow], names: tuple[str, str], *, log: bool = False, width_in: float = FULL_IN
) -> str:
    """Two values a row on one axis: filled and ring; a log axis leaves out what is not > 0."""
    look = tokens("light")
    palette = look.palette
    figures = [f"{row.first_figure} / {row.second_figure}" for row in rows]
    axes = _rows_figure([row.name for row in rows], figures, width_in, look, head_in=0.28)

    def drawn(value: float | None) -> bool:
        return _known(value) and value is not None and (value > 0 or not log)

    known = [float(v) for row in rows for v in (row.first, row.second) if drawn(v) and v is not None]
    if log:
        axes.set_xscale("log")
        axes.set_xlim(10.0 ** floor(log10(min(known or [1.0]))), 10.0 ** ceil(log10(max(known or [10.0]) * 1.01)))
    else:
        axes.set_xlim(min([0.0, *known]), max([0.0, *known]) * 1.05 or 1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    for place, row in enumerate(rows):
        if drawn(row.first) and drawn(row.second):
            axes.plot([row.first, row.second], [place, place], color=palette.edge_no_data, linewidth=1, zorder=2)
        for value, fill in ((row.second, palette.page), (row.first, palette.accent)):
            if drawn(value):
                axes.plot(
                    [value], [place], "o", markersize=6, markerfacecolor=fill, markeredgecolor=palette.accent, zorder=3
                )
    above = 1 + 0.12 / (max(1, len(rows)) * ROW_IN)
    for number, (name, fill) in enumerate(zip(names, (palette.accent, palette.page), strict=True)):
        axes.plot(
            [0.02 + number * 0.4], [above], "o", transform=axes.transAxes, clip_on=False, markersize=6,
            markerfacecolor=fill, markeredgecolor=palette.accent,
        )  # fmt: skip
        axes.annotate(
            shortened(drawable(name), NAME_MOST), (0.02 + number * 0.4, above), xycoords="axes fraction",
            xytext=(7, 0), textcoords="offset points", va="center", fontsize=SMALL_PT, color=palette.text,
        )  # fmt: skip
    return svg_of(axes.figure)


def _rows_figure(
    names: Sequence[str], figures: Sequence[str], width_in: float, look: Tokens, *, head_in: float
) -> Axes:
    """Axes with a row for each name at its left and the words of its figure at its right."""
    foot_in = 0.32
    names = [shortened(drawable(name), NAME_MOST) for name in names]
    figures = [shortened(drawable(figure), NAME_MOST) for figure in figures]
    half_in = BODY_PT / 72 / 1.9
    left, right = (max([4, *map(measure, words)]) * half_in + 0.12 for words in (names, figures))
    height_in = head_in + max(1, len(names)) * ROW_IN + foot_in
    figure = new_figure(width_in, height_in)
    axes = figure.add_axes(
        (left / width_in, foot_in / height_in, 1 - (left + right) / width_in, 1 - (head_in + foot_in) / height_in)
    )
    quiet(axes, look.palette.line, look.palette.muted)
    axes.grid(visible=False, axis="y")
    axes.set_ylim(len(names) - 0.5 if names else 0.5, -0.5)
    axes.set_yticks([])
    for place, (name, words) in enumerate(zip(names, figures, strict=True)):
        for text, x, side in ((name, -6, "right"), (words, right * 72 - 4, "right")):
            axes.annotate(
                text, (0 if x < 0 else 1, place), xycoords=("axes fraction", "data"), xytext=(x, 0),
                textcoords="offset points", ha=side, va="center", fontsize=BODY_PT, color=look.palette.text,
                annotation_clip=False,
            )  # fmt: skip
    return axes


def _label_marks(axes: Axes, marks: Sequence[QuadrantMark], height_in: float, look: Tokens) -> None:
    """Names in a column at the right, each joined with its mark, so that they never lie on each other."""
    low, high = axes.get_ylim()
    heights = [log10(m.presence / low) / log10(high / low) for m in marks]
    gap = (SMALL_PT + 2) / 72 / (height_in - 0.52)
    line = {
        "arrowstyle": "-", "color": look.palette.edge_no_data, "linewidth": 0.3, "shrinkA": 1, "shrinkB": 3,
        "relpos": (0, 0.5),
    }  # fmt: skip
    for mark, at in zip(marks, spread(heights, gap, most=0.99), strict=True):
        axes.annotate(
            shortened(drawable(mark.name), 34), (mark.quotient, mark.presence), xytext=(1.03, at),
            textcoords="axes fraction", va="center", fontsize=SMALL_PT, color=look.palette.text,
            annotation_clip=False, arrowprops=line,
        )  # fmt: skip


def _powers(values: Sequence[float]) -> tuple[float, float]:
    """Whole powers of ten around some values above 0."""
    return 10.0 ** floor(log10(min(values))), 10.0 ** ceil(log10(max(values)))


def _known(value: float | None) -> bool:
    return value is not None and isfinite(value)

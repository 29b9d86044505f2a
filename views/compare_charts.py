"""Charts of the comparison: subsectors as marks on a log axis, and what moved each district as stacked parts."""

from math import ceil, floor, log10
from typing import Any

from clusters.tiers import THRESHOLD_CNY, ScaleTier
from data import columns as c
from views.compare_words import EFFECTS, points
from views.comparison import Comparison
from views.stale import is_old
from views.tokens import Tokens
from views.words import TIER_STAR, Words

ROW_PX, TWO_LINES_PX, FRAME_PX = 33, 40, 62
SYMBOLS = ("circle", "circle", "triangle", "rect")
HOLLOW = (False, True, False, True)
PARTS_ROW_PX, PARTS_FRAME_PX = 44, 74


def dumbbell(found: Comparison, look: Tokens, t: Words) -> dict[str, Any]:
    """A row a subsector, a mark a district, a line from the smallest to the largest; numbers at the right.

    Parameters
    ----------
    found : Comparison
    look, t : Tokens, Words
    """
    palette, money = look.palette, found.structure_by == "revenue"
    rows = found.subsectors
    values = {d: [value_of(found, s, d, t) for s in rows] for d in found.districts}
    known = [v for each in values.values() for v in each if v and v > 0]
    low, high = _ends(known)
    spans = [[v for d in found.districts if (v := values[d][n]) and v > 0] for n in range(len(rows))]
    line = {"color": palette.ramp[1], "type": "solid", "width": 3}
    lines = [
        [{"coord": [min(span), n]}, {"coord": [max(span), n]}]
        for n, span in enumerate(spans)
        if len(span) > 1 and min(span) < max(span)
    ]
    marks = {"silent": True, "symbol": "none", "animation": False, "label": {"show": False}, "lineStyle": line}
    tiers = [_tier_line(tier, look, t) for tier in (ScaleTier.CNY_1E10, ScaleTier.CNY_1E11)] if money else []
    shown = [each for each in tiers if low <= each["xAxis"] <= high]
    series: list[dict[str, Any]] = [{"type": "scatter", "data": [], "markLine": marks | {"data": [*lines, *shown]}}]
    for n, d in enumerate(found.districts):
        hollow = {"color": look.panel, "borderColor": palette.accent, "borderWidth": 2.4}
        series.append(
            {
                "name": found.name(d, t.language),
                "type": "scatter",
                "symbol": SYMBOLS[n],
                "symbolSize": 12,
                "z": 3,
                "itemStyle": {"opacity": 1} | (hollow if HOLLOW[n] else {"color": palette.accent}),
                "data": [[v, row] for row, v in enumerate(values[d]) if v and v > 0],
            }
        )
    axis: dict[str, Any] = {
        "type": "category",
        "inverse": True,
        "axisTick": {"show": False},
        "axisLine": {"show": False},
        "splitLine": {"show": False},
        "axisLabel": {"color": palette.text, "fontSize": 12, "interval": 0, "lineHeight": 15},
    }
    old = {"color": palette.muted} if is_old(found.board.year) else {}
    numbers = axis | {"axisLabel": axis["axisLabel"] | old}
    return {
        "animation": False,
        "backgroundColor": "transparent",
        "grid": {"left": 8, "right": 8, "top": 26, "bottom": 8, "containLabel": True},
        "tooltip": {"show": False},
        "xAxis": {
            "type": "log",
            "min": low,
            "max": high,
            "axisLabel": {"color": palette.muted, "fontSize": 12, "hideOverlap": True},
            "splitLine": {"lineStyle": {"color": palette.line}},
            "axisLine": {"show": False},
            "axisTick": {"show": False},
        },
        "yAxis": [
            axis | {"data": [t(f"subsector.{s}") for s in rows]},
            numbers | {"data": [_numbers(found, s, t) for s in rows], "position": "right"},
        ],
        "series": series,
    }


def dumbbell_height(found: Comparison) -> int:
    """Pixels that the rows need; numbers of three or four districts stand in two lines."""
    return FRAME_PX + (ROW_PX if len(found.districts) == 2 else TWO_LINES_PX) * len(found.subsectors)


def figure_of(found: Comparison, subsector: str, district_id: str, t: Words, *, unit: bool = False) -> str:
    """What a reader sees of a subsector in a district: money as in every table, or firms; a dash without a firm."""
    if not found.counts[subsector].get(district_id, 0) > 0:
        return "—"
    if found.structure_by == "firms":
        return f"{int(found.counts[subsector][district_id]):,}"
    return t.amount(found.kept.cell(subsector, district_id), unit=unit, withheld=True)


def value_of(found: Comparison, subsector: str, district_id: str, t: Words) -> float | None:
    """What a mark is drawn at: money in the reader's unit, or firms."""
    value = float(found.structure[subsector].get(district_id, float("nan")))
    return t.money_value(value) if found.structure_by == "revenue" else value


def parts_chart(found: Comparison, look: Tokens, t: Words) -> dict[str, Any]:
    """A bar a district: what the city, the mix and the district itself added, in percent of where it began."""
    palette = look.palette
    parts = found.summed_parts[found.summed_parts[c.BASE_CNY] > 0]
    names = [f"{found.mark(str(d))} {found.name(str(d), t.language)}" for d in parts.index]
    styles: list[dict[str, Any]] = [
        {"color": palette.ramp[1]},
        {"color": palette.ramp[0], "decal": {"symbol": "line", "dashArrayX": [1, 0], "dashArrayY": [2, 4],
         "rotation": -0.78, "color": palette.text}},
        {"color": palette.accent},
    ]  # fmt: skip
    series = [
        {
            "name": t(f"compare.effect.{key}"),
            "type": "bar",
            "stack": "parts",
            "barWidth": 18,
            "itemStyle": style | {"borderColor": palette.text, "borderWidth": 0.8},
            "data": [round(float(v) * 100, 3) for v in parts[column] / parts[c.BASE_CNY]],
        }
        for (key, column), style in zip(EFFECTS.items(), styles, strict=True)
    ]
    axis = {
        "type": "category",
        "inverse": True,
        "axisTick": {"show": False},
        "axisLine": {"show": False},
        "axisLabel": {"color": palette.text, "fontSize": 12, "interval": 0},
    }
    changes = [points(float(v)) for v in parts[c.CHANGE] / parts[c.BASE_CNY]]
    return {
        "animation": False,
        "backgroundColor": "transparent",
        "legend": {"top": 0, "left": 0, "itemWidth": 16, "selectedMode": False, "textStyle": {"color": palette.text}},
        "grid": {"left": 8, "right": 8, "top": 36, "bottom": 4, "containLabel": True},
        "tooltip": {"show": False},
        "xAxis": {
            "type": "value",
            "axisLabel": {"color": palette.muted, "fontSize": 12, "formatter": "{value}%", "hideOverlap": True},
            "splitLine": {"lineStyle": {"color": palette.line}},
        },
        "yAxis": [axis | {"data": names}, axis | {"data": changes, "position": "right"}],
        "series": series,
    }


def parts_height(found: Comparison) -> int:
    """Pixels that the bars need."""
    return PARTS_FRAME_PX + PARTS_ROW_PX * len(found.districts)


def _numbers(found: Comparison, subsector: str, t: Words) -> str:
    figures = [figure_of(found, subsector, d, t) for d in found.districts]
    return " / ".join(figures[:2]) + ("\n" + " / ".join(figures[2:]) if figures[2:] else "")


def _tier_line(tier: ScaleTier, look: Tokens, t: Words) -> dict[str, Any]:
    style = {"color": look.outline, "type": [4, 3], "width": 1.2}
    words = f"{TIER_STAR[tier]} {t.tier(tier)}"
    label = {"show": True, "formatter": words, "position": "start", "color": look.palette.text, "fontSize": 12}
    return {"xAxis": t.money_value(THRESHOLD_CNY[tier]), "lineStyle": style, "label": label}


def _ends(values: list[float]) -> tuple[float, float]:
    """Whole powers of ten that hold every value, at least one apart."""
    least, most = min(values, default=1.0), max(values, default=10.0)
    low = 10.0 ** floor(log10(least))
    return low, max(10.0 ** ceil(log10(most)), low * 10)

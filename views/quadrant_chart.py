"""Strengths and gaps of a district: how frequent firms of a subsector are, and how much of the city's cluster is here.

Names stand at the marks, so that no colour is needed: a filled mark is classed, a hollow one is not.
"""

from math import ceil, floor, log10
from typing import Any

from clusters.briefing_records import QuadrantPoint
from views.profile_words import quotient
from views.tokens import Tokens
from views.words import Words

HEIGHT = 372
LEAST, MOST = 0.1, 10.0
LEAST_SHARE = 0.1  # percent


def drawn_points(points: tuple[QuadrantPoint, ...]) -> list[QuadrantPoint]:
    """Points that have a place: some firm here, and a share that is known."""
    return [point for point in points if point.firms and point.presence > 0 and point.quotient > 0]


def quadrant_chart(points: tuple[QuadrantPoint, ...], districts: int, look: Tokens, t: Words) -> dict[str, Any]:
    """Options of the chart.

    Parameters
    ----------
    points : tuple of QuadrantPoint
    districts : int
        Districts of the city: an equal part is 1 / districts.
    look, t : Tokens, Words
    """
    palette, shown = look.palette, drawn_points(points)
    low = min([LEAST, *(10.0 ** floor(log10(point.quotient)) for point in shown)])
    high = max([MOST, *(10.0 ** ceil(log10(point.quotient)) for point in shown)])
    least = min([LEAST_SHARE, *(10.0 ** floor(log10(100 * point.presence)) for point in shown)])
    text = {"color": palette.text, "fontSize": 12}
    muted = {"color": palette.muted, "fontSize": 12}
    lines = {"color": look.outline, "type": [4, 3], "width": 1.2}
    sure = [point for point in shown if point.quadrant is not None]
    open_ = [point for point in shown if point.quadrant is None]
    equal = 100 / districts
    axis = {
        "splitLine": {"lineStyle": {"color": palette.line}},
        "axisLine": {"show": False},
        "axisTick": {"show": False},
    }
    marks = (
        (sure, t("briefing.quadrant_sure"), {"color": palette.accent, "borderColor": palette.accent}),
        (open_, t("briefing.quadrant_open"), {"color": look.panel, "borderColor": palette.accent}),
    )
    series: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "name": name,
            "symbolSize": 11,
            "itemStyle": {"opacity": 1, "borderWidth": 2} | mark,
            "label": {"show": True, "position": "right", "formatter": "{b}"} | text,
            "labelLayout": {"moveOverlap": "shiftY"},
            "data": [{"name": _name(point, t), "value": [point.quotient, 100 * point.presence]} for point in group],
        }
        for group, name, mark in marks
    ]
    series[0]["markLine"] = {
        "silent": True,
        "symbol": "none",
        "animation": False,
        "lineStyle": lines,
        "data": [
            {"xAxis": 1, "label": {"show": False}},
            {
                "yAxis": equal,
                "label": {
                    "show": True,
                    "position": "insideEndTop",
                    "formatter": t("briefing.quadrant_line", share=f"{equal:.1f}%"),
                }
                | muted,
            },
        ],
    }
    return {
        "animation": False,
        "backgroundColor": "transparent",
        "grid": {"left": 8, "right": 8, "top": 58, "bottom": 26, "containLabel": True},
        "legend": {
            "top": 0, "left": 0, "orient": "vertical", "itemWidth": 12, "itemGap": 4, "selectedMode": False,
            "textStyle": text,
        },
        "tooltip": {"show": False},
        "xAxis": {
            "type": "log", "min": low, "max": high, "axisLabel": muted, "name": t("briefing.quadrant_x"),
            "nameLocation": "middle", "nameGap": 26, "nameTextStyle": muted,
        } | axis,
        "yAxis": {
            "type": "log", "min": least, "max": 100, "axisLabel": muted | {"formatter": "{value}%"},
        } | axis,
        "series": series,
    }  # fmt: skip


def _name(point: QuadrantPoint, t: Words) -> str:
    """Name and n at the mark, and the quotient with its limits where they say something."""
    return t("profile.with_n", value=t(f"subsector.{point.subsector_id}"), n=f"{point.firms:,}")


def quadrant_lines(points: tuple[QuadrantPoint, ...], fewest: int, t: Words) -> list[str]:
    """What the chart shows in words: what is classed and how, what is not drawn and why."""
    sure = [point for point in points if point.quadrant is not None]
    absent = [t(f"subsector.{point.subsector_id}") for point in points if not point.firms]
    hidden = [t(f"subsector.{p.subsector_id}") for p in points if p.firms and p.presence != p.presence]
    lines = [
        t(
            "briefing.quadrant_classes",
            classes=t.listed([_classed(point, t) for point in sure]),
        )
        if sure
        else t("briefing.quadrant_none", fewest=fewest)
    ]
    if absent:
        lines.append(t("briefing.quadrant_absent", subsectors=t.listed(absent)))
    if hidden:
        lines.append(t("briefing.quadrant_withheld", subsectors=t.listed(hidden)))
    return lines


def _classed(point: QuadrantPoint, t: Words) -> str:
    name, figure = t(f"subsector.{point.subsector_id}"), quotient(point.quotient)
    return f"{name}{t('word.colon')}{t(f'quadrant.{point.quadrant}')} ({figure}, n={point.firms:,})"

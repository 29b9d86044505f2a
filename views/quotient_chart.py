"""Location quotients as dots with the whiskers of their intervals, on a log axis with a line at 1."""

from math import ceil, floor, log10
from typing import Any

import pandas as pd

from clusters.profile import DistrictProfile
from data import columns as c
from views.profile_words import quotient
from views.tokens import Tokens
from views.words import Words

ROW_PX = 17
FRAME_PX = 78
LEAST, MOST = 0.1, 10.0


def quotient_chart(found: DistrictProfile, subsectors: list[str], look: Tokens, t: Words) -> dict[str, Any]:
    """Two rows a subsector: firms as a filled dot, revenue as a ring; a limit beyond the axis ends in an arrow.

    Parameters
    ----------
    found : DistrictProfile
    subsectors : list of str
        From the top down.
    look, t : Tokens, Words
    """
    palette = look.palette
    tables = (found.of_firms, found.of_revenue)
    low, high = _range([float(table[c.LOCATION_QUOTIENT][s]) for table in tables for s in subsectors])
    names = [label for s in subsectors for label in (t(f"subsector.{s}"), "")]
    values = [_figure(table, s, found, t) for s in subsectors for table in tables]
    axis = {
        "type": "category",
        "inverse": True,
        "axisTick": {"show": False},
        "axisLine": {"show": False},
        "splitLine": {"show": False},
        "axisLabel": {"color": palette.text, "fontSize": 12, "interval": 0},
    }
    marks = {"color": palette.accent}, {"color": look.panel, "borderColor": palette.accent, "borderWidth": 2}
    series = [
        _dots(table, subsectors, row, (low, high), mark, look) | {"name": t(f"measure.{name}")}
        for row, (table, mark, name) in enumerate(zip(tables, marks, ("firms", "revenue"), strict=True))
    ]
    series[0]["markLine"]["data"].append(
        {"xAxis": 1, "lineStyle": {"color": look.outline, "type": [4, 3], "width": 1.2}}
    )
    return {
        "animation": False,
        "backgroundColor": "transparent",
        "grid": {"left": 8, "right": 8, "top": 34, "bottom": 8, "containLabel": True},
        "legend": {"top": 0, "left": 0, "itemWidth": 14, "selectedMode": False, "textStyle": {"color": palette.text}},
        "tooltip": {"show": False},
        "xAxis": {
            "type": "log",
            "min": low,
            "max": high,
            "axisLabel": {"color": palette.muted, "fontSize": 12},
            "splitLine": {"lineStyle": {"color": palette.line}},
            "axisLine": {"show": False},
            "axisTick": {"show": False},
        },
        "yAxis": [axis | {"data": names}, axis | {"data": values, "position": "right"}],
        "series": series,
    }


def chart_height(subsectors: list[str]) -> int:
    """Pixels that the rows need."""
    return FRAME_PX + 2 * ROW_PX * len(subsectors)


def _dots(
    table: pd.DataFrame, subsectors: list[str], row: int, ends: tuple[float, float], mark: dict[str, Any], look: Tokens
) -> dict[str, Any]:
    quotients = [float(table[c.LOCATION_QUOTIENT][s]) for s in subsectors]
    points = [[value, 2 * n + row] for n, value in enumerate(quotients) if value >= ends[0]]
    whiskers = [
        _whisker(float(table[c.LOWER_LIMIT][s]), float(table[c.UPPER_LIMIT][s]), 2 * n + row, *ends)
        for n, s in enumerate(subsectors)
        if table[c.LOWER_LIMIT][s] == table[c.LOWER_LIMIT][s] and table[c.UPPER_LIMIT][s] > ends[0]
    ]
    return {
        "type": "scatter",
        "symbolSize": 9,
        "data": points,
        "itemStyle": {"opacity": 1} | mark,
        "z": 3,
        "markLine": {
            "silent": True,
            "symbol": "none",
            "animation": False,
            "label": {"show": False},
            "lineStyle": {"color": look.palette.accent, "type": "solid", "width": 1.4},
            "data": whiskers,
        },
    }


def _whisker(lower: float, upper: float, row: int, low: float, high: float) -> list[dict[str, Any]]:
    """A line between two limits; an arrow where it goes on beyond the axis, a stroke where it ends."""
    stroke = {"symbol": "rect", "symbolSize": [1.4, 7], "symbolRotate": 0}
    arrow = {"symbol": "arrow", "symbolSize": 6}
    begin = {"coord": [low, row]} | arrow if lower < low else {"coord": [lower, row]} | stroke
    end = {"coord": [high, row]} | arrow if upper > high else {"coord": [upper, row]} | stroke
    return [begin, end]


def _figure(table: pd.DataFrame, subsector: str, found: DistrictProfile, t: Words) -> str:
    """The number at the right of a row; n stands once, beside the firms."""
    value = quotient(float(table[c.LOCATION_QUOTIENT][subsector]))
    if table is found.of_revenue:
        return value
    return t("profile.with_n", value=value, n=f"{int(found.of_firms[c.COUNT][subsector]):,}")


def _range(quotients: list[float]) -> tuple[float, float]:
    """Ends of the axis: whole powers of ten, from 0.1 to 10 at least, that hold every quotient above 0."""
    known = [value for value in quotients if value > 0]
    least, most = min([LEAST, *known]), max([MOST, *known])
    return max(10.0 ** floor(log10(least)), 0.01), 10.0 ** ceil(log10(most))

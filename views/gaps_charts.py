"""ECharts options of the gap lab: ranges of new firms, a fan of years to come, before and after."""

from math import ceil, floor, log10
from typing import Any

from clusters.gap_records import Mix
from clusters.prospects import WIDE
from data import columns as c
from views.gaps_answer import GapPage
from views.gaps_text import rate
from views.tokens import Tokens
from views.words import Words

ROW_PX = 34
FRAME_PX = 58
ENDLESS = 1e6
"""A band that reaches further than so many targets is cut there; the table has its figures."""


def mixes_chart(mixes: tuple[Mix, ...], look: Tokens, t: Words) -> dict[str, Any]:
    """Number of new firms at each growth: a dot for typical ones, whiskers from the fewest to the most."""
    told = [mix for mix in mixes if mix.typical is not None]
    ends = [n for mix in told for n in (mix.fewest, mix.typical, mix.most) if n is not None]
    most = max(ends, default=1)
    wide = min((n for n in ends if n), default=1) * 60 < most
    names = [mix_name(mix, t) for mix in told]
    points, whiskers, said = [], [], []
    for row, mix in enumerate(told):
        said.append(range_text(mix, t))
        if mix.typical or not wide:
            points.append([mix.typical, row])
        low, high = mix.fewest or 0, most if mix.most is None else mix.most
        if high > low and not (wide and not low):
            whiskers.append(_whisker(low, high, row, open_end=mix.most is None))
    axis = _category(look)
    ends_of_axis = {"min": 1} if wide else {"min": 0, "max": max(most, 1), "minInterval": 1}
    return _frame(look) | {
        "xAxis": _value_axis(look, log=wide) | ends_of_axis,
        "yAxis": [axis | {"data": names, "inverse": True}, axis | {"data": said, "position": "right", "inverse": True}],
        "series": [_dots(points, {"color": look.palette.accent}) | _lines(whiskers, look)],
    }


def mix_name(mix: Mix, t: Words) -> str:
    """Which growth a mix takes, and how fast it is."""
    name = t(f"gaps.of_growth.{mix.of_growth}")
    return name if mix.of_growth == "none" else f"{name} {rate(mix.growth)}"


def range_text(mix: Mix, t: Words) -> str:
    """Typical number of new firms with its ends."""
    if not mix.missing_cny:
        return t("lab.none_needed")
    most = t("gaps.any_number") if mix.most is None else f"{mix.most:,}"
    return t("lab.range", typical=f"{mix.typical:,}", fewest=f"{mix.fewest:,}", most=most)


def chart_height(rows: int) -> int:
    """Pixels that the rows of a chart need."""
    return FRAME_PX + ROW_PX * rows


def fan_chart(page: GapPage, look: Tokens, t: Words) -> dict[str, Any]:
    """Observed years, median and 80 % band of the total, and the target as a line; log where the band is wide."""
    bands, panel, target = page.bands, page.closing.panel, page.closing.target_cny or 1
    if bands is None:
        return {}
    past = panel.totals / panel.coverage
    years = [str(y) for y in [*past.index[:-1], *bands.index]]
    ends = [min(float(v), target * ENDLESS) for v in bands[c.HIGH]]
    log = ends[-1] > WIDE * float(bands[c.LOW].iloc[-1])
    before = [None] * (len(past) - 1)

    def money(values: "list[float]") -> list[float | None]:
        return [None if (m := t.money_value(v)) is None else round(m, 4) for v in values]

    highs, lows = money(ends), money([float(v) for v in bands[c.LOW]])
    medians = money([float(v) for v in bands[c.MEDIAN]])
    seen = [*money([float(v) for v in past]), *[None] * (len(bands) - 1)]
    everything = [v for v in (*highs, *lows, *seen, t.money_value(target)) if v]
    palette = look.palette
    line: dict[str, Any] = {"type": "line", "symbol": "none", "silent": True, "animation": False}
    origin = {"origin": "start"}
    threshold = t.money_value(target)
    value_axis = _value_axis(look, log=log)
    value_axis |= {"splitLine": {"show": False}}
    if log:
        value_axis |= {"min": 10.0 ** floor(log10(min(everything))), "max": 10.0 ** ceil(log10(max(everything)))}
    else:
        value_axis |= {"min": 0}
    return _frame(look) | {
        "legend": {
            "top": 0, "left": 0, "itemWidth": 14, "selectedMode": False, "textStyle": {"color": palette.text},
            "data": [t("lab.seen"), t("lab.median_line"), t("lab.band_area")],
        },
        "grid": {"left": 8, "right": 60, "top": 34, "bottom": 8, "containLabel": True},
        "xAxis": _category(look) | {"data": years, "boundaryGap": False},
        "yAxis": value_axis,
        "series": [
            line | {"name": t("lab.band_area"), "data": [*before, *highs], "lineStyle": {"width": 0},
                    "itemStyle": {"color": palette.ramp[1]},
                    "areaStyle": {"color": palette.ramp[1], "opacity": 0.55} | origin},
            line | {"data": [*before, *lows], "lineStyle": {"width": 0},
                    "areaStyle": {"color": palette.page, "opacity": 1} | origin},
            line | {"name": t("lab.median_line"), "data": [*before, *medians], "symbol": "circle", "symbolSize": 6,
                    "lineStyle": {"color": palette.accent, "type": [5, 4], "width": 2},
                    "itemStyle": {"color": palette.accent}},
            line | {"name": t("lab.seen"), "data": seen, "symbol": "circle", "symbolSize": 7,
                    "lineStyle": {"color": palette.text, "width": 2}, "itemStyle": {"color": palette.text},
                    "markLine": {
                        "silent": True, "symbol": "none", "animation": False,
                        "lineStyle": {"color": look.outline, "type": [4, 3], "width": 1.4},
                        "label": {"color": palette.text, "formatter": t("lab.target_line"), "position": "end"},
                        "data": [{"yAxis": threshold}],
                    }},
        ],
    }  # fmt: skip


def change_chart(names: list[str], before: list[float], after: list[float], look: Tokens, t: Words) -> dict[str, Any]:
    """A ring for the baseline and a dot for the scenario, on a log axis; what is nothing or less has no mark."""
    pairs = [[t.money_value(v) or 0 for v in each] for each in zip(before, after, strict=True)]
    known = [v for pair in pairs for v in pair if v > 0]
    low, high = 10.0 ** floor(log10(min(known, default=1))), 10.0 ** ceil(log10(max(known, default=10)) + 1e-9)
    axis = _category(look) | {"inverse": True}
    said = [
        f"{t.money(a, unit=False) if a else '—'} → {t.money(b, unit=False)}" for a, b in zip(before, after, strict=True)
    ]
    lines = [_whisker(a, b, row, plain=True) for row, (a, b) in enumerate(pairs) if a > 0 and b > 0]
    ring = {"color": look.panel, "borderColor": look.palette.accent, "borderWidth": 2}
    dots = _dots([[b, row] for row, (_, b) in enumerate(pairs) if b > 0], {"color": look.palette.accent})
    rings = _dots([[a, row] for row, (a, _) in enumerate(pairs) if a > 0], ring) | _lines(lines, look)
    legend = {"top": 0, "left": 0, "itemWidth": 14, "selectedMode": False, "textStyle": {"color": look.palette.text}}
    return _frame(look) | {
        "legend": legend,
        "grid": {"left": 8, "right": 8, "top": 30, "bottom": 8, "containLabel": True},
        "xAxis": _value_axis(look, log=True) | {"min": low, "max": max(high, low * 10)},
        "yAxis": [axis | {"data": names}, axis | {"data": said, "position": "right"}],
        "series": [rings | {"name": t("lab.baseline_mark")}, dots | {"name": t("lab.scenario_mark")}],
    }


def _frame(look: Tokens) -> dict[str, Any]:
    return {
        "animation": False,
        "backgroundColor": "transparent",
        "grid": {"left": 8, "right": 8, "top": 8, "bottom": 8, "containLabel": True},
        "tooltip": {"show": False},
    }


def _category(look: Tokens) -> dict[str, Any]:
    return {
        "type": "category",
        "axisTick": {"show": False},
        "axisLine": {"show": False},
        "splitLine": {"show": False},
        "axisLabel": {"color": look.palette.text, "fontSize": 12, "interval": 0},
    }


def _value_axis(look: Tokens, *, log: bool) -> dict[str, Any]:
    return {
        "type": "log" if log else "value",
        "axisLabel": {"color": look.palette.muted, "fontSize": 12, "hideOverlap": True},
        "splitLine": {"lineStyle": {"color": look.palette.line}},
        "axisLine": {"show": False},
        "axisTick": {"show": False},
    }


def _dots(points: list[list[Any]], mark: dict[str, Any]) -> dict[str, Any]:
    return {"type": "scatter", "symbolSize": 11, "data": points, "itemStyle": {"opacity": 1} | mark, "z": 3,
            "silent": True}  # fmt: skip


def _lines(whiskers: list[list[dict[str, Any]]], look: Tokens) -> dict[str, Any]:
    return {
        "markLine": {
            "silent": True,
            "symbol": "none",
            "animation": False,
            "label": {"show": False},
            "lineStyle": {"color": look.palette.accent, "type": "solid", "width": 1.6},
            "data": whiskers,
        }
    }


def _whisker(low: float, high: float, row: int, *, open_end: bool = False, plain: bool = False) -> list[dict[str, Any]]:
    """A line between two ends; a stroke where it ends, an arrow where it goes on."""
    if plain:
        return [{"coord": [low, row], "symbol": "none"}, {"coord": [high, row], "symbol": "none"}]
    stroke = {"symbol": "rect", "symbolSize": [1.6, 9], "symbolRotate": 0}
    end = {"symbol": "arrow", "symbolSize": 7} if open_end else stroke
    return [{"coord": [low, row]} | stroke, {"coord": [high, row]} | end]

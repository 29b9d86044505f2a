"""ECharts options: the ladder of tiers on a log axis. Points, never bars: length lies on a log axis."""

from math import ceil, floor, log10
from typing import Any

import pandas as pd

from clusters.accounts import Accounts
from clusters.tiers import THRESHOLD_CNY, ScaleTier
from data import columns as c
from views.tokens import Seal, Tokens
from views.words import TIER_STAR, Words


def tier_ladder(
    clusters: pd.DataFrame, kept: Accounts, seals: dict[str, Seal], look: Tokens, t: Words, *, is_old: bool = False
) -> dict[str, Any]:
    """Each subsector's seal at its total; left of a dashed line is below that tier.

    Parameters
    ----------
    clusters : DataFrame
        Indexed by subsector, with total_cny.
    kept : Accounts
        What the totals are shown as.
    seals, look, t : dict, Tokens, Words
    is_old : bool
        Whether the figures are of a year that is old by now: they are muted.
    """
    palette = look.palette
    totals = clusters[c.TOTAL_CNY].sort_values(na_position="first")
    low, high = _range(totals, t)
    names = [t(f"subsector.{s}") for s in totals.index]
    axis: dict[str, Any] = {
        "type": "category",
        "axisTick": {"show": False},
        "axisLine": {"show": False},
        "splitLine": {"show": False},
        "axisLabel": {"color": palette.text, "fontSize": 12.5, "interval": 0},
    }
    points = [
        {"value": [round(t.money_value(v) or 0, 4), name], "symbol": "image://" + seals[s].data_uri()}
        for (s, v), name in zip(totals.items(), names, strict=True)
        if v == v
    ]
    lower, upper = (t.money_value(THRESHOLD_CNY[tier]) for tier in (ScaleTier.CNY_1E10, ScaleTier.CNY_1E11))
    band = look.tier[ScaleTier.CNY_1E10][0]
    return {
        "animation": False,
        "backgroundColor": "transparent",
        "grid": {"left": 8, "right": 8, "top": 26, "bottom": 8, "containLabel": True},
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
        "yAxis": [
            axis | {"data": names},
            axis
            | {
                "data": [
                    t.amount(kept.total(subsectors=[str(s)]), unit=False, withheld=kept.withholds(subsectors=[str(s)]))
                    for s in totals.index
                ],
                "position": "right",
                **({"axisLabel": axis["axisLabel"] | {"color": palette.muted}} if is_old else {}),
            },
        ],
        "series": [
            {
                "type": "scatter",
                "symbolSize": 20,
                "data": points,
                "itemStyle": {"opacity": 1},
                "markLine": {
                    "silent": True,
                    "symbol": "none",
                    "lineStyle": {"color": look.outline, "type": [4, 3], "width": 1.2},
                    "label": {"color": palette.text, "position": "end", "fontSize": 12},
                    "data": [
                        {"xAxis": at, "label": {"formatter": f"{TIER_STAR[tier]} {t.tier(tier)}"}}
                        for at, tier in ((lower, ScaleTier.CNY_1E10), (upper, ScaleTier.CNY_1E11))
                    ],
                },
                "markArea": {
                    "silent": True,
                    "data": [
                        [{"xAxis": lower, "itemStyle": {"color": band, "opacity": 0.35}}, {"xAxis": upper}],
                        [{"xAxis": upper, "itemStyle": {"color": band, "opacity": 0.8}}, {"xAxis": high}],
                    ],
                },
            }
        ],
    }


def _range(totals: "pd.Series[float]", t: Words) -> tuple[float, float]:
    """Ends of the axis: whole powers of ten that hold every total and both thresholds."""
    known = [v for v in totals.map(t.money_value) if v and v == v]
    ends = [t.money_value(10**9) or 1, t.money_value(10**12) or 1, *known]
    return 10.0 ** floor(log10(min(ends))), 10.0 ** ceil(log10(max(ends)))

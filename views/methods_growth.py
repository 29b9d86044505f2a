"""Live values of growth and outlook: of matched firms, and of the cluster that is nearest to its next tier."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clusters.attribution import lmdi_attribution
from clusters.back_test import BackTest, backtest
from clusters.goals import Board
from clusters.growth import compound_growth_rate, matched_growth, required_path
from clusters.growth_interval import growth_with_intervals
from clusters.pace import pace_of_clusters
from clusters.panel_outlook import PanelOutlook, panel_outlook, panel_series
from clusters.shift_share import shift_share
from clusters.tiers import THRESHOLD_CNY, next_tier
from data import columns as c
from data.cube import cube_of, cube_totals
from views.methods_facts import (
    SEED,
    Value,
    district_name,
    kept,
    matched_number,
    matched_with,
    next_cluster,
    of_firms,
    of_free_firms,
)
from views.words import Words

AHEAD = 3
"""Years that are looked ahead; a plan that ends later has its own end."""


@of_free_firms
def _compound_growth_rate(board: Board, t: Words) -> str | None:
    pair, base = matched_with(board)
    begin, end = (int(pair[name].sum()) for name in (c.BASE_CNY, c.MATCHED_CNY))
    if base is None or begin <= 0 or end <= 0:
        return None
    return t(
        "methods.value.compound_growth_rate",
        **{"from": t.money(begin)},
        base=base,
        year=board.year,
        n=matched_number(pair),
        rate=t.share(compound_growth_rate(begin, end, board.year - base)),
        to=t.money(end),
    )


@of_free_firms
def _matched_growth(board: Board, t: Words) -> str | None:
    pair, base = matched_with(board)
    if base is None:
        return None
    grown = matched_growth(pair, base_year=base, year=board.year, by=[c.SUBSECTOR_ID])
    grown = grown.reindex([each.id for each in board.plan.subsectors])
    if not grown[c.GROWTH].notna().any():
        return None
    fastest = grown[c.GROWTH].idxmax()
    return t(
        "methods.value.matched_growth",
        n=matched_number(pair),
        base=base,
        year=board.year,
        subsector=t(f"subsector.{fastest}"),
        rate=t.share(grown[c.GROWTH][fastest]),
        k=int(grown[c.MATCHED_FIRMS][fastest]),
    )


@of_firms
def _growth_interval(board: Board, t: Words) -> str | None:
    base, found = matched_with(board)[1], _interval(board)
    if found is None or np.isnan(found[c.GROWTH]):
        return None
    firms = int(found[c.MATCHED_FIRMS])
    if np.isnan(found[c.GROWTH_LOW]):
        return t("methods.value.growth_interval_none", n=firms, rate=t.share(found[c.GROWTH]))
    return t(
        "methods.value.growth_interval",
        n=firms,
        base=base,
        year=board.year,
        rate=t.share(found[c.GROWTH]),
        low=t.share(found[c.GROWTH_LOW]),
        high=t.share(found[c.GROWTH_HIGH]),
        draws=f"{int(found[c.DRAWS]):,}",
    )


@of_free_firms
def _pace_of_clusters(board: Board, t: Words) -> str | None:
    pair, base = matched_with(board, board.plan.period.base_year_assumed)
    pace = pace_of_clusters(board.plan, pair, year=board.year)
    if base is None or pace.empty:
        return None
    now, path = int(pace[c.MATCHED_CNY].sum()), float(pace[c.PATH_CNY].sum())
    side = "ahead" if now >= path else "behind"
    return t(
        "methods.value.pace_of_clusters",
        n=matched_number(pair),
        year=board.year,
        now=t.money(now),
        path=t.money(path),
        gap=t(f"methods.value.{side}", amount=t.money(abs(now - path))),
    )


@of_free_firms
def _shift_share(board: Board, t: Words) -> str | None:
    pair, base = matched_with(board)
    placed = pair[pair[c.DISTRICT_ID] != c.UNPLACED].dropna(subset=[c.SUBSECTOR_ID])
    if base is None or placed.empty:
        return None
    largest = str(placed.groupby(c.DISTRICT_ID)[c.BASE_CNY].sum().idxmax())
    city = pair.groupby(c.SUBSECTOR_ID)[[c.BASE_CNY, c.MATCHED_CNY]].sum()
    city = city[(city > 0).all(axis=1)]
    own = placed[placed[c.DISTRICT_ID] == largest]
    here = own.groupby(c.SUBSECTOR_ID)[[c.BASE_CNY, c.MATCHED_CNY]].sum().reindex(city.index, fill_value=0)
    if city.empty or (here < 0).any(axis=None):
        return None
    parts = shift_share(here[c.BASE_CNY], here[c.MATCHED_CNY], city[c.BASE_CNY], city[c.MATCHED_CNY]).sum()
    return t(
        "methods.value.shift_share",
        district=district_name(board, largest, t),
        n=matched_number(own),
        base=base,
        year=board.year,
        change=t.money(parts[c.CHANGE]),
        national=t.money(parts[c.NATIONAL_SHARE]),
        mix=t.money(parts[c.INDUSTRIAL_MIX]),
        regional=t.money(parts[c.REGIONAL_SHARE]),
    )


def _lmdi_attribution(board: Board, t: Words) -> str | None:
    base = matched_with(board)[1]
    if base is None:
        return None
    then, now = (
        cube_totals(cube_of(board.dataset), [c.SUBSECTOR_ID], year=year, place=board.place)
        for year in (base, board.year)
    )
    both = [each.id for each in board.plan.subsectors if _is_positive(then, each.id) and _is_positive(now, each.id)]
    if not both:
        return None
    begin, end = (
        pd.DataFrame({c.FIRMS: table[c.FIRMS], "size": table[c.TOTAL_CNY] / table[c.FIRMS]}).loc[both]
        for table in (then, now)
    )
    parts = lmdi_attribution(begin, end).sum()
    return t(
        "methods.value.lmdi_attribution",
        base=base,
        year=board.year,
        subsectors=len(both),
        n=int(now[c.FIRMS][both].sum()),
        before=int(then[c.FIRMS][both].sum()),
        change=t.money(float(now[c.TOTAL_CNY][both].sum() - then[c.TOTAL_CNY][both].sum())),
        firms=t.money(parts[c.FIRMS]),
        size=t.money(parts["size"]),
    )


def _required_path(board: Board, t: Words) -> str | None:
    subsector, due = next_cluster(board), _due(board)
    if subsector is None:
        return None
    now = int(board.clusters[c.TOTAL_CNY][subsector])
    tier = next_tier(now)
    if tier is None or now <= 0:
        return None
    asked = required_path(now, THRESHOLD_CNY[tier], now_year=board.year, target_year=due)
    return t(
        "methods.value.required_path",
        subsector=t(f"subsector.{subsector}"),
        n=int(board.clusters[c.FIRMS][subsector]),
        now=t.money(now),
        due=due,
        tier=t.tier(tier),
        rate=t.share(asked.required_growth),
        pace=t.money(asked.linear_pace),
    )


@of_free_firms
def _project(board: Board, t: Words) -> str | None:
    found = _city_outlook(board)
    if found.outlook is None:
        return _no_outlook(found, t)
    return t("methods.value.project", **_panel(found, t), **_last(found, t))


@of_free_firms
def _panel_outlook(board: Board, t: Words) -> str | None:
    subsector = next_cluster(board)
    found = _cluster_outlook(board)
    if subsector is None or found is None:
        return None
    if found.outlook is None or found.outlook.target is None:
        return _no_outlook(found, t)
    tier = next_tier(int(found.outlook.target) - 1)
    return t(
        "methods.value.panel_outlook",
        **_panel(found, t),
        **_last(found, t),
        subsector=t(f"subsector.{subsector}"),
        tier=t.tier(tier),
        chance=t.share(found.outlook.bands[c.CROSSED].iloc[-1]),
        coverage=t.share(found.coverage),
    )


@of_free_firms
def _backtest(board: Board, t: Words) -> str | None:
    found = _tested(board)
    whole = found.by_step.loc["all"]
    if not whole["cases"]:
        panel = _city_outlook(board)
        return t("methods.value.backtest_none", n=panel.firms, years=len(panel.years))
    return t(
        "methods.value.backtest",
        n=_city_outlook(board).firms,
        cases=int(whole["cases"]),
        inside=int(whole["inside"]),
        coverage=t.share(whole["coverage"]),
        low=t.share(whole["coverage_low"]),
        high=t.share(whole["coverage_high"]),
    )


# ---------------------------------------------------------------- facts


@kept
def _interval(board: Board) -> pd.Series | None:
    base = matched_with(board)[1]
    if base is None:
        return None
    rng = np.random.default_rng(SEED)
    found = growth_with_intervals(board.dataset, base_year=base, year=board.year, by=[], rng=rng, place=board.place)
    return None if found.empty else found.iloc[0]


@kept
def _city_outlook(board: Board) -> PanelOutlook:
    return panel_outlook(board.dataset, horizon=AHEAD, rng=np.random.default_rng(SEED), place=board.place)


@kept
def _cluster_outlook(board: Board) -> PanelOutlook | None:
    subsector = next_cluster(board)
    tier = None if subsector is None else next_tier(int(board.clusters[c.TOTAL_CNY][subsector]))
    if subsector is None or tier is None:
        return None
    return panel_outlook(
        board.dataset,
        horizon=AHEAD,
        rng=np.random.default_rng(SEED),
        subsectors=[subsector],
        place=board.place,
        target_cny=THRESHOLD_CNY[tier],
    )


@kept
def _tested(board: Board) -> BackTest:
    series = panel_series(board.dataset, [c.SUBSECTOR_ID], place=board.place)
    return backtest(series, horizon=1, rng=np.random.default_rng(SEED))


def _due(board: Board) -> int:
    """The end of the plan, or some years on where that is past."""
    return board.plan.period.end if board.plan.period.end > board.year else board.year + AHEAD


def _panel(found: PanelOutlook, t: Words) -> dict[str, object]:
    return {
        "n": found.firms,
        "first": found.years[0],
        "last": found.years[-1],
        "now": t.money(int(found.totals.iloc[-1])),
    }


def _last(found: PanelOutlook, t: Words) -> dict[str, object]:
    """Median and band of the last year that was looked at."""
    if found.outlook is None:
        return {}
    bands = found.outlook.bands
    last = bands.iloc[-1]
    return {
        "end": int(bands.index[-1]),
        "median": t.money(last[c.MEDIAN]),
        "low": t.money(last[c.LOW]),
        "high": t.money(last[c.HIGH]),
    }


def _no_outlook(found: PanelOutlook, t: Words) -> str:
    return t(f"methods.no_value.{found.problem}", n=found.firms)


def _is_positive(totals: pd.DataFrame, subsector: str) -> bool:
    return subsector in totals.index and bool(totals[c.TOTAL_CNY][subsector] > 0)


GROWTH: Mapping[str, Value] = {
    "compound_growth_rate": _compound_growth_rate,
    "matched_growth": _matched_growth,
    "growth_interval": _growth_interval,
    "pace_of_clusters": _pace_of_clusters,
    "shift_share": _shift_share,
    "lmdi_attribution": _lmdi_attribution,
    "required_path": _required_path,
    "project": _project,
    "panel_outlook": _panel_outlook,
    "backtest": _backtest,
}

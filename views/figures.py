"""What a page and its map count per district, after the filters."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from clusters.accounts import Accounts, accounts
from clusters.goals import Board
from clusters.standing import cluster_totals, firms_known
from data import columns as c
from data.cube import cube_of
from data.parts import counted_once
from views.selection import Selection
from views.words import Words


def subsectors_shown(board: Board, selection: Selection) -> list[str]:
    """Subsectors that the filters leave, in the order of the plan; a cluster in focus stands alone."""
    if selection.focus and selection.focus.kind == "cluster":
        return [selection.focus.id]
    tiers = board.clusters[c.TIER]
    return [
        s
        for s in board.clusters.index
        if (not selection.subsectors or s in selection.subsectors)
        and (selection.tier == "all" or (tiers[s] == selection.tier if isinstance(tiers[s], str) else False))
    ]


def accounts_of(board: Board) -> Accounts:
    """What the city's figures of the board's year are shown as; the same for the board of any district."""
    return accounts(board.dataset, year=board.year, place=board.place)


def district_figures(board: Board, shown: Iterable[str]) -> pd.DataFrame:
    """Per district: total_cny, firms, density (CNY/km²) and share of the city; missing without a firm, or withheld.

    ``amount`` and ``shown_share`` are what a reader sees of total and share: with ``'unplaced'`` they add up.
    """
    shown = list(shown)
    dataset, cube, some = board.dataset, cube_of(board.dataset), shown
    if not some:
        cube = cube.iloc[:0]
    elif not set(cube[c.SUBSECTOR_ID]) - {*some, c.NOT_RELEASED}:
        some = []  # all of them: a district's whole total may be released where its parts are not
    totals, whole = (
        cluster_totals(cube, [by], year=board.year, place=board.place, subsectors=some)
        for by in (c.DISTRICT_ID, c.YEAR)
    )
    figures, city = totals.reindex(dataset.districts.index), whole[c.TOTAL_CNY].sum(skipna=False)
    figures["revenue"] = figures[c.TOTAL_CNY]
    figures["density"] = figures[c.TOTAL_CNY] / (dataset.districts[c.OFFICIAL_AREA_M2] / 1e6)
    figures["share"] = figures[c.TOTAL_CNY] / city if city else np.nan
    kept = accounts_of(board)
    amounts, shares = kept.districts(shown), kept.shares(shown)
    figures["amount"] = pd.Series([amounts.get(str(d)) for d in figures.index], index=figures.index, dtype=object)
    figures["shown_share"] = shares.reindex(figures.index)
    return figures


def is_withheld(row: "pd.Series[Any]") -> bool:
    """Whether a row of totals has firms whose total is not for this reader."""
    return bool(row[c.FIRMS] > 0) and row[c.TOTAL_CNY] != row[c.TOTAL_CNY]


def nothing_in(board: Board, shown: Iterable[str], district_id: str, t: Words) -> str:
    """Why a district has no figure over these subsectors: no firm in the data, or firms without the year's revenue."""
    known = firms_known(board.dataset, place=board.place, district_id=district_id)
    here = int(counted_once(known[known[c.SUBSECTOR_ID].isin(list(shown))])[c.KNOWN_FIRMS].sum())
    if here and district_figures(board, shown)[c.FIRMS][district_id] > 0:
        return t("map.withheld")
    return t("map.no_revenue_n", year=board.year, n=here) if here else t("map.no_firm")


def scope_words(board: Board, selection: Selection, t: Words) -> str:
    """What the figures are narrowed to, in words; empty when they cover every subsector of the plan."""
    shown = subsectors_shown(board, selection)
    if len(shown) == len(board.clusters):
        return ""
    if selection.tier != "all" and not selection.subsectors and not selection.focus:
        return t("scope.tier", tier=t.tier_name(selection.tier))
    names = [t(f"subsector.{s}") for s in shown]
    return t.listed(names) if len(names) <= 3 else t("scope.some", first=t.listed(names[:2]), n=len(names))

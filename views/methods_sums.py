"""Live values of totals, coverage, rounding and tiers: of the small tables that every page shows."""

from collections.abc import Mapping

import pandas as pd

from clusters.accounts import UNIT_CNY, accounts
from clusters.goals import Board
from clusters.rounding import round_largest_remainder, shares_of_whole
from clusters.tiers import ScaleTier
from data import columns as c
from data.cube import cube_of, cube_totals
from views.methods_facts import Value, district_name, next_cluster, withheld_totals
from views.words import Words


def city_and_parts(board: Board) -> tuple[int, int, int] | None:
    """The city's total, and of it what lies in districts and what is unplaced; CNY, each from its own grouping.

    ``None`` where one of them is withheld.
    """
    cube = cube_of(board.dataset)
    by_district = cube_totals(cube, [c.DISTRICT_ID], year=board.year, place=board.place)[c.TOTAL_CNY]
    by_year = cube_totals(cube, [c.YEAR], year=board.year, place=board.place)[c.TOTAL_CNY]
    if by_district.isna().any() or by_year.isna().any():
        return None
    unplaced = int(by_district.get(c.UNPLACED, 0))
    return int(by_year.sum()), int(by_district.sum()) - unplaced, unplaced


def _cluster_totals(board: Board, t: Words) -> str | None:
    seen = board.clusters[board.clusters[c.TOTAL_CNY].notna()]
    if seen.empty:
        return _all_withheld(board, t)
    largest = seen[c.TOTAL_CNY].astype("float64").idxmax()
    found = seen.loc[largest]
    said = t(
        "methods.value.cluster_totals",
        subsector=t(f"subsector.{largest}"),
        total=t.money(found[c.TOTAL_CNY]),
        n=int(found[c.FIRMS]),
    )
    top = "" if pd.isna(found[c.TOP1_SHARE]) else t("methods.value.top1", top1=t.share(found[c.TOP1_SHARE]))
    return t.sentences([part for part in (said, top, _some_withheld(board, t)) if part])


def _district_clusters(board: Board, t: Words) -> str | None:
    ranked = board.districts[board.districts[c.RANK].notna()].reset_index()
    ranked = ranked[ranked[c.SUBSECTOR_ID].isin(board.clusters.index)]
    if ranked.empty:
        return _all_withheld(board, t)
    largest = ranked.sort_values(c.TOTAL_CNY, ascending=False, kind="stable").iloc[0]
    return t(
        "methods.value.district_clusters",
        subsector=t(f"subsector.{largest[c.SUBSECTOR_ID]}"),
        district=district_name(board, largest[c.DISTRICT_ID], t),
        share=t.share(largest[c.CITY_SHARE]),
        ranked=int(largest[c.RANKED]),
        rank=int(largest[c.RANK]),
        n=int(largest[c.FIRMS]),
    )


def _coverage(board: Board, t: Words) -> str | None:
    found = board.coverage
    said = t("methods.value.coverage", of=found["of_firms"], n=found["firms"], share=t.share(found["share"]))
    if found["sourced_share"] is None:
        return said
    return t.sentences([said, t("methods.value.sourced", sourced=t.share(found["sourced_share"]))])


def _cube_totals(board: Board, t: Words) -> str | None:
    parts = city_and_parts(board)
    if parts is None:
        return t("methods.no_value.sums", n=board.coverage["firms"])
    city, placed, unplaced = parts
    return t("methods.value.cube_totals", sum=t.money(placed + unplaced), city=t.money(city), n=board.coverage["firms"])


def _round_largest_remainder(board: Board, t: Words) -> str | None:
    parts = _parts(board)
    if parts is None:
        return t("methods.no_value.sums", n=board.coverage["firms"])
    alone = sum(round_largest_remainder([amount], UNIT_CNY)[0] for amount in parts)
    together = sum(round_largest_remainder(list(parts), UNIT_CNY))
    return t(
        "methods.value.round_largest_remainder",
        parts=len(parts),
        n=board.coverage["firms"],
        alone=t.money(alone),
        together=t.money(together),
    )


def _shares_of_whole(board: Board, t: Words) -> str | None:
    parts = _parts(board)
    if parts is None or not parts.sum() > 0:
        return t("methods.no_value.sums", n=board.coverage["firms"])
    alone = sum(round(amount / parts.sum(), 3) for amount in parts)
    return t(
        "methods.value.shares_of_whole",
        parts=len(parts),
        n=board.coverage["firms"],
        alone=t.share(alone),
        together=t.share(float(shares_of_whole(parts).sum())),
    )


def _controlled_rounding(board: Board, t: Words) -> str | None:
    if _parts(board) is None:
        return t("methods.no_value.sums", n=board.coverage["firms"])
    shown = accounts(board.dataset, year=board.year, place=board.place).parts.values()
    return t(
        "methods.value.controlled_rounding",
        cells=len(shown),
        n=board.coverage["firms"],
        most=t.money(max((abs(each.shown_cny - each.cny) for each in shown), default=0)),
        unit=t.money(UNIT_CNY),
    )


def _scale_tier(board: Board, t: Words) -> str | None:
    tiers = board.clusters[c.TIER]
    said = t(
        "methods.value.scale_tier",
        clusters=len(tiers),
        large=int((tiers == ScaleTier.CNY_1E11).sum()),
        middle=int((tiers == ScaleTier.CNY_1E10).sum()),
        n=board.coverage["firms"],
    )
    return t.sentences([part for part in (said, _some_withheld(board, t)) if part])


def _gap_to_next_cny(board: Board, t: Words) -> str | None:
    nearest = next_cluster(board)
    if nearest is None:
        return _all_withheld(board, t)
    found = board.clusters.loc[nearest]
    return t(
        "methods.value.gap_to_next_cny",
        subsector=t(f"subsector.{nearest}"),
        total=t.money(found[c.TOTAL_CNY]),
        gap=t.money(found[c.GAP_CNY]),
        n=int(found[c.FIRMS]),
    )


def _parts(board: Board) -> pd.Series | None:
    """Total of each subsector in each district, exact; ``None`` where one is withheld or there is none."""
    totals = board.districts[c.TOTAL_CNY]
    return None if totals.empty or totals.isna().any() else totals.astype("int64")


def _some_withheld(board: Board, t: Words) -> str:
    number = withheld_totals(board)
    return t("methods.no_value.some", n=number) if number else ""


def _all_withheld(board: Board, t: Words) -> str | None:
    return t("methods.no_value.sums", n=board.coverage["firms"]) if withheld_totals(board) else None


SUMS: Mapping[str, Value] = {
    "cluster_totals": _cluster_totals,
    "district_clusters": _district_clusters,
    "coverage": _coverage,
    "cube_totals": _cube_totals,
    "round_largest_remainder": _round_largest_remainder,
    "shares_of_whole": _shares_of_whole,
    "controlled_rounding": _controlled_rounding,
    "scale_tier": _scale_tier,
    "gap_to_next_cny": _gap_to_next_cny,
}

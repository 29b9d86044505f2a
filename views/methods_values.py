"""A live value for a measure: one sentence with the value and the number of firms behind it, on the current data.

A measure without a line in ``VALUES`` shows none. A function takes the board that the reader looks at (its dataset,
year, place, plan) and the words, and gives ``None`` when these data have no value.
"""

from collections.abc import Callable, Mapping

import pandas as pd

from clusters.goals import Board
from clusters.growth import compound_growth_rate, matched_growth
from clusters.pace import pace_of_clusters
from clusters.tiers import ScaleTier
from data import columns as c
from data.cube import cube_of, cube_totals
from data.matched import matched_firms
from data.parts import counted_once
from views.words import Words

Value = Callable[[Board, Words], str | None]


def value_of(measure_id: str, board: Board, t: Words) -> str | None:
    """The sentence of a measure; ``None`` when it has none here."""
    return VALUES[measure_id](board, t) if measure_id in VALUES else None


def city_and_parts(board: Board) -> tuple[int, int, int]:
    """The city's total, and of it what lies in districts and what is unplaced; CNY, each from its own grouping."""
    cube = cube_of(board.dataset)
    by_district = cube_totals(cube, [c.DISTRICT_ID], year=board.year, place=board.place)[c.TOTAL_CNY]
    by_year = cube_totals(cube, [c.YEAR], year=board.year, place=board.place)[c.TOTAL_CNY]
    unplaced = int(by_district.get(c.UNPLACED, 0))
    return int(by_year.sum()), int(by_district.sum()) - unplaced, unplaced


def _compound_growth_rate(board: Board, t: Words) -> str | None:
    pair, base = _matched(board)
    begin, end = (int(pair[name].sum()) for name in (c.BASE_CNY, c.MATCHED_CNY))
    if base is None or begin <= 0 or end <= 0:
        return None
    return t(
        "methods.value.compound_growth_rate",
        **{"from": t.money(begin)},
        base=base,
        year=board.year,
        n=_firms(pair),
        rate=t.share(compound_growth_rate(begin, end, board.year - base)),
        to=t.money(end),
    )


def _matched_growth(board: Board, t: Words) -> str | None:
    pair, base = _matched(board)
    if base is None:
        return None
    grown = matched_growth(pair, base_year=base, year=board.year, by=[c.SUBSECTOR_ID])
    if not grown[c.GROWTH].notna().any():
        return None
    fastest = grown.loc[grown[c.GROWTH].idxmax()]
    return t(
        "methods.value.matched_growth",
        n=_firms(pair),
        base=base,
        year=board.year,
        subsector=t(f"subsector.{fastest.name}"),
        rate=t.share(fastest[c.GROWTH]),
        k=int(fastest[c.MATCHED_FIRMS]),
    )


def _pace_of_clusters(board: Board, t: Words) -> str | None:
    pair, base = _matched(board, board.plan.period.base_year_assumed)
    pace = pace_of_clusters(board.plan, pair, year=board.year)
    if base is None or pace.empty:
        return None
    now, path = int(pace[c.MATCHED_CNY].sum()), float(pace[c.PATH_CNY].sum())
    side = "ahead" if now >= path else "behind"
    return t(
        "methods.value.pace_of_clusters",
        n=_firms(pair),
        year=board.year,
        now=t.money(now),
        path=t.money(path),
        gap=t(f"methods.value.{side}", amount=t.money(abs(now - path))),
    )


def _cluster_totals(board: Board, t: Words) -> str | None:
    seen = board.clusters[board.clusters[c.TOTAL_CNY].notna()]
    if seen.empty:
        return None
    largest = seen[c.TOTAL_CNY].astype("float64").idxmax()
    return t(
        "methods.value.cluster_totals",
        subsector=t(f"subsector.{largest}"),
        total=t.money(seen[c.TOTAL_CNY][largest]),
        n=int(seen[c.FIRMS][largest]),
        top1=t.share(seen[c.TOP1_SHARE][largest]),
    )


def _district_clusters(board: Board, t: Words) -> str | None:
    ranked = board.districts[board.districts[c.RANK].notna()]
    if ranked.empty:
        return None
    largest = ranked.reset_index().sort_values(c.TOTAL_CNY, ascending=False, kind="stable").iloc[0]
    return t(
        "methods.value.district_clusters",
        subsector=t(f"subsector.{largest[c.SUBSECTOR_ID]}"),
        district=board.dataset.districts[c.LABEL_ZH if t.language == "zh" else c.LABEL_EN][largest[c.DISTRICT_ID]],
        share=t.share(largest[c.CITY_SHARE]),
        ranked=int(largest[c.RANKED]),
        rank=int(largest[c.RANK]),
        n=int(largest[c.FIRMS]),
    )


def _coverage(board: Board, t: Words) -> str | None:
    found = board.coverage
    return t(
        "methods.value.coverage",
        of=found["of_firms"],
        n=found["firms"],
        share=t.share(found["share"]),
        sourced=t.share(found["sourced_share"]),
    )


def _cube_totals(board: Board, t: Words) -> str | None:
    city, placed, unplaced = city_and_parts(board)
    return t("methods.value.cube_totals", sum=t.money(placed + unplaced), city=t.money(city), n=board.coverage["firms"])


def _scale_tier(board: Board, t: Words) -> str | None:
    tiers = board.clusters[c.TIER]
    return t(
        "methods.value.scale_tier",
        clusters=len(tiers),
        large=int((tiers == ScaleTier.CNY_1E11).sum()),
        middle=int((tiers == ScaleTier.CNY_1E10).sum()),
        n=board.coverage["firms"],
    )


def _gap_to_next_cny(board: Board, t: Words) -> str | None:
    gaps = board.clusters[board.clusters[c.GAP_CNY].notna()]
    gaps = gaps[gaps[c.GAP_CNY] > 0]
    if gaps.empty:
        return None
    nearest = gaps[c.GAP_CNY].astype("float64").idxmin()
    return t(
        "methods.value.gap_to_next_cny",
        subsector=t(f"subsector.{nearest}"),
        total=t.money(gaps[c.TOTAL_CNY][nearest]),
        gap=t.money(gaps[c.GAP_CNY][nearest]),
        n=int(gaps[c.FIRMS][nearest]),
    )


def _matched(board: Board, base: int | None = None) -> tuple[pd.DataFrame, int | None]:
    """Matched firms of the board's year and a year before it (the latest, unless one is asked for), and that year."""
    matched = matched_firms(board.dataset)
    pairs = matched[(matched[c.PLACE] == board.place) & (matched[c.YEAR] == board.year)]
    known = set(pairs[c.BASE_YEAR])
    base = max(known, default=None) if base is None else base if base in known else None
    return pairs[pairs[c.BASE_YEAR] == base], base


def _firms(pair: pd.DataFrame) -> int:
    return int(counted_once(pair)[c.MATCHED_FIRMS].sum())


VALUES: Mapping[str, Value] = {
    "compound_growth_rate": _compound_growth_rate,
    "matched_growth": _matched_growth,
    "pace_of_clusters": _pace_of_clusters,
    "cluster_totals": _cluster_totals,
    "district_clusters": _district_clusters,
    "coverage": _coverage,
    "cube_totals": _cube_totals,
    "scale_tier": _scale_tier,
    "gap_to_next_cny": _gap_to_next_cny,
}
"""One line for each measure with a live value."""

"""Live values of gaps and scenarios: of the cluster nearest to its next tier, of the largest, of a firm that moves."""

from collections.abc import Mapping

import numpy as np

from clusters.dependence import without_largest
from clusters.gap_records import GapClosing
from clusters.gaps import close_gap
from clusters.goals import Board
from clusters.scenario_results import ScenarioResult, play_scenario
from clusters.scenarios import Relocate, Scenario
from clusters.tiers import scale_tier
from data import columns as c
from data.firm_years import firm_year, largest_parts
from data.lookup import short_name
from views.gaps_text import mixes_phrase
from views.methods_facts import SEED, Value, district_name, kept, next_cluster, of_free_firms
from views.words import Words

AHEAD = 3
"""Years that are looked ahead where the plan has ended."""


@of_free_firms
def _close_gap(board: Board, t: Words) -> str | None:
    found, subsector = _closing(board), next_cluster(board)
    if found is None or not found.mixes or found.target_cny is None:
        return None
    return t(
        "methods.value.close_gap",
        subsector=t(f"subsector.{subsector}"),
        n=found.firms,
        gap=t.money(found.gap_cny),
        until=found.until,
        mixes=mixes_phrase(found.mixes, t),
    )


@of_free_firms
def _without_largest(board: Board, t: Words) -> str | None:
    totals = board.clusters[c.TOTAL_CNY].astype("float64").dropna()
    if totals.empty:
        return None
    subsector = str(totals.idxmax())
    left = without_largest(board.dataset, year=board.year, subsector_id=subsector, place=board.place, most=1)
    if left.empty:
        return None
    first, before = left.iloc[0], scale_tier(int(totals[subsector]))
    kept_tier = before == first[c.TIER]
    return t(
        "methods.value.without_largest",
        subsector=t(f"subsector.{subsector}"),
        n=int(board.clusters[c.FIRMS][subsector]),
        firm=short_name(board.dataset, first[c.FIRM_ID]),
        left=t.money(first[c.WITHOUT_CNY]),
        share=t.share(first[c.LEFT_SHARE]),
        tier=t("lab.tier_kept" if kept_tier else "lab.tier_lost",
               before=t.tier(before), after=t.tier(first[c.TIER])),
    )  # fmt: skip


@of_free_firms
def _play_scenario(board: Board, t: Words) -> str | None:
    found = _moved(board)
    if found is None:
        return None
    move, result = found
    change = result.districts[c.CHANGE_CNY]
    gone = [str(d) for d in change.index if change[d] is not None and change[d] < 0]
    if not gone:
        return None
    return t(
        "methods.value.play_scenario",
        firm=short_name(board.dataset, move.firm_id),
        n=board.coverage["firms"],
        source=district_name(board, gone[0], t),
        target=district_name(board, move.district_id, t),
        moved=t.money(-change[gone[0]]),
        city=f"{sum(result.clusters[c.CHANGE_CNY].dropna()):,}",
    )


@kept
def _closing(board: Board) -> GapClosing | None:
    subsector = next_cluster(board)
    if subsector is None:
        return None
    end = board.plan.period.end
    until = end if end > board.year else board.year + AHEAD
    rng = np.random.default_rng(SEED)
    return close_gap(board.dataset, until=until, rng=rng, subsector_id=subsector, year=board.year, place=board.place)


@kept
def _moved(board: Board) -> tuple[Relocate, ScenarioResult] | None:
    """The largest firm that counts in a district moves to the first other one."""
    data = board.dataset
    for firm_id in largest_parts(data, year=board.year, most=10, place=board.place).index:
        seen = firm_year(data, str(firm_id), year=board.year, place=board.place)
        if seen is None or not seen.parts or seen.district_id not in data.districts.index:
            continue
        target = next(str(d) for d in data.districts.index if d != seen.district_id)
        move = Relocate(str(firm_id), target)
        return move, play_scenario(data, Scenario(board.year, board.year, board.place, (move,)))
    return None


GAPS: Mapping[str, Value] = {
    "close_gap": _close_gap,
    "without_largest": _without_largest,
    "play_scenario": _play_scenario,
}

"""The findings of a district, each as a record of its kind and figures; the words are the reader's (``views``).

A finding is told where its figures are known and their number allows it: a strength needs an interval that lies above
1, a path likewise, growth says its n. What is withheld from the reader or unknown has no headline and never a zero. The
order is that of ``HeadlineKind``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from clusters.briefing_records import (
    Dependence,
    Headline,
    HeadlineKind,
    Progress,
    QuadrantPoint,
)
from clusters.differentiation import PathFit
from clusters.gap_records import ParkRoom
from clusters.goals import Board
from clusters.profile import DistrictProfile, Finding
from clusters.tiers import THRESHOLD_CNY, next_tier
from clusters.version_changes import VersionChanges
from data import columns as c


def headlines(
    board: Board,
    city: Board,
    progress: Progress,
    profile: DistrictProfile,
    points: tuple[QuadrantPoint, ...],
    paths: tuple[PathFit, ...],
    dependence: tuple[Dependence, ...],
    changes: VersionChanges | None,
    room: ParkRoom,
) -> tuple[Headline, ...]:
    """Findings of a district, from what a briefing holds of it.

    Returns
    -------
    tuple of Headline
        With the figures, by kind: ``total``: total_cny, share, firms, city_firms. ``leading``: subsector_id, cny,
        firms, share (of the city's cluster), rank, ranked. ``nearest``: the same and tier, threshold_cny, gap_cny.
        ``growth``: growth, lower, upper, base_year, city_growth, planned_rate, ahead_cny. ``strength``: subsectors.
        ``path``: paths (ids). ``dependence``: firm_id, share, cny, without_cny. ``change``: before, difference_cny,
        total_cny, firms (difference). ``room``: parks, known, vacant_m2.
    """
    share = board.coverage["share"]
    coverage = float(share) if isinstance(share, float | int) else None

    def told(kind: HeadlineKind, firms: int, method: str, derived: bool, figures: Mapping[str, Any]) -> Headline:
        rests_on = "parks" if kind is HeadlineKind.ROOM else board.dataset.evidence
        return Headline(kind, figures, firms, coverage, rests_on, method, derived)

    found: list[Headline] = []
    if progress.total_cny is not None:
        whole = {"total_cny": progress.total_cny, "share": progress.share, "firms": progress.firms,
                 "city_firms": int(city.coverage["firms"])}  # type: ignore[call-overload]  # fmt: skip
        found.append(told(HeadlineKind.TOTAL, progress.firms, "cluster_totals", False, whole))
    parts = _parts(board, city)
    if (leading := max(parts, key=lambda part: part["cny"], default=None)) is not None:
        found.append(told(HeadlineKind.LEADING, leading["firms"], "district_clusters", False, leading))
    below = [part for part in map(_with_gap, parts) if part is not None]
    if (near := min(below, key=lambda part: part["gap_cny"] / part["threshold_cny"], default=None)) is not None:
        found.append(told(HeadlineKind.NEAREST, near["firms"], "gap_to_next_cny", True, near))
    if progress.growth == progress.growth:
        growth = {
            "growth": progress.growth,
            "lower": progress.lower,
            "upper": progress.upper,
            "base_year": progress.base_year,
            "city_growth": progress.city_growth,
            "planned_rate": progress.planned_rate,
            "ahead_cny": progress.ahead_cny,
        }
        found.append(told(HeadlineKind.GROWTH, progress.matched_firms, "growth_interval", True, growth))
    if strong := [point for point in points if point.finding is Finding.ABOVE]:
        ranked = tuple(point.subsector_id for point in sorted(strong, key=lambda point: -point.quotient))
        firms = sum(point.firms for point in strong)
        found.append(told(HeadlineKind.STRENGTH, firms, "location_quotient_interval", True, {"subsectors": ranked}))
    if paths and profile.firms:
        ids = tuple(fit.path.id for fit in paths if fit.fits)
        found.append(told(HeadlineKind.PATH, profile.firms, "location_quotient_interval", True, {"paths": ids}))
    if (whole_of := next((each for each in dependence if each.subsector_id is None), None)) is not None:
        rests = {"firm_id": whole_of.top_firm_id, "share": whole_of.top1_share, "cny": whole_of.top1_cny,
                 "without_cny": whole_of.without_cny}  # fmt: skip
        found.append(told(HeadlineKind.DEPENDENCE, whole_of.firms, "cluster_totals", False, rests))
    if changes is not None:
        since = {"before": changes.before, "difference_cny": changes.difference_cny, "total_cny": changes.after_cny,
                 "firms": changes.after_firms - changes.before_firms}  # fmt: skip
        found.append(told(HeadlineKind.CHANGE, changes.after_firms, "", False, since))
    if room.parks:
        space = {"parks": room.parks, "known": room.known, "vacant_m2": room.vacant_m2}
        found.append(told(HeadlineKind.ROOM, progress.firms, "", False, space))
    return tuple(found)


def _parts(board: Board, city: Board) -> list[dict[str, Any]]:
    """The district's part in each cluster whose amount is known, with its place among the districts."""
    return [_part(pd.Series(city.districts.loc[(s, board.area_id)]), s) for s in _known(board)]


def _known(board: Board) -> Iterator[str]:
    totals = board.clusters[c.TOTAL_CNY]
    return (str(s) for s in totals.index[totals.notna() & (board.clusters[c.FIRMS] > 0)])


def _part(row: "pd.Series[Any]", subsector_id: str) -> dict[str, Any]:
    return {
        "subsector_id": subsector_id,
        "cny": int(row[c.TOTAL_CNY]),
        "firms": int(row[c.FIRMS]),
        "share": float(row[c.CITY_SHARE]),
        "rank": _whole(row[c.RANK]),
        "ranked": _whole(row[c.RANKED]),
    }


def _with_gap(part: dict[str, Any]) -> dict[str, Any] | None:
    """A part with what is missing to its next tier; none at the top."""
    tier = next_tier(part["cny"])
    if tier is None:
        return None
    return part | {
        "tier": str(tier),
        "threshold_cny": THRESHOLD_CNY[tier],
        "gap_cny": THRESHOLD_CNY[tier] - part["cny"],
    }


def _whole(value: float) -> int | None:
    return None if value != value else int(value)

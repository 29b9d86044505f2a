"""The board as the JSON document that ``cli.py goals --json`` prints; money as integers, missing as ``null``."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from clusters.goals import Board, ReadingTally, Tally
from clusters.outcomes import Series
from data import columns as c
from views.words import Words


def board_document(board: Board, t: Words) -> dict[str, Any]:
    """The whole board.

    Parameters
    ----------
    board : Board
    t : Words
        Language of the few words in it (names of tiers, notes on the basis).
    """
    return {
        "plan": board.plan.id,
        "plan_title": board.plan.title,
        "year": board.year,
        "area_id": board.area_id,
        "place": board.place,
        "data_version": board.dataset.version,
        "data_digest": board.dataset.digest,
        "synthetic": board.dataset.synthetic,
        "audience": None if board.dataset.release is None else board.dataset.release.audience,
        "basis": board.dataset.basis.value,
        "basis_note": t(f"basis.{board.dataset.basis.value}"),
        "coverage": dict(board.coverage),
        "targets": [_target(tally, t) for tally in board.tallies],
        "clusters": [_cluster(board, subsector_id, t) for subsector_id in board.clusters.index],
    }


def _target(tally: Tally, t: Words) -> dict[str, Any]:
    target = tally.target
    document = {
        "id": target.id,
        "metric": target.metric,
        "geography": target.geography,
        "by": target.by,
        "operator": target.operator,
        "unit": "CNY" if target.kind == "level" else target.unit,
        "goal": tally.goal,
        "actual": tally.actual,
        "met": tally.met,
        "why": tally.chosen.why,
        "basis": tally.basis.value,
        "official": tally.official,
        "quote": target.quote,
        "section": target.section,
        "points": {str(year): cny for year, cny in tally.points.items()},
        "outcome": tally.outcome._asdict() if tally.outcome else None,
        "series": [_series(series) for series in tally.series],
        "readings": [_reading(r) for r in tally.readings],
    }
    if not tally.official:
        document |= {"city_goal": target.goal, "label": t("word.derived")}
    return document


def _series(series: Series) -> dict[str, Any]:
    """Official figures of one scope, each with its source."""
    facts, carriers = ([asdict(fact) for fact in part] for part in (series.facts, series.carriers))
    return {"scope": series.scope, "decides": series.decides, "facts": facts, "carriers": carriers}


def _reading(reading: ReadingTally) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": reading.reading.id,
        "choices": dict(reading.reading),
        "default": reading.reading.is_default,
        "actual": reading.actual,
        "met": reading.met,
        "status": {True: "met", False: "not met", None: "undetermined"}[reading.met],
        "why": reading.why,
    }
    if reading.path:
        document["path"] = {str(year): cny for year, cny in reading.path.items()}
        document["growth"] = reading.growth
    return document


def _cluster(board: Board, subsector_id: str, t: Words) -> dict[str, Any]:
    row = board.clusters.loc[subsector_id]
    known = row[c.TOTAL_CNY] == row[c.TOTAL_CNY]
    parts = board.districts
    parts = parts[parts.index.get_level_values(c.SUBSECTOR_ID) == subsector_id]
    return {
        "id": subsector_id,
        "name": board.plan.subsector(subsector_id).name,
        "total_cny": int(row[c.TOTAL_CNY]) if known else None,
        "withheld": bool(row[c.FIRMS]) and not known,
        "tier": row[c.TIER].value if known else None,
        "tier_name": t.tier(row[c.TIER]) if known else None,
        "firms": int(row[c.FIRMS]),
        "of_firms": int(row[c.KNOWN_FIRMS]),
        "top1_share": _number(row[c.TOP1_SHARE]),
        "top1_firm_id": _text(row[c.TOP_FIRM_ID]),
        "gap_to_next_cny": int(row[c.GAP_CNY]) if known else None,
        "districts": [*(_part(str(key[1]), part, t) for key, part in parts.iterrows()), *_rest(row, parts)],
    }


def _rest(row: "pd.Series[Any]", parts: pd.DataFrame) -> list[dict[str, Any]]:
    """The sum of the parts that are withheld one by one, where the total is not, so that districts add up to it."""
    if row[c.TOTAL_CNY] != row[c.TOTAL_CNY] or parts[c.TOTAL_CNY].isna().sum() < 2:  # of one it would be its figure
        return []
    return [{"district_id": c.NOT_RELEASED, "total_cny": int(row[c.TOTAL_CNY]) - int(parts[c.TOTAL_CNY].sum())}]


def _part(district_id: str, part: "pd.Series[Any]", t: Words) -> dict[str, Any]:
    ranked, known = part[c.RANK] == part[c.RANK], part[c.TOTAL_CNY] == part[c.TOTAL_CNY]
    return {
        "district_id": district_id,
        "total_cny": int(part[c.TOTAL_CNY]) if known else None,
        "firms": int(part[c.FIRMS]),
        "tier": part[c.TIER].value if known else None,
        "label": t("word.derived"),
        "city_share": _number(part[c.CITY_SHARE]),
        "gap_to_next_cny": int(part[c.GAP_CNY]) if known else None,
        "top1_share": _number(part[c.TOP1_SHARE]),
        "rank": int(part[c.RANK]) if ranked else None,
        "ranked": int(part[c.RANKED]) if ranked else None,
    }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: float) -> float | None:
    """A figure, or ``None`` where it is not defined: the share of a total of zero."""
    return float(value) if value == value else None

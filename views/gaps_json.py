"""What closes a gap, as the JSON document of ``cli.py gaps --json``; money as integers, missing as ``null``."""

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from clusters.gap_records import GapClosing, Mix
from clusters.growth_interval import GrowthInterval
from clusters.plan import Plan
from clusters.tiers import scale_tier
from data import columns as c
from data.dataset import Dataset
from views.words import Words


@dataclass(frozen=True, eq=False)
class GapAnswer:
    """A gap with what was asked.

    Attributes
    ----------
    plan, dataset : Plan, Dataset
    subsector_id : str
    district_id : str or None
        ``None`` is the whole city.
    closing : GapClosing
    left : DataFrame
        See ``clusters.dependence.without_largest``.
    """

    plan: Plan
    dataset: Dataset
    subsector_id: str
    district_id: str | None
    closing: GapClosing
    left: pd.DataFrame


def gap_document(answer: GapAnswer, t: Words) -> dict[str, Any]:
    """The whole answer.

    Parameters
    ----------
    answer : GapAnswer
    t : Words
        Language of the few words in it.
    """
    closing, dataset = answer.closing, answer.dataset
    tier, required = scale_tier(closing.total_cny), closing.required
    document: dict[str, Any] = {
        "plan": answer.plan.id,
        "subsector_id": answer.subsector_id,
        "name": answer.plan.subsector(answer.subsector_id).name,
        "area_id": answer.district_id or dataset.city_adcode,
        "place": closing.place,
        "year": closing.year,
        "until": closing.until,
        "data_version": dataset.version,
        "data_digest": dataset.digest,
        "synthetic": dataset.synthetic,
        "audience": None if dataset.release is None else dataset.release.audience,
        "basis": dataset.basis.value,
        "basis_note": t(f"basis.{dataset.basis.value}"),
        "total_cny": closing.total_cny,
        "withheld": closing.withheld,
        "firms": closing.firms,
        "tier": None if tier is None else tier.value,
        "target_cny": closing.target_cny,
        "gap_cny": closing.gap_cny,
        "required": None if required is None else {
            "growth": required.required_growth,
            "linear_pace_cny": round(required.linear_pace),
        },
        "assumptions": {
            "growth": _growth(closing),
            "size": None if closing.size is None
            else asdict(closing.size) | {"too_few_firms": closing.size.too_few_firms},
            "room": asdict(closing.room),
        },
        "mixes": [_mix(mix) for mix in closing.mixes],
        "without_largest": [_without(row) for _, row in answer.left.iterrows()],
        "outlook": _outlook(closing),
    }  # fmt: skip
    if answer.district_id is not None:
        document["label"] = t("word.derived")
    return document


def _growth(closing: GapClosing) -> dict[str, Any] | None:
    seen = closing.growth
    if seen is None:
        return None
    return {
        "growth": _number(seen.growth),
        "low": _number(seen.low),
        "high": _number(seen.high),
        "level": seen.level,
        "firms": seen.firms,
        "area": closing.growth_area,
        "from": closing.growth_from,
        "too_few_firms": seen.too_few_firms,
        **_drawn(seen),
    }


def _drawn(seen: GrowthInterval) -> dict[str, Any]:
    return {"draws": seen.draws, "seed": seen.seed}


def _mix(mix: Mix) -> dict[str, Any]:
    return asdict(mix) | {"growth": _number(mix.growth)}


def _without(row: "pd.Series[Any]") -> dict[str, Any]:
    return {
        "firm_id": row[c.FIRM_ID],
        "revenue_cny": int(row[c.REVENUE_CNY]),
        "without_cny": int(row[c.WITHOUT_CNY]),
        "left_share": _number(row[c.LEFT_SHARE]),
        "tier": row[c.TIER].value,
    }


def _outlook(closing: GapClosing) -> dict[str, Any]:
    panel, outlook = closing.panel, closing.outlook
    document: dict[str, Any] = {
        "problem": panel.problem,
        "firms": panel.firms,
        "years": list(panel.years),
        "coverage": _number(panel.coverage),
        "crossing_year": None,
        "crossed": {},
    }
    if outlook is not None:
        bands = outlook.bands
        document |= {
            "crossing_year": outlook.crossing_year,
            "crossed": {str(year): float(share) for year, share in bands[c.CROSSED].items()},
            "crossed_error": {str(year): float(error) for year, error in bands[c.CROSSED_ERROR].items()},
            "growth_rates": outlook.intervals,
            "draws": outlook.draws,
        }
    return document


def _number(value: float) -> float | None:
    """A figure, or ``None`` where it is not defined."""
    return float(value) if value == value else None

"""A ranking of parks as lines for a terminal: the first ones, each with its reasons, and what was not known."""

import pandas as pd

from clusters.site_records import SiteReason
from clusters.siting import SiteRanking
from data import columns as c
from data.dataset import Dataset
from views.words import Words


def sites_text(ranking: SiteRanking, dataset: Dataset, t: Words, *, top: int = 10) -> str:
    """The ``top`` parks, then what is off, left out or not ranked.

    Parameters
    ----------
    ranking : SiteRanking
    dataset : Dataset
        The one that was ranked.
    t : Words
    top : int
        How many parks are told with their reasons.
    """
    sites, names = ranking.sites, dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    ranked = sites[sites[c.SCORE_RANK].notna()]
    heading = t("site.heading", subsector=t(f"subsector.{ranking.request.subsector_id}"), n=len(ranked))
    lines = [f"{heading} · {ranking.year}", t("site.straight_line"), ""]
    for park_id, row in ranked.head(top).iterrows():
        where = names.get(row[c.DISTRICT_ID], t("word.unplaced"))
        lines.append(f"{row[c.SCORE_RANK]:>3}  {row[c.NAME]} · {where}")
        lines.append("     " + standing_text(ranking, str(park_id), t))
        lines += [f"     · {reason_text(reason, t)}" for reason in ranking.reasons(str(park_id))]
        unchecked = [condition_text(name, t) for name in ranking.unchecked.get(str(park_id), ())]
        lines += [f"     ! {t('site.unchecked', conditions=t.listed(unchecked))}"] if unchecked else []
    lines.append("")
    for name, why in ranking.off.items():
        lines.append(t("site.off", criterion=t(f"site.criterion.{name}"), why=t(f"site.missing.{why}")))
    if len(sites) > len(ranked):
        share = t.share(ranking.request.min_coverage)
        lines.append(t("site.unranked", n=len(sites) - len(ranked), share=share))
    if len(ranking.excluded):
        lines.append(t("site.excluded", n=len(ranking.excluded)))
    return "\n".join(lines)


def standing_text(ranking: SiteRanking, park_id: str, t: Words) -> str:
    """Score, ranks and how sure they are, of a ranked park."""
    row = ranking.sites.loc[park_id]
    said = t(
        "site.standing",
        score=f"{row[c.SCORE]:.3f}",
        topsis="–" if pd.isna(row[c.CLOSENESS_RANK]) else row[c.CLOSENESS_RANK],
        coverage=t.share(row[c.WEIGHT_COVERAGE]),
        best=row[c.BEST_RANK],
        worst=row[c.WORST_RANK],
    )
    if ranking.stability is None:
        return said
    drawn = t(
        "site.stability",
        share=t.share(row[c.FIRST_SHARE]),
        low=row[c.LOW_RANK],
        high=row[c.HIGH_RANK],
        draws=f"{ranking.stability.draws:,}",
    )
    return t.sentences([said, drawn])


def reason_text(reason: SiteReason, t: Words) -> str:
    """What one criterion says of a park, in words."""
    name = t(f"site.criterion.{reason.criterion}")
    if reason.missing is not None:
        return t("site.no_reason", criterion=name, why=t(f"site.missing.{reason.missing}"))
    return t("site.line", criterion=name, said=said_of(reason, t), points=f"{reason.contribution or 0:.3f}")


def said_of(reason: SiteReason, t: Words) -> str:
    """The value that a criterion has and what it rests on; why there is none where it is missing."""
    if reason.missing is not None:
        return t("site.missing." + reason.missing)
    given = {key: t.listed([str(one) for one in v]) if isinstance(v, list) else v for key, v in reason.facts.items()}
    kind = "hub" if reason.criterion.startswith("near_") else reason.criterion
    return t(f"site.reason.{kind}", **given | {"value": value_text(reason, t)})


def value_text(reason: SiteReason, t: Words) -> str:
    """The value with its unit."""
    value = reason.value or 0.0
    if reason.unit == "growth":
        return f"{value:+.1%}"
    if reason.unit == "match":
        return t("site.match" if value else "site.no_match")
    digits = f"{value:,.2f}" if reason.unit in ("quotient", "cny_m2_month") else f"{value:,.0f}"
    return t(f"site.unit.{reason.unit}", value=digits)


def condition_text(name: str, t: Words) -> str:
    """A condition by its name."""
    return t("site.condition.area") if name == "area" else t(f"site.criterion.{name}")

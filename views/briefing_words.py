"""A district's briefing in sentences: figure first, cause second, limit third; each figure with its n.

Amounts are written as they stand in the tables that add up (``clusters.accounts``). No Streamlit: the page and the
document say the same words.
"""

from clusters.accounts import Amount, part_and_rest
from clusters.briefing_records import Briefing, Headline, HeadlineKind
from clusters.cautions import RULES, Caution
from clusters.differentiation import PathFit
from clusters.growth_interval import FEWEST_FIRMS
from clusters.profile import Finding
from clusters.tiers import THRESHOLD_CNY, ScaleTier
from data import columns as c
from data import lookup
from views.plan_words import quoted, section
from views.words import Words


def district_name(briefing: Briefing, t: Words) -> str:
    """Name of the district in the reader's language."""
    names = briefing.board.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    return str(names[briefing.district_id])


def told_headlines(briefing: Briefing) -> tuple[Headline, ...]:
    """Headlines without the one that a warning says already."""
    warned = any(each.subsector_id is None and each.kind == "one_firm" for each in briefing.cautions)
    return tuple(each for each in briefing.headlines if not (warned and each.kind is HeadlineKind.DEPENDENCE))


def headline_sentence(headline: Headline, briefing: Briefing, t: Words) -> str:
    """One finding as a sentence; what it is a sum over, its n and its year are in it."""
    figures, year = dict(headline.figures), briefing.year
    named: dict[str, object] = {"district": district_name(briefing, t), "year": year, "n": f"{headline.firms:,}"}
    match headline.kind:
        case HeadlineKind.TOTAL:
            total = t.amount(briefing.accounts.total(district_id=briefing.district_id))
            named |= {"total": total, "share": t.share(shown_share(briefing)), "of": f"{figures['city_firms']:,}"}
        case HeadlineKind.LEADING | HeadlineKind.NEAREST:
            return _part(headline, briefing, named, t)
        case HeadlineKind.GROWTH:
            return _growth(headline, named, t)
        case HeadlineKind.STRENGTH:
            named["subsectors"] = t.listed([t(f"subsector.{s}") for s in _ids(figures["subsectors"])])
        case HeadlineKind.PATH:
            fits = {fit.path.id: fit for fit in briefing.paths}
            paths = [path_name(fits[one], t) for one in _ids(figures["paths"])]
            return t("briefing.path" if paths else "briefing.path_open", **named, paths=t.listed(paths))
        case HeadlineKind.DEPENDENCE:
            named |= _without(None, str(figures["firm_id"]), int(_number(figures["cny"])), briefing, t)
            named["share"] = t.share(_number(figures["share"]))
        case HeadlineKind.CHANGE:
            return _change(headline, named, t)
        case HeadlineKind.ROOM:
            vacant = figures["vacant_m2"]
            named |= {"parks": figures["parks"], "known": figures["known"]}
            if vacant is None:
                return t("briefing.room_unknown", **named)
            named["area"] = f"{_number(vacant):,.0f}"
    return t(f"briefing.{headline.kind}", **named)


def caution_sentence(caution: Caution, briefing: Briefing, t: Words) -> str:
    """One warning as a sentence."""
    s = caution.subsector_id
    named: dict[str, object] = {
        "what": t(f"subsector.{s}") if s else district_name(briefing, t),
        "n": f"{caution.firms:,}",
        "share": t.share(caution.value),
        "year": briefing.year,
    }
    if caution.firm_id is not None and (whole := briefing.dependence_of(s)) is not None:
        named |= _without(s, caution.firm_id, whole.top1_cny, briefing, t)
    if caution.tier is not None:
        named |= {"tier": t.tier(caution.tier), "then": t.tier(caution.tier_then)}
    if caution.kind == "tier_near" and s and caution.tier is not None:
        cell = briefing.accounts.cell(s, briefing.district_id)
        threshold = THRESHOLD_CNY[caution.tier]
        above = None if cell is None else Amount(cell.cny - threshold, cell.shown_cny - threshold)
        named |= {"above": t.amount(above), "threshold": t.money(threshold)}
    if caution.kind == "decline":
        named |= {"growth": f"{caution.value:+.1%}", "base": briefing.progress.base_year}
    return t(f"caution.{caution.kind}", **named)


def cautions_note(briefing: Briefing, t: Words) -> str:
    """What is said where there is no warning, or where some could not be looked for; empty otherwise."""
    if briefing.unjudged:
        return t("caution.unjudged", subsectors=t.listed([t(f"subsector.{s}") for s in briefing.unjudged]))
    if briefing.cautions:
        return ""
    return t("caution.none" if briefing.progress.firms else "caution.no_firms")


def caution_rules(t: Words) -> list[str]:
    """Every rule with its threshold, in words."""
    return [t(f"caution_rule.{kind}", threshold=f"{rule.threshold:.0%}") for kind, rule in RULES.items()]


def path_name(fit: PathFit, t: Words) -> str:
    """Name of a path in the reader's language; the plan's own words where we have no translation."""
    key = f"path_name.{fit.path.id}"
    return t(key) if key in t else fit.path.name


def path_quotes(fit: PathFit, t: Words) -> list[str]:
    """Words of the plan that a path's subsectors rest on, each once with its section, in the reader's language."""
    first = {field.quote: field for field in reversed(fit.path.fields)}
    quotes = [first[words] for words in dict.fromkeys(field.quote for field in fit.path.fields)]
    return [
        f"{section(field.section, t)} {quoted(f'path_quote.{fit.path.id}_{field.subsector}', field.quote, t)}"
        for field in quotes
    ]


def path_sentence(fit: PathFit, t: Words) -> str:
    """How a district's mix of firms compares with the city's on one path."""
    named = {
        "path": path_name(fit, t),
        "n": f"{fit.firms:,}",
        "of": f"{fit.of_firms:,}",
        "share": t.share(fit.share),
        "city": t.share(fit.city_share),
    }
    if fit.finding is Finding.FEW:
        return t("path.few", **named, fewest=FEWEST_FIRMS)
    limits = {"quotient": f"{fit.quotient:.2f}", "low": f"{fit.lower:.2f}", "high": f"{fit.upper:.2f}"}
    return t(f"path.{fit.finding}", **named, **limits)


def coverage_sentence(briefing: Briefing, t: Words) -> str:
    """How many of the known firms of the district the figures rest on."""
    told = briefing.board.coverage
    if not told["of_firms"]:
        return t("briefing.no_coverage")
    return t(
        "briefing.coverage",
        firms=f"{told['firms']:,}",
        of=f"{told['of_firms']:,}",
        share=t.share(_number(told["share"])),
    )


def shown_share(briefing: Briefing, subsector_id: str = "") -> float:
    """Share of the city, or of its cluster, as shown: all districts' add up; NaN without a firm, or withheld."""
    shares = briefing.accounts.shares([subsector_id] if subsector_id else None)
    return float(shares.get(briefing.district_id, float("nan")))


def _part(headline: Headline, briefing: Briefing, named: dict[str, object], t: Words) -> str:
    """The district's part in a cluster, and for the nearest what is missing to its next tier."""
    figures, s = headline.figures, str(headline.figures["subsector_id"])
    cell = briefing.accounts.cell(s, briefing.district_id)
    share = t.share(shown_share(briefing, s))
    named |= {"subsector": t(f"subsector.{s}"), "cny": t.amount(cell), "share": share}
    if headline.kind is HeadlineKind.NEAREST:
        tier = ScaleTier(str(figures["tier"]))
        gap = None if cell is None else cell.gap
        named |= {"tier": t.tier(tier), "threshold": t.money(THRESHOLD_CNY[tier]), "gap": t.amount(gap)}
        return t("briefing.nearest", **named)
    if figures["rank"] is None:
        return t("briefing.leading_unranked", **named)
    return t("briefing.leading", **named, rank=figures["rank"], ranked=figures["ranked"])


def _growth(headline: Headline, named: dict[str, object], t: Words) -> str:
    figures = headline.figures
    growth, lower, ahead = (_number(figures[name]) for name in ("growth", "lower", "ahead_cny"))
    named |= {"growth": f"{growth:+.1%}", "base": figures["base_year"], "fewest": FEWEST_FIRMS}
    if lower == lower:
        said = t("briefing.growth", **named, low=f"{lower:+.1%}", high=f"{_number(figures['upper']):+.1%}")
    else:
        said = t("briefing.growth_few" if headline.firms < FEWEST_FIRMS else "briefing.growth_alone", **named)
    if figures["planned_rate"] is None or ahead != ahead:
        return said
    pace = t(
        "briefing.ahead" if ahead >= 0 else "briefing.behind",
        rate=f"{_number(figures['planned_rate']):.1%}",
        distance=t.money(abs(ahead)),
    )
    return t.sentences([said, pace])


def _change(headline: Headline, named: dict[str, object], t: Words) -> str:
    difference, firms = (int(_number(headline.figures[name])) for name in ("difference_cny", "firms"))
    named |= {"before": headline.figures["before"], "difference": t.money(abs(difference)), "firms": f"{firms:+,}"}
    if difference == 0:
        return t("briefing.change_firms" if firms else "briefing.change_none", **named)
    return t("briefing.change_up" if difference > 0 else "briefing.change_down", **named)


def _without(subsector_id: str | None, firm_id: str, top1_cny: int, briefing: Briefing, t: Words) -> dict[str, object]:
    """Name of the largest firm and what is left without it, as shown."""
    district = briefing.district_id
    whole = (
        briefing.accounts.cell(subsector_id, district)
        if subsector_id
        else briefing.accounts.total(district_id=district)
    )
    rest = None if whole is None else part_and_rest(whole, top1_cny)[1]
    return {"firm": lookup.short_name(briefing.board.dataset, firm_id), "rest": t.amount(rest)}


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _ids(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()

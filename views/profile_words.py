"""A district's profile in words: what the intervals allow to say, how its firms grew, what may become of its clusters.

"Higher than the city" is said only where an interval lies above 1; every figure stands beside its n.
"""

from collections import Counter

import pandas as pd

from clusters.growth_interval import FEWEST_FIRMS
from clusters.profile import DistrictProfile, Finding, Mix
from clusters.prospects import YEARS_AHEAD, Prospect
from data import columns as c
from views.words import Words


def quotient(value: float) -> str:
    """A quotient with two decimals; a dash where it is not defined or not released."""
    return "—" if value != value else f"{value:,.2f}"


def interval(lower: float, upper: float) -> str:
    """Limits of a quotient; a dash without."""
    return "—" if lower != lower or upper != upper else f"{lower:,.2f} – {upper:,.2f}"


def growth_text(row: "pd.Series[float]", t: Words) -> str:
    """Growth a year with its interval and n, or with n and why there is no interval."""
    n, growth = int(row[c.MATCHED_FIRMS]), row[c.GROWTH]
    if growth != growth:
        return t("profile.no_growth", n=f"{n:,}")
    named = {"growth": f"{growth:+.1%}", "n": f"{n:,}"}
    if row[c.GROWTH_LOW] == row[c.GROWTH_LOW]:
        return t("profile.growth_sure", **named, low=f"{row[c.GROWTH_LOW]:+.1%}", high=f"{row[c.GROWTH_HIGH]:+.1%}")
    return t("profile.growth_few" if n < FEWEST_FIRMS else "profile.growth_alone", **named)


def finding_text(firms: str, revenue: str | None, t: Words) -> str:
    """What is found by firms and by revenue, once where both say the same."""
    said = t(f"quotient_finding.{firms}")
    if revenue is None or revenue == firms:
        return said
    return t("quotient_finding.both", firms=said, money=t(f"quotient_finding.{revenue}"))


def specialization_sentences(found: DistrictProfile, t: Words) -> list[str]:
    """How many subsectors stand above the city, below it, around it, or on too few firms."""
    lines = [_counted("profile.by_firms", found.of_firms[c.FINDING], t)]
    if found.revenue_basis == "firms_drawn":
        lines.append(_counted("profile.by_revenue", found.of_revenue[c.FINDING], t))
    else:
        lines.append(t(f"profile.basis_{found.revenue_basis}"))
    return lines


def _counted(key: str, findings: pd.Series, t: Words) -> str:
    count = Counter(map(str, findings))
    return t(key, of=len(findings), **{each.value: count[each.value] for each in Finding})


def mix_sentence(found: DistrictProfile, t: Words) -> str:
    """Diversity of the district and its distance to the rest of the city, by firms and by revenue."""
    parts = [
        _mix(t("measure.firms"), found.mix_of_firms, t),
        _mix(t("measure.revenue"), found.mix_of_revenue, t),
    ]
    small = [t("profile.mix_few")] if found.firms < FEWEST_FIRMS else []
    return t.sentences([t("profile.mix_of", n=f"{found.firms:,}", parts=t("profile.semicolon").join(parts)), *small])


def _mix(name: str, mix: Mix, t: Words) -> str:
    if mix.herfindahl != mix.herfindahl:
        return t("profile.mix_unknown", name=name)
    named = {"name": name, "index": f"{mix.herfindahl:.3f}", "equal": f"{1 / mix.herfindahl:.1f}"}
    city = "—" if mix.city_herfindahl != mix.city_herfindahl else f"{mix.city_herfindahl:.3f}"
    return t("profile.mix_part", **named, city=city, krugman=quotient(mix.krugman))


def growth_sentences(grown: pd.DataFrame, district_id: str, base_year: int | None, year: int, t: Words) -> list[str]:
    """Growth of the district's matched firms beside the city's."""
    if base_year is None or year <= base_year:
        return [t("profile.no_span", year=year, base=base_year or "—")]
    if (district_id, c.TOTAL) not in grown.index:
        return [t("profile.none_matched", base=base_year, year=year)]
    here, city = (growth_text(grown.loc[(each, c.TOTAL)], t) for each in (district_id, c.TOTAL))
    return [t("profile.growth_of", base=base_year, year=year, here=here, city=city)]


def outlook_sentences(found: tuple[Prospect, ...], t: Words) -> list[str]:
    """The chance of the next tier where the panel can carry one, and for the others why not."""
    said = [_chance(each, t) for each in found if each.unsaid is None]
    silent = Counter(each.unsaid for each in found if each.unsaid is not None)
    reasons = [t(f"unsaid.{why}", n=number, fewest=FEWEST_FIRMS) for why, number in silent.items()]
    lines = [*said, *([t("profile.unsaid", reasons=t.listed(reasons))] if reasons else [])]
    rates = {each.rates for each in found if each.unsaid is None}
    return [*([t("profile.outlook_limits", rates=min(rates))] if rates else []), *lines]


def _chance(one: Prospect, t: Words) -> str:
    chances = [t("profile.chance", year=year, chance=t.share(chance)) for year, chance in one.chances.items()]
    last = one.years[-1]
    band = t(
        "profile.band_wide" if one.is_wide else "profile.band",
        year=last + YEARS_AHEAD,
        low=t.money(one.low_cny, unit=False),
        high=t.money(one.high_cny),
        times=f"{one.high_cny / one.low_cny:,.0f}",
    )
    return t(
        "profile.tier_chance",
        subsector=t(f"subsector.{one.subsector_id}"),
        now=t.money(one.now_cny),
        last=last,
        tier=t.tier(one.tier),
        chances=t.listed(chances),
        n=f"{one.firms:,}",
        rates=one.rates,
        coverage=t.share(one.coverage),
        band=band,
    )

"""What closes a gap, as lines for a terminal: where it stands, what is assumed and from how many firms, the mixes."""

from collections.abc import Iterable, Iterator

from clusters.gap_records import GapClosing, Mix
from clusters.growth_interval import GrowthInterval
from clusters.tiers import THRESHOLD_CNY, ScaleTier, scale_tier
from data import columns as c
from data.lookup import short_name
from views.gaps_json import GapAnswer
from views.words import Words


def gap_text(answer: GapAnswer, t: Words) -> str:
    """All of the answer, the assumptions before what follows from them."""
    closing = answer.closing
    lines = [_title(answer, t)]
    if answer.district_id is not None:
        lines.append(t("word.derived"))
    if closing.withheld:
        return "\n".join([*lines, t("gaps.withheld"), *_basis(answer, t)])
    lines += [*_standing(closing, t), "", t("gaps.assumed"), *assumed_lines(closing, t)]
    if closing.mixes:
        lines += ["", t("gaps.mixes"), *(_mix(mix, closing, t) for mix in closing.mixes)]
    if len(answer.left):
        lines += ["", t("gaps.dependence"), *_left(answer, t)]
    return "\n".join([*lines, "", *_chance(closing, t), *_basis(answer, t)])


def _title(answer: GapAnswer, t: Words) -> str:
    districts = answer.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    area = t("gaps.city") if answer.district_id is None else str(districts[answer.district_id])
    named = {"subsector": t(f"subsector.{answer.subsector_id}"), "area": area}
    return t("gaps.title", **named, year=answer.closing.year, until=answer.closing.until)


def _standing(closing: GapClosing, t: Words) -> Iterator[str]:
    tier = t.tier(scale_tier(closing.total_cny))
    total, firms = t.money(closing.total_cny), t.firms(closing.firms)
    yield t("gaps.total", year=closing.year, total=total, firms=firms, tier=tier)
    if closing.target_cny is None:
        yield t("gaps.top")
        return
    target = t("figure.money", value=t.money_step(closing.target_cny))
    if not closing.gap_cny:
        yield t("gaps.reached", target=target)
        return
    yield t("gaps.gap", target=target, gap=t.money(closing.gap_cny))
    if closing.required is not None:
        pace = t.money(closing.required.linear_pace)
        yield t("gaps.required", growth=rate(closing.required.required_growth), pace=pace)


def assumed_lines(closing: GapClosing, t: Words) -> Iterator[str]:
    """Growth, size of a new firm and room of the parks that a gap's mixes rest on, each with its n."""
    seen, size, room = closing.growth, closing.size, closing.room
    city = {"here": "", "city": t("gaps.of_city"), "stated": ""}
    if closing.growth_area == "stated":
        yield t("gaps.growth_stated")
    elif seen is None or seen.growth != seen.growth:
        yield t("gaps.growth_none")
    else:
        named = {"n": seen.firms, "since": closing.growth_from, "year": closing.year, "growth": rate(seen.growth)}
        yield t("gaps.growth", **named, limits=_limits(seen, t)) + city[closing.growth_area]
    if size is None:
        yield t("gaps.size_none")
    elif size.area == "stated":
        yield t("gaps.size_stated", size=t.money(size.median_cny))
    else:
        quartiles = {"lower": t.money(size.lower_cny), "upper": t.money(size.upper_cny)}
        few = t("gaps.few_sizes") if size.too_few_firms else ""
        yield t("gaps.size", n=size.firms, median=t.money(size.median_cny), **quartiles) + few + city[size.area]
    if room.vacant_m2 is None:
        yield t("gaps.room_unknown", parks=room.parks)
    else:
        yield t("gaps.room_known", parks=room.parks, known=room.known, area=f"{room.vacant_m2:,.0f}")


def _limits(seen: GrowthInterval, t: Words) -> str:
    if seen.too_few_firms:
        return t("gaps.few")
    if seen.low != seen.low:
        return t("gaps.many")
    return t("gaps.limits", low=rate(seen.low), high=rate(seen.high))


def _mix(mix: Mix, closing: GapClosing, t: Words) -> str:
    grown = {"rate": rate(mix.growth), "until": closing.until, "grown": t.money(mix.grown_cny)}
    begin = t("gaps.grown", name=t(f"gaps.of_growth.{mix.of_growth}"), **grown)
    if not mix.missing_cny:
        return begin + t("gaps.alone")
    missing = t.money(mix.missing_cny)
    if mix.typical is None:
        return begin + t("gaps.missing", missing=missing)
    few, many = mix.fewest, t("gaps.any_number") if mix.most is None else f"{mix.most:,}"
    new = t("gaps.new_firms", missing=missing, typical=f"{mix.typical:,}", fewest=f"{few:,}", most=many)
    return begin + new + t(f"gaps.room.{mix.room}")


def mixes_phrase(mixes: Iterable[Mix], t: Words) -> str:
    """Mixes one after the other."""
    return t("lab.between").join(_one_mix(mix, t) for mix in mixes)


def _one_mix(mix: Mix, t: Words) -> str:
    name = t(f"gaps.of_growth.{mix.of_growth}")
    named = {"name": name if mix.of_growth == "none" else t("lab.at_rate", name=name, rate=rate(mix.growth))}
    if not mix.missing_cny:
        return t("lab.mix_alone", **named)
    if mix.typical is None:
        return t("lab.mix_unknown", **named, missing=t.money(mix.missing_cny))
    most = t("gaps.any_number") if mix.most is None else f"{mix.most:,}"
    if mix.fewest == mix.typical == mix.most:
        return t("lab.mix_same", **named, typical=f"{mix.typical:,}")
    return t("lab.mix", **named, typical=f"{mix.typical:,}", fewest=f"{mix.fewest:,}", most=most)


def _left(answer: GapAnswer, t: Words) -> Iterator[str]:
    before = scale_tier(answer.closing.total_cny)
    for number, (_, row) in enumerate(answer.left.iterrows(), start=1):
        named = {"k": number, "name": short_name(answer.dataset, row[c.FIRM_ID]), "left": t.money(row[c.WITHOUT_CNY])}
        line = t("gaps.without", **named, share=t.share(row[c.LEFT_SHARE]), tier=t.tier(row[c.TIER]))
        yield line + (t("gaps.fails", tier=t.tier(before)) if is_lower(row[c.TIER], before) else "")


def is_lower(now: ScaleTier, before: ScaleTier | None) -> bool:
    """Whether a tier lies below another."""
    return before is not None and THRESHOLD_CNY[now] < THRESHOLD_CNY[before]


def _chance(closing: GapClosing, t: Words) -> Iterator[str]:
    panel, outlook = closing.panel, closing.outlook
    if panel.problem is not None:
        yield t(f"gaps.no_chance.{panel.problem}")
    elif outlook is not None:
        crossed = outlook.bands.loc[closing.until]
        named = {"p": t.share(crossed[c.CROSSED]), "error": t.share(crossed[c.CROSSED_ERROR]), "n": panel.firms}
        years = {"until": closing.until, "first": panel.years[0], "last": panel.years[-1]}
        yield t("gaps.chance", **named, **years, coverage=t.share(panel.coverage))


def _basis(answer: GapAnswer, t: Words) -> list[str]:
    made_up = [t("synthetic.sentence")] if answer.dataset.synthetic else []
    free_only = [t("gaps.free_only")] if answer.dataset.release is not None and not answer.closing.withheld else []
    return [*made_up, *free_only, t(f"basis.{answer.dataset.basis.value}")]


def rate(growth: float) -> str:
    """Growth a year with its sign."""
    return f"{growth:+.1%}"

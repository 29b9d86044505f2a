"""Sentences of the gap lab, the same on the page and on paper: where it stands, what closes it, by whom, when."""

import pandas as pd

from clusters.accounts import Amount
from clusters.errors import UnknownFirm, WithheldFirm
from clusters.growth_interval import GrowthInterval
from clusters.prospects import WIDE
from clusters.scenarios import Attract, Change, Relocate
from clusters.tiers import ScaleTier, scale_tier
from data import columns as c
from data.dataset import Dataset
from data.lookup import short_name
from views.figures import accounts_of
from views.gaps_answer import GapPage, Played
from views.gaps_text import is_lower, mixes_phrase, rate
from views.methods_values import value_of
from views.words import Words, capital


def subsector_name(subsector_id: str | None, t: Words) -> str:
    """Name of a cluster, or of all of them."""
    return t("lab.all_clusters") if subsector_id is None else t(f"subsector.{subsector_id}")


def district_names(dataset: Dataset, t: Words) -> dict[str, str]:
    """Names of the districts and of what lies in none."""
    names = dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN].to_dict()
    return {str(k): str(v) for k, v in names.items()} | {
        c.UNPLACED: t("word.unplaced"),
        c.NOT_RELEASED: t("lab.withheld_rest"),
    }


def scope(page: GapPage, t: Words) -> str:
    """Which cluster, where."""
    area = t("city") if page.district_id is None else district_names(page.board.dataset, t)[page.district_id]
    return t("lab.scope", area=area, subsector=subsector_name(page.subsector_id, t))


def total_amount(page: GapPage) -> Amount | None:
    """The total as every page shows it."""
    subsectors = None if page.subsector_id is None else [page.subsector_id]
    return accounts_of(page.city).total(subsectors=subsectors, district_id=page.district_id)


def total_text(page: GapPage, t: Words) -> str:
    """The total, or why there is none."""
    if page.closing.withheld or not page.closing.firms:
        return t.nothing(withheld=page.closing.withheld)
    return t.amount(total_amount(page), withheld=True)


def gap_text(page: GapPage, t: Words) -> str:
    """What is missing, so that it makes up the target with the shown total."""
    closing, amount = page.closing, total_amount(page)
    if closing.gap_cny is None or closing.target_cny is None:
        return t.nothing(withheld=closing.withheld)
    shown = closing.target_cny - amount.shown_cny if amount is not None else closing.gap_cny
    return t.amount(Amount(closing.gap_cny, max(shown, 0))) if closing.gap_cny else t.money(0)


def target_text(page: GapPage, t: Words) -> str:
    """The target with the tier that it is."""
    closing = page.closing
    if closing.target_cny is None:
        return t("lab.no_target")
    money = t("figure.money", value=t.money_step(closing.target_cny))
    tier = page.target_tier
    return money if tier is None else t("lab.threshold", tier=t.tier(tier), value=money)


def growth_words(seen: GrowthInterval | None, since: int | None, year: int, t: Words) -> str:
    """Growth observed, with n and its interval."""
    if seen is None or seen.growth != seen.growth:
        return t("lab.growth_unknown")
    named = {"growth": rate(seen.growth), "n": f"{seen.firms:,}", "since": since, "year": year}
    if seen.low == seen.low:
        return t("lab.growth_interval", **named, low=rate(seen.low), high=rate(seen.high))
    return t("lab.growth_few" if seen.too_few_firms else "lab.growth_many", **named)


def summary(page: GapPage, t: Words) -> list[str]:
    """The answer in one to three sentences: figure first, cause second, limit third."""
    closing = page.closing
    if closing.withheld:
        return [t("gaps.withheld")]
    if closing.target_cny is None:
        return [t("lab.top")]
    target = target_text(page, t)
    if not closing.gap_cny:
        said = t("lab.reached", scope=scope(page, t), total=t.amount(total_amount(page)), target=target)
        return [said, *_no_verdict(page, t)]
    lines = [t("lab.short", scope=scope(page, t), gap=gap_text(page, t), target=target, year=closing.year)]
    if closing.mixes:
        lines.append(t("lab.mixes_said", until=closing.until, mixes=mixes_phrase(closing.mixes, t)))
    if not closing.firms:
        lines.append(t("lab.no_firm", year=closing.year))
    return [*lines, *_no_verdict(page, t)]


def _no_verdict(page: GapPage, t: Words) -> list[str]:
    basis = page.board.dataset.evidence
    return [capital(t(f"why.{basis}")) + t("lab.stop")] if basis in ("listed_sample", "synthetic") else []


def left_sentence(page: GapPage, t: Words) -> str:
    """Whose departure takes the tier away, or that none of the largest does."""
    closing, left = page.closing, page.left
    if left.empty:
        return t("lab.left_withheld" if closing.firms else "lab.left_none", year=closing.year)
    before = scale_tier(closing.total_cny)
    for gone, (_, row) in enumerate(left.iterrows(), start=1):
        if is_lower(row[c.TIER], before):
            names = t.listed([short_name(page.board.dataset, firm) for firm in left[c.FIRM_ID][:gone]])
            return t("lab.left_falls", firms=names, before=t.tier(before), after=t.tier(row[c.TIER]))
    key = "lab.left_stays" if before is not ScaleTier.BELOW else "lab.left_below"
    return t(key, n=len(left), tier=t.tier(before), share=t.share(float(left[c.LEFT_SHARE].iloc[0])))


def chance_sentences(page: GapPage, t: Words) -> list[str]:
    """When the target may be crossed and how likely, or why that is not told."""
    closing, panel, bands = page.closing, page.closing.panel, page.bands
    if page.unsaid is not None or bands is None or page.outlook is None:
        named = {"n": panel.firms, "years": len(panel.years), "coverage": t.share(panel.coverage)}
        return [t(f"lab.unsaid.{page.unsaid or 'no_firms'}", **named)]
    lines, crossed = [], bands[c.CROSSED]
    if closing.until in crossed.index:
        error = t.share(float(bands[c.CROSSED_ERROR][closing.until]))
        lines.append(t("lab.chance", until=closing.until, p=t.share(float(crossed[closing.until])), error=error))
    at = page.outlook.crossing_year
    last = int(bands.index[-1])
    lines.append(
        t("lab.beyond", year=last, p=t.share(float(crossed[last])))
        if at is None
        else t("lab.crossing", year=at, p=t.share(float(crossed[at])))
    )
    if float(bands[c.HIGH].iloc[-1]) > WIDE * float(bands[c.LOW].iloc[-1]):
        lines.append(t("lab.wide", year=last, times=WIDE))
    return lines


def chance_basis(page: GapPage, t: Words) -> list[str]:
    """What the chances rest on: firms, years, draws, seed, and how often such bands held."""
    panel, outlook = page.closing.panel, page.outlook
    if outlook is None:
        return []
    lines = [
        t(
            "lab.chance_basis",
            n=f"{panel.firms:,}",
            first=panel.years[0],
            last=panel.years[-1],
            rates=outlook.intervals,
            coverage=t.share(panel.coverage),
            draws=f"{outlook.draws:,}",
            seed=outlook.seed,
        )
    ]
    tested = value_of("backtest", page.city, t)
    return [*lines, *([tested] if tested else [])]


def change_text(change: Change, dataset: Dataset, t: Words) -> str:
    """A change of a scenario."""
    names = district_names(dataset, t)
    if isinstance(change, Attract):
        ramp = t("lab.ramp", n=change.ramp_years) if change.ramp_years else t("lab.at_once")
        named = {"district": names.get(change.district_id, change.district_id), "money": t.money(change.revenue_cny)}
        return t("lab.attract_said", subsector=_subsector(change.subsector_id, t), ramp=ramp, **named)
    if isinstance(change, Relocate):
        firm = short_name(dataset, change.firm_id)
        return t("lab.move_said", firm=firm, district=names.get(change.district_id, change.district_id))
    area = t("city") if change.district_id is None else names.get(change.district_id, change.district_id)
    return t("lab.grow_said", area=area, subsector=_subsector(change.subsector_id, t), growth=rate(change.growth))


def _subsector(subsector_id: str | None, t: Words) -> str:
    known = subsector_id is None or f"subsector.{subsector_id}" in t
    return subsector_name(subsector_id, t) if known else str(subsector_id)


def refusal(error: Exception, dataset: Dataset, t: Words) -> str:
    """Why a change cannot be played, in the reader's language."""
    if isinstance(error, WithheldFirm):
        return t("lab.refused_withheld", firm=short_name(dataset, error.firm_id))
    if isinstance(error, UnknownFirm):
        return t("error.UnknownFirm", value=error.value)
    return t("lab.refused")


def city_sentence(played: Played, t: Words) -> str:
    """What the scenario changes in the city."""
    change = played.result.clusters[c.CHANGE_CNY]
    known = sum(int(each) for each in change.dropna())
    lacking = int(change.isna().sum())
    named = {"change": signed(known, t), "yuan": f"{known:,}"}
    said = t("lab.city_same") if not known else t("lab.city_change", **named)
    return said + (t("lab.some_withheld", n=lacking) if lacking else "")


def signed(cny: float | None, t: Words, *, unit: bool = True) -> str:
    """A change of money with its sign; nothing is 0."""
    if cny is None or pd.isna(cny):
        return t("word.withheld")
    return ("+" if cny > 0 else "") + t.money(cny, unit=unit) if cny else "0"

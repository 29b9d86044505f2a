"""The comparison in sentences: how districts differ, why a peer is proposed, who duplicates whom, what moved each."""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from clusters.duplication import SIGNIFICANT, Verdict
from clusters.profile import FEWEST_FIRMS, Finding
from clusters.standing import coverage
from data import columns as c
from data.dataset import firms_by_year
from views.comparison import Comparison
from views.words import Words


def summary(found: Comparison, t: Words) -> list[str]:
    """The card at the top: totals, per km² and per firm of the first two, and how alike all are."""
    first, other = found.districts[:2]
    here, there = found.facts.loc[first], found.facts.loc[other]
    names = {"first": found.name(first, t.language), "other": found.name(other, t.language)}
    lines = []
    if here[c.TOTAL_CNY] > 0 and there[c.TOTAL_CNY] > 0:
        lines.append(
            t(
                "compare.summary",
                **names,
                total=_times(here, there, c.TOTAL_CNY, t),
                density=_times(here, there, c.CNY_PER_KM2, t),
                size=_times(here, there, c.CNY_PER_FIRM, t),
                firms=_times(here, there, c.FIRMS, t),
                year=found.board.year,
            )
        )
    else:
        lines += [_nothing(found, d, t) for d in found.districts if not found.facts[c.TOTAL_CNY][d] > 0]
    if len(found.districts) > 2 and (found.facts[c.TOTAL_CNY].reindex(list(found.districts)) > 0).all():
        rest = [
            t(
                "compare.summary_more",
                other=found.name(d, t.language),
                total=_times(here, found.facts.loc[d], c.TOTAL_CNY, t),
            )
            for d in found.districts[2:]
        ]
        lines.append(t("compare.summary_rest", first=names["first"], rest=t.listed(rest)))
    alone = [_one_firm(found, d, t) for d in found.districts if found.facts[c.TOP1_SHARE][d] > 0.5]
    return [*lines, *([t("compare.depends", districts=t.listed(alone))] if alone else []), *_most_alike(found, t)]


def peer_reason(peer: "pd.Series[Any]", t: Words) -> str:
    """Why a district is proposed, with the numbers."""
    common = peer[c.SUBSECTOR_ID]
    reason = t(
        f"compare.peer_reason.{peer[c.PEER_REASON]}",
        similarity=f"{peer[c.SIMILARITY]:.2f}",
        structure=int(peer[c.STRUCTURE_RANK]),
        ratio=t.share(peer[c.SIZE_RATIO]),
        size=int(peer[c.SIZE_RANK]),
    )
    if not isinstance(common, str):
        return reason
    return t.sentences([reason, t("compare.peer_common", subsector=t(f"subsector.{common}"))])


def duplication(found: Comparison, t: Words) -> list[str]:
    """Who duplicates whom, as far as the test allows it."""
    pairs = found.pairs
    if pairs.empty:
        return [t("compare.no_pairs", year=found.board.year)]
    tested = pairs[pairs[c.P].notna()]
    alike = pairs[pairs[c.VERDICT] == Verdict.DUPLICATES]
    few = pairs[pairs[c.VERDICT] == Verdict.FEW]
    enough = len(tested) - len(few)
    lines = [_pair(found, row, t) for row in alike.to_dict("records")]
    if not lines and enough:
        large = pairs[pairs[c.VERDICT] == Verdict.CHANCE]
        lines.append(t("compare.none_duplicates", n=enough, p=p_text(large[c.P_ADJUSTED].min())))
    if len(few):
        small = sorted(
            {d for a, b in zip(few[c.DISTRICT_A], few[c.DISTRICT_B], strict=True) for d in (a, b) if _few(pairs, d)}
        )
        names = [found.name(d, t.language) for d in small]
        lines.append(t("compare.few", districts=t.listed(names), fewest=FEWEST_FIRMS, pairs=len(few), of=len(pairs)))
    return lines


def how_tested(found: Comparison, t: Words) -> str:
    """How the test was made: draws, seed, correction."""
    pairs = found.pairs
    draws = int(pairs[c.DRAWS].max()) if len(pairs) else 0
    return t(
        "compare.test_note",
        draws=f"{draws:,}",
        seed=pairs.attrs.get("seed", "—"),
        pairs=int(pairs[c.P].notna().sum()),
        alpha=SIGNIFICANT,
    )


def verdict_text(row: dict[Hashable, Any], t: Words) -> str:
    """What the test allows to say of a pair."""
    return t(f"compare.verdict.{row[c.VERDICT]}", fewest=FEWEST_FIRMS)


def p_text(p: float) -> str:
    """A p-value with as many digits as it deserves."""
    if p != p:
        return "—"
    return f"{p:.4f}" if p < 0.01 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def shares_sentence(found: Comparison, t: Words) -> list[str]:
    """What moved each district, as points of its growth."""
    lines = []
    for district_id, row in found.summed_parts.iterrows():
        name = found.name(str(district_id), t.language)
        if not row[c.BASE_CNY] > 0:
            lines.append(t("compare.no_matched", district=name, since=found.since, year=found.board.year))
            continue
        named = {key: points(row[column] / row[c.BASE_CNY]) for key, column in EFFECTS.items()}
        n = int(row[c.MATCHED_FIRMS])
        said = t("compare.moved", district=name, n=f"{n:,}", change=points(row[c.CHANGE] / row[c.BASE_CNY]), **named)
        few = [t("compare.moved_few", fewest=FEWEST_FIRMS)] if n < FEWEST_FIRMS else []
        lines.append(t.sentences([said, *few]))
    return lines


EFFECTS = {"national": c.NATIONAL_EFFECT, "mix": c.INDUSTRIAL_MIX, "regional": c.REGIONAL_EFFECT}


def points(share: float) -> str:
    """A part of growth in percent of the beginning, with its sign."""
    return f"{share * 100:+,.1f}%".replace("-", "−")


def coverage_sentence(found: Comparison, t: Words) -> str:
    """How many firms of each compared district have a figure of the year."""
    said = []
    for d in found.districts:
        told = coverage(found.board.dataset, year=found.board.year, place=found.board.place, district_id=d)
        named = {"n": f"{told['firms']:,}", "of": f"{told['of_firms']:,}"}
        said.append(t("compare.covered", mark=found.mark(d), district=found.name(d, t.language), **named))
    return t("compare.coverage", year=found.board.year, districts=t.listed(said))


def years_note(found: Comparison, t: Words) -> str:
    """That years differ in whom they hold, with the number of firms of each."""
    years = firms_by_year(found.board.dataset)[c.FIRMS]
    held = [t("compare.year_firms", year=year, n=f"{int(n):,}") for year, n in years.items()]
    return t("compare.years_note", years=t.listed(held))


def specialization_sentence(found: Comparison, t: Words) -> list[str]:
    """In what each district stands above the city, where the interval allows to say so."""
    lines = []
    for d in found.districts:
        table = quotients(found, d)
        above = [t(f"subsector.{s}") for s in table.index[table[c.FINDING] == Finding.ABOVE]]
        below = [t(f"subsector.{s}") for s in table.index[table[c.FINDING] == Finding.BELOW]]
        key = "compare.leans" if above or below else "compare.leans_not"
        listed = {"above": t.listed(above) or t("compare.none"), "below": t.listed(below) or t("compare.none")}
        lines.append(t(key, district=found.name(d, t.language), n=f"{found.profiles[d].firms:,}", **listed))
    return lines


def quotients(found: Comparison, district_id: str) -> pd.DataFrame:
    """Quotients of a district by what is measured, with limits, finding and count."""
    profile = found.profiles[district_id]
    if found.structure_by == "firms":
        return profile.of_firms
    return profile.of_revenue.assign(**{c.COUNT: profile.of_firms[c.COUNT]})


def _times(here: "pd.Series[float]", there: "pd.Series[float]", column: str, t: Words) -> str:
    if not (here[column] > 0 and there[column] > 0):
        return t("word.no_data")
    ratio = float(here[column] / there[column])
    return t("compare.times", n=f"{ratio:,.1f}" if ratio >= 1 else f"{ratio:,.2f}")


def _nothing(found: Comparison, district_id: str, t: Words) -> str:
    name, firms = found.name(district_id, t.language), int(found.facts[c.FIRMS][district_id])
    if firms:
        return t("compare.money_withheld", district=name, n=f"{firms:,}")
    return t("compare.no_firm", district=name, year=found.board.year)


def _one_firm(found: Comparison, district_id: str, t: Words) -> str:
    named = {"district": found.name(district_id, t.language), "share": t.share(found.facts[c.TOP1_SHARE][district_id])}
    return t("compare.one_firm", **named)


def _most_alike(found: Comparison, t: Words) -> list[str]:
    """The most alike of the chosen, by what is measured."""
    column = c.MIX_OF_FIRMS if found.structure_by == "firms" else c.MIX_OF_REVENUE
    pairs = found.chosen_pairs.dropna(subset=[column])
    if pairs.empty:
        return []
    best = pairs.loc[pairs[column].idxmax()]
    names = {"a": found.name(best[c.DISTRICT_A], t.language), "b": found.name(best[c.DISTRICT_B], t.language)}
    key = "compare.alike" if len(found.districts) == 2 else "compare.most_alike"
    value = float(best[column])
    return [t(key, **names, by=t(f"measure.{found.structure_by}").lower(), value=f"{value:.2f}", common=t.share(value))]


def _pair(found: Comparison, row: dict[Hashable, Any], t: Words) -> str:
    common = row[c.COMMON_SUBSECTOR]
    return t(
        "compare.duplicates",
        a=found.name(row[c.DISTRICT_A], t.language),
        b=found.name(row[c.DISTRICT_B], t.language),
        na=f"{row[c.FIRMS_A]:,}",
        nb=f"{row[c.FIRMS_B]:,}",
        subsector=t(f"subsector.{common}") if isinstance(common, str) else "—",
        p=p_text(row[c.P_ADJUSTED]),
    )


def _few(pairs: pd.DataFrame, district_id: str) -> bool:
    for side, firms in ((c.DISTRICT_A, c.FIRMS_A), (c.DISTRICT_B, c.FIRMS_B)):
        mine = pairs.loc[pairs[side] == district_id, firms]
        if len(mine):
            return bool(mine.iloc[0] < FEWEST_FIRMS)
    return False

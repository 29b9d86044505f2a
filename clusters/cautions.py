"""What should a district not miss: a cluster that is one firm, firms that shrink for sure, a tier about to be lost.

Each rule is a row of ``RULES`` with its threshold and the argument for it. A rule speaks only where its figures are
known; below the number of firms that an interval needs, a decline is not called one. Left out: whatever is not in the
revenue of observed firms, such as a firm that has announced to leave.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from clusters.tiers import THRESHOLD_CNY, ScaleTier, scale_tier
from data import columns as c

CautionKind = Literal["tier_of_one", "one_firm", "tier_near", "decline"]


@dataclass(frozen=True)
class Rule:
    """When a caution is given.

    Attributes
    ----------
    kind : str
    threshold : float
    because : str
        Why this threshold and no other.
    """

    kind: CautionKind
    threshold: float
    because: str


RULES: dict[CautionKind, Rule] = {
    rule.kind: rule
    for rule in (
        Rule("tier_of_one", 1, "one firm: nobody has to assume that two leave at once"),
        Rule("one_firm", 0.5, "above half, the largest firm outweighs all others together"),
        Rule(
            "tier_near", 0.05, "a fall smaller than the slowest growth that the plan asks in a year (6.5 %) undoes it"
        ),
        Rule("decline", 0.0, "the whole 95 % interval of matched growth lies below it"),
    )
}


@dataclass(frozen=True)
class Caution:
    """One warning.

    Attributes
    ----------
    kind : str
        ``tier_of_one``: the tier falls without the largest firm. ``one_firm``: the largest firm is more than half of a
        district, or of a cluster's part that has reached a tier. ``tier_near``: a total above its tier's threshold by
        less than a twentieth of it. ``decline``: matched firms shrank, and their interval says so.
    subsector_id : str or None
        ``None`` is the whole district.
    firms : int
        Firms that it rests on: of a decline the matched ones.
    value : float
        What the rule looks at: a share (0–1), the distance above the threshold as a share of it, growth a year.
    cny : int or None
        Total without the largest firm, or distance above the threshold.
    firm_id : str or None
        The largest firm, where it is about one.
    tier, tier_then : ScaleTier or None
        Reached, and what would be left.
    """

    kind: CautionKind
    subsector_id: str | None
    firms: int
    value: float
    cny: int | None = None
    firm_id: str | None = None
    tier: ScaleTier | None = None
    tier_then: ScaleTier | None = None

    @property
    def rule(self) -> Rule:
        """The rule that gave it."""
        return RULES[self.kind]


def cautions_of_size(
    subsector_id: str | None, *, total_cny: int, firms: int, top_firm_id: str, top1_cny: int
) -> Iterator[Caution]:
    """Cautions that follow from a total and its largest firm; of one firm there is at most one.

    Parameters
    ----------
    subsector_id : str or None
        ``None`` is a whole district, which has no tier.
    total_cny, firms : int
        Of the cluster's part in a district.
    top_firm_id : str
    top1_cny : int

    Examples
    --------
    >>> near = cautions_of_size("S01", total_cny=10_400_000_000, firms=9, top_firm_id="a", top1_cny=2_000_000_000)
    >>> [(each.kind, round(each.value, 2), each.cny) for each in near]
    [('tier_of_one', 0.19, 8400000000), ('tier_near', 0.04, 400000000)]
    """
    if total_cny <= 0:
        return
    left, share = total_cny - top1_cny, top1_cny / total_cny
    tier = None if subsector_id is None else scale_tier(total_cny)
    then = None if subsector_id is None else scale_tier(left)
    about = {"firms": firms, "value": share, "cny": left, "firm_id": top_firm_id, "tier": tier, "tier_then": then}
    if tier is not then:
        yield Caution("tier_of_one", subsector_id, **about)  # type: ignore[arg-type]
    elif share > RULES["one_firm"].threshold and (tier is None or tier is not ScaleTier.BELOW):
        yield Caution("one_firm", subsector_id, **about)  # type: ignore[arg-type]
    if tier is not None and tier is not ScaleTier.BELOW:
        above = total_cny - THRESHOLD_CNY[tier]
        if above < RULES["tier_near"].threshold * THRESHOLD_CNY[tier]:
            below = scale_tier(THRESHOLD_CNY[tier] - 1)
            value = above / THRESHOLD_CNY[tier]
            yield Caution("tier_near", subsector_id, firms, value, above, tier=tier, tier_then=below)


def cautions_of_growth(grown: pd.DataFrame) -> Iterator[Caution]:
    """Cautions of a decline.

    Parameters
    ----------
    grown : DataFrame
        Rows of ``clusters.prospects.district_growth`` of one district, indexed by subsector_id (``'total'`` is all).

    Examples
    --------
    >>> sure, open = (6, -0.2, -0.05), (6, -0.2, 0.1)
    >>> grown = pd.DataFrame([sure, open], ["S01", "S02"], ["matched_firms", "growth", "growth_high"])
    >>> [(each.subsector_id, each.value) for each in cautions_of_growth(grown)]
    [('S01', -0.2)]
    """
    for subsector_id, row in grown.iterrows():
        if row[c.GROWTH_HIGH] < RULES["decline"].threshold:  # never true of what has no interval
            whole = None if subsector_id == c.TOTAL else str(subsector_id)
            yield Caution("decline", whole, int(row[c.MATCHED_FIRMS]), float(row[c.GROWTH]))

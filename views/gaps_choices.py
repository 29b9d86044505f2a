"""What a reader looks at in the gap lab: a cluster, where, by when, under which assumptions, and a scenario."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Self

from clusters.errors import BadScenario
from clusters.scenario_text import read_scenario
from clusters.scenarios import Scenario
from clusters.tiers import ScaleTier
from data.dataset import Dataset
from views.page_choices import PageChoices

ALL = "all"
"""All clusters together."""
TIER_TARGETS = (ScaleTier.CNY_1E10.value, ScaleTier.CNY_1E11.value)
MOST_CNY = 10**17
MOST_TEXT = 4_000
"""Signs of a scenario in an address; a longer text is none of ours."""
_WHOLE = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_YEAR = re.compile(r"(19|20|21)[0-9]{2}", re.ASCII)
_RATE = re.compile(r"-?[0-9]{1,2}(\.[0-9]{1,4})?", re.ASCII)


@dataclass(frozen=True)
class GapsChoices(PageChoices):
    """Choices of the gap lab.

    Attributes
    ----------
    subsector : str
        The cluster; ``'all'`` of them together; empty is the page's own proposal.
    area : str
        A district; empty is the whole city.
    target : str
        A tier, or CNY as digits; empty is the next tier.
    until : int or None
        Year by which the gap is to close; ``None`` is the end of the plan, or some years on where that is past.
    growth : float or None
        Growth a year to assume, above -1, with at most four decimals; ``None`` is that observed.
    firm_cny : int or None
        Revenue of a new firm to assume; ``None`` are the sizes observed.
    floor_m2 : int or None
        Floor area of a new firm to assume; ``None`` is not known.
    scenario : str
        A scenario as ``clusters.scenario_text`` writes it, or what a link had in its place: the page says so then.
    beside : str
        Another scenario that it is held against, or none.
    """

    subsector: str = ""
    area: str = ""
    target: str = ""
    until: int | None = None
    growth: float | None = None
    firm_cny: int | None = None
    floor_m2: int | None = None
    scenario: str = ""
    beside: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str], dataset: Dataset, subsector_ids: tuple[str, ...]) -> Self:
        """Choices of an address; a scenario without a year beside it brings its own."""
        scenario = query.get("scenario", "")[:MOST_TEXT]
        until = int(query["until"]) if _YEAR.fullmatch(query.get("until", "")) else None
        if until is None and (told := scenario_in(scenario)) is not None:
            until = told.until
        return cls(
            subsector=query["subsector"] if query.get("subsector") in (ALL, *subsector_ids) else "",
            area=query["area"] if query.get("area") in dataset.districts.index else "",
            target=query["target"] if query.get("target") in TIER_TARGETS or _money(query.get("target")) else "",
            until=until,
            growth=_rate(query.get("growth", "")),
            firm_cny=_money(query.get("firm_cny")),
            floor_m2=_money(query.get("floor_m2")),
            scenario=scenario,
            beside=query.get("beside", "")[:MOST_TEXT],
        )


def scenario_in(text: str) -> Scenario | None:
    """The scenario of a text; ``None`` when it is none."""
    try:
        return read_scenario(text)
    except BadScenario:
        return None


def _money(text: str | None) -> int | None:
    """A whole positive number."""
    return int(text) if text is not None and _WHOLE.fullmatch(text) and int(text) <= MOST_CNY else None


def _rate(text: str) -> float | None:
    """Growth a year above -1 and at most tenfold."""
    if not _RATE.fullmatch(text):
        return None
    rate = float(text)
    return rate + 0.0 if isfinite(rate) and -1 < rate <= 10 else None

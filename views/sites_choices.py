"""What a reader looks for on the page of sites: the firm's subsector, its needs, the weights, the shortlist."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, Self, cast, get_args

import pandas as pd

from clusters.pairwise_weights import ahp_weights
from clusters.site_records import (
    CHAIN_FIRMS,
    CLUSTER_STRENGTH,
    CRITERIA,
    DEFAULT_WEIGHTS,
    FOCUS,
    MOMENTUM,
    NEIGHBORHOODS_M,
    SiteRequest,
)
from data.dataset import Dataset, Place
from data.hub_kinds import HUB_KINDS
from views.page_choices import PageChoices
from views.suitability_choices import CELLS, MaskMeans, read_suitability

Weighting = Literal["sliders", "pairs"]
Order = Literal["sum", "topsis"]
View = Literal["parks", "grid"]
WEIGHTINGS: tuple[Weighting, ...] = get_args(Weighting)
ORDERS: tuple[Order, ...] = get_args(Order)
VIEWS: tuple[View, ...] = get_args(View)

MOST_SHORTLISTED = 5
MOST_WEIGHT, WEIGHT_STEP = 5.0, 0.5
LEAST_COMPARED, MOST_COMPARED = 2, 6
MOST_JUDGED = 9
"""End of Saaty's scale: one criterion nine times as important as the other."""
COMPARED = ("near_metro", CHAIN_FIRMS, CLUSTER_STRENGTH, FOCUS)
MOST_FLOOR_M2, MOST_RENT, MOST_REACH_M = 10_000_000, 10_000, 100_000
PRESETS: dict[str, dict[str, float]] = {
    "metro": {"near_metro": 5.0, CHAIN_FIRMS: 2.0, CLUSTER_STRENGTH: 2.0},
    "peers": {CHAIN_FIRMS: 5.0, "near_metro": 1.0, CLUSTER_STRENGTH: 2.0, FOCUS: 2.0},
    "cluster": {CLUSTER_STRENGTH: 5.0, MOMENTUM: 2.0, CHAIN_FIRMS: 2.0, "near_metro": 1.0},
}
"""Weights that differ from the defaults, by the name of the preset."""

_WHOLE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_HALVES = re.compile(r"[0-9](\.5)?", re.ASCII)


@dataclass(frozen=True)
class Named:
    """A number under a name: the weight of a criterion, the reach of a kind of hub."""

    name: str
    number: float

    def __str__(self) -> str:
        return f"{self.name}:{self.number:g}"


@dataclass(frozen=True)
class SitesChoices(PageChoices):
    """Choices of the search for a site.

    Attributes
    ----------
    subsector : str
        Of the firm that looks for a site; empty until somebody says so.
    chain : tuple of str
        Further subsectors whose firms are of the same chain.
    near : int
        How near such a firm counts, metres: 1,000, 3,000 or 5,000.
    floor, rent : int
        Area that is needed, m², and the highest rent, CNY a m² and month; 0 asks for none.
    area : str
        The only district; empty is the whole city.
    reach : tuple of Named
        Hubs that have to lie within so many metres, by kind.
    weighting : 'sliders' or 'pairs'
        Where the weights come from.
    weights : tuple of Named
        Those that differ from the default ones, in the order of the criteria.
    compared : tuple of str
        Criteria that are judged two by two.
    judged : tuple of int
        Judgments of all their pairs, in order: 3 says that the first is three times as important, -3 the second, 1 that
        they are alike. Empty says that of all.
    order : 'sum' or 'topsis'
        What the list is sorted by.
    view : 'parks' or 'grid'
        Parks, or squares of the city.
    shortlist : tuple of str
        Parks that were put aside, the first first.
    cell : int
        Side of the squares of the map of suitability, metres: 1,000 or 500.
    mask : str
        Digest of the polygons that rule squares out; empty for none.
    mask_means : 'banned' or 'allowed'
        What these polygons are.
    square : str
        The square in focus; empty for none.
    """

    subsector: str = ""
    chain: tuple[str, ...] = ()
    near: int = 3_000
    floor: int = 0
    rent: int = 0
    area: str = ""
    reach: tuple[Named, ...] = ()
    weighting: Weighting = "sliders"
    weights: tuple[Named, ...] = ()
    compared: tuple[str, ...] = COMPARED
    judged: tuple[int, ...] = ()
    order: Order = "sum"
    view: View = "parks"
    shortlist: tuple[str, ...] = ()
    cell: int = CELLS[0]
    mask: str = ""
    mask_means: MaskMeans = "banned"
    square: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str], dataset: Dataset, subsector_ids: tuple[str, ...]) -> Self:
        """Choices of an address."""

        def listed(name: str) -> list[str]:
            return list(dict.fromkeys(query.get(name, "").split(",")))

        def whole(name: str, most: int) -> int:
            return _whole(query.get(name, ""), most)

        subsector = query["subsector"] if query.get("subsector") in subsector_ids else ""
        asked = listed("compared")
        compared = tuple(name for name in CRITERIA if name in asked)
        if not LEAST_COMPARED <= len(compared) <= MOST_COMPARED:
            compared = COMPARED
        near = whole("near", NEIGHBORHOODS_M[-1])
        return cls(
            subsector=subsector,
            chain=tuple(s for s in subsector_ids if s in listed("chain") and s != subsector),
            near=near if near in NEIGHBORHOODS_M else cls.near,
            floor=whole("floor", MOST_FLOOR_M2),
            rent=whole("rent", MOST_RENT),
            area=query["area"] if query.get("area") in dataset.districts.index else "",
            reach=_reach(listed("reach")),
            weighting=cast(Weighting, _one(query, "weighting", WEIGHTINGS)),
            weights=_weights(listed("weights")),
            compared=compared,
            judged=_judged(query.get("judged", ""), len(compared)),
            order=cast(Order, _one(query, "order", ORDERS)),
            view=cast(View, _one(query, "view", VIEWS)),
            shortlist=tuple(p for p in listed("shortlist") if p in dataset.parks.index)[:MOST_SHORTLISTED],
            **read_suitability(query),
        )

    def weight_of(self) -> dict[str, float]:
        """Weight of every criterion on the sliders."""
        return dict(DEFAULT_WEIGHTS) | {each.name: each.number for each in self.weights}

    def with_weights(self, wanted: Mapping[str, float]) -> tuple[Named, ...]:
        """``weights`` that say this of some criteria and the same as now of the others."""
        return differing(self.weight_of() | dict(wanted))

    def comparisons(self) -> pd.DataFrame:
        """The judgments as a table, in the order of ``compared``."""
        table = pd.DataFrame(1.0, index=list(self.compared), columns=list(self.compared))
        for (first, second), judged in zip(pairs(self.compared), self.all_judged(), strict=True):
            times = float(judged) if judged > 0 else 1 / -judged
            table.loc[first, second], table.loc[second, first] = times, 1 / times
        return table

    def all_judged(self) -> tuple[int, ...]:
        """Judgment of every pair."""
        return self.judged or (1,) * len(pairs(self.compared))

    def compared_again(self, compared: Iterable[str]) -> dict[str, tuple[str, ...] | tuple[int, ...]]:
        """``compared`` and ``judged`` for other criteria; a pair that stays keeps its judgment."""
        asked = tuple(compared)
        names = tuple(name for name in CRITERIA if name in asked)
        held = dict(zip(pairs(self.compared), self.all_judged(), strict=True))
        return {"compared": names, "judged": written(held.get(pair, 1) for pair in pairs(names))}

    def request(self, *, year: int | None = None, place: Place = "registered") -> SiteRequest:
        """What is looked for, in the year and by the place that all pages share.

        Parameters
        ----------
        year : int, optional
            The default year of the data when left out.
        place : 'registered' or 'operating'
        """
        weights = tuple((each.name, each.number) for each in self.weights)
        if self.weighting == "pairs":
            judged = ahp_weights(self.comparisons()).weights
            weights = tuple((name, float(judged.get(name, 0.0))) for name in CRITERIA)
        return SiteRequest(
            self.subsector,
            year=year,
            place=place,
            district_id=self.area or None,
            chain=self.chain,
            near_m=float(self.near),
            hubs_within_m=tuple((each.name, each.number) for each in self.reach),
            min_area_m2=self.floor or None,
            max_rent_cny_m2_month=self.rent or None,
            weights=weights,
        )


def pairs(compared: tuple[str, ...]) -> list[tuple[str, str]]:
    """Pairs of criteria in the order of their judgments.

    Examples
    --------
    >>> pairs(("a", "b", "c"))
    [('a', 'b'), ('a', 'c'), ('b', 'c')]
    """
    return list(combinations(compared, 2))


def written(judged: Iterable[int]) -> tuple[int, ...]:
    """Judgments as they stand in the choices: nothing when all are alike."""
    given = tuple(judged)
    return () if all(each == 1 for each in given) else given


def differing(weights: Mapping[str, float]) -> tuple[Named, ...]:
    """Those of some weights that differ from the default ones."""
    return tuple(Named(name, float(weights[name])) for name, usual in DEFAULT_WEIGHTS if weights[name] != usual)


def _one(query: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    asked = query.get(name)
    return asked if asked in known else known[0]


def _whole(text: str, most: int) -> int:
    """A whole number from 1 to ``most``; 0 for anything else."""
    return int(text) if _WHOLE.fullmatch(text) and int(text) <= most else 0


def _parts(texts: Iterable[str]) -> dict[str, str]:
    return {name: number for name, _, number in (text.partition(":") for text in texts)}


def _reach(texts: Iterable[str]) -> tuple[Named, ...]:
    asked = _parts(texts)
    metres = {kind: _whole(asked.get(kind, ""), MOST_REACH_M) for kind in HUB_KINDS}
    return tuple(Named(kind, m) for kind, m in metres.items() if m)


def _weights(texts: Iterable[str]) -> tuple[Named, ...]:
    asked = {name: text for name, text in _parts(texts).items() if _HALVES.fullmatch(text)}
    fit = {name: float(text) for name, text in asked.items() if name in CRITERIA and float(text) <= MOST_WEIGHT}
    return differing(dict(DEFAULT_WEIGHTS) | fit)


def _judged(text: str, compared: int) -> tuple[int, ...]:
    known = {str(n): n for n in range(-MOST_JUDGED, MOST_JUDGED + 1) if n > 0 or n < -1}
    given = [known.get(each, 0) for each in text.split(",")]
    return () if len(given) != compared * (compared - 1) // 2 or 0 in given else written(given)

"""What is each figure of a year shown as? One rounded table of the city, from which every display takes its figures.

The table is every subsector in every district (and ``'unplaced'``), rounded once so that it adds up along both sides
(``clusters.rounding.controlled_rounding``). A figure is then the same wherever it is shown, and a total that a reader
meets is the sum of the parts that he meets, on one page or on two. The price: the total of *some* subsectors is the sum
of their shown parts, each within one unit, and may lie further from its own nearest unit. Rounding each view by itself
would be nearer there, and would show one amount in two ways. Tiers are never decided here.

Of a dataset from which figures were taken out for its reader (``clusters.release``), a part that is withheld is absent.
Where the total of its subsector, of its district or of the city is released all the same, what is left for the withheld
parts together stands in the same table as one figure, so that every released total is the sum of what a reader meets.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from clusters.errors import BadValue
from clusters.rounding import controlled_rounding, round_largest_remainder, shares_of_whole
from clusters.standing import district_clusters
from clusters.tiers import THRESHOLD_CNY, ScaleTier, next_tier, scale_tier, tier_of_display_only
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset, Place
from data.once import once_per_dataset

UNIT_CNY = 10**7
"""A tenth of 亿元, a hundredth of a billion: the last digit that readers of either language see."""


class Amount(NamedTuple):
    """An amount and what it is shown as, both in CNY."""

    cny: int
    shown_cny: int

    @property
    def tier(self) -> ScaleTier | None:
        """Tier of the unrounded amount."""
        return scale_tier(self.cny)

    @property
    def seems(self) -> ScaleTier | None:
        """Tier that only the display reaches."""
        return tier_of_display_only(self.cny, self.shown_cny)

    @property
    def gap(self) -> "Amount | None":
        """What is missing to the next tier: shown, it makes up the threshold with the shown amount; none at the top.

        Examples
        --------
        >>> Amount(8_664_000_000, 8_660_000_000).gap
        Amount(cny=1336000000, shown_cny=1340000000)
        """
        upper = next_tier(self.cny)
        return None if upper is None else Amount(THRESHOLD_CNY[upper] - self.cny, THRESHOLD_CNY[upper] - self.shown_cny)


def part_and_rest(whole: Amount, part_cny: int) -> tuple[Amount, Amount]:
    """A part of an amount and what is left of it, which make up the shown amount.

    The part is rounded half up, where that leaves the rest within a unit of itself.

    Raises
    ------
    BadValue
        When the shown amount is no floor or ceiling of the amount in units.

    Examples
    --------
    >>> part_and_rest(Amount(100_000_000, 100_000_000), 44_000_000)
    (Amount(cny=44000000, shown_cny=40000000), Amount(cny=56000000, shown_cny=60000000))
    """
    rest_cny = whole.cny - part_cny
    (nearest,) = round_largest_remainder([part_cny], UNIT_CNY)
    ways = [nearest, part_cny // UNIT_CNY * UNIT_CNY, -(-part_cny // UNIT_CNY) * UNIT_CNY]
    for shown in ways:
        rest = Amount(rest_cny, whole.shown_cny - shown)
        if abs(rest.shown_cny - rest.cny) < UNIT_CNY:
            return Amount(part_cny, shown), rest
    raise BadValue("shown amount", whole.shown_cny, f"a floor or ceiling of {whole.cny} in units of {UNIT_CNY}")


_UNTOLD = "untold"


@dataclass(frozen=True, eq=False)
class Accounts:
    """Every part of one year under one reading of place, exact and as shown.

    Attributes
    ----------
    parts : dict of (str, str) to Amount
        By subsector and district (``'unplaced'`` included); a pair without a firm, or withheld, is absent.
    withheld : set of (str, str)
        Pairs with firms whose amount the reader may not see.
    rests : dict of (str, str) to Amount
        What a released total leaves for its withheld parts together: ``(subsector, 'withheld')`` of a subsector,
        ``('withheld', district)`` of a district, ``('withheld', 'withheld')`` of the city.
    """

    parts: Mapping[tuple[str, str], Amount]
    withheld: frozenset[tuple[str, str]] = frozenset()
    rests: Mapping[tuple[str, str], Amount] = field(default_factory=dict)

    def cell(self, subsector_id: str, district_id: str) -> Amount | None:
        """One subsector in one district; ``None`` without a firm, or withheld."""
        return self.parts.get((subsector_id, district_id))

    def rest(self, subsector_id: str) -> Amount | None:
        """What the total of a subsector leaves for its withheld districts together; ``None`` for a single one."""
        several = sum(subsector == subsector_id for subsector, _ in self.withheld) > 1
        return self.rests.get((subsector_id, c.NOT_RELEASED)) if several else None

    def total(self, *, subsectors: Iterable[str] | None = None, district_id: str | None = None) -> Amount | None:
        """Total of some subsectors (or all) in one district (or the city), exact and shown the sum of its parts.

        ``None`` when none of them has a firm there, or when a withheld part is in it that no released total completes.
        """
        pairs = self._pairs(subsectors, district_id)
        lacking = sorted(pairs & self.withheld)
        rests = [self.rests.get(key) for key in self._completed_by(pairs, lacking, district_id)]
        told = [rest for rest in rests if rest is not None]
        return _sum([*(self.parts[pair] for pair in pairs - self.withheld), *told]) if len(told) == len(rests) else None

    def withholds(self, *, subsectors: Iterable[str] | None = None, district_id: str | None = None) -> bool:
        """Whether such a total exists and the reader may not see it."""
        chosen = None if subsectors is None else list(subsectors)
        lacks = bool(self._pairs(chosen, district_id) & self.withheld)
        return lacks and self.total(subsectors=chosen, district_id=district_id) is None

    def districts(self, subsectors: Iterable[str] | None = None) -> dict[str, Amount]:
        """Total of each district that has a firm in some subsectors (or any); ``'unplaced'`` is one of them.

        Withheld districts are absent; what the city's total leaves for them stands under ``'withheld'``.
        """
        chosen = None if subsectors is None else list(subsectors)
        there = dict.fromkeys(district for _, district in sorted(self._pairs(chosen, None)))
        totals = {district: self.total(subsectors=chosen, district_id=district) for district in there}
        known = {district: total for district, total in totals.items() if total is not None}
        city = self.total(subsectors=chosen)
        if city is not None and len(known) + 1 < len(totals):  # of a single one the sum would be its figure
            shown = sum(one.shown_cny for one in known.values())
            known[c.NOT_RELEASED] = Amount(city.cny - sum(one.cny for one in known.values()), city.shown_cny - shown)
        return known

    def shares(self, subsectors: Iterable[str] | None = None) -> "pd.Series[float]":
        """Share of each of those districts in the city, in steps of 0.1 % that add up to 1; none if withheld."""
        chosen = None if subsectors is None else list(subsectors)
        if self.withholds(subsectors=chosen):
            return pd.Series(dtype=float)
        exact = {district: total.cny for district, total in self.districts(chosen).items()}
        city = self.total(subsectors=chosen)
        untold = 0 if city is None else city.cny - sum(exact.values())  # of a single withheld district
        shares = shares_of_whole(pd.Series(exact | ({_UNTOLD: untold} if untold else {}), dtype=object))
        return shares.drop(_UNTOLD, errors="ignore")

    def _pairs(self, subsectors: Iterable[str] | None, district_id: str | None) -> set[tuple[str, str]]:
        """Pairs with firms."""
        wanted = None if subsectors is None else set(subsectors)
        return {
            (subsector, district)
            for subsector, district in (*self.parts, *self.withheld)
            if (wanted is None or subsector in wanted) and (district_id is None or district == district_id)
        }

    def _completed_by(
        self, pairs: set[tuple[str, str]], lacking: list[tuple[str, str]], district_id: str | None
    ) -> list[tuple[str, str]]:
        """Rests that stand for withheld pairs: of the area when all its subsectors are asked for, else of each."""
        whole = len(pairs) == len(self._pairs(None, district_id))
        of_area = (c.NOT_RELEASED, district_id or c.NOT_RELEASED)
        if not lacking or (whole and (district_id is not None or of_area in self.rests)):
            return [of_area] if lacking else []
        return [(s, c.NOT_RELEASED) for s in dict.fromkeys(s for s, _ in lacking)] if district_id is None else lacking


def accounts(dataset: Dataset, *, year: int, place: Place = "registered") -> Accounts:
    """Accounts of a year under one reading of place, made once for each dataset and shared.

    Parameters
    ----------
    dataset : Dataset
    year : int
    place : 'registered' or 'operating'

    Returns
    -------
    Accounts
        Firms outside the city under the reading are left out, as in every total.
    """
    kept = _kept(dataset)
    if (year, place) not in kept:
        cube = cube_of(dataset)
        parts = district_clusters(cube, year=year, place=place)[c.TOTAL_CNY]
        lacking = parts.isna()
        rests = [_rests(cube, parts, year, place)] if lacking.any() else []
        told = pd.concat([parts[~lacking], *rests]).astype(object)
        kept[year, place] = round_accounts(told, withheld=parts.index[lacking])
    return kept[year, place]


def round_accounts(
    parts: "pd.Series[Any]", *, withheld: Iterable[tuple[str, str]] = (), unit: int = UNIT_CNY
) -> Accounts:
    """Accounts of amounts by subsector and district.

    Parameters
    ----------
    parts : Series of int
        In CNY, indexed by subsector and district; under ``'withheld'`` what released totals leave for withheld parts
        (of the city what the others do not hold already).
    withheld : iterable of (str, str)
        Subsector and district of the withheld parts.
    unit : int
        Display unit, CNY.

    Examples
    --------
    >>> parts = pd.Series({("S1", "X"): 14_000_000, ("S1", "Y"): 13_000_000, ("S2", "X"): 5_000_000})
    >>> made = round_accounts(parts)
    >>> made.total(), made.total(district_id="X"), made.cell("S2", "Y")
    (Amount(cny=32000000, shown_cny=30000000), Amount(cny=19000000, shown_cny=20000000), None)
    """
    exact = parts.astype(object).unstack().sort_index().sort_index(axis=1)
    shown = controlled_rounding(exact, unit).cells.to_dict("index")
    keys = [(str(subsector), str(district)) for subsector, district in parts.index]
    amounts = {(s, d): Amount(int(cny), shown[s][d]) for (s, d), cny in zip(keys, parts, strict=True)}
    rests = {key: amount for key, amount in amounts.items() if c.NOT_RELEASED in key}
    if _CITY in rests:
        rests[_CITY] = _sum(rests.values()) or rests[_CITY]
    known = {key: amount for key, amount in amounts.items() if key not in rests}
    return Accounts(known, frozenset((str(s), str(d)) for s, d in withheld), rests)


_CITY = (c.NOT_RELEASED, c.NOT_RELEASED)


def _rests(cube: pd.DataFrame, parts: "pd.Series[float]", year: int, place: Place) -> "pd.Series[Any]":
    """What released totals leave for withheld parts, so that rows and columns of the table make them up.

    Totals of a district and of the city hold firms without a subsector as well: with such firms they complete nothing.
    """
    lacking = parts.isna()
    rests: dict[tuple[str, str], float] = {}
    here = cube[(cube[c.PLACE] == place) & (cube[c.YEAR] == year)]
    others = set(here.loc[here[c.SUBSECTOR_ID].isna(), c.DISTRICT_ID])
    for level, key in enumerate((c.SUBSECTOR_ID, c.DISTRICT_ID)):
        totals = cube_totals(cube, [key], place=place, year=year)[c.TOTAL_CNY]
        known = parts.groupby(level=level).sum()
        for one in lacking[lacking].index.get_level_values(level).unique():
            if totals[one] == totals[one] and (level == 0 or one not in others):
                rests[(one, c.NOT_RELEASED) if level == 0 else (c.NOT_RELEASED, one)] = totals[one] - known[one]
    city = cube_totals(cube, [c.YEAR], place=place, year=year)[c.TOTAL_CNY].sum(skipna=False)
    if city == city and not others:
        rests[_CITY] = city - parts.sum() - sum(rests.values())
    index = pd.MultiIndex.from_tuples(list(rests), names=parts.index.names) if rests else parts.index[:0]
    return pd.Series(list(rests.values()), index, dtype=float)


def _sum(parts: Iterable[Amount]) -> Amount | None:
    known = list(parts)
    return Amount(sum(one.cny for one in known), sum(one.shown_cny for one in known)) if known else None


@once_per_dataset
def _kept(dataset: Dataset) -> dict[tuple[int, Place], Accounts]:
    return {}

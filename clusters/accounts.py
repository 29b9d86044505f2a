"""What is each figure of a year shown as? One rounded table of the city, from which every display takes its figures.

The table is every subsector in every district (and ``'unplaced'``), rounded once so that it adds up along both sides
(``clusters.rounding.controlled_rounding``). A figure is then the same wherever it is shown, and a total that a reader
meets is the sum of the parts that he meets, on one page or on two. The price: the total of *some* subsectors is the sum
of their shown parts, each within one unit, and may lie further from its own nearest unit. Rounding each view by itself
would be nearer there, and would show one amount in two ways. Tiers are never decided here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from clusters.errors import BadValue
from clusters.rounding import controlled_rounding, round_largest_remainder, shares_of_whole
from clusters.standing import district_clusters
from clusters.tiers import THRESHOLD_CNY, ScaleTier, next_tier, scale_tier, tier_of_display_only
from data import columns as c
from data.cube import cube_of
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


@dataclass(frozen=True, eq=False)
class Accounts:
    """Every part of one year under one reading of place, exact and as shown.

    Attributes
    ----------
    parts : dict of (str, str) to Amount
        By subsector and district (``'unplaced'`` included); a pair without a firm is absent.
    """

    parts: Mapping[tuple[str, str], Amount]

    def cell(self, subsector_id: str, district_id: str) -> Amount | None:
        """One subsector in one district; ``None`` without a firm."""
        return self.parts.get((subsector_id, district_id))

    def total(self, *, subsectors: Iterable[str] | None = None, district_id: str | None = None) -> Amount | None:
        """Total of some subsectors (or all) in one district (or the city), exact and shown the sum of its parts.

        ``None`` when none of them has a firm there.
        """
        wanted = None if subsectors is None else set(subsectors)
        return _sum(
            part
            for (subsector, district), part in self.parts.items()
            if (wanted is None or subsector in wanted) and (district_id is None or district == district_id)
        )

    def districts(self, subsectors: Iterable[str] | None = None) -> dict[str, Amount]:
        """Total of each district that has a firm in some subsectors (or any); ``'unplaced'`` is one of them."""
        wanted = None if subsectors is None else set(subsectors)
        found: dict[str, list[Amount]] = {}
        for (subsector, district), part in self.parts.items():
            if wanted is None or subsector in wanted:
                found.setdefault(district, []).append(part)
        return {district: total for district, parts in found.items() if (total := _sum(parts))}

    def shares(self, subsectors: Iterable[str] | None = None) -> "pd.Series[float]":
        """Share of each of those districts in the city, in steps of 0.1 % that add up to exactly 1."""
        exact = {district: total.cny for district, total in self.districts(subsectors).items()}
        return shares_of_whole(pd.Series(exact, dtype=object))


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
        kept[year, place] = round_accounts(district_clusters(cube_of(dataset), year=year, place=place)[c.TOTAL_CNY])
    return kept[year, place]


def round_accounts(parts: "pd.Series[Any]", *, unit: int = UNIT_CNY) -> Accounts:
    """Accounts of amounts by subsector and district.

    Parameters
    ----------
    parts : Series of int
        In CNY, indexed by subsector and district.
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
    amounts = [Amount(int(cny), shown[s][d]) for (s, d), cny in zip(keys, parts, strict=True)]
    return Accounts(dict(zip(keys, amounts, strict=True)))


def _sum(parts: Iterable[Amount]) -> Amount | None:
    known = list(parts)
    return Amount(sum(one.cny for one in known), sum(one.shown_cny for one in known)) if known else None


@once_per_dataset
def _kept(dataset: Dataset) -> dict[tuple[int, Place], Accounts]:
    return {}

"""What is told of a gap: the total and its target, what would close it, and everything that the answer rests on."""

from dataclasses import dataclass
from typing import Literal

from clusters.growth import RequiredPath
from clusters.growth_interval import FEWEST_FIRMS, GrowthInterval
from clusters.outlook import Outlook
from clusters.panel_outlook import PanelOutlook
from data.dataset import Place

Area = Literal["here", "city", "stated"]
Room = Literal["enough", "short", "unknown"]


@dataclass(frozen=True)
class TypicalFirm:
    """Size of the firms that are there.

    Attributes
    ----------
    lower_cny, median_cny, upper_cny : int
        Quartiles of revenue, rounded to whole CNY.
    firms : int
        Firms that they rest on; 0 when the size was stated.
    area : str
        ``'here'``; ``'city'`` when the district has fewer than five; ``'stated'``.
    """

    lower_cny: int
    median_cny: int
    upper_cny: int
    firms: int
    area: Area

    @property
    def too_few_firms(self) -> bool:
        """Whether the quartiles rest on fewer than five firms and are hardly a range."""
        return self.area != "stated" and self.firms < FEWEST_FIRMS


@dataclass(frozen=True)
class ParkRoom:
    """Vacant area of the parks of the area.

    Attributes
    ----------
    parks, known : int
        Parks, and those among them whose vacant area is known.
    vacant_m2 : float or None
        Of the known ones; ``None`` when none is known.
    """

    parks: int
    known: int
    vacant_m2: float | None


@dataclass(frozen=True)
class Mix:
    """One way to close the gap.

    Attributes
    ----------
    growth : float
        A year, of the firms that are there.
    of_growth : str
        Which growth it is: ``'none'``, ``'low'``, ``'middle'``, ``'high'`` (of the interval) or ``'stated'``.
    grown_cny : int
        Total in the target year from growth alone.
    missing_cny : int
        What new firms must bring; 0 when growth closes the gap.
    fewest, typical, most : int or None
        New firms needed if each is as large as the upper quartile, the median, the lower quartile; ``None`` where such
        a firm has no revenue, or no size is known.
    floor_m2 : float or None
        Floor area that the typical number needs; ``None`` unless area a firm is stated.
    room : str
        ``'enough'`` or ``'short'`` against the vacant area that is known, ``'unknown'`` without it.
    """

    growth: float
    of_growth: Literal["none", "low", "middle", "high", "stated"]
    grown_cny: int
    missing_cny: int
    fewest: int | None
    typical: int | None
    most: int | None
    floor_m2: float | None
    room: Room


@dataclass(frozen=True, eq=False)
class GapClosing:
    """A gap with what would close it.

    Attributes
    ----------
    total_cny : int or None
        As observed; ``None`` without an observation, or withheld.
    withheld : bool
        Whether the total is not for this reader; then nothing else is told.
    firms : int
        Firms observed.
    target_cny : int or None
        ``None`` at the top tier when none was stated.
    required : RequiredPath or None
        Growth that alone would do; ``None`` without a gap or from nothing.
    growth : GrowthInterval or None
        Of matched firms from ``growth_from`` to the year; ``None`` without a matched firm, or when growth was stated.
    growth_area : str
        Whose growth it is; see `TypicalFirm`.
    size : TypicalFirm or None
    room : ParkRoom
    mixes : tuple of Mix
        Slowest growth first. Empty without a gap.
    panel : PanelOutlook
        Firms of every year that the outlook is drawn from, with n, years and coverage.
    outlook : Outlook or None
        Of the whole, if it moves as its panel does: its target is the target times the panel's share in the total.
    """

    year: int
    until: int
    place: Place
    total_cny: int | None
    withheld: bool
    firms: int
    target_cny: int | None
    required: RequiredPath | None
    growth: GrowthInterval | None
    growth_from: int | None
    growth_area: Area
    size: TypicalFirm | None
    room: ParkRoom
    mixes: tuple[Mix, ...]
    panel: PanelOutlook
    outlook: Outlook | None

    @property
    def gap_cny(self) -> int | None:
        """What is missing; 0 once the target is reached, ``None`` without a total or target."""
        if self.withheld or self.target_cny is None:
            return None
        return max(self.target_cny - (self.total_cny or 0), 0)

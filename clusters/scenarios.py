"""What if: a scenario as a few changes to what was observed, and the totals, tiers and goals that follow from them.

The baseline is the observed year carried on unchanged: growth is an assumption, so it is a change like any other. The
order in which changes are listed does not matter. First what is there grows, each cell at the rate of its place and
subsector (rates that meet in a cell add up); then firms move and take their grown revenue along; then what is attracted
is added. So a move changes districts and never the city. All money is whole CNY: of a cluster the grown city total is
rounded half up and its cells share it by largest remainders, and districts, unplaced firms and what is withheld make
the city to the last yuan.

Left out: that one firm's coming changes another's revenue, closures and mergers other than as negative growth, and
firms without a subsector, which belong to no cluster.
"""

from dataclasses import dataclass

from clusters.errors import BadScenario
from data.dataset import Place

STEPS = 10_000
"""Growth is told in steps of a ten-thousandth, so that it is exact in a link and in every sum."""
FARTHEST_YEARS = 50
_FASTEST = 10.0  # growth a year: elevenfold; anything above is a slip of the pen


@dataclass(frozen=True)
class Attract:
    """A firm, or a group of firms, comes to a district.

    Attributes
    ----------
    district_id, subsector_id : str
    revenue_cny : int
        Revenue a year in full operation, above 0.
    ramp_years : int
        Years until then, in equal steps from nothing in the observed year; 0 is full at once.
    """

    district_id: str
    subsector_id: str
    revenue_cny: int
    ramp_years: int = 0

    def __post_init__(self) -> None:
        if self.revenue_cny <= 0:
            raise BadScenario(self.revenue_cny, "a revenue above 0")
        if not 0 <= self.ramp_years <= FARTHEST_YEARS:
            raise BadScenario(self.ramp_years, f"0 to {FARTHEST_YEARS} years until full operation")

    def revenue_after(self, years: int) -> int:
        """Revenue so many years after the observed year, cut down to whole CNY.

        Examples
        --------
        >>> coming = Attract("440391", "S01", 100, ramp_years=3)
        >>> [coming.revenue_after(years) for years in range(5)]
        [0, 33, 66, 100, 100]
        """
        return (
            self.revenue_cny * min(years, self.ramp_years) // self.ramp_years if self.ramp_years else self.revenue_cny
        )


@dataclass(frozen=True)
class Relocate:
    """A firm moves, with all of its parts, to another district of the city."""

    firm_id: str
    district_id: str


@dataclass(frozen=True)
class Grow:
    """What is there grows.

    Attributes
    ----------
    growth : float
        A year, above -1 and at most 10, with at most four decimals: 0.05 is 5 %.
    subsector_id, district_id : str or None
        Only this cluster, and only its part in this district; ``None`` is all of them.
    """

    growth: float
    subsector_id: str | None = None
    district_id: str | None = None

    def __post_init__(self) -> None:
        if not -1 < self.growth <= _FASTEST or abs(self.growth * STEPS - self.steps) > 1e-6:
            raise BadScenario(self.growth, f"growth above -1 and at most {_FASTEST:g}, with at most four decimals")

    @property
    def steps(self) -> int:
        """Growth in ten-thousandths."""
        return round(self.growth * STEPS)


Change = Attract | Relocate | Grow


@dataclass(frozen=True)
class Scenario:
    """Changes to one year under one reading of place, looked at in a later year.

    Attributes
    ----------
    year : int
        Observed year that it starts from.
    until : int
        Year that it is looked at, ``year`` or later.
    place : 'registered' or 'operating'
    changes : tuple
    """

    year: int
    until: int
    place: Place = "registered"
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.years <= FARTHEST_YEARS:
            raise BadScenario(self.until, f"a year from {self.year} to {self.year + FARTHEST_YEARS}")
        if self.place not in ("registered", "operating"):
            raise BadScenario(self.place, "registered or operating")
        moved = [change.firm_id for change in self.changes if isinstance(change, Relocate)]
        if twice := [firm_id for firm_id in moved if moved.count(firm_id) > 1]:
            raise BadScenario(twice[0], "a firm that moves once")

    @property
    def years(self) -> int:
        """Years from the observed one."""
        return self.until - self.year

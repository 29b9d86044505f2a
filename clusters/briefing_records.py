"""What a briefing of a district is made of: figures with their n, without a word of any language."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from clusters.accounts import Accounts
from clusters.cautions import Caution
from clusters.differentiation import PathFit
from clusters.district_duties import DistrictDuties
from clusters.gap_records import ParkRoom
from clusters.goals import Board
from clusters.profile import DistrictProfile, Finding, Quadrant
from clusters.tiers import ScaleTier
from clusters.version_changes import VersionChanges


class HeadlineKind(StrEnum):
    """What a headline tells; the order is that in which they are told.

    ``TOTAL``: revenue and share of the city. ``LEADING``: the largest of the district's parts in the city's clusters.
    ``NEAREST``: the part that is closest to a tier. ``GROWTH``: of matched firms, beside the plan's rate. ``STRENGTH``:
    subsectors whose quotient lies above 1 for sure. ``PATH``: the path that the mix fits. ``DEPENDENCE``: what the
    largest firm is of the whole. ``CHANGE``: since the previous version. ``ROOM``: parks and vacant area.
    """

    TOTAL = "total"
    LEADING = "leading"
    NEAREST = "nearest"
    GROWTH = "growth"
    STRENGTH = "strength"
    PATH = "path"
    DEPENDENCE = "dependence"
    CHANGE = "change"
    ROOM = "room"


@dataclass(frozen=True)
class Headline:
    """One finding.

    Attributes
    ----------
    kind : HeadlineKind
    figures : mapping
        Money in CNY, shares from 0 to 1, ids; see ``clusters.headlines``.
    firms : int
        Firms that it rests on.
    coverage : float or None
        Share of the known firms of the district that have an observation, 0–1; ``None`` without a known firm.
    rests_on : str
        What the figures are a sum over: ``Dataset.evidence``, or ``'parks'``.
    method : str
        Id of the measure that explains it; empty where it is a plain count.
    derived : bool
        Whether it is ours and no fact: it then carries 参考分解，非官方指标.
    """

    kind: HeadlineKind
    figures: Mapping[str, "int | float | str | tuple[str, ...] | None"]
    firms: int
    coverage: float | None
    rests_on: str
    method: str
    derived: bool


@dataclass(frozen=True)
class QuadrantPoint:
    """A subsector by presence and specialization: how much of the city's money is here, how frequent its firms are.

    Money says how much is here and firms how frequent it is; ``clusters.profile.quadrant`` says why.

    Attributes
    ----------
    subsector_id : str
    presence : float
        Share of the revenue of the city's cluster that lies in the district, 0–1; NaN where withheld.
    quotient, lower, upper : float
        Location quotient of firms with limits of 95 %; NaN where not defined.
    firms : int
    finding : Finding
    quadrant : Quadrant or None
        Only where five firms or more stand behind an interval that lies on one side of 1.
    """

    subsector_id: str
    presence: float
    quotient: float
    lower: float
    upper: float
    firms: int
    finding: Finding
    quadrant: Quadrant | None


@dataclass(frozen=True, eq=False)
class Progress:
    """Where a district stands, how its firms grew, and how that compares with the plan's rate for the city.

    Attributes
    ----------
    total_cny : int or None
        ``None`` without a firm, or withheld.
    share : float
        Of the city, 0–1; NaN likewise.
    firms : int
    base_year : int or None
        Base of growth; ``None`` when the plan assumes none or the year does not lie after it.
    matched_firms : int
    growth, lower, upper : float
        A year, of firms observed in both years, with limits of 95 %; NaN where not defined, limits below five firms.
    city_growth : float
    planned_rate : float or None
        What the plan asks of the city's revenue a year.
    matched_cny, path_cny : float
        Revenue of the matched firms, and their base grown at that rate; NaN likewise. Ours: the plan sets no district a
        pace.
    clusters : DataFrame
        The same by subsector: matched_firms, base_cny, matched_cny, growth, path_cny.
    """

    total_cny: int | None
    share: float
    firms: int
    base_year: int | None
    matched_firms: int
    growth: float
    lower: float
    upper: float
    city_growth: float
    planned_rate: float | None
    matched_cny: float
    path_cny: float
    clusters: pd.DataFrame

    @property
    def ahead_cny(self) -> float:
        """Distance to the path; above 0 is ahead of it."""
        return self.matched_cny - self.path_cny


@dataclass(frozen=True)
class Dependence:
    """What the largest firm is of a district, or of one cluster's part in it.

    Attributes
    ----------
    subsector_id : str or None
        ``None`` is the whole district, which has no tier.
    total_cny, firms : int
    top_firm_id : str
    top1_cny : int
    top1_share : float
        NaN when the total is not positive.
    without_cny : int
    tier, tier_without : ScaleTier or None
    """

    subsector_id: str | None
    total_cny: int
    firms: int
    top_firm_id: str
    top1_cny: int
    top1_share: float
    without_cny: int
    tier: ScaleTier | None
    tier_without: ScaleTier | None

    @property
    def falls(self) -> bool:
        """Whether the tier is lost with the largest firm."""
        return self.tier is not self.tier_without


@dataclass(frozen=True)
class ParkFacts:
    """A park as far as it is known; what nobody entered is ``None``, which is not nothing."""

    park_id: str
    name: str
    operator: str | None
    focus: str | None
    firms: int | None
    floor_area_m2: float | None
    vacant_m2: float | None


@dataclass(frozen=True, eq=False)
class Briefing:
    """All that a district's Monday briefing tells.

    Attributes
    ----------
    board, city : Board
        Of the district and of the city, in the same year and reading.
    accounts : Accounts
        What each sum is shown as.
    profile : DistrictProfile
    headlines : tuple of Headline
        In the order in which they are told; what is not known has none.
    points : tuple of QuadrantPoint
        Every subsector with a firm in the city, in the order of the plan.
    progress : Progress
    changes : VersionChanges or None
        Since the previous version; ``None`` without one, or where figures are withheld from the reader.
    top_firms : DataFrame
        The five largest: index firm_id, subsector_id, revenue_cny, share of the district; empty when withheld.
    dependence : tuple of Dependence
        The whole district, then each cluster's part from the largest down; empty when withheld.
    parks : tuple of ParkFacts
        With vacant area first, then by name.
    room : ParkRoom
    duties : DistrictDuties
    paths : tuple of PathFit
    cautions : tuple of Caution
    unjudged : tuple of str
        Subsectors with firms whose figures are withheld: nothing could be looked for in them.
    """

    board: Board
    city: Board
    accounts: Accounts
    profile: DistrictProfile
    headlines: tuple[Headline, ...]
    points: tuple[QuadrantPoint, ...]
    progress: Progress
    changes: VersionChanges | None
    top_firms: pd.DataFrame
    dependence: tuple[Dependence, ...]
    parks: tuple[ParkFacts, ...]
    room: ParkRoom
    duties: DistrictDuties
    paths: tuple[PathFit, ...]
    cautions: tuple[Caution, ...]
    unjudged: tuple[str, ...]

    @property
    def district_id(self) -> str:
        """The district."""
        return self.board.area_id

    @property
    def year(self) -> int:
        """The year."""
        return self.board.year

    def dependence_of(self, subsector_id: str | None) -> Dependence | None:
        """Dependence of a cluster's part, or of the whole district."""
        return next((each for each in self.dependence if each.subsector_id == subsector_id), None)

    @property
    def fitting_paths(self) -> tuple[PathFit, ...]:
        """Paths that the mix fits; empty is undetermined, not none."""
        return tuple(fit for fit in self.paths if fit.fits)

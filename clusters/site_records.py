"""What somebody looks for in a site, and what is known of a criterion: the records that a ranking goes by.

Weights are opinions, and the default ones are ours. A need (area, rent, a hub within reach) is a condition: a site that
is known to fail it is out, one of which it is not known stays and says so.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from clusters.errors import BadValue, UnknownCriterion
from data.dataset import Place
from data.hub_kinds import HUB_KINDS

NEAR = "near_"
CHAIN_FIRMS, CLUSTER_STRENGTH, MOMENTUM, FOCUS = "chain_firms", "cluster_strength", "momentum", "focus"
FLOOR_AREA, VACANT_AREA, RENT = "floor_area", "vacant_area", "rent"
DEFAULT_WEIGHTS = (
    ("near_metro", 2.0),
    ("near_rail", 1.0),
    ("near_border", 0.5),
    ("near_port", 0.5),
    ("near_airport", 1.0),
    (CHAIN_FIRMS, 3.0),
    (CLUSTER_STRENGTH, 3.0),
    (MOMENTUM, 1.0),
    (FOCUS, 1.0),
    (FLOOR_AREA, 0.0),
    (VACANT_AREA, 2.0),
    (RENT, 2.0),
)
"""Weight of each criterion where nobody says otherwise; judged, and every one is open to change."""

CRITERIA = tuple(name for name, _ in DEFAULT_WEIGHTS)
NEIGHBORHOODS_M = (1_000, 3_000, 5_000)


@dataclass(frozen=True)
class SiteRequest:
    """What a firm, or a planner, looks for.

    Attributes
    ----------
    subsector_id : str
    year, base_year : int, optional
        Growth is from the base year to the year; the dataset's default year and the year before when left out.
    place : 'registered' or 'operating'
        Where a firm counts for its district.
    district_id : str, optional
        Only sites of this district.
    chain : tuple of str
        Further subsectors whose firms count as neighbors of the same chain.
    near_m : float
        How near is near for neighbors, metres, above 0.
    hubs_within_m : tuple of (kind, metres)
        Conditions: a hub of that kind within so many metres.
    min_area_m2 : float, optional
        Condition: vacant area, or where the data know none at all, floor area, of at least this.
    max_rent_cny_m2_month : float, optional
        Condition: rent of at most this.
    weights : tuple of (criterion, weight)
        At least 0; criteria that are not named keep their default weight.
    scales : tuple of (criterion, (worst, best))
        Fixed utility scales in the criterion's unit; min-max over the sites for the others.
    min_firms : int
        Firms that a quotient or a growth rate has to rest on; below, it counts as missing. At least 1.
    min_coverage : float
        Part of the weight that a site needs values for to be ranked, 0 to 1.
    """

    subsector_id: str
    year: int | None = None
    base_year: int | None = None
    place: Place = "registered"
    district_id: str | None = None
    chain: tuple[str, ...] = ()
    near_m: float = 3_000.0
    hubs_within_m: tuple[tuple[str, float], ...] = ()
    min_area_m2: float | None = None
    max_rent_cny_m2_month: float | None = None
    weights: tuple[tuple[str, float], ...] = ()
    scales: tuple[tuple[str, tuple[float, float]], ...] = ()
    min_firms: int = 3
    min_coverage: float = 0.6

    def __post_init__(self) -> None:
        """Refuse what nobody can look for.

        Raises
        ------
        BadValue, UnknownCriterion
        """
        for name, _ in (*self.weights, *self.scales):
            if name not in CRITERIA:
                raise UnknownCriterion(name, CRITERIA)
        for kind, _ in self.hubs_within_m:
            if kind not in HUB_KINDS:
                raise BadValue("hubs_within_m", [kind], f"of {', '.join(HUB_KINDS)}")
        needs = {"near_m": self.near_m, **{f"hubs_within_m of {kind}": metres for kind, metres in self.hubs_within_m}}
        stated = {"min_area_m2": self.min_area_m2, "max_rent_cny_m2_month": self.max_rent_cny_m2_month}
        needs |= {name: number for name, number in stated.items() if number is not None}
        for name, number in needs.items():
            if not 0 < number < np.inf:
                raise BadValue(name, [number], "above 0 and finite")
        if self.min_firms < 1 or not 0 <= self.min_coverage <= 1:
            raise BadValue("min_firms, min_coverage", [self.min_firms, self.min_coverage], "from 1, and 0 to 1")

    def weight_of(self) -> dict[str, float]:
        """Weight of every criterion, as asked for or by default."""
        return dict(DEFAULT_WEIGHTS) | dict(self.weights)

    def subsectors(self) -> tuple[str, ...]:
        """Subsectors whose firms count as neighbors: its own and the further ones, each once."""
        return tuple(dict.fromkeys((self.subsector_id, *self.chain)))


@dataclass(frozen=True, eq=False)
class SiteCriterion:
    """One thing that sites are compared by.

    Attributes
    ----------
    id : str
    values : Series of float
        By site; NaN where missing.
    unit : str
        Key of the unit: m, firms, quotient, growth, match, m2 or cny_m2_month.
    less_is_better : bool
    facts : DataFrame
        What each value rests on, by site: the hub, the number of firms, the words that matched.
    missing : Series of text or None
        Why a site has no value.
    source : str
        Table that it comes from.
    off : str or None
        Why no site has a value; ``None`` where at least one has.
    """

    id: str
    values: pd.Series
    unit: str
    less_is_better: bool
    facts: pd.DataFrame
    missing: pd.Series
    source: str
    off: str | None = None


@dataclass(frozen=True)
class SiteReason:
    """What one criterion says of one site.

    Attributes
    ----------
    criterion, unit, source : str
    value, utility, contribution : float or None
        ``None`` where missing, and in a site that was not ranked no utility.
    weight : float
        From 0 to 1, as used.
    missing : str or None
        Why there is no value.
    facts : dict
        What the value rests on.
    """

    criterion: str
    unit: str
    source: str
    value: float | None
    utility: float | None
    contribution: float | None
    weight: float
    missing: str | None
    facts: dict[str, object] = field(default_factory=dict)

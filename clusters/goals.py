"""How far each goal of a plan is, under every reading of what the plan leaves open.

A goal is tallied from the evidence that fits it: a level or a list of new carriers from official indicators only,
counts of firms and clusters from the firms. Each reading is met, not met, or undetermined (``None``), and says why:

* a sum over the bundled sample of listed firms is never a verdict, whatever it amounts to;
* a reading that asks for what nobody measured (value added of a cluster, a base year after the year) has no figure;
* a district has a goal only when a plan of its own sets one; otherwise its figure is its part in the city's.

Left out: readings without a machine-readable axis (A4, A5, A7, A10 of the bundled plan) are listed, not tallied.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from clusters.errors import UnknownDistrict
from clusters.evidence import Evidence
from clusters.outcomes import Figure, Series, growth_since, official_series, outcome_of
from clusters.plan import Plan, Reading
from clusters.plan_records import (
    ClusterCountTarget,
    FirmCountTarget,
    LevelTarget,
    QuantifiedTarget,
    required_path,
)
from clusters.standing import check_year, coverage, district_clusters, firms_known
from data import columns as c
from data.cube import cube_of
from data.dataset import Basis, Dataset, Place

Why = Literal[
    "decided",
    "listed_sample",
    "synthetic",
    "low_coverage",
    "no_data",
    "no_outcome",
    "several_scopes",
    "no_district_goal",
    "withheld",
]
"""What a verdict rests on, or why there is none.

``decided``: official or register figures decide. ``listed_sample``: the figure is a sample's. ``synthetic``: it is made
up. ``no_data``: nothing was measured that the reading asks for. ``low_coverage``: a sample that holds too few firms of
the year to count anything.
``no_outcome``: no official figure for the year in which the goal is due. ``several_scopes``: the goal names no scope,
and there are official figures of more than one.
``no_district_goal``: the plan sets no goal for this district. ``withheld``: it rests on figures that are not for this
reader.
"""


@dataclass(frozen=True)
class ReadingTally:
    """A goal under one reading.

    Attributes
    ----------
    reading : Reading
    actual : int or None
        CNY for a level, else a count; ``None`` without data. An official figure is that of the year shown, or without
        one the outcome.
    met : bool or None
        ``None`` is undetermined.
    why : str
        See ``Why``.
    path : dict of int to int
        For a level, CNY by year that the goal implies; else empty. Ours, not the plan's.
    growth : float or None
        For a level, growth a year of the official figures from the reading's base year to the outcome. It stands beside
        the growth that the plan asks and decides nothing: the goal is the amount.
    """

    reading: Reading
    actual: int | None
    met: bool | None
    why: Why
    path: Mapping[int, int]
    growth: float | None


@dataclass(frozen=True)
class Tally:
    """A quantified goal of the plan with all of its readings; ``chosen`` is the one that ``actual`` and ``met`` show.

    Attributes
    ----------
    target : QuantifiedTarget
    goal : int or None
        ``None`` in a district that the target does not speak of.
    basis : Basis
        What the figures are.
    official : bool
        Whether the goal is the plan's own for the area shown; a derived part of the city's goal is not. Without a
        ``district_id`` each target is tallied for the area that it speaks of.
    series : tuple of Series
        Official figures of the same metric by scope; the one that decides comes first.
    outcome : Figure or None
        The official figure that decides, with its year.
    year : int
        The year that is shown.
    """

    target: QuantifiedTarget
    goal: int | None
    basis: Basis
    official: bool
    chosen: ReadingTally
    readings: tuple[ReadingTally, ...]
    series: tuple[Series, ...]
    outcome: Figure | None
    year: int

    @property
    def points(self) -> Mapping[int, int]:
        """Official figures of the goal's own scope by year: CNY for a level, else a count."""
        return next((series.points for series in self.series if series.decides), {})

    @property
    def actual(self) -> int | None:
        """Figure under the chosen reading."""
        return self.chosen.actual

    @property
    def met(self) -> bool | None:
        """Verdict under the chosen reading."""
        return self.chosen.met

    @property
    def shown(self) -> Figure | None:
        """The figure that a reader meets first: what decided an official goal, else that of the year shown."""
        if self.outcome is not None and (self.met is not None or self.year not in self.points):
            return self.outcome
        return None if self.actual is None else Figure(self.year, self.actual)


@dataclass(frozen=True)
class Board:
    """Where an area stands in one year against one plan.

    Attributes
    ----------
    plan, dataset : Plan, Dataset
    year : int
    area_id : str
        The city, or one district of it.
    place : 'registered' or 'operating'
    tallies : tuple of Tally
        One for each quantified target.
    clusters : DataFrame
        Every subsector of the plan, in its order: total_cny, tier, firms, gap, top firm (missing without a firm).
    districts : DataFrame
        Part of each district in each cluster; see ``clusters.standing.district_clusters``.
    coverage : dict
        See ``clusters.standing.coverage``.
    """

    plan: Plan
    dataset: Dataset
    year: int
    area_id: str
    place: Place
    tallies: tuple[Tally, ...]
    clusters: pd.DataFrame
    districts: pd.DataFrame
    coverage: Mapping[str, object]

    def tally(self, target_id: str) -> Tally:
        """Tally of one target."""
        return next(t for t in self.tallies if t.target.id == target_id)


def tally_goals(
    plan: Plan,
    dataset: Dataset,
    *,
    year: int | None = None,
    district_id: str | None = None,
    place: Place = "registered",
) -> Board:
    r"""Tally every quantified goal of a plan and the clusters behind them.

    Parameters
    ----------
    plan : Plan
    dataset : Dataset
    year : int, optional
        The data's default year when left out.
    district_id : str, optional
        One district instead of the whole city.
    place : 'registered' or 'operating'
        The reading of A6 that is shown; the others are tallied too.

    Returns
    -------
    Board
        The tallies of all goals, the clusters and the districts behind them, and the coverage.

    Raises
    ------
    UnknownYear, UnknownDistrict
        When the data hold nothing of that year, or no such district.

    Notes
    -----
    A goal that counts clusters, with threshold B over the totals :math:`T_k`, is met under a reading when

    .. math:: \#\{k : T_k \ge B\} \ge n^{*}

    and a goal on firms in the same way over the firms' revenues; where the plan's words say so, the comparison is
    strict.

    Reading: each goal under every reading of the plan: met, not met, or undetermined when the data cannot say.

    Limits: a sample of listed firms never decides a goal, whatever the count; only figures of the plan's own scope or a
    declared register do. A year below 80 % of the best coverage is undetermined too.

    References
    ----------
    .. [1] Shenzhen Municipal Bureau of Industry and Information Technology. "Implementation Plan for the Innovative
       Development of the Digital Economy Industry in Shenzhen, 2021-2023" (in Chinese).

    Examples
    --------
    >>> from clusters.plan import open_plan
    >>> from data.reference import load_reference
    >>> board = tally_goals(open_plan("shenzhen-digital-economy-2021-2023"), load_reference(), year=2021)
    >>> board.year, len(board.clusters)
    (2021, 12)
    """
    year = dataset.default_year if year is None else check_year(dataset, year)
    if district_id is not None and district_id not in dataset.districts.index:
        raise UnknownDistrict(district_id, list(dataset.districts.index))
    area_id = district_id or dataset.city_adcode
    cube = cube_of(dataset)
    known = firms_known(dataset, place=place, district_id=district_id)
    evidence = Evidence(dataset, year)
    clusters = evidence.clusters(area_id, place).reindex([s.id for s in plan.subsectors])
    clusters[c.FIRMS] = clusters[c.FIRMS].fillna(0).astype(int)
    known_of = known.groupby(c.SUBSECTOR_ID)[c.KNOWN_FIRMS].sum()
    clusters[c.KNOWN_FIRMS] = known_of.reindex(clusters.index).fillna(0).astype(int)
    return Board(
        plan=plan,
        dataset=dataset,
        year=year,
        area_id=area_id,
        place=place,
        tallies=tuple(_tally(plan, t, evidence, district_id or t.geography, place) for t in plan.quantified_targets),
        clusters=clusters,
        districts=district_clusters(cube, year=year, place=place, district_id=district_id),
        coverage=coverage(dataset, year=year, place=place, district_id=district_id),
    )


def _tally(plan: Plan, target: QuantifiedTarget, evidence: Evidence, area_id: str, place: Place) -> Tally:
    dataset, year = evidence.dataset, evidence.year
    official = target.geography == area_id
    counted = target if isinstance(target, FirmCountTarget | ClusterCountTarget) else None
    basis = dataset.basis if counted else Basis.STATISTICAL
    series = official_series(dataset, target, area_id, since=plan.period.start)
    deciding = next((each for each in series if each.decides), None)
    points = deciding.points if deciding else {}
    outcome = outcome_of(target, points)
    readings = []
    for reading in plan.readings(target.id):
        if counted is not None:
            actual = _count(plan, counted, evidence, reading, area_id, _place(reading, place))
        else:
            actual = points.get(year, outcome.value if outcome else None)
        if counted is not None and not dataset.is_well_covered(year):
            actual = None  # a count over a handful of firms would pass for a fact
        met, why = _verdict(target, actual, outcome, basis, official)
        if why == "decided" and counted is not None and dataset.synthetic:
            met, why = None, "synthetic"
        if why in ("no_data", "no_district_goal") and counted is not None and not dataset.is_well_covered(year):
            why = "low_coverage"
        if why == "no_data" and dataset.release is not None:
            why = "withheld"
        if why == "no_outcome" and len(series) > 1 and getattr(target, "basis", None) is None and not points:
            why = "several_scopes"
        path = _path(target, reading)
        growth = growth_since(deciding, reading.base_year, outcome) if path else None
        readings.append(ReadingTally(reading, actual, met, why, path, growth))
    chosen = next((r for r in readings if _is_chosen(r.reading, plan, target, place)), readings[0])
    return Tally(
        target, target.goal if official else None, basis, official, chosen, tuple(readings), series, outcome, year
    )


def _is_chosen(reading: Reading, plan: Plan, target: QuantifiedTarget, place: Place) -> bool:
    default = dict(plan.readings(target.id)[0])
    return dict(reading) == (default | {"place": place} if "place" in default else default)


def _verdict(
    target: QuantifiedTarget, actual: int | None, outcome: Figure | None, basis: Basis, official: bool
) -> tuple[bool | None, Why]:
    if not official:
        return None, "no_district_goal"
    if basis is Basis.STATISTICAL:
        return (None, "no_outcome") if outcome is None else (target.is_met_by(outcome.value), "decided")
    if actual is None:
        return None, "no_data"
    return (None, "listed_sample") if basis is Basis.LISTED_SAMPLE else (target.is_met_by(actual), "decided")


def _path(target: QuantifiedTarget, reading: Reading) -> dict[int, int]:
    if not isinstance(target, LevelTarget) or target.cagr_pct is None:
        return {}
    return required_path(target, int(reading.get("base_year", target.by - 1)))


def _count(
    plan: Plan,
    target: FirmCountTarget | ClusterCountTarget,
    evidence: Evidence,
    reading: Reading,
    area_id: str,
    place: Place,
) -> int | None:
    year = evidence.year
    if not evidence.has(year, area_id, place):
        return None
    if isinstance(target, ClusterCountTarget):
        if reading.get("measure", "revenue") != "revenue":
            return None
        upper = _next_threshold(plan, target) if reading.get("nesting") == "disjoint" else None
        totals = evidence.totals(area_id, place)
        if totals.isna().any():
            return None
        passed = totals >= target.cluster_threshold.value_cny
        return int((passed if upper is None else passed & (totals < upper)).sum())
    upper = _next_threshold(plan, target) if reading.get("firm_nesting") == "disjoint" else None

    def over(in_year: int, seen_in: int) -> int | None:
        strictly = target.firm_threshold.operator == ">"
        counts = [
            evidence.firms_over(threshold, area_id, place, strictly=strictly, year=in_year, seen_in=seen_in)
            for threshold in (target.firm_threshold.value_cny, upper)
            if threshold is not None
        ]
        told = [count for count in counts if count is not None]
        return told[0] - sum(told[1:]) if told else None  # whoever passes the next threshold passes this one too

    if reading.get("counting", "stock") == "stock":
        return over(year, year)
    base_year = int(reading["base_year"])
    if base_year >= year or not evidence.has(base_year, area_id, place):
        return None
    now, then = over(year, base_year), over(base_year, year)
    return None if now is None or then is None else now - then


def _place(reading: Reading, shown: Place) -> Place:
    return "operating" if reading.get("place", shown) == "operating" else "registered"


def _next_threshold(plan: Plan, target: FirmCountTarget | ClusterCountTarget) -> int | None:
    """Next larger threshold among the plan's targets of the same kind and place."""
    own = _threshold_cny(target)
    others = [
        _threshold_cny(t)
        for t in plan.quantified_targets
        if isinstance(t, FirmCountTarget | ClusterCountTarget)
        and type(t) is type(target)
        and t.geography == target.geography
    ]
    return min((t for t in others if t > own), default=None)


def _threshold_cny(target: FirmCountTarget | ClusterCountTarget) -> int:
    if isinstance(target, FirmCountTarget):
        return target.firm_threshold.value_cny
    return target.cluster_threshold.value_cny

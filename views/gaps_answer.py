"""What the gap lab computes, kept by version and choices: a gap with its mixes and outlook, and scenarios played.

Everything comes from the small tables of a dataset, so that a million firms answer as seventy do.
"""

from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from clusters.dependence import without_largest
from clusters.errors import ClusterError
from clusters.gap_records import GapClosing
from clusters.gaps import close_gap
from clusters.goals import Board
from clusters.outlook import Outlook
from clusters.panel_outlook import panel_outlook
from clusters.profile import seeded
from clusters.prospects import Unsaid, why_unsaid
from clusters.scenario_results import ScenarioResult, change_from_moves, play_scenario
from clusters.scenarios import FARTHEST_YEARS, Relocate, Scenario
from clusters.tiers import THRESHOLD_CNY, ScaleTier
from data import columns as c
from data.dataset import Dataset, Place
from views import loaded
from views.gaps_choices import ALL, TIER_TARGETS, GapsChoices, scenario_in
from views.selection import Selection

YEARS_AHEAD = 3
MOST_LEFT = 3
LEAST_HORIZON = 5
"""Years that a chance is looked for in, at least."""


@dataclass(frozen=True, eq=False)
class GapPage:
    """All that the page tells of one gap.

    Attributes
    ----------
    board, city : Board
        Of the area that is looked at, and of the whole city.
    chosen : GapsChoices
    subsector_id, district_id : str or None
        ``None`` is all clusters, and the whole city.
    closing : GapClosing
    observed : GapClosing
        The same without any assumption of the reader's: what stands beside the fields.
    left : DataFrame
        See ``clusters.dependence.without_largest``.
    unsaid : str or None
        Why no chance is told.
    outlook : Outlook or None
        Of the firms of every year, to their share of the target; ``None`` where ``unsaid`` says why.
    """

    board: Board
    city: Board
    chosen: GapsChoices
    subsector_id: str | None
    district_id: str | None
    closing: GapClosing
    observed: GapClosing
    left: pd.DataFrame
    unsaid: Unsaid | None
    outlook: Outlook | None

    @property
    def target_tier(self) -> ScaleTier | None:
        """Tier whose threshold the target is, if it is one."""
        found = [tier for tier, cny in THRESHOLD_CNY.items() if cny and cny == self.closing.target_cny]
        return found[0] if found else None

    @property
    def bands(self) -> pd.DataFrame | None:
        """Median, band and share of paths that crossed, of the total if it moves as the panel does."""
        if self.outlook is None:
            return None
        found = self.outlook.bands
        money = [c.MEDIAN, c.LOW, c.HIGH]
        return found.assign(**{name: found[name] / self.closing.panel.coverage for name in money})


def gap_page(selection: Selection) -> GapPage:
    """The answer to a reader's choices; a choice that does not fit the year falls back to the page's own."""
    chosen = selection.gaps
    city = loaded.board_of(selection)
    board = loaded.board_of(selection, district_id=chosen.area) if chosen.area else city
    asked = chosen.subsector or nearest_cluster(board)
    subsector_id, district_id = None if asked == ALL else asked, chosen.area or None
    until, data = until_of(chosen, city), board.dataset
    key = (data.version, data.digest, board.year, board.place, subsector_id, district_id, until, _target(chosen))
    observed = _closing(*key, None, None, None, data)
    stated = (chosen.growth, chosen.firm_cny, chosen.floor_m2)
    closing = _closing(*key, *stated, data) if any(each is not None for each in stated) else observed
    left = without_largest(
        data, year=board.year, subsector_id=subsector_id, district_id=district_id, place=board.place, most=MOST_LEFT
    )
    now = None if closing.withheld else closing.total_cny or 0
    unsaid = why_unsaid(closing.panel, now, closing.target_cny)
    outlook, panel = None, closing.panel
    if unsaid is None and closing.target_cny is not None:
        horizon = max(until - panel.years[-1], LEAST_HORIZON)
        where = (board.place, subsector_id, district_id, horizon)
        outlook = _outlook(data.version, data.digest, *where, closing.target_cny * panel.coverage, data)
    return GapPage(board, city, chosen, subsector_id, district_id, closing, observed, left, unsaid, outlook)


def settled(page: GapPage, selection: Selection) -> Selection:
    """The selection with what the page proposed by itself, so that a link reopens the same gap when data change."""
    return selection.on("gaps", subsector=page.subsector_id or ALL, until=page.closing.until)


def nearest_cluster(board: Board) -> str:
    """The cluster with the smallest gap to its next tier; the first of the plan where none has one."""
    gaps = board.clusters[c.GAP_CNY].astype("float64")
    gaps = gaps[(gaps > 0) & (board.clusters[c.FIRMS] > 0)]
    return str(gaps.idxmin()) if len(gaps) else str(board.clusters.index[0])


def until_of(chosen: GapsChoices, board: Board) -> int:
    """Year by which the gap is to close, after the year that is looked at."""
    if chosen.until is not None and board.year < chosen.until <= board.year + FARTHEST_YEARS:
        return chosen.until
    return board.plan.period.end if board.plan.period.end > board.year else board.year + YEARS_AHEAD


@dataclass(frozen=True, eq=False)
class Played:
    """A scenario of a link on the year and reading of place that the page shows.

    Attributes
    ----------
    scenario : Scenario
    result : ScenarioResult
        Of the baseline where the scenario could not be played.
    problem : Exception or None
        Why it could not.
    unreadable : bool
        Whether the text is no scenario.
    otherwise : Scenario or None
        As it was written, when for other years or another reading of place.
    moves_cny : int or None
        What its moves change in the city; ``None`` without a move.
    """

    scenario: Scenario
    result: ScenarioResult
    problem: Exception | None
    unreadable: bool
    otherwise: Scenario | None
    moves_cny: int | None


def play(text: str, board: Board, until: int) -> Played:
    """A scenario's text played on a board's year and place; what cannot be played is the baseline and says why."""
    told = scenario_in(text)
    base = Scenario(board.year, until, board.place)
    scenario = base if told is None else replace(told, year=board.year, until=until, place=board.place)
    otherwise = told if told is not None and told != scenario else None
    data, problem = board.dataset, None
    try:
        result, moves = _played(data.version, data.digest, scenario, data)
    except ClusterError as error:
        problem = error
        result, moves = _played(data.version, data.digest, base, data)
    return Played(scenario, result, problem, bool(text) and told is None, otherwise, moves)


def beside_of(chosen: GapsChoices, board: Board, until: int) -> Played | None:
    """The scenario that another is held against; ``None`` without one that can be played."""
    found = play(chosen.beside, board, until) if chosen.beside else None
    return None if found is None or found.unreadable or found.problem is not None else found


def refused(scenario: Scenario, dataset: Dataset) -> Exception | None:
    """Why a scenario cannot be played on these data; ``None`` when it can."""
    try:
        _played(dataset.version, dataset.digest, scenario, dataset)
    except ClusterError as error:
        return error
    return None


def _target(chosen: GapsChoices) -> int | None:
    if not chosen.target:
        return None
    return THRESHOLD_CNY[ScaleTier(chosen.target)] if chosen.target in TIER_TARGETS else int(chosen.target)


@st.cache_resource(max_entries=256, show_spinner=False)
def _closing(
    version: str, digest: str, year: int, place: Place, subsector_id: str | None, district_id: str | None, until: int,
    target_cny: int | None, growth: float | None, firm_cny: int | None, floor_m2: int | None, _data: Dataset,
) -> GapClosing:  # fmt: skip
    """The same draws for the same question, whatever is assumed; version and digest keep the entries apart."""
    return close_gap(
        _data, until=until, rng=seeded(_data, "gap", subsector_id, district_id, year, place), year=year, place=place,
        subsector_id=subsector_id, district_id=district_id, target_cny=target_cny, growth=growth, firm_cny=firm_cny,
        floor_m2_per_firm=floor_m2,
    )  # fmt: skip


@st.cache_resource(max_entries=128, show_spinner=False)
def _outlook(
    version: str, digest: str, place: Place, subsector_id: str | None, district_id: str | None, horizon: int,
    target_cny: float, _data: Dataset,
) -> Outlook | None:  # fmt: skip
    """Outlook of the panel to its own share of the target."""
    rng = seeded(_data, "gap outlook", subsector_id, district_id, place)
    subsectors = [] if subsector_id is None else [subsector_id]
    return panel_outlook(
        _data, horizon=horizon, rng=rng, subsectors=subsectors, district_id=district_id, place=place,
        target_cny=target_cny,
    ).outlook  # fmt: skip


@st.cache_resource(max_entries=128, show_spinner=False)
def _played(version: str, digest: str, scenario: Scenario, _data: Dataset) -> tuple[ScenarioResult, int | None]:
    moves = any(isinstance(each, Relocate) for each in scenario.changes)
    return play_scenario(_data, scenario), change_from_moves(_data, scenario) if moves else None

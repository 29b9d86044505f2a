"""What one comparison shows: the districts, the proposal with its reason, the tables behind every part. No Streamlit.

Districts are compared whole: filters of other pages leave the comparison alone, since a mix without some of its parts
is another mix. Where the money of a district is withheld, structure falls back to counts of firms, and says so.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from clusters.accounts import Accounts
from clusters.comparison import By, district_shift_share, district_structure, district_years, propose_peers
from clusters.district_facts import district_facts
from clusters.duplication import district_pairs
from clusters.errors import BadValue
from clusters.goals import Board
from clusters.profile import DistrictProfile, district_profile
from data import columns as c
from views.figures import accounts_of
from views.selection import Selection

MARKS = ("●", "○", "▲", "□")
"""One mark a district, in order; the same in every chart, table and title, so that nothing is said by colour alone."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """A board of the city with the districts that stand side by side.

    Attributes
    ----------
    board : Board
        The city's.
    districts : tuple of str
        In the reader's order; those of the proposal when he has chosen none.
    by : 'revenue' or 'firms'
        What structure is measured by, as asked for.
    since : int or None
        Year that change is counted from; ``None`` when there is no earlier one.
    is_proposal : bool
    """

    board: Board
    districts: tuple[str, ...]
    by: By
    since: int | None
    is_proposal: bool

    @cached_property
    def facts(self) -> pd.DataFrame:
        """Headline figures of every district."""
        return district_facts(self.board.dataset, year=self.board.year, place=self.board.place)

    @cached_property
    def structure(self) -> pd.DataFrame:
        """Activity of every district by subsector, as measured; see `structure_by`."""
        return _structure(self.board, self.structure_by)

    @cached_property
    def structure_by(self) -> By:
        """Firms where the revenue of a compared district is not known."""
        return structure_by(self.board, self.districts, self.by)

    @cached_property
    def peers(self) -> pd.DataFrame:
        """Districts near to the first one that are not compared yet."""
        return peers_of(self.board, self.districts[0], self.by).drop(list(self.districts), errors="ignore")

    @cached_property
    def profiles(self) -> dict[str, DistrictProfile]:
        """Specialization of each district, with intervals."""
        board = self.board
        return {d: district_profile(board.dataset, d, year=board.year, place=board.place) for d in self.districts}

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Every pair of districts of the city, tested."""
        return district_pairs(self.board.dataset, year=self.board.year, place=self.board.place)

    @cached_property
    def chosen_pairs(self) -> pd.DataFrame:
        """The pairs among the compared districts."""
        mine = self.pairs[c.DISTRICT_A].isin(self.districts) & self.pairs[c.DISTRICT_B].isin(self.districts)
        return self.pairs[mine]

    @cached_property
    def years(self) -> pd.DataFrame:
        """Total and firms of the compared districts by district, subsector and year."""
        found = district_years(self.board.dataset, place=self.board.place)
        found = found[found[c.DISTRICT_ID].isin(self.districts)]
        return found.set_index([c.DISTRICT_ID, c.SUBSECTOR_ID, c.YEAR]).sort_index()

    @cached_property
    def parts(self) -> pd.DataFrame:
        """Shift-share of the compared districts by district and subsector; empty without a span."""
        board = self.board
        if self.since is None:
            return pd.DataFrame()
        try:
            found = district_shift_share(board.dataset, base_year=self.since, year=board.year, place=board.place)
        except BadValue:  # a matched total below 0: growth of it means nothing
            return pd.DataFrame()
        found = found.sort_values(c.BASE_CNY, ascending=False, kind="stable")
        there = found.index.get_level_values(c.DISTRICT_ID)
        return pd.concat([found[there == d] for d in self.districts])

    @cached_property
    def summed_parts(self) -> pd.DataFrame:
        """The same summed over subsectors, on the compared districts; missing without a matched firm."""
        if self.parts.empty:
            return pd.DataFrame()
        return self.parts.groupby(level=c.DISTRICT_ID).sum().reindex(list(self.districts))

    @property
    def has_change(self) -> bool:
        """Whether a compared district has matched firms to tell a change of."""
        return not self.summed_parts.empty and bool((self.summed_parts[c.BASE_CNY] > 0).any())

    @property
    def kept(self) -> Accounts:
        """What the city's figures are shown as."""
        return accounts_of(self.board)

    @cached_property
    def subsectors(self) -> list[str]:
        """Subsectors with a firm in a compared district, the largest first."""
        here = self.structure.loc[list(self.districts)].sum()
        counts = _structure(self.board, "firms").loc[list(self.districts)].sum()
        order = [str(s) for s in here.sort_values(ascending=False, kind="stable").index]
        return [s for s in order if counts.get(s, 0) > 0]

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Firms of every district by subsector."""
        return _structure(self.board, "firms")

    def name(self, district_id: str, language: str) -> str:
        """Short name of a district."""
        labels = self.board.dataset.districts[c.LABEL_ZH if language == "zh" else c.LABEL_EN]
        return str(labels[district_id])

    def mark(self, district_id: str) -> str:
        """Its mark."""
        return MARKS[self.districts.index(district_id)]


def compared(board: Board, chosen: Selection) -> Comparison:
    """The comparison that a selection asks for.

    Parameters
    ----------
    board : Board
        The city's.
    chosen : Selection
    """
    asked = chosen.compare
    districts = asked.districts or proposal(board, chosen.district, asked.by)
    return Comparison(board, districts, asked.by, _since(board, asked.since), not asked.districts)


def proposal(board: Board, district_id: str, by: By) -> tuple[str, ...]:
    """The district that the reader looks at elsewhere, else the one with the most, and its nearest peer."""
    by_total = _by_size(board)
    first = district_id or by_total[0]
    near = [str(d) for d in peers_of(board, first, by).index]
    others = [*near, *(d for d in by_total if d != first)]
    return (first, *others[:1])


def peers_of(board: Board, district_id: str, by: By) -> pd.DataFrame:
    """Peers of a district, by revenue where that is known; with ``subsector``, the largest common part of both."""
    structure = _structure(board, structure_by(board, (district_id,), by))
    found = propose_peers(structure, district_id)
    shares = structure.div(structure.sum(axis=1), axis=0)
    common = [np.minimum(shares.loc[district_id], shares.loc[peer]) for peer in found.index]
    return found.assign(**{c.SUBSECTOR_ID: [str(each.idxmax()) if each.max() > 0 else None for each in common]})


def structure_by(board: Board, districts: tuple[str, ...], by: By) -> By:
    """Firms where the revenue of one of the districts is not known."""
    return "firms" if _structure(board, by).loc[list(districts)].isna().any(axis=None) else by


def earlier_years(board: Board) -> list[int]:
    """Years that change could be counted from."""
    return [year for year in board.dataset.years if year < board.year]


def _structure(board: Board, by: By) -> pd.DataFrame:
    return district_structure(board.dataset, year=board.year, by=by, place=board.place)


def _since(board: Board, asked: int | None) -> int | None:
    """The year asked for, the plan's base year, or the nearest earlier one."""
    earlier = earlier_years(board)
    for year in (asked, board.plan.period.base_year_assumed):
        if year in earlier:
            return year
    return earlier[-1] if earlier else None


def _by_size(board: Board) -> list[str]:
    """Districts from the largest total (then the most firms) down, those without a firm last."""
    facts = district_facts(board.dataset, year=board.year, place=board.place)
    order = facts.sort_values([c.TOTAL_CNY, c.FIRMS], ascending=False, na_position="last", kind="stable")
    return [str(d) for d in order.index]

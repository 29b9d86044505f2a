"""What all layers of one map share: the board, the choices, and the tables that they draw from."""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from clusters.found_clusters import FoundClusters
from clusters.goals import Board
from clusters.release import withheld_firms
from data import columns as c
from data import lookup
from data.dataset import Dataset, firm_districts
from data.firm_points import firm_points
from data.leading import leading_firms
from data.once import once_per_dataset
from geo.boundaries import simplify_areas
from geo.pyramid import LAST_ZOOM
from views import ground_search
from views.figures import district_figures, nothing_in, subsectors_shown
from views.selection import Selection
from views.tokens import Tokens
from views.words import Words

DISPLAY_TOLERANCE_M = 100.0
DISPLAY_DIGITS = 4  # about ten metres
FAR_DEGREES = 0.6
MOST_TOGETHER = 20  # cards of firms at one place


@dataclass(frozen=True)
class Scene:
    """One map; ``district_id`` rests it on a district, empty is the whole city; ``served`` has a server behind it."""

    board: Board
    selection: Selection
    tokens: Tokens
    t: Words
    district_id: str = ""
    served: bool = True

    @property
    def dataset(self) -> Dataset:
        """Data of the board."""
        return self.board.dataset

    @property
    def tiled(self) -> bool:
        """Whether firms are drawn as tiles."""
        return self.served and self.dataset.has_many_firms

    @property
    def districts(self) -> gpd.GeoDataFrame:
        """Districts with their facts."""
        return self.dataset.districts

    @property
    def areas(self) -> gpd.GeoDataFrame:
        """Outlines of the districts, for display."""
        return display_areas(self.dataset)

    @property
    def label(self) -> "pd.Series[str]":
        """Short names of the districts."""
        return pd.Series(self.districts[c.LABEL_ZH if self.t.language == "zh" else c.LABEL_EN])

    @property
    def name(self) -> "pd.Series[str]":
        """Names of the districts."""
        return pd.Series(self.districts[c.NAME if self.t.language == "zh" else c.NAME_EN])

    @cached_property
    def far(self) -> list[str]:
        """Areas so far from the rest that they would halve the map; they get a frame of their own."""
        lon = self.districts[c.LABEL_LON]
        return [str(d) for d in lon.index[(lon - lon.median()).abs() > FAR_DEGREES]]

    @cached_property
    def shown(self) -> list[str]:
        """Subsectors that the filters leave."""
        return subsectors_shown(self.board, self.selection)

    @property
    def is_filtered(self) -> bool:
        """Whether the figures leave out a subsector of the plan."""
        return len(self.shown) < len(self.board.clusters)

    def nothing_in(self, district_id: str) -> str:
        """Why a district has no figure: no firm of the sample, or firms without revenue for the year."""
        return nothing_in(self.board, self.shown, district_id, self.t)

    @cached_property
    def figures(self) -> pd.DataFrame:
        """Figures of each district over those subsectors."""
        return district_figures(self.board, self.shown)

    @cached_property
    def ground(self) -> FoundClusters | None:
        """Clusters on the ground of the city, once they were searched for."""
        return None if self.district_id else ground_search.found(self.board, self.selection)

    @cached_property
    def firms(self) -> pd.DataFrame:
        """Firms drawn as features, with the year's revenue where there is one, or is withheld; the largest first.

        Those with a point, after the filters. When there are many, the one in focus and others at its very place.
        """
        rows = self._rows_in_focus() if self.dataset.has_many_firms else self._rows_shown()
        if not len(rows):
            nothing = dict.fromkeys((c.REVENUE_CNY, c.REVENUE_STATUS, c.REVENUE_SOURCE, c.WITHHELD))
            return leading_firms(self.dataset).iloc[:0].assign(**nothing)
        firms = self.dataset.firms.iloc[rows]
        year = lookup.observations_of(self.dataset, rows, year=self.board.year).set_index(c.FIRM_ID)
        year = year.rename(columns={c.STATUS: c.REVENUE_STATUS, c.SOURCE: c.REVENUE_SOURCE})
        firms = firms.join(year[[c.REVENUE_CNY, c.REVENUE_STATUS, c.REVENUE_SOURCE]])
        firms = firms.assign(**{c.WITHHELD: withheld_firms(self.dataset, firms)})
        return firms.sort_values([c.REVENUE_CNY, c.FIRM_ID], ascending=[False, True], na_position="last")

    @cached_property
    def spots(self) -> "pd.Series[str]":
        """Where each of those firms is marked: the place that lends its point, or else its own point."""
        own = [f"at:{lon:.6f},{lat:.6f}" for lon, lat in zip(self.firms[c.LON], self.firms[c.LAT], strict=True)]
        lent = self.firms[c.PLACE_ID]
        return lent.where(lent.notna() & (lent != ""), pd.Series(own, self.firms.index, dtype=object)).astype(object)

    def _rows_shown(self) -> NDArray[np.intp]:
        firms, board = self.dataset.firms, self.board
        keep = firms[c.LON].notna() & firms[c.SUBSECTOR_ID].isin(self.shown)
        keep &= firm_districts(firms, board.place) != c.OUTSIDE
        if self.selection.precisions:
            keep &= firms[c.LOCATION_PRECISION].isin(self.selection.precisions)
        if self.district_id:
            keep &= firm_districts(firms, board.place) == self.district_id
        return np.flatnonzero(keep)

    def _rows_in_focus(self) -> NDArray[np.intp]:
        focus, points = self.selection.focus, firm_points(self.dataset)
        firm = lookup.firm(self.dataset, focus.id) if focus is not None and focus.kind == "firm" else None
        hit = None if firm is None else points.pyramid.nearest(firm[c.LON], firm[c.LAT], LAST_ZOOM)
        if hit is None or focus is None:
            return np.empty(0, np.intp)
        own = [row for row in hit.together if points.firm_ids[row] == focus.id]
        others = [row for row in hit.together if points.firm_ids[row] != focus.id]
        return np.array([*own, *others][:MOST_TOGETHER], np.intp)

    def is_focus(self, kind: str, asked: str) -> bool:
        """Whether the reader looks at this very thing."""
        focus = self.selection.focus
        return focus is not None and focus.kind == kind and focus.id == asked


@once_per_dataset
def display_areas(dataset: Dataset) -> gpd.GeoDataFrame:
    """Outlines with fewer points and digits, shared edges kept shared."""
    areas = simplify_areas(dataset.districts, DISPLAY_TOLERANCE_M)
    return areas.set_geometry(shapely.transform(areas.geometry, lambda xy: xy.round(DISPLAY_DIGITS)))

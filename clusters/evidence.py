"""What the tallies of one year count on: totals of clusters and numbers of large firms, by area and reading of place.

An area is the city or one district of it. Totals are grouped once for each area and reading, however many readings of
however many targets ask.
"""

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from clusters.standing import cluster_totals
from data import columns as c
from data.cube import cube_of
from data.dataset import Dataset, Place
from data.thresholds import firms_over


@dataclass(frozen=True)
class Evidence:
    """Counted facts of one year.

    Attributes
    ----------
    dataset : Dataset
    year : int
    """

    dataset: Dataset
    year: int
    _clusters: dict[tuple[str, Place], pd.DataFrame] = field(default_factory=dict, init=False)

    def has(self, year: int, area_id: str, place: Place) -> bool:
        """Whether a firm of the area was observed in a year."""
        districts = self._observed.get((place, year), set())
        return bool(districts) if self._is_city(area_id) else area_id in districts

    def totals(self, area_id: str, place: Place) -> "pd.Series[int]":
        """Total of each cluster in the area, CNY; NaN where it is withheld."""
        return self.clusters(area_id, place)[c.TOTAL_CNY]

    def clusters(self, area_id: str, place: Place) -> pd.DataFrame:
        """Clusters of the area as ``cluster_totals`` gives them; nobody writes into them."""
        if (area_id, place) not in self._clusters:
            district_id = None if self._is_city(area_id) else area_id
            totals = cluster_totals(cube_of(self.dataset), year=self.year, place=place, district_id=district_id)
            self._clusters[area_id, place] = totals
        return self._clusters[area_id, place]

    def firms_over(
        self, threshold_cny: int, area_id: str, place: Place, *, strictly: bool, year: int, seen_in: int
    ) -> int | None:
        """Firms of the area that pass a threshold in a year and were observed in another (or the same) year.

        ``None`` where a firm is not for this reader: whether it passes is a figure of its own.
        """
        if self._hides({year, seen_in}, area_id, place):
            return None
        counts = firms_over(self.dataset, threshold_cny, strictly=strictly)[place, year, seen_in]
        return sum(counts.values()) if self._is_city(area_id) else counts.get(area_id, 0)

    def _hides(self, years: set[int], area_id: str, place: Place) -> bool:
        """Whether a firm of the area is not for this reader."""
        cube = cube_of(self.dataset)
        if c.HIDDEN not in cube:
            return False
        here = (cube[c.PLACE] == place) & cube[c.YEAR].isin(years)
        return bool(
            cube.loc[here if self._is_city(area_id) else here & (cube[c.DISTRICT_ID] == area_id), c.HIDDEN].any()
        )

    @cached_property
    def _observed(self) -> "dict[tuple[Place, int], set[str]]":
        cube = cube_of(self.dataset)
        cells = cube[cube[c.DISTRICT_ID] != c.OUTSIDE].groupby([c.PLACE, c.YEAR])[c.DISTRICT_ID]
        return {key: set(districts) for key, districts in cells}  # type: ignore[misc]

    def _is_city(self, area_id: str) -> bool:
        return area_id == self.dataset.city_adcode

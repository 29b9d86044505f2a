"""What squares of a city's suitability come to: classes for a map, the best of each district, what is near one.

Classes are shares of the squares that have a score, since a score compares squares of one map and means nothing alone:
the best tenth, the rest of the best quarter, of the best half, and the others. Squares with the same score share a
class, the better one. Left out: how much of a square is land.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clusters.suitability import Suitability
from data import columns as c
from data.dataset import Dataset
from geo.crs import to_metric

BEST_SHARES = (0.5, 0.25, 0.1)
"""Share of the squares in a class and all better ones; the first class takes the others."""

BEST = len(BEST_SHARES)


@dataclass(frozen=True, eq=False)
class SuitabilityClasses:
    """Classes of squares.

    Attributes
    ----------
    of_cell : Series of Int8
        0 to 3, 3 the best; missing where a square has no score.
    least : tuple of float
        Least score of classes 1, 2 and 3; empty without scores.
    """

    of_cell: pd.Series
    least: tuple[float, ...]


def suitability_classes(scores: pd.Series) -> SuitabilityClasses:
    """Classes by rank of some scores.

    Parameters
    ----------
    scores : Series of float
        NaN where there is none.

    Examples
    --------
    >>> found = suitability_classes(pd.Series([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, None]))
    >>> found.of_cell.tolist(), found.least
    ([0, 0, 0, 0, 0, 1, 1, 1, 2, 3, <NA>], (0.6, 0.9, 1.0))
    """
    known = np.sort(scores.dropna().to_numpy(np.float64))[::-1]
    classes = pd.Series(pd.NA, index=scores.index, dtype="Int8")
    if not len(known):
        return SuitabilityClasses(classes, ())
    least = tuple(float(known[max(int(len(known) * share), 1) - 1]) for share in BEST_SHARES)
    there = scores.notna()
    classes[there] = np.searchsorted(np.array(least), scores[there].to_numpy(np.float64), side="right")
    return SuitabilityClasses(classes, least)


def best_by_district(found: Suitability, *, most: int | None = None) -> pd.DataFrame:
    """The best square of each district that has one, the best first.

    Parameters
    ----------
    found : Suitability
    most : int, optional
        How many districts at most.

    Returns
    -------
    DataFrame
        Index ``cell_id``: district_id, score, squares (with a score), best_squares (of them in the best class of the
        city). Of several best squares of a district the first in the grid, from the south-west.
    """
    cells = found.cells.drop(columns="geometry").assign(top=suitability_classes(found.cells[c.SCORE]).of_cell == BEST)
    scored = cells[cells[c.SCORE].notna() & cells[c.DISTRICT_ID].notna()]
    by = scored.groupby(c.DISTRICT_ID, sort=False)
    counted = pd.DataFrame({c.SQUARES: by.size(), c.BEST_SQUARES: by["top"].sum()})
    first = scored.sort_values(c.SCORE, ascending=False, kind="stable").drop_duplicates(c.DISTRICT_ID)
    table: pd.DataFrame = first[[c.DISTRICT_ID, c.SCORE]].join(counted.astype(int), on=c.DISTRICT_ID)
    return table if most is None else table.head(most)


def cell_at(found: Suitability, lon: float, lat: float) -> str | None:
    """Id of the square that holds a place; ``None`` where the city has none."""
    x, y = to_metric(lon, lat, crs=found.grid.crs)
    cell = int(found.grid.cells_of(np.array([x]), np.array([y]))[0])
    return None if cell < 0 else str(found.cells.index[int(found.grid.inside.ravel()[:cell].sum())])


def nearest_park(found: Suitability, dataset: Dataset, cell_id: str) -> tuple[str, float] | None:
    """Id of the park nearest to the center of a square and the straight distance, metres; ``None`` without any."""
    parks = dataset.parks[dataset.parks[c.LON].notna()]
    if parks.empty:
        return None
    lon, lat = (parks[name].to_numpy(np.float64) for name in (c.LON, c.LAT))
    x, y = to_metric(lon, lat, crs=found.grid.crs)
    center = found.cells.geometry[cell_id].centroid
    away = np.hypot(x - center.x, y - center.y)
    nearest = int(np.argmin(away))
    return str(parks.index[nearest]), float(away[nearest])

"""Where a subsector gathers within the city: a grid of cells, and which of them are hot or cold.

All cells of the city are units, those without a firm too: a zero is a fact, and it is what a hot spot is hot against.
Only points that are exact, or a park's, are counted. A street or a district lends one point to all of its firms, and a
pile of firms at that point would be a hot spot that nobody built; choose ``precisions`` to count them all the same.

A firm with parts in several subsectors adds its part: of its revenue to the yuan, of itself as a weight. Left out: when
firms opened or closed (a count is of all firms that we know), and offices elsewhere (a firm has one point).
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from clusters.checking import check_between
from clusters.city_grid import CityGrid, city_grid
from clusters.errors import BadValue, UnknownSubsector
from clusters.hot_spots import getis_ord_g_on_grid
from clusters.permutation_tests import local_permutation_p
from clusters.significance import fdr_adjusted_p, two_sided_p
from clusters.spatial_weights import grid_contiguity
from clusters.standing import check_year
from data import columns as c
from data.dataset import Dataset, firm_column
from data.parts import FirmParts, firm_parts, observed_parts
from data.reference import subsector_ids
from data.weights import WHOLE
from geo.crs import to_metric

CellMeasure = Literal["firms", "revenue"]


class HotSpotKind(StrEnum):
    """What a cell is; the value is part of keys of words."""

    HOT = "hot"
    COLD = "cold"
    NOT_SIGNIFICANT = "not_significant"
    NOT_TESTED = "not_tested"


@dataclass(frozen=True, eq=False)
class HotSpotCells:
    """Cells of a city for one subsector, and what they rest on.

    Attributes
    ----------
    cells : GeoDataFrame
        Squares in the city's metric system, index ``cell_id``, in rows from the south-west: known_firms (with a part
        in the subsector and a point here), weighted_firms (by their parts), total_cny (of the year; 0 for all without
        one), z, p, p_adjusted, tested, kind.
    measure : 'firms' or 'revenue'
        Which of weighted_firms and total_cny was tested.
    year : int or None
    tested : int
        How many cells were tested.
    firms, imprecise_firms, outside_firms : int
        Firms of the subsector that are in the cells; that have no point of the precision asked for; whose point lies
        in no cell of the city.
    draws : int
        How many times values were dealt out for p; 0 when it is the normal distribution's.
    """

    cells: gpd.GeoDataFrame
    measure: CellMeasure
    year: int | None
    tested: int
    firms: int
    imprecise_firms: int
    outside_firms: int
    draws: int


def hot_spot_cells(
    dataset: Dataset, subsector_id: str, *, rng: np.random.Generator | None, draws: int = 99_999,
    measure: CellMeasure = "firms", year: int | None = None, cell_m: float = 1_000.0,
    precisions: Collection[str] = ("exact", "park"), star: bool = True, level: float = 0.05,
) -> HotSpotCells:  # fmt: skip
    """Hot and cold cells of one subsector in a dataset.

    Parameters
    ----------
    dataset : Dataset
    subsector_id : str
        One of the plan's subsectors, or one that a firm lies in.
    rng : numpy.random.Generator or None
        Draws p. With None p is that of the normal distribution, which has to be asked for: where firms are few or
        revenue is tested, it names cells in cities where nothing is.
    draws : int
        How many times values are dealt out, when there is a generator; at least 999.
    measure : 'firms' or 'revenue'
        What is added up in each cell.
    year : int, optional
        Whose revenue; 'revenue' needs one.
    cell_m : float
        Side of a cell, metres.
    precisions : collection of str
        How well a point has to be known: any of exact, park, street, district.
    star : bool
        Gi* when true, Gi when false.
    level : float
        Largest adjusted p of a cell that is called hot or cold, above 0 and below 1.

    Returns
    -------
    HotSpotCells

    Raises
    ------
    UnknownSubsector, UnknownYear
    BadValue
        When the revenue of no year is asked for, or a number is out of its range.

    Notes
    -----
    Gi* (or Gi) of `clusters.hot_spots.getis_ord_g_on_grid` over all cells whose center lies in the city, p adjusted for
    the false discovery rate over the cells that have a neighbor.

    Reading: In a hot cell and those around it there is more of the subsector than its total, dealt out over the city at
    random, would put there. ``tested`` cells and the three counts of firms belong beside every map.

    Limits: With nothing there, p of the normal distribution names some cell in 5 % of cities when values are normal, in
    7 % with five firms a cell, 16 % with one, 70 % with 0.1 and nearly always with revenue; drawn p stays within its
    level (``docs/reliability.md``). That has a price: it finds fewer planted spots, and a single giant is no spot to
    it. Fewer draws name fewer cells: of 2 600, eleven have to be hot before 9 999 draws name any. A cell of few firms
    tells of each: suppress before showing to whoever may not know them.
    """
    if measure not in ("firms", "revenue") or (measure == "revenue" and year is None):
        raise BadValue("measure", f"{measure!r} and year {year}", "'firms', or 'revenue' and a year")
    parts = firm_parts(dataset.firms)
    chosen = np.flatnonzero(_is_of(parts.firms[c.SUBSECTOR_ID], subsector_id))
    if not chosen.size and subsector_id not in (known := subsector_ids()):
        raise UnknownSubsector(subsector_id, known)
    grid = city_grid(dataset.districts, cell_m=cell_m)
    x, y = _points(dataset.firms, parts.firm[chosen], grid.crs)
    precise = np.isfinite(x) & firm_column(parts.firms, c.LOCATION_PRECISION).iloc[chosen].isin(list(precisions))
    cell = np.where(precise, grid.cells_of(x, y), -1)
    weight = parts.weight[chosen] / WHOLE
    revenue = np.zeros(chosen.size, np.int64) if year is None else _revenue(dataset, parts, year)[chosen]
    table = cell_table(cell, weight, revenue, grid)
    values = table[c.WEIGHTED_FIRMS if measure == "firms" else c.TOTAL_CNY].to_numpy(np.float64)
    found = cell_kinds(values, grid.inside, star=star, level=level, rng=rng, draws=draws)
    placed = int((cell >= 0).sum())
    return HotSpotCells(
        cells=gpd.GeoDataFrame(table.join(found.set_axis(table.index)), geometry=grid.squares().set_axis(table.index)),
        measure=measure,
        year=year,
        tested=int(found[c.TESTED].sum()),
        firms=placed,
        imprecise_firms=int((~precise).sum()),
        outside_firms=int(precise.sum()) - placed,
        draws=0 if rng is None else draws,
    )


def cell_table(
    cell: NDArray[np.int64], weight: NDArray[np.float64], revenue: NDArray[np.int64], grid: CityGrid
) -> pd.DataFrame:
    """Firms added up in the cells of a city.

    Parameters
    ----------
    cell : ndarray of int
        Cell of each firm, from `CityGrid.cells_of`; -1 is left out.
    weight : ndarray of float
        Part of each firm that counts, 0 to 1.
    revenue : ndarray of int64
        Of that part, CNY.
    grid : CityGrid

    Returns
    -------
    DataFrame
        Index ``cell_id``: known_firms, weighted_firms, total_cny (exact), of each cell of the city, zeros included.
    """
    here, size = cell >= 0, grid.inside.size
    inside = grid.inside.ravel()
    total = np.zeros(size, np.int64)
    np.add.at(total, cell[here], revenue[here])
    x, y = grid.corners()
    ids = [f"E{east:.0f}N{north:.0f}" for east, north in zip(x, y, strict=True)]
    return pd.DataFrame(
        {
            c.KNOWN_FIRMS: np.bincount(cell[here], minlength=size)[inside],
            c.WEIGHTED_FIRMS: np.bincount(cell[here], weight[here], size)[inside],
            c.TOTAL_CNY: total[inside],
        },
        index=pd.Index(ids, name=c.CELL_ID),
    )


def cell_kinds(
    values: ArrayLike, inside: ArrayLike, *, suppressed: ArrayLike | None = None, star: bool = True,
    level: float = 0.05, rng: np.random.Generator | None = None, draws: int = 99_999,
) -> pd.DataFrame:  # fmt: skip
    """Which cells are hot, which cold.

    Parameters
    ----------
    values : array_like of float
        One for each cell inside, in the order of rows.
    inside : array_like of bool, (rows, columns)
        Which cells are units.
    suppressed : array_like of bool, optional
        For each cell inside, whether nothing may be said of it: it is not tested. Its value still counts in the sums
        around it, from which it can be worked out; a value that nobody may learn has to be taken away beforehand.
    star : bool
        Gi* when true, Gi when false.
    level : float
        Largest adjusted p of a cell that is called hot or cold, above 0 and below 1.
    rng : numpy.random.Generator, optional
        Draws p; without one p is that of the normal distribution.
    draws : int
        How many times values are dealt out, when there is a generator; at least 999.

    Returns
    -------
    DataFrame
        z, p, p_adjusted, tested, kind, one row a cell. A cell without a neighbor, and every cell when all values are
        alike, is ``not_tested``.

    Raises
    ------
    BadValue

    Examples
    --------
    A row of 100 cells with three busy ones in its middle: those three and the cells beside them are hot.

    >>> values = np.zeros(100)
    >>> values[50:53] = 9
    >>> kinds = cell_kinds(values, np.ones((1, 100)))["kind"]
    >>> kinds.index[kinds == "hot"].tolist()
    [49, 50, 51, 52, 53]
    """
    check_between(level, "level", low=0, high=1)
    mask = np.asarray(inside, bool)
    grid = np.zeros(mask.shape)
    grid[mask] = values
    z = getis_ord_g_on_grid(grid, inside=mask, star=star)[mask]
    weights = grid_contiguity(mask)
    p = (
        two_sided_p(z)
        if rng is None
        else local_permutation_p(grid[mask], weights, rng=rng, draws=draws)["p"].to_numpy()
    )
    tested = (np.diff(weights.indptr) > 0) & np.isfinite(z)
    if suppressed is not None:
        tested &= ~np.asarray(suppressed, bool)
    adjusted = fdr_adjusted_p(p, tested=tested)
    kind = np.full(z.size, HotSpotKind.NOT_TESTED, object)
    kind[tested] = HotSpotKind.NOT_SIGNIFICANT
    kind[tested & (adjusted <= level) & (z > 0)] = HotSpotKind.HOT
    kind[tested & (adjusted <= level) & (z < 0)] = HotSpotKind.COLD
    return pd.DataFrame({c.Z: z, c.P: p, c.P_ADJUSTED: adjusted, c.TESTED: tested, c.KIND: kind.astype(str)})


def _is_of(subsectors: pd.Series, subsector_id: str) -> NDArray[np.bool_]:
    return np.asarray((subsectors == subsector_id).fillna(False), bool)


def _points(firms: pd.DataFrame, rows: NDArray[np.int64], crs: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Easting and northing of some firms, NaN without a point."""
    lon, lat = (
        pd.to_numeric(firm_column(firms, name).iloc[rows]).to_numpy(np.float64, na_value=np.nan)
        for name in (c.LON, c.LAT)
    )
    return to_metric(lon, lat, crs=crs)


def _revenue(dataset: Dataset, parts: FirmParts, year: int) -> NDArray[np.int64]:
    """Revenue of each part of a firm in one year, CNY."""
    observed = observed_parts(dataset, parts)
    of_year = observed.year == check_year(dataset, year)
    total = np.zeros(len(parts.firm), np.int64)
    np.add.at(total, observed.firm[of_year], observed.revenue[of_year])
    return total

"""A square grid of cells over a city, in metres, and how firms are added up in it.

Cells have one size and are laid from the origin of the city's metric system, not from the data, so that a cell stays
where it is when firms come and go. A cell is of the city when its center is: at the edge part of a cell may lie beyond,
and a firm in the city whose cell's center is not goes uncounted; how many do is told. Left out: what of a cell can be
built on at all; water and mountains count as cells without firms.
"""

from dataclasses import dataclass
from math import floor

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from clusters.errors import BadValue
from geo.crs import from_metric, metric_crs
from geo.locate import index_areas

MOST_CELLS = 4_000_000

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CityGrid:
    """Columns and rows of square cells, the first in the south-west.

    Attributes
    ----------
    crs : int
        EPSG code of the metric system.
    cell_m : float
        Side of a cell, metres.
    first_column, first_row : int
        Whole cells from the origin of the metric system to the first cell.
    inside : ndarray of bool, (rows, columns)
        Which cells are of the city.
    """

    crs: int
    cell_m: float
    first_column: int
    first_row: int
    inside: NDArray[np.bool_]

    def cells_of(self, x: ArrayLike, y: ArrayLike) -> Ints:
        """Cell of each point, counted along the rows; -1 beyond the city's cells and for NaN.

        A point on the line between two cells is of the eastern or northern one.
        """
        rows, columns = self.inside.shape
        column = np.floor(np.asarray(x, np.float64) / self.cell_m) - self.first_column
        row = np.floor(np.asarray(y, np.float64) / self.cell_m) - self.first_row
        on_grid = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        cell = np.where(on_grid, row * columns + column, 0).astype(np.int64)
        return np.where(on_grid & self.inside.ravel()[cell], cell, -1)

    def corners(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Easting and northing of the south-west corner of each cell inside, metres, in the order of rows."""
        row, column = np.nonzero(self.inside)
        east, north = (self.first_column + column) * self.cell_m, (self.first_row + row) * self.cell_m
        return np.asarray(east, np.float64), np.asarray(north, np.float64)

    def squares(self) -> gpd.GeoSeries:
        """Outline of each cell inside, in the metric system."""
        x, y = self.corners()
        return gpd.GeoSeries(shapely.box(x, y, x + self.cell_m, y + self.cell_m), crs=self.crs)


def city_grid(districts: gpd.GeoDataFrame, *, cell_m: float = 1_000.0) -> CityGrid:
    """Cells over a city.

    Parameters
    ----------
    districts : GeoDataFrame
        Polygons in EPSG:4326 that make up the city.
    cell_m : float
        Side of a cell, metres, above 0.

    Returns
    -------
    CityGrid
        In the metric system of the city's middle longitude (EPSG:4547 for Shenzhen).

    Raises
    ------
    BadValue
        When the side is not above 0, or so small that there would be more than four million cells.

    Examples
    --------
    A town of 10.3 by 11.1 km that begins 4 km up in a row of cells: two by two centers are inside.

    >>> town = gpd.GeoDataFrame(geometry=[shapely.box(114, 22.5, 114.1, 22.6)], crs="EPSG:4326")
    >>> grid = city_grid(town, cell_m=5_000)
    >>> grid.crs, grid.inside.astype(int).tolist()
    (4547, [[0, 0, 0], [1, 1, 0], [1, 1, 0], [0, 0, 0]])
    """
    if not 0 < cell_m < np.inf:
        raise BadValue("cell_m", f"{cell_m}", "a number of meters above 0")
    lon_west, _, lon_east, _ = districts.total_bounds
    crs = metric_crs((lon_west + lon_east) / 2)
    x0, y0, x1, y1 = districts.to_crs(crs).total_bounds
    first_column, first_row = floor(x0 / cell_m), floor(y0 / cell_m)
    columns, rows = floor(x1 / cell_m) - first_column + 1, floor(y1 / cell_m) - first_row + 1
    if columns * rows > MOST_CELLS:
        raise BadValue("cell_m", cell_m, f"longer for at most {MOST_CELLS} cells, not {columns} × {rows}")
    center_x, center_y = np.meshgrid(
        (first_column + np.arange(columns) + 0.5) * cell_m, (first_row + np.arange(rows) + 0.5) * cell_m
    )
    lon, lat = from_metric(center_x.ravel(), center_y.ravel(), crs=crs)
    inside = index_areas(districts).locate(lon, lat) >= 0
    return CityGrid(crs, float(cell_m), first_column, first_row, inside.reshape(rows, columns))

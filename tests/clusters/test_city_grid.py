"""Cells over a city: four towns, a point on a line, where the centers lie, and what is refused."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from clusters.city_grid import CityGrid, city_grid
from clusters.errors import BadValue
from data.dataset import Dataset
from geo.crs import from_metric, to_metric

STAIR = CityGrid(4547, 100.0, 50, 20, np.array([[True, True, False], [True, False, False]]))


def test_each_point_falls_into_its_cell_by_hand() -> None:
    """Cells of 100 m from (5000, 2000); those inside are 0, 1 and, in the second row of three, 3."""
    x = [5000, 5099.9, 5100, 5200, 5050, 5150, 4999, 5050, np.nan]
    y = [2000, 2099.9, 2000, 2000, 2100, 2100, 2000, 1999, 2050]
    assert STAIR.cells_of(x, y).tolist() == [0, 0, 1, -1, 3, -1, -1, -1, -1]


def test_corners_and_squares_are_those_of_the_cells_inside_in_rows() -> None:
    x, y = STAIR.corners()
    assert (x.tolist(), y.tolist()) == ([5000, 5100, 5000], [2000, 2000, 2100])
    assert STAIR.squares().area.tolist() == [1e4] * 3
    assert STAIR.squares().crs.to_epsg() == 4547


@given(st.sampled_from([0.1, 1 / 3, 7.7, 1000.0]))
def test_the_middle_of_every_square_falls_into_its_own_cell(cell_m: float) -> None:
    grid = CityGrid(4547, cell_m, 123_457, 765_431, np.ones((3, 4), bool))
    x, y = grid.corners()
    assert grid.cells_of(x + cell_m / 2, y + cell_m / 2).tolist() == list(range(12))


def test_a_cell_is_of_the_city_when_its_center_is(four_towns: Dataset) -> None:
    """Against each cell's center asked of the union of the towns."""
    grid = city_grid(four_towns.districts, cell_m=1_500)
    rows, columns = grid.inside.shape
    x = (grid.first_column + np.tile(np.arange(columns), rows) + 0.5) * 1_500
    y = (grid.first_row + np.repeat(np.arange(rows), columns) + 0.5) * 1_500
    city = shapely.union_all(four_towns.districts.geometry.to_numpy())
    assert (shapely.contains_xy(city, *from_metric(x, y, crs=grid.crs)) == grid.inside.ravel()).all()
    fine, area_m2 = city_grid(four_towns.districts, cell_m=100), four_towns.districts.to_crs(grid.crs).area.sum()
    assert fine.inside.sum() * 100**2 == pytest.approx(area_m2, rel=0.01)


def test_cells_stay_where_they_are_when_the_city_grows(four_towns: Dataset) -> None:
    """A cell is found by its corner, whatever else belongs to the city."""
    few, all_towns = city_grid(four_towns.districts.iloc[:2]), city_grid(four_towns.districts)
    assert set(zip(*few.corners(), strict=True)) < set(zip(*all_towns.corners(), strict=True))


def test_shenzhen_is_laid_out_in_its_own_zone(dataset: Dataset) -> None:
    grid = city_grid(dataset.districts)
    assert grid.crs == 4547
    assert 2_300 < grid.inside.sum() < 2_900  # about as many km²: with 深汕, and with some water
    assert grid.cells_of(*to_metric(114.057, 22.543, crs=4547)) >= 0  # in 福田


@pytest.mark.parametrize("cell_m", [0, -1, np.nan, np.inf])
def test_a_side_that_is_none_is_told(cell_m: float, four_towns: Dataset) -> None:
    with pytest.raises(BadValue, match=f"cell_m must be a number of meters above 0; got {cell_m}"):
        city_grid(four_towns.districts, cell_m=cell_m)


def test_too_many_cells_are_refused_before_they_are_made(four_towns: Dataset) -> None:
    with pytest.raises(BadValue, match="at most 4000000 cells"):
        city_grid(four_towns.districts, cell_m=1)


def test_districts_are_untouched(four_towns: Dataset) -> None:
    before = four_towns.districts.copy(deep=True)
    city_grid(four_towns.districts)
    assert isinstance(before, gpd.GeoDataFrame)
    assert before.equals(four_towns.districts)

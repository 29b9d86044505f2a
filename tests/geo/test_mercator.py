"""The square of web mercator and its Morton order."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pyproj import Transformer

from geo.mercator import (
    EQUATOR_M,
    LATITUDE_LIMIT,
    SIDE,
    apart,
    in_square,
    interleave,
    latitude,
    mercator,
    steps,
    tile_of,
)

STEP = st.integers(0, SIDE - 1)


@given(st.lists(st.tuples(STEP, STEP), min_size=1))
def test_a_code_keeps_column_and_row(pairs: list[tuple[int, int]]) -> None:
    columns, rows = np.array(pairs).T
    again = apart(interleave(columns, rows))
    assert_array_equal(again[0], columns)
    assert_array_equal(again[1], rows)


@given(STEP, STEP)
def test_a_code_interleaves_the_bits(column: int, row: int) -> None:
    expected = sum(((column >> k & 1) | (row >> k & 1) << 1) << 2 * k for k in range(28))
    assert int(interleave(column, row)) == expected


def test_the_square_agrees_with_proj() -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(-180, 180, 1000), rng.uniform(-85, 85, 1000)
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform(lon, lat)
    ours = mercator(lon, lat)
    assert_allclose((ours[0] - 0.5) * EQUATOR_M, x, atol=1e-6)
    assert_allclose((0.5 - ours[1]) * EQUATOR_M, y, atol=1e-6)


@given(st.floats(-LATITUDE_LIMIT, LATITUDE_LIMIT))
def test_latitude_goes_there_and_back(lat: float) -> None:
    assert latitude(float(mercator(0.0, lat)[1])) == pytest.approx(lat, abs=1e-9)


def test_the_corners_have_a_step() -> None:
    columns, rows = steps([-180, 180, 0], [LATITUDE_LIMIT, -LATITUDE_LIMIT, 0])
    assert columns.tolist() == [0, SIDE - 1, SIDE // 2]
    assert rows.tolist() == [0, SIDE - 1, SIDE // 2]


@pytest.mark.parametrize(("lon", "lat"), [(181, 0), (0, 85.06), (0, -91), (np.nan, 0), (0, np.inf), (-np.inf, np.nan)])
def test_a_place_beyond_the_square_has_none(lon: float, lat: float) -> None:
    assert not in_square(lon, lat)


def test_a_tile_is_that_of_the_slippy_map() -> None:
    assert tile_of(0.0, 0.0, 0) == (0, 0)
    assert tile_of(-179.9, 85.0, 3) == (0, 0)
    lon, lat, side = 114.0596, 22.5429, 2**12
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side  # as OpenStreetMap's wiki writes it
    assert tile_of(lon, lat, 12) == (int((lon + 180) / 360 * side), int(row)) == (3345, 1784)

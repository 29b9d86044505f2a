"""Which places meet a box, also across the antimeridian, and how they are written."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from api.ogc.places import Points, Shapes

LON, LAT = np.array([114.0, 179.9, -179.9, np.nan, 0.0]), np.array([22.5, 0.0, 0.0, np.nan, 0.0])


@pytest.mark.parametrize(
    ("box", "met"),
    [
        ((114.0, 22.5, 114.0, 22.5), [0]),  # a point on its corners
        ((113.9, 22.4, 113.99, 22.6), []),
        ((-180.0, -90.0, 180.0, 90.0), [0, 1, 2, 4]),
        ((170.0, -10.0, -170.0, 10.0), [1, 2]),
        ((179.9, 0.0, -179.9, 0.0), [1, 2]),
    ],
)
def test_points_and_outlines_meet_the_same_boxes(box: tuple[float, float, float, float], met: list[int]) -> None:
    points = Points(LON, LAT)
    there = np.isfinite(LON)
    shapes = np.full(len(LON), None, object)
    shapes[there] = shapely.points(LON[there], LAT[there])
    for places in (points, Shapes(shapes)):
        assert np.flatnonzero(places.meet(box)).tolist() == met
        assert np.flatnonzero(places.nowhere()).tolist() == [3]
        assert places.bounds() == (-179.9, 0.0, 179.9, 22.5)


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=5))
def test_a_point_comes_back_as_it_is(places: list[tuple[float, float]]) -> None:
    lon, lat = np.array(places).T
    written = Points(lon, lat).geojson(np.arange(len(places)))
    assert [tuple(json.loads(one)["coordinates"]) for one in written] == places


def test_outlines_turn_counter_clockwise_and_nothing_is_null() -> None:
    clockwise = shapely.Polygon([(0, 0), (0, 1), (1, 1), (1, 0)])
    written = Shapes(np.array([clockwise, None], object)).geojson(np.array([0, 1]))
    assert shapely.is_ccw(shapely.from_geojson(written[0]).exterior)
    assert written[1] == "null"


def test_no_place_at_all_has_no_bounds() -> None:
    assert Points(np.array([np.nan]), np.array([np.nan])).bounds() is None
    assert Shapes(np.array([None], object)).bounds() is None

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import STORAGE_CRS, check_degrees, from_metric, metric_crs, on_globe, to_metric
from geo.errors import CoordinateError, CoordinatesOutOfRange, UnsuitableCRS


@pytest.mark.parametrize("meridian", range(75, 136, 3))
def test_each_meridian_has_the_code_that_carries_its_name(meridian):
    for lon in (meridian - 1.5, meridian, meridian + 1.499):
        assert pyproj.CRS.from_epsg(metric_crs(lon)).name == f"CGCS2000 / 3-degree Gauss-Kruger CM {meridian}E"


def test_the_ends_of_china_take_the_nearest_zone():
    assert metric_crs(73.499) == 4534
    assert metric_crs(137.0) == 4554


@pytest.mark.parametrize("lon", [71.9, 138.1, -114.0, float("nan"), float("inf")])
def test_a_longitude_without_a_zone_is_refused(lon):
    with pytest.raises(CoordinateError, match="no 3-degree CGCS2000 zone"):
        metric_crs(lon)


@given(st.floats(112.5, 115.5), st.floats(18, 54))
@settings(max_examples=100, deadline=None)
def test_metres_lead_back_to_degrees(lon, lat):
    x, y = to_metric(lon, lat, crs=4547)
    assert from_metric(x, y, crs=4547) == pytest.approx((lon, lat), abs=1e-11)


def test_distances_agree_with_the_geodesic():
    lon, lat = [113.811, 114.55], [22.64, 22.60]
    x, y = to_metric(lon, lat, crs="EPSG:4547")
    _, _, geodesic_m = pyproj.Geod(ellps="WGS84").inv(lon[0], lat[0], lon[1], lat[1])
    assert np.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(geodesic_m, rel=1e-4)


def test_x_is_the_easting_and_the_central_meridian_has_half_a_million():
    x, y = to_metric(114.0, 22.5, crs=4547)
    assert x == pytest.approx(500_000, abs=1e-6)
    assert y == pytest.approx(2_489_167.311, abs=1e-3)


def test_what_is_unknown_stays_unknown():
    for pair in (to_metric([np.nan, 114, np.inf], [22, np.nan, 22], crs=4547), from_metric(np.nan, 1, crs=4547)):
        assert np.isnan(pair).all()


def test_degrees_out_of_range_are_refused():
    with pytest.raises(CoordinatesOutOfRange):
        to_metric(22.5, 114.0, crs=4547)


@pytest.mark.parametrize("crs", [STORAGE_CRS, "EPSG:2263", 999_999, "nowhere"])
def test_a_system_that_is_not_in_metres_is_refused(crs):  # EPSG:2263 counts in feet
    with pytest.raises(UnsuitableCRS):
        to_metric(114.0, 22.5, crs=crs)


def test_the_globe_is_closed_and_holds_no_infinity():
    assert on_globe([180, -180, 180.1, np.inf, 0], [90, -90, 0, 0, np.nan]).tolist() == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_checked_degrees_are_fresh_arrays():
    lon = np.array([114.0, np.inf])
    checked, _ = check_degrees(lon, 22.5)
    checked[0] = 0
    assert lon.tolist() == [114.0, np.inf]

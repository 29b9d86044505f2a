import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import datum
from geo.errors import CoordinateError

# (WGS84, GCJ-02, BD-09), lon before lat, from wgs2gcj and wgs2bd of coord-convert 0.2.1 (PyPI); prcoords 1.0.2 (PyPI),
# wgs_gcj and wgs_bd, gives the same to the last digit.
PUBLISHED = {
    "福田": ((114.0579, 22.5431), (114.06301399856547, 22.54038281422246), (114.06956398703267, 22.546041559073544)),
    "宝安机场": ((113.811, 22.64), (113.81606462213058, 22.63708153662896), (113.82261579935701, 22.642744269125295)),
    "大亚湾": ((114.55, 22.6), (114.55455022666344, 22.59700803812412), (114.56111759302934, 22.60276298915549)),
    "北京": ((116.404, 39.915), (116.41024449916938, 39.91640428150164), (116.41662724378733, 39.922699552216216)),
    "乌鲁木齐": ((87.6168, 43.8256), (87.61964994946926, 43.82680539311119), (87.62609977081571, 43.83294979479328)),
    "上海": ((121.4737, 31.2304), (121.47822305927693, 31.22845773757727), (121.484781468503, 31.234310593689997)),
}
LAST_BITS_DEG = 1.2e-13  # four steps of a double beyond 128°
PLACES = [pytest.param(*pairs, id=name) for name, pairs in PUBLISHED.items()]
IN_CHINA = st.tuples(st.floats(73.5, 135.1), st.floats(3.8, 53.6))
ANY_SHIFT = [
    datum.wgs84_to_gcj02,
    datum.gcj02_to_wgs84,
    datum.gcj02_to_wgs84_one_step,
    datum.gcj02_to_bd09,
    datum.bd09_to_gcj02,
    datum.bd09_to_gcj02_one_step,
    datum.wgs84_to_bd09,
    datum.bd09_to_wgs84,
]


def metres_between(start, end):
    """East and north metres on a sphere; ample for a few hundred metres."""
    degree_m = np.pi / 180 * 6_371_008.8
    return (end[0] - start[0]) * degree_m * np.cos(np.radians(start[1])), (end[1] - start[1]) * degree_m


@pytest.mark.parametrize(("wgs84", "gcj02", "bd09"), PLACES)
def test_forward_formulas_give_the_published_pairs(wgs84, gcj02, bd09):
    assert datum.wgs84_to_gcj02(*wgs84) == pytest.approx(gcj02, abs=LAST_BITS_DEG)
    assert datum.gcj02_to_bd09(*gcj02) == pytest.approx(bd09, abs=LAST_BITS_DEG)
    assert datum.wgs84_to_bd09(*wgs84) == pytest.approx(bd09, abs=LAST_BITS_DEG)


@pytest.mark.parametrize(("wgs84", "gcj02", "bd09"), PLACES)
def test_iterated_inverses_lead_the_published_pairs_back(wgs84, gcj02, bd09):
    assert datum.gcj02_to_wgs84(*gcj02) == pytest.approx(wgs84, abs=LAST_BITS_DEG)
    assert datum.bd09_to_gcj02(*bd09) == pytest.approx(gcj02, abs=LAST_BITS_DEG)
    assert datum.bd09_to_wgs84(*bd09) == pytest.approx(wgs84, abs=2 * LAST_BITS_DEG)


@given(IN_CHINA)
@settings(max_examples=300, deadline=None)
def test_anywhere_in_china_the_inverse_undoes_the_shift(place):
    assert datum.gcj02_to_wgs84(*datum.wgs84_to_gcj02(*place)) == pytest.approx(place, abs=LAST_BITS_DEG)
    assert datum.bd09_to_gcj02(*datum.gcj02_to_bd09(*place)) == pytest.approx(place, abs=LAST_BITS_DEG)
    assert datum.bd09_to_wgs84(*datum.wgs84_to_bd09(*place)) == pytest.approx(place, abs=2 * LAST_BITS_DEG)


@given(IN_CHINA)
@settings(max_examples=300, deadline=None)
def test_anywhere_in_china_the_shift_undoes_the_inverse(place):
    assert datum.wgs84_to_gcj02(*datum.gcj02_to_wgs84(*place)) == pytest.approx(place, abs=LAST_BITS_DEG)
    assert datum.gcj02_to_bd09(*datum.bd09_to_gcj02(*place)) == pytest.approx(place, abs=LAST_BITS_DEG)


@pytest.mark.parametrize("name", ["福田", "宝安机场", "大亚湾"])
def test_shifts_in_shenzhen_have_the_measured_size(name):
    wgs84, gcj02, bd09 = PUBLISHED[name]
    east_m, north_m = metres_between(wgs84, gcj02)
    assert 460 < east_m < 530
    assert -335 < north_m < -290
    east_m, north_m = metres_between(wgs84, bd09)
    assert 1118 < east_m < 1200
    assert 305 < north_m < 360


def test_one_step_inverses_miss_by_metres_and_centimetres():
    wgs84, gcj02, bd09 = PUBLISHED["福田"]
    assert np.hypot(*metres_between(wgs84, datum.gcj02_to_wgs84_one_step(*gcj02))) == pytest.approx(1.07, abs=0.01)
    assert np.hypot(*metres_between(gcj02, datum.bd09_to_gcj02_one_step(*bd09))) == pytest.approx(0.024, abs=0.001)


@pytest.mark.parametrize("shift", ANY_SHIFT)
def test_scalars_give_floats_and_arrays_give_arrays_of_their_shape(shift):
    lon, lat = shift(114.0579, 22.5431)
    assert type(lon) is float
    assert type(lat) is float
    lons, lats = shift([[114.0579, 114.0579]], np.float32(22.5))
    assert lons.shape == lats.shape == (1, 2)
    assert lons.dtype == lats.dtype == np.float64
    lons, lats = shift(pd.Series([114.0579], index=["a"]), pd.Series([22.5431], index=["a"]))
    assert (lons[0], lats[0]) == (lon, lat)


@pytest.mark.parametrize("shift", ANY_SHIFT)
def test_a_row_does_not_depend_on_the_others(shift):
    lon, lat = np.array([114.0579, 87.6168, 121.4737]), np.array([22.5431, 43.8256, 31.2304])
    together = np.column_stack(shift(lon, lat))
    assert together.tolist() == [list(shift(*place)) for place in zip(lon, lat, strict=True)]


@pytest.mark.parametrize("shift", ANY_SHIFT)
def test_what_is_not_a_number_stays_unknown_in_both_columns(shift):
    lon, lat = shift([np.nan, np.inf, 114.0, 114.0], [22.5, 22.5, -np.inf, 22.5])
    assert np.isnan(lon).tolist() == np.isnan(lat).tolist() == [True, True, True, False]


@pytest.mark.parametrize("shift", ANY_SHIFT)
def test_an_empty_column_stays_empty(shift):
    lon, lat = shift([], [])
    assert lon.shape == lat.shape == (0,)


@pytest.mark.parametrize("shift", ANY_SHIFT)
def test_inputs_come_back_untouched(shift):
    lon, lat = np.array([114.0579, np.inf]), np.array([22.5431, 22.5])
    kept = lon.copy(), lat.copy()
    given_out = shift(lon, lat)
    np.testing.assert_array_equal(lon, kept[0])
    np.testing.assert_array_equal(lat, kept[1])
    assert not np.shares_memory(given_out[0], lon)


@pytest.mark.parametrize("shift", ANY_SHIFT)
@pytest.mark.parametrize("place", [(22.54, 114.06), (180.1, 0), (-181, 0), (0, -90.1)])
def test_what_is_not_on_the_globe_is_refused(shift, place):
    with pytest.raises(CoordinateError, match="out of range"):
        shift(*place)


def test_the_refusal_counts_the_rows_and_carries_the_first():
    with pytest.raises(CoordinateError) as refusal:
        datum.wgs84_to_gcj02([114.0, 22.5, 22.6, np.nan], [22.5, 114.0, 114.1, 200.0])
    assert (refusal.value.count, refusal.value.first_lon, refusal.value.first_lat) == (2, 22.5, 114.0)


def test_gcj02_equals_wgs84_outside_the_box_around_china():
    tokyo = (139.77, 35.68)
    assert datum.wgs84_to_gcj02(*tokyo) == tokyo
    assert datum.gcj02_to_wgs84(*tokyo) == tokyo
    assert datum.gcj02_to_wgs84_one_step(*tokyo) == tokyo

from contextlib import suppress

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from geo.crs import to_metric
from geo.datum import wgs84_to_bd09, wgs84_to_gcj02
from geo.datums import Datum, as_datum, mentioned_datum, read_datum, repair_areas, to_wgs84, zone_of
from geo.errors import UnusableDatum

FUTIAN = (114.0579, 22.5431)
PROJECTED = [datum for datum in Datum if datum.is_projected]
IN_SHENZHEN = st.tuples(st.floats(113.7, 115.2), st.floats(22.4, 23.0))


def test_there_are_four_datums_in_degrees_and_the_zones_of_cgcs2000():
    assert [datum.value for datum in Datum if not datum.is_projected] == ["wgs84", "cgcs2000", "gcj02", "bd09"]
    assert [datum.epsg for datum in PROJECTED] == list(range(4491, 4555))
    assert Datum.GCJ02.epsg is None
    assert Datum.CGCS2000.epsg == 4490


@pytest.mark.parametrize("datum", PROJECTED)
def test_every_zone_has_the_meridian_and_the_easting_of_its_code(datum):
    meridian, false_easting = zone_of(datum)
    parameters = {each.name: each.value for each in CRS.from_epsg(datum.epsg).coordinate_operation.params}
    assert meridian == parameters["Longitude of natural origin"]
    assert false_easting == parameters["False easting"]


def test_degrees_have_no_zone():
    with pytest.raises(UnusableDatum):
        zone_of(Datum.BD09)


@given(IN_SHENZHEN)
def test_every_datum_leads_back_to_wgs84(place):
    lon, lat = place
    shifted = {
        Datum.WGS84: (lon, lat),
        Datum.CGCS2000: (lon, lat),
        Datum.GCJ02: wgs84_to_gcj02(lon, lat),
        Datum.BD09: wgs84_to_bd09(lon, lat),
        Datum("epsg:4547"): to_metric(lon, lat, crs=4547),
        Datum("epsg:4526"): to_metric(lon, lat, crs=4526),
        Datum("epsg:4498"): to_metric(lon, lat, crs=4498),
        Datum("epsg:4509"): to_metric(lon, lat, crs=4509),
    }
    for datum, (x, y) in shifted.items():
        assert to_wgs84(x, y, datum) == (pytest.approx(lon, abs=1e-8), pytest.approx(lat, abs=1e-8)), datum


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000", "gcj02", "bd09", "epsg:4547", "epsg:4526"])
def test_what_is_no_position_is_nan_in_both(datum):
    x = np.array([np.nan, 114.0, np.inf, 1e300, 4.9e9, -1e12])
    y = np.array([22.5, np.nan, 22.5, 22.5, 1e9, 1e300])
    before = x.copy(), y.copy()
    assert np.isnan(to_wgs84(x, y, datum)).all()
    np.testing.assert_array_equal((x, y), before)


def test_a_repair_of_wgs84_gives_arrays_of_its_own():
    x = np.array([114.0])
    lon, _ = to_wgs84(x, np.array([22.5]), Datum.WGS84)
    lon[0] = 0
    assert x[0] == 114.0


def test_metres_of_another_zone_are_no_position():
    """38 stands for the zone; a number without it is 38,000 km away."""
    assert np.isnan(to_wgs84(505_000.0, 2.49e6, "epsg:4526")).all()


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_areas_are_repaired_vertex_by_vertex(datum):
    area = shapely.Polygon(
        [(114.0, 22.5), (114.1, 22.5), (114.1, 22.6)], [[(114.06, 22.52), (114.08, 22.52), (114.08, 22.54)]]
    )
    shift = wgs84_to_gcj02 if datum is Datum.GCJ02 else wgs84_to_bd09
    shifted = shapely.transform(np.array([area, None]), lambda v: np.column_stack(shift(*v.T)))
    before = shapely.to_wkb(shifted)
    repaired = repair_areas(shifted, datum)
    assert repaired[1] is None
    assert shapely.equals_exact(repaired[0], area, 1e-12)
    swapped = shapely.transform(shifted, lambda v: v[:, ::-1])
    assert shapely.equals_exact(repair_areas(swapped, datum, swapped=True)[0], area, 1e-12)
    np.testing.assert_array_equal(shapely.to_wkb(shifted), before)


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("WGS84", "wgs84"),
        ("WGS 1984", "wgs84"),
        ("epsg:4326", "wgs84"),
        ("OGC:CRS84", "wgs84"),
        ("GPS坐标", "wgs84"),
        ("ＷＧＳ－８４", "wgs84"),
        ("GCJ-02", "gcj02"),
        ("gcj02ll", "gcj02"),
        ("火星坐标系", "gcj02"),
        ("高德", "gcj02"),
        ("腾讯地图", "gcj02"),
        ("BD-09", "bd09"),
        ("bd09ll", "bd09"),
        ("百度坐标", "bd09"),
        ("CGCS2000", "cgcs2000"),
        ("国家2000", "cgcs2000"),
        ("2000国家大地坐标系", "cgcs2000"),
        ("EPSG:4490", "cgcs2000"),
        ("天地图", "cgcs2000"),
        ("EPSG:4547", "epsg:4547"),
        ("urn:ogc:def:crs:EPSG::4526", "epsg:4526"),
    ],
)
def test_a_datum_is_read_under_the_names_that_people_use(text, datum):
    assert read_datum(text) is Datum(datum)
    assert mentioned_datum(text) is Datum(datum)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("北京54", "beijing54"),
        ("Beijing 1954", "beijing54"),
        ("1954北京坐标系", "beijing54"),
        ("EPSG:2435", "beijing54"),
        ("EPSG:4214", "beijing54"),
        ("西安80", "xian80"),
        ("1980西安坐标系", "xian80"),
        ("Xian 1980", "xian80"),
        ("EPSG:2383", "xian80"),
        ("EPSG:4610", "xian80"),
        ("深圳独立坐标系", "shenzhen_local"),
        ("深圳市独立坐标", "shenzhen_local"),
        ("Shenzhen local grid", "shenzhen_local"),
        ("bd09mc", "baidu_metres"),
        ("EPSG:3857", "unknown"),
        ("WGS84 或 GCJ-02", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_datum_that_cannot_be_converted_is_refused_with_its_reason(text, reason):
    with pytest.raises(UnusableDatum, match="export the data in WGS84") as refusal:
        read_datum(text)
    assert refusal.value.reason == reason
    assert mentioned_datum(text) is None


@pytest.mark.parametrize(
    ("heading", "datum"),
    [
        ("经度(GCJ-02)", "gcj02"),
        ("lng_bd09", "bd09"),
        ("百度纬度", "bd09"),
        ("lon_wgs84", "wgs84"),
        ("高德经度", "gcj02"),
    ],
)
def test_a_heading_may_mention_a_datum(heading, datum):
    assert mentioned_datum(heading) is Datum(datum)


@pytest.mark.parametrize("heading", ["经度", "lon", "X坐标", "location", "企业名称", "统一社会信用代码"])
def test_most_headings_mention_none(heading):
    assert mentioned_datum(heading) is None


@given(st.text(max_size=40))
def test_any_text_is_a_datum_or_is_refused(text):
    with suppress(UnusableDatum):
        assert read_datum(text) in Datum


def test_a_value_that_is_no_datum_is_refused():
    with pytest.raises(UnusableDatum):
        as_datum("epsg:4326")
    with pytest.raises(UnusableDatum):
        to_wgs84(*FUTIAN, "mars")


def test_same_place_is_the_same_within_decimetres():
    assert Datum.WGS84.same_place_as(Datum.CGCS2000)
    assert not Datum.WGS84.same_place_as(Datum.GCJ02)
    assert Datum("epsg:4509").same_place_as(Datum("epsg:4548"))  # 117 E, 6 and 3 degrees wide
    assert not Datum("epsg:4498").same_place_as(Datum("epsg:4548"))  # with and without the number

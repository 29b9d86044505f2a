import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from bench.datum_soak import SHIFTS, Registers, soak_points
from geo.crs import to_metric
from geo.datum import wgs84_to_bd09, wgs84_to_gcj02
from geo.datum_doctor import diagnose_points
from geo.datum_evidence import Verdict
from geo.datums import Datum
from geo.errors import GeoError, UnsuitableCRS, UnusableDatum

EDGE = 114.1
TOWNS = gpd.GeoDataFrame(
    geometry=[box(114.0, 22.4, EDGE, 22.7), box(EDGE, 22.4, 114.2, 22.7)], index=["west", "east"], crs="EPSG:4326"
)
NORTHS = np.array([22.52, 22.54, 22.56, 22.58])


def diagnose(x, y, **said):
    return diagnose_points(x, y, areas=TOWNS, **said)


def near_the_edge(rows, rng):
    """Firms within a kilometre of the edge between the towns, and the town of each."""
    lon, lat = EDGE + rng.uniform(-0.01, 0.01, rows), rng.uniform(22.45, 22.65, rows)
    return lon, lat, np.where(lon < EDGE, "west", "east").astype(object)


@pytest.fixture(scope="module")
def registers(dataset):
    return Registers(dataset)


def test_two_towns_worked_by_hand():
    """Three firms 308 m east of the edge, all of the eastern town: read as GCJ-02 or BD-09 they lie in the western.

    Each then has 0.95 * 0.98 in the right town and 0.05 * 0.98 in the only other one, so that the ratio is 19³ = 6859.
    """
    found = diagnose(np.full(3, EDGE + 0.003), NORTHS[:3], named_area=["east"] * 3)
    assert (found.datum, found.swapped, found.verdict) == (Datum.WGS84, False, Verdict.INFERRED)
    assert found.informative == 3
    best, second, third = found.evidence[:3]
    assert best.log_likelihood == pytest.approx(3 * np.log(0.95 * 0.98))
    assert best.log_likelihood - second.log_likelihood == pytest.approx(np.log(6859))
    assert found.confidence == best.posterior == pytest.approx(1 / (1 + 2 / 6859), abs=1e-5)
    assert {second.datum, third.datum} == {Datum.GCJ02, Datum.BD09}
    assert [each.agreeing_share for each in (best, second, third)] == [1, 0, 0]
    assert best.rows == 3
    assert best.outside_share == 0
    assert np.isnan(best.distance_m)


def test_anchors_worked_by_hand():
    """Two known places; the firms stand exactly there when read as GCJ-02, 1 km and 0.6 km off otherwise.

    One row an anchor: the variance is 300² * 2, and the density at no distance 0.9 / (2 π 180000) + 0.1 / (π 20000²).
    """
    lon, lat = np.array([114.05, 114.15]), np.array([22.5, 22.6])
    found = diagnose(*wgs84_to_gcj02(lon, lat), anchors=(lon, lat), anchor_precision_m=300)
    best = found.evidence[0]
    assert (best.datum, best.distance_m) == (Datum.GCJ02, pytest.approx(0, abs=1e-3))
    near = 0.9 / (2 * np.pi * 180_000) + 0.1 / (np.pi * 20_000**2)
    assert best.log_likelihood == pytest.approx(2 * (np.log(near) + np.log(0.98)), abs=1e-6)
    assert found.verdict is Verdict.ASK  # two places 0.6 km off at a precision of 0.3 km settle nothing
    assert found.datum is None
    assert found.likeliest is Datum.GCJ02


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.GCJ02, Datum.BD09])
def test_anchors_alone_settle_it_when_there_are_some(datum):
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(114.02, 114.18, 40), rng.uniform(22.45, 22.65, 40)
    off = rng.normal(0, 0.002, (2, 40))
    found = diagnose(*SHIFTS[datum](lon + off[0], lat + off[1]), anchors=(lon, lat))
    assert (found.datum, found.verdict) == (datum, Verdict.INFERRED)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.GCJ02, Datum.BD09])
def test_a_datum_is_found_in_either_order_of_the_axes(datum, swapped):
    lon, lat, names = near_the_edge(100, np.random.default_rng(1))
    x, y = SHIFTS[datum](lon, lat)
    found = diagnose(*((y, x) if swapped else (x, y)), named_area=names)
    assert (found.datum, found.swapped, found.verdict) == (datum, swapped, Verdict.INFERRED)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("epsg", [4547, 4526, 4546, 4525, 4497, 4498])
def test_metres_are_found_with_their_zone(epsg, swapped):
    lon, lat, names = near_the_edge(100, np.random.default_rng(2))
    x, y = to_metric(lon, lat, crs=epsg)
    for said in ({"named_area": names}, {}):  # where they fall says it already
        found = diagnose(*((y, x) if swapped else (x, y)), **said)
        assert (found.datum, found.swapped, found.verdict) == (Datum(f"epsg:{epsg}"), swapped, Verdict.INFERRED)


def test_metres_of_no_zone_are_asked_about():
    found = diagnose(np.full(50, 115_000.0), np.linspace(20_000, 40_000, 50))
    assert (found.datum, found.likeliest, found.verdict, found.evidence) == (None, None, Verdict.ASK, ())


def test_points_that_look_right_under_every_reading_are_asked_about():
    found = diagnose(np.full(500, 114.05), np.linspace(22.45, 22.65, 500), named_area=["west"] * 500)
    assert (found.datum, found.verdict, found.informative) == (None, Verdict.ASK, 0)
    assert found.confidence == pytest.approx(1 / 3)


def test_points_of_another_city_are_asked_about():
    found = diagnose(np.full(500, 120.5), np.linspace(31, 31.5, 500))
    assert (found.datum, found.evidence[0].outside_share) == (None, 1)


def test_one_row_settles_nothing_however_telling():
    found = diagnose([EDGE + 0.003], [22.5], named_area=["east"])
    assert found.confidence > 0.8
    assert found.datum is None


def test_a_crowded_building_does_not_outvote_the_city():
    """500 firms in one house whose district everybody gets wrong, against forty that stand elsewhere."""
    lon, lat, names = near_the_edge(60, np.random.default_rng(5))
    x = np.append(lon, np.full(500, EDGE + 0.003))
    y = np.append(lat, np.full(500, 22.5))
    found = diagnose(x, y, named_area=np.append(names, np.full(500, "west", object)))
    assert found.datum in (Datum.WGS84, None)
    assert found.likeliest is Datum.WGS84


def test_two_datums_in_one_file_are_asked_about():
    lon, lat, names = near_the_edge(4_000, np.random.default_rng(6))
    x, y = lon.copy(), lat.copy()
    x[::2], y[::2] = wgs84_to_bd09(lon[::2], lat[::2])
    found = diagnose(x, y, named_area=names)
    assert (found.datum, found.verdict) == (None, Verdict.ASK)


def test_a_declared_datum_stands_where_nothing_speaks_against_it():
    lon, lat, names = near_the_edge(100, np.random.default_rng(7))
    x, y = wgs84_to_gcj02(lon, lat)
    assert diagnose(x, y, named_area=names, declared="gcj02").verdict is Verdict.DECLARED
    for nothing in ({}, {"named_area": [None] * 100}):
        found = diagnose(np.full(100, 114.05), np.linspace(22.5, 22.6, 100), declared="bd09", **nothing)
        assert (found.datum, found.verdict) == (Datum.BD09, Verdict.DECLARED)


def test_a_declared_datum_that_the_rows_refute_is_asked_about():
    lon, lat, names = near_the_edge(100, np.random.default_rng(8))
    found = diagnose(*wgs84_to_gcj02(lon, lat), named_area=names, declared=Datum.WGS84)
    assert (found.datum, found.verdict, found.likeliest) == (None, Verdict.CONTRADICTS_DECLARATION, Datum.GCJ02)
    for declared in ("epsg:4547", "epsg:4526"):  # degrees are no metres
        assert diagnose(lon, lat, named_area=names, declared=declared).verdict is Verdict.CONTRADICTS_DECLARATION


def test_cgcs2000_stands_for_wgs84_and_for_its_zones():
    lon, lat, names = near_the_edge(100, np.random.default_rng(9))
    assert diagnose(lon, lat, named_area=names, declared="cgcs2000").datum is Datum.CGCS2000
    x, y = to_metric(lon, lat, crs=4547)
    found = diagnose(x, y, named_area=names, declared="cgcs2000")
    assert (found.datum, found.verdict) == (Datum("epsg:4547"), Verdict.DECLARED)
    found = diagnose(y, x, named_area=names, declared="epsg:4547")
    assert (found.datum, found.swapped, found.verdict) == (Datum("epsg:4547"), True, Verdict.DECLARED)


def test_a_declared_zone_stands_even_where_it_leads_out_of_the_city():
    x, y = to_metric(np.full(20, 120.5), np.linspace(31, 31.5, 20), crs=4549)
    found = diagnose(x, y, declared="epsg:4549")
    assert (found.datum, found.swapped, found.verdict) == (Datum("epsg:4549"), False, Verdict.DECLARED)


def test_a_hint_decides_nothing_alone_and_helps_a_little():
    x, y = np.full(100, 114.05), np.linspace(22.5, 22.6, 100)
    found = diagnose(x, y, hint="bd09")
    assert (found.datum, found.likeliest) == (None, Datum.BD09)
    assert found.confidence == pytest.approx(20 / 22)
    lon, lat, names = near_the_edge(100, np.random.default_rng(10))
    assert diagnose(lon, lat, named_area=names, hint="bd09").datum is Datum.WGS84


def test_rows_without_a_position_or_a_known_name_say_nothing():
    lon, lat, names = near_the_edge(100, np.random.default_rng(11))
    plain = diagnose(lon, lat, named_area=names)
    x = np.concatenate([lon, [np.nan, 114.1, np.inf]])
    y = np.concatenate([lat, [22.5, np.nan, 22.5]])
    assert diagnose(x, y, named_area=[*names, "east", "west", "west"]) == plain
    assert diagnose(lon, lat, named_area=["nowhere", None, np.nan, 3] * 25).informative == 0


def test_no_rows_are_asked_about_or_as_declared():
    assert diagnose([], []).verdict is Verdict.ASK
    found = diagnose([np.nan], [np.nan], declared="epsg:4547", named_area=["west"])
    assert (found.datum, found.verdict) == (Datum("epsg:4547"), Verdict.DECLARED)


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(GeoError, match="one length"):
        diagnose([114.0, 114.1], [22.5], named_area=["west"])
    with pytest.raises(GeoError, match="one length"):
        diagnose([114.0], [22.5], named_area=["west", "east"])
    with pytest.raises(GeoError, match="one length"):
        diagnose([114.0], [22.5], anchor_precision_m=[300, 300])
    with pytest.raises(GeoError, match="precision"):
        diagnose([114.0], [22.5], anchors=([114.0], [22.5]), anchor_precision_m=0)
    with pytest.raises(UnusableDatum):
        diagnose([114.0], [22.5], declared="mars")
    with pytest.raises(UnsuitableCRS):
        diagnose_points([114.0], [22.5], areas=TOWNS.to_crs(4547))


@given(st.integers(0, 2**32 - 1), st.sampled_from(list(SHIFTS)), st.booleans())
@settings(max_examples=30)
def test_the_order_of_rows_does_not_matter_and_the_input_stays(seed, datum, anchored):
    rng = np.random.default_rng(seed)
    lon, lat, names = near_the_edge(80, rng)
    x, y = SHIFTS[datum](lon, lat)
    names[rng.random(80) < 0.3] = None
    anchors = (lon.round(2), np.where(rng.random(80) < 0.5, lat.round(2), np.nan))
    given = [x, y, names, *anchors]
    before = [column.copy() for column in given]

    def word(order):
        said = {"anchors": tuple(each[order] for each in anchors)} if anchored else {}
        return diagnose(x[order], y[order], named_area=names[order], **said)

    assert repr(word(np.arange(80))) == repr(word(rng.permutation(80)))  # to the last bit, NaN included
    for column, kept in zip(given, before, strict=True):
        np.testing.assert_array_equal(column, kept)


@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.integers(1, 400))
@settings(max_examples=20)
def test_rows_that_say_nothing_change_nothing(seed, telling, silent):
    rng = np.random.default_rng(seed)
    lon, lat, names = near_the_edge(telling, rng)
    plain = diagnose(lon, lat, named_area=names)
    more_lon, more_lat = rng.uniform(114.03, 114.07, silent), rng.uniform(22.45, 22.65, silent)
    found = diagnose(
        np.append(lon, more_lon), np.append(lat, more_lat), named_area=np.append(names, np.full(silent, "west", object))
    )
    assert (found.datum, found.verdict, found.likeliest) == (plain.datum, plain.verdict, plain.likeliest)
    assert found.informative == plain.informative
    assert found.confidence == pytest.approx(plain.confidence, abs=0.001)  # they refute that it is elsewhere


def test_very_many_rows_are_sampled_by_what_stands_in_them():
    rng = np.random.default_rng(12)
    lon, lat, names = near_the_edge(100_000, rng)
    x, y = wgs84_to_gcj02(lon, lat)
    found = diagnose(x, y, named_area=names)
    assert (found.datum, found.evidence[0].rows) == (Datum.GCJ02, 60_000)
    order = rng.permutation(len(x))
    assert repr(diagnose(x[order], y[order], named_area=names[order])) == repr(found)
    assert diagnose(x, y).evidence[0].rows == 10_000


def test_registers_of_200_firms_with_addresses_are_always_understood(registers):
    tally = soak_points(registers, 60, (200,), np.random.default_rng(1), addresses=True)
    assert tally.right >= 59
    assert tally.wrong == 0
    assert tally.residual_m < 1


def test_registers_of_200_firms_are_mostly_understood_by_their_districts_alone(registers):
    tally = soak_points(registers, 60, (200,), np.random.default_rng(2), addresses=False)
    assert tally.right >= 54
    assert tally.wrong == 0


@pytest.mark.parametrize("addresses", [False, True])
def test_of_a_few_firms_the_doctor_rather_asks_than_errs(registers, addresses):
    tally = soak_points(registers, 60, tuple(range(1, 11)), np.random.default_rng(3), addresses=addresses)
    assert tally.wrong == 0
    assert tally.asked > tally.right

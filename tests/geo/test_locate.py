import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from geo.boundaries import BoundaryRule, load_areas, load_units
from geo.crs import STORAGE_CRS, from_metric, to_metric
from geo.errors import GeoError, UnsuitableCRS
from geo.locate import index_areas, locate_areas, locate_near, locate_parks, totals_by_area


def areas_of(outlines, crs=STORAGE_CRS):
    return gpd.GeoDataFrame(geometry=list(outlines.values()), index=list(outlines), crs=crs)


def owners_by_hand(lon, lat, areas):
    """The rule, word for word: among the closed polygons that hold a point, the lowest id in text order."""
    outlines = sorted((str(area_id), outline) for area_id, outline in areas.geometry.items())
    points = (shapely.Point(*place) for place in zip(lon, lat, strict=True))
    return [next((area_id for area_id, outline in outlines if outline.covers(point)), None) for point in points]


# Four towns around (1, 1); D has a hole and an island of its own. Rows are not in text order.
FOUR_TOWNS = areas_of(
    {
        "440307-DP": shapely.box(1, 0, 2, 1),
        "440307": shapely.box(0, 0, 1, 1),
        "C": shapely.Polygon([(0, 1), (1, 1), (1.5, 2), (0, 2)]),
        "D": shapely.MultiPolygon(
            [
                shapely.Polygon(
                    [(1, 1), (2, 1), (2, 2), (1.5, 2)], [[(1.5, 1.25), (1.75, 1.25), (1.75, 1.5), (1.5, 1.5)]]
                ),
                shapely.box(3, 3, 4, 4),
            ]
        ),
    }
)


@given(
    npst.arrays(
        float,
        st.tuples(st.integers(0, 30), st.just(2)),
        elements=st.floats(-1, 5) | st.integers(-4, 20).map(lambda n: n / 4),
    )
)
@settings(max_examples=150, deadline=None)
def test_every_point_belongs_to_the_lowest_area_that_covers_it(places):
    lon, lat = places.T
    assert locate_areas(lon, lat, FOUR_TOWNS).tolist() == owners_by_hand(lon, lat, FOUR_TOWNS)


@given(st.permutations(FOUR_TOWNS.index.tolist()), st.floats(0, 1))
@settings(max_examples=50, deadline=None)
def test_the_order_of_areas_does_not_matter_even_on_shared_edges(order, along):
    lon, lat = [1.0, along, 1 + along / 2], [along, 1.0, 1 + along]
    assert locate_areas(lon, lat, FOUR_TOWNS.loc[order]).tolist() == locate_areas(lon, lat, FOUR_TOWNS).tolist()


def test_a_corner_of_four_towns_belongs_to_the_lowest_id():
    assert locate_areas([1.0], [1.0], FOUR_TOWNS).tolist() == ["440307"]
    assert locate_areas([1.0], [1.0], FOUR_TOWNS.drop(index="440307")).tolist() == ["440307-DP"]


def test_a_hole_is_outside_but_its_edge_is_not():
    assert locate_areas([1.6, 1.5, 3.5], [1.4, 1.3, 3.5], FOUR_TOWNS).tolist() == [None, "D", "D"]


def test_every_vertex_and_random_point_of_a_real_city_agrees_with_the_rule(rng):
    rules = [BoundaryRule(code, code) for code in ("440303", "440304", "440305", "440309")]
    city = load_areas(rules)
    west, south, east, north = city.total_bounds
    vertices = shapely.get_coordinates(city.geometry.to_numpy())
    scattered = np.column_stack([rng.uniform(west, east, 1_000), rng.uniform(south, north, 1_000)])
    lon, lat = np.concatenate([vertices, scattered]).T
    assert locate_areas(lon, lat, city).tolist() == owners_by_hand(lon, lat, city)


@pytest.fixture
def rng():
    return np.random.default_rng(20230101)


def test_what_is_no_position_has_no_owner():
    lon = [0.5, np.nan, 0.5, np.inf, 114.0, 200.0]
    lat = [0.5, 0.5, np.nan, 0.5, -114.0, 0.5]
    assert locate_areas(lon, lat, FOUR_TOWNS).tolist() == ["440307", None, None, None, None, None]


def test_no_points_and_no_areas_are_answered_too():
    assert locate_areas([], [], FOUR_TOWNS).shape == (0,)
    assert locate_areas([0.5], [0.5], FOUR_TOWNS.iloc[:0]).tolist() == [None]
    assert locate_areas(0.5, 0.5, FOUR_TOWNS).tolist() == ["440307"]


def test_missing_and_empty_outlines_hold_nothing():
    areas = areas_of({"A": None, "B": shapely.Polygon(), "C": shapely.box(0, 0, 1, 1)})
    assert locate_areas([0.5], [0.5], areas).tolist() == ["C"]


def test_number_ids_become_text_and_areas_stay_untouched():
    units = load_units("440300")
    numbered = units.set_axis(units.index.astype(int))
    assert locate_areas([114.0579], [22.5431], numbered).tolist() == ["440304"]
    assert numbered.index.dtype == int


@pytest.mark.parametrize("crs", [None, 4547, 4490])
def test_areas_in_another_system_are_refused(crs):
    with pytest.raises(UnsuitableCRS):
        locate_areas([0.5], [0.5], areas_of({"A": shapely.box(0, 0, 1, 1)}, crs=crs))


def test_the_axis_order_of_a_geojson_file_is_the_same_system():
    assert locate_areas([0.5], [0.5], areas_of({"A": shapely.box(0, 0, 1, 1)}, crs="OGC:CRS84")).tolist() == ["A"]


# Nearest sites

SITE_LON, SITE_LAT = from_metric([500_000, 501_000, 501_000, 510_000], [2_500_000] * 4, crs=4547)


def nearest_by_hand(lon, lat, within_m):
    x, y = to_metric(lon, lat, crs=4547)
    sites_x, sites_y = to_metric(SITE_LON, SITE_LAT, crs=4547)
    distances_m = np.hypot(x[:, None] - sites_x, y[:, None] - sites_y)
    return np.where(distances_m.min(axis=1) <= within_m, distances_m.argmin(axis=1), -1)


@given(st.lists(st.tuples(st.floats(498_000, 512_000), st.floats(2_498_000, 2_502_000)), min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_the_nearest_site_is_the_one_that_a_full_search_finds(places):
    lon, lat = from_metric(*np.array(places).T, crs=4547)
    found = locate_near(lon, lat, SITE_LON, SITE_LAT, within_m=1_500, crs=4547)
    assert found.tolist() == nearest_by_hand(lon, lat, 1_500).tolist()


def test_of_two_sites_in_one_place_the_first_is_taken_at_any_distance():
    assert locate_near(SITE_LON, SITE_LAT, SITE_LON, SITE_LAT, within_m=0, crs=4547).tolist() == [0, 1, 1, 3]


def test_unknown_points_and_unknown_sites_find_nobody():
    lon, lat = [np.nan, SITE_LON[3], 200.0], [22.6, SITE_LAT[3], 22.6]
    assert locate_near(lon, lat, [np.nan, SITE_LON[3]], [22.6, SITE_LAT[3]], within_m=10, crs=4547).tolist() == [
        -1,
        1,
        -1,
    ]
    assert locate_near(lon, lat, [], [], within_m=10, crs=4547).tolist() == [-1, -1, -1]
    assert locate_near([], [], SITE_LON, SITE_LAT, within_m=10, crs=4547).shape == (0,)


def test_a_distance_or_system_without_sense_is_refused():
    for within_m in (-1, np.nan, np.inf):
        with pytest.raises(GeoError, match="within_m"):
            locate_near([114], [22], SITE_LON, SITE_LAT, within_m=within_m, crs=4547)
    with pytest.raises(UnsuitableCRS):
        locate_near([114], [22], SITE_LON, SITE_LAT, within_m=1, crs=STORAGE_CRS)


# Parks


def test_every_park_of_a_point_is_named_and_a_missing_coordinate_has_none():
    parks = areas_of({"P2": shapely.box(1, 1, 3, 3), "P1": shapely.box(0, 0, 2, 2), "P3": shapely.box(5, 5, 6, 6)})
    found = locate_parks([0.5, 1.5, 2.0, np.nan, 5.0], [0.5, 1.5, 2.0, 1.5, 5.5], parks)
    assert found.offsets.tolist() == [0, 1, 3, 5, 5, 6]
    assert found.area_ids[found.codes].tolist() == ["P1", "P1", "P2", "P1", "P2", "P3"]


def test_one_index_answers_again_and_again():
    index = index_areas(FOUR_TOWNS)
    for places in ([0.5, 1.5], [1.5, 0.5]):
        codes = index.locate(places, [0.5, 0.5])
        assert index.area_ids[codes].tolist() == locate_areas(places, [0.5, 0.5], FOUR_TOWNS).tolist()


def test_parks_in_another_system_are_refused():
    with pytest.raises(UnsuitableCRS):
        locate_parks([0.5], [0.5], areas_of({"A": shapely.box(0, 0, 1, 1)}, crs=4547))


# Totals


@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(-9, 9)), max_size=50))
def test_totals_count_and_sum_what_each_area_holds(points):
    codes, values = np.array(points, dtype=np.int32).reshape(-1, 2).T
    counts, sums = totals_by_area(codes, values.astype(float), areas=5)
    assert counts.tolist() == [(codes == area).sum() for area in range(5)]
    assert sums.tolist() == [values[codes == area].sum() for area in range(5)]


def test_totals_over_many_blocks_are_those_of_one(rng):
    codes, values = rng.integers(-1, 3, 200_000), rng.uniform(size=200_000)
    counts, sums = totals_by_area(codes, values, areas=3)
    assert counts.tolist() == np.bincount(codes + 1)[1:].tolist()
    assert sums == pytest.approx(np.bincount(codes + 1, values)[1:])

import geopandas as gpd
import numpy as np
import pytest
import shapely

from bench.datum_soak import SHIFTS, park_outlines, rough, shifted, soak_areas, street_outlines
from geo.crs import to_metric
from geo.datum_areas import diagnose_areas
from geo.datum_evidence import Verdict
from geo.datums import Datum, repair_areas
from geo.errors import UnsuitableCRS, UnusableDatum

DATUMS = list(SHIFTS)
TOWNS = gpd.GeoDataFrame(
    geometry=[shapely.box(114 + i / 10, 22.4, 114.1 + i / 10, 22.7) for i in range(2)],
    index=["A", "B"],
    crs="EPSG:4326",
)


@pytest.mark.parametrize("datum", DATUMS)
def test_the_outlines_themselves_are_recognized(datum):
    found = diagnose_areas(shifted(TOWNS.geometry.to_numpy(), datum), areas=TOWNS)
    assert (found.datum, found.swapped, found.verdict) == (datum, False, Verdict.INFERRED)
    best = found.evidence[0]
    assert best.agreeing_share == pytest.approx(1)
    assert best.distance_m < 5  # a straight edge is not quite straight in another datum
    assert all(each.distance_m > 100 for each in found.evidence[1:3])


@pytest.mark.parametrize("datum", DATUMS)
def test_thinned_and_moved_districts_are_recognized_and_repaired(dataset, datum):
    districts = rough(dataset.districts.geometry.to_numpy(), np.random.default_rng(1))
    file = shifted(districts, datum)
    before = shapely.to_wkb(file)
    found = diagnose_areas(file, areas=dataset.districts)
    assert (found.datum, found.verdict) == (datum, Verdict.INFERRED)
    assert shapely.equals_exact(repair_areas(file, found.datum), districts, 1e-9).all()
    np.testing.assert_array_equal(shapely.to_wkb(file), before)


@pytest.mark.parametrize("datum", DATUMS)
def test_streets_that_share_some_edges_are_recognized(dataset, datum):
    streets = rough(street_outlines(dataset), np.random.default_rng(2))
    found = diagnose_areas(shifted(streets, datum), areas=dataset.districts)
    assert (found.datum, found.verdict) == (datum, Verdict.INFERRED)
    assert 0.3 < found.evidence[0].agreeing_share < 0.7


@pytest.mark.parametrize("datum", DATUMS)
def test_one_district_is_enough(dataset, datum):
    outline = rough(dataset.districts.geometry.loc[["440304"]].to_numpy(), np.random.default_rng(3))
    assert diagnose_areas(shifted(outline, datum), areas=dataset.districts).datum is datum


@pytest.mark.parametrize("datum", DATUMS)
def test_parks_share_no_edge_and_are_asked_about(dataset, datum):
    parks = park_outlines(dataset, np.random.default_rng(4))
    found = diagnose_areas(shifted(parks, datum), areas=dataset.districts)
    assert (found.datum, found.verdict) == (None, Verdict.ASK)
    assert diagnose_areas(shifted(parks, datum), areas=dataset.districts, declared=datum).verdict is Verdict.DECLARED


def test_a_line_beside_a_boundary_is_one_coincidence_and_not_many():
    """A block one side of which, 2 km long, would lie on the boundary if it were in GCJ-02."""
    block = shifted(np.array([shapely.box(114.08, 22.5, 114.1, 22.52)], object), Datum.GCJ02)
    found = diagnose_areas(block, areas=TOWNS)
    assert found.evidence[0].agreeing_share > 0.2
    assert found.datum is None


def test_swapped_axes_and_metres_are_recognized():
    outlines = TOWNS.geometry.to_numpy()
    swapped = shapely.transform(shifted(outlines, Datum.BD09), lambda v: v[:, ::-1])
    found = diagnose_areas(swapped, areas=TOWNS)
    assert (found.datum, found.swapped) == (Datum.BD09, True)
    metres = shapely.transform(outlines, lambda v: np.column_stack(to_metric(*v.T, crs=4526)))
    assert diagnose_areas(metres, areas=TOWNS).datum is Datum("epsg:4526")


def test_a_label_that_the_outlines_refute_is_asked_about():
    file = shifted(TOWNS.geometry.to_numpy(), Datum.GCJ02)
    found = diagnose_areas(file, areas=TOWNS, declared="wgs84")
    assert (found.datum, found.verdict, found.likeliest) == (None, Verdict.CONTRADICTS_DECLARATION, Datum.GCJ02)
    assert diagnose_areas(file, areas=TOWNS, declared="gcj02").verdict is Verdict.DECLARED
    assert diagnose_areas(file, areas=TOWNS, hint="bd09").datum is Datum.GCJ02


def test_the_order_of_outlines_does_not_matter(dataset):
    districts = shifted(dataset.districts.geometry.to_numpy(), Datum.GCJ02)
    first, second = (diagnose_areas(each, areas=dataset.districts) for each in (districts, districts[::-1]))
    assert repr(first) == repr(second)


def test_outlines_of_another_city_and_no_outlines_are_asked_about():
    elsewhere = shapely.transform(TOWNS.geometry.to_numpy(), lambda v: np.add(v, (6, 9)))
    nothing = np.array([None, shapely.Polygon()], object)
    for polygons in (elsewhere, nothing, np.empty(0, object)):
        assert diagnose_areas(polygons, areas=TOWNS).verdict is Verdict.ASK


def test_what_cannot_serve_is_refused():
    with pytest.raises(UnsuitableCRS):
        diagnose_areas(TOWNS.geometry.to_numpy(), areas=TOWNS.to_crs(4547))
    with pytest.raises(UnusableDatum):
        diagnose_areas(TOWNS.geometry.to_numpy(), areas=TOWNS, declared="mars")


def test_a_short_campaign_over_districts_and_parks_is_never_wrong(dataset):
    outlines = dataset.districts.geometry.to_numpy()
    tally = soak_areas(lambda rng: rough(outlines, rng), dataset, 6, np.random.default_rng(5))
    assert (tally.right, tally.wrong) == (6, 0)
    assert tally.residual_m < 1
    tally = soak_areas(lambda rng: park_outlines(dataset, rng), dataset, 6, np.random.default_rng(6))
    assert (tally.asked, tally.wrong) == (6, 0)

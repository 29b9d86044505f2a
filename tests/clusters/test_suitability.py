"""The same weights over the squares of a city: by hand in one square, ruled out where nothing may be built."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from clusters.errors import BadValue
from clusters.scoring import weighted_sum
from clusters.site_records import CRITERIA, SiteRequest
from clusters.suitability import Suitability, squares_of, suitability
from data import columns as c
from data.dataset import Dataset
from geo.crs import to_metric
from tests.clusters.site_worlds import CRS, with_sites

METRO = SiteRequest("S01", weights=tuple((name, float(name == "near_metro")) for name in CRITERIA))


@pytest.fixture(scope="module")
def towns(four_towns: Dataset) -> Dataset:
    return with_sites(four_towns)


@pytest.fixture(scope="module")
def found(towns: Dataset) -> Suitability:
    return suitability(towns, METRO, cell_m=2_000)


def test_a_square_is_as_near_as_its_center(towns: Dataset, found: Suitability) -> None:
    metros = towns.hubs[towns.hubs[c.KIND] == "metro"]
    x, y = to_metric(metros[c.LON].to_numpy(), metros[c.LAT].to_numpy(), crs=CRS)
    centers = found.cells.geometry.centroid
    distance = np.min([np.hypot(centers.x - a, centers.y - b) for a, b in zip(x, y, strict=True)], axis=0)
    expected = (distance.max() - distance) / (distance.max() - distance.min())
    np.testing.assert_allclose(found.cells[c.SCORE], expected, atol=1e-6)
    assert found.cells.crs == CRS
    assert set(found.off) == {"near_rail", "near_border", "near_airport"}


def test_without_constraints_it_is_indicative(towns: Dataset, found: Suitability) -> None:
    assert found.indicative
    west = gpd.GeoDataFrame(geometry=[box(113.9, 22.4, 114.2, 22.7)], crs="EPSG:4326").to_crs(CRS)
    ruled = suitability(towns, METRO, cell_m=2_000, constraints=west)
    assert not ruled.indicative
    out = ruled.cells[c.RULED_OUT]
    assert 0 < out.sum() < len(out)
    assert ruled.cells.loc[out, c.SCORE].isna().all()
    assert ruled.cells.loc[~out, c.SCORE].max() == 1, "the best of those that are left"
    with pytest.raises(BadValue, match="reference system"):
        suitability(towns, METRO, cell_m=2_000, constraints=gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)]))


def test_conditions_rule_squares_out(towns: Dataset) -> None:
    found = suitability(towns, replace(METRO, district_id="440391", hubs_within_m=(("metro", 4_000.0),)), cell_m=2_000)
    kept = found.cells[~found.cells[c.RULED_OUT]]
    assert set(kept[c.DISTRICT_ID]) == {"440391"}
    assert found.criteria["near_metro"].values[kept.index].max() <= 4_000


def test_a_district_of_too_few_firms_is_no_district_of_none(towns: Dataset) -> None:
    request = SiteRequest("S01", min_firms=3, min_coverage=0.0)
    found = suitability(towns, request, cell_m=5_000)
    here = found.cells[c.DISTRICT_ID] == "440394"
    assert found.criteria["cluster_strength"].values[here].isna().all()
    assert (found.cells.loc[here, c.WEIGHT_COVERAGE] < 1).all()
    pd.testing.assert_series_equal(
        found.cells[c.SCORE], suitability(towns, request, cell_m=5_000).cells[c.SCORE], check_names=False
    )


def test_a_mask_by_hand_rules_out_the_squares_whose_center_it_holds_or_all_others(
    towns: Dataset, found: Suitability
) -> None:
    # a strip from the western edge to 60 % of the width of the second column of squares: it holds the centers of the
    # first two columns and reaches into no third one
    west, south, _, north = found.cells.total_bounds
    strip = gpd.GeoDataFrame(geometry=[box(west - 1, south - 1, west + 3_200, north + 1)], crs=CRS)
    first_two = found.cells.geometry.centroid.x < west + 4_000
    banned = suitability(towns, METRO, cell_m=2_000, constraints=strip)
    allowed = suitability(towns, METRO, cell_m=2_000, constraints=strip, allowed_only=True)
    np.testing.assert_array_equal(banned.cells[c.RULED_OUT], first_two)
    np.testing.assert_array_equal(allowed.cells[c.RULED_OUT], ~first_two)
    assert not allowed.indicative


def test_outlines_that_overlap_or_cross_themselves_rule_out_what_they_hold(towns: Dataset, found: Suitability) -> None:
    x0, y0, x1, y1 = found.cells.total_bounds
    whole = gpd.GeoDataFrame(geometry=[box(x0, y0, x1, y1), box(x0, y0, x1, y1)], crs=CRS)
    ruled = suitability(towns, METRO, cell_m=2_000, constraints=whole)
    assert ruled.cells[c.RULED_OUT].all()
    assert ruled.cells[c.SCORE].isna().all()


@given(factor=st.floats(0.01, 100))
@settings(max_examples=5, deadline=None)
def test_scores_stay_when_a_criterion_is_rescaled(factor: float, four_towns: Dataset) -> None:
    towns = with_sites(four_towns)
    known = suitability(towns, replace(METRO, weights=()), cell_m=5_000)
    values = pd.DataFrame({name: each.values for name, each in known.criteria.items() if each.off is None})
    weights = dict.fromkeys(values, 1.0)
    costs = [name for name in values if known.criteria[name].less_is_better]
    before = weighted_sum(values, weights, costs=costs).scores
    after = weighted_sum(values.assign(near_metro=values["near_metro"] * factor), weights, costs=costs).scores
    pd.testing.assert_series_equal(before, after)


def test_every_square_is_of_the_district_that_holds_its_center_whatever_the_order_of_districts(
    towns: Dataset, dataset: Dataset
) -> None:
    turned = replace(towns, districts=towns.districts[::-1])
    request = SiteRequest("S01", min_coverage=0.0)
    before, after = (suitability(each, request, cell_m=5_000) for each in (towns, turned))
    pd.testing.assert_frame_equal(before.cells, after.cells)
    found = suitability(dataset, request, cell_m=10_000)
    centers = found.cells.geometry.centroid.to_crs("EPSG:4326")
    for cell_id, district in found.cells[c.DISTRICT_ID].items():
        assert dataset.districts.geometry[district].covers(centers[cell_id])


def test_squares_that_are_known_serve_any_weights_and_conditions(towns: Dataset) -> None:
    known = squares_of(towns, SiteRequest("S01"), cell_m=5_000)
    for request in (METRO, replace(METRO, district_id="440391"), SiteRequest("S01", min_coverage=0.0)):
        fresh = suitability(towns, request, cell_m=5_000)
        pd.testing.assert_frame_equal(suitability(towns, request, squares=known).cells, fresh.cells)

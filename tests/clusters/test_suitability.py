"""The same weights over the squares of a city: by hand in one square, ruled out where nothing may be built."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from clusters.errors import BadValue
from clusters.site_records import CRITERIA, SiteRequest
from clusters.suitability import Suitability, suitability
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

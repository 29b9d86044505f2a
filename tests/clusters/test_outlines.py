"""Outlines: what they hold, what they leave out, and that they end at the city's edge."""

import geopandas as gpd
import numpy as np
from shapely import box, points

from clusters.outlines import cluster_outlines
from geo.crs import from_metric

X0, Y0 = 500_000.0, 2_490_000.0
X = np.array([0.0, 400, 800, 5_000, 5_200, 9_000]) + X0
Y = np.full(6, Y0)
LABELS = np.array([1, 1, 1, 2, 2, -1])
CITY = gpd.GeoDataFrame(geometry=[box(-2_000 + X0, -100 + Y0, 8_000 + X0, 2_000 + Y0)], crs=4547).to_crs(4326)


def outlines(labels: np.ndarray, city: gpd.GeoDataFrame = CITY) -> gpd.GeoSeries:
    return cluster_outlines(
        X, Y, labels, reach_m=np.array([400.0, 60.0]), least_radius_m=50, within=city, crs=4547
    )  # fmt: skip


def test_an_outline_holds_its_firms_and_hangs_together_by_its_reach() -> None:
    """Discs of 220 m meet over 400 m; those of 50 m do not reach over 200 m, so the second is in two parts."""
    found = outlines(LABELS)
    assert found.index.tolist() == [1, 2]
    assert found.crs.to_epsg() == 4326
    firms = gpd.GeoSeries(points(np.column_stack(from_metric(X, Y, crs=4547))), crs=4326)
    assert [[bool(area.covers(firm)) for firm in firms] for area in found] == [
        [True, True, True, False, False, False], [False, False, False, True, True, False],
    ]  # fmt: skip
    assert found.geom_type.tolist() == ["Polygon", "MultiPolygon"]


def test_an_outline_ends_at_the_city() -> None:
    bounds = outlines(LABELS).to_crs(4547).bounds
    assert bounds["miny"].round(1).tolist() == [Y0 - 100, Y0 - 50]
    assert bounds["maxy"].round(1).tolist() == [Y0 + 220, Y0 + 50]


def test_a_cluster_wholly_outside_keeps_its_outline() -> None:
    elsewhere = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)], crs=4326)
    assert not outlines(LABELS, elsewhere).is_empty.any()


def test_the_order_of_rows_does_not_matter() -> None:
    order = np.array([4, 0, 5, 2, 3, 1])
    again = cluster_outlines(
        X[order], Y[order], LABELS[order], reach_m=np.array([400.0, 60.0]), least_radius_m=50, within=CITY, crs=4547
    )
    assert again.geom_equals_exact(outlines(LABELS), 0).all()

"""Sites near a point agree with measuring every pair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import from_metric, to_metric
from geo.errors import GeoError, UnsuitableCRS
from geo.locate import locate_near
from geo.near import sites_within

PLACE = st.tuples(st.floats(113.9, 114.0), st.floats(22.5, 22.6)) | st.sampled_from(
    [(np.nan, 22.5), (114.0, np.inf), (200.0, 22.5), (114.0, 91.0)]
)


@given(st.lists(PLACE, max_size=30), st.lists(PLACE, max_size=8), st.floats(0, 5_000))
def test_pairs_are_those_that_measuring_every_pair_finds(points, sites, within_m) -> None:
    lon, lat = (np.array([p[i] for p in points], float) for i in (0, 1))
    sites_lon, sites_lat = (np.array([s[i] for s in sites], float) for i in (0, 1))
    known = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    sites_known = (np.abs(sites_lon) <= 180) & (np.abs(sites_lat) <= 90)
    expected = []
    for i in np.flatnonzero(known):
        for j in np.flatnonzero(sites_known):
            (x, a), (y, b) = to_metric([lon[i], sites_lon[j]], [lat[i], sites_lat[j]], crs=4547)
            if np.hypot(x - a, y - b) <= within_m:
                expected.append((int(i), int(j)))
    found = sites_within(lon, lat, sites_lon, sites_lat, within_m=within_m, crs=4547)
    assert list(zip(*(f.tolist() for f in found), strict=True)) == expected


def test_the_nearest_site_is_one_of_those_within() -> None:
    rng = np.random.default_rng(4)
    lon, lat = rng.uniform(113.9, 114, 500), rng.uniform(22.5, 22.6, 500)
    sites = rng.uniform(113.9, 114, 20), rng.uniform(22.5, 22.6, 20)
    nearest = locate_near(lon, lat, *sites, within_m=800, crs=4547)
    pairs = set(zip(*(f.tolist() for f in sites_within(lon, lat, *sites, within_m=800, crs=4547)), strict=True))
    assert {i for i, _ in pairs} == set(np.flatnonzero(nearest >= 0).tolist())
    assert {(i, int(j)) for i, j in enumerate(nearest) if j >= 0} <= pairs


def test_the_distance_itself_counts() -> None:
    lon, lat = from_metric([500_000.0, 500_300.0], [2_490_000.0, 2_490_400.0], crs=4547)
    x, y = to_metric(lon, lat, crs=4547)
    exact = float(np.hypot(x[1] - x[0], y[1] - y[0]))
    assert len(sites_within(lon[:1], lat[:1], lon[1:], lat[1:], within_m=exact, crs=4547)[0]) == 1
    assert len(sites_within(lon[:1], lat[:1], lon[1:], lat[1:], within_m=np.nextafter(exact, 0), crs=4547)[0]) == 0


@pytest.mark.parametrize("within_m", [-1, np.nan, np.inf])
def test_a_distance_that_is_none_is_refused(within_m: float) -> None:
    with pytest.raises(GeoError, match="within_m"):
        sites_within([114], [22], [114], [22], within_m=within_m, crs=4547)


def test_degrees_are_no_metres() -> None:
    with pytest.raises(UnsuitableCRS):
        sites_within([114], [22], [114], [22], within_m=1, crs=4326)

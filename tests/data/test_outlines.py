"""Areas travel as bytes and place points as they did before."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from data import columns as c
from data.dataset import Dataset
from data.outlines import outlines_of, places_of
from geo.locate import locate_areas


def test_places_answer_as_the_areas_do(dataset: Dataset) -> None:
    rng = np.random.default_rng(1)
    west, south, east, north = dataset.districts.total_bounds
    lon, lat = rng.uniform(west, east, 2_000), rng.uniform(south, north, 2_000)
    places = places_of(outlines_of(dataset.districts, dataset.parks))
    assert (places.names[places.index.locate(lon, lat)] == locate_areas(lon, lat, dataset.districts)).all()
    assert list(places.parks[c.PARK_ID]) == list(dataset.parks[c.PARK_ID])


def test_the_same_areas_are_the_same_bytes_and_are_built_once(dataset: Dataset) -> None:
    one, same = outlines_of(dataset.districts), outlines_of(dataset.districts.copy())
    assert one == same
    assert (one.areas, one.parks) == (same.areas, same.parks)
    assert one != outlines_of(dataset.districts, dataset.parks)
    assert one != outlines_of(dataset.districts[1:])
    with ThreadPoolExecutor(4) as pool:
        assert len({id(places) for places in pool.map(places_of, [one, same] * 4)}) == 1

"""Classes of squares by rank, the best of each district, and what is near: worked by hand on four towns."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.site_records import CRITERIA, SiteRequest
from clusters.suitability import Suitability, suitability
from clusters.suitable_areas import BEST, best_by_district, nearest_park, suitability_classes
from data import columns as c
from data.dataset import Dataset
from tests.clusters.site_worlds import with_sites

METRO = SiteRequest("S01", weights=tuple((name, float(name == "near_metro")) for name in CRITERIA))


@pytest.fixture(scope="module")
def towns(four_towns: Dataset) -> Dataset:
    return with_sites(four_towns)


@pytest.fixture(scope="module")
def found(towns: Dataset) -> Suitability:
    return suitability(towns, METRO, cell_m=2_000)


scores = st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=40).map(
    lambda values: pd.Series(values, dtype="float64")
)


@given(scores)
def test_a_class_is_a_share_of_the_squares_that_have_a_score(values: pd.Series) -> None:
    found = suitability_classes(values)
    assert (found.of_cell.isna() == values.isna()).all()
    known = values.dropna()
    if known.empty:
        assert found.least == ()
        return
    assert found.of_cell.max() == BEST, "somebody is the best"
    assert list(found.least) == sorted(found.least)
    for number, least in enumerate(found.least, start=1):
        assert ((found.of_cell >= number) == (values >= least))[known.index].all()
    order = known.sort_values().index
    assert found.of_cell[order].is_monotonic_increasing


def test_squares_that_are_alike_share_the_better_class() -> None:
    assert suitability_classes(pd.Series([0.5, 0.5, 0.5])).of_cell.tolist() == [BEST] * 3


def test_the_best_square_of_a_district_is_the_one_nearest_to_its_metro(found: Suitability) -> None:
    best = best_by_district(found)
    assert best[c.DISTRICT_ID].is_unique
    assert best[c.SCORE].is_monotonic_decreasing
    for cell_id, row in best.iterrows():
        mine = found.cells[found.cells[c.DISTRICT_ID] == row[c.DISTRICT_ID]]
        assert row[c.SCORE] == mine[c.SCORE].max() == found.cells[c.SCORE][cell_id]
        assert row[c.SQUARES] == len(mine)
    of_city = suitability_classes(found.cells[c.SCORE]).of_cell == BEST
    assert best[c.BEST_SQUARES].sum() == of_city.sum()
    assert len(best_by_district(found, most=2)) == 2


def test_reasons_of_a_square_add_up_to_its_score(towns: Dataset) -> None:
    found = suitability(towns, SiteRequest("S01", min_coverage=0.0), cell_m=5_000)
    for cell_id, score in found.cells[c.SCORE].dropna().items():
        reasons = found.reasons(str(cell_id))
        known = [reason for reason in reasons if reason.missing is None]
        if len(known) == len(reasons):
            assert sum(reason.contribution or 0.0 for reason in reasons) == pytest.approx(score)
    metro = next(reason for reason in reasons if reason.criterion == "near_metro")
    assert metro.facts[c.NAME] in set(towns.hubs[c.NAME])


def test_the_nearest_park_is_found_by_its_point(towns: Dataset, found: Suitability) -> None:
    center = found.cells.geometry.centroid
    cell_id = str(found.cells.index[np.argmin(center.x)])
    parks = nearest_park(found, towns, cell_id)
    assert parks is not None
    assert parks[0] == "P1", "the westernmost park is nearest to the westernmost square"
    assert nearest_park(found, replace(towns, parks=towns.parks.iloc[3:]), cell_id) is None, "P4 has no point"

"""Sites that are as good as each other, and the best value of each criterion: by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.errors import BadValue
from clusters.site_records import CRITERIA, SiteRequest
from clusters.site_shortlist import LEVEL_WITHIN, level_groups, side_by_side
from clusters.siting import rank_sites
from data import columns as c
from data.dataset import Dataset
from tests.clusters.site_worlds import with_sites


def test_level_by_hand() -> None:
    # 83.0, 82.9, 81.0 are within two points of 83; 80.9 begins the next group, and 78.9 is exactly two below it
    scores = pd.Series([0.809, 0.83, 0.81, 0.789, 0.829, np.nan, 0.5], index=list("abcdefg"))
    kept = scores.copy()
    assert level_groups(scores).fillna(0).to_dict() == {"a": 2, "b": 1, "c": 1, "d": 2, "e": 1, "f": 0, "g": 3}
    pd.testing.assert_series_equal(scores, kept)
    assert level_groups(pd.Series(dtype=float)).empty
    with pytest.raises(BadValue, match="within"):
        level_groups(scores, within=-0.1)


@given(st.lists(st.integers(0, 100), max_size=20), st.randoms())
def test_groups_do_not_hang_on_the_order_of_rows(points: list[int], random: object) -> None:
    scores = pd.Series([p / 100 for p in points])
    groups = level_groups(scores)
    turned = scores.sample(frac=1, random_state=1)
    assert level_groups(turned).sort_index().tolist() == groups.tolist()
    for number, members in scores.groupby(groups):
        assert members.max() - members.min() <= LEVEL_WITHIN + 1e-9, number
    ranked = scores.sort_values(ascending=False)
    assert groups[ranked.index].is_monotonic_increasing


def test_the_best_of_each_criterion_by_hand(four_towns: Dataset) -> None:
    # metro 1, 2, 1 km: P1 and P3 are nearest; firms within 3 km 2, 2, 0; P4 has no point and no figure
    weights = tuple((name, float(name in ("near_metro", "chain_firms"))) for name in CRITERIA)
    ranking = rank_sites(with_sites(four_towns), SiteRequest("S01", weights=weights))
    found = side_by_side(ranking, ["P1", "P2", "P3", "P4"])
    assert found.values.loc["near_metro"].round(-1).tolist()[:3] == [1000, 2000, 1000]
    assert np.isnan(found.values.loc["near_metro", "P4"])
    assert found.best.loc["chain_firms"].tolist() == [True, True, False, False]
    nearest = found.values.loc["near_metro"].min()
    assert found.best.loc["near_metro"].tolist() == found.values.loc["near_metro"].eq(nearest).tolist()
    assert not set(found.values.index) & set(ranking.off)
    same = side_by_side(ranking, ["P1", "P2"])
    assert not same.best.loc["chain_firms"].any(), "two alike: none is best"
    assert not side_by_side(ranking, ["P1"]).best.to_numpy().any()


def test_a_site_that_a_condition_left_out_has_no_values(four_towns: Dataset) -> None:
    ranking = rank_sites(with_sites(four_towns), SiteRequest("S01", hubs_within_m=(("metro", 1_500.0),)))
    assert list(ranking.excluded.index) == ["P2"]
    found = side_by_side(ranking, ["P2", "P1"])
    assert found.values["P2"].isna().all()
    assert not found.best["P2"].any()
    assert c.SCORE not in found.values.index

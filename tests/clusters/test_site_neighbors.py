"""Firms of the chain around a park: counted, summed and named by hand; a coarse point is never near."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clusters.site_neighbors import site_neighbors
from clusters.site_records import SiteRequest
from clusters.siting import rank_sites
from data import columns as c
from data.dataset import Dataset
from tests.clusters.site_worlds import with_sites
from tests.conftest import YI


@pytest.fixture(scope="module")
def towns(four_towns: Dataset) -> Dataset:
    return with_sites(four_towns)


def test_neighbors_by_hand(towns: Dataset) -> None:
    # of S01: a1 100 m from P1 (60 in 2021), a2 2 km (50); b1 (15) stands in P3 by its street alone and is not near it
    found = site_neighbors(towns, ["S01"], ["P1", "P2", "P3", "P4"], year=2021)
    assert list(found) == ["P1", "P2", "P3"], "P4 has no point"
    first = found["P1"]
    assert first.bands[c.FIRMS].to_dict() == {1_000: 1, 3_000: 2, 5_000: 2}
    assert first.bands[c.TOTAL_CNY].to_dict() == {1_000: 60 * YI, 3_000: 110 * YI, 5_000: 110 * YI}
    assert first.firms.index.tolist() == ["a1", "a2"]
    assert first.firms[c.DISTANCE_M].tolist() == pytest.approx([100, 2_000], abs=0.01)
    assert (first.precise, first.of_firms) == (2, 3)
    # P2 is 3 km east: a2 at 1 km (to the millimetre beyond or not), a1 at 2.9 km
    assert found["P2"].bands.loc[3_000, c.FIRMS] == 2
    assert found["P3"].bands[c.FIRMS].tolist() == [0, 0, 0]
    assert found["P3"].bands[c.TOTAL_CNY].isna().all(), "no firm is no sum of zero"
    assert found["P3"].firms.empty


def test_a_figure_that_nobody_knows_is_in_no_sum(towns: Dataset) -> None:
    # 2019 has no figure at all; in 2020 b1 has none, a1 40 and a2 10
    none = site_neighbors(towns, ["S01"], ["P1"], year=2019)["P1"]
    assert none.bands[c.REVENUE_FIRMS].tolist() == [0, 0, 0]
    assert none.bands[c.TOTAL_CNY].isna().all()
    assert none.firms.index.tolist() == ["a1", "a2"], "without figures the nearest comes first"
    watched = towns.observations[~((towns.observations[c.FIRM_ID] == "a1") & (towns.observations[c.YEAR] == 2020))]
    found = site_neighbors(replace(towns, observations=watched), ["S01"], ["P1"], year=2020)["P1"]
    assert found.bands.loc[5_000, [c.FIRMS, c.REVENUE_FIRMS, c.TOTAL_CNY]].tolist() == [2, 1, 10 * YI]
    assert found.firms.index.tolist() == ["a2", "a1"]
    assert pd.isna(found.firms[c.REVENUE_CNY]["a1"])


def test_a_further_subsector_of_the_chain_counts_and_nothing_is_written_into(towns: Dataset) -> None:
    kept = towns.firms.copy()
    alone, both = (site_neighbors(towns, s, ["P1"], year=2021)["P1"] for s in (["S01"], ["S01", "S02"]))
    assert both.of_firms == alone.of_firms + 3
    pd.testing.assert_frame_equal(towns.firms, kept)
    assert site_neighbors(towns, ["S01"], [], year=2021) == {}
    assert site_neighbors(towns, ["S01"], ["P1"], year=2021, most=1)["P1"].firms.index.tolist() == ["a1"]


@pytest.mark.parametrize("subsector", ["S01", "S09"])
def test_the_counts_are_those_of_the_ranking(dataset: Dataset, subsector: str) -> None:
    found = rank_sites(dataset, SiteRequest(subsector))
    near = site_neighbors(dataset, [subsector], list(found.sites.index), year=2021)
    facts = found.criteria["chain_firms"].facts[["within_1000_m", "within_3000_m", "within_5000_m"]]
    for park, each in near.items():
        assert each.bands[c.FIRMS].tolist() == facts.loc[park].tolist()


def test_many_firms_are_counted_as_one_by_one(many_firms: Dataset) -> None:
    park = many_firms.parks.index[many_firms.parks[c.LON].notna()][0]
    year = many_firms.default_year
    found = site_neighbors(many_firms, ["S01"], [park], year=year, most=20)[park]
    assert len(found.firms) == 20
    assert found.firms[c.REVENUE_CNY].dropna().is_monotonic_decreasing
    assert found.firms[c.DISTANCE_M].max() <= 5_000
    usable = many_firms.usable
    of_year = usable[usable[c.YEAR] == year].astype({c.FIRM_ID: object}).set_index(c.FIRM_ID)[c.REVENUE_CNY]
    named = found.firms[found.firms[c.REVENUE_CNY].notna()]
    assert np.array_equal(named[c.REVENUE_CNY].to_numpy(np.int64), of_year[named.index].to_numpy(np.int64))

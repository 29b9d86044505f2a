"""Hot spots of a subsector: a small register by hand, what is left out and told, and a planted spot found."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clusters.city_grid import CityGrid
from clusters.errors import BadValue, UnknownSubsector, UnknownYear
from clusters.hot_spot_cells import HotSpotKind, cell_kinds, cell_table, hot_spot_cells
from clusters.hot_spots import fdr_adjusted_p, getis_ord_g, grid_contiguity
from data import columns as c
from data.dataset import Dataset
from geo.crs import from_metric

X, Y = 515_500.0, 2_493_500.0  # middle of a cell of 1 km in the second of the four towns


def register(towns: Dataset, firms: list[dict[str, object]]) -> Dataset:
    """The four towns with these firms: east and north in metres, subsector, 2021 revenue and more."""
    rows, revenue = [], {}
    for number, firm in enumerate(firms):
        firm_id = f"f{number}"
        lon, lat = from_metric(firm.get("x", X), firm.get("y", Y), crs=4547)
        rows.append(
            {
                c.FIRM_ID: firm_id,
                c.SUBSECTOR_ID: firm.get("subsector", "S01"),
                c.SUBSECTOR_WEIGHTS: firm.get("weights"),
                c.LON: float(lon),
                c.LAT: float(lat),
                c.LOCATION_PRECISION: firm.get("precision", "exact"),
                c.REGISTERED_DISTRICT_ID: None,
                c.OPERATING_DISTRICT_ID: None,
            }
        )
        revenue[firm_id] = firm.get("revenue", 0)
    table = pd.DataFrame(rows).set_index(c.FIRM_ID, drop=False).rename_axis(None)
    observations = pd.DataFrame(
        {c.FIRM_ID: list(revenue), c.YEAR: 2021, c.REVENUE_CNY: list(revenue.values()), c.STATUS: "sourced"}
    )
    return replace(towns, firms=table, observations=observations)


# ---------------------------------------------------------------- the core


def test_firms_are_added_up_in_their_cells_by_hand() -> None:
    """Three cells in a stair: two firms in the first, half a firm in the third, one beyond."""
    grid = CityGrid(4547, 100.0, 50, 20, np.array([[True, True], [True, False]]))
    table = cell_table(np.array([0, 2, 0, -1]), np.array([1, 0.5, 1, 1]), np.array([7, 2**60 + 1, 5, 9]), grid)
    assert table.index.tolist() == ["E5000N2000", "E5100N2000", "E5000N2100"]
    assert table[c.KNOWN_FIRMS].tolist() == [2, 0, 1]
    assert table[c.WEIGHTED_FIRMS].tolist() == [2, 0, 0.5]
    assert table[c.TOTAL_CNY].tolist() == [12, 0, 2**60 + 1]  # to the yuan, where a float could not


def test_kinds_follow_from_the_measures() -> None:
    """On a ragged city: z of getis_ord_g, p adjusted over the cells with a neighbor, named at 0.05 by sign."""
    rng = np.random.default_rng(3)
    inside = rng.random((20, 20)) < 0.7
    inside[:, 18], inside[10, 18] = False, False
    inside[:, 19] = False
    inside[5, 19] = True  # an island
    grid = rng.normal(size=inside.shape)
    grid[2:6, 2:6] += 4
    grid[12:16, 12:16] -= 4
    found, measured = cell_kinds(grid[inside], inside), getis_ord_g(grid[inside], grid_contiguity(inside))
    for name in ("z", "p", "p_adjusted"):
        assert found[name].to_numpy() == pytest.approx(measured[name].to_numpy(), nan_ok=True)
    assert (found[c.TESTED] == measured["tested"]).all()
    named = found[c.P_ADJUSTED] <= 0.05
    assert (found[c.KIND] == "hot").equals(named & (found[c.Z] > 0))
    assert (found[c.KIND] == "cold").equals(named & (found[c.Z] < 0))
    assert (found[c.KIND] == "not_tested").equals(~found[c.TESTED])
    assert set(found[c.KIND]) == {kind.value for kind in HotSpotKind}


def test_a_suppressed_cell_is_not_tested_and_does_not_weaken_the_others() -> None:
    values, inside = np.random.default_rng(1).normal(size=100), np.ones((10, 10))
    suppressed = np.arange(100) < 30
    found = cell_kinds(values, inside, suppressed=suppressed)
    assert (found[c.KIND] == "not_tested").equals(pd.Series(suppressed, name=c.KIND))
    assert found[c.P_ADJUSTED].to_numpy()[30:] == pytest.approx(fdr_adjusted_p(found[c.P][30:]))


def test_a_city_where_all_cells_are_alike_names_none() -> None:
    found = cell_kinds(np.zeros(25), np.ones((5, 5)))
    assert set(found[c.KIND]) == {"not_tested"}


def test_one_giant_is_hot_by_the_normal_distribution_and_not_by_draws() -> None:
    """Nothing gathers where one cell holds everything: this is why p is drawn."""
    values = np.zeros(400)
    values[210] = 1e12
    assert (cell_kinds(values, np.ones((20, 20)))[c.KIND] == "hot").sum() == 9
    drawn = cell_kinds(values, np.ones((20, 20)), rng=np.random.default_rng(1))
    assert set(drawn[c.KIND]) == {"not_significant"}


@pytest.mark.parametrize("level", [0, 1, np.nan])
def test_a_level_that_is_none_is_told(level: float) -> None:
    with pytest.raises(BadValue, match="level must be between 0 and 1; got"):
        cell_kinds(np.zeros(4), np.ones((2, 2)), level=level)


# ---------------------------------------------------------------- from a dataset


def test_a_register_by_hand(four_towns: Dataset) -> None:
    """Two firms in one cell, one of them 0.4 in S02; one in the next; one of S02 alone; and three that are left out."""
    dataset = register(
        four_towns,
        [
            {"revenue": 100},
            {"revenue": 1_001, "weights": "S01:0.6;S02:0.4", "subsector": "S01"},
            {"revenue": 10, "x": X + 1_000, "precision": "park"},
            {"revenue": 7, "subsector": "S02"},
            {"revenue": 5, "precision": "district"},
            {"revenue": 5, "precision": "none", "x": np.nan},
            {"revenue": 5, "x": X - 200_000},
        ],
    )
    found = hot_spot_cells(dataset, "S01", measure="revenue", year=2021, rng=None)
    cells = found.cells
    held = cells[cells[c.KNOWN_FIRMS] > 0]
    assert held.index.tolist() == ["E515000N2493000", "E516000N2493000"]
    assert held[c.KNOWN_FIRMS].tolist() == [2, 1]
    assert held[c.WEIGHTED_FIRMS].tolist() == [1.6, 1]
    assert held[c.TOTAL_CNY].tolist() == [100 + 601, 10]
    assert (found.firms, found.imprecise_firms, found.outside_firms) == (3, 2, 1)
    assert (found.measure, found.year, found.draws, found.tested) == ("revenue", 2021, 0, len(cells))
    assert cells[c.TOTAL_CNY].sum() == 711
    assert cells.crs.to_epsg() == 4547
    assert (cells.area == 1e6).all()
    assert cells.loc["E515000N2493000"].geometry.contains(held.geometry.iloc[0].centroid)
    other = hot_spot_cells(dataset, "S02", measure="revenue", year=2021, rng=None).cells
    assert other.loc["E515000N2493000", c.TOTAL_CNY] == 400 + 7
    every = hot_spot_cells(dataset, "S01", rng=None, precisions=("exact", "park", "district"))
    assert (every.firms, every.imprecise_firms) == (4, 1)
    assert (every.cells[c.TOTAL_CNY] == 0).all()


def test_a_planted_spot_is_found_by_draws(four_towns: Dataset) -> None:
    """Firms all over the towns, and 200 more within 1.5 km of a point."""
    rng = np.random.default_rng(2)
    everywhere = [{"x": X + e, "y": Y + n} for e, n in rng.uniform(-10_000, 10_000, (400, 2))]
    spot = [{"x": X + e, "y": Y + n} for e, n in rng.uniform(-1_500, 1_500, (200, 2))]
    found = hot_spot_cells(register(four_towns, everywhere + spot), "S01", rng=np.random.default_rng(1))
    hot = found.cells[found.cells[c.KIND] == "hot"]
    assert "E515000N2493000" in hot.index
    assert hot.distance(found.cells.loc["E515000N2493000"].geometry).max() <= 1_500
    assert found.draws == 99_999


def test_the_order_of_firms_does_not_matter(four_towns: Dataset) -> None:
    places = np.random.default_rng(4).uniform(-8_000, 8_000, (60, 2))
    firms = [{"x": X + e, "y": Y + n, "revenue": int(e + 9_000)} for e, n in places]
    one, other = (
        hot_spot_cells(register(four_towns, rows), "S01", measure="revenue", year=2021, rng=None).cells
        for rows in (firms, firms[::-1])
    )
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))


def test_what_is_not_known_is_told(four_towns: Dataset) -> None:
    dataset = register(four_towns, [{}])
    with pytest.raises(UnknownSubsector, match="S99"):
        hot_spot_cells(dataset, "S99", rng=None)
    with pytest.raises(UnknownYear, match="1999"):
        hot_spot_cells(dataset, "S01", rng=None, measure="revenue", year=1999)
    with pytest.raises(BadValue, match="'firms', or 'revenue' and a year"):
        hot_spot_cells(dataset, "S01", rng=None, measure="revenue")
    assert set(hot_spot_cells(dataset, "S12", rng=None).cells[c.KIND]) == {"not_tested"}


def test_towns_without_any_point_have_cells_and_no_spots(four_towns: Dataset) -> None:
    """The towns' own firms have no coordinates at all."""
    found = hot_spot_cells(four_towns, "S01", rng=None)
    assert (found.firms, found.imprecise_firms, found.tested) == (0, 3, 0)


def test_the_bundled_set_has_too_few_points_to_say_anything(dataset: Dataset) -> None:
    found = hot_spot_cells(dataset, "S09", rng=np.random.default_rng(1), measure="revenue", year=2021)
    assert found.tested > 2_000
    assert set(found.cells[c.KIND]) == {"not_significant", "not_tested"}

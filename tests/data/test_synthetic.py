"""A synthetic register has the shape of the reference data, says in every row what it is, and repeats to the byte."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from data import columns as c
from data import synthetic
from data.calibration import CAP, YEARS, Calibration, calibrate
from data.dataset import Dataset
from data.errors import DataError, UnknownFormat
from data.synthetic import revenue_column, synthesize, write_register
from geo.locate import locate_areas

N = 40_000


@pytest.fixture(scope="module")
def register(dataset: Dataset) -> pd.DataFrame:
    return synthesize(N, 5, dataset)


@pytest.fixture(scope="module")
def shape(dataset: Dataset) -> Calibration:
    return calibrate(dataset)


def test_every_row_says_that_it_is_synthetic(register: pd.DataFrame) -> None:
    assert register[c.SYNTHETIC].dtype == bool
    assert register[c.SYNTHETIC].all()
    assert register[c.FIRM_ID].str.startswith("SYN-").all()
    assert register[c.NAME].str.startswith("合成企业 ").all()
    assert set(register[c.SOURCE]) == {"synthetic, seed 5"}
    assert (register[c.FIRM_ID].iloc[0], register[c.NAME].iloc[0]) == ("SYN-000001", "合成企业 000001")


def test_ids_and_names_are_unique(register: pd.DataFrame) -> None:
    assert len(register) == N
    assert register[c.FIRM_ID].is_unique
    assert register[c.NAME].is_unique


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    dataset: Dataset, tmp_path: Path, suffix: str
) -> None:
    files = [tmp_path / f"{name}{suffix}" for name in "abc"]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        write_register(synthesize(500, seed, dataset), file)
    one, same, other = (file.read_bytes() for file in files)
    assert one == same != other


def test_a_file_gives_the_register_back(register: pd.DataFrame, tmp_path: Path) -> None:
    write_register(register, tmp_path / "r.parquet")
    assert_frame_equal(pd.read_parquet(tmp_path / "r.parquet"), register)
    write_register(register, tmp_path / "r.csv")
    assert_frame_equal(
        pd.read_csv(tmp_path / "r.csv", dtype={c.REGISTERED_DISTRICT_ID: "str"}), register, check_dtype=False
    )


def test_points_lie_in_the_district_that_the_row_names(register: pd.DataFrame, dataset: Dataset) -> None:
    found = locate_areas(register[c.LON], register[c.LAT], dataset.districts)
    assert (found == register[c.REGISTERED_DISTRICT_ID].to_numpy(object)).mean() > 0.999


def test_points_are_scattered_around_the_place_that_the_row_names(register: pd.DataFrame, dataset: Dataset) -> None:
    parks = register[register[c.LOCATION_PRECISION] == "park"]
    at = dataset.parks.loc[parks[c.PLACE_ID]]
    away_m = np.hypot(
        (parks[c.LON].to_numpy() - at[c.LON].to_numpy()) * 102_800,
        (parks[c.LAT].to_numpy() - at[c.LAT].to_numpy()) * 111_000,
    )
    assert 200 < np.median(away_m) < 350
    assert away_m.max() < 1_500
    assert set(register[c.LOCATION_PRECISION]) == {"park", "street", "district"}
    assert not register.duplicated([c.LON, c.LAT]).all()


def test_subsectors_and_districts_have_the_shares_of_the_reference(register: pd.DataFrame, shape: Calibration) -> None:
    found = register[c.SUBSECTOR_ID].value_counts(normalize=True).reindex(shape.subsectors)
    np.testing.assert_allclose(found, shape.subsector_share, atol=4 * np.sqrt(0.25 / N))
    assert shape.subsector_share.sum() == pytest.approx(1)
    expected = shape.spots.groupby(c.DISTRICT_ID)["share"].sum()
    found = register[c.REGISTERED_DISTRICT_ID].value_counts(normalize=True).reindex(expected.index)
    np.testing.assert_allclose(found, expected, atol=4 * np.sqrt(0.25 / N))
    assert expected.idxmax() == "440305"
    assert expected["440305"] == pytest.approx((41 + 1) / (66 + 11))


def test_every_district_and_subsector_occurs(register: pd.DataFrame, dataset: Dataset) -> None:
    assert set(register[c.REGISTERED_DISTRICT_ID]) == set(dataset.districts.index)
    assert set(register[c.SUBSECTOR_ID]) == {f"S{i:02d}" for i in range(1, 13)}


def test_revenue_is_whole_positive_and_heavy_at_the_top(register: pd.DataFrame, shape: Calibration) -> None:
    revenue = register[revenue_column(2021)]
    assert (revenue > 0).all()
    assert (revenue % 1_000 == 0).all()
    assert revenue.max() <= shape.cap_cny
    assert 3.5e6 < revenue.median() < 4.5e6
    assert revenue.nlargest(N // 1_000).sum() > 0.2 * revenue.sum()


def test_the_tail_holds_about_as_many_firms_as_are_listed(dataset: Dataset, shape: Calibration) -> None:
    """Above the highest floor there is nearly nothing but the tail, whatever the size of the register."""
    bar = float(shape.tail_floor_cny.max())
    share_above = (shape.tail_floor_cny / bar) ** shape.tail_index
    expected = float((shape.tail_firms * share_above).sum())
    found = [(synthesize(N, seed, dataset)[revenue_column(2021)] >= bar).sum() for seed in range(4)]
    assert expected / 2 < np.mean(found) < expected * 2


def test_a_hill_estimate_of_one_pool_is_the_inverse_mean_excess(shape: Calibration, dataset: Dataset) -> None:
    usable = dataset.usable[dataset.usable[c.YEAR] == 2021].set_index(c.FIRM_ID)[c.REVENUE_CNY]
    for subsector, floor in zip(shape.subsectors, shape.tail_floor_cny, strict=True):
        of = usable[dataset.firms[c.SUBSECTOR_ID].reindex(usable.index) == subsector]
        if len(of):
            assert floor == of.min()
    assert (shape.tail_index > 0.3).all()
    assert (shape.tail_index < 1.5).all()
    assert shape.cap_cny == CAP * usable.max()


def test_firms_grow_as_the_matched_firms_did(register: pd.DataFrame, shape: Calibration) -> None:
    grown = np.log(register[c.REVENUE_CNY] / register[revenue_column(2022)].astype(float))
    assert grown.median() == pytest.approx(shape.growth[2023][0], abs=0.02)
    assert shape.growth[2022] == shape.growth[2023] != shape.growth[2021]  # too few firms to tell apart
    grown = np.log(register[revenue_column(2021)] / register[revenue_column(2020)].astype("float64"))
    assert grown.median() == pytest.approx(shape.growth[2021][0], abs=0.02)


def test_firms_are_observed_from_a_year_on(register: pd.DataFrame, shape: Calibration) -> None:
    seen = register[[*map(revenue_column, YEARS[:-1]), c.REVENUE_CNY]].notna().to_numpy()
    assert (np.diff(seen.astype(int), axis=1) >= 0).all()
    np.testing.assert_allclose(seen.mean(axis=0), list(shape.present.values()), atol=4 * np.sqrt(0.25 / N))
    assert list(shape.present.values()) == pytest.approx([50 / 58, 56 / 58, 1, 1, 1], abs=0.02)


def test_one_firm_is_a_register(dataset: Dataset) -> None:
    assert len(synthesize(1, 0, dataset)) == 1


@pytest.mark.parametrize(("firms", "seed"), [(0, 1), (-5, 1), (20_000_001, 1), (10, -1)])
def test_numbers_out_of_range_are_refused(dataset: Dataset, firms: int, seed: int) -> None:
    with pytest.raises(DataError, match="expected 1 to 20,000,000"):
        synthesize(firms, seed, dataset)


def test_another_suffix_is_refused(register: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat):
        write_register(register, tmp_path / "r.xlsx")
    assert not list(tmp_path.iterdir())


def test_points_that_will_not_fall_inside_stand_on_their_spot(
    register: pd.DataFrame, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic.AreaIndex, "locate", lambda _, lon, lat: np.full(len(lon), -1, dtype=np.int32))
    made = synthesize(200, 1, dataset)
    spots = calibrate(dataset).spots.set_index(c.PLACE_ID)
    np.testing.assert_allclose(made[c.LON], spots[c.LON][made[c.PLACE_ID]], atol=1e-6)

"""A register is read as it stands, or refused in one sentence that names what is wrong with it."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import columns as c
from data.dataset import Dataset
from data.errors import BadTable, MissingColumns
from data.register import Register
from data.synthetic import synthesize
from tests.register_files import read_register

Read = Callable[[pd.DataFrame], Register]


@pytest.fixture
def table(dataset: Dataset) -> pd.DataFrame:
    return synthesize(50, 3, dataset)


@pytest.fixture
def read(dataset: Dataset, tmp_path: Path) -> Read:
    def one(table: pd.DataFrame) -> Register:
        table.to_parquet(tmp_path / "r.parquet", index=False)
        return read_register(tmp_path / "r.parquet", dataset)

    return one


def test_the_digest_is_that_of_the_bytes(table: pd.DataFrame, read: Read, tmp_path: Path) -> None:
    assert read(table).digest == hashlib.sha256((tmp_path / "r.parquet").read_bytes()).hexdigest()[:8]


def test_firms_stand_by_id_and_observations_by_year_and_firm(table: pd.DataFrame, read: Read) -> None:
    found = read(table.sample(frac=1, random_state=1))
    assert found.firms[c.FIRM_ID].to_pylist() == sorted(table[c.FIRM_ID])
    keys = found.observations.select([c.YEAR, c.FIRM_NUMBER]).to_pandas()
    assert keys.equals(keys.sort_values([c.YEAR, c.FIRM_NUMBER]))
    assert sum(found.observations[c.REVENUE_CNY].to_pylist()) == table.filter(like="revenue").sum().sum()


def test_the_order_of_the_rows_does_not_matter(table: pd.DataFrame, read: Read) -> None:
    one, other = read(table), read(table[::-1])
    assert one.firms.equals(other.firms)
    assert one.observations.equals(other.observations)


def test_a_firm_without_a_district_gets_that_of_its_point(table: pd.DataFrame, read: Read) -> None:
    expected = table[c.REGISTERED_DISTRICT_ID].tolist()
    for bare in (table.drop(columns=c.REGISTERED_DISTRICT_ID), table.assign(**{c.REGISTERED_DISTRICT_ID: None})):
        assert read(bare).firms[c.REGISTERED_DISTRICT_ID].to_pylist() == expected
    table.loc[0, c.REGISTERED_DISTRICT_ID] = "441521-SS"  # what the row says stays, wherever its point lies
    assert read(table).firms[c.REGISTERED_DISTRICT_ID].to_pylist() == ["441521-SS", *expected[1:]]


def test_a_firm_without_a_place_or_beyond_the_city_has_no_district(table: pd.DataFrame, read: Read) -> None:
    table = table.drop(columns=[c.REGISTERED_DISTRICT_ID, c.LOCATION_PRECISION, c.PLACE_ID])
    table.loc[0, [c.LON, c.LAT]] = np.nan
    table.loc[1, [c.LON, c.LAT]] = 116.4, 39.9
    firms = read(table).firms
    assert firms[c.REGISTERED_DISTRICT_ID].to_pylist()[:2] == [None, None]
    assert firms[c.LOCATION_PRECISION].to_pylist()[:3] == ["none", "exact", "exact"]


def test_only_a_made_up_firm_makes_a_register_synthetic(table: pd.DataFrame, read: Read) -> None:
    assert read(table).synthetic
    assert not read(table.drop(columns=c.SYNTHETIC)).synthetic
    assert read(table.assign(**{c.SYNTHETIC: [True] + [False] * 49})).synthetic


def test_revenue_that_is_missing_is_no_observation(table: pd.DataFrame, read: Read) -> None:
    years = table.filter(like="revenue_2")
    table[c.REVENUE_CNY] = table[c.REVENUE_CNY].astype("Int64")
    table.loc[0, c.REVENUE_CNY] = pd.NA
    seen = read(table).observations.to_pandas()
    assert len(seen) == years.notna().sum().sum() + 49
    assert set(seen[c.STATUS]) == {"unverified"}


def test_texts_stay_as_they_are_and_a_short_name_is_the_name(table: pd.DataFrame, read: Read) -> None:
    hostile = ["{{ 7*7 }}", "</script><script>", "=1+1", "\u202e", "a\0b", "'; DROP TABLE firms; --"]
    table.loc[:5, c.NAME] = hostile
    firms = read(table).firms
    assert firms[c.NAME].to_pylist()[:6] == firms[c.SHORT_NAME].to_pylist()[:6] == hostile


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({c.FIRM_ID: None}, "50 rows without firm_id"),
        ({c.FIRM_ID: "x"}, r"firm_id 'x' stands twice \(49 such rows\)"),
        ({c.NAME: ""}, "50 rows without name"),
        ({c.SUBSECTOR_ID: "S99"}, "subsector_id 'S99' is none of S01, S02"),
        ({c.REGISTERED_DISTRICT_ID: "1"}, "registered_district_id '1' is none of 440303"),
        ({c.LOCATION_PRECISION: "good"}, "location_precision 'good' is none of exact, park"),
        ({c.LON: 181.0}, "50 rows whose lon and lat are no place"),
        ({c.LAT: np.nan}, "50 rows whose lon and lat are no place"),
        ({c.YEAR: 20}, "year 20 is not from 1900 to 2100"),
        ({c.YEAR: 2019}, "year 2019 stands in column 'year' and in 'revenue_2019_cny'"),
        ({c.REVENUE_CNY: 2**62}, "more CNY than can be counted"),
        ({c.REVENUE_CNY: 1.5}, "column 'revenue_cny' came as double; expected whole numbers"),
        ({c.NAME: 7}, "column 'name' came as int64; expected text"),
        ({c.LON: "east"}, "column 'lon' came as large_string; expected degrees"),
        ({"profit": 1}, "column 'profit' came as int64; expected no such column"),
    ],
)
def test_a_fault_is_named(table: pd.DataFrame, read: Read, change: dict[str, object], said: str) -> None:
    with pytest.raises(BadTable, match=said):
        read(table.assign(**change))


def test_all_faults_are_named_at_once(table: pd.DataFrame, read: Read) -> None:
    with pytest.raises(BadTable, match=r"(?s)without name.*S99"):
        read(table.assign(**{c.NAME: None, c.SUBSECTOR_ID: "S99"}))


def test_missing_columns_are_named(table: pd.DataFrame, read: Read) -> None:
    with pytest.raises(MissingColumns, match="no column lon, year; it has firm_id, name") as refused:
        read(table.drop(columns=[c.LON, c.YEAR]))
    assert refused.value.missing == (c.LON, c.YEAR)


def test_a_register_without_rows_or_revenue_is_refused(table: pd.DataFrame, read: Read) -> None:
    with pytest.raises(BadTable, match="no row"):
        read(table.iloc[:0])
    empty = dict.fromkeys(table.filter(like="revenue"), pd.array([None] * len(table), "Int64"))
    with pytest.raises(BadTable, match="no row with revenue"):
        read(table.assign(**empty))


def test_what_is_no_parquet_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "no.parquet").write_text("no")
    with pytest.raises(BadTable, match=r"no\.parquet"):
        read_register(tmp_path / "no.parquet", dataset)


def test_text_that_is_no_utf8_is_refused(table: pd.DataFrame, dataset: Dataset, tmp_path: Path) -> None:
    raw = pa.Table.from_pandas(table, preserve_index=False)
    bytes_ = pa.array([b"\xff\xfe"] * len(table), pa.large_binary()).view(pa.large_string())
    pq.write_table(raw.set_column(1, c.NAME, bytes_), tmp_path / "r.parquet")
    with pytest.raises(BadTable, match="UTF8"):
        read_register(tmp_path / "r.parquet", dataset)


def test_weights_are_kept_and_wrong_ones_refused(table: pd.DataFrame, read: Read) -> None:
    table = table.assign(
        **{c.SUBSECTOR_ID: "S02", c.SUBSECTOR_WEIGHTS: ["S02:0.6;S05:0.4", *[None] * (len(table) - 1)]}
    )
    found = read(table).firms
    held = dict(zip(found[c.FIRM_ID].to_pylist(), found[c.SUBSECTOR_WEIGHTS].to_pylist(), strict=True))
    assert held[table[c.FIRM_ID][0]] == "S02:0.6;S05:0.4"
    assert sum(text is not None for text in held.values()) == 1
    table.loc[1, c.SUBSECTOR_WEIGHTS] = "S05:0.6;S06:0.4"
    table.loc[2, c.SUBSECTOR_WEIGHTS] = "half"
    with pytest.raises(BadTable, match=r"'half' is no set of parts.*largest part in S05 and stands beside"):
        read(table)

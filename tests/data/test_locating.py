"""Every row of a file gets its district and parks, in order, whatever else the file holds."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import columns as c
from data import locating
from data.dataset import Dataset
from data.errors import BadTable
from data.locating import locate_file
from geo.crs import to_metric
from geo.locate import locate_areas


@pytest.fixture(scope="module")
def crowd(dataset: Dataset) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    west, south, east, north = dataset.districts.total_bounds
    lon, lat = rng.uniform(west, east, 3_000), rng.uniform(south, north, 3_000)
    lon[:500], lat[:500] = rng.normal(113.945, 0.01, 500), rng.normal(22.54, 0.01, 500)
    lon[500:504], lat[500:504] = [np.nan, np.inf, 200, 114], [22.5, 22.5, 22.5, np.nan]
    return pd.DataFrame({"id": np.arange(3_000), c.LON: lon, c.LAT: lat, "note": None, c.DISTRICT_ID: "stale"})


def located(table: pd.DataFrame | pa.Table, dataset: Dataset, folder: Path, **columns: str) -> pd.DataFrame:
    source, target = folder / "in.parquet", folder / "out.parquet"
    pq.write_table(table if isinstance(table, pa.Table) else pa.Table.from_pandas(table), source)
    told = locate_file(source, target, dataset, **columns)
    found = pd.read_parquet(target)
    assert told == {
        "rows": len(found),
        "located": int(found[c.DISTRICT_ID].notna().sum()),
        "near_parks": int((found[c.PARK_IDS].map(len) > 0).sum()),
    }
    return found


def test_rows_keep_their_order_and_gain_district_and_parks(
    crowd: pd.DataFrame, dataset: Dataset, tmp_path: Path
) -> None:
    found = located(crowd, dataset, tmp_path)
    assert list(found.columns) == ["id", c.LON, c.LAT, "note", c.DISTRICT_ID, c.PARK_IDS]
    assert found["id"].tolist() == crowd["id"].tolist()
    expected = locate_areas(crowd[c.LON], crowd[c.LAT], dataset.districts)
    assert found[c.DISTRICT_ID].astype(object).where(found[c.DISTRICT_ID].notna(), None).tolist() == expected.tolist()
    parks = dataset.parks[dataset.parks[c.LON].notna()]
    sites = to_metric(parks[c.LON], parks[c.LAT], crs=4547)
    for row in range(0, 3_000, 7):
        lon, lat = crowd[c.LON][row], crowd[c.LAT][row]
        near: list[str] = []
        if abs(lon) <= 180 and abs(lat) <= 90:
            x, y = to_metric(lon, lat, crs=4547)
            near = parks[c.PARK_ID][np.hypot(sites[0] - x, sites[1] - y) <= 500].tolist()
        assert list(found[c.PARK_IDS][row]) == near
    assert (found[c.PARK_IDS].map(len) > 1).any()
    assert found[c.DISTRICT_ID][500:504].isna().all()


def test_batches_leave_no_seam(
    crowd: pd.DataFrame, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = located(crowd, dataset, tmp_path)
    monkeypatch.setattr(locating, "BATCH_ROWS", 700)
    pd.testing.assert_frame_equal(located(crowd, dataset, tmp_path), whole)


def test_columns_may_have_other_names_and_types(dataset: Dataset, tmp_path: Path) -> None:
    table = pa.table({"经度": pa.array(["114.05", None]), "纬度": pa.array([22.54, 22.54], pa.float32())})
    found = located(table, dataset, tmp_path, lon="经度", lat="纬度")
    assert found[c.DISTRICT_ID].isna().tolist() == [False, True]
    assert found[c.DISTRICT_ID][0] == "440304"


def test_types_and_metadata_of_other_columns_stay(dataset: Dataset, tmp_path: Path) -> None:
    columns = {
        c.LON: [114.05],
        c.LAT: [22.54],
        "when": pa.array([0], pa.timestamp("us")),
        "kind": pa.array(["a"]).dictionary_encode(),
        "money": pa.array([1], pa.decimal128(20, 2)),
    }
    table = pa.table(columns).replace_schema_metadata({"owner": "me"})
    located(table, dataset, tmp_path)
    written = pq.read_schema(tmp_path / "out.parquet")
    assert [written.field(name).type for name in table.schema.names] == table.schema.types
    assert written.metadata[b"owner"] == b"me"
    assert written.field(c.PARK_IDS).type == pa.list_(pa.string())


def test_a_file_without_rows_stays_without(dataset: Dataset, tmp_path: Path) -> None:
    found = located(pd.DataFrame({c.LON: [], c.LAT: []}, dtype=float), dataset, tmp_path)
    assert list(found.columns) == [c.LON, c.LAT, c.DISTRICT_ID, c.PARK_IDS]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pa.table({"x": [1.0], c.LAT: [2.0]}), "no column 'lon'; it has x, lat"),
        (pa.table({c.LON: ["here"], c.LAT: [2.0]}), "here"),
        (pa.table({c.LON: [[1.0]], c.LAT: [2.0]}), "list"),
    ],
)
def test_columns_that_hold_no_degrees_are_refused(table: pa.Table, said: str, dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(BadTable, match=said):
        located(table, dataset, tmp_path)


def test_a_file_that_is_not_parquet_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "in.parquet").write_text("lon,lat\n1,2\n")
    with pytest.raises(BadTable, match=r"in\.parquet"):
        locate_file(tmp_path / "in.parquet", tmp_path / "out.parquet", dataset)

"""A register comes back unchanged from each format, as readers that know nothing of us see it."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from clusters.goals import Board
from data import columns as c
from data.apostrophes import unguard
from data.dataset import Dataset
from data.exporting import FOR_READERS, STAMP, SUFFIXES, is_export, write_table
from data.store import open_version
from data.writers.columns import BATCH_ROWS
from tests.register_files import import_register
from views.export_tables import EXPORTS
from views.provenance import stamp
from views.words import words

Values = dict[str, list[object]]


@pytest.fixture(scope="module", autouse=True)
def hasty() -> Iterator[None]:
    """No waiting for the disk: many small files are written here, and test_durable asks for the flush."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


PROVENANCE = dict.fromkeys(STAMP, "=示意图")


def read_csv(path: Path) -> Values:
    with path.open("rb") as file:
        headings = file.readline().decode("utf-8-sig").rstrip("\r\n").split(",")
    table = pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(headings, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    assert is_export(table.column_names)
    return {name: unguard(table[name]).to_pylist() for name in table.column_names}


def read_xlsx(path: Path) -> Values:
    (sheet,) = CalamineWorkbook.from_path(path).sheet_names
    head, *rows = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()
    return {str(name): [row[i] for row in rows] for i, name in enumerate(head)}


def read_geojson(path: Path) -> Values:
    features = json.loads(path.read_text("utf-8"))["features"]
    names = features[0]["properties"]
    shapes = [f["geometry"] and shapely.from_geojson(json.dumps(f["geometry"])) for f in features]
    return {name: [f["properties"][name] for f in features] for name in names} | {"geometry": shapes}


def read_gpkg(path: Path) -> Values:
    facts, table = pyogrio.read_arrow(path)
    shapes = shapely.from_wkb(table[facts["geometry_name"]].to_pylist())
    names = [name for name in table.column_names if name != facts["geometry_name"]]
    return {name: table[name].to_pylist() for name in names} | {"geometry": list(shapes)}


def read_parquet(path: Path) -> Values:
    table = pq.read_table(path)
    return {name: table[name].to_pylist() for name in table.column_names} | {
        "geometry": list(shapely.from_wkb(table["geometry"].to_pylist()))
    }


READ: dict[str, Callable[[Path], Values]] = dict(
    zip(SUFFIXES, (read_csv, read_xlsx, read_geojson, read_gpkg, read_parquet), strict=True)
)


def as_it_was(back: object, was: object) -> object:
    """A value that came back as text or as another type of number, as what it was; a cell with nothing is missing."""
    if back is None or (back == "" and was != ""):
        return None
    if isinstance(was, bool):
        return {"true": True, "false": False}.get(back, back) if isinstance(back, str) else bool(back)
    if isinstance(was, int):
        return int(back)  # type: ignore[call-overload]
    return float(back) if isinstance(was, float) else back  # type: ignore[arg-type]


def assert_came_back(back: Values, table: pd.DataFrame) -> None:
    for name in table:
        was = [None if pd.isna(v) else v for v in table[name].astype(object)]
        assert [as_it_was(b, w) for b, w in zip(back[name], was, strict=True)] == was, name
    if "geometry" in back and c.LON in table:
        places = [None if shape is None else (shape.x, shape.y) for shape in back["geometry"]]  # type: ignore[attr-defined]
        known = zip(table[c.LON].tolist(), table[c.LAT].tolist(), strict=True)
        assert places == [None if pd.isna(lon + lat) else (lon, lat) for lon, lat in known]


# ---------------------------------------------------------------- whole registers


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_an_imported_register_comes_back_unchanged_from_every_format(
    board: Board,
    dataset: Dataset,
    registers: st.SearchStrategy[pd.DataFrame],
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
) -> None:
    register = data.draw(registers)
    home = tmp_path_factory.mktemp("home")
    register.to_parquet(home / "register.parquet", index=False)
    version = import_register(home / "register.parquet", home, dataset)
    current = replace(board, dataset=open_version(home, version.id, dataset))

    latest = {c.REVENUE_CNY: c.of_year(c.REVENUE_CNY, 2023)}
    known = register.drop(columns=c.YEAR).rename(columns=latest).sort_values(c.FIRM_ID, key=as_bytes)
    nobodys = [n for n in known if n.startswith("revenue_") and known[n].isna().all()]
    known = known.drop(columns=nobodys)  # a year that nobody reports is no year of the version
    known[c.SHORT_NAME] = known[c.SHORT_NAME].fillna(known[c.NAME])

    for suffix, read in READ.items():
        note(suffix)
        write_table(EXPORTS["firms"](current), home / f"firms{suffix}", stamp(current, words("zh")))
        back = read(home / f"firms{suffix}")
        readers = {*FOR_READERS, *(n for n in back if n.startswith("revenue_"))}
        assert set(back) - {"geometry"} - set(c.DECLARED) <= readers
        assert not set(nobodys) & set(back)
        assert_came_back(back, known)


def as_bytes(texts: pd.Series) -> pd.Series:
    return texts.map(str.encode)


# ---------------------------------------------------------------- any table

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\t\n\r"), max_size=8)
TABLES = st.lists(
    st.tuples(
        st.none() | TEXTS.filter(lambda text: not set(text) & set("\ufffe\uffff")),
        st.none() | st.floats(-180, 180),
        st.none() | st.floats(-90, 90),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=60)
@given(rows=TABLES)
def test_every_number_and_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, rows: list[tuple[object, ...]]
) -> None:
    kinds = {"text": "str", c.LON: float, c.LAT: float, "number": float, "whole": "Int64", "truth": bool}
    table = pd.DataFrame(rows, columns=list(kinds), dtype=object).astype(kinds)
    path = tmp_path_factory.mktemp("any") / f"t{suffix}"
    write_table(table, path, PROVENANCE)
    back = READ[suffix](path)
    assert_came_back(back, table)
    assert all(back[name] == ["=示意图"] * len(table) for name in STAMP)


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg"])
def test_whole_numbers_stay_whole_in_64_bits(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame({"small": pd.array([1, None], "Int64"), "big": [2**62 + 1, 1 - 2**53]})
    write_table(table, tmp_path / f"t{suffix}", PROVENANCE)
    _, back = pyogrio.read_arrow(tmp_path / f"t{suffix}")
    assert back["big"].type == pa.int64()
    assert back["big"].to_pylist() == [2**62 + 1, 1 - 2**53]
    assert back["small"].to_pylist() == [1, None]
    assert suffix == ".geojson" or back["small"].type == pa.int64()


def test_geojson_is_after_rfc_7946(tmp_path: Path) -> None:
    clockwise = shapely.Polygon([(0, 0), (0, 1.123456789012), (1, 1), (1, 0)])
    table = pd.DataFrame({"name": ["a", "b"]})
    shapes = pd.Series([clockwise, None])
    write_table(gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes), crs="EPSG:4326"), tmp_path / "t.geojson", {})
    document = json.loads((tmp_path / "t.geojson").read_text("utf-8"))
    assert set(document) == {"type", "features"}
    first, second = document["features"]
    assert second == {"type": "Feature", "geometry": None, "properties": {"name": "b"}}
    ring = shapely.from_geojson(json.dumps(first["geometry"])).exterior
    assert ring.is_ccw
    assert 1.123456789012 in np.asarray(ring.coords)


def test_codes_of_many_texts_and_rows_beyond_one_batch_come_back(tmp_path: Path) -> None:
    rows = BATCH_ROWS + 10
    names = pd.Categorical.from_codes(np.arange(rows) % 3, ["=1", 'a"b\r\n', "c"])
    ids = pd.Categorical([f"{i:06d}" for i in reversed(range(rows))])
    table = pd.DataFrame({"id": ids, "name": names, "n": np.arange(rows), "year": np.full(rows, 2021, np.int16)})
    for suffix, read in READ.items():
        write_table(table, tmp_path / f"t{suffix}", PROVENANCE)
        back = read(tmp_path / f"t{suffix}")
        assert back["id"] == list(ids), suffix
        assert back["name"] == list(names), suffix
        assert [int(n) for n in back["n"]] == list(range(rows)), suffix  # type: ignore[call-overload]
        assert {int(y) for y in back["year"]} == {2021}, suffix  # type: ignore[call-overload]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_table_without_rows_has_its_columns(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame({"name": pd.Series([], dtype="str"), c.LON: pd.Series([], dtype=float)})
    write_table(table, tmp_path / f"t{suffix}", PROVENANCE)
    if suffix == ".geojson":
        assert json.loads((tmp_path / "t.geojson").read_text("utf-8")) == {"type": "FeatureCollection", "features": []}
    else:
        assert set(READ[suffix](tmp_path / f"t{suffix}")) - {"geometry"} == {"name", c.LON, *STAMP}


def test_an_infinity_is_a_text_in_a_sheet_and_nothing_in_geojson(tmp_path: Path) -> None:
    table = pd.DataFrame({"number": [1.5, np.inf, -np.inf, np.nan]})
    for suffix, found in ((".xlsx", [1.5, "inf", "-inf", ""]), (".geojson", [1.5, None, None, None])):
        write_table(table, tmp_path / f"t{suffix}", PROVENANCE)
        assert READ[suffix](tmp_path / f"t{suffix}")["number"] == found


# ---------------------------------------------------------------- what an import may pass over


@pytest.mark.parametrize("what", ["firms", "observations", "indicators"])
def test_every_column_is_one_of_ours_or_for_readers(board: Board, what: str) -> None:
    years = {c.of_year(c.REVENUE_CNY, year) for year in board.dataset.years} if what == "firms" else set()
    table = EXPORTS[what](board).assign(**stamp(board, words("en")))
    assert set(table) - set(c.DECLARED) - set(FOR_READERS) == years
    assert years <= set(table)
    assert not set(FOR_READERS) & set(c.DECLARED)
    assert is_export(table)


def test_firms_have_names_for_people_beside_their_ids(board: Board) -> None:
    tencent = EXPORTS["firms"](board).loc["00700.HK"]
    assert tencent["registered_district_name"] == "南山区"
    assert isinstance(tencent["subsector_name"], str)


def test_value_added_and_employees_have_columns_of_each_year_and_several_observations_add_up(board: Board) -> None:
    seen = pd.DataFrame(
        {
            c.FIRM_ID: ["000032", "000032", "000032", "00700.HK", "000004"],
            c.YEAR: [2021, 2021, 2022, 2021, 2021],
            c.REVENUE_CNY: [1, 2, 4, 8, 16],
            c.EMPLOYEES: pd.array([10, 20, None, 40, 80], "Int64"),
            c.VALUE_ADDED_CNY: [np.nan, np.nan, 5.0, np.nan, np.nan],
            c.STATUS: ["sourced", "sourced", "sourced", "sourced", "memory"],
        }
    )
    table = EXPORTS["firms"](replace(board, dataset=replace(board.dataset, observations=seen)))
    wide = [name for name in table if "20" in name]
    assert wide == ["revenue_2021_cny", "revenue_2022_cny", "value_added_2022_cny", "employees_2021"]
    found = table.loc[["000032", "00700.HK", "000004"], wide].astype(object)
    assert found.where(found.notna(), None).values.tolist() == [[3, 4, 5, 30], [8, None, None, 40], [None] * 4]

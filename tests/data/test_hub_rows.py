"""Hubs that somebody brings: understood, refused with a reason, kept in a version, and back again unchanged."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from clusters.goals import Board
from data import columns as c
from data.brought import About, Brought
from data.dataset import Dataset
from data.differences import Counts, compare_versions
from data.errors import BadTable
from data.exporting import write_table
from data.findings import Effect
from data.importing import Told, check_file, import_file
from data.mapping import Question, TableKind
from data.store import commit, open_version, undo
from data.templates import write_sample
from data.version_files import FILES, Part
from geo.datum import wgs84_to_bd09, wgs84_to_gcj02
from views.export_tables import EXPORTS
from views.provenance import stamp
from views.words import words

Write = Callable[[dict[str, list[Any]]], Path]


@pytest.fixture(scope="module", autouse=True)
def hasty() -> Iterator[None]:
    """No waiting for the disk: what a crash leaves is asked elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a table as a CSV file."""

    def one(table: dict[str, list[Any]]) -> Path:
        path = tmp_path / "枢纽.csv"
        pd.DataFrame(table).to_csv(path, index=False, encoding="gb18030")
        return path

    return one


STATIONS = {
    "站名": ["深大站", "深圳机场", "盐田港", "深圳湾口岸", "光明城"],
    "类型": ["地铁站", "机场", "码头", "口岸", "高铁站"],
    "经度": [113.944, 113.81, 114.27, 113.944, 113.93],
    "纬度": [22.537, 22.63, 22.577, 22.506, 22.755],
    "位置精度": ["约 10 m"] * 5,
    "来源": ["市交通运输局 2024"] * 5,
}


def codes(checked: Any, effect: Effect = Effect.REFUSED) -> list[tuple[int, str]]:
    return [(row["row"], row["code"]) for row in checked.findings.table().to_pylist() if row["effect"] == effect.value]


def test_a_list_of_stations_is_known_for_what_it_is_and_replaces_the_hubs(
    write: Write, dataset: Dataset, tmp_path: Path
) -> None:
    told = Told(datum="wgs84")
    checked = check_file(write(STATIONS), told, dataset)
    assert (checked.mapping.kind, checked.questions, checked.accepted) == (TableKind.HUBS, (), 5)
    home = tmp_path / "home"
    record = import_file(write(STATIONS), told, home)
    now = open_version(home, "1", dataset)
    assert now.hubs[c.KIND].tolist() == ["metro", "airport", "port", "border", "rail"]
    assert now.hubs[c.PRECISION].unique().tolist() == ["约 10 m"]
    assert list(now.hubs.columns) == list(dataset.hubs.columns)
    assert (now.hubs.index == now.hubs[c.HUB_ID]).all()
    assert (record.kind, now.parks is dataset.parks, now.firms is dataset.firms) == ("hubs", True, True)
    undo(home)
    assert open_version(home, "0", dataset).hubs is dataset.hubs


def test_a_version_that_brings_other_things_keeps_the_hubs_of_the_one_before(
    write: Write, dataset: Dataset, tmp_path: Path
) -> None:
    commit(tmp_path, dataset, Brought(About("parks", "园区.xlsx", "ab"), parks=pd.DataFrame({c.NAME: ["新园"]})))
    assert open_version(tmp_path, "1", dataset).hubs is dataset.hubs  # never replaced: the bundled ones
    import_file(write(STATIONS), Told(datum="wgs84"), tmp_path)
    commit(tmp_path, dataset, Brought(About("parks", "园区.xlsx", "cd"), parks=pd.DataFrame({c.NAME: ["又一园"]})))
    assert open_version(tmp_path, "3", dataset).hubs[c.NAME].tolist() == STATIONS["站名"]
    (file,) = FILES[Part.HUBS]
    inodes = {(tmp_path / "versions" / version / file).stat().st_ino for version in "23"}
    assert len(inodes) == 1, "the same file under one more name"


def test_hubs_are_laid_over_hubs_by_kind_and_name(write: Write, dataset: Dataset, tmp_path: Path) -> None:
    name = dataset.hubs[c.NAME].iloc[3]
    file = {"枢纽": [name, "新站"], "类型": ["地铁", "地铁"], "经度": [113.95, 114.0], "纬度": [22.5, 22.6]}
    import_file(write(file), Told(datum="wgs84", merge=True), tmp_path)
    now = open_version(tmp_path, "1", dataset)
    assert len(now.hubs) == len(dataset.hubs) + 1
    assert now.hubs[c.LON].iloc[3] == 113.95
    assert now.hubs[c.SOURCE].iloc[3] == dataset.hubs[c.SOURCE].iloc[3]  # what the file leaves empty stays
    assert compare_versions(dataset, now).hubs == Counts(added=1, gone=0, changed=1)


@pytest.mark.parametrize(("datum", "convert"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_the_datum_is_judged_by_hubs_of_the_same_name(
    write: Write, dataset: Dataset, datum: str, convert: Callable[..., Any]
) -> None:
    known = dataset.hubs.head(60)
    lon, lat = convert(known[c.LON].to_numpy(), known[c.LAT].to_numpy())
    bare = known[c.NAME].str.removesuffix("站") + "地铁站"  # other words for the same station
    checked = check_file(
        write({"站名": bare.tolist(), "类型": ["地铁"] * 60, "经度": lon.tolist(), "纬度": lat.tolist()}),
        Told(),
        dataset,
    )
    assert checked.questions == ()
    assert checked.taken.places is not None
    diagnosis = checked.taken.places.diagnosis
    assert diagnosis is not None
    assert diagnosis.datum == datum
    assert checked.taken.tables["hubs"][c.LON].to_numpy() == pytest.approx(known[c.LON].to_numpy(), abs=1e-5)


def test_the_datum_of_strangers_is_asked(write: Write, dataset: Dataset) -> None:
    file = {"站名": ["甲", "乙"], "类型": ["地铁", "地铁"], "经度": [114.0, 114.05], "纬度": [22.6, 22.6]}
    checked = check_file(write(file), Told(), dataset)
    assert [question.about for question in checked.questions] == ["datum"]


def test_a_row_without_a_name_a_kind_or_a_place_is_refused_and_says_why(write: Write, dataset: Dataset) -> None:
    file = {
        "站名": ["甲", None, "丙", "丁", "甲", "甲"],
        "类型": ["地铁", "地铁", "公交总站", "港口", "地铁站", "机场"],
        "经度": [114.0, 114.0, 114.0, None, 114.1, 114.0],
        "纬度": [22.6, 22.6, 22.6, None, 22.6, 22.6],
    }
    checked = check_file(write(file), Told(datum="wgs84"), dataset)
    assert sorted(codes(checked)) == [
        (3, "no_name"),
        (4, "unknown_hub_kind"),
        (5, "hub_without_place"),
        (6, "hub_stands_twice"),
    ]
    assert checked.taken.tables["hubs"][[c.NAME, c.KIND]].to_numpy().tolist() == [["甲", "metro"], ["甲", "airport"]]
    for language in ("zh", "en"):
        assert all(f"finding.{code}" in words(language) for _, code in codes(checked))  # type: ignore[arg-type]


def test_a_file_that_lacks_kind_or_place_is_asked_about(write: Write, dataset: Dataset) -> None:
    checked = check_file(write({"站名": ["甲"], "甲列": ["x"]}), Told(kind=TableKind.HUBS), dataset)
    asked = [question.subject for question in checked.questions]
    assert asked == [c.KIND, c.LAT, c.LON]
    assert Question("column", c.KIND, ("甲列",)) in checked.questions


def test_points_of_a_layer_need_no_columns_of_degrees(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "hubs.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"甲站","kind":"metro"},'
        '"geometry":{"type":"Point","coordinates":[114.0,22.6]}}]}'
    )
    checked = check_file(path, Told(datum="wgs84"), dataset)
    assert (checked.mapping.kind, checked.questions) == (TableKind.HUBS, ())
    assert checked.taken.tables["hubs"][c.LON].tolist() == [114.0]


def test_a_list_of_firms_with_a_column_of_types_is_no_list_of_hubs(write: Write, dataset: Dataset) -> None:
    file = {"名称": ["甲有限公司"], "类型": ["有限责任公司"], "经度": [114.0], "纬度": [22.6]}
    assert check_file(write(file), Told(datum="wgs84"), dataset).mapping.kind is not TableKind.HUBS


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".geojson", ".gpkg", ".parquet"])
def test_what_is_exported_comes_back_unchanged(board: Board, dataset: Dataset, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"hubs{suffix}"
    write_table(EXPORTS["hubs"](board), path, stamp(board, words("zh")))
    import_file(path, Told(datum="wgs84"), tmp_path / "home")
    now = open_version(tmp_path / "home", "1", dataset)
    pd.testing.assert_frame_equal(now.hubs, dataset.hubs, check_index_type=False, check_dtype=False)
    assert compare_versions(dataset, now).hubs == Counts(0, 0, 0)


def test_the_sample_of_the_template_is_read_without_a_question(dataset: Dataset, tmp_path: Path) -> None:
    write_sample(TableKind.HUBS, tmp_path / "sample.xlsx")
    checked = check_file(tmp_path / "sample.xlsx", Told(), dataset)
    assert (checked.mapping.kind, checked.questions, checked.refused) == (TableKind.HUBS, (), 0)
    assert checked.taken.tables["hubs"][c.KIND].tolist() == list(dataset.hubs[c.KIND].unique())


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({c.NAME: ["a"]}, "no column 'kind'"),
        ({c.NAME: ["a"], c.KIND: ["moon"], c.LON: [1.0], c.LAT: [1.0]}, "kind 'moon' is none of metro"),
        ({c.NAME: ["a"], c.KIND: ["metro"], c.LON: [None], c.LAT: [1.0]}, "no place in degrees"),
        ({c.NAME: ["a", "a"], c.KIND: ["metro"] * 2, c.LON: [1.0] * 2, c.LAT: [1.0] * 2}, "stand twice"),
        ({c.NAME: [None], c.KIND: ["metro"], c.LON: [1.0], c.LAT: [1.0]}, "1 rows without name"),
    ],
)
def test_a_table_of_hubs_that_breaks_the_rules_is_refused(
    dataset: Dataset, tmp_path: Path, table: dict[str, list[Any]], said: str
) -> None:
    with pytest.raises(BadTable, match=said):
        commit(tmp_path, dataset, Brought(About("hubs", "枢纽.csv", "ab"), hubs=pd.DataFrame(table)))

"""A file as a district sends it becomes a version: understood, placed, checked and kept, or refused in a sentence."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from openpyxl import Workbook

from clusters.goals import tally_goals
from clusters.plan import Plan
from data import columns as c
from data.check_report import check_document, write_refused
from data.dataset import Basis, Dataset
from data.errors import NoFigures, NothingLeft, OpenQuestions, RefusedFile
from data.findings import Effect
from data.importing import Checked, Told, check_file, import_file
from data.mapping import Question, TableKind
from data.mapping_files import load_mapping, save_mapping
from data.store import current_version, list_versions, open_version, undo
from geo.crs import to_metric
from geo.datum import wgs84_to_bd09, wgs84_to_gcj02
from geo.datums import repair_areas

MONEY = ("元", "千元", "万元", "亿元")
Write = Callable[..., Path]


@pytest.fixture(scope="module", autouse=True)
def hasty() -> Iterator[None]:
    """No waiting for the disk: what a crash leaves is asked elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a table as a CSV file of some encoding."""

    def one(table: dict[str, list[Any]] | pd.DataFrame, name: str = "名录.csv", encoding: str = "gb18030") -> Path:
        path = tmp_path / name
        pd.DataFrame(table).to_csv(path, index=False, encoding=encoding)
        return path

    return one


@pytest.fixture(scope="module")
def listed(dataset: Dataset) -> pd.DataFrame:
    """Listed firms with a place, and the place somewhat apart from its park or street."""
    firms = dataset.firms[dataset.firms[c.LON].notna() & dataset.firms[c.OPERATING_DISTRICT_ID].isna()].copy()
    firms = dataset.firms[dataset.firms[c.LON].notna()].head(60).copy()
    rng = np.random.default_rng(4)
    for column in (c.LON, c.LAT):
        firms[column] = (firms[column] + rng.normal(0, 0.002, len(firms))).round(6)
    return firms


def district_file(firms: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """The firms as a district writes them: GCJ-02, names of districts, units mixed."""
    lon, lat = wgs84_to_gcj02(firms[c.LON].to_numpy(), firms[c.LAT].to_numpy())
    amounts = [(f"{i + 1}00万元", f"{i + 1}.5亿", f"{i + 1}00")[i % 3] for i in range(len(firms))]
    return pd.DataFrame(
        {
            "企业名称": firms[c.NAME].to_numpy(),
            "股票代码": firms[c.FIRM_ID].to_numpy(),
            "注册地址": firms[c.ADDRESS].to_numpy(),
            "所在区": firms[c.REGISTERED_DISTRICT_ID].map(dataset.districts[c.NAME]).to_numpy(),
            "经度": lon,
            "纬度": lat,
            "年份": "2022年",
            "营业收入（万元）": amounts,
            "细分领域": firms[c.SUBSECTOR_ID].to_numpy(),
        }
    )


def metres(lon: Any, lat: Any, other_lon: Any, other_lat: Any) -> np.ndarray:
    east = (np.asarray(lon) - np.asarray(other_lon)) * 111_320 * np.cos(np.radians(22.5))
    return np.hypot(east, (np.asarray(lat) - np.asarray(other_lat)) * 110_574)


def codes(checked: Checked, effect: Effect | None = None) -> list[tuple[int, str]]:
    rows = checked.findings.table().to_pylist()
    return [(row["row"], row["code"]) for row in rows if effect is None or row["effect"] == effect.value]


def partition(checked: Checked) -> tuple[int, int, int]:
    return checked.accepted, checked.repaired, checked.refused


# ---------------------------------------------------------------- a district's own register


def test_a_gb18030_file_in_gcj02_with_mixed_units_is_understood_without_a_question(
    write: Write, listed: pd.DataFrame, dataset: Dataset
) -> None:
    checked = check_file(write(district_file(listed, dataset)), Told(), dataset)
    assert checked.questions == ()
    assert partition(checked) == (0, len(listed), 0)  # every place moves
    assert checked.taken.places.diagnosis.datum.value == "gcj02"  # type: ignore[union-attr]
    firms = checked.taken.tables["firms"].to_pandas()
    assert metres(firms[c.LON], firms[c.LAT], listed[c.LON], listed[c.LAT]).max() < 0.5
    seen = checked.taken.tables["observations"].to_pandas()
    assert seen[c.REVENUE_CNY].head(3).tolist() == [1_000_000, 250_000_000, 3_000_000]
    assert set(seen[c.YEAR]) == {2022}


def test_it_becomes_the_current_version_and_can_be_taken_back(
    write: Write, listed: pd.DataFrame, dataset: Dataset, tmp_path: Path
) -> None:
    home, told = tmp_path / "home", []
    record = import_file(
        write(district_file(listed, dataset)),
        Told(),
        home,
        name="福田 2022.csv",
        progress=lambda *say: told.append(say),
    )
    assert (record.id, record.kind, record.file_name, record.datum) == ("1", "firms", "福田 2022.csv", "gcj02")
    assert (record.firms, record.repaired, record.refused, record.basis) == (60, 60, 0, Basis.REGISTER)
    version = open_version(home, current_version(home), dataset)
    assert version.default_year == 2022
    assert (
        metres(version.firms[c.LON], version.firms[c.LAT], *(listed.sort_index()[n] for n in (c.LON, c.LAT))).max() < 1
    )
    assert {"reading", "understanding", "datum", "placing", "checking", "writing"} <= {stage for stage, *_ in told}
    assert undo(home) == "0"
    assert [one.id for one in list_versions(home, dataset)] == ["0", "1"]


def test_checking_writes_nothing(write: Write, listed: pd.DataFrame, dataset: Dataset, tmp_path: Path) -> None:
    path = write(district_file(listed, dataset))
    before = sorted(tmp_path.rglob("*"))
    check_file(path, Told(), dataset)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_declared_datum_is_believed_and_the_contradiction_told(
    write: Write, listed: pd.DataFrame, dataset: Dataset
) -> None:
    checked = check_file(write(district_file(listed, dataset)), Told(datum="wgs84"), dataset)
    assert checked.taken.places.diagnosis.verdict.value == "contradicts_declaration"  # type: ignore[union-attr]
    assert "datum_repaired" not in {code for _, code in codes(checked)}


@pytest.mark.parametrize("written", ["EPSG:4547", "epsg:4547"])
def test_metres_of_a_zone_are_brought_to_degrees(
    write: Write, listed: pd.DataFrame, dataset: Dataset, written: str
) -> None:
    x, y = to_metric(listed[c.LON], listed[c.LAT], crs=4547)
    file = {"企业名称": listed[c.NAME], "东坐标": x.round(3), "北坐标": y.round(3)}
    checked = check_file(write(file), Told(kind=TableKind.FIRMS, datum=written), dataset)
    firms = checked.taken.tables["firms"].to_pandas()
    assert metres(firms[c.LON], firms[c.LAT], listed[c.LON], listed[c.LAT]).max() < 1


def test_ten_places_without_more_are_asked_about_and_not_guessed(
    write: Write, dataset: Dataset, tmp_path: Path
) -> None:
    names = [f"甲{i}公司" for i in range(8)]
    centre = pd.DataFrame({"企业名称": names, "经度": 114.05, "纬度": 22.55, "年份": 2021, "营收（万元）": 1})
    path = write(centre)
    checked = check_file(path, Told(), dataset)
    assert [q.about for q in checked.questions] == ["datum"]
    with pytest.raises(OpenQuestions) as caught:
        import_file(path, Told(), tmp_path / "home")
    assert caught.value.questions[0].about == "datum"
    assert import_file(path, Told(datum="bd09"), tmp_path / "home").datum == "bd09"


# ---------------------------------------------------------------- what a row may say


def test_each_fault_of_a_row_is_told_with_its_number(write: Write, dataset: Dataset) -> None:
    path = write(
        {
            "企业名称": ["甲公司", "", "丙公司", "丁公司", "戊公司", "NA", "甲公司"],
            "统一社会信用代码": ["A1", "A2", "A3", "A4", "9.14403E+17", "A6", "A1"],
            "所在区": ["南山区", "南山区", "火星区", "福田", "福田区", "440305", "南山区"],
            "年份": ["2021", "2021", "2021", "2021", "二〇二一", "2021", "2021"],
            "营收（亿元）": ["1", "2", "约12", "１．５", "3", "4", "1"],
        }
    )
    checked = check_file(path, Told(), dataset)
    refused = codes(checked, Effect.REFUSED)
    assert (3, "no_name") in refused
    assert (4, "unreadable_number") in refused
    assert (6, "unreadable_year") in refused
    assert (8, "duplicate_row") in refused
    assert (6, "damaged_by_spreadsheet") in codes(checked, Effect.REPAIRED)
    assert (5, "full_width") in codes(checked, Effect.REPAIRED)
    assert partition(checked) == (2, 1, 4)
    assert checked.taken.tables["firms"][c.NAME].to_pylist() == ["甲公司", "丁公司", "NA"]


def test_years_in_columns_and_years_in_rows_give_the_same_observations(write: Write, dataset: Dataset) -> None:
    wide = {"企业名称": ["甲公司", "乙公司"], "2021年营收（万元）": [10, 20], "2022年营收（万元）": [11, None]}
    long = {"企业名称": ["甲公司", "甲公司", "乙公司"], "年份": [2021, 2022, 2021], "营收（万元）": [10, 11, 20]}
    first, second = (
        check_file(write(table, f"{n}.csv"), Told(kind=TableKind.FIRMS), dataset)
        for n, table in enumerate((wide, long))
    )
    tables = [
        one.taken.tables["observations"]
        .to_pandas()[[c.FIRM_ID, c.YEAR, c.REVENUE_CNY]]
        .sort_values([c.FIRM_ID, c.YEAR])
        for one in (first, second)
    ]
    assert tables[0].to_numpy().tolist() == tables[1].to_numpy().tolist()
    assert sorted(tables[0][c.REVENUE_CNY]) == [100_000, 110_000, 200_000]
    assert first.taken.tables["firms"][c.NAME].to_pylist() == second.taken.tables["firms"][c.NAME].to_pylist()


def test_a_second_figure_for_a_year_is_refused_and_names_the_first(write: Write, dataset: Dataset) -> None:
    table = {"企业名称": ["甲公司", "甲公司"], "年份": [2021, 2021], "营收（万元）": [10, 99]}
    checked = check_file(write(table), Told(kind=TableKind.FIRMS), dataset)
    assert codes(checked, Effect.REFUSED) == [(3, "second_figure")]
    assert [row["before"] for row in checked.findings.table().to_pylist() if row["effect"] == "refused"] == ["2"]


def test_odd_figures_are_noted_and_kept(write: Write, dataset: Dataset) -> None:
    table = {
        "企业名称": ["甲公司", "乙公司", "丙公司"],
        "2021年营收（万元）": [100, 100, 100],
        "2022年营收（万元）": [500, 1_000_000, 120],
        "2022年从业人数": [10, 100, 5_000],
    }
    checked = check_file(write(table), Told(kind=TableKind.FIRMS), dataset)
    noted = [found for found in codes(checked, Effect.NOTED) if not found[1].startswith("subsector")]
    assert noted == [(2, "leap"), (3, "unit_slip"), (3, "revenue_a_head"), (4, "revenue_a_head")]
    assert checked.refused == 0


def test_a_figure_is_compared_with_what_is_known_of_the_year_before(write: Write, dataset: Dataset) -> None:
    known = dataset.observations[(dataset.observations[c.YEAR] == 2021) & (dataset.observations[c.REVENUE_CNY] > 10**9)]
    firm_id, revenue = known[[c.FIRM_ID, c.REVENUE_CNY]].iloc[0]
    file = {"股票代码": [firm_id], "企业名称": ["某公司"], "年份": [2022], "营收（元）": [int(revenue) * 10_000]}
    checked = check_file(write(file), Told(kind=TableKind.FIRMS), dataset)
    slips = [row for row in checked.findings.table().to_pylist() if row["code"] == "unit_slip"]
    assert [(row["row"], row["before"]) for row in slips] == [(2, f"2021: {revenue}")]


def test_a_heading_without_a_unit_asks_and_a_kept_mapping_answers(
    write: Write, dataset: Dataset, tmp_path: Path
) -> None:
    path = write({"企业名称": ["甲公司", "乙公司"], "年份": [2021, 2021], "营收": [10, 20]})
    told = Told(kind=TableKind.FIRMS)
    checked = check_file(path, told, dataset)
    assert checked.questions == (Question("unit", "营收", MONEY),)
    assert checked.refused == 0
    (tmp_path / "m.toml").write_text('kind = "firms"\n[units]\n"营收" = "万元"\n', "utf-8")
    answered = check_file(path, Told(mapping=load_mapping(tmp_path / "m.toml")), dataset)
    assert answered.questions == ()
    assert answered.taken.tables["observations"][c.REVENUE_CNY].to_pylist() == [100_000, 200_000]
    save_mapping(answered.mapping, tmp_path / "kept.toml")
    again = check_file(path, Told(mapping=load_mapping(tmp_path / "kept.toml")), dataset)
    assert [(x.column, x.unit, x.year) for x in again.mapping.columns] == [
        (x.column, x.unit, x.year) for x in answered.mapping.columns
    ]


def test_merged_headings_over_two_rows_of_a_workbook(dataset: Dataset, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["2022年重点企业名录"])
    sheet.append(["企业名称", "营业收入（万元）", None, "所在区"])
    sheet.append([None, "2021年", "2022年", None])
    sheet.append(["甲公司", 100, 200, "南山区"])
    sheet.append(["乙公司", 1, 2, "福田区"])
    for cells in ("A1:D1", "A2:A3", "B2:C2", "D2:D3"):
        sheet.merge_cells(cells)
    book.save(tmp_path / "b.xlsx")
    checked = check_file(tmp_path / "b.xlsx", Told(), dataset)
    assert checked.questions == ()
    seen = checked.taken.tables["observations"].to_pandas()
    assert sorted(zip(seen[c.YEAR], seen[c.REVENUE_CNY], strict=True)) == [
        (2021, 10_000), (2021, 1_000_000), (2022, 20_000), (2022, 2_000_000)
    ]  # fmt: skip
    assert checked.taken.tables["firms"][c.REGISTERED_DISTRICT_ID].to_pylist() == ["440305", "440304"]


def test_longitudes_in_the_column_of_latitudes_are_put_right(
    write: Write, listed: pd.DataFrame, dataset: Dataset
) -> None:
    file = district_file(listed, dataset)
    file[["经度", "纬度"]] = file[["纬度", "经度"]].to_numpy()
    checked = check_file(write(file), Told(), dataset)
    assert sum(code == "swapped_lon_lat" for _, code in codes(checked)) == len(listed)
    firms = checked.taken.tables["firms"].to_pandas()
    assert metres(firms[c.LON], firms[c.LAT], listed[c.LON], listed[c.LAT]).max() < 0.5


def test_rows_that_state_their_own_datum_are_each_converted(
    write: Write, listed: pd.DataFrame, dataset: Dataset
) -> None:
    shift = {"高德": wgs84_to_gcj02, "百度": wgs84_to_bd09, "WGS84": lambda lon, lat: (lon, lat)}
    stated = [list(shift)[i % 3] for i in range(len(listed))]
    places = [shift[d](x, y) for d, x, y in zip(stated, listed[c.LON], listed[c.LAT], strict=True)]
    file = {
        "企业名称": listed[c.NAME],
        "经度": [p[0] for p in places],
        "纬度": [p[1] for p in places],
        "坐标系": stated,
    }
    checked = check_file(write(file), Told(kind=TableKind.FIRMS), dataset)
    assert checked.questions == ()
    firms = checked.taken.tables["firms"].to_pandas()
    assert metres(firms[c.LON], firms[c.LAT], listed[c.LON], listed[c.LAT]).max() < 0.5


def test_a_row_without_a_point_is_placed_by_its_address(write: Write, dataset: Dataset) -> None:
    file = {
        "企业名称": ["甲公司", "乙公司"],
        "地址": ["深圳市南山区粤海街道科苑路15号", "不详"],
        "所在区": [None, "龙岗区"],
    }
    firms = check_file(write(file), Told(kind=TableKind.FIRMS), dataset).taken.tables["firms"].to_pandas()
    assert firms[c.LOCATION_PRECISION].tolist() == ["street", "district"]
    assert firms[c.REGISTERED_DISTRICT_ID].tolist() == ["440305", "440307"]


# ---------------------------------------------------------------- other kinds


def test_yearly_figures_join_firms_that_are_known(write: Write, dataset: Dataset, tmp_path: Path) -> None:
    known = dataset.firms.iloc[[0, 1]]
    file = {
        "企业名称": [*known[c.NAME], "谁也不知道的公司"],
        "年份": 2025,
        "营业收入（亿元）": [1, 2, 3],
        "来源": "年报",
    }
    checked = check_file(write(file), Told(kind=TableKind.OBSERVATIONS), dataset)
    assert codes(checked, Effect.REFUSED) == [(4, "unknown_firm")]
    home = tmp_path / "home"
    import_file(write(file), Told(kind=TableKind.OBSERVATIONS, merge=True), home)
    version = open_version(home, "1", dataset)
    assert len(version.firms) == len(dataset.firms)
    assert version.observations[version.observations[c.YEAR] == 2025][c.REVENUE_CNY].tolist() == [10**8, 2 * 10**8]
    assert version.basis is Basis.LISTED_SAMPLE  # more years of a sample are still a sample


def test_parks_bring_areas_and_rents_and_nothing_made_up(write: Write, dataset: Dataset, tmp_path: Path) -> None:
    file = {
        "园区名称": ["甲园", "乙园"],
        "所属区": ["南山区", "福田区"],
        "经度": [113.95, 114.05],
        "纬度": [22.54, 22.53],
        "建筑面积(万m²)": [12.5, None],
        "租金(元/m²·月)": [88, None],
        "来源": "区工信局",
    }
    home = tmp_path / "home"
    import_file(write(file), Told(kind=TableKind.PARKS, datum="wgs84"), home)
    parks = open_version(home, "1", dataset).parks
    assert parks[c.FLOOR_AREA_M2].tolist()[0] == 125_000
    assert parks[[c.FLOOR_AREA_M2, c.RENT_CNY_M2_MONTH]].isna().iloc[1].all()
    assert parks[c.DISTRICT_ID].tolist() == ["440305", "440304"]


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_a_layer_of_districts_labelled_4326_is_found_out(dataset: Dataset, tmp_path: Path, datum: str) -> None:
    shift = {"wgs84": lambda x, y: (x, y), "gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}[datum]
    thin = dataset.districts.geometry.simplify(0.0003)
    moved = thin.transform(lambda points: np.column_stack(shift(points[:, 0], points[:, 1])))
    layer = gpd.GeoDataFrame({"名称": dataset.districts[c.NAME].to_numpy()}, geometry=moved.to_numpy(), crs=4326)
    layer.to_file(tmp_path / "d.geojson")
    checked = check_file(tmp_path / "d.geojson", Told(), dataset)
    assert checked.mapping.kind is TableKind.BOUNDARIES
    assert checked.questions == ()
    assert checked.taken.places.diagnosis.datum.value == datum  # type: ignore[union-attr]
    outlines = checked.taken.tables["districts"].geometry
    gap = shapely.hausdorff_distance(outlines.to_numpy(), thin.to_numpy())
    assert gap.max() * 111_320 < 1
    assert repair_areas(moved.to_numpy()[:1], datum)[0].equals_exact(outlines.iloc[0], 1e-9)


def test_a_district_without_an_outline_is_refused_and_the_others_are_taken(dataset: Dataset, tmp_path: Path) -> None:
    outlines = dataset.districts.geometry.simplify(0.0003).to_numpy().copy()
    outlines[:3] = [None, shapely.Polygon(), shapely.Point(114, 22.5)]
    layer = gpd.GeoDataFrame({"名称": dataset.districts[c.NAME].to_numpy()}, geometry=outlines, crs=4326)
    layer.to_file(tmp_path / "d.geojson")
    checked = check_file(tmp_path / "d.geojson", Told(kind=TableKind.BOUNDARIES), dataset)
    assert codes(checked, Effect.REFUSED) == [(1, "no_outline"), (2, "no_outline"), (3, "no_outline")]
    taken = checked.taken.tables["districts"].geometry
    assert taken.iloc[:3].geom_equals(dataset.districts.geometry.iloc[:3]).all()
    assert json.dumps(check_document(checked), allow_nan=False)


def test_official_figures_reach_the_goal_board(write: Write, dataset: Dataset, plan: Plan, tmp_path: Path) -> None:
    file = {
        "指标": ["数字经济产业增加值"],
        "口径": ["市统计局口径"],
        "地区": ["深圳市"],
        "年份": [2023],
        "数值": ["2100"],
        "单位": ["亿元"],
        "来源": ["统计公报"],
    }
    home = tmp_path / "home"
    record = import_file(write(file), Told(merge=True), home)
    assert record.kind == "indicators"
    board = tally_goals(plan, open_version(home, "1", dataset), year=2023)
    first = next(tally for tally in board.tallies if tally.target.id == "T1")
    assert (first.actual, first.met) == (210_000_000_000, True)
    assert first.basis is Basis.STATISTICAL


# ---------------------------------------------------------------- the report


def test_the_document_of_a_check_is_plain_json(write: Write, listed: pd.DataFrame, dataset: Dataset) -> None:
    document = check_document(check_file(write(district_file(listed, dataset)), Told(), dataset))
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["accepted"] + document["repaired"] + document["refused"] == document["rows_read"] == 60
    assert document["datum"]["datum"] == "gcj02"
    assert document["facts"]["encoding"] == "gb18030"
    assert len(document["points"]) == 60
    assert document["totals"]["firms"] == 60


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_refused_rows_come_back_mended(write: Write, dataset: Dataset, tmp_path: Path, suffix: str) -> None:
    path = write({"企业名称": ["甲公司", "=1+1", "丙公司"], "年份": 2021, "营收（万元）": ["1", "约2", "3"]})
    told = Told(kind=TableKind.FIRMS)
    checked = check_file(path, told, dataset)
    refused = tmp_path / f"refused{suffix}"
    write_refused(checked, refused, {3: "“营收”写作“约2”"})
    again = check_file(refused, told, dataset)
    assert again.read == 1
    assert codes(again, Effect.REFUSED) == [(2, "unreadable_number")]
    assert again.raw.cells.column(0).to_pylist() == (["'=1+1"] if suffix == ".csv" else ["=1+1"])
    assert set(again.raw.headings) == {"企业名称", "年份", "营收（万元）", "行号", "原因"}


def test_a_file_with_no_row_left_is_refused_whole(write: Write, tmp_path: Path) -> None:
    path = write({"企业名称": ["甲公司"], "年份": [2021], "营收（万元）": ["约2"]})
    with pytest.raises(NothingLeft):
        import_file(path, Told(kind=TableKind.FIRMS), tmp_path / "home")
    assert not (tmp_path / "home" / "versions").exists()


def test_a_register_without_any_figure_is_refused_unless_it_is_merged(
    write: Write, dataset: Dataset, tmp_path: Path
) -> None:
    path = write({"企业名称": ["甲公司", "乙公司"], "所在区": "南山区"})
    told = Told(kind=TableKind.FIRMS)
    with pytest.raises(NoFigures):
        import_file(path, told, tmp_path / "home")
    import_file(path, replace(told, merge=True), tmp_path / "home")
    assert len(open_version(tmp_path / "home", "1", dataset).firms) == len(dataset.firms) + 2


def test_a_file_that_is_no_table_is_refused_by_name(tmp_path: Path, dataset: Dataset) -> None:
    (tmp_path / "x.csv").write_bytes(b"")
    with pytest.raises(RefusedFile) as caught:
        check_file(tmp_path / "x.csv", Told(), dataset, name="名录.csv")
    assert (caught.value.file, caught.value.reason) == ("名录.csv", "empty")

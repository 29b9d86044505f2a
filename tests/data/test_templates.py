"""Templates and samples, opened as a spreadsheet and as our reader would: headings, lists, codes as text, real rows."""

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from data import columns as c
from data.dataset import Dataset
from data.errors import UnknownFormat
from data.findings import Effect, Findings
from data.indicator_rows import read_indicators
from data.mapping import TableKind
from data.reference import subsectors_by_name
from data.templates import (
    EXPLAINED,
    SHEET,
    TemplateColumn,
    template_columns,
    template_suffix,
    write_sample,
    write_template,
)

TABLES = [kind for kind in TableKind if kind is not TableKind.BOUNDARIES]
HEADINGS = {
    TableKind.FIRMS: "统一社会信用代码 企业名称 地址 所属区 园区 经度 纬度 坐标系 位置精度 细分领域 行业代码 经营范围 "
    "年份 营业收入(万元) 从业人数 增加值(万元) 来源",
    TableKind.OBSERVATIONS: "统一社会信用代码 企业名称 年份 营业收入(万元) 从业人数 增加值(万元) 来源",
    TableKind.PARKS: "园区名称 所属区 运营单位 经度 纬度 占地面积(m²) 建筑面积(m²) 空置面积(m²) 租金(元/m²·月) "
    "重点领域 联系方式 来源",
    TableKind.INDICATORS: "指标 口径 地区 年份 数值 单位 来源 备注",
    TableKind.HUBS: "枢纽名称 类型 经度 纬度 坐标系 位置精度 来源",
}


@pytest.fixture(params=TABLES)
def kind(request: pytest.FixtureRequest) -> TableKind:
    return request.param


@pytest.fixture
def sheet(kind: TableKind, tmp_path: Path) -> Worksheet:
    """The sheet to fill in of a kind's template."""
    write_template(kind, tmp_path / "template.xlsx")
    return load_workbook(tmp_path / "template.xlsx")[SHEET]


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Rows as our reader sees them, by heading."""
    head, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def letter_of(sheet: Worksheet, heading: str) -> str:
    return next(cell.column_letter for cell in sheet[1] if cell.value == heading)


def rule_of(sheet: Worksheet, heading: str) -> Any:
    place = f"{letter_of(sheet, heading)}2"
    return next((rule for rule in sheet.data_validations.dataValidation if place in rule.sqref), None)


# ---------------------------------------------------------------- templates


def test_a_template_has_our_headings_and_no_row(kind: TableKind, tmp_path: Path) -> None:
    write_template(kind, tmp_path / "template.xlsx")
    book = CalamineWorkbook.from_path(str(tmp_path / "template.xlsx"))
    assert book.sheet_names == [SHEET, EXPLAINED]
    assert book.get_sheet_by_index(0).to_python() == [HEADINGS[kind].split()]
    assert [column.heading for column in template_columns(kind)] == HEADINGS[kind].split()


def test_the_head_stays_in_view(sheet: Worksheet) -> None:
    assert sheet.freeze_panes == "A2"


def test_every_column_is_declared_and_explained(kind: TableKind, tmp_path: Path) -> None:
    write_template(kind, tmp_path / "template.xlsx")
    explained = load_workbook(tmp_path / "template.xlsx")[EXPLAINED]
    told = {row[0]: row[1:] for row in explained.iter_rows(min_row=2, values_only=True)}
    assert list(told) == HEADINGS[kind].split()
    for column in template_columns(kind):
        assert column.column in c.DECLARED or column.heading == "坐标系"
        meaning, unit, required, _ = told[column.heading]
        assert meaning
        assert required
        assert (unit or "") == column.unit


def test_a_code_column_is_text_before_anything_is_typed(sheet: Worksheet, kind: TableKind) -> None:
    codes = [column.heading for column in template_columns(kind) if column.content == "code"]
    assert codes or kind in (TableKind.PARKS, TableKind.INDICATORS, TableKind.HUBS)
    for heading in codes:
        assert sheet.column_dimensions[letter_of(sheet, heading)].number_format == "@"


def test_numbers_are_not_text(sheet: Worksheet, kind: TableKind) -> None:
    for column in template_columns(kind):
        if column.content in ("number", "count", "year"):
            assert sheet.column_dimensions[letter_of(sheet, column.heading)].number_format == "General"


def test_what_has_fixed_answers_offers_them(tmp_path: Path, dataset: Dataset) -> None:
    offered = {}
    for kind in TABLES:
        write_template(kind, tmp_path / "template.xlsx")
        sheet = load_workbook(tmp_path / "template.xlsx")[SHEET]
        for column in template_columns(kind):
            rule = rule_of(sheet, column.heading)
            if column.content in ("text", "code", "number", "count"):
                assert rule is None
            elif column.content in ("year", "period"):
                assert (rule.type, rule.operator, rule.formula1, rule.formula2) == ("whole", "between", "1900", "2100")
            else:
                assert rule.type == "list", column.heading
                assert len(rule.formula1) <= 257, "a spreadsheet refuses a longer list"
                offered[column.content] = rule.formula1.strip('"').split(",")
    districts = list(dataset.districts[c.NAME])
    assert offered["district"] == districts
    assert offered["area"] == ["深圳市", "全国", *districts]
    assert offered["subsector"] == list(subsectors_by_name())
    assert offered["datum"] == ["WGS84", "CGCS2000", "GCJ02", "BD09"]
    assert offered["precision"] == ["exact", "park", "street", "district"]
    assert offered["scope"] == ["市统计局口径", "工信部口径"]
    assert {"亿元", "万元", "家"} <= set(offered["unit"])
    assert len(offered["indicator"]) == 5


def test_lists_reach_to_the_last_row_of_a_sheet(sheet: Worksheet) -> None:
    assert sheet.data_validations.dataValidation
    for rule in sheet.data_validations.dataValidation:
        assert str(rule.sqref).endswith("1048576")


# ---------------------------------------------------------------- samples


def test_a_sample_is_a_template_with_a_few_real_rows(kind: TableKind, tmp_path: Path) -> None:
    write_sample(kind, tmp_path / "sample.xlsx")
    rows = rows_of(tmp_path / "sample.xlsx")
    assert 4 <= len(rows) <= 12
    assert list(rows[0]) == HEADINGS[kind].split()
    assert all(row["来源"] for row in rows)


def test_the_firms_of_the_sample_are_those_of_the_bundled_set(tmp_path: Path, dataset: Dataset) -> None:
    write_sample(TableKind.FIRMS, tmp_path / "firms.xlsx")
    seen = dataset.observations.set_index([c.FIRM_ID, c.YEAR])[c.REVENUE_CNY]
    for row in rows_of(tmp_path / "firms.xlsx"):
        firm = dataset.firms.loc[row["统一社会信用代码"]]
        assert (row["企业名称"], row["地址"]) == (firm[c.NAME], firm[c.ADDRESS])
        assert round(row["营业收入(万元)"] * 10**4) == seen[firm[c.FIRM_ID], int(row["年份"])]
        assert (row["经度"], row["纬度"]) == ("", ""), "its source gives no coordinates"
        assert firm[c.SOURCE] in row["来源"]


def test_a_code_keeps_its_zeros_and_18_digits(tmp_path: Path) -> None:
    write_sample(TableKind.FIRMS, tmp_path / "firms.xlsx")
    book = load_workbook(tmp_path / "firms.xlsx")
    sheet = book[SHEET]
    assert all(cell.data_type == "s" and cell.number_format == "@" for cell in sheet["A"][1:])
    sheet["A2"] = "914403001922038216"
    book.save(tmp_path / "filled.xlsx")
    assert rows_of(tmp_path / "filled.xlsx")[0]["统一社会信用代码"] == "914403001922038216"


def test_the_parks_of_the_sample_leave_empty_what_nobody_published(tmp_path: Path, dataset: Dataset) -> None:
    write_sample(TableKind.PARKS, tmp_path / "parks.xlsx")
    parks = dataset.parks.set_index(c.NAME)
    for row in rows_of(tmp_path / "parks.xlsx"):
        park = parks.loc[row["园区名称"]]
        assert (row["经度"], row["纬度"], row["运营单位"]) == (park[c.LON], park[c.LAT], park[c.OPERATOR])
        assert row["空置面积(m²)"] == row["租金(元/m²·月)"] == ""


def test_the_indicators_of_the_sample_come_in_without_a_refusal(tmp_path: Path, dataset: Dataset) -> None:
    write_sample(TableKind.INDICATORS, tmp_path / "indicators.xlsx")
    rows = rows_of(tmp_path / "indicators.xlsx")
    texts = {
        column.column: pa.array([str(row[column.heading]) or None for row in rows], pa.large_string())
        for column in template_columns(TableKind.INDICATORS)
    }
    findings = Findings()
    read = read_indicators(pa.table(texts), range(2, 2 + len(rows)), dataset.districts, findings)
    assert len(read) == len(rows)
    assert findings.rows(Effect.REFUSED).tolist() == []
    assert {"数字经济产业增加值", "软件业务收入", "地区生产总值"} == set(read[c.INDICATOR])


def test_the_sample_of_boundaries_has_every_district_and_its_source(tmp_path: Path, dataset: Dataset) -> None:
    for write in (write_sample, write_template):
        write(TableKind.BOUNDARIES, tmp_path / "areas.geojson")
        features = json.loads((tmp_path / "areas.geojson").read_text("utf-8"))["features"]
        assert [feature["properties"][c.DISTRICT_ID] for feature in features] == list(dataset.districts.index)
        assert all("not legal" in feature["properties"][c.SOURCE] for feature in features)


# ---------------------------------------------------------------- where it is written


@pytest.mark.parametrize("kind", list(TableKind))
def test_a_file_may_be_a_download(kind: TableKind) -> None:
    file = io.BytesIO()
    write_sample(kind, file)
    assert len(file.getvalue()) > 500
    assert file.getvalue().startswith(b"{" if template_suffix(kind) == ".geojson" else b"PK")


@pytest.mark.parametrize(("kind", "name"), [(TableKind.FIRMS, "a.csv"), (TableKind.BOUNDARIES, "a.xlsx")])
def test_another_suffix_is_refused_and_nothing_written(kind: TableKind, name: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat):
        write_template(kind, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_boundaries_have_no_columns() -> None:
    assert template_columns(TableKind.BOUNDARIES) == ()
    assert all(isinstance(column, TemplateColumn) for column in template_columns(TableKind.FIRMS))

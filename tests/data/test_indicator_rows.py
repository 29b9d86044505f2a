"""Official figures of a file: each comes in as it stands or stays out and says why; nothing is guessed."""

from typing import Any

import geopandas as gpd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import columns as c
from data.dataset import Dataset
from data.findings import Effect, Findings
from data.indicator_rows import COLUMNS, read_indicators
from views.words import words

VALUE_ADDED = {
    "indicator": "数字经济产业增加值",
    "scope": "市统计局口径",
    "area_name": "深圳市",
    "year": "2023",
    "value": "1987.6",
    "unit": "亿元",
    "source": "深圳市2023年统计公报",
}
GDP = VALUE_ADDED | {"indicator": "地区生产总值", "area_name": "南山区", "scope": "生产法", "value": "8500"}
CARRIER = {"indicator": "新增载体", "area_name": "深圳市", "year": "2022", "unit": "家", "source": "市科技创新委名单"}
T5 = "新建高水平研究院、实验室、创新中心、攻关基地等新型研究机构和创新载体"


@pytest.fixture(scope="module")
def districts(dataset: Dataset) -> gpd.GeoDataFrame:
    return dataset.districts


class Read:
    """What became of a few rows, numbered from 2 as in a file with one heading row."""

    def __init__(self, districts: gpd.GeoDataFrame, *rows: dict[str, str | None]) -> None:
        names = list(dict.fromkeys(name for row in rows for name in row))
        table = pa.table({n: pa.array([row.get(n) for row in rows], pa.large_string()) for n in names})
        self.findings = Findings()
        self.frame = read_indicators(table, range(2, 2 + len(rows)), districts, self.findings)

    def said(self, effect: Effect) -> list[tuple[int, str]]:
        found = self.findings.table().to_pylist()
        return [(f["row"], f["code"]) for f in found if f["effect"] == effect]

    @property
    def refused(self) -> list[tuple[int, str]]:
        return self.said(Effect.REFUSED)

    def row(self, number: int = 0) -> dict[Any, Any]:
        return self.frame.iloc[number].to_dict()


# ---------------------------------------------------------------- what comes in


def test_a_whole_row_comes_in_as_a_row_of_the_bundled_table(districts: gpd.GeoDataFrame, dataset: Dataset) -> None:
    read = Read(districts, VALUE_ADDED)
    assert read.row() == {
        c.INDICATOR: "数字经济产业增加值",
        c.SCOPE: "市统计局口径",
        c.AREA_ID: "440300",
        c.AREA_NAME: "深圳市",
        c.PERIOD: "2023",
        c.YEAR: 2023,
        c.VALUE: 1987.6,
        c.VALUE_TEXT: "1987.6",
        c.UNIT: "亿元",
        c.STATUS: "sourced",
        c.SOURCE: "深圳市2023年统计公报",
        c.NOTE: None,
    }
    assert len(read.findings) == 0
    assert list(read.frame.columns) == list(dataset.indicators.columns)
    assert dict(read.frame.dtypes) == dict(dataset.indicators.dtypes)


def test_an_empty_table_gives_an_empty_one_of_the_same_kind(districts: gpd.GeoDataFrame) -> None:
    read = Read(districts, VALUE_ADDED | {"source": None})
    assert list(read.frame.columns) == list(COLUMNS)
    assert (len(read.frame), str(read.frame[c.YEAR].dtype), str(read.frame[c.VALUE].dtype)) == (0, "Int64", "float64")
    nothing = read_indicators(pa.table({"indicator": pa.array([], pa.large_string())}), [], districts, Findings())
    assert dict(nothing.dtypes) == dict(read.frame.dtypes)


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        ({"value": "1,987.6"}, c.VALUE, 1987.6),
        ({"value": "１９８７．６"}, c.VALUE, 1987.6),
        ({"value": "1987.6亿元", "unit": None}, c.UNIT, "亿元"),
        ({"indicator": "数字经济产业增加值（亿元）", "unit": None}, c.UNIT, "亿元"),
        ({"indicator": "数字经济增加值（市统计局口径）", "scope": None}, c.SCOPE, "市统计局口径"),
        ({"indicator": "数字经济产业增加值（狭义）"}, c.SCOPE, "市统计局口径, 狭义"),
        ({"scope": "统计局口径"}, c.SCOPE, "市统计局口径"),
        ({"unit": "亿"}, c.UNIT, "亿元"),
        ({"unit": "千元", "value": "198760000"}, c.VALUE, 198_760_000_000.0),
        ({"year": "2023年"}, c.YEAR, 2023),
        ({"year": "2023.0"}, c.YEAR, 2023),
        ({"year": "２０２３年末"}, c.YEAR, 2023),
        ({"year": None, "period": "2023"}, c.YEAR, 2023),
        ({"area_name": "全市"}, c.AREA_ID, "440300"),
        ({"area_name": None, "area_id": "440300"}, c.AREA_ID, "440300"),
        ({"status": "secondary"}, c.STATUS, "secondary"),
        ({"status": "凭记忆"}, c.STATUS, "memory"),
    ],
)
def test_other_ways_to_write_the_same_are_read(
    districts: gpd.GeoDataFrame, change: dict[str, str | None], column: str, expected: object
) -> None:
    read = Read(districts, VALUE_ADDED | change)
    assert read.refused == []
    assert read.row()[column] == expected


@pytest.mark.parametrize(
    ("written", "area_id"),
    [
        ("南山区", "440305"),
        ("南山", "440305"),
        ("深圳市南山区", "440305"),
        ("南山区（前海）", "440305"),
        ("Nanshan District", "440305"),
        ("大鹏新区", "440307-DP"),
        ("深汕特别合作区", "441521-SS"),
        ("全国", "100000"),
    ],
)
def test_an_area_is_known_by_its_names(districts: gpd.GeoDataFrame, written: str, area_id: str) -> None:
    read = Read(districts, GDP | {"area_name": written})
    assert read.refused == []
    assert (read.row()[c.AREA_ID], read.row()[c.AREA_NAME]) == (area_id, written)


def test_a_part_of_a_year_is_kept_and_is_no_yearly_figure(districts: gpd.GeoDataFrame) -> None:
    read = Read(districts, *(VALUE_ADDED | {"year": part} for part in ("2023Q1", "2023年上半年", "2023年1-6月")))
    assert read.refused == []
    assert list(read.frame[c.PERIOD]) == ["2023Q1", "2023年上半年", "2023年1-6月"]
    assert read.frame[c.YEAR].isna().all()
    assert [code for _, code in read.said(Effect.NOTED)] == ["indicator_part_of_year"] * 3


def test_a_carrier_on_a_list_counts_as_one_and_its_note_is_its_name(districts: gpd.GeoDataFrame) -> None:
    read = Read(districts, CARRIER | {"note": "甲研究院"}, CARRIER | {"note": "乙实验室", "value": "1", "unit": "个"})
    assert read.refused == []
    assert set(read.frame[c.INDICATOR]) == {T5}
    assert list(read.frame[c.VALUE]) == [1.0, 1.0]
    assert list(read.frame[c.VALUE_TEXT]) == ["1", "1"]
    assert list(read.frame[c.NOTE]) == ["甲研究院", "乙实验室"]
    assert (2, "indicator_one_carrier") in read.said(Effect.REPAIRED)


def test_a_name_of_no_target_is_kept_and_told_once(districts: gpd.GeoDataFrame) -> None:
    rows = [GDP | {"indicator": "数字经济核心产业增加值", "year": year} for year in ("2021", "2022")]
    read = Read(districts, *rows)
    assert list(read.frame[c.INDICATOR]) == ["数字经济核心产业增加值"] * 2
    assert read.said(Effect.NOTED) == [(2, "indicator_unknown_name")]


# ---------------------------------------------------------------- what stays out


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"indicator": None}, "indicator_no_name"),
        ({"area_name": None}, "indicator_no_area"),
        ({"area_name": "前海"}, "indicator_unknown_area"),
        ({"area_name": "福田区/龙岗区"}, "indicator_unknown_area"),
        ({"area_id": "440305"}, "indicator_two_areas"),
        ({"year": None}, "indicator_no_year"),
        ({"year": "去年"}, "indicator_no_year"),
        ({"year": "2021-2023"}, "indicator_no_year"),
        ({"year": "1823"}, "indicator_no_year"),
        ({"value": None}, "indicator_no_value"),
        ({"value": "约2000"}, "indicator_unreadable_value"),
        ({"value": ">9000"}, "indicator_unreadable_value"),
        ({"value": "1,98"}, "indicator_unreadable_value"),
        ({"value": "nan"}, "indicator_unreadable_value"),
        ({"value": "1e30"}, "indicator_unreadable_value"),
        ({"value": "1987.6万元"}, "indicator_unreadable_value"),  # the column says 亿元
        ({"value": "-5"}, "indicator_impossible_value"),
        ({"unit": None}, "indicator_no_unit"),
        ({"unit": "%"}, "indicator_unfit_unit"),
        ({"unit": "亿美元"}, "indicator_unfit_unit"),
        ({"scope": None}, "indicator_no_scope"),
        ({"source": None}, "indicator_no_source"),
        ({"source": "  "}, "indicator_no_source"),
        ({"status": "真的"}, "indicator_unknown_status"),
    ],
)
def test_a_row_that_leaves_something_open_stays_out_and_says_what(
    districts: gpd.GeoDataFrame, change: dict[str, str | None], code: str
) -> None:
    read = Read(districts, VALUE_ADDED | change)
    assert read.refused == [(2, code)]
    assert len(read.frame) == 0


def test_half_a_carrier_is_none(districts: gpd.GeoDataFrame) -> None:
    assert Read(districts, CARRIER | {"value": "2.5"}).refused == [(2, "indicator_impossible_value")]
    assert Read(districts, CARRIER | {"note": None}).refused == [(2, "indicator_no_value")]


def test_every_fault_of_a_row_is_told_at_once(districts: gpd.GeoDataFrame) -> None:
    read = Read(districts, VALUE_ADDED | {"area_name": "火星", "value": "约12", "source": None})
    assert sorted(code for _, code in read.refused) == [
        "indicator_no_source",
        "indicator_unknown_area",
        "indicator_unreadable_value",
    ]


def test_gdp_without_a_scope_is_kept_and_noted(districts: gpd.GeoDataFrame) -> None:
    read = Read(districts, GDP | {"scope": None})
    assert read.row()[c.SCOPE] is None
    assert read.said(Effect.NOTED) == [(2, "indicator_scope_unsaid")]


# ---------------------------------------------------------------- side by side


def test_the_same_figure_twice_is_kept_once(districts: gpd.GeoDataFrame) -> None:
    for value, other in (("1987.6", "19,876,000"), ("1987.61", "19876100"), ("2000.07", "20000700")):
        read = Read(districts, VALUE_ADDED | {"value": value}, VALUE_ADDED | {"value": other, "unit": "万元"})
        assert read.refused == [(3, "indicator_twice")]
    assert len(read.frame) == 1


def test_one_figure_with_two_values_is_refused_on_both_rows(districts: gpd.GeoDataFrame) -> None:
    read = Read(districts, VALUE_ADDED, VALUE_ADDED | {"value": "1999"}, VALUE_ADDED | {"year": "2022"})
    assert read.refused == [(2, "indicator_two_values"), (3, "indicator_two_values")]
    assert list(read.frame[c.YEAR]) == [2022]
    told = read.findings.table().to_pylist()
    assert [(f["before"], f["after"]) for f in told] == [("1987.6", "3"), ("1999", "2")]


def test_figures_of_another_scope_area_or_year_are_others(districts: gpd.GeoDataFrame) -> None:
    changes = ({}, {"scope": "广义", "value": "9000"}, {"year": "2022"}, {"area_name": "南山区", "value": "700"})
    read = Read(districts, *(VALUE_ADDED | change for change in changes))
    assert len(read.frame) == 4
    assert read.refused == []


def test_a_carrier_is_built_once_wherever_a_list_has_it(districts: gpd.GeoDataFrame) -> None:
    named = CARRIER | {"note": "甲研究院"}
    same = Read(districts, named, named | {"area_name": "南山区", "note": "甲 研究院"})
    assert same.refused == [(3, "indicator_twice")]
    moved = Read(districts, named, named | {"year": "2023"})
    assert moved.refused == [(2, "indicator_two_values"), (3, "indicator_two_values")]


def test_a_remark_that_recurs_makes_no_carrier_of_a_figure(districts: gpd.GeoDataFrame) -> None:
    row = GDP | {"indicator": "上市企业总数", "value": "1", "unit": "家", "note": "公报", "scope": "境内外"}
    read = Read(districts, row, row | {"area_name": "福田区"})
    assert len(read.frame) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"value": "19,876,000"}, "indicator_out_of_range"),  # 万元 written as 亿元
        ({"value": "0.19876"}, "indicator_out_of_range"),
        ({"indicator": "地区生产总值", "area_name": "南山区", "value": "85000000"}, "indicator_out_of_range"),
    ],
)
def test_a_figure_beyond_what_a_city_can_have_is_doubted_and_kept(
    districts: gpd.GeoDataFrame, change: dict[str, str], code: str
) -> None:
    read = Read(districts, VALUE_ADDED | change)
    assert read.said(Effect.NOTED) == [(2, code)]
    assert len(read.frame) == 1


def test_a_part_of_the_city_may_have_little(districts: gpd.GeoDataFrame) -> None:
    assert len(Read(districts, VALUE_ADDED | {"area_name": "大鹏新区", "value": "0.5"}).findings) == 0


def test_a_figure_far_from_the_year_before_is_doubted(districts: gpd.GeoDataFrame) -> None:
    rows = [
        GDP | {"year": str(year), "value": value} for year, value in ((2022, "8000"), (2023, "850"), (2021, "7600"))
    ]
    assert Read(districts, *rows).findings.table().num_rows == 0
    read = Read(districts, *rows, GDP | {"year": "2024", "value": "85000"})
    assert read.said(Effect.NOTED) == [(5, "indicator_jump")]
    assert read.findings.table().to_pylist()[0]["after"] == "850"


def test_a_total_of_carriers_that_falls_is_doubted(districts: gpd.GeoDataFrame) -> None:
    read = Read(districts, *(CARRIER | {"year": y, "value": v} for y, v in (("2021", "4"), ("2022", "3"))))
    assert (3, "indicator_falling_count") in read.said(Effect.NOTED)


# ---------------------------------------------------------------- always

WORDS = "2023 2021Q2 深圳市 南山区 亿元 家 % 1 12.5 -3 公报 数字经济产业增加值 新增载体 =1"
CELLS = st.none() | st.sampled_from(["", *WORDS.split()]) | st.text(max_size=6)
NAMES = [str(name) for name in COLUMNS]
CHANGES = st.dictionaries(st.sampled_from(NAMES), CELLS, max_size=5)
ROWS = st.builds(lambda row, changes: row | changes, st.sampled_from([VALUE_ADDED, GDP, CARRIER, {}]), CHANGES)


@settings(max_examples=50)  # nearly whole rows, most of which come in
@given(st.lists(ROWS, max_size=6))
def test_a_row_comes_in_with_all_it_needs_or_is_refused(dataset: Dataset, rows: list[dict[str, str | None]]) -> None:
    table = pa.table({n: pa.array([row.get(n) for row in rows], pa.large_string()) for n in NAMES})
    findings = Findings()
    frame = read_indicators(table, range(1, len(rows) + 1), dataset.districts, findings)
    refused = findings.rows(Effect.REFUSED)
    assert len(frame) + len(refused) == len(rows)
    for column in (c.INDICATOR, c.AREA_ID, c.PERIOD, c.VALUE, c.UNIT, c.STATUS, c.SOURCE):
        assert frame[column].notna().all(), column
    assert not frame.duplicated([c.INDICATOR, c.SCOPE, c.AREA_ID, c.PERIOD, c.NOTE]).any()


def test_every_code_has_words_in_both_languages(districts: gpd.GeoDataFrame) -> None:
    for language in ("zh", "en"):
        t = words(language)
        read = Read(districts, VALUE_ADDED | {"source": None}, GDP | {"indicator": "GDP", "scope": None})
        for found in read.findings.table().to_pylist():
            assert t(f"finding.{found['code']}", before=found["before"], after=found["after"])

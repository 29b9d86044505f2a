"""Headings in Chinese and English, with units and years in them, name a column or nothing."""

import csv
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import columns as c
from data.heading_words import heading_datum, recognize, squeeze, synonyms, unit_in, year_alone, year_in
from data.mapping import TableKind
from data.sources import REFERENCE

FIRMS, OBSERVATIONS, PARKS, BOUNDARIES, INDICATORS, HUBS = TableKind


def rows() -> list[dict[str, str]]:
    with (REFERENCE / "headings.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("kind", TableKind)
def test_no_synonym_is_claimed_by_two_columns_of_one_kind(kind: TableKind) -> None:
    claims: dict[str, set[str]] = {}
    for row in rows():
        if kind in row["kind"].split():
            claims.setdefault(squeeze(row["synonym"]), set()).add(row["column"])
    assert claims
    assert {word: columns for word, columns in claims.items() if len(columns) > 1} == {}


def test_every_row_of_the_table_names_a_column_of_ours_or_none_kinds_and_a_language() -> None:
    for row in rows():
        assert row["column"] in c.DECLARED or row["column"] == "", row
        assert row["kind"].split(), row
        assert set(row["kind"].split()) <= set(TableKind), row
        assert row["language"] in ("zh-Hans", "zh-Hant", "en"), row
        assert squeeze(row["synonym"]), row
        assert row["column"] or row["note"], row
        assert row["synonym"].isascii() or row["language"] != "en", row
    assert {row["language"] for row in rows()} == {"zh-Hans", "zh-Hant", "en"}
    written = Counter((kind, row["synonym"]) for row in rows() for kind in row["kind"].split())
    assert [word for word, times in written.items() if times > 1] == []


@pytest.mark.parametrize("kind", TableKind)
def test_every_row_is_recognized_as_it_stands(kind: TableKind) -> None:
    for row in rows():
        if kind in row["kind"].split():
            found = recognize(row["synonym"], kind)
            assert (found.column or "") == row["column"], row
            assert found.how in ("own", "synonym"), row
            assert found.score > 0.9, row


@pytest.mark.parametrize("name", sorted(c.DECLARED))
def test_every_column_of_ours_is_recognized_by_its_own_name_in_the_table_where_it_lives(name: str) -> None:
    found = [
        recognize(writing, kind)
        for kind in TableKind
        for writing in (name, name.upper(), f" {name.replace('_', ' ')}：")
    ]
    assert any(one.column == name and one.how == "own" and one.score == 1.0 for one in found)
    assert all(one.column for one in found)


@pytest.mark.parametrize(
    ("heading", "column", "unit", "year"),
    [
        ("营业收入（万元）", c.REVENUE_CNY, "万元", None),
        ("营收/亿元", c.REVENUE_CNY, "亿元", None),
        ("revenue (10k CNY)", c.REVENUE_CNY, "万元", None),
        ("Revenue (RMB million)", c.REVENUE_CNY, "百万元", None),
        ("营业收入万元", c.REVENUE_CNY, "万元", None),
        ("revenue_yi", c.REVENUE_CNY, "亿元", None),
        ("營業收入（億元）", c.REVENUE_CNY, "亿元", None),
        ("2022年营业收入", c.REVENUE_CNY, None, 2022),
        ("revenue_2021", c.REVENUE_CNY, None, 2021),
        ("revenue_2019_cny", c.REVENUE_CNY, None, 2019),
        ("2021营收(亿元)", c.REVENUE_CNY, "亿元", 2021),
        ("２０２２年度营业收入（万元，合并）", c.REVENUE_CNY, "万元", 2022),
        ("营 业\n收 入", c.REVENUE_CNY, None, None),
        ("ＲＥＶＥＮＵＥ＿ＣＮＹ", c.REVENUE_CNY, None, None),
        ("2022年度企业统计表（单位：万元） 营业收入", c.REVENUE_CNY, "万元", 2022),
        ("2022年末从业人员", c.EMPLOYEES, None, 2022),
        ("从业人员（万人）", c.EMPLOYEES, "万人", None),
        ("*企业名称", c.NAME, None, None),
        ("1、企业名称（必填）", c.NAME, None, None),
        ("统一社会信用代码/纳税人识别号", c.FIRM_ID, None, None),
        ("行业代码（GB/T 4754-2017）", c.INDUSTRY_CODE, None, None),
        ("百度经度", c.LON, None, None),
        ("高德纬度(GCJ-02)", c.LAT, None, None),
        ("国家2000坐标系经度", c.LON, None, None),
        ("lng_bd09", c.LON, None, None),
        ("法定代表人", None, None, None),
        ("data_version", None, None, None),
        ("完全没有见过的一列", None, None, None),
    ],
)  # fmt: skip
def test_a_heading_of_a_table_of_firms(heading: str, column: str | None, unit: str | None, year: int | None) -> None:
    found = recognize(heading, FIRMS)
    assert (found.column, found.unit, found.year) == (column, unit, year)
    assert found.how in ("own", "synonym")


@pytest.mark.parametrize(
    ("heading", "column", "unit"),
    [
        ("占地面积(亩)", c.AREA_M2, "亩"),
        ("总建筑面积_万平方米", c.FLOOR_AREA_M2, "万m²"),
        ("租金（元/㎡·月）", c.RENT_CNY_M2_MONTH, "元/m²·月"),
        ("租金（元/㎡/天）", c.RENT_CNY_M2_MONTH, None),
        ("园区名称", c.NAME, None),
        ("area_km2", c.AREA_M2, "km²"),
    ],
)
def test_a_heading_of_a_table_of_parks(heading: str, column: str, unit: str | None) -> None:
    assert (recognize(heading, PARKS).column, recognize(heading, PARKS).unit) == (column, unit)


def test_the_same_word_means_another_column_in_another_table() -> None:
    assert [recognize("园区名称", kind).column for kind in (FIRMS, PARKS)] == [c.PARK, c.NAME]
    assert recognize("district_id", FIRMS).column == c.REGISTERED_DISTRICT_ID
    assert [recognize("行政区划代码", kind).column for kind in (BOUNDARIES, INDICATORS)] == [c.DISTRICT_ID, c.AREA_ID]
    assert recognize("数值（亿元）", INDICATORS).unit == "亿元"
    assert recognize("从业人数", OBSERVATIONS).column == c.EMPLOYEES


@pytest.mark.parametrize(
    "heading",
    ["营业收入增速(%)", "营收增长率", "2022年1-9月营业收入", "2022年三季度营收", "营业收入（美元）",
     "Revenue (USD)", "2025年营收预测",
     "上年营业收入", "2020-2022年营业收入", "revenue rank", "人均营业收入", "从业人员占比"],
)  # fmt: skip
def test_rates_ranks_forecasts_parts_of_a_year_and_other_currencies_are_no_figures_of_a_year(heading: str) -> None:
    assert recognize(heading, FIRMS).column is None


def test_what_only_resembles_a_heading_is_a_proposal_with_its_candidates() -> None:
    for heading, column in (
        ("营业收人", c.REVENUE_CNY),
        ("贵单位营业收入", c.REVENUE_CNY),
        ("adress", c.ADDRESS),
        ("企业名秤", c.NAME),
    ):
        found = recognize(heading, FIRMS)
        assert (found.column, found.how) == (column, "fuzzy"), heading
        assert column in found.candidates
        assert found.score <= 0.8
        assert recognize(heading, FIRMS, likeness=False).column is None
    assert recognize("企业代表人", FIRMS).column is None


def test_a_heading_of_a_year_alone_says_its_year() -> None:
    assert [year_alone(text) for text in ("2021", "2021年", "2021年（亿元）", "营收2021", "年份", "2021Q1")] == [
        True, True, True, False, False, False]  # fmt: skip
    assert recognize("2021年", INDICATORS).year == 2021


def test_the_datum_in_headings_of_coordinates_is_told_and_nothing_else() -> None:
    assert heading_datum(["百度经度", "百度纬度"]) == "bd09"
    assert heading_datum(["高德经度", "高德纬度", "百度指数"]) == "gcj02"
    assert heading_datum(["lng_gcj02", "lat_gcj02"]) == "gcj02"
    assert heading_datum(["经度（WGS84）", "GPS纬度"]) == "wgs84"
    assert heading_datum(["CGCS2000 X坐标", "国家2000坐标Y"]) == "cgcs2000"
    assert heading_datum(["bd_lng", "bd_lat"]) == "bd09"
    assert heading_datum(["经度", "纬度"]) is None
    assert heading_datum(["百度经度", "高德经度"]) is None
    assert heading_datum([]) is None


def test_coordinates_of_the_better_datum_are_worth_more() -> None:
    worth = [recognize(heading, FIRMS).score for heading in ("经度", "经度wgs84", "高德经度", "百度经度")]
    assert worth == sorted(worth, reverse=True)
    assert len(set(worth[1:])) == 3


def test_the_unit_and_the_year_beside_a_column_that_was_told() -> None:
    assert (unit_in("年产出（万元）", c.REVENUE_CNY), year_in("2022年产出", c.REVENUE_CNY)) == ("万元", 2022)
    assert unit_in("2022产出/亿元", c.REVENUE_CNY) == "亿元"
    assert unit_in("单元", c.REVENUE_CNY) is None
    assert unit_in("产出（万元）", c.NAME) is None
    assert unit_in("产出（万元）", None) is None
    assert year_in("2020-2022年产出", c.REVENUE_CNY) is None
    assert year_in("2017版代码", c.INDUSTRY_CODE) is None


@given(st.text(max_size=40), st.sampled_from(TableKind))
def test_any_heading_is_recognized_or_not_and_never_an_error(heading: str, kind: TableKind) -> None:
    found = recognize(heading, kind)
    assert 0 <= found.score <= 1
    assert found.column is None or found.column in c.DECLARED


@given(st.sampled_from(sorted(synonyms(FIRMS))), st.text("  \n\t（）()[]【】_-:：*", max_size=6))
def test_blanks_brackets_and_case_around_a_heading_do_not_matter(word: str, noise: str) -> None:
    plain = recognize(word, FIRMS)
    assert recognize(f"{noise}{word.upper()}{noise}", FIRMS).column == plain.column

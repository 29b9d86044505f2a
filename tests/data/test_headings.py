"""A raw table is understood, or asks."""

import struct

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.goals import Board
from data import columns as c
from data.exporting import FOR_READERS
from data.headings import propose_mapping
from data.mapping import METRES, Mapping, Question, TableKind
from data.readers.raw_table import FileKind, RawTable
from data.reference import load_reference
from data.synthetic import synthesize
from views.export_tables import EXPORTS

FIRMS, OBSERVATIONS, PARKS, BOUNDARIES, INDICATORS, HUBS = TableKind
MONEY = ("元", "千元", "万元", "亿元")
CODE = "91350100M000100Y43"


def raw_table(
    columns: dict[str, list[object]] | list[tuple[str, list[object]]],
    *,
    geometry: list[bytes | None] | None = None,
    **facts: str,
) -> RawTable:
    pairs = list(columns.items()) if isinstance(columns, dict) else columns
    cells = {
        str(i): pa.array(values, pa.large_string() if any(isinstance(v, str) for v in values) else None)
        for i, (_, values) in enumerate(pairs)
    }
    shapes = None if geometry is None else pa.chunked_array([pa.array(geometry, pa.binary())])
    rows = len(pairs[0][1]) if pairs else 0
    return RawTable(
        FileKind.CSV, tuple(h for h, _ in pairs), pa.table(cells), np.arange(2, rows + 2), shapes, None, facts
    )


def targets(mapping: Mapping) -> list[str | None]:
    return [choice.column for choice in mapping.columns]


def test_a_register_as_an_office_keeps_it() -> None:
    found = propose_mapping(
        raw_table(
            {
                "序号": ["1", "2"],
                "统一社会信用代码": [CODE, CODE],
                "企业名称": ["NA", "NULL"],
                "住所": ["深圳市南山区科技路1号", "深圳市福田区深南大道2号"],
                "法定代表人": ["x", "y"],
                "国民经济行业代码": ["6510", "I65"],
                "2021年营业收入（万元）": ["1", "2"],
                "2022年营业收入（万元）": ["3", None],
                "从业人员": ["10", "20"],
                "经度": ["113.93", "113.94"],
                "纬度": ["22.53", "22.54"],
            }
        )
    )
    assert found.kind is FIRMS
    assert targets(found) == [None, c.FIRM_ID, c.NAME, c.ADDRESS, None, c.INDUSTRY_CODE, c.REVENUE_CNY, c.REVENUE_CNY,
                              c.EMPLOYEES, c.LON, c.LAT]  # fmt: skip
    assert [(x.unit, x.year) for x in found.columns if x.column == c.REVENUE_CNY] == [("万元", 2021), ("万元", 2022)]
    assert found.questions == ()
    assert [x.position for x in found.columns] == list(range(11))


def test_our_own_synthetic_register_needs_no_person() -> None:
    register = synthesize(20, 1, load_reference())
    cells = pa.Table.from_pandas(register, preserve_index=False)
    numbered = cells.rename_columns([str(i) for i in range(cells.num_columns)])
    raw = RawTable(FileKind.PARQUET, tuple(cells.column_names), numbered,
                   np.arange(1, 21), None, None, {})  # fmt: skip
    found = propose_mapping(raw)
    assert (found.kind, found.questions) == (FIRMS, ())
    assert {x.how for x in found.columns} == {"own"}
    assert [x.heading for x in found.columns if x.column is None] == []
    units = {x.year: x.unit for x in found.columns if x.column == c.REVENUE_CNY}
    assert units == dict.fromkeys([None, 2019, 2020, 2021, 2022], "元")


def test_every_heading_of_our_exports_is_our_own(board: Board) -> None:
    kinds = {"firms": FIRMS, "parks": PARKS, "districts": BOUNDARIES, "hubs": HUBS}
    for what, kind in kinds.items():
        frame = pd.DataFrame(EXPORTS[what](board)).drop(columns="geometry", errors="ignore")
        stamped = frame.assign(data_version="0", plan="p", basis="b", notice="n")
        texts = {str(name): [None if pd.isna(v) else str(v) for v in stamped[name]] for name in stamped.columns}
        found = propose_mapping(raw_table(texts))  # type: ignore[arg-type]
        assert found.kind is kind
        assert {x.how for x in found.columns} == {"own"}
        left_out = [x.heading for x in found.columns if x.column is None]
        assert set(left_out) <= {*FOR_READERS}
        assert left_out[-4:] == ["data_version", "plan", "basis", "notice"]
        assert [q for q in found.questions if q.subject != "geometry"] == []


@pytest.mark.parametrize(
    ("cells", "asked"),
    [
        (["3.2亿元", "4500万元"], False),
        (["12", "13"], True),
        (["3.2亿元", "13"], True),
        ([None, None], False),
    ],
)
def test_money_without_a_unit_in_heading_or_cells_is_asked_about(cells: list[object], asked: bool) -> None:
    found = propose_mapping(raw_table({"企业名称": ["甲公司", "乙公司"], "年份": ["2021", "2021"], "营收": cells}))
    assert (Question("unit", "营收", MONEY) in found.questions) is asked
    assert found.columns[2].unit is None


def test_our_own_names_of_money_and_areas_are_in_base_units() -> None:
    found = propose_mapping(
        raw_table({"name": ["a"], "area_m2": ["5"], "rent_cny_m2_month": ["60"], "operator": ["b"]}), PARKS
    )
    assert [x.unit for x in found.columns] == [None, "m²", "元/m²·月", None]
    assert found.questions == ()
    assert (
        propose_mapping(raw_table({"name": ["a"], "revenue_cny（万元）": ["5"], "year": ["2021"]})).columns[1].unit
        == "万元"
    )


def test_areas_and_rents_without_a_unit_are_asked_about() -> None:
    found = propose_mapping(raw_table({"园区名称": ["甲园"], "占地面积": ["5"], "租金": ["60"]}))
    assert found.kind is PARKS
    assert found.questions == (
        Question("unit", "占地面积", ("m²", "万m²", "km²", "亩", "公顷")),
        Question("unit", "租金", ("元/m²·月",)),
    )


def test_revenue_without_a_year_anywhere_asks_for_it() -> None:
    firms = {"企业名称": ["甲公司"], "地址": ["南山区"], "营收（万元）": ["5"]}
    assert propose_mapping(raw_table(firms)).questions == (Question("year"),)  # type: ignore[arg-type]
    assert propose_mapping(raw_table({**firms, "年度": ["2021"]})).questions == ()  # type: ignore[dict-item]
    assert propose_mapping(raw_table({"企业名称": ["甲公司"], "地址": ["南山区"], "员工数": ["5"]})).questions == ()


def test_of_two_columns_that_claim_the_same_the_better_stays_and_the_other_asks() -> None:
    found = propose_mapping(
        raw_table(
            [("股票代码", ["000034"]), ("统一社会信用代码", [CODE]), ("企业名称", ["甲公司"]), ("企业名称", ["乙公司"])]
        )
    )
    assert targets(found) == [None, c.FIRM_ID, c.NAME, None]
    assert found.questions == (Question("column", "股票代码", (c.FIRM_ID,)), Question("column", "#4", (c.NAME,)))


def test_an_empty_column_gives_way_to_a_filled_one_and_is_not_asked_about() -> None:
    found = propose_mapping(
        raw_table({"统一社会信用代码": [None, None], "企业编号": ["a", "b"], "企业名称": ["甲", "乙"]})
    )
    assert targets(found) == [None, c.FIRM_ID, c.NAME]
    assert found.questions == ()


def test_what_is_only_like_a_heading_asks() -> None:
    found = propose_mapping(
        raw_table({"企业名称": ["甲公司"], "营业收人（万元）": ["5"], "年份": ["2021"], "信用代码": [CODE]})
    )
    assert (found.columns[1].column, found.columns[1].how, found.columns[1].unit) == (c.REVENUE_CNY, "fuzzy", "万元")
    assert found.questions == (Question("column", "营业收人（万元）", (c.REVENUE_CNY,)),)
    words = propose_mapping(raw_table({"企业名称": ["甲公司"], "营业收人": ["说明文字"], "信用代码": [CODE]}))
    assert words.columns[1].column is None
    assert words.questions == ()


def test_a_table_without_headings_is_read_by_its_cells_and_asks() -> None:
    found = propose_mapping(
        raw_table(
            [
                ("", [CODE, CODE]),
                ("", ["深圳甲科技有限公司", "乙（深圳）股份有限公司"]),
                ("", ["深圳市南山区科技路1号", "深圳市福田区深南大道2号"]),
                ("", ["113.9301", "114.0512"]),
                ("", ["22.5301", "22.5412"]),
                ("", ["2021", "2022"]),
                ("", ["南山区", "福田区"]),
                ("", ["12345", "67890"]),
            ],
            heading_rows="0",
        )
    )
    guessed = [c.FIRM_ID, c.NAME, c.ADDRESS, c.LON, c.LAT, c.YEAR, c.REGISTERED_DISTRICT_ID]
    assert targets(found) == [*guessed, None]
    assert {x.how for x in found.columns[:7]} == {"content"}
    assert found.kind is FIRMS
    assert found.questions == tuple(Question("column", f"#{i}", (name,)) for i, name in enumerate(guessed, start=1))


@pytest.mark.parametrize(
    ("x", "y", "lon", "unit"),
    [
        (["2491234.1", "2491300"], ["506123.2", "506200"], "Y", METRES),  # a surveyor's X is the northing
        (["506123.2", "506200"], ["2491234.1", "2491300"], "X", METRES),
        (["38506123", "38506200"], ["2491234", "2491300"], "X", METRES),
        (["113.93", "113.94"], ["22.53", "22.54"], "X", None),
        (["22.53", "22.54"], ["113.93", "113.94"], "Y", None),
    ],
)
def test_x_and_y_are_told_apart_by_what_they_hold(x: list[object], y: list[object], lon: str, unit: str | None) -> None:
    found = propose_mapping(raw_table({"企业名称": ["甲公司", "乙公司"], "X": x, "Y": y, "信用代码": [CODE, CODE]}))
    assert {choice.heading: choice.column for choice in found.columns[1:3]} == {
        lon: c.LON, {"X": "Y", "Y": "X"}[lon]: c.LAT}  # fmt: skip
    assert [choice.unit for choice in found.columns[1:3]] == [unit, unit]
    assert found.questions == ()


def test_x_and_y_that_could_be_either_way_are_asked_about() -> None:
    found = propose_mapping(
        raw_table({"企业名称": ["甲公司"], "X坐标": ["20123.5"], "Y坐标": ["112345.1"], "信用代码": [CODE]})
    )
    assert targets(found) == [c.NAME, None, None, c.FIRM_ID]
    assert found.questions == (Question("column", "X坐标", (c.LON, c.LAT)), Question("column", "Y坐标", (c.LON, c.LAT)))


def test_east_and_north_are_said_and_a_longitude_without_a_latitude_is_asked_about() -> None:
    found = propose_mapping(
        raw_table({"企业名称": ["甲公司"], "东坐标": ["506123"], "北坐标": ["2491234"], "信用代码": [CODE]})
    )
    assert targets(found)[1:3] == [c.LON, c.LAT]
    assert [choice.unit for choice in found.columns[1:3]] == [METRES, METRES]
    alone = propose_mapping(
        raw_table({"企业名称": ["甲公司"], "经度": ["113.9"], "其他数": ["22.5"], "信用代码": [CODE]})
    )
    assert Question("column", c.LAT, ("其他数",)) in alone.questions


def test_coordinates_of_two_datums_keep_the_plainer_pair() -> None:
    found = propose_mapping(
        raw_table(
            {
                "企业名称": ["甲公司"],
                "百度经度": ["113.9"],
                "百度纬度": ["22.5"],
                "wgs84经度": ["113.8"],
                "wgs84纬度": ["22.4"],
            }
        )
    )
    assert targets(found) == [c.NAME, None, None, c.LON, c.LAT]


def test_years_as_headings_are_figures_of_those_years() -> None:
    figures = propose_mapping(raw_table({"企业名称": ["甲公司"], "2020": ["5"], "2021年（亿元）": ["6"]}))
    assert figures.kind is OBSERVATIONS
    assert [(x.column, x.year, x.unit, x.how) for x in figures.columns[1:]] == [
        (c.REVENUE_CNY, 2020, None, "content"), (c.REVENUE_CNY, 2021, "亿元", "content")]  # fmt: skip
    assert {q.about for q in figures.questions} == {"column", "unit"}
    wide = propose_mapping(
        raw_table(
            {
                "指标": ["a"],
                "地区": ["深圳市"],
                "2020年": ["5"],
                "2021年": ["6"],
                "单位": ["亿元"],
                "口径": ["x"],
                "来源": ["y"],
            }
        )
    )
    assert [(x.column, x.year) for x in wide.columns[2:4]] == [(c.VALUE, 2020), (c.VALUE, 2021)]
    assert (wide.kind, wide.questions) == (INDICATORS, ())


def test_words_in_a_column_of_industries_are_asked_about_and_codes_are_not() -> None:
    for cells, asked in ((["6510", "I65", "C39"], False), (["软件业", "人工智能", "C39"], True)):
        found = propose_mapping(raw_table({"企业名称": ["甲", "乙", "丙"], "所属行业": cells, "信用代码": [CODE] * 3}))
        assert (Question("column", "所属行业", (c.INDUSTRY_CODE, c.SUBSECTOR_ID)) in found.questions) is asked


def test_indicators_without_source_or_scope_ask_for_them() -> None:
    full = {
        "指标": ["a"],
        "地区": ["深圳市"],
        "年份": ["2021"],
        "数值": ["5"],
        "单位": ["%"],
        "口径": ["x"],
        "来源": ["y"],
        "其他": ["z"],
    }
    assert propose_mapping(raw_table(full)).questions == ()  # type: ignore[arg-type]
    for heading, column in (("口径", c.SCOPE), ("来源", c.SOURCE), ("地区", c.AREA_NAME), ("单位", c.UNIT)):
        less = {h: v for h, v in full.items() if h != heading}
        assert propose_mapping(raw_table(less)).questions == (Question("column", column, ("其他",)),)  # type: ignore[arg-type]
    undated = {h: v for h, v in full.items() if h != "年份"}
    assert propose_mapping(raw_table(undated)).questions == (Question("year"),)  # type: ignore[arg-type]


def polygon(kind: int = 3) -> bytes:
    return struct.pack("<BI", 1, kind) + b"\0" * 4


@pytest.mark.parametrize(
    ("columns", "geometry", "kind"),
    [
        ({"企业名称": ["甲"], "营收（亿元）": ["5"], "年份": ["2021"]}, None, OBSERVATIONS),
        ({"企业代码": ["000034"], "2021年营收（亿元）": ["5"]}, None, OBSERVATIONS),
        ({"企业名称": ["甲"], "营收（亿元）": ["5"], "年份": ["2021"], "所属产业": ["云计算"]}, None, FIRMS),
        ({"企业名称": ["甲"], "地址": ["南山区"]}, None, FIRMS),
        ({"企业名称": ["甲"], "所在园区": ["甲园"]}, None, FIRMS),
        ({"园区名称": ["甲园"], "所在区": ["南山区"]}, None, PARKS),
        ({"名称": ["甲产业园"], "经度": ["113.9"], "纬度": ["22.5"]}, None, PARKS),
        ({"名称": ["甲科技有限公司"], "经度": ["113.9"], "纬度": ["22.5"]}, None, FIRMS),
        ({"name": ["甲"], "operator": ["b"], "floor area (m2)": ["5"]}, None, PARKS),
        ({"指标名称": ["a"], "数值": ["1"]}, None, INDICATORS),
        ({"name": ["南山区"], "adcode": ["440305"]}, [polygon()], BOUNDARIES),
        ({"name": ["南山区"]}, [None, polygon(6)][1:], BOUNDARIES),
        ({"name": ["南山区"]}, [polygon(1006)], BOUNDARIES),
        ({"name": ["甲产业园"]}, [polygon()], PARKS),
        ({"名称": ["甲"], "运营单位": ["b"]}, [polygon()], PARKS),
    ],
)
def test_the_kind_follows_from_the_columns(
    columns: dict[str, list[object]], geometry: list[bytes], kind: TableKind
) -> None:
    found = propose_mapping(raw_table(columns, geometry=geometry))
    assert found.kind is kind
    assert [q for q in found.questions if q.about == "kind"] == []


def test_a_table_that_could_be_anything_asks_what_it_is() -> None:
    for columns in ({"名称": ["甲"], "经度": ["113.9"], "纬度": ["22.5"]}, {"foo": ["1"]}, {}):
        found = propose_mapping(raw_table(columns))  # type: ignore[arg-type]
        assert found.questions[0] == Question("kind", "", tuple(TableKind))
    assert propose_mapping(raw_table({"foo": ["1"]}), PARKS).questions == (Question("column", c.NAME, ("foo",)),)


def test_boundaries_need_areas_and_a_name() -> None:
    found = propose_mapping(raw_table({"x": ["1"]}, geometry=[struct.pack("<BI", 1, 1)]), BOUNDARIES)
    assert found.questions == (Question("column", "geometry"), Question("column", c.NAME, ("x",)))
    assert propose_mapping(raw_table({"区划代码": ["440305"]}, geometry=[polygon()]), BOUNDARIES).questions == ()


def test_several_sheets_or_layers_are_asked_about() -> None:
    found = propose_mapping(raw_table({"企业名称": ["甲"], "地址": ["b"]}, sheets="一\n二", sheet="一", layers="a"))
    assert found.questions == (Question("sheet", "", ("一", "二")),)


def test_a_heading_with_line_breaks_and_full_width_letters_is_known() -> None:
    found = propose_mapping(
        raw_table(
            {"企业\n名称": ["甲"], "ＬＯＮ": ["113.9"], "Ｌａｔ": ["22.5"], "营业收入\r\n（万元）\n2022年": ["5"]}
        )
    )
    assert targets(found) == [c.NAME, c.LON, c.LAT, c.REVENUE_CNY]
    assert (found.columns[3].unit, found.columns[3].year) == ("万元", 2022)


CELLS = st.lists(st.one_of(st.none(), st.text(min_size=1, max_size=9)), min_size=3, max_size=3)


@given(st.lists(st.tuples(st.text(max_size=8), CELLS), max_size=5))
def test_any_table_of_text_gives_one_choice_for_each_column(columns: list[tuple[str, list[object]]]) -> None:
    raw = raw_table([(heading, values if any(values) else [None] * 3) for heading, values in columns])
    found = propose_mapping(raw)
    assert [(x.position, x.heading) for x in found.columns] == list(enumerate(raw.headings))
    placed = [(x.column, x.year) for x in found.columns if x.column]
    assert len(placed) == len(set(placed))

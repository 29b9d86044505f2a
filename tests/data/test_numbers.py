"""Numbers as people write them are read exactly, or not at all."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import UnknownChoice
from data.numbers import parse_areas, parse_counts, parse_decimals, parse_money, parse_years
from data.parsed import Parsed
from data.units import UNITS, Measure, factor, unit_named


def one(parsed: Parsed) -> tuple[object, str | None, bool]:
    return parsed.values[0].as_py(), parsed.rule[0].as_py(), bool(parsed.unreadable[0])


@pytest.mark.parametrize(
    ("text", "unit", "cny", "rule"),
    [
        ("3.2", "亿元", 320_000_000, None),
        ("1,234.5", "万元", 12_345_000, None),
        ("1,234,567", "元", 1_234_567, None),
        ("-5", "千元", -5_000, None),
        ("3.2亿元", "亿元", 320_000_000, None),
        ("3.2亿元", None, 320_000_000, None),
        ("3.2亿元", "万元", 320_000_000, "cell_unit"),
        ("4500万", "元", 45_000_000, "cell_unit"),
        ("5.5 百万元", "元", 5_500_000, "cell_unit"),
        ("2 million CNY", "万元", 2_000_000, "cell_unit"),
        ("１２３", "元", 123, "full_width"),
        ("１，２３４．５", "万元", 12_345_000, "full_width"),
        ("¥1.2亿", "亿元", 120_000_000, "currency_sign"),
        ("￥ 300", "元", 300, "currency_sign"),
        ("(123)", "万元", -1_230_000, "negative_in_brackets"),
        ("（1,000.5）万元", "万元", -10_005_000, "negative_in_brackets"),
        ("1.5E+08", "元", 150_000_000, "scientific"),
        ("+12", "元", 12, None),
        ("'120", "元", 120, "stray_marks"),
        ("\ufeff120\u200b", "元", 120, "stray_marks"),
        ("−7", "元", -7, "stray_marks"),
        ("0.30000000000000004", "亿元", 30_000_000, None),
        ("9223372036854775807", "元", 2**63 - 1, None),
        ("0.5", "元", 0, None),
        ("1.5", "元", 2, None),
        ("—", "元", None, "no_value"),
        ("N/A", "元", None, "no_value"),
    ],
)
def test_money_is_read_in_the_unit_of_its_cell_or_else_of_its_column(
    text: str, unit: str | None, cny: int | None, rule: str | None
) -> None:
    parsed = parse_money(pa.array([text], pa.large_string()), unit)
    assert one(parsed) == (cny, rule, False)
    assert parsed.repaired.tolist() == [rule is not None]


@pytest.mark.parametrize(
    "text",
    ["约12", ">9000", "1e309", "1e999", "inf", "nan", "-inf", "12-15", "1,23", "1.2.3", "--5", "-(5)", "(-5)",
     "3.2亿美元",
     "$5", "HK$12", "5公顷", "12人", "二十", "1 234", "٣", "1.234,5", "9223372036854775808", "999999999999999亿",
     "5" * 70, "#DIV/0!", "true", "1_000", "0x10"],
)  # fmt: skip
def test_what_is_no_plain_amount_of_cny_is_unreadable(text: str) -> None:
    assert one(parse_money(pa.array([text]), "元")) == (None, None, True)


def test_a_plain_number_without_any_unit_is_unreadable() -> None:
    parsed = parse_money(pa.array(["12", "12万元"]), None)
    assert parsed.values.to_pylist() == [None, 120_000]
    assert parsed.unreadable.tolist() == [True, False]


def test_blank_cells_are_missing_and_not_unreadable() -> None:
    parsed = parse_money(pa.chunked_array([[None, ""], ["1"]], pa.string()), "元")
    assert parsed.values.to_pylist() == [None, None, 1]
    assert not parsed.unreadable.any()
    assert not parsed.repaired.any()


def test_columns_that_are_numbers_already_are_read_as_they_are_meant() -> None:
    assert parse_money(pa.array([3.2, float("nan"), None, 1e-7, 1e16]), "亿元").values.to_pylist() == [
        320_000_000, None, None, 10, None]  # fmt: skip
    assert parse_money(pa.array([1.5e17]), "元").repaired.tolist() == [False]
    assert parse_money(pa.array([float("inf")]), "元").unreadable.tolist() == [True]
    assert parse_money(pa.array([3, 2**62]), "千元").unreadable.tolist() == [False, True]
    assert parse_money(pa.array([Decimal("1.25")], pa.decimal128(5, 2)), "万元").values.to_pylist() == [12_500]
    assert parse_money(pa.array(["1", "1", "2亿"]).dictionary_encode(), "元").values.to_pylist() == [1, 1, 200_000_000]
    assert parse_counts(pa.array([3.0, 3.5])).values.to_pylist() == [3, None]
    assert parse_decimals(pa.array([True])).unreadable.tolist() == [True]
    assert parse_money(pa.array([], pa.string()), "元").values.type == pa.int64()
    assert parse_money(pa.nulls(2), "元").values.to_pylist() == [None, None]


def test_an_unknown_unit_is_refused() -> None:
    for parse in (parse_money, parse_areas, parse_counts):
        with pytest.raises(UnknownChoice, match=r"unknown unit of \w+ '斤'"):
            parse(pa.array(["1"]), "斤")


WRITINGS = [
    lambda number, unit: (f"{number:f}", unit),
    lambda number, unit: (f"{number:,f}", unit),
    lambda number, unit: (f"{number:f}{unit}", None),
    lambda number, unit: (f"{number:,f} {unit}", "元"),
    lambda number, unit: (f"{number:f}".translate({ord("0") + i: 0xFF10 + i for i in range(10)} | {46: "．"}), unit),
    lambda number, unit: (f"¥{number:f}{unit}", None),
    lambda number, unit: (f"({-number:f}){unit}" if number < 0 else f"{number:f}{unit}", "万元"),
]


@given(
    st.integers(-(10**15), 10**15),
    st.sampled_from(sorted(UNITS[Measure.MONEY])),
    st.sampled_from(WRITINGS),
)
def test_money_comes_back_whole_through_every_unit_and_writing(cny: int, unit: str, write: object) -> None:
    number = Decimal(cny).scaleb(-len(str(int(factor(unit, Measure.MONEY)))) + 1)
    text, column = write(number, unit)  # type: ignore[operator]
    assert one(parse_money(pa.array([text]), column))[::2] == (cny, False), text


@given(
    st.lists(
        st.one_of(st.none(), st.text(max_size=12), st.from_regex(r"[(¥-]?[0-9,.]{1,9}[万亿元%)]?", fullmatch=True))
    )
)
def test_any_text_is_a_value_or_blank_or_unreadable_and_never_an_error(texts: list[str | None]) -> None:
    cells = pa.array(texts, pa.large_string())
    for parsed in (parse_money(cells, "万元"), parse_areas(cells, None), parse_counts(cells), parse_years(cells),
                   parse_decimals(cells)):  # fmt: skip
        there = np.asarray(parsed.values.is_valid())
        assert len(parsed.values) == len(parsed.rule) == len(texts)
        assert not (there & parsed.unreadable).any()
        empty = np.array([text in (None, "") for text in texts], bool)
        assert not (empty & (there | parsed.unreadable | parsed.repaired)).any()
        assert ((there | parsed.unreadable | empty) | (np.asarray(parsed.rule.to_pylist(), object) == "no_value")).all()


@given(st.lists(st.sampled_from(["12", "3.5万元", "x", None, "￥9", "-"]), max_size=9), st.randoms())
def test_the_order_of_rows_does_not_matter(texts: list[str | None], random: object) -> None:
    order = list(range(len(texts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    straight = parse_money(pa.array(texts, pa.string()), "元")
    mixed = parse_money(pa.array([texts[i] for i in order], pa.string()), "元")
    assert mixed.values.to_pylist() == [straight.values[i].as_py() for i in order]
    assert mixed.rule.to_pylist() == [straight.rule[i].as_py() for i in order]


@pytest.mark.parametrize(
    ("text", "unit", "m2", "rule"),
    [
        ("3", "亩", 2000.0, None),
        ("3亩", "m²", 2000.0, "cell_unit"),
        ("1.5万㎡", "m²", 15_000.0, "cell_unit"),
        ("1.5万平方米", "万m²", 15_000.0, None),
        ("2.5", "km²", 2_500_000.0, None),
        ("2公顷", None, 20_000.0, None),
        ("12,000平方米", "m²", 12_000.0, None),
        ("120 m2", "m²", 120.0, None),
    ],
)
def test_areas_are_read_in_m2(text: str, unit: str | None, m2: float, rule: str | None) -> None:
    assert one(parse_areas(pa.array([text]), unit)) == (pytest.approx(m2), rule, False)


@given(st.integers(0, 10**9))
def test_a_mu_is_two_thousand_thirds_of_a_square_metre(number: int) -> None:
    parsed = parse_areas(pa.array([str(number), f"{number}亩"]), "亩").values
    assert parsed[0].as_py() == pytest.approx(float(Fraction(2000, 3) * number), rel=1e-15)
    assert parsed[1].as_py() == float(Fraction(2000, 3) * number)


def test_a_negative_area_and_half_a_person_are_unreadable() -> None:
    assert parse_areas(pa.array(["-1", "(5)"]), "m²").unreadable.all()
    assert parse_counts(pa.array(["-1", "0.5", "约300人", "1.23456万人"])).unreadable.all()
    assert parse_counts(pa.array(["0", "1,200", "12人", "120.0", "1.2万"])).values.to_pylist() == [
        0,
        1200,
        12,
        120,
        12_000,
    ]
    assert parse_counts(pa.array(["1.2"]), "万人").values.to_pylist() == [12_000]


@pytest.mark.parametrize(
    ("text", "year", "rule"),
    [
        ("2022", 2022, None), ("2022年", 2022, None), ("2022年度", 2022, None), ("2022.0", 2022, None),
        ("FY2022", 2022, None),
        ("２０２２年", 2022, "full_width"), ("2022-12-31", 2022, "year_of_date"), ("2022/1/3", 2022, "year_of_date"),
        ("2022年12月31日", 2022, "year_of_date"), ("20221231", 2022, "year_of_date"),
        ("2022-06", 2022, "year_of_date"),
        ("2022-12-31 00:00:00", 2022, "year_of_date"), ("2022-12-31T08:30:00Z", 2022, "year_of_date"),
        ("1900", 1900, None), ("2100", 2100, None),
    ],
)  # fmt: skip
def test_years_stand_alone_or_in_a_date(text: str, year: int, rule: str | None) -> None:
    assert one(parse_years(pa.array([text]))) == (year, rule, False)


@pytest.mark.parametrize(
    "text",
    ["22", "1899", "2101", "2022Q3", "2022年三季度", "2022年1-9月", "2021-2022", "2021-22", "2022-02-30", "44926",
     "2022E",
     "202213", "民国111年", "今年"],
)  # fmt: skip
def test_quarters_spans_and_impossible_dates_are_no_years(text: str) -> None:
    assert one(parse_years(pa.array([text]))) == (None, None, True)


def test_years_of_numbers_and_dates_need_no_repair() -> None:
    dates = pa.array([19000], pa.date32())
    assert parse_years(dates).values.to_pylist() == [2022]
    assert not parse_years(dates).repaired.any()
    assert parse_years(pa.array([2022, 3])).values.to_pylist() == [2022, None]
    assert parse_years(pa.array([2022.0])).values.to_pylist() == [2022]


def test_a_percent_sign_is_left_to_the_unit_of_the_figure() -> None:
    parsed = parse_decimals(pa.array(["6.5%", "６．５％", "-1.5", "30664.85", "1e3", "约12000", "3,4,5"]))
    assert parsed.values.to_pylist() == [6.5, 6.5, -1.5, 30664.85, 1000.0, None, None]
    assert parsed.rule.to_pylist() == ["percent_sign", "percent_sign", None, None, "scientific", None, None]


@pytest.mark.parametrize(
    ("spelling", "measure", "unit"),
    [
        ("（万元）", Measure.MONEY, "万元"), ("人民币万元", Measure.MONEY, "万元"), ("億元", Measure.MONEY, "亿元"),
        ("单位：万元", Measure.MONEY, "万元"), ("10,000 CNY", Measure.MONEY, "万元"),
        ("CNY 10k", Measure.MONEY, "万元"),
        ("RMB'000", Measure.MONEY, "千元"), ("CNY thousand", Measure.MONEY, "千元"),
        ("100 million yuan", Measure.MONEY, "亿元"),
        ("in millions of yuan", Measure.MONEY, "百万元"), ("bn", Measure.MONEY, "十亿元"),
        ("yi", Measure.MONEY, "亿元"),
        ("cny_wan", Measure.MONEY, "万元"), ("USD", Measure.MONEY, None), ("万美元", Measure.MONEY, None),
        ("人", Measure.MONEY, None), ("", Measure.MONEY, None), ("万平方米", Measure.AREA, "万m²"),
        ("平方公里", Measure.AREA, "km²"),
        ("㎢", Measure.AREA, "km²"), ("畝", Measure.AREA, "亩"), ("ha", Measure.AREA, "公顷"),
        ("sq m", Measure.AREA, "m²"),
        ("万人", Measure.PERSONS, "万人"), ("元/㎡/月", Measure.RENT, "元/m²·月"),
        ("元/平方米·天", Measure.RENT, None),
        ("CNY/m2/month", Measure.RENT, "元/m²·月"),
    ],
)  # fmt: skip
def test_a_unit_is_known_by_many_spellings(spelling: str, measure: Measure, unit: str | None) -> None:
    assert unit_named(spelling, measure) == unit


@pytest.mark.parametrize("measure", Measure)
def test_every_unit_is_its_own_spelling(measure: Measure) -> None:
    assert [unit_named(unit, measure) for unit in UNITS[measure]] == list(UNITS[measure])

"""A mapping is kept as TOML, and what a person told goes before what a file proposes."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import columns as c
from data.errors import BadMapping, DataError
from data.mapping import METRES, ColumnChoice, Mapping, Question, TableKind, column_keys
from data.mapping_files import AS_PROPOSED, apply_told, load_mapping, save_mapping
from data.units import UNITS, Measure

FIRMS, OBSERVATIONS, PARKS, BOUNDARIES, INDICATORS, HUBS = TableKind
MONEY = ("元", "千元", "万元", "亿元")


def told(tmp_path: Path, text: str) -> Mapping:
    path = tmp_path / "m.toml"
    path.write_text(text, "utf-8")
    return load_mapping(path)


def proposal(
    *columns: tuple[str, str | None], kind: TableKind = FIRMS, questions: tuple[Question, ...] = ()
) -> Mapping:
    choices = tuple(ColumnChoice(i, h, column, how="synonym") for i, (h, column) in enumerate(columns))
    return Mapping(kind, choices, questions=questions)


def test_a_file_says_kind_datum_columns_units_and_years(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        """
        kind = "firms"
        datum = "GCJ02"
        year = 2022
        sheet = "表一"
        heading_rows = 2
        [columns]
        "企业名称" = "name"
        "联系人" = ""
        "#3" = "address"
        [units]
        "营收" = "万元"
        [years]
        "营收" = 2021
        """,
    )
    assert (found.kind, found.datum, found.year, found.sheet, found.heading_rows) == (FIRMS, "gcj02", 2022, "表一", 2)
    assert found.columns == (
        ColumnChoice(-1, "企业名称", c.NAME),
        ColumnChoice(-1, "联系人", None),
        ColumnChoice(2, "", c.ADDRESS),
        ColumnChoice(-1, "营收", AS_PROPOSED, "万元", 2021),
    )


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("kind = ", "TOML"),
        ("a = 1\na = 2", "TOML"),
        ("a = " + "[" * 5000, "TOML"),
        ("year = " + "9" * 5000, "TOML"),
        ("", "kind"),
        ('kind = "shops"', "kind"),
        ("kind = 3", "kind"),
        ('kind = "firms"\ncolour = "red"', "colour"),
        ('kind = "firms"\nyear = 22', "year"),
        ('kind = "firms"\nyear = "2022"', "year"),
        ('kind = "firms"\nheading_rows = true', "heading_rows"),
        ('kind = "firms"\ndatum = "mars"', "datum"),
        ('kind = "firms"\nsheet = 3', "sheet"),
        ('kind = "firms"\nsheet = ""', "sheet"),
        ('kind = "firms"\ncolumns = "name"', "columns"),
        ('kind = "firms"\n[columns]\n"企业" = "nom"', "columns.企业"),
        ('kind = "firms"\n[columns]\n"企业" = 3', "columns.企业"),
        ('kind = "firms"\n[units]\n"营收" = "斤"', "units.营收"),
        ('kind = "firms"\n[columns]\n"营收" = "revenue_cny"\n[units]\n"营收" = "亩"', "units.营收"),
        ('kind = "firms"\n[columns]\n"企业" = "name"\n[units]\n"企业" = "元"', "units.企业"),
        ('kind = "firms"\n[columns]\n"企业" = ""\n[units]\n"企业" = "斤"', "units.企业"),
        ('kind = "firms"\n[years]\n"营收" = 1800', "years.营收"),
    ],
)
def test_a_bad_file_is_one_sentence_that_names_the_field(tmp_path: Path, text: str, field: str) -> None:
    with pytest.raises(BadMapping) as refused:
        told(tmp_path, text)
    assert isinstance(refused.value, DataError)
    assert refused.value.field == field
    assert str(refused.value).startswith(f"mapping m.toml, {field}: ")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


def test_bytes_that_are_no_text_or_too_many_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    for content in (b"\xff\xfe\x00", b"#" * (1 << 20) + b"##"):
        path.write_bytes(content)
        with pytest.raises(BadMapping):
            load_mapping(path)
    path.write_bytes(b'\xef\xbb\xbfkind = "parks"')
    assert load_mapping(path) == Mapping(PARKS)


@pytest.mark.parametrize("measure", [Measure.MONEY, Measure.AREA, Measure.PERSONS, Measure.RENT])
def test_every_unit_may_be_told_and_other_spellings_become_ours(tmp_path: Path, measure: Measure) -> None:
    for unit in UNITS[measure]:
        assert told(tmp_path, f'kind = "firms"\n[units]\nx = "{unit}"').columns[0].unit == unit
    assert told(tmp_path, 'kind = "firms"\n[units]\nx = "10k CNY"').columns[0].unit == "万元"
    assert told(tmp_path, 'kind = "firms"\n[units]\nx = "m"').columns[0].unit == METRES
    assert told(tmp_path, 'kind = "indicators"\n[columns]\nx = "value"\n[units]\nx = "%"').columns[0].unit == "%"


HEADINGS = st.lists(st.text(st.characters(blacklist_categories=["Cs"]), max_size=12), max_size=6)


@given(HEADINGS, st.data())
def test_what_is_saved_and_told_again_is_the_same_mapping(
    tmp_path_factory: pytest.TempPathFactory, headings: list[str], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("m") / "m.toml"
    figures = [(c.REVENUE_CNY, "万元", year) for year in range(2010, 2020)]
    wanted = data.draw(st.permutations([(None, None, None), (c.NAME, None, None), (c.LON, METRES, None), *figures]))
    columns = tuple(ColumnChoice(i, heading, *wanted[i]) for i, heading in enumerate(headings))
    mapping = Mapping(FIRMS, columns, datum="bd09", year=2020, sheet='a"\n', separator="\t", heading_rows=0)
    save_mapping(mapping, path)
    bare = Mapping(FIRMS, tuple(ColumnChoice(i, heading, None, how="synonym") for i, heading in enumerate(headings)))
    again = apply_told(bare, load_mapping(path))
    assert again == mapping
    assert set(tomllib.loads(path.read_text("utf-8")).get("columns", {})) == set(column_keys(headings))


def test_a_loaded_file_may_be_saved_again(tmp_path: Path) -> None:
    text = 'kind = "firms"\n[columns]\n"#3" = "name"\n"a" = ""\n[units]\n"b" = "亿元"'
    first = told(tmp_path, text)
    save_mapping(first, tmp_path / "n.toml")
    assert load_mapping(tmp_path / "n.toml") == first


def test_told_columns_units_and_years_go_before_proposed_ones_and_answer_their_questions(tmp_path: Path) -> None:
    proposed = proposal(
        ("企业名称", c.NAME), ("产出（万元）", None), ("营收", c.REVENUE_CNY), ("住址", c.ADDRESS),
        questions=(Question("unit", "营收", MONEY), Question("column", "住址", (c.ADDRESS,)), Question("year"),
                   Question("datum"), Question("sheet", "", ("a", "b"))),
    )  # fmt: skip
    text = 'kind = "firms"\n{}\n[columns]\n"住址" = "address"\n"产出（万元）" = "value_added_cny"'
    text += '\n[units]\n"营收" = "亿元"'
    found = apply_told(proposed, told(tmp_path, text.format('year = 2021\ndatum = "wgs84"\nsheet = "b"')))
    assert found.questions == ()
    assert [(x.column, x.unit, x.how) for x in found.columns] == [
        (c.NAME, None, "synonym"), (c.VALUE_ADDED_CNY, "万元", "told"), (c.REVENUE_CNY, "亿元", "synonym"),
        (c.ADDRESS, None, "told")]  # fmt: skip
    assert (found.year, found.datum, found.sheet) == (2021, "wgs84", "b")
    less = apply_told(proposed, told(tmp_path, text.format("")))
    assert {q.about for q in less.questions} == {"datum", "sheet", "year"}


def test_what_is_not_told_stays_open() -> None:
    questions = (Question("column", "住址", (c.ADDRESS,)), Question("unit", "营收", MONEY), Question("year"))
    proposed = proposal(("企业名称", c.NAME), ("营收", c.REVENUE_CNY), ("住址", c.ADDRESS), questions=questions)
    assert set(apply_told(proposed, Mapping(FIRMS)).questions) == set(questions)
    assert apply_told(proposed, Mapping(FIRMS)).columns == proposed.columns


def test_leaving_a_column_out_answers_what_was_asked_about_it(tmp_path: Path) -> None:
    questions = (Question("column", "住址", (c.ADDRESS,)), Question("unit", "营收", MONEY), Question("year"))
    proposed = proposal(("企业名称", c.NAME), ("营收", c.REVENUE_CNY), ("住址", c.ADDRESS), questions=questions)
    found = apply_told(proposed, told(tmp_path, 'kind = "firms"\n[columns]\n"营收" = ""\n"住址" = ""'))
    assert found.questions == ()
    assert [x.column for x in found.columns] == [c.NAME, None, None]


def test_an_answer_that_opens_a_question_asks_it(tmp_path: Path) -> None:
    proposed = proposal(("企业名称", c.NAME), ("产出", None), ("x", None))
    found = apply_told(proposed, told(tmp_path, 'kind = "firms"\n[columns]\n"产出" = "revenue_cny"\n"企业名称" = ""'))
    assert found.questions == (
        Question("unit", "产出", MONEY),
        Question("column", c.NAME, ("企业名称", "x")),
        Question("year"),
    )


def test_a_told_column_takes_the_place_of_a_proposed_one_and_two_told_ones_are_asked_about(tmp_path: Path) -> None:
    proposed = proposal(("企业名称", c.NAME), ("甲", None), ("乙", None))
    one = apply_told(proposed, told(tmp_path, 'kind = "firms"\n[columns]\n"甲" = "name"'))
    assert [x.column for x in one.columns] == [None, c.NAME, None]
    assert one.questions == ()
    two = apply_told(proposed, told(tmp_path, 'kind = "firms"\n[columns]\n"甲" = "name"\n"乙" = "name"'))
    assert [x.column for x in two.columns] == [None, c.NAME, None]
    assert two.questions == (Question("column", "乙", (c.NAME,)),)


def test_headings_are_found_again_in_another_order_and_writing_and_by_their_number(tmp_path: Path) -> None:
    proposed = proposal(("备注 ", None), ("企业 名称：", None), ("地址", None), ("地址", None), ("", None))
    text = 'kind = "firms"\n[columns]\n"企业名称" = "name"\n"#4" = "address"\n"#5" = "notes"'
    text += '\n"没有的" = "source"\n"地址" = "park"'
    found = apply_told(proposed, told(tmp_path, text))
    assert [x.column for x in found.columns] == [None, c.NAME, None, c.ADDRESS, c.NOTES]
    assert found.questions == ()


def test_a_page_tells_by_position_and_heading() -> None:
    proposed = proposal(("a", None), ("a", None), ("企业名称", c.NAME))
    choice = ColumnChoice(1, "a", c.ADDRESS)
    assert [x.column for x in apply_told(proposed, Mapping(FIRMS, (choice,))).columns] == [None, c.ADDRESS, c.NAME]
    moved = replace(choice, position=0, heading="企业名称", column=c.SHORT_NAME)
    assert apply_told(proposed, Mapping(FIRMS, (moved,))).columns[2].column == c.SHORT_NAME


def test_a_table_may_be_said_to_have_no_such_column(tmp_path: Path) -> None:
    proposed = proposal(
        ("指标", c.INDICATOR), ("地区", c.AREA_NAME), ("年份", c.YEAR), ("数值", c.VALUE), ("单位", c.UNIT),
        kind=INDICATORS, questions=(Question("column", c.SCOPE), Question("column", c.SOURCE)),
    )  # fmt: skip
    found = apply_told(proposed, told(tmp_path, 'kind = "indicators"\n[columns]\nscope = ""'))
    assert found.questions == (Question("column", c.SOURCE),)


def test_a_kind_that_was_told_is_asked_no_more_and_missing_areas_stay_missing(tmp_path: Path) -> None:
    questions = (Question("kind", "", tuple(TableKind)), Question("column", "geometry"))
    proposed = proposal(("名称", c.NAME), kind=BOUNDARIES, questions=questions)
    found = apply_told(proposed, told(tmp_path, 'kind = "boundaries"'))
    assert (found.kind, found.questions) == (BOUNDARIES, (Question("column", "geometry"),))

"""What a person says on the page is told, and nothing else: what nobody touched stays a proposal with its question."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from data import columns as c
from data.heading_words import recognize
from data.headings import propose_mapping
from data.importing import Told
from data.mapping import Mapping, TableKind
from data.mapping_files import apply_told, load_mapping, mapping_text
from data.readers.raw_table import FileKind, RawTable
from views.data_mapping import COLUMNS, take_answer, tell, whole_mapping
from views.words import Language, words


def raw_table(**columns: list[str]) -> RawTable:
    cells = pa.table([pa.array(v, pa.large_string()) for v in columns.values()], [str(n) for n in range(len(columns))])
    return RawTable(FileKind.CSV, tuple(columns), cells, np.arange(2, 2 + len(cells)), None, None, {})


def document(mapping: Mapping) -> dict[str, Any]:
    """As a check tells it."""
    return {
        "kind": mapping.kind.value,
        "columns": [vars(choice) | {"samples": []} for choice in mapping.columns],
        "questions": [{"about": q.about, "subject": q.subject, "options": list(q.options)} for q in mapping.questions],
    }


TABLE = raw_table(企业名称=["甲公司", "乙公司"], 行业类别代号=["I65", "I64"], 营收=["12", "13"], 去年产出=["1", "2"])


@pytest.mark.parametrize("kind", list(TableKind))
def test_every_column_that_is_offered_is_one_of_its_kind_and_has_words(kind: TableKind, language: Language) -> None:
    t = words(language)
    for column in COLUMNS[kind]:
        assert recognize(column, kind).column == column
        assert f"column.{column}" in t


def test_a_unit_answers_its_question_and_leaves_the_others_open() -> None:
    proposed = propose_mapping(TABLE, TableKind.FIRMS)
    asked = document(proposed)
    unit = next(q for q in asked["questions"] if q["about"] == "unit" and q["subject"] == "营收")
    told = take_answer(asked, unit, "万元", Told())
    assert told.mapping is not None
    left = apply_told(proposed, told.mapping).questions
    assert set(left) == {q for q in proposed.questions if (q.about, q.subject) != ("unit", "营收")}
    assert next(one for one in apply_told(proposed, told.mapping).columns if one.heading == "营收").unit == "万元"


def test_every_question_of_a_file_can_be_answered_and_kept_for_the_next() -> None:
    mapping, told = propose_mapping(TABLE, TableKind.FIRMS), Told()
    assert len({q.about for q in mapping.questions}) > 1, "the table asks several things"
    for _ in range(10):
        if not mapping.questions:
            break
        asked = document(mapping)
        question = asked["questions"][0]
        answer = 2021 if question["about"] == "year" else "万元" if question["about"] == "unit" else ""
        told = take_answer(asked, question, answer, told)
        mapping = apply_told(propose_mapping(TABLE, TableKind.FIRMS), told.mapping or Mapping(TableKind.FIRMS))
        if told.year is not None:
            mapping = Mapping(**{**vars(mapping), "year": told.year, "questions": tuple(
                q for q in mapping.questions if q.about != "year")})  # fmt: skip
    assert mapping.questions == ()
    whole = whole_mapping(document(mapping), told)
    assert [one.column for one in whole.columns] == [one.column for one in mapping.columns]
    assert (whole.year, whole.kind) == (told.year, TableKind.FIRMS)


def test_a_missing_column_is_found_among_those_left_or_told_to_be_absent() -> None:
    table = raw_table(指标=["x"], 地区=["深圳市"], 年份=["2021"], 数值=["1"], 单位=["亿元"], 备考=["市统计局"])
    proposed = propose_mapping(table, TableKind.INDICATORS)
    asked = document(proposed)
    missing = [q for q in asked["questions"] if q["about"] == "column" and q["subject"] in (c.SCOPE, c.SOURCE)]
    assert {q["subject"] for q in missing} == {c.SCOPE, c.SOURCE}
    told = Told()
    for question in missing:
        told = take_answer(asked, question, "备考" if question["subject"] == c.SOURCE else "", told)
    assert told.mapping is not None
    result = apply_told(proposed, told.mapping)
    assert next(one.column for one in result.columns if one.heading == "备考") == c.SOURCE
    assert not [q for q in result.questions if q.subject in (c.SCOPE, c.SOURCE)]


def test_a_later_word_on_a_column_goes_before_an_earlier_one() -> None:
    proposed = propose_mapping(TABLE, TableKind.FIRMS)
    first = document(proposed)["columns"][0]
    assert first["heading"] == "企业名称"
    told = Told(datum="gcj02")
    for column in (c.SHORT_NAME, None):
        choice = type(proposed.columns[0])(0, "企业名称", column)
        told = tell(told, TableKind.FIRMS, choice)
    assert told.datum == "gcj02"
    assert told.mapping is not None
    assert [one.column for one in told.mapping.columns] == [None]


def test_the_mapping_of_a_page_comes_back_from_its_file(tmp_path: Any) -> None:
    proposed = propose_mapping(TABLE, TableKind.FIRMS)
    whole = whole_mapping(document(proposed), Told(datum="gcj02", year=2022))
    (tmp_path / "m.toml").write_text(mapping_text(whole), "utf-8")
    kept = load_mapping(tmp_path / "m.toml")
    assert (kept.kind, kept.datum, kept.year) == (TableKind.FIRMS, "gcj02", 2022)
    again = apply_told(proposed, kept)
    assert [(o.column, o.unit, o.year) for o in again.columns] == [(o.column, o.unit, o.year) for o in proposed.columns]

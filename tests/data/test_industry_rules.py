"""The tables say what they say and no more, and a word is read where it stands."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

import data.industry_rules
from data import industry_rules
from data.errors import BadTable
from data.industry_rules import RULES, WORDS, code_rules, rule_of_code, scope_words, words_in
from data.sources import REFERENCE
from data.weights import WHOLE

CACHED = ("code_rules", "scope_words", "_rules_by_name", "_finder")


def clear() -> None:
    for name in CACHED:
        getattr(industry_rules, name).cache_clear()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the two tables, to be edited."""
    for name in (RULES, WORDS):
        shutil.copy(REFERENCE / name, tmp_path / name)
    monkeypatch.setattr(data.industry_rules, "REFERENCE", tmp_path)
    clear()
    yield tmp_path
    clear()


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def words(*texts: str | None) -> list[list[str]]:
    number, found = words_in(pa.array(texts, pa.large_string()))
    return [[scope_words()[i].text for i in found[n]] for n in number]


def test_every_row_says_where_it_comes_from_and_how_well_it_is_known() -> None:
    for name in (RULES, WORDS):
        for row in rows(name):
            assert row["source"]
            assert row["status"] in ("sourced", "unverified")
            assert (row["status"] == "sourced") <= row["source"].startswith("plan ")


def test_what_is_sourced_stands_in_the_plan() -> None:
    plan = (REFERENCE.parent / "plans" / "shenzhen-digital-economy-2021-2023.txt").read_text("utf-8")
    plan = "".join(plan.split())
    named = [row["word"] for row in rows(WORDS) if row["status"] == "sourced"]
    named += [row["name"] for row in rows(RULES) if row["status"] == "sourced"]
    assert len(named) > 50
    assert [name for name in named if name not in plan] == []


def test_the_weights_of_every_code_add_up() -> None:
    assert len(code_rules()) == len({row["code"] for row in rows(RULES)})
    assert all(sum(rule.parts.values()) == WHOLE for rule in code_rules().values())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("6513", "6513"),
        ("I6513", "6513"),
        ("i 6513", "6513"),
        ("６５１３", "6513"),
        ("6513 应用软件开发", "6513"),
        ("6513-应用软件开发", "6513"),
        ("应用软件开发", "6513"),
        ("651", "651"),
        ("6510", "651"),
        ("6540 数据处理和存储服务", None),  # the edition of 2011
        ("6520", None),
        ("I65", None),
        ("I", None),
        ("65131", None),
        ("0111", None),
        ("餐饮业", None),
        ("", None),
    ],
)
def test_a_cell_names_a_code_in_many_forms_or_says_nothing(text: str, code: str | None) -> None:
    rule = rule_of_code(text)
    assert (rule.code if rule else None) == code


def test_the_longer_of_two_words_is_read() -> None:
    assert words("工业互联网平台", "互联网", "云操作系统与操作系统") == [
        ["工业互联网平台"],
        ["互联网"],
        ["云操作系统", "操作系统"],
    ]


def test_a_word_counts_once_and_in_the_order_of_the_text() -> None:
    assert words("大数据；云计算；大数据服务") == [["大数据", "云计算"]]


def test_latin_words_are_whole_and_of_any_case_or_width() -> None:
    assert words("提供saas服务", "ＥＤＡ工具", "SEDAN进口") == [["saas"], ["eda"], []]


def test_what_is_excluded_in_brackets_is_not_read() -> None:
    assert words("互联网销售（除游戏外）；咨询(不含金融业务)", "软件开发（含游戏）") == [
        ["互联网销售"],
        ["软件开发", "游戏"],
    ]


def test_nothing_is_read_in_nothing() -> None:
    assert words(None, "", "；；") == [[], [], []]
    number, found = words_in(pa.array([], pa.large_string()))
    assert (len(number), found) == (0, [()])


def test_texts_are_read_alike_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [None, "云计算", "软件开发;大数据", "餐饮", "云计算", "大数据"] * 3
    whole = words(*texts)
    monkeypatch.setattr(industry_rules, "_ROWS", 4)
    assert words(*texts) == whole


@pytest.mark.parametrize(
    ("name", "row", "problem"),
    [
        (RULES, "6513,应用软件开发,S02,0.5,x,unverified", "the weights of 6513 do not add up to 1"),
        (RULES, "6513,应用软件开发,S01,1,x,unverified", "6513 S01 has weight '1', or two"),
        (RULES, "9999,某业,S01,0.12345,x,unverified", "9999 S01 has weight '0.12345'"),
        (RULES, "9999,某业,S99,1,x,unverified", "subsector 'S99' is none of the plan's"),
        (WORDS, "云计算,S05,2,x,unverified", "'云计算' for S05 has points '2', or stands twice"),
        (WORDS, "某词,S05,9,x,unverified", "'某词' for S05 has points '9'"),
        (WORDS, "某词,S99,1,x,unverified", "subsector 'S99' is none of the plan's"),
    ],
)
def test_an_edit_that_breaks_a_table_is_told(shelf: Path, name: str, row: str, problem: str) -> None:
    with (shelf / name).open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    with pytest.raises(BadTable, match=problem):
        code_rules() if name == RULES else scope_words()


def test_an_edit_takes_effect(shelf: Path) -> None:
    with (shelf / RULES).open("a", encoding="utf-8") as file:
        file.write("6520,集成电路设计,S02,0.25,mine,unverified\n6520,集成电路设计,S01,0.75,mine,unverified\n")
    rule = rule_of_code("I6520")
    assert rule is not None
    assert rule.parts == {"S01": 7500, "S02": 2500}

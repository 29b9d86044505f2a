"""Imported official figures on the pages: figure, verdict, origin, the path beside them, and lists by name."""

import dataclasses
import json
import re
from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
import pytest
import streamlit as st

from clusters.goals import Board, tally_goals
from clusters.plan import Plan
from data.dataset import Dataset
from data.findings import Findings
from data.indicator_rows import read_indicators
from tests.views.test_languages import left_in_english, sent
from tests.views.test_pages import district, html, overview
from views import loaded
from views.goal_cards import bar, card, verdict
from views.goal_facts import table
from views.goals_json import board_document
from views.goals_text import board_text
from views.words import Language, Words, words

VALUE_ADDED = {
    "indicator": "数字经济产业增加值",
    "scope": "市统计局口径",
    "area_name": "深圳市",
    "year": "2023",
    "value": "1987.6",
    "unit": "亿元",
    "source": "统计公报 <2023> *甲*",
}
CARRIER = {"indicator": "新增载体", "area_name": "深圳市", "unit": "家", "source": "市科技创新委名单"}
ROWS = [
    VALUE_ADDED,
    VALUE_ADDED | {"year": "2022", "value": "1836.5"},
    VALUE_ADDED | {"scope": "广义", "value": "9999"},
    VALUE_ADDED | {"indicator": "信息传输、软件和信息技术服务业营业收入", "value": "8790"},
    VALUE_ADDED | {"indicator": "软件业务收入", "scope": "工信部口径", "value": "10000"},
    VALUE_ADDED | {"indicator": "GDP", "scope": "现价", "area_name": "南山区", "value": "8566"},
    VALUE_ADDED | {"area_name": "南山区", "value": "1022.4"},
    *(CARRIER | {"year": str(2021 + n // 4), "note": f"研究院{n} <b>"} for n in range(12)),
]


@pytest.fixture(scope="module")
def informed(dataset: Dataset) -> Dataset:
    """The bundled set with imported official figures, as version 7."""
    names = dict.fromkeys(name for row in ROWS for name in row)
    raw = pa.table({name: pa.array([row.get(name) for row in ROWS], pa.large_string()) for name in names})
    read = read_indicators(raw, range(2, 2 + len(ROWS)), dataset.districts, Findings())
    assert len(read) == len(ROWS)
    both = pd.concat([dataset.indicators, read], ignore_index=True)
    return dataclasses.replace(dataset, version="7", digest="abcdef01", indicators=both)


@pytest.fixture
def pages(informed: Dataset, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dataset]:
    """Pages that read the informed set."""
    monkeypatch.setattr(loaded, "visible_dataset", lambda viewer, version="": informed)
    st.cache_resource.clear()
    yield informed
    monkeypatch.undo()
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def informed_board(plan: Plan, informed: Dataset) -> Board:
    return tally_goals(plan, informed)


def text_of(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split())


def test_a_card_with_an_outcome_shows_figure_verdict_and_origin(informed_board: Board, language: Language) -> None:
    t = words(language)
    told = text_of(card(informed_board.tally("T1"), informed_board, t))
    for part in (
        t.money(198_760_000_000),
        t("fact.of_year", year=2023),
        t("official_scope.市统计局口径"),
        t("fact.version", version="7"),
        t("card.point", year=2022, value=t.money(183_650_000_000)),
    ):
        assert part in told
    assert "统计公报 &lt;2023&gt; *甲*" in told
    assert t.money(999_900_000_000) not in told, "another scope never stands on the card"
    assert verdict(informed_board.tally("T1"), t) == ("✓ " + t("card.met"), "met")
    assert 'class="jq-bar "' in bar(informed_board.tally("T1"))


def test_what_falls_short_says_by_how_much(informed_board: Board, t: Words) -> None:
    assert verdict(informed_board.tally("T2"), t) == ("↗ 还差 210.0 亿元", "short")
    assert verdict(informed_board.tally("T3"), t) == (
        "↗ 未达到",
        "short",
    )  # 突破 10,000: the very amount is not past it


def test_the_terminal_shows_the_outcomes(informed_board: Board, t: Words) -> None:
    lines = board_text(informed_board, t).splitlines()
    assert any(line.startswith("T1") and line.endswith("1,987.6 亿元 / > 1,900 亿元") for line in lines)
    assert any(line.startswith("T5") and line.endswith("12 家 / 10 家") for line in lines)


def test_the_document_carries_actual_verdict_and_every_source(informed_board: Board, t: Words) -> None:
    document = json.loads(json.dumps(board_document(informed_board, t)))
    targets = {target["id"]: target for target in document["targets"]}
    assert {i: (targets[i]["actual"], targets[i]["met"]) for i in ("T1", "T2", "T3", "T5")} == {
        "T1": (198_760_000_000, True),
        "T2": (879_000_000_000, False),
        "T3": (1_000_000_000_000, False),
        "T5": (4, True),
    }
    assert {r["status"] for r in targets["T1"]["readings"]} == {"met"}
    assert targets["T1"]["outcome"] == {"year": 2023, "value": 198_760_000_000}
    assert [(s["scope"], s["decides"]) for s in targets["T1"]["series"]] == [("市统计局口径", True), ("广义", False)]
    assert targets["T1"]["series"][0]["facts"][-1]["source"] == VALUE_ADDED["source"]
    assert targets["T5"]["points"] == {"2021": 4, "2022": 8, "2023": 12}
    assert [carrier["note"] for carrier in targets["T5"]["series"][0]["carriers"]][:2] == ["研究院0 <b>", "研究院1 <b>"]


def test_the_overview_lists_figures_beside_the_path_and_carriers_by_name(pages: Dataset, language: Language) -> None:
    t = words(language)
    page = overview(language)
    assert not page.exception
    told = html(page)
    assert t("fact.series", scope=t("official_scope.市统计局口径")) in told
    assert t("fact.other_series", scope="广义") in told
    assert t("fact.list", n="12", since=2021) in told
    assert "研究院11 &lt;b&gt;" in told
    assert "<b>" not in told.replace("</b>", "").replace("<b>缺", "")
    cells = [str(cell) for tables in page.table for cell in tables.value.to_numpy().ravel()]
    assert cells.count(t("card.met")) == 4  # three readings of T1, one of T5
    assert cells.count(t("card.not_met")) == 6
    if language == "en":
        assert left_in_english(sent(page), pages) <= {"研究院"}


def test_a_district_shows_its_official_figures_with_scope_year_and_source(pages: Dataset, language: Language) -> None:
    t = words(language)
    page = district("440305", language)
    assert not page.exception
    told = text_of(html(page))
    assert any(t("district.statistics") in line.value for line in page.markdown)
    assert f"{t('indicator.地区生产总值')} {t.money(856_600_000_000)} 2023 现价 统计公报 &lt;2023&gt; *甲*" in told
    assert f"{t.money(384_527_000_000)} 2016 {t('fact.no_scope')}" in told
    assert t("district.missing_value_added") not in told
    assert t("district.missing_unlisted") in told
    other = district("441521-SS", language)
    assert not any(t("district.statistics") in line.value for line in other.markdown)
    assert t("district.missing_value_added").replace("'", "&#x27;") in html(other)


def test_a_cell_is_text_and_no_markup() -> None:
    assert "<script>" not in table(["<script>"], [["<script>"]], title="<script>")
    assert table(["a"], [["1"]], figures=(0,)).count('class="figure"') == 2

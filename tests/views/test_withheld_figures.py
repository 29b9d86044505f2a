"""Every page runs for every kind of reader, and says of a figure that it is not public: neither zero nor no data."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from clusters.accounts import accounts
from clusters.goals import Board, tally_goals
from clusters.plan import Plan
from clusters.release import release
from clusters.roles import read_viewer
from data import columns as c
from data.dataset import Dataset
from data.settings import settings
from tests.secret_register import YEAR
from tests.views.opened import app_page
from tests.views.test_languages import sent
from views.export_tables import observed_rows
from views.goals_json import board_document
from views.map_firms import firm_stacks
from views.map_scene import Scene
from views.provenance import footer_lines
from views.selection import Selection
from views.tokens import tokens
from views.withheld_figures import words_for_withheld
from views.words import Language, Words, words

OWN = "440305"
READERS = {"public": "zh", "investor": "en", f"government:{OWN}": "en"}


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest, secret_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("JIQUN_HOME", str(secret_home))
    monkeypatch.setenv("JIQUN_ROLE", request.param)
    settings.cache_clear()
    st.cache_resource.clear()
    yield request.param
    monkeypatch.undo()
    settings.cache_clear()
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def public_board(secret_dataset: Dataset, plan: Plan) -> Board:
    return tally_goals(plan, release(secret_dataset, read_viewer("public")))


def page(name: str, lang: str, **query: str) -> AppTest:
    return app_page(name, timeout=120, **({"lang": lang} | query)).run()


def test_every_page_runs_and_says_what_is_withheld(reader: str) -> None:
    for language in {READERS[reader], "zh" if reader == "public" else "en", "en"}:
        t = words(language)
        for name, query in (("overview", {}), ("district", {"district": "440306"})):
            shown = page(name, language, **query)
            assert not shown.exception
            assert not shown.error
            assert t("word.withheld") in shown.dataframe[0].value.to_numpy().ravel().tolist()
            assert any(t("help.withheld") == one.value for one in shown.caption)
            role, _, district = reader.partition(":")
            who = t("release.district", district="Nanshan District") if district else t(f"release.{role}")
            assert any(who in one.value for one in shown.caption)
    assert t("word.withheld") in [metric.value for metric in shown.metric]


def test_only_keepers_of_the_data_come_through_the_door(reader: str) -> None:
    t = words("zh")
    shown = page("data", "zh", job="0123456789abcdef")
    assert not shown.exception
    assert [box.value for box in shown.info] == [t("data.for_keepers")]
    assert not shown.get("file_uploader")
    assert not shown.get("download_button")
    assert [button.label for button in shown.button] == [t("page.start"), t("tour.offer"), t("read.terms")]
    assert len(shown.dataframe) == 1
    assert t("data.versions_note") not in sent(shown)


def test_what_is_left_of_a_cluster_makes_its_row_add_up(public_board: Board) -> None:
    kept = accounts(public_board.dataset, year=YEAR)
    assert kept.withheld
    for subsector in {s for s, _ in (*kept.parts, *kept.withheld)}:
        total, rest = kept.total(subsectors=[subsector]), kept.rest(subsector)
        cells = [amount for (s, _), amount in kept.parts.items() if s == subsector]
        if total is not None:
            assert total.shown_cny == sum(one.shown_cny for one in (*cells, *([rest] if rest else [])))
            assert kept.shares([subsector]).sum() == pytest.approx(1)
        else:
            assert kept.withholds(subsectors=[subsector])
            assert kept.shares([subsector]).empty
    city = kept.total()
    assert city is not None
    assert city.shown_cny == sum(one.shown_cny for one in kept.districts().values())


def test_documents_tell_withheld_from_missing(public_board: Board, t: Words) -> None:
    document = board_document(public_board, t)
    for cluster in document["clusters"]:
        assert cluster["withheld"] == (cluster["total_cny"] is None and cluster["firms"] > 0)
        assert cluster["total_cny"] is None or cluster["total_cny"] == sum(
            part["total_cny"] or 0 for part in cluster["districts"]
        )
    rows = observed_rows(public_board)
    assert rows[c.WITHHELD].equals(rows[c.TOTAL_CNY].isna())
    assert footer_lines(public_board, t)[0].startswith(t("release.public"))


def test_a_mark_without_a_name_says_so(public_board: Board, language: Language) -> None:
    t = words(language)
    stacks = firm_stacks(Scene(public_board, Selection(lang=language), tokens("light"), t))
    tips = [line for stack in stacks for line in stack.tip]
    titles = [card.title for stack in stacks for card in stack.cards]
    rows = [row for stack in stacks for card in stack.cards for row in card.rows]
    assert t("map.nameless") in titles
    assert (t("field.revenue", year=YEAR), t("word.withheld")) in rows
    assert any(t("map.firms_withheld", n=1).split("1")[-1] in tip for tip in tips)
    assert not any("None" in text or "h0000" in text for text in (*tips, *titles))


def test_a_column_with_a_withheld_figure_becomes_words(t: Words) -> None:
    table = pd.DataFrame({"a": [1.0, float("nan")], "b": [1.0, 2.0]})
    hides = {"a": [False, True], "b": [False, False]}
    assert words_for_withheld(table, {"a": ["1.0", None], "b": ["1.0", "2.0"]}, hides, t) == {"a"}
    assert table["a"].tolist() == ["1.0", t("word.withheld")]
    assert table["b"].tolist() == [1.0, 2.0]

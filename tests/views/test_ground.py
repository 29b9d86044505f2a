"""Clusters on the ground reach the reader: off until asked for, adding up, kept by the link, withheld where due."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import shapely
import streamlit as st
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from clusters.errors import NotReleased
from clusters.found_clusters import FoundClusters, find_clusters
from clusters.goals import Board, tally_goals
from clusters.plan import open_plan
from data import columns as c
from data.dataset import Dataset, Release
from data.settings import settings
from tests.views.conftest import Reader, read_cards
from tests.views.opened import app_page
from views import ground, ground_search, loaded, overview
from views.export_tables import EXPORTS
from views.figures import accounts_of
from views.ground_facts import ground_of
from views.map_page import map_page
from views.selection import Focus, Selection
from views.words import Language, Words, words

Visit = Callable[..., Reader]
ON = Selection(show=("ground",))


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No search is known, and a page of few firms waits for its own, however busy the machine is."""
    monkeypatch.setattr(ground, "PATIENCE_S", 60.0)
    ground_search._searches.clear()
    st.cache_resource.clear()
    yield
    ground_search._searches.clear()
    st.cache_resource.clear()


def opened(lang: Language = "zh", **query: str) -> AppTest:
    page = app_page("overview", **({"lang": lang} | query))
    page.run()
    assert not page.exception
    return page


def board_of(dataset: Dataset, **how: object) -> Board:
    return tally_goals(open_plan(loaded.PLAN_ID, *settings().plan_folders), dataset, **how)  # type: ignore[arg-type]


def searched(board: Board, selection: Selection = ON) -> FoundClusters:
    search = ground_search.search(board, selection)
    assert search is not None
    assert search.is_over(within_s=60)
    assert search.found is not None
    return search.found


def said(page: AppTest) -> str:
    return "\n".join(e.value for e in (*page.markdown, *page.caption, *page.info)).replace("\\", "")


# ---------------------------------------------------------------- the page


def test_nothing_is_searched_until_a_reader_asks(language: Language, dataset: Dataset) -> None:
    t = words(language)
    page = opened(language)
    assert not ground_search._searches
    assert len(page.dataframe) == 1

    page.button(key="find_ground").click().run()
    assert not page.exception
    assert page.session_state["selection"].query()["show"] == "ground"
    found = find_clusters(dataset, year=dataset.default_year)
    assert page.dataframe[1].value["firms"].tolist() == found.clusters[c.FIRMS].tolist()
    told = said(page)
    everyone = found.clusters[c.FIRMS].sum() + found.rest[c.FIRMS].sum()
    n = found.facts["delineated"]
    assert t("ground.based_on", year=dataset.default_year, n=n, of=everyone) in told
    unstable = int((found.clusters["stability_word"] == "unstable").sum())
    assert (t("ground.shaky", n=unstable, of=len(found.clusters), draws=100) in told) == (unstable > 0)

    page.button(key="close_ground").click().run()
    assert len(page.dataframe) == 1
    assert page.session_state["selection"].show == ()


def test_a_filter_that_leaves_too_few_says_so(language: Language) -> None:
    t = words(language)
    page = opened(language, show="ground", subsectors="S05")
    assert t("ground.none", least=5) in said(page)
    assert t("filter.none_left") in said(opened(language, show="ground", subsectors="S05", tier="BELOW"))


def test_another_choice_takes_the_focus_from_a_number_that_would_be_another(t: Words) -> None:
    page = opened(show="ground", focus="ground:1")
    assert page.session_state["selection"].focus == Focus("ground", "1")
    page.button_group(key="year").set_value(2020).run()
    assert page.session_state["selection"].focus is None
    assert t("ground.no_such", n=999) in said(opened(show="ground", focus="ground:999"))


@pytest.mark.parametrize("how", [{}, {"place": "operating"}, {"year": 2019}])
@pytest.mark.parametrize("subsectors", [(), ("S02", "S08", "S09", "S10"), ("S05",)])
def test_clusters_and_the_rest_add_up_to_the_total_of_every_other_display(
    dataset: Dataset, t: Words, how: dict[str, object], subsectors: tuple[str, ...]
) -> None:
    board = board_of(dataset, **how)
    selection = ON.with_(subsectors=subsectors, place=board.place)
    found = searched(board, selection)
    told = ground_of(found, board, selection, t)
    city = accounts_of(board).total(subsectors=subsectors or None)
    assert city is not None
    assert told.city == city
    assert found.total_cny == city.cny
    parts = [*(one.amount for one in told.clusters), *(amount for amount, _ in told.rest.values())]
    assert sum(part.shown_cny for part in parts) == city.shown_cny
    assert all(abs(part.shown_cny - part.cny) <= 2 * 10**7 for part in parts)


# ---------------------------------------------------------------- many firms


def test_many_firms_are_searched_beside_the_page(
    many_firms: Dataset, monkeypatch: pytest.MonkeyPatch, t: Words
) -> None:
    go = threading.Event()

    def slow(*args: object, tell: Callable[..., None], **how: object) -> FoundClusters:
        tell("delineating", 3, 10)
        assert go.wait(60)
        return find_clusters(*args, tell=tell, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(loaded, "dataset", lambda: many_firms)
    monkeypatch.setattr(ground_search, "find_clusters", slow)
    page = opened(show="ground")
    assert len(page.dataframe) == 1, "the rest of the page is there while the search runs"
    assert t("ground.searching") in said(page)
    assert t("ground.stage_delineating", done=3, total=10) in [bar.proto.text for bar in page.get("progress")]

    go.set()
    assert next(iter(ground_search._searches.values())).is_over(within_s=60)
    page.run()
    assert not page.exception
    assert t("ground.searching") not in said(page)
    table = page.dataframe[1].value
    assert len(table) > 10
    assert table["total"].sum() > 0
    assert t("ground.unknown_stability") in said(page)
    assert t("ground.synthetic") in said(page)


def test_what_is_found_after_the_map_was_drawn_is_drawn_by_another_run(
    monkeypatch: pytest.MonkeyPatch, t: Words
) -> None:
    runs, real = [], ground.show_ground

    def late(board: Board, chosen: Selection, t: Words, *, drawn: bool) -> None:
        runs.append(drawn)
        searched(board, chosen)  # the search ends between the map and the table
        real(board, chosen, t, drawn=drawn)

    monkeypatch.setattr(ground, "PATIENCE_S", 0.0)
    monkeypatch.setattr(overview, "show_ground", late)
    page = opened(show="ground")
    assert runs == [False, True]
    assert len(page.dataframe) == 2
    assert "jq-hull" in json.dumps([e.proto.json_args for e in page.get("component_instance")])


def test_those_who_ask_for_the_same_share_a_search_and_one_that_nobody_looks_at_stops(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, board = threading.Event(), board_of(dataset)

    def endless(*args: object, tell: Callable[..., None], **how: object) -> FoundClusters:
        while True:
            tell("delineating", 1, 10)
            looked.set()
            time.sleep(0.01)

    monkeypatch.setattr(ground_search, "find_clusters", endless)
    one = ground_search.search(board, ON)
    assert one is not None
    assert ground_search.search(board, ON.with_(lang="en", focus=Focus("cluster", "S05"))) is one
    assert looked.wait(10)
    monkeypatch.setattr(ground_search, "ABANDONED_S", -1.0)
    assert one.is_over(within_s=10)
    assert one.stopped
    monkeypatch.undo()
    assert searched(board).total_cny, "whoever comes later gets another"


def test_a_failure_is_said_and_can_be_tried_again(monkeypatch: pytest.MonkeyPatch, t: Words) -> None:
    def broken(*args: object, **how: object) -> FoundClusters:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(ground_search, "find_clusters", broken)
        page = opened(show="ground")
        assert [error.value for error in page.error] == [t("ground.failed")]
    page.button(key="again_ground").click().run()
    assert not page.error
    assert len(page.dataframe) == 2


# ---------------------------------------------------------------- who may see it


def test_a_reader_from_whom_figures_are_withheld_gets_no_cluster_and_no_total(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    def never(*args: object, **how: object) -> FoundClusters:
        raise AssertionError("nothing may be computed")

    t, released = words(language), replace(dataset, digest="released", release=Release("public", 1, 0))
    monkeypatch.setattr(loaded, "dataset", lambda: released)
    monkeypatch.setattr(ground_search, "find_clusters", never)
    page = opened(language, show="ground", focus="ground:1")
    assert t("ground.withheld") in said(page)
    assert not ground_search._searches
    assert len(page.dataframe) == 1
    assert not {"find_ground", "close_ground"} & {button.key for button in page.button}
    board = board_of(released)
    for document in (map_page(board, ON, t), json.dumps([e.proto.json_args for e in page.get("component_instance")])):
        assert t("layer.ground") not in document
        assert "jq-hull" not in document.replace(".jq-hull", "")
    with pytest.raises(NotReleased, match="public"):
        EXPORTS["ground-clusters"](board)


# ---------------------------------------------------------------- documents


def test_a_document_holds_the_outlines_once_they_are_found(dataset: Dataset, t: Words) -> None:
    board = board_of(dataset)
    assert t("layer.ground") not in map_page(board, ON, t), "an empty layer would be a switch for nothing"
    searched(board)
    page = map_page(board, ON, t)
    assert t("layer.ground") in page
    assert page.count('<div class=\\"jq-hull\\">') or page.count("jq-hull") > 1


def test_the_export_holds_outlines_totals_and_how_they_were_found(dataset: Dataset) -> None:
    board = board_of(dataset)
    table = EXPORTS["ground-clusters"](board)
    found = find_clusters(dataset, year=board.year)
    assert table[c.TOTAL_CNY].tolist() == found.clusters[c.TOTAL_CNY].tolist()
    assert shapely.is_valid(table.geometry.to_numpy()).all()  # type: ignore[attr-defined]
    assert {"cluster_id", "districts", "stability", "resamples", "approximate"} <= set(table)


# ---------------------------------------------------------------- in a browser


def test_the_layer_is_off_goes_on_and_a_row_and_a_link_lead_to_a_cluster(
    visit: Visit, dataset: Dataset, t: Words
) -> None:
    reader = visit("overview")
    reader.mark_frame()
    home = reader.view()
    assert "ground" not in reader.drawn()
    reader.map.locator(".leaflet-control-layers").hover(force=True)
    switch = reader.map.locator(".leaflet-control-layers-overlays label").filter(has_text=t("layer.ground"))
    expect(switch.locator("input")).not_to_be_checked()
    switch.click()
    reader.at(show="ground")
    found = find_clusters(dataset, year=dataset.default_year)
    reader.drawn_until("ground", len(found.clusters))
    expect(reader.map.locator(".jq-hull").first).to_have_text("1")

    reader.page.mouse.move(5, 5)
    reader.click_row("ground", 0)
    reader.at(focus="ground:1", show="ground")
    near = reader.view_at_rest(changed_from=home)
    firms = t.firms(int(found.clusters[c.FIRMS][1]))
    reader.card_says(t("ground.name", n=1), firms, t("ground.no_goal"))
    assert reader.same_frame()

    link = reader.page.url
    reader.page.goto("about:blank")
    reader.page.goto(link)
    reader.settled().at(focus="ground:1")
    reader.view_is(near)
    expect(reader.selected_rows("ground")).to_have_count(1)
    reader.card_says(t("ground.name", n=1), firms)
    reader.key("clear").get_by_role("button").click()
    reader.at(focus=None)
    reader.home_again(home)
    tip, _ = read_cards(reader.frame)["ground:1"]
    assert tip.startswith(f"{t('ground.name', n=1)} {firms}")

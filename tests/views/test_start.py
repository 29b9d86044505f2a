"""The start page: each door tells its figure from the data that are open, and opens its page; the tour comes once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from clusters.openings import most_alike, nearest_tier, places_known
from data import columns as c
from data.dataset import Dataset
from data.settings import settings
from tests.views.opened import app_page
from tests.views.test_languages import left_in_english, sent
from tests.views.test_pages import html
from views import loaded, start, state, tour
from views.provenance import release_sentence
from views.selection import Selection
from views.words import Language, plain, words

FIRST = "start"


def opened(lang: Language = "zh", **query: str) -> AppTest:
    return app_page("start", **({"lang": lang} | query)).run()


def figures(page: AppTest) -> list[tuple[str, str]]:
    return [(metric.label, metric.value) for metric in page.metric]


def text(page: AppTest) -> str:
    return "\n".join(line.value for line in page.markdown)


def test_each_door_tells_its_figure(language: Language, dataset: Dataset) -> None:
    """高端软件 has 86.6 of 100.0 亿元 in 2021, the smallest gap of the sample; 福田 and 南山 alone have 5 firms."""
    t, page = words(language), opened(language)
    assert not page.exception
    assert not page.error
    alike, places = most_alike(dataset, year=2021), places_known(dataset)
    assert alike is not None
    nearest, mixes, parks = figures(page)
    assert nearest[0] == t("start.nearest", subsector=t("subsector.S01"), tier=t.tier_name("CNY_1E10"), n=5, year=2021)
    assert nearest[1] == t("card.gap", gap=t.money(1_339_300_000))
    assert mixes[1] == t.share(alike.similarity)
    assert "12" in mixes[0]
    assert "38" in mixes[0]
    assert parks == (t("start.parks"), t("start.parks_value", n=places.placed_parks))
    assert text(page).count(t("word.derived")) == 1, "the likeness of two districts is no plain fact"
    for name in start.DOORS:
        assert t(f"start.question.{name}") in text(page)
    if language == "en":
        assert left_in_english(sent(page), dataset) == set()


@pytest.mark.parametrize(("button", "page"), [*((f"open_{door}", door) for door in start.DOORS), ("to_units", "units")])
def test_every_door_opens_its_page(button: str, page: str) -> None:
    shown = opened(year="2020").button(key=button).click().run()
    assert not shown.exception
    assert shown.session_state["page"] == page
    assert shown.session_state["selection"].year == 2020, "what was chosen goes through the door"


def test_a_district_government_lands_on_its_own_board(language: Language) -> None:
    t, page = words(language), opened(language)
    page.selectbox(key="start_district").set_value("440304").run()
    assert page.query_params["district"] in ("440304", ["440304"])
    assert page.session_state["page"] == "start", "a choice alone opens nothing"
    board = loaded.board_of(Selection(), district_id="440304")
    found = nearest_tier(board.clusters)
    assert found is not None
    label, value = figures(page)[0]
    assert t(f"subsector.{found.subsector_id}") in label
    assert value == t("card.gap", gap=t.money(found.gap_cny))
    assert text(page).count(t("word.derived")) == 2
    name = board.dataset.districts[c.NAME if language == "zh" else c.NAME_EN]["440304"]
    assert page.button(key="open_district").label == t("start.open_this", name=name)
    page.button(key="open_district").click().run()
    assert page.session_state["selection"].district == "440304"
    assert page.markdown[0].value == f"## {name}"


def test_a_district_without_a_cluster_says_so(language: Language) -> None:
    t, page = words(language), opened(language, district="440310")
    assert not page.exception
    assert figures(page)[0] == (t("start.all_at_top"), "—")
    assert t("start.all_at_top_note") in text(page)


def test_a_year_with_few_firms_compares_no_districts(language: Language) -> None:
    t, page = words(language), opened(language, year="2023")
    assert not page.exception
    assert figures(page)[1] == (t("start.too_few"), "—")
    assert t("start.too_few_note", year=2023, fewest=5) in text(page)


@pytest.fixture
def public(secret_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The public looks at a register of which a few firms are of public record."""
    monkeypatch.setenv("JIQUN_HOME", str(secret_home))
    monkeypatch.setenv("JIQUN_ROLE", "public")
    settings.cache_clear()
    st.cache_resource.clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()
    st.cache_resource.clear()


@pytest.mark.usefixtures("public")
def test_the_public_finds_doors_and_no_withheld_figure() -> None:
    page = app_page("start", timeout=120).run()
    assert not page.exception
    assert not page.error
    board = loaded.board_of(Selection())
    assert board.dataset.release is not None
    assert nearest_tier(board.clusters) is None, "every cluster of this register is withheld from the public"
    t = loaded.words_of(Selection())
    assert figures(page)[0] == (t("start.all_at_top"), "—")
    assert t("start.all_at_top_note") in text(page)
    assert figures(page)[1][1] != "—", "numbers of firms are public"
    assert plain(release_sentence(board, t)) in [line.value for line in page.caption]


@pytest.fixture
def many(sealed: Dataset, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dataset]:
    monkeypatch.setattr(loaded, "dataset", lambda: sealed)
    st.cache_resource.clear()
    yield sealed
    st.cache_resource.clear()


def test_of_many_firms_no_row_is_touched(many: Dataset) -> None:
    page = opened(district="440305")
    assert not page.exception
    assert not page.error
    t = words("zh", many.evidence)
    assert t("start.lead", subsectors=12, districts=11, parks=len(many.parks), firms="20,000") in text(page)


def test_data_without_parks_and_hubs_have_doors_too(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = replace(dataset, parks=dataset.parks.iloc[:0], hubs=dataset.hubs.iloc[:0])
    monkeypatch.setattr(loaded, "dataset", lambda: bare)
    st.cache_resource.clear()
    page = opened()
    assert not page.exception
    assert figures(page)[2][1] == words("zh")("start.parks_value", n=0)
    st.cache_resource.clear()


# ---------------------------------------------------------------- the tour


def stand_in(monkeypatch: pytest.MonkeyPatch, *, query: dict[str, str], cookies: dict[str, str]) -> dict[str, object]:
    """Streamlit as the tour sees it when a session begins; gives what the session holds."""
    held: dict[str, object] = {}
    told = SimpleNamespace(session_state=held, query_params=query, context=SimpleNamespace(cookies=cookies))
    monkeypatch.setattr(tour, "st", told)
    return held


@pytest.mark.parametrize(
    ("page", "query", "cookies", "opens"),
    [
        ("start", {}, {}, True),
        ("start", {"lang": "en"}, {}, True),
        ("start", {}, {tour.COOKIE: "seen"}, False),
        ("start", {"district": "440305"}, {}, False),
        ("district", {}, {}, False),
        ("overview", {"focus": "cluster:S01"}, {}, False),
    ],
)
def test_the_tour_opens_itself_for_a_new_reader_at_the_bare_start_alone(
    monkeypatch: pytest.MonkeyPatch, page: str, query: dict[str, str], cookies: dict[str, str], opens: bool
) -> None:
    held = stand_in(monkeypatch, query=query, cookies=cookies)
    tour.welcome(page, first=FIRST)
    assert ("tour" in held) == opens
    held.pop("tour", None)
    tour.welcome("start", first=FIRST)
    assert "tour" not in held, "once in a session"


def test_a_reader_goes_through_the_tour_and_back(language: Language, dataset: Dataset) -> None:
    t, page = words(language), opened(language)
    assert not [b for b in page.button if b.key == "tour_next"]
    page.button(key="tour_again").click().run()
    for n, step in enumerate(tour.STEPS):
        assert f"## {t(f'tour.{step}.title')}" in text(page)
        assert page.button(key="tour_back").disabled == (n == 0)
        assert f'src="{tour.ADDRESS}"' in html(page)
        if language == "en":
            assert left_in_english(sent(page), dataset) == set()
        if n < len(tour.STEPS) - 1:
            page.button(key="tour_next").click().run()
    page.button(key="tour_back").click().run()
    assert f"## {t(f'tour.{tour.STEPS[-2]}.title')}" in text(page)
    page.button(key="tour_next").click().run()
    page.button(key="tour_next").click().run()
    assert not page.exception
    assert "tour" not in page.session_state


def test_a_step_opens_its_page_and_the_tour_can_be_skipped() -> None:
    page = opened().button(key="tour_again").click().run()
    page.button(key="tour_next").click().run()
    page.button(key="tour_open").click().run()
    assert page.session_state["page"] == tour.LEADS_TO[tour.STEPS[1]]
    assert "tour" not in page.session_state
    page.button(key="to_tour").click().run()
    assert page.session_state["tour"] == 0, "the foot of every page begins it again"
    page.button(key="tour_skip").click().run()
    assert "tour" not in page.session_state
    assert not page.exception


def test_every_step_leads_to_a_page_that_exists() -> None:
    pages = set(opened().session_state["pages"])
    assert set(tour.LEADS_TO) == set(tour.STEPS)
    assert set(tour.LEADS_TO.values()) <= pages
    assert set(start.DOORS) | set(start.WAYS) | {FIRST} == pages, "no page without a way"


def test_the_foot_of_a_page_leads_to_the_terms_and_the_start() -> None:
    page = app_page("overview", year="2020").run()
    page.button(key="to_terms").click().run()
    assert page.session_state["page"] == state.METHODS_PAGE
    assert '<dl class="jq-terms">' in html(page)
    page = app_page("overview", year="2020").run().button(key="to_start").click().run()
    assert page.session_state["page"] == FIRST
    assert page.session_state["selection"].year == 2020

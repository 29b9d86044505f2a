"""With many firms every answer comes from the small tables: the rows are out of reach, and each page still runs."""

from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data import columns as c
from data import lookup
from data.dataset import Dataset
from data.known_firms import known_firms
from data.leading import leading_firms
from tests.views.opened import app_page
from views import focused, frame, loaded, place_tables
from views.words import Language, Words, words

NANSHAN = "440305"
CHOICES = [
    {},
    {"year": "2020"},
    {"place": "operating"},
    {"subsectors": "S02,S05"},
    {"tier": "CNY_1E10"},
    {"precisions": "park"},
    {"measure": "share", "focus": "district:440304"},
    {"focus": "cluster:S05"},
    {"focus": "park:P01"},
]


@pytest.fixture(autouse=True)
def many(sealed: Dataset, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dataset]:
    """The pages show the register."""
    monkeypatch.setattr(loaded, "dataset", lambda: sealed)
    st.cache_resource.clear()
    yield sealed
    st.cache_resource.clear()


def opened(lang: Language = "zh", **query: str) -> AppTest:
    return app_page("overview", **({"lang": lang} | query)).run()


def district(lang: Language = "zh") -> AppTest:
    """The page of 南山."""
    return app_page("district", lang=lang, district=NANSHAN).run()


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_the_overview_touches_no_row(choice: dict[str, str]) -> None:
    page = opened(**choice)
    assert not page.exception
    assert not page.error
    assert len(page.dataframe) == 1
    assert set(choice) <= set(page.session_state["selection"].query()), "every choice was understood"


def test_a_districts_page_touches_no_row_whatever_is_chosen(language: Language) -> None:
    page = district(language)
    changes = [("year", 2020), ("subsectors", ["S02", "S05"]), ("tier", "BELOW"), ("precisions", ["park"])]
    for key, value in [*changes, ("place", "operating"), ("tier", "all"), ("precisions", ["street"])]:
        page.button_group(key=key).set_value(value).run()
        assert not page.exception
        assert not page.error
    page.button(key="clear_filters").click().run()
    page.selectbox(key="district").set_value("440310").run()
    assert len(page.dataframe) == 4
    assert not page.exception


def test_a_table_of_many_firms_says_of_how_many_it_shows_the_largest(sealed: Dataset, language: Language) -> None:
    t, known = words(language), known_firms(sealed)
    here = known[(known[c.PLACE] == "registered") & (known[c.DISTRICT_ID] == NANSHAN)]
    note = t("district.firms_note_largest", n=200, of=f"{here[c.KNOWN_FIRMS].sum():,}")
    page = district(language)
    assert any(note in line.value for line in page.markdown)
    table = page.dataframe[1].value
    assert len(table) == place_tables.MOST_FIRMS == 200
    assert table["revenue"].is_monotonic_decreasing


def test_the_search_lists_the_largest_firms_and_every_place(sealed: Dataset) -> None:
    options = opened().selectbox(key="search").options
    places = len(sealed.districts) + len(sealed.parks) + len(sealed.streets)
    assert len(options) == places + frame.MOST_FIRMS_LISTED
    assert sum(option.endswith("· 企业") for option in options) == frame.MOST_FIRMS_LISTED


@pytest.fixture
def open_rows(many_firms: Dataset, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """The same register, whose rows may be read: one firm is looked up by its number."""
    monkeypatch.setattr(loaded, "dataset", lambda: many_firms)
    return many_firms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SYN-012345", ["SYN-012345"]),
        ("企业 012345", ["SYN-012345"]),
        ("企业 01234", [f"SYN-01234{n}" for n in range(10)]),
        ("无此企业", []),
    ],
)
def test_any_firm_is_found_by_its_code_or_a_part_of_its_name(many_firms: Dataset, text: str, found: list[str]) -> None:
    assert lookup.find_firms(many_firms, text, most=20) == found


@pytest.mark.parametrize("ids", [("SYN-012340", "SYN-012341"), ()])
def test_what_was_sought_is_listed_and_said(open_rows: Dataset, ids: tuple[str, ...], t: Words) -> None:
    page = app_page("overview")
    page.session_state["sought"] = focused.Sought("*合成*", ids)
    page.run()
    said = t("search.several", n=len(ids)) if ids else t("search.nothing")
    assert any(line.value == f"\\*合成\\*: {said}" for line in page.caption)
    assert [option.split(" · ")[0][-10:] for option in page.selectbox(key="search").options[: len(ids)]] == list(ids)


def test_a_firm_found_comes_into_focus(open_rows: Dataset) -> None:
    sealed = open_rows
    firm = str(leading_firms(sealed).index[7])
    page = opened(focus=f"firm:{firm}")
    assert not page.exception
    assert page.session_state["selection"].focus.id == firm
    assert focused.has_point(page.session_state["selection"].focus)
    assert focused.name_of(page.session_state["selection"].focus) == leading_firms(sealed)[c.SHORT_NAME][firm]

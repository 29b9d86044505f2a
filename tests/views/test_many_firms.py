"""With many firms every answer comes from the small tables: the rows are out of reach, and each page still runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data import columns as c
from data.dataset import Dataset
from data.known_firms import known_firms
from data.leading import leading_firms
from views import frame, place_tables, state
from views.words import Language, Words, words

ROOT = Path(__file__).parents[2]
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
    """The pages show the register; the map, which draws tiles, has tests of its own."""
    monkeypatch.setattr(state, "dataset", lambda: sealed)
    for page in ("overview", "district"):
        monkeypatch.setattr(f"views.{page}.show_map", lambda *_, **__: None)
    st.cache_resource.clear()
    yield sealed
    st.cache_resource.clear()


def opened(lang: Language = "zh", **query: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "views" / "main.py"), default_timeout=60)
    for key, value in ({"lang": lang} | query).items():
        page.query_params[key] = value
    return page.run()


def district(lang: Language = "zh") -> AppTest:
    """The page of 南山, reached by its button."""
    return opened(lang, focus=f"district:{NANSHAN}").button(key="open_district").click().run()


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
    assert len(page.dataframe) == 3
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


def test_the_search_knows_the_largest_firms_and_every_place(sealed: Dataset, t: Words) -> None:
    options = frame._search_options(t)
    firms = [option for option in options if option.startswith("firm:")]
    assert len(firms) == frame.MOST_FIRMS_FOUND == 2_000
    places = len(sealed.districts) + len(sealed.parks) + len(sealed.streets)
    assert len(options) == places + len(firms)
    assert frame._search_options(t) is options


def test_a_firm_found_comes_into_focus(sealed: Dataset) -> None:
    firm = str(leading_firms(sealed).index[7])
    page = opened(focus=f"firm:{firm}")
    assert not page.exception
    assert page.session_state["selection"].focus.id == firm
    assert state.has_point(page.session_state["selection"].focus)
    assert state.name_of(page.session_state["selection"].focus) == leading_firms(sealed)[c.SHORT_NAME][firm]

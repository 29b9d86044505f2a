"""What a reader has chosen survives the way through the address; what nobody knows is left at its default."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import columns as c
from data.reference import load_reference
from views.page_choices import PageChoices
from views.selection import (
    EXTRAS,
    LAYERS,
    MEASURES,
    OF_PAGES,
    PLACES,
    PRECISIONS,
    TIERS,
    Focus,
    Selection,
    read_focus,
    read_selection,
)
from views.words import LANGUAGES

DATA = load_reference()
SUBSECTORS = tuple(f"S{n:02d}" for n in range(1, 13))
YEARS = [y for y in DATA.years if y != DATA.default_year]
FOCI = [
    *(Focus("district", d) for d in DATA.districts.index),
    *(Focus("park", p) for p in DATA.parks.index),
    *(Focus("street", s) for s in DATA.streets.index),
    *(Focus("firm", f) for f in DATA.firms.index),
    *(Focus("stack", p) for p in sorted(set(DATA.firms[c.PLACE_ID].dropna()))),
    *(Focus("cluster", s) for s in SUBSECTORS),
    *(Focus("ground", n) for n in ("1", "42", "9999")),
]


def some(known: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Any of the known values, in their own order."""
    return st.sets(st.sampled_from(known)).map(lambda chosen: tuple(k for k in known if k in chosen))


selections = st.builds(
    Selection,
    year=st.none() | st.sampled_from(YEARS),
    subsectors=some(SUBSECTORS),
    measure=st.sampled_from(MEASURES),
    tier=st.sampled_from(TIERS),
    precisions=some(PRECISIONS),
    place=st.sampled_from(PLACES),
    district=st.just("") | st.sampled_from(list(DATA.districts.index)),
    focus=st.none() | st.sampled_from(FOCI),
    hide=some(LAYERS),
    show=some(EXTRAS),
    lang=st.sampled_from(LANGUAGES),
)
KEYS = tuple(name for name in Selection.__dataclass_fields__ if name not in OF_PAGES)
garbage = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), st.text(max_size=20))
half_known = st.dictionaries(
    st.sampled_from(KEYS),
    st.sampled_from(
        ["", ",", "S05,,S99", "²", "٢٠٢١", "2021", "-1", "1e3", "firm:", ":", "stack:None", "firm:nan", "zh"]
    )
    | st.sampled_from([str(f) for f in FOCI])
    | st.text(max_size=6),
)


@given(selections)
def test_a_selection_survives_its_address(selection: Selection) -> None:
    query = selection.query()
    assert all(isinstance(key, str) and isinstance(value, str) and value for key, value in query.items())
    assert read_selection(query, DATA, SUBSECTORS) == selection


@given(garbage | half_known)
def test_any_address_opens(query: dict[str, str]) -> None:
    selection = read_selection(query, DATA, SUBSECTORS)
    assert read_selection(selection.query(), DATA, SUBSECTORS) == selection


@given(selections, garbage)
def test_what_is_unknown_does_not_disturb_what_is_known(selection: Selection, other: dict[str, str]) -> None:
    strangers = {key: value for key, value in other.items() if key not in KEYS}
    assert read_selection(strangers | selection.query(), DATA, SUBSECTORS) == selection


def test_the_default_view_has_a_bare_address() -> None:
    assert Selection().query() == {}
    assert read_selection({}, DATA, SUBSECTORS) == Selection()


def test_the_default_year_needs_no_word_in_the_address() -> None:
    assert read_selection({"year": str(DATA.default_year)}, DATA, SUBSECTORS).year is None


@pytest.mark.parametrize("year", ["1999", "2021.0", "twenty", "²", "0x7e5", "٢٠٢٢ ", " 2022"])
def test_an_unknown_year_falls_back(year: str) -> None:
    assert read_selection({"year": year}, DATA, SUBSECTORS).year is None


@pytest.mark.parametrize(
    "text", ["", "firm", "firm:", "firm:none", "planet:earth", "district:440300", "cluster:S99", "ground:0", "ground:١"]
)
def test_a_focus_on_nothing_is_no_focus(text: str) -> None:
    assert read_focus(text, DATA, SUBSECTORS) is None


@pytest.mark.parametrize("page", OF_PAGES)
def test_choices_of_a_page_stand_in_its_address_alone(page: str) -> None:
    chosen = (
        Selection(year=2022)
        .on("compare", districts=("440305", "440304"))
        .on("sites", subsector="S01", shortlist=("P01",))
        .on("gaps", subsector="S02", area="440305")
        .on("units", unit="市商务局")
    )
    query = chosen.query(page)
    assert query == {"year": "2022"} | getattr(chosen, page).query()
    read = read_selection(query, DATA, SUBSECTORS, page=page, held=chosen)
    assert read == chosen, "what the other pages hold is kept"
    assert read_selection(query, DATA, SUBSECTORS, page=page) == Selection(year=2022).with_(
        **{page: getattr(chosen, page)}
    )


@pytest.mark.parametrize("kind", OF_PAGES.values())
def test_a_page_does_not_call_its_choices_as_all_pages_call_theirs(kind: type[PageChoices]) -> None:
    assert not {f.name for f in fields(kind)} & {f.name for f in fields(Selection)}


@pytest.mark.parametrize("kind", OF_PAGES.values())
@given(st.data())
def test_any_address_opens_a_page_of_its_own(kind: type[PageChoices], data: st.DataObject) -> None:
    names = st.sampled_from([f.name for f in fields(kind)]) | st.text(max_size=8)
    known = st.sampled_from([*DATA.districts.index, *DATA.parks.index[:3], *SUBSECTORS, "", ",", "1e309", "-1", "nan"])
    query = data.draw(st.dictionaries(names, known | st.text(max_size=20)))
    choices = kind.read(query, DATA, SUBSECTORS)
    assert kind.read(choices.query(), DATA, SUBSECTORS) == choices


def test_several_values_come_in_the_order_of_the_plan_whatever_the_link_says() -> None:
    assert read_selection({"subsectors": "S07,S05,S07"}, DATA, SUBSECTORS).subsectors == ("S05", "S07")

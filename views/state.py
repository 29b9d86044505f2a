"""The session's selection: read from the address, changed by widgets and the map, written back to the address.

Every widget shows the selection and changes it in a callback, before the page runs again; so a click on the map, a row
of a table and a link all end in the same place, and none of them overwrites another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from clusters.briefing import district_briefing
from clusters.briefing_records import Briefing
from clusters.goals import Board, tally_goals
from clusters.plan import Plan, load_plan, open_plan
from clusters.release import is_visible, visible_dataset
from clusters.roles import Viewer, viewer_without_sign_in
from data import columns as c
from data import lookup
from data.dataset import Dataset, Place
from data.reference import load_reference
from data.settings import settings
from data.store import version_before
from geo.web_assets import js_safe
from views.map_scene import Scene
from views.map_tiles import firm_at
from views.selection import EXTRAS, FILTERS, LAYERS, Focus, Selection, address_of, read_focus, read_selection
from views.tokens import Tokens, tokens
from views.words import LANGUAGES, Language, Words, words

MOST_FOUND = 20
DATA_PAGE, METHODS_PAGE = "data", "methods"
FOCUS_PAGES = ("overview", "district")  # their maps show whatever is in focus; from others a search leads there
NUMBERS_GROUND = {"year", "subsectors", "tier", "place", "show"}
"""With one of these a cluster on the ground gets another number, or none."""
PLAN_ID = "shenzhen-digital-economy-2021-2023"


@dataclass(frozen=True)
class Sought:
    """A text that was sought, and the ids of the firms that it may mean."""

    text: str = ""
    firms: tuple[str, ...] = ()


def viewer() -> Viewer:
    """Who is looking."""
    return viewer_without_sign_in()


def dataset() -> Dataset:
    """The current version as this reader may see it; shared by all sessions and changed by none."""
    reader = viewer()
    if is_visible(reader):
        return visible_dataset(reader)
    with st.spinner(words(language_hint())("data.releasing"), show_time=True):
        return visible_dataset(reader)


@st.cache_resource(show_spinner=False)
def plan() -> Plan:
    """The city's plan."""
    return open_plan(PLAN_ID, *settings().plan_folders)


def other_plans() -> tuple[dict[str, Plan], list[str]]:
    """Plans beside the city's by id, and the names of files that cannot be read; a mended file is seen at once."""
    plans, broken = {}, []
    for folder in settings().plan_folders:
        for path in sorted(p for p in folder.glob("*") if p.suffix in (".yaml", ".yml")):
            try:
                found = _plan_file(str(path), path.stat().st_mtime_ns)
            except (ValueError, OSError):
                broken.append(path.name)
                continue
            if found.id != PLAN_ID:
                plans[found.id] = found
    return plans, broken


@st.cache_resource(max_entries=64, show_spinner=False)
def _plan_file(path: str, changed_ns: int) -> Plan:
    return load_plan(Path(path))


@st.cache_resource(max_entries=128, show_spinner=False)
def _board(
    version: str, digest: str, plan_digest: str, year: int, district_id: str, place: Place, _plan: Plan, _data: Dataset
) -> Board:
    """Board of one plan, year, area and reading; version and digests keep the entries apart."""
    return tally_goals(_plan, _data, year=year, district_id=district_id or None, place=place)


def board_of(selection: Selection, *, district_id: str = "", of_plan: Plan | None = None) -> Board:
    """Board that a selection asks for, against the city's plan or another."""
    chosen, data = of_plan or plan(), dataset()
    year = selection.year or data.default_year
    return _board(data.version, data.digest, chosen.origin.sha256, year, district_id, selection.place, chosen, data)


def briefing_of(selection: Selection) -> Briefing:
    """Briefing of the chosen district; what the last version changed only for whoever keeps the data."""
    data = dataset()
    compares = viewer().keeps_data and data.release is None
    year = selection.year or data.default_year
    keys = (data.version, data.digest, plan().origin.sha256, year, selection.district, selection.place, compares)
    return _briefing(*keys, plan(), data)


@st.cache_resource(max_entries=64, show_spinner=False)
def _briefing(
    version: str, digest: str, plan_digest: str, year: int, district_id: str, place: Place, compares: bool,
    _plan: Plan, _data: Dataset,
) -> Briefing:  # fmt: skip
    """Briefing of one district; version and digests keep the entries apart."""
    previous = version_before(settings().home, version, load_reference()) if compares else None
    return district_briefing(_plan, _data, district_id, year=year, place=place, previous=previous)


def language_hint() -> Language:
    """Language for what is drawn before the page is known: that of the address, else of the session."""
    asked = st.query_params.get("lang", "")
    held: Selection | None = st.session_state.get("selection")
    return asked if asked in LANGUAGES else held.lang if held else "zh"


def selection(page: str) -> Selection:
    """What this reader has chosen: the address, when it is not the one that we wrote for this page, else the session.

    A bare address on another page is a click in the navigation, which keeps the choices; on the same page it is the
    Back button, which takes them back.
    """
    query, state = st.query_params.to_dict(), st.session_state
    moved = page != state.get("page")
    if "selection" not in state or (query != state.get("written") and (query or not moved)):
        subsectors = tuple(s.id for s in plan().subsectors)
        state["selection"] = read_selection(query, dataset(), subsectors, page=page, held=state.get("selection"))
    state["page"] = page
    state.pop("drawn_for", None)  # the whole page is being drawn
    held: Selection = state["selection"]
    state["job"] = held.job or state.get("job", "")
    method = held.method or (state.get("method", "") if moved else "")
    if page == METHODS_PAGE:
        state["method"] = method
    chosen = state["selection"] = held.with_(
        job=state["job"] if page == DATA_PAGE else "", method=method if page == METHODS_PAGE else ""
    )
    return chosen


def current() -> Selection:
    """The selection of this run."""
    chosen: Selection = st.session_state["selection"]
    return chosen


def write_address() -> None:
    """Put the selection into the address, so that the link reopens the same view."""
    query = st.session_state["selection"].query(st.session_state["page"])
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)
    st.session_state["written"] = query


def rerun_unless_filtered() -> None:
    """In a part of a page that may run alone: run the whole page when more than a filter changed since it was drawn."""
    state = st.session_state
    rest = state["selection"].with_(**{name: getattr(Selection(), name) for name in FILTERS})
    if state.setdefault("drawn_for", rest) != rest:
        st.rerun()


def choose(**changes: Any) -> None:
    """Change the selection."""
    held: Selection = st.session_state["selection"]
    if held.focus and held.focus.kind == "ground" and NUMBERS_GROUND & changes.keys():
        changes = {"focus": None} | changes
    st.session_state["selection"] = held.with_(**changes)


def choose_on(page: str, **changes: Any) -> None:
    """Change what was chosen on one page, such as ``choose_on("gaps", subsector="S01")``."""
    st.session_state["selection"] = st.session_state["selection"].on(page, **changes)


def changed_on(page: str, field: str, key: str) -> None:
    """Callback of a widget: its value becomes one of the choices of a page."""
    value = st.session_state[key]
    choose_on(page, **{field: tuple(value) if isinstance(value, list) else value})


def go(page: str, **changes: Any) -> NoReturn:
    """Open another page with the selection as it is, or with some fields changed."""
    choose(**changes)
    st.switch_page(st.session_state["pages"][page], query_params=current().query(page))


def link(page: str, chosen: Selection) -> str:
    """Address of a page with a selection, for a link in text or on paper."""
    return address_of(page, chosen)


def whole_link(page: str, chosen: Selection) -> str:
    """The same for paper: it begins where readers reach the app, as the operator set it or as this browser shows it."""
    shown = urlsplit(st.context.url or "")
    seen = f"{shown.scheme}://{shown.netloc}{shown.path.rpartition('/')[0]}" if shown.netloc else ""
    return address_of(page, chosen, base=settings().public_url or seen)


def open_job(job_id: str) -> None:
    """Look at a job on the page of the data, until another is opened; empty looks at none."""
    st.session_state["job"] = job_id
    choose(job=job_id)


def method_chosen(key: str, otherwise: str = "") -> None:
    """Callback of a widget of the page of methods: what it shows is opened; letting go opens ``otherwise``."""
    choose(method=st.session_state[key] or otherwise)


def was_sought() -> bool:
    """Whether something was found from a page that does not show it, since this was asked last."""
    return bool(st.session_state.pop("leave", False))


def bound(key: str, value: Any) -> str:
    """Key of a widget that shows a value of the selection."""
    st.session_state[key] = value
    return key


def bound_table(key: str, things: Sequence[Focus], columns: Sequence[Focus] = ()) -> str:
    """Key of a table whose rows (and columns) are things to look at; the one in focus is selected in it.

    The browser reports what a table was told, late and as if the reader had chosen it, and once what it had before;
    both are remembered, so that they are not taken for news.
    """
    wanted, held = _selected(st.session_state["selection"].focus, things, columns), _reported(key)
    if held != wanted:
        st.session_state[f"{key}-told"], st.session_state[f"{key}-before"] = wanted, held
        st.session_state[key] = {"selection": wanted}
    return key


def table_selected(key: str, things: Sequence[Focus], columns: Sequence[Focus] = ()) -> None:
    """Callback of such a table: the chosen row or column comes into focus; letting go clears it."""
    state = st.session_state
    shown, now = _selected(state["selection"].focus, things, columns), _reported(key)
    if now in (shown, state.get(f"{key}-told"), state.pop(f"{key}-before", None)):
        return
    state[f"{key}-told"] = now
    fresh = [things[i] for i in now["rows"] if i not in shown["rows"]]
    fresh += [f for f in columns if f.id in now["columns"] and f.id not in shown["columns"]]
    look_at(fresh[0] if fresh else None)


def _selected(focus: Focus | None, things: Sequence[Focus], columns: Sequence[Focus]) -> dict[str, list[Any]]:
    rows = [i for i, thing in enumerate(things) if thing == focus]
    return {"rows": rows, "columns": [f.id for f in columns if f == focus]}


def _reported(key: str) -> dict[str, list[Any]]:
    """Selection that the browser last reported for a table, or that we set."""
    held = st.session_state.get(key, {"selection": {"rows": [], "columns": []}})["selection"]
    return {"rows": list(held["rows"]), "columns": list(held["columns"])}


def changed(field: str, key: str) -> None:
    """Callback of a widget: its value becomes a field of the selection."""
    value = st.session_state[key]
    choose(**{field: tuple(value) if isinstance(value, list) else value})


def year_changed(key: str) -> None:
    """Callback of the year; the default year leaves the address."""
    year = st.session_state[key]
    choose(year=None if year == dataset().default_year else year)


def search_changed(key: str) -> None:
    """Callback of the search box: the found thing comes into focus."""
    found = (st.session_state[key] or "").strip()
    focus = read_focus(found, dataset(), ())
    firms = [] if focus or not found else lookup.find_firms(dataset(), found, most=MOST_FOUND)
    st.session_state["sought"] = Sought(found, tuple(firms)) if found and not focus and len(firms) != 1 else Sought()
    look_at(Focus("firm", firms[0]) if len(firms) == 1 else focus)
    st.session_state["leave"] = st.session_state["page"] not in FOCUS_PAGES and current().focus is not None


def sought() -> Sought:
    """What was typed into the search box and is not one thing yet."""
    held: Sought = st.session_state.get("sought", Sought())
    return held


def look_at(focus: Focus | None) -> None:
    """Bring something into focus; on a district's page, go to the district that it lies in."""
    changes: dict[str, Any] = {"focus": focus}
    district = st.session_state["selection"].district
    if focus is not None and district and (other := _district_of(focus)) and other != district:
        changes["district"] = other
    choose(**changes)


def map_clicked(key: str, t: Words) -> None:
    """Callback of the map: a feature comes into focus, the home button clears it, a layer goes on or off."""
    event = st.session_state.get(key) or {}
    properties: Mapping[str, Any] = (event.get("last_active_drawing") or {}).get("properties") or {}
    kind, asked = str(properties.get("kind", "")), str(properties.get("id", ""))
    if kind == "home":
        look_at(None)
    elif kind == "layer":
        _layer_switched(asked, bool(properties.get("on")), t)
    elif "zoom" in properties and (firm := _firm_at(properties, t)):
        look_at(Focus("firm", firm))
    elif focus := read_focus(f"{kind}:{asked}", dataset(), ()):
        look_at(focus)


def _layer_switched(asked: str, on: bool, t: Words) -> None:
    chosen: Selection = st.session_state["selection"]
    named = {layer for layer in (*LAYERS, *EXTRAS) if asked in (t(f"layer.{layer}"), js_safe(t(f"layer.{layer}")))}
    off: set[str] = {*chosen.hide, *(() if on else named)} - (named if on else set())
    extra: set[str] = {*chosen.show, *(named if on else ())} - (set() if on else named)
    changes = {"hide": tuple(n for n in LAYERS if n in off), "show": tuple(n for n in EXTRAS if n in extra)}
    choose(**{name: layers for name, layers in changes.items() if layers != getattr(chosen, name)})


def _firm_at(click: Mapping[str, Any], t: Words) -> str | None:
    """The firm drawn as part of a tile where the reader clicked."""
    try:
        lon, lat, zoom = (float(click[name]) for name in ("lon", "lat", "zoom"))
    except (KeyError, TypeError, ValueError):
        return None  # the browser's word is not to be trusted
    chosen = st.session_state["selection"]
    return firm_at(Scene(board_of(chosen), chosen, look(), t, chosen.district), lon, lat, zoom)


def words_of(chosen: Selection) -> Words:
    """Words in the reader's language."""
    return words(chosen.lang, dataset().evidence)


def look() -> Tokens:
    """Tokens of the reader's theme."""
    return tokens("dark" if st.context.theme.type == "dark" else "light")


def has_point(focus: Focus) -> bool:
    """Whether the map can show a thing; districts and clusters always."""
    row = _row(focus)
    return row is None or row[c.LON] == row[c.LON]


def name_of(focus: Focus) -> str:
    """Name of a park, street or firm."""
    row = _row(focus)
    return lookup.short_name(dataset(), focus.id) if focus.kind == "firm" or row is None else str(row[c.NAME])


def _district_of(focus: Focus) -> str | None:
    row = _row(focus)
    if row is None:
        return focus.id if focus.kind == "district" else None
    district = row[c.REGISTERED_DISTRICT_ID if focus.kind == "firm" else c.DISTRICT_ID]
    return district if isinstance(district, str) else None


def _row(focus: Focus) -> "pd.Series | None":
    """Row of a park, street or firm; nothing for what has no row of its own."""
    if focus.kind == "firm":
        return lookup.firm(dataset(), focus.id)
    tables = {"park": dataset().parks, "street": dataset().streets}
    return pd.Series(tables[focus.kind].loc[focus.id]) if focus.kind in tables else None

"""The session's selection: read from the address, changed by widgets and the map, written back to the address.

Every widget shows the selection and changes it in a callback, before the page runs again; so a click on the map, a row
of a table and a link all end in the same place, and none of them overwrites another.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from clusters.briefing import district_briefing
from clusters.briefing_records import Briefing
from clusters.goals import Board, tally_goals
from clusters.kept_plans import DIGEST, keep_plan, kept_plan, plan_digest
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
from views.selection import (
    EXTRAS,
    FILTERS,
    LAYERS,
    VERSION,
    VERSIONS,
    Focus,
    Selection,
    address_of,
    fitted,
    made_with,
    read_focus,
    read_selection,
)
from views.tokens import Tokens, tokens
from views.words import LANGUAGES, Language, Words, words

MOST_FOUND = 20
DATA_PAGE, METHODS_PAGE = "data", "methods"
FOCUS_PAGES = ("overview", "district")  # their maps show whatever is in focus; from others a search leads there
SHOWN_ON = {"sites": ("park",)}  # what the maps of other pages show of it
NUMBERS_GROUND = {"year", "subsectors", "tier", "place", "show"}
"""With one of these a cluster on the ground gets another number, or none."""
PLAN_ID = "shenzhen-digital-economy-2021-2023"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sought:
    """A text that was sought, and the ids of the firms that it may mean."""

    text: str = ""
    firms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Missed:
    """What an address asked for and does not get.

    Attributes
    ----------
    data, plan : str
        Version of the data and digest of the plan's text that are not shown; empty when nothing was missed.
    may_ask : bool
        Whether this reader may see earlier versions at all.
    """

    data: str = ""
    plan: str = ""
    may_ask: bool = True


def viewer() -> Viewer:
    """Who is looking."""
    return viewer_without_sign_in()


def dataset() -> Dataset:
    """The version that the selection holds to, else the current one, as this reader may see it.

    It is shared by all sessions and changed by none.
    """
    return _opened(_held_to("data"))


def _opened(version: str) -> Dataset:
    reader = viewer()
    if is_visible(reader):
        return visible_dataset(reader, version=version)
    with st.spinner(words(language_hint())("data.releasing"), show_time=True):
        return visible_dataset(reader, version=version)


def plan() -> Plan:
    """The city's plan: the text that the selection holds to, else that of today."""
    return plan_of(_held_to("plan")) or plan_of_today()


@st.cache_resource(show_spinner=False)
def plan_of_today() -> Plan:
    """The city's plan as it is now; a copy is kept for links that are made under it."""
    opened = open_plan(PLAN_ID, *settings().plan_folders)
    try:
        keep_plan(opened, settings().home)
    except OSError as error:
        log.warning("no copy of the plan is kept for later: %s", error)
    return opened


def plan_of(digest: str) -> Plan | None:
    """The city's plan in the text of a digest, when a copy is here."""
    return _kept_plan(digest, settings().home) if digest else None


@st.cache_resource(max_entries=8, show_spinner=False)
def _kept_plan(digest: str, home: Path) -> Plan | None:
    return kept_plan(digest, home, plan_id=PLAN_ID)


def _held_to(what: str) -> str:
    held: Selection | None = st.session_state.get("selection")
    return getattr(held, what) if held else ""


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

    A bare address in a session is that of a click in the navigation, reached by it or by the Back button: it keeps the
    choices, since every address that we write names its data. Where the version of the data has become another one
    since, what it does not have is let go.
    """
    query, state = st.query_params.to_dict(), st.session_state
    moved = page != state.get("page")
    if "selection" not in state or (query and query != state.get("written")):
        asked, state["missed"] = _versions_of(query)
        data, text = _data_of(asked["data"]), plan_of(asked["plan"]) or plan_of_today()
        read = read_selection(query, data, _subsectors(text), page=page, held=state.get("selection"))
        state["selection"] = read.with_(**asked)
    elif state.get("seen") != _seen():
        state["selection"] = fitted(state["selection"], dataset(), _subsectors(plan()))
    state["seen"] = _seen()
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


def _versions_of(query: Mapping[str, str]) -> tuple[dict[str, str], Missed]:
    """What an address holds to, where that is another version or text than today's, and what it asked for in vain."""
    data, text = (query.get(name, "") for name in VERSIONS)
    data, text = data if VERSION.fullmatch(data) else "", text if DIGEST.fullmatch(text) else ""
    other_data = bool(data) and data != _data_of("").version
    other_text = bool(text) and text != plan_digest(plan_of_today())
    has_data, has_text = other_data and _can_be_opened(data), other_text and plan_of(text) is not None
    asked = {"data": data if has_data else "", "plan": text if has_text else ""}
    return asked, Missed(
        data if other_data and not has_data else "", text if other_text and not has_text else "", viewer().keeps_data
    )


def _data_of(version: str) -> Dataset:
    return dataset() if version == _held_to("data") else _opened(version)


def _can_be_opened(version: str) -> bool:
    try:
        return viewer().keeps_data and _opened(version).version == version
    except ValueError:
        return False


def _seen() -> tuple[str, ...]:
    return dataset().version, dataset().digest, plan_digest(plan())


def _subsectors(text: Plan) -> tuple[str, ...]:
    return tuple(s.id for s in text.subsectors)


def missed() -> Missed:
    """Versions that the address asked for and that are not shown."""
    held: Missed = st.session_state.get("missed", Missed())
    return held


def show_newest() -> None:
    """Callback: let go of the earlier version that the link held to."""
    forget_missed()
    choose(data="", plan="")


def follow(change: Callable[..., object], *args: Any) -> None:
    """Callback of what makes another version the current one: it is done, and then looked at."""
    change(*args)
    choose(data="")


def forget_missed() -> None:
    """Callback: the reader has taken note."""
    st.session_state["missed"] = Missed()


def current() -> Selection:
    """The selection of this run."""
    chosen: Selection = st.session_state["selection"]
    return chosen


def address(page: str, chosen: Selection) -> dict[str, str]:
    """Parameters of a link that reopens a view with the data and the plan that it was made with."""
    return made_with(chosen.query(page), dataset(), plan())


def write_address() -> None:
    """Put the selection into the address, so that the link reopens the same view."""
    try:
        query = address(st.session_state["page"], current())
    except (ValueError, OSError):  # data that cannot be opened have no version; the page has said why
        query = current().query(st.session_state["page"])
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
    st.switch_page(st.session_state["pages"][page], query_params=address(page, current()))


def link(page: str, chosen: Selection) -> str:
    """Address of a page with a selection, for a link in text or on paper."""
    return address_of(page, address(page, chosen))


def whole_link(page: str, chosen: Selection) -> str:
    """The same for paper: it begins where readers reach the app, as the operator set it or as this browser shows it."""
    shown = urlsplit(st.context.url or "")
    seen = f"{shown.scheme}://{shown.netloc}{shown.path.rpartition('/')[0]}" if shown.netloc else ""
    return address_of(page, address(page, chosen), base=settings().public_url or seen)


def method_link(method: str) -> str:
    """Address of the entry of a measure or section on the page of methods, with the choices of this run."""
    return link(METHODS_PAGE, current().with_(method=method))


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
    found_now = current().focus
    page = st.session_state["page"]
    stays = page in FOCUS_PAGES or (found_now is not None and found_now.kind in SHOWN_ON.get(page, ()))
    st.session_state["leave"] = found_now is not None and not stays


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


def map_clicked(key: str, t: Words, *, kinds: tuple[str, ...] = ()) -> None:
    """Callback of the map: a feature comes into focus, the home button clears it, a layer goes on or off.

    With ``kinds`` only features of these kinds come into focus.
    """
    event = st.session_state.get(key) or {}
    properties: Mapping[str, Any] = (event.get("last_active_drawing") or {}).get("properties") or {}
    kind, asked = str(properties.get("kind", "")), str(properties.get("id", ""))
    if kind == "home":
        look_at(None)
    elif kind == "layer":
        _layer_switched(asked, bool(properties.get("on")), t)
    elif kinds and kind not in kinds:
        return
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

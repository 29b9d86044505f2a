"""The one thing that a reader looks at: found by a click on a map, a row of a table or the search box.

All of them end in the focus of the selection, so that none overwrites another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from data import columns as c
from data import lookup
from geo.web_assets import js_safe
from views import loaded, state
from views.map_scene import Scene
from views.map_tiles import firm_at
from views.selection import EXTRAS, LAYERS, Focus, Selection, read_focus
from views.words import Words

MOST_FOUND = 20
FOCUS_PAGES = ("overview", "district")  # their maps show whatever is in focus; from others a search leads there
SHOWN_ON = {"sites": ("park",)}  # what the maps of other pages show of it


@dataclass(frozen=True)
class Sought:
    """A text that was sought, and the ids of the firms that it may mean."""

    text: str = ""
    firms: tuple[str, ...] = ()


def look_at(focus: Focus | None) -> None:
    """Bring something into focus; on a district's page, go to the district that it lies in."""
    changes: dict[str, Any] = {"focus": focus}
    district = st.session_state["selection"].district
    if focus is not None and district and (other := _district_of(focus)) and other != district:
        changes["district"] = other
    state.choose(**changes)


def search_changed(key: str) -> None:
    """Callback of the search box: the found thing comes into focus."""
    found = (st.session_state[key] or "").strip()
    focus = read_focus(found, loaded.dataset(), ())
    firms = [] if focus or not found else lookup.find_firms(loaded.dataset(), found, most=MOST_FOUND)
    st.session_state["sought"] = Sought(found, tuple(firms)) if found and not focus and len(firms) != 1 else Sought()
    look_at(Focus("firm", firms[0]) if len(firms) == 1 else focus)
    found_now = state.current().focus
    page = st.session_state["page"]
    stays = page in FOCUS_PAGES or (found_now is not None and found_now.kind in SHOWN_ON.get(page, ()))
    st.session_state["leave"] = found_now is not None and not stays


def sought() -> Sought:
    """What was typed into the search box and is not one thing yet."""
    held: Sought = st.session_state.get("sought", Sought())
    return held


def was_sought() -> bool:
    """Whether something was found from a page that does not show it, since this was asked last."""
    return bool(st.session_state.pop("leave", False))


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
    elif focus := read_focus(f"{kind}:{asked}", loaded.dataset(), ()):
        look_at(focus)


def _layer_switched(asked: str, on: bool, t: Words) -> None:
    chosen: Selection = st.session_state["selection"]
    named = {layer for layer in (*LAYERS, *EXTRAS) if asked in (t(f"layer.{layer}"), js_safe(t(f"layer.{layer}")))}
    off: set[str] = {*chosen.hide, *(() if on else named)} - (named if on else set())
    extra: set[str] = {*chosen.show, *(named if on else ())} - (set() if on else named)
    changes = {"hide": tuple(n for n in LAYERS if n in off), "show": tuple(n for n in EXTRAS if n in extra)}
    state.choose(**{name: layers for name, layers in changes.items() if layers != getattr(chosen, name)})


def _firm_at(click: Mapping[str, Any], t: Words) -> str | None:
    """The firm drawn as part of a tile where the reader clicked."""
    try:
        lon, lat, zoom = (float(click[name]) for name in ("lon", "lat", "zoom"))
    except (KeyError, TypeError, ValueError):
        return None  # the browser's word is not to be trusted
    chosen = st.session_state["selection"]
    return firm_at(Scene(loaded.board_of(chosen), chosen, state.look(), t, chosen.district), lon, lat, zoom)


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


def has_point(focus: Focus) -> bool:
    """Whether the map can show a thing; districts and clusters always."""
    row = _row(focus)
    return row is None or row[c.LON] == row[c.LON]


def name_of(focus: Focus) -> str:
    """Name of a park, street or firm."""
    row = _row(focus)
    return lookup.short_name(loaded.dataset(), focus.id) if focus.kind == "firm" or row is None else str(row[c.NAME])


def _district_of(focus: Focus) -> str | None:
    row = _row(focus)
    if row is None:
        return focus.id if focus.kind == "district" else None
    district = row[c.REGISTERED_DISTRICT_ID if focus.kind == "firm" else c.DISTRICT_ID]
    return district if isinstance(district, str) else None


def _row(focus: Focus) -> "pd.Series | None":
    """Row of a park, street or firm; nothing for what has no row of its own."""
    if focus.kind == "firm":
        return lookup.firm(loaded.dataset(), focus.id)
    tables = {"park": loaded.dataset().parks, "street": loaded.dataset().streets}
    return pd.Series(tables[focus.kind].loc[focus.id]) if focus.kind in tables else None

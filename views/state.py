"""The session's selection: read from the address, changed by widgets, and what of it cannot be had.

Every widget shows the selection and changes it in a callback, before the page runs again; so a click on the map, a row
of a table and a link all end in the same place, and none of them overwrites another.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from clusters.kept_plans import DIGEST, plan_digest
from clusters.plan import Plan
from data.dataset import Dataset
from views import loaded
from views.selection import FILTERS, VERSION, VERSIONS, Selection, fitted, read_selection
from views.tokens import Tokens, tokens

DATA_PAGE, METHODS_PAGE = "data", "methods"
NUMBERS_GROUND = {"year", "subsectors", "tier", "place", "show"}
"""With one of these a cluster on the ground gets another number, or none."""


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
        data, text = _data_of(asked["data"]), loaded.plan_of(asked["plan"]) or loaded.plan_of_today()
        read = read_selection(query, data, _subsectors(text), page=page, held=state.get("selection"))
        state["selection"] = read.with_(**asked)
    elif state.get("seen") != _seen():
        state["selection"] = fitted(state["selection"], loaded.dataset(), _subsectors(loaded.plan()))
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
    other_text = bool(text) and text != plan_digest(loaded.plan_of_today())
    has_data, has_text = other_data and _can_be_opened(data), other_text and loaded.plan_of(text) is not None
    asked = {"data": data if has_data else "", "plan": text if has_text else ""}
    return asked, Missed(
        data if other_data and not has_data else "",
        text if other_text and not has_text else "",
        loaded.viewer().keeps_data,
    )


def _data_of(version: str) -> Dataset:
    return loaded.dataset() if version == loaded.held_to("data") else loaded.dataset_of(version)


def _can_be_opened(version: str) -> bool:
    try:
        return loaded.viewer().keeps_data and loaded.dataset_of(version).version == version
    except ValueError:
        return False


def _seen() -> tuple[str, ...]:
    return loaded.dataset().version, loaded.dataset().digest, plan_digest(loaded.plan())


def _subsectors(text: Plan) -> tuple[str, ...]:
    return tuple(s.id for s in text.subsectors)


def current() -> Selection:
    """The selection of this run."""
    chosen: Selection = st.session_state["selection"]
    return chosen


def missed() -> Missed:
    """Versions that the address asked for and that are not shown."""
    held: Missed = st.session_state.get("missed", Missed())
    return held


def forget_missed() -> None:
    """Callback: the reader has taken note."""
    st.session_state["missed"] = Missed()


def show_newest() -> None:
    """Callback: let go of the earlier version that the link held to."""
    forget_missed()
    choose(data="", plan="")


def follow(change: Callable[..., object], *args: Any) -> None:
    """Callback of what makes another version the current one: it is done, and then looked at."""
    change(*args)
    if "selection" in st.session_state:  # there is none while no version can be opened
        choose(data="")


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


def changed(field: str, key: str) -> None:
    """Callback of a widget: its value becomes a field of the selection."""
    value = st.session_state[key]
    choose(**{field: tuple(value) if isinstance(value, list) else value})


def changed_on(page: str, field: str, key: str) -> None:
    """Callback of a widget: its value becomes one of the choices of a page."""
    value = st.session_state[key]
    choose_on(page, **{field: tuple(value) if isinstance(value, list) else value})


def year_changed(key: str) -> None:
    """Callback of the year; the default year leaves the address."""
    year = st.session_state[key]
    choose(year=None if year == loaded.dataset().default_year else year)


def open_job(job_id: str) -> None:
    """Look at a job on the page of the data, until another is opened; empty looks at none."""
    st.session_state["job"] = job_id
    choose(job=job_id)


def method_chosen(key: str, otherwise: str = "") -> None:
    """Callback of a widget of the page of methods: what it shows is opened; letting go opens ``otherwise``."""
    choose(method=st.session_state[key] or otherwise)


def bound(key: str, value: Any) -> str:
    """Key of a widget that shows a value of the selection."""
    st.session_state[key] = value
    return key


def look() -> Tokens:
    """Tokens of the reader's theme."""
    return tokens("dark" if st.context.theme.type == "dark" else "light")

"""The builder of a scenario: fields of one change, which is added once it can be played, or edited again.

What a reader is about to add are drafts of the session.
"""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from clusters.errors import ClusterError
from clusters.goals import Board
from clusters.scenario_text import write_scenario
from clusters.scenarios import FARTHEST_YEARS, Attract, Change, Grow, Relocate, Scenario
from data import lookup
from data.dataset import Dataset
from data.ranking import largest_firms
from views import state
from views.gaps_answer import Played, refused
from views.gaps_words import district_names, refusal, subsector_name
from views.words import Words, plain

PAGE = "gaps"
KINDS = ("attract", "move", "grow")
MOST_LISTED, MOST_FOUND = 50, 20
UNDO, REFUSED, EDITED = "lab_undo", "lab_refused", "lab_edited"
MOST_UNDONE = 50


def show_builder(city: Board, played: Played, t: Words) -> None:
    """Fields of one change, to be added or to replace the one that is edited."""
    edited: int | None = st.session_state.get(EDITED)
    if edited is not None and edited >= len(played.scenario.changes):
        edited = None
    st.markdown(f"**{t('lab.add_title') if edited is None else t('lab.edit_title', n=edited + 1)}**")
    kind = st.segmented_control(
        t("lab.kind"), KINDS, format_func=lambda k: t(f"lab.kind_{k}"), required=True,
        label_visibility="collapsed", key=_draft("draft_kind", KINDS[0]),
    )  # fmt: skip
    fields = {"attract": _attract_fields, "move": _move_fields, "grow": _grow_fields}[kind or "attract"]
    make = fields(city, t)
    actions = st.container(horizontal=True, vertical_alignment="center", gap="small")
    actions.button(
        t("lab.add") if edited is None else t("lab.save"),
        icon=":material/add:" if edited is None else ":material/check:", type="primary", key="lab_add",
        disabled=make is None, on_click=_add, args=(make, edited, played.scenario, city),
    )  # fmt: skip
    if edited is not None:
        actions.button(
            t("lab.cancel"), type="tertiary", key="lab_cancel",
            on_click=lambda: st.session_state.pop(EDITED, None),
        )  # fmt: skip
    if (error := st.session_state.get(REFUSED)) is not None:
        st.error(plain(refusal(error, city.dataset, t)), icon=":material/block:")


def begin_edit(number: int, change: Change, unit: int) -> None:
    """Put a change back into the fields."""
    told: dict[str, object]
    st.session_state[EDITED] = number
    st.session_state["draft_kind"] = KINDS[(Attract, Relocate, Grow).index(type(change))]
    if isinstance(change, Attract):
        told = {
            "draft_district": change.district_id, "draft_subsector": change.subsector_id,
            "draft_revenue": change.revenue_cny / unit, "draft_ramp": change.ramp_years,
        }  # fmt: skip
    elif isinstance(change, Relocate):
        told = {"draft_sought": change.firm_id, "draft_firm": change.firm_id, "draft_to": change.district_id}
    else:
        told = {
            "draft_growth": round(change.growth * 100, 2), "draft_grow_subsector": change.subsector_id or "",
            "draft_grow_district": change.district_id or "",
        }  # fmt: skip
    for key, value in told.items():
        st.session_state[key] = value


def write(text: str) -> None:
    """Put a scenario into the address; the one before may be taken back."""
    before = state.current().gaps.scenario
    if text != before:
        stack = st.session_state.setdefault(UNDO, [])
        stack.append(before)
        del stack[:-MOST_UNDONE]
        state.choose_on(PAGE, scenario=text)
    st.session_state.pop(REFUSED, None)
    st.session_state.pop(EDITED, None)


def _add(make: Callable[[], Change] | None, edited: int | None, scenario: Scenario, city: Board) -> None:
    """The draft becomes a change, unless it cannot be played."""
    if make is None:
        return
    try:
        new, changes = make(), list(scenario.changes)
        if edited is None:
            changes.append(new)
        else:
            changes[edited] = new
        wanted = replace(scenario, changes=tuple(changes))
    except ClusterError as error:
        st.session_state[REFUSED] = error
        return
    if (problem := refused(wanted, city.dataset)) is not None:
        st.session_state[REFUSED] = problem
        return
    write(write_scenario(wanted))


def _draft(key: str, default: object) -> str:
    """Key of a draft field, which starts with a default."""
    st.session_state.setdefault(key, default)
    return key


def _attract_fields(city: Board, t: Words) -> Callable[[], Change]:
    names = district_names(city.dataset, t)
    districts = list(map(str, city.dataset.districts.index))
    one, two = st.columns(2, gap="small")
    district = one.selectbox(
        t("field.district"), districts, format_func=lambda d: names[d], key=_draft("draft_district", districts[0])
    )
    subsectors = list(map(str, city.clusters.index))
    subsector = two.selectbox(
        t("field.subsector"), subsectors, format_func=lambda s: t(f"subsector.{s}"),
        key=_draft("draft_subsector", subsectors[0]),
    )  # fmt: skip
    one, two = st.columns(2, gap="small")
    revenue = one.number_input(
        t("lab.revenue_in", unit=t.money_unit), min_value=0.01, max_value=1e7, step=1.0, format="%.2f",
        key=_draft("draft_revenue", 10.0 if t.language == "zh" else 1.0),
    )  # fmt: skip
    ramp = two.number_input(
        t("lab.ramp_in"), min_value=0, max_value=FARTHEST_YEARS, key=_draft("draft_ramp", 0), help=t("lab.ramp_help")
    )
    unit = t.money_scale
    return lambda: Attract(district, subsector, max(round(revenue * unit), 1), int(ramp))


def _move_fields(city: Board, t: Words) -> Callable[[], Change] | None:
    data, names = city.dataset, district_names(city.dataset, t)
    sought = st.text_input(
        t("lab.firm_sought"), placeholder=t("lab.firm_sought_hint"), key=_draft("draft_sought", ""), max_chars=60
    ).strip()
    labels = _firms(data.version, data.digest, sought, data)
    firms = list(labels)
    if not firms:
        st.caption(t("search.nothing"))
        return None
    if st.session_state.get("draft_firm") not in firms:
        st.session_state.pop("draft_firm", None)
    one, two = st.columns(2, gap="small")
    firm = one.selectbox(
        t("lab.firm"), firms, format_func=lambda f: labels.get(f, f),
        key=_draft("draft_firm", firms[0]),
    )  # fmt: skip
    districts = list(map(str, data.districts.index))
    target = two.selectbox(
        t("lab.to_district"), districts, format_func=lambda d: names[d], key=_draft("draft_to", districts[0])
    )
    st.caption(t("lab.move_note"))
    return lambda: Relocate(firm, target)


@st.cache_resource(max_entries=64, show_spinner=False)
def _firms(version: str, digest: str, sought: str, _data: Dataset) -> dict[str, str]:
    """Firms that a text may mean, or the largest, with their names; of a million each search costs a second once."""
    if sought:
        found = lookup.find_firms(_data, sought, most=MOST_FOUND)
    else:
        found = list(map(str, largest_firms(_data, MOST_LISTED).index))
    return {firm: f"{lookup.short_name(_data, firm)} {firm}" for firm in found}


def _grow_fields(city: Board, t: Words) -> Callable[[], Change]:
    names = district_names(city.dataset, t)
    one, two, three = st.columns([1, 1, 0.8], gap="small")
    subsector = one.selectbox(
        t("field.subsector"), ["", *map(str, city.clusters.index)],
        format_func=lambda s: subsector_name(s or None, t), key=_draft("draft_grow_subsector", ""),
    )  # fmt: skip
    district = two.selectbox(
        t("lab.area"), ["", *map(str, city.dataset.districts.index)],
        format_func=lambda d: names[d] if d else t("city"), key=_draft("draft_grow_district", ""),
    )  # fmt: skip
    growth = three.number_input(
        t("lab.growth_in"), min_value=-99.0, max_value=1000.0, step=1.0, format="%.2f",
        key=_draft("draft_growth", 5.0),
    )  # fmt: skip
    return lambda: Grow(round(growth / 100, 4), subsector or None, district or None)

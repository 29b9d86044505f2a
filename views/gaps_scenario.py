"""情景 of the gap lab: a list of changes that stands in the address, and the city before and after them.

What a reader is about to add are drafts of the session; a change is in the scenario only once it can be played.
"""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import streamlit as st

from clusters.errors import ClusterError
from clusters.goals import Board
from clusters.scenario_text import write_scenario
from clusters.scenarios import FARTHEST_YEARS, Attract, Change, Grow, Relocate, Scenario
from data import columns as c
from data import lookup
from data.dataset import Dataset
from data.ranking import largest_firms
from views import links, state
from views.gaps_answer import Played, beside_of, play, refused
from views.gaps_charts import change_chart, chart_height
from views.gaps_choices import scenario_in
from views.gaps_show import show_table
from views.gaps_tables import clusters_table, districts_table, goals_table
from views.gaps_words import change_text, city_sentence, district_names, refusal, subsector_name
from views.how_to_read import how_to_read
from views.origin_bases import Figure
from views.selection import Selection
from views.stale import is_old
from views.words import Words, capital, caution, plain

PAGE = "gaps"
KINDS = ("attract", "move", "grow")
ICONS = {Attract: "domain_add", Relocate: "move_down", Grow: "trending_up"}
MOST_LISTED, MOST_FOUND = 50, 20
UNDO, REFUSED, EDITED = "lab_undo", "lab_refused", "lab_edited"


def show_scenario(city: Board, until: int, chosen: Selection, t: Words) -> None:
    """Builder and list side by side, then what comes of it."""
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    note = t("lab.scenario_note", year=city.year, until=until, place=t(f"axis.place.{city.place}"))
    bar.markdown(f"#### {t('lab.scenario')}　:small[:gray[{note}]]")
    how_to_read(bar, "gap_scenario", t, method="play_scenario", origin=Figure(measure="scenario"))
    played = play(chosen.gaps.scenario, city, until)
    left, right = st.columns([1, 1.25], gap="medium")
    with left, st.container(border=True, key="lab_builder", gap="small"):
        _builder(city, played, t)
    with right:
        _changes(city, played, chosen, t)
    _results(city, played, beside_of(chosen.gaps, city, until), t)


# the list --------------------------------------------------------------------------------------------------------


def _changes(city: Board, played: Played, chosen: Selection, t: Words) -> None:
    if played.unreadable:
        st.warning(t("lab.unreadable"), icon=":material/link_off:")
    if played.problem is not None:
        st.warning(plain(t("lab.not_played") + refusal(played.problem, city.dataset, t)), icon=":material/block:")
    if played.otherwise is not None:
        _otherwise(played.otherwise, city, t)
    changes = played.scenario.changes
    if not changes:
        st.info(t("lab.no_changes"), icon=":material/inbox:")
    for number, change in enumerate(changes):
        row = st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"lab_change_{number}")
        text = plain(change_text(change, city.dataset, t))
        row.container(width="stretch").markdown(f":material/{ICONS[type(change)]}: {number + 1}. {text}")
        row.button(
            t("lab.edit"), icon=":material/edit:", type="tertiary", key=f"lab_edit_{number}",
            on_click=_begin_edit, args=(number, change, _unit(t)),
        )  # fmt: skip
        row.button(
            t("lab.remove"), icon=":material/delete:", type="tertiary", key=f"lab_remove_{number}",
            on_click=_remove, args=(number, played.scenario),
        )  # fmt: skip
    actions = st.container(horizontal=True, vertical_alignment="center", gap="small")
    actions.button(
        t("lab.undo"), icon=":material/undo:", type="tertiary", key="lab_undo_button", on_click=_undo,
        disabled=not st.session_state.get(UNDO),
    )  # fmt: skip
    if changes or played.unreadable:
        actions.button(
            t("lab.clear"), icon=":material/clear_all:", type="tertiary", key="lab_clear",
            on_click=_write, args=("",),
        )  # fmt: skip
    if changes:
        actions.button(
            t("lab.keep_beside"), icon=":material/splitscreen:", type="tertiary", key="lab_beside",
            on_click=lambda: state.choose_on(PAGE, beside=write_scenario(played.scenario)),
        )  # fmt: skip
    if chosen.gaps.beside:
        actions.button(
            t("lab.drop_beside"), icon=":material/close:", type="tertiary", key="lab_drop_beside",
            on_click=lambda: state.choose_on(PAGE, beside=""),
        )  # fmt: skip
        _say_beside(chosen.gaps.beside, city, t)
    if changes:
        with actions.popover(t("lab.link"), icon=":material/link:", type="tertiary", key="lab_link"):
            st.caption(t("lab.link_note"))
            st.code(links.whole_link(PAGE, chosen), language=None, wrap_lines=True)


def _say_beside(text: str, city: Board, t: Words) -> None:
    told = scenario_in(text)
    if told is None:
        st.caption(caution(t("lab.unreadable_beside")))
        return
    lines = [change_text(change, city.dataset, t) for change in told.changes]
    st.caption(plain(t("lab.beside_is", changes=t("lab.between").join(lines))))


def _otherwise(told: Scenario, city: Board, t: Words) -> None:
    """A link's scenario was made for other years or another reading of place."""
    named = {"year": told.year, "until": told.until, "place": t(f"axis.place.{told.place}")}
    st.info(t("lab.otherwise", **named), icon=":material/event:")
    if told.year in city.dataset.years and told.until > told.year:
        st.button(t("lab.as_told"), type="tertiary", key="lab_as_told", on_click=_as_told, args=(told, city))


def _as_told(told: Scenario, city: Board) -> None:
    state.choose(year=None if told.year == city.dataset.default_year else told.year, place=told.place)
    state.choose_on(PAGE, until=told.until)


def _write(text: str) -> None:
    """Put a scenario into the address; the one before may be taken back."""
    before = state.current().gaps.scenario
    if text != before:
        st.session_state.setdefault(UNDO, []).append(before)
        state.choose_on(PAGE, scenario=text)
    st.session_state.pop(REFUSED, None)
    st.session_state.pop(EDITED, None)


def _undo() -> None:
    if stack := st.session_state.get(UNDO):
        state.choose_on(PAGE, scenario=stack.pop())
    st.session_state.pop(REFUSED, None)
    st.session_state.pop(EDITED, None)


def _remove(number: int, scenario: Scenario) -> None:
    rest = tuple(each for at, each in enumerate(scenario.changes) if at != number)
    _write(write_scenario(replace(scenario, changes=rest)) if rest else "")


# the builder -----------------------------------------------------------------------------------------------------


def _unit(t: Words) -> int:
    return 10**8 if t.language == "zh" else 10**9


def _begin_edit(number: int, change: Change, unit: int) -> None:
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


def _builder(city: Board, played: Played, t: Words) -> None:
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
    _write(write_scenario(wanted))


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
    unit = _unit(t)
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


# what comes of it ------------------------------------------------------------------------------------------------


def _results(city: Board, played: Played, beside: Played | None, t: Words) -> None:
    moves = played.moves_cny
    with st.container(border=True, key="lab_city"):
        lines = [f"**{plain(city_sentence(played, t))}**"]
        if moves is not None:
            lines.append(f":material/sync_alt: {plain(t('lab.moves_zero', yuan=f'{moves:,}'))}")
        st.markdown("  \n".join(lines))
        covered = {"n": f"{city.coverage['firms']:,}", "of": f"{city.coverage['of_firms']:,}", "year": city.year}
        st.caption(t("lab.coverage", **covered))
    left, right = st.columns([1.35, 1], gap="medium")
    with left:
        st.markdown(f"#### {t('lab.clusters_after')}　:small[:gray[{t('lab.clusters_note')}]]")
        show_table(clusters_table(city, played, beside, t), "lab_clusters", t, is_old=is_old(city.year))
    with right:
        names = {str(s): t(f"subsector.{s}") for s in city.clusters.index}
        st.markdown(f"#### {t('lab.chart_title')}　:small[:gray[{t('lab.chart_note', unit=t.money_unit)}]]")
        _chart(played.result.clusters, names, "lab_clusters_chart", t)
        st.markdown(f"#### {t('lab.goals_after')}")
        show_table(goals_table(city, played.result, t), "lab_goals", t)
        basis = city.dataset.evidence
        why = capital(t(f"why.{basis}")) + t("lab.stop") if basis in ("listed_sample", "synthetic") else ""
        st.caption(plain(t.sentences([part for part in (why, t("lab.goals_note")) if part])))
    left, right = st.columns([1.35, 1], gap="medium")
    with left:
        st.markdown(f"#### {t('lab.districts_after')}　:small[:orange-badge[{t('word.derived')}]]")
        show_table(districts_table(city, played, t), "lab_districts", t, is_old=is_old(city.year))
    with right:
        st.markdown(f"#### {t('lab.chart_districts')}　:small[:gray[{t('lab.chart_note', unit=t.money_unit)}]]")
        _chart(played.result.districts, district_names(city.dataset, t), "lab_districts_chart", t)
    if city.dataset.release is not None:
        st.caption(plain(t("lab.released")))


def _chart(table: pd.DataFrame, names: dict[str, str], key: str, t: Words) -> None:
    """What changed, before and after; or that nothing did."""
    changed = table[[bool(each) and each == each for each in table[c.CHANGE_CNY]]]
    changed = changed.sort_values(c.CHANGE_CNY, key=lambda each: each.map(abs), ascending=False)
    rows = [(names[str(k)], row) for k, row in changed.iterrows() if str(k) in names]
    if not rows:
        st.caption(t("lab.nothing_changed"))
        return
    before, after = ([float(row[name]) for _, row in rows] for name in (c.BASELINE_CNY, c.SCENARIO_CNY))
    st.echarts_chart(
        change_chart([name for name, _ in rows], before, after, state.look(), t),
        height=chart_height(len(rows)) + 20,
        alt=t("lab.chart_alt"),
        key=key,
    )

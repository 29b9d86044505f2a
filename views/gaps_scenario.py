"""情景 of the gap lab: a list of changes that stands in the address, and the city before and after them.

A change is in the scenario only once it can be played; `gaps_builder` makes it.
"""

from dataclasses import replace

import pandas as pd
import streamlit as st

from clusters.goals import Board
from clusters.scenario_text import write_scenario
from clusters.scenarios import Attract, Grow, Relocate, Scenario
from data import columns as c
from views import links, state
from views.gaps_answer import Played, beside_of, play
from views.gaps_builder import EDITED, REFUSED, UNDO, begin_edit, show_builder, write
from views.gaps_charts import change_chart, chart_height
from views.gaps_choices import scenario_in
from views.gaps_show import show_table
from views.gaps_tables import clusters_table, districts_table, goals_table
from views.gaps_words import change_text, city_sentence, district_names, refusal
from views.how_to_read import how_to_read
from views.origin_bases import Figure
from views.selection import Selection
from views.stale import is_old
from views.words import Words, capital, caution, plain

PAGE = "gaps"
ICONS = {Attract: "domain_add", Relocate: "move_down", Grow: "trending_up"}


def show_scenario(city: Board, until: int, chosen: Selection, t: Words) -> None:
    """Builder and list side by side, then what comes of it."""
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    note = t("lab.scenario_note", year=city.year, until=until, place=t(f"axis.place.{city.place}"))
    bar.markdown(f"#### {t('lab.scenario')}　:small[:gray[{note}]]")
    how_to_read(bar, "gap_scenario", t, method="play_scenario", origin=Figure(measure="scenario"))
    played = play(chosen.gaps.scenario, city, until)
    left, right = st.columns([1, 1.25], gap="medium")
    with left, st.container(border=True, key="lab_builder", gap="small"):
        show_builder(city, played, t)
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
            on_click=begin_edit, args=(number, change, t.money_scale),
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
            on_click=write, args=("",),
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


def _undo() -> None:
    if stack := st.session_state.get(UNDO):
        state.choose_on(PAGE, scenario=stack.pop())
    st.session_state.pop(REFUSED, None)
    st.session_state.pop(EDITED, None)


def _remove(number: int, scenario: Scenario) -> None:
    rest = tuple(each for at, each in enumerate(scenario.changes) if at != number)
    write(write_scenario(replace(scenario, changes=rest)) if rest else "")


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

"""Who answers for what: responsible units of the plan in the order of its text, and where it names this district."""

import pandas as pd
import streamlit as st

from clusters.goals import Board
from clusters.plan_records import Duty
from data import columns as c
from views.how_to_read import heading
from views.origin_bases import Figure
from views.plan_words import duty_name, listed_units, quoted, quotes_of, section
from views.words import Words, plain


def show_duties(board: Board, t: Words) -> None:
    """Units by subsector, tasks that speak of the districts, and places where the text names this one."""
    heading(f"#### {t('duty.title')}　:small[:gray[{t('duty.note')}]]", "duties", t, origin=Figure(measure="duties"))
    left, right = st.columns([1.2, 1], gap="medium")
    order = board.clusters.sort_values(c.TOTAL_CNY, ascending=False, na_position="last").index
    subsectors = {s.id: s for s in board.plan.subsectors}
    rows = [_row(t(f"subsector.{s}"), subsectors[s], board, t) for s in order]
    left.table(pd.DataFrame(rows), border="horizontal", hide_index=True)
    for task in board.plan.tasks:
        if task.spatial:
            with right.container(border=True):
                st.markdown(f"**{plain(section(task.section, t))} {plain(duty_name(task, t))}**")
                for quote in quotes_of(task, t):
                    st.markdown("> " + plain(quote))
                units = t.listed(listed_units(task, board.plan, t))
                st.markdown(f":small[{t('duty.units')}{t('word.colon')} {plain(units)}]")
    with right.container(border=True):
        st.markdown(f"**{t('duty.named')}**")
        named = [p for p in board.plan.places.districts_named if p.district_id == board.area_id]
        for place in named:
            why = quoted(f"named.{place.district_id}", place.why, t)
            st.markdown(plain(f"{section(place.section, t)} {why}"))
        if not named:
            st.markdown(f":small[{t('duty.not_named')}]")
        for place in board.plan.places.districts_named:
            if place.district_id is None:
                st.markdown(f":small[{t('duty.overlay')}]")
    with st.expander(t("duty.tasks")):
        rows = [_row(duty_name(task, t), task, board, t) for task in (*board.plan.tasks, *board.plan.safeguards)]
        st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)


def _row(name: str, duty: Duty, board: Board, t: Words) -> dict[str, str]:
    units = listed_units(duty, board.plan, t)
    return {
        t("duty.subject"): plain(name),
        t("duty.first"): plain(units[0]) if units else "—",
        t("duty.others"): plain(t.listed(units[1:])) or "—",
        t("duty.section"): plain(section(duty.section, t)),
    }

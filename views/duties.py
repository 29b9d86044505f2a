"""Who answers for what: responsible units of the plan in the order of its text, and where it names this district."""

import pandas as pd
import streamlit as st

from clusters.goals import Board
from clusters.plan_records import Duty
from data import columns as c
from views.how_to_read import heading
from views.words import Words, plain


def show_duties(board: Board, t: Words) -> None:
    """Units by subsector, tasks that speak of the districts, and places where the text names this one."""
    heading(f"#### {t('duty.title')}　:small[:gray[{t('duty.note')}]]", "duties", t)
    left, right = st.columns([1.2, 1], gap="medium")
    order = board.clusters.sort_values(c.TOTAL_CNY, ascending=False, na_position="last").index
    subsectors = {s.id: s for s in board.plan.subsectors}
    rows = [_row(t(f"subsector.{s}"), subsectors[s], board, t) for s in order]
    left.table(pd.DataFrame(rows), border="horizontal", hide_index=True)
    for task in board.plan.tasks:
        if task.spatial:
            with right.container(border=True):
                st.markdown(f"**{section(task.section, t)} {duty_name(task, t)}**")
                for n, quote in enumerate((task.quote, task.quote2, task.quote3)):
                    if quote:
                        st.markdown("> " + quoted(f"quote.{task.id}_{n}", quote, t))
                st.markdown(f":small[{t('duty.units')}{t('word.colon')} {_units(task, board, t)}]")
    with right.container(border=True):
        st.markdown(f"**{t('duty.named')}**")
        named = [p for p in board.plan.places.districts_named if p.district_id == board.area_id]
        for place in named:
            st.markdown(f"{section(place.section, t)} {quoted(f'named.{place.district_id}', place.why, t)}")
        if not named:
            st.markdown(f":small[{t('duty.not_named')}]")
        for place in board.plan.places.districts_named:
            if place.district_id is None:
                st.markdown(f":small[{t('duty.overlay')}]")
    with st.expander(t("duty.tasks")):
        rows = [_row(duty_name(task, t), task, board, t) for task in (*board.plan.tasks, *board.plan.safeguards)]
        st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)


def duty_name(duty: Duty, t: Words) -> str:
    """Name of a task or safeguard in the reader's language."""
    return t(f"duty_name.{duty.id}") if f"duty_name.{duty.id}" in t else plain(duty.name)


def unit_name(unit: str, t: Words) -> str:
    """Name of a responsible unit; the plan's own words where we have no translation."""
    return t(f"responsible.{unit}") if f"responsible.{unit}" in t else plain(unit)


def section(written: str | None, t: Words) -> str:
    """Section of the plan: 三（五） stays in Chinese and is §3.5 in English."""
    if t.language == "zh" or not written:
        return written or ""
    return "; ".join(_arabic(part) for part in written.replace("、", " ").split())


def _arabic(part: str) -> str:
    outer, _, inner = part.partition("（")
    inner = inner.split("）")[0]
    return f"§{_number(outer)}.{_number(inner)}" if inner else f"§{_number(outer)}"


def _number(han: str) -> int:
    digits = "零一二三四五六七八九"
    tens, ten, ones = han.rpartition("十")
    return (digits.find(tens) if tens else 1) * 10 * bool(ten) + (digits.find(ones) if ones else 0)


def _row(name: str, duty: Duty, board: Board, t: Words) -> dict[str, str]:
    units = [unit_name(board.plan.units_full.get(u, u), t) for u in duty.units]
    return {
        t("duty.subject"): name,
        t("duty.first"): units[0] if units else "—",
        t("duty.others"): t.listed(units[1:]) or "—",
        t("duty.section"): section(duty.section, t),
    }


def _units(duty: Duty, board: Board, t: Words) -> str:
    return t.listed([unit_name(board.plan.units_full.get(u, u), t) for u in duty.units])


def quoted(key: str, words: str, t: Words) -> str:
    """The plan's own words, or our translation of them in another language."""
    return t(key) if key in t else plain(words)

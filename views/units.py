"""责任单位: what each unit of the plan is listed for, with where it stands; all units, then one."""

import pandas as pd
import streamlit as st

from clusters.district_duties import UnitAccount, unit_account
from clusters.goals import Board
from clusters.plan import Plan
from views import frame, links, loaded, state
from views.document import Table
from views.document_downloads import document_downloads
from views.how_to_read import how_to_read
from views.origin_bases import Figure
from views.plan_words import unit_name
from views.units_document import unit_document, unit_tables, units_document
from views.units_tables import summary, units_table
from views.words import Words, plain

ROW_PX = 33


def show() -> None:
    """The page."""
    chosen = state.current()
    t = loaded.words_of(chosen)
    city = loaded.board_of(chosen)
    units = list(city.plan.unit_duties())
    unit = chosen.units.unit if chosen.units.unit in units else ""
    controls = frame.head(t("page.units"), frame.sample_lead(city, t), chosen, t)
    controls.selectbox(
        t("units.choose"),
        ["", *units],
        format_func=lambda name: unit_name(name, t) if name else t("units.all"),
        label_visibility="collapsed",
        width=300,
        key=state.bound("unit", unit),
        on_change=state.changed_on,
        args=("units", "unit", "unit"),
    )
    frame.year_control(city, controls, t)
    districts = tuple(map(str, city.dataset.districts.index))
    account = unit_account(city.plan, unit, districts) if unit else None
    link = links.whole_link("units", chosen.with_(year=city.year))
    document_downloads(
        controls,
        lambda: unit_document(account, city, t, link=link) if account else units_document(city, t, link=link),
        f"jiqun-units-{units.index(unit) + 1 if unit else 'all'}-{city.year}",
        t,
        key="units_paper",
    )
    st.markdown(f":small[{plain(t('units.lead'))}]")
    if account is not None:
        _show_unit(account, city, t)
    else:
        _show_all(city.plan, units, t)
    frame.foot(city, t)


def _show_all(plan: Plan, units: list[str], t: Words) -> None:
    """Every unit with its counts; a row opens it, and so does the field above."""
    table = units_table(plan, t)
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    bar.markdown(f"#### {table.title}　:small[:gray[{t('units.all_note', n=len(units))}]]")
    how_to_read(bar, "units", t, origin=Figure(measure="duties"))
    heads = [column.title for column in table.columns]
    rows = [[row[0].text, *(cell.value for cell in row[1:])] for row in table.rows]
    st.dataframe(
        pd.DataFrame(rows, columns=heads),
        hide_index=True,
        row_height=ROW_PX,
        height=(len(units) + 1) * ROW_PX + 3,
        key="units_table",
        selection_mode="single-row",
        on_select=lambda: _row_chosen(units),
        alt=table.title,
        column_config={
            heads[0]: st.column_config.TextColumn(width=330, pinned=True),
            **{head: st.column_config.NumberColumn(width=110, format="%d") for head in heads[1:]},
        },
    )


def _row_chosen(units: list[str]) -> None:
    rows = st.session_state["units_table"]["selection"]["rows"]
    if rows:
        state.choose_on("units", unit=units[rows[0]])


def _show_unit(account: UnitAccount, city: Board, t: Words) -> None:
    """Everything that one unit is listed for."""
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    bar.markdown(f"**{plain(summary(account, t))}**")
    how_to_read(bar, "units", t, origin=_figure(account))
    for table in unit_tables(account, city, t):
        note = f"　:small[:gray[{plain(table.note)}]]" if table.note else ""
        st.markdown(f"#### {table.title}{note}")
        _table(table)


def _figure(account: UnitAccount) -> Figure:
    """The total of the subsectors that a unit is listed for, or where it has none its words of the plan."""
    subsectors = tuple(subsector.id for subsector in account.subsectors)
    return Figure(subsectors) if subsectors else Figure(measure="duties")


def _table(table: Table) -> None:
    rows = [[plain(cell.text) for cell in row] for row in table.rows]
    st.table(
        pd.DataFrame(rows, columns=[column.title for column in table.columns]), border="horizontal", hide_index=True
    )

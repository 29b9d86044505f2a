"""The firms and parks of one district as tables whose rows find their places on the map."""

import pandas as pd
import streamlit as st

from clusters.goals import Board
from clusters.release import withheld_firms
from clusters.standing import firms_known
from data import columns as c
from data.known_firms import firms_at_places
from data.parts import under_main_subsector
from data.ranking import largest_in_district
from views import focused, state
from views.figures import nothing_in, subsectors_shown
from views.how_to_read import heading
from views.origin_bases import Figure
from views.selection import Focus, Selection
from views.stale import is_old
from views.tokens import seals
from views.withheld_figures import words_for_withheld
from views.words import Words

ROW_PX = 33
MOST_ROWS = 11
MOST_FIRMS = 200  # of a register; the export has them all


def show_firms(board: Board, city: Board, chosen: Selection, t: Words) -> None:
    """Firms of the district, from the largest revenue down; a row finds its place on the map."""
    dataset, subsectors = board.dataset, subsectors_shown(city, chosen)
    here = under_main_subsector(firms_known(dataset, place=board.place, district_id=board.area_id))
    passed = here[here[c.SUBSECTOR_ID].isin(subsectors)]
    if chosen.precisions:
        passed = passed[passed[c.LOCATION_PRECISION].isin(chosen.precisions)]
    of = int(passed[c.KNOWN_FIRMS].sum())
    mine = largest_in_district(
        dataset,
        board.area_id,
        year=board.year,
        subsectors=subsectors,
        precisions=chosen.precisions,
        place=board.place,
        most=MOST_FIRMS,
    )
    nameless = withheld_firms(dataset, mine) & mine[c.SHORT_NAME].isna().to_numpy()
    mine = mine[~nameless]
    note = t("district.firms_note", n=len(mine) if nameless.any() else of)
    if 0 < len(mine) < of and not nameless.any():
        note = t("district.firms_note_largest", n=len(mine), of=f"{of:,}")
    title = f"#### {t('district.firms')}　:small[:gray[{note if len(mine) or not of else ''}]]"
    heading(title, "firms", t, origin=_of_firms(board, chosen, mine, subsectors))
    if nameless.any():
        st.info(t("district.nameless", n=f"{of - len(mine):,}"), icon=":material/lock:")
    elif mine.empty and of and dataset.release is not None:
        st.info(t("district.unranked", n=f"{of:,}"), icon=":material/lock:")
    if mine.empty and of and dataset.release is not None:
        return
    if mine.empty:
        nothing = "district.no_sample_firms" if here.empty else "district.no_firms"
        st.info(nothing_in(board, subsectors, board.area_id, t) if of else t(nothing), icon=":material/inbox:")
        return
    look = state.look()
    marks = seals(look.theme, t.language)
    table = pd.DataFrame(
        {
            "seal": [marks[s].data_uri() for s in mine[c.SUBSECTOR_ID]],
            "name": mine[c.SHORT_NAME].to_numpy(),
            "code": mine.index.to_numpy(),
            "subsector": [t(f"subsector.{s}") for s in mine[c.SUBSECTOR_ID]],
            "revenue": mine[c.REVENUE_CNY].astype("Float64").to_numpy(dtype=float, na_value=float("nan")),
            "status": [t(f"status.{s}") if isinstance(s, str) else None for s in mine[c.REVENUE_STATUS]],
            "precision": [t(f"precision.{p}") for p in mine[c.LOCATION_PRECISION]],
            "place": [_place_note(row, board, t) for _, row in mine.iterrows()],
            "address": mine[c.ADDRESS].to_numpy(),
        }
    )
    said = {"revenue": [t.money(v, unit=False) for v in table["revenue"]]}
    worded = words_for_withheld(table, said, {"revenue": withheld_firms(dataset, mine).tolist()}, t)
    money = [] if worded else ["revenue"]
    painted = table.style.format(lambda v: t("word.no_data") if v != v else t.money(v, unit=False), subset=money)
    if is_old(board.year):
        painted = painted.map(lambda _: f"color:{look.palette.muted}", subset=["revenue"])
    of_year = t("field.revenue_unit", year=board.year, unit=t.money_unit)
    text = st.column_config.TextColumn
    things = [Focus("firm", str(f)) for f in mine.index]
    st.dataframe(
        painted,
        hide_index=True,
        height=min(len(table) + 1, MOST_ROWS) * ROW_PX + 3,
        row_height=ROW_PX,
        placeholder="—",
        key=focused.bound_table("firms", things),
        selection_mode="single-row",
        on_select=lambda: focused.table_selected("firms", things),
        alt=t("district.firms"),
        column_config={
            "seal": st.column_config.ImageColumn("", width=34, pinned=True),
            "name": text(t("field.name"), width=110, pinned=True),
            "code": text(t("field.code"), width=100),
            "subsector": text(t("field.subsector"), width=150 if t.language == "en" else 90),
            "revenue": text(of_year, width=150, alignment="right")
            if worded
            else st.column_config.NumberColumn(of_year, width=150),
            "status": text(t("field.status"), width=190 if t.language == "en" else 140),
            "precision": text(t("field.precision"), width=120),
            "place": text(t("field.place_note"), width=230),
            "address": text(t("field.address"), width=430),
        },
    )


def _of_firms(board: Board, chosen: Selection, mine: pd.DataFrame, subsectors: list[str]) -> Figure:
    """The firm of the table that is in focus with each of its years, else the total that the firms are of."""
    focus = chosen.focus
    if focus is not None and focus.kind == "firm" and focus.id in mine.index:
        return Figure((), board.area_id, measure="firm", among=(focus.id,))
    return Figure(() if len(subsectors) == len(board.clusters) else tuple(subsectors), board.area_id)


def _place_note(row: "pd.Series[str]", board: Board, t: Words) -> str | None:
    if row[c.OPERATING_DISTRICT_ID] == c.OUTSIDE:
        return t("map.office_outside")
    operating = row[c.OPERATING_DISTRICT_ID]
    if isinstance(operating, str) and operating != row[c.REGISTERED_DISTRICT_ID]:
        name = board.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
        return t("district.office_in", district=name[operating])
    return None


def show_parks(board: Board, t: Words) -> None:
    """Parks of the district; a row finds its place on the map."""
    parks = board.dataset.parks[board.dataset.parks[c.DISTRICT_ID] == board.area_id]
    at = firms_at_places(board.dataset)
    title = f"#### {t('district.parks')}　:small[:gray[{t('district.parks_note', n=len(parks))}]]"
    heading(title, "parks", t, origin=Figure((), board.area_id, measure="parks"))
    if parks.empty:
        st.info(t("district.no_parks"), icon=":material/inbox:")
        return
    inside = at[at[c.LOCATION_PRECISION] == "park"].set_index(c.PLACE_ID)[c.KNOWN_FIRMS]
    table = pd.DataFrame(
        {
            "name": parks[c.NAME].to_numpy(),
            "firms": [inside.get(p) for p in parks.index],
            "point": [t("map.park_precision") if lon == lon else t("district.no_point") for lon in parks[c.LON]],
            "operator": parks[c.OPERATOR].to_numpy(),
            "focus": parks[c.FOCUS].to_numpy(),
            "area": parks[c.AREA_TEXT].to_numpy(),
        }
    )
    text = st.column_config.TextColumn
    things = [Focus("park", str(p)) for p in parks.index]
    st.dataframe(
        table,
        hide_index=True,
        height=min(len(table) + 1, MOST_ROWS) * ROW_PX + 3,
        row_height=ROW_PX,
        placeholder=t("word.no_data"),
        key=focused.bound_table("parks", things),
        selection_mode="single-row",
        on_select=lambda: focused.table_selected("parks", things),
        alt=t("district.parks"),
        column_config={
            "name": text(t("field.park"), width=190, pinned=True),
            "firms": st.column_config.NumberColumn(t("field.sample_firms"), width=74, format="%d"),
            "point": text(t("field.precision"), width=150),
            "operator": text(t("field.operator"), width=130),
            "focus": text(t("field.focus"), width=150),
            "area": text(t("field.area"), width=200),
        },
    )

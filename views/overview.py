"""总览: goal board, map of the districts, ladder of tiers, matrix of subsectors and districts."""

import streamlit as st

from clusters.goals import Board
from clusters.standing import firms_known
from data import columns as c
from data.parts import counted_once
from views import frame, links, loaded, signed_in, state
from views.charts import tier_ladder
from views.downloads import offer_file
from views.figures import accounts_of, district_figures, nothing_in, scope_words, subsectors_shown
from views.filters import filters
from views.goal_cards import show_goal_board
from views.ground import begin_search, say_searching, show_ground
from views.how_to_read import heading, how_to_read
from views.map_page import map_page
from views.map_widget import show_map
from views.matrix import show_matrix
from views.origin import figure_in_focus, origin_button
from views.origin_bases import Figure
from views.sample_limits import show_sample_limits
from views.selection import MEASURES, Selection
from views.stale import is_old
from views.tokens import seals
from views.words import Words, plain

MAP_HEIGHT = 460


def show() -> None:
    """The page."""
    chosen = state.current().with_(district="")
    st.session_state["selection"] = chosen
    t = loaded.words_of(chosen)
    board = loaded.board_of(chosen)
    controls = frame.head(t("overview.title", city=t("city")), frame.sample_lead(board, t), chosen, t)
    frame.year_control(board, controls, t)
    how_to_read(controls, "goals", t, method="tally_goals")
    show_goal_board(board, t)
    _under_filters(t)
    show_sample_limits(board, t)
    frame.foot(board, t)


@st.fragment
def _under_filters(t: Words) -> None:
    """What a filter changes: map, ladder, matrix. A filter runs this part alone; any other choice runs the page."""
    signed_in.rerun_when_changed()
    state.rerun_unless_filtered()
    chosen = state.current()
    board = loaded.board_of(chosen)
    drawn = begin_search(board, chosen)
    where, ladder = st.columns([1.72, 1], gap="medium")
    with where:
        _map_head(board, chosen, t)
        show_map(board, chosen, t, height=MAP_HEIGHT)
        say_searching(board, chosen, t)
        _focus_line(board, chosen, t)
    with ladder:
        note = t("overview.ladder_note", unit=t.money_unit, n=f"{board.coverage['firms']:,}")
        title = f"#### {t('overview.ladder')}　:small[:gray[{note}]]"
        heading(title, "ladder", t, method="scale_tier", origin=Figure())
        look = state.look()
        spec = tier_ladder(
            board.clusters, accounts_of(board), seals(look.theme, t.language), look, t, is_old=is_old(board.year)
        )
        st.echarts_chart(spec, height=MAP_HEIGHT, alt=t("overview.ladder_alt", year=board.year))
    show_matrix(board, chosen, t)
    show_ground(board, chosen, t, drawn=drawn)
    links.write_address()


def _map_head(board: Board, chosen: Selection, t: Words) -> None:
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    title = bar.container(horizontal=True, vertical_alignment="center", width="content", gap="small")
    title.markdown(f"#### {t('overview.map')}", width="content")
    how_to_read(title, "map", t)
    tools = bar.container(horizontal=True, vertical_alignment="center", width="content", gap="small")
    tools.segmented_control(
        t("field.measure"),
        MEASURES,
        format_func=lambda m: t(f"measure.{m}"),
        required=True,
        label_visibility="collapsed",
        key=state.bound("measure", chosen.measure),
        on_change=state.changed,
        args=("measure", "measure"),
    )
    filters(board, chosen, t, tools)
    offer_file(
        tools,
        t("map.download"),
        lambda: map_page(board, chosen, t),
        file_name=f"jiqun-map-{board.year}.html",
        mime="text/html",
        icon=":material/download:",
        type="tertiary",
        key="download_map",
    )


def _focus_line(board: Board, chosen: Selection, t: Words) -> None:
    """What is in focus, in words, with the way to the district's page; and what the map cannot show."""
    shown = subsectors_shown(board, chosen)
    if not shown:
        st.info(t("filter.none_left"), icon=":material/filter_alt_off:")
    if chosen.focus and chosen.focus.kind == "district":
        row = district_figures(board, shown).loc[chosen.focus.id]
        name = board.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN][chosen.focus.id]
        scope = scope_words(board, chosen, t)
        facts = [nothing_in(board, shown, chosen.focus.id, t)]
        if row[c.TOTAL_CNY] == row[c.TOTAL_CNY]:
            share = t("map.of_shown" if scope else "map.of_city", share=t.share(row["shown_share"]))
            facts = [t.amount(row["amount"]), t.firms(row[c.FIRMS]), share]
        words = " · ".join([scope, *facts] if scope else facts)
        line = st.container(horizontal=True, vertical_alignment="center", gap="small")
        line.markdown(f"**{plain(name)}** · {words}", width="content")
        label = t("overview.open_district", name=plain(name))
        if line.button(label, icon=":material/arrow_forward:", type="tertiary", key="open_district"):
            links.go("district", district=chosen.focus.id, focus=None)
    origin_button(st.container(), figure_in_focus(board, chosen), t, key="overview")
    known = counted_once(firms_known(board.dataset))
    unplaced = int(known.loc[known[c.LOCATION_PRECISION] == "none", c.KNOWN_FIRMS].sum())
    note = "overview.map_note_many" if board.dataset.has_many_firms else "overview.map_note"
    st.caption(t(note, unplaced=f"{unplaced:,}"))

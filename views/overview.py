"""总览: goal board, map of the districts, ladder of tiers, matrix of subsectors and districts."""

import pandas as pd
import streamlit as st

from clusters.goals import Board
from clusters.tiers import ScaleTier, scale_tier
from data import columns as c
from views import frame, state
from views.charts import tier_ladder
from views.goal_cards import show_goal_board
from views.map_page import map_page
from views.map_parts import district_figures, subsectors_shown
from views.map_widget import show_map
from views.selection import MEASURES, PLACES, PRECISIONS, TIERS, Focus, Selection
from views.tokens import seals
from views.words import TIER_STAR, Words

MAP_HEIGHT = 460


def show() -> None:
    """The page."""
    chosen = state.selection().with_(district="")
    st.session_state["selection"] = chosen
    t = state.words_of(chosen)
    board = state.board_of(chosen)
    controls = frame.head(t("overview.title", city=t("city")), frame.sample_lead(board, t), chosen, t)
    frame.year_control(board, controls, t)
    _help(controls, t)
    show_goal_board(board, t)
    where, ladder = st.columns([1.72, 1], gap="medium")
    with where:
        _map_head(board, chosen, t)
        show_map(board, chosen, t, height=MAP_HEIGHT)
        _focus_line(board, chosen, t)
    with ladder:
        st.markdown(f"#### {t('overview.ladder')}　:small[:gray[{t('overview.ladder_note', unit=t.money_unit)}]]")
        look = state.look()
        spec = tier_ladder(board.clusters, seals(look.theme, t.language), look, t)
        st.echarts_chart(spec, height=MAP_HEIGHT, alt=t("overview.ladder_alt", year=board.year))
    _matrix(board, chosen, t)
    frame.foot(board, t)


def _help(where: st.delta_generator.DeltaGenerator, t: Words) -> None:
    with where.popover(t("help.title"), icon=":material/help:", type="tertiary"):
        for key in ("tiers", "sample", "readings", "place", "no_data", "map"):
            st.markdown(t(f"help.{key}"))


def _map_head(board: Board, chosen: Selection, t: Words) -> None:
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    bar.markdown(f"#### {t('overview.map')}", width="content")
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
    tools.download_button(
        t("map.download"),
        lambda: map_page(board, chosen, t),
        file_name=f"jiqun-map-{board.year}.html",
        mime="text/html",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key="download_map",
    )


def filters(board: Board, chosen: Selection, t: Words, where: st.delta_generator.DeltaGenerator) -> None:
    """Subsectors, tier, place and precision; the number of active ones stands on the button."""
    active = sum((bool(chosen.subsectors), chosen.tier != "all", bool(chosen.precisions), chosen.place != "registered"))
    label = t("filter.title_n", n=active) if active else t("filter.title")
    with where.popover(label, icon=":material/tune:"):
        st.multiselect(
            t("field.subsectors"),
            [s.id for s in board.plan.subsectors],
            format_func=lambda s: t(f"subsector.{s}"),
            placeholder=t("filter.all"),
            key=state.bound("subsectors", list(chosen.subsectors)),
            on_change=state.changed,
            args=("subsectors", "subsectors"),
        )
        st.segmented_control(
            t("field.tier"),
            TIERS,
            format_func=lambda k: t(f"tier.{k}"),
            required=True,
            key=state.bound("tier", chosen.tier),
            on_change=state.changed,
            args=("tier", "tier"),
            help=t("filter.tier_help"),
        )
        st.segmented_control(
            t("field.place"),
            PLACES,
            format_func=lambda p: t(f"place.{p}"),
            required=True,
            key=state.bound("place", chosen.place),
            on_change=state.changed,
            args=("place", "place"),
            help=t("filter.place_help", share=t.share(board.coverage["elsewhere_share"])),
        )
        st.segmented_control(
            t("field.precisions"),
            PRECISIONS,
            format_func=lambda p: t(f"precision.{p}"),
            selection_mode="multi",
            key=state.bound("precisions", list(chosen.precisions)),
            on_change=state.changed,
            args=("precisions", "precisions"),
            help=t("filter.precision_help"),
        )
        if active:
            st.button(t("filter.clear"), icon=":material/restart_alt:", on_click=_clear_filters, key="clear_filters")


def _clear_filters() -> None:
    state.choose(subsectors=(), tier="all", place="registered", precisions=())


def _focus_line(board: Board, chosen: Selection, t: Words) -> None:
    """What is in focus, in words, with the way to the district's page; and what the map cannot show."""
    if not subsectors_shown(board, chosen):
        st.info(t("filter.none_left"), icon=":material/filter_alt_off:")
    if chosen.focus and chosen.focus.kind == "district":
        row = district_figures(board, subsectors_shown(board, chosen)).loc[chosen.focus.id]
        name = board.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN][chosen.focus.id]
        known = row[c.TOTAL_CNY] == row[c.TOTAL_CNY]
        facts = (
            [t.money(row[c.TOTAL_CNY]), t.firms(row[c.FIRMS]), t("map.of_city", share=t.share(row["share"]))]
            if known
            else [t("map.no_firm")]
        )
        line = st.container(horizontal=True, vertical_alignment="center", gap="small")
        line.markdown(f"**{name}** · {' · '.join(facts)}", width="content")
        if line.button(
            t("overview.open_district", name=name),
            icon=":material/arrow_forward:",
            type="tertiary",
            key="open_district",
        ):
            state.choose(district=chosen.focus.id, focus=None)
            st.switch_page(st.session_state["pages"]["district"])
    unplaced = int((board.dataset.firms[c.LOCATION_PRECISION] == "none").sum())
    st.caption(t("overview.map_note", unplaced=unplaced))


def _matrix(board: Board, chosen: Selection, t: Words) -> None:
    """Subsector × district with tier badges; a row brings the cluster into focus, a column the district."""
    st.markdown(f"#### {t('overview.matrix')}　:small[:gray[{t('overview.matrix_note', unit=t.money_unit)}]]")
    visible = subsectors_shown(board, chosen.with_(focus=None))
    clusters = board.clusters.loc[visible].sort_values(c.TOTAL_CNY, ascending=False, na_position="last")
    if clusters.empty:
        st.info(t("filter.none_left"), icon=":material/filter_alt_off:")
        return
    look, districts = state.look(), board.dataset.districts
    label = districts[c.LABEL_ZH if t.language == "zh" else c.LABEL_EN]
    order = _district_order(board)
    marks = seals(look.theme, t.language)
    table = pd.DataFrame(
        {
            "seal": [marks[s].data_uri() for s in clusters.index],
            "name": [t(f"subsector.{s}") for s in clusters.index],
            "tier": [t.tier_mark(_tier(row)) for _, row in clusters.iterrows()],
            "city": clusters[c.TOTAL_CNY].to_numpy(),
            "gap": clusters[c.GAP_CNY].where(clusters[c.GAP_CNY] > 0).to_numpy(),
            "firms": [f"{row[c.FIRMS]}/{row[c.KNOWN_FIRMS]}" for _, row in clusters.iterrows()],
            "top1": clusters[c.TOP1_SHARE].to_numpy(),
        }
    )
    parts = board.districts[c.TOTAL_CNY].unstack(c.DISTRICT_ID).reindex(clusters.index)
    for district_id in order:
        table[district_id] = parts[district_id].to_numpy() if district_id in parts else float("nan")
    if c.UNPLACED in parts:
        table[c.UNPLACED] = parts[c.UNPLACED].to_numpy()
    money = [column for column in ("city", *order, c.UNPLACED) if column in table]

    def paint(cny: float) -> str:
        fill = look.tier.get(scale_tier(int(cny))) if cny == cny else None
        return f"background-color:{fill[0]};color:{fill[1]}" if fill else ""

    def figure(cny: float) -> str:
        return "" if cny != cny else f"{TIER_STAR.get(scale_tier(int(cny)), '')} {t.money(cny, unit=False)}".strip()

    painted = table.style.map(paint, subset=money).format(figure, subset=money)
    painted = painted.format(lambda v: "" if v != v else t.money(v, unit=False), subset=["gap"])
    painted = painted.format(lambda v: "" if v != v else t.share(v), subset=["top1"])
    stars = {mark: look.tier[tier] for tier, mark in TIER_STAR.items() if tier}
    painted = painted.map(
        lambda v: f"background-color:{stars[v[0]][0]};color:{stars[v[0]][1]}" if v[:1] in stars else "", subset=["tier"]
    )
    wide = t.language == "en"
    number = st.column_config.NumberColumn
    config = {
        "seal": st.column_config.ImageColumn("", width=34, pinned=True),
        "name": st.column_config.TextColumn(t("field.subsector"), width=150 if wide else 92, pinned=True),
        "tier": st.column_config.TextColumn(t("field.tier"), width=120 if wide else 88),
        "city": number(t("city_total"), width=96),
        "gap": number(t("field.gap"), width=86, help=t("help.gap")),
        "firms": st.column_config.TextColumn(t("field.firms_of"), width=62, help=t("help.firms_of"), alignment="right"),
        "top1": number(t("field.top1"), width=74, help=t("help.top1")),
        c.UNPLACED: number(t("word.unplaced"), width=80),
    } | {d: number(label[d], width=88 if table[d].notna().any() else (76 if wide else 56)) for d in order}
    focus = chosen.focus
    rows = (
        [list(clusters.index).index(focus.id)]
        if focus and focus.kind == "cluster" and focus.id in clusters.index
        else []
    )
    columns = [focus.id] if focus and focus.kind == "district" else []
    st.dataframe(
        painted,
        hide_index=True,
        height="content",
        row_height=33,
        column_config=config,
        placeholder="",
        key=state.bound("matrix", {"selection": {"rows": rows, "columns": columns}}),
        selection_mode=["single-row", "single-column"],
        on_select=lambda: _matrix_selected(list(clusters.index), order),
        alt=t("overview.matrix"),
    )


def _matrix_selected(subsectors: list[str], order: list[str]) -> None:
    """A row or a column of the matrix was chosen or let go."""
    now = st.session_state["matrix"]["selection"]
    before = st.session_state["selection"].focus
    rows = [Focus("cluster", subsectors[i]) for i in now["rows"]]
    columns = [Focus("district", d) for d in now["columns"] if d in order]
    asked = [f for f in (*rows, *columns) if f != before] or [*rows, *columns]
    state.look_at(asked[0] if asked else None)


def _district_order(board: Board) -> list[str]:
    """Districts from the largest total down, those without a firm last in their own order."""
    totals = board.districts[c.TOTAL_CNY].groupby(c.DISTRICT_ID).sum()
    ids = list(board.dataset.districts.index)
    return sorted(ids, key=lambda d: (-float(totals.get(d, -1)), ids.index(d)))


def _tier(row: "pd.Series[float]") -> ScaleTier | None:
    return scale_tier(int(row[c.TOTAL_CNY])) if row[c.FIRMS] else None

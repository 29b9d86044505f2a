"""Subsector × district: every total with its tier; a row brings the cluster into focus, a column the district."""

import pandas as pd
import streamlit as st

from clusters.goals import Board
from clusters.tiers import ScaleTier, scale_tier
from data import columns as c
from views import state
from views.figures import subsectors_shown
from views.selection import Focus, Selection
from views.tokens import seals
from views.words import TIER_STAR, Words


def show_matrix(board: Board, chosen: Selection, t: Words) -> None:
    """Subsector × district with tier badges; a row brings the cluster into focus, a column the district."""
    note = f":small[:gray[{t('overview.matrix_note', unit=t.money_unit)}]]"
    st.markdown(f"#### {t('overview.matrix')}　{note} :orange-badge[{t('overview.matrix_derived')}]")
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
    things = [Focus("cluster", str(s)) for s in clusters.index]
    columns = [Focus("district", d) for d in order]
    st.dataframe(
        painted,
        hide_index=True,
        height="content",
        row_height=33,
        column_config=config,
        placeholder="",
        key=state.bound_table("matrix", things, columns),
        selection_mode=["single-row", "single-column"],
        on_select=lambda: state.table_selected("matrix", things, columns),
        alt=t("overview.matrix"),
    )


def _district_order(board: Board) -> list[str]:
    """Districts from the largest total down, those without a firm last in their own order."""
    totals = board.districts[c.TOTAL_CNY].groupby(c.DISTRICT_ID).sum()
    ids = list(board.dataset.districts.index)
    return sorted(ids, key=lambda d: (-float(totals.get(d, -1)), ids.index(d)))


def _tier(row: "pd.Series[float]") -> ScaleTier | None:
    return scale_tier(int(row[c.TOTAL_CNY])) if row[c.FIRMS] else None

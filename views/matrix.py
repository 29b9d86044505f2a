"""Subsector × district: every total with its tier; a row brings the cluster into focus, a column the district."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from clusters.accounts import Accounts, Amount
from clusters.goals import Board
from clusters.tiers import ScaleTier, scale_tier
from data import columns as c
from views import state
from views.figures import accounts_of, is_withheld, subsectors_shown
from views.seeming import seeming
from views.selection import Focus, Selection
from views.tokens import seals
from views.words import TIER_STAR, Words, caution


def show_matrix(board: Board, chosen: Selection, t: Words) -> None:
    """Subsector × district with tier badges; a row brings the cluster into focus, a column the district."""
    note = f":small[:gray[{t('overview.matrix_note', unit=t.money_unit)}]]"
    st.markdown(f"#### {t('overview.matrix')}　{note} :orange-badge[{t('overview.matrix_derived')}]")
    visible = subsectors_shown(board, chosen.with_(focus=None))
    clusters = board.clusters.loc[visible].sort_values(c.TOTAL_CNY, ascending=False, na_position="last")
    if clusters.empty:
        st.info(t("filter.none_left"), icon=":material/filter_alt_off:")
        return
    look, districts, kept = state.look(), board.dataset.districts, accounts_of(board)
    label = districts[c.LABEL_ZH if t.language == "zh" else c.LABEL_EN]
    order = _district_order(board)
    marks = seals(look.theme, t.language)
    totals = [kept.total(subsectors=[str(s)]) for s in clusters.index]
    table = pd.DataFrame(
        {
            "seal": [marks[s].data_uri() for s in clusters.index],
            "name": [t(f"subsector.{s}") for s in clusters.index],
            "tier": [
                t("word.withheld") if is_withheld(row) else t.tier_mark(_tier(row)) for _, row in clusters.iterrows()
            ],
            "city": _shown(totals),
            "gap": _shown([total.gap if total else None for total in totals]),
            "firms": [f"{row[c.FIRMS]}/{row[c.KNOWN_FIRMS]}" for _, row in clusters.iterrows()],
            "top1": clusters[c.TOP1_SHARE].to_numpy(),
        }
    )
    columns_of = {"city": totals}
    unplaced = [c.UNPLACED] if any(district == c.UNPLACED for _, district in (*kept.parts, *kept.withheld)) else []
    for district_id in (*order, *unplaced):
        columns_of[district_id] = [kept.cell(str(s), district_id) for s in clusters.index]
    if kept.withheld:
        columns_of[c.NOT_RELEASED] = [kept.rest(str(s)) for s in clusters.index]
    for name, amounts in columns_of.items():
        table[name] = _shown(amounts)

    def paint(column: "pd.Series[float]") -> list[str]:
        fills = [look.tier.get(amount.tier) if amount else None for amount in columns_of[str(column.name)]]
        return [f"background-color:{fill[0]};color:{fill[1]}" if fill else "" for fill in fills]

    def figure(shown_cny: float) -> str:
        return "" if shown_cny != shown_cny else _starred(Amount(int(shown_cny), int(shown_cny)), t)

    painted = table.style.apply(paint, subset=list(columns_of)).format(figure, subset=list(columns_of))
    for column, amounts in columns_of.items():
        for row, amount in enumerate(amounts):
            if amount is not None and amount.seems:  # the shown figure alone would get a star
                painted = painted.format({column: _starred(amount, t)}, subset=([row], [column]))
    painted = painted.format(lambda v: "" if v != v else t.money(v, unit=False), subset=["gap"])
    painted = painted.format(lambda v: "" if v != v else t.share(v), subset=["top1"])
    for cell in _withheld(clusters, [*order, *unplaced], kept):
        painted = painted.format(t("word.withheld"), subset=([cell[0]], [cell[1]]))
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
        c.NOT_RELEASED: number(t("release.together"), width=112 if wide else 96, help=t("help.withheld")),
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
    for line in seeming(board, t, map(str, clusters.index)):
        st.caption(caution(line))
    if kept.withheld:
        st.caption(t("help.withheld"))


def _withheld(clusters: pd.DataFrame, places: Sequence[str], kept: Accounts) -> list[tuple[int, str]]:
    """Row and column of each figure that exists and is not for this reader."""
    found = []
    for row, (subsector, figures) in enumerate(clusters.iterrows()):
        found += [(row, place) for place in places if (str(subsector), place) in kept.withheld]
        if is_withheld(figures):
            found += [(row, name) for name in ("city", "gap", *([c.NOT_RELEASED] if kept.withheld else []))]
        if figures[c.FIRMS] and figures[c.TOP1_CNY] != figures[c.TOP1_CNY]:
            found.append((row, "top1"))
    return found


def _shown(amounts: Sequence[Amount | None]) -> list[float]:
    """Amounts as the table sorts them: what is shown, and nothing where there is none."""
    return [float("nan") if amount is None else float(amount.shown_cny) for amount in amounts]


def _starred(amount: Amount, t: Words) -> str:
    return f"{TIER_STAR.get(amount.tier, '')} {t.amount(amount, unit=False)}".strip()


def _district_order(board: Board) -> list[str]:
    """Districts from the largest total down, those without a firm last in their own order."""
    totals = board.districts[c.TOTAL_CNY].groupby(c.DISTRICT_ID).sum()
    ids = list(board.dataset.districts.index)
    return sorted(ids, key=lambda d: (-float(totals.get(d, -1)), ids.index(d)))


def _tier(row: "pd.Series[float]") -> ScaleTier | None:
    return scale_tier(int(row[c.TOTAL_CNY])) if row[c.FIRMS] else None

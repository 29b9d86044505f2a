"""Subsector × district: every total with its tier; a row brings the cluster into focus, a column the district."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from clusters.accounts import Accounts, Amount
from clusters.goals import Board
from clusters.tiers import ScaleTier, scale_tier
from data import columns as c
from views import focused, state
from views.figures import accounts_of, district_figures, is_withheld, subsectors_shown
from views.how_to_read import heading
from views.origin import figure_in_focus
from views.seeming import seeming
from views.selection import Focus, Selection
from views.stale import is_old
from views.tokens import seals
from views.withheld_figures import words_for_withheld
from views.words import TIER_STAR, Words, caution


def show_matrix(board: Board, chosen: Selection, t: Words) -> None:
    """Subsector × district with tier badges; a row brings the cluster into focus, a column the district."""
    note = f":small[:gray[{t('overview.matrix_note', unit=t.money_unit)}]]"
    title = f"#### {t('overview.matrix')}　{note} :orange-badge[{t('overview.matrix_derived')}]"
    heading(title, "matrix", t, method="district_clusters", origin=figure_in_focus(board, chosen))
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
    for name, amounts in columns_of.items():
        table[name] = _shown(amounts)
    rests = [kept.rest(str(s)) for s in clusters.index]  # of several districts, so of no tier
    if kept.withheld:
        table[c.NOT_RELEASED] = _shown(rests)

    old = f"color:{look.palette.muted}" if is_old(board.year) else ""

    def paint(column: "pd.Series[float]") -> list[str]:
        fills = [look.tier.get(amount.tier) if amount else None for amount in columns_of[str(column.name)]]
        return [f"background-color:{fill[0]};color:{fill[1]}" if fill else old for fill in fills]

    def figure(shown_cny: float) -> str:
        return "" if shown_cny != shown_cny else _starred(Amount(int(shown_cny), int(shown_cny)), t)

    said = {
        "gap": [None if v != v else t.money(v, unit=False) for v in table["gap"]],
        "top1": [None if v != v else t.share(v) for v in table["top1"]],
        c.NOT_RELEASED: [None if rest is None else t.amount(rest, unit=False) for rest in rests],
    } | {name: [_starred(a, t) if a else None for a in amounts] for name, amounts in columns_of.items()}
    worded = words_for_withheld(table, said, _withheld(clusters, [*order, *unplaced], kept), t)
    numbers = [name for name in columns_of if name not in worded]
    painted = table.style.apply(paint, subset=list(columns_of)).format(figure, subset=numbers)
    for column in numbers:
        for row, amount in enumerate(columns_of[column]):
            if amount is not None and amount.seems:  # the shown figure alone would get a star
                painted = painted.format({column: _starred(amount, t)}, subset=([row], [column]))
    money = [name for name in ("gap", c.NOT_RELEASED) if name in table and name not in worded]
    painted = painted.format(lambda v: "" if v != v else t.money(v, unit=False), subset=money)
    if "top1" not in worded:
        painted = painted.format(lambda v: "" if v != v else t.share(v), subset=["top1"])
    muted, withheld = f"color:{look.palette.muted}", t("word.withheld")
    painted = painted.map(lambda v: muted if v == withheld else "", subset=["tier", *sorted(worded)])
    stars = {mark: look.tier[tier] for tier, mark in TIER_STAR.items() if tier}
    painted = painted.map(
        lambda v: f"background-color:{stars[v[0]][0]};color:{stars[v[0]][1]}" if v[:1] in stars else "", subset=["tier"]
    )
    wide = t.language == "en"
    firms = district_figures(board, board.clusters.index)[c.FIRMS].fillna(0)

    def number(label: str, *, name: str, width: int, help: str | None = None) -> ColumnConfig:
        """A column of figures, or of words where some are withheld."""
        if name in worded:
            return st.column_config.TextColumn(label, width=width, help=help, alignment="right")
        return st.column_config.NumberColumn(label, width=width, help=help)

    config = {
        "seal": st.column_config.ImageColumn("", width=34, pinned=True),
        "name": st.column_config.TextColumn(t("field.subsector"), width=150 if wide else 92, pinned=True),
        "tier": st.column_config.TextColumn(t("field.tier"), width=120 if wide else 88),
        "city": number(t("city_total"), name="city", width=96),
        "gap": number(t("field.gap"), name="gap", width=86, help=t("help.gap")),
        "firms": st.column_config.TextColumn(t("field.firms_of"), width=62, help=t("help.firms_of"), alignment="right"),
        "top1": number(t("field.top1"), name="top1", width=74, help=t("help.top1")),
        c.UNPLACED: number(t("word.unplaced"), name=c.UNPLACED, width=80),
        c.NOT_RELEASED: number(
            t("release.together"), name=c.NOT_RELEASED, width=112 if wide else 96, help=t("help.withheld")
        ),
    } | {
        d: number(f"{label[d]} {firms[d]:,.0f}", name=d, width=88 if table[d].notna().any() else (76 if wide else 56))
        for d in order
    }
    things = [Focus("cluster", str(s)) for s in clusters.index]
    columns = [Focus("district", d) for d in order]
    st.dataframe(
        painted,
        hide_index=True,
        height="content",
        row_height=33,
        column_config=config,
        placeholder="",
        key=focused.bound_table("matrix", things, columns),
        selection_mode=["single-row", "single-column"],
        on_select=lambda: focused.table_selected("matrix", things, columns),
        alt=t("overview.matrix"),
    )
    for line in seeming(board, t, map(str, clusters.index)):
        st.caption(caution(line))
    if kept.withheld:
        st.caption(t("help.withheld"))


def _withheld(clusters: pd.DataFrame, places: Sequence[str], kept: Accounts) -> dict[str, list[bool]]:
    """By column, in which rows there is a figure that is not for this reader."""
    whole = [is_withheld(row) for _, row in clusters.iterrows()]
    top = [bool(n) and top1 != top1 for n, top1 in zip(clusters[c.FIRMS], clusters[c.TOP1_CNY], strict=True)]
    of_places = {place: [(str(s), place) in kept.withheld for s in clusters.index] for place in places}
    return of_places | {"city": whole, "gap": whole, "top1": top} | ({c.NOT_RELEASED: whole} if kept.withheld else {})


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

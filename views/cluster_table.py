"""The clusters of one district as a table: what each has, what it lacks, how it keeps the plan's pace."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from clusters.accounts import Amount
from clusters.goals import Board
from clusters.pace import pace_of_clusters, revenue_rate
from clusters.tiers import THRESHOLD_CNY, next_tier, scale_tier
from data import columns as c
from data.matched import matched_firms
from views import focused, state
from views.figures import accounts_of, is_withheld, subsectors_shown
from views.how_to_read import heading
from views.origin import figure_in_focus
from views.seeming import seeming
from views.selection import Focus, Selection
from views.stale import is_old
from views.tokens import seals
from views.withheld_figures import words_for_withheld
from views.words import TIER_STAR, Words, caution

ROW_PX = 33


def show_clusters(board: Board, city: Board, chosen: Selection, t: Words) -> None:
    """Each subsector in the district: tier, gap, firms, dependence, share of the city with rank, pace."""
    note = t("district.clusters_note", year=board.year, unit=t.money_unit)
    title, figure = f"#### {t('district.clusters')}　:small[:gray[{note}]]", figure_in_focus(city, chosen)
    figure = replace(figure, district_id=board.area_id)
    heading(title, "clusters", t, method="district_clusters", origin=figure)
    look = state.look()
    visible = subsectors_shown(city, chosen.with_(focus=None))
    clusters = board.clusters.loc[visible].sort_values(c.TOTAL_CNY, ascending=False, na_position="last")
    if clusters.empty:
        st.info(t("filter.none_left"), icon=":material/filter_alt_off:")
        return
    parts = (
        city.districts.xs(board.area_id, level=c.DISTRICT_ID)
        if board.area_id in city.districts.index.get_level_values(c.DISTRICT_ID)
        else None
    )
    matched = matched_firms(board.dataset)
    here = matched[(matched[c.PLACE] == board.place) & (matched[c.DISTRICT_ID] == board.area_id)]
    pace = pace_of_clusters(board.plan, here, year=board.year)
    marks, kept = seals(look.theme, t.language), accounts_of(city)
    amounts = [kept.cell(str(s), board.area_id) for s in clusters.index]
    rows = []
    for (subsector_id, row), amount in zip(clusters.iterrows(), amounts, strict=True):
        withheld = is_withheld(row)
        known = row[c.FIRMS] > 0 and not withheld
        part = parts.loc[subsector_id] if known and parts is not None and subsector_id in parts.index else None
        rows.append(
            {
                "seal": marks[str(subsector_id)].data_uri(),
                "name": t(f"subsector.{subsector_id}"),
                "tier": t("word.withheld")
                if withheld
                else t.tier_mark(scale_tier(int(row[c.TOTAL_CNY])) if known else None),
                "total": float("nan") if amount is None else float(amount.shown_cny),
                "progress": _progress(row) if known else None,
                "gap": _gap(amount, t) if amount else t("word.withheld") if withheld else None,
                "firms": int(row[c.FIRMS]),
                "top1": row[c.TOP1_SHARE] * 100 if known else None,
                "share": _share_and_rank(part, kept.shares([str(subsector_id)]).get(board.area_id), t)
                if part is not None
                else t("word.withheld")
                if withheld
                else None,
                "pace": _pace(pace, str(subsector_id), t),
            }
        )
    table = pd.DataFrame(rows)
    stars = {mark: look.tier[tier] for tier, mark in TIER_STAR.items() if tier}
    muted = f"color:{look.palette.muted}"
    said = {
        "total": [t.amount(amount, unit=False) if amount else None for amount in amounts],
        "top1": [None if v != v else t.share(v) for v in clusters[c.TOP1_SHARE]],
    }
    top = (clusters[c.FIRMS] > 0) & clusters[c.TOP1_CNY].isna()
    withheld_rows = {"total": [is_withheld(row) for _, row in clusters.iterrows()], "top1": top.tolist()}
    worded = words_for_withheld(table, said, withheld_rows, t)
    painted = table.style.map(
        lambda v: f"background-color:{stars[v[0]][0]};color:{stars[v[0]][1]}" if v[:1] in stars else muted,
        subset=["tier"],
    )
    if is_old(board.year):
        painted = painted.map(lambda v: muted, subset=["total", "gap", "top1", "share"])
    if "total" not in worded:
        painted = painted.format(lambda v: "—" if v != v else t.money(v, unit=False), subset=["total"])
        for number_of_row, amount in enumerate(amounts):
            if amount is not None and amount.seems:
                painted = painted.format({"total": t.amount(amount, unit=False)}, subset=([number_of_row], ["total"]))
    wide = t.language == "en"
    rate = revenue_rate(board.plan) or 0
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    things = [Focus("cluster", str(s)) for s in clusters.index]
    st.dataframe(
        painted,
        hide_index=True,
        height="content",
        row_height=ROW_PX,
        placeholder="—",
        key=focused.bound_table("clusters", things),
        selection_mode="single-row",
        on_select=lambda: focused.table_selected("clusters", things),
        alt=t("district.clusters"),
        column_config={
            "seal": st.column_config.ImageColumn("", width=34, pinned=True),
            "name": text(t("field.subsector"), width=140 if wide else 86, pinned=True),
            "tier": text(t("field.tier"), width=104 if wide else 80),
            "total": text(t("measure.revenue"), width=80, alignment="right")
            if "total" in worded
            else number(t("measure.revenue"), width=70),
            "progress": st.column_config.ProgressColumn(
                t("field.progress"), min_value=0, max_value=100, format="%.0f%%", width=70, help=t("help.progress")
            ),
            "gap": text(t("field.gap"), width=150 if wide else 116),
            "firms": number(t("field.firms"), format="%d", width=46),
            "top1": text(t("field.top1"), width=64, help=t("help.top1"), alignment="right")
            if "top1" in worded
            else number(t("field.top1"), format="%.1f%%", width=64, help=t("help.top1")),
            "share": text(t("field.city_share"), width=96, help=t("help.rank"), alignment="right"),
            "pace": text(
                t("field.pace"),
                width=190 if wide else 136,
                help=t("help.pace", rate=f"{rate:.1%}", base=board.plan.period.base_year_assumed),
            ),
        },
    )
    for line in seeming(city, t, map(str, clusters.index), district_id=board.area_id):
        st.caption(caution(line))
    st.caption(t("district.derived"))
    if worded:
        st.caption(t("help.withheld"))


def _share_and_rank(part: "pd.Series[float]", share: float | None, t: Words) -> str:
    """Share of the city's cluster with the rank among the districts that have it; each only where it is released."""
    told = t("word.withheld") if share is None else t.share(share)
    return told if part[c.RANK] != part[c.RANK] else f"{told} · {int(part[c.RANK])}/{int(part[c.RANKED])}"


def _progress(row: "pd.Series[float]") -> float:
    upper = next_tier(int(row[c.TOTAL_CNY]))
    # in whole percent; what is not there yet never shows 100 %
    return 100.0 if upper is None else min(float(row[c.TOTAL_CNY]) / THRESHOLD_CNY[upper] * 100, 99.0)


def _gap(amount: Amount, t: Words) -> str:
    if amount.gap is None:
        return t("district.top_tier")
    return f"{t.tier(next_tier(amount.cny))} {t('card.gap', gap=t.amount(amount.gap, unit=False))}"


def _pace(pace: pd.DataFrame, subsector_id: str, t: Words) -> str | None:
    """Matched firms' distance to the path, with n; nothing when no firm was seen in both years."""
    if subsector_id not in pace.index:
        return None
    row = pace.loc[subsector_id]
    ahead = row[c.MATCHED_CNY] - row[c.PATH_CNY]
    key = "pace.ahead" if ahead >= 0 else "pace.behind"
    return t(key, gap=t.money(abs(ahead), unit=False), growth=f"{row[c.GROWTH]:+.1%}", n=int(row[c.MATCHED_FIRMS]))

"""专业化与增长: what a district is specialized in, how its firms grow, what may come; each with its interval or n."""

import pandas as pd
import streamlit as st

from clusters.goals import Board
from clusters.profile import FEWEST_FIRMS, DistrictProfile, district_profile
from clusters.prospects import district_growth, prospects
from data import columns as c
from views import state
from views.figures import subsectors_shown
from views.how_to_read import heading
from views.origin_bases import Figure
from views.profile_words import (
    finding_text,
    growth_sentences,
    growth_text,
    interval,
    mix_sentence,
    outlook_sentences,
    quotient,
    specialization_sentences,
)
from views.quotient_chart import chart_height, quotient_chart
from views.selection import Selection
from views.tokens import seals
from views.words import Words, plain

ROW_PX = 33
EXPLAINED = {
    "location_quotient": "location_quotient",
    "interval": "location_quotient_interval",
    "revenue": "bootstrap_location_quotient",
    "rank": "cluster_mapping_strength",
    "quadrant": "location_quotient",
    "mix": "herfindahl_index",
    "krugman": "krugman_index",
    "growth": "growth_interval",
    "outlook": "project",
}
"""What the words beside the heading explain, each with the measure that the page of methods has."""


def show_profile(board: Board, city: Board, chosen: Selection, t: Words) -> None:
    """Chart and sentences side by side, then every number in a table."""
    found = district_profile(board.dataset, board.area_id, year=board.year, place=board.place)
    note = t("profile.note", year=board.year, n=f"{found.firms:,}", of=f"{found.city_firms:,}")
    title = f"#### {t('profile.title')}　:small[:gray[{note}]] :small[:orange-badge[{t('word.derived')}]]"
    heading(title, "profile", t, parts=EXPLAINED, origin=Figure((), board.area_id, measure="profile"))
    if not found.firms:
        st.caption(t("profile.empty", year=board.year))
        return
    visible = set(subsectors_shown(city, chosen.with_(focus=None)))
    order = found.of_revenue.sort_values(c.LOCATION_QUOTIENT, ascending=False, na_position="last").index
    shown = [str(s) for s in order if s in visible]
    base_year = board.plan.period.base_year_assumed
    grown = district_growth(board.dataset, base_year=base_year or board.year, year=board.year, place=board.place)
    with st.container(key="profile", gap="small"):
        left, right = st.columns([1, 1.15], gap="medium")
        with left:
            _chart(found, shown, t)
        with right:
            ahead = prospects(board.dataset, board.area_id, plan_end=board.plan.period.end, place=board.place)
            _sentences(
                {
                    "specialization": specialization_sentences(found, t),
                    "mix": [mix_sentence(found, t)],
                    "growth": growth_sentences(grown, board.area_id, base_year, board.year, t),
                    "outlook": outlook_sentences(ahead, t),
                },
                t,
            )
        _table(found, grown, shown, t)
    st.caption(t("profile.limits", fewest=FEWEST_FIRMS, of=len(found.of_firms)))
    if board.dataset.release is not None:
        st.caption(t("profile.released"))


def _chart(found: DistrictProfile, shown: list[str], t: Words) -> None:
    present = [s for s in shown if found.of_firms[c.COUNT][s]]
    if not present:
        return
    st.echarts_chart(
        quotient_chart(found, present, state.look(), t),
        height=chart_height(present),
        alt=t("profile.chart_alt", year=found.year),
        key="quotients",
    )
    st.caption(t("profile.chart_note"))


def _sentences(said: dict[str, list[str]], t: Words) -> None:
    with st.container(border=True, gap="small"):
        for key, lines in said.items():
            st.markdown("  \n".join([f"**{t(f'profile.{key}')}**　{plain(lines[0])}", *map(plain, lines[1:])]))


def _table(found: DistrictProfile, grown: pd.DataFrame, shown: list[str], t: Words) -> None:
    marks = seals(state.look().theme, t.language)
    has_interval = found.revenue_basis == "firms_drawn"
    rows = []
    for s in shown:
        firms, revenue = found.of_firms.loc[s], found.of_revenue.loc[s]
        n = int(firms[c.COUNT])
        at = (found.district_id, s)
        rows.append(
            {
                "seal": marks[s].data_uri(),
                "name": t(f"subsector.{s}"),
                "n": f"{n:,}/{int(found.city_counts[s]):,}",
                "firms": quotient(firms[c.LOCATION_QUOTIENT]),
                "firms_limits": interval(firms[c.LOWER_LIMIT], firms[c.UPPER_LIMIT]),
                "revenue": quotient(revenue[c.LOCATION_QUOTIENT]),
                "revenue_limits": interval(revenue[c.LOWER_LIMIT], revenue[c.UPPER_LIMIT]),
                "without": quotient(revenue[c.WITHOUT_LARGEST]),
                "top1": t.share(revenue[c.TOP1_SHARE]) if revenue[c.TOP1_SHARE] == revenue[c.TOP1_SHARE] else "—",
                "rank": _rank(revenue) if n else "—",
                "finding": finding_text(firms[c.FINDING], revenue[c.FINDING] if has_interval and n else None, t),
                "quadrant": t(f"quadrant.{revenue[c.QUADRANT]}") if isinstance(revenue[c.QUADRANT], str) else "—",
                "growth": growth_text(grown.loc[at], t) if at in grown.index else "—",
            }
        )
    wide, text = t.language == "en", st.column_config.TextColumn
    heads = {
        "n": 72,
        "firms": 80,
        "firms_limits": 96,
        "revenue": 80,
        "revenue_limits": 104,
        "without": 76,
        "top1": 70,
        "rank": 56,
    }
    config = {
        name: text(
            t(f"profile_field.{name}"),
            width=width + (8 if wide else 0),
            help=t(f"profile_field_help.{name}"),
            alignment="right",
        )
        for name, width in heads.items()
    }
    st.dataframe(
        pd.DataFrame(rows, columns=["seal", "name", *heads, "finding", "growth", "quadrant"]),
        hide_index=True,
        height="content",
        row_height=ROW_PX,
        alt=t("profile.title"),
        column_config={
            "seal": st.column_config.ImageColumn("", width=34, pinned=True),
            "name": text(t("field.subsector"), width=140 if wide else 86, pinned=True),
            **config,
            "finding": text(t("profile_field.finding"), width=170, help=t("profile_field_help.finding")),
            "quadrant": text(t("profile_field.quadrant"), width=160, help=t("profile_field_help.quadrant")),
            "growth": text(t("profile_field.growth"), width=230, help=t("profile_field_help.growth")),
        },
    )


def _rank(revenue: "pd.Series[float]") -> str:
    rank, ranked = revenue[c.QUOTIENT_RANK], revenue[c.REGIONS_RANKED]
    return "—" if rank != rank else f"{int(rank)}/{int(ranked)}"

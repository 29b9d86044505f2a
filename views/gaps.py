"""缺口: what would close the gap of a cluster, by whom its tier stands, when it may cross, and what if."""

from dataclasses import replace
from typing import Any

import streamlit as st

from clusters.tiers import ScaleTier, scale_tier
from views import frame, links, loaded, state
from views.document import Document
from views.document_downloads import document_downloads
from views.gaps_answer import GapPage, beside_of, gap_page, play, settled
from views.gaps_asked import show_assumptions, show_choices
from views.gaps_charts import chart_height, fan_chart, mixes_chart
from views.gaps_document import gaps_document
from views.gaps_scenario import show_scenario
from views.gaps_show import show_table
from views.gaps_tables import chance_table, left_table, mixes_table
from views.gaps_text import rate
from views.gaps_words import (
    chance_basis,
    chance_sentences,
    gap_text,
    growth_words,
    left_sentence,
    scope,
    summary,
    target_text,
    total_text,
)
from views.how_to_read import how_to_read
from views.origin import origin_button
from views.origin_bases import Figure
from views.selection import Selection
from views.stale import aged, is_old
from views.words import Words, plain

PAGE = "gaps"
FAN_PX = 300
ORIGINS = {"gap_mixes": "mixes", "gap_left": "dependence", "gap_fan": "outlook"}


def show() -> None:
    """The page."""
    chosen = state.current()
    t = loaded.words_of(chosen)
    page = gap_page(chosen)
    controls = frame.head(t("page.gaps"), frame.sample_lead(page.city, t), chosen, t)
    frame.year_control(page.city, controls, t)
    document_downloads(
        controls, lambda: _document(page, chosen, t), f"jiqun-gap-{page.closing.year}-{page.closing.until}", t,
        key="gap_document",
    )  # fmt: skip
    show_choices(page, chosen, t)
    _head_card(page, t)
    _mixes(page, t)
    left, right = st.columns([1, 1.35], gap="medium")
    with left:
        _by_whom(page, t)
    with right:
        _when(page, t)
    show_scenario(page.city, page.closing.until, settled(page, chosen), t)
    frame.foot(page.city, t)


def _document(page: GapPage, chosen: Selection, t: Words) -> Document:
    until = page.closing.until
    played, beside = play(chosen.gaps.scenario, page.city, until), beside_of(chosen.gaps, page.city, until)
    return gaps_document(page, played, beside, t, link=links.whole_link(PAGE, settled(page, chosen)))


# where it stands -------------------------------------------------------------------------------------------------


def _head_card(page: GapPage, t: Words) -> None:
    closing = page.closing
    with st.container(border=True, key=aged("gap_head", closing.year)):
        one, two, three = st.columns([1.1, 1, 1.25], gap="medium")
        one.metric(f"{plain(scope(page, t))} · {t.firms(closing.firms)}", total_text(page, t))
        badges = [] if closing.withheld or not closing.firms else [_tier_badge(page, t)]
        badges += [f":orange-badge[{t('word.derived')}]"] if page.district_id else []
        coverage = page.board.coverage
        said = t("lab.coverage", n=f"{coverage['firms']:,}", of=f"{coverage['of_firms']:,}", year=closing.year)
        one.markdown(f":small[{'　'.join([*badges, said])}]")
        origin_button(one, _figure(page), t, key="gap_total")
        two.metric(t("lab.gap_to", year=closing.until), _gap(page, t), target_text(page, t), **_OFF)
        asked = closing.required
        three.metric(
            t("lab.required"),
            rate(asked.required_growth) if asked is not None else "—",
            t("lab.pace", pace=t.money(asked.linear_pace)) if asked is not None else None,
            **_OFF,
        )
        seen = page.observed
        if not closing.withheld:
            observed = growth_words(seen.growth, seen.growth_from, seen.year, t)
            area = t("lab.of_city") if seen.growth_area == "city" else ""
            three.markdown(f":small[{plain(t('lab.observed', growth=observed) + area)}]")
        st.markdown("  \n".join(plain(line) for line in summary(page, t)))


_OFF: dict[str, Any] = {"delta_color": "off", "delta_arrow": "off"}


def _gap(page: GapPage, t: Words) -> str:
    closing = page.closing
    if closing.gap_cny is None:
        return t("word.withheld") if closing.withheld else "—"
    return t("card.gap", gap=gap_text(page, t)) if closing.gap_cny else t("lab.no_gap")


def _tier_badge(page: GapPage, t: Words) -> str:
    tier = scale_tier(page.closing.total_cny)
    badge = {ScaleTier.CNY_1E11: ":violet-badge[{}]", ScaleTier.CNY_1E10: ":blue-badge[{}]"}
    return badge.get(tier or ScaleTier.BELOW, ":gray-badge[{}]").format(t.tier_mark(tier))


# what closes it --------------------------------------------------------------------------------------------------


def _heading(title: str, note: str, key: str, method: str, page: GapPage, t: Words) -> None:
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    label = f" :small[:orange-badge[{t('word.derived')}]]" if page.district_id else ""
    bar.markdown(f"#### {title}　:small[:gray[{note}]]{label}")
    how_to_read(bar, key, t, method=method, origin=replace(_figure(page), measure=ORIGINS[key]))


def _figure(page: GapPage) -> Figure:
    """The total that the page begins with."""
    return Figure((page.subsector_id,) if page.subsector_id else (), page.district_id or "")


def _mixes(page: GapPage, t: Words) -> None:
    closing = page.closing
    _heading(t("lab.mixes"), t("lab.mixes_note", until=closing.until), "gap_mixes", "close_gap", page, t)
    if closing.withheld:
        st.info(t("gaps.withheld"), icon=":material/lock:")
        return
    left, right = st.columns([1.75, 1], gap="medium")
    with left:
        if closing.mixes:
            show_table(mixes_table(page, t), "gap_mixes", t)
            if any(mix.typical is not None for mix in closing.mixes):
                st.echarts_chart(
                    mixes_chart(closing.mixes, state.look(), t),
                    height=chart_height(len(closing.mixes)),
                    alt=t("lab.mixes_alt", until=closing.until),
                    key="gap_mixes_chart",
                )
        else:
            st.info(t("lab.top" if closing.target_cny is None else "lab.nothing_to_close"), icon=":material/flag:")
    with right, st.container(border=True, key="gap_assumed", gap="small"):
        show_assumptions(page, t)


# by whom, when ---------------------------------------------------------------------------------------------------


def _by_whom(page: GapPage, t: Words) -> None:
    _heading(t("lab.by_whom"), t("lab.by_whom_note"), "gap_left", "without_largest", page, t)
    if page.closing.withheld:
        st.info(t("gaps.withheld"), icon=":material/lock:")
        return
    st.markdown(plain(left_sentence(page, t)))
    if len(page.left):
        show_table(left_table(page, t), "gap_left", t, is_old=is_old(page.board.year))


def _when(page: GapPage, t: Words) -> None:
    _heading(t("lab.when"), t("lab.when_note", unit=t.money_unit), "gap_fan", "project", page, t)
    lines = chance_sentences(page, t)
    if page.outlook is None:
        st.info(plain(lines[0]), icon=":material/inbox:")
        return
    st.markdown("  \n".join(map(plain, lines)))
    st.echarts_chart(
        fan_chart(page, state.look(), t),
        height=FAN_PX,
        alt=t("lab.fan_alt", scope=scope(page, t), target=target_text(page, t)),
        key="gap_fan",
    )
    show_table(chance_table(page, t), "gap_chances", t)
    for line in chance_basis(page, t):
        st.caption(plain(line))
    if page.board.dataset.release is not None:
        st.caption(plain(t("gaps.free_only")))

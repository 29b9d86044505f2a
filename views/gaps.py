"""缺口: what would close the gap of a cluster, by whom its tier stands, when it may cross, and what if."""

from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from clusters.tiers import ScaleTier, scale_tier
from data import columns as c
from views import frame, links, loaded, state
from views.document import Document
from views.document_downloads import document_downloads
from views.figures import accounts_of, is_withheld
from views.gaps_answer import GapPage, beside_of, gap_page, play, settled
from views.gaps_charts import chart_height, fan_chart, mixes_chart
from views.gaps_choices import ALL, TIER_TARGETS
from views.gaps_document import gaps_document
from views.gaps_scenario import show_scenario
from views.gaps_show import show_table
from views.gaps_tables import chance_table, left_table, mixes_table
from views.gaps_text import assumed_lines, rate
from views.gaps_words import (
    chance_basis,
    chance_sentences,
    district_names,
    gap_text,
    growth_words,
    left_sentence,
    scope,
    subsector_name,
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
OWN = "own"
YEARS_LISTED = 15
FAN_PX = 300
ORIGINS = {"gap_mixes": "mixes", "gap_left": "dependence", "gap_fan": "outlook"}
UNIT_ZH, UNIT_EN = 10**8, 10**9


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
    _choices(page, chosen, t)
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


# choices ---------------------------------------------------------------------------------------------------------


def _choices(page: GapPage, chosen: Selection, t: Words) -> None:
    """Cluster, area, target, year and reading of place, in one row."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="gap_choices")
    options = [*map(str, page.board.clusters.index), ALL]
    shown = {s: _option(page, s, t) for s in options}
    row.selectbox(
        t("field.subsector"),
        options,
        format_func=lambda s: shown[s],
        width=330,
        key=state.bound("gap_subsector", page.subsector_id or ALL),
        on_change=state.changed_on,
        args=(PAGE, "subsector", "gap_subsector"),
    )
    names = district_names(page.board.dataset, t)
    row.selectbox(
        t("lab.area"),
        ["", *map(str, page.board.dataset.districts.index)],
        format_func=lambda d: names[d] if d else t("city"),
        width=170,
        key=state.bound("gap_area", chosen.gaps.area),
        on_change=state.changed_on,
        args=(PAGE, "area", "gap_area"),
    )
    _target_choice(row, page, chosen, t)
    year, until = page.board.year, page.closing.until
    row.selectbox(
        t("lab.until"),
        sorted({*range(year + 1, year + 1 + YEARS_LISTED), until}),
        width=110,
        key=state.bound("gap_until", until),
        on_change=state.changed_on,
        args=(PAGE, "until", "gap_until"),
    )
    row.segmented_control(
        t("field.place"),
        ["registered", "operating"],
        format_func=lambda p: t(f"place.{p}"),
        required=True,
        key=state.bound("gap_place", chosen.place),
        on_change=state.changed,
        args=("place", "gap_place"),
    )


def _option(page: GapPage, subsector: str, t: Words) -> str:
    """A cluster with its total and gap."""
    kept, district_id, name = accounts_of(page.city), page.district_id, subsector_name(_id(subsector), t)
    if subsector == ALL:
        withheld = kept.withholds(district_id=district_id)
        return f"{name} · {t.amount(kept.total(district_id=district_id), withheld=withheld)}"
    row = page.board.clusters.loc[subsector]
    amount = kept.total(subsectors=[subsector], district_id=district_id) if row[c.FIRMS] else None
    total = t.amount(amount, withheld=is_withheld(row))
    if amount is None:
        return f"{name} · {total}"
    gap = t("lab.at_top") if amount.gap is None else t("card.gap", gap=t.amount(amount.gap))
    return f"{name} · {total} · {gap}"


def _id(subsector: str) -> str | None:
    return None if subsector == ALL else subsector


def _target_choice(row: DeltaGenerator, page: GapPage, chosen: Selection, t: Words) -> None:
    """The next tier, one of the tiers, or an own figure."""
    asked = chosen.gaps.target
    own = bool(asked) and asked not in TIER_TARGETS
    words = {"": t("lab.next_tier"), OWN: t("lab.own_target")}
    row.selectbox(
        t("lab.target"),
        ["", *TIER_TARGETS, OWN],
        format_func=lambda k: words.get(k) or t.tier(ScaleTier(k)),
        width=140,
        key=state.bound("gap_target", OWN if own else asked),
        on_change=_target_changed,
        args=(page.closing.target_cny,),
    )
    if own:
        row.number_input(
            t("lab.own_in", unit=t.money_unit),
            min_value=0.01,
            max_value=1e9,
            format="%.2f",
            width=150,
            key=state.bound("gap_own", float(t.money_value(int(asked)) or 0.01)),
            on_change=_money_changed,
            args=("target", "gap_own", _unit(t)),
        )


def _target_changed(now_cny: int | None) -> None:
    asked = st.session_state["gap_target"]
    state.choose_on(PAGE, target=str(now_cny or 10**12) if asked == OWN else asked)


def _unit(t: Words) -> int:
    return UNIT_ZH if t.language == "zh" else UNIT_EN


def _money_changed(field: str, key: str, unit: int) -> None:
    value = st.session_state[key]
    cny = None if value is None else max(round(value * unit), 1)
    state.choose_on(PAGE, **{field: str(cny or 1) if field == "target" else cny})


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
        _assumptions(page, t)


def _assumptions(page: GapPage, t: Words) -> None:
    """Three numbers that a reader may change; what was observed stands in and under them."""
    chosen, seen = page.chosen, page.observed
    st.markdown(f"**{t('lab.assumed')}**　:small[:gray[{t('lab.assumed_note')}]]")
    growth = seen.growth.growth if seen.growth is not None and seen.growth.growth == seen.growth.growth else None
    shown_growth = chosen.growth if chosen.growth is not None else growth
    size = seen.size.median_cny if seen.size is not None and seen.size.median_cny > 0 else None
    shown_size = chosen.firm_cny or size
    one, two, three = st.columns(3, gap="small")
    one.number_input(
        t("lab.growth_in"),
        min_value=-99.0,
        max_value=1000.0,
        step=1.0,
        format="%.1f",
        placeholder=t("lab.unknown"),
        key=state.bound("gap_growth", None if shown_growth is None else round(shown_growth * 100, 2)),
        on_change=_growth_changed,
    )
    two.number_input(
        t("lab.firm_in", unit=t.money_unit),
        min_value=0.001,
        max_value=1e8,
        step=1.0,
        format="%.2f",
        placeholder=t("lab.unknown"),
        key=state.bound("gap_firm", t.money_value(shown_size)),
        on_change=_money_changed,
        args=("firm_cny", "gap_firm", _unit(t)),
    )
    three.number_input(
        t("lab.floor_in"),
        min_value=1,
        max_value=10**9,
        step=1_000,
        placeholder=t("lab.unknown"),
        key=state.bound("gap_floor", chosen.floor_m2),
        on_change=state.changed_on,
        args=(PAGE, "floor_m2", "gap_floor"),
    )
    stated = {"growth": chosen.growth, "firm_cny": chosen.firm_cny, "floor_m2": chosen.floor_m2}
    changed = [t(f"lab.stated_{name}") for name, value in stated.items() if value is not None]
    if changed:
        st.markdown(f":small[:orange-badge[:material/edit: {t('lab.stated', what=t.listed(changed))}]]")
    st.button(
        t("lab.reset"),
        icon=":material/restart_alt:",
        type="tertiary",
        disabled=not changed,
        key="gap_reset",
        on_click=lambda: state.choose_on(PAGE, growth=None, firm_cny=None, floor_m2=None),
    )
    st.markdown("\n".join(f"- :small[{plain(line)}]" for line in assumed_lines(seen, t)))
    if page.board.dataset.release is not None:
        st.caption(plain(t("gaps.free_only")))


def _growth_changed() -> None:
    value = st.session_state["gap_growth"]
    state.choose_on(PAGE, growth=None if value is None else round(value / 100, 4) + 0.0)


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

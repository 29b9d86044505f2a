"""What a reader asks of the gap lab: cluster, area, target and year in a row, and the assumptions of the mixes."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from clusters.tiers import ScaleTier
from data import columns as c
from views import state
from views.figures import accounts_of, is_withheld
from views.gaps_answer import GapPage
from views.gaps_choices import ALL, TIER_TARGETS
from views.gaps_text import assumed_lines
from views.gaps_words import (
    district_names,
    subsector_name,
)
from views.selection import Selection
from views.words import Words, plain

PAGE = "gaps"
OWN = "own"
YEARS_LISTED = 15


def show_choices(page: GapPage, chosen: Selection, t: Words) -> None:
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


def show_assumptions(page: GapPage, t: Words) -> None:
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
        args=("firm_cny", "gap_firm", t.money_scale),
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
            args=("target", "gap_own", t.money_scale),
        )


def _target_changed(now_cny: int | None) -> None:
    asked = st.session_state["gap_target"]
    state.choose_on(PAGE, target=str(now_cny or 10**12) if asked == OWN else asked)


def _money_changed(field: str, key: str, unit: int) -> None:
    value = st.session_state[key]
    cny = None if value is None else max(round(value * unit), 1)
    state.choose_on(PAGE, **{field: str(cny or 1) if field == "target" else cny})


def _growth_changed() -> None:
    value = st.session_state["gap_growth"]
    state.choose_on(PAGE, growth=None if value is None else round(value / 100, 4) + 0.0)

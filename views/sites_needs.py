"""The firm that looks for a site: its subsector, what it needs, and what matters to it, as sliders or two by two."""

from collections.abc import Callable

import streamlit as st

from clusters.goals import Board
from clusters.site_records import (
    CHAIN_FIRMS,
    CLUSTER_STRENGTH,
    CRITERIA,
    DEFAULT_WEIGHTS,
    FLOOR_AREA,
    FOCUS,
    MOMENTUM,
    NEAR,
    NEIGHBORHOODS_M,
    RENT,
    VACANT_AREA,
)
from clusters.siting import SiteRanking
from data import columns as c
from data.hub_kinds import HUB_KINDS
from views import state
from views.selection import PLACES, Selection
from views.sites_choices import (
    MOST_FLOOR_M2,
    MOST_REACH_M,
    MOST_RENT,
    MOST_WEIGHT,
    PRESETS,
    WEIGHT_STEP,
    WEIGHTINGS,
    Named,
    SitesChoices,
    differing,
)
from views.sites_facts import off_lines
from views.sites_pairs import show_pairs
from views.words import Words, plain

FIRST_SLIDERS = (CHAIN_FIRMS, CLUSTER_STRENGTH, "near_metro", MOMENTUM, FOCUS, FLOOR_AREA, VACANT_AREA, RENT)
FURTHER_SLIDERS = tuple(name for name in CRITERIA if name.startswith(NEAR) and name not in FIRST_SLIDERS)


def show_needs(board: Board, chosen: Selection, ranking: SiteRanking | None, t: Words) -> None:
    """The card at the left."""
    mine = chosen.sites
    with st.container(border=True, key="needs"):
        st.markdown(f"#### {t('sites.firm')}")
        _firm(board, mine, t)
        _further(board, chosen, t)
        if not mine.subsector:
            return
        bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
        bar.markdown(f"#### {t('sites.weights')}", width="content")
        bar.button(
            t("sites.reset"), icon=":material/restart_alt:", type="tertiary", key="reset_weights", on_click=_reset
        )
        st.segmented_control(
            t("sites.weighting"),
            WEIGHTINGS,
            format_func=lambda w: t(f"sites.by_{w}"),
            required=True,
            label_visibility="collapsed",
            key=state.bound("weighting", mine.weighting),
            on_change=state.changed_on,
            args=("sites", "weighting", "weighting"),
        )
        off = set() if ranking is None else set(ranking.off)
        if mine.weighting == "pairs":
            show_pairs(mine, off, t)
        else:
            _sliders(mine, off, t)
        if ranking is not None and off:
            st.markdown(f":small[**{t('sites.off_title')}**]")
            for line in off_lines(ranking, t):
                st.caption(plain(line))


def _firm(board: Board, mine: SitesChoices, t: Words) -> None:
    subsectors = [s.id for s in board.plan.subsectors]
    st.selectbox(
        t("sites.subsector"),
        subsectors,
        index=None,
        format_func=lambda s: t(f"subsector.{s}"),
        placeholder=t("sites.subsector_ask"),
        key=state.bound("site_subsector", mine.subsector or None),
        on_change=_subsector_changed,
    )
    st.multiselect(
        t("sites.chain"),
        [s for s in subsectors if s != mine.subsector],
        format_func=lambda s: t(f"subsector.{s}"),
        placeholder=t("sites.chain_none"),
        help=t("sites.chain_help"),
        key=state.bound("site_chain", list(mine.chain)),
        on_change=_chain_changed,
        args=(subsectors,),
    )
    st.segmented_control(
        t("sites.near"),
        NEIGHBORHOODS_M,
        format_func=lambda m: t("sites.km", km=f"{m / 1000:g}"),
        required=True,
        key=state.bound("site_near", mine.near),
        on_change=state.changed_on,
        args=("sites", "near", "site_near"),
    )


def choose_subsector(subsector: str) -> None:
    """Look for a site for a firm of this subsector."""
    held = state.current().sites
    state.choose_on("sites", subsector=subsector, chain=tuple(s for s in held.chain if s != subsector))


def _subsector_changed() -> None:
    choose_subsector(st.session_state["site_subsector"] or "")


def _chain_changed(subsectors: list[str]) -> None:
    asked = st.session_state["site_chain"]
    state.choose_on("sites", chain=tuple(s for s in subsectors if s in asked))


def _further(board: Board, chosen: Selection, t: Words) -> None:
    """Conditions; their number stands on the lid."""
    mine, districts = chosen.sites, board.dataset.districts
    active = sum((bool(mine.floor), bool(mine.rent), bool(mine.area), len(mine.reach), chosen.place != "registered"))
    label = t("sites.conditions_n", n=active) if active else t("sites.conditions")
    with st.expander(label, icon=":material/tune:", expanded=bool(active)):
        st.caption(t("sites.conditions_note"))
        names = districts[c.NAME if t.language == "zh" else c.NAME_EN]
        st.selectbox(
            t("field.district"),
            ["", *districts.index],
            format_func=lambda d: names[d] if d else t("sites.whole_city"),
            key=state.bound("site_area", mine.area),
            on_change=state.changed_on,
            args=("sites", "area", "site_area"),
        )
        left, right = st.columns(2, gap="small")
        _number(left, "floor", t("sites.floor"), mine.floor, MOST_FLOOR_M2, t("sites.floor_help"))
        _number(right, "rent", t("sites.rent"), mine.rent, MOST_RENT, t("sites.rent_help"))
        reach = {each.name: int(each.number) for each in mine.reach}
        st.markdown(f":small[{t('sites.reach')}]")
        places = st.columns(2, gap="small")
        for at, kind in enumerate(HUB_KINDS):
            places[at % 2].number_input(
                t(f"hub_kind.{kind}"),
                min_value=0,
                max_value=MOST_REACH_M,
                step=500,
                key=state.bound(f"reach_{kind}", reach.get(kind, 0)),
                on_change=_reach_changed,
            )
        st.segmented_control(
            t("field.place"),
            PLACES,
            format_func=lambda p: t(f"place.{p}"),
            required=True,
            key=state.bound("site_place", chosen.place),
            on_change=state.changed,
            args=("place", "site_place"),
            help=t("sites.place_help"),
        )


def _number(
    where: st.delta_generator.DeltaGenerator, field: str, label: str, value: int, most: int, said: str
) -> None:  # fmt: skip
    where.number_input(
        label,
        min_value=0,
        max_value=most,
        step=1_000 if field == "floor" else 10,
        help=said,
        key=state.bound(f"site_{field}", value),
        on_change=_number_changed,
        args=(field,),
    )


def _number_changed(field: str) -> None:
    state.choose_on("sites", **{field: int(st.session_state[f"site_{field}"] or 0)})


def _reach_changed() -> None:
    asked = {kind: int(st.session_state.get(f"reach_{kind}") or 0) for kind in HUB_KINDS}
    state.choose_on("sites", reach=tuple(Named(kind, m) for kind, m in asked.items() if m))


def _sliders(mine: SitesChoices, off: set[str], t: Words) -> None:
    bar = st.container(horizontal=True, gap="small", key="presets")
    for name in PRESETS:
        bar.button(t(f"sites.preset_{name}"), key=f"preset_{name}", type="tertiary", on_click=_preset(name))
    held = mine.weight_of()
    for name in FIRST_SLIDERS:
        if name not in off:
            _slider(name, held[name], t)
    further = [name for name in FURTHER_SLIDERS if name not in off]
    if further:
        with st.expander(t("sites.further_hubs")):
            for name in further:
                _slider(name, held[name], t)


def _slider(name: str, value: float, t: Words) -> None:
    st.slider(
        t(f"site.criterion.{name}"),
        0.0,
        MOST_WEIGHT,
        step=WEIGHT_STEP,
        format="%.1f",
        key=state.bound(f"weight_{name}", float(value)),
        on_change=_weight_changed,
        args=(name,),
    )


def _weight_changed(name: str) -> None:
    held = state.current().sites
    state.choose_on("sites", weights=held.with_weights({name: float(st.session_state[f"weight_{name}"])}))


def _preset(name: str) -> Callable[[], None]:
    return lambda: state.choose_on(
        "sites", weighting="sliders", weights=differing(dict(DEFAULT_WEIGHTS) | PRESETS[name])
    )


def _reset() -> None:
    usual = SitesChoices()
    state.choose_on("sites", weights=usual.weights, compared=usual.compared, judged=usual.judged)

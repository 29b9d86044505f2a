"""The filters that both pages share: subsectors, tier, where revenue counts, precision of the places drawn."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from clusters.goals import Board
from data import columns as c
from data.known_firms import known_firms
from views import state
from views.selection import PLACES, PRECISIONS, TIERS, Selection
from views.words import Words


def filters(board: Board, chosen: Selection, t: Words, where: DeltaGenerator) -> None:
    """Subsectors, tier, place and precision; the number of active ones stands on the button."""
    active = sum((bool(chosen.subsectors), chosen.tier != "all", bool(chosen.precisions), chosen.place != "registered"))
    precisions = set(known_firms(board.dataset)[c.LOCATION_PRECISION])
    label = t("filter.title_n", n=active) if active else t("filter.title")
    with where.popover(label, icon=":material/tune:"):
        st.pills(
            t("field.subsectors"),
            [s.id for s in board.plan.subsectors],
            format_func=lambda s: t(f"subsector.{s}"),
            selection_mode="multi",
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
            help=_place_help(board, t),
        )
        st.segmented_control(
            t("field.precisions"),
            [p for p in PRECISIONS if p in precisions],
            format_func=lambda p: t(f"precision.{p}"),
            selection_mode="multi",
            key=state.bound("precisions", list(chosen.precisions)),
            on_change=state.changed,
            args=("precisions", "precisions"),
            help=t("filter.precision_help"),
        )
        if active:
            st.button(t("filter.clear"), icon=":material/restart_alt:", on_click=_clear_filters, key="clear_filters")


def _place_help(board: Board, t: Words) -> str:
    share = board.coverage["elsewhere_share"]
    said = t("word.withheld") if share is None and board.dataset.release is not None else t.share(share)
    return t("filter.place_help", share=said)


def _clear_filters() -> None:
    state.choose(subsectors=(), tier="all", place="registered", precisions=())

"""The part of the overview that lists clusters on the ground: the way in, the progress, the table and the sum."""

import pandas as pd
import streamlit as st

from clusters.found_clusters import FoundClusters
from clusters.goals import Board
from views import focused, ground_search, signed_in, state
from views.figures import scope_words
from views.ground_facts import Ground, ground_of, what_it_tells
from views.ground_search import LAYER, Search
from views.how_to_read import how_to_read
from views.origin_bases import Figure
from views.selection import Focus, Selection
from views.words import TIER_STAR, Words, caution, plain

LOOK_EVERY_S = 1.0
PATIENCE_S, PATIENCE_MANY_S = 1.5, 0.5
"""What is found so soon comes without a bar."""
ROW_PX, MOST_ROWS = 33, 12


def begin_search(board: Board, chosen: Selection) -> bool:
    """Start what the reader asks for, before the map is drawn; whether the map can show all that was asked for."""
    search = ground_search.search(board, chosen)
    patience = PATIENCE_MANY_S if board.dataset.has_many_firms else PATIENCE_S
    return search is None or search.is_over(within_s=patience)


def show_ground(board: Board, chosen: Selection, t: Words, *, drawn: bool) -> None:
    """Clusters on the ground under the matrix; what the map above could not draw yet waits for the next run."""
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    scope = scope_words(board, chosen.with_(focus=None), t)
    note = " · ".join(part for part in (scope, t("ground.note", unit=t.money_unit)) if part)
    bar.markdown(f"#### {t('ground.title')}　:small[:gray[{plain(note)}]]", width="content")
    how_to_read(bar, "ground", t, method="find_clusters", origin=Figure(measure="ground"))
    if not ground_search.is_offered(board.dataset):
        st.info(t("ground.withheld"), icon=":material/lock:")
        return
    if LAYER not in chosen.show:
        bar.button(
            t("ground.find"), icon=":material/travel_explore:", key="find_ground", on_click=_switched, args=(True,)
        )
        st.caption(t("ground.lead"))
        return
    bar.button(t("ground.close"), icon=":material/close:", key="close_ground", on_click=_switched, args=(False,))
    search = ground_search.search(board, chosen)
    if search is None:
        st.info(t("filter.none_left"), icon=":material/filter_alt_off:")
    elif not drawn:
        _show_progress(search, t)
    elif search.found is not None:
        _show_found(search.found, board, chosen, t)
    elif search.failed:
        st.error(t("ground.failed"), icon=":material/error:")
        st.button(t("ground.again"), key="again_ground", on_click=ground_search.forget, args=(board, chosen))
    else:
        _show_progress(search, t)


def say_searching(board: Board, chosen: Selection, t: Words) -> None:
    """Beside a map whose layer is still to come: that it is searched for."""
    search = ground_search.search(board, chosen)
    if search is not None and not search.is_over():
        st.caption(f":material/hourglass_top: {plain(t('ground.searching'))}")


def _switched(on: bool) -> None:
    others = [layer for layer in state.current().show if layer != LAYER]
    state.choose(show=(*((LAYER,) if on else ()), *others))


@st.fragment(run_every=LOOK_EVERY_S)
def _show_progress(search: Search, t: Words) -> None:
    """How far the search is; this part alone looks again, and the page with it once it is over."""
    signed_in.rerun_when_changed()
    if search.is_over():
        st.rerun()
    if not search.total:
        st.progress(0.0, t("ground.starting"))
    else:
        said = t(f"ground.stage_{search.stage}", done=f"{search.done:,}", total=f"{search.total:,}")
        st.progress(min(1.0, search.done / search.total), said)
    st.caption(t("ground.goes_on"))


def _show_found(found: FoundClusters, board: Board, chosen: Selection, t: Words) -> None:
    told = ground_of(found, board, chosen, t)
    if told.clusters:
        _table(told, t)
    else:
        st.info(t("ground.none", least=f"{found.facts['min_firms']:,}"), icon=":material/inbox:")
    focus = chosen.focus
    if focus and focus.kind == "ground" and int(focus.id) not in found.clusters.index:
        st.info(t("ground.no_such", n=focus.id), icon=":material/location_off:")
    st.markdown(_sum(told, t))
    st.caption(plain(t.sentences(what_it_tells(found, board, t))))


def _table(told: Ground, t: Words) -> None:
    look, wide = state.look(), t.language == "en"
    table = pd.DataFrame(
        {
            "n": [one.cluster_id for one in told.clusters],
            "tier": [t.tier_mark(one.amount.tier) for one in told.clusters],
            "total": [float(one.amount.shown_cny) for one in told.clusters],
            "firms": [one.firms for one in told.clusters],
            "districts": [one.districts for one in told.clusters],
            "subsectors": [one.subsectors for one in told.clusters],
            "top": [one.top_firm for one in told.clusters],
            "top1": [one.top1_share for one in told.clusters],
            "stability": [one.stability_words for one in told.clusters],
        }
    )
    stars = {mark: look.tier[tier] for tier, mark in TIER_STAR.items() if tier}
    painted = table.style.format(lambda v: t.money(v, unit=False), subset=["total"]).format(
        lambda v: "—" if v != v else t.share(v), subset=["top1"]
    )
    painted = painted.map(
        lambda v: f"background-color:{stars[v[0]][0]};color:{stars[v[0]][1]}" if v[:1] in stars else "", subset=["tier"]
    )
    for row, one in enumerate(told.clusters):
        if one.amount.seems:  # the shown figure alone would get a star
            painted = painted.format({"total": t.amount(one.amount, unit=False)}, subset=([row], ["total"]))
    things = [Focus("ground", str(one.cluster_id)) for one in told.clusters]
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    st.dataframe(
        painted,
        hide_index=True,
        height="content" if len(table) <= MOST_ROWS else ROW_PX * (MOST_ROWS + 1),
        row_height=ROW_PX,
        key=focused.bound_table("ground", things),
        selection_mode="single-row",
        on_select=lambda: focused.table_selected("ground", things),
        alt=t("ground.title"),
        column_config={
            "n": number(t("ground.number"), format="%d", width=54, pinned=True),
            "tier": text(t("field.tier"), width=120 if wide else 92),
            "total": number(t("measure.revenue"), width=90),
            "firms": number(t("field.firms"), format="localized", width=64),
            "districts": text(t("ground.districts"), width=230),
            "subsectors": text(t("ground.subsectors"), width=230),
            "top": text(t("field.top_firm"), width=130),
            "top1": number(t("field.top1"), width=76, help=t("help.top1")),
            "stability": text(t("ground.stable_field"), width=190, help=t("ground.stability_help")),
        },
    )
    for one in told.clusters:
        if one.amount.seems and one.amount.gap:
            said = t("ground.seems", n=one.cluster_id, tier=t.tier(one.amount.seems), gap=f"{one.amount.gap.cny:,}")
            st.caption(caution(said))


def _sum(told: Ground, t: Words) -> str:
    """Clusters and the rest as the sum that they are."""
    in_clusters = (sum(one.amount.shown_cny for one in told.clusters), sum(one.firms for one in told.clusters))
    parts = {"clusters": in_clusters} | {why: (amount.shown_cny, n) for why, (amount, n) in told.rest.items()}
    said = [
        t("ground.part", what=t(f"ground.rest_{why}"), value=t.money(shown, unit=False), n=f"{n:,}")
        for why, (shown, n) in parts.items()
    ]
    whole = t("ground.whole", what=told.scope or t("city_total"), value=t.money(told.city.shown_cny, unit=False),
              unit=t.money_unit, n=f"{told.firms:,}")  # fmt: skip
    return f"{plain(' + '.join(said))} = **{plain(whole)}**"

"""The shortlist: up to five parks beside each other, in an order that a reader sets, and the papers about them."""

from urllib.parse import urljoin

import pandas as pd
import streamlit as st

from clusters.goals import Board
from data import columns as c
from views import focused, links, state
from views.document_downloads import document_downloads
from views.how_to_read import how_to_read
from views.origin_bases import Figure
from views.selection import Focus, Selection
from views.sites_choices import MOST_SHORTLISTED
from views.sites_document import sites_document
from views.sites_facts import Listing, comparison, name_of
from views.sites_ranked import take_off
from views.words import Words, plain

ROW_PX = 33


def show_shortlist(board: Board, chosen: Selection, listing: Listing, t: Words) -> None:
    """Parks that were put aside, compared; and the whole ranking to take away."""
    held = chosen.sites.shortlist
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    note = t("sites.shortlist_note", n=len(held), most=MOST_SHORTLISTED)
    bar.markdown(f"#### {t('sites.shortlist')}　:small[:gray[{note}]]", width="content")
    tools = bar.container(horizontal=True, vertical_alignment="center", width="content", gap="small", key="site_papers")
    how_to_read(tools, "sites_shortlist", t, origin=Figure(measure="park", among=held) if held else None)
    address = urljoin(st.context.url or "", links.link("sites", chosen))
    document_downloads(
        tools,
        lambda: sites_document(board, chosen, listing, t, link=address),
        f"jiqun-sites-{chosen.sites.subsector}-{board.year}",
        t,
        key="sites_paper",
    )
    _undo(board, held, t)
    if not held:
        st.info(t("sites.shortlist_empty"), icon=":material/bookmark:")
        return
    columns = st.columns(MOST_SHORTLISTED, gap="small")
    for at, park_id in enumerate(held):
        _entry(columns[at], board, held, at, park_id, t)
    _table(listing, held, t)
    st.caption(t("sites.compared_note"))


def _undo(board: Board, held: tuple[str, ...], t: Words) -> None:
    """Bring back what was taken off last."""
    removed, before = st.session_state.get("shortlist_before", ("", ()))
    if not removed or removed in held or removed not in board.dataset.parks.index:
        return
    line = st.container(horizontal=True, vertical_alignment="center", gap="small")
    line.markdown(f":small[{t('sites.taken_off', name=plain(name_of(board.dataset, removed)))}]", width="content")
    line.button(t("sites.undo"), icon=":material/undo:", type="tertiary", key="undo", on_click=_bring_back,
                args=(before,))  # fmt: skip


def _bring_back(before: tuple[str, ...]) -> None:
    st.session_state.pop("shortlist_before", None)
    state.choose_on("sites", shortlist=before)


def _entry(
    where: st.delta_generator.DeltaGenerator, board: Board, held: tuple[str, ...], at: int, park_id: str, t: Words
) -> None:  # fmt: skip
    name = name_of(board.dataset, park_id)
    with where.container(border=True, key=f"shortlisted_{at + 1}", gap="small"):
        st.markdown(f"**{at + 1}　{plain(name)}**")
        row = st.container(horizontal=True, gap="small")
        for side, to, at_end in (("left", at - 1, at == 0), ("right", at + 1, at == len(held) - 1)):
            row.button(
                t(f"sites.move_{side}"), type="tertiary", key=f"{side}_{at + 1}", disabled=at_end, on_click=_move,
                args=(held, at, to),
            )  # fmt: skip
        row.button(t("sites.look"), type="tertiary", key=f"see_{at + 1}", on_click=focused.look_at,
                   args=(Focus("park", park_id),))  # fmt: skip
        row.button(t("sites.take_off"), type="tertiary", key=f"off_{at + 1}", on_click=take_off, args=(park_id,))


def _move(held: tuple[str, ...], at: int, to: int) -> None:
    order = list(held)
    order.insert(to, order.pop(at))
    state.choose_on("sites", shortlist=tuple(order))


def _table(listing: Listing, held: tuple[str, ...], t: Words) -> None:
    rows = comparison(listing, held, t)
    table = pd.DataFrame(
        [[row.name, *row.cells] for row in rows], columns=["criterion", *(f"park_{n}" for n in range(len(held)))]
    )
    text = st.column_config.TextColumn
    names = {f"park_{n}": listing.dataset.parks[c.NAME][p] for n, p in enumerate(held)}
    st.container(key="compared_sites").dataframe(
        table,
        hide_index=True,
        height="content",
        row_height=ROW_PX,
        alt=t("sites.shortlist"),
        column_config={
            "criterion": text(t("sites.criterion"), width=170 if t.language == "zh" else 230, pinned=True),
            **{column: text(name, width=190, alignment="right") for column, name in names.items()},
        },
    )

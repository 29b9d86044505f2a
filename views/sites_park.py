"""One park: what the data hold of it, its reasons, the firms of the chain around it, and a sheet to ask about it."""

import html
from urllib.parse import urljoin

import pandas as pd
import streamlit as st

from clusters.goals import Board
from clusters.site_neighbors import SiteNeighbors
from data import columns as c
from views import focused, links, state
from views.document_downloads import document_downloads
from views.how_to_read import how_to_read
from views.origin_bases import Figure
from views.selection import Selection
from views.sites_document import enquiry_document
from views.sites_facts import (
    Listing,
    firm_name,
    missing_text,
    name_of,
    neighbor_rows,
    park_facts,
    ranks_text,
    stability_text,
)
from views.sites_ranked import shortlist_button, show_reasons
from views.stale import is_old
from views.words import Words, plain

ROW_PX = 33
MOST_ROWS = 8
MOST_NAMED = 20


def show_park(
    board: Board, chosen: Selection, listing: Listing | None, park_id: str, near: SiteNeighbors | None, t: Words
) -> None:  # fmt: skip
    """Card, reasons and neighbors of the park in focus.

    Parameters
    ----------
    board : Board
    chosen : Selection
    listing : Listing or None
        The ranking, once there is one.
    park_id : str
    near : SiteNeighbors or None
        Firms of the chain around it; none without a subsector or a point.
    t : Words
    """
    with st.container(border=True, key="park"):
        bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
        bar.markdown(f"#### {plain(name_of(board.dataset, park_id))}", width="content")
        tools = bar.container(horizontal=True, vertical_alignment="center", width="content", gap="small")
        how_to_read(tools, "sites_park", t, origin=Figure(measure="park", among=(park_id,)))
        shortlist_button(tools, park_id, chosen, t, key="add_focus")
        tools.button(
            t("sites.close"), icon=":material/close:", type="tertiary", key="close_park", on_click=focused.look_at,
            args=(None,),
        )  # fmt: skip
        facts, reasons, around = st.columns([1, 1.25, 1.2], gap="medium")
        with facts:
            st.markdown(f"**{t('sites.card')}**")
            st.html(_facts_table(park_facts(board.dataset, park_id, t)))
            st.caption(t("sites.card_note"))
            address = urljoin(st.context.url or "", links.link("sites", chosen))
            sheet = st.container(horizontal=True, vertical_alignment="center", gap="small")
            sheet.markdown(f"**{t('sites.enquiry')}**", width="content")
            document_downloads(
                sheet,
                lambda: enquiry_document(board, chosen, park_id, listing, near, t, link=address),
                f"jiqun-enquiry-{park_id}",
                t,
                key="enquiry",
            )
        with reasons:
            _reasons(listing, park_id, t)
        with around:
            _neighbors(board, near, t)


def _facts_table(facts: list[tuple[str, str]]) -> str:
    rows = "".join(f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>" for name, value in facts)
    return f'<table class="jq-table">{rows}</table>'


def _reasons(listing: Listing | None, park_id: str, t: Words) -> None:
    st.markdown(f"**{t('sites.why_title')}**")
    if listing is None:
        st.caption(t("sites.ask"))
        return
    if park_id not in listing.ranking.sites.index:
        excluded = park_id in listing.ranking.excluded.index
        st.info(t("sites.is_excluded" if excluded else "sites.other_district"), icon=":material/filter_alt_off:")
        return
    if park_id in listing.ids:
        points = listing.points_text(park_id, t)
        lines = (
            " · ".join((t("sites.rank", n=listing.rank(park_id)), points, ranks_text(listing, park_id, t))),
            stability_text(listing, park_id, t),
            missing_text(listing, park_id, t),
        )
        for line in filter(None, lines):
            st.markdown(f":small[{plain(line)}]")
    else:
        st.info(t("sites.is_unranked"), icon=":material/visibility_off:")
    show_reasons(listing, park_id, t)


def _neighbors(board: Board, near: SiteNeighbors | None, t: Words) -> None:
    st.markdown(f"**{t('sites.neighbors')}**　:small[:gray[{t('sites.neighbors_note', year=board.year)}]]")
    if near is None:
        st.caption(t("sites.no_neighbors"))
        return
    heads = [t("sites.distance"), t("field.firms"), t("sites.total", unit=t.money_unit)]
    rows = [[plain(cell) for cell in row] for row in neighbor_rows(near, t)]
    st.table(pd.DataFrame(rows, columns=heads), border="horizontal", hide_index=True)
    if near.firms.empty:
        st.caption(t("sites.nobody_near"))
    else:
        _largest(board, near.firms.head(MOST_NAMED), t)
    st.caption(t("sites.precise", n=f"{near.precise:,}", of=f"{near.of_firms:,}"))


def _largest(board: Board, firms: pd.DataFrame, t: Words) -> None:
    withheld = board.dataset.release is not None
    table = pd.DataFrame(
        {
            "name": [firm_name(row, t) for _, row in firms.iterrows()],
            "distance": firms[c.DISTANCE_M].round().to_numpy(float),
            "revenue": [
                t.nothing(withheld=withheld) if pd.isna(v) else t.money(int(v), unit=False)
                for v in firms[c.REVENUE_CNY]
            ],
            "precision": [t(f"precision.{p}") for p in firms[c.LOCATION_PRECISION]],
        }
    )
    text = st.column_config.TextColumn
    muted = f"color:{state.look().palette.muted}"
    st.dataframe(
        table.style.map(lambda _: muted, subset=["revenue"]) if is_old(board.year) else table,
        hide_index=True,
        height="content" if len(table) <= MOST_ROWS else ROW_PX * (MOST_ROWS + 1),
        row_height=ROW_PX,
        key="near_firms",
        alt=t("sites.neighbors"),
        column_config={
            "name": text(t("field.name"), width=120, pinned=True),
            "distance": st.column_config.NumberColumn(t("sites.distance_m"), format="localized", width=84),
            "revenue": text(t("field.revenue_unit", year=board.year, unit=t.money_unit), width=120, alignment="right"),
            "precision": text(t("field.precision"), width=120),
        },
    )

"""选址: parks ranked for a firm, each with its reasons, on a map; neighbors, a shortlist, and papers to take away."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit_folium import st_folium

from clusters.errors import ClusterError
from clusters.goals import Board
from clusters.site_neighbors import SiteNeighbors, site_neighbors
from clusters.site_records import SiteRequest
from clusters.siting import Parks, SiteRanking, parks_of, rank_sites
from data import columns as c
from data.dataset import Dataset
from geo.layers import base_map, layer_control
from views import focused, frame, loaded, state
from views.how_to_read import how_to_read
from views.map_sites import SitesOnMap, sites_map
from views.provenance import map_notice
from views.selection import Selection
from views.sites_choices import View
from views.sites_facts import Listing
from views.sites_needs import show_needs
from views.sites_park import show_park
from views.sites_ranked import show_left_out, show_ranked, show_start
from views.sites_shortlist import show_shortlist
from views.suitability_panel import show_suitability
from views.words import Words, plain

MAP_HEIGHT = 640
SEED, DRAWS = 0, 2_000
OTHER_VIEWS: dict[View, Callable[[SiteRequest, Board, Selection, Words], None]] = {"grid": show_suitability}
"""What the same needs and weights show instead of parks, by the name of the view."""


def show() -> None:
    """The page."""
    chosen = state.current()
    t = loaded.words_of(chosen)
    board = loaded.board_of(chosen)
    controls = frame.head(t("sites.title"), _lead(board, t), chosen, t)
    frame.year_control(board, controls, t)
    how_to_read(controls, "sites", t, method="rank_sites")
    request, ranking = _ranked(board, chosen, t)
    listing = None if ranking is None else Listing(ranking, board.dataset, chosen.sites.order)
    park_id = chosen.focus.id if chosen.focus and chosen.focus.kind == "park" else ""
    near = _near(board, request, park_id, t)
    _view_control(controls, chosen, t)
    if request is not None and chosen.sites.view in OTHER_VIEWS:
        needs, beside = st.columns([0.74, 2.52], gap="medium")
        with needs:
            show_needs(board, chosen, ranking, t)
        with beside:
            OTHER_VIEWS[chosen.sites.view](request, board, chosen, t)
        frame.foot(board, t)
        return
    needs, parks, where = st.columns([0.74, 1.32, 1.2], gap="medium")
    with needs:
        show_needs(board, chosen, ranking, t)
    with parks:
        if listing is None:
            show_start(board, chosen, t)
        else:
            show_ranked(listing, chosen, t)
    with where:
        _show_map(board, chosen, SitesOnMap(listing, park_id, near), t)
    if park_id:
        show_park(board, chosen, listing, park_id, near, t)
    if listing is not None:
        show_shortlist(board, chosen, listing, t)
        show_left_out(listing, t)
    frame.foot(board, t)


def _view_control(where: DeltaGenerator, chosen: Selection, t: Words) -> None:
    if OTHER_VIEWS:
        where.segmented_control(
            t("sites.view"),
            ("parks", *OTHER_VIEWS),
            format_func=lambda v: t(f"sites.view_{v}"),
            required=True,
            label_visibility="collapsed",
            key=state.bound("site_view", chosen.sites.view),
            on_change=state.changed_on,
            args=("sites", "view", "site_view"),
        )


def _lead(board: Board, t: Words) -> str:
    parks = board.dataset.parks
    placed = int(parks[c.LON].notna().sum()) if c.LON in parks else 0
    scope = t("sites.scope", n=f"{placed:,}", of=f"{len(parks):,}")
    return f":gray-badge[{scope}] :small[{t('sites.scope_note')}]　{frame.sample_lead(board, t)}"


def _ranked(board: Board, chosen: Selection, t: Words) -> tuple[SiteRequest | None, SiteRanking | None]:
    """What is looked for and the ranking; none before a subsector was said, or when every weight is 0."""
    if not chosen.sites.subsector:
        return None, None
    request, data = chosen.sites.request(year=chosen.year, place=chosen.place), board.dataset
    try:
        if not data.has_many_firms:
            return request, _ranking(data.version, data.digest, request, data)
        with st.spinner(t("sites.ranking"), show_time=True):
            return request, _ranking(data.version, data.digest, request, data)
    except ClusterError:
        return request, None


@st.cache_resource(max_entries=64, show_spinner=False)
def _ranking(version: str, digest: str, request: SiteRequest, _data: Dataset) -> SiteRanking:
    """The same request gives the same ranks: the generator starts from one number."""
    bare = replace(request, weights=(), hubs_within_m=(), min_area_m2=None, max_rent_cny_m2_month=None)
    parks = _parks(version, digest, bare, _data)
    return rank_sites(_data, request, rng=np.random.default_rng(SEED), draws=DRAWS, parks=parks)


@st.cache_resource(max_entries=32, show_spinner=False)
def _parks(version: str, digest: str, request: SiteRequest, _data: Dataset) -> Parks:
    """What is known of the parks, so that another weight asks for sums alone."""
    return parks_of(_data, request)


def _near(board: Board, request: SiteRequest | None, park_id: str, t: Words) -> SiteNeighbors | None:
    if request is None or not park_id:
        return None
    data = board.dataset
    if not data.has_many_firms:
        return _neighbors(data.version, data.digest, request.subsectors(), park_id, board.year, data)
    with st.spinner(t("sites.counting")):
        return _neighbors(data.version, data.digest, request.subsectors(), park_id, board.year, data)


@st.cache_resource(max_entries=128, show_spinner=False)
def _neighbors(
    version: str, digest: str, subsectors: tuple[str, ...], park_id: str, year: int, _data: Dataset
) -> SiteNeighbors | None:
    return site_neighbors(_data, subsectors, [park_id], year=year).get(park_id)


def _show_map(board: Board, chosen: Selection, shown: SitesOnMap, t: Words) -> None:
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    bar.markdown(f"#### {t('sites.map')}", width="content")
    how_to_read(bar, "sites_map", t)
    look = state.look()
    parts = sites_map(board, chosen, look, t, shown, notice=map_notice(board, t))
    st_folium(
        base_map(parts.frame, look.palette),
        key="map_sites",
        height=MAP_HEIGHT,
        use_container_width=True,
        returned_objects=["last_active_drawing"],
        feature_group_to_add=list(parts.groups),
        layer_control=layer_control(),
        on_change=lambda: focused.map_clicked("map_sites", t, kinds=("park",)),
    )
    st.caption(t("sites.map_note"))
    if chosen.focus is not None and shown.park_id and not focused.has_point(chosen.focus):
        st.info(t("map.no_point", name=plain(focused.name_of(chosen.focus))), icon=":material/location_off:")

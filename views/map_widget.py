"""The map on a page: the parts of a board in st_folium, which keeps its frame while the layers change."""

import streamlit as st
from streamlit_folium import st_folium

from clusters.goals import Board
from geo.layers import base_map, layer_control
from views import focused, state
from views.map_parts import map_parts
from views.provenance import map_notice
from views.selection import Selection
from views.words import Words, plain


def show_map(board: Board, chosen: Selection, t: Words, *, height: int, district_id: str = "") -> None:
    """Draw the map; a click ends in ``focused.map_clicked``.

    A new map object is made on every run, since st_folium changes the one that it is given; the same frame gives the
    same script, so the reader's map stays where it is.
    """
    look = state.look()
    parts = map_parts(board, chosen, look, t, notice=map_notice(board, t), district_id=district_id)
    st_folium(
        base_map(parts.frame, look.palette),
        key="map",
        height=height,
        use_container_width=True,
        returned_objects=["last_active_drawing"],
        feature_group_to_add=list(parts.groups),
        layer_control=layer_control(),
        on_change=lambda: focused.map_clicked("map", t),
    )
    if chosen.focus is not None and not focused.has_point(chosen.focus):
        st.info(t("map.no_point", name=plain(focused.name_of(chosen.focus))), icon=":material/location_off:")
    if chosen.focus is not None:
        st.button(
            t("map.clear"),
            icon=":material/close:",
            type="tertiary",
            key="clear",
            on_click=focused.look_at,
            args=(None,),
        )

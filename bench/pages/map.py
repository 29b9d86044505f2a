"""The app's shell with the map of the current version alone, beside the empty map."""

import streamlit as st
from streamlit_folium import st_folium

from clusters.goals import Board, tally_goals
from clusters.plan import open_plan
from data.settings import settings
from data.store import current_dataset
from geo.layers import base_map, layer_control
from views import frame
from views.map_parts import map_parts
from views.provenance import map_notice
from views.selection import Selection
from views.tokens import tokens
from views.words import words

st.set_page_config(layout="wide")
look = tokens("light")
st.html(frame.style(look))


@st.cache_resource
def city() -> Board:
    """The board of the city."""
    return tally_goals(open_plan("shenzhen-digital-economy-2021-2023", *settings().plan_folders), current_dataset())


def show() -> None:
    """The page."""
    t = words("zh", city().dataset.evidence)
    parts = map_parts(city(), Selection(), look, t, notice=map_notice(city(), t))
    st_folium(
        base_map(parts.frame, look.palette),
        key="map",
        height=460,
        use_container_width=True,
        returned_objects=["last_active_drawing"],
        feature_group_to_add=list(parts.groups),
        layer_control=layer_control(),
    )


st.navigation([st.Page(show, title="map")], position="top").run()

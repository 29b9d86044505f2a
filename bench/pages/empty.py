"""The app's shell with an empty map: what a page costs before it shows anything."""

import streamlit as st
from streamlit_folium import st_folium

from data.reference import load_reference
from geo.atlas import Atlas
from geo.layers import Frame, base_map, bounds_of
from views import frame
from views.tokens import tokens

NOTHING = Atlas("jiqun.know({});", "", "data:text/javascript,jiqun.know(%7B%7D)")

st.set_page_config(layout="wide")
look = tokens("light")
st.html(frame.style(look))


@st.cache_resource
def city() -> Frame:
    """The frame of the map."""
    return Frame(bounds_of(load_reference().districts), "", NOTHING)


def show() -> None:
    """The page."""
    st_folium(base_map(city(), look.palette), key="map", height=460, use_container_width=True, returned_objects=[])


st.navigation([st.Page(show, title="empty")], position="top").run()

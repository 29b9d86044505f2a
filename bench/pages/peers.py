"""Firms as other layers draw them, each as its documentation shows it: ``?layer=Marker&firms=10000``."""

import os
from pathlib import Path

import folium
import numpy as np
import pandas as pd
import pydeck
import streamlit as st
from folium.plugins import FastMarkerCluster, HeatMap
from streamlit_folium import st_folium

from bench.libraries import link_locally
from data import columns as c

HEIGHT, CENTRE, ZOOM = 460, (22.6, 114.1), 10
link_locally(folium.Map, FastMarkerCluster, HeatMap)
st.set_page_config(layout="wide")


@st.cache_resource
def places(firms: int) -> pd.DataFrame:
    """Where the firms are; read once, as any page would."""
    folder = Path(os.environ["JIQUN_BENCH_REGISTERS"])
    return pd.read_parquet(folder / f"{firms}.parquet", columns=[c.LON, c.LAT])


def draw(layer: str, firms: int) -> None:
    """One layer."""
    table = places(firms)
    if layer == "pydeck":
        points = pydeck.Layer(
            "ScatterplotLayer", table, get_position=[c.LON, c.LAT], get_fill_color=[255, 0, 0], radius_min_pixels=1.5
        )
        view = pydeck.ViewState(latitude=CENTRE[0], longitude=CENTRE[1], zoom=ZOOM - 1)
        st.pydeck_chart(pydeck.Deck([points], initial_view_state=view, map_provider=None), height=HEIGHT)
        return
    lat_lon = table[[c.LAT, c.LON]].to_numpy(np.float64)
    drawn = folium.Map(CENTRE, zoom_start=ZOOM, tiles=None, prefer_canvas=layer == "CircleMarker, canvas")
    drawn.options["maxZoom"] = 18  # clusters ask for it where there are no tiles
    if layer == "Marker":
        for place in lat_lon:
            folium.Marker(place).add_to(drawn)
    elif layer == "CircleMarker, canvas":
        for place in lat_lon:
            folium.CircleMarker(place, radius=3).add_to(drawn)
    elif layer == "FastMarkerCluster":
        FastMarkerCluster(lat_lon.tolist()).add_to(drawn)
    elif layer == "HeatMap":
        HeatMap(lat_lon.tolist()).add_to(drawn)
    st_folium(drawn, key="map", height=HEIGHT, use_container_width=True, returned_objects=[])


draw(st.query_params["layer"], int(st.query_params["firms"]))

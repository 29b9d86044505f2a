"""Serves the page with our map alone, with the routes that it needs."""

from pathlib import Path

import streamlit as st

from api.atlas import atlas_route
from api.libraries import library_route
from api.tiles import tile_routes, warm_lifespan
from data.store import current_dataset
from views import map_atlas

app = st.App(
    Path(__file__).parent / "map.py",
    routes=[
        library_route(),
        atlas_route(map_atlas.ADDRESS, lambda _, query: map_atlas.asked_atlas(lambda _: current_dataset(), query)),
        *tile_routes(),
    ],
    lifespan=warm_lifespan,
)

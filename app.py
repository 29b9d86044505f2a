"""The door: the Streamlit pages and the HTTP routes in one process on one port.

Start it with ``python cli.py serve`` (or ``streamlit run app.py``).
"""

from pathlib import Path

import streamlit as st

from api.atlas import atlas_route
from api.libraries import library_route
from api.tiles import tile_routes, warm_lifespan
from data.reference import load_reference
from data.settings import settings
from views import map_atlas

app = st.App(
    Path(__file__).parent / "views" / "main.py",
    routes=[
        library_route(),
        atlas_route(map_atlas.ADDRESS, lambda query: map_atlas.asked_atlas(load_reference(), query)),
        *tile_routes(),
    ],
    lifespan=warm_lifespan,
)


def run(port: int) -> None:
    """Serve until stopped, on the configured host."""
    app.run(config={"server.address": settings().host, "server.port": port, "server.headless": True})


if __name__ == "__main__":
    run(settings().port)

"""The door: the Streamlit pages and the HTTP routes in one process on one port.

Start it with ``python cli.py serve``. Another server may run it too (``uvicorn app:app``); who looks is then the
public, unless ``JIQUN_ROLE`` says otherwise, since nobody here knows where it listens.
"""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st
import uvicorn

from api.atlas import atlas_route
from api.libraries import library_route
from api.limits import limits
from api.ogc.routes import ogc_routes
from api.tiles import tile_routes, warm_lifespan
from api.tour import tour_route
from clusters.release import visible_dataset
from clusters.roles import Viewer, serve_to_others, viewer_without_sign_in
from data.settings import settings
from data.store import check_store
from geo.atlas import Atlas
from views import map_atlas, tour
from views.feature_words import feature_labels, feature_words

GRACE_S = 5


def _atlas(viewer: Viewer, query: Mapping[str, str]) -> Atlas | None:
    return map_atlas.asked_atlas(lambda version: visible_dataset(viewer, version=version), query)


serve_to_others(True)  # whoever imports this module may listen anywhere

app = st.App(
    Path(__file__).parent / "views" / "main.py",
    routes=[
        *tile_routes(),  # asked for most, so looked at first
        library_route(),
        atlas_route(map_atlas.ADDRESS, _atlas),
        tour_route(tour.ADDRESS, tour.COOKIE),
        *ogc_routes(feature_words(), feature_labels),
    ],
    middleware=[limits()],
    lifespan=warm_lifespan,
)


def run(port: int) -> None:
    """Serve until stopped, on the configured host.

    Damaged data, and a role that nobody knows, end it before it listens. By uvicorn itself: the socket that ``app.run``
    makes keeps small answers back for 40 ms (no TCP_NODELAY).
    """
    serve_to_others(False)
    viewer_without_sign_in()
    check_store(settings().home)
    uvicorn.run(app, host=settings().host, port=port, access_log=False, timeout_graceful_shutdown=GRACE_S)


if __name__ == "__main__":
    run(settings().port)

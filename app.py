"""The door: the Streamlit pages and the HTTP routes in one process on one port.

Start it with ``python cli.py serve``. Another server may run it too (``uvicorn app:app``); who looks is then the
public, unless ``JIQUN_ROLE`` says otherwise, since nobody here knows where it listens.
"""

import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import streamlit as st
import streamlit.logger
import uvicorn
from starlette.middleware import Middleware

from api.atlas import atlas_route
from api.health import health_routes
from api.leaving import GRACE_S, LeavingServer
from api.libraries import library_route
from api.requests_log import RequestLog
from api.tiles import tile_routes, warm_lifespan
from api.tour import tour_route
from clusters.release import visible_dataset
from clusters.roles import Viewer, serve_to_others, viewer_without_sign_in
from data.logs import adopt, configure_logs
from data.settings import settings
from data.store import check_store
from geo.atlas import Atlas
from views import map_atlas, tour


def _atlas(viewer: Viewer, query: Mapping[str, str]) -> Atlas | None:
    return map_atlas.asked_atlas(lambda version: visible_dataset(viewer, version=version), query)


serve_to_others(True)  # whoever imports this module may listen anywhere

app = st.App(
    Path(__file__).parent / "views" / "main.py",
    routes=[
        *tile_routes(),  # asked for most, so looked at first
        *health_routes(),
        library_route(),
        atlas_route(map_atlas.ADDRESS, _atlas),
        tour_route(tour.ADDRESS, tour.COOKIE),
    ],
    middleware=[Middleware(RequestLog)],  # the outermost first
    lifespan=warm_lifespan,
)


def run(port: int) -> None:
    """Serve until stopped, on the configured host.

    Damaged data, and a role that nobody knows, end it before it listens. By uvicorn itself: the socket that ``app.run``
    makes keeps small answers back for 40 ms (no TCP_NODELAY).
    """
    _log_as_configured()
    serve_to_others(False)
    viewer_without_sign_in()
    check_store(settings().home)
    config = uvicorn.Config(
        app, host=settings().host, port=port, access_log=False, log_config=None, timeout_graceful_shutdown=GRACE_S
    )
    server = LeavingServer(config, drain_s=settings().drain_s, stop_s=settings().stop_s)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(3)  # uvicorn has said why


def _log_as_configured() -> None:
    """One log for all; Streamlit gives each of its loggers a handler of its own, unless it asks us."""
    configure_logs()
    streamlit.logger.setup_formatter = adopt
    streamlit.logger.update_formatter()


if __name__ == "__main__":
    run(settings().port)

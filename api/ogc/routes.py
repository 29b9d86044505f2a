"""The routes of ``/ogc/``: who asks, for what, and the answer with its tag.

An answer is tagged by all that it depends on: the version as this reader sees it, the address and the media type. A
page names in its ``next`` link the version and the digest that it was made from. When the version changes between two
pages, whoever may open earlier versions goes on in the one that was begun; anybody else is told that it changed (410)
and begins again, so that nobody puts together pages of two versions.
"""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import TypeVar
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from api.asking import viewer_of
from api.keeping import answer_kept
from api.ogc.addresses import (
    GEOJSON,
    JSON,
    OPENAPI,
    ROOT,
    SCHEMA,
    base_of,
    collection_links,
    feature_address,
    self_link,
    server_of,
)
from api.ogc.asked import Wish, read_plain, read_version, read_wish
from api.ogc.definition import definition, property_schema
from api.ogc.failing import refused
from api.ogc.negotiating import chosen_type
from api.ogc.pages import feature, page, provenance_of
from api.ogc.properties import PROPERTIES, TIMELESS
from api.ogc.records import (
    CONFORMS_TO,
    Collection,
    Collections,
    Conformance,
    Extent,
    Landing,
    Link,
    Spatial,
    Temporal,
)
from api.ogc.tables import Said, features_of
from api.tiles import MVT_TYPE
from clusters.release import visible_dataset
from clusters.roles import Viewer
from data.dataset import Dataset
from data.errors import UnknownVersion

FORMAT = 1  # counts up when an answer of the same data comes to look different
TILES = "/tiles/firms/{z}/{x}/{y}"
VARY = "Accept, Authorization, Cookie"

T = TypeVar("T")
Opened = Callable[[Viewer, str], Dataset]
"""Gives the dataset of a version as a reader may see it, for an empty id the current one."""


def _visible(viewer: Viewer, version: str) -> Dataset:
    return visible_dataset(viewer, version=version)


def ogc_routes(words: Said, labels: Callable[[Dataset], Said], opened: Opened = _visible) -> list[BaseRoute]:
    """Routes of the features.

    Parameters
    ----------
    words : Said
        ``service``, ``about_service``, the title of each collection by its id and ``about_<id>``, ``subsector.<id>``,
        ``plan`` and ``derived``.
    labels : callable
        Words that stand beside the figures of a dataset: ``basis``, ``notice``, ``release``.
    opened : callable
        See ``Opened``.
    """
    service = _Service(words, labels, opened)
    inner = Starlette(
        routes=[
            Route("/", service.landing),
            Route("/conformance", service.conformance),
            Route("/api", service.api),
            Route("/collections", service.collections),
            Route("/collections/{collection}", service.collection),
            Route("/collections/{collection}/schema", service.schema),
            Route("/collections/{collection}/items", service.items),
            Route("/collections/{collection}/items/{feature:path}", service.item),
        ],
        exception_handlers={HTTPException: refused, Exception: refused},
    )
    inner.router.redirect_slashes = False
    return [Route(ROOT, _to_landing), Mount(ROOT, app=inner)]


async def _to_landing(request: Request) -> Response:
    return RedirectResponse(f"{base_of(request)}/{'?' * bool(request.url.query)}{request.url.query}", 307)


class _Service:
    """The endpoints, with what they share."""

    def __init__(self, words: Said, labels: Callable[[Dataset], Said], opened: Opened) -> None:
        self._words, self._labels, self._opened = words, labels, opened

    async def landing(self, request: Request) -> Response:
        """Where a client begins."""
        base, server = base_of(request), server_of(request)
        links = [
            self_link(request, JSON),
            Link(href=f"{base}/api", rel="service-desc", type=OPENAPI, title="OpenAPI 3.0"),
            Link(href=f"{base}/conformance", rel="conformance", type=JSON, title="Conformance"),
            Link(href=f"{base}/collections", rel="data", type=JSON, title="Collections"),
            *(
                Link(href=f"{server}{TILES}.{end}", rel="related", type=kind, title=title, templated=True)
                for end, kind, title in (
                    ("png", "image/png", "Firms counted in squares: tiles (XYZ, Web Mercator)"),
                    ("pbf", MVT_TYPE, "Firms as points: vector tiles (XYZ, Web Mercator)"),
                )
            ),
        ]
        told = Landing(title=self._both("service"), description=self._both("about_service"), links=links)
        return self._plain(request, (JSON,), told.json_bytes)

    async def conformance(self, request: Request) -> Response:
        """Classes of the standard that are kept."""
        return self._plain(request, (JSON,), Conformance(conforms_to=list(CONFORMS_TO)).json_bytes)

    async def api(self, request: Request) -> Response:
        """The OpenAPI document."""
        make = partial(definition, server_of(request), base_of(request), self._words)
        return self._plain(request, (OPENAPI, JSON), lambda: json.dumps(make(), ensure_ascii=False).encode())

    async def schema(self, request: Request) -> Response:
        """What the features of a collection look like."""
        name = _collection(request)
        make = partial(property_schema, name, self._both(name))
        return self._plain(request, (SCHEMA, JSON), lambda: json.dumps(make(), ensure_ascii=False).encode())

    async def collections(self, request: Request) -> Response:
        """All collections."""
        _checked(read_plain, request.query_params.multi_items())
        kind = _kind(request, (JSON,))
        return await run_in_threadpool(self._tagged, request, kind, "", self._all_collections)

    async def collection(self, request: Request) -> Response:
        """One collection."""
        name = _collection(request)
        _checked(read_plain, request.query_params.multi_items())
        kind = _kind(request, (JSON,))
        make = partial(self._one_collection, name)
        return await run_in_threadpool(
            self._tagged, request, kind, "", lambda r, d: make(r, d, [self_link(r, JSON)]).json_bytes()
        )

    async def items(self, request: Request) -> Response:
        """A page of features."""
        name = _collection(request)
        wish = _checked(read_wish, request.query_params.multi_items(), name)
        kind = _kind(request, (GEOJSON, JSON))
        make = partial(self._page, name, wish, kind)
        return await run_in_threadpool(self._tagged, request, kind, wish.version, make, wish.digest)

    async def item(self, request: Request) -> Response:
        """One feature."""
        name = _collection(request)
        version, digest = _checked(read_version, request.query_params.multi_items())
        kind = _kind(request, (GEOJSON, JSON))
        make = partial(self._feature, name, request.path_params["feature"])
        return await run_in_threadpool(self._tagged, request, kind, version, make, digest)

    # ------------------------------------------------------------ answers

    def _plain(self, request: Request, offered: tuple[str, ...], make: Callable[[], bytes]) -> Response:
        """An answer that is the same for everybody."""
        _checked(read_plain, request.query_params.multi_items())
        kind = _kind(request, offered)
        return _kept(request, kind, (repr(sorted(self._words.items())),), make)

    def _tagged(
        self,
        request: Request,
        kind: str,
        version: str,
        make: Callable[[Request, Dataset], bytes],
        digest: str = "",
    ) -> Response:
        """An answer from the data that the reader may see."""
        viewer = viewer_of(request)
        dataset = self._open(viewer, version, digest)
        labels = sorted(self._labels(dataset).items())
        told = (str(viewer), dataset.version, dataset.digest, repr(labels))
        return _kept(request, kind, told, lambda: make(request, dataset))

    def _open(self, viewer: Viewer, version: str, digest: str) -> Dataset:
        try:
            dataset = self._opened(viewer, version)
        except ValueError as error:
            raise HTTPException(404 if version and isinstance(error, UnknownVersion) else 503, str(error)) from error
        if version and (dataset.version != version or digest not in ("", dataset.digest)):
            raise HTTPException(
                410,
                f"the answer was asked for of version {version} of the data, which is not open to this reader any "
                f"more; version {dataset.version} is current: begin again without data and offset",
            )
        return dataset

    def _page(self, name: str, wish: Wish, kind: str, request: Request, dataset: Dataset) -> bytes:
        features = features_of(dataset, name, self._words, wish.period)
        rows = features.matching(wish)
        shown = rows[wish.offset : wish.offset + wish.limit]
        at = f"{base_of(request)}/collections/{name}"
        links = [self_link(request, kind), Link(href=at, rel="collection", type=JSON, title=self._both(name))]
        links += [
            Link(href=f"{at}/items?{_moved(request, dataset, offset)}", rel=rel, type=kind)
            for rel, offset, there in (
                ("next", wish.offset + wish.limit, wish.offset + wish.limit < len(rows)),
                ("prev", max(wish.offset - wish.limit, 0), wish.offset > 0),
            )
            if there
        ]
        told = provenance_of(dataset, self._labels(dataset), features.year)
        return page(features, shown, name, told, matched=len(rows), links=links)

    def _feature(self, name: str, feature_id: str, request: Request, dataset: Dataset) -> bytes:
        features = features_of(dataset, name, self._words)
        row = features.of_id(feature_id)
        if not len(row):
            raise HTTPException(404, f"collection {name} has no feature {feature_id[:80]!r}; its items tell their ids")
        base = base_of(request)
        links = [
            Link(href=feature_address(base, name, feature_id), rel="self", type=GEOJSON),
            Link(href=f"{base}/collections/{name}", rel="collection", type=JSON, title=self._both(name)),
        ]
        told = provenance_of(dataset, self._labels(dataset), features.year)
        return feature(features, row, name, told, links=links)

    def _all_collections(self, request: Request, dataset: Dataset) -> bytes:
        base = base_of(request)
        found = []
        for name in PROPERTIES:
            own = Link(href=f"{base}/collections/{name}", rel="self", type=JSON)
            found.append(self._one_collection(name, request, dataset, [own]))
        return Collections(links=[self_link(request, JSON)], collections=found).json_bytes()

    def _one_collection(self, name: str, request: Request, dataset: Dataset, links: list[Link]) -> Collection:
        features = features_of(dataset, name, self._words)
        bounds = features.places.bounds() or map(float, dataset.districts.total_bounds)  # totals are the city's
        years = dataset.years if name not in TIMELESS else []
        interval = [f"{years[0]:04d}-01-01T00:00:00Z", f"{years[-1]:04d}-12-31T23:59:59Z"] if years else []
        return Collection(
            id=name,
            title=self._both(name),
            description="\n".join(self._words[f"about_{name}"]),
            links=[*links, *collection_links(base_of(request), name)],
            extent=Extent(
                spatial=Spatial(bbox=[list(bounds)]),
                temporal=Temporal(interval=[interval]) if interval else None,
            ),
            provenance=provenance_of(dataset, self._labels(dataset), features.year),
        )

    def _both(self, key: str) -> str:
        return " · ".join(self._words[key])


def _collection(request: Request) -> str:
    name = str(request.path_params["collection"])
    if name not in PROPERTIES:
        raise HTTPException(404, f"there is no collection {name[:80]!r}; there are {', '.join(PROPERTIES)}")
    return name


def _checked(read: Callable[..., T], *args: object) -> T:
    try:
        return read(*args)
    except ValueError as error:
        raise HTTPException(400, str(error)) from error


def _kind(request: Request, offered: tuple[str, ...]) -> str:
    """Media type of the answer; ``f`` goes before the Accept header."""
    if "f" in request.query_params:
        return offered[0]
    kind = chosen_type(", ".join(request.headers.getlist("accept")), offered)
    if kind is None:
        raise HTTPException(406, f"none of the types in Accept is written here; there is {' and '.join(offered)}")
    return kind


def _kept(request: Request, kind: str, told: tuple[str, ...], make: Callable[[], bytes]) -> Response:
    means = (FORMAT, kind, base_of(request), request.url.path, request.url.query, *told)
    tag = hashlib.sha256(repr(means).encode()).hexdigest()[:20]
    answer = answer_kept(request, tag, False, lambda: Response(make(), headers={"content-type": kind}))
    answer.headers["Vary"] = VARY
    return answer


def _moved(request: Request, dataset: Dataset, offset: int) -> str:
    """The query of another page of the same version."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name not in ("offset", "data")]
    return urlencode([*asked, ("offset", offset), ("data", f"{dataset.version}.{dataset.digest}")])

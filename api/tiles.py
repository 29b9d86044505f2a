"""Tiles at ``/tiles/firms/{z}/{x}/{y}.png`` (counted cells) and ``.pbf`` (points), and what their colours mean at
``/tiles/firms/{z}/scale.json``.

The filters are named as in the address of a page and mean the same: subsectors, year, tier, precisions, place,
district; a value left empty filters nothing. ``data`` names the version to draw; without it the current one is drawn.
``measure`` (firms or revenue) and ``theme`` (light or dark) say how a grid is drawn. With ``v``, the stamp of the data,
a browser may keep a tile for good; without it, it asks again each time and is told when nothing has changed.
"""

import gc
import hashlib
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from api.asking import viewer_of
from api.keeping import HeldAnswers, answer_kept
from clusters.release import visible_dataset
from clusters.roles import Viewer
from clusters.tiers import ScaleTier, scale_tier
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset, Place
from data.density import density_ramp
from data.derived import DERIVED
from data.errors import UnknownChoice, UnknownVersion
from data.firm_points import FirmPoints, firm_points
from geo.pyramid import LAST_ZOOM
from geo.pyramid_records import Measure, PointFilter
from geo.tiles import empty_grid_tile, grid_tile, point_tile, scale

LAYERS = ("firms",)
NAMES = ("subsectors", "year", "tier", "precisions", "place", "district", "data", "measure", "theme", "v")
MEASURES: dict[str, Measure] = {"firms": "count", "revenue": "sum"}
THEMES = ("light", "dark")
SWITCH_S = 0.00002
COLLECT_AFTER = (50_000, 20, 50)  # objects, then collections of the younger generation
HELD_BYTES = 16 * 2**20
TIERS = ("all", *(str(tier) for tier in ScaleTier))
MVT_TYPE = "application/vnd.mapbox-vector-tile"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wish:
    """What a request asks to be drawn, and how."""

    chosen: PointFilter
    measure: Measure = "count"
    theme: str = "light"
    stamped: bool = False


Opened = Callable[[Viewer, str], Dataset]
"""Gives the dataset of a version as a reader may see it, for an empty id the current one."""


def _visible(viewer: Viewer, version: str) -> Dataset:
    return visible_dataset(viewer, version=version)


def tile_routes(opened: Opened = _visible) -> list[Route]:
    """Routes of the tiles.

    Parameters
    ----------
    opened : callable
        See ``Opened``; the points of a dataset are built by the first who asks, or by `warm`.
    """

    held = HeldAnswers(HELD_BYTES)

    async def answer(request: Request, draw: Callable[..., Response]) -> Response:
        place = tuple(request.path_params.get(name, 0) for name in ("z", "x", "y"))
        z, x, y = place
        if request.path_params["layer"] not in LAYERS or not (z <= LAST_ZOOM and x < 1 << z and y < 1 << z):
            return PlainTextResponse("no such tile", 404)
        viewer = viewer_of(request)
        key = (viewer, _version(opened, viewer), request.url.path, request.url.query)
        if again := held.again(request, key):
            return again
        answered = await run_in_threadpool(_answer, request, partial(opened, viewer), draw, place)
        held.hold(key, answered)
        return answered

    async def png(request: Request) -> Response:
        return await answer(request, _png)

    async def pbf(request: Request) -> Response:
        return await answer(request, _pbf)

    async def legend(request: Request) -> Response:
        return await answer(request, _legend)

    return [
        Route("/tiles/{layer}/{z:int}/{x:int}/{y:int}.png", png),
        Route("/tiles/{layer}/{z:int}/{x:int}/{y:int}.pbf", pbf),
        Route("/tiles/{layer}/{z:int}/scale.json", legend),
        Route("/tiles/{anything:path}", _nothing),  # else the pages would answer, with one of theirs
    ]


async def _nothing(request: Request) -> Response:
    return PlainTextResponse("no such tile", 404)


def _version(opened: Opened, viewer: Viewer) -> str:
    """What tells current versions apart (others never change); nothing when the data cannot be opened, as is said."""
    try:
        dataset = opened(viewer, "")
    except ValueError:
        return ""
    return f"{dataset.version}/{dataset.digest}"


def warm(current: Callable[[], Dataset] = visible_dataset) -> None:
    """Build what the first tile would wait for; what is wrong with the data is said by the pages, not here."""
    try:
        dataset = current()
        firm_points(dataset).pyramid.point_zoom()
        for derived in DERIVED.values():
            derived(dataset)
    except ValueError as error:
        log.warning("tiles were not prepared: %s", error)


@asynccontextmanager
async def warm_lifespan(app: object) -> AsyncIterator[dict[str, Any]]:
    """Lifespan of an app that serves tiles: they are prepared before the first request.

    What is there then stays, so that later collections need not look at it again, and they come more rarely, since no
    thread runs meanwhile; a thread that computes a page gives way to one that answers a tile sooner than Python's 5 ms.
    """
    await run_in_threadpool(warm)
    threshold, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    sys.setswitchinterval(SWITCH_S)
    try:
        yield {}
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
        sys.setswitchinterval(interval)


def _answer(
    request: Request, opened: Callable[[str], Dataset], draw: Callable[..., Response], place: tuple[int, int, int]
) -> Response:
    asked = request.query_params.get("data", "")
    try:
        dataset = opened(asked)
    except ValueError as error:
        status = 404 if asked and isinstance(error, UnknownVersion) else 503
        return PlainTextResponse(str(error), status, {"X-Content-Type-Options": "nosniff"})
    points = firm_points(dataset)
    try:
        wish = read_wish(request.query_params.multi_items(), dataset, points)
    except ValueError as error:
        return PlainTextResponse(str(error), 400, {"X-Content-Type-Options": "nosniff"})
    means = (points.stamp, draw.__name__, place, wish.chosen, wish.measure, wish.theme)
    tag = hashlib.sha256(repr(means).encode()).hexdigest()[:20]
    return answer_kept(request, tag, wish.stamped, lambda: draw(points, wish, *place))


def _png(points: FirmPoints, wish: Wish, z: int, x: int, y: int) -> Response:
    tile = grid_tile(points.pyramid, z, x, y, wish.chosen, palette=density_ramp(wish.theme), measure=wish.measure)
    return Response(tile or _clear(), media_type="image/png")


def _pbf(points: FirmPoints, wish: Wish, z: int, x: int, y: int) -> Response:
    tile = point_tile(points.pyramid, z, x, y, wish.chosen, layer="firms", categories=points.subsectors)
    return Response(tile, media_type=MVT_TYPE) if tile else Response(status_code=204)


def _legend(points: FirmPoints, wish: Wish, z: int, x: int, y: int) -> Response:
    colours = density_ramp(wish.theme)
    found = scale(points.pyramid, z, wish.chosen, measure=wish.measure, steps=len(colours))
    upper = [*(lower - 1 for lower in found.lowers[1:]), found.high]
    return JSONResponse(
        {
            "zoom": z,
            "measure": next(name for name, measure in MEASURES.items() if measure == wish.measure),
            "cell_m": found.cell_m if found.lowers else None,
            "points_from_zoom": points.pyramid.point_zoom(),
            "classes": [
                {"from": lower, "to": to, "colour": colour}
                for lower, to, colour in zip(found.lowers, upper, colours, strict=False)
            ],
        }
    )


@lru_cache(maxsize=1)
def _clear() -> bytes:
    return empty_grid_tile()


def read_wish(query: list[tuple[str, str]], dataset: Dataset, points: FirmPoints) -> Wish:
    """What a query asks for.

    Parameters
    ----------
    query : list of (name, value)
    dataset : Dataset
        Says which subsectors are of a tier in a year.
    points : FirmPoints
        Says what there is to choose from.

    Raises
    ------
    ValueError
        One sentence: an unknown name, a name that stands twice, or a value that nobody knows.
    """
    asked: dict[str, str] = {}
    for name, value in query:
        _check("filter", name, NAMES)
        if name in asked:
            raise ValueError(f"filter {name} stands twice; list its values with commas")
        asked[name] = value.strip()
    given = {name: value for name, value in asked.items() if value}
    place = _check("place", given.get("place", "registered"), get_args(Place))
    measure = MEASURES[_check("measure", given.get("measure", "firms"), tuple(MEASURES))]
    theme = _check("theme", given.get("theme", "light"), THEMES)
    tier = _check("tier", given.get("tier", "all"), TIERS)
    year = int(_check("year", given["year"], tuple(map(str, points.pyramid.years)))) if "year" in given else None
    if measure == "sum" and dataset.release is not None:
        raise ValueError("measure=revenue is not for this reader: squares of a map are none of the released cells")
    if measure == "sum" and year is None:
        raise ValueError("measure=revenue needs a year")
    subsectors = given["subsectors"].split(",") if "subsectors" in given else None
    chosen = points.choose(subsectors=subsectors)  # each of them must be known, whatever the tier leaves
    if tier != "all":
        of_tier = _of_tier(dataset, tier, year or dataset.default_year, place)
        subsectors = [s for s in of_tier if subsectors is None or s in subsectors]
    chosen = points.choose(
        subsectors=subsectors,
        year=year,
        precisions=given["precisions"].split(",") if "precisions" in given else None,
        place=place,
        district=given.get("district"),
    )
    return Wish(chosen, measure, theme, asked.get("v") == points.stamp)


def _of_tier(dataset: Dataset, tier: str, year: int, place: Place) -> list[str]:
    """Subsectors whose city total has a tier in a year: the meaning of the filter on the pages."""
    totals = cube_totals(cube_of(dataset), [c.SUBSECTOR_ID], place=place, year=year)[c.TOTAL_CNY]
    return [str(subsector) for subsector, cny in totals.items() if cny == cny and scale_tier(int(cny)) == tier]


def _check(what: str, value: str, known: tuple[str, ...]) -> Any:
    if value not in known:
        raise UnknownChoice(what, value, known)
    return value

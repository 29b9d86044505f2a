"""The atlas of the maps at ``/layers/atlas.js``: what they hold whatever a reader chooses, kept by the browser."""

from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.asking import viewer_of
from api.keeping import answer_kept
from clusters.roles import Viewer
from geo.atlas import Atlas


def atlas_route(address: str, build: Callable[[Viewer, Mapping[str, str]], Atlas | None]) -> Route:
    """The route.

    Parameters
    ----------
    address : str
        Its path.
    build : callable
        Atlas that a reader and the parameters of an address ask for; ``None`` when there is no such.
    """

    async def answer(request: Request) -> Response:
        atlas = await run_in_threadpool(build, viewer_of(request), request.query_params)
        if atlas is None:
            return PlainTextResponse("no such atlas", 404)
        stamped = request.query_params.get("v") == atlas.stamp
        return answer_kept(request, atlas.stamp, stamped, lambda: Response(atlas.script, media_type="text/javascript"))

    return Route(address, answer)

"""An invisible picture whose answer lets a browser remember that it has seen the guided tour.

It holds no name and no number, is readable by no script, and goes nowhere but to this server. Whether to open the tour
is decided in ``views.tour``.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
KEPT_S = 2 * 365 * 86_400


def tour_route(address: str, cookie: str) -> Route:
    """The route of the picture; it sets a cookie of this name."""

    async def seen(request: Request) -> Response:
        answer = Response(PICTURE, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})
        secure = request.url.scheme == "https"
        answer.set_cookie(cookie, "seen", max_age=KEPT_S, path="/", secure=secure, httponly=True, samesite="lax")
        return answer

    return Route(address, seen)

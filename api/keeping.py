"""How long a browser may keep an answer: for good when its address names its content, else it asks again each time."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

KEPT, ASKED_AGAIN = "private, max-age=31536000, immutable", "private, no-cache"


def answer_kept(request: Request, tag: str, stamped: bool, make: Callable[[], Response]) -> Response:
    """The answer with its tag, or 304 when the browser holds it.

    Parameters
    ----------
    request : Request
    tag : str
        Names the content; written as a weak ETag.
    stamped : bool
        Whether the address names the content too.
    make : callable
        Makes the answer; called only when it is needed.
    """
    etag = f'W/"{tag}"'
    headers = {"ETag": etag, "Cache-Control": KEPT if stamped else ASKED_AGAIN}
    if _is_held(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    response = make()
    response.headers.update(headers)
    return response


def _is_held(header: str, etag: str) -> bool:
    """Whether the browser holds this very answer: weak comparison, RFC 9110 section 13.1.2."""
    held = [one.strip().removeprefix("W/") for one in header.split(",")]
    return "*" in held or etag.removeprefix("W/") in held

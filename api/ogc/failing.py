"""How a request that is not answered is told so: a JSON exception with a code and one sentence."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.ogc.records import Failure

CODES = {400: "InvalidParameterValue", 410: "VersionChanged", 413: "ContentTooLarge", 414: "UriTooLong",
         500: "InternalError", 503: "DataUnavailable"}  # fmt: skip
JSON = "application/json"


def failure(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    """The answer; nobody may keep it. The code is the status in words where it has none of its own."""
    code = CODES.get(status) or HTTPStatus(status).phrase.replace(" ", "")
    body = Failure(code=code, description=sentence).json_bytes()
    return Response(body, status, {"Cache-Control": "private, no-store", **(headers or {})}, JSON)


async def refused(request: Request, error: Exception) -> Response:
    """The answer to a request that was refused on the way."""
    if not isinstance(error, HTTPException):
        return failure(500, "the server met what nobody foresaw; the operator finds it in the log")
    sentence = {
        404: f"there is nothing at {request.url.path[:200]!r}; begin at the landing page",
        405: f"{request.method[:20]!r} is not for this address; it can be read only (GET, HEAD)",
    }
    by_itself = error.detail in ("Not Found", "Method Not Allowed")
    told = sentence.get(error.status_code, error.detail) if by_itself else error.detail
    return failure(error.status_code, told, dict(error.headers or {}))

"""Who asks over HTTP: the one place where a route learns which reader it answers.

`api.signed_in` reads what a request brings of a sign-in, before any route. Where that does not stand around the routes,
or brought nothing, a request is anybody's; and one with a token that nobody looked at is refused.
"""

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from clusters.readers import ANYBODY, Reader, reader_without_sign_in
from clusters.roles import Viewer
from clusters.sign_in import sign_in

READER = "jiqun.reader"
"""Where a request holds what gives its reader."""
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="jiqun"', "Cache-Control": "no-store"}


def viewer_of(request: HTTPConnection) -> Viewer:
    """What the reader behind a request may see.

    Raises
    ------
    HTTPException
        401, when whoever has not signed in may see nothing.
    UnknownRole
        When the settings name a role that nobody knows.
    """
    return reader_of_request(request).viewer


def reader_of_request(request: HTTPConnection) -> Reader:
    """The reader behind a request.

    Raises
    ------
    HTTPException
    UnknownRole
    """
    how = sign_in()
    if how is None:
        return reader_without_sign_in()
    known = request.scope.get(READER)
    if known is None and bearer_token(request) is not None:
        raise HTTPException(401, "the token was not looked at", CHALLENGE)
    reader: Reader = ANYBODY if known is None else known()
    if how.is_required and not reader.is_signed_in:
        raise HTTPException(401, "sign in first", CHALLENGE)
    return reader


def bearer_token(request: HTTPConnection) -> str | None:
    """The token that a request brings instead of a cookie; ``None`` for none."""
    scheme, _, token = request.headers.get("authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None

"""Who asks over HTTP: the one place where a route learns which reader it answers."""

from starlette.requests import HTTPConnection

from clusters.roles import Viewer, viewer_without_sign_in


def viewer_of(request: HTTPConnection) -> Viewer:
    """The reader behind a request.

    Raises
    ------
    UnknownRole
        When the settings name a role that nobody knows.
    """
    return viewer_without_sign_in()

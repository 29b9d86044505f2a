"""Browser libraries at ``/vendor/<stamp>/``; the stamp changes with their content, so a browser may keep them."""

from os import PathLike, stat_result

from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from geo.web_assets import OWN, VENDOR, web_base


class _KeptFiles(StaticFiles):
    """Files whose address names their content."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def library_route() -> Mount:
    """The route; files that were not fetched yet answer 404."""
    return Mount(
        web_base().rstrip("/"),
        routes=[Mount("/own", _KeptFiles(directory=OWN)), Mount("/", _KeptFiles(directory=VENDOR, check_dir=False))],
    )

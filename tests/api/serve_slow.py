"""A stand-in server that leaves like ours: ``python -m tests.api.serve_slow PORT FOLDER``.

``/slow`` is answered once ``FOLDER/go`` is there; an import is at work as long as ``FOLDER/import`` is. Its socket
talks back. Everything that stops it is the product's.
"""

import asyncio
import logging
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from api.health import Readiness, health_routes
from api.leaving import GRACE_S, LeavingServer

TOLD = Readiness(list)


async def _slow(request: Request) -> Response:
    folder: Path = request.app.state.folder
    (folder / "begun").touch()
    while not (folder / "go").exists():
        await asyncio.sleep(0.02)
    return PlainTextResponse("whole")


async def _talk(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


def main(port: int, folder: Path, stop_s: float) -> None:
    """Serve until stopped."""
    logging.basicConfig(level=logging.INFO)
    routes = [*health_routes(TOLD), Route("/slow", _slow), WebSocketRoute("/talk", _talk)]
    app = Starlette(routes=routes)
    app.state.folder = folder
    config = uvicorn.Config(app, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_S)
    importing = (folder / "import").exists
    LeavingServer(config, drain_s=0.3, stop_s=stop_s, told=TOLD, at_work=importing).run()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))

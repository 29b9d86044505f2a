"""A server of its own for a measurement: started on a free port, waited for, stopped."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryFile

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
PATIENCE_S = 180.0


@contextmanager
def served(command: Sequence[str], port: int = 0, **environment: str) -> Iterator[tuple[str, int]]:
    """Address and process id of a server while it runs.

    Parameters
    ----------
    command : sequence of str
        What follows ``python``; ``{port}`` stands for the port.
    port : int
        Port to answer on; a free one when left out.
    environment : str
        Variables beside those of this process.

    Raises
    ------
    RuntimeError
        When it ends by itself or does not answer.
    """
    port = port or free_port()
    line = [sys.executable, *(part.replace("{port}", str(port)) for part in command)]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false", **environment}
    with (
        TemporaryFile() as told,
        subprocess.Popen(line, cwd=ROOT, env=variables, stdout=told, stderr=subprocess.STDOUT) as process,
    ):
        try:
            if not _answers(port, process):
                told.seek(0)
                raise RuntimeError(f"{' '.join(command)} did not start: {told.read()[-500:].decode(errors='replace')}")
            yield f"http://{HOST}:{port}", process.pid
        finally:
            process.terminate()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
                connection.request("GET", "/_stcore/health")
                with connection.getresponse() as answer:
                    if answer.status == 200:
                        return True
        except OSError:
            time.sleep(0.1)
    return False

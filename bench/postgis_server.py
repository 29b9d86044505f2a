"""A PostgreSQL server with PostGIS of one's own, from Debian's packages: for tests and campaigns that may break it."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

OWNER = "postgres"
PASSWORD = "s3cret-of-tests"  # noqa: S105 - of a server that lives as long as a test
_DEBIAN = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """Folder of ``initdb`` and ``pg_ctl`` of the newest server that has PostGIS; ``None`` when there is none."""
    for folder in sorted(_DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True):
        control = Path("/usr/share/postgresql") / folder.parent.name / "extension" / "postgis.control"
        if (folder / "initdb").is_file() and control.is_file():
            return folder
    return None


class Server:
    """A server in a folder of its own, on a free port of this machine."""

    def __init__(self, folder: Path) -> None:
        found = programs()
        if found is None:
            raise RuntimeError("no PostgreSQL with PostGIS is installed; sh tests/postgis.sh installs it")
        self.programs, self.data, self.log = found, folder / "data", folder / "server.log"
        self.port = _free_port()
        secret = folder / "secret"
        secret.write_text(PASSWORD)
        if os.geteuid() == 0:  # PostgreSQL does not run as root
            for path in (folder, secret):
                shutil.chown(path, OWNER)
        self._run("initdb", "-D", self.data, "-U", OWNER, "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync")  # fmt: skip

    def start(self) -> None:
        """Start, or start again after a crash."""
        options = f"-p {self.port} -k '' -c listen_addresses=127.0.0.1 -c max_connections=60 -c shared_buffers=32MB"
        self._run("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", "60", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop; ``immediate`` is what a crash is: nothing is tidied up, the next start recovers."""
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "60", "-m", mode, "stop")

    def url(self, database: str, *, password: str = PASSWORD) -> str:
        """Address of a database."""
        return f"postgresql://{OWNER}:{password}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str) -> None:
        """One statement of an administrator."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self.programs / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["runuser", "-u", OWNER, "--", *command]
        done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, check=False)  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode(errors='replace')[-600:]}")


@contextmanager
def server() -> Iterator[Server]:
    """A running server, stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="jiqun-postgis-") as folder:
        Path(folder).chmod(0o755)
        made = Server(Path(folder))
        made.start()
        try:
            yield made
        finally:
            made.stop("immediate")


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])

"""Mutated and hostile files of every format, each through the whole check: nothing may crash, hang, leak or call out.

``python -m bench.reader_soak [files]`` tries 5,000 by default. Each file is read by a forked child behind the walls of
``data.walls`` (a fork of a process that has the libraries loaded is what makes thousands of files bearable; every
hundredth goes through the real start), then understood and checked in this process. A secret file and a listener stand
by: a control, GDAL without walls, must reach both with the hostile files, or the zeros would prove nothing.
"""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

SECRET = "c0ffee-secret-of-the-server"  # noqa: S105 - bait
FILES = 5_000
REAL_EVERY = 100
LIMIT_S = 60.0


def main(files: int = FILES) -> dict[str, Any]:
    """Run the campaign and tell its figures."""
    os.environ["GDAL_SKIP"] = skip_list_of_a_child()
    import numpy as np

    from bench.hostile_files import honest_files, hostile_files, remade
    from data.readers import reading, sandbox
    from data.reference import load_reference

    reference, rng = load_reference(), np.random.default_rng(2026)
    with TemporaryDirectory() as made, TemporaryDirectory() as elsewhere, listener() as (port, heard):
        folder, secret = Path(made), Path(elsewhere) / "secret.csv"
        secret.write_text(f"name,x\n{SECRET},1\n", "utf-8")
        hostile = hostile_files(secret, port)
        control = naive_reaches(hostile, folder, heard)
        seeds = {**honest_files(folder, reference), **hostile}
        others = list(seeds.values())
        sandbox.skip_list = lambda: os.environ["GDAL_SKIP"]  # this GDAL has no other drivers left to list
        real_start = reading.run_child
        counts: Counter[str] = Counter()
        slowest, before = 0.0, len(heard)
        for number in range(files):
            name = list(seeds)[number % len(seeds)]
            data = seeds[name] if number < len(seeds) else remade(seeds[name], others, rng)
            path = folder / "upload"
            path.write_bytes(data)
            reading.run_child = real_start if number % REAL_EVERY == 0 else run_forked  # type: ignore[assignment]
            start = time.monotonic()
            told = tried(path, name, reference)
            slowest = max(slowest, time.monotonic() - start)
            counts[told] += 1
            if told.startswith(("CRASH", "LEAK")):
                print(f"{name}: {told}", flush=True)
                if keep := os.environ.get("KEEP_CRASHES"):
                    (Path(keep) / f"{number}-{name}").write_bytes(data)
        reading.run_child = real_start
        requests = len(heard) - before
    crashes = sum(n for told, n in counts.items() if told.startswith("CRASH"))
    figures = {
        "files": files,
        "formats": len(seeds),
        "checked": counts["checked"],
        "refused": sum(n for told, n in counts.items() if told.startswith("refused")),
        "app crashes": crashes,
        "over the limit": int(slowest > LIMIT_S),
        "slowest s": round(slowest, 1),
        "secret read": counts["LEAK"],
        "requests sent": requests,
        "control: secret read": control[0],
        "control: requests sent": control[1],
    }
    print(*(f"{told}: {n}" for told, n in counts.most_common()), sep="\n")
    print(figures)
    if crashes or counts["LEAK"] or requests or slowest > LIMIT_S or not all(control):
        sys.exit("the campaign failed")
    return figures


def skip_list_of_a_child() -> str:
    """Drivers to skip, found by another process, for GDAL of this one must not be loaded yet."""
    code = "from data.readers.drivers import skip_list; print(skip_list())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def tried(path: Path, name: str, reference: Any) -> str:
    """What became of one file: checked, refused, or what should never be."""
    from data.check_report import check_document
    from data.errors import DataError, RefusedFile
    from data.importing import Told, check_file
    from views.check_text import check_json
    from views.error_words import sentence
    from views.words import words

    try:
        document = check_document(check_file(path, Told(), reference, name=name))
        shown = str([check_json(document, words(language)) for language in ("zh", "en")])
        return "LEAK" if SECRET in shown else "checked"
    except RefusedFile as error:
        said = [sentence(error, words(language)) for language in ("zh", "en")]
        return "LEAK" if SECRET in str(said) else f"refused: {error.reason}"
    except DataError as error:
        return f"refused: {type(error).__name__}"
    except Exception as error:
        import traceback

        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "site-packages" not in frame.filename][-1]
        return f"CRASH {type(error).__name__}: {str(error)[:120]} at {Path(ours.filename).name}:{ours.lineno}"


def run_forked(scratch: Path, size: int, options: Any, limits: Any, progress: Any) -> None:
    """As ``data.readers.sandbox.run_child``, by a fork of this process."""
    import json

    from data.readers import child
    from data.readers.answer import VERDICT
    from data.readers.refusing import Refusal

    walls = {"memory_bytes": 0, "cpu_s": limits.cpu_seconds(size), "file_bytes": limits.answer_bytes}
    walls["memory_bytes"] = limits.memory_bytes + (4 << 30)  # this process has more mapped than a fresh child
    request = {"walls": walls, "limits": limits.as_dict(), "options": asdict(options)}
    (scratch / child.REQUEST).write_text(json.dumps(request), "utf-8")
    gc.freeze()  # a collection in the child would touch, and so copy, all that it shares with this process
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setsid()
            os.chdir(scratch)
            log = os.open(scratch / "log", os.O_WRONLY | os.O_CREAT, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
            child.main(scratch)
            code = 0
        finally:
            os._exit(code)
    deadline, status = time.monotonic() + limits.wall_seconds(size), None
    while status is None:
        ended, found = os.waitpid(pid, os.WNOHANG)
        if ended:
            status = found
        elif time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise Refusal("too_slow")
        else:
            time.sleep(0.002)
    if status or not (scratch / VERDICT).exists():
        raise Refusal("reader_stopped")


@contextmanager
def listener() -> Iterator[tuple[int, list[str]]]:
    """A port of this machine, and whoever came to it."""
    heard: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        open_ = threading.Event()

        def hear() -> None:
            while not open_.is_set():
                try:
                    guest, _ = server.accept()
                except TimeoutError:
                    continue
                heard.append("came")
                guest.close()

        thread = threading.Thread(target=hear, daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        open_.set()
        thread.join()


NAIVE = """
import sys, geopandas
read = 0
for path in sys.argv[2:]:
    try:
        read += sys.argv[1] in geopandas.read_file(path).to_csv()
    except Exception:
        continue
print(read)
"""


def naive_reaches(files: dict[str, bytes], folder: Path, heard: list[str]) -> tuple[int, int]:
    """How many hostile files make GDAL without walls read the secret, and how many requests it sends."""
    paths = [folder / name for name in files if name.startswith(("vrt", "far", "link", "gdalg"))]
    for path in paths:
        path.write_bytes(files[path.name])
    env = {key: value for key, value in os.environ.items() if key != "GDAL_SKIP"}
    command = [sys.executable, "-c", NAIVE, SECRET, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=300, check=False)
    return int(done.stdout or 0), len(heard)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))

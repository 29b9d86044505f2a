"""kill -9 of the app while readers read and files come in, and a new start, over and over: is anything lost or half?

``python -m bench.crash_soak [--rounds 100] [--control 10] [--readers 4] [--think 0]``. The campaign is the supervisor:
it starts the app on one port, kills it at a random moment (the first time after the first import), and starts it again.
Readers are WebSockets that come back as soon as somebody answers. A door, a process that does for one file after
another what the data page does (``data.jobs``: taken in, checked, confirmed, awaited), tells of every version that it
was told of; it dies with the app, and in every second round so do the workers, as when a machine or a container ends.

After each kill, a look at the workspace from here: every version that was told of is listed and whole, row by row; no
folder without a row, none the other way round; no job is at work for ever; and the app starts. In between no reader may
see an error. The control tells of an import as soon as it is confirmed, before it is kept, and must lose; no app runs
beside it, since an import is the work of the door and its workers.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, cast

from bench.server import ROOT, free_port, served
from bench.sessions import choose, joined
from data import columns as c
from data import workspace
from data.importing import Told
from data.job_files import job_folder, read_asked, read_state
from data.jobs import AT_WORK, JobState, confirm_job, job, jobs, start_job
from data.mapping import TableKind
from data.reference import load_reference
from data.store import check_store, list_versions, open_version

SERVER = ("cli.py", "serve", "--port", "{port}")
ROUNDS, CONTROL_ROUNDS, READERS, SEED = 100, 10, 4, 2026
FIRMS = 20
LIVES = (0.05, 2.2)  # imports, as long as the first took: a kill falls anywhere within about two
PATIENCE_S, POLL_S = 120.0, 0.05
Figures = dict[str, Any]


def register(number: int) -> bytes:
    """A file whose every row says which import it is of."""
    rows = (
        f"第{number}批第{row}家公司,S01,{113.93 + row / 500},{22.53 + row / 900},2021,{number}" for row in range(FIRMS)
    )
    return "\n".join(["企业名称,细分领域,经度,纬度,年份,营业收入（元）", *rows]).encode()


def door(home: Path, first: int, *, early: bool) -> None:
    """Bring one file after the other, and tell the number of each that is kept; ``early`` tells too soon."""
    number = first
    while True:
        told = Told(kind=TableKind.FIRMS, datum="wgs84")
        asked = start_job(home, register(number), f"{number}.csv", told)
        _await(home, asked, JobState.CHECKED)
        confirm_job(home, asked, told)
        if early:
            print(number, flush=True)
        _await(home, asked, JobState.DONE)
        if not early:
            print(number, flush=True)
        number += 1


def _await(home: Path, job_id: str, state: JobState) -> None:
    until = time.monotonic() + PATIENCE_S
    while (found := job(home, job_id)) is not None and found.state is not state:
        if found.state not in AT_WORK or time.monotonic() > until:
            raise RuntimeError(f"the job is {found.state}: {found.error}")
        time.sleep(POLL_S)


class Readers:
    """Sessions that come back whenever somebody answers; what they see while nobody is killed must be no error."""

    def __init__(self, address: str, several: int, think_s: float) -> None:
        self.address, self.think_s = address, think_s
        self.stop, self.alive = threading.Event(), threading.Event()
        self.life, self.errors, self.runs = 0, list[str](), 0
        self.seen = [0] * several  # the life in which each saw a page last
        self.threads = [threading.Thread(target=self._read, args=(number,), daemon=True) for number in range(several)]
        for thread in self.threads:
            thread.start()

    def back(self) -> int:
        """Wait until all have seen a page in this life; how many have."""
        until = time.monotonic() + PATIENCE_S
        while min(self.seen, default=self.life) < self.life and time.monotonic() < until:
            time.sleep(POLL_S)
        return sum(seen == self.life for seen in self.seen)

    def end(self) -> None:
        """Let all go."""
        self.stop.set()
        for thread in self.threads:
            thread.join(PATIENCE_S)

    def _read(self, number: int) -> None:
        rng = random.Random(number)  # noqa: S311 - no secret
        while not self.stop.is_set():
            self.alive.wait(1)
            life = self.life
            if not self.alive.is_set():
                continue
            try:
                with joined(self.address) as socket:
                    while self.alive.is_set() and not self.stop.is_set():
                        choose(socket, f"year={rng.choice((2020, 2021, 2022))}", rng.choice(("overview", "units")))
                        self.seen[number], self.runs = life, self.runs + 1
                        self.stop.wait(self.think_s)
            except Exception as error:  # a kill shows itself in many ways
                if self.alive.is_set() and self.life == life:
                    self.errors.append(f"{type(error).__name__}: {error}")
                    self.stop.wait(0.5)


def campaign(home: Path, rounds: int, several: int, think_s: float = 0, *, early: bool = False) -> Figures:
    """So many lives of the app; or, where it is told too early, of the door alone."""
    rng, port = random.Random(SEED), free_port()  # noqa: S311 - no secret
    readers = Readers(f"http://127.0.0.1:{port}", several, think_s)
    told: set[int] = set()
    back, starts, stuck, faults, number, an_import_s = 0, list[float](), 0, list[str](), 1, 0.0
    for life in range(1, rounds + 1):
        start = time.monotonic()
        with nullcontext(("", 0)) if early else served(SERVER, port, JIQUN_HOME=str(home)) as (_, process):
            starts.append(time.monotonic() - start)
            readers.life = life
            readers.alive.set()
            back += readers.back()
            acknowledged, gone = _at_work(home, number, early=early)
            began = time.monotonic()
            if early or life == 1:
                _until_told(acknowledged)
                an_import_s = time.monotonic() - began
            else:
                time.sleep(an_import_s * rng.uniform(*LIVES))
            readers.alive.clear()
            if process:
                os.kill(process, signal.SIGKILL)
            gone()
        told |= set(acknowledged)
        stuck += not _at_rest(home, kill=early or life % 2 == 0)
        number = max([number, *told, *_numbers(home)]) + 1
        if not early:
            faults += _faults(home)
    readers.end()
    kept = _numbers(home)
    return {
        "campaign": "control: told before it is kept" if early else "kill -9 of the app",
        "kills": rounds,
        "told": len(told),
        "lost": len(told - kept),
        "versions": len(kept),
        "faults": len(faults),
        "jobs_stuck": stuck,
        "came_back": back,
        "reader_errors": len(readers.errors),
        "page_runs": readers.runs,
        "slowest_start_s": round(max(starts), 1),
        "first_fault": (faults + readers.errors + [""])[0][:300],
    }


def _at_work(home: Path, first: int, *, early: bool) -> tuple[list[int], Callable[[], None]]:
    """Numbers that the door tells from now on, and how it ends."""
    command = [
        sys.executable,
        "-m",
        "bench.crash_soak",
        "--door",
        str(home),
        str(first),
        *(["--early"] if early else []),
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    told: list[int] = []
    hearing = threading.Thread(target=_hear, args=(cast(IO[str], process.stdout), told), daemon=True)
    hearing.start()

    def gone() -> None:
        process.kill()
        process.wait()
        hearing.join()  # what it said before it died counts

    return told, gone


def _hear(said: IO[str], told: list[int]) -> None:
    with said:
        for line in said:
            told.append(int(line))  # one by one, since others look meanwhile


def _until_told(told: list[int]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not told and time.monotonic() < until:
        time.sleep(POLL_S)


def _at_rest(home: Path, *, kill: bool) -> bool:
    """Whether every job comes to an end, by itself or since its worker is killed, however late that has begun."""
    until = time.monotonic() + PATIENCE_S
    while at_work := [one.id for one in jobs(home) if one.state in AT_WORK]:
        if time.monotonic() > until:
            return False
        for folder in (found for found in map(partial(job_folder, home), at_work if kill else ()) if found):
            if pid := read_state(folder, read_asked(folder).run).pid:
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
        time.sleep(POLL_S)
    return True


def _numbers(home: Path) -> set[int]:
    """Imports of which a whole version is listed."""
    reference = load_reference()
    found = set()
    for record in list_versions(home, reference):
        if record.id != workspace.BUNDLED:
            names = open_version(home, record.id, reference).firms[c.NAME].astype(str)
            numbers = {int(name[1:].partition("批")[0]) for name in names}
            if len(numbers) == 1 and len(names) == FIRMS:
                found |= numbers
    return found


def _faults(home: Path) -> Iterator[str]:
    """What is wrong with a workspace."""
    try:
        check_store(home)
        listed = {record.id for record in list_versions(home, load_reference())} - {workspace.BUNDLED}
        folders = {path.name for path in (home / "versions").glob("*/")}
        if listed != folders:
            yield f"folders without a row or rows without a folder: {sorted(listed ^ folders)}"
        if len(_numbers(home)) != len(listed):
            yield "a version that is listed is not whole"
    except (ValueError, OSError) as error:
        yield f"{type(error).__name__}: {error}"


def soak(rounds: int, control: int, several: int, think_s: float) -> Iterator[Figures]:
    """Both campaigns, each with whether it went as it must."""
    with TemporaryDirectory() as folder:
        told = campaign(_home(folder, "product"), rounds, several, think_s)
        clean = told["told"] and not (told["lost"] or told["faults"] or told["jobs_stuck"] or told["reader_errors"])
        yield {**told, "as_expected": bool(clean) and told["came_back"] == rounds * several}
        told = campaign(_home(folder, "control"), control, 0, early=True)
        yield {**told, "as_expected": told["lost"] > 0}


def _home(folder: str, name: str) -> Path:
    home = Path(folder) / name
    home.mkdir()
    return home


def main() -> None:
    """Run and print; or be the door of a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--control", type=int, default=CONTROL_ROUNDS)
    parser.add_argument("--readers", type=int, default=READERS)
    parser.add_argument("--think", type=float, default=0.0, help="seconds that a reader looks at a page")
    parser.add_argument("--door", nargs=2, metavar=("HOME", "FIRST"), help=argparse.SUPPRESS)
    parser.add_argument("--early", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.door:
        door(Path(asked.door[0]), int(asked.door[1]), early=asked.early)
        return
    found = []
    for figures in soak(asked.rounds, asked.control, asked.readers, asked.think):
        found.append(figures["as_expected"])
        print(json.dumps(figures, ensure_ascii=False), flush=True)
    if not all(found):
        sys.exit("the campaign did not go as it must")


if __name__ == "__main__":
    main()

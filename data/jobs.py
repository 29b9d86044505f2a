"""Imports in worker processes: what a page starts, looks at, confirms and cancels, and never does itself.

A page's script dies with a click, a closed tab or a restart of the server; a worker is a process in a session of its
own and does not. What a job is stands on the disk (``home/jobs/<id>``), so every process sees the same. One worker is
at work at a time, the others wait in the order in which they were asked for: two imports would need twice the memory,
and the store takes one at a time anyway. Whether a worker lives is asked of the lock that it holds, never of its
number, which may be another's by now.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.audit import UNKNOWN, Actor
from data.durable import flush_folder, flushed
from data.error_records import ErrorRecord
from data.errors import WorkerDied
from data.exclusive import is_held
from data.importing import Told
from data.job_files import (
    ALIVE,
    ASKED,
    LOG,
    UPLOAD,
    Asked,
    Wish,
    WorkerState,
    forget_upload,
    job_folder,
    jobs_folder,
    make_folder,
    next_run,
    read_asked,
    read_check,
    read_exited,
    read_refused,
    read_state,
    write_asked,
    write_exited,
)

WORKER = (sys.executable, "-m", "data.jobs_worker")
"""Command of a worker; the workspace, the job and the run follow."""

ROOT = Path(__file__).parents[1]
START_S = 60.0
KEEP_S = 7 * 86_400.0
CHUNK = 1 << 20


class JobState(StrEnum):
    """Where a job is on its way."""

    WAITING = "waiting"
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


AT_WORK = frozenset((JobState.WAITING, JobState.CHECKING, JobState.IMPORTING))


@dataclass(frozen=True)
class Job:
    """One file on its way into the data.

    Attributes
    ----------
    id : str
        16 hexadecimal digits that nobody can guess.
    name : str
        Name of the file.
    state : JobState
    wish : Wish
        What it was asked for last: of a waiting or failed job, what it waits for or failed at.
    told : Told
        What a person said beside the file, last.
    created : str
        ISO 8601, UTC.
    stage : str
        One of ``data.importing.STAGES``.
    rows, rows_total : int
        Rows of this stage that are done, and all; 0 when not known.
    ahead : int
        Jobs that come before a waiting one.
    error : ErrorRecord or None
        Why it failed.
    version : str or None
        The version that it became.
    again : bool
        Whether it can be started again: its file is still here.
    run : int
        Counts what was asked of it, from 1.
    """

    id: str
    name: str
    state: JobState
    wish: Wish
    told: Told
    created: str
    stage: str = "waiting"
    rows: int = 0
    rows_total: int = 0
    ahead: int = 0
    error: ErrorRecord | None = None
    version: str | None = None
    again: bool = False
    run: int = 1


def start_job(home: Path, upload: "bytes | memoryview | Path", name: str, told: Told, *, by: Actor = UNKNOWN) -> str:
    """Take in a file and have it checked; nothing of it reaches the data before ``confirm_job``.

    Parameters
    ----------
    home : Path
        Workspace folder.
    upload : bytes or Path
        What the file holds, or where it lies; it is copied.
    name : str
        Name of the file, for people; it never becomes a path.
    told : Told
    by : Actor, optional
        Whoever brings it.

    Returns
    -------
    str
        Id of the job.
    """
    sweep_jobs(home)
    job_id = secrets.token_hex(8)
    folder = make_folder(home, job_id)
    with flushed(folder / UPLOAD) as file:
        if isinstance(upload, Path):
            with upload.open("rb") as given:
                shutil.copyfileobj(given, file, CHUNK)
        else:
            file.write(upload)
    flush_folder(folder)
    now = time.time()
    created = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    asked = Asked(name=name, wish=Wish.CHECK, run=1, ticket=now, created=created, told=told, by=by)
    write_asked(folder, asked)
    _start_worker(home, folder, asked.run)
    return job_id


def job(home: Path, job_id: str) -> Job | None:
    """A job as it is now; ``None`` when there is none of this id."""
    folder = job_folder(home, job_id)
    return None if folder is None else _seen(home, folder)


def jobs(home: Path) -> list[Job]:
    """All jobs that are still kept, the newest first."""
    found = [
        _seen(home, path.parent) for path in jobs_folder(home).glob(f"*/{ASKED}") if job_folder(home, path.parent.name)
    ]
    return sorted(found, key=lambda one: (one.created, one.id), reverse=True)


def recheck_job(home: Path, job_id: str, told: Told, by: Actor = UNKNOWN) -> None:
    """Have a file checked again, with other answers; whatever its worker does now ends."""
    _again(home, job_id, Wish.CHECK, told, by)


def confirm_job(home: Path, job_id: str, told: Told, by: Actor = UNKNOWN) -> None:
    """Have a checked file made a new version; two clicks are one, since a job at work or done stays as it is."""
    found = job(home, job_id)
    if found is not None and found.state not in (*AT_WORK, JobState.DONE):
        _again(home, job_id, Wish.IMPORT, told, by)


def restart_job(home: Path, job_id: str, by: Actor = UNKNOWN) -> None:
    """Start a failed job again, from its beginning."""
    found = job(home, job_id)
    if found is not None and found.state is JobState.FAILED:
        _again(home, job_id, found.wish, found.told, by)


def cancel_job(home: Path, job_id: str) -> None:
    """Stop a job that has not become a version, and let go of its file."""
    folder = job_folder(home, job_id)
    if folder is None or _seen(home, folder).state is JobState.DONE:
        return
    asked = read_asked(folder)
    write_asked(folder, replace(asked, wish=Wish.CANCEL))
    _stop_worker(folder, asked.run)
    forget_upload(folder)


def check_of(home: Path, job_id: str) -> dict[str, Any] | None:
    """Document of a job's last check (``data.check_report.check_document``); ``None`` before there is one."""
    folder = job_folder(home, job_id)
    return None if folder is None else read_check(folder)


def refused_of(home: Path, job_id: str) -> tuple[pa.Table, tuple[str, ...], pa.Table] | None:
    """Refused rows of a job's last check, the headings of its file, and the findings that refuse."""
    folder = job_folder(home, job_id)
    return None if folder is None else read_refused(folder)


def sweep_jobs(home: Path) -> None:
    """Remove jobs that nobody has asked anything of for a week."""
    for folder in jobs_folder(home).glob("*/"):
        mark = folder / ASKED if (folder / ASKED).exists() else folder
        if time.time() - mark.stat().st_mtime > KEEP_S and not is_held(folder / ALIVE):
            shutil.rmtree(folder, ignore_errors=True)


def jobs_ahead(home: Path, job_id: str) -> int:
    """How many jobs at work or waiting were asked for before this one."""
    folder = job_folder(home, job_id)
    if folder is None:
        return 0
    mine = (read_asked(folder).ticket, job_id)
    others = (p.parent for p in jobs_folder(home).glob(f"*/{ASKED}") if p.parent.name != job_id)
    return sum(1 for other in others if (ticket := _ticket(other)) is not None and (ticket, other.name) < mine)


def _ticket(folder: Path) -> float | None:
    """Ticket of a job that is at work or waits; ``None`` for any other."""
    try:
        asked = read_asked(folder)
        return asked.ticket if _is_at_work(folder, asked, *_look(folder, asked)) else None
    except FileNotFoundError:  # swept while we looked
        return None


def _look(folder: Path, asked: Asked) -> tuple[bool, WorkerState]:
    """Whether the worker lives, and how far it is; asked in this order, its last word is never missed."""
    alive = is_held(folder / ALIVE)
    return alive, read_state(folder, asked.run)


def _is_at_work(folder: Path, asked: Asked, alive: bool, reached: WorkerState) -> bool:
    starting = time.time() - asked.ticket < START_S and not reached.pid and read_exited(folder) < asked.run
    return asked.wish is not Wish.CANCEL and not reached.ended and (alive or starting)


def _seen(home: Path, folder: Path) -> Job:
    asked = read_asked(folder)
    alive, reached = _look(folder, asked)
    error = reached.error
    if reached.version is not None:
        state = JobState.DONE
    elif asked.wish is Wish.CANCEL:
        state = JobState.CANCELLED
    elif _is_at_work(folder, asked, alive, reached):
        busy = JobState.CHECKING if asked.wish is Wish.CHECK else JobState.IMPORTING
        state = JobState.WAITING if reached.stage == "waiting" else busy
    elif error is None and reached.ended:
        state = JobState.CHECKED
    else:
        state, error = JobState.FAILED, error or ErrorRecord.of(WorkerDied(reached.stage))
    return Job(
        id=folder.name,
        name=asked.name,
        state=state,
        wish=asked.wish,
        told=asked.told,
        created=asked.created,
        stage=reached.stage,
        rows=reached.rows,
        rows_total=reached.rows_total,
        ahead=jobs_ahead(home, folder.name) if state is JobState.WAITING else 0,
        error=error,
        version=reached.version,
        again=(folder / UPLOAD).is_file(),
        run=asked.run,
    )


def _again(home: Path, job_id: str, wish: Wish, told: Told, by: Actor) -> None:
    folder = job_folder(home, job_id)
    if folder is None or not (folder / UPLOAD).is_file():
        return
    asked = read_asked(folder)
    _stop_worker(folder, asked.run)
    fresh = next_run(asked, wish, told, ticket=time.time(), by=by)
    write_asked(folder, fresh)
    _start_worker(home, folder, fresh.run)


def _start_worker(home: Path, folder: Path, run: int) -> None:
    """Start a process that nothing of ours can take down with it."""
    whole = home.resolve()
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            [*WORKER, str(whole), folder.name, str(run)],
            cwd=ROOT,
            env=os.environ | {"JIQUN_HOME": str(whole)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    threading.Thread(target=_see_off, args=(process, folder, run), daemon=True, name=f"job {folder.name}").start()


def _see_off(process: "subprocess.Popen[bytes]", folder: Path, run: int) -> None:
    """Note the end of a worker at once; when this process ends first, the lock tells it all the same."""
    process.wait()
    if folder.is_dir():
        write_exited(folder, run)


def _stop_worker(folder: Path, run: int) -> None:
    """End a worker with all that it started; one that has not begun reads its wish first and ends by itself."""
    pid = read_state(folder, run).pid
    if not pid or not is_held(folder / ALIVE):
        return
    try:
        if os.name == "posix":
            os.killpg(pid, signal.SIGTERM)
        else:
            os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return

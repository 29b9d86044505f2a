"""The process that checks or imports one file: ``python -m data.jobs_worker HOME JOB RUN``.

It waits for its turn, does what was asked, and keeps on the disk how far it is. Whatever goes wrong ends as a record
that a page can put into words.
"""

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from data.audit import REFUSED_IMPORT, note_if_possible
from data.check_report import check_document
from data.dataset import Dataset
from data.error_records import ErrorRecord
from data.errors import DataError, HeldElsewhere, WorkerFailed
from data.exclusive import holding
from data.importing import check_file, import_file, note_import
from data.job_files import (
    ALIVE,
    LOG,
    UPLOAD,
    Asked,
    Wish,
    WorkerState,
    forget_upload,
    job_folder,
    jobs_folder,
    read_asked,
    write_check,
    write_refused,
    write_state,
)
from data.jobs import jobs_ahead
from data.logs import configure_logs
from data.reference import load_reference
from data.store import current_version, open_version
from geo.errors import GeoError

TURN = "turn"
PATIENCE_S, POLL_S, SAY_EVERY_S = 60.0, 0.2, 0.4
NICE = 5
log = logging.getLogger(__name__)


def _current(home: Path) -> Dataset:
    return open_version(home, current_version(home), load_reference())


@dataclass(frozen=True)
class Pipeline:
    """What a worker does with a file, and the version that a check is held against."""

    check: Callable[..., Any] = check_file
    document: Callable[[Any], dict[str, Any]] = check_document
    commit: Callable[..., Any] = import_file
    current: Callable[[Path], Dataset] = _current


class Reporter:
    """Keeps how far a worker is: every new stage, the first report of rows, and of many in a short time the first."""

    def __init__(self, folder: Path, run: int) -> None:
        self.folder = folder
        self.state = WorkerState(run, pid=os.getpid())
        self.said = 0.0
        write_state(folder, self.state)

    def __call__(self, stage: str, rows: int, rows_total: int) -> None:
        """Take a report of the pipeline."""
        news = (stage, rows > 0) != (self.state.stage, self.state.rows > 0)
        self.state = replace(self.state, stage=stage, rows=rows, rows_total=rows_total)
        if news or time.monotonic() - self.said > SAY_EVERY_S:
            self.said = time.monotonic()
            write_state(self.folder, self.state)

    def end(self, *, error: Exception | None = None, version: str | None = None) -> None:
        """Keep the last word."""
        kept = None if error is None else ErrorRecord.of(error)
        self.state = replace(self.state, ended=True, error=kept, version=version)
        write_state(self.folder, self.state)


def work(home: Path, job_id: str, run: int, pipeline: Pipeline | None = None) -> None:
    """Do what was asked of a job in this run, when its turn has come."""
    folder = job_folder(home, job_id)
    if folder is None:
        return
    with holding(folder / ALIVE, patience_s=PATIENCE_S):
        # before the wish is read: whoever cancels then either is read or knows whom to stop
        report = Reporter(folder, run)
        asked = read_asked(folder)
        if asked.run != run or asked.wish is Wish.CANCEL:
            return
        try:
            with _turn(home, job_id):
                version = _do(home, folder, asked, report, pipeline or Pipeline())
            if version is not None:
                forget_upload(folder)
            report.end(version=version)
        except (DataError, GeoError, OSError) as error:
            _note_refused(home, job_id, asked, error)
            report.end(error=error)
        except Exception as error:
            log.exception("the work failed at %s", report.state.stage)
            _note_refused(home, job_id, asked, error)
            report.end(error=WorkerFailed(report.state.stage, str(folder / LOG)))


def _note_refused(home: Path, job_id: str, asked: Asked, error: Exception) -> None:
    if asked.wish is Wish.IMPORT:
        why = type(error).__name__
        note_if_possible(home, asked.by, REFUSED_IMPORT, file=asked.name, job=job_id, outcome=why)


def _do(home: Path, folder: Path, asked: Asked, report: Reporter, pipeline: Pipeline) -> str | None:
    report("reading", 0, 0)
    if asked.wish is Wish.IMPORT:
        record = pipeline.commit(folder / UPLOAD, asked.told, home, name=asked.name, progress=report)
        note_import(home, asked.by, record, job=folder.name)
        return str(record.id)
    checked = pipeline.check(folder / UPLOAD, asked.told, pipeline.current(home), name=asked.name, progress=report)
    document = pipeline.document(checked)
    write_refused(folder, checked.refused_rows(), tuple(checked.raw.headings), checked.findings.table())
    write_check(folder, document)
    return None


@contextmanager
def _turn(home: Path, job_id: str) -> Iterator[None]:
    """Wait until all who asked earlier are done, and keep the others out."""
    with ExitStack() as stack:
        while True:
            if not jobs_ahead(home, job_id):
                try:
                    stack.enter_context(holding(jobs_folder(home) / TURN, patience_s=POLL_S))
                    break
                except HeldElsewhere:
                    continue
            time.sleep(POLL_S)
        yield


def main(pipeline: Pipeline | None = None) -> None:
    """Work on the job that the command line names."""
    configure_logs()
    if hasattr(os, "nice"):
        os.nice(NICE)  # pages and tiles of the same machine come first
    home, job_id, run = sys.argv[1:]
    work(Path(home), job_id, int(run), pipeline)


if __name__ == "__main__":
    main()

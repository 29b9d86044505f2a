"""Jobs with real worker processes: nothing a page does stops or tears one, and one that dies can be told."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data import jobs as jobs_module
from data.importing import Told
from data.job_files import job_folder, read_state
from data.jobs import (
    AT_WORK,
    Job,
    JobState,
    cancel_job,
    check_of,
    confirm_job,
    job,
    jobs,
    recheck_job,
    refused_of,
    restart_job,
    start_job,
    sweep_jobs,
)
from data.mapping import ColumnChoice, Mapping, TableKind
from data.reference import load_reference
from data.store import current_version, list_versions

ROOT = Path(__file__).parents[2]
FAKE = (sys.executable, "-m", "tests.data.fake_pipeline")
CSV = "企业名称,2021年营收\n甲,12\n乙,约12\n".encode("gb18030")
PATIENCE_S, LOOK_S = 60.0, 0.02

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the gate of the stand-in is a FIFO")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace whose workers run the stand-in; what still works at the end is stopped."""
    monkeypatch.setattr(jobs_module, "WORKER", FAKE)
    os.mkfifo(tmp_path / "gate")
    yield tmp_path
    for left in jobs(tmp_path):
        cancel_job(tmp_path, left.id)


def seen(home: Path, job_id: str, condition: Callable[[Job], bool]) -> Job:
    """The job as soon as a condition holds: another process tells, so somebody has to look again and again."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        now = job(home, job_id)
        assert now is not None
        if condition(now):
            return now
        time.sleep(LOOK_S)
    pytest.fail(f"still {now}")


def rested(home: Path, job_id: str) -> Job:
    return seen(home, job_id, lambda now: now.state not in AT_WORK)


def open_gate(home: Path) -> None:
    """Let one worker that holds go on."""
    (home / "gate").write_text("go")


def test_a_file_is_checked_confirmed_and_becomes_a_version(home: Path) -> None:
    job_id = start_job(home, CSV, "../../名录 & 2022.csv", Told(kind=TableKind.FIRMS))
    checked = rested(home, job_id)
    assert (checked.state, checked.error) == (JobState.CHECKED, None)
    assert checked.name == "../../名录 & 2022.csv"
    document = check_of(home, job_id)
    assert document is not None
    assert (document["rows_read"], document["refused"]) == (2, 1)
    refused = refused_of(home, job_id)
    assert refused is not None
    rows, headings, reasons = refused
    assert (rows.to_pylist(), headings) == ([{"row": 3, "0": "乙", "1": "约12"}], ("企业名称", "2021年营收"))
    assert reasons["code"].to_pylist() == ["unreadable_number"]
    assert current_version(home) == "0", "a check writes nothing"

    confirm_job(home, job_id, checked.told)
    done = rested(home, job_id)
    assert (done.state, done.version) == (JobState.DONE, "1")
    assert current_version(home) == "1"
    assert not done.again, "the upload is gone"
    assert refused_of(home, job_id) is not None, "its refused rows are not"

    confirm_job(home, job_id, done.told)
    cancel_job(home, job_id)
    assert job(home, job_id) == done, "a second click changes nothing"


def test_answers_travel_to_the_worker(home: Path) -> None:
    job_id = start_job(home, CSV, "a.csv", Told())
    rested(home, job_id)
    first = check_of(home, job_id)
    assert first is not None
    assert [q["subject"] for q in first["questions"]] == ["2021年营收"]
    columns = (
        ColumnChoice(0, "企业名称", "name"),
        ColumnChoice(1, "2021年营收", "revenue_cny", unit="亿元", year=2021),
    )
    told = Told(kind=TableKind.FIRMS, datum="gcj02", year=2021, merge=True, mapping=Mapping(TableKind.FIRMS, columns))
    recheck_job(home, job_id, told)
    assert rested(home, job_id).told == told
    second = check_of(home, job_id)
    assert second is not None
    assert second["questions"] == []


def test_a_second_job_waits_for_the_first_and_says_so(home: Path) -> None:
    one = start_job(home, b"hold", "one.csv", Told())
    seen(home, one, lambda now: now.stage == "reading")
    two, three = start_job(home, CSV, "two.csv", Told()), start_job(home, CSV, "three.csv", Told())
    waiting = [now for now in (job(home, two), job(home, three)) if now]
    assert [(now.state, now.ahead) for now in waiting] == [(JobState.WAITING, 1), (JobState.WAITING, 2)]
    assert {now.id for now in jobs(home)} == {one, two, three}
    cancel_job(home, one)
    assert rested(home, two).state is JobState.CHECKED
    assert rested(home, three).state is JobState.CHECKED
    stopped = job(home, one)
    assert stopped is not None
    assert (stopped.state, stopped.again) == (JobState.CANCELLED, False)


def test_a_worker_that_is_killed_can_be_told_and_started_again(home: Path) -> None:
    job_id = start_job(home, b"hold", "a.csv", Told())
    seen(home, job_id, lambda now: now.stage == "reading")
    folder = job_folder(home, job_id)
    assert folder is not None
    os.kill(read_state(folder, 1).pid, signal.SIGKILL)
    failed = rested(home, job_id)
    assert failed.state is JobState.FAILED
    assert failed.error is not None
    assert failed.error.classes[0] == "WorkerDied"
    assert failed.again

    restart_job(home, job_id)
    seen(home, job_id, lambda now: now.state is JobState.CHECKING)
    open_gate(home)
    assert rested(home, job_id).state is JobState.CHECKED


def test_a_worker_that_ends_before_its_first_word_is_failed_at_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "WORKER", (sys.executable, "-c", "raise SystemExit(3)"))
    assert rested(home, start_job(home, CSV, "a.csv", Told())).state is JobState.FAILED


@pytest.mark.parametrize(
    ("said", "error"), [(b"refuse", "RefusedFile"), (b"crash", "WorkerFailed"), (b"kill", "WorkerDied")]
)
def test_whatever_goes_wrong_has_a_name(home: Path, said: bytes, error: str) -> None:
    failed = rested(home, start_job(home, said, "a.csv", Told()))
    assert failed.state is JobState.FAILED
    assert failed.error is not None
    assert failed.error.classes[0] == error


def test_a_job_outlives_the_process_that_started_it(home: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from data import jobs; from data.importing import Told\n"
        f"jobs.WORKER = {FAKE!r}\n"
        "print(jobs.start_job(Path(sys.argv[1]), b'hold', 'a.csv', Told()))"
    )
    started = subprocess.run(
        [sys.executable, "-c", program, str(home)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    job_id = started.stdout.strip()
    seen(home, job_id, lambda now: now.state is JobState.CHECKING)
    open_gate(home)
    assert rested(home, job_id).state is JobState.CHECKED


def test_an_import_in_the_middle_outlives_a_signal_to_its_starter(home: Path) -> None:
    job_id = start_job(home, b"hold", "a.csv", Told())
    folder = job_folder(home, job_id)
    assert folder is not None
    seen(home, job_id, lambda now: now.stage == "reading")
    assert os.getsid(read_state(folder, 1).pid) != os.getsid(0), "a hangup of the terminal never reaches it"
    open_gate(home)
    rested(home, job_id)


def test_a_cancelled_import_writes_nothing(home: Path) -> None:
    job_id = start_job(home, CSV, "a.csv", Told())
    rested(home, job_id)
    folder = job_folder(home, job_id)
    assert folder is not None
    (folder / "upload").write_bytes(b"hold")
    confirm_job(home, job_id, Told())
    seen(home, job_id, lambda now: now.state is JobState.IMPORTING)
    cancel_job(home, job_id)
    assert rested(home, job_id).state is JobState.CANCELLED
    assert [record.id for record in list_versions(home, load_reference())] == ["0"]


@pytest.mark.parametrize("asked", ["", "..", "../../etc", "0" * 15, "0" * 16, "g" * 16, "０" * 16, "0" * 16 + "\n"])
def test_no_id_leads_out_of_the_folder(home: Path, asked: str) -> None:
    assert job(home, asked) is None
    assert check_of(home, asked) is None
    assert refused_of(home, asked) is None
    cancel_job(home, asked)
    restart_job(home, asked)
    recheck_job(home, asked, Told())
    confirm_job(home, asked, Told())


def test_a_job_that_nobody_asked_after_for_a_week_is_swept(home: Path) -> None:
    old, fresh = start_job(home, CSV, "old.csv", Told()), start_job(home, CSV, "fresh.csv", Told())
    for each in (old, fresh):
        rested(home, each)
    folder = job_folder(home, old)
    assert folder is not None
    week_ago = time.time() - 8 * 86_400
    os.utime(folder / "asked.json", (week_ago, week_ago))
    sweep_jobs(home)
    assert [now.id for now in jobs(home)] == [fresh]
    assert not folder.exists()

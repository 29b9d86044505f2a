"""The child as the server sees it: what it gets to know, how it is ended, what is believed of its answer."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from data.errors import RefusedFile
from data.readers import Limits, read_file, sandbox
from data.readers.answer import TABLE, VERDICT, Answer, Described, rows_so_far, take_answer
from data.readers.drivers import DRIVERS, check_drivers, skip_list
from data.readers.limits import MIB
from data.readers.raw_table import BadRow, FileKind, RawTable, ReadOptions
from data.readers.refusing import REASONS, Refusal
from views.error_words import sentence
from views.words import LANGUAGES, words

Make = Callable[..., Path]
Reason = Callable[..., str]
ROWS = "企业,区\n" + "甲,南山\n" * 3


# ---------------------------------------------------------------- the way of a file


def test_the_cells_outlive_the_folder_that_they_were_read_in(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = []
    real = sandbox.tempfile.mkdtemp
    monkeypatch.setattr(sandbox.tempfile, "mkdtemp", lambda **said: folders.append(real(**said)) or folders[-1])
    raw = read_file(make(ROWS))
    assert folders
    assert not Path(folders[0]).exists()
    assert raw.cells["0"].to_pylist() == ["甲"] * 3


def test_the_file_itself_is_left_as_it_was(make: Make) -> None:
    path = make(ROWS)
    before = path.stat()
    read_file(path)
    after = path.stat()
    assert (after.st_mtime_ns, after.st_nlink, after.st_size) == (before.st_mtime_ns, 1, before.st_size)


def test_no_folder_is_left_behind_when_a_file_is_refused(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox.tempfile, "tempdir", str(tmp_path))
    with pytest.raises(RefusedFile):
        read_file(make("企业,区\n"))
    assert not list(tmp_path.glob("jiqun-read-*"))


def test_an_error_calls_the_file_as_its_sender_did(make: Make) -> None:
    with pytest.raises(RefusedFile) as refused:
        read_file(make("企业,区\n"), name="名录.csv")
    assert (refused.value.file, refused.value.reason) == ("名录.csv", "no_rows")


def test_what_is_no_file_is_refused_before_a_child_is_started(
    make: Make, tmp_path: Path, reason_of_child: Reason
) -> None:
    assert reason_of_child(tmp_path) == "not_a_file"
    os.mkfifo(tmp_path / "pipe")
    assert reason_of_child(tmp_path / "pipe") == "not_a_file"
    assert reason_of_child(make("")) == "empty"
    assert reason_of_child(make(ROWS), Limits(upload_bytes=10)) == "too_large"
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "none.csv")


def test_options_reach_the_child(make: Make) -> None:
    raw = read_file(make("a|b\nc|d\n"), ReadOptions(separator="|", heading_rows=0, encoding="gbk"))
    assert raw.facts == {"encoding": "gb18030", "encoding_by": "told", "separator": "|", "heading_rows": "0"}
    assert raw.rows.tolist() == [1, 2]


def test_progress_is_told_and_may_end_the_reading(make: Make) -> None:
    told: list[tuple[str, int]] = []
    path = make("n,t\n" + "".join(f"{i},x\n" for i in range(50_000)))
    read_file(path, progress=lambda stage, rows: told.append((stage, rows)))
    assert told[-1] == ("read", 50_000)
    assert [rows for _, rows in told] == sorted({rows for _, rows in told})

    class StopReadingError(Exception):
        pass

    def stop(*_: object) -> None:
        raise StopReadingError

    with pytest.raises(StopReadingError):
        read_file(path, progress=stop)


# ---------------------------------------------------------------- what the child may


def test_the_child_reads_behind_all_walls_of_this_machine(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    sandbox._warn.cache_clear()
    with caplog.at_level(logging.WARNING):
        read_file(make(ROWS))
    missing = [record.getMessage() for record in caplog.records]
    assert missing == [] or all("which this machine refuses" in message for message in missing)


def test_a_wall_that_is_missing_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sandbox._warn.cache_clear()
    standing = {"limits": True, "network": False, "files": True, "sockets": True}
    (tmp_path / "walls.json").write_text(json.dumps(standing), "utf-8")
    for _ in range(2):
        sandbox._warn_of_missing_walls(tmp_path)
    assert [record.getMessage() for record in caplog.records] == [
        "uploads are read without these walls, which this machine refuses: network"
    ]
    sandbox._warn.cache_clear()


def test_the_child_gets_no_secret_of_the_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JIQUN_TIANDITU_TOKEN", "secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    environment = sandbox.environment(tmp_path)
    assert "secret" not in environment.values()
    assert environment["HTTPS_PROXY"] == "http://127.0.0.1:1"
    assert environment["HOME"] == str(tmp_path)


def test_gdal_opens_nothing_but_our_formats_in_the_child(tmp_path: Path) -> None:
    names = set(skip_list().split(","))
    assert {"OGR_VRT", "GDALG", "VRT", "WFS", "CSV", "HTTP"} <= names
    assert not names & DRIVERS
    code = "import pyogrio; from data.readers.drivers import *; check_drivers(); print(sorted(pyogrio.list_drivers()))"
    environment = sandbox.environment(tmp_path)
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(sorted(DRIVERS))
    with pytest.raises(RuntimeError, match="GDAL could still open"):
        check_drivers()  # this process has all drivers


def run_instead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str) -> None:
    """Let something else run where the child should."""
    script = tmp_path / "instead.py"
    script.write_text(code, "utf-8")
    monkeypatch.setattr(sandbox.child, "__file__", str(script))


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "reader_stopped"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "too_slow"),
        ("raise MemoryError", "too_much_memory"),
        (
            "import sys, os; print('memory allocation of 9 bytes failed', file=sys.stderr); os.abort()",
            "too_much_memory",
        ),
        ("raise ValueError('our own fault')", "reader_stopped"),
        ("pass", "reader_stopped"),
        ("import sys; open(sys.argv[1] + '/answer.json', 'w').write('[]')", "reader_stopped"),
        ("import sys; open(sys.argv[1] + '/answer.json', 'w').write('{' * 100000)", "reader_stopped"),
    ],
)
def test_every_end_of_a_child_is_one_reason(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason_of_child: Reason, code: str, why: str
) -> None:
    run_instead(monkeypatch, tmp_path, code)
    assert reason_of_child(make(ROWS)) == why


def test_a_child_that_takes_too_long_is_ended_with_all_that_it_started(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason_of_child: Reason
) -> None:
    code = f"""import os, subprocess, sys
other = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])
open({str(tmp_path / "started")!r}, 'w').write(str(other.pid))
import signal; signal.pause()"""
    run_instead(monkeypatch, tmp_path, code)
    assert reason_of_child(make(ROWS), Limits(wall_s=4, wall_s_per_mib=0)) == "too_slow"
    started = int((tmp_path / "started").read_text("utf-8"))
    while is_running(started):  # its end is the kernel's work and may take a moment; the test's own limit bounds it
        pass


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_an_answer_has_a_largest_size(make: Make, reason_of_child: Reason) -> None:
    rows = make("n,t\n" + "".join(f"{i},xxxxxxxxxxxxxxxxxxxxx\n" for i in range(60_000)))
    assert reason_of_child(rows, Limits(answer_bytes=MIB)) == "too_much_memory"


def test_memory_has_a_limit(make: Make, reason_of_child: Reason) -> None:
    one_line = make("a" * (150 * MIB))
    assert reason_of_child(one_line, Limits(memory_bytes=500 * MIB)) == "too_much_memory"


def test_larger_files_get_more_time() -> None:
    limits = Limits()
    assert limits.cpu_seconds(0) == 15
    assert limits.cpu_seconds(100 * MIB) == 215
    assert limits.cpu_seconds(limits.upload_bytes) == 600
    assert limits.wall_seconds(limits.upload_bytes) == 1200
    assert Limits(**limits.as_dict()) == limits


# ---------------------------------------------------------------- what is believed


def answered(folder: Path) -> RawTable:
    answer = Answer(folder, Limits())
    answer.write(np.array([2, 3]), [pa.array(["甲", None], pa.large_string())])
    answer.add_bad(BadRow(4, "too_few_cells", ("x",)))
    answer.finish(FileKind.CSV, Described(["企业"], {"separator": ","}))
    return take_answer(folder)


def test_an_answer_comes_back_as_it_was_given(tmp_path: Path) -> None:
    raw = answered(tmp_path)
    assert (raw.headings, raw.rows.tolist(), raw.bad_rows) == (("企业",), [2, 3], (BadRow(4, "too_few_cells", ("x",)),))
    assert rows_so_far(tmp_path) == 2
    assert rows_so_far(tmp_path / "none") == 0


@pytest.mark.parametrize(
    "change",
    [
        {"headings": ["企业", "区"]},
        {"headings": None},
        {"kind": "exe"},
        {"refused": "because", "values": {}},
        {"refused": "empty", "values": {"file": "x"}},
        {"refused": "empty", "values": []},
        {"facts": []},
        {"bad_rows": [[1]]},
    ],
)
def test_a_verdict_that_says_something_else_is_not_believed(tmp_path: Path, change: dict[str, object]) -> None:
    answered(tmp_path)
    verdict = json.loads((tmp_path / VERDICT).read_text("utf-8"))
    (tmp_path / VERDICT).write_text(json.dumps(verdict | change), "utf-8")
    with pytest.raises(Refusal) as refused:
        take_answer(tmp_path)
    assert refused.value.reason in {"reader_stopped", "empty"}
    assert "file" not in refused.value.values


def test_a_table_whose_offsets_lead_out_of_it_is_not_believed(tmp_path: Path) -> None:
    answered(tmp_path)
    said, wild = (np.array(offsets, np.int64).tobytes() for offsets in ([0, 3, 3], [0, 1 << 40, 1 << 40]))
    content = (tmp_path / TABLE).read_bytes()
    assert content.count(said) == 1
    (tmp_path / TABLE).write_bytes(content.replace(said, wild))
    with pytest.raises(Refusal) as refused:
        take_answer(tmp_path)
    assert refused.value.reason == "reader_stopped"


def test_a_table_of_other_types_is_not_believed(tmp_path: Path) -> None:
    answered(tmp_path)
    batch = pa.record_batch([pa.array([2]), pa.array([{"a": 1}])], ["row", "0"])
    with pa.ipc.new_file(str(tmp_path / TABLE), batch.schema) as file:
        file.write_batch(batch)
    with pytest.raises(Refusal):
        take_answer(tmp_path)


# ---------------------------------------------------------------- words


def test_every_reason_has_words_in_both_languages_and_no_other_has() -> None:
    for language in LANGUAGES:
        known = {key.removeprefix("error.RefusedFile.") for key in words(language).keys if "RefusedFile." in key}
        assert known == REASONS


def test_a_refusal_is_one_sentence_that_names_the_file(make: Make) -> None:
    with pytest.raises(RefusedFile) as refused:
        read_file(make("企业,区\n甲\n乙\n"), name="名录.csv")
    assert "“名录.csv”的 2 行都读不出（从第 2 行起）" in sentence(refused.value, words("zh"))
    assert "None of the 2 rows of '名录.csv'" in sentence(refused.value, words("en"))

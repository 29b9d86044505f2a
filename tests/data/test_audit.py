"""The audit log: whole lines by many processes, full disks, and nothing that should not stand there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from data import audit
from data.audit import Actor, at_this_machine, note, note_if_possible, notes
from data.errors import NotNoted

ROOT = Path(__file__).parents[2]
GOV = Actor("u1", "government", "王市")


def log_of(home: Path) -> Path:
    (found,) = (home / "audit").glob("*.jsonl")
    return found


def test_a_line_says_who_as_what_and_what(tmp_path: Path) -> None:
    note(tmp_path, GOV, audit.EXPORTED, file="clusters.xlsx", version="3", rows=12, district="")
    (line,) = log_of(tmp_path).read_text("utf-8").splitlines()
    told = json.loads(line)
    assert told.pop("at").startswith(log_of(tmp_path).stem)
    assert told == {"who": "u1", "role": "government", "name": "王市", "what": "export", "file": "clusters.xlsx",
                    "version": "3", "rows": 12}  # fmt: skip


def test_a_fact_that_is_not_listed_is_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="revenue_cny"):
        note(tmp_path, GOV, audit.EXPORTED, revenue_cny=5)


def test_a_name_cannot_forge_a_line(tmp_path: Path) -> None:
    note(tmp_path, Actor("u\n{}", "public", 'a"\r\n{"who": "gov"}'), audit.EXPORTED, file="x\u2028y" * 999)
    assert len(log_of(tmp_path).read_bytes().splitlines()) == 1
    (found,) = notes(tmp_path)
    assert found["who"] == "u\n{}"
    assert len(found["file"]) == audit.MOST_CHARACTERS


def test_lines_of_several_processes_do_not_mix(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom data.audit import Actor, note\n"
        "for n in range(300): note(Path(sys.argv[1]), Actor(sys.argv[2], 'public'), 'open', name='x' * 250, rows=n)"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path), f"p{n}"], cwd=ROOT) for n in range(4)]
    assert [one.wait(60) for one in running] == [0] * 4
    found = list(notes(tmp_path))
    assert len(found) == len([line for line in log_of(tmp_path).read_text("utf-8").splitlines() if line]) == 1200
    for n in range(4):
        assert [one["rows"] for one in found if one["who"] == f"p{n}"] == list(range(300))


def test_a_line_that_was_cut_short_spoils_itself_alone(tmp_path: Path) -> None:
    note(tmp_path, GOV, audit.USED, version="1")
    with log_of(tmp_path).open("ab") as file:
        file.write(b'{"at": "2026-11-28T00:00')
    note(tmp_path, GOV, audit.USED, version="2")
    assert [one["version"] for one in notes(tmp_path)] == ["1", "2"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    class Full(type(tmp_path)):  # type: ignore[misc]
        def __fspath__(self) -> str:
            return "/dev/full" if self.suffix == ".jsonl" else super().__fspath__()

    monkeypatch.setattr(audit, "audit_folder", lambda home: Full(home) / "audit")
    with pytest.raises(NotNoted, match="No space left"):
        note(tmp_path, GOV, audit.EXPORTED, file="a.csv")
    note_if_possible(tmp_path, GOV, audit.EXPORTED, file="a.csv")
    assert "could not note 'export'" in caplog.text


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("a file, no folder")
    with pytest.raises(NotNoted, match="make room"):
        note(tmp_path, GOV, audit.EXPORTED, file="a.csv")


def test_notes_are_found_by_day_person_and_kind(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    folder.mkdir()
    lines = [("2026-10-31T10:00:00", "u1", "Ann", "open"), ("2026-11-01T10:00:00", "u2", "Bea", "open"),
             ("2026-11-28T10:00:00", "u1", "Ann", "export")]  # fmt: skip
    for at, who, name, what in lines:
        with (folder / f"{at[:7]}.jsonl").open("a") as file:
            file.write(json.dumps({"at": at, "who": who, "name": name, "what": what}) + "\n")
    assert [one["at"] for one in notes(tmp_path)] == [at for at, *_ in lines]
    assert [one["who"] for one in notes(tmp_path, since="2026-11")] == ["u2", "u1"]
    assert [one["who"] for one in notes(tmp_path, since="2026-11-28")] == ["u1"]
    assert [one["at"][:7] for one in notes(tmp_path, who="Ann")] == ["2026-10", "2026-11"]
    assert [one["who"] for one in notes(tmp_path, what="export")] == ["u1"]


def test_the_log_is_for_nobody_else_to_read(tmp_path: Path) -> None:
    note(tmp_path, at_this_machine("government"), audit.UNDONE)
    assert (log_of(tmp_path).stat().st_mode & 0o777, log_of(tmp_path).parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert next(notes(tmp_path))["who"].startswith("os:")

"""A workspace in one file and back: the same versions, undo included; and archives that nobody should open."""

import io
import json
import os
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from data import restore as restore_module
from data.audit import Actor, note, notes
from data.backup import write_backup
from data.backup_manifest import NAME, Entry, Manifest
from data.dataset import Dataset
from data.errors import (
    BadBackup,
    FixedWorkspace,
    HeldElsewhere,
    ImportBusy,
    StoreElsewhere,
    UnknownFormat,
    WorkspaceInUse,
)
from data.exclusive import holding
from data.restore import restore_backup
from data.sign_outs import end_sign_in, is_ended
from data.store import current_version, list_versions, open_version, undo, use_version
from data.synthetic import synthesize, write_register
from data.workspace import alone, versions_folder
from tests.register_files import import_register
from tests.test_cli_versions import Run, run

__all__ = ["run"]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Path:
    """Two versions of firms, plans, a mask, an audit log as an SQLite file that is open, and what is left out."""
    folder = tmp_path_factory.mktemp("workspace")
    home = folder / "home"
    for seed in (1, 2):
        write_register(synthesize(30 + seed, seed, dataset), folder / "made.parquet")
        import_register(folder / "made.parquet", home, dataset)
    for name, text in {
        "plans/区 规划.yaml": "plan",
        "plans/kept/0123abcd/one.yaml": "kept",
        "masks/0123456789abcdef.geojson": "{}",
        "jobs/0123456789abcdef/upload": "nobody's data yet",
        "versions/1/kept/long-0/table.parquet": "only to be fast",
        "versions/.part-1/firms.arrow": "torn",
        ".part-x": "torn",
        "plans/bad\nname.yaml": "no backup takes it",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, "utf-8")
    (home / "plans" / "link").symlink_to("/etc/hostname")
    return home


@pytest.fixture(scope="module", params=[".tar.zst", ".tar.gz"])
def backup(request: pytest.FixtureRequest, workspace: Path) -> Path:
    output = workspace.parent / f"backup{request.param}"
    write_backup(workspace, output)
    return output


def held(home: Path, reference: Dataset) -> list[dict[str, Any]]:
    return [asdict(record) for record in list_versions(home, reference)]


def test_a_restored_workspace_is_the_same_and_undo_goes_on(
    workspace: Path, backup: Path, tmp_path: Path, dataset: Dataset
) -> None:
    told = restore_backup(backup, tmp_path / "new" / "home")
    home = tmp_path / "new" / "home"
    assert (told["versions"], told["current"], told["before"]) == (2, "2", "")
    assert held(home, dataset) == held(workspace, dataset)
    for version in ("1", "2"):
        one, other = (open_version(each, version, dataset) for each in (workspace, home))
        assert one.firms.equals(other.firms)
        assert one.observations.equals(other.observations)
    assert undo(home) == "1"
    assert current_version(home) == "1"
    assert (current_version(workspace), oct(backup.stat().st_mode & 0o777)) == ("2", "0o600")
    use_version(home, "2")


def test_all_comes_along_but_what_is_nobodys_data(backup: Path, workspace: Path, tmp_path: Path) -> None:
    restore_backup(backup, tmp_path / "home")
    files = {
        path.relative_to(tmp_path / "home").as_posix() for path in (tmp_path / "home").rglob("*") if path.is_file()
    }
    beside = {name for name in files if not name.startswith("versions/")}
    plans = {"plans/区 规划.yaml", "plans/kept/0123abcd/one.yaml", "masks/0123456789abcdef.geojson"}
    assert beside == {"store.db", *plans}
    assert {name.split("/")[1] for name in files - beside} == {"1", "2", "current"}
    assert not any("kept" in name.split("/")[2:] for name in files - beside)
    assert not list(tmp_path.glob(".home.*"))


def test_any_tar_opens_it_and_shared_tables_are_there_once(workspace: Path, backup: Path, tmp_path: Path) -> None:
    compression = "gzip" if backup.name.endswith("gz") else "zstd"
    with (
        pa.input_stream(str(backup), compression=compression) as file,
        tarfile.open(fileobj=file, mode="r|") as archive,
    ):
        archive.extractall(tmp_path, filter="data")
    manifest = Manifest.model_validate_json((tmp_path / NAME).read_bytes())
    for entry in manifest.files:
        assert sha256((tmp_path / entry.path).read_bytes()).hexdigest() == entry.sha256


def test_a_database_that_others_write_is_copied_at_one_moment(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    with closing(sqlite3.connect(tmp_path / "home" / "audit.db", isolation_level=None)) as log:
        log.execute("PRAGMA journal_mode = WAL")
        log.execute("CREATE TABLE said (what TEXT)")
        log.execute("INSERT INTO said VALUES ('committed')")
        log.execute("BEGIN IMMEDIATE")
        log.execute("INSERT INTO said VALUES ('not yet')")
        write_backup(tmp_path / "home", tmp_path / "b.tar.zst")
    restore_backup(tmp_path / "b.tar.zst", tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["audit.db"]
    with closing(sqlite3.connect(tmp_path / "new" / "audit.db")) as log:
        assert log.execute("SELECT what FROM said").fetchall() == [("committed",)]


def test_a_workspace_gives_way_only_when_told_and_stays_beside(
    backup: Path, tmp_path: Path, dataset: Dataset, workspace: Path
) -> None:
    home = tmp_path / "home"
    (home / "plans").mkdir(parents=True)
    (home / "plans" / "mine.yaml").write_text("mine")
    with pytest.raises(WorkspaceInUse):
        restore_backup(backup, home)
    assert (home / "plans" / "mine.yaml").read_text() == "mine"
    told = restore_backup(backup, home, replace=True)
    assert (Path(told["before"]) / "plans" / "mine.yaml").read_text() == "mine"
    assert held(home, dataset) == held(workspace, dataset)


def test_a_restore_takes_back_neither_the_end_of_a_sign_in_nor_what_was_noted(tmp_path: Path) -> None:
    home, ended, since = tmp_path / "home", "a" * 32, "b" * 32
    home.mkdir()
    end_sign_in(home, ended)
    note(home, Actor("gov", "government"), "read")
    write_backup(home, tmp_path / "backup.tar.gz")
    end_sign_in(home, since)
    note(home, Actor("gov", "government"), "export")
    restore_backup(tmp_path / "backup.tar.gz", home, replace=True)
    assert is_ended(home, ended)
    assert is_ended(home, since)
    assert [one["what"] for one in notes(home)] == ["read", "export"]


def test_a_file_of_another_kind_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(BadBackup) as refused:
        restore_backup(tmp_path / "notes.md", tmp_path / "home")
    assert refused.value.reason == "foreign"


@pytest.mark.parametrize("exchange", [True, False])
def test_an_import_at_work_is_not_torn_from_its_folder(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    monkeypatch.setattr(restore_module, "PATIENCE_S", 0)
    if not exchange:
        monkeypatch.setattr(restore_module, "_exchanged", lambda *_: False)
    home = tmp_path / "home"
    restore_backup(backup, home)
    with alone(versions_folder(home)), pytest.raises(ImportBusy):
        restore_backup(backup, home, replace=True)
    assert os.listdir(tmp_path) == ["home"]
    before = restore_backup(backup, home, replace=True)["before"]
    assert sorted(os.listdir(tmp_path)) == sorted(["home", Path(before).name])


def test_a_link_to_a_workspace_stays_and_two_restores_are_one_after_the_other(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "disk" / "home").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "home")
    (tmp_path / "link" / "old").touch()
    with holding(tmp_path / "disk" / ".home.restoring.lock"), pytest.raises(HeldElsewhere):
        restore_backup(backup, tmp_path / "link", replace=True)
    before = Path(restore_backup(backup, tmp_path / "link", replace=True)["before"])
    assert (before.parent, (before / "old").exists()) == (tmp_path / "disk", True)
    assert (tmp_path / "link").is_symlink()
    assert current_version(tmp_path / "link") == "2"


def test_where_it_cannot_be_done_is_said_beforehand(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backup: Path
) -> None:
    with pytest.raises(UnknownFormat):
        write_backup(workspace, tmp_path / "backup.zip")
    with pytest.raises(BadBackup, match="would lie in the workspace"):
        write_backup(workspace, workspace / "plans" / "b.tar.gz")
    with pytest.raises(FileNotFoundError):
        restore_backup(tmp_path / "none.tar.gz", tmp_path / "home")
    monkeypatch.setattr(Path, "is_mount", lambda _: True)
    with pytest.raises(FixedWorkspace):
        restore_backup(backup, tmp_path / "home")
    monkeypatch.setattr(restore_module, "free_bytes", lambda _: 1000)
    monkeypatch.setattr(Path, "is_mount", lambda _: False)
    with pytest.raises(BadBackup, match="does not fit"):
        restore_backup(backup, tmp_path / "home")
    monkeypatch.setattr("data.backup.settings", lambda: SimpleNamespace(store="postgresql://x"))
    for refused in (lambda: write_backup(workspace, tmp_path / "b.tar.gz"), lambda: restore_backup(backup, tmp_path)):
        with pytest.raises(StoreElsewhere, match="pg_dump"):
            refused()
    assert os.listdir(tmp_path) == []


# ---------------------------------------------------------------- archives that nobody should open

Members = Iterator[tuple[tarfile.TarInfo, bytes]]


def member(
    name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, to: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, len(content), to
    return info, content


def listed(*entries: dict[str, Any], **more: Any) -> tuple[tarfile.TarInfo, bytes]:
    told = {"product": "jiqun", "format": 1, "created": "", "current": "0", "versions": [], "files": entries} | more
    return member(NAME, json.dumps(told).encode())


def entry(path: str, content: bytes = b"", **more: Any) -> dict[str, Any]:
    return Entry(path=path, size=len(content), sha256=sha256(content).hexdigest()).model_dump() | more


def _longest_header() -> tuple[tarfile.TarInfo, bytes]:
    info, _ = member("a")
    info.pax_headers = {"comment": "0" * (1 << 24)}
    return info, b"x"


HOSTILE: dict[str, Callable[[], list[tuple[tarfile.TarInfo, bytes]]]] = {
    "goes up": lambda: [listed(entry("../out", b"x")), member("../out", b"x")],
    "from the root": lambda: [listed(entry("/out", b"x")), member("/out", b"x")],
    "backslash": lambda: [listed(entry("..\\out", b"x")), member("..\\out", b"x")],
    "file and folder": lambda: [listed(entry("a"), entry("a/b")), member("a"), member("a/b")],
    "twice": lambda: [listed(entry("a"), entry("a")), member("a"), member("a")],
    "not on the list": lambda: [listed(), member("a", b"x")],
    "another than the list": lambda: [listed(entry("a")), member("b")],
    "symlink": lambda: [listed(entry("a")), member("a", kind=tarfile.SYMTYPE, to="/etc/passwd")],
    "hard link out": lambda: [listed(entry("a")), member("a", kind=tarfile.LNKTYPE, to="/etc/passwd")],
    "hard link onwards": lambda: [
        listed(entry("a", same_as="b"), entry("b")),
        member("a", kind=tarfile.LNKTYPE, to="b"),
    ],
    "device": lambda: [listed(entry("a")), member("a", kind=tarfile.CHRTYPE)],
    "longer than the list": lambda: [listed(entry("a", b"x")), member("a", b"xy")],
    "a header of 16 MB": lambda: [listed(entry("a", b"x")), _longest_header()],
}


def packed(folder: Path, members: list[tuple[tarfile.TarInfo, bytes]], suffix: str = ".tar.zst") -> Path:
    output = folder / f"hostile{suffix}"
    with (
        pa.output_stream(str(output), compression="zstd") as sink,
        tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return output


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    backup = packed(tmp_path / "in", HOSTILE[name]())
    with pytest.raises(BadBackup) as refused:
        restore_backup(backup, tmp_path / "deep" / "home")
    assert refused.value.reason == "unsafe"
    assert os.listdir(tmp_path / "deep") == []
    assert sorted(os.listdir(tmp_path)) == ["deep", "in"]


def test_the_same_hand_makes_an_archive_that_is_taken(tmp_path: Path) -> None:
    """Were this one refused too, the refusals above would prove nothing."""
    linked = entry("b", b"x", same_as="a")
    backup = packed(
        tmp_path, [listed(entry("a", b"x"), linked), member("a", b"x"), member("b", kind=tarfile.LNKTYPE, to="a")]
    )
    restore_backup(backup, tmp_path / "home")
    assert [(tmp_path / "home" / name).read_bytes() for name in "ab"] == [b"x", b"x"]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([member("a", b"x")], "foreign"),
        ([member(NAME, b"{")], "foreign"),
        ([member(NAME, b"[" * 100_000)], "foreign"),
        ([listed(product="other")], "foreign"),
        ([listed(format=2)], "release"),
        ([listed(entry("a", b"x")), member("a", b"y")], "damaged"),
        ([listed(entry("a", b"x"))], "damaged"),
        ([listed(current="7")], "damaged"),
        ([listed(versions=["1"])], "damaged"),
    ],
)  # fmt: skip
def test_what_is_no_whole_backup_is_told_apart(
    tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]], reason: str
) -> None:
    with pytest.raises(BadBackup) as refused:
        restore_backup(packed(tmp_path, members), tmp_path / "home")
    assert refused.value.reason == reason
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"\x1f\x8b\x08", bytes(20_000)])
def test_a_file_that_is_no_archive_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    for suffix in (".tar.gz", ".tar.zst"):
        (tmp_path / f"x{suffix}").write_bytes(content)
        with pytest.raises(BadBackup):
            restore_backup(tmp_path / f"x{suffix}", tmp_path / "home")


def test_the_verbs_say_what_they_did_and_what_they_did_not(run: Run, backup: Path, tmp_path: Path) -> None:
    code, out, err = run("restore", backup, "--json")
    assert (code, err, json.loads(out)["versions"]) == (0, "", 2)
    code, out, err = run("backup", "-o", tmp_path / "again.tar.zst", "--json")
    assert (code, err, json.loads(out)["current"]) == (0, "", "2")
    code, out, err = run("restore", tmp_path / "again.tar.zst")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "--replace" in err
    (tmp_path / "cut.tar.zst").write_bytes((tmp_path / "again.tar.zst").read_bytes()[:5000])
    code, out, err = run("restore", tmp_path / "cut.tar.zst", "--replace", "--lang", "en")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "is not whole" in err
    assert json.loads(run("versions", "--json")[1])["current"] == "2"
    assert json.loads(run("undo", "--json")[1]) == {"version": "1"}

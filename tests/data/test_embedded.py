"""The store of one machine: its folders, its catalogue, its pointer, and what becomes of them when they are damaged."""

import json
import logging
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.ipc
import pytest

from data import catalogue, version_files, workspace
from data import columns as c
from data.brought import About, Brought
from data.dataset import Dataset
from data.errors import DamagedStore, DamagedVersion, StoreFull, UnknownVersion
from data.firm_points import firm_points
from data.store import (
    check_store,
    commit,
    current_dataset,
    current_version,
    list_versions,
    open_version,
    undo,
    use_version,
)
from tests.data.store_worlds import FEW, Import


def visible(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "versions").iterdir() if not path.name.startswith(workspace.LOCK))


def test_a_pointer_to_a_version_that_is_gone_says_so(here: Path, taken_in: Import) -> None:
    taken_in()
    shutil.rmtree(here / "versions" / "1")
    with pytest.raises(UnknownVersion, match="'1'"):
        current_dataset()
    use_version(here, "0")
    assert current_dataset().version == "0"


def few_rows(folder: Path) -> Path:
    """A file of firms that is whole and holds too few."""
    with pa.ipc.new_file(folder / "few.arrow", pa.schema([("firm_id", pa.string())])) as writer:
        writer.write_table(pa.table({"firm_id": ["a", "b", "c"]}))
    return folder / "few.arrow"


def test_a_damaged_version_says_so_and_the_others_are_listed(
    taken_in: Import, dataset: Dataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for seed in range(1, 6):
        taken_in(seed)
    at = tmp_path / "versions"
    (at / "1" / "firms.arrow").write_bytes(b"no")
    (at / "2" / "version.json").write_text("{}")
    told = json.loads((at / "3" / "version.json").read_text())
    (at / "3" / "version.json").write_text(json.dumps(told | {"format": 99}))
    (at / "4" / "version.json").write_text(json.dumps(told | {"id": "4", "firms": 7}))
    shutil.copy(few_rows(tmp_path), at / "5" / "firms.arrow")
    problems = ("too small", "format", "another release", "catalogue of 40 firms", "holds 3 firms, its record says 40")
    for version_id, problem in enumerate(problems, 1):
        with pytest.raises(DamagedVersion, match=problem):
            open_version(tmp_path, str(version_id), dataset)
    with caplog.at_level(logging.ERROR):
        assert [v.id for v in list_versions(tmp_path, dataset)] == ["0", "1", "5"]
    with pytest.raises(DamagedVersion):
        use_version(tmp_path, "2")
    assert current_version(tmp_path) == "5"


@pytest.mark.usefixtures("few_are_many")
def test_points_that_are_damaged_are_built_again(
    taken_in: Import, dataset: Dataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(tmp_path / "versions" / taken_in() / "points")
    with caplog.at_level(logging.WARNING):
        few = open_version(tmp_path, "1", dataset)
    assert "built again" in caplog.text
    assert len(firm_points(few).pyramid) == FEW


def as_of_old(home: Path) -> None:
    """A workspace as it was before there was a catalogue."""
    for path in home.glob("store.db*"):
        path.unlink()
    for path in (home / "versions").glob("*/version.json"):
        told = json.loads(path.read_text())
        names = ("id", "digest", "basis", "synthetic", "firms", "observations", "years", "created")
        path.write_text(json.dumps({"format": 1, **{name: told[name] for name in names}}))


def test_versions_from_before_the_catalogue_are_adopted(taken_in: Import, dataset: Dataset, tmp_path: Path) -> None:
    taken_in(), taken_in(2), taken_in(3)
    as_of_old(tmp_path)
    (tmp_path / "versions" / "2" / "version.json").write_text("{}")
    (tmp_path / "versions" / ".part-old").mkdir()
    listed = list_versions(tmp_path, dataset)
    assert [(v.id, v.parent, v.kind, v.firms) for v in listed[1:]] == [
        ("1", "0", "firms", FEW),
        ("3", "1", "firms", FEW),
    ]
    assert len(open_version(tmp_path, "3", dataset).firms) == FEW
    assert undo(tmp_path) == "1"
    assert taken_in(4) == "4"
    aside = [name for name in visible(tmp_path) if name not in ("1", "3", "4", "current")]
    assert [name[:10] for name in aside] == ["damaged-2-"]  # no sweep takes what somebody may still want to mend


@pytest.mark.usefixtures("few_are_many")
def test_a_catalogue_that_is_lost_is_made_again_from_the_folders(
    taken_in: Import, dataset: Dataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    taken_in(), taken_in(2)
    before = list_versions(tmp_path, dataset)
    for path in tmp_path.glob("store.db*"):
        path.unlink()
    assert list_versions(tmp_path, dataset) == before
    assert firm_points(open_version(tmp_path, "2", dataset)).firm_ids.size == FEW
    assert caplog.records == []  # nothing had to be built again


@pytest.mark.parametrize("damage", ["no database at all", "a page of zeros", "another release"])
def test_a_damaged_catalogue_is_said_in_one_sentence_and_nothing_is_swept(
    taken_in: Import, dataset: Dataset, tmp_path: Path, damage: str
) -> None:
    taken_in()
    file = tmp_path / "store.db"
    for beside in tmp_path.glob("store.db-*"):
        beside.unlink()
    if damage == "another release":
        with closing(sqlite3.connect(file)) as store:
            store.execute("PRAGMA user_version = 99")
    else:
        whole = file.read_bytes()
        file.write_bytes(b"no" * 4000 if damage == "no database at all" else whole[:4096] + bytes(len(whole) - 4096))
    for ask in (check_store, lambda home: list_versions(home, dataset), lambda home: taken_in(2)):
        with pytest.raises(DamagedStore, match=r"store\.db cannot be read: .*; move it") as refused:
            ask(tmp_path)
        assert "\n" not in str(refused.value)
    assert visible(tmp_path) == ["1", "current"]


def test_a_start_sweeps_what_a_crash_left_but_nothing_of_an_import_at_work(taken_in: Import, tmp_path: Path) -> None:
    taken_in()
    at = tmp_path / "versions"
    for left in (".part-1234", "2"):
        shutil.copytree(at / "1", at / left)
    (at / ".part-current-1234").write_text("2")
    with workspace.alone(at):
        check_store(tmp_path)
    assert len(visible(tmp_path)) == 5
    check_store(tmp_path)
    assert visible(tmp_path) == ["1", "current"]


def test_a_commit_that_fails_at_the_very_end_leaves_nothing(
    taken_in: Import, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_in()

    def fail(*_: object) -> None:
        raise OSError(28, "database or disk is full")

    monkeypatch.setattr(catalogue, "_insert", fail)
    with pytest.raises(StoreFull):
        taken_in(2)
    assert (visible(tmp_path), current_version(tmp_path)) == (["1", "current"], "1")
    assert [v.id for v in list_versions(tmp_path, dataset)] == ["0", "1"]


def test_a_file_system_without_hard_links_gets_copies(
    taken_in: Import, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_in()

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(version_files.os, "link", refuse)
    commit(tmp_path, dataset, Brought(About("parks", "p.csv", ""), parks=pd.DataFrame({c.NAME: ["新园"]})))
    old, new = (tmp_path / "versions" / each / "firms.arrow" for each in "12")
    assert old.read_bytes() == new.read_bytes()
    assert not old.samefile(new)


def test_names_of_firms_name_no_files(taken_in: Import, tmp_path: Path) -> None:
    taken_in(**{c.FIRM_ID: [f"../{n}" for n in range(FEW)]})
    assert visible(tmp_path) == ["1", "current"]
    assert {path.name.removesuffix("-wal").removesuffix("-shm") for path in tmp_path.iterdir()} == {
        "r.parquet", "versions", "store.db"
    }  # fmt: skip

"""A folder is located file by file, goes on where it stopped, and leaves nothing half written."""

import os
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import columns as c
from data.dataset import Dataset
from data.errors import BadTable, PartitionFailed, RefusedFile
from data.locating import locate_file
from data.locating_folder import locate_folder
from data.outlines import Outlines, outlines_of
from data.synthetic_parts import write_parts


@pytest.fixture(scope="module")
def outlines(dataset: Dataset) -> Outlines:
    return outlines_of(dataset.districts, dataset.parks)


@pytest.fixture
def register(dataset: Dataset, tmp_path: Path) -> Path:
    write_parts(tmp_path / "in", 300, 1, dataset, parts=3)
    return tmp_path / "in"


def test_each_file_is_what_locating_it_alone_gives(
    register: Path, dataset: Dataset, outlines: Outlines, tmp_path: Path
) -> None:
    told = locate_folder(register, tmp_path / "out", outlines)
    assert {name: told[name] for name in ("files", "files_kept", "rows", "located")} == {
        "files": 3, "files_kept": 0, "rows": 300, "located": 300,
    }  # fmt: skip
    files = sorted(path.name for path in register.iterdir())
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == files
    for name in files:
        locate_file(register / name, tmp_path / "alone.parquet", dataset)
        found = pq.read_table(tmp_path / "out" / name)
        assert found.equals(pq.read_table(tmp_path / "alone.parquet"))
        assert found.drop_columns([c.DISTRICT_ID, c.PARK_IDS]).equals(pq.read_table(register / name))


def test_a_second_run_writes_only_what_is_not_there_or_not_the_same(
    register: Path, dataset: Dataset, outlines: Outlines, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    locate_folder(register, out, outlines)
    first, second, third = sorted(out.iterdir())
    kept = third.stat().st_mtime_ns
    first.unlink()
    second.write_bytes(second.read_bytes()[:-20])  # as a copy that was cut short
    told = locate_folder(register, out, outlines)
    assert (told["files_kept"], told["rows"]) == (1, 200)
    assert third.stat().st_mtime_ns == kept
    assert pd.read_parquet(second)[c.DISTRICT_ID].notna().all()

    source = register / third.name
    os.utime(source, ns=(1, 1))  # the source is another one now
    assert locate_folder(register, out, outlines)["files_kept"] == 2
    assert locate_folder(register, out, outlines_of(dataset.districts[:3], dataset.parks))["files_kept"] == 0


def test_what_is_finished_stays_when_another_file_fails(register: Path, outlines: Outlines, tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1.0]}), register / "stranger.parquet")
    with pytest.raises(PartitionFailed, match=r"partition stranger\.parquet: no column 'lon'"):
        locate_folder(register, tmp_path / "out", outlines)
    (register / "stranger.parquet").unlink()
    finished = [path.name for path in (tmp_path / "out").iterdir()]
    assert not [name for name in finished if not name.endswith(".parquet") or name.startswith(".")]
    assert locate_folder(register, tmp_path / "out", outlines)["files_kept"] == len(finished)


def test_a_folder_is_not_located_into_itself_and_must_hold_a_file(
    register: Path, outlines: Outlines, tmp_path: Path
) -> None:
    with pytest.raises(BadTable, match="into itself"):
        locate_folder(register, register / ".." / "in", outlines)
    (tmp_path / "empty").mkdir()
    with pytest.raises(RefusedFile):
        locate_folder(tmp_path / "empty", tmp_path / "out", outlines)

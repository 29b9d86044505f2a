"""A register becomes a version that is there whole or not at all, and every process sees which one is current."""

import json
import logging
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.ipc
import pytest
from pandas.testing import assert_frame_equal

import data.dataset
import data.settings
from clusters.goals import tally_goals
from clusters.plan import Plan
from clusters.standing import cluster_totals, observed_firms, select
from data import catalogue, room, store, version_files, workspace
from data import columns as c
from data.brought import About, Brought
from data.calibration import YEARS
from data.cube import build_cube, cube_of
from data.dataset import MANY_FIRMS, Basis, Dataset, firm_districts
from data.derived import DERIVED
from data.errors import BadTable, DamagedStore, DamagedVersion, ImportBusy, NothingToUndo, StoreFull, UnknownVersion
from data.firm_points import firm_points
from data.next_tables import next_tables
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
from data.synthetic import revenue_column, synthesize, write_register
from tests.register_files import import_register

ROOT = Path(__file__).parents[2]
FEW, MANY = 40, MANY_FIRMS + 1_000
Import = Callable[..., str]


@pytest.fixture(scope="module")
def register(dataset: Dataset) -> pd.DataFrame:
    return synthesize(MANY, 5, dataset)


@pytest.fixture(scope="module")
def many(register: pd.DataFrame, dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A version of so many firms that it stays in its files."""
    home = tmp_path_factory.mktemp("many")
    write_register(register, home / "r.parquet")
    return open_version(home, import_register(home / "r.parquet", home, dataset).id, dataset)


@pytest.fixture
def taken_in(dataset: Dataset, tmp_path: Path) -> Import:
    """Import a register of a few firms and get the id of its version."""

    def one(seed: int = 1, **change: object) -> str:
        write_register(synthesize(FEW, seed, dataset).assign(**change), tmp_path / "r.parquet")
        return import_register(tmp_path / "r.parquet", tmp_path, dataset).id

    return one


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few firms are kept as many are."""
    monkeypatch.setattr(data.dataset, "MANY_FIRMS", FEW - 1)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """This process works in a workspace of its own."""
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path))
    data.settings.settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    data.settings.settings.cache_clear()


def visible(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "versions").iterdir() if not path.name.startswith(workspace.LOCK))


# ---------------------------------------------------------------- what a version holds


def test_a_register_comes_back_as_a_dataset(many: Dataset, register: pd.DataFrame, dataset: Dataset) -> None:
    assert (many.version, many.basis, many.synthetic) == ("1", Basis.REGISTER, True)
    assert (many.years, many.default_year, many.has_many_firms) == (list(YEARS), 2023, True)
    assert set(dataset.firms.columns) | {c.SYNTHETIC} == set(many.firms.columns)
    assert list(dataset.observations.columns) == list(many.observations.columns)
    assert many.firms.index.is_monotonic_increasing
    assert many.firms.index.name is None
    expected = register.set_index(c.FIRM_ID, drop=False).rename_axis(None)
    for name in (c.FIRM_ID, c.NAME, c.SUBSECTOR_ID, c.REGISTERED_DISTRICT_ID, c.LON, c.LAT, c.PLACE_ID, c.SYNTHETIC):
        assert many.firms[name].astype(object).equals(expected[name].astype(object)), name
    seen = many.observations.astype({c.FIRM_ID: "str"}).set_index(c.FIRM_ID)
    for year in YEARS[:-1]:
        found = seen[c.REVENUE_CNY][seen[c.YEAR] == year]
        assert found.to_dict() == expected[revenue_column(year)].dropna().to_dict()
    assert many.parks is dataset.parks


def test_the_figures_are_those_of_the_rows(many: Dataset, register: pd.DataFrame) -> None:
    observed = select(observed_firms(many), year=2021)
    totals = observed.groupby(c.SUBSECTOR_ID, observed=True)[c.REVENUE_CNY].sum()
    assert totals.sum() == register[revenue_column(2021)].sum()
    assert cluster_totals(cube_of(many), year=2021)[c.TOTAL_CNY].to_dict() == totals.to_dict()
    for place in ("registered", "operating"):
        assert set(firm_districts(many.firms, place)) == set(register[c.REGISTERED_DISTRICT_ID])


def test_what_is_derived_is_kept_and_is_what_would_be_built(many: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_frame_equal(cube_of(many), build_cube(many), check_dtype=False)
    for built in (*DERIVED.values(), firm_points):
        monkeypatch.setattr(built, "_build", None)
        built(many)
    points = firm_points(many)
    assert (len(points.pyramid), points.pyramid.left_out, points.pyramid.years) == (MANY, 0, YEARS)
    assert isinstance(points.pyramid.codes.base, np.memmap)
    assert points.firm_ids is many.firms.index


def test_a_few_firms_have_the_plain_tables_that_pages_walk_over(
    taken_in: Import, dataset: Dataset, tmp_path: Path, plan: Plan
) -> None:
    few = open_version(tmp_path, taken_in(), dataset)
    assert few.firms[c.ADDRESS].tolist() == [None] * FEW
    assert few.firms[c.SUBSECTOR_ID].dtype == object
    assert few.observations.dtypes.to_dict() == dataset.observations.dtypes.to_dict() | {
        c.STATUS: np.dtype(object), c.SCOPE: np.dtype(object), c.SOURCE: np.dtype(object), c.FIRM_ID: np.dtype(object)
    }  # fmt: skip
    assert {path.suffix for path in (tmp_path / "versions" / "1").iterdir()} == {".arrow", ".json"}
    board = tally_goals(plan, few)
    assert int(board.clusters[c.FIRMS].sum()) == board.coverage["firms"] == FEW


def test_names_stay_data(taken_in: Import, dataset: Dataset, tmp_path: Path) -> None:
    names = ["../../x", "{{ 7*7 }}", "</script>", "=1+1", "a\0b", *map(str, range(FEW - 5))]
    few = open_version(tmp_path, taken_in(**{c.NAME: names, c.FIRM_ID: [f"../{n}" for n in names]}), dataset)
    assert set(few.firms[c.NAME]) == set(names)
    assert visible(tmp_path) == ["1", "current"]
    assert {path.name.removesuffix("-wal").removesuffix("-shm") for path in tmp_path.iterdir()} == {
        "r.parquet", "versions", "store.db"
    }  # fmt: skip


def test_two_registers_of_the_same_bytes_are_two_versions(taken_in: Import, dataset: Dataset, tmp_path: Path) -> None:
    assert (taken_in(), taken_in()) == ("1", "2")
    bundled, one, two = list_versions(tmp_path, dataset)
    assert (bundled.id, bundled.digest, bundled.synthetic, bundled.firms) == ("0", dataset.digest, False, 70)
    assert (one.id, two.id, one.digest) == ("1", "2", two.digest)
    assert (one.firms, one.synthetic, one.basis, one.years) == (FEW, True, Basis.REGISTER, YEARS)


# ---------------------------------------------------------------- nothing by halves


def test_a_refused_register_leaves_nothing(taken_in: Import, tmp_path: Path) -> None:
    with pytest.raises(BadTable):
        taken_in(**{c.NAME: None})
    assert [path.name for path in tmp_path.iterdir()] == ["r.parquet"]


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("breaks", ["save_derived", "save_points"])
def test_a_failure_in_the_middle_leaves_nothing(
    taken_in: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    taken_in()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(version_files, breaks, fail)
    with pytest.raises(StoreFull, match="no room"):
        taken_in(2)
    assert (visible(tmp_path), current_version(tmp_path)) == (["1", "current"], "1")


CRASH = """
import os, sys
from pathlib import Path
import data.dataset
from data import version_files
from data.reference import load_reference
from tests.register_files import import_register
data.dataset.MANY_FIRMS = 0
version_files.save_points = lambda *_: os._exit(9)
import_register(Path(sys.argv[1]), Path(sys.argv[2]), load_reference())
"""


def test_a_crash_leaves_nothing_to_see_and_the_next_import_sweeps(
    taken_in: Import, dataset: Dataset, tmp_path: Path
) -> None:
    taken_in()
    done = subprocess.run([sys.executable, "-c", CRASH, str(tmp_path / "r.parquet"), str(tmp_path)], cwd=ROOT)
    assert done.returncode == 9
    assert len(visible(tmp_path)) == 3  # the half-built folder still lies there, under a name that is no version
    assert ([v.id for v in list_versions(tmp_path, dataset)], current_version(tmp_path)) == (["0", "1"], "1")
    assert taken_in(2) == "2"
    assert visible(tmp_path) == ["1", "2", "current"]


def test_imports_at_the_same_time_come_one_after_the_other(dataset: Dataset, tmp_path: Path) -> None:
    files = [tmp_path / f"{seed}.parquet" for seed in range(3)]
    for seed, file in enumerate(files):
        write_register(synthesize(FEW, seed, dataset), file)
    with ThreadPoolExecutor(3) as threads:
        records = list(threads.map(lambda file: import_register(file, tmp_path, dataset), files))
    assert sorted(record.id for record in records) == ["1", "2", "3"]
    by_id = {record.id: record.digest for record in records}
    assert {v.id: v.digest for v in list_versions(tmp_path, dataset)[1:]} == by_id


def test_an_import_does_not_wait_for_ever(taken_in: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken_in()
    monkeypatch.setattr(workspace, "PATIENCE_S", 0.05)
    with workspace.alone(tmp_path / "versions"), pytest.raises(ImportBusy):
        taken_in(2)
    assert visible(tmp_path) == ["1", "current"]


# ---------------------------------------------------------------- which version is current


def test_an_import_moves_the_pointer_and_use_moves_it_back(here: Path, taken_in: Import, dataset: Dataset) -> None:
    assert current_dataset() is dataset
    assert taken_in() == current_version(here) == current_dataset().version == "1"
    taken_in(2)
    assert current_dataset().version == "2"
    use_version(here, "1")
    assert current_dataset().version == "1"
    use_version(here, "0")
    assert current_dataset() is dataset


def test_the_object_stays_while_the_pointer_does(here: Path, taken_in: Import) -> None:
    taken_in()
    first = current_dataset()
    with ThreadPoolExecutor(4) as threads:
        assert all(found is first for found in threads.map(lambda _: current_dataset(), range(20)))
    use_version(here, "1")  # another file with the same id
    assert current_dataset() is first


def test_another_process_moves_the_pointer(here: Path, taken_in: Import) -> None:
    taken_in()
    assert current_dataset().version == "1"
    program = "import sys, pathlib, data.store as v; v.use_version(pathlib.Path(sys.argv[1]), '0')"
    subprocess.run([sys.executable, "-c", program, str(here)], cwd=ROOT, check=True)
    assert current_dataset().version == "0"


@pytest.mark.parametrize("asked", ["2", "01", "-1", "", "..", "current", "../versions/1", "１", "1\n"])
def test_an_unknown_version_is_named_with_those_there_are(taken_in: Import, tmp_path: Path, asked: str) -> None:
    taken_in()
    with pytest.raises(UnknownVersion) as refused:
        use_version(tmp_path, asked)
    assert (refused.value.value, refused.value.known) == (asked, ("0", "1"))
    assert current_version(tmp_path) == "1"


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


# ---------------------------------------------------------------- back, forward, and what was there before


def test_undo_goes_back_to_what_an_import_was_made_from(taken_in: Import, tmp_path: Path) -> None:
    taken_in(), taken_in(2)
    use_version(tmp_path, "1")
    assert taken_in(3) == "3"  # made from 1, not from 2
    assert [undo(tmp_path), undo(tmp_path)] == ["1", "0"]
    with pytest.raises(NothingToUndo, match="version 0 is the bundled set"):
        undo(tmp_path)
    assert current_version(tmp_path) == "0"
    use_version(tmp_path, "3")
    assert current_version(tmp_path) == "3"


def test_nothing_is_made_where_nothing_is_kept(dataset: Dataset, tmp_path: Path) -> None:
    home = tmp_path / "home"
    check_store(home)
    assert [v.id for v in list_versions(home, dataset)] == ["0"]
    with pytest.raises(NothingToUndo):
        undo(home)
    with pytest.raises(UnknownVersion):
        use_version(home, "1")
    assert not home.exists()


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


def test_an_import_that_has_no_room_is_refused_before_it_writes(
    taken_in: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "free_bytes", lambda _: 1_000_000)
    with pytest.raises(StoreFull, match=r"needs about \d\.\d MB, 1\.0 MB are free"):
        taken_in()
    assert [path.name for path in tmp_path.iterdir()] == ["r.parquet"]


def test_an_import_builds_on_what_became_current_while_it_was_prepared(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, rows = iter([True]), pd.DataFrame({c.NAME: ["新园"]})

    def prepared(*given: Any) -> Any:
        made = next_tables(*given)
        if next(other, False):  # while this one is prepared, another import ends
            commit(tmp_path, dataset, Brought(About("parks", "p.csv", ""), parks=rows))
        return made

    monkeypatch.setattr(store, "next_tables", prepared)
    indicators = pd.DataFrame({c.INDICATOR: ["x"]})
    record = commit(tmp_path, dataset, Brought(About("indicators", "i.csv", ""), indicators=indicators))
    both = open_version(tmp_path, record.id, dataset)
    assert (record.id, record.parent) == ("2", "1")
    assert (both.parks[c.NAME].tolist(), both.indicators[c.INDICATOR].tolist()) == (["新园"], ["x"])
    assert both.firms is dataset.firms


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

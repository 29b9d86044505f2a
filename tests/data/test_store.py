"""A register becomes a version that is there whole or not at all, and every process sees which one is current."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from clusters.goals import tally_goals
from clusters.plan import Plan
from clusters.standing import cluster_totals, observed_firms, select
from data import columns as c
from data import room, store, version_files, workspace
from data.brought import About, Brought
from data.calibration import YEARS
from data.cube import build_cube, cube_of
from data.dataset import MANY_FIRMS, Basis, Dataset, firm_districts
from data.derived import DERIVED
from data.errors import BadTable, ImportBusy, NothingToUndo, StoreFull, UnknownVersion
from data.firm_points import firm_points
from data.next_tables import next_tables
from data.reference import load_reference
from data.shelf import shelf_of
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
from tests.data.store_worlds import FEW, Import
from tests.register_files import import_register

ROOT = Path(__file__).parents[2]
MANY = MANY_FIRMS + 1_000
pytestmark = pytest.mark.usefixtures("either_store")


@pytest.fixture(scope="module")
def register(dataset: Dataset) -> pd.DataFrame:
    return synthesize(MANY, 5, dataset)


@pytest.fixture
def many(register: pd.DataFrame, dataset: Dataset, tmp_path: Path) -> Dataset:
    """A version of so many firms that it stays in its files."""
    write_register(register, tmp_path / "r.parquet")
    return open_version(tmp_path, import_register(tmp_path / "r.parquet", tmp_path, dataset).id, dataset)


def left_behind(home: Path) -> list[str]:
    return [path.name for path in shelf_of(home).folder.glob(f"{workspace.PART}*")]


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
    assert {path.suffix for path in (shelf_of(tmp_path).folder / "1").iterdir()} == {".arrow", ".json"}
    board = tally_goals(plan, few)
    assert int(board.clusters[c.FIRMS].sum()) == board.coverage["firms"] == FEW


def test_names_stay_data(taken_in: Import, dataset: Dataset, tmp_path: Path) -> None:
    names = ["../../x", "{{ 7*7 }}", "</script>", "=1+1", "a\0b", *map(str, range(FEW - 5))]
    few = open_version(tmp_path, taken_in(**{c.NAME: names, c.FIRM_ID: [f"../{n}" for n in names]}), dataset)
    assert set(few.firms[c.NAME]) == set(names)


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
    open_version(tmp_path, taken_in(), load_reference())

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(version_files, breaks, fail)
    with pytest.raises(StoreFull, match="no room"):
        taken_in(2)
    assert ([v.id for v in list_versions(tmp_path, load_reference())], current_version(tmp_path)) == (["0", "1"], "1")
    assert left_behind(tmp_path) == []


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
    open_version(tmp_path, taken_in(), dataset)
    done = subprocess.run([sys.executable, "-c", CRASH, str(tmp_path / "r.parquet"), str(tmp_path)], cwd=ROOT)
    assert done.returncode == 9
    assert len(left_behind(tmp_path)) == 1  # the half-built folder still lies there, under a name that is no version
    assert ([v.id for v in list_versions(tmp_path, dataset)], current_version(tmp_path)) == (["0", "1"], "1")
    assert taken_in(2) == "2"
    assert left_behind(tmp_path) == []


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
    with shelf_of(tmp_path).alone(), pytest.raises(ImportBusy):
        taken_in(2)
    assert (current_version(tmp_path), left_behind(tmp_path)) == ("1", [])


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

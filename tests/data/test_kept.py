"""Results that are kept: in memory, in the folder of a version, and built again when either fails."""

import logging
import threading
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from data import kept
from data.dataset import Dataset
from data.kept import FOLDER, Tables, kept_tables


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_memory", OrderedDict())


@pytest.fixture
def version(four_towns: Dataset, tmp_path: Path) -> Dataset:
    (tmp_path / "versions" / "7").mkdir(parents=True)
    return replace(four_towns, version="7")


class Builder:
    """Counts how often it builds."""

    def __init__(self) -> None:
        self.built = 0

    def __call__(self) -> Tables:
        self.built += 1
        table = pd.DataFrame({"x": [self.built]}, index=pd.Index(["a"], name="id"))
        return {"plain": table, "areas": gpd.GeoDataFrame(table, geometry=[Point(114, 22)], crs="EPSG:4326")}


def forget() -> None:
    kept._memory.clear()


def test_what_is_in_memory_is_not_built_again(four_towns: Dataset) -> None:
    build = Builder()
    one, other = (kept_tables(four_towns, "n", build, parameters={"a": 1}, code=["1"]) for _ in range(2))
    assert one is other
    assert build.built == 1


@pytest.mark.parametrize(
    "change", [{"parameters": {"a": 2}}, {"code": ["2"]}, {"name": "m"}, {"digest": "ffffffff"}, {"version": "8"}]
)
def test_another_question_is_another_result(four_towns: Dataset, change: dict[str, object]) -> None:
    build, asked = Builder(), {"name": "n", "parameters": {"a": 1}, "code": ["1"]}
    kept_tables(four_towns, build=build, **asked)  # type: ignore[arg-type]
    of = {key: change.pop(key) for key in ("digest", "version") if key in change}
    kept_tables(replace(four_towns, **of), build=build, **{**asked, **change})  # type: ignore[arg-type]
    assert build.built == 2


def test_a_change_of_the_source_is_another_result(four_towns: Dataset, tmp_path: Path) -> None:
    build, module = Builder(), ModuleType("computes")
    module.__file__ = str(tmp_path / "computes.py")
    for source in ("one", "other", "other"):
        Path(module.__file__).write_text(source)
        kept_tables(four_towns, "n", build, parameters={}, code=[module])
    assert build.built == 2


def test_a_version_keeps_it_in_its_folder(version: Dataset, tmp_path: Path) -> None:
    build = Builder()
    first = kept_tables(version, "n", build, parameters={"a": 1}, code=["1"], home=tmp_path)
    forget()
    again = kept_tables(version, "n", build, parameters={"a": 1}, code=["1"], home=tmp_path)
    assert build.built == 1
    assert sorted(again) == ["areas", "plain"]
    assert again["plain"].equals(first["plain"])
    assert again["areas"].equals(first["areas"])
    assert isinstance(again["areas"], gpd.GeoDataFrame)
    assert again["areas"].crs == first["areas"].crs


def test_a_file_that_cannot_be_read_is_built_again(
    version: Dataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    build = Builder()
    kept_tables(version, "n", build, parameters={}, code=[], home=tmp_path)
    (file,) = (tmp_path / "versions" / "7" / FOLDER).glob("n-*/plain.parquet")
    file.write_text("no table")
    forget()
    with caplog.at_level(logging.WARNING):
        kept_tables(version, "n", build, parameters={}, code=[], home=tmp_path)
    assert build.built == 2
    assert "is built again" in caplog.text
    forget()
    kept_tables(version, "n", build, parameters={}, code=[], home=tmp_path)
    assert build.built == 2


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_keeping(
    version: Dataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "versions" / "7" / FOLDER).write_text("in the way")
    build = Builder()
    with caplog.at_level(logging.WARNING):
        assert kept_tables(version, "n", build, parameters={}, code=[], home=tmp_path)["plain"].loc["a", "x"] == 1
    assert "in memory only" in caplog.text


def test_the_bundled_set_and_a_dataset_that_is_no_version_have_no_folder(four_towns: Dataset, tmp_path: Path) -> None:
    for name in ("0", "four-towns"):
        kept_tables(replace(four_towns, version=name), "n", Builder(), parameters={}, code=[], home=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_nobody_asked_for_lately_goes(version: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_IN_MEMORY", 2)
    monkeypatch.setattr(kept, "MOST_IN_FOLDER", 3)
    build = Builder()
    for number in range(5):
        kept_tables(version, "n", build, parameters={"a": number}, code=[], home=tmp_path)
    assert len(kept._memory) == 2
    assert len(list((tmp_path / "versions" / "7" / FOLDER).iterdir())) == 3


def test_a_failure_is_tried_again(four_towns: Dataset) -> None:
    def fail() -> Tables:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        kept_tables(four_towns, "n", fail, parameters={}, code=[])
    assert kept_tables(four_towns, "n", Builder(), parameters={}, code=[])["plain"].loc["a", "x"] == 1


def test_only_one_builds_when_several_ask_at_once(four_towns: Dataset) -> None:
    build, door, answers = Builder(), threading.Event(), []

    def slow() -> Tables:
        door.wait(5)
        return build()

    asking = [
        threading.Thread(target=lambda: answers.append(kept_tables(four_towns, "n", slow, parameters={}, code=[])))
        for _ in range(4)
    ]
    for one in asking:
        one.start()
    door.set()
    for one in asking:
        one.join()
    assert build.built == 1
    assert all(answer is answers[0] for answer in answers)

"""Workspaces of the tests of the store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import data.dataset
import data.settings
from data.dataset import Dataset
from data.synthetic import synthesize, write_register
from tests.data.store_worlds import FEW, Import
from tests.register_files import import_register


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

"""Derived tables come back from their files as they were built, and only to the version that they belong to."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

from data.cube import cube_of
from data.dataset import Dataset
from data.derived import DERIVED, load_table, prime_derived, save_derived, save_table
from data.errors import BadTable


def test_every_derived_table_comes_back_from_its_file(dataset: Dataset, tmp_path: Path) -> None:
    save_derived(dataset, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.parquet" for name in DERIVED}
    again = replace(dataset, observations=dataset.observations.iloc[:0])  # nothing to build them from
    prime_derived(again, tmp_path)
    for built in DERIVED.values():
        kept, fresh = (table.astype(object).where(table.notna(), None) for table in (built(again), built(dataset)))
        assert_frame_equal(kept, fresh, check_index_type=False)  # missing text may come back as another nothing


def test_what_is_missing_or_damaged_is_built_again(
    dataset: Dataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cube.parquet").write_text("no")
    again = replace(dataset)
    with caplog.at_level(logging.WARNING):
        prime_derived(again, tmp_path)
    assert len(caplog.records) == len(DERIVED)
    assert_frame_equal(cube_of(again), cube_of(dataset))


def test_the_table_of_another_version_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    save_table(cube_of(dataset), tmp_path / "cube.parquet", digest="12345678")
    with pytest.raises(BadTable, match="12345678"):
        load_table(tmp_path / "cube.parquet", digest=dataset.digest)


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cube.parquet").write_text("no")
    with pytest.raises(BadTable, match="no Parquet"):
        load_table(tmp_path / "cube.parquet", digest="0")

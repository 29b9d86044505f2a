"""A random register that is imported, exported and imported again is the same register, whatever the format."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from clusters.goals import Board
from data import columns as c
from data.dataset import Dataset
from data.exporting import SUFFIXES, write_table
from data.importing import Told, import_file
from data.store import open_version, use_version
from data.synthetic import write_register
from tests.register_files import import_register
from views.export_tables import EXPORTS
from views.provenance import stamp
from views.words import words

KEPT = (c.FIRM_ID, c.NAME, c.SHORT_NAME, c.ADDRESS, c.SUBSECTOR_ID, c.SUBSECTOR_WEIGHTS, c.REGISTERED_DISTRICT_ID,
        c.OPERATING_DISTRICT_ID, c.LON, c.LAT, c.LOCATION_PRECISION, c.PLACE_ID, c.NOTES, c.SOURCE,
        c.SYNTHETIC)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def hasty() -> Iterator[None]:
    """No waiting for the disk: many small files are written here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_export_in_any_format_is_imported_again_unchanged(
    data: st.DataObject, registers: st.SearchStrategy[pd.DataFrame], dataset: Dataset, board: Board
) -> None:
    register = data.draw(registers)
    with TemporaryDirectory() as folder:
        home = Path(folder)
        write_register(register, home / "r.parquet")
        first = open_version(home, import_register(home / "r.parquet", home, dataset).id, dataset)
        of_first = replace(board, dataset=first)
        for suffix in SUFFIXES:
            note(suffix)
            write_table(EXPORTS["firms"](of_first), home / f"again{suffix}", stamp(of_first, words("zh")))
            use_version(home, first.version)  # each format meets what the first one meets
            record = import_file(home / f"again{suffix}", Told(datum="wgs84"), home)
            second = open_version(home, record.id, dataset)
            assert (record.refused, record.firms) == (0, len(register))
            for column in KEPT:
                if column in first.firms:
                    assert _plain(second.firms[column]) == _plain(first.firms[column]), column
            assert _figures(second) == _figures(first)


def _plain(column: pd.Series) -> dict[str, object]:
    values = column.astype(object)
    return values.where(values.notna(), None).to_dict()


def _figures(dataset: Dataset) -> dict[tuple[str, int], int]:
    seen = dataset.observations
    return {
        (str(firm), int(year)): int(amount)
        for firm, year, amount in zip(seen[c.FIRM_ID], seen[c.YEAR], seen[c.REVENUE_CNY], strict=True)
    }

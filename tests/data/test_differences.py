"""What sets two versions apart is counted, and named by example."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import data.dataset
from data import columns as c
from data.dataset import Dataset
from data.differences import AFTER, BEFORE, CHANGE, COLUMNS, DIFFERENCE, MOST_EXAMPLES, Counts, compare_versions
from data.store import open_version
from data.synthetic import revenue_column, synthesize, write_register
from tests.register_files import import_register

FIRMS = 300


def test_a_version_does_not_differ_from_itself(dataset: Dataset) -> None:
    found = compare_versions(dataset, replace(dataset, version="1"))
    assert (found.before, found.after) == ("0", "1")
    assert {found.firms, found.observations, found.parks, found.indicators} == {Counts(0, 0, 0)}
    assert (found.changed_columns, len(found.examples)) == ({}, 0)
    assert not found.clusters[DIFFERENCE].any()


def changed(dataset: Dataset) -> Dataset:
    """The bundled set with one firm less, one renamed, one revenue raised, a park and an indicator changed."""
    firms = dataset.firms.iloc[1:].copy()
    firms.loc[firms.index[0], [c.NAME, c.ADDRESS]] = ["新名", None]
    seen = dataset.observations[dataset.observations[c.FIRM_ID] != dataset.firms.index[0]].copy()
    raised = seen.index[(seen[c.YEAR] == 2021) & (seen[c.STATUS] != "memory")][0]
    seen.loc[raised, c.REVENUE_CNY] += 10**9
    parks = dataset.parks.iloc[2:].assign(**{c.VACANT_M2: 1.0})
    indicators = pd.concat([dataset.indicators, dataset.indicators.iloc[:1].assign(**{c.INDICATOR: "新指标"})])
    return replace(dataset, version="1", firms=firms, observations=seen, parks=parks, indicators=indicators)


def test_differences_are_counted_by_kind(dataset: Dataset) -> None:
    after = changed(dataset)
    found = compare_versions(dataset, after)
    gone = int((dataset.observations[c.FIRM_ID] == dataset.firms.index[0]).sum())
    assert found.firms == Counts(0, 1, 1)
    assert found.changed_columns == {c.NAME: 1, c.ADDRESS: 1}
    assert found.observations == Counts(0, gone, 1)
    assert found.parks == Counts(0, 2, len(dataset.parks) - 2)
    assert found.indicators == Counts(1, 0, 0)
    assert found.examples[[CHANGE, c.FIRM_ID]].to_numpy().tolist() == [
        ["gone", dataset.firms.index[0]], ["changed", dataset.firms.index[1]]
    ]  # fmt: skip
    assert found.examples[COLUMNS].tolist() == ["", "name, address"]


def test_the_other_way_round_it_is_the_other_way_round(dataset: Dataset) -> None:
    there, back = compare_versions(dataset, changed(dataset)), compare_versions(changed(dataset), dataset)
    assert (there.firms.gone, there.observations.gone) == (back.firms.added, back.observations.added)
    assert there.clusters[DIFFERENCE].tolist() == (-back.clusters[DIFFERENCE]).tolist()


def test_totals_differ_by_what_the_rows_differ(dataset: Dataset) -> None:
    after = changed(dataset)
    found = compare_versions(dataset, after)
    for table in (found.clusters, found.districts):
        assert (table[AFTER] - table[BEFORE]).equals(table[DIFFERENCE])
        of_2021 = table[table[c.YEAR] == 2021][DIFFERENCE].sum()
        rows = [each.usable[each.usable[c.YEAR] == 2021][c.REVENUE_CNY].sum() for each in (dataset, after)]
        assert of_2021 == rows[1] - rows[0]


@pytest.fixture
def versions(dataset: Dataset, tmp_path: Path) -> tuple[Dataset, Dataset]:
    """Two registers: of the second 40 firms are new, 40 are gone, 100 have another revenue in 2020."""
    table = synthesize(FIRMS, 4, dataset)
    later = table.iloc[40:].copy()
    known = later.index[later[revenue_column(2020)].notna()][:100]
    later.loc[known, revenue_column(2020)] += 1000
    new = table.iloc[:40].assign(**{c.FIRM_ID: [f"NEW-{i}" for i in range(40)]})
    for name, rows in (("one", table), ("two", pd.concat([later, new]))):
        write_register(rows, tmp_path / f"{name}.parquet")
        import_register(tmp_path / f"{name}.parquet", tmp_path, dataset)
    one, two = (open_version(tmp_path, version, dataset) for version in "12")
    return one, two


@pytest.mark.parametrize("many", [False, True])
def test_registers_are_compared_whether_they_are_plain_or_mapped(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, many: bool
) -> None:
    if many:
        monkeypatch.setattr(data.dataset, "MANY_FIRMS", 0)
    one, two = request.getfixturevalue("versions")
    found = compare_versions(one, two)
    assert (found.firms, found.changed_columns) == (Counts(40, 40, 0), {})
    assert found.observations.changed == 100
    assert found.observations.added == found.observations.gone
    assert len(found.examples) == 80
    beside = compare_versions(dataset, two)  # plain against mapped, hardly anything in common
    assert (beside.firms, len(beside.examples)) == (Counts(FIRMS, 70, 0), MOST_EXAMPLES + 70)
    assert beside.examples[CHANGE].value_counts().to_dict() == {"added": MOST_EXAMPLES, "gone": 70}
    assert np.array_equal(found.clusters[DIFFERENCE], found.clusters[AFTER] - found.clusters[BEFORE])

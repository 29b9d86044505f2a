"""A made-up register in parts: the same whoever writes them, marked in every row, of the size that was asked for."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from data import columns as c
from data.dataset import Dataset
from data.errors import DataError
from data.synthetic import revenue_column, synthesize
from data.synthetic_parts import write_parts
from geo.boundaries import load_region
from geo.locate import locate_areas


def test_parts_make_a_register_that_says_in_every_row_what_it_is(dataset: Dataset, tmp_path: Path) -> None:
    written = write_parts(tmp_path / "r", 1_000, 5, dataset, parts=3)
    files = sorted((tmp_path / "r").iterdir())
    assert [path.name for path in files] == [f"part-{n:05d}.parquet" for n in range(3)]
    assert written == sum(path.stat().st_size for path in files)
    table = pd.concat(map(pd.read_parquet, files), ignore_index=True)
    assert len(table) == 1_000
    assert table[c.SYNTHETIC].all()
    assert table[c.SOURCE].str.startswith("synthetic, seed 5, part ").all()
    assert table[c.NAME].str.startswith("合成企业 ").all()
    assert table[c.FIRM_ID].is_monotonic_increasing
    assert table[c.FIRM_ID].is_unique
    assert list(table.columns) == list(synthesize(1, 1, dataset).columns)


def test_the_same_seed_gives_the_same_bytes_and_parts_differ(dataset: Dataset, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_parts(tmp_path / name, 200, seed, dataset, parts=2)
    one, same, other = ([path.read_bytes() for path in sorted((tmp_path / name).iterdir())] for name in "abc")
    assert one == same
    assert not set(one) & set(other)
    first, second = (pd.read_parquet(path) for path in sorted((tmp_path / "a").iterdir()))
    assert not set(first[c.LON]) & set(second[c.LON])


def test_the_largest_firms_are_as_many_as_in_one_register_of_the_same_size(dataset: Dataset, tmp_path: Path) -> None:
    """Without the share of each part they would be as many in every part."""
    firms = 20_000
    write_parts(tmp_path, firms, 1, dataset, parts=20)
    large = 10**9
    found = sum(int((pd.read_parquet(p)[revenue_column(2021)] >= large).sum()) for p in tmp_path.iterdir())
    expected = int((synthesize(firms, 1, dataset)[revenue_column(2021)] >= large).sum())
    assert expected / 2 <= found <= expected * 2


def test_firms_are_scattered_over_the_counties_of_a_region(dataset: Dataset, tmp_path: Path) -> None:
    region = load_region("440600")
    write_parts(tmp_path, 2_000, 1, dataset, parts=1, region=region)
    table = pd.read_parquet(tmp_path)
    found = locate_areas(table[c.LON], table[c.LAT], region)
    assert (found == table[c.REGISTERED_DISTRICT_ID].to_numpy(object)).all()
    shares = table[c.REGISTERED_DISTRICT_ID].value_counts(normalize=True)
    assert len(shares) == len(region)
    assert shares.between(0.5 / len(region), 2 / len(region)).all()


def test_a_part_has_row_groups_of_at_most_half_a_million(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.synthetic_parts.ROW_GROUP", 40)
    write_parts(tmp_path, 100, 1, dataset, parts=1)
    assert pq.read_metadata(tmp_path / "part-00000.parquet").num_row_groups == 3


@pytest.mark.parametrize(
    ("firms", "seed", "parts"),
    [(0, 1, 1), (10, -1, 1), (10, 1, 11), (10, 1, 0), (6_000_000, 1, 1), (2 * 10**9, 1, 1000)],
)
def test_numbers_out_of_range_are_refused(dataset: Dataset, tmp_path: Path, firms: int, seed: int, parts: int) -> None:
    with pytest.raises(DataError, match="partitions"):
        write_parts(tmp_path / "r", firms, seed, dataset, parts=parts)
    assert not list(tmp_path.iterdir())

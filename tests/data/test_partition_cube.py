"""The cube of partitions is the cube of the rows, however they are cut, and that of a version of the same firms."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

from data import columns as c
from data.cube import add_cubes, build_cube, cube_totals
from data.dataset import Dataset
from data.errors import BadTable, DataError, PartitionFailed
from data.outlines import Outlines, outlines_of, places_of
from data.partition_cube import add_counted, count_partitions, count_register
from data.partitions import partitions_of
from data.store import open_version
from data.synthetic import synthesize, write_register
from tests.register_files import import_register

FIRMS = 4_000


@pytest.fixture(scope="module")
def outlines(dataset: Dataset) -> Outlines:
    return outlines_of(dataset.districts)


@pytest.fixture(scope="module")
def register(dataset: Dataset) -> pd.DataFrame:
    """A made-up register with firms in several subsectors, without a place and beyond the city; all placed by point."""
    made = synthesize(FIRMS, 3, dataset).drop(columns=c.REGISTERED_DISTRICT_ID)
    made[c.SUBSECTOR_WEIGHTS] = None
    made.loc[5:900, c.SUBSECTOR_ID] = "S05"
    made.loc[5:900:3, c.SUBSECTOR_WEIGHTS] = "S02:0.3333;S05:0.3334;S07:0.3333"
    made.loc[6:900:3, c.SUBSECTOR_WEIGHTS] = "S04:0.5;S05:0.5"
    made.loc[6:900:3, c.SUBSECTOR_ID] = "S04"
    made.loc[10:20, [c.LON, c.LAT]] = np.nan
    made.loc[30:40, [c.REVENUE_CNY]] = 7_777_777_777_777_777  # equally large, and more than a float holds exactly
    made.loc[1000:1010, c.SUBSECTOR_ID] = None
    return made


def test_it_is_the_cube_of_a_version_of_the_same_firms(
    register: pd.DataFrame, dataset: Dataset, outlines: Outlines, tmp_path: Path
) -> None:
    write_register(register, tmp_path / "r.parquet")
    version = open_version(tmp_path, import_register(tmp_path / "r.parquet", tmp_path, dataset).id, dataset)
    expected = build_cube(version).drop(columns=[c.SOURCED_FIRMS, c.SOURCED_CNY, c.ELSEWHERE_CNY])
    expected = expected[expected[c.PLACE] == "registered"]
    pq.write_table(pa.Table.from_pandas(register), tmp_path / "cut.parquet", row_group_size=300)
    found = count_partitions(partitions_of(tmp_path / "cut.parquet", most_rows=700), outlines)
    assert_frame_equal(found.cube, expected, check_dtype=False)
    assert (found.rows, found.synthetic, found.once) == (FIRMS, True, True)


def test_no_way_of_cutting_and_ordering_rows_shows(register: pd.DataFrame, outlines: Outlines) -> None:
    places, rng = places_of(outlines), np.random.default_rng(1)
    whole = count_register(pa.Table.from_pandas(register), places, "all")
    for pieces in (2, 7, 60):
        mixed = register.iloc[rng.permutation(FIRMS)]
        cut = np.array_split(np.arange(FIRMS), pieces)
        some = [count_register(pa.Table.from_pandas(mixed.iloc[rows]), places, "part") for rows in cut]
        assert_frame_equal(add_counted(some).cube, whole.cube, check_exact=True)
        one_by_one = some[0]
        for another in some[1:]:
            one_by_one = add_counted([one_by_one, another])
        assert_frame_equal(one_by_one.cube, whole.cube, check_exact=True)
        assert not add_counted(some).once


def test_sums_are_those_of_a_plain_walk(register: pd.DataFrame, outlines: Outlines) -> None:
    found = count_register(pa.Table.from_pandas(register), places_of(outlines), "all").cube
    by_year = cube_totals(found, [c.YEAR])
    of_subsectors = register[register[c.SUBSECTOR_ID].notna()]
    assert by_year.loc[2023, c.TOTAL_CNY] == sum(int(cny) for cny in register[c.REVENUE_CNY])
    assert cube_totals(found, [c.SUBSECTOR_ID], year=2023)[c.TOTAL_CNY].sum() == of_subsectors[c.REVENUE_CNY].sum()
    assert by_year.loc[2023, c.FIRMS] == FIRMS
    assert by_year.loc[2019, c.FIRMS] == register["revenue_2019_cny"].notna().sum()
    assert (
        by_year.loc[2023, c.TOP_FIRM_ID] == register[register[c.SUBSECTOR_WEIGHTS].isna()].loc[30:, c.FIRM_ID].iloc[0]
    )
    places = cube_totals(found, [c.DISTRICT_ID], year=2023)
    assert places.loc[c.UNPLACED, c.FIRMS] == 11


def test_firms_count_where_their_point_lies(outlines: Outlines) -> None:
    table = pa.table({
        c.FIRM_ID: ["a", "b", "c", "d"], c.LON: [114.055, 120.0, None, 999.0], c.LAT: [22.54, 30.0, 22.5, 22.5],
        c.SUBSECTOR_ID: ["S01"] * 4, c.YEAR: [2021] * 4, c.REVENUE_CNY: [1, 2, 4, 8],
        c.REGISTERED_DISTRICT_ID: ["440303"] * 4,
    })  # fmt: skip
    cube = count_register(table, places_of(outlines), "t").cube
    told = dict(zip(cube[c.DISTRICT_ID], cube[c.TOTAL_CNY], strict=True))
    assert told == {"440304": 1, c.OUTSIDE: 2, c.UNPLACED: 12}


def test_a_firm_may_have_a_row_for_each_year_and_rows_from_memory_count_nowhere(outlines: Outlines) -> None:
    table = pa.table({
        c.FIRM_ID: ["a", "a", "b", "c"], c.LON: [114.055] * 4, c.LAT: [22.54] * 4, c.YEAR: [2020, 2021, 2021, 2021],
        c.REVENUE_CNY: pa.array([1.0, 2.0, 4.0, None]), c.STATUS: ["sourced", None, "memory", "sourced"],
    })  # fmt: skip
    counted = count_register(table, places_of(outlines), "t")
    assert counted.cube[[c.YEAR, c.FIRMS, c.TOTAL_CNY]].to_numpy().tolist() == [[2020, 1, 1], [2021, 1, 2]]
    assert not counted.synthetic


GOOD = {
    c.FIRM_ID: ["a", "b"], c.LON: [114.0, 114.1], c.LAT: [22.5, 22.6], c.SUBSECTOR_ID: ["S01", "S02"],
    c.YEAR: [2021, 2021], c.REVENUE_CNY: [1, 2],
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: {**t, c.FIRM_ID: ["a", "a"]}, "firm_id 'a' has two rows for 2021"),
        (lambda t: {**t, c.FIRM_ID: ["a", None]}, "1 rows without firm_id"),
        (lambda t: {**t, c.SUBSECTOR_ID: ["S01", "S99"]}, "'S99' is none of"),
        (lambda t: {**t, c.SUBSECTOR_WEIGHTS: ["S01:0.5;S02:0.6", None]}, "add up to 1"),
        (lambda t: {**t, "revenue_2021_cny": [1, 2]}, "revenue_cny of 2021 stands beside revenue_2021_cny"),
        (lambda t: {**t, c.YEAR: [21, 2021]}, "year 21 is not from 1900"),
        (lambda t: {**t, c.YEAR: [None, 2021]}, "1 rows with revenue_cny and without year"),
        (lambda t: {k: v for k, v in t.items() if k != c.REVENUE_CNY}, "no revenue_cny with year"),
        (lambda t: {k: v for k, v in t.items() if k != c.LON}, "no column lon"),
        (lambda t: {**t, c.REVENUE_CNY: [2**62, 2**61]}, "more CNY than can be counted"),
        (lambda t: {**t, c.REVENUE_CNY: [1.5, 2.0]}, "truncated"),
        (lambda t: {**t, c.LON: ["here", "there"]}, "here"),
    ],
)
def test_rows_that_break_the_rules_are_refused_with_the_name_of_their_partition(
    change: Callable[[dict[str, list[object]]], dict[str, list[object]]],
    said: str,
    outlines: Outlines,
    tmp_path: Path,
) -> None:
    pq.write_table(pa.table(GOOD), tmp_path / "good.parquet")
    pq.write_table(pa.table(change(GOOD)), tmp_path / "wrong.parquet")
    with pytest.raises(PartitionFailed, match=r"partition wrong\.parquet: ") as raised:
        count_partitions(partitions_of(tmp_path), outlines)
    assert said in str(raised.value)


def test_partitions_that_add_up_to_too_much_are_refused(outlines: Outlines) -> None:
    places = places_of(outlines)
    one = count_register(pa.table({**GOOD, c.REVENUE_CNY: [2**61 + 2**60, 0]}), places, "one")
    with pytest.raises(BadTable, match="more CNY than can be counted"):
        add_counted([one, one])


def test_ids_that_lie_apart_prove_that_nobody_counts_twice(outlines: Outlines) -> None:
    places = places_of(outlines)

    def part(ids: list[str], year: int) -> object:
        return count_register(pa.table({**GOOD, c.FIRM_ID: ids, c.YEAR: [year] * 2}), places, "part")

    assert add_counted([part(["a", "b"], 2021), part(["c", "d"], 2021), part(["a", "d"], 2020)]).once
    assert not add_counted([part(["a", "c"], 2021), part(["b", "d"], 2021)]).once
    assert not add_counted([part(["a", "b"], 2021), part(["b", "c"], 2021)]).once


def test_cubes_with_and_without_spread_add_up() -> None:
    plain = pd.DataFrame({c.PLACE: "registered", c.DISTRICT_ID: ["X"], c.SUBSECTOR_ID: ["S01"], c.YEAR: [2021],
                          c.FIRMS: [1], c.TOTAL_CNY: [5], c.TOP_FIRM_ID: ["a"], c.TOP1_CNY: [5]})  # fmt: skip
    spread = plain.assign(**{c.SPREAD: "S01;S02"})
    added = add_cubes([plain, spread, plain])
    assert added[c.FIRMS].tolist() == [1, 2]
    assert added[c.SPREAD].isna().tolist() == [False, True]


def test_an_empty_partition_adds_nothing(outlines: Outlines, tmp_path: Path) -> None:
    pq.write_table(pa.table(GOOD), tmp_path / "a.parquet")
    pq.write_table(pa.table(GOOD).slice(0, 0), tmp_path / "b.parquet")
    found = count_partitions(partitions_of(tmp_path), outlines)
    assert (found.rows, len(found.cube)) == (2, 2)


def test_a_folder_without_parquet_and_a_broken_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no parquet"):
        partitions_of(tmp_path)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(BadTable, match=r"broken\.parquet"):
        partitions_of(tmp_path)

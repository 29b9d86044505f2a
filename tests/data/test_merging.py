"""Rows laid over rows say what a walk over both would say."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import columns as c
from data.errors import BadTable
from data.merging import merge_firms, merge_frames, merge_observations
from data.register import OF_FIRMS, OF_OBSERVATIONS, canonical

IDS, NAMES, DISTRICTS = "abcdef", ["甲", "乙", "丙"], ["440303", "440304", None]
firm = st.fixed_dictionaries(
    {
        c.FIRM_ID: st.sampled_from(IDS),
        c.NAME: st.sampled_from(NAMES),
        c.REGISTERED_DISTRICT_ID: st.sampled_from(DISTRICTS),
        c.ADDRESS: st.none() | st.sampled_from(["一路", "二路"]),
        c.SUBSECTOR_ID: st.none() | st.sampled_from(["S01", "S02"]),
    }
)
firms = st.lists(firm, min_size=1, max_size=6, unique_by=lambda row: row[c.FIRM_ID])
observation = st.tuples(st.sampled_from(IDS), st.integers(2019, 2021), st.none() | st.integers(1, 99),
                        st.none() | st.integers(1, 9))  # fmt: skip
observations = st.lists(observation, max_size=8, unique_by=lambda row: row[:2])


def firm_table(rows: list[dict[str, str | None]]) -> pa.Table:
    schema = pa.schema([(str(name), pa.string()) for name in rows[0]])
    return canonical(pa.Table.from_pylist([{str(k): v for k, v in row.items()} for row in rows], schema), OF_FIRMS)


def observation_table(rows: list[tuple[str, int, int | None, int | None]]) -> pa.Table:
    names = (c.FIRM_ID, c.YEAR, c.REVENUE_CNY, c.EMPLOYEES)
    schema = pa.schema(zip(map(str, names), (pa.string(), pa.int64(), pa.int64(), pa.int64()), strict=True))
    return canonical(
        pa.Table.from_pylist([dict(zip(map(str, names), r, strict=True)) for r in rows], schema), OF_OBSERVATIONS
    )


def walked(known: list[dict], new: list[dict]) -> list[dict] | None:
    """The same by hand: ``None`` when two new rows would be one known firm."""
    result, taken = [dict(row) for row in known], {}
    by_id = {row[c.FIRM_ID]: i for i, row in enumerate(known)}
    for j, row in enumerate(new):
        if row[c.FIRM_ID] in by_id:
            taken[j] = by_id[row[c.FIRM_ID]]
    free = [i for i in range(len(known)) if i not in taken.values()]
    strange = [j for j in range(len(new)) if j not in taken]

    def place(row: dict) -> tuple[str, str]:
        return row[c.NAME], row[c.REGISTERED_DISTRICT_ID] or ""

    for j in strange:
        same = [i for i in free if place(known[i]) == place(new[j])]
        if len(same) == 1 and sum(place(new[k]) == place(new[j]) for k in strange) == 1:
            taken[j] = same[0]
    for j, row in enumerate(new):
        if j in taken:
            given_values = {name: value for name, value in row.items() if value is not None and name != c.FIRM_ID}
            result[taken[j]] |= given_values
        else:
            result.append(dict(row))
    return result


@given(firms, firms)
def test_firms_are_as_a_walk_over_the_rows_makes_them(known: list[dict], new: list[dict]) -> None:
    merged, rows = merge_firms(firm_table(known), firm_table(new))
    assert merged.to_pylist() == walked(known, new)
    assert len(rows) == len(new)
    ids = merged[c.FIRM_ID].to_pylist()
    assert all(ids[row] == one[c.FIRM_ID] or one[c.FIRM_ID] not in ids for row, one in zip(rows, new, strict=True))


@given(firms)
def test_firms_laid_over_themselves_stay(known: list[dict]) -> None:
    merged, rows = merge_firms(firm_table(known), firm_table(known))
    assert merged.to_pylist() == known
    assert rows.tolist() == list(range(len(known)))


@given(observations, observations)
def test_observations_are_as_a_walk_over_the_rows_makes_them(known: list[tuple], new: list[tuple]) -> None:
    merged = merge_observations(
        observation_table(known), observation_table(new), pa.chunked_array([list(IDS)], pa.large_string())
    )
    expected = {row[:2]: row[2:] for row in known}
    for one, year, revenue, employees in new:
        old = expected.get((one, year), (None, None))
        expected[one, year] = (old[0] if revenue is None else revenue, old[1] if employees is None else employees)
    assert {tuple(row.values())[:2]: tuple(row.values())[2:] for row in merged.to_pylist()} == expected
    assert len(merged) == len(expected)


def test_a_position_comes_with_all_that_is_said_of_it() -> None:
    both = {c.FIRM_ID: ["a", "b"], c.NAME: ["x", "y"]}
    of_parks = {c.LOCATION_PRECISION: ["park", "park"], c.PLACE_ID: ["P01", "P02"]}
    known = canonical(pa.table({**both, c.LON: [1.0, 2.0], c.LAT: [1.0, 2.0], **of_parks}), OF_FIRMS)
    new = canonical(pa.table({**both, c.LON: [3.0, np.nan], c.LAT: [3.0, np.nan]}), OF_FIRMS)
    rows = merge_firms(known, new)[0].select([c.LON, c.LAT, c.LOCATION_PRECISION, c.PLACE_ID]).to_pylist()
    assert [list(row.values()) for row in rows] == [[3.0, 3.0, None, None], [2.0, 2.0, "park", "P02"]]


def test_a_revenue_comes_with_its_status_and_a_count_of_employees_does_not() -> None:
    known = pa.table({c.FIRM_ID: ["a", "b"], c.YEAR: [2021, 2021], c.REVENUE_CNY: [1, 2], c.STATUS: ["sourced"] * 2})
    new = pa.table({c.FIRM_ID: ["a", "b"], c.YEAR: [2021, 2021], c.REVENUE_CNY: [9, None], c.EMPLOYEES: [None, 4]})
    tables = (canonical(table, OF_OBSERVATIONS) for table in (known, new))
    merged = merge_observations(*tables, pa.chunked_array([["a", "b"]], pa.large_string()))
    assert merged[c.STATUS].to_pylist() == [None, "sourced"]
    assert merged[c.EMPLOYEES].to_pylist() == [None, 4]


def test_a_row_of_a_small_table_is_known_by_its_keys() -> None:
    known = pd.DataFrame({"name": ["a", "b"], "area": [1.0, 2.0], "year": [2021, None], "period": ["2021", "Q1"]})
    new = pd.DataFrame(
        {"name": ["b", "a"], "area": [np.nan, 5.0], "year": [None, 2022], "period": ["Q1", None], "more": ["x", "y"]}
    )
    merged = merge_frames(known, new, ["name", "year|period"])
    assert merged["area"].tolist() == [1.0, 2.0, 5.0]
    assert merged["more"].fillna("").tolist() == ["", "x", "y"]
    with pytest.raises(BadTable, match="t: 2 rows of one name and year"):
        merge_frames(known, pd.concat([new, new]).iloc[[0, 2]], ["name", "year|period"], name="t")

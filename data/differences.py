"""What sets two versions apart: firms that came, went or changed, and what that does to each total.

Firms are the same when their ids are, observations when firm and year are, parks when their names are, hubs when kind
and name are, indicators when name, scope, area and year are. Rows are compared by joins of whole columns, totals are
those of the cubes, so a million firms take seconds; of the firms only some examples are named.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset
from data.merging import row_keys
from data.next_tables import HUB_KEYS, INDICATOR_KEYS
from data.observed import rows_of
from data.register import TEXT

MOST_EXAMPLES = 200
ADDED, GONE, CHANGED = "added", "gone", "changed"
CHANGE, COLUMNS = "change", "columns"
BEFORE, AFTER, DIFFERENCE = "before_cny", "after_cny", "difference_cny"

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Counts:
    """Rows that only the later version has, that only the earlier one has, and that differ."""

    added: int
    gone: int
    changed: int


@dataclass(frozen=True, eq=False)
class Differences:
    """Two versions beside each other.

    Attributes
    ----------
    before, after : str
        Ids of the versions.
    firms, observations, parks, indicators, hubs : Counts
    changed_columns : dict of str to int
        Firms that differ in each column, where any do.
    examples : DataFrame
        Up to ``MOST_EXAMPLES`` firms: change (added, gone or changed), firm_id, name, columns that changed.
    clusters, districts : DataFrame
        subsector_id or district_id, year, before_cny, after_cny, difference_cny: totals at the registered place, of all
        cells that either version has; 0 where it has none.
    """

    before: str
    after: str
    firms: Counts
    observations: Counts
    parks: Counts
    indicators: Counts
    hubs: Counts
    changed_columns: dict[str, int]
    examples: pd.DataFrame
    clusters: pd.DataFrame
    districts: pd.DataFrame


def compare_versions(before: Dataset, after: Dataset) -> Differences:
    """Compare two versions.

    Parameters
    ----------
    before, after : Dataset

    Returns
    -------
    Differences
    """
    at = rows_of(pd.Series(after.firms[c.FIRM_ID].array), pd.Index(before.firms[c.FIRM_ID].array)).astype(np.int64)
    same = np.flatnonzero(at >= 0)
    gone = np.ones(len(before.firms), bool)
    gone[at[same]] = False
    changed = _changed_columns(before.firms, after.firms, at[same], same)
    any_change = np.logical_or.reduce([*changed.values(), np.zeros(len(same), bool)])
    groups = ((ADDED, after, np.flatnonzero(at < 0)), (GONE, before, np.flatnonzero(gone)),
              (CHANGED, after, same[any_change]))  # fmt: skip
    columns_of = {row: [name for name, rows in changed.items() if rows[i]] for i, row in _first(same, any_change)}
    return Differences(
        before=before.version,
        after=after.version,
        firms=Counts(*(len(rows) for _, _, rows in groups)),
        observations=_observations(before, after, at),
        parks=_counts(before.parks, after.parks, [c.NAME], without=[c.PARK_ID]),
        indicators=_counts(before.indicators, after.indicators, INDICATOR_KEYS),
        hubs=_counts(before.hubs, after.hubs, HUB_KEYS, without=[c.HUB_ID]),
        changed_columns={name: int(rows.sum()) for name, rows in changed.items() if rows.any()},
        examples=pd.concat([_examples(*group, columns_of) for group in groups], ignore_index=True),
        clusters=_totals(before, after, c.SUBSECTOR_ID),
        districts=_totals(before, after, c.DISTRICT_ID),
    )


def _first(same: Rows, changed: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Position and row of the first changed firms."""
    return [(int(i), int(same[i])) for i in np.flatnonzero(changed)[:MOST_EXAMPLES]]


def _changed_columns(before: pd.DataFrame, after: pd.DataFrame, old: Rows, new: Rows) -> dict[str, NDArray[np.bool_]]:
    """Which of the firms in both versions differ, by column."""
    return {
        str(name): _differ(_values(before, name, old), _values(after, name, new))
        for name in dict.fromkeys([*before, *after])
        if name != c.FIRM_ID
    }


def _values(table: pd.DataFrame, name: str, rows: Rows) -> pa.Array:
    """A column of some rows; numbers and truths as they are, anything else as text, what is empty as missing."""
    if name not in table:
        return pa.nulls(len(rows))
    column = table[name].iloc[rows]
    if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_numeric_dtype(column.dtype):
        return pa.array(column, from_pandas=True)
    made = pa.array(column.array, from_pandas=True)
    made = made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made
    if pa.types.is_binary(made.type):  # an outline
        return made
    texts = made.cast(TEXT)
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, TEXT), texts)


def _differ(old: pa.Array, new: pa.Array) -> NDArray[np.bool_]:
    if pa.types.is_boolean(old.type) or pa.types.is_boolean(new.type):  # a column that is not there says no
        old, new = (pc.fill_null(each.cast(pa.bool_()), False) for each in (old, new))
    if pa.types.is_null(old.type) or pa.types.is_null(new.type):
        return np.asarray(pc.xor(old.is_valid(), new.is_valid()))
    differ = pc.fill_null(pc.not_equal(old, new), False)
    return np.asarray(pc.or_(differ, pc.xor(old.is_valid(), new.is_valid())))


def _examples(change: str, dataset: Dataset, rows: Rows, columns_of: dict[int, list[str]]) -> pd.DataFrame:
    some = rows[:MOST_EXAMPLES]
    firms = dataset.firms.iloc[some]
    return pd.DataFrame(
        {
            CHANGE: change,
            c.FIRM_ID: firms[c.FIRM_ID].to_numpy(object),
            c.NAME: firms[c.NAME].to_numpy(object),
            COLUMNS: [", ".join(columns_of.get(int(row), ())) if change == CHANGED else "" for row in some],
        }
    )


def _observations(before: Dataset, after: Dataset, at: Rows) -> Counts:
    """Observations of one firm and year; firms are numbered as in the earlier version, new ones after them."""
    number = np.where(at >= 0, at, len(before.firms) + np.arange(len(at)))
    firms = len(before.firms) + len(after.firms)
    keys: list[Rows] = []
    for dataset, numbers in ((before, np.arange(len(before.firms))), (after, number)):
        firm = rows_of(dataset.observations[c.FIRM_ID], pd.Index(dataset.firms[c.FIRM_ID].array))
        keys.append(dataset.observations[c.YEAR].to_numpy(np.int64) * (firms + 1) + np.append(numbers, firms)[firm])
    _, old, new = np.intersect1d(keys[0], keys[1], assume_unique=True, return_indices=True)
    columns = [name for name in dict.fromkeys([*before.observations, *after.observations])
               if name not in (c.FIRM_ID, c.YEAR)]  # fmt: skip
    differ = np.zeros(len(old), bool)
    for name in columns:
        differ |= _differ(_values(before.observations, name, old), _values(after.observations, name, new))
    return Counts(len(keys[1]) - len(new), len(keys[0]) - len(old), int(differ.sum()))


def _counts(before: pd.DataFrame, after: pd.DataFrame, keys: list[str], without: list[str] | None = None) -> Counts:
    """Rows of two small tables; of rows with the same key the first counts."""
    old, new = (
        {key: row for row, key in reversed(list(enumerate(row_keys(table, keys))))} for table in (before, after)
    )
    both = [key for key in new if key in old]
    rows = np.array([old[key] for key in both], np.int64), np.array([new[key] for key in both], np.int64)
    differ = np.zeros(len(both), bool)
    for name in dict.fromkeys([*before, *after]):
        if name not in (without or ()):
            differ |= _differ(_values(before, name, rows[0]), _values(after, name, rows[1]))
    return Counts(len(new) - len(both), len(old) - len(both), int(differ.sum()))


def _totals(before: Dataset, after: Dataset, by: str) -> pd.DataFrame:
    old, new = (cube_totals(cube_of(dataset), [by, c.YEAR])[c.TOTAL_CNY] for dataset in (before, after))
    cells = old.index.union(new.index)
    table = pd.DataFrame({BEFORE: old.reindex(cells, fill_value=0), AFTER: new.reindex(cells, fill_value=0)})
    table[DIFFERENCE] = table[AFTER] - table[BEFORE]
    return table.reset_index()

"""New rows laid over known ones: which row is which, and what of it stays.

A firm is known again by its id, or else by name and registered district, when exactly one known firm and one new row
have them; an observation by firm and year, a park by name, an indicator by name, scope, area and year, a district by
id. What a new row gives replaces what was known, and what it leaves empty stays, but a position comes with all that is
said of it, and so does a revenue.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data import columns as c
from data.errors import BadTable
from data.register import TEXT, degrees, row_numbers

OF_A_PLACE = (c.LON, c.LAT, c.LOCATION_PRECISION, c.PLACE_ID, c.PLACE_EVIDENCE, c.PLACE_CONFLICT)
OF_A_DISTRICT = (c.REGISTERED_DISTRICT_ID, c.DISTRICT_BY_POINT)
OF_A_REVENUE = (c.REVENUE_CNY, c.SCOPE, c.STATUS, c.SOURCE)

Rows = NDArray[np.int64]


def merge_firms(known: pa.Table, new: pa.Table, *, name: str = "firms") -> tuple[pa.Table, Rows]:
    """Firms with others laid over them.

    Parameters
    ----------
    known, new : pyarrow.Table
        Canonical firms (``data.register.canonical``); those of `new` with their districts found.
    name : str, optional
        What an error calls the new ones.

    Returns
    -------
    pyarrow.Table
        The known firms in their order, then those that are new.
    ndarray of int64
        Row there of each new firm.

    Raises
    ------
    BadTable
        When two new rows are one known firm.
    """
    at = _same_firms(known, new)
    _check_once(at, name, "rows of one firm")
    placed = ~np.isnan(degrees(new, c.LON))
    found = _truths(new, c.DISTRICT_BY_POINT)
    open_to_points = ~_has(known, c.REGISTERED_DISTRICT_ID) | _truths(known, c.DISTRICT_BY_POINT)
    # no polygon overrules what a row declared
    better = _has(new, c.REGISTERED_DISTRICT_ID) & (~found | np.append(open_to_points, True)[at])
    given = {**dict.fromkeys(OF_A_PLACE, placed), **dict.fromkeys(OF_A_DISTRICT, better),
             c.FIRM_ID: np.zeros(len(new), bool)}  # fmt: skip
    return _laid_over(known, new, at, given), _rows_after(at, len(known))


def merge_observations(
    known: pa.Table, new: pa.Table, firm_ids: pa.ChunkedArray, *, name: str = "observations"
) -> pa.Table:
    """Observations with others laid over them; both canonical, of firms of these ids.

    Raises
    ------
    BadTable
        When two new rows are one known observation.
    """
    keys = [_firm_years(table, firm_ids) for table in (known, new)]
    order = np.argsort(keys[0], kind="stable")
    place = np.minimum(np.searchsorted(keys[0][order], keys[1]), max(len(order) - 1, 0))
    at = np.full(len(new), -1)
    if len(order):
        same = keys[0][order][place] == keys[1]
        at[same] = order[place[same]]
    _check_once(at, name, "rows of one firm in one year")
    revenue = np.asarray(pc.is_valid(new[c.REVENUE_CNY]))
    return _laid_over(known, new, at, dict.fromkeys(OF_A_REVENUE, revenue))


def merge_frames(known: pd.DataFrame, new: pd.DataFrame, keys: list[str], *, name: str = "rows") -> pd.DataFrame:
    """A small table with another laid over it; a key is the row's first that has a value of several columns.

    Parameters
    ----------
    known, new : DataFrame
    keys : list of str
        Columns that tell the rows apart; ``"a|b"`` is column a, or b where a is empty.

    Returns
    -------
    DataFrame
        The known rows in their order, then those that are new; index from 0.

    Raises
    ------
    BadTable
        When two new rows are one known row.
    """
    seen = {key: row for row, key in reversed(list(enumerate(row_keys(known, keys))))}
    at = np.array([seen.get(key, -1) for key in row_keys(new, keys)], np.int64)
    _check_once(at, name, "rows of one " + " and ".join(key.partition("|")[0] for key in keys))
    rows = _rows_after(at, len(known))
    index = range(len(known) + int((at < 0).sum()))
    columns = {}
    for column in dict.fromkeys([*known, *new]):
        values = pd.Series(None, index=index, dtype=object)
        if column in known:
            values.iloc[: len(known)] = known[column].to_numpy(object)
        if column in new:
            given = (new[column].notna() | (at < 0)).to_numpy(bool)
            values.iloc[rows[given]] = new[column].to_numpy(object)[given]
        kind = (known if column in known else new)[column].dtype
        columns[column] = values if pd.api.types.is_object_dtype(kind) else values.astype(kind)
    return pd.DataFrame(columns)


def row_keys(table: pd.DataFrame, keys: list[str]) -> list[tuple[object, ...]]:
    """What tells each row of a small table from the others; see ``merge_frames``."""
    parts = []
    for key in keys:
        first, _, other = key.partition("|")
        values = table[first].astype(object)
        parts.append(values.where(values.notna(), table[other].astype(object) if other else None))
    return list(zip(*(part.where(part.notna(), None) for part in parts), strict=True))


def _check_once(at: Rows, name: str, what: str) -> None:
    """Raise when several new rows are one known row; which of them is right, nobody knows."""
    known, rows = np.unique(at[at >= 0], return_counts=True)
    if len(known) < rows.sum():
        raise BadTable(name, [f"{int(rows[rows > 1].sum())} {what}"])


def _has(table: pa.Table, name: str) -> NDArray[np.bool_]:
    return np.asarray(table[name].is_valid()) if name in table.column_names else np.zeros(len(table), bool)


def _rows_after(at: Rows, known: int) -> Rows:
    """Row of each new one: that of the known one, or one after the last."""
    return np.where(at >= 0, at, known + np.cumsum(at < 0) - 1)


def _same_firms(known: pa.Table, new: pa.Table) -> Rows:
    """Known row of each new firm, -1 where there is none."""
    at = np.asarray(pc.index_in(new[c.FIRM_ID], value_set=known[c.FIRM_ID], skip_nulls=True).fill_null(-1), np.int64)
    strange = np.flatnonzero(at < 0)
    if len(strange):
        free = np.ones(len(known), bool)
        free[at[at >= 0]] = False
        rows = np.flatnonzero(free)
        names = [_names_at_places(table, pick) for table, pick in ((known, rows), (new, strange))]
        found = np.asarray(pc.index_in(_once(names[1]), value_set=_once(names[0]), skip_nulls=True).fill_null(-1))
        at[strange] = np.where(found >= 0, np.append(rows, -1)[found], -1)
    return at


def _names_at_places(firms: pa.Table, rows: Rows) -> pa.Array:
    """Name and registered district as one text."""
    empty = pa.scalar("", TEXT)
    district = empty
    if c.REGISTERED_DISTRICT_ID in firms.column_names:
        district = pc.fill_null(firms[c.REGISTERED_DISTRICT_ID].cast(TEXT), empty)
    joined = pc.binary_join_element_wise(firms[c.NAME], district, pa.scalar("\n", TEXT))
    return joined.combine_chunks().take(pa.array(rows))


def _once(texts: pa.Array) -> pa.Array:
    """Texts, those that stand several times as missing."""
    coded = texts.dictionary_encode()
    codes = np.asarray(coded.indices.fill_null(-1))
    several = np.bincount(codes + 1, minlength=1)[codes + 1] > 1
    return pc.if_else(pa.array(several), pa.scalar(None, texts.type), texts)


def _firm_years(observations: pa.Table, firm_ids: pa.ChunkedArray) -> Rows:
    firm = row_numbers(observations[c.FIRM_ID], firm_ids).astype(np.int64)
    return np.asarray(observations[c.YEAR].fill_null(0), np.int64) * (len(firm_ids) + 1) + firm


def _truths(table: pa.Table, name: str) -> NDArray[np.bool_]:
    return np.asarray(table[name].fill_null(False)) if name in table.column_names else np.zeros(len(table), bool)


def _laid_over(known: pa.Table, new: pa.Table, at: Rows, given: Mapping[str, NDArray[np.bool_]]) -> pa.Table:
    """Known rows, then new ones; of a row that is both, each column from the new one where it gives something.

    Parameters
    ----------
    known, new : pyarrow.Table
    at : ndarray of int
        Known row of each new one, -1 where there is none.
    given : mapping of str to ndarray of bool
        Which new rows give a column, where that is not said by the column itself.
    """
    same = np.flatnonzero(at >= 0)
    added = len(known) + np.flatnonzero(at < 0)
    columns = {}
    for name in dict.fromkeys([*known.column_names, *new.column_names]):
        kind = (known if name in known.column_names else new).schema.field(name).type
        halves = [table[name] if name in table.column_names else pa.chunked_array([pa.nulls(len(table), kind)])
                  for table in (known, new)]  # fmt: skip
        gives = given[name] if name in given else np.asarray(pc.is_valid(halves[1]))
        pick = np.concatenate([np.arange(len(known)), added])
        better = same[gives[same]]
        pick[at[better]] = len(known) + better
        whole = pa.chunked_array([*halves[0].chunks, *halves[1].chunks], kind)
        whole = whole.unify_dictionaries() if pa.types.is_dictionary(kind) else whole
        columns[name] = whole.combine_chunks().take(pa.array(pick))
    return pa.table(columns)

"""The cube of a version: count, sum and largest firm of each district × subsector × year, under both readings of place.

A few thousand rows stand for millions of observations, so that a filter never touches a firm. Sums are exact integers
and firms are counted once, so any grouping of cells gives what a walk over the observations would. A firm has one
district and one subsector; were it to spread over several, counts would no longer add up and the cube would need the
spread as a further column.
"""

import os
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data import columns as c
from data.dataset import Dataset, Place, firm_districts
from data.errors import BadTable
from data.once import once_per_dataset

KEYS = (c.PLACE, c.DISTRICT_ID, c.SUBSECTOR_ID, c.YEAR)
_DIGEST = b"jiqun.digest"


def build_cube(dataset: Dataset) -> pd.DataFrame:
    """Cells of a dataset.

    Parameters
    ----------
    dataset : Dataset
        Its usable observations are counted; firms that lie outside the city under a reading leave under that reading.

    Returns
    -------
    DataFrame
        place, district_id (``'unplaced'`` included), subsector_id (missing when a firm has none), year, firms,
        total_cny, top_firm_id (of equally large ones the lowest id), top1_cny; in ascending order of the first four.
        Cells without a firm are absent.
    """
    usable = dataset.usable
    firm = dataset.firms.index.get_indexer(pd.Index(usable[c.FIRM_ID]))
    known = firm >= 0
    firm = firm[known]
    year, revenue = (usable[name].to_numpy(np.int64)[known] for name in (c.YEAR, c.REVENUE_CNY))
    again = pd.DataFrame({c.FIRM_ID: firm, c.YEAR: year}).duplicated().to_numpy()
    cells = [_cells(dataset.firms, firm, year, revenue, ~again, place) for place in get_args(Place)]
    return pd.concat(cells, ignore_index=True)


@once_per_dataset
def cube_of(dataset: Dataset) -> pd.DataFrame:
    """The cube of a dataset, built once and shared; nobody writes into it."""
    return build_cube(dataset)


def cube_totals(
    cube: pd.DataFrame, by: list[str], *, place: Place = "registered", year: int | None = None,
    subsectors: Iterable[str] = (),
) -> pd.DataFrame:  # fmt: skip
    """Totals of groups of cells, equal to ``clusters.standing.cluster_totals`` over the same observations.

    Parameters
    ----------
    cube : DataFrame
    by : list of str
        Any of district_id, subsector_id and year.
    place : 'registered' or 'operating'
    year : int, optional
        One year; firms of several years would be counted once for each.
    subsectors : iterable of str
        Only these, when any are named.

    Returns
    -------
    DataFrame
        Indexed by ``by``: total_cny, firms, top_firm_id, top1_cny.

    Examples
    --------
    >>> cube = pd.DataFrame({"place": "registered", "district_id": ["X", "Y"], "subsector_id": "S01", "year": 2021,
    ...                      "firms": [2, 1], "total_cny": [9, 5], "top_firm_id": ["b", "a"], "top1_cny": [5, 5]})
    >>> cube_totals(cube, ["subsector_id"])
                  total_cny  firms top_firm_id  top1_cny
    subsector_id
    S01                  14      3           a         5
    """
    keep = cube[c.PLACE] == place
    if year is not None:
        keep &= cube[c.YEAR] == year
    if wanted := list(subsectors):
        keep &= cube[c.SUBSECTOR_ID].isin(wanted)
    ordered = cube[keep].sort_values([c.TOP1_CNY, c.TOP_FIRM_ID], ascending=[False, True])
    how = {c.TOTAL_CNY: "sum", c.FIRMS: "sum", c.TOP_FIRM_ID: "first", c.TOP1_CNY: "first"}
    return ordered.groupby(by).agg(**{str(name): (name, f) for name, f in how.items()})


def save_cube(cube: pd.DataFrame, path: Path, *, digest: str) -> None:
    """Write a cube as Parquet, whole or not at all.

    Parameters
    ----------
    cube : DataFrame
    path : Path
        Its folder must exist; an existing file is replaced.
    digest : str
        Digest of the version, kept in the file.
    """
    table = pa.Table.from_pandas(cube, preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), _DIGEST: digest.encode()})
    beside = path.with_name(f".part-{path.name}-{uuid.uuid4().hex[:8]}")
    try:
        with beside.open("wb") as file:
            pq.write_table(table, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def load_cube(path: Path, *, digest: str) -> pd.DataFrame:
    """Read a cube that belongs to the version with this digest.

    Raises
    ------
    BadTable
        When the file is no cube, or that of another version.
    """
    try:
        table = pq.read_table(path)
    except pa.ArrowException as error:
        raise BadTable(path.name, [f"no Parquet file: {error}"]) from error
    found = (table.schema.metadata or {}).get(_DIGEST, b"").decode()
    if found != digest:
        raise BadTable(path.name, [f"a cube of version {found or 'unknown'!r}; expected {digest!r}"])
    return pd.DataFrame(table.to_pandas())


def _cells(
    firms: pd.DataFrame,
    firm: NDArray[np.intp],
    year: NDArray[np.int64],
    revenue: NDArray[np.int64],
    first: NDArray[np.bool_],
    place: Place,
) -> pd.DataFrame:
    """One row a cell: observations are numbered by cell, sorted once, and each run is reduced exactly."""
    district, districts = pd.factorize(firm_districts(firms, place), sort=True)
    subsector, subsectors = pd.factorize(firms[c.SUBSECTOR_ID], sort=True)
    when, years = pd.factorize(year, sort=True)
    # a missing subsector is numbered last, so that it is kept
    shape = (len(districts), len(subsectors) + 1, max(len(years), 1))
    kind = np.where(subsector < 0, len(subsectors), subsector)
    cell = np.ravel_multi_index((district[firm], kind[firm], when), shape)
    inside = np.asarray(districts, object) != c.OUTSIDE
    order = np.argsort(cell.astype(np.min_scalar_type(np.prod(shape))), kind="stable")  # 16 bits sort by radix
    order = order[inside[district[firm[order]]]]
    cell, firm, revenue = cell[order], firm[order], revenue[order]
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    at = np.unravel_index(cell[starts], shape)
    largest = _runs(np.maximum, revenue, starts)
    run = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(cell))))
    top = revenue == largest[run]
    return pd.DataFrame(
        {
            c.PLACE: place,
            c.DISTRICT_ID: np.asarray(districts, object)[at[0]],
            c.SUBSECTOR_ID: np.append(np.asarray(subsectors, object), [None])[at[1]],
            c.YEAR: np.asarray(years, np.int64)[at[2]],
            c.FIRMS: _runs(np.add, first[order].astype(np.int64), starts),
            c.TOTAL_CNY: _runs(np.add, revenue, starts),
            c.TOP_FIRM_ID: pd.Series(firms.index[firm[top]]).groupby(run[top]).min(),
            c.TOP1_CNY: largest,
        }
    )


def _runs(reduce: np.ufunc, values: NDArray[np.int64], starts: NDArray[np.intp]) -> NDArray[np.int64]:
    return np.asarray(reduce.reduceat(values, starts) if len(starts) else np.empty(0), np.int64)

"""The cube of a version: count, sum and largest firm of each district × subsector × year, under both readings of place.

A few thousand rows stand for millions of observations, so that a filter never touches a firm. Sums are exact integers
and firms are counted once, so any grouping of cells gives what a walk over the observations would. A firm has one
district and one subsector; were it to spread over several, counts would no longer add up and the cube would need the
spread as a further column.
"""

from collections.abc import Iterable
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import columns as c
from data.dataset import Dataset, Place, firm_districts
from data.once import once_per_dataset

KEYS = (c.PLACE, c.DISTRICT_ID, c.SUBSECTOR_ID, c.YEAR)


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

"""The cube of a version: count, sum and largest firm of each district × subsector × year, under both readings of place.

With each sum go its parts that coverage tells of: what was read at its source, and whose office lies elsewhere.

A cube for readers who may not see every figure (``clusters.release``) has three columns more, and further rows. A cell
that is *withheld* holds only what is free to be seen; where the total of its district, of its subsector or of the city
is released all the same, a *residual* row completes that margin, so that totals add up for every reader. `cube_totals`
then answers with NaN what nothing that is released adds up to.

A few thousand rows stand for millions of observations, so that a filter never touches a firm. Sums are exact integers,
so any grouping of cells gives what a walk over the observations would. A firm has one district, and may have parts in
several subsectors (``data.parts``): each cell counts the firms with a part in its subsector, adds up their parts and
knows the largest part. Such a cell also has the spread of its firms, by which a group of cells counts each firm once;
without such firms there is no such column.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import columns as c
from data.cells import in_order, number_cells, reduce_runs, runs
from data.dataset import Dataset, Place, firm_districts, office_elsewhere
from data.observed import Observed
from data.once import once_per_dataset
from data.parts import FirmParts, counted_once, firm_parts, observed_parts

KEYS = (c.PLACE, c.DISTRICT_ID, c.SUBSECTOR_ID, c.YEAR)


def build_cube(dataset: Dataset) -> pd.DataFrame:
    """Cells of a dataset.

    Parameters
    ----------
    dataset : Dataset
        Its usable observations of firms that it knows are counted.

    Returns
    -------
    DataFrame
        place, district_id (``'unplaced'`` and ``'outside'`` included), subsector_id (missing when a firm has none),
        spread (only when a firm has parts in several subsectors, missing for the others), year, firms, total_cny,
        top_firm_id (of equally large ones the lowest id), top1_cny, and of the total what was read at its source
        (sourced_firms, sourced_cny) and what is of firms whose office lies elsewhere (elsewhere_cny); in ascending
        order of the keys. Cells without a firm are absent.
    """
    parts = firm_parts(dataset.firms)
    observed = observed_parts(dataset, parts)
    facts = _facts(parts.firms, observed)
    return pd.concat([count_cells(parts, observed, facts, place) for place in get_args(Place)], ignore_index=True)


@once_per_dataset
def cube_of(dataset: Dataset) -> pd.DataFrame:
    """The cube of a dataset, built once and shared; nobody writes into it."""
    return build_cube(dataset)


def cube_totals(
    cube: pd.DataFrame, by: list[str], *, place: Place = "registered", year: int | None = None,
    subsectors: Iterable[str] = (), district_id: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    r"""Totals of groups of cells; firms that lie outside the city under a reading have left under that reading.

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
    district_id : str, optional
        Only this district.

    Returns
    -------
    DataFrame
        Indexed by ``by``: total_cny, firms (each once), top_firm_id, top1_cny (the largest part of a firm in one
        subsector). Where figures are withheld, money is float with NaN for what is not released, and a group with firms
        whose own figures are not has no largest firm.

    Notes
    -----
    With :math:`C_{d,k,t}` the cells of district d, subsector k and year t,

    .. math:: T_t = \sum_{d} \sum_{k} C_{d,k,t} + \sum_{k} C_{u,k,t}

    where u holds the firms without a known district.

    Reading: districts and unplaced firms add up to the city, and subsectors to the whole, to the last yuan.

    Limits: revenue of a group is counted where the group is registered, and sales between firms of the city are in it
    twice. Any number of firms.

    References
    ----------
    .. [1] Gray, J. et al. (1997). "Data Cube: A Relational Aggregation Operator". Data Mining and Knowledge Discovery
       1(1), 29-53.

    Examples
    --------
    >>> cube = pd.DataFrame({"place": "registered", "district_id": ["X", "Y"], "subsector_id": "S01", "year": 2021,
    ...                      "firms": [2, 1], "total_cny": [9, 5], "top_firm_id": ["b", "a"], "top1_cny": [5, 5]})
    >>> cube_totals(cube, ["subsector_id"])
                  total_cny  firms top_firm_id  top1_cny
    subsector_id
    S01                  14      3           a         5
    """
    keep = (cube[c.PLACE] == place) & (cube[c.DISTRICT_ID] != c.OUTSIDE)
    if year is not None:
        keep &= cube[c.YEAR] == year
    if district_id is not None:
        keep &= cube[c.DISTRICT_ID] == district_id
    if wanted := list(subsectors):
        keep &= cube[c.SUBSECTOR_ID].isin(wanted)
    kept = cube[keep]
    if c.WITHHELD in kept:
        margin = _margin(c.SUBSECTOR_ID in by or bool(wanted), c.DISTRICT_ID in by or district_id is not None)
        kept = kept[(kept[c.RESIDUAL] == "") | (kept[c.RESIDUAL] == margin)]
    cells = kept if c.SUBSECTOR_ID in by else counted_once(kept)
    totals = _added_up(cells, by)
    return _as_released(totals, kept, by, margin) if c.WITHHELD in kept else totals


def _added_up(cells: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    ordered = cells.sort_values([c.TOP1_CNY, c.TOP_FIRM_ID], ascending=[False, True])
    groups = ordered.groupby(by)  # two passes: one for each column by its own name took twice as long
    return pd.concat([groups[[c.TOTAL_CNY, c.FIRMS]].sum(), groups[[c.TOP_FIRM_ID, c.TOP1_CNY]].first()], axis=1)


def _margin(by_subsector: bool, by_district: bool) -> str:
    """Which residuals complete sums that tell subsectors apart, districts apart, both (none do) or neither."""
    names = {(True, False): "subsector", (False, True): "district", (False, False): "city"}
    return names.get((by_subsector, by_district), "none")


def _as_released(totals: pd.DataFrame, cells: pd.DataFrame, by: list[str], margin: str) -> pd.DataFrame:
    """Totals with NaN where a withheld cell is in them that no residual completes."""
    of_margin = {"subsector": [c.SUBSECTOR_ID], "district": [c.DISTRICT_ID], "city": []}
    fine = [*of_margin.get(margin, [c.SUBSECTOR_ID, c.DISTRICT_ID]), c.YEAR]
    marks = cells.assign(completed=cells[c.RESIDUAL] != "")
    complete = marks.groupby(fine, dropna=False)["completed"].transform("any")
    lacking = marks.assign(lacking=marks[c.WITHHELD] & ~complete).groupby(by)[["lacking", c.HIDDEN]].any()
    lacking = lacking.reindex(totals.index)
    known, alone = ~lacking["lacking"].to_numpy(bool), ~lacking[c.HIDDEN].to_numpy(bool)
    return totals.assign(
        **{
            c.TOTAL_CNY: totals[c.TOTAL_CNY].astype(np.float64).where(known),
            c.TOP_FIRM_ID: totals[c.TOP_FIRM_ID].astype(object).where(alone, None),
            c.TOP1_CNY: totals[c.TOP1_CNY].astype(np.float64).where(alone),
        }
    )


def _facts(firms: pd.DataFrame, observed: Observed) -> dict[str, NDArray[np.int64] | NDArray[np.bool_]]:
    """What each observation adds to its cell; a firm is counted at its first of a year."""
    when, years = pd.factorize(observed.year)
    firm_year = observed.firm.astype(np.int64) * len(years) + when
    first_sourced = observed.sourced.copy()
    first_sourced[observed.sourced] = _first(firm_year[observed.sourced])
    return {
        c.FIRMS: _first(firm_year),
        c.TOTAL_CNY: observed.revenue,
        c.SOURCED_FIRMS: first_sourced,
        c.SOURCED_CNY: observed.revenue * observed.sourced,
        c.ELSEWHERE_CNY: observed.revenue * office_elsewhere(firms)[observed.firm],
    }


def _first(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows are the first of their number."""
    at = np.zeros(int(numbers.max(initial=-1)) + 1, np.int64)
    at[numbers[::-1]] = np.arange(len(numbers))[::-1]  # the last that is written stays
    return np.asarray(at[numbers] == np.arange(len(numbers)), bool)


def count_cells(
    parts: FirmParts, observed: Observed, facts: Mapping[str, NDArray[np.int64] | NDArray[np.bool_]], place: Place
) -> pd.DataFrame:
    """Cells of some observations under one reading of place: the one kernel of versions and of partitions.

    Parameters
    ----------
    parts : FirmParts
    observed : Observed
        Of the parts.
    facts : mapping of str to ndarray
        What each observation adds to its cell; ``firms`` and ``total_cny`` must be there.
    place : 'registered' or 'operating'

    Returns
    -------
    DataFrame
        place, district_id, subsector_id, spread (when anybody is split), year, firms, total_cny, top_firm_id, top1_cny
        and the other facts, in ascending order of the keys.
    """
    firms = parts.firms
    groups = number_cells({c.DISTRICT_ID: firm_districts(firms, place), **parts.keys()})
    when, years = pd.factorize(observed.year, sort=True)
    number = groups.number[observed.firm] * len(years) + when
    order = in_order(number, groups.size * len(years))  # sorted once, and each run is reduced exactly
    number, firm, revenue = number[order], observed.firm[order], observed.revenue[order]
    starts = runs(number)
    top, largest = _largest(revenue, starts, lambda rows: firms.index[firm[rows]].to_numpy(object))
    sums = {name: reduce_runs(np.add, fact[order].astype(np.int64), starts) for name, fact in facts.items()}
    cell, year = np.divmod(number[starts], max(len(years), 1))
    return _table({c.PLACE: place, **groups.names(cell), c.YEAR: np.asarray(years, np.int64)[year]}, sums, top, largest)


def add_cubes(cubes: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One cube of the cubes of parts of a register, each firm in one of them.

    Sums and maxima of whole numbers, the lowest id of equally large firms: neither the order of the cubes nor how the
    rows were shared out among them can be seen in the result.

    Parameters
    ----------
    cubes : sequence of DataFrame
        One or more, as `count_cells` gives them.

    Examples
    --------
    >>> cube = pd.DataFrame({"place": "registered", "district_id": ["X", "Y"], "subsector_id": ["S01", None],
    ...                      "year": 2021, "firms": [2, 1], "total_cny": [9, 5], "top_firm_id": ["b", "c"],
    ...                      "top1_cny": [5, 5]})
    >>> more = cube[:1].assign(top_firm_id="a", total_cny=6)
    >>> add_cubes([cube, more])[["district_id", "firms", "total_cny", "top_firm_id"]].to_numpy().tolist()
    [['X', 4, 15, 'a'], ['Y', 1, 5, 'c']]
    """
    rows = pd.concat(cubes, ignore_index=True)
    keys = [name for name in (c.PLACE, c.DISTRICT_ID, c.SUBSECTOR_ID, c.SPREAD, c.YEAR) if name in rows]
    groups = number_cells({name: rows[name] for name in keys})
    order = in_order(groups.number, groups.size)
    number, ids = groups.number[order], rows[c.TOP_FIRM_ID].to_numpy(object)[order]
    starts = runs(number)
    top, largest = _largest(rows[c.TOP1_CNY].to_numpy(np.int64)[order], starts, lambda some: ids[some])
    added = [str(name) for name in rows if name not in (*keys, c.TOP_FIRM_ID, c.TOP1_CNY)]
    sums = {name: reduce_runs(np.add, rows[name].to_numpy(np.int64)[order], starts) for name in added}
    names = groups.names(number[starts])
    return _table({**names, c.YEAR: names[c.YEAR].astype(np.int64)}, sums, top, largest)


def _largest(
    values: NDArray[np.int64], starts: NDArray[np.int64], ids: Callable[[NDArray[np.intp]], NDArray[np.object_]]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Of each run the largest value and the lowest id that has it."""
    largest = reduce_runs(np.maximum, values, starts)
    rows = np.flatnonzero(values == np.repeat(largest, np.diff(np.append(starts, len(values)))))
    first = runs(np.searchsorted(starts, rows, side="right"))
    lowest = np.array(ids(rows[first]), object)  # a copy: what pandas gives may be read-only
    for run in np.flatnonzero(np.diff(first, append=len(rows)) > 1):  # few are equally large
        lowest[run] = min(ids(rows[first[run] : first[run + 1] if run + 1 < len(first) else len(rows)]))
    return lowest, largest


def _table(
    keys: Mapping[str, object],
    sums: dict[str, NDArray[np.int64]],
    top: NDArray[np.object_],
    largest: NDArray[np.int64],
) -> pd.DataFrame:
    """Columns in the order of a cube."""
    columns: dict[str, object] = {**keys, c.FIRMS: sums.pop(c.FIRMS), c.TOTAL_CNY: sums.pop(c.TOTAL_CNY)}
    return pd.DataFrame({**columns, c.TOP_FIRM_ID: top, c.TOP1_CNY: largest, **sums})

"""How do rounded parts still add up to their rounded total? By largest remainders, and in tables with margins by flows.

Amounts are exact (whole CNY, or decimals) and every answer is a floor or a ceiling of its own amount in display units,
so that no figure is a whole unit off. Left out: rounding to the nearest unit part by part, with the note that sums may
not agree, and random rounding, which protects respondents and tells readers less.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from math import lcm
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clusters.errors import BadValue

Amounts = TypeVar("Amounts", "pd.Series[Any]", NDArray[Any], list[Any])
EXACT_FLOAT = 2**53
"""Whole floats up to here are the integer that they show; pandas makes floats of integers beside a missing one."""
_INT64_SAFE = 2**62
_DECIMALS = Context(prec=200, traps=[Inexact])


def round_largest_remainder(amounts: Amounts, unit: int | Decimal, *, total: int | Decimal | None = None) -> Amounts:
    """Parts rounded to a unit so that they add up to their rounded total.

    Each part is first cut down to whole units. The total, which is rounded half up before anything else, then lacks
    some units; they go one each to the parts with the largest fractions, of equal fractions to the one that comes
    first. This is Hamilton's method of apportionment.

    Parameters
    ----------
    amounts : Series, array or list of int or Decimal
        One-dimensional, any sign. ``None``, NaN and ``pd.NA`` are missing. Floats are taken when they are whole and at
        most 2**53, as pandas writes integers beside a missing one.
    unit : int or Decimal
        Above 0, in the unit of the amounts: 10**7 for tenths of 亿元 of amounts in CNY.
    total : int or Decimal, optional
        A total that is settled already, such as a figure of the table above this one: a multiple of the unit that the
        parts can reach. By default the sum of the amounts, rounded half up.

    Returns
    -------
    Series, array or list
        Multiples of the unit, in the shape, order and index of the amounts. Missing stays missing and is no part.

    Raises
    ------
    BadValue
        When an amount is infinite or a fraction written as a float, the unit is not above 0, the amounts have more
        than one dimension, or the parts cannot reach ``total``.

    Notes
    -----
    .. math::

        r_i = u \\left( \\left\\lfloor \\frac{a_i}{u} \\right\\rfloor + b_i \\right), \\qquad b_i \\in \\{0, 1\\},
        \\qquad \\sum_i r_i = u \\left\\lfloor \\frac{\\sum_i a_i}{u} + \\frac{1}{2} \\right\\rfloor

    with :math:`b_i = 1` for the largest fractions :math:`a_i/u - \\lfloor a_i/u \\rfloor`. A part that is a multiple of
    the unit, zero among them, stays as it is. A negative amount is cut down too (away from zero) and half of a unit
    goes up (-2.5 becomes -2): adding whole units to a part adds them to its answer, whatever the signs.

    Reading: a table of these parts is right in its total and within one unit in every part; a larger amount never
    shows a smaller figure.

    Limits: a part is not always rounded to its nearest unit, and which of two equal parts gets a unit depends on their
    order. Growing a part alone may take a unit from another (the Alabama paradox), so two tables of different parts
    may show the same part a unit apart. Of one amount this is rounding half up; of none, nothing.

    References
    ----------
    Balinski, M. L. and Young, H. P. (2001). Fair Representation: Meeting the Ideal of One Man, One Vote. 2nd ed.
    Brookings Institution Press.

    Examples
    --------
    Three towns of 33.34, 33.33 and 33.33: to tenths each would be 33.3, and the total 100.0 would not be met.

    >>> round_largest_remainder([3334, 3333, 3333], 10)
    [3340, 3330, 3330]
    >>> round_largest_remainder([Decimal("0.25"), None, Decimal("-0.05")], Decimal("0.1"))
    [Decimal('0.3'), None, Decimal('-0.1')]
    >>> round_largest_remainder(np.array([25, 25, 50]), 10, total=100).tolist()
    [30, 20, 50]
    """
    values = amounts.to_numpy() if isinstance(amounts, pd.Series) else amounts
    unit = int(unit) if isinstance(unit, np.integer) else unit
    whole, known, scale = _exact(values, unit, *([] if total is None else [total]))
    if whole.ndim != 1:
        raise BadValue("amounts", f"shape {whole.shape}", "of one dimension (controlled_rounding takes tables)")
    step = int(Fraction(unit) * scale)
    units = _in_units(whole[known], step, None if total is None else Fraction(total) / Fraction(unit))
    rounded = np.full(len(whole), None, object)
    rounded[known] = units * unit if isinstance(unit, int) else [_DECIMALS.multiply(int(one), unit) for one in units]
    return cast("Amounts", _like(amounts, rounded.tolist()))


def shares_of_whole(amounts: "Sequence[int] | NDArray[Any] | pd.Series[Any]", *, steps: int = 1000) -> "pd.Series[Any]":
    """Shares of a total, rounded so that they add up to exactly the whole.

    Parameters
    ----------
    amounts : sequence, array or Series of int
        CNY or counts; missing is no part.
    steps : int
        How many steps make the whole: 1,000 for percent with one decimal.

    Returns
    -------
    Series
        From 0 to 1 where no amount is negative, on the index of the amounts: multiples of ``1 / steps`` whose steps add
        up to ``steps``. Missing stays missing; all are NaN when the total is not above 0.

    Raises
    ------
    BadValue
        As ``round_largest_remainder``, or when ``steps`` is not above 0.

    Notes
    -----
    .. math::

        s_i = \\frac{1}{m} \\left( \\left\\lfloor \\frac{m a_i}{A} \\right\\rfloor + b_i \\right), \\qquad
        A = \\sum_i a_i, \\qquad \\sum_i s_i = 1

    Reading: percentages that a reader adds up to 100.0.

    Limits: as of ``round_largest_remainder``; with more parts than steps most show nothing.

    References
    ----------
    Balinski, M. L. and Young, H. P. (2001). Fair Representation, 2nd ed. Washington: Brookings, ch. 2.

    Examples
    --------
    Three equal towns:

    >>> shares_of_whole([5, 5, 5]).tolist()
    [0.334, 0.333, 0.333]
    """
    if not steps > 0:
        raise BadValue("steps", steps, "a number above 0")
    series = amounts if isinstance(amounts, pd.Series) else pd.Series(list(amounts), dtype=object)
    whole, known, _ = _exact(series.to_numpy(), 1)
    total = sum(whole[known].tolist())
    shares = np.full(len(series), np.nan)
    if total > 0:
        shares[known] = _in_units(whole[known].astype(object) * steps, total, None).astype(float) / steps
    return pd.Series(shares, index=series.index)


@dataclass(frozen=True, eq=False)
class RoundedTable:
    """A table that adds up along its rows, along its columns and in all.

    Attributes
    ----------
    cells : DataFrame of object
        Multiples of the unit as Python integers, ``None`` where missing.
    rows, columns : Series of object
        Their sums by row and by column; 0 where all is missing.
    total : int
        Sum of everything.
    """

    cells: pd.DataFrame
    rows: "pd.Series[Any]"
    columns: "pd.Series[Any]"
    total: int


def controlled_rounding(table: pd.DataFrame, unit: int) -> RoundedTable:
    """A table rounded to a unit so that its cells add up to its row totals, column totals and grand total.

    Every figure, cell or total, becomes the multiple of the unit just below or just above it, and what is a multiple
    already stays. The grand total is rounded half up. Of all such tables this is the one whose figures go the least
    way, totals of rows and columns before cells.

    Parameters
    ----------
    table : DataFrame
        Whole amounts of any sign, districts by subsectors, say, without totals. Missing cells stay missing.
    unit : int
        Above 0, in the unit of the amounts.

    Returns
    -------
    RoundedTable
        On the index and columns of the table.

    Raises
    ------
    BadValue
        When an amount is no whole number or the unit is not above 0.

    Notes
    -----
    With :math:`f` the fraction of a figure in units and :math:`b \\in \\{0, 1\\}` whether it goes up,

    .. math::

        \\min_b \\sum_{ij} (1 - 2 f_{ij}) b_{ij} + w \\sum_i (1 - 2 f_{i\\cdot}) b_{i\\cdot}
        + w \\sum_j (1 - 2 f_{\\cdot j}) b_{\\cdot j}

    under the sums of every row, every column and the whole, :math:`w` being the number of cells. The constraints are
    those of a transportation network, whose matrix is totally unimodular: the unrounded table itself lies within the
    bounds, so a rounded one exists, and a vertex of the linear program (HiGHS, simplex) is whole. Whether the sums
    hold is checked again in exact integers. With one row this is ``round_largest_remainder``.

    Reading: any row and any column of the table can be added up by hand, and each figure is within one unit.

    Limits: two dimensions; with three such a table need not exist. Of tables that are equally near the solver picks
    one, the same each time for the same table, and a table in another order may get another.

    References
    ----------
    Cox, L. H. and Ernst, L. R. (1982). Controlled rounding. INFOR 20(4), 423-432.

    Examples
    --------
    Four equal halves: each row, each column and the whole are 1, 1 and 2.

    >>> halves = pd.DataFrame({"S1": [5, 5], "S2": [5, 5]}, index=["X", "Y"])
    >>> rounded = controlled_rounding(halves, 10)
    >>> rounded.rows.tolist(), rounded.columns.tolist(), rounded.total
    ([10, 10], [10, 10], 20)
    >>> sorted(rounded.cells.to_numpy().ravel().tolist())
    [0, 0, 10, 10]
    """
    whole, known, _ = _exact(table.to_numpy(object), unit)
    floors, fractions = np.zeros(whole.shape, object), np.zeros(whole.shape, object)
    floors[known], fractions[known] = whole[known] // unit, whole[known] % unit
    units = floors + _ups(fractions, unit)
    cells = np.full(whole.shape, None, object)
    cells[known] = units[known] * unit
    return RoundedTable(
        cells=pd.DataFrame(cells, index=table.index, columns=table.columns, dtype=object),
        rows=pd.Series([sum(row) * unit for row in units.tolist()], index=table.index, dtype=object),
        columns=pd.Series([sum(column) * unit for column in units.T.tolist()], index=table.columns, dtype=object),
        total=sum(units.ravel().tolist()) * unit,
    )


def _in_units(whole: NDArray[Any], step: int, total: Fraction | None) -> NDArray[Any]:
    """Whole units of each amount, with the missing ones given to the largest fractions."""
    floors, fractions = whole // step, whole % step
    low, rest = sum(floors.tolist()), sum(fractions.tolist())
    give = (2 * rest + step) // (2 * step) if total is None else total - low
    partial = int(np.count_nonzero(fractions))
    if give != int(give) or not 0 <= give <= partial:
        raise BadValue("total", f"{total} units", f"a whole number from {low} to {low + partial}")
    first = np.argsort(-fractions, kind="stable")[: int(give)]
    floors[first] += 1
    return np.asarray(floors)


def _ups(fractions: NDArray[Any], unit: int) -> NDArray[Any]:
    """Which cells go up (1) so that each total goes to its own floor or ceiling, and the grand total half up."""
    from scipy.optimize import linprog  # here, since it takes as long to import as all else that a command needs
    from scipy.sparse import coo_array

    height, width = fractions.shape
    row, column = np.nonzero(fractions)
    by_row, by_column = fractions.sum(axis=1), fractions.sum(axis=0)
    ups = np.zeros(fractions.shape, object)
    if not len(row):
        return ups
    rows, columns = np.flatnonzero(by_row % unit), np.flatnonzero(by_column % unit)
    n, m = len(row), len(row) + len(rows)
    size = m + len(columns)
    grand = (2 * int(fractions.sum()) + unit) // (2 * unit)
    # a row: its cells that go up, less its own step up, make the whole units of its fractions; so a column, so the sum
    at = np.concatenate([row, height + column, rows, height + columns, np.full(n, height + width)])
    of = np.concatenate([np.arange(n), np.arange(n), np.arange(n, m), np.arange(m, size), np.arange(n)])
    sign = np.concatenate([np.ones(2 * n), -np.ones(size - n), np.ones(n)])
    sums = [*(by_row // unit), *(by_column // unit), grand]
    weight = np.concatenate([np.ones(n), np.full(size - n, float(n))])
    going = np.concatenate([fractions[row, column], by_row[rows] % unit, by_column[columns] % unit])
    found = linprog(
        weight * (unit - 2 * going).astype(float) / unit,
        A_eq=coo_array((sign, (at, of)), shape=(height + width + 1, size)).tocsr(),
        b_eq=np.array(sums, float),
        bounds=(0, 1),
        method="highs-ds",
    )
    if found.status != 0:
        raise RuntimeError(f"no rounded table was found, though there is one: {found.message}")
    ups[row, column] = [int(one) for one in np.rint(found.x[:n])]
    off_rows, off_columns = ups.sum(axis=1) - by_row // unit, ups.sum(axis=0) - by_column // unit
    fit = all(0 <= off <= (rest > 0) for off, rest in zip(off_rows, by_row % unit, strict=True))
    fit &= all(0 <= off <= (rest > 0) for off, rest in zip(off_columns, by_column % unit, strict=True))
    if not fit or ups.sum() != grand:
        raise RuntimeError("the solver's table does not add up")
    return ups


def _exact(values: Any, unit: int | Decimal, *more: int | Decimal) -> tuple[NDArray[Any], NDArray[np.bool_], int]:
    """Amounts as integers, all multiplied by the same scale; which are known; and the scale."""
    if isinstance(unit, bool | float) or not (isinstance(unit, int | np.integer | Decimal) and unit > 0):
        raise BadValue("unit", unit, "a whole number or Decimal above 0")
    array = np.asarray(values)
    if array.dtype.kind in "iu" and isinstance(unit, int) and not any(isinstance(one, Decimal) for one in more):
        small = not array.size or max(abs(int(array.min())), abs(int(array.max()))) < _INT64_SAFE
        whole = array.astype(np.int64) if small and unit < _INT64_SAFE else array.astype(object)
        return whole, np.ones(array.shape, bool), 1
    array = np.asarray(values, dtype=object)
    known = ~np.asarray(pd.isna(array), bool)
    parts = [_fraction(one) for one in array[known]]
    scale = lcm(*(one.denominator for one in (*parts, Fraction(unit), *map(Fraction, more))))
    whole = np.zeros(array.shape, object)
    whole[known] = [int(one * scale) for one in parts]
    return whole, known, scale


def _fraction(one: Any) -> Fraction:
    if isinstance(one, Decimal) and one.is_finite():
        return Fraction(one)
    if isinstance(one, int | np.integer) and not isinstance(one, bool):
        return Fraction(int(one))
    if isinstance(one, float | np.floating) and abs(float(one)) <= EXACT_FLOAT and float(one).is_integer():
        return Fraction(int(one))
    raise BadValue("amount", one, "a whole number or a Decimal")


def _like(amounts: Any, rounded: list[Any]) -> Any:
    """The answer in the container, and where it can hold it the type, of the amounts."""
    if isinstance(amounts, pd.Series):
        return pd.Series(_typed(rounded, amounts.dtype), index=amounts.index, name=amounts.name)
    return _typed(rounded, amounts.dtype) if isinstance(amounts, np.ndarray) else rounded


def _typed(rounded: Iterable[Any], dtype: Any) -> Any:
    listed: list[Any] = list(rounded)
    if isinstance(dtype, np.dtype) and dtype.kind in "iu" and not any(isinstance(one, Decimal) for one in listed):
        return np.array(listed, np.int64 if all(-(2**63) <= one < 2**63 for one in listed) else object)
    if isinstance(dtype, np.dtype) and dtype.kind == "f":
        return np.array([np.nan if one is None else float(one) for one in listed])
    if isinstance(dtype, np.dtype):
        return np.array([*listed, None], object)[:-1]
    return pd.array([pd.NA if one is None else one for one in listed], dtype=dtype)

"""What was observed, as plain arrays: the one walk over the observations that every small table is built from.

Firms are their row numbers. They are found by a hash of the ids that is let go at once: an index engine over a million
ids would stay as long as the dataset and outweigh everything derived from it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data import columns as c
from data.dataset import Dataset, Status, usable_rows


@dataclass(frozen=True, eq=False)
class Observed:
    """Usable observations of firms that are known, one row each, in the order of the table.

    Attributes
    ----------
    firm : ndarray of int
        Row number of the firm.
    year, revenue : ndarray of int64
        Calendar year; CNY.
    sourced : ndarray of bool
        Whether the revenue was read at its source.
    row : ndarray of int
        Row number of the observation in its table.
    """

    firm: NDArray[np.int32]
    year: NDArray[np.int64]
    revenue: NDArray[np.int64]
    sourced: NDArray[np.bool_]
    row: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RevenueByYear:
    """Revenue of each firm in each year.

    Attributes
    ----------
    years : tuple of int
        Ascending.
    revenue : ndarray of int64, (years, firms)
        CNY, several observations of one year added up; 0 where there is none.
    seen : ndarray of bool, (years, firms)
        Whether there is an observation.
    """

    years: tuple[int, ...]
    revenue: NDArray[np.int64]
    seen: NDArray[np.bool_]


def observed_rows(dataset: Dataset, firm_ids: "pd.Index[str] | None" = None) -> Observed:
    """Usable observations of a dataset.

    Parameters
    ----------
    dataset : Dataset
    firm_ids : Index, optional
        Only these firms, numbered by their place in it; all firms of the dataset when left out.
    """
    table = dataset.observations
    firm = rows_of(table[c.FIRM_ID], dataset.firms.index if firm_ids is None else firm_ids)
    row = np.flatnonzero((firm >= 0) & usable_rows(table))
    return Observed(
        firm=firm[row],
        year=table[c.YEAR].to_numpy(np.int64)[row],
        revenue=table[c.REVENUE_CNY].iloc[row].to_numpy(np.int64),
        sourced=(table[c.STATUS] == Status.SOURCED).to_numpy()[row],
        row=row,
    )


def revenue_by_year(
    firm: NDArray[np.int32], year: NDArray[np.int64], revenue: NDArray[np.int64], firms: int
) -> RevenueByYear:
    """Observations as a table of years × firms.

    Parameters
    ----------
    firm, year, revenue : ndarray
        One entry an observation: row number of the firm, calendar year, CNY.
    firms : int
        How many firms there are.
    """
    when, years = pd.factorize(year, sort=True)
    total = np.zeros((len(years), firms), np.int64)
    np.add.at(total.reshape(-1), when * firms + firm, revenue)
    seen = np.zeros((len(years), firms), bool)
    seen[when, firm] = True
    return RevenueByYear(tuple(int(y) for y in years), total, seen)


def rows_of(ids: pd.Series, firm_ids: "pd.Index[str]") -> NDArray[np.int32]:
    """Row number of each id; -1 for one that is not among them."""
    if isinstance(ids.dtype, pd.CategoricalDtype):
        of_category = rows_of(ids.cat.categories.to_series(), firm_ids)
        return np.append(of_category, np.int32(-1))[ids.cat.codes.to_numpy()]
    found = pc.index_in(_texts(ids), value_set=_texts(firm_ids))
    return np.asarray(found.fill_null(-1), np.int32)


def _texts(ids: "pd.Series | pd.Index[str]") -> pa.Array:
    made = pa.array(ids, pa.large_string(), from_pandas=True)
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made

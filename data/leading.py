"""The firms that a page may name or count one by one: of many firms the large ones, of few firms all.

Of a register with many firms, these are the firms with at least ``LARGE_CNY`` in any year and the ``LARGEST_IN_CELL``
largest of each place × district × subsector × precision × year, as whole firms under their main subsector and again as
parts in each subsector. So every count of firms over a threshold from ``LARGE_CNY`` up, every largest firm, every
largest part and the head of every list of firms is among them; nothing else is, and whoever needs another firm looks it
up in ``data.lookup``.
"""

from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import columns as c
from data.cells import in_order, number_cells, runs
from data.dataset import Dataset, Place, firm_column, firm_districts
from data.observed import RevenueByYear, observed_rows, revenue_by_year
from data.once import once_per_dataset
from data.parts import firm_parts, observed_parts

LARGE_CNY = 10**8
LARGEST_IN_CELL = 50


@once_per_dataset
def leading_firms(dataset: Dataset) -> pd.DataFrame:
    """Rows of the leading firms, in the order of the firms' table and with its columns; chosen once per dataset."""
    firms = dataset.firms
    return firms.iloc[_leading_rows(dataset)] if dataset.has_many_firms else firms


@once_per_dataset
def leading_revenue(dataset: Dataset) -> pd.DataFrame:
    """Usable observations of the leading firms, picked once per dataset.

    Returns
    -------
    DataFrame
        firm_row (row number in `leading_firms`), year, revenue_cny, status.
    """
    observed = observed_rows(dataset, leading_firms(dataset).index)
    status = dataset.observations[c.STATUS].iloc[observed.row].astype(object)
    return pd.DataFrame(
        {
            c.FIRM_ROW: observed.firm,
            c.YEAR: observed.year.astype(np.int32),
            c.REVENUE_CNY: observed.revenue,
            c.STATUS: pd.Categorical(status),
        }
    )


def _leading_rows(dataset: Dataset) -> NDArray[np.int64]:
    firms, observed = dataset.firms, observed_rows(dataset)
    by_year = revenue_by_year(observed.firm, observed.year, observed.revenue, len(firms))
    leads = np.asarray((by_year.revenue >= LARGE_CNY).any(axis=0), bool)
    leads[_largest_of_cells(firms, by_year)] = True
    parts = firm_parts(firms)
    if parts.spread is not None:
        observed = observed_parts(dataset, parts)
        by_year = revenue_by_year(observed.firm, observed.year, observed.revenue, len(parts.firms))
        leads[parts.firm[_largest_of_cells(parts.firms, by_year)]] = True
    return np.flatnonzero(leads)


def _largest_of_cells(firms: pd.DataFrame, by_year: RevenueByYear) -> NDArray[np.int64]:
    """Rows of the ``LARGEST_IN_CELL`` largest of each cell and year; some more than once."""
    precision = firm_column(firms, c.LOCATION_PRECISION)
    cells = [
        number_cells(
            {
                c.DISTRICT_ID: firm_districts(firms, place),
                c.SUBSECTOR_ID: firms[c.SUBSECTOR_ID],
                c.LOCATION_PRECISION: precision,
            }
        )
        for place in get_args(Place)
    ]
    found = [np.empty(0, np.int64)]
    for revenue, seen in zip(by_year.revenue, by_year.seen, strict=True):
        rows = np.flatnonzero(seen)
        largest = rows[np.argsort(-revenue[rows], kind="stable")]
        found += [_first_of_cells(largest, each.number, each.size) for each in cells]
    return np.concatenate(found)


def _first_of_cells(rows: NDArray[np.int64], number: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """The first ``LARGEST_IN_CELL`` rows of each cell."""
    order = in_order(number[rows], size)
    starts = runs(number[rows][order])
    place = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
    return rows[order[place < LARGEST_IN_CELL]]

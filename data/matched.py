"""Revenue of the firms observed in both of two years, for every pair of years: what growth is measured on."""

from itertools import combinations
from typing import NamedTuple, get_args

import numpy as np
import pandas as pd

from data import columns as c
from data.cells import Cells, in_order, number_cells, reduce_runs, runs
from data.dataset import Dataset, Place, firm_districts
from data.observed import RevenueByYear, revenue_by_year
from data.once import once_per_dataset
from data.parts import firm_parts, observed_parts


@once_per_dataset
def matched_firms(dataset: Dataset) -> pd.DataFrame:
    """Matched firms of each place × district × subsector, summed once per dataset.

    Returns
    -------
    DataFrame
        place, district_id (``'unplaced'`` included; firms outside the city left out), subsector_id (missing when a firm
        has none), base_year, year (later than ``base_year``), matched_firms, base_cny, matched_cny. Cells without a
        matched firm are absent. A firm with parts in several subsectors counts in each, and there is its spread to
        count it once (``data.parts``).
    """
    parts = firm_parts(dataset.firms)
    observed = observed_parts(dataset, parts)
    by_year = revenue_by_year(observed.firm, observed.year, observed.revenue, len(parts.firms))
    tables = []
    for place in get_args(Place):
        cells = number_cells({c.DISTRICT_ID: firm_districts(parts.firms, place), **parts.keys()})
        tables.append(_matched(cells, by_year).assign(**{c.PLACE: place}))
    found = pd.concat(tables, ignore_index=True)
    order = [c.PLACE, *found.columns.drop(c.PLACE)]
    return found.loc[found[c.DISTRICT_ID] != c.OUTSIDE, order].reset_index(drop=True)


def matched_pairs(dataset: Dataset, *, base_year: int, year: int, place: Place = "registered") -> pd.DataFrame:
    """Revenue of each firm observed in both of two years: what their growth is drawn from again.

    It walks over the observations, as arrays; whoever shows it for many firms keeps the answer.

    Parameters
    ----------
    dataset : Dataset
    base_year, year : int
    place : 'registered' or 'operating'

    Returns
    -------
    DataFrame
        firm_row (row number in the firms), district_id (``'unplaced'`` included; firms outside the city left out),
        subsector_id (missing when a firm has none), base_cny, matched_cny. A firm with parts in several subsectors has
        a row for each.
    """
    parts = firm_parts(dataset.firms)
    observed = observed_parts(dataset, parts)
    by_year = revenue_by_year(observed.firm, observed.year, observed.revenue, len(parts.firms))
    then, now = (_of_year(by_year, each) for each in (base_year, year))
    both = np.flatnonzero(then.seen & now.seen)
    rows = parts.firms.iloc[both]
    found = pd.DataFrame(
        {
            c.FIRM_ROW: parts.firm[both],
            c.DISTRICT_ID: firm_districts(rows, place).to_numpy(object),
            c.SUBSECTOR_ID: rows[c.SUBSECTOR_ID].to_numpy(object),
            c.BASE_CNY: then.revenue[both],
            c.MATCHED_CNY: now.revenue[both],
        }
    )
    return found.loc[found[c.DISTRICT_ID] != c.OUTSIDE].reset_index(drop=True)


class _Year(NamedTuple):
    """Revenue of each firm in one year, and whether there is an observation."""

    revenue: np.ndarray
    seen: np.ndarray


def _of_year(by_year: RevenueByYear, year: int) -> _Year:
    if year not in by_year.years:
        firms = by_year.seen.shape[1]
        return _Year(np.zeros(firms, np.int64), np.zeros(firms, bool))
    at = by_year.years.index(year)
    return _Year(by_year.revenue[at], by_year.seen[at])


def _matched(cells: Cells, by_year: RevenueByYear) -> pd.DataFrame:
    order = in_order(cells.number, cells.size)
    tables = [_pair(cells, by_year, order, then, now) for then, now in combinations(range(len(by_year.years)), 2)]
    names = [*cells.keys, c.BASE_YEAR, c.YEAR, c.MATCHED_FIRMS, c.BASE_CNY, c.MATCHED_CNY]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=names)


def _pair(cells: Cells, by_year: RevenueByYear, order: np.ndarray, then: int, now: int) -> pd.DataFrame:
    """One row a cell: firms in order of their cell, those of both years kept, each run summed exactly."""
    both = order[(by_year.seen[then] & by_year.seen[now])[order]]
    number = cells.number[both]
    starts = runs(number)
    return pd.DataFrame(
        {
            **cells.names(number[starts]),
            c.BASE_YEAR: by_year.years[then],
            c.YEAR: by_year.years[now],
            c.MATCHED_FIRMS: np.diff(np.append(starts, len(both))),
            c.BASE_CNY: reduce_runs(np.add, by_year.revenue[then][both], starts),
            c.MATCHED_CNY: reduce_runs(np.add, by_year.revenue[now][both], starts),
        }
    )

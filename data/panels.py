"""Revenue of the firms observed in every one of several consecutive years: what a projection is drawn from.

A total that firms join and leave moves with coverage; so a series of totals is of one panel of firms, and its n is
theirs. Panels are of three years (fewer say nothing of how growth varies) to six (older years are another economy).
"""

from collections.abc import Iterator
from typing import get_args

import numpy as np
import pandas as pd

from data import columns as c
from data.cells import Cells, in_order, number_cells, reduce_runs, runs
from data.dataset import Dataset, Place, firm_districts
from data.observed import RevenueByYear, revenue_by_year
from data.once import once_per_dataset
from data.parts import firm_parts, observed_parts

FEWEST_YEARS, MOST_YEARS = 3, 6


@once_per_dataset
def panel_totals(dataset: Dataset) -> pd.DataFrame:
    """Yearly revenue of each panel of each place × district × subsector, summed once per dataset.

    Returns
    -------
    DataFrame
        place, district_id (``'unplaced'`` included; firms outside the city left out), subsector_id (missing when a firm
        has none), base_year, last_year (of the panel: every run of three to six consecutive years), year, panel_firms,
        panel_cny. Cells without a firm of the panel are absent. A firm with parts in several subsectors counts in each,
        and there is its spread to count it once (``data.parts``).
    """
    parts = firm_parts(dataset.firms)
    observed = observed_parts(dataset, parts)
    by_year = revenue_by_year(observed.firm, observed.year, observed.revenue, len(parts.firms))
    tables = []
    for place in get_args(Place):
        cells = number_cells({c.DISTRICT_ID: firm_districts(parts.firms, place), **parts.keys()})
        tables.append(_panels(cells, by_year).assign(**{c.PLACE: place}))
    found = pd.concat(tables, ignore_index=True)
    order = [c.PLACE, *found.columns.drop(c.PLACE)]
    return found.loc[found[c.DISTRICT_ID] != c.OUTSIDE, order].reset_index(drop=True)


def _panels(cells: Cells, by_year: RevenueByYear) -> pd.DataFrame:
    order = in_order(cells.number, cells.size)
    tables = [table for window in _windows(by_year.years) for table in _panel(cells, by_year, order, window)]
    names = [*cells.keys, c.BASE_YEAR, c.LAST_YEAR, c.YEAR, c.PANEL_FIRMS, c.PANEL_CNY]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=names)


def _windows(years: tuple[int, ...]) -> Iterator[slice]:
    """Every run of three to six consecutive calendar years, as places in ``years``."""
    for first in range(len(years)):
        for end in range(first + FEWEST_YEARS, min(first + MOST_YEARS, len(years)) + 1):
            if years[end - 1] - years[first] == end - 1 - first:
                yield slice(first, end)


def _panel(cells: Cells, by_year: RevenueByYear, order: np.ndarray, window: slice) -> Iterator[pd.DataFrame]:
    """One table a year: firms in order of their cell, those of every year kept, each run summed exactly."""
    every = order[np.all(by_year.seen[window], axis=0)[order]]
    number = cells.number[every]
    starts = runs(number)
    years = by_year.years[window]
    for year, revenue in zip(years, by_year.revenue[window], strict=True):
        yield pd.DataFrame(
            {
                **cells.names(number[starts]),
                c.BASE_YEAR: years[0],
                c.LAST_YEAR: years[-1],
                c.YEAR: year,
                c.PANEL_FIRMS: np.diff(np.append(starts, len(every))),
                c.PANEL_CNY: reduce_runs(np.add, revenue[every], starts),
            }
        )

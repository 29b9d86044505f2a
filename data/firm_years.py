"""How large are the firms of a cluster in one year: one firm's parts, the largest parts of an area, their quartiles.

A firm counts with its part in the subsector, as in every total; over all subsectors it counts whole. Of many firms the
largest come from the leading ones, which hold the 50 largest of every cell.
"""

from typing import NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import columns as c
from data.cells import number_cells
from data.dataset import Dataset, Place, Status, firm_districts
from data.leading import LARGEST_IN_CELL, leading_firms, leading_revenue
from data.lookup import observations_of
from data.observed import Observed, observed_rows, revenue_by_year
from data.once import once_per_dataset
from data.parts import firm_parts, observed_parts, split_observed

MOST_LARGEST = LARGEST_IN_CELL


class FirmYear(NamedTuple):
    """One firm in one year.

    Attributes
    ----------
    district_id : str
        Where it counts; ``'unplaced'`` or ``'outside'`` included.
    parts : dict of str to int
        CNY by subsector; empty without a subsector.
    """

    district_id: str
    parts: dict[str, int]


def firm_year(dataset: Dataset, firm_id: str, *, year: int, place: Place = "registered") -> FirmYear | None:
    """Parts of a firm in one year, and where they count; ``None`` without such a firm or an observation of it.

    A leading firm is at hand; any other is sought by its id, as in ``data.lookup``.
    """
    leading = leading_firms(dataset)
    if firm_id in leading.index:
        at, seen = int(leading.index.get_indexer(pd.Index([firm_id]))[0]), leading_revenue(dataset)
        row, mine = leading.iloc[[at]], seen[(seen[c.FIRM_ROW] == at) & (seen[c.YEAR] == year)]
    else:
        sought = dataset.has_many_firms  # of few firms all lead
        rows = np.flatnonzero(np.asarray(dataset.firms.index == firm_id, bool)) if sought else np.empty(0, np.intp)
        row = dataset.firms.iloc[rows[:1]] if len(rows) else leading.head(0)
        mine = observations_of(dataset, rows, year=year) if len(rows) else pd.DataFrame()
    if not len(mine):
        return None
    parts = firm_parts(row)
    revenue = mine[c.REVENUE_CNY].to_numpy(np.int64)
    held = split_observed(_of_one(revenue, year), parts)
    table = pd.Series(held.revenue, index=parts.firms[c.SUBSECTOR_ID].to_numpy(object)[held.firm])
    sums = table.groupby(level=0).sum()
    return FirmYear(
        str(firm_districts(parts.firms, place).iloc[0]), {str(name): int(cny) for name, cny in sums.items()}
    )


def largest_parts(
    dataset: Dataset,
    *,
    year: int,
    most: int,
    subsector_id: str | None = None,
    district_id: str | None = None,
    place: Place = "registered",
) -> "pd.Series[int]":
    """Revenue of the largest firms of a cluster or area, largest first, equally large ones by id.

    Parameters
    ----------
    dataset : Dataset
    year : int
    most : int
        At most 50.
    subsector_id, district_id : str, optional
        Only the parts in this subsector, and only this district; without a subsector firms count whole.
    place : 'registered' or 'operating'

    Returns
    -------
    Series of int
        CNY by firm_id. Firms outside the city are left out.
    """
    held, key = _largest(dataset), (year, place, subsector_id is not None)
    table = held.get(key)
    if table is None:
        table = held[key] = _leading_parts(dataset, year, place, by_subsector=subsector_id is not None)
    keep = table[c.DISTRICT_ID] != c.OUTSIDE if district_id is None else table[c.DISTRICT_ID] == district_id
    if subsector_id is not None:
        keep &= table[c.SUBSECTOR_ID] == subsector_id
    at = np.flatnonzero(keep.to_numpy(bool))[: min(most, MOST_LARGEST)]
    return table[c.REVENUE_CNY].iloc[at]


@once_per_dataset
def _largest(dataset: Dataset) -> dict[tuple[int, Place, bool], pd.DataFrame]:
    return {}


def _leading_parts(dataset: Dataset, year: int, place: Place, *, by_subsector: bool) -> pd.DataFrame:
    """Leading firms, or their parts, by firm_id: district_id, subsector_id, revenue_cny of a year; largest first."""
    firms, seen = leading_firms(dataset), leading_revenue(dataset)
    seen = seen[seen[c.YEAR] == year]
    count = len(seen)
    observed = Observed(
        firm=seen[c.FIRM_ROW].to_numpy(np.int32),
        year=np.full(count, year, np.int64),
        revenue=seen[c.REVENUE_CNY].to_numpy(np.int64),
        sourced=(seen[c.STATUS] == Status.SOURCED).to_numpy(bool),
        row=np.arange(count),
    )
    rows = firms
    if by_subsector:
        parts = firm_parts(firms)
        rows, observed = parts.firms, split_observed(observed, parts)
    held, at = np.unique(observed.firm, return_inverse=True)  # a firm may be observed twice in a year
    revenue = np.zeros(len(held), np.int64)
    np.add.at(revenue, at, observed.revenue)
    mine = rows.iloc[held]
    found = pd.DataFrame(
        {
            c.DISTRICT_ID: pd.Categorical(firm_districts(mine, place).to_numpy(object)),
            c.SUBSECTOR_ID: pd.Categorical(mine[c.SUBSECTOR_ID].to_numpy(object)),
            c.REVENUE_CNY: revenue,
        },
        index=mine.index.rename(c.FIRM_ID),
    )
    return found.sort_index().sort_values(c.REVENUE_CNY, ascending=False, kind="stable")


@once_per_dataset
def firm_sizes(dataset: Dataset) -> pd.DataFrame:
    """Quartiles of firms' revenue in each place × district × subsector × year, sorted once per dataset.

    Returns
    -------
    DataFrame
        Indexed by place, district_id, subsector_id and year; ``'total'`` stands for the city and for all subsectors,
        over which firms count whole. firms, lower_quartile_cny, median_cny, upper_quartile_cny (linear interpolation).
        Firms outside the city are left out, and groups without a firm absent.
    """
    parts = firm_parts(dataset.firms)
    split = observed_parts(dataset, parts)
    tables = [
        _quartiles(rows, observed, by_subsector=by_subsector, place=place)
        for rows, observed, by_subsector in ((parts.firms, split, True), (dataset.firms, observed_rows(dataset), False))
        for place in get_args(Place)
    ]
    return pd.concat(tables).set_index([c.PLACE, c.DISTRICT_ID, c.SUBSECTOR_ID, c.YEAR]).sort_index()


def _quartiles(rows: pd.DataFrame, observed: Observed, *, by_subsector: bool, place: Place) -> pd.DataFrame:
    by_year = revenue_by_year(observed.firm, observed.year, observed.revenue, len(rows))
    district = firm_districts(rows, place).to_numpy(object)
    subsector = rows[c.SUBSECTOR_ID].to_numpy(object) if by_subsector else np.full(len(rows), c.TOTAL, object)
    inside = (district != c.OUTSIDE) & ~pd.isna(subsector)
    tables = [pd.DataFrame(columns=[c.DISTRICT_ID, c.SUBSECTOR_ID, c.YEAR, *_OF_SIZES])]
    for of_city in (False, True):
        where = np.full(len(rows), c.TOTAL, object) if of_city else district
        cells = number_cells({c.DISTRICT_ID: where, c.SUBSECTOR_ID: subsector})
        for year, revenue, seen in zip(by_year.years, by_year.revenue, by_year.seen, strict=True):
            number, sizes = _sorted(cells.number[seen & inside], revenue[seen & inside])
            starts = np.flatnonzero(np.diff(number, prepend=-1))
            firms = np.diff(np.append(starts, len(number)))
            found = pd.DataFrame({**cells.names(number[starts]), c.YEAR: year, c.FIRMS: firms})
            for name, share in zip(_OF_SIZES[1:], _SHARES, strict=True):
                found[name] = _quantile(sizes, starts, firms, share)
            tables.append(found)
    held = [table for table in tables if len(table)] or tables[:1]
    return pd.concat(held, ignore_index=True).assign(**{c.PLACE: place})


_OF_SIZES = [c.FIRMS, c.LOWER_QUARTILE_CNY, c.MEDIAN_CNY, c.UPPER_QUARTILE_CNY]
_SHARES = (0.25, 0.5, 0.75)


def _sorted(number: NDArray[np.int64], revenue: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    order = np.lexsort((revenue, number))
    return number[order], revenue[order]


def _quantile(
    sizes: NDArray[np.int64], starts: NDArray[np.intp], firms: NDArray[np.intp], share: float
) -> NDArray[np.float64]:
    """Quantile of each run by linear interpolation, as NumPy's default."""
    at = share * (firms - 1)
    low = np.floor(at).astype(np.intp)
    below, above = sizes[starts + low], sizes[starts + np.minimum(low + 1, firms - 1)]
    return np.asarray(below + (at - low) * (above - below), np.float64)


def _of_one(revenue: NDArray[np.int64], year: int) -> Observed:
    """Observations of a single firm."""
    count = len(revenue)
    nothing = np.zeros(count, np.int32)
    return Observed(nothing, np.full(count, year, np.int64), revenue, np.zeros(count, bool), np.arange(count))

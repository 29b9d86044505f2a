"""Which firms are the largest: of the whole city, and of one district after a reader's filters.

Of many firms only the leading ones are at hand, so a list ends where a firm that does not lead could have stood in it.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import columns as c
from data.dataset import Dataset, Place, firm_districts
from data.leading import LARGE_CNY, LARGEST_IN_CELL, leading_firms, leading_revenue


def largest_firms(dataset: Dataset, most: int) -> pd.DataFrame:
    """At most ``most`` firms in the order of their table; when there are more, the largest of the default year."""
    firms = leading_firms(dataset)
    if len(firms) <= most:
        return firms
    revenue = _revenue(dataset, dataset.default_year, np.arange(len(firms)))[c.REVENUE_CNY]
    ranked = revenue.sort_values(ascending=False, kind="stable").index[:most]
    return firms.iloc[np.sort(ranked)]


def largest_in_district(
    dataset: Dataset,
    district_id: str,
    *,
    year: int,
    subsectors: Iterable[str],
    precisions: Iterable[str] = (),
    place: Place = "registered",
    most: int,
) -> pd.DataFrame:
    """Firms of a district, the largest first; equally large ones by id.

    Parameters
    ----------
    dataset : Dataset
    district_id : str
    year : int
        Year of the revenue that ranks.
    subsectors : iterable of str
        Only firms of these.
    precisions : iterable of str
        Only firms placed with these, when any are named.
    place : 'registered' or 'operating'
        Where firms count.
    most : int
        Of many firms no more than these, and only firms with revenue in the year.

    Returns
    -------
    DataFrame
        Columns of the firms, revenue_cny (missing without an observation), revenue_status. No firm that is left out has
        more revenue than one that is listed.
    """
    firms = leading_firms(dataset)
    keep = (firm_districts(firms, place) == district_id) & firms[c.SUBSECTOR_ID].isin(list(subsectors))
    if wanted := list(precisions):
        keep &= firms[c.LOCATION_PRECISION].isin(wanted)
    rows = np.flatnonzero(keep)
    seen = _revenue(dataset, year, rows).reindex(rows)
    listed = firms.iloc[rows].assign(
        **{name: seen[name].to_numpy(object) for name in (c.REVENUE_CNY, c.REVENUE_STATUS)}
    )
    listed = listed.astype({c.REVENUE_CNY: "Int64"})
    listed = listed.sort_values([c.REVENUE_CNY, c.FIRM_ID], ascending=[False, True], na_position="last")
    if not dataset.has_many_firms:
        return listed
    return listed[(listed[c.REVENUE_CNY] >= _complete_from(listed)).fillna(False).to_numpy(bool)].head(most)


def _revenue(dataset: Dataset, year: int, rows: NDArray[np.intp]) -> pd.DataFrame:
    """Revenue of a year and its status, by row number of the leading firm."""
    seen = leading_revenue(dataset)
    seen = seen[(seen[c.YEAR] == year) & seen[c.FIRM_ROW].isin(rows)].astype({c.STATUS: object})
    first = seen.drop_duplicates(c.FIRM_ROW).set_index(c.FIRM_ROW)
    total = seen.groupby(c.FIRM_ROW)[c.REVENUE_CNY].sum().astype("Int64")
    return pd.DataFrame({c.REVENUE_CNY: total, c.REVENUE_STATUS: first[c.STATUS].reindex(total.index)})


def _complete_from(listed: pd.DataFrame) -> int:
    """Revenue from which no firm is missing from the list: in a cell that may hold more, that of its last known one."""
    cells = listed.groupby([c.SUBSECTOR_ID, c.LOCATION_PRECISION], dropna=False, observed=True)
    place = cells.cumcount()
    last = listed.loc[(place == LARGEST_IN_CELL - 1).to_numpy(), c.REVENUE_CNY].dropna()
    return min(LARGE_CNY, int(last.max())) if len(last) else np.iinfo(np.int64).min

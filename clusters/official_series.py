"""Official yearly figures as series, for a projection or its back-test: one area, one indicator, one scope each.

Figures of different scope or unit are different series, whatever their name. Left out: quarters, rates in percent, and
figures written from memory; of two figures of one year the one read at its source counts, then the later row.
"""

import pandas as pd

from clusters.random_walk import FEWEST_INTERVALS
from data import columns as c
from data.dataset import Dataset, Status

_KEYS = [c.INDICATOR, c.SCOPE, c.UNIT]


def official_series(dataset: Dataset, *, area_id: str) -> pd.DataFrame:
    """Yearly figures of an area.

    Parameters
    ----------
    dataset : Dataset
    area_id : str
        The city's adcode or a district_id.

    Returns
    -------
    DataFrame
        Indexed by indicator, scope (empty when none is stated) and unit, one column a calendar year from the first to
        the last, in the unit of the index; NaN where nothing is known. Left out are series of fewer than three figures
        and those with one that is not positive.
    """
    table = dataset.indicators
    usable = (table[c.AREA_ID] == area_id) & (table[c.STATUS] != Status.MEMORY) & (table[c.UNIT] != "%")
    usable &= table[c.VALUE].notna() & table[c.YEAR].notna() & table[c.UNIT].notna()
    if c.PERIOD in table:
        usable &= table[c.PERIOD].astype("str") == table[c.YEAR].astype("str")
    rows = table[usable.fillna(False)]
    rows = rows.assign(**{c.SCOPE: rows[c.SCOPE].astype(object).where(rows[c.SCOPE].notna(), "")})
    rows = rows.assign(sourced=rows[c.STATUS] == Status.SOURCED).sort_values("sourced", kind="stable")
    rows = rows.drop_duplicates([*_KEYS, c.YEAR], keep="last").astype({c.YEAR: int, c.VALUE: float})
    wide = rows.set_index([*_KEYS, c.YEAR])[c.VALUE].unstack(c.YEAR)
    wide = wide[(wide.notna().sum(axis=1) > FEWEST_INTERVALS) & ~(wide <= 0).any(axis=1)].dropna(axis=1, how="all")
    years = [int(year) for year in wide.columns]
    return wide.reindex(columns=pd.RangeIndex(min(years, default=0), max(years, default=-1) + 1, name=c.YEAR))

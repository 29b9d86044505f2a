"""One firm or place by its id.

A firm that does not lead is sought by comparing ids, a few milliseconds for a million: an index engine would be faster
and would hold more memory than all that is derived from the version.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import columns as c
from data.dataset import Dataset
from data.known_firms import firms_at_places
from data.leading import leading_firms


def firm(dataset: Dataset, firm_id: str) -> "pd.Series | None":
    """Row of a firm, or ``None`` when there is no firm of this id."""
    leading = leading_firms(dataset)
    if firm_id in leading.index:
        return pd.Series(leading.loc[firm_id])
    if not dataset.has_many_firms:
        return None
    at = np.flatnonzero(np.asarray(dataset.firms.index == firm_id, bool))
    return dataset.firms.iloc[int(at[0])] if len(at) else None


def find_firms(dataset: Dataset, text: str, *, most: int) -> list[str]:
    """Ids of firms that a reader may mean: the one of this id, else those whose name holds the text, in their order.

    Examples
    --------
    >>> from data.reference import load_reference
    >>> find_firms(load_reference(), "腾讯", most=5)
    ['00700.HK', '01698.HK/TME']
    """
    if firm(dataset, text) is not None:
        return [text]
    names = dataset.firms[c.NAME].astype("str").array
    held = np.asarray(pd.Series(names).str.contains(text, case=False, regex=False).fillna(False), bool)
    return [str(found) for found in dataset.firms.index[np.flatnonzero(held)[:most]]]


def observations_of(dataset: Dataset, rows: NDArray[np.intp], *, year: int) -> pd.DataFrame:
    """Usable observations of some firms in one year.

    Parameters
    ----------
    dataset : Dataset
    rows : ndarray of int
        Row numbers of the firms.
    year : int
    """
    usable = dataset.usable
    ids = usable[c.FIRM_ID]
    if isinstance(ids.dtype, pd.CategoricalDtype):  # its codes are the row numbers
        mine = np.isin(ids.cat.codes.to_numpy(), rows)
    else:
        mine = ids.isin(dataset.firms.index[rows]).to_numpy()
    return usable[mine & (usable[c.YEAR] == year).to_numpy()]


def short_name(dataset: Dataset, firm_id: str) -> str:
    """Short name of a firm; its id when it has none or is not known."""
    row = firm(dataset, firm_id)
    name = None if row is None else row[c.SHORT_NAME]
    return name if isinstance(name, str) else firm_id


def has_place(dataset: Dataset, place_id: str) -> bool:
    """Whether this place lends its point to a firm."""
    return bool((firms_at_places(dataset)[c.PLACE_ID] == place_id).any())

"""One firm or place by its id.

A firm that does not lead is sought by comparing ids, a few milliseconds for a million: an index engine would be faster
and would hold more memory than all that is derived from the version.
"""

import numpy as np
import pandas as pd

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


def short_name(dataset: Dataset, firm_id: str) -> str:
    """Short name of a firm; its id when it has none or is not known."""
    row = firm(dataset, firm_id)
    name = None if row is None else row[c.SHORT_NAME]
    return name if isinstance(name, str) else firm_id


def has_place(dataset: Dataset, place_id: str) -> bool:
    """Whether this place lends its point to a firm."""
    return bool((firms_at_places(dataset)[c.PLACE_ID] == place_id).any())

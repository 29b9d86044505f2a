"""How many firms we know, observed or not: by district, subsector and precision, and by the place that lends them."""

from typing import get_args

import numpy as np
import pandas as pd

from data import columns as c
from data.cells import number_cells
from data.dataset import Dataset, Place, firm_column, firm_districts
from data.once import once_per_dataset
from data.parts import firm_parts


@once_per_dataset
def known_firms(dataset: Dataset) -> pd.DataFrame:
    """Firms of each place × district × subsector × precision, counted once per dataset.

    Returns
    -------
    DataFrame
        place, district_id (``'unplaced'`` and ``'outside'`` included), subsector_id and location_precision (missing
        when a firm has none), known_firms, placed_firms (with a point). Cells without a firm are absent. A firm with
        parts in several subsectors counts in each, and there is its spread to count it once (``data.parts``).
    """
    parts = firm_parts(dataset.firms)
    firms = parts.firms
    placed = firm_column(firms, c.LON).notna().to_numpy()
    tables = []
    for place in get_args(Place):
        cells = number_cells(
            {
                c.DISTRICT_ID: firm_districts(firms, place),
                **parts.keys(),
                c.LOCATION_PRECISION: firm_column(firms, c.LOCATION_PRECISION),
            }
        )
        known = np.bincount(cells.number, minlength=cells.size)
        held = np.flatnonzero(known)
        tables.append(
            pd.DataFrame(
                {
                    c.PLACE: place,
                    **cells.names(held),
                    c.KNOWN_FIRMS: known[held],
                    c.PLACED_FIRMS: np.bincount(cells.number[placed], minlength=cells.size)[held],
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


@once_per_dataset
def firms_at_places(dataset: Dataset) -> pd.DataFrame:
    """Firms that a park, street or district lends its point to, counted once per dataset.

    Returns
    -------
    DataFrame
        place_id, location_precision, known_firms, lon, lat (of the first of them); a firm without such a place is left
        out.
    """
    firms = dataset.firms
    precision = firm_column(firms, c.LOCATION_PRECISION)
    cells = number_cells({c.PLACE_ID: firm_column(firms, c.PLACE_ID), c.LOCATION_PRECISION: precision})
    held, first, known = np.unique(cells.number, return_index=True, return_counts=True)
    lon, lat = (pd.to_numeric(firm_column(firms, name)).to_numpy(np.float64, na_value=np.nan)[first]
                for name in (c.LON, c.LAT))  # fmt: skip
    found = pd.DataFrame({**cells.names(held), c.KNOWN_FIRMS: known, c.LON: lon, c.LAT: lat})
    return found[found[c.PLACE_ID].notna()].reset_index(drop=True)

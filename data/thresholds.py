"""How many firms pass an amount of revenue in a year, and how many of those were observed in another year as well."""

from collections.abc import Mapping
from itertools import product
from typing import get_args

import numpy as np
import pandas as pd

from data import columns as c
from data.dataset import Dataset, Place, firm_districts
from data.leading import LARGE_CNY, leading_firms, leading_revenue
from data.observed import observed_rows, revenue_by_year
from data.once import once_per_dataset

Counts = Mapping[tuple[Place, int, int], Mapping[str, int]]
"""Firms by district under a reading of place, that pass in a year and have an observation in another (or the same)."""


def firms_over(dataset: Dataset, threshold_cny: int, *, strictly: bool) -> Counts:
    """Firms over a threshold, counted once per dataset and threshold.

    Parameters
    ----------
    dataset : Dataset
    threshold_cny : int
        Of many firms, one from ``LARGE_CNY`` up is counted on the leading firms, which hold all that pass it; a lower
        one takes a walk over all observations the first time.
    strictly : bool
        Whether a firm that just reaches the threshold does not pass it.

    Returns
    -------
    mapping
        (place, year, seen_in) to firms by district_id (``'unplaced'`` included, firms outside the city left out): those
        that pass in ``year`` and have an observation in ``seen_in``.
    """
    counted = _counted(dataset)
    if (threshold_cny, strictly) not in counted:
        counted[threshold_cny, strictly] = _count(dataset, threshold_cny, strictly)
    return counted[threshold_cny, strictly]


@once_per_dataset
def _counted(dataset: Dataset) -> dict[tuple[int, bool], Counts]:
    return {}


def _count(dataset: Dataset, threshold_cny: int, strictly: bool) -> Counts:
    if dataset.has_many_firms and threshold_cny < LARGE_CNY:
        firms, seen = dataset.firms, observed_rows(dataset)
        by_year = revenue_by_year(seen.firm, seen.year, seen.revenue, len(firms))
    else:
        firms, table = leading_firms(dataset), leading_revenue(dataset)
        rows, years, revenue = (table[name].to_numpy() for name in (c.FIRM_ROW, c.YEAR, c.REVENUE_CNY))
        by_year = revenue_by_year(rows, years, revenue, len(firms))
    passed = (by_year.revenue > threshold_cny) if strictly else (by_year.revenue >= threshold_cny)
    counts: dict[tuple[Place, int, int], Mapping[str, int]] = {}
    for place in get_args(Place):
        district, districts = pd.factorize(firm_districts(firms, place), sort=True)
        for (y, year), (s, seen_in) in product(enumerate(by_year.years), repeat=2):
            over = passed[y] & by_year.seen[y] & by_year.seen[s]
            number = np.bincount(district[over], minlength=len(districts))
            here = {str(d): int(n) for d, n in zip(districts, number, strict=True) if d != c.OUTSIDE}
            counts[place, year, seen_in] = here
    return counts

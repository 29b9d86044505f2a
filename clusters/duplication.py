"""Who duplicates whom? Every pair of districts with the likeness of its mixes, the test, and what may be concluded.

Likeness and duplication are kept apart (``clusters.similarity``): a pair may be alike only because both draw on the
city's mix. A verdict of duplication needs an adjusted p of at most 0.05 by counts of firms and five firms on each side.
All pairs of the city are tested together, whichever a reader looks at, so that looking at other districts changes no
verdict. Computed from the small tables and kept with the dataset.
"""

from enum import StrEnum

import numpy as np
import pandas as pd

from clusters.comparison import district_structure
from clusters.profile import FEWEST_FIRMS, seeded
from clusters.similarity import DRAWS, similarity_test, structural_similarity
from data import columns as c
from data.dataset import Dataset, Place
from data.once import once_per_dataset

SIGNIFICANT = 0.05


class Verdict(StrEnum):
    """What a pair's test allows to say: it duplicates, chance explains it, or one side has too few firms."""

    DUPLICATES = "duplicates"
    CHANCE = "chance"
    FEW = "few"


def district_pairs(dataset: Dataset, *, year: int, place: Place = "registered") -> pd.DataFrame:
    """Each pair of districts that have firms, with likeness, test and verdict.

    Parameters
    ----------
    dataset : Dataset
    year : int
    place : 'registered' or 'operating'

    Returns
    -------
    DataFrame
        The columns of ``similarity_test`` by counts of firms (9,999 draws, seeded from the data, year and place), the
        similarity of the mixes of firms and of revenue (one minus half of Krugman's index; NaN where withheld),
        common_subsector (the one that adds most to the leaning of both; missing when they lean to none together) and
        verdict. ``attrs["seed"]`` is the seed. Empty with fewer than two districts that have firms.

    Raises
    ------
    UnknownYear
    """
    kept = _kept(dataset)
    if (year, place) not in kept:
        counts = district_structure(dataset, year=year, by="firms", place=place)
        revenue = district_structure(dataset, year=year, by="revenue", place=place)
        rng = seeded(dataset, "similarity_test", year, place)
        kept[year, place] = pairs_of(counts, revenue, rng=rng)
    return kept[year, place]


def pairs_of(
    counts: pd.DataFrame, revenue: pd.DataFrame, *, rng: np.random.Generator, draws: int = DRAWS
) -> pd.DataFrame:
    """As `district_pairs`, of two tables: rows are districts, columns subsectors.

    Examples
    --------
    >>> firms = pd.DataFrame({"toys": [9, 9, 1, 1], "chips": [1, 1, 9, 1], "software": [0, 0, 1, 9]}, index=[*"ABCD"])
    >>> found = pairs_of(firms, firms * 10.0, rng=np.random.default_rng(1), draws=999)
    >>> found.loc[0, ["district_a", "district_b", "common_subsector", "verdict"]].astype(str).tolist()
    ['A', 'B', 'toys', 'duplicates']
    """
    held = counts[counts.sum(axis=1) > 0]
    found = similarity_test(held.astype(int), rng=rng, draws=draws)
    ends = list(zip(found[c.DISTRICT_A], found[c.DISTRICT_B], strict=True))
    for name, table in ((c.MIX_OF_FIRMS, held), (c.MIX_OF_REVENUE, revenue[revenue.sum(axis=1, skipna=False) > 0])):
        alike = structural_similarity(table)
        found[name] = [alike[a].get(b, np.nan) if a in alike else np.nan for a, b in ends]
    found[c.COMMON_SUBSECTOR] = pd.Series([_common(held, a, b) for a, b in ends], dtype=object)
    found[c.VERDICT] = [
        verdict(p, min(a, b)) for p, a, b in zip(found[c.P_ADJUSTED], found[c.FIRMS_A], found[c.FIRMS_B], strict=True)
    ]
    return found


def verdict(p_adjusted: float, firms: int) -> Verdict:
    """What may be concluded from an adjusted p with the smaller number of firms of a pair.

    Examples
    --------
    >>> [str(verdict(*each)) for each in ((0.01, 5), (0.01, 4), (0.2, 50))]
    ['duplicates', 'few', 'chance']
    """
    if firms < FEWEST_FIRMS:
        return Verdict.FEW
    return Verdict.DUPLICATES if p_adjusted <= SIGNIFICANT else Verdict.CHANCE


def _common(counts: pd.DataFrame, a: str, b: str) -> str | None:
    """Subsector that both hold more of than the city and that adds most to their shared specialization."""
    shares = counts.div(counts.sum(axis=1), axis=0)
    city = counts.sum() / counts.to_numpy().sum()
    away = (shares.loc[[a, b]] - city)[city.index[city > 0]]
    both = (away > 0).all()
    if not both.any():
        return None
    return str((away.loc[a] * away.loc[b] / city[away.columns])[both].idxmax())


@once_per_dataset
def _kept(dataset: Dataset) -> dict[tuple[int, Place], pd.DataFrame]:
    return {}

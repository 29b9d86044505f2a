"""What the reference data say about the shape of a register: mix, sizes, growth, places.

The reference set knows 70 listed firms and no small one. So the largest firms of a synthetic register follow a Pareto
tail fitted to the listed ones in 2021, as many as are listed; the many others follow a log-normal whose two figures are
assumed, not fitted. Thin counts are smoothed by one firm a class, so that a subsector or district without a listed
firm is not empty. Left out: which subsector prefers which district; 66 placed firms cannot tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import columns as c
from data.dataset import Dataset
from data.reference import subsector_ids

Floats = NDArray[np.float64]
ANCHOR_YEAR = 2021
YEARS = (2019, 2020, 2021, 2022, 2023)
BODY_MEDIAN_CNY, BODY_SIGMA = 4e6, 1.6  # assumed: the reference data hold no small firm
CAP = 2.0  # no firm is larger than this many times the largest listed one
SHRINKAGE_FIRMS = 3  # weight of the pooled tail in that of a subsector
ENOUGH_FIRMS = 20  # a year with fewer matched firms takes the mean growth of the other years
SPREAD_M = {"park": 250.0, "street": 700.0, "district": 2_500.0}


@dataclass(frozen=True, eq=False)
class Calibration:
    """Shape of a register.

    Attributes
    ----------
    subsectors, subsector_share : tuple of str, ndarray
    tail_firms, tail_floor_cny, tail_index : ndarray
        By subsector: firms in the Pareto tail, where it begins, its index.
    cap_cny : float
        Where the tail ends.
    growth : dict of int to (mean, deviation)
        Of the logarithm of revenue over that of the year before.
    present : dict of int to float
        Share of the firms that are observed in a year.
    spots : DataFrame
        Hot spots: district_id, place_id, location_precision, lon, lat, share (of all firms), spread_m.
    """

    subsectors: tuple[str, ...]
    subsector_share: Floats
    tail_firms: Floats
    tail_floor_cny: Floats
    tail_index: Floats
    cap_cny: float
    growth: dict[int, tuple[float, float]]
    present: dict[int, float]
    spots: pd.DataFrame


def calibrate(reference: Dataset) -> Calibration:
    """Fit the shape to a reference set.

    Parameters
    ----------
    reference : Dataset
        Needs observations of 2021 and of the years before it.
    """
    firms, usable = reference.firms, reference.usable
    subsectors = subsector_ids()
    known = _counts(firms[c.SUBSECTOR_ID], subsectors)
    by_year = usable.pivot_table(index=c.FIRM_ID, columns=c.YEAR, values=c.REVENUE_CNY, aggfunc="sum")
    anchor = by_year[ANCHOR_YEAR].dropna()
    floor, index, listed = _tails(anchor.groupby(firms[c.SUBSECTOR_ID].reindex(anchor.index)), subsectors)
    return Calibration(
        subsectors=subsectors,
        subsector_share=_shares(known),
        tail_firms=np.maximum(listed, 1),
        tail_floor_cny=floor,
        tail_index=index,
        cap_cny=CAP * float(anchor.max()),
        growth=_growth(by_year),
        present={year: min(float(by_year[year].count() / len(anchor)), 1.0) if year < ANCHOR_YEAR else 1.0
                 for year in YEARS},
        spots=_spots(reference),
    )  # fmt: skip


def _counts(values: pd.Series, classes: Sequence[str]) -> Floats:
    """How often each class occurs."""
    return np.asarray(values.value_counts().reindex(pd.Index(classes), fill_value=0), np.float64)


def _shares(counts: Floats) -> Floats:
    """Counts with one more in each class, as shares."""
    return np.asarray((counts + 1) / (counts + 1).sum())


def _tails(groups: "pd.api.typing.SeriesGroupBy", subsectors: tuple[str, ...]) -> tuple[Floats, Floats, Floats]:  # type: ignore[type-arg]
    """Floor, index and firms of each tail: Hill's estimator above the smallest listed firm, drawn towards the pool."""
    excess = {str(s): np.log(revenue / revenue.min()) for s, revenue in groups}
    listed = np.array([len(excess.get(s, ())) for s in subsectors], np.float64)
    total = np.array([float(excess[s].sum()) if s in excess else 0.0 for s in subsectors])
    pooled = total.sum() / listed.sum()
    index = (listed + SHRINKAGE_FIRMS) / (total + SHRINKAGE_FIRMS * pooled)
    floors = groups.min().astype(np.float64)
    return np.asarray(floors.reindex(subsectors).fillna(floors.median()), np.float64), np.asarray(index), listed


def _growth(by_year: pd.DataFrame) -> dict[int, tuple[float, float]]:
    """Median and deviation (interquartile range / 1.349) of the matched firms' logarithmic growth."""
    found = {}
    for year in YEARS[1:]:
        pair = by_year.reindex(columns=[year - 1, year]).dropna()
        if len(pair) >= ENOUGH_FIRMS:
            grown = np.log(pair[year] / pair[year - 1])
            low, middle, high = np.quantile(grown, [0.25, 0.5, 0.75])
            found[year] = float(middle), float((high - low) / 1.349)
    mean = tuple(float(v) for v in np.mean(list(found.values()), axis=0))
    return {year: found.get(year, (mean[0], mean[1])) for year in YEARS[1:]}


def _spots(reference: Dataset) -> pd.DataFrame:
    """Parks and streets with their districts' share; a district without either has its label point."""
    firms = reference.firms
    tables = [("park", reference.parks, c.PARK_ID), ("street", reference.streets, c.STREET_ID)]
    listed = [
        pd.DataFrame(
            {
                c.DISTRICT_ID: table[c.DISTRICT_ID],
                c.PLACE_ID: table[key],
                c.LOCATION_PRECISION: kind,
                c.LON: table[c.LON],
                c.LAT: table[c.LAT],
            }
        )
        for kind, table, key in tables
    ]
    spots = pd.concat(listed, ignore_index=True).dropna(subset=[c.DISTRICT_ID, c.LON, c.LAT])
    areas = reference.districts
    bare = areas[~areas.index.isin(spots[c.DISTRICT_ID])]
    points = pd.DataFrame(
        {
            c.DISTRICT_ID: bare.index,
            c.PLACE_ID: bare.index,
            c.LOCATION_PRECISION: "district",
            c.LON: bare[c.LABEL_LON].to_numpy(),
            c.LAT: bare[c.LABEL_LAT].to_numpy(),
        }
    )
    spots = pd.concat([spots, points], ignore_index=True).astype({c.DISTRICT_ID: object, c.PLACE_ID: object})
    share = pd.Series(_shares(_counts(firms[c.REGISTERED_DISTRICT_ID], list(areas.index))), index=areas.index)
    weight = pd.Series(_counts(firms[c.PLACE_ID], list(spots[c.PLACE_ID])) + 1)
    of_district = weight / weight.groupby(spots[c.DISTRICT_ID]).transform("sum")
    spots["share"] = of_district * spots[c.DISTRICT_ID].map(share).astype(np.float64)
    spots["spread_m"] = spots[c.LOCATION_PRECISION].map(SPREAD_M)
    return spots.sort_values([c.DISTRICT_ID, c.PLACE_ID], ignore_index=True)

"""The features of each collection as a reader may see them: rows, places, and which figures of which year they tell.

Everything comes from the dataset that ``clusters.release`` made for the reader; nothing is taken from anywhere else.
Districts, parks and totals are small tables, made once for a dataset and a year. Firms stay in the columns of their
version: a query looks at the columns that it names, and only the rows of a page become features.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from api.ogc import own
from api.ogc.asked import Wish
from api.ogc.periods import Period
from api.ogc.places import Places, Points, Shapes
from api.ogc.properties import CLUSTERS, DISTRICTS, FIRMS, PARKS, PARTS, TIMELESS
from clusters.release import withheld_firms
from clusters.standing import cluster_totals, district_clusters
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset, firm_column
from data.lookup import observations_of
from data.once import once_per_dataset

Said = Mapping[str, tuple[str, str]]
"""Words by key, Chinese and English."""
PLACE = "registered"


@dataclass(frozen=True, eq=False)
class Features:
    """Features of one collection for one reader.

    Attributes
    ----------
    table : DataFrame
        Row of each feature; its index is their id. May hold more columns than are declared, or fewer.
    places : Places
    year : int or None
        That the figures are of.
    completed : callable
        Adds to some rows what is not in the table.
    timed : callable
        Which features a period meets.
    """

    table: pd.DataFrame
    places: Places
    year: int | None
    completed: Callable[[pd.DataFrame, NDArray[np.intp]], pd.DataFrame]
    timed: Callable[[Period], NDArray[np.bool_]]

    def matching(self, wish: Wish) -> NDArray[np.intp]:
        """Rows that a wish asks for, in their order; under a box those without a place come last."""
        keep = np.ones(len(self.table), np.bool_)
        for name, value in wish.filters:
            keep &= _equals(self.table, name, value)
        if wish.period is not None:
            keep &= self.timed(wish.period)
        if wish.box is None:
            return np.flatnonzero(keep)
        met, nowhere = self.places.meet(wish.box), self.places.nowhere()
        return np.concatenate([np.flatnonzero(keep & met), np.flatnonzero(keep & nowhere)])

    def of_id(self, feature_id: str) -> NDArray[np.intp]:
        """Row of the feature with an id; none when there is no such."""
        return np.flatnonzero(np.asarray(self.table.index == feature_id, np.bool_))[:1]

    def rows(self, rows: NDArray[np.intp]) -> pd.DataFrame:
        """Some rows, with all that is told of them."""
        return self.completed(self.table.iloc[rows], rows)


def features_of(dataset: Dataset, collection: str, words: Said, period: Period | None = None) -> Features:
    """Features of a collection.

    Parameters
    ----------
    dataset : Dataset
        As the reader may see it.
    collection : str
    words : Said
        ``subsector.<id>``: names of subsectors; ``plan``, ``derived``.
    period : Period, optional
        The figures are of the latest year in it that has observations; without it of the default year.
    """
    year = None if collection in TIMELESS else _year(dataset, period)
    if collection == FIRMS:
        return _firms(dataset, year, words)
    held, key = _held(dataset), (collection, year)
    if key not in held:
        held[key] = _MAKERS[collection](dataset, year, words)
    return held[key]


@once_per_dataset
def _held(dataset: Dataset) -> dict[tuple[str, int | None], Features]:
    return {}


def _year(dataset: Dataset, period: Period | None) -> int | None:
    if not dataset.years:
        return None
    if period is None:
        return dataset.default_year
    return max(period.years(dataset.years), default=None)


# ---------------------------------------------------------------- small tables


def _districts(dataset: Dataset, year: int | None, words: Said) -> Features:
    areas = dataset.districts
    table = pd.DataFrame(areas.drop(columns=areas.geometry.name)).assign(**{c.PLACE: PLACE})
    if year is not None:
        totals = cube_totals(cube_of(dataset), [c.DISTRICT_ID], place=PLACE, year=year).reindex(table.index)
        table = table.assign(
            **{
                c.FIRMS: totals[c.FIRMS].fillna(0),
                c.TOTAL_CNY: totals[c.TOTAL_CNY],
                c.WITHHELD: totals[c.TOTAL_CNY].isna() & totals[c.FIRMS].notna(),
            }
        )
    return _small(table, Shapes(np.asarray(areas.geometry.array, object)), year)


def _parks(dataset: Dataset, year: int | None, words: Said) -> Features:
    parks = dataset.parks
    lon, lat = (_degrees(parks, name) for name in (c.LON, c.LAT))
    return _small(_with_district(parks, dataset, c.DISTRICT_ID), Points(lon, lat), year)


def _clusters(dataset: Dataset, year: int | None, words: Said) -> Features:
    known = pd.Index([key.removeprefix("subsector.") for key in words if key.startswith("subsector.")])
    table = pd.DataFrame(index=known)
    if year is not None:
        totals = cluster_totals(cube_of(dataset), year=year, place=PLACE)
        table = totals.reindex(known.append(totals.index.difference(known)))
        table[c.FIRMS] = table[c.FIRMS].fillna(0)
    table = _told(table.assign(**{c.SUBSECTOR_ID: table.index}), words)
    return _small(table, Shapes(np.full(len(table), None, object)), year, timed=True)


def _parts(dataset: Dataset, year: int | None, words: Said) -> Features:
    table = pd.DataFrame({c.SUBSECTOR_ID: [], c.DISTRICT_ID: []}, dtype=object)
    if year is not None:
        table = district_clusters(cube_of(dataset), year=year, place=PLACE).reset_index()
    table.index = pd.Index([f"{s}.{d}" for s, d in zip(table[c.SUBSECTOR_ID], table[c.DISTRICT_ID], strict=True)])
    table = _told(_with_district(table, dataset, c.DISTRICT_ID), words)
    zh, en = words["derived"]
    outlines = dict(zip(dataset.districts.index, dataset.districts.geometry.array, strict=True))
    shapes = np.fromiter((outlines.get(d) for d in table[c.DISTRICT_ID]), object, len(table))
    return _small(table.assign(**{own.LABEL_OF_ZH: zh, own.LABEL_OF_EN: en}), Shapes(shapes), year, timed=True)


_MAKERS = {DISTRICTS: _districts, PARKS: _parks, CLUSTERS: _clusters, PARTS: _parts}


def _small(table: pd.DataFrame, places: Places, year: int | None, *, timed: bool = False) -> Features:
    """Features that are all there; those of a year do not match a period without one."""
    matches = np.full(len(table), not timed or year is not None)
    return Features(table, places, year, lambda some, _: some, lambda _: matches)


def _told(table: pd.DataFrame, words: Said) -> pd.DataFrame:
    """Totals with names and the plan, and whether they are withheld."""
    if c.TOTAL_CNY in table:
        table = table.assign(**{c.WITHHELD: table[c.TOTAL_CNY].isna() & (table[c.FIRMS] > 0)})
    return _with_subsector(table, words).assign(**{c.PLACE: PLACE, own.PLAN: words["plan"][0]})


def _with_subsector(table: pd.DataFrame, words: Said) -> pd.DataFrame:
    told = [words.get(f"subsector.{one}", (None, None)) for one in table[c.SUBSECTOR_ID]]
    return table.assign(
        **{own.SUBSECTOR_NAME_ZH: [zh for zh, _ in told], own.SUBSECTOR_NAME_EN: [en for _, en in told]}
    )


def _with_district(table: pd.DataFrame, dataset: Dataset, name: str) -> pd.DataFrame:
    names = ((own.DISTRICT_NAME_ZH, c.NAME), (own.DISTRICT_NAME_EN, c.NAME_EN))
    known = {to: dataset.districts[of].to_dict() if of in dataset.districts else {} for to, of in names}
    ids = firm_column(table, name).astype(object)
    return table.assign(**{to: ids.map(of) for to, of in known.items()})


# ---------------------------------------------------------------- firms


def _firms(dataset: Dataset, year: int | None, words: Said) -> Features:
    def completed(some: pd.DataFrame, rows: NDArray[np.intp]) -> pd.DataFrame:
        told = _with_subsector(_with_district(some, dataset, c.REGISTERED_DISTRICT_ID), words)
        return told.assign(**_revenue(dataset, some, rows, year), **{c.WITHHELD: withheld_firms(dataset, some)})

    def timed(period: Period) -> NDArray[np.bool_]:
        seen = _seen(dataset)
        never = ~np.logical_or.reduce(list(seen.values())) if seen else np.ones(len(dataset.firms), np.bool_)
        return np.asarray(np.logical_or.reduce([never, *(seen[each] for each in period.years(seen))]), np.bool_)

    return Features(dataset.firms, _points(dataset), year, completed, timed)


@once_per_dataset
def _points(dataset: Dataset) -> Points:
    return Points(_degrees(dataset.firms, c.LON), _degrees(dataset.firms, c.LAT))


@once_per_dataset
def _seen(dataset: Dataset) -> dict[int, NDArray[np.bool_]]:
    """For each year which firms have an observation that this reader may see."""
    usable = dataset.usable
    ids, year = usable[c.FIRM_ID], usable[c.YEAR].to_numpy(np.int64)
    row = (
        ids.cat.codes.to_numpy() if isinstance(ids.dtype, pd.CategoricalDtype) else dataset.firms.index.get_indexer(ids)
    )
    seen = {each: np.zeros(len(dataset.firms), np.bool_) for each in dataset.years}
    for each, mask in seen.items():
        at = row[year == each]
        mask[at[at >= 0]] = True
    return seen


def _revenue(dataset: Dataset, some: pd.DataFrame, rows: NDArray[np.intp], year: int | None) -> dict[str, pd.Series]:
    """Revenue of some firms in a year, with its scope, status and source; several observations are added up."""
    names = (c.SCOPE, c.REVENUE_STATUS, c.REVENUE_SOURCE)
    if year is None:
        return {name: pd.Series(None, some.index, object) for name in (c.REVENUE_CNY, *names)}
    mine = observations_of(dataset, rows, year=year)
    ids = mine[c.FIRM_ID]
    if isinstance(ids.dtype, pd.CategoricalDtype):  # its codes are the row numbers
        at = pd.Index(rows).get_indexer(ids.cat.codes)
    else:
        at = some.index.get_indexer(ids)
    by = mine.drop(columns=c.FIRM_ID).groupby(at)
    first, there = by.first(), range(len(some))
    told = {c.REVENUE_CNY: by[c.REVENUE_CNY].sum()}
    told |= {to: first[of] for to, of in zip(names, (c.SCOPE, c.STATUS, c.SOURCE), strict=True) if of in first}
    return {name: values.astype(object).reindex(there).set_axis(some.index) for name, values in told.items()}


# ---------------------------------------------------------------- columns


def _degrees(table: pd.DataFrame, name: str) -> NDArray[np.float64]:
    return pd.to_numeric(firm_column(table, name)).to_numpy(np.float64, na_value=np.nan)


def _equals(table: pd.DataFrame, name: str, value: str) -> NDArray[np.bool_]:
    """Where a column of texts has a value; nowhere in a table without the column."""
    return np.asarray((firm_column(table, name) == value).fillna(False), np.bool_)

"""The rows of firms as a reader may see them: free ones as they are, the others without what is not for this reader.

For the public a firm whose figures are not free is a mark without a name: its subsector, its district, and for a place
the park that it lies in or the middle of a square of ``GRID_M``, whose corners are fixed for good. Its number tells
nothing either, since such firms are numbered by what is left of them. An investor, and the government of another
district, keep name, address and place, which the public register of enterprises shows. How the revenue of such a firm
splits over subsectors, and where its office is counted, is for neither.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clusters.roles import Viewer
from data import columns as c
from data.dataset import Dataset, firm_column
from geo.crs import from_metric, metric_crs, to_metric

GRID_M = 1_000.0
GRID = "grid"
NOWHERE = np.array(None, object)
_NOBODYS = (c.SUBSECTOR_WEIGHTS, c.OPERATING_DISTRICT_ID, c.OFFICE_NOTE, c.NOTES)
_OF_A_MARK = (c.SUBSECTOR_ID, c.REGISTERED_DISTRICT_ID, c.CONFIDENTIALITY)


def released_firms(
    dataset: Dataset, viewer: Viewer, hidden: NDArray[np.bool_]
) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """Firms for a reader.

    Parameters
    ----------
    dataset : Dataset
    viewer : Viewer
    hidden : ndarray of bool
        Firms whose own figures are not for this reader.

    Returns
    -------
    firms : DataFrame
        With the columns of the dataset's.
    rows : ndarray of int
        Row of each in the firms of the dataset.
    """
    if viewer.sees_names:
        return without(dataset.firms, _NOBODYS, hidden), np.arange(len(hidden))
    return _with_marks(dataset, hidden)


def without(firms: pd.DataFrame, columns: tuple[str, ...], rows: NDArray[np.bool_]) -> pd.DataFrame:
    """Firms with some columns missing in some rows; the table itself stays as it is."""
    there = [name for name in columns if name in firms]
    return firms.assign(**{name: firms[name].mask(rows, None) for name in there})


def _with_marks(dataset: Dataset, hidden: NDArray[np.bool_]) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """Free firms, then a mark for each of the others."""
    firms, free = dataset.firms, np.flatnonzero(~hidden)
    marks = _marks(dataset, np.flatnonzero(hidden))
    rows = np.concatenate([free, marks["row"].to_numpy(np.intp)])
    columns: dict[str, object] = {}
    for name in map(str, firms):
        if name in marks:
            kind: type = np.float64 if name in (c.LON, c.LAT) else object
            values = np.concatenate([each.to_numpy(kind) for each in (firms[name].iloc[free], marks[name])])
        elif firms[name].dtype == bool:
            values = firms[name].to_numpy()[rows] & (name == c.SYNTHETIC or np.arange(len(rows)) < len(free))
        else:
            values = np.full(len(rows), None, object)
            values[: len(free)] = firms[name].iloc[free].to_numpy(object)
        coded = dataset.has_many_firms and name != c.FIRM_ID and values.dtype == object
        columns[name] = pd.Series(values).astype("category") if coded else values
    made = pd.DataFrame(columns, copy=False)
    made.index = pd.Index(made[c.FIRM_ID].array)
    return made, rows


def _marks(dataset: Dataset, rows: NDArray[np.intp]) -> pd.DataFrame:
    """What the public sees of some firms, numbered in the order of just that; and their rows."""
    firms = dataset.firms.iloc[rows]
    marks = pd.DataFrame({name: firm_column(firms, name).to_numpy(object) for name in _OF_A_MARK}).assign(
        **dict(zip((c.LON, c.LAT, c.LOCATION_PRECISION, c.PLACE_ID), _places(dataset, firms), strict=True)), row=rows
    )
    seen = [c.SUBSECTOR_ID, c.REGISTERED_DISTRICT_ID, c.LON, c.LAT, c.PLACE_ID, c.LOCATION_PRECISION]
    marks = marks.sort_values(seen, ignore_index=True)
    return marks.assign(**{c.FIRM_ID: [f"h{number:07d}" for number in range(1, len(marks) + 1)]})


def _places(
    dataset: Dataset, firms: pd.DataFrame
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.object_], NDArray[np.object_]]:
    """Point, precision and place of each firm: those of the park, street or district that lends it, else a square's."""
    precision = firm_column(firms, c.LOCATION_PRECISION).to_numpy(object)
    place = firm_column(firms, c.PLACE_ID).to_numpy(object)
    lon, lat = _lent_points(dataset).reindex(place).to_numpy(np.float64).T
    lent = np.isin(precision.astype(str), ("park", "street", "district")) & ~np.isnan(lon)
    own_lon, own_lat = (
        pd.to_numeric(firm_column(firms, n)).to_numpy(np.float64, na_value=np.nan) for n in (c.LON, c.LAT)
    )
    grid_lon, grid_lat, squares = _squares(dataset, own_lon, own_lat)
    placed = ~np.isnan(own_lon)
    return (
        np.where(lent, lon, grid_lon),
        np.where(lent, lat, grid_lat),
        np.where(lent, precision, np.where(placed, GRID, "none")).astype(object),
        np.where(lent, place, np.where(placed, squares, NOWHERE)).astype(object),
    )


def _lent_points(dataset: Dataset) -> pd.DataFrame:
    """Point of each park, street and district by its id."""
    areas = dataset.districts[[c.LABEL_LON, c.LABEL_LAT]].set_axis([c.LON, c.LAT], axis=1)
    tables = [table[[c.LON, c.LAT]] for table in (dataset.parks, dataset.streets)]
    points = pd.concat([*tables, pd.DataFrame(areas)])
    return points[~points.index.duplicated()]


def _squares(
    dataset: Dataset, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.object_]]:
    """Middle of the square around each point, and its name; NaN without a point."""
    crs = metric_crs(float(dataset.districts[c.LABEL_LON].median()))
    x, y = (np.floor(metres / GRID_M) for metres in to_metric(lon, lat, crs=crs))
    number, squares = pd.factorize(pd.MultiIndex.from_arrays([x, y]))
    middle_x, middle_y = ((squares.get_level_values(k).to_numpy() + 0.5) * GRID_M for k in (0, 1))
    middle_lon, middle_lat = from_metric(middle_x, middle_y, crs=crs)
    names = np.array([f"{GRID}:{a:.0f}:{b:.0f}" for a, b in squares], object)
    return middle_lon[number], middle_lat[number], names[number]

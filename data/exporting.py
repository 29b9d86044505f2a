"""Tables as files that can be read back unchanged: CSV, XLSX, GeoJSON, GeoPackage and Parquet by suffix.

Every row carries the data version, the plan and the basis of its figures. A text that a spreadsheet would run as a
formula stays text: in XLSX the cell is typed as text, in CSV it gets an apostrophe that ``data.apostrophes`` takes away
again. A file is written beside its target and takes its place whole. What a format cannot hold is refused, or left out
where it is no text at all: XML has no control characters but tab and line ends, GDAL ends a text at NUL.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data import columns as c
from data.durable import replacing_path
from data.errors import UnknownFormat
from data.writers.columns import columns_of
from data.writers.csv import write_csv
from data.writers.geojson import write_geojson
from data.writers.geopackage import write_geopackage
from data.writers.xlsx import write_xlsx

SUFFIXES = (".csv", ".xlsx", ".geojson", ".gpkg", ".parquet")
STAMP = ("data_version", "plan", "basis", "notice")
"""Columns that every exported row carries; a file that has them all is an export of ours."""
REGISTERED_DISTRICT_NAME, OPERATING_DISTRICT_NAME = "registered_district_name", "operating_district_name"
SUBSECTOR_NAME = "subsector_name"
FOR_READERS = (*STAMP, REGISTERED_DISTRICT_NAME, OPERATING_DISTRICT_NAME, SUBSECTOR_NAME)
"""Columns of an export of firms, observations or indicators that tell people something and an import nothing."""
WGS84 = "EPSG:4326"


def is_export(headings: Iterable[str]) -> bool:
    """Whether a file with these headings is an export of ours, whose CSV texts ``data.apostrophes.unguard`` gives back.

    Examples
    --------
    >>> is_export(["firm_id", "name", *STAMP]), is_export(["firm_id", "name", "plan"])
    (True, False)
    """
    return set(STAMP) <= set(headings)


def write_table(table: gpd.GeoDataFrame | pd.DataFrame, path: Path, stamp: Mapping[str, str | bool]) -> None:
    """Write a table, with ``stamp`` as further columns of every row.

    Parameters
    ----------
    table : GeoDataFrame or DataFrame
        Shapes in WGS84. Without shapes, a table with ``lon`` and ``lat`` gets points in the geographic formats, any
        other gets rows without a place.
    path : Path
        One of ``SUFFIXES``; an existing file is replaced, or stays as it was when anything fails.
    stamp : mapping of str to str or bool
        Provenance: data version, plan, basis, whether the data are synthetic. A column that the table has of its own
        is kept.

    Raises
    ------
    UnknownFormat
    TooManyRows, TooLongForCell
        When a sheet cannot hold the table.
    DataError
        When GDAL cannot write the file.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UnknownFormat(suffix, SUFFIXES)
    stamped = table.assign(**{name: value for name, value in stamp.items() if name not in table})
    with replacing_path(path) as beside:
        if suffix == ".parquet":
            _with_shapes(stamped).reset_index(drop=True).to_parquet(beside)
        elif suffix == ".gpkg":
            write_geopackage(columns_of(_attributes(stamped)), _shapes(stamped), beside, WGS84)
        else:
            columns = columns_of(_attributes(stamped))
            with beside.open("wb") as file:
                if suffix == ".csv":
                    write_csv(columns, file)
                elif suffix == ".xlsx":
                    write_xlsx(columns, file, path.name)
                else:
                    write_geojson(columns, _shapes(stamped), file)


def _attributes(table: pd.DataFrame) -> pd.DataFrame:
    return table.drop(columns=table.geometry.name) if isinstance(table, gpd.GeoDataFrame) else table


def _shapes(table: pd.DataFrame) -> NDArray[np.object_]:
    """Shape of each row, or ``None``."""
    if isinstance(table, gpd.GeoDataFrame):
        return np.asarray(table.geometry.array, object)
    shapes = np.full(len(table), None, object)
    if {c.LON, c.LAT} <= set(table):
        lon, lat = (table[name].to_numpy(np.float64, na_value=np.nan) for name in (c.LON, c.LAT))
        there = np.isfinite(lon) & np.isfinite(lat)
        shapes[there] = shapely.points(lon[there], lat[there])
    return shapes


def _with_shapes(table: pd.DataFrame) -> gpd.GeoDataFrame:
    if isinstance(table, gpd.GeoDataFrame):
        return table
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(_shapes(table), index=table.index, crs=WGS84))

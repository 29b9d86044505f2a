"""GeoPackage: one layer, named after the file, whole numbers in 64 bits, shapes bit by bit as they are."""

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from data.errors import DataError
from data.writers.columns import TEXT, Columns, Parts, completed, is_coded

GEOMETRY = "geometry"


def write_geopackage(columns: Columns, geometry: NDArray[np.object_], path: Path, crs: str) -> None:
    """Write features into a new file; one whose geometry is ``None`` has no place.

    Parameters
    ----------
    columns : Columns
    geometry : ndarray of object
    path : Path
    crs : str
        Of the geometry, as ``EPSG:`` code or WKT.

    Raises
    ------
    DataError
        When GDAL cannot write the file.
    """
    import pyogrio

    shapes = pa.array(shapely.to_wkb(geometry), pa.binary())
    table = pa.table({name: _column(parts) for name, parts in columns.items()} | {GEOMETRY: shapes})
    try:
        pyogrio.write_arrow(
            table,
            path,
            layer=re.sub(r"\W+", "_", path.stem),  # the name of a layer may hold no other characters
            driver="GPKG",
            geometry_name=GEOMETRY,
            geometry_type=_kind(geometry),
            crs=crs,
        )
    except (RuntimeError, pa.ArrowException) as error:  # what GDAL says when it cannot write
        problem = str(error).replace(str(path), path.name)
        raise DataError(f"{path.name} could not be written: {problem}") from error


def _kind(geometry: NDArray[np.object_]) -> str:
    there = geometry[shapely.is_geometry(geometry)]
    _, first = np.unique(shapely.get_type_id(there), return_index=True)
    return str(there[first[0]].geom_type) if len(first) == 1 else "Unknown"


def _column(parts: Parts) -> pa.ChunkedArray:
    if len(parts) > 1:
        return completed([part.cast(TEXT) for part in parts])
    (values,) = parts
    if values.type == TEXT or is_coded(values.type):
        return pc.replace_substring(values.cast(TEXT), "\0", "")  # GDAL would end a text there
    return values

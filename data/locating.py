"""District and parks of every row of a Parquet file, batch by batch, so that memory does not grow with the file.

The district is the one whose polygon holds the point; parks are known as points with 300 to 500 m of uncertainty, so a
park is named when its point lies within 500 m, and there may be several.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data import columns as c
from data.dataset import Dataset
from data.errors import BadTable
from data.outlines import Places, outlines_of, places_of
from geo.near import sites_within

NEAR_M = 500.0
BATCH_ROWS = 500_000
STAMP = b"jiqun.located"


def locate_file(source: Path, target: Path, dataset: Dataset, *, lon: str = c.LON, lat: str = c.LAT) -> dict[str, int]:
    """Copy a Parquet file with two more columns.

    Parameters
    ----------
    source, target : Path
        Files to read and to write; they must differ.
    dataset : Dataset
        Its districts and parks.
    lon, lat : str
        Columns with degrees, WGS84.

    Returns
    -------
    dict
        rows, located (in a district), near_parks (with one park or more).

    The rows keep their order. ``district_id`` is text, null outside every district or without a position; ``park_ids``
    is a list of text, empty where no park is near. Columns of these names that were there already are replaced.

    Raises
    ------
    BadTable
        When the file is not Parquet or the columns are missing or hold no numbers.
    """
    return copy_located(source, target, places_of(outlines_of(dataset.districts, dataset.parks)), lon=lon, lat=lat)


def copy_located(
    source: Path, target: Path, places: Places, *, lon: str, lat: str, stamp: bytes | None = None
) -> dict[str, int]:
    """`locate_file` with places that are ready; a stamp is kept in the file's metadata under `STAMP`."""
    try:
        with source.open("rb") as opened, pq.ParquetFile(opened) as file:
            schema = _schema(file.schema_arrow, source.name, (lon, lat))
            if stamp is not None:
                schema = schema.with_metadata({**(schema.metadata or {}), STAMP: stamp})
            told = {"rows": 0, "located": 0, "near_parks": 0}
            with pq.ParquetWriter(target, schema, compression="zstd") as writer:
                for batch in file.iter_batches(BATCH_ROWS):
                    located, counts = _located(batch, places, lon, lat)
                    writer.write_batch(located.select(schema.names).cast(schema))
                    told = {key: told[key] + counts[key] for key in told}
            return told
    except pa.ArrowException as error:
        raise BadTable(source.name, [" ".join(str(error).split())]) from error


def _schema(given: pa.Schema, name: str, needed: tuple[str, str]) -> pa.Schema:
    """Columns as they come, then ours."""
    missing = [column for column in needed if column not in given.names]
    if missing:
        raise BadTable(name, [f"no column {m!r}; it has {', '.join(given.names)}" for m in missing])
    kept = [field for field in given if field.name not in (c.DISTRICT_ID, c.PARK_IDS)]
    added = [pa.field(c.DISTRICT_ID, pa.string()), pa.field(c.PARK_IDS, pa.list_(pa.string()))]
    return pa.schema([*kept, *added], metadata=given.metadata)


def _located(batch: pa.RecordBatch, places: Places, lon: str, lat: str) -> tuple[pa.RecordBatch, dict[str, int]]:
    x, y = degrees(batch.column(lon)), degrees(batch.column(lat))
    districts = pa.array(places.names[places.index.locate(x, y)], pa.string())
    parks = places.parks
    points, sites = sites_within(x, y, parks[c.LON], parks[c.LAT], within_m=NEAR_M, crs=places.crs)
    offsets = np.searchsorted(points, np.arange(len(x) + 1)).astype(np.int32)
    park_ids = pa.ListArray.from_arrays(offsets, pa.array(parks[c.PARK_ID].to_numpy(object)[sites], pa.string()))
    kept = [name for name in batch.schema.names if name not in (c.DISTRICT_ID, c.PARK_IDS)]
    arrays = [batch.column(name) for name in kept]
    table = pa.RecordBatch.from_arrays([*arrays, districts, park_ids], [*kept, c.DISTRICT_ID, c.PARK_IDS])
    counts = {
        "rows": len(x),
        "located": len(x) - districts.null_count,
        "near_parks": int((np.diff(offsets) > 0).sum()),
    }
    return table, counts


def degrees(column: pa.Array | pa.ChunkedArray) -> NDArray[np.float64]:
    """Degrees as numbers; NaN where there is none."""
    numbers = pc.fill_null(pc.cast(column, pa.float64()), float("nan"))
    return np.asarray(numbers, np.float64)

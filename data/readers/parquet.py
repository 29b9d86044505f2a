"""Parquet and GeoParquet, a part of a row group at a time; numbers and truth values keep their type."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj

from data.readers.answer import Answer, Described
from data.readers.cell_text import column_text, plain
from data.readers.layers import write_features
from data.readers.limits import MIB, Limits
from data.readers.refusing import Refusal

_BATCH = 65_536
_LARGEST_SCHEMA_TEXT = 16 * MIB
_MOST_SCHEMA_PARTS = 1_000_000
_INDEX_OF_PANDAS = re.compile(r"__index_level_\d+__")


def read_parquet(path: Path, limits: Limits, answer: Answer) -> Described:
    """Read all rows into the answer."""
    try:
        with pq.ParquetFile(
            path,
            thrift_string_size_limit=_LARGEST_SCHEMA_TEXT,
            thrift_container_size_limit=_MOST_SCHEMA_PARTS,
        ) as file:
            return _read(file, limits, answer)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError, OSError, UnicodeError) as problem:
        raise Refusal("damaged") from problem


def _read(file: pq.ParquetFile, limits: Limits, answer: Answer) -> Described:
    summary, schema = file.metadata, file.schema_arrow
    if summary.num_rows > limits.rows:
        raise Refusal("too_many_rows", limit=limits.rows)
    unpacked = sum(summary.row_group(i).total_byte_size for i in range(summary.num_row_groups))
    if unpacked > limits.unpacked_bytes:
        raise Refusal("unpacks_too_large", member="", limit_mib=limits.unpacked_bytes // MIB, ratio=limits.ratio)
    geo = _geo(schema.metadata or {})
    place = str(geo.get("primary_column", "")) if geo else ""
    hidden = {*geo.get("columns", {}), *_coverings(geo)}
    headings = [name for name in schema.names if name not in hidden and not _INDEX_OF_PANDAS.fullmatch(name)]
    if len(headings) > limits.columns:
        raise Refusal("too_many_columns", count=len(headings), limit=limits.columns)
    if place and summary.num_rows > limits.features:
        raise Refusal("too_many_features", limit=limits.features)
    wanted = [*headings, *([place] if place else [])]
    read = 0
    for batch in file.iter_batches(batch_size=_BATCH, columns=wanted):
        numbers = np.arange(read + 1, read + 1 + len(batch), dtype=np.int64)
        read += len(batch)
        parts = list(zip(batch.schema.names, batch.columns, strict=True))  # a name may stand twice
        columns = [_cells(column) for name, column in parts if name != place]
        write_features(numbers, columns, plain(batch.column(place)) if place else None, answer)
    return Described(headings, crs=_crs(geo, place) if place else None)


def _cells(column: pa.Array) -> pa.Array:
    column = plain(column)
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return column
    if pa.types.is_floating(kind):
        return column.cast(pa.float32()) if pa.types.is_float16(kind) else column
    return column_text(column)


def _geo(metadata: dict[bytes, bytes]) -> dict[str, Any]:
    """What GeoParquet says of its geometry; nothing for a plain table."""
    if b"geo" not in metadata:
        return {}
    try:
        geo = json.loads(metadata[b"geo"])
        if geo["columns"][geo["primary_column"]]["encoding"] != "WKB":
            raise Refusal("geometry_encoding", encoding=geo["columns"][geo["primary_column"]]["encoding"])
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise Refusal("damaged") from problem
    return dict(geo)


def _coverings(geo: dict[str, Any]) -> set[str]:
    """Columns that only repeat the bounds of a geometry."""
    boxes = [column.get("covering", {}).get("bbox", {}) for column in geo.get("columns", {}).values()]
    return {str(path[0]) for box in boxes for path in box.values()}


def _crs(geo: dict[str, Any], place: str) -> str | None:
    """The coordinate system that a geometry column declares."""
    declared = geo["columns"][place].get("crs")
    if not isinstance(declared, dict):
        return None
    try:
        system = pyproj.CRS.from_json_dict(declared)
    except pyproj.exceptions.CRSError:
        return None
    known = system.to_authority()
    return ":".join(known) if known else str(system.to_wkt())

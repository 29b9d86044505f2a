"""GeoJSON after RFC 7946: WGS84, outlines counter-clockwise, every number with the digits that give it back.

GDAL would round coordinates and attributes to a fixed number of digits and turn a text such as ``[1]`` into a list.
NUL is left out, because nearly every reader ends a text there.
"""

import json
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from data.writers.columns import TEXT, Columns, batches, completed, is_coded, joined, text_cells, write_texts

_ESCAPES = {"\\": r"\\", '"': r"\""} | {chr(i): f"\\u{i:04x}" for i in range(1, 32)} | {"\n": r"\n", "\0": ""}
_SPECIAL = '[\\\\"\\x00-\\x1f]'


def write_geojson(columns: Columns, geometry: NDArray[np.object_], file: IO[bytes]) -> None:
    """Write features; one whose geometry is ``None`` has no place.

    Parameters
    ----------
    columns : Columns
    geometry : ndarray of object
        Shapes in WGS84 degrees.
    file : binary file
    """
    file.write(b'{"type":"FeatureCollection","features":[')
    names = [f"{json.dumps(name, ensure_ascii=False)}:" for name in columns]
    for start, parts in batches(columns):
        values = (completed([_cells(p) for p in column]) for column in parts)
        members = [joined(name, pc.fill_null(value, "null")) for name, value in zip(names, values, strict=True)]
        outlines = shapely.orient_polygons(geometry[start : start + len(members[0])], exterior_cw=False)
        shapes = pc.fill_null(pa.array(shapely.to_geojson(outlines), TEXT), "null")
        properties = joined(*members, between=",")
        features = joined(',\n{"type":"Feature","geometry":', shapes, ',"properties":{', properties, "}}")
        write_texts(file, features, skip=0 if start else 1)
    file.write(b"\n]}\n")


def _cells(values: pa.Array) -> pa.Array:
    if values.type == TEXT or is_coded(values.type):
        return text_cells(values, _texts)
    if pa.types.is_floating(values.type):  # JSON knows no infinity
        values = pc.if_else(pc.is_finite(values), values, None)
    return values.cast(TEXT)


def _texts(texts: pa.Array) -> pa.Array:
    special = pc.any(pc.match_substring_regex(texts, _SPECIAL)).as_py()
    for character, written in _ESCAPES.items() if special else ():
        texts = pc.replace_substring(texts, character, written)
    return joined('"', texts, '"')

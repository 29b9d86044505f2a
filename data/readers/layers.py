"""Layers of features that GDAL reads: attributes as text, geometry as WKB, batch by batch."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import shapely
from numpy.typing import NDArray

from data.readers.answer import Answer, Described
from data.readers.cell_text import column_text
from data.readers.drivers import check_drivers
from data.readers.limits import Limits
from data.readers.raw_table import BadRow
from data.readers.refusing import Refusal

_BATCH = 16_384
_FARTHEST = 1e9  # no coordinate system of the Earth counts beyond, in degrees, metres or with a zone before the metres
_UNNAMED_GEOMETRY = "wkb_geometry"


def read_features(
    path: Path,
    limits: Limits,
    answer: Answer,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    empty_point_is_bad: bool = False,
) -> Described:
    """Read one layer into the answer.

    Parameters
    ----------
    layer : str, optional
        Its name; a file of one layer needs none.
    encoding : str, optional
        Encoding of a .dbf; other formats are UTF-8.
    empty_point_is_bad : bool
        Whether a point without coordinates is a fault (the format cannot mean it), or simply none.
    """
    check_drivers()
    options = {"DATE_AS_STRING": "YES"} if path.suffix == ".geojson" else {}  # 12:30 is a text and no time of a day
    try:
        with pyogrio.open_arrow(
            path, layer=layer, encoding=encoding, batch_size=_BATCH, use_pyarrow=True, **options
        ) as (meta, batches):
            place = meta["geometry_name"] or _UNNAMED_GEOMETRY
            headings = [name for name in batches.schema.names if name != place]
            if len(headings) > limits.columns:
                raise Refusal("too_many_columns", count=len(headings), limit=limits.columns)
            read = 0
            for batch in batches:
                read += len(batch)
                if read > limits.features:
                    raise Refusal("too_many_features", limit=limits.features)
                numbers = np.arange(read - len(batch) + 1, read + 1, dtype=np.int64)
                columns = [_texts(batch.column(name)) for name in headings]
                wkb = batch.column(place) if place in batch.schema.names else None
                write_features(numbers, columns, wkb, answer, empty_point_is_bad=empty_point_is_bad)
            return Described(headings, crs=meta["crs"] or None)
    except (RuntimeError, OSError, UnicodeError, pa.ArrowInvalid) as problem:  # all that GDAL and its bridges raise
        raise Refusal("damaged") from problem


def write_features(
    numbers: NDArray[np.int64],
    columns: Sequence[pa.Array],
    wkb: pa.Array | None,
    answer: Answer,
    *,
    empty_point_is_bad: bool = False,
) -> None:
    """Append features; one whose coordinates no place on Earth has is set aside with its number."""
    if wkb is None:
        answer.write(numbers, columns)
        return
    bad, none = _judged(wkb, empty_point_is_bad)
    wkb = pc.if_else(pa.array(none), pa.scalar(None, pa.large_binary()), wkb.cast(pa.large_binary()))
    for at in np.flatnonzero(bad):
        texts = tuple("" if (text := column[at].as_py()) is None else str(text) for column in columns)
        answer.add_bad(BadRow(int(numbers[at]), "bad_coordinates", texts))
    good = pa.array(~bad)
    if not bad.all():
        answer.write(numbers[~bad], [column.filter(good) for column in columns], wkb.filter(good))


def first_filled(path: Path, names: Iterable[str]) -> str | None:
    """The first of some layers that has a feature."""
    check_drivers()
    for name in names:
        try:
            if pyogrio.read_info(path, layer=name, force_feature_count=True)["features"]:
                return name
        except RuntimeError as problem:
            raise Refusal("damaged") from problem
    return None


def _judged(wkb: pa.Array, empty_point_is_bad: bool) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which geometries are bad, and which are none."""
    raw = np.asarray(wkb, object)
    shapes: NDArray[Any] = shapely.from_wkb(raw, on_invalid="ignore")
    given = np.array([value is not None for value in raw], bool)
    bad = given & shapely.is_missing(shapes)
    empty = shapely.is_empty(shapes)
    if empty_point_is_bad:
        bad |= empty & (shapely.get_type_id(shapes) == shapely.GeometryType.POINT)
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    wild = ~(np.abs(coordinates) < _FARTHEST).all(axis=1)  # written so that NaN is wild
    bad[owner[wild]] = True
    return bad, ~given | (empty & ~bad)


def _texts(column: pa.Array) -> pa.Array:
    """A column as text; a .dbf may have cut the last character of a full cell in two."""
    try:
        return column_text(column)
    except pa.ArrowInvalid:
        raw = column.cast(pa.large_binary()).to_pylist()
        texts = [None if cell is None else cell.decode("utf-8", errors="replace").rstrip("�") for cell in raw]
        return column_text(pa.array(texts, pa.large_string()))

"""A table as a file holds it, before anybody knows what its columns mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


class FileKind(StrEnum):
    """What a file is, by its content and never by its name."""

    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"
    GEOJSON = "geojson"
    SHAPEFILE = "shapefile"
    GEOPACKAGE = "gpkg"
    KML = "kml"
    PARQUET = "parquet"
    FLATGEOBUF = "fgb"


@dataclass(frozen=True)
class BadRow:
    """A row that could not be read as a row of its table.

    Attributes
    ----------
    row : int
        Row number, as in ``RawTable.rows``.
    reason : str
        Code of ``data.findings``: ``too_few_cells``, ``too_many_cells``.
    text : tuple of str
        Its cells as they stand, so that nothing is lost.
    """

    row: int
    reason: str
    text: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RawTable:
    """Cells and headings of a file, and what had to be decided to read them.

    Attributes
    ----------
    file_kind : FileKind
    headings : tuple of str
        One a column, as written; several heading rows joined by a space, merged cells repeated. Empty text where the
        file has none; a text may stand twice.
    cells : pyarrow.Table
        Columns ``"0"``, ``"1"``, ... in the order of the file. Text (``large_string``), stripped of surrounding blanks,
        null where blank; a Parquet column of numbers or truth values stays as it is.
    rows : ndarray of int64
        Row number of each row as a spreadsheet counts them, heading rows and blank rows included, from 1; of a layer
        of features their number, from 1.
    geometry : pyarrow.ChunkedArray or None
        WKB of each feature, in ``crs``; null for a feature without one.
    crs : str or None
        What the file declares: ``"EPSG:4490"`` or WKT; ``None`` when it declares nothing.
    facts : mapping of str to str
        What was decided while reading: ``encoding``, ``separator``, ``sheet``, ``layer``, ``heading_rows`` ("0" when
        the table has none), and ``sheets`` or ``layers``, all there are, by line feeds.
    bad_rows : tuple of BadRow
        Rows that are no rows of the table, by row number.
    """

    file_kind: FileKind
    headings: tuple[str, ...]
    cells: pa.Table
    rows: NDArray[np.int64]
    geometry: pa.ChunkedArray | None
    crs: str | None
    facts: Mapping[str, str]
    bad_rows: tuple[BadRow, ...] = ()


@dataclass(frozen=True)
class ReadOptions:
    """What a person may tell the reader; ``None`` lets the file decide.

    Attributes
    ----------
    encoding, separator, sheet, layer : str or None
    heading_rows : int or None
        How many heading rows there are; 0 for none.
    """

    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    layer: str | None = None
    heading_rows: int | None = None

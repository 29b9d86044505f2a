"""Tables as files: CSV, XLSX, GeoJSON, GeoPackage and Parquet by suffix.

Every row carries the data version, the plan and the basis of its figures. A text that a spreadsheet would run as a
formula stays text: in XLSX the cell is typed as text, in CSV it gets a leading apostrophe.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd

from data.errors import DataError, UnknownFormat

SUFFIXES = (".csv", ".xlsx", ".geojson", ".gpkg", ".parquet")
_FORMULA = re.compile(r"^[=+\-@\t\r＝＋－＠]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no character of XML 1.0
_CELL_LIMIT = 32_767


def write_table(table: gpd.GeoDataFrame | pd.DataFrame, path: Path, stamp: Mapping[str, str | bool]) -> None:
    """Write a table, with ``stamp`` as further columns of every row.

    Parameters
    ----------
    table : GeoDataFrame or DataFrame
        Without a geometry the geographic formats get rows without a place.
    path : Path
        One of ``SUFFIXES``; an existing file is replaced.
    stamp : mapping of str to str or bool
        Provenance: data version, plan, basis, whether the data are synthetic.

    Raises
    ------
    UnknownFormat
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UnknownFormat(suffix, SUFFIXES)
    stamped = table.assign(**stamp).reset_index(drop=True)
    if suffix in (".csv", ".xlsx"):
        plain = pd.DataFrame(stamped.drop(columns="geometry", errors="ignore"))
        _write_csv(plain, path) if suffix == ".csv" else _write_xlsx(plain, path)
        return
    if not isinstance(stamped, gpd.GeoDataFrame):
        stamped = gpd.GeoDataFrame(stamped, geometry=gpd.GeoSeries([None] * len(stamped), crs="EPSG:4326"))
    if suffix == ".parquet":
        stamped.to_parquet(path)
    else:
        path.unlink(missing_ok=True)
        stamped = _without_nul(stamped)
        driver = {".geojson": "GeoJSON", ".gpkg": "GPKG"}[suffix]
        layer = re.sub(r"\W+", "_", path.stem)  # GeoPackage knows no other characters in the name of a layer
        try:
            stamped.to_file(path, driver=driver, layer=layer, engine="pyogrio")
        except RuntimeError as error:  # what GDAL says when it cannot write
            raise DataError(f"{path.name} could not be written: {error}") from error


def _without_nul(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Text without NUL, at which GDAL would end it."""
    text = table.drop(columns=table.geometry.name).select_dtypes(exclude="number").columns
    return table.assign(
        **{name: table[name].map(lambda v: v.replace("\0", "") if isinstance(v, str) else v) for name in text}
    )


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    def inert(value: object) -> object:
        return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value

    text = table.select_dtypes(exclude="number").columns
    # The byte order mark makes Excel read UTF-8. With both line ends as terminator, both are quoted inside a text;
    # a bare carriage return would start a row, and the row could start with a formula.
    inert_table = table.assign(**{name: table[name].map(inert) for name in text})
    inert_table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def _write_xlsx(table: pd.DataFrame, path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=False)
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one sheet
    sheet.append(list(map(str, table.columns)))
    for row, values in enumerate(table.itertuples(index=False), start=2):
        for column, value in enumerate(values, start=1):
            if value is None or value is pd.NA or value != value:
                continue
            cell = sheet.cell(row, column)
            if isinstance(value, str):
                cell.value = _CONTROL.sub("", value)[:_CELL_LIMIT]
                cell.data_type = "s"
            else:
                cell.value = getattr(value, "item", lambda v=value: v)()
    sheet.freeze_panes = "A2"
    book.save(path)

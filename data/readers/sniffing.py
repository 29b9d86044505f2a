"""What a file is, by what it holds; what it is called decides nothing.

A text that points at other files or services (VRT, GDALG, a WFS request) is refused under every name, and so is
whatever the list of formats does not hold.
"""

import codecs
import re
from pathlib import Path

from data.readers.archives import Archive
from data.readers.limits import Limits
from data.readers.raw_table import FileKind
from data.readers.refusing import Refusal

_HEAD = 1 << 16
_MAGIC = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": FileKind.XLS,
    b"SQLite format 3\0": FileKind.GEOPACKAGE,
    b"PAR1": FileKind.PARQUET,
    b"fgb\x03fgb": FileKind.FLATGEOBUF,
}
_ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")
_UNSUPPORTED = {
    b"%PDF": "PDF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x1f\x8b": "gzip",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"{\\rtf": "RTF",
}
_SHAPE = b"\x00\x00\x27\x0a"
_PARQUET_ENCRYPTED = b"PARE"
_POINTERS = re.compile(r"<\s*(ogrvrt|vrtdataset|ogrwfs|ogcwfs|gdal_|wms_|wmts|wcs)|gdal_streamed_alg", re.IGNORECASE)
_HTML = re.compile(r"<\s*(!doctype\s+html|html|head|body|table|meta|script|style|div)\b", re.IGNORECASE)
_KML = re.compile(r"<\s*(\w+:)?kml\b")


def kind_of(path: Path, limits: Limits) -> FileKind:
    """What the file is.

    Raises
    ------
    Refusal
        For everything that is none of ``FileKind``, with what it seems to be.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head.startswith(_ARCHIVE):
        return kind_of_archive(Archive(path, limits))
    if head.startswith(_SHAPE):
        raise Refusal("lone_shapefile")
    if head.startswith(_PARQUET_ENCRYPTED):
        raise Refusal("encrypted")
    for magic, what in _UNSUPPORTED.items():
        if head.startswith(magic):
            raise Refusal("unsupported", what=what)
    return _kind_of_text(head)


def kind_of_archive(archive: Archive) -> FileKind:
    """What a zip is: a workbook, a folder with a layer, or a KMZ."""
    names = {member.name.lower() for member in archive.members}
    suffixes = {member.suffix for member in archive.members}
    if "xl/workbook.xml" in names or any(name.startswith("xl/worksheets/") for name in names):
        return FileKind.XLSX
    if "xl/workbook.bin" in names:
        raise Refusal("unsupported", what="XLSB")
    if "content.xml" in names and "mimetype" in names:
        raise Refusal("unsupported", what="ODS")
    if "word/document.xml" in names:
        raise Refusal("unsupported", what="DOCX")
    if suffixes & {"zip", "rar", "7z"}:
        raise Refusal("nested_archive")
    if "shp" in suffixes:
        return FileKind.SHAPEFILE
    if "kml" in suffixes:
        return FileKind.KML
    raise Refusal("no_layer")


def _kind_of_text(head: bytes) -> FileKind:
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in head and not wide:
        raise Refusal("binary")
    text = head.decode("utf-16" if wide else "utf-8-sig", errors="replace").lstrip()
    if not text:
        raise Refusal("empty")
    if text[0] == "<":
        return _kind_of_markup(text, wide)
    if text[0] == "{" or re.match(r"\[\s*[{\[]", text):
        if _POINTERS.search(text):
            raise Refusal("points_elsewhere")
        if wide:
            raise Refusal("not_utf8")
        return FileKind.GEOJSON
    return FileKind.CSV


def _kind_of_markup(text: str, wide: bool) -> FileKind:
    if _POINTERS.search(text):
        raise Refusal("points_elsewhere")
    if _KML.search(text):
        if wide:
            raise Refusal("not_utf8")
        return FileKind.KML
    if _HTML.search(text):
        raise Refusal("html")
    raise Refusal("unsupported", what="XML")

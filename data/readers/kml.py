"""KML, read by a parser of our own on top of expat: placemarks with their names, data and shapes.

GDAL's driver turns Chinese names of data fields into underlines and makes a layer of each folder; here all placemarks
are one table and the folder is a column. A document type is refused outright, and so is any encoding but UTF-8, under
which one could hide. Links to other documents and styles are not followed. Altitudes are left out.
"""

from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

import numpy as np
import pyarrow as pa
import shapely

from data.readers.answer import Answer, Described
from data.readers.archives import Archive
from data.readers.cell_text import tidy
from data.readers.layers import write_features
from data.readers.limits import Limits
from data.readers.raw_table import BadRow
from data.readers.refusing import Refusal

_BATCH = 16_384
_FOLDER, _NAME, _DESCRIPTION = "folder", "name", "description"
_SHAPES = {"Point", "LineString", "LinearRing", "Polygon"}
_KEPT = {_NAME, _DESCRIPTION, "address", "phoneNumber", "coordinates", "value", "SimpleData"}
_DEEPEST = 200


def read_kml(path: Path, limits: Limits, answer: Answer) -> Described:
    """Read all placemarks into the answer; a KMZ is unpacked first."""
    with path.open("rb") as file:
        packed = file.read(2) == b"PK"
    if packed:
        path = _unpacked(path, limits)
    placemarks = _Placemarks(limits)
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(0)
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.XmlDeclHandler = _check_declaration
        parser.StartDoctypeDeclHandler = _refuse_document_type
        parser.StartElementHandler = placemarks.start
        parser.EndElementHandler = placemarks.end
        parser.CharacterDataHandler = placemarks.text
        if b"\0" in head:
            raise Refusal("not_utf8")
        try:
            parser.ParseFile(file)
        except expat.ExpatError as problem:
            raise Refusal("damaged") from problem
    return placemarks.write(answer)


def _unpacked(path: Path, limits: Limits) -> Path:
    archive = Archive(path, limits)
    documents = [member for member in archive.members if member.suffix == "kml"]
    main = next((member for member in documents if member.name.lower() == "doc.kml"), documents[0])
    target = path.with_name("unpacked.kml")
    archive.unpack(main, target)
    return target


def _check_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in ("utf-8", "utf8"):
        raise Refusal("not_utf8")


def _refuse_document_type(*_: object) -> None:
    raise Refusal("document_type")


class _Placemarks:
    """Collects placemarks while expat reads: a column for each name, a shape for each placemark."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: list[str] = []
        self._folders: list[str] = []
        self._text: list[str] | None = None
        self._field = ""
        self._cells: dict[str, str] | None = None
        self._shapes: list[shapely.Geometry] = []
        self._rings: list[list[tuple[float, float]]] = []
        self._wrong = False
        self._columns: dict[str, list[str | None]] = {}
        self._geometry: list[bytes | None] = []
        self._bad: set[int] = set()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if not self._open and tag != "kml":
            raise Refusal("unsupported", what="XML")
        self._open.append(tag)
        if len(self._open) > _DEEPEST:
            raise Refusal("damaged")
        if tag == "Folder":
            self._folders.append("")
        elif tag == "Placemark":
            self._cells, self._shapes, self._wrong = {}, [], False
        elif tag in _SHAPES:
            self._rings = [] if tag != "LinearRing" or "Polygon" not in self._open else self._rings
        elif tag in ("Data", "SimpleData"):
            self._field = attributes.get("name", "")
        self._text = [] if tag in _KEPT else None

    def text(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, _: str) -> None:
        tag = self._open.pop()  # expat has seen to it that this is the one that ends
        text = "".join(self._text or ()).strip()
        self._text = None
        parent = self._open[-1] if self._open else ""
        if tag == "Folder":
            self._folders.pop()
        elif tag == _NAME and parent == "Folder":
            self._folders[-1] = text
        elif self._cells is None:
            return
        elif tag == "Placemark":
            self._keep(self._cells)
            self._cells = None
        elif tag == "coordinates":
            self._rings.append(self._points(text))
        elif tag in _SHAPES and not (tag == "LinearRing" and "Polygon" in self._open):
            self._add_shape(tag)
        elif tag == "SimpleData" or (tag == "value" and parent == "Data"):
            self._cells[self._field] = text
        elif tag in _KEPT and parent == "Placemark":
            self._cells[tag] = text

    def write(self, answer: Answer) -> Described:
        """All placemarks, as rows of one table."""
        headings = list(self._columns)
        for start in range(0, len(self._geometry), _BATCH):
            part = slice(start, start + _BATCH)
            numbers = np.arange(start + 1, start + 1 + len(self._geometry[part]), dtype=np.int64)
            columns = [tidy(pa.array(self._columns[name][part], pa.large_string())) for name in headings]
            kept = np.array([int(number) not in self._bad for number in numbers], bool)
            for at in np.flatnonzero(~kept):
                cells = tuple(column[at].as_py() or "" for column in columns)
                answer.add_bad(BadRow(int(numbers[at]), "bad_coordinates", cells))
            held = pa.array(kept)
            wkb = pa.array(self._geometry[part], pa.large_binary()).filter(held)
            if len(wkb):
                write_features(numbers[kept], [c.filter(held) for c in columns], wkb, answer, empty_point_is_bad=True)
        answer.bad_rows.sort(key=lambda bad: bad.row)
        return Described(headings)

    def _keep(self, cells: dict[str, str]) -> None:
        before = len(self._geometry)
        if before >= self._limits.features:
            raise Refusal("too_many_features", limit=self._limits.features)
        if folder := "/".join(filter(None, self._folders)):
            cells = {_FOLDER: folder, **cells}
        for name, text in cells.items():
            if name not in self._columns:
                self._columns[name] = [None] * before
                if len(self._columns) > self._limits.columns:
                    raise Refusal("too_many_columns", count=len(self._columns), limit=self._limits.columns)
            self._columns[name].append(text)
        for column in self._columns.values():
            column.extend([None] * (before + 1 - len(column)))
        if self._wrong:
            self._bad.add(before + 1)
        self._geometry.append(_together(self._shapes))

    def _points(self, text: str) -> list[tuple[float, float]]:
        try:
            points = [tuple(map(float, token.split(",")[:2])) for token in text.split()]
        except ValueError:
            points = [()]
        if any(len(point) != 2 for point in points):
            self._wrong = True
            return []
        return [(x, y) for x, y in points]

    def _add_shape(self, tag: str) -> None:
        rings, self._rings = self._rings, []
        if not rings or not rings[0]:
            self._wrong = True
            return
        make: Callable[[], shapely.Geometry] = {
            "Point": lambda: shapely.Point(rings[0][0]),
            "Polygon": lambda: shapely.Polygon(rings[0], rings[1:]),
        }.get(tag, lambda: shapely.LineString(rings[0]))
        try:
            self._shapes.append(make())
        except (ValueError, shapely.errors.ShapelyError):
            self._wrong = True


def _together(shapes: list[shapely.Geometry]) -> bytes | None:
    """One geometry of all that a placemark has."""
    if not shapes:
        return None
    if len(shapes) == 1:
        return bytes(shapely.to_wkb(shapes[0]))
    kinds = {shape.geom_type for shape in shapes}
    many = {"Point": shapely.MultiPoint, "LineString": shapely.MultiLineString, "Polygon": shapely.MultiPolygon}
    collect = many[kinds.pop()] if len(kinds) == 1 else shapely.GeometryCollection
    return bytes(shapely.to_wkb(collect(shapes)))

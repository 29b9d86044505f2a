"""Tiles of a point pyramid: a grid of counted cells for far views, the points themselves for near ones.

The colour of a cell says in which of a few logarithmic classes its count (or sum) lies. The classes come from the
fullest cell of the whole zoom under the filter, so neighbouring tiles agree, and a legend can say what a cell means.
That costs the eye one thing: the same colour means another number at another zoom; the legend follows the zoom.
Points carry their id and category and nothing else; who wants more asks for the one that was clicked.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geo.errors import PyramidError
from geo.mercator import BITS, EQUATOR_M, apart, interleave, latitude, mercator
from geo.pyramid import CATEGORY, CELL_BITS, LAST_ZOOM, PointPyramid
from geo.pyramid_records import EVERYTHING, Cells, Measure, PointFilter
from geo.vector_tile import EXTENT, encode_points

TILE_PX = 256
CELLS = 1 << CELL_BITS
BUFFER = EXTENT // CELLS  # a mark of 4 px radius is drawn whole by both tiles that it touches


@dataclass(frozen=True)
class Scale:
    """What the colours of a grid mean at one zoom under one filter.

    Attributes
    ----------
    zoom : int
    measure : 'count' or 'sum'
    lowers : tuple of int
        Least number of each class, ascending; the first class also takes all that is less. Empty when nothing is drawn.
    high : int
        Number of the fullest cell; 0 when nothing is drawn.
    cell_m : float
        Side of a cell on the ground, metres, at the fullest cell; NaN when nothing is drawn.
    """

    zoom: int
    measure: Measure
    lowers: tuple[int, ...]
    high: int
    cell_m: float

    def classes(self, numbers: NDArray[np.int64]) -> NDArray[np.intp]:
        """Class of each number, from 0."""
        return np.searchsorted(np.array(self.lowers, np.int64), numbers, side="right").clip(1) - 1


def scale(
    pyramid: PointPyramid, zoom: int, chosen: PointFilter = EVERYTHING, *, measure: Measure = "count", steps: int = 7
) -> Scale:
    """Classes of the grid of a zoom under a filter.

    Parameters
    ----------
    pyramid : PointPyramid
    zoom : int
        0 to 22.
    chosen : PointFilter
        With a year when ``measure`` is 'sum'.
    measure : 'count' or 'sum'
        Points in a cell, or the sum of their values in the filter's year.
    steps : int
        Most classes, 2 or more.

    Returns
    -------
    Scale
        Bounds are 1, 2, 5, 10, ..., or 1, 3, 10, ..., or powers of ten, of a hundred, ...: the finest that fit.

    Raises
    ------
    PyramidError
        When the zoom is out of range, or a sum is asked for without a year.

    Examples
    --------
    >>> crowd = PointPyramid.build([114.0] * 40 + [114.1], [22.5] * 41, [0] * 41)
    >>> scale(crowd, 12).lowers
    (1, 2, 5, 10, 20)
    """
    cells = _cells(pyramid, zoom, chosen)
    numbers = _numbers(cells, measure)
    if not len(numbers):
        return Scale(zoom, measure, (), 0, float("nan"))
    fullest, low = cells.extremes[measure]
    high = int(numbers[fullest])
    _, row = apart(cells.codes[fullest : fullest + 1])
    middle = np.radians(latitude((int(row[0]) + 0.5) / 2 ** (zoom + CELL_BITS)))
    cell_m = EQUATOR_M * float(np.cos(middle)) / 2 ** (zoom + CELL_BITS)
    return Scale(zoom, measure, _lowers(low, high, steps), high, cell_m)


def grid_tile(
    pyramid: PointPyramid,
    zoom: int,
    x: int,
    y: int,
    chosen: PointFilter = EVERYTHING,
    *,
    palette: Sequence[str],
    measure: Measure = "count",
    opacity: float = 0.85,
) -> bytes | None:
    """A PNG of 256 × 256 pixels with 64 × 64 cells; ``None`` when no cell holds a point.

    Parameters
    ----------
    pyramid : PointPyramid
    zoom, x, y : int
        The tile.
    chosen : PointFilter
    palette : sequence of str
        Colours #RRGGBB from low to high, one for each class of ``scale(..., steps=len(palette))``.
    measure : 'count' or 'sum'
    opacity : float
        Of a cell, 0 to 1.
    """
    cells = _cells(pyramid, zoom, chosen)
    shift = 2 * CELL_BITS
    first = int(interleave(x, y)) << shift
    start, stop = np.searchsorted(cells.codes, np.array([first, first + (1 << shift)], np.uint64))
    if start == stop:
        return None
    levels = scale(pyramid, zoom, chosen, measure=measure, steps=len(palette))
    columns, rows = apart(cells.codes[start:stop] - np.uint64(first))
    picture = np.zeros((CELLS, CELLS), np.uint8)
    picture[rows, columns] = levels.classes(_numbers(cells, measure)[start:stop]) + 1
    return _png(picture.repeat(TILE_PX // CELLS, 0).repeat(TILE_PX // CELLS, 1), palette, opacity)


def grid_picture(
    pyramid: PointPyramid,
    zoom: int,
    bounds: tuple[float, float, float, float],
    chosen: PointFilter = EVERYTHING,
    *,
    palette: Sequence[str],
    opacity: float = 0.85,
) -> tuple[bytes, tuple[float, float, float, float]]:
    """The counted cells of an area as one PNG of a pixel a cell, for a document without a server.

    Parameters
    ----------
    pyramid : PointPyramid
    zoom : int
        Cells and colours are those of the tiles of this zoom, 0 to 22.
    bounds : (west, south, east, north)
        Degrees; points beyond are left out.
    chosen : PointFilter
    palette : sequence of str
        As in `grid_tile`.
    opacity : float

    Returns
    -------
    png : bytes
    bounds : (west, south, east, north)
        Of the picture: the given ones, widened to whole cells.
    """
    cells = _cells(pyramid, zoom, chosen)
    side = 1 << (zoom + CELL_BITS)
    west, south, east, north = bounds
    corners_x, corners_y = mercator(np.array([west, east]), np.array([north, south]))
    left, right = (int(v) for v in np.floor(corners_x * side))
    top, bottom = (int(v) for v in np.floor(corners_y * side))
    columns, rows = apart(cells.codes)
    inside = (columns >= left) & (columns <= right) & (rows >= top) & (rows <= bottom)
    levels = scale(pyramid, zoom, chosen, steps=len(palette))
    picture = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    if levels.lowers:
        picture[rows[inside] - top, columns[inside] - left] = levels.classes(cells.counts[inside]) + 1
    west, east = (column / side * 360 - 180 for column in (left, right + 1))
    north, south = (latitude(row / side) for row in (top, bottom + 1))
    return _png(picture, palette, opacity), (west, south, east, north)


def empty_grid_tile() -> bytes:
    """A PNG in which nothing is drawn."""
    return _png(np.zeros((TILE_PX, TILE_PX), np.uint8), (), 1.0)


def point_tile(
    pyramid: PointPyramid,
    zoom: int,
    x: int,
    y: int,
    chosen: PointFilter = EVERYTHING,
    *,
    layer: str = "points",
    categories: Sequence[str] | None = None,
) -> bytes | None:
    """A Mapbox vector tile with the points of a tile and of a margin of 1/64 around it; ``None`` when there is none.

    Parameters
    ----------
    pyramid : PointPyramid
    zoom, x, y : int
        The tile.
    chosen : PointFilter
    layer : str
        Name of the layer in the tile.
    categories : sequence of str, optional
        Names of the categories by code; a code beyond them has the name "". The codes themselves when left out.

    Returns
    -------
    bytes or None
        Uncompressed; each feature has its row number as id and its category under ``c``.
    """
    _check_zoom(zoom)
    near = _with_margin(pyramid, zoom, x, y)
    if (mask := pyramid.kept(chosen, near)) is not None:
        near = near[mask]
    if not len(near):
        return None
    columns, rows = apart(pyramid.codes[near])
    side = BITS - zoom
    place_x = ((columns - (x << side)) * EXTENT) >> side
    place_y = ((rows - (y << side)) * EXTENT) >> side
    present, value = np.unique(pyramid.attributes[CATEGORY][near], return_inverse=True)
    names: list[str | int] = [int(code) for code in present]
    if categories is not None:
        names = [categories[code] if code < len(categories) else "" for code in present]
    return encode_points(layer, pyramid.points[near], place_x, place_y, value.astype(np.uint8), key="c", values=names)


def _with_margin(pyramid: PointPyramid, zoom: int, x: int, y: int) -> NDArray[np.intp]:
    """Positions of the points in a tile and in the ring of cells around it, ascending."""
    level = zoom + CELL_BITS
    left, top, last = x << CELL_BITS, y << CELL_BITS, (1 << level) - 1
    columns, rows = np.meshgrid(np.arange(-1, CELLS + 1), np.arange(-1, CELLS + 1))
    ring = (columns < 0) | (columns == CELLS) | (rows < 0) | (rows == CELLS)
    columns, rows = columns[ring] + left, rows[ring] + top
    inside = (columns >= 0) & (columns <= last) & (rows >= 0) & (rows <= last)
    shift = np.uint64(2 * (BITS - level))
    keys = interleave(columns[inside], rows[inside])
    starts, stops = (np.searchsorted(pyramid.codes, k << shift) for k in (keys, keys + np.uint64(1)))
    tile = pyramid.tile(zoom, x, y)
    parts = [np.arange(a, b) for a, b in zip(starts, stops, strict=True) if b > a]
    return np.sort(np.concatenate([np.arange(tile.start, tile.stop), *parts]))


def _cells(pyramid: PointPyramid, zoom: int, chosen: PointFilter) -> Cells:
    _check_zoom(zoom)
    return pyramid.cells(zoom + CELL_BITS, chosen)


def _check_zoom(zoom: int) -> None:
    if not 0 <= zoom <= LAST_ZOOM:
        raise PyramidError(f"zoom came as {zoom}; expected 0 to {LAST_ZOOM}")


def _numbers(cells: Cells, measure: Measure) -> NDArray[np.int64]:
    if measure == "sum" and cells.sums is None:
        raise PyramidError("a sum of values needs a year in the filter")
    return cells.numbers(measure)


def _lowers(low: int, high: int, steps: int) -> tuple[int, ...]:
    """Bounds of the finest series that covers ``low`` to ``high`` in at most ``steps`` classes."""
    decades = range(19)
    for heads, stride in (((1, 2, 5), 1), ((1, 3), 1), ((1,), 1), ((1,), 2), ((1,), 3), ((1,), 6), ((1,), 18)):
        series = [head * 10**decade for decade in decades[::stride] for head in heads]
        covering = [s for s in series if s <= high]
        covering = covering[max(sum(s <= low for s in covering) - 1, 0) :]
        if len(covering) <= steps:
            return tuple(covering) or (1,)
    return (1,)


def _png(picture: NDArray[np.uint8], palette: Sequence[str], opacity: float) -> bytes:
    """A paletted PNG; index 0 is transparent."""
    image = Image.frombytes("P", (picture.shape[1], picture.shape[0]), picture.tobytes())
    image.putpalette(bytes(3) + b"".join(bytes.fromhex(colour.removeprefix("#")) for colour in palette))
    out = io.BytesIO()
    image.save(out, "PNG", transparency=bytes([0, *[round(255 * opacity)] * len(palette)]))
    return out.getvalue()

"""Square cells of a metric grid as one picture that lies right on a web map: every pixel asks which cell holds it.

A grid in metres stands slightly turned on a web map, so a picture with a pixel a cell would be off by a hundred metres
at the edge of a city; pixels of the web map's own square are not. Few colours, so a city is a few kilobytes.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geo.crs import from_metric, to_metric
from geo.layer_records import Bounds
from geo.mercator import EQUATOR_M, latitude, mercator

HATCH_PX = 5


@dataclass(frozen=True)
class Fill:
    """How cells of a class are filled: a colour #RRGGBB, strokes of another over it, how opaque both are."""

    colour: str
    stroke: str = ""
    dotted: bool = False
    opacity: float = 0.82


def cell_picture(
    classes: NDArray[np.int8], fills: Sequence[Fill], *, crs: int, cell_m: float, west_m: float, south_m: float,
    cell_px: int = 6,
) -> tuple[bytes, Bounds]:  # fmt: skip
    """A PNG of the cells and where it lies.

    Parameters
    ----------
    classes : ndarray of int8, (rows, columns)
        Class of each cell, the first row in the south; -1 where there is no cell.
    fills : sequence of Fill
        One for each class.
    crs : int
        EPSG code of the metric system.
    cell_m, west_m, south_m : float
        Side of a cell, and the south-west corner of the first, metres.
    cell_px : int
        About how many pixels a cell is wide.

    Returns
    -------
    png : bytes
    bounds : ((south, west), (north, east))
    """
    rows, columns = classes.shape
    edge_x = west_m + np.array([0, columns, columns, 0]) * cell_m
    edge_y = south_m + np.array([0, 0, rows, rows]) * cell_m
    lon, lat = from_metric(edge_x, edge_y, crs=crs)
    west, east, south, north = float(lon.min()), float(lon.max()), float(lat.min()), float(lat.max())
    (left, right), (top, bottom) = mercator(np.array([west, east]), np.array([north, south]))
    pixel = cell_m / cell_px / (EQUATOR_M * np.cos(np.radians((south + north) / 2)))
    wide, high = (max(int(np.ceil(side / pixel)), 1) for side in (right - left, bottom - top))
    x = left + (np.arange(wide) + 0.5) * (right - left) / wide
    y = top + (np.arange(high) + 0.5) * (bottom - top) / high
    grid_lon, grid_lat = np.meshgrid(x * 360 - 180, [latitude(float(each)) for each in y])
    east_m, north_m = to_metric(grid_lon.ravel(), grid_lat.ravel(), crs=crs)
    column = np.floor((east_m - west_m) / cell_m).astype(np.int64)
    row = np.floor((north_m - south_m) / cell_m).astype(np.int64)
    on = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    of_pixel = np.full(high * wide, -1, np.int64)
    of_pixel[on] = classes[row[on], column[on]]
    return _png(of_pixel.reshape(high, wide), fills), ((south, west), (north, east))


def _png(classes: NDArray[np.int64], fills: Sequence[Fill]) -> bytes:
    """Palette: 0 is nothing, then fill and stroke of each class."""
    down, across = np.indices(classes.shape)
    stripes = (down + across) % HATCH_PX == 0
    dots = (down % HATCH_PX == 0) & (across % HATCH_PX == 0)
    picture = np.where(classes < 0, 0, 1 + 2 * classes).astype(np.uint8)
    colours, alphas = [(0, 0, 0)], [0]
    for number, fill in enumerate(fills):
        if fill.stroke:
            picture[(classes == number) & (dots if fill.dotted else stripes)] = 2 + 2 * number
        colours += [_rgb(fill.colour), _rgb(fill.stroke or fill.colour)]
        alphas += [round(255 * fill.opacity), round(255 * max(fill.opacity, 0.9))]
    image = Image.frombytes("P", (picture.shape[1], picture.shape[0]), picture.tobytes())
    image.putpalette([channel for colour in colours for channel in colour])
    file = io.BytesIO()
    image.save(file, "PNG", transparency=bytes(alphas), optimize=True)
    return file.getvalue()


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue

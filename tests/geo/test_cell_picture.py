"""Cells as a picture: each pixel has the colour of the cell that holds it, in the place where the map puts it."""

import io

import numpy as np
from PIL import Image

from geo.cell_picture import Fill, cell_picture
from geo.crs import from_metric, to_metric
from geo.mercator import latitude, mercator

CRS, WEST, SOUTH = 4547, 500_000.0, 2_490_000.0
FILLS = (Fill("#112233", opacity=1), Fill("#445566", opacity=1), Fill("#778899", "#000000", opacity=1))
CLASSES = np.array([[0, 1, -1], [1, 2, 0]], np.int8)


def drawn(cell_px: int = 8) -> tuple[np.ndarray, tuple[tuple[float, float], tuple[float, float]]]:
    png, bounds = cell_picture(
        CLASSES, FILLS, crs=CRS, cell_m=1_000.0, west_m=WEST, south_m=SOUTH, cell_px=cell_px
    )  # fmt: skip
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")), bounds


def test_the_middle_of_a_cell_has_its_colour_where_a_web_map_puts_it() -> None:
    picture, ((south, west), (north, east)) = drawn()
    (left, right), (top, bottom) = mercator(np.array([west, east]), np.array([north, south]))
    for row, column in np.ndindex(CLASSES.shape):
        lon, lat = from_metric(WEST + (column + 0.45) * 1_000, SOUTH + (row + 0.45) * 1_000, crs=CRS)
        x, y = mercator(lon, lat)
        across, down = (x - left) / (right - left) * picture.shape[1], (y - top) / (bottom - top) * picture.shape[0]
        red, *_, alpha = picture[int(down), int(across)].tolist()
        number = int(CLASSES[row, column])
        assert alpha == (0 if number < 0 else 255)
        if 0 <= number < 2:
            assert red == int(FILLS[number].colour[1:3], 16)


def test_every_pixel_asks_the_metric_grid() -> None:
    picture, ((south, west), (north, east)) = drawn(5)
    (left, right), (top, bottom) = mercator(np.array([west, east]), np.array([north, south]))
    high, wide = picture.shape[:2]
    x = left + (np.arange(wide) + 0.5) * (right - left) / wide
    y = top + (np.arange(high) + 0.5) * (bottom - top) / high
    lon, lat = np.meshgrid(x * 360 - 180, [latitude(float(each)) for each in y])
    east_m, north_m = to_metric(lon.ravel(), lat.ravel(), crs=CRS)
    column, row = np.floor((east_m - WEST) / 1_000).astype(int), np.floor((north_m - SOUTH) / 1_000).astype(int)
    inside = (column >= 0) & (column < 3) & (row >= 0) & (row < 2)
    classes = np.full(high * wide, -1)
    classes[inside] = CLASSES[row[inside], column[inside]]
    np.testing.assert_array_equal(picture[:, :, 3].ravel() > 0, classes >= 0)


def test_strokes_are_another_colour_over_a_fill() -> None:
    picture, _ = drawn()
    colours = {tuple(pixel[:3]) for pixel in picture.reshape(-1, 4).tolist() if pixel[3]}
    assert colours == {(0x11, 0x22, 0x33), (0x44, 0x55, 0x66), (0x77, 0x88, 0x99), (0, 0, 0)}

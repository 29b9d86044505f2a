"""Tiles show what a walk over all points would show, neighbours agree, and GDAL reads the vector tiles."""

import io
from pathlib import Path

import numpy as np
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from PIL import Image

from geo.errors import PyramidError
from geo.mercator import steps, tile_of
from geo.pyramid import PointPyramid
from geo.pyramid_records import EVERYTHING, PointFilter
from geo.tiles import Scale, empty_grid_tile, grid_picture, grid_tile, point_tile, scale
from geo.vector_tile import encode_points

PALETTE = ("#FFFFB2", "#FECC5C", "#FD8D3C", "#F03B20", "#BD0026")
N = 3_000
_RNG = np.random.default_rng(11)
LON, LAT = (np.array([114.0, 22.5]) + _RNG.normal(0, 0.03, (N, 2)) ** 3 * 500).T
CATEGORY, AMOUNT = _RNG.integers(0, 4, N), _RNG.integers(0, 10**11, N)
SEEN = _RNG.random(N) < 0.7
ROWS = np.flatnonzero(SEEN)
CROWD = PointPyramid.build(LON, LAT, CATEGORY, observations=(ROWS, np.full(len(ROWS), 2021), AMOUNT[ROWS]))
SOME = PointFilter.choose(category=[1, 2], year=2021)
FILTERS = [EVERYTHING, PointFilter.choose(category=[0]), SOME, PointFilter.choose(category=[])]
TILE = st.tuples(st.integers(0, N - 1), st.integers(-1, 1), st.integers(-1, 1))


def keeps(chosen: PointFilter) -> NDArray[np.bool_]:
    keep = np.ones(N, np.bool_)
    for _, codes in chosen.keep:
        keep &= np.isin(CATEGORY, codes)
    return keep & SEEN if chosen.year else keep


def near(zoom: int, tile: tuple[int, int, int]) -> tuple[int, int]:
    """A tile at or beside that of a point."""
    row, right, down = tile
    x, y = tile_of(LON[row], LAT[row], zoom)
    return int(np.clip(x + right, 0, 2**zoom - 1)), int(np.clip(y + down, 0, 2**zoom - 1))


def pixels(png: bytes) -> NDArray[np.uint8]:
    image = Image.open(io.BytesIO(png))
    assert image.size == (256, 256)
    return np.asarray(image.convert("RGBA"))


def colour(of_class: int) -> list[int]:
    return [*bytes.fromhex(PALETTE[of_class][1:]), 217]


# ---------------------------------------------------------------- grid tiles


@given(st.integers(0, 22), TILE, st.sampled_from(FILTERS), st.sampled_from(["count", "sum"]))
@settings(max_examples=60)
def test_a_grid_tile_colours_each_cell_by_what_lies_in_it(zoom, tile, chosen, measure) -> None:
    if measure == "sum" and chosen.year is None:
        chosen = PointFilter(chosen.keep, 2021)
    x, y = near(zoom, tile)
    png = grid_tile(CROWD, zoom, x, y, chosen, palette=PALETTE, measure=measure)
    keep = keeps(chosen)
    columns, rows = (v >> 28 - zoom - 6 for v in steps(LON[keep], LAT[keep]))
    here = (columns >> 6 == x) & (rows >> 6 == y)
    if png is None:
        assert not here.any()
        return
    numbers = np.zeros((64, 64), np.int64)
    amounts = AMOUNT[keep] if measure == "sum" else np.ones(keep.sum(), np.int64)
    np.add.at(numbers, (rows[here] & 63, columns[here] & 63), amounts[here])
    full = np.zeros((64, 64), np.bool_)
    full[rows[here] & 63, columns[here] & 63] = True
    levels = scale(CROWD, zoom, chosen, measure=measure, steps=len(PALETTE))
    picture = pixels(png)
    for row, column in np.ndindex(64, 64):
        block = picture[row * 4 : row * 4 + 4, column * 4 : column * 4 + 4].reshape(-1, 4)
        if full[row, column]:
            expected = max(sum(lower <= numbers[row, column] for lower in levels.lowers) - 1, 0)
            assert (block == colour(expected)).all()
        else:
            assert (block[:, 3] == 0).all()


@pytest.mark.parametrize("zoom", [3, 9, 13])
@pytest.mark.parametrize("chosen", [EVERYTHING, SOME])
def test_neighbours_give_one_number_one_colour(zoom: int, chosen: PointFilter) -> None:
    """Every cell of a whole zoom, drawn tile by tile: cells of equal count have equal colour wherever they lie."""
    keep = keeps(chosen)
    columns, rows = (v >> 28 - zoom - 6 for v in steps(LON[keep], LAT[keep]))
    cells, counts = np.unique(np.stack([columns, rows], axis=1), axis=0, return_counts=True)
    drawn = {
        (x, y): pixels(grid_tile(CROWD, zoom, x, y, chosen, palette=PALETTE) or b"")
        for x, y in {(int(c) >> 6, int(r) >> 6) for c, r in cells}
    }
    colours: dict[int, set[tuple[int, ...]]] = {}
    for (column, row), count in zip(cells.tolist(), counts.tolist(), strict=True):
        pixel = drawn[column >> 6, row >> 6][(row & 63) * 4, (column & 63) * 4]
        colours.setdefault(count, set()).add(tuple(int(v) for v in pixel))
    assert len(colours) > 1
    assert all(len(found) == 1 for found in colours.values())


def test_a_tile_does_not_depend_on_the_tiles_drawn_before() -> None:
    x, y = tile_of(114.0, 22.5, 12)
    first = grid_tile(CROWD, 12, x, y, SOME, palette=PALETTE)
    for zoom in (0, 12, 22):
        grid_tile(CROWD, zoom, *tile_of(LON[5], LAT[5], zoom), palette=PALETTE)
    assert grid_tile(CROWD, 12, x, y, SOME, palette=PALETTE) == first


def test_a_tile_without_a_point_is_none_and_its_picture_is_clear() -> None:
    assert grid_tile(CROWD, 12, 0, 0, palette=PALETTE) is None
    assert (pixels(empty_grid_tile())[:, :, 3] == 0).all()
    assert len(empty_grid_tile()) < 400


# ---------------------------------------------------------------- scale


def test_a_scale_says_how_large_a_cell_is_and_how_full_the_fullest() -> None:
    levels = scale(CROWD, 12)
    assert levels.cell_m == pytest.approx(40_075_016.686 * np.cos(np.radians(22.5)) / 2**18, rel=1e-3)
    assert levels.high == CROWD.cells(18).counts.max()


@given(st.integers(1, 10**9), st.integers(2, 12))
def test_bounds_of_a_count_begin_at_one_and_are_at_most_as_many_as_there_are_colours(high: int, steps_: int) -> None:
    from geo.tiles import _lowers

    lowers = _lowers(1, high, steps_)
    assert lowers[0] == 1
    assert len(lowers) <= steps_
    assert lowers[-1] <= high
    assert list(lowers) == sorted(set(lowers))


@given(st.integers(1, 10**17), st.integers(0, 10**17), st.integers(2, 9))
def test_bounds_of_a_sum_reach_from_the_least_to_the_most(low: int, more: int, steps_: int) -> None:
    from geo.tiles import _lowers

    lowers = _lowers(low, low + more, steps_)
    assert lowers[0] <= low
    assert lowers[-1] <= low + more
    assert len(lowers) <= steps_


def test_a_number_at_a_bound_belongs_to_the_class_that_begins_there() -> None:
    levels = Scale(3, "count", (1, 10, 100), 250, 1.0)
    assert levels.classes(np.array([-5, 0, 1, 9, 10, 99, 100, 10**6])).tolist() == [0, 0, 0, 0, 1, 1, 2, 2]


def test_losses_have_a_class_too() -> None:
    p = PointPyramid.build([114, 115], [22, 22], [0, 0], observations=([0, 1], [2021, 2021], [-5, -7]))
    levels = scale(p, 5, PointFilter(year=2021), measure="sum")
    assert (levels.high, levels.lowers) == (-5, (1,))
    assert grid_tile(p, 5, *tile_of(114, 22, 5), PointFilter(year=2021), palette=PALETTE, measure="sum")


def test_a_scale_of_nothing_has_no_class() -> None:
    levels = scale(CROWD, 5, PointFilter.choose(category=[]))
    assert (levels.lowers, levels.high, np.isnan(levels.cell_m)) == ((), 0, True)


def test_a_sum_without_a_year_is_refused() -> None:
    with pytest.raises(PyramidError, match="needs a year"):
        scale(CROWD, 5, measure="sum")


@pytest.mark.parametrize("zoom", [-1, 23])
def test_a_zoom_out_of_range_is_refused(zoom: int) -> None:
    for draw in (lambda: scale(CROWD, zoom), lambda: point_tile(CROWD, zoom, 0, 0)):
        with pytest.raises(PyramidError, match="0 to 22"):
            draw()


# ---------------------------------------------------------------- vector tiles


def decoded(tile: bytes, folder: Path) -> dict[int, tuple[int, int, str]]:
    """Place in the tile and category of each feature, as GDAL reads them (its y grows to the north)."""
    file = folder / "tile.pbf"
    file.write_bytes(tile)
    table = pyogrio.read_dataframe(file, CLIP="NO")  # with the margin
    points = zip(table["mvt_id"], table.geometry.x, table.geometry.y, table["c"], strict=True)
    return {int(i): (round(x), 4096 - round(y), c) for i, x, y, c in points}


@pytest.mark.parametrize("zoom", [0, 6, 11, 14, 18, 22])
@pytest.mark.parametrize("chosen", FILTERS[:3])
def test_gdal_reads_the_points_of_a_tile_and_its_margin(zoom: int, chosen: PointFilter, tmp_path: Path) -> None:
    keep = np.flatnonzero(keeps(chosen))
    columns, rows = steps(LON[keep], LAT[keep])
    side = 28 - zoom
    for row in (0, 7, 99):
        x, y = near(zoom, (row, 0, 0))
        tile = point_tile(CROWD, zoom, x, y, chosen, categories=["S01", "S02", "S03"])
        place_x, place_y = ((columns - (x << side)) * 4096) >> side, ((rows - (y << side)) * 4096) >> side
        inside = (place_x >= -64) & (place_x < 4160) & (place_y >= -64) & (place_y < 4160)
        names = np.array(["S01", "S02", "S03", ""])[CATEGORY[keep]]
        expected = {
            int(i): (int(a), int(b), str(c))
            for i, a, b, c in zip(keep[inside], place_x[inside], place_y[inside], names[inside], strict=True)
        }
        if not expected:
            assert tile is None
            continue
        assert tile is not None
        assert decoded(tile, tmp_path) == expected


def test_a_point_at_an_edge_is_in_both_tiles(tmp_path: Path) -> None:
    p = PointPyramid.build([0.0], [-1e-9], [0])
    right, left = point_tile(p, 5, 16, 16, categories=["a"]), point_tile(p, 5, 15, 16, categories=["a"])
    assert right is not None
    assert left is not None
    assert decoded(right, tmp_path) == {0: (0, 0, "a")}
    assert decoded(left, tmp_path) == {0: (4096, 0, "a")}


def test_the_world_ends_at_its_edge() -> None:
    p = PointPyramid.build([180.0, -180.0], [0.1, 0.1], [0, 0])
    assert point_tile(p, 0, 0, 0) is not None
    for x in (0, 7):
        assert point_tile(p, 3, x, 3) is not None


def test_a_tile_without_a_point_has_no_bytes() -> None:
    assert point_tile(CROWD, 12, 0, 0) is None


def test_codes_serve_where_categories_have_no_names(tmp_path: Path) -> None:
    tile = point_tile(CROWD, 0, 0, 0, layer="firms")
    assert tile is not None
    file = tmp_path / "tile.pbf"
    file.write_bytes(tile)
    table = pyogrio.read_dataframe(file, layer="firms", CLIP="NO")
    assert_array_equal(table.set_index("mvt_id")["c"].sort_index().to_numpy(), CATEGORY)


@given(
    st.lists(
        st.tuples(st.integers(0, 2**32 - 1), st.integers(-64, 4159), st.integers(-64, 4159), st.integers(0, 255)),
        min_size=1,
        max_size=20,
        unique_by=lambda f: f[0],
    )
)
@settings(max_examples=40)
def test_gdal_reads_any_id_place_and_category(tmp_path_factory, features) -> None:
    ids, x, y, value = (np.array(column) for column in zip(*features, strict=True))
    tile = encode_points("p", ids, x, y, value, key="c", values=[f"名{i}" for i in range(256)])
    found = decoded(tile, tmp_path_factory.mktemp("mvt"))
    assert found == {i: (a, b, f"名{c}") for i, a, b, c in features}


# ---------------------------------------------------------------- a picture for a document


@pytest.mark.parametrize("chosen", FILTERS)
def test_a_picture_is_the_tiles_of_its_zoom_side_by_side(chosen: PointFilter) -> None:
    zoom, bounds = 11, (113.95, 22.45, 114.1, 22.55)
    png, (west, south, east, north) = grid_picture(CROWD, zoom, bounds, chosen, palette=PALETTE)
    assert west <= bounds[0]
    assert south <= bounds[1]
    assert east >= bounds[2]
    assert north >= bounds[3]
    image = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))
    cell = 360 / 2**zoom / 64
    assert image.shape[1] == round((east - west) / cell)
    for row in range(0, N, 97):
        if not (bounds[0] < LON[row] < bounds[2] and bounds[1] < LAT[row] < bounds[3]):
            continue
        x, y = tile_of(LON[row], LAT[row], zoom)
        tile = grid_tile(CROWD, zoom, x, y, chosen, palette=PALETTE)
        column, line = (int(v) >> (28 - zoom - 6) for v in steps(LON[row], LAT[row]))
        left, top = (int(v) >> (28 - zoom - 6) for v in steps(bounds[0], bounds[3]))
        expected = [0, 0, 0, 0] if tile is None else pixels(tile)[(line % 64) * 4, (column % 64) * 4].tolist()
        assert image[line - top, column - left].tolist()[3] == expected[3]
        assert expected[3] == 0 or image[line - top, column - left].tolist() == expected


def test_a_picture_of_an_empty_area_is_clear() -> None:
    png, _ = grid_picture(CROWD, 9, (10.0, 50.0, 11.0, 51.0), palette=PALETTE)
    assert not np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))[..., 3].any()

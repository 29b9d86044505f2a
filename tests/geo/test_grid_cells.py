from fractions import Fraction

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.locate_soak import KINDS, slivers
from geo.grid_cells import FIRST_LIST, NOWHERE, edges_of, grid_over, side_of, table_of

SEEDS = st.integers(0, 2**32 - 1)


def first_float_of(cells_of, guess, cell, origin):
    """The lowest float that falls into a column or row: where the cast changes, not where the formula says so."""
    reach = 600 * np.spacing(max(abs(guess), abs(origin)))  # a guess near zero is as far off as its origin is coarse
    low, high = guess - reach, guess + reach
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if cells_of(np.array([middle])).astype(int)[0] >= cell else (middle, high)
    return high


def rectangles(grid):
    """For each column and row, its least and greatest float."""
    west = np.array(
        [
            first_float_of(grid.columns_of, grid.west + i / grid.columns_per_degree, i + 1, grid.west)
            for i in range(grid.columns + 1)
        ]
    )
    south = np.array(
        [
            first_float_of(grid.rows_of, grid.south + i / grid.rows_per_degree, i + 1, grid.south)
            for i in range(grid.rows + 1)
        ]
    )
    return west[:-1], np.nextafter(west[1:], -np.inf), south[:-1], np.nextafter(south[1:], -np.inf)


@example(slivers, 1224, 1_000)
@given(st.sampled_from(KINDS), SEEDS, st.sampled_from([16, 100, 1_000]))
@settings(max_examples=60, deadline=None)
def test_no_edge_meets_the_rectangle_of_a_cell_that_does_not_know_of_it(kind, seed, cells):
    check_marking(kind(np.random.default_rng(seed)), cells)


def check_marking(outlines, cells):
    edges = edges_of(outlines)
    grid = grid_over(edges, cells)
    if min(grid.columns, grid.rows) < 2:
        return
    table = table_of(grid, edges)
    west, east, south, north = rectangles(grid)
    lines = shapely.linestrings(np.stack([np.stack(edges[0:2], 1), np.stack(edges[2:4], 1)], axis=1))
    row, column = (places.ravel() for places in np.mgrid[0 : grid.rows, 0 : grid.columns])
    boxes = shapely.box(west[column], south[row], east[column], north[row])
    box, line = shapely.STRtree(lines).query(boxes, predicate="intersects")
    cell = (row[box] + 1) * grid.stride + column[box] + 1
    assert (table.cells[cell] <= FIRST_LIST).all()
    known = {
        (int(table.cells[c]), int(edge))
        for c in np.unique(cell)
        for entry in range(*table.list_start[[FIRST_LIST - table.cells[c], FIRST_LIST - table.cells[c] + 1]])
        for edge in table.side_edge[table.entry_start[entry] : table.entry_start[entry + 1]]
    }
    assert {(int(table.cells[c]), int(e)) for c, e in zip(cell, line, strict=True)} <= known


@given(st.sampled_from(KINDS), SEEDS, st.sampled_from([1, 16, 1_000]))
@settings(max_examples=60, deadline=None)
def test_reference_points_lie_in_their_cells_and_lists_know_which_areas_hold_them(kind, seed, cells):
    outlines = kind(np.random.default_rng(seed))
    outlines = outlines[shapely.is_valid(outlines)]
    edges = edges_of(outlines)
    grid = grid_over(edges, cells)
    table = table_of(grid, edges)
    column, row = np.arange(1, grid.columns + 1), np.arange(1, grid.rows + 1)
    assert grid.columns_of(grid.reference_x[column]).astype(int).tolist() == column.tolist()
    assert grid.rows_of(grid.reference_y[row]).astype(int).tolist() == row.tolist()
    for cell, said in enumerate(table.cells.tolist()):
        r, c = divmod(cell, grid.stride)
        if r not in row or c not in column:
            assert said == NOWHERE
            continue
        if cell % 7:  # a part is enough
            continue
        holds = shapely.intersects_xy(outlines, grid.reference_x[c], grid.reference_y[r])
        if said > FIRST_LIST:
            assert np.flatnonzero(holds).tolist() == ([] if said == NOWHERE else [said])
            continue
        entries = slice(*table.list_start[[FIRST_LIST - said, FIRST_LIST - said + 1]])
        areas, sure = table.entry_area[entries], ~table.entry_doubtful[entries]
        assert (np.diff(areas) > 0).all()
        assert (table.entry_inside[entries] == holds[areas])[sure].all()
        assert set(np.flatnonzero(holds)) <= set(areas)


def test_a_diagonal_marks_the_cells_that_it_crosses_and_no_more_than_their_neighbors():
    triangle = np.array([shapely.Polygon([(0, 0), (8, 8), (8, 0)])])
    edges = edges_of(triangle)
    grid = grid_over(edges, 64)
    cells = table_of(grid, edges).cells.reshape(grid.rows + 2, grid.stride)[1:-1, 1:-1]
    assert grid.columns == grid.rows == 8
    assert (cells.diagonal() <= FIRST_LIST).all()
    assert (cells[np.tril_indices(8, -2)] == NOWHERE).all()
    row, column = np.triu_indices(8, 2)
    assert (cells[row, column][(row > 0) & (column < 7)] == 0).all()  # the outline runs along the outermost cells


def test_areas_that_lie_over_each_other_share_one_list_along_a_row():
    stacked = np.array([shapely.box(0, 0, 100, 100)] * 2)
    edges = edges_of(stacked)
    grid = grid_over(edges, 100 * 100)
    table = table_of(grid, edges)
    assert (table.cells.reshape(102, 102)[2:-2, 3:-3] <= FIRST_LIST).all()
    assert len(table.list_start) - 1 < 4 * 100 + 3 * 100


@given(*[st.floats(-180, 180) | st.integers(-3, 3).map(float)] * 6)
@settings(max_examples=300)
def test_a_sign_that_is_not_in_doubt_is_that_of_exact_arithmetic(ax, ay, bx, by, x, y):
    exact = (Fraction(bx) - Fraction(ax)) * (Fraction(y) - Fraction(ay)) - (Fraction(by) - Fraction(ay)) * (
        Fraction(x) - Fraction(ax)
    )
    turn, doubtful = side_of(*np.array([[ax], [ay], [bx], [by], [x], [y]]))
    assert doubtful[0] or np.sign(turn[0]) == (exact > 0) - (exact < 0)


@pytest.mark.parametrize("along", [0.1, 0.3, 0.7, 1 / 3])
def test_signs_beside_an_interpolated_point_are_exact_or_in_doubt(along):
    ax, ay, bx, by = 113.9, 22.5, 114.123456, 22.71
    near_x = ax + along * (bx - ax) + np.arange(-50, 51) * np.spacing(114.0)
    y = ay + along * (by - ay)
    turn, doubtful = side_of(*(np.full(101, each) for each in (ax, ay, bx, by)), near_x, np.full(101, y))
    exact = [
        (Fraction(bx) - Fraction(ax)) * (Fraction(y) - Fraction(ay))
        - (Fraction(by) - Fraction(ay)) * (Fraction(x) - Fraction(ax))
        for x in near_x
    ]
    signs = np.array([(each > 0) - (each < 0) for each in exact])
    assert (doubtful | (np.sign(turn) == signs)).all()
    assert doubtful.sum() <= 1


@given(SEEDS, st.sampled_from([9, 100, 400]))
@settings(max_examples=60, deadline=None)
def test_edges_through_the_corners_of_cells_are_known_on_all_sides(seed, cells):
    rng = np.random.default_rng(seed)
    low, high = rng.uniform(1, 2, 2), rng.uniform(100, 101, 2)
    frame = np.array([shapely.box(*low, *high)])
    west, east, south, north = rectangles(grid_over(edges_of(frame), cells))  # bounds decide, so the next has the same
    corners = np.column_stack([rng.choice([*west, *east], 40), rng.choice([*south, *north], 40)])
    starts = rng.uniform(low, high, (40, 2))
    ends = np.clip(starts + (corners - starts) * rng.choice([1.5, 2, 3], (40, 1)), low, high)
    triangles = np.array([shapely.Polygon(each) for each in np.stack([starts, ends, corners.mean(0) + 0 * ends], 1)])
    check_marking(np.array([*frame, *triangles]), cells)

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.locate_soak import CELLS, KINDS, disagreements, hard_points, shapely_says, soak
from geo.errors import GeoError
from geo.grid_index import AreaIndex

SEEDS = st.integers(0, 2**32 - 1)
STEPS = st.integers(0, 6).map(float)
NEAR_STEPS = st.tuples(STEPS, st.integers(-2, 2)).map(lambda at: float(at[0] + at[1] * np.spacing(at[0] or 1.0)))
RINGS = st.lists(st.tuples(STEPS | NEAR_STEPS, STEPS | NEAR_STEPS), min_size=3, max_size=9)


def names(outlines):
    return [f"{i:03d}" for i in range(len(outlines))]


def test_a_short_campaign_finds_no_disagreement_with_shapely():
    soaked = soak(200_000, np.random.default_rng(1), per_world=4_000)
    assert soaked.points >= 200_000
    assert soaked.on_edges > 5_000
    assert soaked.disagreements == 0


@given(st.sampled_from(KINDS), SEEDS, st.sampled_from(CELLS))
@settings(max_examples=60, deadline=None)
def test_hard_points_on_hard_outlines_are_answered_as_by_shapely(kind, seed, cells):
    rng = np.random.default_rng(seed)
    outlines = kind(rng)
    outlines = outlines[shapely.is_valid(outlines)]
    if not len(outlines):
        return
    index = AreaIndex(outlines, names(outlines), cells=cells)
    x, y = hard_points(index, outlines, 400, rng)
    assert not disagreements(index, x, y, shapely_says(outlines, x, y)[0]).any()


@given(st.lists(RINGS, min_size=1, max_size=5), st.sampled_from([1, 4, 9, 36, 144, None]))
@settings(max_examples=300, deadline=None)
def test_small_shapes_on_a_lattice_are_answered_as_by_shapely(rings, cells):
    outlines = np.array([shapely.Polygon(ring) for ring in rings])
    outlines = outlines[shapely.is_valid(outlines)]
    if not len(outlines):
        return
    index = AreaIndex(outlines, names(outlines), cells=cells)
    vertices = shapely.get_coordinates(outlines)
    quarters = np.stack(np.meshgrid(np.arange(-1, 28) / 4, np.arange(-1, 28) / 4), axis=-1).reshape(-1, 2)
    crossed = np.stack(np.meshgrid(vertices[:, 0], vertices[:, 1]), axis=-1).reshape(-1, 2)
    middles = (vertices[1:] + vertices[:-1]) / 2
    x, y = np.concatenate([vertices, quarters, crossed, middles]).T
    assert not disagreements(index, x, y, shapely_says(outlines, x, y)[0]).any()


@given(SEEDS, st.sampled_from([1, 4, 16, 64]))
@settings(max_examples=200, deadline=None)
def test_vertices_on_reference_points_and_their_lines_lead_nobody_astray(seed, cells):
    rng = np.random.default_rng(seed)
    whole = shapely.box(1, 1, 2, 2)
    grid = AreaIndex([whole], ["0"], cells=cells).grid  # bounds and cells decide, so the next has the same
    columns, rows = grid.reference_x[1:-1], grid.reference_y[1:-1]
    rings = np.stack([rng.choice([1.0, 1.3, 2.0, *columns], (6, 5)), rng.choice([1.0, 1.6, 2.0, *rows], (6, 5))], -1)
    beside = rng.integers(-1, 2, rings.shape) * np.spacing(rings) * rng.integers(0, 2, (6, 1, 1))  # or a float off
    shapes = np.array([shapely.Polygon(ring).convex_hull for ring in np.clip(rings + beside, 1, 2)])
    outlines = np.array([whole, *shapes[shapely.get_dimensions(shapes) == 2]])
    index = AreaIndex(outlines, names(outlines), cells=cells)
    vertices = shapely.get_coordinates(outlines)
    crossed = np.stack(np.meshgrid([*columns, 1.31], [*rows, 1.59]), axis=-1).reshape(-1, 2)
    near = np.concatenate(
        [vertices, rng.permuted(vertices, axis=0), np.column_stack([rng.uniform(1, 2, len(vertices)), vertices[:, 1]])]
    )
    near = np.concatenate([near, near + np.spacing(near), near - np.spacing(near)])
    x, y = np.concatenate([crossed, rng.uniform(1, 2, (200, 2)), near]).T
    assert not disagreements(index, x, y, shapely_says(outlines, x, y)[0]).any()


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_split_boxes_leave_no_gap_and_give_every_shared_edge_to_the_lower(seed):
    rng = np.random.default_rng(seed)
    x_cuts, y_cuts = (np.unique(np.round(rng.uniform(low, low + 2, 5), 6)) for low in (113, 22))
    west, south = (each.ravel() for each in np.meshgrid(x_cuts[:-1], y_cuts[:-1]))
    east, north = (each.ravel() for each in np.meshgrid(x_cuts[1:], y_cuts[1:]))
    index = AreaIndex(shapely.box(west, south, east, north), [f"{i:03d}" for i in range(len(west))])
    x = rng.choice([*x_cuts, *rng.uniform(x_cuts[0], x_cuts[-1], 5)], 500)
    y = rng.choice([*y_cuts, *rng.uniform(y_cuts[0], y_cuts[-1], 5)], 500)
    inside = (west[:, None] <= x) & (x <= east[:, None]) & (south[:, None] <= y) & (y <= north[:, None])
    assert inside.any(axis=0).all()
    assert index.locate(x, y).tolist() == inside.argmax(axis=0).tolist()


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_the_order_of_points_does_not_matter_nor_how_many_are_asked_at_once(seed):
    rng = np.random.default_rng(seed)
    outlines = KINDS[4](rng)
    index = AreaIndex(outlines, names(outlines))
    x, y = hard_points(index, outlines, 300, rng)
    codes, shuffled = index.locate(x, y), rng.permutation(len(x))
    assert index.locate(x[shuffled], y[shuffled]).tolist() == codes[shuffled].tolist()
    assert [int(index.locate(*place)[0]) for place in zip(x[:40], y[:40], strict=True)] == codes[:40].tolist()


@pytest.mark.parametrize("cells", [1, 100, None])
def test_what_is_no_position_is_nowhere(cells):
    index = AreaIndex([shapely.box(-200, -100, 200, 100)], ["all"], cells=cells)
    strange = [np.nan, np.inf, -np.inf, 1e308, -1e308, 180.5, -180.5]
    assert set(index.locate(strange, [0.0] * 7)) == {-1}
    assert set(index.locate([0.0] * 7, [*strange[:5], 90.5, -90.5])) == {-1}
    assert index.memberships(strange, [0.0] * 7).offsets.tolist() == [0] * 8
    assert index.locate([180.0, -180.0, 0], [90.0, -90.0, 0]).tolist() == [0, 0, 0]


@pytest.mark.parametrize("cells", [1, 100, None])
def test_strange_coordinates_are_nowhere_beside_a_small_area_too(cells):
    index = AreaIndex([shapely.box(114, 22, 114.1, 22.1)], ["A"], cells=cells)
    strange = [np.nan, np.inf, -np.inf, 1e308, -1e308, 5e-324, 113.99999]
    assert set(index.locate(strange, [22.05] * 7)) == {-1}
    assert set(index.locate([114.05] * 7, strange)) == {-1}


def test_memberships_hold_every_park_in_ascending_order():
    index = AreaIndex([shapely.box(1, 1, 3, 3), shapely.box(0, 0, 2, 2), shapely.box(0, 0, 2, 2)], ["c", "b", "a"])
    found = index.memberships([1.5, 0.5, 2.5, 9.0, 2.0], [1.5, 0.5, 2.5, 9.0, 2.0])
    assert index.area_ids.tolist() == ["a", "b", "c"]
    assert found.offsets.tolist() == [0, 3, 5, 6, 6, 9]
    assert found.codes.tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2]


def test_more_points_than_a_block_keep_their_order():
    index = AreaIndex([shapely.box(0, 0, 1, 1), shapely.Point(0.5, 0.5).buffer(0.3)], ["A", "B"])
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-0.1, 1.1, (2, 100_000))
    holds = np.array(
        [(x >= 0) & (x <= 1) & (y >= 0) & (y <= 1), shapely.intersects_xy(shapely.Point(0.5, 0.5).buffer(0.3), x, y)]
    )
    assert not disagreements(index, x, y, holds).any()


def test_many_threads_may_ask_one_index_even_about_edges():
    outlines = KINDS[4](np.random.default_rng(11))
    index = AreaIndex(outlines, names(outlines))
    x, y = np.tile(shapely.get_coordinates(outlines).T, 50)
    expected = AreaIndex(outlines, names(outlines)).locate(x, y).tolist()
    with ThreadPoolExecutor(8) as pool:
        assert all(codes.tolist() == expected for codes in pool.map(lambda _: index.locate(x, y), range(16)))


@pytest.mark.parametrize("width", [0.0, 5e-324, 1e-310, 1e-300, 1e-200, 1e-13])
def test_an_outline_almost_without_width_is_answered(width):
    thin = shapely.Polygon([(0, 0), (width, 0), (width, 1), (0, 1)])
    index = AreaIndex([thin], ["A"])
    x = np.array([0.0, width, -1e-9, 1.0, width / 2, -width])
    y = np.full(6, 0.5)
    shapely.prepare(thin)
    assert (index.locate(x, y) >= 0).tolist() == shapely.intersects_xy(thin, x, y).tolist()


def test_what_is_not_a_polygon_or_not_a_degree_is_refused():
    with pytest.raises(GeoError, match="LineString"):
        AreaIndex([shapely.LineString([(0, 0), (1, 1)])], ["A"])
    for x in (np.nan, np.inf, 1e7):
        with np.errstate(invalid="ignore"):
            outline = shapely.Polygon([(0, 0), (1, 0), (x, 1)])
        with pytest.raises(GeoError, match="coordinate"):
            AreaIndex([outline], ["A"])
    with pytest.raises(GeoError, match="one for each id"):
        AreaIndex([shapely.box(0, 0, 1, 1)], ["A", "B"])
    with pytest.raises(GeoError, match="one length"):
        AreaIndex([shapely.box(0, 0, 1, 1)], ["A"]).locate([1.0, 2.0], [1.0])

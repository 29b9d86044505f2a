"""Weights of pairs near the border, against closed forms, rasters of points on circles, and rectangles by hand."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, affinity, box

from clusters.edge_correction import Overlap, check_inside, exact_overlap, pair_weights, study_area
from clusters.errors import BadValue, UnknownCorrection
from clusters.point_pairs import pair_blocks

ELL = Polygon([(0, 0), (10, 0), (10, 4), (4, 4), (4, 9), (0, 9)])
HOLED = Polygon([(0, 0), (12, 1), (11, 8), (5, 10), (1, 7)], [[(4, 3), (4, 5), (6, 6), (7, 3)]])
TWO_PARTS = MultiPolygon([box(0, 0, 4, 4), affinity.rotate(box(6, 0, 12, 5), 20)])
RECTANGLE = box(0, 0, 10, 7)
WITH_A_VERTEX_MORE = Polygon([(0, 0), (10, 0), (10, 7), (4, 7), (0, 7)])


def points_inside(outline: Polygon | MultiPolygon, count: int, rng: np.random.Generator) -> np.ndarray:
    west, south, east, north = outline.bounds
    drawn = rng.uniform((west, south), (east, north), (50 * count, 2))
    return drawn[shapely.contains_xy(outline, *drawn.T)][:count].T


def weights(
    outline: Polygon | MultiPolygon, correction: str, x: np.ndarray, y: np.ndarray, within: float
) -> np.ndarray:
    weigh = pair_weights(outline, correction, within_m=within, pairs=len(x) ** 2)
    return np.concatenate([weigh(block, x, y) for block in pair_blocks(x, y, within)])


def test_translation_by_hand() -> None:
    """Moved by (2, 3) a rectangle of 10 by 7 keeps 8 by 4 of its 70, so that a pair counts for 70 / 32, twice."""
    x, y = np.array([1.0, 3.0]), np.array([1.0, 4.0])
    assert weights(RECTANGLE, "translation", x, y, 5.0) == pytest.approx([2 * 70 / 32], rel=1e-14)


@pytest.mark.parametrize(
    ("one", "other", "weight"),
    [
        ((0, 0), (3, 0), 4 + 2),  # around a corner a quarter is inside, around a point of an edge half
        ((5, 0), (5, 3), 2 + 1),  # the second circle touches the edge from inside
        ((5, 3.5), (6, 3.5), 1 + 1),
        ((1, 3.5), (3, 3.5), 3 / 2 + 1),  # a chord at half the radius hides the arc of 120 degrees
    ],
)  # fmt: skip
def test_isotropic_by_hand(one: tuple[float, float], other: tuple[float, float], weight: float) -> None:
    x, y = np.array([one, other], dtype=float).T
    assert weights(RECTANGLE, "isotropic", x, y, 9.0) == pytest.approx([weight], rel=1e-12)


def overlap_of_the_ell(dx: float, dy: float) -> float:
    """Both legs with both moved legs: the L is two rectangles that only touch."""
    legs = [(0, 0, 10, 4), (0, 4, 4, 9)]
    area = 0.0
    for a in legs:
        for b in legs:
            wide = min(a[2], b[2] + dx) - max(a[0], b[0] + dx)
            high = min(a[3], b[3] + dy) - max(a[1], b[1] + dy)
            area += max(0.0, wide) * max(0.0, high)
    return area / 60


@given(st.floats(-11, 11), st.floats(-11, 11))
def test_overlap_of_a_polygon_is_that_of_its_rectangles(dx: float, dy: float) -> None:
    assert exact_overlap(ELL, np.array([dx]), np.array([dy]))[0] == pytest.approx(overlap_of_the_ell(dx, dy), abs=1e-12)


@pytest.mark.parametrize("outline", [ELL, HOLED, TWO_PARTS, affinity.rotate(RECTANGLE, 17)])
def test_interpolated_overlaps_are_off_by_less_than_three_in_ten_thousand(outline: Polygon | MultiPolygon) -> None:
    overlap = Overlap(outline, 2.5)
    assert overlap.largest_error(np.random.default_rng(1)) < 3e-4
    rng = np.random.default_rng(2)
    angle, distance = rng.uniform(-np.pi, np.pi, 400), rng.uniform(0, 2.5, 400)
    dx, dy = distance * np.cos(angle), distance * np.sin(angle)
    assert np.abs(overlap(dx, dy) - exact_overlap(outline, dx, dy)).max() < 3e-4
    np.testing.assert_allclose(overlap(dx, dy), overlap(-dx, -dy), atol=1e-12)
    assert overlap(np.zeros(1), np.zeros(1)) == pytest.approx([1], abs=1e-12)


def test_billions_of_pairs_are_interpolated() -> None:
    """Their number times the vertices fits no 32 bits."""
    weigh = pair_weights(ELL, "translation", within_m=2.0, pairs=3 * 10**9)
    x, y = np.array([1.0, 2.0]), np.array([1.0, 2.5])
    (block,) = pair_blocks(x, y, 2.0)
    exact = 2 / overlap_of_the_ell(1.0, 1.5)
    assert weigh(block, x, y) != pytest.approx([exact], rel=1e-12)
    assert weigh(block, x, y) == pytest.approx([exact], rel=1e-3)


@pytest.mark.parametrize("correction", ["translation", "isotropic"])
def test_a_rectangle_with_closed_forms_weighs_as_one_without(correction: str) -> None:
    rng = np.random.default_rng(3)
    x, y = rng.uniform((0, 0), (10, 7), (60, 2)).T
    turned, points = (
        affinity.rotate(shape, 27, origin=(0, 0)) for shape in (RECTANGLE, shapely.MultiPoint(np.column_stack([x, y])))
    )
    closed = weights(RECTANGLE, correction, x, y, 6.0)
    cut = weights(turned, correction, *shapely.get_coordinates(points).T, 6.0)
    np.testing.assert_allclose(np.sort(closed), np.sort(cut), rtol=1e-9)
    np.testing.assert_array_equal(closed, weights(WITH_A_VERTEX_MORE, correction, x, y, 6.0))


@pytest.mark.parametrize("outline", [ELL, HOLED, TWO_PARTS])
def test_isotropic_shares_are_those_of_points_around_the_circle(outline: Polygon | MultiPolygon) -> None:
    x, y = points_inside(outline, 25, np.random.default_rng(4))
    turns = np.linspace(0, 2 * np.pi, 4_000, endpoint=False) + 1e-4
    expected = []
    for block in pair_blocks(x, y, 5.0):
        for i, j, d in zip(block.first, block.second, block.distance, strict=True):
            shares = [
                shapely.intersects_xy(outline, x[at] + d * np.cos(turns), y[at] + d * np.sin(turns)).mean()
                for at in (i, j)
            ]
            expected.append(1 / shares[0] + 1 / shares[1])
    np.testing.assert_allclose(weights(outline, "isotropic", x, y, 5.0), expected, rtol=2e-2)


def test_firms_at_one_place_weigh_one_each_way() -> None:
    x, y = np.full(2, 5.0), np.full(2, 3.0)
    for outline in (RECTANGLE, ELL):
        for correction in ("translation", "isotropic"):
            assert weights(outline, correction, x, y, 0.0) == pytest.approx([2])


def test_a_pair_without_a_share_inside_has_no_weight() -> None:
    x, y = np.array([0.0, 10.0]), np.array([0.0, 7.0])
    assert np.isnan(weights(RECTANGLE, "translation", x, y, 20.0)).all()


@pytest.mark.parametrize(
    "area",
    [(0, 0, 0, 1), (5, 0, 1, 1), (0, 0, 1), Polygon(), Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), (0, 0, np.nan, 1)],
)
def test_no_area_is_refused(area: object) -> None:
    with pytest.raises(BadValue, match="area"):
        study_area(area)


def test_points_outside_are_counted_and_those_on_the_edge_belong() -> None:
    check_inside(np.array([0.0, 10.0, 10.0005]), np.array([0.0, 4.0, 1.0]), ELL)
    with pytest.raises(BadValue, match=r"2 outside, first \(5.0, 5.0\) at 1"):
        check_inside(np.array([1.0, 5.0, 11.0]), np.array([1.0, 5.0, 1.0]), ELL)


def test_an_unknown_correction_is_refused() -> None:
    with pytest.raises(UnknownCorrection, match=r"'torus'.*none, translation, isotropic"):
        pair_weights(RECTANGLE, "torus", within_m=1.0)

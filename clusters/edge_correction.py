"""What do neighbors beyond the border count? Weights of pairs for a study area that ends.

A firm near the border has unseen neighbors outside, so pairs that the border hides often are counted for more. The
translation weight asks which share of the area still overlaps when the area is moved by the pair's step; the isotropic
weight, which share of the circle around one firm through the other lies inside. Both take what is outside to look like
what is inside, which the sea does not.

Rectangles have closed forms. For other outlines the isotropic weight intersects circles with every edge, and the
translation weight intersects the polygon with its moved self: for each pair where that work is small, else at nodes
over direction and distance, with straight lines between. ``Overlap`` says how far those lines are from the truth.
"""

from collections.abc import Callable
from typing import Literal, TypeAlias, get_args

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from clusters.errors import BadValue, UnknownCorrection
from clusters.point_pairs import Floats, Indices, PairBlock

Correction = Literal["none", "translation", "isotropic"]
Area: TypeAlias = Polygon | MultiPolygon | tuple[float, float, float, float]
Weigh = Callable[[PairBlock, Floats, Floats], Floats]  # of pairs, and of the x and y that their positions refer to

EXACT_WORK = 2_000_000  # pairs times vertices of the outline; more are interpolated
DISTANCES, DIRECTIONS = 25, 48  # nodes of the overlap: along a ray, and around half a turn
FEW_EDGES = 200  # an outline of so many edges has nodes in the direction of each
MOVED_VERTICES = 200_000  # of copies of the outline, made together
CROSSINGS = 1_000_000  # circles times edges looked at together
ON_EDGE_M = 1e-3


def study_area(area: Area) -> Polygon | MultiPolygon:
    """The area as a polygon.

    Parameters
    ----------
    area : Polygon, MultiPolygon or (west, south, east, north)
        In metres.

    Raises
    ------
    BadValue
        When it is no valid area of finite size above 0.
    """
    if isinstance(area, (Polygon, MultiPolygon)):
        outline = area
    elif len(area) == 4 and area[0] < area[2] and area[1] < area[3]:
        outline = shapely.box(*area)
    else:
        raise BadValue("area", area, "a polygon or (west, south, east, north) in metres")
    if not (outline.is_valid and outline.area > 0 and np.isfinite(outline.bounds).all()):
        raise BadValue("area", shapely.is_valid_reason(outline), "a valid polygon of finite area above 0")
    return outline


def check_inside(x: Floats, y: Floats, outline: Polygon | MultiPolygon) -> None:
    """Raise ``BadValue`` when a point lies more than a millimetre outside."""
    shapely.prepare(outline)
    outside = np.flatnonzero(~shapely.intersects_xy(outline, x, y))
    outside = outside[shapely.distance(outline, shapely.points(x[outside], y[outside])) > ON_EDGE_M]
    if outside.size:
        at = outside[0]
        raise BadValue("points", f"{outside.size} outside, first ({x[at]}, {y[at]}) at {at}", "points inside the area")


def pair_weights(
    outline: Polygon | MultiPolygon, correction: Correction, *, within_m: float, pairs: int | None = None
) -> Weigh | None:
    """How to weigh pairs that are counted in both orders: by the sum of the two weights.

    Parameters
    ----------
    outline : Polygon or MultiPolygon
    correction : {'none', 'translation', 'isotropic'}
    within_m : float
        The longest distance asked for.
    pairs : int, optional
        How many will be weighed; a few are weighed exactly. None when nobody knows: many.

    Returns
    -------
    callable or None
        None when every pair weighs 2. A weight is NaN where nothing of the overlap or circle is inside.

    Raises
    ------
    UnknownCorrection
    """
    if correction not in get_args(Correction):
        raise UnknownCorrection(correction, get_args(Correction))
    if correction == "none":
        return None
    rectangle = outline.equals(shapely.box(*outline.bounds))
    if correction == "translation":
        share = _rectangle_overlap(outline) if rectangle else _polygon_overlap(outline, within_m, pairs)
        return lambda block, x, y: 2 * _inverse(share(block.dx, block.dy))
    fraction = _rectangle_circles(outline) if rectangle else _polygon_circles(outline)

    def both_ways(block: PairBlock, x: Floats, y: Floats) -> Floats:
        first, second = (_inverse(fraction(x[end], y[end], block.distance)) for end in (block.first, block.second))
        return first + second

    return both_ways


# ---------------------------------------------------------------- translation


def _rectangle_overlap(outline: Polygon | MultiPolygon) -> Callable[[Floats, Floats], Floats]:
    west, south, east, north = outline.bounds

    def share(dx: Floats, dy: Floats) -> Floats:
        shares = np.maximum(0, 1 - np.abs(dx) / (east - west)) * np.maximum(0, 1 - np.abs(dy) / (north - south))
        return np.asarray(shares, np.float64)

    return share


def _polygon_overlap(
    outline: Polygon | MultiPolygon, within_m: float, pairs: int | None
) -> Callable[[Floats, Floats], Floats]:
    if pairs is not None and pairs * int(shapely.get_num_coordinates(outline)) <= EXACT_WORK:
        return lambda dx, dy: exact_overlap(outline, dx, dy)
    return Overlap(outline, within_m)


def exact_overlap(outline: Polygon | MultiPolygon, dx: Floats, dy: Floats) -> Floats:
    """Share of the area that is still inside when the area is moved by each step."""
    vertices = shapely.get_coordinates(outline)
    shares = np.empty(len(dx))
    for part in np.array_split(np.arange(len(dx)), max(1, -(-len(dx) * len(vertices) // MOVED_VERTICES))):
        steps = np.column_stack([dx[part], dy[part]])
        moved = (vertices + steps[:, np.newaxis, :]).reshape(-1, 2)
        copies = shapely.set_coordinates(np.full(len(part), outline, dtype=object), moved)
        shares[part] = shapely.area(shapely.intersection(outline, copies))
    return np.asarray(shares / outline.area, np.float64)


class Overlap:
    """Share of an area that still overlaps after a step, from exact shares at nodes of direction and distance.

    Along a ray from 0 the share of a polygon bends gently, and at 0 it is exactly 1; around the ray it bends at the
    directions of the outline's edges, so each of them is a node when they are few.

    Parameters
    ----------
    outline : Polygon or MultiPolygon
    within_m : float
        The longest step.

    Notes
    -----
    ``largest_error`` is measured: the largest difference from the exact share at the middles of 200 cells. A weight is
    the inverse of a share, so its relative error is that difference over the share.
    """

    def __init__(self, outline: Polygon | MultiPolygon, within_m: float) -> None:
        self.distances = np.linspace(0, max(within_m, np.finfo(float).tiny), DISTANCES)
        self.directions = _directions(outline)
        angle, distance = (part.ravel() for part in np.meshgrid(self.directions, self.distances, indexing="ij"))
        exact = exact_overlap(outline, distance * np.cos(angle), distance * np.sin(angle))
        self.shares = exact.reshape(len(self.directions), DISTANCES)
        self.outline = outline

    def __call__(self, dx: Floats, dy: Floats) -> Floats:
        """Share for each step."""
        angle, distance = np.arctan2(dy, dx) % np.pi, np.sqrt(dx * dx + dy * dy)
        row = np.clip(np.searchsorted(self.directions, angle, side="right") - 1, 0, len(self.directions) - 2)
        turn = (angle - self.directions[row]) / (self.directions[row + 1] - self.directions[row])
        along = distance / self.distances[1]
        column = np.clip(along.astype(np.intp), 1, DISTANCES - 2)
        along -= column
        before, at, after = (
            (1 - turn) * self.shares[row, column + step] + turn * self.shares[row + 1, column + step]
            for step in (-1, 0, 1)
        )
        return np.asarray(at + along * (after - before) / 2 + along**2 * (after - 2 * at + before) / 2, np.float64)

    def largest_error(self, rng: np.random.Generator) -> float:
        """The largest difference from the exact share at the middles of 200 cells."""
        rows = rng.integers(0, len(self.directions) - 1, 200)
        angle = (self.directions[rows] + self.directions[rows + 1]) / 2
        distance = (rng.integers(0, DISTANCES - 1, 200) + 0.5) * self.distances[1]
        dx, dy = distance * np.cos(angle), distance * np.sin(angle)
        return float(np.abs(self(dx, dy) - exact_overlap(self.outline, dx, dy)).max())


def _directions(outline: Polygon | MultiPolygon) -> Floats:
    """Nodes from 0 to half a turn, both included: a step and its opposite overlap alike."""
    start, end = _edges(outline)
    nodes = np.linspace(0, np.pi, DIRECTIONS + 1)
    if len(start) <= FEW_EDGES:
        edges = np.arctan2(*(end - start).T[::-1]) % np.pi
        nodes = np.sort(np.concatenate([nodes, edges]))
        nodes = nodes[np.concatenate([[True], np.diff(nodes) > 1e-9])]
    nodes[-1] = np.pi
    return np.asarray(nodes, np.float64)


# ---------------------------------------------------------------- isotropic


def _rectangle_circles(outline: Polygon | MultiPolygon) -> Callable[[Floats, Floats, Floats], Floats]:
    west, south, east, north = outline.bounds

    def fraction(x: Floats, y: Floats, radius: Floats) -> Floats:
        safe = np.where(radius > 0, radius, 1)
        beside, above = (np.stack(pair) for pair in ([x - west, east - x], [y - south, north - y]))
        angle_x, angle_y = (np.arccos(np.clip(gap / safe, 0, 1)) for gap in (beside, above))
        hidden = 2 * (angle_x.sum(axis=0) + angle_y.sum(axis=0))
        for p, angle_p in zip(beside, angle_x, strict=True):
            for q, angle_q in zip(above, angle_y, strict=True):
                hidden -= np.where(p * p + q * q < radius * radius, angle_p + angle_q - np.pi / 2, 0)
        return np.asarray(np.where(radius > 0, 1 - hidden / (2 * np.pi), 1), np.float64)

    return fraction


def _polygon_circles(outline: Polygon | MultiPolygon) -> Callable[[Floats, Floats, Floats], Floats]:
    shapely.prepare(outline)
    border = outline.boundary
    shapely.prepare(border)
    start, end = _edges(outline)

    def fraction(x: Floats, y: Floats, radius: Floats) -> Floats:
        inside = np.ones(len(x))
        places, place = np.unique(np.column_stack([x, y]), axis=0, return_inverse=True)
        reach = shapely.distance(border, shapely.points(places))[place.ravel()]
        crossing = np.flatnonzero(reach < radius)
        for part in np.array_split(crossing, max(1, -(-len(crossing) * len(start) // CROSSINGS))):
            inside[part] = _arcs_inside(outline, start, end, np.column_stack([x[part], y[part]]), radius[part])
        return inside

    return fraction


def _arcs_inside(outline: Polygon | MultiPolygon, start: Floats, end: Floats, center: Floats, radius: Floats) -> Floats:
    """Fraction of each circle inside: cut where it meets an edge, and each arc asked at its middle."""
    circle, angle = _crossings(start, end, center, radius)
    circle = np.concatenate([np.arange(len(radius)), circle])  # a cut at 0, so that every circle has an arc
    angle = np.concatenate([np.zeros(len(radius)), angle])
    order = np.lexsort([angle, circle])
    circle, angle = circle[order], angle[order]
    last = np.append(circle[1:] != circle[:-1], True)
    until = np.where(last, 2 * np.pi, np.append(angle[1:], 0))
    middle, width = (angle + until) / 2, until - angle
    x, y = center[circle, 0] + radius[circle] * np.cos(middle), center[circle, 1] + radius[circle] * np.sin(middle)
    width[~shapely.intersects_xy(outline, x, y)] = 0
    return np.bincount(circle, width, minlength=len(radius)) / (2 * np.pi)


def _crossings(start: Floats, end: Floats, center: Floats, radius: Floats) -> tuple[Indices, Floats]:
    """Circles and the angles, from 0 to a whole turn, where they meet an edge."""
    along = end - start
    length = np.sqrt((along**2).sum(axis=1))
    along = along / length[:, np.newaxis]
    offset = center[:, np.newaxis, :] - start
    foot = (offset * along).sum(axis=2)  # along the edge, below the center
    aside = offset[..., 1] * along[:, 0] - offset[..., 0] * along[:, 1]
    half_chord = np.sqrt(np.maximum(0, radius[:, np.newaxis] ** 2 - aside**2))
    circles, angles = [], []
    for at in (foot - half_chord, foot + half_chord):
        circle, edge = np.nonzero((half_chord > 0) & (at >= 0) & (at <= length))
        dx, dy = (start[edge] + at[circle, edge, np.newaxis] * along[edge] - center[circle]).T
        circles.append(circle)
        angles.append(np.arctan2(dy, dx) % (2 * np.pi))
    return np.concatenate(circles), np.concatenate(angles)


def _edges(outline: Polygon | MultiPolygon) -> tuple[Floats, Floats]:
    """Both ends of every edge of every ring."""
    rings: NDArray[np.object_] = shapely.get_rings(shapely.get_parts(outline))
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    joined = (ring[1:] == ring[:-1]) & (vertices[1:] != vertices[:-1]).any(axis=1)
    return vertices[:-1][joined], vertices[1:][joined]


def _inverse(share: Floats) -> Floats:
    return np.asarray(1 / np.where(share > 0, share, np.nan))

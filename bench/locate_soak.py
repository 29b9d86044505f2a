"""Hard points on hard outlines, each answer beside Shapely's; one disagreement ends the run.

``python -m bench.locate_soak [points]`` asks ten million by default. Half of all points are made to be difficult: on
vertices and edges, a float beside them, on the lines between cells and on the lines through their reference points.
"""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.boundaries import load_units
from geo.crs import on_globe
from geo.grid_index import AreaIndex

Floats = NDArray[np.float64]
Outlines = NDArray[Any]

CELLS = (None, 1, 16, 256, 4096, 2**16)
POINTS_PER_WORLD = 20_000


class Soaked(NamedTuple):
    """What a campaign asked and how often the answers differed."""

    worlds: int
    points: int
    on_edges: int
    disagreements: int


def soak(points: int, rng: np.random.Generator, *, per_world: int = POINTS_PER_WORLD, compiled: bool = False) -> Soaked:
    """Ask at least so many points over worlds of every kind, in turn, and compare all answers.

    Parameters
    ----------
    points : int
        How many at least.
    rng : numpy.random.Generator
        The only source of chance.
    per_world : int, optional
        Points for each set of outlines.
    compiled : bool, optional
        Whether the compiled kernel answers too.

    Returns
    -------
    Soaked
        Totals; `disagreements` counts points whose owner or memberships differ from Shapely's, by any of the ways.
    """
    worlds = asked = on_edges = wrong = 0
    for outlines in _worlds(rng):
        if asked >= points:
            break
        index = AreaIndex(outlines, _names(len(outlines)), cells=CELLS[worlds % len(CELLS)])
        x, y = hard_points(index, outlines, per_world, rng)
        holds, edge = shapely_says(outlines, x, y)
        wrong += int(disagreements(index, x, y, holds, compiled=compiled).sum())
        worlds, asked, on_edges = worlds + 1, asked + len(x), on_edges + int(edge.sum())
    return Soaked(worlds, asked, on_edges, wrong)


def disagreements(
    index: AreaIndex, x: Floats, y: Floats, holds: NDArray[np.bool_], *, compiled: bool = False
) -> NDArray[np.bool_]:
    """Points whose owner or memberships are not what a table (area, point) of truths says."""
    owner = np.where(holds.any(axis=0), holds.argmax(axis=0), -1)
    wrong = index.locate(x, y, compiled=False) != owner
    if compiled:
        wrong |= index.locate(x, y, compiled=True) != owner
    found = index.memberships(x, y)
    told = np.zeros(holds.shape, dtype=np.bool_)
    told[found.codes, found.points] = True
    return wrong | (told != holds).any(axis=0) | (np.diff(found.offsets) != holds.sum(axis=0))


def shapely_says(outlines: Outlines, x: Floats, y: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each outline covers each point of the globe, and whether a point lies on an edge of any."""
    covered, inner = [], []
    for outline in shapely.from_wkb(shapely.to_wkb(outlines)):
        shapely.prepare(outline)
        covered.append(shapely.intersects_xy(outline, x, y))
        inner.append(shapely.contains_xy(outline, x, y))
    holds = np.array(covered) & on_globe(x, y)
    return holds, (holds & ~np.array(inner)).any(axis=0)


def hard_points(index: AreaIndex, outlines: Outlines, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Half of them anywhere around, half where floating point and grid are put to the test."""
    west, south, east, north = shapely.total_bounds(outlines)
    margin_x, margin_y = (east - west) / 20, (north - south) / 20
    anywhere = np.column_stack(
        [
            rng.uniform(west - margin_x, east + margin_x, count // 2),
            rng.uniform(south - margin_y, north + margin_y, count // 2),
        ]
    )
    some = max(count // 16, 1)
    starts, ends = _some_edges(outlines, some, rng)
    between = starts + (ends - starts) * rng.uniform(size=(some, 1))
    midpoints = (starts + ends) / 2
    crossings = np.column_stack([_on_lines(index, some, rng, column=True), _on_lines(index, some, rng, column=False)])
    columns, rows = between.copy(), between.copy()  # on a line of the grid and near an edge
    columns[:, 0], rows[:, 1] = crossings[:, 0], crossings[:, 1]
    mixed = np.column_stack([starts[:, 0], rng.permutation(starts[:, 1])])  # level with one vertex, above another
    beside = np.concatenate([starts, between])
    beside += rng.choice([-1, 0, 1], beside.shape) * _float_step(beside)
    hard = np.concatenate([starts, midpoints, between, crossings, columns, rows, mixed, beside])
    x, y = rng.permutation(np.concatenate([anywhere, hard])).T
    return np.ascontiguousarray(x), np.ascontiguousarray(y)


def stars(rng: np.random.Generator) -> Outlines:
    """Stars that overlap, from coarse to fine, some no larger than a street and some of a few thousand floats."""
    size = 10.0 ** rng.uniform(-10, 1)
    return np.array([_star(rng, size * rng.uniform(0.3, 1), size) for _ in range(rng.integers(1, 8))])


def slivers(rng: np.random.Generator) -> Outlines:
    """Long triangles a few floats wide."""
    ends = _place(rng) + rng.uniform(-1, 1, (6, 2, 2))
    thin = ends[:, :1] + rng.uniform(-1, 1, (6, 1, 2)) * 10.0 ** rng.uniform(-13, -6, (6, 1, 1))
    return np.array([shapely.Polygon(corners) for corners in np.concatenate([ends, thin], axis=1)])


def almost_level(rng: np.random.Generator) -> Outlines:
    """Bands whose edges rise or lean by a single float, some exactly level or upright."""
    bands = []
    for _ in range(5):
        west, south = _place(rng)
        steps = np.sort(rng.uniform(0, 1, rng.integers(2, 12)))
        low = south + rng.integers(-2, 3, len(steps)) * _float_step(south)
        high = south + 10.0 ** rng.uniform(-12, 0) + rng.integers(-2, 3, len(steps)) * _float_step(south)
        ring = np.concatenate([np.column_stack([west + steps, low]), np.column_stack([west + steps, high])[::-1]])
        bands.append(shapely.Polygon(ring if rng.random() < 0.5 else ring[:, ::-1]))
    return np.array(bands)


def lattice(rng: np.random.Generator) -> Outlines:
    """Boxes on a lattice of powers of two, so that edges meet lines of the grid and corners meet corners."""
    step = 2.0 ** -rng.integers(0, 12)
    corner = np.round(_place(rng) / step) * step
    low = rng.integers(0, 8, (8, 2))
    high = low + rng.integers(1, 8, (8, 2))
    return shapely.box(*(corner + low * step).T, *(corner + high * step).T)


def coverage(rng: np.random.Generator) -> Outlines:
    """Voronoi cells: neighbors share their edges to the last bit."""
    size = 10.0 ** rng.uniform(-6, 0)
    sites = _place(rng) + rng.uniform(-size, size, (rng.integers(3, 30), 2))
    return shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(sites)))


def with_holes(rng: np.random.Generator) -> Outlines:
    """Stars less stars, in several parts."""
    place = _place(rng)

    def some(count: int, radius: float) -> shapely.Geometry:
        shapes = np.array([_star(rng, radius, 1.0, place + rng.uniform(-2, 2, 2)) for _ in range(count)])
        return shapely.union_all(shapes[shapely.is_valid(shapes)])

    whole, holes, islands = some(3, 1.0), some(12, 0.2), some(12, 0.05)
    return np.array([shapely.union(shapely.difference(whole, holes), islands), holes])


def city(rng: np.random.Generator) -> Outlines:
    """The units of a real city."""
    return load_units(str(rng.choice(["440300", "440500", "441900"]))).geometry.to_numpy()


KINDS: tuple[Callable[[np.random.Generator], Outlines], ...] = (
    stars,
    slivers,
    almost_level,
    lattice,
    coverage,
    with_holes,
    city,
)


def _worlds(rng: np.random.Generator) -> Iterator[Outlines]:
    while True:
        for kind in KINDS:
            outlines = kind(rng)
            outlines = outlines[shapely.is_valid(outlines) & ~shapely.is_empty(outlines)]
            if len(outlines):
                yield outlines


def _names(count: int) -> list[str]:
    return [f"{i:04d}" for i in range(count)]


def _place(rng: np.random.Generator) -> Floats:
    """Somewhere on the globe, now and then where longitude and latitude are zero."""
    return rng.uniform((-150, -70), (150, 70)) * rng.choice([1, 1, 1, 0])


def _float_step(values: Any) -> Any:
    """From a float to the next, but from zero no further down than to where products of GEOS keep their sign."""
    return np.spacing(np.maximum(np.abs(values), 1e-100))


def _star(rng: np.random.Generator, radius: float, spread: float, place: Floats | None = None) -> shapely.Polygon:
    turns = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 200)))
    reach = radius * rng.uniform(0.2, 1, len(turns))
    middle = np.array([114.0, 22.5]) + spread * rng.uniform(-1, 1, 2) if place is None else place
    return shapely.Polygon(np.column_stack([middle[0] + reach * np.cos(turns), middle[1] + reach * np.sin(turns)]))


def _some_edges(outlines: Outlines, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    coordinates, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(outlines)), return_index=True)
    picked = rng.choice(np.flatnonzero(ring[1:] == ring[:-1]), count)
    return coordinates[picked], coordinates[picked + 1]


def _on_lines(index: AreaIndex, count: int, rng: np.random.Generator, *, column: bool) -> Floats:
    """Floats at the lines between cells and at those of the reference points, or one to three floats beside."""
    grid = index.grid
    origin, per_degree, cells, references = (
        (grid.west, grid.columns_per_degree, grid.columns, grid.reference_x)
        if column
        else (grid.south, grid.rows_per_degree, grid.rows, grid.reference_y)
    )
    borders = origin + rng.integers(0, cells + 1, count) / (per_degree or 1.0)
    lines = np.where(rng.random(count) < 0.7, borders, rng.choice(references, count))
    return lines + rng.integers(-3, 4, count) * _float_step(lines)


def main() -> None:
    """Ask, say what came, and fail on any disagreement."""
    points = int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000_000
    try:
        import numba  # noqa: F401

        compiled = True
    except ModuleNotFoundError:
        compiled = False
    start = time.perf_counter()
    soaked = soak(points, np.random.default_rng(20230101), compiled=compiled)
    print(
        f"{soaked.points:,} points on {soaked.worlds:,} worlds, {soaked.on_edges:,} of them on an edge; "
        f"NumPy{' and numba' if compiled else ''}: "
        f"{soaked.disagreements} disagreements ({time.perf_counter() - start:.0f} s)"
    )
    raise SystemExit(soaked.disagreements > 0)


if __name__ == "__main__":
    main()

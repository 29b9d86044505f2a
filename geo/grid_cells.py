"""What each cell of a grid over some areas knows: no area, one area, or which edges still have to be asked.

**Cells.** A coordinate falls into a column by ``int((x - west) * columns_per_degree + 1)``, floored by the cast. Every
step rounds monotonically, so a column holds all floats of one interval, and a cell all points of one closed rectangle.
The outermost ring of cells is reached only from outside the bounds of the areas and knows "nowhere".

**Marking.** Where no edge meets a cell's rectangle, all its points lie in the same areas. An edge is marked in every
cell that it may meet: between the rows of its ends, which is exact because the cast is monotone, and within a row in
all columns that its clipped part may reach. A side has at most 2^12 cells, so a coordinate in cells is off by less than
2^-38 after its three roundings and the clipping by less than 2^-38 again; clip and reach are widened by 2^-30.

**Reference points.** Each cell has a point of its own, and those of a row lie on one line. Whether it is in an area is
the parity of the area's edges that cross the line to its left. A crossing falls into a cell where the edge is marked,
where the sign of a determinant decides; should that sign be in doubt, so is this cell's reference for this area alone,
since the same edge is certainly left or right of all others.

**Points in marked cells.** From the reference point to a point leads a path inside the rectangle, first along the
column, then along the row; each edge of the cell that it crosses changes inside to outside. Edges are half-open, as if
the path ran a hair further up and right, so that vertices count once. `geo.grid_index` walks these paths.

**Doubt.** The sign of ``dx * (y - ay) - dy * (x - ax)`` is certain when the value exceeds `ROUNDING` times the sum of
its two products' magnitudes (Shewchuk 1997, ccwerrboundA = (3 + 16u)u with u = 2^-53). Every other case, and so every
point on an edge or a vertex, is left to Shapely.

Left out: an area counts by even and odd crossings, as in a prepared geometry of GEOS, also where it overlaps itself.
Where degrees are so near to zero (below 1e-150) that products underflow, GEOS loses signs, and the two may differ.

References
----------
Kipf, A. et al. (2018). Adaptive geospatial joins for modern hardware. arXiv:1802.09488 (cells that answer at once).
Shewchuk, J. R. (1997). Adaptive precision floating-point arithmetic and fast robust geometric predicates.
"""

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NOWHERE = -1
FIRST_LIST = -2  # a cell that says FIRST_LIST - n refers to list n

ROUNDING = 3.3306690738754716e-16  # ccwerrboundA
UNDERFLOW = 1e-290  # more than products of denormal size can lose

_SLACK = 2.0**-30  # of a cell
_MOST_ON_A_SIDE = 4096
_INSIDE_LAST = 1 - 2.0**-20  # keeps the greatest coordinate out of the ring around the grid
_REFERENCE = 0.4407, 0.5711  # where in a cell its reference point lies; odd, so that straight cuts seldom meet it


class Edges(NamedTuple):
    """Directed edges, lower end first, with the area that each belongs to."""

    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats
    area: Ints


class Grid(NamedTuple):
    """Columns and rows over a box; number 0 and the number after the last are the ring outside."""

    west: float
    south: float
    columns_per_degree: float
    rows_per_degree: float
    columns: int
    rows: int
    reference_x: Floats
    reference_y: Floats

    @property
    def stride(self) -> int:
        """Cells from one row to the next."""
        return self.columns + 2

    @property
    def size(self) -> int:
        """Cells in all, the ring included."""
        return self.stride * (self.rows + 2)

    def columns_of(self, x: Floats) -> Floats:
        """Column of each longitude, with its fraction; the ring for what is outside, NaN or infinite."""
        return _along(x, self.west, self.columns_per_degree, self.columns)

    def rows_of(self, y: Floats) -> Floats:
        """Row of each latitude, likewise."""
        return _along(y, self.south, self.rows_per_degree, self.rows)


class CellTable(NamedTuple):
    """What the cells know.

    A cell holds an area's code, NOWHERE, or FIRST_LIST - n. List n has the entries ``list_start[n:n + 2]``: areas in
    ascending order, whether the cell's reference point is inside, whether that is in doubt, and the edges of that area
    in the cell, ``entry_start[e:e + 2]``, each with whether the reference point lies left of it.
    """

    cells: NDArray[np.int32]
    list_start: NDArray[np.int32]
    entry_area: NDArray[np.int32]
    entry_inside: Bools
    entry_doubtful: Bools
    entry_start: NDArray[np.int32]
    side_edge: NDArray[np.int32]
    side_left: Bools


def edges_of(outlines: NDArray[Any]) -> Edges:
    """Every edge of every ring; missing and empty outlines have none."""
    polygons, area = shapely.get_parts(outlines, return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    starts = np.flatnonzero(ring[1:] == ring[:-1])
    (ax, ay), (bx, by) = coordinates[starts].T, coordinates[starts + 1].T
    down = ay > by
    return Edges(
        np.where(down, bx, ax),
        np.where(down, by, ay),
        np.where(down, ax, bx),
        np.where(down, ay, by),
        area[polygon[ring[starts]]].astype(np.int64),
    )


def grid_over(edges: Edges, cells: int) -> Grid:
    """About as many nearly square cells as asked over the bounds of the edges."""
    west, south, east, north = _bounds(edges)
    width, height = east - west, north - south
    wide = np.sqrt(cells * width / height) if width and height else cells
    columns = _affordable(wide, width, max(abs(west), abs(east)))
    rows = _affordable(cells / columns, height, max(abs(south), abs(north)))
    return Grid(
        west,
        south,
        columns * _INSIDE_LAST / width if columns > 1 else 0.0,
        rows * _INSIDE_LAST / height if rows > 1 else 0.0,
        columns,
        rows,
        west + (np.arange(-1.0, columns + 1) + _REFERENCE[0]) * (width / columns),
        south + (np.arange(-1.0, rows + 1) + _REFERENCE[1]) * (height / rows),
    )


def table_of(grid: Grid, edges: Edges) -> CellTable:
    """Mark the edges, find the reference points inside, and write down what each cell knows."""
    edge, row, first, last = _spans(grid, edges)
    span, column = _spread(first, last + 1)
    side_edge, side_cell = edge[span], row[span] * grid.stride + column
    left, right, doubtful = _references_beside(edges, side_edge, grid.reference_x[column], grid.reference_y[row][span])

    crossing = _straddles(edges.ay[edge], edges.by[edge], grid.reference_y[row])
    beyond = first + np.bincount(span, ~right, len(edge)).astype(np.int64)  # the first reference right of the edge
    crossed = (edges.area[edge] * grid.size + row * grid.stride + beyond)[crossing]
    crossed.sort()
    starts, ends = crossed[0::2], crossed[1::2]  # closed rings cross a line an even number of times
    some = starts < ends
    covering, starts, ends = starts[some] // grid.size, starts[some] % grid.size, ends[some] % grid.size

    cells, list_cells = _cells(grid, side_cell, covering, starts, ends)
    return _lists(cells, list_cells, edges, side_edge, side_cell, left, doubtful, covering, starts, ends)


def side_of(ax: Floats, ay: Floats, bx: Floats, by: Floats, x: Floats, y: Floats) -> tuple[Floats, Bools]:
    """Positive left of the edge and negative right of it, and whether the sign is in doubt."""
    one, other = (bx - ax) * (y - ay), (by - ay) * (x - ax)
    turn = one - other
    return turn, np.abs(turn) <= ROUNDING * (np.abs(one) + np.abs(other)) + UNDERFLOW


def ramp(counts: Ints) -> Ints:
    """0, 1, ... for each count, one after the other."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)


def _bounds(edges: Edges) -> tuple[float, float, float, float]:
    if not len(edges.ax):
        return 0.0, 0.0, 0.0, 0.0
    return (
        float(min(edges.ax.min(), edges.bx.min())),
        float(edges.ay.min()),
        float(max(edges.ax.max(), edges.bx.max())),
        float(edges.by.max()),
    )


def _affordable(wanted: float, length: float, farthest: float) -> int:
    """Cells along a side, each at least 2^10 floats wide; one where the side has no length to speak of."""
    if length < 1e-200:
        return 1
    return int(max(1, min(wanted, _MOST_ON_A_SIDE, length / (np.spacing(farthest) * 1024))))


def _along(values: Floats, origin: float, per_degree: float, cells: int) -> Floats:
    units = values - origin
    units *= per_degree
    units += 1
    np.fmax(units, 0, out=units)  # NaN too becomes 0
    return np.fmin(units, cells + 1, out=units)


def _spread(first: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """All integers from each first up to its stop, and the position that each comes from."""
    counts = stop - first
    position = np.repeat(np.arange(len(first)), counts)
    return position, first[position] + ramp(counts)


def _straddles(low: Floats, high: Floats, level: Floats) -> Bools:
    return (low <= level) & (level < high)


def _spans(grid: Grid, edges: Edges) -> tuple[Ints, Ints, Ints, Ints]:
    """Edge, row, first and last column of every row's part of an edge, widened as the module says."""
    a, b = grid.columns_of(edges.ax), grid.columns_of(edges.bx)
    bottom, top = grid.rows_of(edges.ay), grid.rows_of(edges.by)
    edge, row = _spread(bottom.astype(np.int64), top.astype(np.int64) + 1)
    a, b, bottom, rise = a[edge], b[edge], bottom[edge], (top - bottom)[edge]
    enters, leaves = np.maximum(row - _SLACK - bottom, 0), np.minimum(row + 1 + _SLACK - bottom, rise)
    level = rise == 0
    rise[level] = leaves[level] = 1
    at_entry, at_exit = a + enters / rise * (b - a), a + leaves / rise * (b - a)
    first = np.maximum(np.minimum(at_entry, at_exit) - _SLACK, np.minimum(a, b))
    last = np.minimum(np.maximum(at_entry, at_exit) + _SLACK, np.maximum(a, b))
    return edge, row, first.astype(np.int64), last.astype(np.int64)


def _references_beside(edges: Edges, edge: Ints, x: Floats, y: Floats) -> tuple[Bools, Bools, Bools]:
    """Whether each reference point is left of the edge, right of it, and whether a path from it would be in doubt."""
    ax, ay, bx, by = edges.ax[edge], edges.ay[edge], edges.bx[edge], edges.by[edge]
    turn, doubtful = side_of(ax, ay, bx, by, x, y)
    return turn > 0, turn < 0, doubtful & (_straddles(ay, by, y) | ((ax <= x) != (bx <= x)))


def _cells(grid: Grid, side_cell: Ints, covering: Ints, starts: Ints, ends: Ints) -> tuple[NDArray[np.int32], Ints]:
    """What each cell says, and the cells whose knowledge is a list; equal neighbors without an edge share one."""

    def running(weights: Ints | None) -> NDArray[np.int32]:
        steps = np.bincount(starts, weights, grid.size) - np.bincount(ends, weights, grid.size)
        return np.cumsum(steps.astype(np.int32), dtype=np.int32)

    covers = running(None)
    cells = np.where(covers == 1, running(covering), NOWHERE).astype(np.int32)
    marked = np.zeros(grid.size, dtype=np.bool_)
    marked[side_cell] = True
    several = (covers > 1) & ~marked
    begins = marked.copy()
    begins[1:] |= several[1:] & ~several[:-1]  # what covers them changes only in a marked cell
    listed = marked | several
    cells[listed] = FIRST_LIST + 1 - np.cumsum(begins)[listed]
    return cells, np.flatnonzero(begins)


def _lists(
    cells: NDArray[np.int32],
    list_cells: Ints,
    edges: Edges,
    side_edge: Ints,
    side_cell: Ints,
    left: Bools,
    doubtful: Bools,
    covering: Ints,
    starts: Ints,
    ends: Ints,
) -> CellTable:
    """The lists of the cells: areas with edges in the cell and areas over its reference point, ascending."""
    areas = int(edges.area.max(initial=0)) + 1
    side_key = (FIRST_LIST - cells[side_cell].astype(np.int64)) * areas + edges.area[side_edge]
    order = np.argsort(side_key)
    side_key = side_key[order]
    covered, number = _spread(np.searchsorted(list_cells, starts), np.searchsorted(list_cells, ends))
    cover_key = number * areas + covering[covered]

    keys = np.concatenate([side_key[np.flatnonzero(np.diff(side_key, prepend=-1))], cover_key])
    keys = np.unique(keys)
    inside = np.zeros(len(keys), dtype=np.bool_)
    inside[np.searchsorted(keys, cover_key)] = True
    in_doubt = np.zeros(len(keys), dtype=np.bool_)
    in_doubt[np.searchsorted(keys, side_key[doubtful[order]])] = True
    return CellTable(
        cells,
        np.searchsorted(keys, np.arange(len(list_cells) + 1) * areas).astype(np.int32),
        (keys % areas).astype(np.int32),
        inside,
        in_doubt,
        np.append(np.searchsorted(side_key, keys), len(side_key)).astype(np.int32),
        side_edge[order].astype(np.int32),
        left[order],
    )

"""Which areas hold each of very many points: a grid that answers most points at once.

Built once over the outlines, asked often. Coordinates go in and codes come out; a point in a cell without edges costs
one look into a table, a point beside an edge a walk within its cell, and only a point that floating point cannot place
is shown to Shapely. `geo.grid_cells` holds the argument why the answers are those of ``shapely.covers``. Points are
taken in blocks, so that memory stays near the size of the answer. Left out: anything but polygons, and moving areas.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.crs import on_globe
from geo.errors import GeoError
from geo.grid_cells import (
    FIRST_LIST,
    NOWHERE,
    Bools,
    Floats,
    Ints,
    edges_of,
    grid_over,
    ramp,
    side_of,
    table_of,
)

Codes = NDArray[np.int32]

_FEWEST_CELLS, _MOST_CELLS, _CELLS_PER_EDGE = 2**12, 2**20, 64
_FARTHEST_DEG = 1e6  # beyond this a coordinate is no degree, and products could overflow
_LOOKED_UP = 2**14  # points for which the arrays of a look stay in the nearest cache
_WALKED = 2**14  # edges that are walked past at a time
_WORTH_COMPILING = 10_000_000  # fewer points are answered sooner than numba is imported


@dataclass(frozen=True)
class Memberships:
    """All areas that hold each point, as pairs: few where parks are few.

    Attributes
    ----------
    points : numpy.ndarray
        Positions of the points, ascending; a point that three areas hold stands here three times.
    codes : numpy.ndarray
        For each of them an area that holds it: positions in `area_ids`, ascending for each point.
    area_ids : numpy.ndarray
        Ids as text, in text order.
    asked : int
        How many points there were.
    """

    points: Ints
    codes: Codes
    area_ids: NDArray[np.object_]
    asked: int

    @cached_property
    def offsets(self) -> Ints:
        """One more than there are points: the areas of point i are ``codes[offsets[i] : offsets[i + 1]]``."""
        offsets = np.zeros(self.asked + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.points, minlength=self.asked), out=offsets[1:])
        return offsets


class AreaIndex:
    """A grid over areas that says for each point which areas hold it.

    Parameters
    ----------
    outlines : sequence of shapely.Polygon or shapely.MultiPolygon
        WGS84 degrees; they may overlap. Missing and empty ones hold nothing.
    area_ids : sequence
        One for each outline; they become text, and their text order decides who owns a shared edge.
    cells : int, optional
        About how many cells the grid shall have, at most 4096 on a side; by default it follows the number of edges.

    Attributes
    ----------
    area_ids : numpy.ndarray
        Ids as text in text order: a code is a position in it.
    grid, table : geo.grid_cells.Grid, geo.grid_cells.CellTable
        The cells and what each knows.

    Raises
    ------
    GeoError
        When an outline is not a polygon or holds a coordinate that is not a number of degrees, or ids and outlines
        differ in number.

    Examples
    --------
    >>> index = AreaIndex([shapely.box(1, 0, 2, 1), shapely.box(0, 0, 1, 1)], ["B", "A"])
    >>> index.locate([0.5, 1.0, 1.5, 9.0], [0.5, 0.5, 0.5, 0.5])  # the second is on the shared edge
    array([ 0,  0,  1, -1], dtype=int32)
    >>> index.memberships([1.0, 9.0], [0.5, 0.5]).codes
    array([0, 1], dtype=int32)
    """

    def __init__(self, outlines: ArrayLike, area_ids: ArrayLike, *, cells: int | None = None) -> None:
        shapes = np.asarray(outlines, dtype=object)
        names = np.array([str(area_id) for area_id in np.asarray(area_ids, dtype=object)], dtype=object)
        _check_outlines(shapes, len(names))
        ascending = np.argsort(names, kind="stable")
        self.area_ids = names[ascending]
        self._outlines = shapes[ascending]
        self._edges = edges_of(self._outlines)
        wanted = min(max(_CELLS_PER_EDGE * len(self._edges.ax), _FEWEST_CELLS), _MOST_CELLS)
        self.grid = grid_over(self._edges, wanted if cells is None else cells)
        self.table = table_of(self.grid, self._edges)
        self._judge = _Judge(self._outlines)
        ends = self._edges
        self._within_globe = bool((on_globe(ends.ax, ends.ay) & on_globe(ends.bx, ends.by)).all())

    def locate(self, lon: ArrayLike, lat: ArrayLike, *, compiled: bool | None = None) -> Codes:
        """Code of the area that holds each point: of several the lowest.

        Parameters
        ----------
        lon, lat : array_like
            Degrees, WGS84, one-dimensional and of one length (a single number counts as one point).
        compiled : bool, optional
            Whether numba does it, with the same answers; by default where it is installed and points are many.

        Returns
        -------
        numpy.ndarray
            Position in `area_ids`; -1 where no area holds the point, and where a coordinate is NaN, infinite or out of
            range.

        Raises
        ------
        GeoError
            When the lengths differ.
        """
        x, y = self._positions(lon, lat)
        codes = np.empty(len(x), dtype=np.int32)
        if compiled is None:
            compiled = worth_compiling(len(x))
        if compiled:
            from geo.grid_kernel import compiled_owners

            compiled_owners()(x, y, codes, self.grid, self._edges, self.table)
        else:
            self._look_up(x, y, codes)
        for some in self._walks(x, y, codes, np.flatnonzero(codes <= FIRST_LIST)):
            owners = np.where(some.inside, some.areas, len(self.area_ids))
            lowest = np.minimum.reduceat(owners, some.starts)
            codes[some.points] = np.where(lowest < len(self.area_ids), lowest, NOWHERE)
        return codes

    def memberships(self, lon: ArrayLike, lat: ArrayLike) -> Memberships:
        """All areas that hold each point, by the same rules as `locate`."""
        x, y = self._positions(lon, lat)
        codes = np.empty(len(x), dtype=np.int32)
        self._look_up(x, y, codes)
        single = np.flatnonzero(codes >= 0)
        points, areas = [single], [codes[single]]
        for some in self._walks(x, y, codes, np.flatnonzero(codes <= FIRST_LIST)):
            points.append(np.repeat(some.points, np.diff(some.starts, append=len(some.areas)))[some.inside])
            areas.append(some.areas[some.inside])
        point, area = np.concatenate(points), np.concatenate(areas)
        in_order = np.argsort(point, kind="stable")
        return Memberships(point[in_order], area[in_order], self.area_ids, len(x))

    def _positions(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        x, y = (np.ascontiguousarray(np.atleast_1d(np.asarray(values, np.float64))) for values in (lon, lat))
        if x.shape != y.shape or x.ndim != 1:
            raise GeoError(f"lon and lat came with shapes {x.shape} and {y.shape}; expected one length")
        return (x, y) if self._within_globe else (np.where(on_globe(x, y), x, np.nan), y)

    def _look_up(self, x: Floats, y: Floats, codes: Codes) -> None:
        """What the cell of each point says."""
        cells, stride = self.table.cells, self.grid.stride
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, len(x), _LOOKED_UP):
                block = slice(start, start + _LOOKED_UP)
                cell = self.grid.rows_of(y[block]).astype(np.int64)
                cell *= stride
                cell += self.grid.columns_of(x[block]).astype(np.int64)
                cells.take(cell, out=codes[block], mode="clip")

    def _walks(self, x: Floats, y: Floats, codes: Codes, points: Ints) -> Iterator["_Walked"]:
        """The points whose cells hold lists, some at a time, with the areas in question and which of them hold."""
        table = self.table
        number = FIRST_LIST - codes[points]
        first, stop = table.list_start[number], table.list_start[number + 1]
        edges = (table.entry_start[stop] - table.entry_start[first]).cumsum(dtype=np.int64)
        cuts = np.searchsorted(edges, np.arange(_WALKED, edges[-1] + _WALKED, _WALKED) if len(edges) else [], "left")
        for start, end in zip(np.append(0, cuts), np.append(cuts, len(points)), strict=True):
            if start < end:
                some = points[start:end]
                yield self._walk(some, x[some], y[some], first[start:end], stop[start:end])

    def _walk(self, points: Ints, x: Floats, y: Floats, first: Codes, stop: Codes) -> "_Walked":
        """From the reference points of the cells to the points, counting the edges on the way."""
        grid, table = self.grid, self.table
        counts = (stop - first).astype(np.int64)
        starts = np.cumsum(counts) - counts
        point = np.repeat(np.arange(len(points)), counts)
        entry = first[point] + ramp(counts)
        areas, inside, doubtful = table.entry_area[entry], table.entry_inside[entry], table.entry_doubtful[entry]

        sides = (table.entry_start[entry + 1] - table.entry_start[entry]).astype(np.int64)
        asked = np.repeat(np.arange(len(entry)), sides)
        side = table.entry_start[entry][asked] + ramp(sides)
        of = point[asked]
        with np.errstate(over="ignore", invalid="ignore"):
            corner = grid.reference_x[grid.columns_of(x).astype(np.int64)]
            crosses, unsure = self._crossings(side, x[of], y[of], corner[of])
        inside ^= (np.bincount(asked[crosses], minlength=len(entry)) & 1).astype(np.bool_)
        doubtful[asked[unsure]] = True
        if doubtful.any():
            of = point[doubtful]
            inside[doubtful] = self._judge.covers(areas[doubtful], x[of], y[of])
        return _Walked(points, starts, areas, inside)

    def _crossings(self, side: Ints, x: Floats, y: Floats, corner: Floats) -> tuple[Bools, Bools]:
        """Whether the path over (corner, y) to (x, y) changes sides at each edge, and where that is in doubt."""
        edge = self.table.side_edge[side]
        ax, ay, bx, by = (ends[edge] for ends in self._edges[:4])
        here, here_unsure = side_of(ax, ay, bx, by, x, y)
        turn, turn_unsure = side_of(ax, ay, bx, by, corner, y)
        level = (ay <= y) & (y < by)
        upright = (ax <= corner) != (bx <= corner)
        left_at_corner = turn > 0
        crosses = (level & ((here > 0) != left_at_corner)) ^ (upright & (left_at_corner != self.table.side_left[side]))
        at_an_end = ((y == ay) | (y == by)) & (np.minimum(ax, bx) <= x) & (x <= np.maximum(ax, bx))
        return crosses, (here_unsure & (level | at_an_end)) | (turn_unsure & (level | upright))


def worth_compiling(points: int) -> bool:
    """Whether numba is there and so many points, asked for at once or in turns, are worth its start."""
    return points >= _WORTH_COMPILING and find_spec("numba") is not None


class _Walked(NamedTuple):
    """Points, where each one's areas start, the areas in question, and whether they hold the point."""

    points: Ints
    starts: Ints
    areas: Codes
    inside: Bools


class _Judge:
    """Shapely, for the few points that floating point leaves in doubt.

    Prepared geometries answer one caller at a time, so these are copies of our own, under a lock.
    """

    def __init__(self, outlines: NDArray[Any]) -> None:
        self._outlines = outlines
        self._prepared: dict[int, Any] = {}
        self._one_at_a_time = Lock()

    def covers(self, areas: Codes, x: Floats, y: Floats) -> Bools:
        """Whether each area holds its point."""
        answers = np.zeros(len(areas), dtype=np.bool_)
        with self._one_at_a_time:
            for area in np.unique(areas).tolist():
                rows = areas == area
                answers[rows] = shapely.intersects_xy(self._outline(area), x[rows], y[rows])
        return answers

    def _outline(self, area: int) -> Any:
        if area not in self._prepared:
            self._prepared[area] = shapely.from_wkb(shapely.to_wkb(self._outlines[area]))
            shapely.prepare(self._prepared[area])
        return self._prepared[area]


def _check_outlines(outlines: NDArray[Any], names: int) -> None:
    if outlines.shape != (names,):
        raise GeoError(f"outlines came with shape {outlines.shape} for {names} ids; expected one for each id")
    present = outlines[~(shapely.is_missing(outlines) | shapely.is_empty(outlines))]
    if strangers := sorted({shapes.geom_type for shapes in present} - {"Polygon", "MultiPolygon"}):
        raise GeoError(f"areas came as {', '.join(strangers)}; expected polygons")
    coordinates = shapely.get_coordinates(present)
    if not (np.abs(coordinates) <= _FARTHEST_DEG).all():
        raise GeoError("an outline holds a coordinate that is NaN, infinite or far from any degree")

"""Points in Morton order: any tile, any cell of a grid and any click is answered from one sorted array.

Columns, no point objects: a code (8 bytes), a row number (4), the years of observation (4) and one byte for each
attribute. A tile is one run of the array, found by two binary searches. Choices, with their reasons:

- Positions are kept once, not once a year: a year is one bit of a mask, its values are an array of their own that is
  read only when that year is summed. A register of 3 million firms and five years is 60 MB and 24 MB for each year;
  five sorted arrays would be 300 MB and place every firm five times.
- A filter is applied to the run of a tile when points are drawn; for cells the whole level is counted under the filter
  once and kept, since its largest cell sets the colours of every tile.
- Points at one place stay at one place.

Left out: shapes other than points, places without a position (their number is kept) and tiles across 180°.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import Future

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import PyramidError
from geo.mercator import BITS, SIDE, apart, in_square, interleave, mercator, steps
from geo.pyramid_records import EVERYTHING, Cells, Hit, PointFilter

CATEGORY = "category"
MOST_YEARS = 32  # bits of the mask
CELL_BITS = 6  # a tile has 64 × 64 cells
LAST_ZOOM = BITS - CELL_BITS
KEPT_BYTES = 96 * 2**20


class PointPyramid:
    """Points sorted by Morton code, with what a map asks of them. Shared by threads; nobody writes into its arrays.

    Attributes
    ----------
    codes : ndarray of uint64
        Morton codes, ascending; equal places by row number.
    points : ndarray of uint32
        Row number of each point in the table that it was built from.
    observed : ndarray of uint32
        Bit k is set when the point has a value in ``years[k]``.
    attributes : dict of str to ndarray of uint8
        ``category`` and what else a filter may name.
    values : dict of int to ndarray of int64
        Value of each point by year; 0 where there is none.
    left_out : int
        Rows without a place in the square; they are in no tile.
    """

    def __init__(
        self,
        codes: NDArray[np.uint64],
        points: NDArray[np.uint32],
        observed: NDArray[np.uint32],
        attributes: Mapping[str, NDArray[np.uint8]],
        values: Mapping[int, NDArray[np.int64]],
        left_out: int = 0,
    ) -> None:
        """Take arrays that are already in order; `build` makes them."""
        self.codes, self.points, self.observed, self.left_out = codes, points, observed, left_out
        self.attributes, self.values = dict(attributes), dict(values)
        self._kept: OrderedDict[tuple[int, PointFilter], Future[Cells]] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def build(
        cls,
        lon: ArrayLike,
        lat: ArrayLike,
        category: ArrayLike,
        *,
        attributes: Mapping[str, ArrayLike] | None = None,
        observations: tuple[ArrayLike, ArrayLike, ArrayLike] | None = None,
    ) -> "PointPyramid":
        """Sort points.

        Parameters
        ----------
        lon, lat : array_like
            Degrees, WGS84; NaN, infinite and out of range are left out and counted.
        category : array_like
            One code from 0 to 255 for each point, carried into every tile.
        attributes : mapping of str to array_like, optional
            Further codes from 0 to 255 that a filter may name.
        observations : (rows, years, values), optional
            A value for some rows in some years, whole numbers; several of one row and year are added.

        Raises
        ------
        PyramidError
            When lengths differ, a code does not fit a byte, or the observations do not fit the points.

        Examples
        --------
        >>> shops = PointPyramid.build([114.0, 114.1, None], [22.5, 22.6, 22.5], [0, 1, 1])
        >>> len(shops), shops.left_out, shops.tile(0, 0, 0)
        (2, 1, slice(0, 2, None))
        """
        x, y = np.asarray(lon, np.float64).ravel(), np.asarray(lat, np.float64).ravel()
        if x.shape != y.shape or len(x) >= 2**32:
            raise PyramidError(
                f"{len(x)} longitudes and {len(y)} latitudes came; expected as many of both, below 2**32"
            )
        rows = np.flatnonzero(in_square(x, y))
        codes = interleave(*steps(x[rows], y[rows]))
        order = np.argsort(codes, kind="stable")
        points = rows[order].astype(np.uint32)
        named = {CATEGORY: category, **(attributes or {})}
        observed, values = _by_year(observations, len(x), points)
        return cls(
            codes[order],
            points,
            observed,
            {name: _bytes(name, codes_, len(x))[points] for name, codes_ in named.items()},
            values,
            len(x) - len(rows),
        )

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def years(self) -> tuple[int, ...]:
        """Years with a value, ascending."""
        return tuple(self.values)

    def tile(self, zoom: int, x: int, y: int) -> slice:
        """The run of points in a tile; by two binary searches."""
        key = int(interleave(x, y))
        shift = 2 * (BITS - zoom)
        first, last = np.searchsorted(self.codes, np.array([key << shift, (key + 1) << shift], np.uint64))
        return slice(int(first), int(last))

    def kept(self, chosen: PointFilter, part: slice | NDArray[np.intp] = slice(None)) -> NDArray[np.bool_] | None:
        """Which points of a part the filter keeps; ``None`` when it keeps all.

        Raises
        ------
        PyramidError
            When the filter names an attribute or a year that is not here.
        """
        mask: NDArray[np.bool_] | None = None
        for name, codes in chosen.keep:
            if name not in self.attributes:
                raise PyramidError(f"no attribute {name!r}; expected one of {sorted(self.attributes)}")
            table = np.zeros(256, np.bool_)
            table[list(codes)] = True
            here = table[self.attributes[name][part]]
            mask = here if mask is None else mask & here
        if chosen.year is not None:
            bit = np.uint32(1 << self._year(chosen.year))
            here = (self.observed[part] & bit) != 0
            mask = here if mask is None else mask & here
        return mask

    def cells(self, level: int, chosen: PointFilter = EVERYTHING) -> Cells:
        """Non-empty cells of the grid with 2**level columns, counted and, with a year, summed under a filter.

        Counted on first use by one thread, while those who want the same wait for it, then kept; the least used are
        let go beyond 96 MB.
        """
        key = (level, chosen)
        with self._lock:
            counted, mine = self._kept.get(key), key not in self._kept
            counted = self._kept.setdefault(key, counted or Future())
            self._kept.move_to_end(key)
        if mine:
            try:
                counted.set_result(self._count(level, chosen))
            except BaseException as error:
                with self._lock:
                    self._kept.pop(key, None)
                counted.set_exception(error)
                raise
            self._let_go()
        return counted.result()

    def densest(self, zoom: int, chosen: PointFilter = EVERYTHING) -> int:
        """Points in the fullest tile of a zoom; 0 when there is none."""
        return int(self.cells(zoom, chosen).counts.max(initial=0))

    def point_zoom(self, *, at_most: int = 1_500, last: int = 18) -> int:
        """First zoom at which tiles are drawn as points: no tile has more than ``at_most``, or ``last``.

        By zoom alone, under no filter, so that neighbouring tiles are always of one kind and a filter moves nothing.
        """
        return next((zoom for zoom in range(last) if self.densest(zoom) <= at_most), last)

    def nearest(
        self, lon: float, lat: float, zoom: float, *, pixels: float = 10, chosen: PointFilter = EVERYTHING
    ) -> Hit | None:
        """The point nearest to a click.

        Parameters
        ----------
        lon, lat : float
            Where the click was, degrees.
        zoom : float
            Zoom of the map, 256 pixels a tile.
        pixels : float
            Greatest distance on the screen.
        chosen : PointFilter

        Returns
        -------
        Hit or None
            Of equally near points the lowest row number; ``None`` beyond ``pixels``.
        """
        if not in_square(lon, lat) or not len(self):
            return None
        x, y = (float(v) for v in mercator(lon, lat))
        reach = pixels / 256 / 2.0**zoom
        level = int(np.clip(np.floor(-np.log2(reach)), 0, BITS))  # a cell is no smaller than the reach
        column, row, last = int(x * 2**level), int(y * 2**level), 2**level - 1
        parts = [
            np.arange(part.start, part.stop)
            for i in range(max(column - 1, 0), min(column + 1, last) + 1)
            for j in range(max(row - 1, 0), min(row + 1, last) + 1)
            if (part := self.tile(level, i, j)).stop > part.start
        ]
        near = np.concatenate(parts) if parts else np.empty(0, np.intp)
        if (mask := self.kept(chosen, near)) is not None:
            near = near[mask]
        if not len(near):
            return None
        columns, rows = apart(self.codes[near])
        away = np.hypot((columns + 0.5) / SIDE - x, (rows + 0.5) / SIDE - y)
        best = near[np.lexsort((self.points[near], away))[0]]
        if away.min() > reach:
            return None
        together = np.sort(self.points[near[self.codes[near] == self.codes[best]]])
        return Hit(
            int(self.points[best]), int(self.attributes[CATEGORY][best]), float(away.min() / reach * pixels), together
        )

    def _year(self, year: int) -> int:
        if year not in self.values:
            raise PyramidError(f"no value for year {year}; expected one of {list(self.years)}")
        return self.years.index(year)

    def _let_go(self) -> None:
        with self._lock:
            done = [(key, f.result().nbytes) for key, f in self._kept.items() if f.done() and not f.exception()]
            size = sum(nbytes for _, nbytes in done)
            for key, nbytes in done[:-1]:
                if size <= KEPT_BYTES:
                    return
                del self._kept[key]
                size -= nbytes

    def _count(self, level: int, chosen: PointFilter) -> Cells:
        mask = self.kept(chosen)
        codes = self.codes >> np.uint64(2 * (BITS - level))
        codes = codes if mask is None else codes[mask]
        starts = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1]))) if len(codes) else np.empty(0, int)
        counts = np.diff(np.append(starts, len(codes)))
        if chosen.year is None:
            return Cells(codes[starts], counts)
        values = self.values[chosen.year]
        values = values if mask is None else values[mask]
        return Cells(codes[starts], counts, np.add.reduceat(values, starts) if len(starts) else np.empty(0, np.int64))


def _bytes(name: str, codes: ArrayLike, length: int) -> NDArray[np.uint8]:
    whole = np.asarray(codes)
    if whole.shape != (length,):
        raise PyramidError(f"{name} came with shape {whole.shape}; expected one code for each of {length} points")
    if length and not (whole.dtype.kind in "iu" and whole.min() >= 0 and whole.max() <= 255):
        raise PyramidError(f"{name} came as {whole.dtype}; expected whole numbers from 0 to 255")
    return whole.astype(np.uint8)


def _by_year(
    observations: tuple[ArrayLike, ArrayLike, ArrayLike] | None, length: int, points: NDArray[np.uint32]
) -> tuple[NDArray[np.uint32], dict[int, NDArray[np.int64]]]:
    """Mask of years and values of each year, in the order of the points."""
    given, when, amounts = map(np.asarray, observations or ([], [], []))
    rows, when = given.astype(np.int64), when.astype(np.int64)
    years = [int(year) for year in np.unique(when)]
    if not rows.shape == when.shape == amounts.shape or len(years) > MOST_YEARS:
        raise PyramidError(
            f"observations came as {len(rows)} rows, {len(when)} years, {len(years)} of them different, and "
            f"{len(amounts)} values; expected as many of each and at most {MOST_YEARS} years"
        )
    if len(rows) and not (rows.min() >= 0 and rows.max() < length and amounts.dtype.kind in "iu"):
        raise PyramidError(f"observations name rows beyond 0 to {length - 1}, or values that are not whole numbers")
    mask, values = np.zeros(length, np.uint32), dict[int, NDArray[np.int64]]()
    for bit, year in enumerate(years):
        here = when == year
        of_year = np.zeros(length, np.int64)
        np.add.at(of_year, rows[here], amounts[here].astype(np.int64))
        mask[rows[here]] |= np.uint32(1 << bit)
        values[year] = of_year[points]
    return mask[points], values

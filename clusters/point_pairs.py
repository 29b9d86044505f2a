"""Which firms lie how far apart? Every pair of points within a distance, once, in blocks of bounded memory.

Points are sorted into blocks of neighbors; two blocks whose boxes lie farther apart than asked are never opened. So all
pairs of a hundred thousand points pass through a few megabytes, and nothing is sampled or approximated. Distances are
straight lines in the metres of a projected CRS; roads, rivers and borders are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from clusters.errors import BadValue

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

BLOCK = 512  # points; the distances between two blocks fill 2 MB


@dataclass(frozen=True)
class PairBlock:
    """Pairs of a block of points with another block or with itself; no pair comes twice or turned around.

    Attributes
    ----------
    rows, columns : array of int
        Positions of the points of the two blocks.
    kept : array of bool
        Shape (rows, columns): the pairs that are meant.
    all_dx, all_dy, all_distances : array of float
        Of the same shape, in metres, from the row's point to the column's.
    """

    rows: Indices
    columns: Indices
    kept: Flags
    all_dx: Floats
    all_dy: Floats
    all_distances: Floats

    @cached_property
    def distance(self) -> Floats:
        """Metres between the two points of each pair."""
        return self.all_distances[self.kept]

    @cached_property
    def dx(self) -> Floats:
        """Metres to the east from the first point to the second."""
        return self.all_dx[self.kept]

    @cached_property
    def dy(self) -> Floats:
        """Metres to the north from the first point to the second."""
        return self.all_dy[self.kept]

    @cached_property
    def first(self) -> Indices:
        """Position of the first point of each pair."""
        return self.rows[np.nonzero(self.kept)[0]]

    @cached_property
    def second(self) -> Indices:
        """Position of the second point of each pair."""
        return self.columns[np.nonzero(self.kept)[1]]


def pair_blocks(x: Floats, y: Floats, within_m: float) -> Iterator[PairBlock]:
    """All pairs at most ``within_m`` apart.

    Parameters
    ----------
    x, y : array of float
        Metres.
    within_m : float
        At least 0; infinity for all pairs.

    Yields
    ------
    PairBlock
    """
    blocks = _blocks(x, y)
    west, east = (np.array([end(x[block]) for block in blocks]) for end in (np.min, np.max))
    south, north = (np.array([end(y[block]) for block in blocks]) for end in (np.min, np.max))
    for number, rows in enumerate(blocks):
        gap_x = np.maximum(0, np.maximum(west[number:] - east[number], west[number] - east[number:]))
        gap_y = np.maximum(0, np.maximum(south[number:] - north[number], south[number] - north[number:]))
        near = number + np.flatnonzero(np.maximum(gap_x, gap_y) <= within_m)
        for other in near:
            columns = blocks[other]
            dx = x[columns] - x[rows, np.newaxis]
            dy = y[columns] - y[rows, np.newaxis]
            distances = np.sqrt(dx * dx + dy * dy)
            kept = distances <= within_m
            yield PairBlock(rows, columns, np.triu(kept, 1) if other == number else kept, dx, dy, distances)


def checked_points(x: npt.ArrayLike, y: npt.ArrayLike, *, least: int = 2) -> tuple[Floats, Floats]:
    """The points as float arrays.

    Raises
    ------
    BadValue
        When ``x`` and ``y`` are not two lists of equal length, hold fewer than ``least``, or one is no finite number.
    """
    xs, ys = (np.asarray(part, dtype=np.float64) for part in (x, y))
    if xs.ndim != 1 or xs.shape != ys.shape:
        raise BadValue("x and y", f"shapes {xs.shape} and {ys.shape}", "two lists of the same length")
    if len(xs) < least:
        raise BadValue("the number of points", len(xs), f"at least {least}")
    bad = ~(np.isfinite(xs) & np.isfinite(ys))
    if bad.any():
        at = int(bad.argmax())
        raise BadValue("points", f"{bad.sum()} others, first ({xs[at]}, {ys[at]}) at {at}", "finite metres")
    return xs, ys


def checked_radii(radii: npt.ArrayLike) -> Floats:
    """The radii as a float array.

    Raises
    ------
    BadValue
        When there are none, or they are not finite, not ascending, or begin below 0.
    """
    asked = np.atleast_1d(np.asarray(radii, dtype=np.float64))
    if asked.ndim != 1 or not asked.size or not np.isfinite(asked).all() or asked[0] < 0 or (np.diff(asked) <= 0).any():
        raise BadValue("radii", asked.tolist(), "ascending distances in metres, none below 0")
    return asked


def _blocks(x: Floats, y: Floats) -> list[Indices]:
    """Strips from west to east, each cut from south to north."""
    strips = max(1, round((len(x) / BLOCK) ** 0.5))
    ordered = [
        strip[np.argsort(y[strip], kind="stable")] for strip in np.array_split(np.argsort(x, kind="stable"), strips)
    ]
    return [part for strip in ordered for part in np.array_split(strip, -(-len(strip) // BLOCK))]

"""What is asked of a point pyramid, and what it answers: filters, cells, hits."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Measure = Literal["count", "sum"]
"""Points in a cell, or the sum of their values in the filter's year."""


@dataclass(frozen=True)
class PointFilter:
    """Which points count.

    Attributes
    ----------
    keep : tuple of (attribute, codes)
        A point stays when each named attribute has one of its codes; no codes keep nothing. Best made by `choose`.
    year : int, optional
        Only points observed in this year.
    """

    keep: tuple[tuple[str, tuple[int, ...]], ...] = ()
    year: int | None = None

    @classmethod
    def choose(cls, *, year: int | None = None, **codes: Iterable[int] | None) -> "PointFilter":
        """Make the filter that keeps the given codes of each attribute; ``None`` leaves an attribute free.

        Examples
        --------
        >>> PointFilter.choose(category=[3, 1, 3], year=2021)
        PointFilter(keep=(('category', (1, 3)),), year=2021)
        """
        named = ((name, tuple(sorted(set(kept)))) for name, kept in sorted(codes.items()) if kept is not None)
        return cls(tuple(named), year)


EVERYTHING = PointFilter()


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of one grid that hold a point, in Morton order.

    Attributes
    ----------
    codes : ndarray of uint64
        Morton code of each cell in the grid of its level.
    counts : ndarray of int64
        Points in each cell, 1 or more.
    sums : ndarray of int64 or None
        Sum of the values of the filter's year; ``None`` without a year.
    """

    codes: NDArray[np.uint64]
    counts: NDArray[np.int64]
    sums: NDArray[np.int64] | None = None

    def numbers(self, measure: Measure) -> NDArray[np.int64]:
        """Counts, or sums where there are any."""
        return self.counts if measure == "count" or self.sums is None else self.sums

    @cached_property
    def extremes(self) -> dict[Measure, tuple[int, int]]:
        """Position of the fullest cell and the least positive number, by measure; there must be a cell."""
        found: dict[Measure, tuple[int, int]] = {}
        for measure in get_args(Measure):
            numbers = self.numbers(measure)
            fullest = int(numbers.argmax())
            found[measure] = fullest, int(numbers.min(where=numbers > 0, initial=max(int(numbers[fullest]), 1)))
        return found

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        return self.codes.nbytes + self.counts.nbytes + (0 if self.sums is None else self.sums.nbytes)


@dataclass(frozen=True, eq=False)
class Hit:
    """What a click found.

    Attributes
    ----------
    point : int
        Row number of the nearest point, the lowest of those at its place.
    category : int
    pixels : float
        How far from the click, on the screen at the zoom asked for.
    together : ndarray of uint32
        Row numbers of all points at that very place that the filter keeps, ascending.
    """

    point: int
    category: int
    pixels: float
    together: NDArray[np.uint32]

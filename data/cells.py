"""Groups of rows by several keys, numbered, so that a million rows are grouped by arithmetic and not by text."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Cells:
    """Numbers of the cells that rows lie in.

    Attributes
    ----------
    number : ndarray of int64
        Cell of each row; in ascending order of the keys, the first key first, a missing key last.
    keys : dict of str to ndarray
        Values of each key, ascending, then ``None`` for missing.
    """

    number: NDArray[np.int64]
    keys: Mapping[str, NDArray[np.object_]]

    @property
    def size(self) -> int:
        """How many cells there can be."""
        return int(np.prod(self._shape))

    @property
    def _shape(self) -> tuple[int, ...]:
        return tuple(len(values) for values in self.keys.values())

    def names(self, numbers: NDArray[np.int64]) -> dict[str, NDArray[np.object_]]:
        """Keys of some cells, as columns."""
        at = np.unravel_index(numbers, self._shape)
        return {name: values[where] for (name, values), where in zip(self.keys.items(), at, strict=True)}


def number_cells(keys: Mapping[str, ArrayLike]) -> Cells:
    """Number the cells of rows.

    Parameters
    ----------
    keys : mapping of str to array
        One column a key, one entry a row.

    Examples
    --------
    >>> cells = number_cells({"town": ["b", "a", "b"], "kind": ["x", None, "x"]})
    >>> cells.number.tolist(), cells.size
    ([2, 1, 2], 6)
    >>> {name: values.tolist() for name, values in cells.names(np.array([1, 2])).items()}
    {'town': ['a', 'b'], 'kind': [None, 'x']}
    """
    values: dict[str, NDArray[np.object_]] = {}
    number: NDArray[np.int64] | int = 0
    for name, column in keys.items():
        codes, found = pd.factorize(pd.Series(column), sort=True)
        values[name] = np.append(np.asarray(found, object), [None])
        number = number * len(values[name]) + np.where(codes < 0, len(found), codes)
    return Cells(np.asarray(number, np.int64), values)


def in_order(number: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Rows by cell; those of one cell stay in their order."""
    return np.argsort(number.astype(np.min_scalar_type(max(size - 1, 0))), kind="stable")  # 16 bits sort by radix


def runs(number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each cell begins among rows that are in order."""
    return np.flatnonzero(np.diff(number, prepend=-1))


def reduce_runs(reduce: np.ufunc, values: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """One exact integer for each run: a sum or a maximum."""
    return np.asarray(reduce.reduceat(values, starts) if len(starts) else np.empty(0), np.int64)

"""Who is whose neighbor: spatial weights as a sparse matrix, and the two forms that measures take them in.

Row i of the matrix holds the weights of the neighbors of unit i, in the order of the values. A unit is never its own
neighbor here; measures that count it in, such as Gi*, say so and add it themselves. An island is a unit without
neighbors: its row stays zero and it stays among the units. Left out: weights that fall with distance are taken when
they come, but nothing here makes them.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from clusters.checking import check_amounts
from clusters.errors import BadValue

Weights = Any
"""A square SciPy sparse matrix or array, one row and column a unit; SciPy has no types of its own to name it by."""


def row_standardized(weights: Weights) -> Weights:
    """Weights whose rows sum to one, so that a neighborhood's sum becomes its mean.

    Parameters
    ----------
    weights : scipy.sparse matrix or array
        Square; weights of 0 or more, none on the diagonal.

    Returns
    -------
    scipy.sparse.csr_array
        The row of an island stays zero.

    Raises
    ------
    BadValue
        When the matrix is not square, or holds a weight that is negative, not finite or on the diagonal.

    Examples
    --------
    Three towns along a road, and one on an island.

    >>> road = sparse.csr_array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]])
    >>> row_standardized(road).toarray()
    array([[0. , 1. , 0. , 0. ],
           [0.5, 0. , 0.5, 0. ],
           [0. , 1. , 0. , 0. ],
           [0. , 0. , 0. , 0. ]])
    """
    made = checked_weights(weights)
    made.data /= np.repeat(made.sum(axis=1), np.diff(made.indptr))
    return made


def binary_weights(weights: Weights) -> Weights:
    """One for every neighbor, however near.

    Parameters
    ----------
    weights : scipy.sparse matrix or array
        Square; weights of 0 or more, none on the diagonal.

    Returns
    -------
    scipy.sparse.csr_array

    Raises
    ------
    BadValue
        When the matrix is not square, or holds a weight that is negative, not finite or on the diagonal.

    Examples
    --------
    >>> binary_weights(sparse.csr_array([[0, 0.2], [3, 0]])).toarray()
    array([[0., 1.],
           [1., 0.]])
    """
    made = checked_weights(weights)
    made.data[:] = 1
    return made


def grid_contiguity(inside: ArrayLike) -> Weights:
    """Neighbors on a square grid: the up to eight cells that share an edge or a corner.

    Parameters
    ----------
    inside : array_like of bool, two-dimensional
        Which cells are units; the others are nobody's neighbors.

    Returns
    -------
    scipy.sparse.csr_array
        Ones, for the cells inside in the order of rows and then columns.

    Raises
    ------
    BadValue
        When `inside` is not two-dimensional.

    Examples
    --------
    The cell in the corner has no part in the city.

    >>> grid_contiguity([[True, True], [True, False]]).toarray()
    array([[0., 1., 1.],
           [1., 0., 1.],
           [1., 1., 0.]])
    """
    mask = np.asarray(inside, bool)
    if mask.ndim != 2:
        raise BadValue("inside", f"{mask.ndim} dimension(s)", "a table of rows and columns")
    number = np.full((mask.shape[0] + 2, mask.shape[1] + 2), -1)
    number[1:-1, 1:-1][mask] = np.arange(mask.sum())
    here = number[1:-1, 1:-1][mask]
    row, column = np.nonzero(mask)
    steps = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]
    there = np.array([number[row + 1 + down, column + 1 + right] for down, right in steps])
    pairs = there >= 0
    units = np.broadcast_to(here, there.shape)[pairs], there[pairs]
    return sparse.csr_array((np.ones(len(units[0])), units), shape=(len(here), len(here)))


def checked_weights(weights: Weights, units: int | None = None) -> Weights:
    """A copy of the weights in rows, without stored zeros, when they are weights at all.

    Parameters
    ----------
    weights : scipy.sparse matrix or array
        Square; weights of 0 or more, none on the diagonal.
    units : int, optional
        How many rows it has to have.

    Returns
    -------
    scipy.sparse.csr_array of float64

    Raises
    ------
    BadValue
        When the matrix is not sparse, not square, not of this size, or holds a weight that is negative, not finite or
        on the diagonal.
    """
    if not sparse.issparse(weights):
        if not isinstance(weights, np.ndarray) or weights.ndim != 2:
            raise BadValue("weights", type(weights).__name__, "a scipy.sparse matrix, or an array of rows and columns")
        weights = sparse.csr_array(weights)
    rows = weights.shape[0] if units is None else units
    if weights.shape != (rows, rows):
        raise BadValue("the shape of weights", f"{weights.shape}", f"({rows}, {rows}), a row and a column a unit")
    made = sparse.csr_array(weights, dtype=np.float64, copy=True)
    made.sum_duplicates()
    made.eliminate_zeros()
    check_amounts(made.data, "weights")
    own = np.flatnonzero(made.diagonal())
    if own.size:
        raise BadValue("weights", f"unit {own[0]} as its own neighbor", "zero on the diagonal")
    return made


def checked_values(values: ArrayLike, *, least: float = -np.inf) -> NDArray[np.float64]:
    """One finite number a unit, as float64.

    Raises
    ------
    BadValue
        When there are none, in more than one dimension, or one is NaN, infinite or below `least`.
    """
    numbers = check_amounts(values, "values", least=least, of="unit")
    if not numbers.size:
        raise BadValue("values", [], "one number a unit")
    return numbers

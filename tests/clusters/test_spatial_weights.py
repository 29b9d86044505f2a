"""Weights: three towns on a road by hand, what is no weight, and the grid against distances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from scipy.spatial.distance import cdist

from clusters.errors import BadValue
from clusters.spatial_weights import binary_weights, checked_values, checked_weights, grid_contiguity, row_standardized


def test_rows_sum_to_one_and_an_island_keeps_a_zero_row() -> None:
    """a-b-c on a road, b nearer to c; d on an island."""
    road = sparse.csr_array(np.array([[0, 1, 0, 0], [1, 0, 3, 0], [0, 3, 0, 0], [0, 0, 0, 0]], float))
    assert row_standardized(road).toarray().tolist() == [[0, 1, 0, 0], [0.25, 0, 0.75, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    assert binary_weights(road).sum(axis=1).tolist() == [1, 2, 1, 0]


def test_the_weights_that_came_are_as_they_were() -> None:
    road = sparse.coo_array(([2.0, 0.0, 2.0], ([0, 0, 1], [1, 2, 0])), shape=(3, 3))
    before = road.data.copy()
    assert row_standardized(road).nnz == 2  # the stored zero is no neighbor
    assert binary_weights(road).nnz == 2
    assert road.data.tolist() == before.tolist()
    assert road.nnz == 3


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ([[0, 1], [1, 0]], "an array of rows and columns; got list"),
        (
            sparse.csr_array(np.ones((2, 3))),
            r"the shape of weights must be \(2, 2\), a row and a column a unit; got \(2, 3\)",
        ),
        (sparse.csr_array([[0.0, -1.0], [1.0, 0.0]]), r"weights must be finite and at least 0; got -1\.0"),
        (sparse.csr_array([[0.0, np.nan], [1.0, 0.0]]), "weights must be finite and at least 0; got nan"),
        (sparse.csr_array([[0.0, 1.0], [1.0, 0.5]]), "unit 1 as its own neighbor"),
    ],
)
def test_what_is_no_weight_is_told(weights: object, says: str) -> None:
    with pytest.raises(BadValue, match=says):
        checked_weights(weights)


def test_a_matrix_of_another_size_than_the_values_is_told() -> None:
    with pytest.raises(BadValue, match=r"must be \(3, 3\), a row and a column a unit; got \(2, 2\)"):
        checked_weights(sparse.csr_array((2, 2)), 3)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([1, np.nan], "nan at unit 1"),
        ([np.inf, 1], "inf at unit 0"),
        ([], "values must be one number a unit; got nothing"),
        ([[1, 2]], r"shape \(1, 2\)"),
    ],
)
def test_what_is_no_value_is_told(values: object, says: str) -> None:
    with pytest.raises(BadValue, match=says):
        checked_values(values)


@given(arrays(bool, st.tuples(st.integers(1, 6), st.integers(1, 6))))
def test_neighbors_on_a_grid_are_the_cells_inside_at_most_one_step_away(inside: np.ndarray) -> None:
    cells = np.argwhere(inside)
    expected = cdist(cells, cells, "chebyshev") == 1 if len(cells) else np.zeros((0, 0))
    assert (grid_contiguity(inside).toarray() == expected).all()


def test_a_grid_has_two_dimensions() -> None:
    with pytest.raises(BadValue, match=r"1 dimension\(s\)"):
        grid_contiguity([True, True])


def test_a_plain_array_is_a_matrix_too() -> None:
    road = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    assert (checked_weights(road).toarray() == road).all()

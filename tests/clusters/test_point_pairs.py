"""Every pair once, near or far, however the points are cut into blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from clusters import point_pairs
from clusters.errors import BadValue
from clusters.point_pairs import checked_points, checked_radii, pair_blocks


@given(st.integers(0, 2**32), st.integers(2, 90), st.floats(0, 1.5), st.sampled_from([1, 3, 16, 512]))
@settings(max_examples=60)
def test_every_pair_comes_once_with_its_step(seed: int, count: int, within: float, size: int) -> None:
    x, y = np.random.default_rng(seed).random((2, count)).round(2)  # rounded, so that some points coincide
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(point_pairs, "BLOCK", size)
        found = {}
        for block in pair_blocks(x, y, within):
            for i, j, dx, dy, d in zip(block.first, block.second, block.dx, block.dy, block.distance, strict=True):
                assert (dx, dy) == (x[j] - x[i], y[j] - y[i])
                assert frozenset((i, j)) not in found
                found[frozenset((i, j))] = d
    expected = {
        frozenset((i, j)): np.sqrt((x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2) for i in range(count) for j in range(i)
    }
    assert found == {pair: d for pair, d in expected.items() if d <= within}


def test_blocks_far_apart_are_never_opened() -> None:
    x = np.arange(20_000.0)
    opened = list(pair_blocks(x, np.zeros(20_000), 2.0))
    assert sum(len(block.distance) for block in opened) == 19_999 + 19_998
    assert len(opened) < 3 * 20_000 / point_pairs.BLOCK + 20
    assert max(block.all_distances.size for block in opened) <= point_pairs.BLOCK**2


def test_all_pairs_of_many_blocks() -> None:
    x, y = np.random.default_rng(5).normal(size=(2, 1_500))
    found = np.sort(np.concatenate([block.distance for block in pair_blocks(x, y, np.inf)]))
    np.testing.assert_allclose(found, np.sort(pdist(np.column_stack([x, y]))), rtol=1e-13)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ([1, 2], [1], "shapes"),
        ([[1, 2]], [[1, 2]], "shapes"),
        ([1], [1], "at least 2; got 1"),
        ([1, np.nan], [1, 2], r"first \(nan, 2.0\) at 1"),
        ([1, 2], [np.inf, 2], r"first \(1.0, inf\) at 0"),
    ],
)
def test_points_that_no_distance_can_be_taken_of_are_refused(x: list, y: list, said: str) -> None:
    with pytest.raises(BadValue, match=said):
        checked_points(x, y)


@pytest.mark.parametrize("radii", [[], [1, 1], [2, 1], [-1, 1], [0, np.nan], [np.inf], [[0, 1]]])
def test_radii_ascend_from_zero(radii: list) -> None:
    with pytest.raises(BadValue, match="ascending distances"):
        checked_radii(radii)

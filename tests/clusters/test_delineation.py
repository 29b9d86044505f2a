"""Clusters from points: two towns and a lonely firm on paper, then what must not matter, then cells beside points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from clusters.delineation import Delineation, cell_centers, delineate_clusters
from clusters.errors import BadValue

Floats = NDArray[np.float64]


def names(count: int) -> list[str]:
    return [f"f{i:05d}" for i in range(count)]


def towns(seed: int, firms: int, width_m: float = 20_000) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    each = firms // 6
    near = [rng.normal(rng.uniform(0, width_m, 2), rng.uniform(100, 700), (each, 2)) for _ in range(5)]
    x, y = np.concatenate([*near, rng.uniform(0, width_m, (firms - 5 * each, 2))]).round(2).T
    return x, y


def partition(found: Delineation) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(found.labels == k).tolist()) for k in range(1, len(found.reach_m) + 1)}


def test_two_tight_towns_and_one_lonely_firm() -> None:
    """甲 has 4 firms 100 m apart, 乙 3 firms 200 m apart, 4 000 m of nothing between; one firm stands 50 km away.

    min_samples 2 counts the firm and its neighbor: core distances are 100 in 甲, 200 in 乙. 甲 is one at 100 m and 乙
    at 200 m. They part at 4 000 m, when the lonely firm, at 50 km, has long been left. Persistence of 甲 is
    4·(1/100 − 1/4000) / (4/100) = 1 − 100/4000 = 0.975, of 乙 1 − 200/4000 = 0.95.
    """
    x = [4300, 4500, 4700, 0, 100, 200, 300, 54_700]
    found = delineate_clusters(x, [0] * 8, list("abcdefgh"), min_size=3, min_samples=2, most_reach_m=np.inf)
    assert found.labels.tolist() == [2, 2, 2, 1, 1, 1, 1, -1]
    assert found.persistence == pytest.approx([0.975, 0.95], abs=1e-12)
    assert found.reach_m.tolist() == [100, 200]
    assert (found.approximate, found.displacement_m, found.places) == (False, 0, 8)


def test_within_a_reach_the_whole_may_be_a_cluster() -> None:
    """甲 alone, 4 firms 100 m apart, is the whole and so no cluster; with a reach of 1 000 m it parts from that.

    Its persistence is 1 − 100/1000 = 0.9. A firm 1 100 m away joins it without the reach only.
    """
    x = [0, 100, 200, 300, 1400, 9000]
    for reach, labels, persistence in ((np.inf, [-1] * 6, []), (1_000, [1, 1, 1, 1, -1, -1], [0.9])):
        found = delineate_clusters(x, [0] * 6, list("abcdef"), min_size=3, min_samples=2, most_reach_m=reach)
        assert found.labels.tolist() == labels
        assert found.persistence == pytest.approx(persistence)


def test_one_tower_of_many_firms_is_a_cluster_within_a_reach() -> None:
    assert delineate_clusters([7.0] * 6 + [9_000.0], [0] * 7, names(7)).labels.tolist() == [1] * 6 + [-1]


def test_of_equally_large_clusters_the_one_with_the_lowest_id_comes_first() -> None:
    x = [0, 100, 200, 5000, 5100, 5200]
    assert delineate_clusters(x, [0] * 6, list("bcdaef"), min_size=3, min_samples=2).labels.tolist() == [
        2, 2, 2, 1, 1, 1,
    ]  # fmt: skip


def test_firms_at_one_address_are_not_infinitely_dense() -> None:
    """Ten firms in one tower inside a district of firms 60 m apart: the tower alone is no cluster, the district is."""
    x = np.concatenate([np.full(10, 300.0), np.arange(0, 660, 60), np.arange(0, 660, 60) + 9_000])
    found = delineate_clusters(x, np.zeros(len(x)), names(len(x)), min_size=5, min_samples=2)
    assert [len(part) for part in sorted(partition(found), key=len)] == [11, 21]


def test_one_heavy_firm_is_no_cluster_when_firms_are_asked_for() -> None:
    x, weights = [-30_000.0, 3_000, 3_060, 3_120, 9_000, 9_060, 9_120], [50.0, 1, 1, 1, 1, 1, 1]
    free = delineate_clusters(x, [0] * 7, names(7), weights=weights, min_size=3, min_samples=2)
    held = delineate_clusters(x, [0] * 7, names(7), weights=weights, min_size=3, min_samples=2, min_firms=3)
    assert partition(free) == {frozenset({0}), frozenset({1, 2, 3}), frozenset({4, 5, 6})}
    assert partition(held) == {frozenset({1, 2, 3}), frozenset({4, 5, 6})}


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(cells: list[tuple[int, int]], random: object) -> None:
    """On a lattice, where nearly all distances tie."""
    x, y = np.array(cells or np.empty((0, 2))).reshape(-1, 2).T * 100.0
    ids = np.array(names(len(x)), object)
    order = np.array(random.sample(range(len(x)), len(x)), np.int64)  # type: ignore[attr-defined]
    before = x.copy()
    found = delineate_clusters(x, y, ids, min_size=4, min_samples=3)
    again = delineate_clusters(x[order], y[order], ids[order], min_size=4, min_samples=3)
    assert again.labels.tolist() == found.labels[order].tolist()
    assert again.persistence.tolist() == found.persistence.tolist()
    assert x.tolist() == before.tolist()


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 7)), min_size=1, max_size=25))
def test_a_weight_of_three_is_three_firms(rows: list[tuple[int, int, int]]) -> None:
    x, y, times = np.array(rows).T
    found = delineate_clusters(x * 100, y * 100, names(len(x)), weights=times, min_size=5, min_samples=4)
    at = np.repeat(np.arange(len(x)), times)
    again = delineate_clusters(x[at] * 100, y[at] * 100, names(len(at)), min_size=5, min_samples=4)
    assert {frozenset(at[list(part)].tolist()) for part in partition(again)} == partition(found)


@pytest.mark.parametrize("seed", range(3))
def test_a_shift_of_the_origin_does_not_matter(seed: int) -> None:
    x, y = towns(seed, 300)
    found = delineate_clusters(x, y, names(300), min_size=8)
    moved = delineate_clusters(x + 512_345.67, y + 2_498_765.43, names(300), min_size=8)
    assert moved.labels.tolist() == found.labels.tolist()
    assert moved.reach_m.tolist() == found.reach_m.tolist()


@pytest.mark.parametrize("exact_up_to", [20_000, 1])
def test_firms_far_away_change_nothing(exact_up_to: int) -> None:
    x, y = towns(7, 300)
    found = delineate_clusters(x, y, names(300), min_size=8, exact_up_to=exact_up_to)
    far_x, far_y = np.append(x, [400_000, -300_000]), np.append(y, [0, 500_000])
    again = delineate_clusters(far_x, far_y, names(302), min_size=8, exact_up_to=exact_up_to)
    assert again.labels.tolist() == [*found.labels.tolist(), -1, -1]
    assert again.persistence.tolist() == found.persistence.tolist()


def test_twice_the_distances_give_the_same_clusters_of_twice_the_reach() -> None:
    x, y = towns(3, 300)
    found = delineate_clusters(x, y, names(300), min_size=8, resolution_m=10)
    twice = delineate_clusters(2 * x, 2 * y, names(300), min_size=8, resolution_m=20, most_reach_m=4_000)
    assert twice.labels.tolist() == found.labels.tolist()
    assert twice.reach_m == pytest.approx(2 * found.reach_m)


def test_cells_move_a_firm_by_half_their_diagonal_at_most() -> None:
    x, y = towns(0, 6_000)
    found = delineate_clusters(x, y, names(6_000), min_size=60, min_samples=30, exact_up_to=1_000)
    assert (found.cell_m, found.approximate) == (50.0, True)
    moved = np.hypot(*(new - old for new, old in zip(cell_centers(x, y, found.cell_m), (x, y), strict=True)))
    assert moved.max() <= found.displacement_m == pytest.approx(25 * 2**0.5)
    assert cell_centers(x, y, None) == (x, y)


@pytest.mark.parametrize("seed", range(2))
def test_cells_give_nearly_the_clusters_of_the_points(seed: int) -> None:
    x, y = towns(seed, 6_000)
    exact = delineate_clusters(x, y, names(6_000), min_size=60, min_samples=30)
    cells = delineate_clusters(x, y, names(6_000), min_size=60, min_samples=30, exact_up_to=1_000)
    assert cells.places < exact.places
    assert adjusted_rand_score(exact.labels, cells.labels) > 0.9


def test_cells_of_a_shift_by_whole_cells_are_the_same() -> None:
    x, y = towns(1, 3_000)
    found = delineate_clusters(x, y, names(3_000), min_size=30, exact_up_to=100)
    moved = delineate_clusters(x + 5_000, y - 12_500, names(3_000), min_size=30, exact_up_to=100)
    assert moved.labels.tolist() == found.labels.tolist()


def test_cells_are_widened_until_there_are_few_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clusters.delineation.MOST_CELLS", 400)
    x, y = towns(1, 3_000)
    found = delineate_clusters(x, y, names(3_000), min_size=30, exact_up_to=100)
    assert found.cell_m in (200.0, 400.0, 800.0)
    assert found.places <= 400


def test_nothing_is_no_cluster_and_neither_is_the_whole() -> None:
    assert delineate_clusters([], [], []).labels.tolist() == []
    assert delineate_clusters([1, 1], [2, 2], ["a", "b"]).labels.tolist() == [-1, -1]
    row = np.arange(10) * 60.0
    assert set(delineate_clusters(row, 0 * row, names(10), most_reach_m=np.inf).labels) == {-1}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x_m": [0.0, np.nan]}, "x_m must be a number of meters from -1e.07 to 1e.07; got nan"),
        ({"y_m": [0.0, np.inf]}, "y_m must be a number of meters from -1e.07 to 1e.07; got inf"),
        ({"x_m": [0.0]}, "those of one value for each id"),
        ({"weights": [1.0, -1.0]}, r"weights must be finite and at least 0; got -1\.0"),
        ({"min_size": 0}, "min_size must be a number above 0; got 0"),
        ({"min_samples": -1}, "min_samples must be a number above 0; got -1"),
        ({"resolution_m": 0}, r"resolution_m must be at least 0\.01 m; got 0"),
        ({"cell_m": np.nan}, r"cell_m must be at least 0\.01 m; got nan"),
        ({"most_reach_m": 49}, r"most_reach_m must be at least the resolution of 50\.0 m; got 49"),
    ],
)
def test_what_cannot_be_taken_is_told(change: dict[str, object], said: str) -> None:
    given_ = {"x_m": [0.0, 1.0], "y_m": [0.0, 1.0], "ids": ["a", "b"], **change}
    with pytest.raises(BadValue, match=said):
        delineate_clusters(**given_)  # type: ignore[arg-type]

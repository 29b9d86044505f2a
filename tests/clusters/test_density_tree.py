"""Trees of density: worked by hand, then beside scikit-learn's HDBSCAN, whose rows decide ties where ours do not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial.distance import cdist
from sklearn.cluster import HDBSCAN
from sklearn.metrics import adjusted_rand_score

from clusters.density_tree import DenseRegions, core_distances2, dense_regions, growth_order


def regions(places: NDArray[np.int64], size: int, samples: int, floor: float = 1.0) -> DenseRegions:
    ones = np.ones(len(places))
    return dense_regions(
        places[:, 0], places[:, 1], ones, ones.astype(np.int64),
        min_size=size, min_firms=1, min_samples=samples, floor2=floor**2,
    )  # fmt: skip


def towns(seed: int, firms: int = 400) -> NDArray[np.int64]:
    """Five towns of different density and firms anywhere between, in centimetres."""
    rng = np.random.default_rng(seed)
    each = firms // 6
    near = [rng.normal(rng.uniform(0, 1e6, 2), rng.uniform(5e3, 5e4), (each, 2)) for _ in range(5)]
    return np.unique(np.rint(np.concatenate([*near, rng.uniform(0, 1e6, (each, 2))])).astype(np.int64), axis=0)


def cut_from_the_top(points: NDArray[np.int64], size: int, samples: int, floor: float, reach: float) -> set:
    """Clusters by the definition: every level cut in turn, from the greatest distance down, one point a firm."""
    apart = np.maximum(cdist(points, points), floor)
    np.fill_diagonal(apart, 0)
    if len(points) < samples:
        return set()
    core = np.maximum(np.sort(apart, axis=1)[:, samples - 1], floor)
    apart = np.maximum(apart, np.maximum.outer(core, core))

    def parts(held: NDArray[np.int64], level: float, strictly: bool) -> list[NDArray[np.int64]]:
        inside = apart[np.ix_(held, held)]
        _, part = connected_components((inside < level) if strictly else (inside <= level))
        return [held[part == number] for number in range(part.max() + 1)]

    def best(held: NDArray[np.int64], born: float, may: bool = True) -> tuple[float, list[NDArray[np.int64]]]:
        mass, now, below, chosen = 0.0, held, 0.0, []
        for level in np.unique(apart[np.ix_(held, held)])[::-1]:
            pieces = parts(now, level, strictly=True)
            large = [piece for piece in pieces if len(piece) >= size]
            mass += (len(now) - (len(large[0]) if len(large) == 1 else 0)) / level
            if len(large) != 1:
                found = [best(piece, 1 / level) for piece in large]
                below, chosen = sum(one for one, _ in found), [each for _, some in found for each in some]
                break
            now = large[0]
        own = mass - len(held) * born
        return (own, [held]) if may and own >= below - 1e-12 * mass else (max(own, below), chosen)

    everyone = np.arange(len(points))
    if np.isinf(reach):
        return {frozenset(each.tolist()) for each in best(everyone, 0.0, may=False)[1]}
    whole = [part for part in parts(everyone, reach, strictly=False) if len(part) >= size]
    return {frozenset(each.tolist()) for part in whole for each in best(part, 1 / reach)[1]}


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, 14), st.integers(0, 6)), min_size=1, max_size=45),
    st.integers(2, 6), st.integers(1, 6), st.sampled_from([1.0, 1.5, 2.0]), st.sampled_from([2.0, 3.0, 5.0, np.inf]),
)  # fmt: skip
def test_clusters_are_those_of_the_definition(
    firms: list[tuple[int, int]], size: int, samples: int, floor: float, reach: float
) -> None:
    """On a lattice with several firms at a place: ties everywhere, in the tree from below and in the cut from above."""
    points = np.array(firms)
    places, at, weight = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    found = dense_regions(
        places[:, 0], places[:, 1], weight.astype(float), weight,
        min_size=size, min_firms=1, min_samples=samples, floor2=floor**2, reach2=reach**2,
    )  # fmt: skip
    label = found.label[at]
    ours = {frozenset(np.flatnonzero(label == number).tolist()) for number in range(label.max() + 1)}
    theirs = cut_from_the_top(points, size, samples, floor, reach) if len(points) >= size else set()
    assert ours == theirs


def test_core_distance_counts_the_place_itself_and_weights() -> None:
    """Places at 0, 3, 4 and 100 that weigh 1, 2, 1 and 5: a weight of 3 is reached at 3, at 1, at 1 and at once."""
    x = np.array([0, 3, 4, 100])
    assert core_distances2(x, 0 * x, np.array([1.0, 2, 1, 5]), 3).tolist() == [9, 1, 1, 0]


def test_a_place_as_near_to_one_cluster_as_to_another_is_in_neither() -> None:
    """Three at 0, 1, 2, three at 20, 21, 22, one at 11: at distance 9 all meet at once, and 11 is not yet in a town.

    scikit-learn gives it to the town that its rows lead to first.
    """
    x = np.array([0, 1, 2, 11, 20, 21, 22, 500])
    places = np.column_stack([x, 0 * x])
    assert regions(places, 3, 2).label.tolist() in ([0, 0, 0, -1, 1, 1, 1, -1], [1, 1, 1, -1, 0, 0, 0, -1])
    theirs = HDBSCAN(min_cluster_size=3, min_samples=2, copy=True).fit(places.astype(float)).labels_
    assert theirs[3] in (0, 1)


def test_the_inner_part_or_the_whole_whichever_has_more_mass() -> None:
    """Two pairs of towns far apart. Pair P: towns of 3 firms, 10 apart, gap 20. Pair Q the same with a gap of 1000.

    P as one: 6 firms join at 20 and part from Q at 10 000, the towns in it live from 10 to 20 only:
    P 6·(1/20 − 1/10000) = 0.2994 against 2·3·(1/10 − 1/20) = 0.3, so even P is split; with a gap of 18 it is not:
    6·(1/18 − 1/10000) = 0.3327 against 6·(1/10 − 1/18) = 0.2667.
    """
    for gap, clusters in ((20, 4), (18, 3)):
        town = np.array([0, 10, 20])
        p = np.concatenate([town, town + 20 + gap])
        q = 10_000 + p[-1] + np.concatenate([town, town + 1020])
        x = np.concatenate([p, q])
        assert regions(np.column_stack([x, 0 * x]), 3, 2).label.max() + 1 == clusters


@pytest.mark.parametrize("seed", range(6))
def test_clusters_are_those_of_scikit_learn_but_for_ties(seed: int) -> None:
    """Every firm that we put into a cluster, scikit-learn does; few are left by us as being in neither of two."""
    places = towns(seed)
    ours = regions(places, 10, 10)
    theirs = HDBSCAN(min_cluster_size=10, min_samples=10, copy=True).fit(places.astype(float)).labels_
    inside = ours.label >= 0
    assert inside.sum() > 100
    assert ours.label.max() == theirs.max()
    assert adjusted_rand_score(ours.label[inside], theirs[inside]) == pytest.approx(1)
    assert not (inside & (theirs < 0)).any()
    assert (~inside & (theirs >= 0)).sum() <= 0.01 * len(places)


@pytest.mark.parametrize("seed", range(3))
def test_a_floor_is_that_of_a_table_of_distances(seed: int) -> None:
    places = towns(seed)
    floor = 8_000.0
    distances = np.maximum(cdist(places, places), floor)
    np.fill_diagonal(distances, 0)
    ours = regions(places, 10, 5, floor)
    theirs = HDBSCAN(min_cluster_size=10, min_samples=5, metric="precomputed", copy=True).fit(distances).labels_
    inside = (ours.label >= 0) & (theirs >= 0)
    assert inside.sum() > 100
    assert adjusted_rand_score(ours.label[inside], theirs[inside]) == pytest.approx(1)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_growth_is_a_minimum_spanning_tree(seed: int) -> None:
    places = towns(seed, 120)
    x, y = places.T
    core2 = core_distances2(x, y, np.ones(len(x)), 4)
    order, joined2 = growth_order(x, y, core2)
    reach2 = np.maximum(cdist(places, places, "sqeuclidean"), np.maximum.outer(core2, core2))
    np.fill_diagonal(reach2, 0)
    assert sorted(order) == list(range(len(x)))
    assert np.sort(joined2).tolist() == np.sort(minimum_spanning_tree(reach2).data).tolist()


def test_small_whole_numbers_give_the_same_order_in_half_the_digits() -> None:
    """Cells are grown in 32 bits, centimetres in 64."""
    rng = np.random.default_rng(1)
    cells = np.unique(rng.integers(0, 60, (500, 2)), axis=0)
    x, y = cells.T
    core2 = core_distances2(x, y, np.ones(len(x)), 5)
    order, joined2 = growth_order(x, y, core2)
    far, far2 = growth_order(x * 10_000, y * 10_000, core2 * 1e8)
    assert order.tolist() == far.tolist()
    assert (joined2 * 1e8).tolist() == far2.tolist()


@pytest.mark.parametrize("seed", range(3))
def test_within_a_reach_the_tree_is_what_the_whole_one_has_there(seed: int) -> None:
    """Places are looked at by squares of the reach; none within it is missed."""
    places = towns(seed)
    x, y = places.T
    core2 = core_distances2(x, y, np.ones(len(x)), 4)
    _, whole = growth_order(x, y, core2)
    for reach in (2e3, 2e4, 2e5):
        order, joined2 = growth_order(x, y, core2, reach2=reach**2)
        assert sorted(order) == list(range(len(x)))
        assert np.sort(joined2[joined2 <= reach**2]).tolist() == np.sort(whole[whole <= reach**2]).tolist()
        assert np.isinf(joined2[joined2 > reach**2]).all()


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    x = np.arange(2_500)
    growth_order(x, 0 * x, np.ones(2_500), tell=lambda *one: told.append(one))
    assert told == [("delineating", done, 2_500) for done in (0, 1_000, 2_000)]

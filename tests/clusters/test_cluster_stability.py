"""Clusters found again: by hand for one resample, then what must hold of any."""

import numpy as np
import pytest

from clusters.cluster_stability import cluster_stability
from clusters.delineation import delineate_clusters
from clusters.errors import BadValue


class Draws:
    """Gives the rows that a test wrote down."""

    def __init__(self, *rows: list[int]) -> None:
        self.rows = list(rows)

    def integers(self, low: int, high: int, size: int) -> np.ndarray:
        assert (low, high, size) == (0, 8, 8)
        return np.array(self.rows.pop(0))


X = np.array([0.0, 100, 200, 300, 5000, 5100, 5200, 5300])
IDS = list("abcdefgh")


def test_two_resamples_by_hand() -> None:
    """First draw: a, b, c, c and e, f, g, g; both towns come back whole: 1 and 1.

    Second draw: a, b, d, d and e four times. min_samples 2: a–b at 100, d at 200 from b, so {a, b, d} is found: its
    firms were all that was drawn of town 1, 1. e four times weighs 4 at one address and is a cluster of one firm, all
    that was drawn of town 2: 1. Third draw: a, b, c, d and e, e, g, h: e weighs 2, g–h 100 apart, e–g 200: found
    whole. If the labels say that h belonged to town 1, town 1 is {a, b, c, d, h}: best 4/5; town 2 is {e, g}: 2/3.
    """
    kept = {"min_size": 3, "min_samples": 2}
    labels = [1, 1, 1, 1, 2, 2, 2, 2]
    draws = Draws([0, 1, 2, 2, 4, 5, 6, 6], [0, 1, 3, 3, 4, 4, 4, 4])
    found = cluster_stability(X, 0 * X, IDS, labels, rng=draws, resamples=2, **kept)  # type: ignore[arg-type]
    assert found.jaccard.tolist() == [1, 1]
    draws = Draws([0, 1, 2, 3, 4, 4, 6, 7])
    found = cluster_stability(
        X, 0 * X, IDS, [1, 1, 1, 1, 2, 2, 2, 1], rng=draws, resamples=1, **kept  # type: ignore[arg-type]
    )  # fmt: skip
    assert found.jaccard == pytest.approx([4 / 5, 2 / 3])


def test_a_cluster_that_was_never_drawn_is_not_known() -> None:
    draws = Draws([0, 1, 2, 3, 0, 1, 2, 3])
    found = cluster_stability(X, 0 * X, IDS, [1, 1, 1, 1, 2, 2, 2, 2], rng=draws, resamples=1, min_size=3)  # type: ignore[arg-type]
    assert np.isnan(found.jaccard[1])


def test_the_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    x, y = np.concatenate([rng.normal(0, 300, (40, 2)), rng.normal(2_000, 500, (40, 2))]).T
    ids = np.array([f"{i:02d}" for i in range(80)], object)
    labels = delineate_clusters(x, y, ids, min_size=8).labels
    order = rng.permutation(80)
    one = cluster_stability(x, y, ids, labels, rng=np.random.default_rng(0), resamples=10, min_size=8)
    other = cluster_stability(
        x[order], y[order], ids[order], labels[order], rng=np.random.default_rng(0), resamples=10, min_size=8
    )
    assert one.jaccard.tolist() == other.jaccard.tolist()
    assert one.resamples == 10


def test_towns_are_stable_and_clusters_of_pure_chance_are_not() -> None:
    rng = np.random.default_rng(2)
    far = np.concatenate([rng.normal(at, 200, (60, 2)) for at in (0, 8_000, 16_000)])
    chance = rng.uniform(0, 10_000, (180, 2))
    ids = [f"{i:03d}" for i in range(180)]
    means = []
    for x, y in (far.T, chance.T):
        labels = delineate_clusters(x, y, ids, min_size=8).labels
        found = cluster_stability(x, y, ids, labels, rng=np.random.default_rng(0), resamples=25, min_size=8)
        means.append(float(found.jaccard.mean()))
    assert means[0] > 0.9
    assert means[1] < 0.6


def test_no_resample_is_no_answer() -> None:
    with pytest.raises(BadValue, match="resamples must be at least 1; got 0"):
        cluster_stability(X, 0 * X, IDS, [1] * 8, rng=np.random.default_rng(0), resamples=0)

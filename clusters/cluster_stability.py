"""Would clusters found from points be found again? Firms are drawn again with replacement and clustered again.

A firm that is drawn twice counts twice, which keeps the number of firms and so the meaning of a least size. What this
leaves out: that a register may lack whole groups of firms, which no resampling of those it has can show.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from clusters.delineation import delineate_clusters
from clusters.density_tree import NOISE
from clusters.errors import BadValue
from data.progress import Progress, unheard

STABLE, PATTERN = 0.75, 0.6


@dataclass(frozen=True, eq=False)
class ClusterStability:
    """How well clusters are found again.

    Attributes
    ----------
    jaccard : ndarray
        Mean best Jaccard similarity of each cluster, 0 to 1; NaN for a cluster that was never drawn.
    resamples : int
        Draws of all firms that it is the mean over.
    """

    jaccard: NDArray[np.float64]
    resamples: int


def stability_word(jaccard: float) -> str | None:
    """``'stable'`` from 0.75, ``'pattern'`` from 0.6, else ``'unstable'``; ``None`` when it is not known.

    Examples
    --------
    >>> [stability_word(value) for value in (0.9, 0.75, 0.6, 0.59, float("nan"))]
    ['stable', 'stable', 'pattern', 'unstable', None]
    """
    if np.isnan(jaccard):
        return None
    return "stable" if jaccard >= STABLE else "pattern" if jaccard >= PATTERN else "unstable"


def cluster_stability(
    x_m: ArrayLike, y_m: ArrayLike, ids: Any, labels: ArrayLike, *,
    rng: np.random.Generator, resamples: int = 100, weights: ArrayLike | None = None, tell: Progress = unheard,
    **choices: Any,
) -> ClusterStability:  # fmt: skip
    """Mean best Jaccard similarity of each cluster with the clusters of resampled firms.

    Parameters
    ----------
    x_m, y_m, ids, weights
        As ``delineate_clusters`` took them.
    labels : array_like of int, (firms,)
        What it found.
    rng : Generator
        Draws the firms; the same state gives the same draws in whatever order the rows come.
    resamples : int
        1 or more; 100 are usual.
    tell : Progress, optional
        Is told of resamples done.
    choices
        Further choices of ``delineate_clusters``.

    Returns
    -------
    ClusterStability

    Raises
    ------
    BadValue

    Notes
    -----
    For cluster :math:`C` and resample :math:`b`, which drew the firms :math:`D_b` and found the clusters
    :math:`\\mathcal{E}_b`,

    .. math::

        J(C) = \\frac{1}{B} \\sum_{b=1}^{B} \\max_{E \\in \\mathcal{E}_b}
               \\frac{|C \\cap D_b \\cap E|}{|(C \\cap D_b) \\cup E|}

    Each firm that was drawn counts once; a resample that drew none of :math:`C` is left out of its mean.

    Reading: from 0.75 a cluster is stable, from 0.6 it is a pattern whose members are doubtful, below it dissolves
    (Hennig's convention).

    Limits: a stable cluster need not mean anything, and one of fewer than some 10 firms is seldom stable. Firms at one
    address are drawn one by one.

    References
    ----------
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics and Data Analysis 52,
    258-271.

    Examples
    --------
    >>> x = np.concatenate([np.arange(20) * 10, 9_000 + np.arange(20) * 10])
    >>> ids = [f"{i:02d}" for i in range(40)]
    >>> labels = np.repeat([1, 2], 20)
    >>> found = cluster_stability(x, np.zeros(40), ids, labels, rng=np.random.default_rng(0), resamples=20)
    >>> found.jaccard.tolist(), found.resamples
    ([1.0, 1.0], 20)
    """
    if resamples < 1:
        raise BadValue("resamples", resamples, "at least 1")
    ids = np.asarray(ids, object)
    order = np.argsort(pd.factorize(ids, sort=True)[0], kind="stable")
    x, y, label = (np.asarray(values)[order] for values in (x_m, y_m, labels))
    ids, weight = ids[order], np.ones(len(order)) if weights is None else np.asarray(weights, np.float64)[order]
    clusters = max(int(label.max(initial=0)), 0)
    best = np.full((resamples, clusters), np.nan)
    for number in range(resamples):
        tell("resampling", number, resamples)
        times = np.bincount(rng.integers(0, len(ids), len(ids)), minlength=len(ids))
        at = np.flatnonzero(times)
        again = delineate_clusters(x[at], y[at], ids[at], weights=(weight * times)[at], **choices)
        best[number] = _best_jaccard(label[at], again.labels, clusters)
    drawn = np.isfinite(best)
    known = drawn.sum(axis=0)
    mean = np.where(drawn, best, 0).sum(axis=0) / np.where(known, known, np.nan)
    return ClusterStability(mean, resamples)


def _best_jaccard(label: NDArray[Any], again: NDArray[np.int64], clusters: int) -> NDArray[np.float64]:
    """Best similarity of clusters 1, 2, … with any cluster of ``again``; NaN for one without a row."""
    old, new = np.where(label == NOISE, 0, label), np.where(again == NOISE, 0, again)
    width = int(new.max(initial=0)) + 1
    both = np.bincount(old * width + new, minlength=(clusters + 1) * width).reshape(clusters + 1, width)
    rows, columns = both.sum(axis=1)[1:, None], both.sum(axis=0)[None, 1:]
    shared = both[1:, 1:]
    with np.errstate(invalid="ignore"):
        similar = (shared / (rows + columns - shared)).max(axis=1, initial=0)
    return np.where(rows[:, 0] > 0, similar, np.nan)

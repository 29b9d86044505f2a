"""Where clusters of firms are, found from their points alone: no district line and no subsector draws them.

A cluster here is a region that is denser than what surrounds it, at whatever density that is (HDBSCAN), so that a tight
business district and a wide industrial belt can both be one. Few firms are taken at their points. Many are taken in
cells of 50 m whose firms count at the center of the cell; such a result says that it is approximate, and by how much a
firm was moved. What this leaves out: roads, rivers and borders between firms (distances are straight), and firms that
have no point of their own (``clusters.found_clusters`` says how many).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from clusters.checking import Floats, check_amounts
from clusters.density_tree import NOISE, dense_regions
from clusters.errors import BadValue
from data.progress import Progress, unheard

RESOLUTION_M = 50.0
"""Firms nearer than this are as near as can be told: a building, an address."""
MOST_REACH_M = 2_000.0
"""Firms further apart than half an hour's walk are not in one place on account of each other."""
CELL_M = 50.0
EXACT_UP_TO = 20_000
"""Points that are taken as they are; of more, their cells."""
MOST_CELLS = 200_000
"""Of more cells, those of twice the width are taken."""
_CM = 100
_FARTHEST_M = 1e7

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Delineation:
    """Clusters of points.

    Attributes
    ----------
    labels : ndarray of int64
        Cluster of each row: 1 has the most rows, of equally large ones that with the lowest id; -1 is noise.
    persistence : ndarray
        Of each cluster, 0 to 1.
    reach_m : ndarray
        Distance at which the last firm joins each cluster, m.
    cell_m : float or None
        Width of the cells; ``None`` when every firm stood at its own point.
    places : int
        Points or cells that were clustered.
    """

    labels: Ints
    persistence: Floats
    reach_m: Floats
    cell_m: float | None
    places: int

    @property
    def approximate(self) -> bool:
        """Whether firms were moved to the centers of cells."""
        return self.cell_m is not None

    @property
    def displacement_m(self) -> float:
        """The most that a firm was moved: half the diagonal of a cell, m."""
        return 0.0 if self.cell_m is None else self.cell_m / sqrt(2)


def delineate_clusters(
    x_m: ArrayLike, y_m: ArrayLike, ids: Sequence[str] | NDArray[np.object_] | pd.Index, *,
    weights: ArrayLike | None = None, min_size: float = 5, min_firms: int = 1, min_samples: float | None = None,
    resolution_m: float = RESOLUTION_M, most_reach_m: float = MOST_REACH_M, cell_m: float = CELL_M,
    exact_up_to: int = EXACT_UP_TO, tell: Progress = unheard,
) -> Delineation:  # fmt: skip
    """Clusters of points by density.

    A firm's core distance is the least within which firms of a given weight lie, itself included. Two firms are as far
    apart as they are, but never nearer than the core distance of either. Raise a level of distance from nothing: firms
    within it connect, and a connected group that is large enough is a candidate. The candidates form a tree; those
    whose mass lies furthest above the density at which they part from others, or from the reach, are the clusters. What
    is in none is noise.

    Parameters
    ----------
    x_m, y_m : array_like, (firms,)
        Easting and northing in metres, such as ``geo.crs.to_metric`` gives in EPSG:4547; taken to the centimetre.
    ids : sequence of str, (firms,)
        Decides which of equally large clusters comes first.
    weights : array_like, (firms,), optional
        0 or more; a firm of weight 3 is three firms at one point. 1 each when left out.
    min_size : float
        Least weight of a cluster, above 0.
    min_firms : int
        Least number of rows of a cluster, so that one heavy firm is none.
    min_samples : float, optional
        Weight within the core distance, the firm's own included; ``min_size`` when left out.
    resolution_m : float
        Distances below this count as this, at least 0.01; in cells, no less than their width.
    most_reach_m : float
        Steps longer than this connect nothing, at least ``resolution_m``. With infinity the method is the paper's, in
        which the whole is never a cluster and the last cluster takes in whatever is left around it.
    cell_m : float
        Width of cells, taken to the centimetre; doubled while there are more than 200 000 of them.
    exact_up_to : int
        Up to so many different points, each is taken as it is; beyond, in cells.
    tell : Progress, optional
        Is told of places joined.

    Returns
    -------
    Delineation
        Without a cluster when weights add up to less than ``min_size`` or ``min_samples``.

    Raises
    ------
    BadValue

    Notes
    -----
    With :math:`w_i` the weight of firm :math:`i`, :math:`d_{ij}` the distance, :math:`m` min_samples, :math:`r` the
    resolution and :math:`R` the most reach,

    .. math::

        c_i = \\min\\{d : \\sum_{j : d_{ij} \\le d} w_j \\ge m\\}, \\qquad
        \\delta_{ij} = \\max(c_i, c_j, d_{ij}, r) \\le R, \\qquad \\lambda = 1/\\delta

    .. math::

        S(C) = \\sum_{i \\in C} w_i\\,(\\lambda_i - \\lambda_C), \\qquad
        \\text{persistence}(C) = S(C) \\Big/ \\sum_{i \\in C} w_i \\lambda_i

    where :math:`\\lambda_i` is the density up to which firm :math:`i` stays in :math:`C` and :math:`\\lambda_C` that at
    which :math:`C` parts from its neighbors, :math:`1/R` when it never does. The chosen clusters do not overlap and
    their :math:`S` add up to the most. Equal distances merge at once, so that labels do not depend on the order of rows
    or on how a tie is broken; a firm as near to one cluster as to another is in neither. scikit-learn's HDBSCAN breaks
    such ties by the order of rows and, without a reach, agrees in everything else.

    Reading: persistence near 1 is a cluster far denser than what it parts from, near 0 one that is hardly set off.
    A cluster of reach 300 m is connected by steps of at most 300 m.

    Limits: the reach decides what a place is; try half and twice of it. Fewer than some 30 firms give clusters that a
    few firms more would redraw: see ``cluster_stability``. In cells, every firm is moved by at most 0.71 of their
    width, so distances are off by up to 1.41 of it.

    References
    ----------
    Campello, R., Moulavi, D., Sander, J. (2013). Density-based clustering based on hierarchical density estimates.
    PAKDD 2013, LNCS 7819, 160-172.
    McInnes, L., Healy, J. (2017). Accelerated hierarchical density based clustering. ICDM Workshops, 33-42.

    Examples
    --------
    Two towns of three firms, 100 m from one to the next, and a firm far away.

    >>> x = [0, 100, 200, 5000, 5100, 5200, 99_000]
    >>> found = delineate_clusters(x, [0] * 7, list("abcdefg"), min_size=3, min_samples=2)
    >>> found.labels.tolist(), found.reach_m.tolist(), found.persistence.round(3).tolist()
    ([1, 1, 1, 2, 2, 2, -1], [100.0, 100.0], [0.95, 0.95])
    """
    x, y, weight = _checked(x_m, y_m, ids, weights)
    min_samples = min_size if min_samples is None else min_samples
    _check_choices(min_size=min_size, min_firms=min_firms, min_samples=min_samples, exact_up_to=exact_up_to)
    for what, metres in (("resolution_m", resolution_m), ("cell_m", cell_m)):
        if not 0.01 <= metres < np.inf:
            raise BadValue(what, metres, "at least 0.01 m")
    if not most_reach_m >= resolution_m:
        raise BadValue("most_reach_m", most_reach_m, f"at least the resolution of {resolution_m} m")
    east, north = (np.rint(values * _CM).astype(np.int64) for values in (x, y))
    width, (at, px, py) = 1, _places(east, north)
    if len(px) > exact_up_to:
        width = round(cell_m * _CM)
        at, px, py = _places(east // width, north // width)
        while len(px) > MOST_CELLS:
            width *= 2
            at, px, py = _places(east // width, north // width)
    regions = dense_regions(
        px, py, _summed(weight, at), np.bincount(at, minlength=len(px)),
        min_size=min_size, min_firms=min_firms, min_samples=min_samples,
        floor2=(max(round(resolution_m * _CM), width) / width) ** 2,
        reach2=(most_reach_m * _CM / width) ** 2, tell=tell,
    )  # fmt: skip
    labels, order = _largest_first(regions.label[at], ids)
    return Delineation(
        labels,
        regions.persistence[order],
        np.sqrt(regions.reach2[order]) * width / _CM,
        width / _CM if width > 1 else None,
        len(px),
    )


def cell_centers(x_m: Floats, y_m: Floats, cell_m: float | None) -> tuple[Floats, Floats]:
    """Where firms stood when they were clustered: at the centers of their cells, or where they are."""
    if cell_m is None:
        return x_m, y_m
    x, y = ((np.floor(np.rint(values * _CM) / (cell_m * _CM)) + 0.5) * cell_m for values in (x_m, y_m))
    return x, y


def _checked(x_m: ArrayLike, y_m: ArrayLike, ids: object, weights: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    x, y = np.asarray(x_m, np.float64), np.asarray(y_m, np.float64)
    weight = np.ones(x.shape) if weights is None else np.asarray(weights, np.float64)
    if x.ndim != 1 or {x.shape, y.shape, weight.shape} != {(len(ids),)}:  # type: ignore[arg-type]
        came = f"{x.shape}, {y.shape}, {weight.shape} and {len(ids)} ids"  # type: ignore[arg-type]
        raise BadValue("the shapes of x_m, y_m and weights", came, "those of one value for each id")
    for what, values in (("x_m", x), ("y_m", y)):
        wrong = ~(np.abs(values) <= _FARTHEST_M)
        if wrong.any():
            raise BadValue(what, values[wrong].tolist(), f"a number of meters from {-_FARTHEST_M:g} to {_FARTHEST_M:g}")
    return x, y, check_amounts(weight, "weights")


def _check_choices(**choices: float) -> None:
    for what, value in choices.items():
        if not 0 < value < np.inf:
            raise BadValue(what, value, "a number above 0")


def _places(x: Ints, y: Ints) -> tuple[Ints, Ints, Ints]:
    """Number of the place of each row, and the different places in order of x and y."""
    if not len(x):
        return x, x, y
    tall = int(y.max() - y.min()) + 1
    key, at = np.unique((x - x.min()) * tall + (y - y.min()), return_inverse=True)
    return at, key // tall + x.min(), key % tall + y.min()


def _summed(weight: Floats, at: Ints) -> Floats:
    """Weight of each place, added up in an order that is none of the rows'."""
    if not len(at):
        return weight
    order = np.lexsort((weight, at))
    starts = np.flatnonzero(np.diff(at[order], prepend=-1))
    return np.asarray(np.add.reduceat(weight[order], starts))


def _largest_first(label: Ints, ids: object) -> tuple[Ints, Ints]:
    """Labels from 1 by rows, then by lowest id; and the old label of each."""
    inside = np.flatnonzero(label != NOISE)
    known = pd.Series(np.asarray(ids, object)[inside]).groupby(label[inside]).agg(["size", "min"])
    order = known.sort_values(["size", "min"], ascending=[False, True]).index.to_numpy(np.int64)
    new = np.full(len(order) + 1, NOISE, np.int64)  # the last is that of noise
    new[order] = np.arange(1, len(order) + 1)
    return new[label], order

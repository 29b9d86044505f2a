"""How dense regions nest: HDBSCAN of weighted places, in which a place of weight w is w firms at one point.

The hierarchy is that of Campello, Moulavi and Sander (2013), computed exactly. It differs from scikit-learn's in two
ways, which is why it is computed here. Places have weights, for cells of many firms and for firms of unequal revenue.
And distances that are equal are merged at once, as the paper says, and not in the order of rows: a place that is as far
from one cluster as from another belongs to neither, where scikit-learn gives it to whichever comes first.

Distances below a floor count as the floor. Without one, firms that share an address are infinitely dense, and every
large office tower is a cluster of its own.

Steps longer than a reach connect nothing. It is as if the surroundings of every place began there: what is connected
within the reach may be a cluster, be it all that there is, and firms beyond it join none. Without a reach the method is
the paper's, in which the whole is never a cluster and the last cluster takes in whatever is left around it.

Coordinates are whole numbers of some unit, so that squared distances are exact and equal ones are equal. What this
leaves out: the tree is grown place by place (Prim). Each looks at all within its reach and some more, so that time is
in step with the places times their neighbors, and without a reach with the square of the places.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from clusters.checking import Floats
from data.progress import Progress, unheard

Ints = NDArray[np.int64]

NOISE = -1
TOLD_EVERY = 1_000
_EXACT_FLOAT32 = 2**24
_FIRST_NEIGHBOURS, _MOST_LOOKED_AT = 32, 4_000_000


@dataclass(frozen=True, eq=False)
class DenseRegions:
    """Clusters of places, in no particular order.

    Attributes
    ----------
    label : ndarray of int64
        Cluster of each place, 0 upwards; -1 is noise.
    persistence : ndarray
        Share of each cluster's mass that lies above the density at which it parts from its surroundings, 0 to 1.
    reach2 : ndarray
        Squared distance at which the last place joins each cluster, square units.
    """

    label: Ints
    persistence: Floats
    reach2: Floats


def dense_regions(
    x: Ints, y: Ints, weight: Floats, firms: Ints, *,
    min_size: float, min_firms: int, min_samples: float, floor2: float, reach2: float = np.inf,
    tell: Progress = unheard,
) -> DenseRegions:  # fmt: skip
    """Clusters by excess of mass.

    Parameters
    ----------
    x, y : ndarray of int64
        Different places, in whole units.
    weight : ndarray
        Of each place, 0 or more.
    firms : ndarray of int64
        At each place.
    min_size, min_firms
        What a cluster has at least, in weight and in firms.
    min_samples : float
        Weight within the core distance of a place, its own included.
    floor2 : float
        Squared distance below which distances count as this, square units; above 0.
    reach2 : float
        Squared distance beyond which nothing connects.
    tell : Progress
        Is told of places joined.
    """
    if weight.sum() < max(min_size, min_samples):
        return DenseRegions(np.full(len(x), NOISE, np.int64), np.empty(0), np.empty(0))
    core2 = np.maximum(core_distances2(x, y, weight, min_samples), floor2)
    order, joined2 = growth_order(x, y, core2, reach2=reach2, tell=tell)
    tree = _Tree(order, core2, weight, firms, min_size, min_firms)
    tree.grow(joined2, reach2)
    return tree.chosen(whole=bool(np.isfinite(reach2)))


def core_distances2(x: Ints, y: Ints, weight: Floats, min_samples: float) -> Floats:
    """Squared distance from each place within which a weight of ``min_samples`` lies, its own included.

    Examples
    --------
    >>> core_distances2(np.array([0, 3, 10]), np.array([0, 4, 0]), np.array([1.0, 1.0, 2.0]), 2).tolist()
    [25.0, 25.0, 0.0]
    """
    places = np.column_stack([x, y]).astype(np.float64)
    tree, found = cKDTree(places), np.full(len(x), np.inf)
    left, near = np.arange(len(x)), min(_FIRST_NEIGHBOURS, len(x))
    while len(left):
        for part in np.array_split(left, len(left) * near // _MOST_LOOKED_AT + 1):
            _, at = tree.query(places[part], k=[*range(1, near + 1)])
            full = np.cumsum(weight[at], axis=1) >= min_samples * (1 - 1e-12)
            known = full.any(axis=1)
            last = at[known, full[known].argmax(axis=1)]
            found[part[known]] = ((places[part[known]] - places[last]) ** 2).sum(axis=1)
        if near == len(x):
            break
        left, near = left[np.isinf(found[left])], min(4 * near, len(x))
    return found


def growth_order(
    x: Ints, y: Ints, core2: Floats, *, reach2: float = np.inf, tell: Progress = unheard
) -> tuple[Ints, Floats]:
    """Places in the order in which a minimum spanning tree of mutual reachability takes them, by Prim's algorithm.

    Places that are connected at some distance stand together in this order, between two joined at a greater distance,
    so that order and distances are the whole single-linkage hierarchy.

    Returns
    -------
    order : ndarray of int64
    joined2 : ndarray
        Squared mutual reachability at which each place but the first joined those before it; infinite beyond the reach.
    """
    tiles = _Tiles(x, y, reach2)
    # whole numbers that 32 bits can hold are as exact there and twice as fast
    small = tiles.most2 < _EXACT_FLOAT32 and bool((core2 == np.rint(core2)).all()) and core2.max() < _EXACT_FLOAT32
    kind: type[np.float32] | type[np.float64] = np.float32 if small else np.float64
    xs, ys, cs = (values[tiles.place].astype(kind) for values in (x - x.min(), y - y.min(), core2))
    key = np.full(len(x), np.inf, kind)
    least = np.full(len(tiles.first), np.inf, kind)
    d2, e2 = np.empty_like(key), np.empty_like(key)
    order, joined2 = np.empty(len(x), np.int64), np.full(len(x), np.inf)
    at, fresh = 0, 0
    for step in range(len(x)):
        order[step], joined2[step] = at, key[at] if key[at] <= reach2 else np.inf
        east, north, core = xs[at], ys[at], cs[at]
        cs[at] = key[at] = np.inf  # it is taken
        for begin, end, low, high, cuts in tiles.around(at):
            d, e, keys = d2[begin:end], e2[begin:end], key[begin:end]
            np.subtract(xs[begin:end], east, out=d)
            np.multiply(d, d, out=d)
            np.subtract(ys[begin:end], north, out=e)
            np.multiply(e, e, out=e)
            np.add(d, e, out=d)
            np.maximum(d, core, out=d)
            np.maximum(d, cs[begin:end], out=d)
            np.minimum(keys, d, out=keys)
            np.minimum.reduceat(keys, cuts, out=least[low:high])
        tile = int(least.argmin())
        if least[tile] <= reach2:
            at = tiles.first[tile] + int(key[tiles.first[tile] : tiles.first[tile + 1]].argmin())
        else:
            while fresh < len(x) and np.isinf(cs[fresh]):
                fresh += 1
            at = fresh
        if step % TOLD_EVERY == 0:
            tell("delineating", step, len(x))
    return tiles.place[order], joined2[1:]


class _Tiles:
    """Places by squares as wide as the reach, so that what is within reach of one lies in it or the eight around.

    Attributes
    ----------
    place : ndarray of int
        Places in order of their tiles.
    first : list of int
        Where each tile begins in that order, and the end.
    most2 : float
        The largest squared distance, and coordinate, that is looked at.
    """

    def __init__(self, x: Ints, y: Ints, reach2: float) -> None:
        x, y = x - x.min(), y - y.min()
        span = int(max(x.max(), y.max())) + 1
        width = min(ceil(reach2**0.5), span) if np.isfinite(reach2) else span
        tall = int(y.max()) // width + 2  # an empty one on top, so that none is the neighbor of one far below
        tile = x // width * tall + y // width
        self.place = np.argsort(tile, kind="stable")
        self.most2 = max(float(span), 8.0 * width**2)
        found, first, self._of = np.unique(tile[self.place], return_index=True, return_inverse=True)
        self.first = [*first.tolist(), len(x)]
        self._runs = [list(self._rows(found, int(number), tall)) for number in found]

    def around(self, at: int) -> list[tuple[int, int, int, int, Ints]]:
        """Places around one, in up to three runs: begin and end, its first tile and the one after its last, cuts."""
        return self._runs[self._of[at]]

    def _rows(self, found: Ints, tile: int, tall: int) -> Iterator[tuple[int, int, int, int, Ints]]:
        for middle in (tile - tall, tile, tile + tall):
            low, high = (int(n) for n in np.searchsorted(found, [middle - 1, middle + 2]))
            if low < high:
                begin = self.first[low]
                yield begin, self.first[high], low, high, np.array(self.first[low:high]) - begin


class _Tree:
    """The condensed tree, from the leaves to the root.

    A component of places is a node as soon as it is large enough, be it one place: its firms join at its core distance.
    Smaller ones that join a node are places of it; two nodes or more that meet end there, and begin another.
    """

    def __init__(
        self, order: Ints, core2: Floats, weight: Floats, firms: Ints, min_size: float, min_firms: int
    ) -> None:
        self.size, self.count = weight[order].tolist(), firms[order].tolist()
        self.order, self.core2 = order, core2[order].tolist()
        self.min_size, self.min_firms = min_size * (1 - 1e-12), min_firms
        self.root = list(range(len(order)))
        self.node = [NOISE] * len(order)  # of each component, by its root
        self.members: list[list[int] | None] = [[i] for i in range(len(order))]  # of each that is no node yet
        self.home = [NOISE] * len(order)  # node of each place
        self.parent: list[int] = []
        self.mass: list[float] = []  # sum of weight times the density up to which it stays
        self.weight: list[float] = []
        self.born: list[float] = []
        self.reach2: list[float] = []

    def grow(self, joined2: Floats, reach2: float) -> None:
        """Merge whatever is connected within the reach, the nearest first; there, the nodes that are left end."""
        rising = np.argsort(joined2, kind="stable")[: int((joined2 <= reach2).sum())]
        levels = joined2[rising]
        ends = [*np.flatnonzero(np.diff(levels, prepend=-1)).tolist(), len(rising)]
        for first, end in pairwise(ends):
            self._level(rising[first:end].tolist(), float(levels[first]))
        for place, root in enumerate(self.root):
            if root == place and self.node[place] == NOISE and self._is_large(place) and self.core2[place] <= reach2:
                self._take([place], self._new_node(), self.core2[place])
        for node, parent in enumerate(self.parent):
            if parent == NOISE:
                self.born[node] = reach2**-0.5

    def _level(self, steps: list[int], distance2: float) -> None:
        """Merge all components that are connected at one distance, at once."""
        groups: dict[int, list[int]] = {}
        for step in steps:
            one, other = self._find(step), self._find(step + 1)
            parts = groups.pop(one, [one])
            more = groups.pop(other, [other])
            if len(parts) < len(more):
                parts, more = more, parts
            root = min(one, other)
            self.root[max(one, other)] = root
            parts.extend(more)
            groups[root] = parts
        for root, parts in sorted(groups.items()):
            self._merge(root, sorted(parts), distance2)

    def _merge(self, root: int, parts: list[int], distance2: float) -> None:
        density = distance2**-0.5
        for part in parts:
            if self.node[part] == NOISE and self._is_large(part) and self.core2[part] < distance2:
                self._take([part], self._new_node(), self.core2[part])
        size = sum(self.size[part] for part in parts)
        count = sum(self.count[part] for part in parts)
        nodes = [self.node[part] for part in parts if self.node[part] != NOISE]
        small = [part for part in parts if self.node[part] == NOISE]
        if len(nodes) == 1:
            node = nodes[0]
        elif nodes or (size >= self.min_size and count >= self.min_firms):
            node = self._new_node()
            for child in nodes:
                self.parent[child], self.born[child] = node, density
                self.mass[node] += self.weight[child] * density
                self.weight[node] += self.weight[child]
        else:
            node = NOISE
        if node == NOISE:
            parts = sorted(small, key=lambda part: -len(self.members[part] or []))
            held = self.members[parts[0]] or []
            for part in parts[1:]:
                held.extend(self.members[part] or [])
            self.members[root] = held
        else:
            self._take(small, node, distance2)
        self.size[root], self.count[root], self.node[root] = size, count, node

    def _take(self, parts: list[int], node: int, distance2: float) -> None:
        """Let all places of components that are no nodes join one."""
        density = distance2**-0.5
        for part in parts:
            for member in self.members[part] or []:
                self.home[member] = node
            self.mass[node] += self.size[part] * density
            self.weight[node] += self.size[part]
            self.members[part], self.node[part] = None, node
        self.reach2[node] = distance2

    def _is_large(self, part: int) -> bool:
        return bool(self.size[part] >= self.min_size and self.count[part] >= self.min_firms)

    def _new_node(self) -> int:
        for values in (self.mass, self.weight, self.born, self.reach2):
            values.append(0.0)
        self.parent.append(NOISE)
        return len(self.parent) - 1

    def _find(self, place: int) -> int:
        root = self.root
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    def chosen(self, *, whole: bool) -> DenseRegions:
        """Nodes whose excess of mass is at least that of all that is chosen below them, be it a whole or not."""
        excess = [mass - weight * born for mass, weight, born in zip(self.mass, self.weight, self.born, strict=True)]
        below = [0.0] * len(excess)
        chosen = [False] * len(excess)
        for node, parent in enumerate(self.parent):  # children come before their parent
            if parent != NOISE or whole:
                chosen[node] = excess[node] >= below[node] - 1e-12 * self.mass[node]
            if parent != NOISE:
                below[parent] += max(excess[node], below[node])
        label = [NOISE] * (len(excess) + 1)  # the last is that of places without a node
        picked: list[int] = []
        for node in range(len(excess) - 1, -1, -1):
            label[node] = label[self.parent[node]]  # that of no parent is the last
            if chosen[node] and label[node] == NOISE:
                label[node] = len(picked)
                picked.append(node)
        found = np.empty(len(self.order), np.int64)
        found[self.order] = np.array(label)[self.home]
        kept = np.array(picked, np.int64)
        mass, reach2 = np.array(self.mass)[kept], np.array(self.reach2)[kept]
        return DenseRegions(found, np.array(excess)[kept] / mass, reach2)

"""Which distances between the firms of an industry are more common than chance makes them?

The K-density of Duranton and Overman is the density of the distances between all pairs of firms, smoothed. Unlike
Ripley's K it is about one distance at a time, knows no study area and can count each firm by its size. The null draws
the sites from those of all firms (``clusters.envelopes``). Few pairs are summed one by one; many are first counted in
bins of 1/256 of the bandwidth, and ``k_density`` bounds how little that changes. Distances are straight lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clusters.envelopes import Envelope, Progress, checked_members, labelling_envelope
from clusters.errors import BadValue
from clusters.point_pairs import Floats, Indices, checked_points, checked_radii, pair_blocks

HELD_PAIRS = 4_000_000  # their distances are kept in memory; those of more are taken anew in each pass
EXACT_PAIRS = 2_000_000  # summed one by one; more are binned
BINS = 256  # to a bandwidth
REACH = 9  # bandwidths beyond which a binned distance counts for nothing: the kernel is 1e-18 of its peak there
MOST_BINS = 4_000_000  # 64 MB; a bandwidth so small that more would be needed has its pairs summed one by one
VANISHES = 40  # bandwidths at which the kernel is 0 in floating point
KERNELS = 100_000  # radii times distances looked at together
QUARTILE_BINS = 65_536
NO_SPREAD = 1e-7  # of the longest distance: less is rounding


def k_density(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    radii: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    r_max: float | None = None,
    bandwidth_m: float | None = None,
    exact: bool | None = None,
) -> Floats:
    r"""Duranton–Overman K-density: how common each distance is among all pairs of an industry's firms.

    Parameters
    ----------
    x, y : array-like of float
        Firms, at least 2, in the metres of a projected CRS. Firms at one place have distance 0.
    radii : array-like of float
        Metres, ascending, none below 0.
    weights : array-like of float, optional
        Size of each firm, such as employees, none below 0; a pair counts by the product of both. All pairs alike when
        left out.
    r_max : float, optional
        Metres above 0; the largest radius when left out. Distances up to twice as long choose the bandwidth.
    bandwidth_m : float, optional
        Metres above 0; that of ``k_density_bandwidth`` when left out.
    exact : bool, optional
        Whether each pair is summed by itself, or counted in bins of 1/256 of the bandwidth. When left out, up to two
        million pairs are summed.

    Returns
    -------
    array of float
        Density per metre at each radius, at least 0; over all distances from 0 it integrates to 1. NaN when the
        bandwidth is not defined or no pair weighs anything.

    Raises
    ------
    BadValue
        When an argument is not as said.

    Notes
    -----
    Over all :math:`m = n(n-1)/2` pairs, with the normal density :math:`\varphi_h` of standard deviation h, reflected
    at 0 so that nothing is smoothed into negative distances:

    .. math:: \hat K(r) = \frac{1}{m} \sum_{i<j} \left[\varphi_h(r - d_{ij}) + \varphi_h(r + d_{ij})\right]

    and with weights :math:`\sum_{i<j} e_i e_j [\ldots] / \sum_{i<j} e_i e_j`. A bin counts at the mean of its
    distances, which moves the result by at most :math:`\varphi_h(0) / (8 \cdot 256^2)`, 2e-6 of a kernel's peak, and
    not at all where pairs are alone in their bins; ``docs/performance.md`` has what was measured.

    Reading: 0.0002 at 1,000 m means that 2 % of the pairs lie between 950 and 1,050 m apart. More than
    ``k_density_envelope`` allows at short distances is localization; less is dispersion.

    Limits: it says nothing of where. A surplus at short distances must be a deficit at others. The smoothing hides
    patterns finer than the bandwidth. Below about 10 firms the curve is mostly kernel.

    References
    ----------
    Duranton, G., & Overman, H. G. (2005). Testing for localization using micro-geographic data. Review of Economic
    Studies 72.

    Examples
    --------
    Two firms 3 m apart, a bandwidth of 1 m: at 3 m the peak of the normal density, and next to nothing from its mirror.

    >>> k_density([0, 3], [0, 0], radii=[0, 3], bandwidth_m=1).round(4).tolist()
    [0.0089, 0.3989]
    """
    xs, ys, asked = *checked_points(x, y), checked_radii(radii)
    sizes = _checked_weights(weights, len(xs))
    pairs = _Distances(xs, ys, sizes)
    width = _bandwidth(pairs, _checked_reach(r_max, asked)) if bandwidth_m is None else bandwidth_m
    if bandwidth_m is not None and not (np.isfinite(bandwidth_m) and bandwidth_m > 0):
        raise BadValue("bandwidth_m", bandwidth_m, "metres above 0")
    one_by_one = pairs.count <= EXACT_PAIRS if exact is None else exact
    return _density(pairs, asked, width, exact=one_by_one)


def k_density_bandwidth(x: npt.ArrayLike, y: npt.ArrayLike, *, r_max: float) -> float:
    r"""Bandwidth of the K-density: Silverman's rule on the distances up to twice ``r_max``.

    Parameters
    ----------
    x, y : array-like of float
        Firms, at least 2, in the metres of a projected CRS.
    r_max : float
        The largest distance of interest, metres above 0.

    Returns
    -------
    float
        Metres. NaN when fewer than two distances are that short, or all of them are equal.

    Raises
    ------
    BadValue
        When points or ``r_max`` are not as said.

    Notes
    -----
    With the standard deviation s (divisor k − 1) and the interquartile range (linear interpolation) of the k distances
    that are at most twice ``r_max``; with s alone when that range is 0:

    .. math:: h = 0.9 \, \min(s, \mathrm{IQR} / 1.34) \, k^{-1/5}

    Reading: patterns finer than about h are smoothed away. All passes over the distances are exact, however many.

    Limits: the rule suits one smooth hump; between two industrial parks it smooths too much.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, section 3.4.2. Chapman and Hall.

    Examples
    --------
    Three firms in a row have the distances 1, 2 and 3: s = 1, the range is 1.

    >>> round(k_density_bandwidth([0, 1, 3], [0, 0, 0], r_max=5), 6) == round(0.9 / 1.34 * 3 ** -0.2, 6)
    True
    """
    xs, ys = checked_points(x, y)
    return _bandwidth(_Distances(xs, ys, None), _checked_reach(r_max, np.zeros(1)))


def k_density_envelope(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    members: npt.ArrayLike,
    *,
    radii: npt.ArrayLike,
    rng: np.random.Generator,
    weights: npt.ArrayLike | None = None,
    r_max: float | None = None,
    draws: int = 999,
    level: float = 0.05,
    progress: Progress | None = None,
) -> Envelope:
    r"""K-density of an industry beside that of as many sites drawn from all firms: bands and a p-value.

    Parameters
    ----------
    x, y : array-like of float
        The firms of all industries, in metres.
    members : array of bool
        Which of them are the industry's; at least 2.
    radii : array-like of float
        Metres, ascending, none below 0.
    rng : Generator
        The source of the draws.
    weights : array-like of float, optional
        Size of each firm; those of the members are dealt anew to the sites of each draw, so that the industry keeps its
        large and small firms.
    r_max : float, optional
        As in ``k_density``.
    draws : int
        Sets of sites drawn, without replacement within each; at least 1.
    level : float
        Share of null curves outside a band, between 0 and 1.
    progress : callable, optional
        Told the draws done and the draws in all.

    Returns
    -------
    Envelope
        Curves per metre. Every draw has a bandwidth of its own, as the industry has; all are binned alike.

    Raises
    ------
    BadValue
        When an argument is not as said.

    Notes
    -----
    With the observed curve and M drawn ones ordered by how extreme each is over all radii and on both sides:

    .. math:: p = \frac{1 + \#\{m : \hat K_m \text{ at least as extreme as } \hat K\}}{M + 1}

    Reading: above ``global_high`` the industry is localized at that distance; below ``global_low`` and nowhere above,
    it is dispersed. Both sides together are left by ``level`` of null curves, where the original has ``level`` a side.

    Limits: those of ``k_density``; and a small industry's band is wide, so that only strong patterns leave it. The time
    grows with draws and with the square of the industry's firms.

    References
    ----------
    Duranton, G., & Overman, H. G. (2005). Testing for localization using micro-geographic data. Review of Economic
    Studies 72.

    Examples
    --------
    Of 60 firms along a road the industry's are eight neighbors: nothing else has so many short distances.

    >>> x, y = np.arange(60.0), np.zeros(60)
    >>> found = k_density_envelope(x, y, x < 8, radii=[2, 4, 8], draws=199, rng=np.random.default_rng(7))
    >>> bool(found.observed[0] > found.high[0]), found.p_value < 0.05, found.n, round(found.bandwidth_m, 2)
    (True, True, 8, 0.78)
    """
    xs, ys, asked = *checked_points(x, y), checked_radii(radii)
    chosen, sizes = np.flatnonzero(checked_members(members, len(xs))), _checked_weights(weights, len(xs))
    reach = _checked_reach(r_max, asked)
    own_sizes = None if sizes is None else sizes[chosen]

    def measure(positions: Indices) -> Floats:
        at = np.sort(positions) if own_sizes is None else positions
        pairs = _Distances(xs[at], ys[at], own_sizes)
        return _density(pairs, asked, _bandwidth(pairs, reach), exact=False)

    bandwidth_m = _bandwidth(_Distances(xs[chosen], ys[chosen], None), reach)
    return labelling_envelope(
        measure, members, len(xs), asked, rng=rng, draws=draws, level=level, progress=progress, bandwidth_m=bandwidth_m
    )


# ---------------------------------------------------------------- pairs


@dataclass
class _Distances:
    """Distances of all pairs with the products of their sizes, to be gone through as often as needed."""

    x: Floats
    y: Floats
    sizes: Floats | None

    def __post_init__(self) -> None:
        self.count = len(self.x) * (len(self.x) - 1) // 2
        self.held = list(self._taken(np.inf)) if self.count <= HELD_PAIRS else None

    @property
    def total(self) -> float:
        """Pairs in all, or the sum of their products."""
        if self.sizes is None:
            return self.count
        ascending = np.sort(self.sizes)  # added from the small ones: a difference of squares would lose them
        return float((ascending[1:] * np.cumsum(ascending)[:-1]).sum())

    def within(self, reach: float) -> Iterator[tuple[Floats, Floats | None]]:
        """Distances up to ``reach`` and more, in pieces, with products."""
        yield from self._taken(reach) if self.held is None else self.held

    def _taken(self, reach: float) -> Iterator[tuple[Floats, Floats | None]]:
        for block in pair_blocks(self.x, self.y, reach):
            sizes = self.sizes
            yield block.distance, None if sizes is None else sizes[block.first] * sizes[block.second]


# ---------------------------------------------------------------- bandwidth


def _bandwidth(pairs: _Distances, r_max: float) -> float:
    """Silverman's rule; the first pass counts in bins and sums, the second sorts the bins that hold the quartiles."""
    most = 2 * r_max
    counts, first, second = np.zeros(min(pairs.count, QUARTILE_BINS), np.int64), 0.0, 0.0
    for near in _up_to(pairs, most):
        counts += np.bincount(_bins_of(near, most, len(counts)), minlength=len(counts))
        first += float((near - r_max).sum())
        second += float(((near - r_max) ** 2).sum())
    k = int(counts.sum())
    if k < 2:
        return float("nan")
    deviation = float(np.sqrt(max(0.0, second - first**2 / k) / (k - 1)))
    lower, upper = _quartiles(pairs, most, counts)
    spread = min(deviation, (upper - lower) / 1.34) if upper - lower > NO_SPREAD * most else deviation
    return 0.9 * spread * k**-0.2 if spread > NO_SPREAD * most else float("nan")


def _quartiles(pairs: _Distances, most: float, counts: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Quartiles by linear interpolation between the distances next to them in order."""
    ends = np.cumsum(counts)
    places = [(ends[-1] - 1) * share for share in (0.25, 0.75)]
    orders = [order for place in places for order in (int(np.floor(place)), int(np.ceil(place)))]
    bins = np.searchsorted(ends, orders, side="right")
    wanted = np.zeros(len(counts), np.bool_)
    wanted[bins] = True
    found = np.sort(np.concatenate([near[wanted[_bins_of(near, most, len(counts))]] for near in _up_to(pairs, most)]))
    kept = np.cumsum(np.where(wanted, counts, 0))
    values = [found[order - ends[at] + kept[at]] for order, at in zip(orders, bins, strict=True)]
    lower, upper = (
        float(values[2 * i] + (place - np.floor(place)) * (values[2 * i + 1] - values[2 * i]))
        for i, place in enumerate(places)
    )
    return lower, upper


def _up_to(pairs: _Distances, most: float) -> Iterator[Floats]:
    for distances, _ in pairs.within(most):
        yield distances[distances <= most]


def _bins_of(distances: Floats, most: float, bins: int) -> Indices:
    return np.minimum(distances * (bins / most), bins - 1).astype(np.intp)


# ---------------------------------------------------------------- density


def _density(pairs: _Distances, radii: Floats, width: float, *, exact: bool) -> Floats:
    if not (np.isfinite(width) and pairs.total > 0):
        return np.full(len(radii), np.nan)
    step, reach = width / BINS, radii[-1] + REACH * width
    if exact or reach / step > MOST_BINS:
        pieces = pairs.within(np.inf)
        summed = sum((_kernels(radii, width, distances, sizes) for distances, sizes in pieces), np.zeros(len(radii)))
    else:
        summed = _kernels(radii, width, *_binned(pairs, step, reach))
    return np.asarray(summed / pairs.total, np.float64)


def _binned(pairs: _Distances, step: float, reach: float) -> tuple[Floats, Floats]:
    """Mean distance and mass of every bin that is not empty; so a pair alone in its bin stays where it is."""
    masses, moments = np.zeros((2, int(reach / step) + 1))
    for distances, sizes in pairs.within(reach):
        near = distances < reach
        kept, mass = distances[near], None if sizes is None else sizes[near]
        at = (kept / step).astype(np.intp)
        masses += np.bincount(at, mass, minlength=len(masses))
        moments += np.bincount(at, kept if mass is None else kept * mass, minlength=len(masses))
    filled = np.flatnonzero(masses)
    return moments[filled] / masses[filled], masses[filled]


def _kernels(radii: Floats, width: float, distances: Floats, masses: Floats | None) -> Floats:
    """Sum of the kernel and of its mirror at 0 over distances, for each radius."""
    sums, at = np.zeros(len(radii)), radii[:, np.newaxis]
    together = max(1, KERNELS // len(radii))
    for start in range(0, len(distances), together):
        part = distances[start : start + together]
        kernel = np.exp(-0.5 * ((at - part) / width) ** 2)
        if part.min() < VANISHES * width:
            kernel += np.exp(-0.5 * ((at + part) / width) ** 2)
        sums += kernel.sum(axis=1) if masses is None else kernel @ masses[start : start + together]
    return sums / (width * float(np.sqrt(2 * np.pi)))


# ---------------------------------------------------------------- arguments


def _checked_weights(weights: npt.ArrayLike | None, firms: int) -> Floats | None:
    if weights is None:
        return None
    sizes = np.asarray(weights, dtype=np.float64)
    if sizes.shape != (firms,):
        raise BadValue("weights", f"shape {sizes.shape}", f"one for each of {firms} firms")
    if not (np.isfinite(sizes) & (sizes >= 0)).all():
        raise BadValue("weights", sizes[~(np.isfinite(sizes) & (sizes >= 0))][:3].tolist(), "finite, none below 0")
    return sizes


def _checked_reach(r_max: float | None, radii: Floats) -> float:
    reach = float(radii[-1] if r_max is None else r_max)
    if not (np.isfinite(reach) and reach > 0):
        raise BadValue("r_max", reach, "metres above 0")
    return reach

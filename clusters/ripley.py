"""At which distances do the firms of an industry gather, and is it more than all firms do?

Ripley's K counts neighbors within each radius; points are all alike, whatever their size, and distances are straight
lines. Complete spatial randomness over the area is not the comparison here, because much of a city cannot be built on:
the null is that the industry's firms sit at sites drawn from those of all firms (``clusters.envelopes``).
"""

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from clusters.edge_correction import Area, Correction, Weigh, check_inside, pair_weights, study_area
from clusters.envelopes import Envelope, Progress, labelling_envelope
from clusters.errors import BadValue
from clusters.point_pairs import Floats, Indices, checked_points, checked_radii, pair_blocks


def ripleys_k(
    x: npt.ArrayLike, y: npt.ArrayLike, *, radii: npt.ArrayLike, area: Area, correction: Correction = "translation"
) -> Floats:
    r"""Ripley's K: neighbors within each radius of a firm, divided by the firms per square metre.

    Were firms scattered evenly at random over the area, a firm would have as many neighbors within a radius as a circle
    of that radius holds on average, and K would be the area of the circle.

    Parameters
    ----------
    x, y : array-like of float
        Firms, at least 2, in the metres of a projected CRS. Firms at one place are neighbors at distance 0.
    radii : array-like of float
        Metres, ascending, none below 0.
    area : Polygon, MultiPolygon or (west, south, east, north)
        The study area in the same metres; every firm lies in it.
    correction : {'translation', 'none', 'isotropic'}
        What a pair counts for near the border: the inverse of the share of the area that overlaps itself when moved by
        the step between both; always 1; the inverse of the share of the circle around one through the other that lies
        inside.

    Returns
    -------
    array of float
        K at each radius in square metres, at least 0. NaN from the radius on at which a pair is met that has no share
        inside (two corners, for instance), for then its weight is not defined.

    Raises
    ------
    BadValue
        When points, radii or area are not as said, or a point lies outside.
    UnknownCorrection

    Notes
    -----
    Ordered pairs, a distance equal to the radius counts, and :math:`n(n-1)` below:

    .. math:: \hat K(r) = \frac{|A|}{n(n-1)} \sum_{i \ne j} w_{ij}\,[d_{ij} \le r]

    with :math:`w_{ij} = 1`, or :math:`|A| / |A \cap (A + x_i - x_j)|`, or the inverse of the fraction inside ``A`` of
    the circle around ``i`` through ``j``; weights have no ceiling. Rectangles parallel to the axes use closed forms.
    Other outlines: isotropic weights are exact and cost pairs times edges; translation weights are exact while pairs
    times vertices stay below two million, else interpolated between exact overlaps (see ``clusters.edge_correction``),
    which moves K by less than 0.1 % for outlines of a city and radii up to a quarter of its width.

    Reading: compare with :math:`\pi r^2`, or with the band of ``ripleys_k_envelope``; above it firms have more
    neighbors within r than chance gives. K adds up over distances, so an excess at 500 m is still in K at 2 km.

    Limits: it says that firms gather, not where. Against :math:`\pi r^2` nearly every industry gathers, since firms of
    all industries do. Radii beyond a quarter of the shorter side rest on few, heavily weighted pairs. Below about 30
    firms only strong patterns show.

    References
    ----------
    Ripley, B. D. (1976). The second-order analysis of stationary point processes. Journal of Applied Probability 13.
    Ohser, J. (1983). On estimators for the reduced second moment measure of point processes. Statistics 14.

    Examples
    --------
    Four firms at the corners of a square of 1 m within 10 m by 10 m. Each has two neighbors at 1 m and one at 1.41 m,
    so that K is 100 / 12 times 8, then times 12.

    >>> x, y = [4, 5, 4, 5], [4, 4, 5, 5]
    >>> ripleys_k(x, y, radii=[0.5, 1, 2], area=(0, 0, 10, 10), correction="none").round(3).tolist()
    [0.0, 66.667, 100.0]
    """
    xs, ys, asked, outline = *checked_points(x, y), checked_radii(radii), study_area(area)
    check_inside(xs, ys, outline)
    pairs = None if correction == "none" else sum(int(block.kept.sum()) for block in pair_blocks(xs, ys, asked[-1]))
    weigh = pair_weights(outline, correction, within_m=asked[-1], pairs=pairs)
    return _k_curve(xs, ys, asked, outline.area, weigh)


def ripleys_l(
    x: npt.ArrayLike, y: npt.ArrayLike, *, radii: npt.ArrayLike, area: Area, correction: Correction = "translation"
) -> Floats:
    r"""Ripley's L less the radius: how much wider a circle the neighbors of a firm would fill by chance.

    Parameters
    ----------
    x, y : array-like of float
        Firms, at least 2, in the metres of a projected CRS.
    radii : array-like of float
        Metres, ascending, none below 0.
    area : Polygon, MultiPolygon or (west, south, east, north)
        The study area in the same metres.
    correction : {'translation', 'none', 'isotropic'}
        As in ``ripleys_k``.

    Returns
    -------
    array of float
        L minus r in metres at each radius, at least minus r; NaN where K is.

    Raises
    ------
    BadValue
        As in ``ripleys_k``.
    UnknownCorrection

    Notes
    -----
    .. math:: L(r) - r = \sqrt{\hat K(r) / \pi} - r

    Reading: 0 is an even scatter at random; 300 m at a radius of 1 km means as many neighbors within 1 km as chance
    puts within 1.3 km; below 0 firms keep apart.

    Limits: those of ``ripleys_k``.

    References
    ----------
    Besag, J. (1977). Comments on Ripley's paper. Journal of the Royal Statistical Society B 39.

    Examples
    --------
    >>> x, y = [4, 5, 4, 5], [4, 4, 5, 5]
    >>> ripleys_l(x, y, radii=[0.5, 1, 2], area=(0, 0, 10, 10), correction="none").round(3).tolist()
    [-0.5, 3.607, 3.642]
    """
    return np.sqrt(ripleys_k(x, y, radii=radii, area=area, correction=correction) / np.pi) - checked_radii(radii)


def ripleys_k_envelope(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    members: npt.ArrayLike,
    *,
    radii: npt.ArrayLike,
    area: Area,
    rng: np.random.Generator,
    correction: Correction = "translation",
    draws: int = 999,
    level: float = 0.05,
    progress: Progress | None = None,
) -> Envelope:
    r"""Ripley's K of an industry beside that of as many firms drawn from all firms: bands and a p-value.

    Random labelling: the sites are those where firms are, and chance only decides which of them are the industry's.

    Parameters
    ----------
    x, y : array-like of float
        The firms of all industries, in metres.
    members : array of bool
        Which of them are the industry's; at least 2.
    radii : array-like of float
        Metres, ascending, none below 0.
    area : Polygon, MultiPolygon or (west, south, east, north)
        The study area; every firm lies in it.
    rng : Generator
        The source of the draws.
    correction : {'translation', 'none', 'isotropic'}
        As in ``ripleys_k``. For an outline that is no rectangle translation weights are interpolated, alike in the
        observed curve and in the draws.
    draws : int
        Industries drawn, without replacement within each; at least 1.
    level : float
        Share of null curves outside a band, between 0 and 1.
    progress : callable, optional
        Told the draws done and the draws in all.

    Returns
    -------
    Envelope
        Curves in square metres; ``bandwidth_m`` is NaN.

    Raises
    ------
    BadValue
        When an argument is not as said.
    UnknownCorrection

    Notes
    -----
    With the observed curve and M drawn ones ordered by how extreme each is over all radii and on both sides:

    .. math:: p = \frac{1 + \#\{m : K_m \text{ at least as extreme as } K\}}{M + 1}

    Reading: above ``global_high`` at some radius the industry gathers at distances up to it, more than firms in general
    do; below ``global_low`` it is spread. The local band holds for one radius that was chosen beforehand.

    Limits: an industry that follows another, gathering one, gathers too. The p-value and the global band order curves
    by slightly different rules, and may disagree when p is near ``level``. The time grows with draws and with the
    square of the industry's firms.

    References
    ----------
    Diggle, P. J., & Chetwynd, A. G. (1991). Second-order analysis of spatial clustering. Biometrics 47.
    Myllymäki, M., et al. (2017). Global envelope tests for spatial processes. Journal of the Royal Statistical Society
    B 79.

    Examples
    --------
    Of 40 firms along a road the industry's are four neighbors: no 4 firms have more pairs within 3 m.

    >>> x, y = np.arange(40.0), np.zeros(40)
    >>> found = ripleys_k_envelope(x, y, x < 4, radii=[3, 6], area=(-1, -1, 40, 1), correction="none", draws=199,
    ...                            rng=np.random.default_rng(7))
    >>> bool(found.observed[0] > found.high[0]), found.p_value < 0.05, found.n, found.draws
    (True, True, 4, 199)
    """
    xs, ys, asked, outline = *checked_points(x, y), checked_radii(radii), study_area(area)
    check_inside(xs, ys, outline)

    weigh = pair_weights(outline, correction, within_m=asked[-1])

    def measure(positions: Indices) -> Floats:
        ordered = np.sort(positions)
        return _k_curve(xs[ordered], ys[ordered], asked, outline.area, weigh)

    return labelling_envelope(measure, members, len(xs), asked, rng=rng, draws=draws, level=level, progress=progress)


def clark_evans(x: npt.ArrayLike, y: npt.ArrayLike, *, area_m2: float) -> float:
    r"""Clark–Evans ratio: the mean distance to the nearest firm over what an even scatter at random would give.

    Parameters
    ----------
    x, y : array-like of float
        Firms, at least 2, in the metres of a projected CRS. Firms at one place have distance 0.
    area_m2 : float
        Of the study area, above 0; never that of the hull of the firms.

    Returns
    -------
    float
        From 0 to 2.149.

    Raises
    ------
    BadValue
        When points or area are not as said.

    Notes
    -----
    Naive, without a correction for the border:

    .. math:: R = 2\,\bar d_{NN} \sqrt{n / |A|}

    Reading: 1 is a scatter at random, below 1 firms gather, above 1 they keep apart.

    Limits: it knows the nearest neighbor only, so pairs of firms far apart look like one cluster. Firms near the border
    lift it. Against all firms rather than an even scatter nothing is said.

    References
    ----------
    Clark, P. J., & Evans, F. C. (1954). Distance to nearest neighbor as a measure of spatial relationships in
    populations. Ecology 35.

    Examples
    --------
    Four firms, each 1 m from the nearest, on 100 m²: 2 times the root of 4 / 100.

    >>> clark_evans([4, 5, 4, 5], [4, 4, 5, 5], area_m2=100)
    0.4
    """
    xs, ys = checked_points(x, y)
    if not (np.isfinite(area_m2) and area_m2 > 0):
        raise BadValue("area_m2", area_m2, "square metres above 0")
    points = np.column_stack([xs, ys])
    nearest = KDTree(points).query(points, k=2)[0][:, 1]
    return float(2 * nearest.mean() * np.sqrt(len(xs) / area_m2))


def _k_curve(x: Floats, y: Floats, radii: Floats, area_m2: float, weigh: Weigh | None) -> Floats:
    ordered_pairs = np.zeros(len(radii))
    for block in pair_blocks(x, y, radii[-1]):
        first_radius = np.searchsorted(radii, block.distance)  # the smallest radius that holds the pair
        weights = weigh(block, x, y) if weigh else None
        ordered_pairs += (1 if weigh else 2) * np.bincount(first_radius, weights, minlength=len(radii))
    return area_m2 * np.cumsum(ordered_pairs) / (len(x) * (len(x) - 1))

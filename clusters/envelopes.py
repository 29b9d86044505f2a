"""How far does a curve over distances stray by chance? Bands and one p-value from curves of the null.

The null is random labelling: as many firms as the industry has, drawn without replacement from the sites of all firms.
So the hills, the sea and the planning that made the city what it is are in the null, and what is left is the industry's
own pattern. It leaves out that a firm might have been founded where today no firm is.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from clusters.checking import seed_of
from clusters.errors import BadValue
from clusters.point_pairs import Flags, Floats, Indices

Progress = Callable[[int, int], None]  # draws done, draws in all


@dataclass(frozen=True)
class Envelope:
    """A measured curve beside what random labelling gives.

    Attributes
    ----------
    radii : array of float
        Metres.
    observed : array of float
        The measure of the industry at each radius.
    low, high : array of float
        Local band: at any one radius, a curve of the null is outside with probability ``level``.
    global_low, global_high : array of float
        Global band: a curve of the null leaves it anywhere with probability ``level``. NaN when ``draws`` are too few
        for a band so wide; with 999 that does not happen to smooth curves.
    p_value : float
        Of the whole curve, both sides; never below 1 / (draws + 1). NaN when the curve is defined nowhere.
    draws : int
        Curves of the null behind the bands.
    n : int
        Firms of the industry.
    bandwidth_m : float
        Of the observed K-density; NaN for Ripley's K, which has none.
    level : float
        Share of null curves outside a band, 0.05 unless asked otherwise.
    seed : int or None
        Of the generator; ``None`` when it was not made from one number.
    """

    radii: Floats
    observed: Floats
    low: Floats
    high: Floats
    global_low: Floats
    global_high: Floats
    p_value: float
    draws: int
    n: int
    bandwidth_m: float
    level: float
    seed: int | None = None


def labelling_envelope(
    measure: Callable[[Indices], Floats],
    members: npt.ArrayLike,
    sites: int,
    radii: Floats,
    *,
    rng: np.random.Generator,
    draws: int,
    level: float,
    progress: Progress | None = None,
    bandwidth_m: float = float("nan"),
) -> Envelope:
    """The curve of the members beside the curves of as many sites drawn at random.

    Parameters
    ----------
    measure : callable
        From positions of sites to a curve over ``radii``; the order of positions is random in a draw.
    members : array of bool
        One for each site: whether its firm belongs to the industry. At least two do.
    sites : int
        Firms in all.
    radii : array of float
    rng : Generator
    draws : int
        At least 1. 999 or more make a p-value steady and the global band defined.
    level : float
        Between 0 and 1, both excluded.
    progress : callable, optional
        Told the draws done and the draws in all.
    bandwidth_m : float
        Handed on.

    Returns
    -------
    Envelope

    Raises
    ------
    BadValue
        When ``members``, ``draws`` or ``level`` are not as said.
    """
    chosen = checked_members(members, sites)
    if draws < 1:
        raise BadValue("draws", draws, "at least 1")
    if not 0 < level < 1:
        raise BadValue("level", level, "a share between 0 and 1")
    positions = np.flatnonzero(chosen)
    observed = measure(positions)
    curves = np.empty((draws, len(radii)))
    for draw in range(draws):
        curves[draw] = measure(rng.choice(sites, len(positions), replace=False))
        if progress:
            progress(draw + 1, draws)
    low, high = np.quantile(curves, [level / 2, 1 - level / 2], axis=0)
    global_low, global_high = global_band(curves, level)
    p_value = curve_p_value(observed, curves)
    return Envelope(
        radii,
        observed,
        low,
        high,
        global_low,
        global_high,
        p_value,
        draws,
        len(positions),
        bandwidth_m,
        level,
        seed_of(rng),
    )


def global_band(curves: Floats, level: float) -> tuple[Floats, Floats]:
    """The pointwise band so wide that a share ``level`` of the null leaves it somewhere.

    Parameters
    ----------
    curves : array of float
        Draws of the null by radii.
    level : float
        Between 0 and 1.

    Returns
    -------
    low, high : array of float
        Both NaN where a curve is NaN, and everywhere when even the lowest and highest curves would be left too often.

    Notes
    -----
    A curve counts as leaving a band of order statistics when it touches it: that is the share which another curve of
    the null would leave. Between two order statistics the level is interpolated, as Duranton and Overman (2005) do.
    """
    low, high = np.full((2, curves.shape[1]), np.nan)
    defined = np.isfinite(curves).all(axis=0)
    if not defined.any():
        return low, high
    kept, draws = curves[:, defined], len(curves)
    innermost = (draws - 1) / 2
    outermost = (_depths(kept).min(axis=1) - 1).astype(np.intp)  # 0 for a curve that is the lowest or highest somewhere
    leaving = np.cumsum(np.bincount(outermost, minlength=draws)) / draws
    if leaving[0] > level:
        return low, high
    order = int(np.searchsorted(leaving, level, side="right")) - 1
    if order + 1 < draws:
        order += (level - leaving[order]) / (leaving[order + 1] - leaving[order])
    share = min(order, innermost) / max(draws - 1, 1)
    low[defined], high[defined] = np.quantile(kept, [share, 1 - share], axis=0)
    return low, high


def curve_p_value(observed: Floats, curves: Floats) -> float:
    """Share of curves, the observed one among them, at least as extreme as the observed one.

    Parameters
    ----------
    observed : array of float
        One value for each radius.
    curves : array of float
        Draws of the null by radii.

    Returns
    -------
    float
        In (0, 1]; NaN when no radius has a value in every curve.

    Notes
    -----
    Curves are ordered by extreme rank length: by the most extreme rank that a curve takes at any radius and on either
    side, then by its next, and so on (Myllymäki et al., 2017). Under the null every place in the order is as likely.
    """
    every = np.vstack([observed, curves])
    defined = np.isfinite(every).all(axis=0)
    if not defined.any():
        return float("nan")
    depths = np.sort(_depths(every[:, defined]), axis=1)
    differences = depths - depths[0]
    decisive = (differences != 0).argmax(axis=1)
    return float(np.mean(differences[np.arange(len(every)), decisive] <= 0))


def checked_members(members: npt.ArrayLike, sites: int) -> Flags:
    """The members as flags.

    Raises
    ------
    BadValue
        When they are not one bool for each site, or fewer than two are true.
    """
    chosen = np.asarray(members)
    if chosen.dtype != np.bool_ or chosen.shape != (sites,):
        raise BadValue("members", f"{chosen.dtype} of shape {chosen.shape}", f"one bool for each of {sites} sites")
    if chosen.sum() < 2:
        raise BadValue("the number of members", int(chosen.sum()), "at least 2 firms")
    return chosen


def _depths(curves: Floats) -> Floats:
    """Rank from the nearer side, 1 for the lowest and the highest; those that tie share the deeper rank."""
    return np.asarray(
        np.minimum(rankdata(curves, method="max", axis=0), rankdata(-curves, method="max", axis=0)), np.float64
    )

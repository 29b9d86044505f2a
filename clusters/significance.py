"""How sure is it: p values, and what many tests at once do to them.

Every p is two-sided, since nobody knows beforehand whether a place will turn out hot or cold.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from clusters.errors import BadValue


def two_sided_p(z: ArrayLike) -> NDArray[np.float64]:
    """Probability of a standard normal at least as far from zero: 2 (1 - Φ(abs(z))); NaN stays NaN.

    Examples
    --------
    >>> two_sided_p([0.0, 1.959963984540054]).round(12)
    array([1.  , 0.05])
    """
    return np.asarray(2 * ndtr(-np.abs(np.asarray(z, np.float64))))


def fdr_adjusted_p(p: ArrayLike, *, tested: ArrayLike | None = None) -> NDArray[np.float64]:
    """p values adjusted for the false discovery rate over the units that were tested (Benjamini and Hochberg).

    Parameters
    ----------
    p : array_like of float
        From 0 to 1; NaN where a unit has none.
    tested : array_like of bool, optional
        Which units count: leave out islands and suppressed cells. All with a p when left out.

    Returns
    -------
    numpy.ndarray
        NaN for a unit that was not tested or has no p.

    Raises
    ------
    BadValue
        When a p is not from 0 to 1, or the lengths differ.

    Notes
    -----
    .. math::

        \\tilde p_{(k)} = \\min_{l \\ge k} \\min\\left(1, \\frac{m}{l} p_{(l)}\\right)

    over the m tested units in ascending order of p.

    Reading: Call all units with an adjusted p of at most 0.05 found: of those, 5 % are expected to be false.

    Limits: It holds for independent tests and for ones that are positively dependent, as those of neighbors are. The
    fewer the units that are tested, the less there is to adjust: a choice of units after seeing p undoes it.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical
    Society B 57, 289-300.

    Examples
    --------
    >>> fdr_adjusted_p([0.01, 0.02, 0.9, 0.001], tested=[True, True, True, False])
    array([0.03, 0.03, 0.9 ,  nan])
    """
    from scipy.stats import false_discovery_control  # takes longer to import than all else here

    given = np.asarray(p, np.float64)
    counts = np.ones(given.shape, bool) if tested is None else np.asarray(tested, bool)
    if counts.shape != given.shape:
        raise BadValue("the shape of tested", f"{counts.shape}", f"{given.shape}, one for each p")
    bad = given[~np.isnan(given) & ~((given >= 0) & (given <= 1))]
    if bad.size:
        raise BadValue("p", bad.tolist(), "numbers from 0 to 1")
    counts = counts & ~np.isnan(given)
    adjusted = np.full(given.shape, np.nan)
    if counts.any():
        adjusted[counts] = false_discovery_control(given[counts])
    return adjusted

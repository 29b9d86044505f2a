"""What weights follow from judging criteria two by two, and whether the judgments agree with one another (AHP).

Two methods under their own names: the principal right eigenvector, which is the analytic hierarchy process, and the
geometric means of rows, which agree with it when the judgments do. Left out: hierarchies of several levels, and how to
put together the judgments of several people.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clusters.checking import Floats
from clusters.errors import BadValue

RANDOM_INDEX = {3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}
"""Mean consistency index of random judgments by number of criteria; other tables exist."""
MOST_INCONSISTENT = 0.10
RECIPROCAL_WITHIN = 0.05
"""How far the product of two opposite judgments may be from 1, so that 0.33 passes for a third."""


@dataclass(frozen=True, eq=False)
class PairwiseWeights:
    """Weights from judgments, and how well these agree.

    Attributes
    ----------
    weights : Series
        Adding up to 1, by criterion.
    largest_eigenvalue : float
        Principal eigenvalue; the number of criteria when all judgments agree.
    consistency_index : float
        0 when all judgments agree; 0 with one criterion.
    consistency_ratio : float
        Index over that of random judgments; 0 for one or two criteria, NaN above ten, where the table ends.
    consistent : bool or None
        Whether the ratio is at most 0.10; ``None`` where there is none.
    """

    weights: pd.Series
    largest_eigenvalue: float
    consistency_index: float
    consistency_ratio: float
    consistent: bool | None


def ahp_weights(comparisons: pd.DataFrame | ArrayLike) -> PairwiseWeights:
    r"""Weights of criteria from pairwise comparisons, by the principal right eigenvector.

    Parameters
    ----------
    comparisons : DataFrame or array_like, (criteria, criteria)
        How many times as important the criterion of the row is as that of the column, above 0; usually 1 to 9 and
        their reciprocals. The opposite judgment is the reciprocal, to within 5 %.

    Returns
    -------
    PairwiseWeights

    Raises
    ------
    BadValue
        When the table is not square, its rows and columns differ in name, a judgment is not above 0 and finite, or two
        opposite ones are not reciprocals.

    Notes
    -----
    .. math:: A w = \lambda_{\max} w, \quad \sum_j w_j = 1, \qquad
       CI = \frac{\lambda_{\max} - n}{n - 1}, \qquad CR = \frac{CI}{RI_n}

    with :math:`RI_3, \dots, RI_{10}` = 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49.

    Reading: a consistency ratio up to 0.10 is taken as good enough; above it some judgment contradicts others and
    should be asked again before the weights are used.

    Limits: consistent is not right: a ratio of 0 says that the judgments agree, not that they are good. The ratio
    depends on the table of random indices; above ten criteria there is none here.

    References
    ----------
    .. [1] Saaty, T. L. (1980). "The Analytic Hierarchy Process". McGraw-Hill.

    Examples
    --------
    >>> found = ahp_weights([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]])
    >>> found.weights.round(4).tolist(), round(found.largest_eigenvalue, 6), abs(round(found.consistency_ratio, 6))
    ([0.5714, 0.2857, 0.1429], 3.0, 0.0)
    """
    judged, names = _judgments(comparisons)
    n = len(judged)
    eigenvalues, eigenvectors = np.linalg.eig(judged)
    first = int(np.argmax(eigenvalues.real))
    largest, vector = float(eigenvalues[first].real), np.abs(eigenvectors[:, first].real)
    index = (largest - n) / (n - 1) if n > 1 else 0.0
    ratio = 0.0 if n <= 2 else index / RANDOM_INDEX.get(n, np.nan)
    return PairwiseWeights(
        weights=pd.Series(vector / vector.sum(), index=names),
        largest_eigenvalue=largest,
        consistency_index=index,
        consistency_ratio=ratio,
        consistent=None if np.isnan(ratio) else bool(ratio <= MOST_INCONSISTENT),
    )


@dataclass(frozen=True)
class Judgment:
    """One judgment, and what the weights that come out of all of them say of the same pair.

    Attributes
    ----------
    row, column : object
        The pair, in the direction in which the first is the more important as judged (or the first of the table).
    judged, implied : float
        How many times as important the first is: as judged, and as the ratio of the weights.
    """

    row: object
    column: object
    judged: float
    implied: float


def least_consistent_judgment(comparisons: pd.DataFrame | ArrayLike) -> Judgment | None:
    """The judgment that is farthest, as a ratio, from what all judgments together say of its pair.

    The one to look at again first when the consistency ratio is too large. Of several equally far ones the first: among
    three criteria all three always are, since any one of them may be the odd one. ``None`` where all agree.

    Parameters
    ----------
    comparisons : DataFrame or array_like, (criteria, criteria)
        As for the principal eigenvector.

    Raises
    ------
    BadValue

    Examples
    --------
    Four alike, but for one pair that is judged five to one.

    >>> found = least_consistent_judgment([[1, 1, 1, 5], [1, 1, 1, 1], [1, 1, 1, 1], [1 / 5, 1, 1, 1]])
    >>> found.row, found.column, found.judged, round(found.implied, 2)
    (0, 3, 5.0, 2.36)
    """
    judged, names = _judgments(comparisons)
    weights = ahp_weights(comparisons).weights.to_numpy()
    implied = weights[:, None] / weights[None, :]
    away = np.round(np.triu(np.abs(np.log(judged / implied)), k=1), 9)
    if not away.any():
        return None
    row, column = (int(at) for at in np.unravel_index(np.argmax(away), away.shape))
    if judged[row, column] < 1:
        row, column = column, row
    return Judgment(names[row], names[column], float(judged[row, column]), float(round(implied[row, column], 9)))


def row_geometric_mean_weights(comparisons: pd.DataFrame | ArrayLike) -> pd.Series:
    r"""Weights of criteria from pairwise comparisons, by the geometric mean of each row.

    Parameters
    ----------
    comparisons : DataFrame or array_like, (criteria, criteria)
        As for the principal eigenvector.

    Returns
    -------
    Series
        Adding up to 1, by criterion.

    Raises
    ------
    BadValue

    Notes
    -----
    .. math:: w_i = \frac{\left( \prod_j a_{ij} \right)^{1/n}}{\sum_k \left( \prod_j a_{kj} \right)^{1/n}}

    Reading: the weights that come nearest to the judgments in logarithms. Up to three criteria, and whenever judgments
    agree, they are those of the principal eigenvector.

    Limits: another method than the analytic hierarchy process, with no consistency ratio of its own.

    References
    ----------
    .. [1] Crawford, G. and Williams, C. (1985). "A note on the analysis of subjective judgment matrices". Journal of
       Mathematical Psychology 29(4), 387-405.

    Examples
    --------
    >>> row_geometric_mean_weights([[1, 4], [1 / 4, 1]]).tolist()
    [0.8, 0.2]
    """
    judged, names = _judgments(comparisons)
    means = np.exp(np.log(judged).mean(axis=1))
    return pd.Series(means / means.sum(), index=names)


def _judgments(comparisons: pd.DataFrame | ArrayLike) -> tuple[Floats, pd.Index]:
    judged = np.asarray(comparisons, np.float64)
    if judged.ndim != 2 or judged.shape[0] != judged.shape[1] or not judged.size:
        raise BadValue("comparisons", [f"shape {judged.shape}"], "a square table")
    names: pd.Index = pd.RangeIndex(len(judged))
    if isinstance(comparisons, pd.DataFrame):
        names = comparisons.columns
        if not comparisons.index.equals(names):
            raise BadValue("comparisons", [list(comparisons.index), list(names)], "named alike in rows and columns")
    wrong = ~(np.isfinite(judged) & (judged > 0))
    if wrong.any():
        raise BadValue("comparisons", judged[wrong].tolist(), "finite and above 0")
    products = judged * judged.T
    if (np.abs(products - 1) > RECIPROCAL_WITHIN).any():
        row, column = np.argwhere(np.abs(products - 1) > RECIPROCAL_WITHIN)[0]
        pair = f"{judged[row, column]} and {judged[column, row]} at {names[row]!r} and {names[column]!r}"
        raise BadValue("comparisons", [pair], "reciprocal: opposite judgments have the product 1")
    return judged, names

"""Which ranked sites are as good as each other, and what a few of them say side by side.

Scores that lie close together do not carry an order: those within two points (of a hundred) of the best one of their
group are called level. Left out: how sure each value is, which the stability of ranks and the bands say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clusters.errors import BadValue
from clusters.scoring import DECIMALS
from clusters.siting import SiteRanking

LEVEL_WITHIN = 0.02


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Values of some sites.

    Attributes
    ----------
    values : DataFrame
        Criteria with data by site, in their own units; NaN where missing.
    best : DataFrame of bool
        Whether a value is the best one of its row; nowhere in a row that has fewer than two different values.
    """

    values: pd.DataFrame
    best: pd.DataFrame


def level_groups(scores: pd.Series, *, within: float = LEVEL_WITHIN) -> pd.Series:
    """Number of the group of each score: the first group is the best score and all that lie within reach of it.

    Parameters
    ----------
    scores : Series
        NaN where there is none.
    within : float
        How far below the best of its group a score may lie, at least 0.

    Returns
    -------
    Series of Int64
        From 1; missing where there is no score.

    Raises
    ------
    BadValue

    Examples
    --------
    Not a chain: 0.78 lies within 0.02 of 0.79, and not of the best.

    >>> level_groups(pd.Series([0.80, 0.79, 0.78, 0.77, np.nan], list("abcde"))).tolist()
    [1, 1, 1, 2, <NA>]
    """
    if not 0 <= within < np.inf:
        raise BadValue("within", [within], "at least 0 and finite")
    groups = pd.Series(pd.NA, index=scores.index, dtype="Int64")
    best, number = np.inf, 0
    order = np.argsort(-scores.to_numpy(np.float64, na_value=np.nan), kind="stable")
    for at in order:
        score = float(scores.iloc[at])
        if np.isnan(score):
            break
        if round(best - score, DECIMALS) > within:
            best, number = score, number + 1
        groups.iloc[at] = number
    return groups


def side_by_side(ranking: SiteRanking, park_ids: Sequence[str]) -> SideBySide:
    """What every criterion with data says of some sites; one that was left out by a condition has no values.

    Parameters
    ----------
    ranking : SiteRanking
    park_ids : sequence of str
    """
    used = {name: each for name, each in ranking.criteria.items() if each.off is None}
    values = pd.DataFrame(
        {park: [float(each.values.get(park, np.nan)) for each in used.values()] for park in park_ids},
        index=pd.Index(list(used)),
        dtype=np.float64,
    )
    good = values.mul([-1.0 if each.less_is_better else 1.0 for each in used.values()], axis=0)
    tells = good.max(axis=1) > good.min(axis=1)
    return SideBySide(values, good.eq(good.max(axis=1), axis=0) & np.asarray(tells)[:, None])

"""Who duplicates whom: how alike are two districts' mixes of industries, and is it more than chance would make them?

Two questions hide in 同质化. *Alike* is answered by shares: Krugman's index turned round (which is the index of Finger
and Kreinin), or the cosine. But all districts of one city draw on one mix, so large ones are alike without anybody
copying; chance makes them so, and no test against chance can find more. *Duplicating* is to be specialized in the same
industries, other than the city is: the covariance of their location quotients, which chance brings to about zero. The
test is made for that, and takes the others for whoever wants to see it.

Chance is random labelling: firms keep their subsector (and revenue) and are dealt out over the places of all firms, so
that districts keep their number of firms and subsectors theirs. Left out: which firms trade with each other, and
whether likeness is waste or a shared labor market.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from clusters.checking import seed_of
from clusters.errors import BadValue
from clusters.significance import fdr_adjusted_p
from data import columns as c

Index = Literal["krugman", "cosine", "shared_specialization"]
FEWEST_DRAWS = 999
DRAWS = 9_999
"""By default: with 55 pairs and 999 draws no lone pair could have an adjusted p below 55/1,000."""
Floats = NDArray[np.float64]
_ROUNDING = 1e-12
_AT_ONCE = 2_000_000  # numbers held at a time


def structural_similarity(activity: pd.DataFrame, *, index: Index = "krugman") -> pd.DataFrame:
    r"""How alike the mixes of industries of each two districts are.

    Parameters
    ----------
    activity : DataFrame
        Revenue, firms or employment, at least 0; rows: districts, columns: industries.
    index : 'krugman', 'cosine' or 'shared_specialization'
        One minus half of Krugman's index, equal to the index of Finger and Kreinin; the cosine of the shares; or the
        covariance of location quotients, each industry weighted by its share in all rows together.

    Returns
    -------
    DataFrame
        Square, on the districts. The first two lie from 0 to 1; the third is at least -1, without an upper end. NaN for
        a district without activity.

    Raises
    ------
    BadValue
        When an amount is negative or not finite, or districts or industries stand twice, or
        the index is none of these.

    Notes
    -----
    With :math:`s_{rk}` the share of industry k in district r, and :math:`s^{*}_k` in all districts together,

    .. math:: S_{rq} = 1 - \tfrac12 \sum_k |s_{rk} - s_{qk}| = \sum_k \min(s_{rk}, s_{qk})

    .. math:: C_{rq} = \frac{\sum_k s_{rk} s_{qk}}{\lVert s_r \rVert \lVert s_q \rVert}, \qquad
        D_{rq} = \sum_k s^{*}_k (LQ_{rk} - 1)(LQ_{qk} - 1), \qquad LQ_{rk} = \frac{s_{rk}}{s^{*}_k}

    Reading: :math:`S` is the part of the two mixes that is common: at 0.8 a fifth of either would have to change
    industry. :math:`D` above 0 says that both lean to the same industries, more than the city does; below 0 that one
    has what the other lacks; 0 that at least one is a small copy of the city, or leans elsewhere.

    Limits: shares of revenue are those of a few large firms. The finer the list of industries, the less alike all
    look. A large district is most of the common mix, and :math:`D` of the others is held against it. Two districts
    that lean together to an industry which is rare in the city get a large :math:`D` for few firms.

    References
    ----------
    .. [1] Krugman, P. (1991). "Geography and Trade". MIT Press.
    .. [2] Finger, J. M. and Kreinin, M. E. (1979). "A Measure of 'Export Similarity' and Its Possible Uses". The
       Economic Journal 89(356), 905-912.

    Examples
    --------
    >>> towns = pd.DataFrame({"software": [3, 6, 0], "chips": [1, 2, 4]}, index=["甲", "乙", "丙"])
    >>> structural_similarity(towns)
          甲     乙     丙
    甲  1.00  1.00  0.25
    乙  1.00  1.00  0.25
    丙  0.25  0.25  1.00
    """
    table = _checked(activity)
    measure = _measure(index)
    with np.errstate(invalid="ignore"):
        found = measure(table[np.newaxis], table.sum(axis=0))[0]
    return pd.DataFrame(found, index=activity.index, columns=activity.index)


def similarity_test(
    counts: pd.DataFrame, *, rng: np.random.Generator, index: Index = "shared_specialization", draws: int = DRAWS
) -> pd.DataFrame:
    r"""Whether two districts' firms are more alike by subsector than chance would make them, for each pair.

    Parameters
    ----------
    counts : DataFrame
        Firms, whole numbers from 0; rows: districts, columns: subsectors.
    rng : Generator
    index : 'shared_specialization', 'krugman' or 'cosine'
        See `structural_similarity`.
    draws : int
        At least 999.

    Returns
    -------
    DataFrame
        One row a pair: district_a, district_b, firms_a, firms_b, similarity, expected (mean of the draws), p,
        p_adjusted (Benjamini–Hochberg over the pairs tested), draws (in which the index is defined). p is NaN where
        similarity is.

    Raises
    ------
    BadValue
        When counts are negative or no whole numbers, or labels stand twice, when the index is
        none of these, or there are too few draws.

    Notes
    -----
    Tables are drawn among all with the same row and column sums as dealing the firms out at random gives them, and

    .. math:: p_{rq} = \frac{\#\{S^{*}_{rq} \ge S_{rq}\} + 1}{M + 1}

    with M draws, ties counted. One-sided, since the question has one side.

    Reading: an adjusted p of at most 0.05 says that the two lean to the same subsectors more than any two districts of
    their sizes would by luck. A high p is no proof of difference.

    Limits: under 'krugman' and 'cosine' chance alone makes large districts nearly equal, so that p is near 1 for them
    whatever they do; those are for description. In 200 simulated cities of eleven districts with 200 firms each in
    twelve even subsectors, two of which had 23 % and not 8 % of their firms in one, the pair had a p of at most 0.05 in
    all by shared specialization, in 15 % by the cosine and in 5 % by Krugman's index (docs/reliability.md). An adjusted
    p of a lone pair among m cannot fall below m/(M + 1). A low p of a handful of firms rests on that handful. It says
    nothing of revenue, and a firm with parts in several subsectors counts in each.

    References
    ----------
    .. [1] Patefield, W. M. (1981). "Algorithm AS 159: An Efficient Method of Generating Random R × C Tables with Given
       Row and Column Totals". Applied Statistics 30(1), 91-97.
    .. [2] Phipson, B. and Smyth, G. K. (2010). "Permutation P-values Should Never Be Zero". Statistical Applications in
       Genetics and Molecular Biology 9(1), 39.

    Examples
    --------
    Two towns of toys among four: luck would hardly make two so much alike.

    >>> firms = pd.DataFrame({"toys": [9, 9, 1, 1], "chips": [1, 1, 9, 1], "software": [0, 0, 1, 9]}, index=[*"ABCD"])
    >>> found = similarity_test(firms, rng=np.random.default_rng(1))
    >>> found.loc[found["p_adjusted"] < 0.05, ["district_a", "district_b"]].values.tolist()
    [['A', 'B']]
    """
    table = _checked(counts)
    if (table != np.round(table)).any():
        raise BadValue("counts", table[table != np.round(table)].tolist(), "whole numbers")
    _check_draws(draws)
    from scipy.stats import random_table

    rows, columns = (table.sum(axis=axis).astype(np.int64) for axis in (1, 0))
    held_rows, held_columns = rows > 0, columns > 0

    def deal(block: int) -> Floats:
        drawn = np.zeros((block, *table.shape))
        if held_rows.any():
            some = random_table(rows[held_rows], columns[held_columns]).rvs(size=block, random_state=rng)
            drawn[np.ix_(np.arange(block), held_rows, held_columns)] = some.reshape(block, held_rows.sum(), -1)
        return drawn

    found = _tested(table, deal, counts.index, rows, _measure(index), draws)
    found.attrs["seed"] = seed_of(rng)
    return found


def similarity_test_by_amount(
    district: ArrayLike, subsector: ArrayLike, amount: ArrayLike, *, rng: np.random.Generator,
    index: Index = "shared_specialization", draws: int = DRAWS,
) -> pd.DataFrame:  # fmt: skip
    r"""As `similarity_test` on shares of revenue: each firm keeps subsector and revenue, and chance deals out places.

    Parameters
    ----------
    district, subsector : array_like of text
        Of each firm, or part of a firm.
    amount : array_like of float
        Its revenue, at least 0.
    rng, index, draws
        See `similarity_test`. Each draw walks over all firms: of a million, 999 draws take about half a minute.

    Returns
    -------
    DataFrame
        See `similarity_test`.

    Raises
    ------
    BadValue
        When an amount is negative or not finite, or the lists differ in length, when the index is
        none of these, or there are too few draws.

    Notes
    -----
    .. math:: p_{rq} = \frac{\#\{D^{*}_{rq} \ge D_{rq}\} + 1}{M + 1}

    where each draw deals the firms, with their subsector and revenue, out over the places of all firms.

    Reading: as `similarity_test`, for the money and not for the number of firms.

    Limits: one giant is most of its district's mix and of the city's; where it lies decides the draws too, so such
    districts are seldom found. Needs the revenue of every firm, so it is not for readers to whom some are withheld.

    Examples
    --------
    >>> found = similarity_test_by_amount(list("AABB"), list("xyxy"), [1, 2, 1, 2], rng=np.random.default_rng(1))
    >>> found[["similarity", "firms_a", "firms_b"]].round(6).values.tolist()
    [[0.0, 2.0, 2.0]]
    """
    money = np.asarray(amount, np.float64)
    where, districts = pd.factorize(np.asarray(district, object), sort=True)
    what, subsectors = pd.factorize(np.asarray(subsector, object), sort=True)
    if not len(money) == len(where) == len(what):
        raise BadValue("the length of amount", len(money), f"{len(where)}, one a firm")
    if (wrong := ~(np.isfinite(money) & (money >= 0))).any():
        raise BadValue("amount", money[wrong].tolist(), "finite and at least 0")
    _check_draws(draws)
    shape = (len(districts), len(subsectors))

    def table(places: NDArray[np.intp]) -> Floats:
        sums = np.bincount(places * shape[1] + what, money, minlength=shape[0] * shape[1])
        return np.asarray(sums, np.float64).reshape(shape)

    def deal(block: int) -> Floats:
        return np.stack([table(rng.permutation(where)) for _ in range(block)])

    rows = np.bincount(where, minlength=shape[0])
    found = _tested(table(where), deal, pd.Index(districts), rows, _measure(index), draws)
    found.attrs["seed"] = seed_of(rng)
    return found


Measure = Callable[[Floats, Floats], Floats]


def _tested(
    table: Floats,
    deal: Callable[[int], Floats],
    districts: pd.Index,
    rows: NDArray[np.int64],
    measure: Measure,
    draws: int,
) -> pd.DataFrame:
    a, b = np.triu_indices(len(districts), 1)
    base = table.sum(axis=0)
    with np.errstate(invalid="ignore"):
        observed = measure(table[np.newaxis], base)[0][a, b]
        reached, defined, sums = np.zeros(len(a), np.int64), np.zeros(len(a), np.int64), np.zeros(len(a))
        step = max(1, _AT_ONCE // max(table.shape[0] * max(table.shape), 1))
        for start in range(0, draws, step):
            drawn = measure(deal(min(step, draws - start)), base)[:, a, b]
            reached += (drawn >= observed - _ROUNDING).sum(axis=0)
            defined += (~np.isnan(drawn)).sum(axis=0)
            sums += np.nansum(drawn, axis=0)
    p = np.where(np.isnan(observed), np.nan, (reached + 1) / (defined + 1))
    return pd.DataFrame(
        {
            c.DISTRICT_A: districts.to_numpy(object)[a],
            c.DISTRICT_B: districts.to_numpy(object)[b],
            c.FIRMS_A: rows[a],
            c.FIRMS_B: rows[b],
            c.SIMILARITY: observed,
            c.EXPECTED: np.divide(sums, defined, out=np.full(len(a), np.nan), where=defined > 0),
            c.P: p,
            c.P_ADJUSTED: fdr_adjusted_p(p),
            c.DRAWS: defined,
        }
    )


def _measure(index: Index) -> Measure:
    """The index on tables (draw, district, industry), given the sums of the industries."""
    measures: dict[str, Measure] = {
        "krugman": lambda tables, base: _overlap(_shares(tables)),
        "cosine": lambda tables, base: _cosine(_shares(tables)),
        "shared_specialization": lambda tables, base: _covariance(_shares(tables), base),
    }
    if index not in measures:
        raise BadValue("index", index, f"one of {', '.join(measures)}")
    return measures[index]


def _shares(tables: Floats) -> Floats:
    sums = tables.sum(axis=2, keepdims=True)
    return np.asarray(np.divide(tables, sums, out=np.full(tables.shape, np.nan), where=sums > 0))


def _covariance(shares: Floats, base: Floats) -> Floats:
    common = base[base > 0] / base.sum()
    away = (shares[:, :, base > 0] - common) / np.sqrt(common)
    products: Floats = away @ away.transpose(0, 2, 1)
    return products


def _overlap(shares: Floats) -> Floats:
    return np.asarray(np.minimum(shares[:, :, np.newaxis], shares[:, np.newaxis]).sum(axis=3))


def _cosine(shares: Floats) -> Floats:
    length: Floats = np.sqrt((shares**2).sum(axis=2))
    products: Floats = shares @ shares.transpose(0, 2, 1)
    cosine: Floats = products / (length[:, :, np.newaxis] * length[:, np.newaxis])
    return np.minimum(cosine, 1.0)


def _checked(activity: pd.DataFrame) -> Floats:
    for name, labels in (("districts", activity.index), ("industries", activity.columns)):
        if not labels.is_unique:
            raise BadValue(name, labels[labels.duplicated()].tolist(), "each there once")
    table = activity.to_numpy(np.float64, na_value=np.nan)
    if (wrong := ~(np.isfinite(table) & (table >= 0))).any():
        raise BadValue("activity", table[wrong].tolist(), "finite and at least 0")
    return table


def _check_draws(draws: int) -> None:
    if draws < FEWEST_DRAWS:
        raise BadValue("draws", draws, f"at least {FEWEST_DRAWS}")

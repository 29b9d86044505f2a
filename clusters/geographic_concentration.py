"""Is an industry concentrated in few regions, beyond what all activity and a few large firms explain?

Regions are cells without neighbors: a cluster that straddles a border is cut in two, and the answer depends on how the
regions were drawn. Every region counts, also one where the industry is absent. Distances are the question of other
measures (``ripleys_k``, ``k_density``).
"""

from collections.abc import Mapping
from typing import Any, overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from clusters.activity import Amounts, read_activity
from clusters.checking import Codes, Floats, check_amounts, check_labels
from clusters.errors import BadValue
from data import columns as c

RegionTotals = Mapping[Any, float] | pd.Series | ArrayLike


@overload
def locational_gini(activity: pd.DataFrame, base: Amounts | None = None) -> pd.Series: ...
@overload
def locational_gini(activity: pd.Series, base: Amounts) -> float: ...
@overload
def locational_gini(activity: NDArray[Any] | list[float], base: Amounts | None = None) -> Floats | float: ...
def locational_gini(activity: Amounts, base: Amounts | None = None) -> pd.Series | Floats | float:
    """Gini index of location quotients: of a region over its industries, or of an industry over its regions.

    Parameters
    ----------
    activity : Series, DataFrame or array_like
        One region by industry (specialization) or one industry by region (geographic concentration), at least 0; in a
        table each row is one of them.
    base : Series or array_like, optional
        The same for the base: the city by industry, or all activity by region. The column sums of a table by default.

    Returns
    -------
    float, or Series or ndarray by row
        From 0 to 1 - 1/n. NaN without activity, and when the base has an entry of 0, whose quotient is not defined.

    Raises
    ------
    BadValue
        When an amount is negative or not finite, or labels or lengths differ.

    Notes
    -----
    .. math:: G = \\frac{2}{n^2 \\bar{R}} \\sum_{i=1}^{n} i \\left(R_{(i)} - \\bar{R}\\right), \\qquad R_i =
       \\frac{s_i}{s^*_i}

    with quotients in ascending order and :math:`\\bar{R}` their unweighted mean: the uncorrected Gini index of the
    quotients. Variants weighted by shares give other values.

    Reading: 0 means the same mix as the base; near 1, one industry (one region) stands out alone.

    Limits: small entries of the base count as much as large ones, and one firm in them moves the index far. It does not
    tell concentration of firms from concentration of an industry in one large firm; Ellison and Glaeser's does.

    References
    ----------
    Kim, S. (1995). Expansion of markets and the geographic distribution of economic activities. Quarterly Journal of
    Economics 110(4), 881–908.

    Examples
    --------
    >>> round(locational_gini([30, 10], [60, 40]), 4)
    0.1667
    """
    read = read_activity(activity, base)
    quotients = np.sort(read.quotients, axis=1)
    n = quotients.shape[1]
    order = 2 * np.arange(1, n + 1) - n - 1
    with np.errstate(invalid="ignore"):
        return read.by_region(np.asarray((quotients * order).sum(axis=1) / (n * quotients.sum(axis=1))))


@overload
def ellison_glaeser_index(
    employment: ArrayLike, region: ArrayLike, *, industry: None = None, region_totals: RegionTotals
) -> float: ...
@overload
def ellison_glaeser_index(
    employment: ArrayLike, region: ArrayLike, *, industry: ArrayLike, region_totals: RegionTotals | None = None
) -> pd.Series: ...
def ellison_glaeser_index(
    employment: ArrayLike, region: ArrayLike, *, industry: ArrayLike | None = None,
    region_totals: RegionTotals | None = None,
) -> float | pd.Series:  # fmt: skip
    """Geographic concentration of an industry beyond that of all activity and of the industry's own large firms.

    Parameters
    ----------
    employment : array_like of shape (firms,)
        Size of each firm (plant): employment or revenue in any unit, at least 0.
    region : array_like of shape (firms,)
        Label of each firm's region; none missing.
    industry : array_like of shape (firms,), optional
        Label of each firm's industry; without it all firms are of one, and ``region_totals`` must be given.
    region_totals : Series, mapping or array_like, optional
        All activity by region; an array means regions numbered from 0. Regions where no firm lies count. The sums of
        all firms of all industries by default.

    Returns
    -------
    float, or Series by industry
        0 on average under location at random, negative when firms keep apart, above 1 when they crowd where little
        else is. NaN for one firm alone (a Herfindahl index of 1), without employment, or with all activity in one
        region.

    Raises
    ------
    BadValue
        When a size is negative or not finite, a label is missing, lengths differ, or a region has no total.

    Notes
    -----
    .. math:: \\gamma = \\frac{G - (1 - X) H}{(1 - X)(1 - H)}, \\qquad G = \\sum_r (s_r - x_r)^2,\\; X = \\sum_r
       x_r^2,\\; H = \\sum_k z_k^2

    with :math:`s_r` the region's share of the industry, :math:`x_r` its share of all activity and :math:`z_k` the share
    of firm :math:`k` in the industry.

    Reading: below 0.02 hardly concentrated, above 0.05 highly, by a rule of thumb that is no test (Cassey and Smith,
    2014, simulate one).

    Limits: with few firms it varies widely around its mean of 0; show the number of firms, and take none for a finding
    below about ten. Where most of all activity lies in one region (X near 1) it is divided by next to nothing: values
    far outside 0 to 1 say so. It depends on how regions are drawn and sees no neighborhood.

    References
    ----------
    Ellison, G., Glaeser, E. L. (1997). Geographic concentration in U.S. manufacturing industries: a dartboard approach.
    Journal of Political Economy 105(5), 889–927.

    Cassey, A. J., Smith, B. O. (2014). Simulating confidence for the Ellison–Glaeser index. Journal of Urban Economics,
    doi 10.1016/j.jue.2014.02.005.

    Examples
    --------
    >>> towns = {"甲": 50, "乙": 30, "丙": 10, "丁": 10}
    >>> round(ellison_glaeser_index([2, 1, 1], ["甲", "甲", "乙"], region_totals=towns), 4)
    -0.3875
    """
    found = _concentration(employment, region, industry, region_totals)[c.ELLISON_GLAESER_INDEX]
    return float(found.iloc[0]) if industry is None else found


@overload
def maurel_sedillot_index(
    employment: ArrayLike, region: ArrayLike, *, industry: None = None, region_totals: RegionTotals
) -> float: ...
@overload
def maurel_sedillot_index(
    employment: ArrayLike, region: ArrayLike, *, industry: ArrayLike, region_totals: RegionTotals | None = None
) -> pd.Series: ...
def maurel_sedillot_index(
    employment: ArrayLike, region: ArrayLike, *, industry: ArrayLike | None = None,
    region_totals: RegionTotals | None = None,
) -> float | pd.Series:  # fmt: skip
    """Excess probability that two firms of an industry, drawn by size, share a region.

    Parameters
    ----------
    employment, region : array_like of shape (firms,)
        Size and region of each firm, as ``ellison_glaeser_index`` takes them.
    industry : array_like of shape (firms,), optional
        Industry of each firm; without it all firms are of one.
    region_totals : Series, mapping or array_like, optional
        All activity by region; the sums of all firms by default.

    Returns
    -------
    float, or Series by industry
        0 on average under location at random; 1, the most, when all firms share a region. NaN where
        ``ellison_glaeser_index`` is.

    Raises
    ------
    BadValue
        When a size is negative or not finite, a label is missing, lengths differ, or a region has no total.

    Notes
    -----
    .. math:: \\hat\\gamma_{MS} = \\frac{\\dfrac{\\sum_r s_r^2 - \\sum_r x_r^2}{1 - \\sum_r x_r^2} - H}{1 - H}

    with the shares of the Ellison–Glaeser index.

    Reading: as the Ellison–Glaeser index; it weighs concentration in large regions more, for it does not center shares
    on those of all activity.

    Limits: those of the Ellison–Glaeser index; negative for an industry that is spread evenly over unequal regions.

    References
    ----------
    Maurel, F., Sédillot, B. (1999). A measure of the geographic concentration in French manufacturing industries.
    Regional Science and Urban Economics 29(5), 575–604.

    Examples
    --------
    >>> towns = {"甲": 50, "乙": 30, "丙": 10, "丁": 10}
    >>> round(maurel_sedillot_index([2, 1, 1], ["甲", "甲", "乙"], region_totals=towns), 4)
    0.0625
    """
    found = _concentration(employment, region, industry, region_totals)[c.MAUREL_SEDILLOT_INDEX]
    return float(found.iloc[0]) if industry is None else found


def geographic_concentration(
    employment: ArrayLike, region: ArrayLike, industry: ArrayLike, *, region_totals: RegionTotals | None = None
) -> pd.DataFrame:
    """Each industry's concentration over regions, with what it was computed from.

    Parameters
    ----------
    employment, region, industry : array_like of shape (firms,)
        Size, region and industry of each firm, as ``ellison_glaeser_index`` takes them.
    region_totals : Series, mapping or array_like, optional
        All activity by region; the sums of all firms by default.

    Returns
    -------
    DataFrame
        Indexed by industry: firms, occupied_regions, herfindahl_index (of firm sizes), raw_concentration,
        ellison_glaeser_index, maurel_sedillot_index.

    Raises
    ------
    BadValue
        When a size is negative or not finite, a label is missing, lengths differ, or a region has no total.

    Notes
    -----
    .. math:: G = \\sum_r (s_r - x_r)^2, \\qquad H = \\sum_k z_k^2

    are ``raw_concentration`` and ``herfindahl_index``; the two indices stand with their own functions.

    Reading: a large G beside a large H is one large firm; a large G beside a small H is a cluster.

    Limits: those of the Ellison–Glaeser index.

    References
    ----------
    Ellison, G., Glaeser, E. L. (1997). Geographic concentration in U.S. manufacturing industries: a dartboard approach.
    Journal of Political Economy 105(5), 889–927.

    Examples
    --------
    >>> found = geographic_concentration([2, 1, 1, 4], ["甲", "甲", "乙", "乙"], ["software"] * 3 + ["chips"])
    >>> found[["firms", "occupied_regions", "herfindahl_index", "ellison_glaeser_index"]].round(3)
              firms  occupied_regions  herfindahl_index  ellison_glaeser_index
    chips         1                 1             1.000                    NaN
    software      3                 2             0.375                   0.36
    """
    return _concentration(employment, region, industry, region_totals)


def _concentration(
    employment: ArrayLike, region: ArrayLike, industry: ArrayLike | None, region_totals: RegionTotals | None
) -> pd.DataFrame:
    size = check_amounts(employment, "employment")
    if industry is None and region_totals is None:
        raise BadValue("region_totals", [], "given when all firms are of one industry")
    codes, names = check_labels(np.zeros(len(size), int) if industry is None else industry, "industry", rows=len(size))
    names = names if len(names) or industry is not None else pd.RangeIndex(1)
    place, totals = _regions(size, region, region_totals)
    cells = np.bincount(codes * len(totals) + place, size, minlength=len(names) * len(totals))
    sums = cells.reshape(len(names), len(totals))
    whole = sums.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, base = sums / whole[:, np.newaxis], totals / totals.sum()
        squares = np.bincount(codes, (size / whole[codes]) ** 2, minlength=len(names))
        herfindahl = np.where(whole > 0, squares, np.nan)
        raw, base_square = ((share - base) ** 2).sum(axis=1), (base**2).sum()
        spread = np.where(_far_below_1(base_square), 1 - base_square, np.nan)
        others = np.where(_far_below_1(herfindahl), 1 - herfindahl, np.nan)
        columns = {
            c.FIRMS: np.bincount(codes, minlength=len(names)),
            c.OCCUPIED_REGIONS: (sums > 0).sum(axis=1),
            c.HERFINDAHL_INDEX: herfindahl,
            c.RAW_CONCENTRATION: raw,
            c.ELLISON_GLAESER_INDEX: (raw - spread * herfindahl) / (spread * others),
            c.MAUREL_SEDILLOT_INDEX: (((share**2).sum(axis=1) - base_square) / spread - herfindahl) / others,
        }
    return pd.DataFrame(columns, index=names)


def _regions(size: Floats, region: ArrayLike, region_totals: RegionTotals | None) -> tuple[Codes, Floats]:
    """Number of each firm's region, and all activity of the regions."""
    codes, names = check_labels(region, "region", rows=len(size))
    if region_totals is None:
        return codes, np.asarray(np.bincount(codes, size, minlength=len(names)), dtype=np.float64)
    given = region_totals if isinstance(region_totals, pd.Series) else pd.Series(region_totals)
    totals = check_amounts(given, "region_totals")
    if not given.index.is_unique:
        raise BadValue("region_totals", given.index[given.index.duplicated()].tolist(), "given once for each region")
    at = given.index.get_indexer(names)
    if (at < 0).any():
        missing = [f"none for {name}" for name in names[at < 0]]
        raise BadValue("region_totals", missing, "given for every region of a firm")
    return np.asarray(at[codes], dtype=np.intp), totals


def _far_below_1(share: Floats | np.float64) -> NDArray[np.bool_]:
    """Whether a sum of squared shares is below 1 by more than rounding."""
    return np.asarray(share < 1 - 1e-12)

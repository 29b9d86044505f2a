"""Which clusters are strong by a published rule, and which part of the rule decides?

Two rules that others publish, each part beside its value. Both compare a region with the other regions of the same
industry, so with ten districts the top quarter is two or three of them: the rank is always there. Minimum sizes differ
between editions of the rules and are arguments.
"""

import numpy as np
import pandas as pd

from clusters.activity import Amounts, read_activity
from clusters.checking import Floats, check_amounts, check_between
from clusters.errors import BadValue
from data import columns as c


def cluster_mapping_strength(
    employment: pd.DataFrame, base: Amounts | None = None, *, total: Amounts | None = None,
    base_total: float | None = None, establishments: pd.DataFrame | None = None, least_employment: float = 0,
    least_establishments: float = 0, quantile: float = 0.75,
) -> pd.DataFrame:  # fmt: skip
    """Strong clusters by the rule of the U.S. Cluster Mapping Project, with the rank and the number of regions.

    A cluster is strong where its location quotient exceeds 1 and lies among the top quarter of all regions in its
    category, and where it has enough employment and establishments.

    Parameters
    ----------
    employment : DataFrame
        Regions as rows, categories of clusters as columns, at least 0.
    base : Series or array_like, optional
        By category, as ``location_quotient`` takes it; the column sums by default.
    total : Series or array_like, optional
        All employment of each region; the sum of its row by default.
    base_total : float, optional
        All employment of the base; the sum of ``base`` by default.
    establishments : DataFrame, optional
        On the same index and columns; needed when ``least_establishments`` is above 0.
    least_employment, least_establishments : float
        Minimum sizes, reached by equality.
    quantile : float
        Where the top begins, 0.75 for the top quarter; above 0, below 1.

    Returns
    -------
    DataFrame
        Indexed by region and category: location_quotient, quotient_needed (the quantile over the regions), count
        (employment), establishments (when given), quotient_rank (ties share the better rank), regions_ranked, strong.
        ``strong`` and the rank are missing where the quotient is not defined.

    Raises
    ------
    BadValue
        When an amount is negative or not finite, labels differ, or a minimum is set on what is not given.

    Notes
    -----
    .. math:: LQ_{ri} > 1 \\;\\wedge\\; LQ_{ri} \\ge Q_{0.75}(LQ_{1i}, \\dots, LQ_{Ri}) \\;\\wedge\\; e_{ri} \\ge
       e_{\\min} \\;\\wedge\\; m_{ri} \\ge m_{\\min}

    with the quantile by linear interpolation over all regions, those without the category included.

    Reading: ``strong`` with rank 2 of 11 is the second most specialized of eleven regions and above the base.

    Limits: relative to the other regions, so some region is nearly always strong; with about ten districts the top
    quarter is two or three. The rule was made for U.S. economic areas, and the minima of its editions differ.

    References
    ----------
    Delgado, M., Porter, M. E., Stern, S. (2016). Defining clusters of related industries. Journal of Economic Geography
    16(1), 1–38.

    Examples
    --------
    >>> towns = pd.DataFrame({"software": [30, 10, 0, 20], "chips": [10, 10, 20, 0]}, index=["甲", "乙", "丙", "丁"])
    >>> found = cluster_mapping_strength(towns, least_employment=20)
    >>> found.loc[found["strong"], ["location_quotient", "count", "quotient_rank", "regions_ranked"]].round(3)
                 location_quotient  count  quotient_rank  regions_ranked
    丙 chips                 2.500   20.0            1.0               4
    丁 software              1.667   20.0            1.0               4
    """
    check_between(quantile, "quantile", low=0, high=1)
    read = read_activity(employment, base, total=total, base_total=base_total)
    places = _same_cells(establishments, employment)
    if places is None and least_establishments > 0:
        raise BadValue("establishments", [], "given when least_establishments is above 0")
    quotients = read.quotients
    needed = _quantiles(quotients, quantile)
    strong = (quotients > 1) & (quotients >= needed) & (read.amounts >= least_employment)
    columns = {c.LOCATION_QUOTIENT: quotients, c.QUOTIENT_NEEDED: needed, c.COUNT: read.amounts}
    if places is not None:
        strong &= places >= least_establishments
        columns[c.ESTABLISHMENTS] = places
    columns[c.QUOTIENT_RANK] = pd.DataFrame(quotients).rank(method="min", ascending=False).to_numpy()
    columns[c.REGIONS_RANKED] = np.broadcast_to(np.isfinite(quotients).sum(axis=0), quotients.shape)
    table = pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=read.cells)
    table[c.STRONG] = pd.Series(strong.ravel(), table.index, dtype="boolean").mask(np.isnan(quotients.ravel()))
    return table


def cluster_observatory_stars(
    employment: pd.DataFrame, base: Amounts | None = None, *, total: Amounts | None = None,
    base_total: float | None = None, least_quotient: float = 2, quantile: float = 0.9,
) -> pd.DataFrame:  # fmt: skip
    """Stars of the European Cluster Observatory's first edition: one each for size, specialization and focus.

    Parameters
    ----------
    employment : DataFrame
        Regions as rows, categories of clusters as columns, at least 0.
    base : Series or array_like, optional
        By category, as ``location_quotient`` takes it; the column sums by default.
    total : Series or array_like, optional
        All employment of each region; the sum of its row by default.
    base_total : float, optional
        All employment of the base; the sum of ``base`` by default.
    least_quotient : float
        Location quotient that earns the star of specialization.
    quantile : float
        Where the top begins for size and focus, 0.9 for the top tenth; above 0, below 1.

    Returns
    -------
    DataFrame
        Indexed by region and category: location_quotient, count (employment), size_star, specialization_star,
        focus_star, stars. A category without employment in the region earns none.

    Raises
    ------
    BadValue
        When an amount is negative or not finite, or labels differ.

    Notes
    -----
    .. math:: e_{ri} \\ge Q_{0.9}(e_{1i}, \\dots, e_{Ri}), \\qquad LQ_{ri} \\ge 2, \\qquad
       \\frac{e_{ri}}{e_r} \\ge Q_{0.9}\\left(\\frac{e_{1i}}{e_1}, \\dots, \\frac{e_{Ri}}{e_R}\\right)

    Reading: three stars mark a cluster that is large, over-represented, and a large part of its own region.

    Limits: with fewer than about twenty regions the top tenth is the first alone. Later editions (2019, 2020) use
    other stars (size, specialization, productivity, growing firms).

    References
    ----------
    European Cluster Observatory. Star rating of regional clusters, first edition.

    Examples
    --------
    >>> towns = pd.DataFrame({"software": [30, 10, 0, 20], "chips": [10, 10, 20, 0]}, index=["甲", "乙", "丙", "丁"])
    >>> cluster_observatory_stars(towns)["stars"].unstack().loc[towns.index, towns.columns]
       software  chips
    甲         1      0
    乙         0      0
    丙         0      3
    丁         1      0
    """
    check_between(quantile, "quantile", low=0, high=1)
    read = read_activity(employment, base, total=total, base_total=base_total)
    present = read.amounts > 0
    stars = {
        c.SIZE_STAR: present & (read.amounts >= _quantiles(read.amounts, quantile)),
        c.SPECIALIZATION_STAR: present & (read.quotients >= least_quotient),
        c.FOCUS_STAR: present & (read.shares >= _quantiles(read.shares, quantile)),
    }
    columns = {c.LOCATION_QUOTIENT: read.quotients, c.COUNT: read.amounts, **stars}
    table = pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=read.cells)
    table[c.STARS] = table[list(stars)].sum(axis=1)
    return table


def _same_cells(table: pd.DataFrame | None, model: pd.DataFrame) -> Floats | None:
    if table is None:
        return None
    if not (table.index.equals(model.index) and table.columns.equals(model.columns)):
        raise BadValue("establishments", [f"shape {table.shape}"], "on the index and columns of employment")
    return check_amounts(table, "establishments", dimensions=(2,))


def _quantiles(values: Floats, quantile: float) -> Floats:
    """A quantile of each column over its defined values, beside every cell of the column."""
    defined = np.isfinite(values).any(axis=0)
    found = np.full(values.shape[1], np.nan)
    if defined.any():
        found[defined] = np.nanquantile(values[:, defined], quantile, axis=0)
    return np.broadcast_to(found, values.shape)

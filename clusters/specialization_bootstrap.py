"""How far does a location quotient of revenue rest on a few firms?

Revenue is no count: one giant may be half of a district. So all firms of the city are drawn again, with replacement,
and the quotients of each draw show how they would move had other firms been there; and each quotient is taken once
more without the largest firm of its cell. A firm with parts in several industries is drawn whole.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clusters.checking import (
    CONFIDENCE,
    Codes,
    Floats,
    check_amounts,
    check_between,
    check_draws,
    check_labels,
    seed_of,
)
from data import columns as c

LEAST_DRAWS = 2000
ROWS_AT_ONCE = 2_000_000


def bootstrap_location_quotient(
    revenue: ArrayLike, region: ArrayLike, industry: ArrayLike, *, rng: np.random.Generator,
    firm: ArrayLike | None = None, draws: int = LEAST_DRAWS, confidence: float = CONFIDENCE,
) -> pd.DataFrame:  # fmt: skip
    """Location quotients of revenue with percentile limits from drawing all firms again, and without the largest firm.

    Parameters
    ----------
    revenue : array_like of shape (rows,)
        Revenue of each firm, or of each part of one, in any unit, at least 0.
    region, industry : array_like of shape (rows,)
        Their labels; none missing.
    rng : numpy.random.Generator
        Draws the firms; the same state gives the same limits.
    firm : array_like of shape (rows,), optional
        Label of the firm of each row, where firms have parts; every row is a firm of its own by default.
    draws : int
        At least 2000.
    confidence : float
        Above 0, below 1.

    Returns
    -------
    DataFrame
        Indexed by region and industry, all pairs: location_quotient, lower_limit, upper_limit,
        quotient_without_largest, firms and region_firms (with a row there), and draws, the number of draws in which the
        quotient is defined. The limits rest on these; NaN when there is none.

    Raises
    ------
    BadValue
        When revenue is negative or not finite, a label is missing, lengths differ, or ``draws`` is below 2000.

    Notes
    -----
    With :math:`w_f` the times that firm :math:`f` comes up among as many draws as there are firms, a draw's quotient is

    .. math:: LQ^* = \\frac{\\sum_{f \\in r, i} w_f v_f \\,/\\, \\sum_{f \\in r} w_f v_f}
       {\\sum_{f \\in i} w_f v_f \\,/\\, \\sum_f w_f v_f}

    over firms of region :math:`r` and industry :math:`i` with revenue :math:`v_f`; the limits are its
    :math:`\\alpha/2` and :math:`1 - \\alpha/2` quantiles (linear interpolation).

    Reading: limits far apart, or a quotient that falls below 1 without the largest firm, say that one firm and not a
    cluster makes the specialization.

    Limits: an empty cell gives [0, 0], for no draw can fill it; in a cell of one firm the quotient says nothing beyond
    that firm. Limits of 95 % are too narrow in small cells and under giants: in simulations with 5 to 75 firms in the
    cell they held the truth in 93 to 95 % where firms were of similar size, in 90 to 93 % where a few had most.

    References
    ----------
    Efron, B., Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall, 168–177.

    Examples
    --------
    >>> firms = pd.DataFrame({"revenue": [60, 10, 30, 20, 80], "town": list("XXXYY"), "industry": list("aabab")})
    >>> found = bootstrap_location_quotient(firms.revenue, firms.town, firms.industry, rng=np.random.default_rng(1))
    >>> found.loc[("X", "a"), ["location_quotient", "quotient_without_largest", "firms"]].round(3).tolist()
    [1.556, 1.167, 2.0]
    >>> bool((found["draws"] <= 2000).all())
    True
    """
    alpha = 1 - check_between(confidence, "confidence", low=0, high=1)
    check_draws(draws, fewest=LEAST_DRAWS)
    parts = _read_parts(revenue, region, industry, firm)
    lower, upper = np.full((2, parts.cells), np.nan)
    drawn = _drawn_quotients(parts, rng, draws)
    defined = np.isfinite(drawn).sum(axis=0)
    some = defined > 0
    if some.any():
        lower[some], upper[some] = np.nanquantile(drawn[:, some], [alpha / 2, 1 - alpha / 2], axis=0)
    occupied = np.bincount(parts.cell, minlength=parts.cells)
    regions = max(len(parts.regions), 1)
    region_firms = np.bincount(np.unique(parts.firm * regions + parts.region) % regions, minlength=len(parts.regions))
    columns = {
        c.LOCATION_QUOTIENT: _quotients(parts.by_cell(parts.revenue)).ravel(),
        c.LOWER_LIMIT: lower,
        c.UPPER_LIMIT: upper,
        c.WITHOUT_LARGEST: _without_largest(parts).ravel(),
        c.FIRMS: occupied,
        c.REGION_FIRMS: np.repeat(region_firms, len(parts.industries)),
        c.DRAWS: defined,
    }
    table = pd.DataFrame(columns, index=pd.MultiIndex.from_product([parts.regions, parts.industries]))
    table.attrs["seed"] = seed_of(rng)
    return table


def quotient_without_largest(
    revenue: ArrayLike, region: ArrayLike, industry: ArrayLike, *, firm: ArrayLike | None = None
) -> pd.DataFrame:
    """Each location quotient once the largest firm of its cell has left the city with all its parts.

    Parameters
    ----------
    revenue, region, industry : array_like of shape (rows,)
        Of each firm, or of each part of one, as ``bootstrap_location_quotient`` takes them.
    firm : array_like of shape (rows,), optional
        Label of the firm of each row, where firms have parts.

    Returns
    -------
    DataFrame
        Regions by industries. NaN where nothing is left of the region or of the industry; a cell without firms keeps
        its quotient, 0.

    Raises
    ------
    BadValue
        When revenue is negative or not finite, a label is missing, or lengths differ.

    Notes
    -----
    .. math:: LQ_{-f} = \\frac{(e_i - v_{fi}) / (e - v_{f \\cdot})}{(E_i - V_{fi}) / (E - V_f)}

    with :math:`v` what firm :math:`f` has in the region and :math:`V` in the city, of the industry and of all.

    Reading: close to the quotient, the cell is broad; far below it, one firm carries it. Of firms of equal revenue the
    first in order of labels leaves, or the first row.

    Limits: one firm of a group may leave while its sisters stay; give the label of the group as the firm.

    References
    ----------
    Efron, B., Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall, chapter 11, on leaving one
    out.

    Examples
    --------
    >>> quotient_without_largest([60, 10, 30, 20, 80], list("XXXYY"), list("aabab")).round(3)
           a    b
    X  1.167  0.0
    Y  0.000  0.0
    """
    parts = _read_parts(revenue, region, industry, firm)
    return pd.DataFrame(_without_largest(parts), index=parts.regions, columns=parts.industries)


@dataclass(frozen=True)
class _Parts:
    """What each firm has in each cell: one row for a firm and cell, ordered by cell and then by firm."""

    revenue: Floats
    cell: Codes
    firm: Codes
    regions: pd.Index
    industries: pd.Index

    @property
    def cells(self) -> int:
        return len(self.regions) * len(self.industries)

    @property
    def region(self) -> Codes:
        return self.cell // max(len(self.industries), 1)

    @property
    def industry(self) -> Codes:
        return self.cell % max(len(self.industries), 1)

    @property
    def firms(self) -> int:
        return int(self.firm.max(initial=-1)) + 1

    def by_cell(self, revenue: Floats) -> Floats:
        """Sums of regions by industries."""
        sums = np.asarray(np.bincount(self.cell, revenue, minlength=self.cells), dtype=np.float64)
        return sums.reshape(len(self.regions), len(self.industries))


def _read_parts(revenue: ArrayLike, region: ArrayLike, industry: ArrayLike, firm: ArrayLike | None) -> _Parts:
    amounts = check_amounts(revenue, "revenue")
    region_code, regions = check_labels(region, "region", rows=len(amounts))
    industry_code, industries = check_labels(industry, "industry", rows=len(amounts))
    cell = region_code * len(industries) + industry_code
    if firm is None:
        order = np.argsort(cell, kind="stable")
        return _Parts(amounts[order], cell[order], order, regions, industries)
    firm_code, firms = check_labels(firm, "firm", rows=len(amounts))
    keys, row = np.unique(cell * len(firms) + firm_code, return_inverse=True)
    return _Parts(
        np.asarray(np.bincount(row, amounts), dtype=np.float64),
        keys // len(firms),
        keys % len(firms),
        regions,
        industries,
    )


def _quotients(sums: Floats) -> Floats:
    """Quotients of tables of regions by industries, one or a stack of them."""
    in_region, in_industry = sums.sum(axis=-1, keepdims=True), sums.sum(axis=-2, keepdims=True)
    whole = in_region.sum(axis=-2, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((sums / in_region) / (in_industry / whole))


def _drawn_quotients(parts: _Parts, rng: np.random.Generator, draws: int) -> Floats:
    """Quotients of each draw by cell. Drawing firms one by one and counting them is the multinomial draw."""
    drawn = np.full((draws, parts.cells), np.nan)
    if not parts.firms:
        return drawn
    starts = np.flatnonzero(np.diff(parts.cell, prepend=-1))
    occupied, firms = parts.cell[starts], parts.firms
    step = max(1, ROWS_AT_ONCE // max(firms, parts.cells))
    for first in range(0, draws, step):
        several = min(step, draws - first)
        picked = rng.integers(firms, size=(several, firms)) + np.arange(several)[:, np.newaxis] * firms
        times = np.bincount(picked.ravel(), minlength=several * firms).reshape(several, firms)
        sums = np.zeros((several, parts.cells))
        sums[:, occupied] = np.add.reduceat(times[:, parts.firm] * parts.revenue, starts, axis=1)
        tables = sums.reshape(several, len(parts.regions), len(parts.industries))
        drawn[first : first + several] = _quotients(tables).reshape(several, -1)
    return drawn


def _without_largest(parts: _Parts) -> Floats:
    """Quotients by cell after taking the cell's largest firm from cell, region, industry and city."""
    sums = parts.by_cell(parts.revenue)
    starts = np.flatnonzero(np.diff(parts.cell, prepend=-1))
    if not len(starts):
        return sums
    largest = np.lexsort((parts.firm, -parts.revenue, parts.cell))[starts]
    gone, at, leaver = parts.revenue[largest], parts.cell[largest], parts.firm[largest]
    row, column = np.divmod(at, len(parts.industries))
    in_region = _of_firm(parts, parts.region, leaver, row)
    in_industry = _of_firm(parts, parts.industry, leaver, column)
    everywhere = np.asarray(np.bincount(parts.firm, parts.revenue), dtype=np.float64)[leaver]
    quotients = _quotients(sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = _left(sums[row, column], gone) / _left(sums.sum(axis=1)[row], in_region)
        base_share = _left(sums.sum(axis=0)[column], in_industry) / _left(np.full(len(at), sums.sum()), everywhere)
        quotients[row, column] = share / base_share
    return quotients


def _of_firm(parts: _Parts, group: Codes, firm: Codes, wanted: Codes) -> Floats:
    """What firms have in groups, all their rows there together."""
    groups = int(group.max()) + 1
    keys, row = np.unique(parts.firm * groups + group, return_inverse=True)
    return np.asarray(np.bincount(row, parts.revenue)[np.searchsorted(keys, firm * groups + wanted)])


def _left(whole: Floats, gone: Floats) -> Floats:
    """What is left, where a rest of rounding counts as nothing."""
    rest = whole - gone
    return np.where(rest <= whole * 1e-12, 0.0, rest)

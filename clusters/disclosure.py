"""What may be released of a district × subsector table without giving any contributor away.

First the cells that are unsafe by themselves are withheld (primary), then as many more as are needed so that nobody can
subtract the unsafe ones out of the margins (secondary), and then an intruder's programs are run against the result; a
table that does not stand them is not released. One table a year, always of the same rows and columns: a second
arrangement of the same contributions would be one more equation for the intruder. Left out are differences between
years and scenarios, and views that are not made of released cells: whatever else is shown must be derived from these.
"""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clusters.errors import BadContributions, ClusterError, StillDisclosed
from clusters.rounding import round_largest_remainder
from clusters.suppression_audit import audit_table
from clusters.suppression_pattern import cheap_pattern
from clusters.suppression_rules import DEFAULT_RULE, SafetyRule, primary_suppression
from clusters.suppression_table import Flags, MarginTable, of_contributions
from data import columns as c

__all__ = [
    "audit_suppression",
    "primary_suppression",
    "protect_table",
    "round_largest_remainder",
    "secondary_suppression",
]

Cost = Literal["total", "log", "unit"]
PRIMARY, SECONDARY = "primary", "secondary"
BY = (c.DISTRICT_ID, c.SUBSECTOR_ID)


def secondary_suppression(
    contributions: pd.DataFrame, *, by: Sequence[str] = BY, amount: str = c.REVENUE_CNY,
    contributor: str | None = None, rule: SafetyRule = DEFAULT_RULE, cost: Cost = "total", margin_weight: float = 10.0,
    time_limit_s: float = 20.0,
) -> "pd.Series[str]":  # fmt: skip
    """Why each cell of a two-way table is withheld: unsafe itself, or needed to hide one that is.

    Beside the unsafe cells, as cheap a set of others as can be found in time is withheld, so that for every unsafe cell
    there are two other tables which fit all that is released, one with the cell larger by its protection and one with
    it smaller. This also holds for each single contributor, who can subtract its own amounts wherever it has part. And
    the withheld cells of one row or column, whose sum follows from a released margin, must be safe together as one
    cell: two cells of the same holding, or of two who could each subtract itself, do not hide each other.

    Parameters
    ----------
    contributions : DataFrame
        A row for each amount, of one year.
    by : two columns, optional
        Rows and columns of the table; each gets a margin, ``'total'``.
    amount : str, optional
        Column of amounts, whole CNY; no contributor's sum in a cell may be negative.
    contributor, rule
        As in ``primary_suppression``.
    cost : 'total', 'log' or 'unit', optional
        What withholding a further cell costs: its total, its logarithm, or the same for each.
    margin_weight : float, optional
        How many times as much a margin costs; above 0.
    time_limit_s : float, optional
        The search ends after a fixed number of programs, in seconds; on a machine that is too slow for that, it takes
        what it has after so long. Either way further cells are then withheld one by one until all is safe.

    Returns
    -------
    Series of str
        ``'primary'``, ``'secondary'`` or empty for each cell, indexed by `by`, margins last. Empty cells are never
        withheld: who is there is public, so it is known that nobody is.

    Raises
    ------
    BadContributions
        As ``primary_suppression``, and when an amount is not whole or a contributor's sum in a cell is negative.

    Notes
    -----
    .. math::
        \\min \\sum_c w_c\\,y_c \\quad\\text{such that for each unsafe } c \\text{ there are tables } a^+, a^- \\ge 0
        \\text{ with equal margins},\\; a^\\pm = a \\text{ where } y = 0,\\; a^+_c \\ge a_c + U_c,\\; a^-_c \\le a_c -
        L_c

    .. math::
        L_c = \\min(U_c, a_c); \\quad \\text{against contributor } k:\\; a^\\pm \\ge x_k,\\;
        U_{c,k} = \\tfrac{p}{100} x_h - (T_c - x_h - x_{k}),\\; h \\ne k \\text{ the largest other}

    Reading: a secondary cell is safe by itself and stands in front of one that is not. Which cells these are is a
    choice among many of about equal cost: it says nothing about them.

    Limits: one two-way table. Contributors who exchange what they know, sums over blocks of several rows and columns of
    one holding, and tables of other years are not looked at. The pattern is cheap, not proven to be the cheapest. Where
    the time limit ends the search, another machine may find another pattern: each is safe, but one beside the other
    need not be, so keep what was released with its data version.

    References
    ----------
    Fischetti, M. and Salazar-González, J. J. (1999): Models and algorithms for the 2-dimensional cell suppression
    problem in statistical disclosure control. Mathematical Programming 84, 283–312.

    Examples
    --------
    One firm alone in X–S1 would follow from both margins; three other cells hide it.

    >>> towns = pd.DataFrame([("X", "S1", 90)] + [(d, s, 20 + i) for d, s in (("X", "S2"), ("Y", "S1"), ("Y", "S2"))
    ...                       for i in range(5)], columns=["district_id", "subsector_id", "revenue_cny"])
    >>> secondary_suppression(towns).unstack().to_numpy().tolist()
    [['primary', 'secondary', ''], ['secondary', 'secondary', ''], ['', '', '']]
    """
    table = of_contributions(contributions, by=by, amount=amount, contributor=contributor, rule=rule)
    return _reasons(table, cheap_pattern(table, _costs(table, cost, margin_weight), time_limit_s))


def audit_suppression(
    contributions: pd.DataFrame, withheld: "pd.Series[bool]", *, by: Sequence[str] = BY, amount: str = c.REVENUE_CNY,
    contributor: str | None = None, rule: SafetyRule = DEFAULT_RULE,
) -> pd.DataFrame:  # fmt: skip
    """What an intruder can still say of the withheld cells of a table, and which of them are given away.

    Every withheld cell is made as small and as large as the released cells allow. An unsafe cell is given away when it
    is released, when these bounds are closer than its protection, when they are for a contributor who subtracts its own
    amounts, or when the withheld cells of a line are unsafe together. This takes no part in choosing the pattern.

    Parameters
    ----------
    contributions : DataFrame
    withheld : Series of bool
        Indexed by `by`; cells that are not in it are released.
    by, amount, contributor, rule
        As in ``secondary_suppression``.

    Returns
    -------
    DataFrame
        Withheld and unsafe cells: lower_cny, upper_cny (for everybody; inf when nothing bounds the cell; rounded inward
        to a hundred-millionth of the largest total), protection_cny, exposed_to (empty, ``'everybody'``,
        ``'contributor'`` or ``'line'``).

    Raises
    ------
    BadContributions
        As ``secondary_suppression``, and when `withheld` has a cell that the table does not have.

    Notes
    -----
    .. math::
        \\underline{a}_c, \\overline{a}_c = \\min, \\max\\, \\{a'_c : a' \\ge 0,\\; a' \\text{ adds up},\\;
        a' = a \\text{ where released}\\}; \\quad a_c - \\underline{a}_c \\ge L_c,\\; \\overline{a}_c - a_c \\ge U_c

    Reading: with nothing in `exposed_to`, every unsafe cell has a witness: another table, checked in whole CNY, that an
    intruder cannot tell from the true one.

    Limits: as those of ``secondary_suppression``. The bounds are for the audit and never for readers.

    References
    ----------
    Hundepool, A. et al. (2012): Statistical Disclosure Control, Wiley, chapter 4.

    Examples
    --------
    >>> towns = pd.DataFrame([("X", "S1", 90)] + [(d, s, 20 + i) for d, s in (("X", "S2"), ("Y", "S1"), ("Y", "S2"))
    ...                       for i in range(5)], columns=["district_id", "subsector_id", "revenue_cny"])
    >>> alone = pd.Series({("X", "S1"): True})
    >>> audit_suppression(towns, alone)[["lower_cny", "upper_cny", "exposed_to"]].to_dict("list")
    {'lower_cny': [90.0], 'upper_cny': [90.0], 'exposed_to': ['everybody']}
    >>> hidden = secondary_suppression(towns) != ""
    >>> audit_suppression(towns, hidden).loc[("X", "S1"), ["lower_cny", "upper_cny"]].tolist()
    [0.0, 200.0]
    """
    table = of_contributions(contributions, by=by, amount=amount, contributor=contributor, rule=rule)
    unknown = withheld.index.difference(table.cells.index)
    if len(unknown):
        raise BadContributions("withheld", f"names cells that the table does not have: {list(unknown)[:3]}")
    return audit_table(table, withheld.reindex(table.cells.index, fill_value=False).to_numpy(dtype=bool))


def protect_table(
    contributions: pd.DataFrame, *, by: Sequence[str] = BY, amount: str = c.REVENUE_CNY,
    contributor: str | None = None, rule: SafetyRule = DEFAULT_RULE, cost: Cost = "total", margin_weight: float = 10.0,
    time_limit_s: float = 20.0,
) -> pd.DataFrame:  # fmt: skip
    """Cells and margins of one year as they may be released, or withheld with the reason; audited.

    Contributions that are public record (a listed company's report) are taken out by the caller beforehand and their
    total is added to what is released here. That is right because an intruder knows them: added in, they would make a
    cell look like one of many contributors or of a large total behind which the others hide, and all an intruder had to
    do is subtract them. What is left, the confidential part alone, must be safe.

    Parameters
    ----------
    contributions : DataFrame
        As in ``secondary_suppression``: confidential amounts of one year.
    by, amount, contributor, rule, cost, margin_weight, time_limit_s
        As in ``secondary_suppression``.

    Returns
    -------
    DataFrame
        Indexed by `by`, every combination and the margins: total_cny (Int64, missing when withheld), withheld, reason,
        and, for those who keep the data and never for readers, contributors, rule, protection_cny.

    Raises
    ------
    BadContributions
        As ``secondary_suppression``.
    StillDisclosed
        When the audit finds a cell given away even with every cell and margin withheld.

    Notes
    -----
    The rules of ``primary_suppression``, the pattern of ``secondary_suppression``, the check of ``audit_suppression``.
    A pattern that fails the check is replaced by one that withholds all that is not empty, and checked again.

    .. math::
        \\text{released}_c = T_c\\,(1 - y_c)

    Reading: a number is exact; a missing one is withheld, and `reason` says whether it was unsafe itself or hides
    another. Shares, quotients and maps are to be made of these numbers only.

    Limits: tables of two years let differences be taken; a firm that moves between districts while all else stays shows
    in them. See ``secondary_suppression`` for the intruders that are left out.

    References
    ----------
    Hundepool, A. et al. (2012): Statistical Disclosure Control, Wiley, chapter 4.

    Examples
    --------
    >>> towns = pd.DataFrame([("X", "S1", 90)] + [(d, s, 20 + i) for d, s in (("X", "S2"), ("Y", "S1"), ("Y", "S2"))
    ...                       for i in range(5)], columns=["district_id", "subsector_id", "revenue_cny"])
    >>> protect_table(towns)["total_cny"].unstack()
    subsector_id    S1    S2  total
    district_id
    X             <NA>  <NA>    200
    Y             <NA>  <NA>    220
    total          200   220    420
    """
    table = of_contributions(contributions, by=by, amount=amount, contributor=contributor, rule=rule)
    withheld = cheap_pattern(table, _costs(table, cost, margin_weight), time_limit_s)
    if len(_given_away(table, withheld)):
        withheld = np.asarray(table.flat > 0)
        if len(still := _given_away(table, withheld)):
            raise StillDisclosed(still)
    totals = table.cells[c.TOTAL_CNY].astype("Int64")
    return pd.DataFrame(
        {
            c.TOTAL_CNY: totals.mask(pd.Series(withheld, index=totals.index)),
            c.WITHHELD: withheld,
            c.REASON: _reasons(table, withheld),
            c.CONTRIBUTORS: table.contributors,
            c.RULE: table.cells[c.RULE],
            c.PROTECTION_CNY: table.protection,
        }
    )


def _given_away(table: MarginTable, withheld: Flags) -> "pd.Index[str]":
    exposed = audit_table(table, withheld, intervals=False)[c.EXPOSED_TO]
    return exposed.index[exposed != ""]


def _reasons(table: MarginTable, withheld: Flags) -> "pd.Series[str]":
    reasons = np.select([table.primary & withheld, withheld], [PRIMARY, SECONDARY], "")
    return pd.Series(reasons, index=table.cells.index, name=c.REASON, dtype=object)


def _costs(table: MarginTable, cost: Cost, margin_weight: float) -> NDArray[np.float64]:
    """Of withholding each cell, about 1 for an ordinary one."""
    if cost not in get_args(Cost):
        raise ClusterError(f"cost is {cost!r}; expected one of {', '.join(get_args(Cost))}")
    if not 0 < margin_weight < np.inf:
        raise ClusterError(f"margin_weight is {margin_weight}; expected a number above 0")
    values = table.values.astype(float)
    inside = values[:-1, :-1]
    if cost == "total":
        costs = values / max(inside.mean(), 1.0) if inside.size else values
        costs = costs + 0.01  # of two small cells one is still better than both
    else:
        costs = np.log1p(values) if cost == "log" else np.ones_like(values)
    costs[-1, :] *= margin_weight
    costs[:-1, -1] *= margin_weight
    result: NDArray[np.float64] = costs.ravel()
    return result

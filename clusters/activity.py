"""Activity of regions by industry beside a base: what every measure of specialization starts from.

One region is a vector over industries, several are a table with a row for each. The base is the economy that a region
is held against; for a table it is the sum of its rows unless another is given, so a city is compared with itself.
Totals are the sums of the listed industries unless an economy-wide total is given, as some published tables do.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clusters.checking import Floats, check_amounts, check_length
from clusters.errors import BadValue

Amounts = ArrayLike | pd.Series | pd.DataFrame


@dataclass(frozen=True)
class Activity:
    """Amounts by region and industry, the base, and totals of both.

    Attributes
    ----------
    amounts : ndarray of shape (regions, industries)
    base : ndarray of shape (industries,)
    total : ndarray of shape (regions,)
    base_total : float
    given : array_like
        What was given, whose shape and labels the answer takes.
    """

    amounts: Floats
    base: Floats
    total: Floats
    base_total: float
    given: Amounts

    @property
    def shares(self) -> Floats:
        """Share of each industry in its region; NaN in a region without activity."""
        return _ratio(self.amounts, self.total[:, np.newaxis])

    @property
    def base_shares(self) -> Floats:
        """Share of each industry in the base; NaN in a base without activity."""
        return _ratio(self.base, np.float64(self.base_total))

    @property
    def quotients(self) -> Floats:
        """Shares over base shares; NaN where either is not defined or the base share is 0."""
        return _ratio(self.shares, self.base_shares)

    def by_cell(self, values: Floats) -> pd.DataFrame | pd.Series | Floats | float:
        """Values of the cells in the shape of what was given."""
        if isinstance(self.given, pd.DataFrame):
            return pd.DataFrame(values, index=self.given.index, columns=self.given.columns)
        if isinstance(self.given, pd.Series):
            return pd.Series(values[0], index=self.given.index)
        shaped = values.reshape(np.shape(self.given))
        return shaped if shaped.ndim else float(shaped)

    def by_region(self, values: Floats) -> pd.Series | Floats | float:
        """Values of the regions: one number for a vector, as many as rows for a table."""
        if isinstance(self.given, pd.DataFrame):
            return pd.Series(values, index=self.given.index)
        return values if np.ndim(self.given) == 2 else float(values[0])

    @property
    def cells(self) -> pd.Index:
        """Index of a long table with a row for each cell: by industry, or by region and industry."""
        if isinstance(self.given, pd.Series):
            return self.given.index
        if isinstance(self.given, pd.DataFrame):
            return pd.MultiIndex.from_product([self.given.index, self.given.columns])
        regions, industries = map(pd.RangeIndex, self.amounts.shape)
        return pd.MultiIndex.from_product([regions, industries]) if np.ndim(self.given) == 2 else industries


def read_activity(
    activity: Amounts, base: Amounts | None, *, total: Amounts | None = None, base_total: float | None = None
) -> Activity:
    """Check and bring together activity, base and totals.

    Parameters
    ----------
    activity : Series, DataFrame or array_like
        By industry; a table has a row for each region. A single number is one industry, whose totals must be given.
    base : Series or array_like, optional
        By industry, with the labels of ``activity``. The sum of the rows of a table by default.
    total : float, Series or array_like, optional
        Activity of each region in all industries, listed here or not.
    base_total : float, optional
        The same for the base.

    Raises
    ------
    BadValue
    """
    amounts = check_amounts(activity, "activity", dimensions=(0, 1, 2))
    several = amounts.ndim == 2
    if amounts.ndim == 0 and (total is None or base_total is None):
        raise BadValue("total and base_total", [], "given for a single industry")
    amounts = amounts.reshape(-1 if several else 1, amounts.shape[-1] if amounts.ndim else 1)
    if base is None:
        if not several:
            raise BadValue("base", [], "given when activity is of one region")
        beside = amounts.sum(axis=0)
    else:
        labels = _labels(activity, industries=True)
        beside = np.atleast_1d(check_amounts(_aligned(base, labels, "base"), "base", dimensions=(0, 1)))
        check_length(beside, "base", rows=amounts.shape[1], of="industry")
    if total is None:
        totals = amounts.sum(axis=1)
    else:
        given = _aligned(total, _labels(activity, industries=False), "total") if several else total
        totals = np.atleast_1d(check_amounts(given, "total", dimensions=(0, 1)))
        check_length(totals, "total", rows=len(amounts), of="region")
    whole = (
        float(beside.sum()) if base_total is None else float(check_amounts(base_total, "base_total", dimensions=(0,)))
    )
    _check_parts(amounts, totals[:, np.newaxis], "total")
    _check_parts(beside, np.float64(whole), "base_total")
    return Activity(amounts, beside, totals, whole, activity)


def _ratio(part: Floats, whole: Floats | np.float64) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.equal(whole, 0), np.nan, np.divide(part, whole))


def _check_parts(parts: Floats, whole: Floats | np.float64, name: str) -> None:
    beyond = parts > whole * (1 + 1e-12)
    if beyond.any():
        smaller = np.broadcast_to(whole, parts.shape)[beyond].tolist()
        raise BadValue(name, smaller, "no smaller than any of its industries")


def _labels(given: Amounts, *, industries: bool) -> pd.Index | None:
    if isinstance(given, pd.DataFrame):
        return given.columns if industries else given.index
    return given.index if isinstance(given, pd.Series) else None


def _aligned(given: Amounts, labels: pd.Index | None, name: str) -> Amounts:
    """The amounts in the order of the labels, when they have labels themselves."""
    if labels is None or not isinstance(given, pd.Series) or given.index.equals(labels):
        return given
    wrong = [*given.index.difference(labels), *given.index[given.index.duplicated()]]
    wrong += [f"none for {label}" for label in labels.difference(given.index)]
    if wrong:
        raise BadValue(f"the labels of {name}", wrong, "those of activity, each once")
    return given.reindex(labels)

"""Amounts, labels and choices as the measures take them: finite, not negative, of the right shape; else an error.

A missing amount is no zero: whoever knows that a blank means nothing fills it before asking for a measure.
"""

from collections.abc import Sized

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from clusters.errors import BadValue

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


def check_amounts(values: ArrayLike, name: str, *, dimensions: tuple[int, ...] = (1,)) -> Floats:
    """The values as float64, when all are finite and at least 0.

    Raises
    ------
    BadValue
        With the values that are not, or with the shape when the number of dimensions is another.

    Examples
    --------
    >>> check_amounts([1, 2], "revenue")
    array([1., 2.])
    """
    try:
        amounts = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadValue(name, [values], "numbers") from None
    if amounts.ndim not in dimensions:
        raise BadValue(name, [f"shape {amounts.shape}"], f"of {' or '.join(map(str, dimensions))} dimensions")
    wrong = ~(np.isfinite(amounts) & (amounts >= 0))
    if wrong.any():
        raise BadValue(name, np.atleast_1d(amounts)[np.atleast_1d(wrong)].tolist(), "finite and at least 0")
    return amounts


def check_labels(labels: ArrayLike, name: str, *, rows: int) -> tuple[Codes, pd.Index]:
    """Codes of the labels and the distinct labels in ascending order; one label for each row, none missing.

    Raises
    ------
    BadValue

    Examples
    --------
    >>> codes, names = check_labels(["乙", "甲", "乙"], "region", rows=3)
    >>> codes.tolist(), list(names)
    ([0, 1, 0], ['乙', '甲'])
    """
    if np.ndim(labels) != 1:
        raise BadValue(name, [f"shape {np.shape(labels)}"], "of 1 dimension")
    given = pd.Index(labels)  # type: ignore[arg-type]
    check_length(given, name, rows=rows)
    codes, names = pd.factorize(given, sort=True)
    if (codes < 0).any():
        raise BadValue(name, [f"none in {int((codes < 0).sum())} of {rows} rows"], "a label in every row")
    return codes.astype(np.intp, copy=False), pd.Index(names)


def check_length(given: Sized, name: str, *, rows: int) -> None:
    """Refuse what has another number of rows.

    Raises
    ------
    BadValue
    """
    if len(given) != rows:
        raise BadValue(name, [f"{len(given)}"], f"one for each of {rows} rows")


def check_between(value: float, name: str, *, low: float, high: float) -> float:
    """The number, when it lies strictly between two others.

    Raises
    ------
    BadValue
    """
    if not low < value < high:
        raise BadValue(name, [value], f"between {low} and {high}")
    return float(value)


def check_choice(value: str, name: str, known: tuple[str, ...]) -> None:
    """Refuse a choice that is none of those known.

    Raises
    ------
    BadValue
    """
    if value not in known:
        raise BadValue(name, [value], f"one of {', '.join(known)}")

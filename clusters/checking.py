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

FEWEST_DRAWS = 999
"""So that the ends of an interval of 95 %, and a p of 0.01, rest on more than a handful of draws."""
CONFIDENCE = 0.95
"""Of an interval, by default."""


def check_amounts(
    values: ArrayLike, name: str, *, dimensions: tuple[int, ...] = (1,), least: float = 0, of: str | None = None
) -> Floats:
    """The values as float64, when all are finite and at least `least`; `of` says what a row is, to tell which is wrong.

    Raises
    ------
    BadValue
        With the values that are not, or with the shape when the number of dimensions is another.

    Examples
    --------
    >>> check_amounts([1, 2], "revenue")
    array([1., 2.])
    >>> check_amounts([1, float("nan")], "begin", least=-np.inf, of="firm")
    Traceback (most recent call last):
    clusters.errors.BadValue: begin must be finite; got nan at firm 1
    """
    try:
        given = np.asarray(values)
        if given.dtype.kind in "US" or (given.dtype == object and any(isinstance(one, str) for one in given.flat)):
            raise TypeError
        amounts = given.astype(np.float64)
    except (TypeError, ValueError):
        raise BadValue(name, [values], "numbers") from None
    if amounts.ndim not in dimensions:
        raise BadValue(name, [f"shape {amounts.shape}"], _dimensions(dimensions))
    wrong = ~(np.isfinite(amounts) & (amounts >= least))
    if wrong.any():
        came = np.atleast_1d(amounts)[np.atleast_1d(wrong)].tolist()
        if of is not None:
            came = [f"{one} at {of} {row}" for one, row in zip(came, np.flatnonzero(wrong), strict=True)]
        raise BadValue(name, came, "finite" if least == -np.inf else f"finite and at least {least:g}")
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
        raise BadValue(name, [f"shape {np.shape(labels)}"], _dimensions((1,)))
    given = pd.Index(labels)  # type: ignore[arg-type]
    check_length(given, name, rows=rows)
    codes, names = pd.factorize(given, sort=True)
    if (codes < 0).any():
        raise BadValue(name, [f"none in {int((codes < 0).sum())} of {rows} rows"], "given in every row")
    return codes.astype(np.intp, copy=False), pd.Index(names)


def check_length(given: Sized, name: str, *, rows: int, of: str = "row") -> None:
    """Refuse what has another number of rows; `of` says what a row is.

    Raises
    ------
    BadValue
    """
    if len(given) != rows:
        raise BadValue(f"the length of {name}", len(given), f"{rows}, one for each {of}")


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


def check_draws(draws: int, *, fewest: int = FEWEST_DRAWS) -> None:
    """Refuse fewer draws than can carry what is read off them.

    Raises
    ------
    BadValue

    Examples
    --------
    >>> check_draws(5)
    Traceback (most recent call last):
    clusters.errors.BadValue: draws must be at least 999; got 5
    """
    if draws < fewest:
        raise BadValue("draws", draws, f"at least {fewest}")


def _dimensions(allowed: tuple[int, ...]) -> str:
    return f"of {' or '.join(map(str, allowed))} dimension{'' if allowed == (1,) else 's'}"


def seed_of(rng: np.random.Generator) -> int | None:
    """Seed that a generator was made from; ``None`` when it was not made from one number.

    It gives the same draws again only if nothing was drawn from the generator before.

    Examples
    --------
    >>> seed_of(np.random.default_rng(7))
    7
    """
    entropy = getattr(rng.bit_generator.seed_seq, "entropy", None)
    return entropy if isinstance(entropy, int) else None

"""The years that a ``datetime`` parameter asks for.

A year stands for its whole calendar year, and an instant for the year that it is written in, whatever its offset from
UTC: figures are of years, and nobody asks for the first eight hours of one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

FULL_DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
TIME = r"[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
MOMENT = rf"{FULL_DATE}({TIME})?"
DATETIME = rf"^({MOMENT}|({MOMENT}|\.\.)?/({MOMENT}|\.\.)?)$"
"""An instant, or an interval that may be open at either end, after RFC 3339."""


@dataclass(frozen=True)
class Period:
    """Years from ``first`` to ``last``, both included; ``None`` leaves an end open."""

    first: int | None = None
    last: int | None = None

    def years(self, known: Iterable[int]) -> list[int]:
        """Known years that lie in the period."""
        return [y for y in known if (self.first is None or y >= self.first) and (self.last is None or y <= self.last)]


def read_period(text: str) -> Period:
    """Years of a ``datetime`` parameter.

    Raises
    ------
    ValueError
        One sentence.

    Examples
    --------
    >>> read_period("2020-06-01/2021-01-01").years([2019, 2020, 2021, 2022])
    [2020, 2021]
    >>> read_period("../2020-12-31T00:00:00Z"), read_period("2021-03-04")
    (Period(first=None, last=2020), Period(first=2021, last=2021))
    """
    if not re.fullmatch(DATETIME, text, re.ASCII):
        raise ValueError(
            f"{text[:80]!r} is no date and no interval; expected 2021-01-01, or 2020-01-01/2021-12-31, or ../2021-12-31"
        )
    ends = text.split("/")
    days = [_day(end) for end in (ends * 2)[:2]]
    first, last = days
    if first is not None and last is not None and first > last:
        raise ValueError(f"{text[:80]!r} ends before it begins; write the earlier date first")
    return Period(first and first.year, last and last.year)


def _day(text: str) -> date | None:
    if text in ("", ".."):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError(f"there is no day {text[:10]!r}; expected one such as 2021-12-31") from None

"""When is a figure or a file old? When what it tells of ended so long ago that a newer one can be had.

The statistics of a year come out in the course of the next one, annual reports by the end of April, and districts hand
in later than that. So a year that ended more than two years ago has a successor somewhere, and whoever decides by its
figures should look for it. Rules, words and colours of ours do not age; they are changed when they are wrong.
"""

import re
from datetime import date

STALE_AFTER_YEARS = 2
_PERIOD = re.compile(r"(?P<year>(?:19|20)\d{2})(?:-(?P<month>\d{2}))?")


def is_stale(year: int, on: date) -> bool:
    """Whether the figures of a year are old on a day: the year ended more than ``STALE_AFTER_YEARS`` years before.

    Examples
    --------
    >>> is_stale(2021, date(2023, 12, 31)), is_stale(2021, date(2024, 1, 1))
    (False, True)
    """
    return on.year > year + STALE_AFTER_YEARS


def last_month(written: str) -> str:
    """The last month that the date of a source covers, as ``2021-12``; empty when it names no year.

    Examples
    --------
    >>> [last_month(text) for text in ("2016–2022", "2026-11", "2026-10-02", "2013", "long ago")]
    ['2022-12', '2026-11', '2026-10', '2013-12', '']
    """
    found = [f"{one['year']}-{one['month'] or '12'}" for one in _PERIOD.finditer(written)]
    return max(found, default="")


def months_since(written: str, on: date) -> int | None:
    """Whole months from the end of what the date of a source covers to a day; ``None`` when it names no year.

    Examples
    --------
    >>> months_since("2019–2024", date(2026, 11, 27)), months_since("2026-11", date(2026, 11, 27))
    (22, 0)
    """
    month = last_month(written)
    if not month:
        return None
    year, number = map(int, month.split("-"))
    return max(0, (on.year - year) * 12 + on.month - 1 - number)


def is_stale_source(written: str, on: date) -> bool:
    """Whether what a source covers ended more than ``STALE_AFTER_YEARS`` years before a day.

    Examples
    --------
    >>> is_stale_source("2016–2022", date(2026, 11, 27)), is_stale_source("2019–2024", date(2026, 11, 27))
    (True, False)
    """
    months = months_since(written, on)
    return months is not None and months > 12 * STALE_AFTER_YEARS

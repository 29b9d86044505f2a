"""Old figures are muted and say of when they are, once at the head of a page and never by colour alone."""

from datetime import date

from data.age import STALE_AFTER_YEARS, is_stale
from views.words import Words


def today() -> date:
    """The day that age is counted to."""
    return date.today()


def is_old(year: int) -> bool:
    """Whether the figures of a year are old by now."""
    return is_stale(year, today())


def aged(key: str, year: int) -> str:
    """Key of a container whose figures are of a year; the style sheet mutes them once they are old."""
    return f"aged-{key}" if is_old(year) else key


def stale_words(year: int, t: Words) -> str:
    """What is said of old figures; empty when they are not."""
    return t("stale.figures", month=f"{year}-12", years=STALE_AFTER_YEARS) if is_old(year) else ""


def stale_badge(year: int, t: Words) -> str:
    """The words as a badge for the head of a page; empty when the figures are not old."""
    said = stale_words(year, t)
    return f" :gray-badge[:material/hourglass_bottom: {said}]" if said else ""

"""Who is at the terminal, and what the log of who did what says of a verb."""

from clusters.roles import viewer_without_sign_in
from clusters.sign_in import sign_in
from data.audit import Actor, at_this_machine, note, note_if_possible
from data.settings import settings


def actor() -> Actor:
    """Whoever is at the terminal, for the log."""
    return at_this_machine(str(viewer_without_sign_in()))


def note_verb(what: str, **facts: object) -> None:
    """Note what a verb is about to do; where people sign in it is not done when it cannot be noted."""
    (note if sign_in() else note_if_possible)(settings().home, actor(), what, **facts)

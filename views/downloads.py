"""Every button that hands out a file: made after the click, for the reader who sees the button, and noted.

Streamlit makes such a file in a thread that belongs to no page, perhaps long after the page was drawn. So the reader is
kept with the button, and asked for again: whoever has signed out or run out of time meanwhile gets nothing.
"""

from collections.abc import Callable
from typing import Any

from streamlit.delta_generator import DeltaGenerator

from clusters.errors import SignInOver
from clusters.readers import Reader, Standing
from data.audit import EXPORTED, REFUSED, note, note_if_possible
from data.settings import settings
from data.store import current_version
from views import loaded, signed_in


def offer_file(
    where: DeltaGenerator,
    label: str,
    make: Callable[[], bytes | str],
    *,
    file_name: str,
    **looks: Any,
) -> None:
    """A button that makes a file and hands it out.

    Parameters
    ----------
    where : DeltaGenerator
    label : str
    make : callable
        Called after each click.
    file_name : str
    **looks
        As of ``st.download_button``.
    """
    drawn_for, version = signed_in.reader(), loaded.held_to("data") or current_version(settings().home)
    where.download_button(
        label,
        lambda: made_for(drawn_for, make, file_name=file_name, version=version),
        file_name=file_name,
        on_click="ignore",
        **looks,
    )


def made_for(drawn_for: Reader, make: Callable[[], bytes | str], *, file_name: str, version: str) -> bytes | str:
    """The file, once it is noted that it is taken.

    Raises
    ------
    SignInOver
        When the reader has signed out, or the time of the sign-in is over.
    NotNoted
        When people sign in and it cannot be noted: then nobody gets it.
    """
    home = settings().home
    if not signed_in.is_here_still(drawn_for):
        note_if_possible(home, drawn_for.actor, REFUSED, file=file_name)
        raise SignInOver(drawn_for.name)
    with signed_in.acting_as(drawn_for):
        made = make()
    tell = note_if_possible if drawn_for.standing is Standing.LOCAL else note
    tell(home, drawn_for.actor, EXPORTED, file=file_name, version=version)
    return made

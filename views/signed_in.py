"""Who looks at this page: read anew in every run, callback and part of a page that runs alone.

Streamlit reads the cookie when a page connects and then holds to it, whether it has expired or not; so the time and the
role are looked at here each time. When a reader has become another one, what the session held for the former goes, and
the page is drawn again for the new one.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import streamlit as st

from clusters.readers import Reader, Standing, reader_of, reader_without_sign_in
from clusters.sign_in import sign_in
from data.audit import OPENED, REFUSED, note, note_if_possible
from data.errors import NotNoted
from data.settings import settings
from data.sign_outs import is_ended

_DRAWN_FOR = "reader"
_NOTED = "opened_pages"
_PROBLEM = "problem"
_OF_ANYBODY = frozenset((_DRAWN_FOR, "selection", "page", "pages", "written", "seen", "tour_offered"))
"""What of a session outlives a change of readers: where it is and what it asked for; `views.state` fits that anew."""

_acting: ContextVar[Reader | None] = ContextVar("acting", default=None)


def reader() -> Reader:
    """Who looks, as of now.

    Raises
    ------
    UnknownRole
    """
    if (acting := _acting.get()) is not None:
        return acting
    how = sign_in()
    if how is None:
        return reader_without_sign_in()
    claims = st.user.to_dict()
    return reader_of(
        claims if claims.get("is_logged_in") is True else None,
        how,
        now=time.time(),
        is_ended=partial(is_ended, settings().home),
    )


def settle() -> None:
    """At the beginning of a run: let go of what the session held for a former reader."""
    now, state = reader(), st.session_state
    if state.get(_DRAWN_FOR, now) != now:
        for key in [str(key) for key in state if key not in _OF_ANYBODY]:
            del state[key]
        if "selection" in state:
            state["selection"] = state["selection"].with_(data="", job="")
    state[_DRAWN_FOR] = now


def rerun_when_changed() -> None:
    """At the beginning of a part of a page that runs alone: draw the whole page when its reader is another one now."""
    if st.session_state.get(_DRAWN_FOR, now := reader()) != now:
        st.rerun()


def note_opened(page: str, version: str) -> None:
    """Note that a government opened a page, once a session.

    Raises
    ------
    NotNoted
        So that the page is not shown.
    """
    now, noted = reader(), st.session_state.setdefault(_NOTED, set())
    if now.is_read_up_on and (page, version) not in noted:
        note(settings().home, now.actor, OPENED, page=page, version=version)
        noted.add((page, version))


def if_keeper(change: Callable[..., Any], *args: Any, noted: str = "", **facts: Any) -> None:
    """Callback: do what only the keeper of the data may do, if that is who clicked; the page may be an old one.

    Parameters
    ----------
    change : callable
    *args
        Of it.
    noted : str
        What the audit log calls it; it is noted first, and where people sign in it is not done when it cannot be.
    **facts
        For the audit log.
    """
    now, home = reader(), settings().home
    if not now.viewer.keeps_data:
        note_if_possible(home, now.actor, REFUSED, name=change.__name__)
        return
    if noted:
        try:
            (note if now.is_signed_in else note_if_possible)(home, now.actor, noted, **facts)
        except NotNoted as error:
            st.session_state[_PROBLEM] = error
            return
    change(*args)


def take_problem() -> Exception | None:
    """Why a callback did not do what was asked of it, told once."""
    problem: Exception | None = st.session_state.pop(_PROBLEM, None)
    return problem


def is_here_still(drawn_for: Reader) -> bool:
    """Whether somebody for whom a page was drawn may still be given what it offered."""
    if drawn_for.standing is not Standing.SIGNED_IN:
        return True
    return time.time() < drawn_for.expires_at and not is_ended(settings().home, drawn_for.login_id)


@contextmanager
def acting_as(somebody: Reader) -> Iterator[None]:
    """Work that belongs to no run of a page, such as a file made after a click, done for the reader who asked."""
    before = _acting.set(somebody)
    try:
        yield
    finally:
        _acting.reset(before)

"""Addresses of this session: of the page that is open, and of others with the same choices.

Every address names the data and the plan that a view was made with, so that it reopens the same figures.
"""

from typing import Any, NoReturn
from urllib.parse import urlsplit

import streamlit as st

from data.settings import settings
from views import loaded, state
from views.selection import Selection, address_of, made_with


def address(page: str, chosen: Selection) -> dict[str, str]:
    """Parameters of a link that reopens a view with the data and the plan that it was made with."""
    return made_with(chosen.query(page), loaded.dataset(), loaded.plan())


def write_address() -> None:
    """Put the selection into the address, so that the link reopens the same view."""
    try:
        query = address(st.session_state["page"], state.current())
    except (ValueError, OSError):  # data that cannot be opened have no version; the page has said why
        query = state.current().query(st.session_state["page"])
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)
    st.session_state["written"] = query


def go(page: str, **changes: Any) -> NoReturn:
    """Open another page with the selection as it is, or with some fields changed."""
    state.choose(**changes)
    st.switch_page(st.session_state["pages"][page], query_params=address(page, state.current()))


def link(page: str, chosen: Selection) -> str:
    """Address of a page with a selection, for a link in text or on paper."""
    return address_of(page, address(page, chosen))


def whole_link(page: str, chosen: Selection) -> str:
    """The same for paper: it begins where readers reach the app, as the operator set it or as this browser shows it."""
    shown = urlsplit(st.context.url or "")
    seen = f"{shown.scheme}://{shown.netloc}{shown.path.rpartition('/')[0]}" if shown.netloc else ""
    return address_of(page, address(page, chosen), base=settings().public_url or seen)


def method_link(method: str) -> str:
    """Address of the entry of a measure or section on the page of methods, with the choices of this run."""
    return link(state.METHODS_PAGE, state.current().with_(method=method))

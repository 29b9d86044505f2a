"""A small button beside a chart, table or map: how to read it, and what it cannot tell."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from views import state
from views.words import Words


def how_to_read(where: DeltaGenerator, key: str, t: Words, *, method: str = "") -> None:
    """Put the button into a container, best the horizontal one that has the heading.

    Parameters
    ----------
    where : DeltaGenerator
    key : str
        Its words stand under ``read.<key>``.
    t : Words
    method : str
        Id of a measure whose entry on the page of methods says more.
    """
    with where.popover(t("read.title"), icon=":material/help:", type="tertiary", width="content", key=f"read_{key}"):
        st.markdown(t(f"read.{key}"))
        if method:
            st.markdown(f"[{t('read.method')}]({state.method_link(method)})")

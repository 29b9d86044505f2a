"""A small button beside a chart, table or map: how to read it, and what it cannot tell.

Every one of them has its button, in one place: beside its heading. The words are short; the page of methods has the
formulas and the meaning of each term.
"""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from views import links
from views.glossary import TERMS_SECTION
from views.words import Words


def how_to_read(
    where: DeltaGenerator, key: str, t: Words, *, method: str = "", parts: Mapping[str, str] | None = None, of: str = ""
) -> None:
    """Put the button into a container, best the horizontal one that has the heading.

    Parameters
    ----------
    where : DeltaGenerator
    key : str
        Its words stand under ``read.<key>``.
    t : Words
    method : str
        Id of a measure whose entry on the page of methods says more.
    parts : mapping of str to str
        Instead: words under ``read.<key>.<part>``, each with its measure.
    of : str
        Tells several with the same words on one page apart.
    """
    with where.popover(
        t("read.title"), icon=":material/help:", type="tertiary", width="content", key=f"read_{key}{of}"
    ):
        for part, measure in (parts or {"": method}).items():
            said = t(f"read.{key}.{part}" if part else f"read.{key}")
            more = f" [{t('read.method')}]({links.method_link(measure)})" if measure else ""
            st.markdown(said + more)
        st.markdown(f":small[[{t('read.terms')}]({links.method_link(TERMS_SECTION)})]")


def heading(
    text: str, key: str, t: Words, *, method: str = "", parts: Mapping[str, str] | None = None, of: str = ""
) -> DeltaGenerator:
    """A heading with its button at the right, and the bar that holds both; ``text`` is Markdown, see `how_to_read`."""
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"heading-{key}{of}")
    bar.markdown(text, width="stretch")
    how_to_read(bar, key, t, method=method, parts=parts, of=of)
    return bar

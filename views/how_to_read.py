"""Small buttons beside a chart, table or map: how to read it and what it cannot tell, and where its figures come from.

Every one of them has its buttons, in one place: beside its heading. The words are short; the page of methods has the
formulas and the meaning of each term.
"""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from views import links
from views.glossary import TERMS_SECTION
from views.origin import origin_button
from views.origin_bases import Figure
from views.words import Words


def how_to_read(
    where: DeltaGenerator,
    key: str,
    t: Words,
    *,
    method: str = "",
    parts: Mapping[str, str] | None = None,
    of: str = "",
    origin: Figure | None = None,
) -> None:
    """Put the buttons into a container, best the horizontal one that has the heading.

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
    origin : Figure, optional
        What the second button tells the origin of; without it there is only the first.
    """
    if origin is not None:
        where = where.container(horizontal=True, width="content", vertical_alignment="center", gap="small")
    with where.popover(
        t("read.title"), icon=":material/help:", type="tertiary", width="content", key=f"read_{key}{of}"
    ):
        for part, measure in (parts or {"": method}).items():
            said = t(f"read.{key}.{part}" if part else f"read.{key}")
            more = f" [{t('read.method')}]({links.method_link(measure)})" if measure else ""
            st.markdown(said + more)
        st.markdown(f":small[[{t('read.terms')}]({links.method_link(TERMS_SECTION)})]")
    if origin is not None:
        origin_button(where, origin, t, key=f"{key}{of}")


def heading(
    text: str,
    key: str,
    t: Words,
    *,
    method: str = "",
    parts: Mapping[str, str] | None = None,
    of: str = "",
    origin: Figure | None = None,
) -> DeltaGenerator:
    """A heading with its buttons at the right, and the bar that holds both; ``text`` is Markdown, see `how_to_read`."""
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"heading-{key}{of}")
    bar.markdown(text, width="stretch")
    how_to_read(bar, key, t, method=method, parts=parts, of=of, origin=origin)
    return bar

"""名词: the glossary as a section of the page of methods; the term that is open stands on top."""

import html

import streamlit as st

from views.glossary import BY_ADDRESS, Term, Topic, terms_of
from views.words import Words, plain


def show_terms(opened: str, t: Words) -> None:
    """Every term by topic; before them the one that an address asks for.

    Parameters
    ----------
    opened : str
        Its address, or anything else for none.
    t : Words
    """
    st.caption(t("term.lead"))
    if opened in BY_ADDRESS:
        _opened(BY_ADDRESS[opened], t)
    columns, filled = st.columns(2, gap="medium"), [0, 0]
    for topic in Topic:
        shorter = filled.index(min(filled))
        filled[shorter] += len(terms_of(topic))
        with columns[shorter].container(border=True, key=f"terms-{topic}", gap="small"):
            st.markdown(f"#### {t(f'term.topic.{topic}')}")
            rows = "".join(_row(term, t) for term in terms_of(topic))
            st.html(f'<dl class="jq-terms">{rows}</dl>')


def _opened(term: Term, t: Words) -> None:
    with st.container(border=True, key="term"):
        st.markdown(f"### {plain(name_of(term, t))}")
        st.markdown(plain(t(f"term.{term.id}.text")))
        if term.method:
            st.markdown(f"[{t('read.method')}](/methods?measure={term.method}&lang={t.language})")


def name_of(term: Term, t: Words) -> str:
    """Reader's name of a term."""
    return t(f"term.{term.id}.name")


def _row(term: Term, t: Words) -> str:
    """Name, a link to itself, and definition; a measure is a link after it."""
    said = html.escape(t(f"term.{term.id}.text"))
    more = ""
    if term.method:
        href = html.escape(f"/methods?measure={term.method}&lang={t.language}")
        more = f' <a href="{href}" target="_self">{html.escape(t("term.formula"))}</a>'
    return f"<dt>{html.escape(name_of(term, t))}</dt><dd>{said}{more}</dd>"

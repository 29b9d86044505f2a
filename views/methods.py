"""方法: what each measure asks, its formula, how to read it and what it cannot tell; and what the data can tell at all.

One entry is open at a time and stands in the address, so a link reopens it. Words come from the text files, formulas
and references from the docstrings, numbers from the data that are open now.
"""

import streamlit as st

from clusters.goals import Board
from clusters.measure_docs import Item
from clusters.measures import MEASURES, Measure, Section, measures_of
from views import frame, loaded, state
from views.data_sources import show_all_sources
from views.glossary import BY_ADDRESS, TERMS_SECTION
from views.methods_guide import show_guide
from views.methods_terms import name_of as terms_name
from views.methods_terms import show_terms
from views.methods_values import value_of
from views.selection import SOURCES
from views.words import Words, plain

BY_ID = {each.id: each for each in MEASURES}
SECTIONS = (*(section.value for section in Section if measures_of(section)), TERMS_SECTION)
GUIDE = ""


def show() -> None:
    """The page."""
    chosen = state.current()
    t = loaded.words_of(chosen)
    board = loaded.board_of(chosen)
    tools = frame.head(t("methods.title"), f":small[{t('methods.lead')}]", chosen, t)
    opened = BY_ID.get(chosen.method)
    section = _section(chosen.method)
    _search(tools, chosen.method, section, t)
    _sections(section, t)
    if section == GUIDE:
        show_guide(board, t)
    elif section == TERMS_SECTION:
        show_terms(chosen.method, t)
    elif section == SOURCES:
        show_all_sources(board, t)
    else:
        if opened:
            _measures(opened, t)
            _entry(opened, board, t)
        else:
            _list(Section(section), t)
    frame.foot(board, t)


def name_of(measure: Measure, t: Words) -> str:
    """Reader's name of a measure."""
    return t(f"measure.{measure.id}.name")


def _section(method: str) -> str:
    """The section that something open belongs to."""
    if method in BY_ID:
        return BY_ID[method].section.value
    return TERMS_SECTION if method in BY_ADDRESS else method if method in (*SECTIONS, SOURCES) else GUIDE


def _found(asked: str, t: Words) -> str:
    """A measure or a term in the search box."""
    if asked in BY_ADDRESS:
        return f"{terms_name(BY_ADDRESS[asked], t)} · {t('term.one')}"
    return f"{name_of(BY_ID[asked], t)} · {asked}"


def _search(where: st.delta_generator.DeltaGenerator, method: str, section: str, t: Words) -> None:
    options = [*BY_ID, *BY_ADDRESS]
    where.container(width=300, gap=None).selectbox(
        t("methods.search"),
        options,
        index=None,
        format_func=lambda asked: _found(asked, t),
        placeholder=t("methods.search_placeholder"),
        label_visibility="collapsed",
        icon=":material/manage_search:",
        key=state.bound("find_measure", method if method in options else None),
        on_change=state.method_chosen,
        args=("find_measure", section),
    )


def _sections(section: str, t: Words) -> None:
    st.pills(
        t("methods.sections"),
        [GUIDE, *SECTIONS, SOURCES],
        required=True,
        format_func=lambda s: t(f"methods.section.{s}") if s else t("methods.guide"),
        label_visibility="collapsed",
        key=state.bound("method_section", section),
        on_change=state.method_chosen,
        args=("method_section",),
    )


def _measures(opened: Measure, t: Words) -> None:
    """The measures of a section side by side; letting go of the open one shows the list."""
    st.pills(
        t("methods.measures"),
        [each.id for each in measures_of(opened.section)],
        format_func=lambda asked: name_of(BY_ID[asked], t),
        label_visibility="collapsed",
        key=state.bound("open_measure", opened.id),
        on_change=state.method_chosen,
        args=("open_measure", opened.section.value),
    )


def _list(section: Section, t: Words) -> None:
    """Names and questions: a table of contents."""
    st.caption(t(f"methods.section_lead.{section}"))
    with st.container(border=True, gap="small", key="contents"):
        for each in measures_of(section):
            name, question = st.columns([1, 3.6], gap=None, vertical_alignment="center")
            name.button(
                f"**{name_of(each, t)}**",
                key=f"open-{each.id}",
                type="tertiary",
                on_click=state.choose,
                kwargs={"method": each.id},
            )
            question.markdown(t(f"measure.{each.id}.question"))


def _entry(measure: Measure, board: Board, t: Words) -> None:
    docs = measure.docs
    with st.container(border=True, key="entry"):
        st.markdown(f"### {name_of(measure, t)}　:small[:gray[{plain(measure.path)}]]")
        st.markdown(f"**{t(f'measure.{measure.id}.question')}**")
        if live := value_of(measure.id, board, t):
            st.markdown(f"#### :material/monitoring: {t('methods.live', year=board.year)}")
            st.markdown(plain(live))
        st.markdown(f"#### {t('methods.formula')}")
        for formula in docs.formulas:
            st.latex(formula)
        _symbols(measure, t)
        for column, part in zip(st.columns(3, gap="medium"), ("reading", "limits", "needs"), strict=True):
            column.markdown(f"#### {t(f'methods.{part}')}")
            column.markdown(plain(t(f"measure.{measure.id}.{part}")))
        st.markdown(f"#### {t('methods.references')}")
        st.markdown("\n".join(f"{n}. {plain(text)}" for n, text in enumerate(docs.references, 1)))
        _code(measure, t)
        st.caption(t("methods.link_note"))


def _symbols(measure: Measure, t: Words) -> None:
    """What the letters stand for: in the reader's words, or else as it stands beside the code."""
    key = f"measure.{measure.id}.where"
    st.caption(plain(t(key)) if key in t else "\n\n".join(measure.docs.symbols))


def _code(measure: Measure, t: Words) -> None:
    """What the docstring says beyond that, as it is written."""
    docs = measure.docs
    with st.expander(t("methods.code"), icon=":material/code:"):
        st.markdown("\n\n".join((docs.summary, *docs.definition, *docs.symbols, docs.reading, docs.limits)))
        for part in ("parameters", "returns", "raises"):
            if items := getattr(docs, part):
                st.markdown(f"#### {t(f'methods.{part}')}\n" + "\n".join(_item(item) for item in items))
        st.markdown(f"#### {t('methods.example')}")
        st.code(docs.example, language="pycon")


def _item(item: Item) -> str:
    head = " · ".join(f"`{text}`" for text in (item.name, item.type) if text)
    return f"- {head}: {item.text}" if item.text else f"- {head}"

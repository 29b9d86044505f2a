"""What every page shares: the little CSS that is allowed, the head with search and language, the foot."""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from clusters.goals import Board
from data import columns as c
from data.ranking import largest_firms
from views import state
from views.provenance import footer_lines, sample_sentence
from views.selection import Selection
from views.tokens import Tokens
from views.words import LANGUAGES, Language, Words, plain, words

PAGE_CSS = Path(__file__).parent / "static" / "page.css"
MOST_FIRMS_FOUND = 2_000  # in the search box; a browser holds the list
LANGUAGE_NAMES = {"zh": "中文", "en": "English"}


def style(look: Tokens) -> str:
    """The CSS of the pages with the colours of the theme."""
    colours = look.palette.css_variables() | {"panel": look.panel}
    variables = "".join(f"--jq-{name}:{colour};" for name, colour in colours.items())
    return f"<style>:root{{{variables}}}\n{PAGE_CSS.read_text('utf-8')}</style>"


def head(title: str, lead: str, chosen: Selection, t: Words) -> DeltaGenerator:
    """Title with search and language, then one line of scope; returns the container for the page's own controls."""
    first = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small")
    first.markdown(f"## {plain(title)}", width="content")
    _search_and_language(
        first.container(horizontal=True, vertical_alignment="center", width="content", gap="small"), chosen, t
    )
    second = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="medium")
    second.container(width="stretch", gap=None).markdown(lead)
    return second.container(horizontal=True, vertical_alignment="center", width="content", gap="small")


def _search_and_language(where: DeltaGenerator, chosen: Selection, t: Words) -> None:
    """One search box for everything that has a place, and the language."""
    options = _search_options(t)
    shown = str(chosen.focus) if chosen.focus and str(chosen.focus) in options else None
    where.selectbox(
        t("search.label"),
        list(options),
        index=None,
        format_func=lambda o: options[o],
        placeholder=t("search.placeholder"),
        label_visibility="collapsed",
        icon=":material/search:",
        width=300,
        key=state.bound("search", shown),
        on_change=state.search_changed,
        args=("search",),
    )
    where.segmented_control(
        t("language.label"),
        LANGUAGES,
        format_func=lambda code: LANGUAGE_NAMES[code],
        required=True,
        label_visibility="collapsed",
        key=state.bound("language", chosen.lang),
        on_change=state.changed,
        args=("lang", "language"),
    )


def sample_lead(board: Board, t: Words) -> str:
    """The sample's badge and sentence, with a caution when the year is not the best covered one."""
    badge = f":orange-badge[:material/info: {t(f'basis_badge.{board.dataset.basis.value}')}] "
    default = board.dataset.default_year
    other = (
        "" if board.year == default else f" :orange-badge[{t('sample.other_year', year=board.year, default=default)}]"
    )
    return f"{badge}:small[{sample_sentence(board, t)}]{other}"


def year_control(board: Board, where: DeltaGenerator, t: Words) -> None:
    """Years with observations."""
    where.segmented_control(
        t("field.year"),
        board.dataset.years,
        required=True,
        label_visibility="collapsed",
        format_func=str,
        key=state.bound("year", board.year),
        on_change=state.year_changed,
        args=("year",),
    )


def foot(board: Board, t: Words) -> None:
    """Versions, readings, sources."""
    st.divider()
    for line in footer_lines(board, t):
        st.caption(plain(line))


@st.cache_resource(max_entries=4, show_spinner=False)
def _options(language: Language, digest: str) -> dict[str, str]:
    t, data = words(language), state.dataset()
    district = data.districts[c.NAME if language == "zh" else c.NAME_EN]
    found = {f"district:{d}": f"{district[d]} · {t('search.district')}" for d in data.districts.index}
    names = largest_firms(data, MOST_FIRMS_FOUND)[c.SHORT_NAME]
    found |= {f"firm:{f}": f"{name} {f} · {t('search.firm')}" for f, name in names.items()}
    found |= {f"park:{p}": f"{r[c.NAME]} · {t('search.park')}" for p, r in data.parks.iterrows()}
    return found | {f"street:{s}": f"{r[c.NAME]} · {t('search.street')}" for s, r in data.streets.iterrows()}


def _search_options(t: Words) -> dict[str, str]:
    return _options(t.language, state.dataset().digest)

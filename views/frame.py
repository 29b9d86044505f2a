"""What every page shares: the little CSS that is allowed, the head with search and language, the foot."""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from clusters.goals import Board
from data import columns as c
from data.dataset import Dataset
from data.lookup import short_name
from data.ranking import largest_firms
from views import focused, links, loaded, state
from views.glossary import TERMS_SECTION
from views.link_versions import share
from views.provenance import footer_lines, sample_sentence
from views.selection import SOURCES, Selection
from views.sign_in_line import local_sentence, show_account
from views.stale import stale_badge
from views.tokens import Tokens
from views.tour import tour_button
from views.words import LANGUAGES, Language, Words, plain, words

PAGE_CSS = Path(__file__).parent / "static" / "page.css"
MOST_FIRMS_LISTED = 50  # in the search box, which is sent whole; of many firms the others are found by typing
LANGUAGE_NAMES = {"zh": "中文", "en": "English"}
HTML_LANGUAGE = {"zh": "zh-CN", "en": "en"}
LANGUAGE_SCRIPTS = {name: f"document.documentElement.lang = '{tag}';" for name, tag in HTML_LANGUAGE.items()}
"""The only scripts on a page of Streamlit; they hold nothing from outside, and the policy of the pages names them."""


def style(look: Tokens) -> str:
    """The CSS of the pages with the colours of the theme."""
    colours = look.palette.css_variables() | {"panel": look.panel, "met": look.met, "short": look.short}
    variables = "".join(f"--jq-{name}:{colour};" for name, colour in colours.items())
    return f"<style>:root{{{variables}}}\n{PAGE_CSS.read_text('utf-8')}</style>"


def tell_language(t: Words) -> None:
    """Say in which language the document is, which Streamlit always calls English; a screen reader speaks by it."""
    st.html(f"<script>{LANGUAGE_SCRIPTS[t.language]}</script>", unsafe_allow_javascript=True)


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
    data, sought = loaded.dataset(), focused.sought()
    in_focus = [chosen.focus.id] if chosen.focus and chosen.focus.kind == "firm" else []
    options = _options(t.language, data.version, data.digest, data)
    options = {**{f"firm:{f}": _firm_option(data, f, t) for f in (*in_focus, *sought.firms)}, **options}
    shown = str(chosen.focus) if chosen.focus and str(chosen.focus) in options else None
    box = where.container(width=300, gap=None)
    box.selectbox(
        t("search.label"),
        list(options),
        index=None,
        format_func=lambda o: options.get(o, o),
        accept_new_options=data.has_many_firms,
        placeholder=t("search.placeholder"),
        label_visibility="collapsed",
        icon=":material/search:",
        key=state.bound("search", shown),
        on_change=focused.search_changed,
        args=("search",),
    )
    if sought.text:
        said = t("search.several", n=len(sought.firms)) if sought.firms else t("search.nothing")
        box.caption(f"{plain(sought.text)}: {said}")
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
    share(where, t)
    show_account(where, t)


def sample_lead(board: Board, t: Words) -> str:
    """The sample's badge and sentence, with a caution when the year is not the best covered one."""
    badge = f":orange-badge[:material/info: {t(f'basis_badge.{board.dataset.evidence}')}] "
    default = board.dataset.default_year
    other = (
        "" if board.year == default else f" :orange-badge[{t('sample.other_year', year=board.year, default=default)}]"
    )
    return f"{badge}:small[{sample_sentence(board, t)}]{other}{stale_badge(board.year, t)}"


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
    """Ways to start over and to the words, then versions, readings, sources."""
    st.divider()
    _ways(t)
    for line in (*footer_lines(board, t), *filter(None, [local_sentence(t)])):
        st.caption(plain(line))
    st.caption(f"[{t('footer.sources')}]({links.method_link(SOURCES)})")


def _ways(t: Words) -> None:
    """The same small buttons under every page: start, tour, glossary."""
    bar = st.container(horizontal=True, vertical_alignment="center", gap="medium", key="ways")
    page = st.session_state["page"]
    if page != "start" and bar.button(t("page.start"), icon=":material/home:", type="tertiary", key="to_start"):
        links.go("start")
    tour_button(bar, t, key="to_tour")
    if bar.button(t("read.terms"), icon=":material/menu_book:", type="tertiary", key="to_terms"):
        links.go(state.METHODS_PAGE, method=TERMS_SECTION)


def _firm_option(data: Dataset, firm_id: str, t: Words) -> str:
    return f"{short_name(data, firm_id)} {firm_id} · {t('search.firm')}"


@st.cache_resource(max_entries=4, show_spinner=False)
def _options(language: Language, version: str, digest: str, _data: Dataset) -> dict[str, str]:
    t, data = words(language), _data
    district = data.districts[c.NAME if language == "zh" else c.NAME_EN]
    found = {f"district:{d}": f"{district[d]} · {t('search.district')}" for d in data.districts.index}
    names = largest_firms(data, MOST_FIRMS_LISTED)[c.SHORT_NAME]
    found |= {f"firm:{f}": f"{name} {f} · {t('search.firm')}" for f, name in names.items() if isinstance(name, str)}
    found |= {f"park:{p}": f"{r[c.NAME]} · {t('search.park')}" for p, r in data.parks.iterrows()}
    return found | {f"street:{s}": f"{r[c.NAME]} · {t('search.street')}" for s, r in data.streets.iterrows()}

"""A guided tour of a minute: five steps over the real pages, opened by itself once a browser and by a button after.

It opens by itself only for somebody who comes to the bare start page first and has never seen it; whoever follows a
link into a page is left alone. That a browser has seen it must outlive a reload and a closed window. The address must
not hold it, since addresses are passed on, and a script of ours cannot write to the browser's storage. So the step
shows an invisible picture of ours whose answer sets a cookie (``api.tour``); the cookie holds no more than "seen" and
names nobody. A browser that refuses cookies is shown the tour again when it next begins at the start page.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from views import links, signed_in
from views.words import Words

ADDRESS = "/tour/seen"
COOKIE = "jiqun_tour"
STEPS = ("doors", "tiers", "questions", "reading", "links")
LEADS_TO = {"doors": "start", "tiers": "overview", "questions": "district", "reading": "methods", "links": "data"}
"""The page that a step speaks of."""
STEP_PX = {"zh": 250, "en": 335}
"""Height that holds every step on a phone, so that the buttons stay where they are."""


def welcome(page: str, *, first: str) -> None:
    """On the first run of a session: open the tour for a new reader at the bare first page."""
    held = st.session_state
    if "tour_offered" in held:
        return
    held["tour_offered"] = True
    bare = not set(st.query_params) - {"lang"}
    if page == first and bare and COOKIE not in st.context.cookies:
        begin()


def begin() -> None:
    """Callback: open the tour at its first step."""
    st.session_state["tour"] = 0


def tour_button(where: DeltaGenerator, t: Words, *, key: str) -> None:
    """The way back to the tour."""
    where.button(t("tour.offer"), icon=":material/tour:", type="tertiary", key=key, on_click=begin)


def show_tour(t: Words) -> None:
    """The tour over the page, while it is open; called once in a run, after the page."""
    if "tour" in st.session_state:
        st.dialog(t("tour.title"), icon=":material/tour:", width="medium", on_dismiss=_end)(_step)(t)


def _step(t: Words) -> None:
    signed_in.rerun_when_changed()
    if "tour" not in st.session_state:
        st.rerun()  # it was left by a button of its own, so the page closes it
    n = st.session_state["tour"]
    step, last = STEPS[n], n == len(STEPS) - 1
    st.progress((n + 1) / len(STEPS), t("tour.progress", n=n + 1, of=len(STEPS)))
    with st.container(height=STEP_PX[t.language], border=False, key="tour_step"):
        st.markdown(f"## {t(f'tour.{step}.title')}")
        st.markdown(t(f"tour.{step}.text"))
    bar = st.container(horizontal=True, horizontal_alignment="distribute", gap="small", key="tour_buttons")
    page = LEADS_TO[step]
    ways = bar.container(horizontal=True, width="content")
    if page != st.session_state["page"] and ways.button(
        t("tour.open", page=t(f"page.{page}")), icon=":material/arrow_outward:", type="tertiary", key="tour_open"
    ):
        _end()
        links.go(page)
    steps = bar.container(horizontal=True, horizontal_alignment="right", width="content", gap="small")
    steps.button(t("tour.skip"), type="tertiary", key="tour_skip", on_click=_end)
    steps.button(t("tour.back"), key="tour_back", disabled=n == 0, on_click=_move, args=(-1,))
    label = t("tour.done" if last else "tour.next")
    steps.button(label, type="primary", key="tour_next", on_click=_end if last else _move, args=() if last else (1,))
    st.html(f'<img src="{ADDRESS}" alt="" width="1" height="1">')


def _move(by: int) -> None:
    st.session_state["tour"] += by


def _end() -> None:
    st.session_state.pop("tour", None)

"""Which data and which text of the plan a link was made with: said above the page, and given on with its address."""

from urllib.parse import urljoin

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from clusters.kept_plans import plan_digest
from data.settings import settings
from data.store import current_version
from views import links, loaded, state
from views.words import Words


def show_link_versions(t: Words) -> None:
    """One box when an earlier version is shown, with the way to the newest, or when one that was asked for is not."""
    held, missed = held_sentences(t), missed_sentences(t)
    if not held and not missed:
        return
    line = st.container(horizontal=True, vertical_alignment="center", gap="small", key="link_versions")
    box = line.container(width="stretch", gap=None)
    (box.warning if held else box.info)("  \n".join((*held, *missed)), icon=":material/history:")
    if held:
        line.button(t("link.newest"), icon=":material/update:", key="newest", on_click=state.show_newest)
    else:
        line.button(t("link.noted"), icon=":material/check:", key="noted", on_click=state.forget_missed)


def held_sentences(t: Words) -> list[str]:
    """What a reader is told who looks at an earlier version."""
    chosen, said = state.current(), []
    if chosen.data:
        now = current_version(settings().home)
        newer = now.isdecimal() and int(now) > int(chosen.data)
        said.append(t("link.data_newer" if newer else "link.data_other", held=chosen.data, now=now))
    if chosen.plan:
        said.append(t("link.plan_other", held=chosen.plan, now=plan_digest(loaded.plan_of_today())))
    return said


def missed_sentences(t: Words) -> list[str]:
    """What a reader is told whose link asks for what is not shown."""
    missed, said = state.missed(), []
    if missed.data:
        key = "link.data_gone" if missed.may_ask else "link.data_not_for_reader"
        said.append(t(key, asked=missed.data, now=loaded.dataset().version))
    if missed.plan:
        said.append(t("link.plan_gone", asked=missed.plan, now=plan_digest(loaded.plan_of_today())))
    return said


def share(where: DeltaGenerator, t: Words) -> None:
    """Button with the full address of what is seen, to be copied."""
    chosen = state.current()
    with where.popover(t("link.share"), icon=":material/link:", type="tertiary", width="content", key="share"):
        st.markdown(t("link.share_lead", data=loaded.dataset().version, plan=plan_digest(loaded.plan())))
        page = st.session_state["page"]
        st.code(urljoin(st.context.url or "", links.link(page, chosen)), language=None, wrap_lines=True)

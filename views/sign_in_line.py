"""Who is looking, in the head of every page, with the way in and out; and what a reader is told when that has ended."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from clusters.readers import Reader, Standing
from clusters.roles import Role, Viewer
from clusters.sign_in import sign_in
from data import columns as c
from views import loaded, signed_in
from views.words import Words, plain

MOST_LETTERS = 14
"""Of a name in the head of a page; the rest is in the box that the name opens."""


def show_account(where: DeltaGenerator, t: Words) -> None:
    """Name and role with the way out, or the way in; nothing where nobody signs in."""
    if sign_in() is None:
        return
    now = signed_in.reader()
    if not now.is_signed_in:
        where.button(t("sign_in.in"), icon=":material/login:", type="tertiary", key="sign_in", on_click=st.login)
        return
    short = now.name if len(now.name) <= MOST_LETTERS else now.name[: MOST_LETTERS - 1] + "…"
    box = where.popover(plain(short), icon=":material/person:", type="tertiary", width="content", key="account")
    box.markdown(f"**{plain(now.name)}**  \n{plain(role_words(now.viewer, t))}")
    box.button(t("sign_in.out"), icon=":material/logout:", key="sign_out", on_click=st.logout)


def show_standing(t: Words) -> None:
    """Above the page: that the time of a sign-in is over, and what a callback could not do."""
    if signed_in.reader().standing is Standing.EXPIRED:
        line = st.container(horizontal=True, vertical_alignment="center", gap="small", key="expired")
        line.container(width="stretch", gap=None).warning(t("sign_in.expired"), icon=":material/lock_clock:")
        line.button(t("sign_in.again"), icon=":material/login:", key="sign_in_again", on_click=st.login)


def must_sign_in(now: Reader) -> bool:
    """Whether this reader is shown nothing before signing in."""
    how = sign_in()
    return how is not None and how.is_required and not now.is_signed_in


def show_door(t: Words) -> None:
    """The page of whoever has to sign in first."""
    st.markdown(f"## {plain(t('app.title'))}")
    st.info(t("sign_in.required"), icon=":material/lock:")
    st.button(t("sign_in.in"), icon=":material/login:", type="primary", key="sign_in_first", on_click=st.login)


def local_sentence(t: Words) -> str:
    """For the foot of a page where nobody signs in: who everybody is; empty where people do."""
    return "" if sign_in() else t("sign_in.local", role=role_words(loaded.viewer(), t))


def role_words(viewer: Viewer, t: Words) -> str:
    """What a reader is here, in words."""
    if viewer.role is not Role.GOVERNMENT:
        return t(f"role.{viewer.role.value}")
    if not viewer.district_id:
        return t("role.government")
    districts = loaded.dataset().districts
    known = viewer.district_id in districts.index
    name = districts.at[viewer.district_id, c.NAME if t.language == "zh" else c.NAME_EN] if known else ""
    return t("role.district", district=name or viewer.district_id)

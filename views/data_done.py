"""An import that is done: the version, what it brought, where to look at it, and the way back."""

import streamlit as st

from data.audit import USED
from data.jobs import Job, check_of
from data.reference import load_reference
from data.settings import settings
from data.store import current_version, list_versions, use_version
from views import links, signed_in, state
from views.data_differences import counts_sentence, differences
from views.data_report import show_downloads
from views.data_versions import undo_button
from views.words import Words, plain


def show_done(now: Job, t: Words) -> None:
    """A job that became a version."""
    home = settings().home
    record = next((r for r in list_versions(home, load_reference()) if r.id == now.version), None)
    current = current_version(home)
    with st.container(border=True):
        st.markdown(f":material/description: **{plain(now.name)}**")
        if current == now.version:
            st.success(t("data.live", id=now.version), icon=":material/task_alt:")
        else:
            st.info(t("data.not_live", id=now.version, current=current), icon=":material/undo:")
        if record is not None:
            years = f"{record.years[0]}–{record.years[-1]}" if record.years else t("word.no_data")
            st.markdown(
                t("data.holds", firms=f"{record.firms:,}", observations=f"{record.observations:,}", years=years)
            )
            before = record.parent or "0"
            with st.spinner(t("data.comparing")):
                said = counts_sentence(differences(home, before, record.id), t)
            st.markdown(t("data.compared", before=before, what=said))
        line = st.container(horizontal=True, gap="small")
        if line.button(t("data.to_overview"), icon=":material/dashboard:", type="primary", key="to_overview"):
            links.go("overview", job="", data="")
        with line:
            if current == now.version:
                undo_button(t, key="undo_import")
            else:
                st.button(
                    t("data.use_again", id=now.version),
                    icon=":material/redo:",
                    key="use_again",
                    on_click=signed_in.if_keeper,
                    args=(state.follow, use_version, home, now.version),
                    kwargs={"noted": USED, "version": now.version},
                )
        line.button(
            t("data.another"), icon=":material/upload_file:", key="another", on_click=state.open_job, args=("",)
        )
    document = check_of(home, now.id)
    if document is not None and document["refused"]:
        show_downloads(now, document, t)

"""A job that came to nothing: why, in one sentence, and what can be done."""

import streamlit as st

from data.importing import Told
from data.jobs import Job, JobState, recheck_job, restart_job
from data.settings import settings
from views import signed_in, state
from views.error_words import sentence
from views.words import Words, plain


def show_stopped(now: Job, t: Words) -> None:
    """A failed or cancelled job."""
    with st.container(border=True):
        st.markdown(f":material/description: **{plain(now.name)}**")
        if now.state is JobState.FAILED and now.error is not None:
            st.error(plain(sentence(now.error, t)), icon=":material/error:")
        else:
            st.info(t("data.cancelled"), icon=":material/inbox:")
        line = st.container(horizontal=True, gap="small")
        if now.state is JobState.FAILED and now.again:
            line.button(
                t("data.restart"),
                icon=":material/refresh:",
                key="restart",
                on_click=signed_in.if_keeper,
                args=(restart_job, settings().home, now.id, signed_in.reader().actor),
            )
            if now.run > 1:  # an answer may be what stopped it
                line.button(
                    t("data.from_scratch"),
                    icon=":material/restart_alt:",
                    key="from_scratch",
                    on_click=signed_in.if_keeper,
                    args=(recheck_job, settings().home, now.id, Told(), signed_in.reader().actor),
                )
        line.button(
            t("data.another"),
            icon=":material/upload_file:",
            type="primary",
            key="another",
            on_click=state.open_job,
            args=("",),
        )

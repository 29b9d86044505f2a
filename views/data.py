"""数据: a file is dropped, checked by a worker, confirmed, and is the current version; versions, sources, templates.

Only whoever keeps the data comes through that door; any other reader finds the sources.
"""

import streamlit as st

from clusters.goals import Board
from data.jobs import AT_WORK, Job, JobState, job
from data.settings import settings
from views import frame, loaded, state
from views.data_checked import show_checked
from views.data_done import show_done
from views.data_door import show_door, show_jobs
from views.data_progress import show_progress
from views.data_sources import show_sources, show_templates
from views.data_stopped import show_stopped
from views.data_versions import show_versions
from views.selection import Selection
from views.words import Words


def show() -> None:
    """The page."""
    chosen = state.current()
    t = loaded.words_of(chosen)
    board = loaded.board_of(chosen)
    if not loaded.viewer().keeps_data:
        _for_readers(board, chosen, t)
        return
    frame.head(t("data.title"), f":small[{t('data.lead')}]", chosen, t)
    now = _job(chosen.job, t)
    if now is None:
        door, templates = st.columns([1, 1.25], gap="medium")
        with door:
            show_door(t)
        with templates:
            show_templates(t)
        show_jobs(t)
    else:
        _show_job(now, t)
    show_versions(t)
    if now is not None:
        show_templates(t)
    show_sources(t)
    frame.foot(board, t)


def _for_readers(board: Board, chosen: Selection, t: Words) -> None:
    """Sources alone: files, versions and what was found in them hold figures that are not for every reader."""
    frame.head(t("data.title_read"), f":small[{t('data.lead_read')}]", chosen, t)
    st.info(t("data.for_keepers"), icon=":material/lock:")
    show_sources(t, expanded=True)
    frame.foot(board, t)


def _job(job_id: str, t: Words) -> Job | None:
    """The job in the link; a link to one that is no more says so, once."""
    now = job(settings().home, job_id) if job_id else None
    if job_id and now is None:
        state.open_job("")
        st.info(t("data.no_job"), icon=":material/inbox:")
    return now


def _show_job(now: Job, t: Words) -> None:
    if now.state in AT_WORK:
        show_progress(now.id, t)
    elif now.state is JobState.CHECKED:
        show_checked(now, t)
    elif now.state is JobState.DONE:
        show_done(now, t)
    else:
        show_stopped(now, t)

"""How far a worker is; this part of the page looks again every second, and the work goes on without it."""

import streamlit as st

from data.job_files import Wish
from data.jobs import AT_WORK, Job, JobState, cancel_job, job
from data.progress import STAGES
from data.settings import settings
from views import signed_in
from views.words import Words, plain

LOOK_EVERY_S = 1.0
OF_A_CHECK = 7  # stages of a check, the waiting included; the others write


@st.fragment(run_every=LOOK_EVERY_S)
def show_progress(job_id: str, t: Words) -> None:
    """Stage, rows and the way out of a job at work."""
    signed_in.rerun_when_changed()
    now = job(settings().home, job_id)
    if now is None or now.state not in AT_WORK:
        st.rerun()
    stages = [s for s in (STAGES if now.wish is Wish.IMPORT else STAGES[:OF_A_CHECK]) if s != "waiting"]
    with st.container(border=True):
        st.markdown(f":material/description: **{plain(now.name)}**")
        _bar(now, stages, t)
        st.markdown(_steps(now, stages, t))
        line = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
        line.caption(t("data.goes_on"))
        line.button(
            t("data.cancel"),
            icon=":material/close:",
            key="cancel",
            on_click=signed_in.if_keeper,
            args=(cancel_job, settings().home, job_id),
        )


def _bar(now: Job, stages: list[str], t: Words) -> None:
    if now.state is JobState.WAITING:
        st.progress(0.0, t("data.ahead", n=now.ahead) if now.ahead else t("data.starting"))
        return
    at = _at(now, stages)
    share = now.rows / now.rows_total if now.rows_total else 0.0
    said = t("data.stage_of", stage=t(f"stage.{stages[at]}"), n=at + 1, of=len(stages))
    if now.rows_total:
        said += t("data.rows_of", n=f"{now.rows:,}", of=f"{now.rows_total:,}")
    elif now.rows:
        said += t("data.rows_so_far", n=f"{now.rows:,}")
    st.progress(min(1.0, (at + share) / len(stages)), said)


def _steps(now: Job, stages: list[str], t: Words) -> str:
    """The stages in one line: done, at work, to come."""
    at = -1 if now.state is JobState.WAITING else _at(now, stages)
    marks = [
        f":green[:material/check: {t(f'stage.{s}')}]"
        if n < at
        else f"**:material/arrow_right: {t(f'stage.{s}')}**"
        if n == at
        else f":gray[{t(f'stage.{s}')}]"
        for n, s in enumerate(stages)
    ]
    return f":small[{'　'.join(marks)}]"


def _at(now: Job, stages: list[str]) -> int:
    """Place of the stage at work; one that we have no word for is a part of the last."""
    return stages.index(now.stage) if now.stage in stages else len(stages) - 1

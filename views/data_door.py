"""The door: a file, what it is and how its coordinates are meant, and the files that are on their way."""

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from data.importing import Told
from data.jobs import jobs, start_job
from data.mapping import Mapping, TableKind
from data.mapping_files import DATUMS, load_mapping
from data.settings import settings
from views import running, signed_in, state
from views.error_words import sentence
from views.times import moment
from views.words import Words, capital, plain

MOST_JOBS = 8


def show_door(t: Words) -> None:
    """Choose a file and have it checked."""
    step(1, t("data.file"))
    with st.container(border=True):
        upload = st.file_uploader(t("data.drop", mb=st.get_option("server.maxUploadSize")), key="upload")
        left, right = st.columns(2, gap="small")
        kind = left.selectbox(
            t("data.kind"),
            [None, *TableKind],
            format_func=lambda k: t("data.kind_guessed") if k is None else capital(t(f"table_kind.{k.value}")),
            key="upload_kind",
        )
        datum = right.selectbox(
            t("data.datum"),
            [None, *DATUMS],
            format_func=lambda d: t("data.datum_by_evidence") if d is None else t(f"datum.{d}"),
            help=t("data.datum_help"),
            key="upload_datum",
        )
        mapping = saved_mapping(t, "upload_mapping")
        pressed = st.button(
            t("data.check"), type="primary", icon=":material/fact_check:", disabled=upload is None, key="start_check"
        )
        if upload is None:
            st.caption(t("data.nothing_written"))
            st.caption(t("data.upload_limits", n=settings().most_uploads, mb=settings().upload_mb))
    if pressed and upload is not None:
        told = Told(kind=kind or (mapping.kind if mapping else None), datum=datum, mapping=mapping)
        state.open_job(start_job(settings().home, upload.getbuffer(), upload.name, told, by=signed_in.reader().actor))
        running.let_go(upload)
        st.rerun()


def step(n: int, what: str) -> None:
    """Heading of one step on the way of a file into the data."""
    st.markdown(f"#### {n}　{what}")


def saved_mapping(t: Words, key: str) -> Mapping | None:
    """A mapping that was kept from an earlier file, behind a fold; one that cannot be read says why."""
    with st.expander(t("data.mapping_saved"), icon=":material/rule_settings:"):
        kept = st.file_uploader(t("data.mapping_drop"), key=key)
        if kept is None:
            return None
        with TemporaryDirectory() as folder:
            path = Path(folder) / "mapping.toml"
            path.write_bytes(kept.getbuffer())
            try:
                mapping = load_mapping(path)
            except (ValueError, OSError) as error:
                st.error(t("data.mapping_bad", file=plain(kept.name), why=plain(sentence(error, t))))
                return None
        st.caption(t("data.mapping_read", n=len(mapping.columns), kind=capital(t(f"table_kind.{mapping.kind.value}"))))
        return mapping


def show_jobs(t: Words) -> None:
    """Files that are on their way or were lately; a lost link is found here."""
    found = jobs(settings().home)[:MOST_JOBS]
    if not found:
        return
    with st.expander(t("data.jobs", n=len(found)), icon=":material/history:"):
        for one in found:
            line = st.container(horizontal=True, vertical_alignment="center", gap="small")
            line.button(
                t("data.open_job"),
                icon=":material/arrow_forward:",
                type="tertiary",
                key=f"open-{one.id}",
                on_click=state.open_job,
                args=(one.id,),
            )
            said = f"{t(f'job_state.{one.state.value}')} · {moment(one.created)}"
            line.markdown(f"**{plain(one.name)}** :small[:gray[{said}]]", width="content")

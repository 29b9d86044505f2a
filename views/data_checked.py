"""A checked file: what it is, its columns, its datum, what was found, and the confirmation.

Every choice is a widget; together they say what would be told to the next check. As long as they differ from what was
checked, the file is checked again before it can be confirmed: what is written is what was shown.
"""

from dataclasses import replace
from typing import Any

import streamlit as st

from data.audit import ASKED_TO_IMPORT
from data.importing import Told
from data.jobs import Job, cancel_job, check_of, confirm_job, recheck_job
from data.mapping import TableKind
from data.settings import settings
from views import signed_in, state
from views.data_door import saved_mapping, step
from views.data_evidence import choose_datum
from views.data_mapping import answer_questions, choose_columns, tell
from views.data_points import show_points
from views.data_report import show_downloads, show_figures, show_findings
from views.words import Words, capital, plain


def show_checked(now: Job, t: Words) -> None:
    """The whole of a checked job."""
    document = check_of(settings().home, now.id)
    if document is None:
        st.info(t("data.no_job"), icon=":material/inbox:")
        return
    key = f"{now.id[:6]}-{now.run}"
    one, two, three = st.columns([1, 1.25, 1.25], gap="medium")
    with one:
        step(1, t("data.file"))
        told = _file(now, document, key, t)
    with two:
        step(2, t("data.columns"))
        told = choose_columns(document, told, key, t)
        told = answer_questions(document, told, key, t)
    with three:
        step(3, t("data.evidence"))
        told = replace(told, datum=choose_datum(document, told.datum, key, t))
    _report(now, document, told, t)


def _file(now: Job, document: dict[str, Any], key: str, t: Words) -> Told:
    """The file as it was read; returns what is told with its kind, its sheet and a saved mapping."""
    facts, told, kind = document["facts"], now.told, TableKind(document["kind"])
    with st.container(border=True, gap="small"):
        st.markdown(f":material/description: **{plain(document['file'])}**")
        said = [t("data.rows", n=f"{document['rows_read']:,}"), t("data.columns_n", n=len(document["columns"]))]
        said += [document["file_kind"].upper(), *([facts["encoding"].upper()] if facts.get("encoding") else [])]
        st.caption(plain(" · ".join(said)))
        st.markdown(f":small[:green[:material/check_circle: {t('data.read_only')}]]")
        asked = st.selectbox(
            t("data.kind"),
            list(TableKind),
            index=list(TableKind).index(kind),
            format_func=lambda k: capital(t(f"table_kind.{k.value}")),
            key=f"kind-{key}",
        )
        if asked != kind:
            told = replace(told, kind=asked, mapping=None)  # columns of another kind
        for part in ("sheet", "layer"):
            told = _part(part, facts, told, kind, key, t)
    kept = saved_mapping(t, f"mapping-{key}")
    st.button(
        t("data.other_file"),
        icon=":material/delete:",
        type="tertiary",
        key="discard",
        on_click=signed_in.if_keeper,
        args=(_discard, now.id),
    )
    return told if kept is None else replace(told, kind=kept.kind, mapping=kept)


def _part(part: str, facts: dict[str, str], told: Told, kind: TableKind, key: str, t: Words) -> Told:
    """Which sheet or layer is read, where a file has several."""
    every = [name for name in facts.get(f"{part}s", "").split("\n") if name]
    if len(every) < 2:
        return told
    read = facts.get(part, "")
    asked = st.selectbox(
        t(f"data.{part}"), every, index=every.index(read) if read in every else None, key=f"{part}-{key}"
    )
    return told if asked in (None, read) else replace(tell(told, kind, **{part: asked}), kind=told.kind)


def _report(now: Job, document: dict[str, Any], told: Told, t: Words) -> None:
    """What was found, and the confirmation; beside it the points, when there are any."""
    step(4, t("data.report"))
    show_figures(document, t)
    left, right = st.columns([1, 1], gap="medium") if document["points"] else (st.container(), None)
    with left:
        show_findings(document, t)
        show_downloads(now, document, t)
        _confirm(now, document, told, t)
    if right is not None:
        with right:
            show_points(document, t)


def _confirm(now: Job, document: dict[str, Any], told: Told, t: Words) -> None:
    """Check again while something differs; else replace or merge, and confirm."""
    home, changed = settings().home, told != now.told
    step(5, t("data.confirm_head"))
    with st.container(border=True):
        kind = t(f"table_kind.{document['kind']}")
        merge = st.radio(
            t("data.how"),
            [False, True],
            format_func=lambda m: t("data.merge" if m else "data.replace", kind=kind),
            key="merge",
        )
        open_, taken = len(document["questions"]), document["rows_read"] - document["refused"]
        if changed:
            st.markdown(f":orange[:material/warning: {t('data.changed')}]")
        elif open_:
            st.markdown(f":orange[:material/help: {t('data.open_questions', n=open_)}]")
        elif not taken:
            st.markdown(f":orange[:material/warning: {t('data.nothing_taken')}]")
        else:
            refused = f"{document['refused']:,}"
            st.markdown(f":material/info: {t('data.will_write', n=f'{taken:,}', refused=refused)}")
        line = st.container(horizontal=True, horizontal_alignment="right", gap="small")
        line.button(
            t("data.recheck"),
            icon=":material/fact_check:",
            type="primary" if changed else "secondary",
            disabled=not changed,
            key="recheck",
            on_click=signed_in.if_keeper,
            args=(recheck_job, home, now.id, told, signed_in.reader().actor),
        )
        line.button(
            t("data.confirm"),
            icon=":material/task_alt:",
            type="secondary" if changed else "primary",
            disabled=changed or bool(open_) or not taken,
            key="confirm",
            on_click=signed_in.if_keeper,
            args=(confirm_job, home, now.id, replace(now.told, merge=bool(merge)), signed_in.reader().actor),
            kwargs={"noted": ASKED_TO_IMPORT, "file": now.name, "job": now.id},
        )


def _discard(job_id: str) -> None:
    cancel_job(settings().home, job_id)
    state.open_job("")

"""Templates and samples to start from, and where the shipped data come from."""

from functools import partial
from io import BytesIO

import pandas as pd
import streamlit as st

from clusters.goals import Board
from data.age import STALE_AFTER_YEARS, is_stale_source, months_since
from data.mapping import TableKind
from data.sources import Source, sources
from data.templates import template_suffix, write_sample, write_template
from views import loaded, state
from views.downloads import offer_file
from views.source_words import imports_of, kind_words
from views.stale import today
from views.words import Words, capital

ROW_PX, MOST_ROWS = 33, 9
WRITERS = {"template": write_template, "sample": write_sample}


def show_templates(t: Words) -> None:
    """For each kind what it may hold, an empty template and a filled sample."""
    st.markdown(f"#### {t('data.templates')}　:small[:gray[{t('data.templates_note')}]]")
    with st.container(border=True, gap="small"):
        for kind in TableKind:
            line = st.container(
                horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"
            )
            line.container(width="stretch", gap=None).markdown(
                f"**{capital(t(f'table_kind.{kind.value}'))}**　:small[:gray[{t(f'table_holds.{kind.value}')}]]"
            )
            tools = line.container(horizontal=True, width="content", gap="small")
            for what in WRITERS:
                offer_file(
                    tools,
                    t(f"data.{what}"),
                    partial(_written, kind, what),
                    file_name=f"jiqun-{kind.value}-{what}{template_suffix(kind)}",
                    icon=":material/download:",
                    type="tertiary",
                    key=f"{what}-{kind.value}",
                )


def show_sources(t: Words, *, expanded: bool = False) -> None:
    """Publisher, licence, date and age of every shipped file."""
    with st.expander(t("data.sources"), icon=":material/menu_book:", expanded=expanded):
        _shipped(t)


def show_all_sources(board: Board, t: Words) -> None:
    """The one home of the sources: shipped files, then the files that were imported, and what a gray row means."""
    st.caption(t("sources.lead"))
    st.markdown(f"#### {t('data.sources')}")
    _shipped(t)
    st.caption(t("sources.stale", years=STALE_AFTER_YEARS))
    st.markdown(f"#### {t('sources.imported')}")
    _imported(board, t)


def _shipped(t: Words) -> None:
    listed, now = sources(), today()
    old = [s.ages and is_stale_source(s.date, now) for s in listed]
    table = pd.DataFrame(
        {
            "title": [s.title for s in listed],
            "publisher": [s.publisher for s in listed],
            "licence": [s.licence for s in listed],
            "date": [s.date for s in listed],
            "age": [_age(s, is_old, t) for s, is_old in zip(listed, old, strict=True)],
            "covers": [s.covers for s in listed],
            "lacks": [s.lacks or None for s in listed],
            "pages": [t.listed([t(f"page.{page}") for page in s.pages]) or t("sources.inner") for s in listed],
            "file": [s.file for s in listed],
            "sha256": [s.sha256 for s in listed],
        }
    )
    muted = f"color:{state.look().palette.muted}"
    text = st.column_config.TextColumn
    st.dataframe(
        table.style.apply(lambda row: [muted if old[row.name] else ""] * len(row), axis=1),
        hide_index=True,
        height=min(len(table) + 1, MOST_ROWS) * ROW_PX + 3,
        row_height=ROW_PX,
        placeholder="—",
        alt=t("data.sources"),
        key="sources",
        column_config={
            "title": text(t("data.source_title"), width=220, pinned=True),
            "publisher": text(t("data.publisher"), width=180),
            "licence": text(t("data.licence"), width=180),
            "date": text(t("data.date"), width=110),
            "age": text(t("sources.age"), width=150),
            "covers": text(t("data.covers"), width=320),
            "lacks": text(t("data.lacks"), width=320),
            "pages": text(t("sources.pages"), width=220),
            "file": text(t("data.file"), width=220),
            "sha256": text("SHA-256", width=160),
        },
    )


def _age(source: Source, is_old: bool, t: Words) -> str:
    """Whole months, and the word when that is old; rules and words of ours do not age."""
    months = months_since(source.date, today())
    if not source.ages or months is None:
        return t("sources.ageless")
    age = t("sources.months", n=months)
    return f"{age} · {t('stale.source', years=STALE_AFTER_YEARS)}" if is_old else age


def _imported(board: Board, t: Words) -> None:
    """The imports behind the version that is shown; names and checksums of files are for who keeps the data."""
    found, keeps = imports_of(board.dataset.version), loaded.viewer().keeps_data
    if not found:
        st.info(t("sources.none_imported", version=board.dataset.version), icon=":material/inbox:")
        return
    columns = {
        t("data.version"): [one.version for one in found],
        t("data.kind"): [kind_words(one.kind, t) for one in found],
        t("data.created"): [one.created[:10] for one in found],
    }
    if keeps:
        columns |= {
            t("data.file"): [one.file_name for one in found],
            t("sources.accepted"): [f"{one.accepted:,}" for one in found],
            t("sources.refused"): [f"{one.refused:,}" for one in found],
            "SHA-256": [one.sha256 for one in found],
        }
    table = pd.DataFrame(columns)
    st.dataframe(
        table,
        hide_index=True,
        height=min(len(table) + 1, MOST_ROWS) * ROW_PX + 3,
        row_height=ROW_PX,
        placeholder="—",
        alt=t("sources.imported"),
        key="imports",
    )
    st.caption(t("sources.imported_note" if keeps else "sources.imported_read"))


def _written(kind: TableKind, what: str) -> bytes:
    file = BytesIO()
    WRITERS[what](kind, file)
    return file.getvalue()

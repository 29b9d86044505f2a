"""Templates and samples to start from, and where the shipped data come from."""

from functools import partial
from io import BytesIO

import pandas as pd
import streamlit as st

from data.mapping import TableKind
from data.sources import sources
from data.templates import template_suffix, write_sample, write_template
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
                tools.download_button(
                    t(f"data.{what}"),
                    partial(_written, kind, what),
                    file_name=f"jiqun-{kind.value}-{what}{template_suffix(kind)}",
                    icon=":material/download:",
                    type="tertiary",
                    on_click="ignore",
                    key=f"{what}-{kind.value}",
                )


def show_sources(t: Words, *, expanded: bool = False) -> None:
    """Publisher, licence and date of every shipped file."""
    with st.expander(t("data.sources"), icon=":material/menu_book:", expanded=expanded):
        listed = sources()
        table = pd.DataFrame(
            {
                "title": [s.title for s in listed],
                "publisher": [s.publisher for s in listed],
                "licence": [s.licence for s in listed],
                "date": [str(s.date) for s in listed],
                "covers": [s.covers for s in listed],
                "lacks": [s.lacks or None for s in listed],
            }
        )
        text = st.column_config.TextColumn
        st.dataframe(
            table,
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
                "covers": text(t("data.covers"), width=320),
                "lacks": text(t("data.lacks"), width=320),
            },
        )


def _written(kind: TableKind, what: str) -> bytes:
    file = BytesIO()
    WRITERS[what](kind, file)
    return file.getvalue()

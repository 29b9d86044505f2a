"""Versions of the data: which there are, which is current, going back and forth, and what differs between two."""

import pandas as pd
import streamlit as st

from data.audit import UNDONE, USED
from data.reference import load_reference
from data.settings import settings
from data.store import current_version, list_versions, undo, use_version
from data.version_files import VersionRecord
from views import signed_in, state
from views.data_differences import choose_differences
from views.how_to_read import heading
from views.times import moment
from views.words import Words, capital

ROW_PX, MOST_ROWS = 33, 9


def show_versions(t: Words) -> None:
    """The table, the way to another version, and two versions compared."""
    home = settings().home
    records, current = list_versions(home, load_reference()), current_version(home)
    heading(f"#### {t('data.versions')}　:small[:gray[{t('data.versions_note')}]]", "versions", t)
    _table(records, current, t)
    _use(records, current, t)
    choose_differences(records, current, t)


def show_rescue(t: Words) -> None:
    """The way to another version when the current one cannot be opened."""
    records = list_versions(settings().home, load_reference())
    _table(records, "", t)
    _use(records, "", t)


def undo_button(t: Words, *, key: str = "undo") -> None:
    """Back to the version before the current one."""
    st.button(
        t("data.undo"),
        icon=":material/undo:",
        key=key,
        on_click=signed_in.if_keeper,
        args=(state.follow, undo, settings().home),
        kwargs={"noted": UNDONE},
    )


def _table(records: list[VersionRecord], current: str, t: Words) -> None:
    newest = records[::-1]
    table = pd.DataFrame(
        {
            "mark": ["●" if r.id == current else "" for r in newest],
            "id": [r.id for r in newest],
            "created": [moment(r.created) if r.created else t("version.bundled") for r in newest],
            "file": [r.file_name for r in newest],
            "kind": [_kind(r, t) for r in newest],
            "firms": [r.firms for r in newest],
            "observations": [r.observations for r in newest],
            "years": [f"{r.years[0]}–{r.years[-1]}" if r.years else "" for r in newest],
            "basis": [t(f"basis_badge.{'synthetic' if r.synthetic else r.basis.value}") for r in newest],
        }
    )
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    st.dataframe(
        table.assign(**{name: table[name].replace("", None) for name in ("file", "kind", "years")}),
        hide_index=True,
        height=min(len(table) + 1, MOST_ROWS) * ROW_PX + 3,
        row_height=ROW_PX,
        placeholder="—",
        alt=t("data.versions"),
        key="versions",
        column_config={
            "mark": text(t("data.current"), width=60, pinned=True),
            "id": text(t("data.version"), width=60, pinned=True),
            "created": text(t("data.created"), width=140),
            "file": text(t("data.file"), width=220),
            "kind": text(t("data.kind"), width=90),
            "firms": number(t("field.firms"), width=90, format="localized"),
            "observations": number(t("data.observations"), width=100, format="localized"),
            "years": text(t("field.year"), width=100),
            "basis": text(t("data.basis"), width=110),
        },
    )


def _kind(record: VersionRecord, t: Words) -> str:
    return capital(t(f"table_kind.{record.kind}")) if record.kind else ""


def _use(records: list[VersionRecord], current: str, t: Words) -> None:
    others = [r.id for r in records[::-1] if r.id != current]
    if not others:
        return
    line = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    chosen = line.selectbox(
        t("data.other_version"), others, format_func=lambda v: t("data.version_n", id=v), width=220, key="other_version"
    )
    line.button(
        t("data.use"),
        icon=":material/swap_horiz:",
        key="use",
        on_click=signed_in.if_keeper,
        args=(state.follow, use_version, settings().home, chosen),
        kwargs={"noted": USED, "version": chosen},
    )
    if current not in ("", "0"):
        with line:
            undo_button(t)

"""What a check found: four figures, what was found how often with an example, rows to read, and files to take away."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import streamlit as st

from data.check_report import write_rows
from data.jobs import Job, refused_of
from data.mapping_files import mapping_text
from data.settings import settings
from views.data_mapping import whole_mapping
from views.downloads import offer_file
from views.finding_words import column_words, finding_sentence, reasons_by_row
from views.how_to_read import heading
from views.words import Words

ROW_PX, MOST_ROWS = 33, 9
MOST_IN_A_WORKBOOK = 50_000  # a longer one takes minutes to write
MIME = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}
SIGN = {"read": "gray", "accepted": "green", "repaired": "orange", "refused": "red"}
ICON = {"read": "table_rows", "accepted": "check_circle", "repaired": "build", "refused": "block"}


def show_figures(document: dict[str, Any], t: Words) -> None:
    """Rows read, accepted as they are, repaired, refused."""
    figures = {"read": document["rows_read"], **{name: document[name] for name in ("accepted", "repaired", "refused")}}
    with st.container(key="goals_report", gap=None):
        for cell, (name, rows) in zip(st.columns(4, gap="small"), figures.items(), strict=True):
            with cell.container(border=True, gap=None):
                st.metric(t(f"data.{name}"), t("data.rows", n=f"{rows:,}"))
                colour = SIGN[name] if rows else "gray"
                note = t(f"data.{name}_note" if rows else f"data.{name}_none")
                st.markdown(f":small[:{colour}[:material/{ICON[name]}: {note}]]")


def show_findings(document: dict[str, Any], t: Words) -> None:
    """Every kind of finding with its number of rows and an example; the rows themselves behind a fold."""
    if not document["findings_total"]:
        st.info(t("data.nothing_found"), icon=":material/check_circle:")
        return
    heading(f":small[{t('data.found')}]", "findings", t)
    examples = {(f["code"], f["effect"], f["column"]): f for f in reversed(document["findings"])}
    codes = document["findings_by_code"]
    found = [examples.get((one["code"], one["effect"], one["column"])) for one in codes]
    table = pd.DataFrame(
        {
            "effect": [t(f"effect.{one['effect']}") for one in codes],
            "column": [_column(one["column"], t) for one in codes],
            "rows": [one["rows"] for one in codes],
            "example": [f and t("check.row", row=f["row"], what=finding_sentence(f, t)) for f in found],
        }
    )
    text = st.column_config.TextColumn
    st.dataframe(
        table,
        hide_index=True,
        height=min(len(table) + 1, MOST_ROWS) * ROW_PX + 3,
        row_height=ROW_PX,
        placeholder="—",
        alt=t("data.found"),
        key="found",
        column_config={
            "effect": text(t("data.effect"), width=80, pinned=True),
            "column": text(t("data.our_column"), width=110),
            "rows": st.column_config.NumberColumn(t("data.rows_head"), width=70, format="localized"),
            "example": text(t("data.example"), width=420),
        },
    )
    shown = document["findings"]
    with st.expander(
        t("data.by_row", n=f"{len(shown):,}", of=f"{document['findings_total']:,}"), icon=":material/list:"
    ):
        st.dataframe(
            pd.DataFrame(
                {
                    "row": [f["row"] for f in shown],
                    "effect": [t(f"effect.{f['effect']}") for f in shown],
                    "what": [finding_sentence(f, t) for f in shown],
                    "before": [f["before"] for f in shown],
                    "after": [f["after"] for f in shown],
                }
            ),
            hide_index=True,
            height=min(len(shown) + 1, MOST_ROWS) * ROW_PX + 3,
            row_height=ROW_PX,
            placeholder="—",
            alt=t("data.found"),
            key="found_rows",
            column_config={
                "row": st.column_config.NumberColumn(t("data.row"), width=70, format="%d", pinned=True),
                "effect": text(t("data.effect"), width=80),
                "what": text(t("data.what"), width=330),
                "before": text(t("data.before"), width=150),
                "after": text(t("data.after"), width=150),
            },
        )


def show_downloads(now: Job, document: dict[str, Any], t: Words) -> None:
    """Refused rows with their reasons, and the mapping for the next file of this kind."""
    stem = Path(now.name).stem or "jiqun"
    line = st.container(horizontal=True, gap="small")
    if document["refused"]:
        suffixes = ("xlsx", "csv") if document["refused"] <= MOST_IN_A_WORKBOOK else ("csv",)
        for suffix in suffixes:
            offer_file(
                line,
                t("data.refused_rows", suffix=suffix.upper()),
                partial(_refused, now.id, suffix, t),
                file_name=f"{stem}-{t('data.refused')}.{suffix}",
                mime=MIME[suffix],
                icon=":material/download:",
                key=f"refused_{suffix}",
            )
    offer_file(
        line,
        t("data.mapping_download"),
        partial(_mapping, document, now),
        file_name=f"{stem}-mapping.toml",
        mime="application/toml",
        icon=":material/rule_settings:",
        key="mapping_toml",
    )
    if document["refused"]:
        st.caption(t("data.refused_help"))


def _column(name: str, t: Words) -> str | None:
    return column_words(name, t) if name else None


def _refused(job_id: str, suffix: str, t: Words) -> bytes:
    held = refused_of(settings().home, job_id)
    if held is None:
        return b""
    rows, headings, reasons = held
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"refused.{suffix}"
        write_rows(rows, headings, reasons_by_row(reasons.to_pylist(), t), path)
        return path.read_bytes()


def _mapping(document: dict[str, Any], now: Job) -> bytes:
    return mapping_text(whole_mapping(document, now.told)).encode()

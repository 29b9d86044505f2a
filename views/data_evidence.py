"""Which datum the coordinates are in: the evidence for each reading, the verdict, and the reader's own word."""

import re
from typing import Any

import pandas as pd
import streamlit as st

from data.mapping_files import DATUMS
from views.finding_words import datum_sentence
from views.how_to_read import heading
from views.words import Words, plain

ROW_PX = 33
EPSG = re.compile(r"EPSG:[0-9]{4,6}", re.ASCII | re.IGNORECASE)
SURE = ("inferred", "declared")


def choose_datum(document: dict[str, Any], told: str | None, key: str, t: Words) -> str | None:
    """Show the evidence; returns the datum that is told, ``None`` to leave it to the evidence."""
    datum = document["datum"]
    asked = next((question for question in document["questions"] if question["about"] == "datum"), None)
    with st.container(border=True, gap="small"):
        if datum is None and asked is None:
            st.markdown(f":material/wrong_location: {t('data.no_coordinates')}")
            return told
        if datum is not None:
            _evidence(datum, t)
        options = list(dict.fromkeys([None, *DATUMS, *(asked["options"] if asked else ()), told]))
        chosen = st.selectbox(
            t("data.take_as"),
            options,
            index=options.index(told),
            format_func=lambda d: t("data.datum_by_evidence") if d is None else _datum(d, t),
            accept_new_options=True,
            help=t("data.datum_help"),
            key=f"datum-{key}",
        )
        if chosen in options:
            return chosen
        if (code := datum_written(chosen)) is not None:
            return code
        st.error(t("data.bad_datum", written=plain(chosen)), icon=":material/error:")
        return told


def datum_written(text: str) -> str | None:
    """The datum that a person wrote into the box: a code of EPSG, or one of ours; ``None`` for anything else."""
    written = text.strip()
    if EPSG.fullmatch(written):
        return written.upper()
    return written.lower() if written.lower() in DATUMS else None


def _evidence(datum: dict[str, Any], t: Words) -> None:
    shown = [one for one in datum["evidence"] if datum["swapped"] or not one["swapped"]]
    evidence = sorted(shown, key=lambda one: one["log_likelihood"] or float("-inf"), reverse=True)
    rows = max((one["rows"] for one in evidence), default=0)
    heading(f":small[{t('data.evidence_lead', n=f'{rows:,}')}]", "evidence", t, method="diagnose_points")
    table = pd.DataFrame(
        {
            "datum": [_reading(one, t) for one in evidence],
            "agreeing": [None if one["agreeing"] is None else 100 * one["agreeing"] for one in evidence],
            "outside": [None if one["outside"] is None else 100 * one["outside"] for one in evidence],
            "anchor": [one["anchor_m"] for one in evidence],
        }
    ).astype({"agreeing": float, "outside": float, "anchor": float})
    if table["anchor"].isna().all():  # no row names a park or a street
        table = table.drop(columns="anchor")
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        row_height=ROW_PX,
        placeholder="—",
        alt=t("data.evidence"),
        column_config={
            "datum": st.column_config.TextColumn(t("data.reading"), width=138, pinned=True),
            "agreeing": st.column_config.ProgressColumn(
                t("data.agreeing"), width=115, min_value=0, max_value=100, format="%.1f%%", help=t("data.agreeing_help")
            ),
            "outside": st.column_config.NumberColumn(
                t("data.outside"), width=78, format="%.1f%%", help=t("data.outside_help")
            ),
            "anchor": st.column_config.NumberColumn(
                t("data.anchor"), width=96, format="%.0f m", help=t("data.anchor_help")
            ),
        },
    )
    sure = datum["verdict"] in SURE
    colour, icon = ("green", "check_circle") if sure else ("orange", "warning")
    st.markdown(f":{colour}[:material/{icon}: **{datum_sentence(datum, t)}**]")
    st.caption(t("data.never_silent"))


def _reading(one: dict[str, Any], t: Words) -> str:
    named = _datum(one["datum"], t)
    return t("data.swapped", datum=named) if one["swapped"] else named


def _datum(code: str, t: Words) -> str:
    """Name of a datum; a code of EPSG is its own name."""
    key = f"datum.{code}"
    return t(key) if key in t else code.upper()

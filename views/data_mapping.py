"""Which column of the file is which of ours: a proposal as a table to change, and questions that nobody may guess."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from data import columns as c
from data.importing import Told
from data.mapping import METRES, ColumnChoice, Mapping, TableKind, column_keys
from data.mapping_files import AS_PROPOSED
from data.units import UNITS
from views.finding_words import column_words
from views.words import Words, capital, plain

ROW_PX, MOST_ROWS = 33, 12
FIRST_YEAR, LAST_YEAR = 1900, 2100
OF_THE_FILE = ("sheet", "layer", "encoding", "separator")
ABSENT = ""
"""Answer that the file has no such column, or that a column is none of ours."""

_FIGURES = (c.YEAR, c.REVENUE_CNY, c.VALUE_ADDED_CNY, c.EMPLOYEES)
COLUMNS: dict[TableKind, tuple[str, ...]] = {
    TableKind.FIRMS: (
        *(c.NAME, c.SHORT_NAME, c.FIRM_ID, c.ADDRESS, c.LON, c.LAT, c.PARK, c.REGISTERED_DISTRICT_ID),
        *(c.OPERATING_DISTRICT_ID, c.SUBSECTOR_ID, c.SUBSECTOR_WEIGHTS, c.INDUSTRY_CODE, c.BUSINESS_SCOPE, *_FIGURES),
        *(c.SCOPE, c.STATUS, c.LISTED, c.HOLDING_ID, c.CONFIDENTIALITY, c.OFFICE_NOTE, c.NOTES, c.SOURCE, c.SYNTHETIC),
    ),
    TableKind.OBSERVATIONS: (c.FIRM_ID, c.NAME, *_FIGURES, c.SCOPE, c.STATUS, c.NOTES, c.SOURCE),
    TableKind.PARKS: (
        *(c.NAME, c.DISTRICT_ID, c.ADDRESS, c.LON, c.LAT, c.OPERATOR, c.AREA_M2, c.AREA_TEXT, c.FLOOR_AREA_M2),
        *(c.VACANT_M2, c.RENT_CNY_M2_MONTH, c.FOCUS, c.CONTACT, c.NOTE, c.SOURCE),
    ),
    TableKind.BOUNDARIES: (c.DISTRICT_ID, c.NAME, c.ADCODE, c.KIND, c.OFFICIAL_AREA_M2, c.NOTE, c.SOURCE),
    TableKind.INDICATORS: (
        *(c.INDICATOR, c.AREA_NAME, c.AREA_ID, c.YEAR, c.PERIOD, c.VALUE, c.UNIT, c.SCOPE, c.STATUS, c.NOTE, c.SOURCE),
    ),
    TableKind.HUBS: (c.NAME, c.KIND, c.LON, c.LAT, c.DATUM, c.PRECISION, c.STATUS, c.SOURCE),
}
"""Columns that a file of each kind may bring, in the order in which they are offered."""


def proposal(document: dict[str, Any]) -> tuple[ColumnChoice, ...]:
    """What each column of a checked file is taken for."""
    return tuple(
        ColumnChoice(o["position"], o["heading"], o["column"], o["unit"], o["year"], o["how"], o["score"])
        for o in document["columns"]
    )


def whole_mapping(document: dict[str, Any], told: Told) -> Mapping:
    """All that was decided about a checked file, to be kept for the next one of its kind."""
    kind = TableKind(document["kind"])
    kept = told.mapping or Mapping(kind)
    datum, year = told.datum or kept.datum, told.year or kept.year
    return replace(kept, kind=kind, columns=proposal(document), datum=datum, year=year, questions=())


def tell(told: Told, kind: TableKind, *choices: ColumnChoice, **answers: Any) -> Told:
    """What is told with some more columns and answers; a later word on a column goes before an earlier one.

    Only what a person said is told: a column that nobody touched stays a proposal, and its question stays open.
    """
    kept = told.mapping or Mapping(kind)
    said = {(choice.position, choice.heading): choice for choice in (*kept.columns, *choices)}
    return replace(told, mapping=replace(kept, columns=tuple(said.values()), **answers))


def choose_columns(document: dict[str, Any], told: Told, key: str, t: Words) -> Told:
    """The proposal as a table with a choice in each row; returns what is told with the choices made."""
    chosen, kind = proposal(document), TableKind(document["kind"])
    if not chosen:
        st.info(t("data.no_columns"), icon=":material/inbox:")
        return told
    table = pd.DataFrame(
        {
            "heading": [choice.heading or t("data.no_heading", n=choice.position + 1) for choice in chosen],
            "column": [choice.column or "" for choice in chosen],
            "unit": [choice.unit or "" for choice in chosen],
            "year": pd.array([choice.year for choice in chosen], "Int64"),
            "samples": [t("word.comma").join(one["samples"]) for one in document["columns"]],
            "how": [t(f"how.{choice.how}") if choice.column else "" for choice in chosen],
        }
    )
    edited = st.data_editor(
        table,
        hide_index=True,
        height=min(len(table) + 1, MOST_ROWS) * ROW_PX + 3,
        row_height=ROW_PX,
        disabled=["heading", "samples", "how"],
        key=f"columns-{key}",
        alt=t("data.columns"),
        placeholder="—",
        column_config={
            "heading": st.column_config.TextColumn(t("data.heading"), width=120, pinned=True),
            "column": st.column_config.SelectboxColumn(
                t("data.our_column"),
                width=130,
                options=["", *_each(COLUMNS[kind], (choice.column for choice in chosen))],
                format_func=lambda name: column_words(name, t) if name else t("data.left_out"),
                required=True,
            ),
            "unit": st.column_config.SelectboxColumn(
                t("data.unit"),
                width=90,
                options=["", *_each(_units(), (choice.unit for choice in chosen))],
                format_func=lambda unit: _unit(unit, t) if unit else "—",
            ),
            "year": st.column_config.NumberColumn(
                t("field.year"), width=70, format="%d", min_value=FIRST_YEAR, max_value=LAST_YEAR, step=1
            ),
            "samples": st.column_config.TextColumn(t("data.samples"), width=170),
            "how": st.column_config.TextColumn(t("data.how_known"), width=110),
        },
    )
    left_out = sum(not name for name in edited["column"])
    st.caption(t("data.columns_note", n=len(edited) - left_out, left=left_out))
    rows = zip(chosen, edited.to_dict("records"), strict=True)
    changed = [made for choice, row in rows if (made := _changed(choice, row))]
    return tell(told, kind, *changed) if changed else told


def answer_questions(document: dict[str, Any], told: Told, key: str, t: Words) -> Told:
    """Every open question as a choice to be made; returns what is told with the answers.

    While the kind is open nothing else is asked, since the columns depend on it.
    """
    open_ = [question for question in document["questions"] if question["about"] != "datum"]
    questions = [question for question in open_ if question["about"] == "kind"] or open_
    if questions:
        st.markdown(f":orange[:material/help: **{t('data.to_answer', n=len(questions))}**]")
    for n, question in enumerate(questions):
        told = take_answer(document, question, _asked(document, question, f"answer-{n}-{key}", t), told)
    return told


def take_answer(document: dict[str, Any], question: dict[str, Any], answer: Any, told: Told) -> Told:
    """What is told once a question is answered: of a column it goes to that column, else to the file."""
    about, subject, kind = question["about"], question["subject"], TableKind(document["kind"])
    if answer is None:
        return told
    if about == "kind":
        return replace(told, kind=TableKind(answer))
    if about == "year":
        return replace(told, year=int(answer))
    if about not in ("column", "unit"):
        return tell(told, kind, **{about: answer}) if about in OF_THE_FILE else told
    chosen = proposal(document)
    by_key = dict(zip(column_keys([choice.heading for choice in chosen]), chosen, strict=True))
    if subject in by_key:
        return tell(told, kind, replace(_told_of(told, by_key[subject]), **{about: answer or None}))
    if answer in by_key:
        return tell(told, kind, replace(by_key[answer], column=subject, how="told", score=1.0))
    return tell(told, kind, ColumnChoice(-1, subject, None))


def _asked(document: dict[str, Any], question: dict[str, Any], key: str, t: Words) -> Any:
    """The widget of one question; ``None`` while it is not answered."""
    about, subject = question["about"], question["subject"]
    names = _names(document, t)
    missing = about == "column" and subject not in names
    if missing:
        label = t("ask.missing", column=column_words(subject, t))
    else:
        label = t(f"ask.{about}", subject=plain(names.get(subject, subject)))
    if missing and not question["options"]:
        st.markdown(f":orange[:material/warning: {label} {t('ask.none_left')}]")
        return None
    if about == "year":
        return st.number_input(label, FIRST_YEAR, LAST_YEAR, value=None, step=1, format="%d", key=key)
    if not question["options"]:
        return st.text_input(label, key=key).strip() or None
    options = list(question["options"])
    if missing:
        said = {option: names.get(option, option) for option in options} | {ABSENT: t("ask.no_such_column")}
    elif about == "column":
        options = _each(options, COLUMNS[TableKind(document["kind"])])
        said = {option: column_words(option, t) for option in options} | {ABSENT: t("data.left_out")}
    else:
        said = {option: _option(about, option, t) for option in options}
    return st.selectbox(
        label, list(said), index=None, format_func=lambda o: said[o], placeholder=t("data.choose"), key=key
    )


def _told_of(told: Told, choice: ColumnChoice) -> ColumnChoice:
    """What is told of a column already; else nothing but that it may be as proposed."""
    said = told.mapping.columns if told.mapping else ()
    untold = ColumnChoice(choice.position, choice.heading, AS_PROPOSED)
    return next((one for one in said if (one.position, one.heading) == (choice.position, choice.heading)), untold)


def _names(document: dict[str, Any], t: Words) -> dict[str, str]:
    """For each key of a column its heading, or which column it is."""
    headings = [one["heading"] for one in document["columns"]]
    keys = column_keys(headings)
    return {
        key: heading or t("data.no_heading", n=n)
        for n, (key, heading) in enumerate(zip(keys, headings, strict=True), start=1)
    }


def _option(about: str, option: str, t: Words) -> str:
    """An answer in words; a sheet, a layer or an encoding is called what it is called."""
    if about == "unit":
        return _unit(option, t)
    return capital(t(f"table_kind.{option}")) if about == "kind" else option


def _units() -> list[str]:
    return [*(unit for units in UNITS.values() for unit in units), METRES]


def _unit(unit: str, t: Words) -> str:
    key = f"unit_name.{unit}"
    return t(key) if key in t else unit


def _changed(choice: ColumnChoice, row: dict[str, Any]) -> ColumnChoice | None:
    """What one row of the table tells; ``None`` when it was not touched. A unit alone tells nothing of the column."""
    year = None if pd.isna(row["year"]) else int(row["year"])
    column, unit = row["column"] or None, row["unit"] or None
    if (column, unit, year) == (choice.column, choice.unit, choice.year):
        return None
    told = AS_PROPOSED if column is not None and column == choice.column else column
    return ColumnChoice(choice.position, choice.heading, told, unit, year)


def _each(known: Iterable[str], further: Iterable[str | None]) -> list[str]:
    """Known values, then those in use that are none of them; each once, as plain text."""
    return list(dict.fromkeys(str(value) for value in (*known, *further) if value))

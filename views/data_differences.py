"""Two versions beside each other: what came, went and changed, and what that does to clusters and districts."""

from pathlib import Path

import pandas as pd
import streamlit as st

from clusters.accounts import UNIT_CNY
from clusters.rounding import round_largest_remainder
from data import columns as c
from data.dataset import Dataset
from data.differences import AFTER, BEFORE, CHANGE, COLUMNS, DIFFERENCE, Counts, Differences, compare_versions
from data.reference import load_reference
from data.settings import settings
from data.store import open_version
from data.version_files import VersionRecord
from views.finding_words import column_words
from views.how_to_read import heading
from views.words import Words

ROW_PX, MOST_ROWS = 33, 9
TABLES = ("firms", "observations", "parks", "indicators", "hubs")


def choose_differences(records: list[VersionRecord], current: str, t: Words) -> None:
    """Two versions to choose, and their differences once they are asked for."""
    ids = [record.id for record in records[::-1]]
    if len(ids) < 2:
        return
    with st.expander(t("data.compare"), icon=":material/difference:"):
        line = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
        after = line.selectbox(
            t("data.compare_after"),
            ids,
            index=ids.index(current) if current in ids else 0,
            format_func=lambda v: t("data.version_n", id=v),
            width=200,
            key="compare_after",
        )
        others = [version for version in ids if version != after]
        before = line.selectbox(
            t("data.compare_before"),
            others,
            index=others.index(parent) if (parent := _parent(records, after)) in others else 0,
            format_func=lambda v: t("data.version_n", id=v),
            width=200,
            key=f"compare_before-{after}",
        )
        if line.button(t("data.compare_do"), icon=":material/difference:", key="compare"):
            st.session_state["compared"] = (before, after)
        if st.session_state.get("compared") == (before, after):
            with st.spinner(t("data.comparing")):
                show_differences(differences(settings().home, before, after), load_reference(), t)


def differences(home: Path, before: str, after: str) -> Differences:
    """Differences of two versions, which never change; kept for the next who asks."""
    return _differences(str(home.resolve()), before, after)


@st.cache_resource(max_entries=8, show_spinner=False)
def _differences(home: str, before: str, after: str) -> Differences:
    old, new = (open_version(Path(home), version, load_reference()) for version in (before, after))
    return compare_versions(old, new)


def counts_sentence(found: Differences, t: Words) -> str:
    """What came, went and changed, of each table in which anything did."""
    said = [
        t("data.counts", what=t(f"data.of_{name}"), **_shown(counts))
        for name in TABLES
        if any(vars(counts := getattr(found, name)).values())
    ]
    return t("data.semicolon").join(said) or t("data.no_difference")


def show_differences(found: Differences, reference: Dataset, t: Words) -> None:
    """Counts, totals that differ, and some of the firms."""
    heading(counts_sentence(found, t), "differences", t)
    if found.changed_columns:
        parts = [f"{column_words(name, t)} {firms:,}" for name, firms in found.changed_columns.items()]
        st.caption(t("data.changed_columns", columns=t.listed(parts)))
    names = reference.districts[c.NAME if t.language == "zh" else c.NAME_EN].to_dict()
    left, right = st.columns(2, gap="medium")
    with left:
        _totals(found.clusters, c.SUBSECTOR_ID, t("field.subsector"), {}, t)
    with right:
        _totals(found.districts, c.DISTRICT_ID, t("field.district"), names, t)
    if len(found.examples):
        _examples(found.examples, t)


def _totals(table: pd.DataFrame, key: str, head: str, names: dict[str, str], t: Words) -> None:
    """Totals of the year in which most of them differ, the latest of such years; before and difference make after."""
    differ = table[table[DIFFERENCE] != 0]
    if differ.empty:
        st.caption(t("data.same_totals", what=head))
        return
    cells = differ[c.YEAR].value_counts()
    year = int(cells.index[cells == cells.max()].max())
    rows = differ[differ[c.YEAR] == year].sort_values(DIFFERENCE, key=abs, ascending=False)
    money, digits = st.column_config.NumberColumn, 1 if t.language == "zh" else 2
    shown = {one: [round_largest_remainder([cny], UNIT_CNY)[0] for cny in rows[one]] for one in (BEFORE, AFTER)}
    shown[DIFFERENCE] = [after - before for before, after in zip(shown[BEFORE], shown[AFTER], strict=True)]
    st.dataframe(
        pd.DataFrame(
            {
                "name": [_name(str(one), names, t) for one in rows[key]],
                **{one: [t.money_value(cny) for cny in amounts] for one, amounts in shown.items()},
            }
        ),
        hide_index=True,
        height=min(len(rows) + 1, MOST_ROWS) * ROW_PX + 3,
        row_height=ROW_PX,
        alt=head,
        key=f"differences_{key}",
        column_config={
            "name": st.column_config.TextColumn(head, width=150, pinned=True),
            BEFORE: money(t("data.total_before", year=year, unit=t.money_unit), width=130, format=f"%.{digits}f"),
            AFTER: money(t("data.total_after", year=year, unit=t.money_unit), width=130, format=f"%.{digits}f"),
            DIFFERENCE: money(t("data.total_difference"), width=100, format=f"%+.{digits}f"),
        },
    )


def _examples(examples: pd.DataFrame, t: Words) -> None:
    text = st.column_config.TextColumn
    st.dataframe(
        pd.DataFrame(
            {
                "change": [t(f"data.{change}_firm") for change in examples[CHANGE]],
                "id": examples[c.FIRM_ID].to_numpy(),
                "name": examples[c.NAME].to_numpy(),
                "columns": [
                    t.listed([column_words(name, t) for name in columns.split(", ")]) if columns else None
                    for columns in examples[COLUMNS]
                ],
            }
        ),
        hide_index=True,
        height=min(len(examples) + 1, MOST_ROWS) * ROW_PX + 3,
        row_height=ROW_PX,
        placeholder="—",
        alt=t("data.example_firms"),
        key="differences_firms",
        column_config={
            "change": text(t("data.change"), width=80, pinned=True),
            "id": text(t("field.code"), width=180),
            "name": text(t("field.name"), width=260),
            "columns": text(t("data.what_changed"), width=260),
        },
    )


def _name(one: str, names: dict[str, str], t: Words) -> str:
    for key in (f"subsector.{one}", f"word.{one}"):
        if key in t:
            return t(key)
    return names.get(one, one)


def _shown(counts: Counts) -> dict[str, str]:
    return {name: f"{rows:,}" for name, rows in vars(counts).items()}


def _parent(records: list[VersionRecord], version_id: str) -> str:
    """The version that one was made from, or else the one before it in the list."""
    found = next((record for record in records if record.id == version_id), None)
    return found.parent if found is not None and found.parent else "0"

"""出处: where a figure comes from, opened by one button that is the same beside every figure, map and table.

The button names a place and the subsectors that were added up; what opens can be moved to any other cell of the table
of subsector × district, by keyboard too, so that each figure of a page is at most two choices away. Most buttons stand
beside a heading (``views.how_to_read``); ``origin_button(where, Figure(("S01",), "440305"), t, key="mine")`` puts one
elsewhere. A figure that is no total, as a quotient or a distance, opens with its formula and the tables that it rests
on (``views.origin_bases``).
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from clusters.goals import Board
from clusters.kept_plans import plan_digest
from clusters.plan_records import ClusterCountTarget, Target
from clusters.provenance import Provenance, figure_provenance
from data import columns as c
from data.exporting import write_table
from views import links, loaded, signed_in, state
from views.downloads import offer_file
from views.figures import accounts_of, subsectors_shown
from views.origin_bases import CITY, MEASURES, Figure, file_lines, rows_table, show_bases
from views.plan_words import section
from views.provenance import release_sentence, sample_sentence, stamp
from views.selection import SOURCES, Selection
from views.source_words import version_line
from views.stale import stale_words
from views.words import Words, plain

FORMULAS = {
    "total": "cluster_totals",
    "tier": "scale_tier",
    "gap": "gap_to_next_cny",
    "share": "shares_of_whole",
    "top1": "cluster_totals",
    "quotient": "location_quotient_interval",
    "growth": "growth_interval",
}
"""Figures of a cell, each with the entry of the page of methods that says more."""


def origin_button(where: DeltaGenerator, figure: Figure, t: Words, *, key: str) -> None:
    """The button; what it opens is made when it is pressed.

    Parameters
    ----------
    where : DeltaGenerator
    figure : Figure
    t : Words
    key : str
        Its own on the page.
    """
    if where.button(t("origin.open"), icon=":material/fact_check:", type="tertiary", key=f"origin-{key}"):
        st.dialog(t("origin.title"), width="large")(_show)(figure, t)


def figure_in_focus(board: Board, chosen: Selection, *, district_id: str = CITY) -> Figure:
    """The figure that a page shows of what is in focus: the filtered subsectors in a district, or in the city."""
    shown = subsectors_shown(board, chosen)
    whole = len(shown) in (0, len(board.clusters))
    focus = chosen.focus
    return Figure(
        () if whole else tuple(shown), focus.id if focus is not None and focus.kind == "district" else district_id
    )


def _show(figure: Figure, t: Words) -> None:
    signed_in.rerun_when_changed()
    chosen = state.current()
    board = loaded.board_of(chosen)
    basis = MEASURES.get(figure.measure)
    has_total = basis is None or basis.has_total
    if basis is not None:
        st.markdown(t(f"origin.formula_{figure.measure}") + _method(basis.method, t))
    if has_total:
        figure = _moved(figure, board, t)
    found = figure_provenance(
        board.dataset,
        year=board.year,
        place=board.place,
        subsectors=figure.subsectors,
        district_id=figure.district_id,
    )
    if has_total:
        st.metric(t("measure.revenue"), _value(found, board, t))
    if basis is None or basis.is_of_revenue:
        st.caption(_scope(found, board, t))
        if old := stale_words(board.year, t):
            st.caption(f":material/hourglass_bottom: {old}")
    if basis is not None:
        show_bases(figure, board, t)
    if has_total:
        _formulas(t)
        _cells(found, board, t)
        _firms(found, board, t)
    _sources(figure, found, board, t)
    if has_total or figure.measure == "duties":
        _plan(figure, board, t)
    if basis is None or basis.is_of_firms:
        st.markdown(f"**{t('origin.coverage')}**")
        st.markdown(plain(t.sentences([s for s in (sample_sentence(board, t), release_sentence(board, t)) if s])))
    if has_total:
        _download(found, board, t)


def _method(method: str, t: Words) -> str:
    """Way to the entry of the page of methods that says more."""
    return f" [{t('read.method')}]({links.method_link(method)})" if method else ""


def _moved(figure: Figure, board: Board, t: Words) -> Figure:
    """The figure after the choices at the head of what is open."""
    names = board.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    several = len(figure.subsectors) > 1
    fields: list[str] = [*(["some"] if several else []), "", *map(str, board.clusters.index)]
    left, right = st.columns(2, gap="small")
    words = {"": t("origin.all_subsectors"), "some": t.listed([t(f"subsector.{s}") for s in figure.subsectors])}
    asked = left.selectbox(
        t("field.subsector"),
        fields,
        index=0 if several else fields.index(figure.subsectors[0] if figure.subsectors else ""),
        format_func=lambda s: words[s] if s in words else t(f"subsector.{s}"),
        key=f"origin_subsector-{figure}",
    )
    places = [CITY, *map(str, names.index), c.UNPLACED]
    place = right.selectbox(
        t("field.district"),
        places,
        index=places.index(figure.district_id),
        format_func=lambda d: t("city") if d == CITY else t("word.unplaced") if d == c.UNPLACED else names[d],
        key=f"origin_district-{figure}",
    )
    subsectors = figure.subsectors if asked == "some" else (asked,) if asked else ()
    return replace(figure, subsectors=subsectors, district_id=place)


def _value(found: Provenance, board: Board, t: Words) -> str:
    """The total as every page shows it."""
    if found.is_withheld:
        return t("word.withheld")
    if found.total_cny is None:
        return t("word.no_data")
    total = accounts_of(board).total(subsectors=found.subsectors or None, district_id=found.district_id or None)
    return t.amount(total, withheld=True)


def _scope(found: Provenance, board: Board, t: Words) -> str:
    data = board.dataset
    return t(
        "origin.scope",
        year=found.year,
        place=t(f"place.{found.place}"),
        n=f"{found.n:,}",
        known=f"{found.known:,}",
        version=data.version,
        digest=data.digest,
        plan=plan_digest(board.plan),
    )


def _formulas(t: Words) -> None:
    with st.expander(t("origin.formulas"), icon=":material/function:"):
        st.markdown(
            "\n".join(
                f"- {t(f'origin.formula_{key}')} [{t('read.method')}]({links.method_link(method)})"
                for key, method in FORMULAS.items()
            )
        )


def _cells(found: Provenance, board: Board, t: Words) -> None:
    """The parts that the total is the sum of, where it has several."""
    if len(found.cells) < 2:
        return
    names, kept = board.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN], accounts_of(board)
    cells = [(str(d), str(s)) for d, s in found.cells.index]
    amounts = [kept.cell(s, d) for d, s in cells]
    st.markdown(f"**{t('origin.cells', n=f'{len(cells):,}')}**")
    table = pd.DataFrame(
        {
            t("field.subsector"): [t(f"subsector.{s}") if f"subsector.{s}" in t else s for _, s in cells],
            t("field.district"): [names.get(d, t("word.unplaced")) for d, _ in cells],
            t("field.firms"): found.cells[c.FIRMS].to_numpy(),
            t("measure.revenue"): [
                t.amount(a, withheld=cny != cny)
                for a, cny in zip(amounts, found.cells[c.TOTAL_CNY].astype(float), strict=True)
            ],
        }
    )
    rows_table(table, "cells", t("origin.cells", n=len(cells)))


def _firms(found: Provenance, board: Board, t: Words) -> None:
    st.markdown(f"**{t('origin.firms', n=f'{len(found.firms):,}', of=f'{found.n:,}')}**")
    if len(found.firms):
        rows_table(
            pd.DataFrame(
                {
                    t("field.name"): found.firms[c.SHORT_NAME].to_numpy(),
                    t("field.code"): found.firms.index.to_numpy(),
                    t("field.revenue", year=found.year): [t.money(v) for v in found.firms[c.REVENUE_CNY]],
                    t("field.status"): [t(f"status.{s}") for s in found.firms[c.STATUS]],
                    t("fact.source"): found.firms[c.SOURCE].to_numpy(),
                }
            ),
            "firms",
            t("origin.firms", n=len(found.firms), of=found.n),
        )
    rest = "origin.unlisted_or_unnamed" if board.dataset.release is not None else "origin.unlisted"
    said = [t(rest, n=f"{found.unlisted:,}")] if found.unlisted else []
    said += [t("origin.unnamed", n=f"{found.unnamed:,}")] if found.unnamed else []
    if said:
        st.caption(t.sentences(said))


def _sources(figure: Figure, found: Provenance, board: Board, t: Words) -> None:
    """Files behind a measure; for what is of firms' revenue also how it is known and where it was read."""
    st.markdown(f"**{t('origin.sources')}**")
    basis = MEASURES.get(figure.measure)
    rows = [] if basis is None else [f"- {line}" for line in file_lines(figure, board, t)]
    rows += [
        f"- {t('origin.source_row', n=f'{row[c.FIRMS]:,}', status=t(f'status.{row[c.STATUS]}'))}"
        + (f"{t('word.colon')} {plain(str(row[c.SOURCE]))}" if isinstance(row[c.SOURCE], str) else "")
        for _, row in (found.sources if basis is None or basis.is_of_revenue else found.sources.iloc[:0]).iterrows()
    ]
    st.markdown("\n".join([*rows, f"- {plain(version_line(board.dataset, t, named=loaded.viewer().keeps_data))}"]))
    st.markdown(f"[{t('origin.all_sources')}]({links.method_link(SOURCES)})")


def _plan(figure: Figure, board: Board, t: Words) -> None:
    """What the plan says: of the goal that is asked for, else of the subsector and of the tiers."""
    plan = board.plan
    st.markdown(f"**{t('origin.plan')}**")
    targets = [plan.target(figure.target_id)] if figure.target_id else []
    targets = targets or [target for target in plan.targets if isinstance(target, ClusterCountTarget)]
    for one in figure.subsectors if len(figure.subsectors) == 1 else ():
        named = next((s for s in plan.subsectors if s.id == one), None)
        if named is not None and named.quote:
            words = plain(named.quote) if t.language == "zh" else t(f"subsector.{one}")
            st.markdown(f"> {words} :small[({section(named.section, t)})]")
    for target in targets:
        if target.quote:
            st.markdown(quote_of(target, plan.id, t))
    for reading in (a for a in plan.ambiguities if a.axis == "place"):
        st.caption(t("origin.reading", id=reading.id, place=t(f"place.{board.place}")))


def quote_of(target: Target, plan_id: str, t: Words) -> str:
    """A goal in the plan's own words, or in ours where those are not the reader's language, with its section."""
    key = f"target.{plan_id}.{target.id}"
    words = t(key) if t.language != "zh" and key in t else plain(target.quote or "")
    return f"> {words} :small[({section(target.section, t)})]"


def _download(found: Provenance, board: Board, t: Words) -> None:
    """The listed rows as files; they hold what is seen and nothing else."""
    line = st.container(horizontal=True, gap="small")
    for suffix in ("xlsx", "csv"):
        offer_file(
            line,
            t("origin.download", format=suffix.upper()),
            partial(rows_file, found, board, suffix, t),
            file_name=f"jiqun-origin-{found.year}.{suffix}",
            icon=":material/download:",
            type="tertiary",
            key=f"origin_{suffix}",
        )


def rows_file(found: Provenance, board: Board, suffix: str, t: Words) -> bytes:
    """The firms behind a figure, the rest of it in one row, with the stamp of every export."""
    listed = found.firms.reset_index()
    rest = found.n - len(listed)
    if rest:
        told = None if found.total_cny is None else found.total_cny - int(listed[c.REVENUE_CNY].sum())
        more = {c.FIRM_ID: None, c.SHORT_NAME: t("origin.rest", n=f"{rest:,}"), c.REVENUE_CNY: told}
        listed = pd.concat([listed.astype(object), pd.DataFrame([more], dtype=object)], ignore_index=True)
    rows = listed.assign(**{c.REVENUE_CNY: listed[c.REVENUE_CNY].astype("Int64"), c.YEAR: found.year})
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"origin.{suffix}"
        write_table(rows, path, stamp(board, t))
        return path.read_bytes()

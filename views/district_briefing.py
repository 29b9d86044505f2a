"""Briefing of a district on its page: findings, warnings, quadrant, paths, dependence, changes of the last version."""

import pandas as pd
import streamlit as st

from clusters.briefing_records import Briefing, HeadlineKind
from clusters.profile import FEWEST_FIRMS
from views import links, state
from views.briefing_tables import change_rows, dependence_rows
from views.briefing_words import (
    caution_rules,
    caution_sentence,
    cautions_note,
    coverage_sentence,
    district_name,
    headline_sentence,
    path_name,
    path_quotes,
    path_sentence,
    told_headlines,
)
from views.how_to_read import how_to_read
from views.origin import origin_button
from views.origin_bases import Figure
from views.plan_words import unit_name
from views.quadrant_chart import HEIGHT, drawn_points, quadrant_chart, quadrant_lines
from views.units_choices import UnitsChoices
from views.words import Words, caution, plain


def show_findings(found: Briefing, t: Words) -> None:
    """Sentences on the left, warnings on the right; the total stands above them as a figure already."""
    left, right = st.columns([1.25, 1], gap="medium")
    lines = [headline_sentence(each, found, t) for each in told_headlines(found) if each.kind is not HeadlineKind.TOTAL]
    with left:
        note = t("briefing.note", year=found.year)
        bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
        bar.markdown(f"**{t('briefing.title')}**　:small[:gray[{note}]] :small[:orange-badge[{t('word.derived')}]]")
        origin_button(bar, Figure((), found.board.area_id), t, key="briefing")
        st.markdown("\n".join(f"- {plain(line)}" for line in lines) if lines else t("briefing.empty"))
        st.caption(plain(coverage_sentence(found, t)))
    with right:
        bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
        bar.markdown(f"**{t('briefing.cautions')}**")
        with bar.popover(t("briefing.rules"), icon=":material/rule:", type="tertiary", key="caution_rules"):
            st.markdown("\n".join(f"- {plain(rule)}" for rule in caution_rules(t)))
        said = [caution(caution_sentence(each, found, t)) for each in found.cautions]
        if said:
            st.markdown("\n".join(f"- {line}" for line in said))
        if note := cautions_note(found, t):
            st.markdown(f":small[{plain(note)}]")


def show_standing(found: Briefing, t: Words) -> None:
    """Quadrant of strengths and gaps beside the plan's three paths; nothing in a district without a firm."""
    if not found.profile.firms:
        return
    left, right = st.columns([1.2, 1], gap="medium")
    with left:
        _quadrant(found, t)
    with right:
        _paths(found, t)


def show_dependence(found: Briefing, t: Words) -> None:
    """What is left without the largest firm, and what the last version changed."""
    if not found.dependence and found.changes is None:
        return
    whole = st.container(key="dependence")
    left, right = whole.columns([1.2, 1], gap="medium") if found.changes is not None else (whole, whole)
    with left:
        bar = _head("briefing.dependence_title", t("briefing.dependence_note"), t)
        how_to_read(bar, "dependence", t, origin=Figure((), found.board.area_id, measure="dependence"))
        if found.dependence:
            _table(dependence_rows(found, t))
        else:
            st.caption(t("district.top_withheld") if found.unjudged else t("district.no_sample_firms"))
    if found.changes is not None:
        with right:
            changes = found.changes
            note = t("briefing.changes_note", before=changes.before, after=changes.after, year=changes.year)
            _head("briefing.changes", note, t)
            if changes.clusters.empty:
                st.caption(t("briefing.changes_none"))
            else:
                _table(change_rows(found, t))


def link_to_units(found: Briefing, t: Words) -> None:
    """Ways from the duties of a district to what its units are listed for."""
    line = st.container(horizontal=True, gap="small")
    shown = {unit: t("units.open_one", unit=unit_name(unit, t)) for unit in found.duties.own_units}
    for n, (unit, said) in enumerate((shown | {"": t("units.open")}).items()):
        if line.button(plain(said), icon=":material/assignment_ind:", type="tertiary", key=f"open_units_{n}"):
            links.go("units", units=UnitsChoices(unit))


def _head(key: str, note: str, t: Words) -> st.delta_generator.DeltaGenerator:
    """Heading with its note and the label of what is derived; the container takes a button beside it."""
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    bar.markdown(f"#### {t(key)}　:small[:gray[{plain(note)}]] :small[:orange-badge[{t('word.derived')}]]")
    return bar


def _quadrant(found: Briefing, t: Words) -> None:
    bar = _head("briefing.quadrant", t("briefing.quadrant_note"), t)
    figure = Figure((), found.board.area_id, measure="quotient")
    how_to_read(bar, "quadrant", t, method="location_quotient_interval", origin=figure)
    if not drawn_points(found.points):
        st.info(t("briefing.quadrant_empty"), icon=":material/inbox:")
        return
    st.echarts_chart(
        quadrant_chart(found.points, len(found.board.dataset.districts), state.look(), t),
        height=HEIGHT,
        alt=t("briefing.quadrant_alt", district=district_name(found, t), year=found.year),
        key="quadrant",
    )
    st.caption("  \n".join(map(plain, quadrant_lines(found.points, FEWEST_FIRMS, t))))


def _paths(found: Briefing, t: Words) -> None:
    bar = _head("briefing.paths", t("briefing.paths_note"), t)
    figure = Figure((), found.board.area_id, measure="quotient")
    how_to_read(bar, "paths", t, method="location_quotient_interval", origin=figure)
    for fit in found.paths:
        icon = ":material/check:" if fit.fits else ":material/remove:"
        st.markdown(f"{icon} {plain(path_sentence(fit, t))}")
    with st.expander(t("briefing.paths_basis")):
        for fit in found.paths:
            names = [t(f"subsector.{s}") for s in fit.path.subsectors]
            st.markdown(f"**{plain(t('briefing.paths_fields', path=path_name(fit, t), subsectors=t.listed(names)))}**")
            st.markdown("\n".join(f"> {line}  " for line in path_quotes(fit, t)))
        st.caption(t("briefing.paths_overlap"))


def _table(rows: list[dict[str, str]]) -> None:
    st.table(
        pd.DataFrame([{head: plain(said) for head, said in row.items()} for row in rows]),
        border="horizontal",
        hide_index=True,
    )

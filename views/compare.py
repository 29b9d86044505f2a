"""对比: two to four districts side by side: how they differ, who duplicates whom, and what moved them."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from clusters.goals import Board
from data import columns as c
from views import frame, links, loaded, state
from views.compare_charts import dumbbell, dumbbell_height, figure_of, parts_chart, parts_height
from views.compare_choices import BYS, MOST_DISTRICTS
from views.compare_document import compare_document
from views.compare_tables import (
    headline_table,
    markup,
    pairs_table,
    parts_table,
    quotient_matrix,
    similarity_matrix,
)
from views.compare_words import (
    duplication,
    how_tested,
    peer_reason,
    shares_sentence,
    specialization_sentence,
    summary,
    years_note,
)
from views.comparison import Comparison, compared, earlier_years
from views.document_downloads import document_downloads
from views.how_to_read import how_to_read
from views.linked_maps import show_linked_maps
from views.origin_bases import Figure
from views.selection import PLACES, Selection
from views.small_multiples import gallery, key_line, panels
from views.stale import aged
from views.words import Words, plain


def show() -> None:
    """The page."""
    chosen = state.current()
    t = loaded.words_of(chosen)
    board = loaded.board_of(chosen)
    controls = _head(board, chosen, t)
    if len(board.dataset.districts) < 2:
        st.info(t("compare.one_area"), icon=":material/inbox:")
        frame.foot(board, t)
        return
    found = compared(board, chosen)
    _choose(found, chosen, t)
    if len(found.districts) < 2:
        st.info(t("compare.one_chosen"), icon=":material/compare_arrows:")
        frame.foot(board, t)
        return
    _download(controls, found, chosen, t)
    _differences(found, t)
    _maps(found, chosen, t)
    _specialization(found, t)
    _similarity(found, t)
    _years(found, t)
    _moved(found, t)
    frame.foot(board, t)


def _head(board: Board, chosen: Selection, t: Words) -> DeltaGenerator:
    controls = frame.head(t("compare.title"), frame.sample_lead(board, t), chosen, t)
    controls.segmented_control(
        t("compare.by"),
        BYS,
        format_func=lambda by: t(f"measure.{by}"),
        required=True,
        label_visibility="collapsed",
        key=state.bound("by", chosen.compare.by),
        on_change=state.changed_on,
        args=("compare", "by", "by"),
    )
    frame.year_control(board, controls, t)
    controls.segmented_control(
        t("field.place"),
        PLACES,
        format_func=lambda place: t(f"place.{place}"),
        required=True,
        label_visibility="collapsed",
        key=state.bound("place", chosen.place),
        on_change=state.changed,
        args=("place", "place"),
    )
    return controls


def _download(where: DeltaGenerator, found: Comparison, chosen: Selection, t: Words) -> None:
    """The document; its link names what the page proposed itself, so that it reopens the same comparison."""
    year = found.board.year
    fixed = chosen.with_(year=year).on("compare", districts=found.districts, since=found.since)
    link = links.whole_link("compare", fixed)
    name = f"jiqun-compare-{'-'.join(found.districts)}-{year}"
    document_downloads(where, lambda: compare_document(found, t, link=link), name, t, key="document")


def _choose(found: Comparison, chosen: Selection, t: Words) -> None:
    """Which districts, the sentence on how they differ, and peers with the reason."""
    names = found.board.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    st.multiselect(
        t("compare.districts"),
        list(names.index),
        format_func=lambda d: str(names[d]),
        max_selections=MOST_DISTRICTS,
        placeholder=t("compare.choose"),
        key=state.bound("districts", list(found.districts)),
        on_change=state.changed_on,
        args=("compare", "districts", "districts"),
        help=t("compare.districts_help"),
    )
    with st.container(border=True, gap="small"):
        if found.is_proposal:
            st.markdown(f":small[:gray[{plain(t('compare.proposed'))}]]")
        if len(found.districts) > 1:
            st.markdown(plain(t.sentences(summary(found, t))))
        if len(found.districts) < MOST_DISTRICTS:
            _peers(found, t)


def _peers(found: Comparison, t: Words) -> None:
    first = found.name(found.districts[0], t.language)
    if found.peers.empty:
        st.caption(plain(t("compare.no_peers", district=first)))
        return
    for d, peer in found.peers.iterrows():
        line = st.container(horizontal=True, vertical_alignment="center", gap="small")
        line.button(
            t("compare.add", district=found.name(str(d), t.language)),
            icon=":material/add:",
            key=f"add_{d}",
            on_click=_add,
            args=(found.districts, str(d)),
        )
        said = t("compare.near", district=first, reason=peer_reason(peer, t))
        line.container(width="stretch").markdown(f":small[{plain(said)}]")


def _add(districts: tuple[str, ...], district_id: str) -> None:
    state.choose_on("compare", districts=(*districts, district_id))


def _differences(found: Comparison, t: Words) -> None:
    left, right = st.columns([1, 1.28], gap="medium")
    with left:
        _title("facts", found, t, method="district_densities", derived=True, origin="densities")
        with st.container(key=aged("compare_facts", found.board.year)):
            table = headline_table(found, t)
            st.html(markup(table))
        st.caption(plain(table.note))
    with right:
        keys = key_line(found, t)
        _title("structure", found, t, note=keys, derived=True, origin="structure")
        if found.structure_by != found.by:
            st.caption(plain(t("compare.by_firms_instead")))
        if not found.subsectors:
            st.info(t("compare.no_subsector", year=found.board.year), icon=":material/inbox:")
            return
        st.echarts_chart(
            dumbbell(found, state.look(), t),
            height=dumbbell_height(found),
            alt=t("compare.structure_alt", keys=keys),
            key="dumbbell",
        )


def _maps(found: Comparison, chosen: Selection, t: Words) -> None:
    _title("maps", found, t, note=t("compare.maps_note"), origin="densities")
    show_linked_maps(found, chosen, t)
    st.caption(plain(t("compare.maps_legend")))


def _specialization(found: Comparison, t: Words) -> None:
    by = found.structure_by
    _title("specialization", found, t, method="location_quotient_interval", derived=True, by=by, origin="quotient")
    if not any(profile.firms for profile in found.profiles.values()):
        st.info(t("compare.no_subsector", year=found.board.year), icon=":material/inbox:")
        return
    st.markdown(plain(t.sentences(specialization_sentence(found, t))))
    st.html(quotient_matrix(found, t))
    st.caption(plain(t("compare.quotient_note")))


def _similarity(found: Comparison, t: Words) -> None:
    by = found.structure_by
    _title("similarity", found, t, method="similarity_test", derived=True, by=by, origin="similarity")
    with st.container(border=True, gap="small"):
        for line in duplication(found, t):
            st.markdown(plain(line))
    if found.pairs.empty:
        return
    left, right = st.columns([1, 1.15], gap="medium")
    left.markdown(f"**{t('compare.all_districts')}**")
    left.html(similarity_matrix(found, t))
    left.caption(plain(t("compare.matrix_note", by=t(f"measure.{found.structure_by}").lower())))
    with right:
        st.markdown(f"**{t('compare.chosen_districts')}**")
        if found.chosen_pairs.empty:
            st.info(t("compare.no_chosen_pairs"), icon=":material/inbox:")
        else:
            st.html(markup(pairs_table(found, t)))
        st.caption(plain(how_tested(found, t)))


def _years(found: Comparison, t: Words) -> None:
    _title("years", found, t, note=key_line(found, t), derived=True, origin="years")
    drawn = panels(found, state.look(), t)
    if not drawn:
        st.info(t("compare.no_subsector", year=found.board.year), icon=":material/inbox:")
        return
    st.caption(plain(years_note(found, t)))
    captions = {
        each.subsector_id: f"{found.board.year}　"
        + "　".join(f"{found.mark(d)} {figure_of(found, each.subsector_id, d, t)}" for d in found.districts)
        for each in drawn
    }
    st.html(gallery(drawn, captions))


def _moved(found: Comparison, t: Words) -> None:
    where = _title("moved", found, t, method="district_shift_share", derived=True, origin="change")
    earlier = earlier_years(found.board)
    if found.since is None:
        st.info(t("compare.no_earlier", year=found.board.year), icon=":material/inbox:")
        return
    where.selectbox(
        t("compare.since"),
        earlier,
        format_func=lambda year: t("compare.since_year", since=year, year=found.board.year),
        label_visibility="collapsed",
        width=170,
        key=state.bound("since", found.since),
        on_change=state.changed_on,
        args=("compare", "since", "since"),
    )
    if not found.has_change:
        st.info(t("compare.none_matched", since=found.since, year=found.board.year), icon=":material/inbox:")
        return
    left, right = st.columns([1, 1.15], gap="medium")
    with left:
        st.echarts_chart(
            parts_chart(found, state.look(), t),
            height=parts_height(found),
            alt=t.sentences(shares_sentence(found, t)),
            key="parts",
        )
    with right, st.container(key=aged("compare_parts", found.board.year)):
        st.html(markup(parts_table(found, t)))
    for line in shares_sentence(found, t):
        st.markdown(plain(line))
    st.caption(plain(t("compare.moved_note", since=found.since, year=found.board.year)))
    if found.board.dataset.release is not None:
        st.caption(plain(t("profile.released")))


def _title(
    key: str,
    found: Comparison,
    t: Words,
    *,
    origin: str,
    note: str = "",
    method: str = "",
    derived: bool = False,
    by: str = "",
) -> DeltaGenerator:
    """Heading of a part with unit, label, how to read it and its origin; returns the line for the part's controls."""
    line = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    said = [note] if note else [t("compare.by_measure", measure=t(f"measure.{by}").lower())] if by else []
    label = f" :small[:orange-badge[{t('word.derived')}]]" if derived else ""
    small = f"　:small[:gray[{plain(said[0])}]]" if said else ""
    line.markdown(f"#### {t(f'compare.part.{key}')}{small}{label}", width="content")
    tools = line.container(horizontal=True, width="content", gap="small", vertical_alignment="center")
    figure = Figure(measure=origin, among=found.districts, since=found.since)
    how_to_read(tools, f"compare_{key}", t, method=method, origin=figure)
    return tools

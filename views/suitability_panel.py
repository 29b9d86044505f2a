"""Where should the next park go: the weights of a choice of site over the squares of the city, for planners.

A part of the page of sites. It shows what `clusters.suitability` finds: the squares on a map, the best of each
district, and for a chosen square each criterion with what it counts. Without a mask it says that it is indicative.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from clusters.errors import ClusterError
from clusters.goals import Board
from clusters.site_records import SiteRequest
from clusters.suitability import Squares, Suitability, squares_of, suitability
from clusters.suitable_areas import best_by_district, cell_at, nearest_park
from data import columns as c
from data.dataset import Dataset
from data.exporting import write_table
from data.masks import Mask
from geo.layers import base_map, layer_control
from views import focused, state
from views.downloads import offer_file
from views.error_words import sentence
from views.how_to_read import how_to_read
from views.map_suitability import MOST_NUMBERED, SquaresOnMap, mask_sentence, square_name, suitability_map
from views.origin_bases import Figure
from views.provenance import map_notice
from views.selection import Selection
from views.sites_text import reason_text
from views.suitability_choices import CELLS
from views.suitability_mask import choose_mask, mask_of
from views.suitability_page import squares_stamp, squares_table, suitability_page, weights_text
from views.words import Words, caution, plain

MAP_HEIGHT, ROW_PX = 560, 33


def show_suitability(request: SiteRequest, board: Board, chosen: Selection, t: Words) -> None:
    """The panel.

    Parameters
    ----------
    request : SiteRequest
    board : Board
        The city's board.
    chosen : Selection
        ``sites`` holds ``cell``, ``mask``, ``mask_means`` and ``square``.
    t : Words
    """
    told = chosen.sites
    mask = mask_of(told.mask)
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    badge = "" if mask is not None else f" :orange-badge[{t('suitability.badge')}]"
    bar.markdown(f"#### {t('suitability.title')}{badge}", width="content")
    tools = bar.container(horizontal=True, vertical_alignment="center", width="content", gap="small")
    tools.segmented_control(
        t("suitability.cell"),
        CELLS,
        format_func=lambda cell: t("suitability.cell_km", km=f"{cell / 1_000:g}"),
        required=True,
        label_visibility="collapsed",
        key=state.bound("cell", told.cell),
        on_change=state.changed_on,
        args=("sites", "cell", "cell"),
    )
    how_to_read(tools, "suitability", t, method="suitability", origin=Figure(measure="grid"))
    if unkept := st.session_state.pop("mask_unkept", ""):
        st.warning(t("suitability.mask_unkept", why=plain(unkept)), icon=":material/save:")
    choose_mask(mask, told.mask, told.mask_means, t)
    try:
        with st.spinner(t("suitability.computing"), show_time=True):
            found = _found(board.dataset, request, told.cell, mask, told.mask_means == "allowed")
    except ClusterError as error:
        st.info(plain(sentence(error, t)), icon=":material/tune:")
        return
    shown = SquaresOnMap(found, mask, told.mask_means, told.square if told.square in found.cells.index else "")
    st.caption(caution(mask_sentence(shown, t)) if mask is None else plain(mask_sentence(shown, t)))
    if found.cells[c.SCORE].isna().all():
        st.info(t("suitability.nothing_left"), icon=":material/filter_alt_off:")
    where, beside = st.columns([1.72, 1], gap="medium")
    with where:
        _show_map(board, chosen, t, shown)
    with beside:
        _best(board, t, shown)
        _square(board, t, shown)
    _exports(tools, board, chosen, t, shown, request)
    off = [
        t("site.off", criterion=t(f"site.criterion.{name}"), why=t(f"site.missing.{why}"))
        for name, why in found.off.items()
    ]
    st.caption(
        plain(t.sentences([t("suitability.weights", weights=weights_text(found, t)), t("site.straight_line"), *off]))
    )


def _found(dataset: Dataset, request: SiteRequest, cell: int, mask: Mask | None, allowed: bool) -> Suitability:
    digest = "" if mask is None else mask.digest
    version = (dataset.version, dataset.digest)
    bare = replace(
        request, weights=(), hubs_within_m=(), district_id=None, min_area_m2=None, max_rent_cny_m2_month=None
    )
    squares = _squares(*version, repr(bare), cell, dataset, request)
    return _kept(*version, repr(request), cell, digest, allowed, dataset, request, mask, squares)


@st.cache_resource(max_entries=12, show_spinner=False)
def _squares(
    version: str, digest: str, request: str, cell: int, _dataset: Dataset, _request: SiteRequest
) -> Squares:  # fmt: skip
    """What is known of the squares, so that another weight asks for sums alone."""
    return squares_of(_dataset, _request, cell_m=float(cell))


@st.cache_resource(max_entries=12, show_spinner=False)
def _kept(
    version: str,
    digest: str,
    request: str,
    cell: int,
    mask: str,
    allowed: bool,
    _dataset: Dataset,
    _request: SiteRequest,
    _mask: Mask | None,
    _squares: Squares,
) -> Suitability:
    """Squares of one version, request and mask; the texts keep the entries apart."""
    constraints = None if _mask is None else _mask.areas
    return suitability(_dataset, _request, constraints=constraints, allowed_only=allowed, squares=_squares)


def _show_map(board: Board, chosen: Selection, t: Words, shown: SquaresOnMap) -> None:
    look = state.look()
    parts = suitability_map(board, chosen, look, t, shown, notice=map_notice(board, t))
    st_folium(
        base_map(parts.frame, look.palette),
        key="squares_map",
        height=MAP_HEIGHT,
        use_container_width=True,
        returned_objects=["last_active_drawing"],
        feature_group_to_add=list(parts.groups),
        layer_control=layer_control(),
        on_change=lambda: _map_clicked(shown.found, t),
    )


def _map_clicked(found: Suitability, t: Words) -> None:
    """A square comes into focus, by its outline or by where the click was; home lets it go; a layer goes on or off."""
    event = st.session_state.get("squares_map") or {}
    properties: Mapping[str, Any] = (event.get("last_active_drawing") or {}).get("properties") or {}
    kind = str(properties.get("kind", ""))
    if kind == "home":
        state.choose_on("sites", square="")
    elif kind == "layer":
        focused.map_clicked("squares_map", t)
    elif kind == "square" and properties.get("id") in found.cells.index:
        state.choose_on("sites", square=str(properties["id"]))
    elif kind == "district" and (square := _square_at(found, properties)):
        state.choose_on("sites", square=square)


def _square_at(found: Suitability, click: Mapping[str, Any]) -> str | None:
    try:
        lon, lat = float(click["lon"]), float(click["lat"])
    except (KeyError, TypeError, ValueError):
        return None  # the browser's word is not to be trusted
    return cell_at(found, lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None


def _best(board: Board, t: Words, shown: SquaresOnMap) -> None:
    """The best square of each district; a row leads to its square."""
    best = best_by_district(shown.found)
    st.markdown(f"##### {t('suitability.best')}　:small[:gray[{t('suitability.best_note')}]]")
    if best.empty:
        return
    names = board.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    km2 = (shown.found.grid.cell_m / 1_000) ** 2
    table = pd.DataFrame(
        {
            "n": [str(n) if n <= MOST_NUMBERED else "" for n in range(1, len(best) + 1)],
            "district": best[c.DISTRICT_ID].map(names).to_numpy(),
            "score": best[c.SCORE].to_numpy(),
            "best": best[c.BEST_SQUARES].to_numpy() * km2,
        }
    )
    squares = [str(cell) for cell in best.index]
    held = [squares.index(shown.square)] if shown.square in squares else []
    key = f"best_squares-{shown.found.grid.cell_m:g}-{shown.square}"  # another square, another table: it shows which
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        row_height=ROW_PX,
        key=key,
        selection_mode="single-row",
        selection_default={"selection": {"rows": held, "columns": [], "cells": []}},
        on_select=lambda: _picked(key, squares),
        alt=t("suitability.best"),
        column_config={
            "n": st.column_config.TextColumn(t("suitability.number"), width=44),
            "district": st.column_config.TextColumn(t("field.district"), width=110),
            "score": st.column_config.NumberColumn(t("suitability.score_field"), format="%.2f", width=70),
            "best": st.column_config.NumberColumn(t("suitability.best_area"), format="%.2f", width=120),
        },
    )


def _picked(key: str, squares: list[str]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    state.choose_on("sites", square=squares[rows[0]] if rows else "")


def _square(board: Board, t: Words, shown: SquaresOnMap) -> None:
    """What speaks for the square in focus, and what is near."""
    if not shown.square:
        st.caption(t("suitability.choose_square"))
        return
    found, dataset = shown.found, board.dataset
    names = dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    cell = found.cells.loc[shown.square]
    score = cell[c.SCORE]
    st.markdown(f"##### {plain(square_name(found, shown.square, t, names))}")
    if cell[c.RULED_OUT]:
        st.info(t("suitability.is_ruled_out"), icon=":material/block:")
    elif score != score:
        st.info(t("suitability.is_unknown", share=t.share(cell[c.WEIGHT_COVERAGE])), icon=":material/help:")
    else:
        st.markdown(plain(t("suitability.score", score=f"{score:.2f}")))
    st.markdown("\n".join(f"- {plain(reason_text(reason, t))}" for reason in found.reasons(shown.square)))
    if near := nearest_park(found, dataset, shown.square):
        st.caption(plain(t("suitability.nearest_park", name=dataset.parks[c.NAME][near[0]], m=f"{near[1]:,.0f}")))
    st.button(t("map.clear"), icon=":material/close:", type="tertiary", key="clear_square",
              on_click=state.choose_on, args=("sites",), kwargs={"square": ""})  # fmt: skip


def _exports(
    where: "st.delta_generator.DeltaGenerator",
    board: Board,
    chosen: Selection,
    t: Words,
    shown: SquaresOnMap,
    request: SiteRequest,
) -> None:
    held = where.popover(t("suitability.take"), icon=":material/download:", type="tertiary", key="take_squares")
    offer_file(
        held,
        t("suitability.take_html"),
        lambda: suitability_page(board, chosen, t, shown, request),
        file_name="jiqun-squares.html",
        mime="text/html",
        type="tertiary",
        key="squares_html",
    )
    for suffix in ("geojson", "gpkg", "xlsx"):
        offer_file(
            held,
            t(f"suitability.take_{suffix}"),
            partial(_table, board, t, shown, suffix),
            file_name=f"jiqun-squares.{suffix}",
            type="tertiary",
            key=f"squares_{suffix}",
        )


def _table(board: Board, t: Words, shown: SquaresOnMap, suffix: str) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"squares.{suffix}"
        write_table(squares_table(shown.found), path, squares_stamp(board, t, shown))
        return path.read_bytes()

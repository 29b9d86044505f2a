"""What the open data can and cannot tell, in plain words; every number is taken from the data now."""

import html

import numpy as np
import streamlit as st

from clusters.goals import Board
from clusters.standing import coverage
from geo.crs import metric_crs, to_metric
from geo.datum import bd09_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02
from views.methods_values import city_and_parts
from views.words import Words, plain

FIGURE = ' class="figure"'


def show_guide(board: Board, t: Words) -> None:
    """The topics, two columns where there is room."""
    left, right = st.columns(2, gap="medium")
    with left:
        _topic("sample", _sample(board, t), t)
        _topic("totals", _totals(board, t), t)
        _topic("confidentiality", [t("methods.confidentiality.text")], t)
    with right:
        _coverage(board, t)
        _topic("datums", _datums(board, t), t)


def _topic(topic: str, paragraphs: list[str], t: Words) -> None:
    with st.container(border=True):
        st.markdown(f"#### {t(f'methods.topic.{topic}')}")
        for paragraph in paragraphs:
            st.markdown(plain(paragraph))


def _sample(board: Board, t: Words) -> list[str]:
    data = board.dataset
    return [t(f"methods.sample.{data.evidence}", firms=f"{len(data.firms):,}", year=data.default_year)]


def _totals(board: Board, t: Words) -> list[str]:
    city, placed, unplaced = city_and_parts(board)
    check = t(
        "methods.totals.check",
        year=board.year,
        districts=t.money(placed),
        unplaced=t.money(unplaced),
        sum=t.money(placed + unplaced),
        city=t.money(city),
    )
    verdict = "equal" if placed + unplaced == city else "unequal"
    return [t("methods.totals.text"), t.sentences([check, t(f"methods.totals.{verdict}")])]


def _datums(board: Board, t: Words) -> list[str]:
    """The shifts in the middle of the city, and how far the way back misses."""
    west, south, east, north = board.dataset.districts.total_bounds
    lon, lat = float(west + east) / 2, float(south + north) / 2
    crs = metric_crs(lon)
    here = np.stack(to_metric(lon, lat, crs=crs))
    gcj, bd, back = (
        float(np.hypot(*(np.stack(to_metric(*place, crs=crs)) - here)))
        for place in (wgs84_to_gcj02(lon, lat), wgs84_to_bd09(lon, lat), bd09_to_wgs84(*wgs84_to_bd09(lon, lat)))
    )
    shift = t(
        "methods.datums.shift",
        lon=f"{lon:.2f}",
        lat=f"{lat:.2f}",
        gcj=f"{gcj:,.0f}",
        bd=f"{bd:,.0f}",
        back=f"{max(np.ceil(1e6 * back), 1) / 1e3:.3f}",
    )
    return [t("methods.datums.text"), shift]


def _coverage(board: Board, t: Words) -> None:
    """A year a row; the default year is marked."""
    data = board.dataset
    found = board.coverage
    with st.container(border=True):
        st.markdown(f"#### {t('methods.topic.coverage')}")
        said = t(
            "methods.coverage.text",
            of=f"{found['of_firms']:,}",
            year=board.year,
            firms=f"{found['firms']:,}",
            sourced=f"{found['sourced_firms']:,}",
        )
        st.markdown(plain(said))
        heads = "".join(
            f"<th{figure}>{t(f'methods.coverage_{name}')}</th>"
            for name, figure in (("year", ""), ("firms", FIGURE), ("share", FIGURE))
        )
        caption = html.escape(t("methods.coverage_caption", place=t(f"place.{board.place}")))
        st.html(
            f'<table class="jq-table"><caption>{caption}</caption>'
            f"<tr>{heads}</tr>{''.join(_coverage_row(board, year, t) for year in data.years)}</table>"
        )
        st.markdown(plain(t("methods.coverage.default", year=data.default_year)))


def _coverage_row(board: Board, year: int, t: Words) -> str:
    found = coverage(board.dataset, year=year, place=board.place)
    default = f" · {t('methods.coverage_default')}" if year == board.dataset.default_year else ""
    figures = "".join(f"<td{FIGURE}>{said}</td>" for said in (t.firms(found["firms"]), t.share(found["share"])))
    return f"<tr><td>{year}{default}</td>{figures}</tr>"

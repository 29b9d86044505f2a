"""What the open data can and cannot tell, in plain words; every number is taken from the data now."""

import html

import numpy as np
import streamlit as st

from clusters.goals import Board
from clusters.release import safety_rule
from clusters.released_firms import GRID_M
from clusters.roles import read_viewer
from clusters.standing import coverage
from data import columns as c
from data.dataset import Basis, firm_column, firms_by_year
from geo.crs import metric_crs, to_metric
from geo.datum import bd09_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02
from views.how_to_read import heading
from views.methods_facts import PRECISE, district_name, firm_counts, whole_firms
from views.methods_sums import city_and_parts
from views.methods_suppression import hidden_number, withheld_cells
from views.words import Words, plain

FIGURE = ' class="figure"'
FEW = 3
READERS = ("public", "investor", "district", "government")
ROLE_SETTING = "JIQUN_ROLE"
DOMINANCE_SETTING = "JIQUN_DOMINANCE"


def show_guide(board: Board, t: Words) -> None:
    """The topics, two columns where there is room."""
    left, right = st.columns(2, gap="medium")
    with left:
        _topic("sample", _sample(board, t), t)
        if cannot := _cannot(board, t):
            _topic("cannot", cannot, t, bullets=True)
    with right:
        _coverage(board, t)
        _topic("totals", _totals(board, t), t)
        _topic("datums", _datums(board, t), t)
    _confidentiality(board, t)


def _topic(topic: str, paragraphs: list[str], t: Words, *, bullets: bool = False) -> None:
    with st.container(border=True, key=f"topic-{topic}"):
        st.markdown(f"#### {t(f'methods.topic.{topic}')}")
        if bullets:
            st.markdown("\n".join(f"- {plain(paragraph)}" for paragraph in paragraphs))
        else:
            for paragraph in paragraphs:
                st.markdown(plain(paragraph))


def _sample(board: Board, t: Words) -> list[str]:
    data = board.dataset
    return [t(f"methods.sample.{data.evidence}", firms=f"{len(data.firms):,}", year=data.default_year)]


def _cannot(board: Board, t: Words) -> list[str]:
    """What a sample of listed firms leaves open, with its numbers; nothing for other data."""
    data = board.dataset
    if data.basis is not Basis.LISTED_SAMPLE or data.synthetic or data.has_many_firms:
        return []
    known, firms = len(data.firms), board.clusters[c.FIRMS]
    said = [
        t("methods.cannot.unlisted", n=known),
        t("methods.cannot.few", all=len(firms), none=int((firms == 0).sum()), few=int(firms.between(1, FEW - 1).sum())),
    ]
    sizes = whole_firms(board)[c.REVENUE_CNY].nlargest(5)
    whole = int(whole_firms(board)[c.REVENUE_CNY].sum())
    if data.release is None and whole:
        shares = {"top1": t.share(sizes.max() / whole), "top5": t.share(sizes.sum() / whole)}
        said.append(t("methods.cannot.largest", **shares))
    if elsewhere := board.coverage["elsewhere_share"]:
        said.append(t("methods.cannot.elsewhere", share=t.share(elsewhere)))
    if not firm_counts(board).empty:
        by_district = firm_counts(board).sum(axis=1)
        said.append(
            t(
                "methods.cannot.districts",
                district=district_name(board, str(by_district.idxmax()), t),
                share=t.share(by_district.max() / by_district.sum()),
                thin=int((by_district.reindex(data.districts.index, fill_value=0) < FEW).sum()),
            )
        )
    precise = firm_column(data.firms, c.LOCATION_PRECISION).isin(PRECISE) & firm_column(data.firms, c.LON).notna()
    said.append(t("methods.cannot.points", n=known, precise=int(precise.sum())))
    by_year = firms_by_year(data)[c.FIRMS]
    ends = {"first": by_year.index.min(), "last": by_year.index.max()}
    said.append(t("methods.cannot.years", **ends, least=int(by_year.min()), most=int(by_year.max())))
    return said


def _totals(board: Board, t: Words) -> list[str]:
    parts = city_and_parts(board)
    if parts is None:
        return [t("methods.totals.text"), t("methods.no_value.sums", n=board.coverage["firms"])]
    city, placed, unplaced = parts
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


def _confidentiality(board: Board, t: Words) -> None:
    """Who sees what, by which rules, and what is not protected against; first what holds for this reader."""
    with st.container(border=True, key="topic-confidentiality"):
        heading(f"#### {t('methods.topic.confidentiality')}", "confidentiality", t, method="release")
        st.markdown(plain(_now(board, t)))
        heads = ("reader", "figures", "names", "sums")
        head = "".join(f"<th>{html.escape(t(f'methods.confidentiality.{name}'))}</th>" for name in heads)
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(t(f'methods.roles.{reader}.{name}'))}</td>" for name in heads) + "</tr>"
            for reader in READERS
        )
        caption = html.escape(t("methods.confidentiality.caption"))
        st.html(f'<table class="jq-table"><caption>{caption}</caption><tr>{head}</tr>{rows}</table>')
        st.markdown(plain(t.sentences(_rules(t))))
        st.markdown(plain(t("methods.confidentiality.table")))
        st.markdown(plain(t("methods.confidentiality.points", grid=f"{GRID_M / 1_000:g}")))
        st.markdown(plain(t("methods.confidentiality.limits")))


def _rules(t: Words) -> list[str]:
    rule = safety_rule()
    said = t("methods.confidentiality.rules", least=rule.n_min, p=f"{rule.p_percent:g}")
    if rule.dominance is None:
        return [said, t("methods.confidentiality.no_dominance", setting=DOMINANCE_SETTING)]
    return [said, t("methods.confidentiality.dominance", n=rule.dominance[0], k=f"{rule.dominance[1]:g}")]


def _now(board: Board, t: Words) -> str:
    """What holds for whoever reads this."""
    hidden = hidden_number(board)
    if board.dataset.release is not None:
        viewer = read_viewer(board.dataset.release.audience)
        found = withheld_cells(board)
        return t(
            "methods.confidentiality.now_released",
            audience=t(f"methods.roles.{'district' if viewer.district_id else viewer.role}.reader"),
            n=f"{hidden:,}",
            year=board.year,
            cells=found.cells,
            withheld=found.withheld,
        )
    if hidden:
        return t("methods.confidentiality.now_all", n=f"{hidden:,}", setting=ROLE_SETTING)
    return t("methods.confidentiality.now_public", n=f"{len(board.dataset.firms):,}")


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
        heading(f"#### {t('methods.topic.coverage')}", "coverage", t, method="coverage")
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

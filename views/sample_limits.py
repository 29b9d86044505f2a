"""样本说明: what the firms of the data cannot tell, said plainly, with numbers counted from the data that are shown."""

import streamlit as st

from clusters.goals import Board
from clusters.standing import cluster_totals, coverage
from data import columns as c
from data.cube import cube_of
from data.dataset import Basis, firms_by_year
from views.words import Words, plain

FEW = 3
"""Districts with fewer firms than this are named."""


def show_sample_limits(board: Board, t: Words) -> None:
    """The block of a page; the city's or a district's."""
    with st.container(border=True, key="sample_limits", gap="small"):
        st.markdown(f"#### {t('limits.title')}")
        st.markdown("\n".join(f"- {plain(line)}" for line in limits_of(board, t)))


def limits_of(board: Board, t: Words) -> list[str]:
    """What the data cannot tell, one sentence or two a line."""
    data, year = board.dataset, board.year
    city = coverage(data, year=year, place=board.place)
    listed = data.basis is Basis.LISTED_SAMPLE
    named = {"year": year, "n": f"{city['firms']:,}", "of": f"{city['of_firms']:,}"}
    lines = [t("synthetic.sentence")] if data.synthetic else []
    lines.append(t("limits.city", share=t.share(city["share"]), **named))
    if board.area_id != data.city_adcode:
        here = {"n": f"{board.coverage['firms']:,}", "of": f"{board.coverage['of_firms']:,}"}
        lines.append(t("limits.district", year=year, **here))
    years = firms_by_year(data)[c.FIRMS]
    lines.append(t("limits.years", years=t.listed([t("limits.in_year", year=y, n=f"{n:,}") for y, n in years.items()])))
    if listed:
        lines.append(t("limits.listed"))
        lines.append(t("limits.group", place=t(f"place.{board.place}"), elsewhere=t.share(city["elsewhere_share"])))
    lines += _largest(board, t)
    lines += _small_districts(board, t)
    if listed:
        lines.append(t("limits.no_statistics"))
    if data.release is not None:
        lines.append(t("limits.withheld", n=f"{data.release.firms:,}"))
    return lines


def _largest(board: Board, t: Words) -> list[str]:
    """How much of the sum is the largest firm's; nothing where that is not released."""
    whole = cluster_totals(cube_of(board.dataset), [c.YEAR], year=board.year, place=board.place)
    share = float(whole[c.TOP1_SHARE].iloc[0]) if len(whole) else float("nan")
    return [t("limits.largest", share=t.share(share))] if share == share else []


def _small_districts(board: Board, t: Words) -> list[str]:
    """Districts with so few firms that their figures are those of single ones."""
    data = board.dataset
    firms = cluster_totals(cube_of(data), [c.DISTRICT_ID], year=board.year, place=board.place)[c.FIRMS]
    counts = firms.reindex(data.districts.index, fill_value=0).astype(int)
    names = data.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    small = [t("limits.small_one", name=names[d], n=n) for d, n in counts.items() if n < FEW]
    return [t("limits.small", few=FEW, n=len(small), of=len(counts), names=t.listed(small))] if small else []

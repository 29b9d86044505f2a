"""What a reader takes away of one district: its briefing with maps and charts, its part in the goals, firms, limits.

It says what the page says, from the same tables; figures that are withheld there are withheld here. No Streamlit.
"""

from typing import Any, cast

import pandas as pd

from clusters.briefing_records import Briefing
from clusters.goals import Board
from clusters.release import withheld_firms
from data import columns as c
from data.ranking import largest_in_district
from views.briefing_sections import briefing_sections
from views.briefing_words import coverage_sentence, district_name
from views.document import Cell, Column, Document, Figure, Section, Table, Text
from views.document_columns import money_column
from views.goals_text import actual_text, goal_text
from views.provenance import footer_lines, sample_sentence, stamp
from views.quadrant_chart import drawn_points
from views.sample_limits import limits_of
from views.selection import Selection
from views.static_charts import LadderRow, QuadrantMark, quadrant_svg, tier_ladder_svg
from views.static_maps import city_map_svg, district_map_svg
from views.tokens import seals
from views.words import Words

MOST_FIRMS = 100


def district_document(found: Briefing, selection: Selection, t: Words, *, link: str = "") -> Document:
    """The document of a district.

    Parameters
    ----------
    found : Briefing
        Of the district.
    selection : Selection
        Filters and layers of the maps.
    t : Words
    link : str
        Address that reopens the page.
    """
    board = found.board
    *told, method = briefing_sections(found, t, figures=_figures(found, selection, t))
    limits = Section(t("limits.title"), (Text(tuple(limits_of(board, t)), as_list=True),))
    return Document(
        language=t.language,
        title=t("briefing.document_title", district=district_name(found, t), year=found.year),
        subtitle=t(f"plan.{board.plan.id}") if f"plan.{board.plan.id}" in t else board.plan.title,
        lead=t.sentences([sample_sentence(board, t), coverage_sentence(found, t)]),
        sections=(*told, _part_in_goals(board, found.city, t), _firms(found, t), limits, method),
        origin=tuple(footer_lines(board, t)),
        link=link,
        stamp=stamp(board, t),
    )


def _figures(found: Briefing, selection: Selection, t: Words) -> dict[str, tuple[Figure, ...]]:
    """Maps of district and city; ladder and quadrant where the district has a firm with a figure; by section."""
    name, year = district_name(found, t), found.year
    district = t("district.map")
    maps = (
        Figure(district_map_svg(found.city, found.district_id, selection, t), f"{name} · {district}", district),
        Figure(city_map_svg(found.city, selection.with_(district=""), t), t("overview.map"), t("overview.map")),
    )
    if not found.progress.firms:
        return {"title": maps}
    clusters = found.board.clusters.sort_values(c.TOTAL_CNY, ascending=False, na_position="last")
    ladder = [_rung(str(subsector_id), row, found, t) for subsector_id, row in clusters.iterrows()]
    title = t("district.clusters")
    ladders = (Figure(tier_ladder_svg(ladder, t), f"{name} · {title} · {year}", title),)
    charts = []
    if points := drawn_points(found.points):
        marks = [
            QuadrantMark(
                t("profile.with_n", value=t(f"subsector.{point.subsector_id}"), n=f"{point.firms:,}"),
                point.presence,
                point.quotient,
                point.lower,
                point.upper,
                sure=point.quadrant is not None,
            )
            for point in points
        ]
        equal = 1 / len(found.board.dataset.districts)
        words = {"x_title": t("briefing.quadrant_x"), "y_title": t("briefing.quadrant_y")}
        alt = t("briefing.quadrant_alt", district=name, year=year)
        note = t.listed([t("briefing.quadrant_sure"), t("briefing.quadrant_open")])
        charts.append(Figure(quadrant_svg(marks, cut=equal, **words), alt, t("briefing.quadrant"), note))
    return {"title": maps, "clusters": ladders, "quadrant": tuple(charts)}


def _rung(subsector_id: str, row: "pd.Series[Any]", found: Briefing, t: Words) -> LadderRow:
    cell = found.accounts.cell(subsector_id, found.district_id)
    said = t.amount(cell, withheld=bool(row[c.FIRMS] > 0))
    seal = seals("light", t.language).get(subsector_id)
    return LadderRow(t(f"subsector.{subsector_id}"), cell.cny if cell else None, said, seal)


def _part_in_goals(board: Board, city: Board, t: Words) -> Section:
    columns = tuple(Column(t(f"part.{key}")) for key in ("target", "goal", "city", "district"))
    rows = []
    for tally in board.tallies:
        if tally.target.kind in ("firm_count", "cluster_count"):
            key = f"target.{board.plan.id}.{tally.target.id}"
            name = t(key) if key in t else tally.target.metric
            whole = actual_text(city.tally(tally.target.id), city, t)
            rows.append((Cell(name), Cell(goal_text(tally, t)), Cell(whole), Cell(actual_text(tally, board, t))))
    note = t("district.part_note", n=f"{board.coverage['firms']:,}")
    table = Table(t("district.part"), columns, tuple(rows), note=note)
    return Section(t("district.part"), (table,), label=t("word.derived"))


def _firms(found: Briefing, t: Words) -> Section:
    """The largest firms; those whose names are not for this reader are counted and not listed."""
    board = found.board
    here = largest_in_district(
        board.dataset,
        board.area_id,
        year=board.year,
        subsectors=list(board.clusters.index),
        precisions=(),
        place=board.place,
        most=MOST_FIRMS,
    )
    hidden = pd.Series(withheld_firms(board.dataset, here), here.index)
    named = here[here[c.SHORT_NAME].notna()]
    columns = (
        Column(t("field.name")),
        Column(t("field.code")),
        Column(t("field.subsector")),
        money_column(t("field.revenue", year=board.year), t),
        Column(t("field.precision")),
    )
    rows = tuple(
        (
            Cell(str(row[c.SHORT_NAME])),
            Cell(str(firm_id)),
            Cell(t(f"subsector.{row[c.SUBSECTOR_ID]}")),
            _revenue(row[c.REVENUE_CNY], bool(hidden[firm_id]), t),
            Cell(t(f"precision.{row[c.LOCATION_PRECISION]}")),
        )
        for firm_id, row in named.iterrows()
    )
    title = t("district.firms")
    of = cast(int, board.coverage["of_firms"])
    if not rows:
        withheld = board.dataset.release is not None and of > 0
        return Section(title, (Text((t("word.withheld") if withheld else t("district.no_firms"),)),))
    note = t("district.firms_note_largest", n=len(rows), of=f"{of:,}") if len(rows) < of else ""
    return Section(title, (Table(title, columns, rows, note=note),))


def _revenue(value: Any, withheld: bool, t: Words) -> Cell:
    return Cell(t.nothing(withheld=withheld)) if pd.isna(value) else Cell(t.money(float(value)), int(value))

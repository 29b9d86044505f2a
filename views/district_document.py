"""What a reader takes away of one district: its figures, clusters, part in the goals, firms, parks, and their origin.

It says what the page says, from the same tables; figures that are withheld there are withheld here.
"""

from typing import Any

import pandas as pd

from clusters.briefing_records import Briefing
from clusters.goals import Board
from data import columns as c
from data.ranking import largest_in_district
from views.briefing_sections import briefing_sections
from views.briefing_words import coverage_sentence, district_name
from views.document import MONEY_FORMAT, Cell, Column, Document, Facts, Figure, Section, Table, Text
from views.figures import accounts_of, district_figures, is_withheld
from views.goals_text import actual_text, goal_text
from views.provenance import footer_lines, sample_sentence, stamp
from views.sample_limits import limits_of
from views.selection import Selection
from views.static_charts import LadderRow, QuadrantPoint, quadrant_svg, tier_ladder_svg
from views.static_maps import city_map_svg, district_map_svg
from views.tokens import seals
from views.words import Words

MOST_FIRMS = 200
COUNT, SHARE = "#,##0", "0.0%"


def district_document(found: Briefing, city: Board, selection: Selection, t: Words, *, link: str = "") -> Document:
    """The document of a district.

    Parameters
    ----------
    found : Briefing
    city : Board
        Of its city, in the same year and reading.
    selection : Selection
        Filters and layers of the maps.
    t : Words
    link : str
        Address that reopens the page.
    """
    board = found.board
    figures = {"clusters": (_ladder(board, city, t),), "quadrant": _quadrant(found, t)}
    return Document(
        t.language,
        t("briefing.document_title", district=district_name(found, t), year=found.year),
        t(f"plan.{board.plan.id}") if f"plan.{board.plan.id}" in t else board.plan.title,
        t.sentences([sample_sentence(board, t), coverage_sentence(found, t)]),
        (
            _overview(board, city, selection, t),
            *briefing_sections(found, t, figures=figures),
            _part_in_goals(board, city, t),
            Section(t("district.firms"), (_firms(board, t),)),
            Section(t("limits.title"), (Text(tuple(limits_of(board, t)), as_list=True),)),
        ),
        tuple(footer_lines(board, t)),
        link,
        stamp(board, t),
    )


def _overview(board: Board, city: Board, selection: Selection, t: Words) -> Section:
    figures = district_figures(city, city.clusters.index).loc[board.area_id]
    total = accounts_of(city).total(subsectors=list(city.clusters.index), district_id=board.area_id)
    share = t.share(figures["shown_share"]) if figures[c.TOTAL_CNY] == figures[c.TOTAL_CNY] else ""
    facts = Facts(
        (
            (t("measure.revenue"), t.amount(total, withheld=is_withheld(figures)), ""),
            (t("measure.share"), share or t.nothing(withheld=is_withheld(figures)), ""),
            (t("measure.firms"), t.firms(figures[c.FIRMS]) if figures[c.FIRMS] > 0 else t("word.no_data"), ""),
        )
    )
    district = district_map_svg(city, board.area_id, selection, t)
    whole = city_map_svg(city, selection.with_(district=""), t)
    return Section(
        t("document.summary"),
        (
            facts,
            Figure(district, t("district.map"), t("district.map")),
            Figure(whole, t("overview.map"), t("overview.map")),
        ),
    )


def _ladder(board: Board, city: Board, t: Words) -> Figure:
    kept, marks = accounts_of(city), seals("light", t.language)
    rows = []
    for subsector_id, row in board.clusters.sort_values(c.TOTAL_CNY, ascending=False, na_position="last").iterrows():
        amount, name = kept.cell(str(subsector_id), board.area_id), t(f"subsector.{subsector_id}")
        said = t.amount(amount, withheld=is_withheld(row))
        rows.append(LadderRow(name, amount.cny if amount else None, said, marks.get(subsector_id)))
    return Figure(tier_ladder_svg(rows, t), t("overview.ladder_alt", year=board.year), t("overview.ladder"))


def _quadrant(found: Briefing, t: Words) -> tuple[Figure, ...]:
    known = [point for point in found.points if point.presence > 0 and point.quotient > 0]
    if not known:
        return ()
    points = [
        QuadrantPoint(
            t(f"subsector.{each.subsector_id}"), each.presence, each.quotient, each.lower, each.upper,
            strong=each.quadrant is not None,
        )
        for each in known
    ]  # fmt: skip
    x_title, y_title = t("briefing.city_share"), t("measure.location_quotient.name")
    drawn = quadrant_svg(points, t, x_title=x_title, y_title=y_title)
    return (Figure(drawn, t("briefing.quadrant"), t("briefing.quadrant")),)


def _part_in_goals(board: Board, city: Board, t: Words) -> Section:
    columns = tuple(Column(t(f"part.{key}")) for key in ("target", "goal", "city", "district"))
    rows = tuple(
        tuple(
            map(Cell, (x.target.metric, goal_text(x, t), actual_text(city.tally(x.target.id), city, t),
                       actual_text(x, board, t)))
        )
        for x in board.tallies
        if x.target.kind in ("firm_count", "cluster_count")
    )  # fmt: skip
    note = t("district.part_note", n=f"{board.coverage['firms']:,}")
    table = Table(t("district.part"), columns, rows, note=note)
    return Section(t("district.part"), (table,), label=t("word.derived"))


def _firms(board: Board, t: Words) -> Table:
    found = largest_in_district(
        board.dataset,
        board.area_id,
        year=board.year,
        subsectors=list(board.clusters.index),
        precisions=(),
        place=board.place,
        most=MOST_FIRMS,
    )
    named = found[found[c.SHORT_NAME].notna()]
    columns = (
        Column(t("field.name")),
        Column(t("field.code")),
        Column(t("field.subsector")),
        Column(t("field.revenue", year=board.year), "right", MONEY_FORMAT[t.language]),
        Column(t("field.precision")),
    )
    rows = tuple(
        (
            Cell(str(row[c.SHORT_NAME])),
            Cell(str(firm_id)),
            Cell(t(f"subsector.{row[c.SUBSECTOR_ID]}")),
            _revenue(row[c.REVENUE_CNY], t),
            Cell(t(f"precision.{row[c.LOCATION_PRECISION]}")),
        )
        for firm_id, row in named.iterrows()
    )
    return Table(t("district.firms"), columns, rows, note="" if rows else t("district.no_firms"))


def _revenue(value: Any, t: Words) -> Cell:
    return Cell(t("word.no_data")) if pd.isna(value) else Cell(t.money(float(value)), int(value))

"""What a reader takes away of one district: its figures, clusters, part in the goals, firms, parks, and their origin.

It says what the page says, from the same tables; figures that are withheld there are withheld here.
"""

from typing import Any

import pandas as pd

from clusters.accounts import Amount
from clusters.goals import Board
from clusters.tiers import THRESHOLD_CNY, next_tier, scale_tier
from data import columns as c
from data.ranking import largest_in_district
from views.document import MONEY_FORMAT, Cell, Column, Document, Facts, Figure, Section, Table, Text
from views.figures import accounts_of, district_figures, is_withheld
from views.goals_text import actual_text, goal_text
from views.provenance import footer_lines, sample_sentence, stamp
from views.sample_limits import limits_of
from views.selection import Selection
from views.static_charts import LadderRow, tier_ladder_svg
from views.static_maps import city_map_svg, district_map_svg
from views.tokens import seals
from views.words import Words

MOST_FIRMS = 200
COUNT, SHARE = "#,##0", "0.0%"


def district_document(board: Board, city: Board, selection: Selection, t: Words, *, link: str = "") -> Document:
    """The document of a district.

    Parameters
    ----------
    board, city : Board
        Of the district and of its city, in the same year and reading.
    selection : Selection
        Filters and layers of the maps.
    t : Words
    link : str
        Address that reopens the page.
    """
    districts = board.dataset.districts
    name = str(districts[c.NAME if t.language == "zh" else c.NAME_EN][board.area_id])
    return Document(
        t.language,
        t("map.title", city=name, year=board.year),
        t("place." + board.place),
        sample_sentence(board, t),
        (
            _overview(board, city, selection, t),
            _clusters(board, city, t),
            _part_in_goals(board, city, t),
            Section(t("district.firms"), (_firms(board, t),)),
            Section(t("district.parks"), (_parks(board, t),)),
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


def _clusters(board: Board, city: Board, t: Words) -> Section:
    kept, marks = accounts_of(city), seals("light", t.language)
    clusters = board.clusters.sort_values(c.TOTAL_CNY, ascending=False, na_position="last")
    columns = (
        Column(t("field.subsector")),
        Column(t("field.tier")),
        Column(t("measure.revenue"), "right", MONEY_FORMAT[t.language]),
        Column(t("field.gap"), "right", MONEY_FORMAT[t.language]),
        Column(t("field.firms"), "right", COUNT),
        Column(t("field.top1"), "right", SHARE),
    )
    rows, ladder = [], []
    for subsector_id, row in clusters.iterrows():
        amount, name = kept.cell(str(subsector_id), board.area_id), t(f"subsector.{subsector_id}")
        ladder.append(LadderRow(name, amount.cny if amount else None, _said(amount, row, t), marks.get(subsector_id)))
        rows.append((Cell(name), _tier(row, t), _money(amount, row, t), _gap(amount, row, t), *_hold(row, t)))
    drawn = tier_ladder_svg(ladder, t)
    table = Table(t("district.clusters"), columns, tuple(rows), note=t("district.derived"))
    title = t("district.clusters")
    ladder_of = Figure(drawn, t("overview.ladder_alt", year=board.year), t("overview.ladder"))
    return Section(title, (table, ladder_of), label=t("word.derived"))


def _tier(row: "pd.Series[Any]", t: Words) -> Cell:
    if is_withheld(row):
        return Cell(t("word.withheld"))
    return Cell(t.tier_mark(scale_tier(int(row[c.TOTAL_CNY])) if row[c.FIRMS] > 0 else None))


def _said(amount: Amount | None, row: "pd.Series[Any]", t: Words) -> str:
    return t.amount(amount, withheld=is_withheld(row))


def _money(amount: Amount | None, row: "pd.Series[Any]", t: Words) -> Cell:
    return Cell(_said(amount, row, t), amount.cny if amount else None)


def _gap(amount: Amount | None, row: "pd.Series[Any]", t: Words) -> Cell:
    if amount is None:
        return Cell(t.nothing(withheld=is_withheld(row)))
    upper = next_tier(amount.cny)
    if amount.gap is None or upper is None:
        return Cell(t("district.top_tier"))
    return Cell(f"{t.tier(upper)} {t.amount(amount.gap)}", THRESHOLD_CNY[upper] - amount.cny)


def _hold(row: "pd.Series[Any]", t: Words) -> tuple[Cell, Cell]:
    firms, share = int(row[c.FIRMS]), row[c.TOP1_SHARE]
    lacking = t.nothing(withheld=firms > 0)
    return Cell(f"{firms:,}", firms), Cell(t.share(share), float(share)) if share == share else Cell(lacking)


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


def _parks(board: Board, t: Words) -> Table:
    parks = board.dataset.parks[board.dataset.parks[c.DISTRICT_ID] == board.area_id]
    keys = {c.NAME: "field.park", c.OPERATOR: "field.operator", c.FOCUS: "field.focus", c.AREA_TEXT: "field.area"}
    rows = tuple(
        tuple(Cell(row[name] if isinstance(row[name], str) and row[name] else t("word.no_data")) for name in keys)
        for _, row in parks.iterrows()
    )
    note = "" if rows else t("district.no_parks")
    return Table(t("district.parks"), tuple(Column(t(key)) for key in keys.values()), rows, note=note)

"""Papers of the search for a site: the ranking with the shortlist, and a sheet of questions. No Streamlit here."""

import pandas as pd

from clusters.goals import Board
from clusters.site_neighbors import SiteNeighbors
from data import columns as c
from views.document import Cell, Column, Document, Facts, Section, Table, Text
from views.document_columns import COUNT, money_column
from views.provenance import footer_lines, sample_sentence, stamp
from views.selection import Selection
from views.sites_facts import (
    Compared,
    Listing,
    comparison,
    district_of,
    firm_name,
    left_out,
    missing_text,
    name_of,
    neighbor_rows,
    off_lines,
    park_facts,
    points_text,
    rank_or_dash,
    ranks_between,
    ranks_text,
    reason_rows,
    stability_text,
    unchecked_text,
)
from views.words import Words

QUESTIONS = ("vacant", "rent", "fees", "lease", "fit_out", "power", "support", "date", "contact")
MOST_NAMED = 10
BLANK = "＿" * 14


def sites_document(board: Board, chosen: Selection, listing: Listing, t: Words, *, link: str = "") -> Document:
    """What was looked for, every ranked park, the shortlist side by side with its reasons, and what is not known.

    Parameters
    ----------
    board : Board
    chosen : Selection
    listing : Listing
    t : Words
    link : str
        Address that reopens the page.
    """
    held = chosen.sites.shortlist
    sections = [_looked_for(listing, chosen, t), _ranking(listing, t)]
    if held:
        sections.append(_side_by_side(listing, held, t))
        sections += [_of_one_park(listing, park, t) for park in held if park in listing.ranking.sites.index]
    sections.append(_not_known(listing, t))
    return Document(
        language=t.language,
        title=t("sites.paper_title", subsector=t(f"subsector.{chosen.sites.subsector}")),
        subtitle=t("sites.paper_subtitle", year=listing.ranking.year),
        lead=t.sentences([t("sites.scope_note"), sample_sentence(board, t)]),
        sections=tuple(sections),
        origin=tuple(footer_lines(board, t)),
        link=link,
        stamp=stamp(board, t),
    )


def enquiry_document(
    board: Board, chosen: Selection, park_id: str, listing: Listing | None, near: SiteNeighbors | None, t: Words, *,
    link: str = "",
) -> Document:  # fmt: skip
    """A sheet to fill in with the operator of one park: what is known, what the firm looks for, what to ask.

    Parameters
    ----------
    board : Board
    chosen : Selection
    park_id : str
    listing : Listing or None
        The ranking, once there is one.
    near : SiteNeighbors or None
    t : Words
    link : str
        Address that reopens the page.
    """
    facts = tuple((Cell(name), Cell(value)) for name, value in park_facts(board.dataset, park_id, t))
    columns = (Column(t("sites.item")), Column(t("sites.entry")))
    sections = [Section(t("sites.card"), (Table(t("sites.card"), columns, facts),))]
    if listing is not None:
        sections.append(_looked_for(listing, chosen, t))
        if park_id in listing.ids:
            sections.append(_of_one_park(listing, park_id, t))
    questions = tuple((Cell(t(f"sites.question.{name}")), Cell(BLANK)) for name in QUESTIONS)
    asked = Table(t("sites.questions"), (Column(t("sites.question_field")), Column(t("sites.answer"))), questions)
    sections.append(Section(t("sites.questions"), (Text((t("sites.questions_note"),)), asked)))
    if near is not None:
        sections.append(_around(board, near, t))
    return Document(
        language=t.language,
        title=t("sites.enquiry_title", park=name_of(board.dataset, park_id)),
        subtitle=t("sites.enquiry_subtitle", district=district_of(board.dataset, park_id, t, short=False)),
        lead=t("sites.enquiry_lead"),
        sections=tuple(sections),
        origin=tuple(footer_lines(board, t)),
        link=link,
        stamp=stamp(board, t),
    )


def needs_rows(listing: Listing, chosen: Selection, t: Words) -> list[tuple[str, str]]:
    """What the firm looks for, in words."""
    request, mine = listing.ranking.request, chosen.sites
    none = t("sites.no_condition")
    districts = listing.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    chain = t.listed([t(f"subsector.{s}") for s in request.chain]) or none
    hubs = [t("sites.hub_within", hub=t(f"hub_kind.{k}"), m=f"{m:,.0f}") for k, m in request.hubs_within_m]
    return [
        (t("sites.subsector"), t(f"subsector.{request.subsector_id}")),
        (t("sites.chain"), chain),
        (t("sites.near"), t("sites.km", km=f"{mine.near / 1000:g}")),
        (t("sites.floor"), t("site.unit.m2", value=f"{mine.floor:,}") if mine.floor else none),
        (t("sites.rent"), t("site.unit.cny_m2_month", value=f"{mine.rent:,}") if mine.rent else none),
        (t("field.district"), str(districts[mine.area]) if mine.area else t("sites.whole_city")),
        (t("sites.reach"), t.listed(hubs) or none),
        (t("field.place"), t(f"place.{request.place}")),
        (t("sites.weighting"), t(f"sites.by_{mine.weighting}")),
    ]


def _looked_for(listing: Listing, chosen: Selection, t: Words) -> Section:
    rows = tuple((Cell(name), Cell(value)) for name, value in needs_rows(listing, chosen, t))
    weights = tuple(
        (Cell(t(f"site.criterion.{name}")), Cell(t.share(float(w)), float(w)))
        for name, w in listing.ranking.scoring.weights.items()
        if w > 0
    )
    of_weights = (Column(t("sites.criterion")), Column(t("sites.weight"), "right", "0.0%"))
    return Section(
        t("sites.looked_for"),
        (
            Table(t("sites.looked_for"), (Column(t("sites.item")), Column(t("sites.entry"))), rows),
            Table(t("sites.weights"), of_weights, weights, title=t("sites.weights_used")),
        ),
    )


def _ranking(listing: Listing, t: Words) -> Section:
    columns = (
        Column(t("sites.rank_sum"), "right", "0"),
        Column(t("sites.rank_topsis"), "right", "0"),
        Column(t("field.park")),
        Column(t("field.district")),
        Column(t("sites.points_of"), "right", "0.0"),
        Column(t("sites.span_field")),
        Column(t("sites.coverage"), "right", "0.0%"),
    )
    sites = listing.ranking.sites
    rows = []
    for park in listing.ids:
        row = pd.Series(sites.loc[park])
        span = "—" if pd.isna(row[c.LOW_RANK]) else ranks_between(row[c.LOW_RANK], row[c.HIGH_RANK], t)
        topsis = None if pd.isna(row[c.CLOSENESS_RANK]) else int(row[c.CLOSENESS_RANK])
        coverage = float(row[c.WEIGHT_COVERAGE])
        rows.append(
            (
                Cell(rank_or_dash(row[c.SCORE_RANK]), int(row[c.SCORE_RANK])),
                Cell(rank_or_dash(row[c.CLOSENESS_RANK]), topsis),
                Cell(name_of(listing.dataset, park)),
                Cell(district_of(listing.dataset, park, t)),
                Cell(f"{100 * row[c.SCORE]:.1f}", 100 * float(row[c.SCORE])),
                Cell(span),
                Cell(t.share(coverage), coverage),
            )
        )
    n = t("sites.parks_note", subsector=t(f"subsector.{listing.ranking.request.subsector_id}"), n=f"{len(rows):,}")
    return Section(
        t("sites.parks"),
        (
            Text((n, t("sites.ranked_note"), t("site.straight_line"))),
            Table(t("sites.parks"), columns, tuple(rows)),
        ),
    )


def _side_by_side(listing: Listing, held: tuple[str, ...], t: Words) -> Section:
    heads = (Column(t("sites.criterion")), *(Column(name_of(listing.dataset, p), "right") for p in held))
    rows = tuple((Cell(row.name), *_cells(row)) for row in comparison(listing, held, t))
    note = t("sites.compared_note")
    return Section(t("sites.shortlist"), (Table(t("sites.shortlist"), heads, rows, note=note),))


def _cells(row: Compared) -> tuple[Cell, ...]:
    return tuple(Cell(text, value) for text, value in zip(row.cells, row.values, strict=True))


def _of_one_park(listing: Listing, park_id: str, t: Words) -> Section:
    name = name_of(listing.dataset, park_id)
    lines = [
        stability_text(listing, park_id, t),
        missing_text(listing, park_id, t),
        unchecked_text(listing, park_id, t),
    ]
    blocks: list[Facts | Text | Table] = []
    if park_id in listing.ids:
        points = listing.points_text(park_id, t)
        rank = t("sites.rank", n=listing.rank(park_id))
        district = district_of(listing.dataset, park_id, t)
        blocks.append(
            Facts(
                ((t("sites.score"), points, ranks_text(listing, park_id, t)), (t("sites.rank_field"), rank, district))
            )
        )
    if any(lines):
        blocks.append(Text(tuple(line for line in lines if line)))
    heads = (Column(t("sites.criterion")), Column(t("sites.says")), Column(t("sites.weight"), "right", "0.0%"),
             Column(t("sites.contributes"), "right", "0.0"))  # fmt: skip
    reasons = listing.ranking.reasons(park_id)
    rows = []
    for reason, row in zip(reasons, reason_rows(listing.ranking, park_id, t), strict=True):
        points_of = None if reason.contribution is None else 100 * reason.contribution
        rows.append((Cell(row[0]), Cell(row[1]), Cell(row[2], reason.weight), Cell(points_text(reason), points_of)))
    sheet = t("sites.sheet_of", park=park_id)[:31]
    blocks.append(Table(sheet, heads, tuple(rows), note=t("site.straight_line")))
    return Section(name, tuple(blocks))


def _not_known(listing: Listing, t: Words) -> Section:
    lines = tuple(off_lines(listing.ranking, t)) or (t("sites.nothing_off"),)
    rows = tuple((Cell(name), Cell(district), Cell(why)) for _, name, district, why in left_out(listing, t))
    heads = (Column(t("field.park")), Column(t("field.district")), Column(t("sites.why")))
    tables = (Table(t("sites.sheet_left_out"), heads, rows, title=t("sites.sheet_left_out")),) if rows else ()
    return Section(t("sites.not_known"), (Text(lines, as_list=True), Text((t("sites.left_out_note"),)), *tables))


def _around(board: Board, near: SiteNeighbors, t: Words) -> Section:
    bands = tuple(
        (
            Cell(within),
            Cell(firms, int(row[c.FIRMS])),
            Cell(total, None if pd.isna(row[c.TOTAL_CNY]) else int(row[c.TOTAL_CNY])),
        )
        for (within, firms, total), (_, row) in zip(neighbor_rows(near, t), near.bands.iterrows(), strict=True)
    )
    heads = (
        Column(t("sites.distance")),
        Column(t("field.firms"), "right", COUNT),
        money_column(t("sites.total", unit=t.money_unit), t),
    )
    firms = tuple(
        (
            Cell(firm_name(row, t)),
            Cell(f"{float(row[c.DISTANCE_M]):,.0f}", float(row[c.DISTANCE_M])),
            Cell(
                t.nothing(withheld=board.dataset.release is not None)
                if pd.isna(row[c.REVENUE_CNY])
                else t.money(int(row[c.REVENUE_CNY]), unit=False),
                None if pd.isna(row[c.REVENUE_CNY]) else int(row[c.REVENUE_CNY]),
            ),
        )
        for _, row in near.firms.head(MOST_NAMED).iterrows()
    )
    of_firms = (Column(t("field.name")), Column(t("sites.distance_m"), "right", COUNT),
                money_column(t("field.revenue_unit", year=board.year, unit=t.money_unit), t))  # fmt: skip
    note = t("sites.precise", n=f"{near.precise:,}", of=f"{near.of_firms:,}")
    blocks: tuple[Table, ...] = (Table(t("sites.sheet_bands"), heads, bands, note=note),)
    if firms:
        blocks = (*blocks, Table(t("sites.sheet_firms"), of_firms, firms))
    return Section(t("sites.neighbors"), blocks)

"""The papers of the search for a site: numbers as numbers, nothing missing as a zero, blanks to fill in."""

import re
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from openpyxl import load_workbook

from clusters.goals import Board, tally_goals
from clusters.plan import Plan
from clusters.release import release
from clusters.roles import read_viewer
from clusters.site_neighbors import site_neighbors
from clusters.siting import rank_sites
from data import columns as c
from data.dataset import Dataset
from tests.views.serve_hostile import PAYLOADS, hostile_dataset, hostile_parks
from views.document import Document, Table
from views.document_html import document_html
from views.document_pdf import document_pdf
from views.document_xlsx import document_xlsx
from views.map_sites import SitesOnMap, sites_map
from views.selection import Selection
from views.sites_choices import Named, SitesChoices
from views.sites_document import QUESTIONS, enquiry_document, sites_document
from views.sites_facts import Listing, comparison, left_out, park_facts
from views.tokens import tokens
from views.words import Language, words

HAN = re.compile(r"[\u3400-\u9fff]+")
CHOSEN = Selection(
    sites=SitesChoices(
        subsector="S06", floor=1_000, reach=(Named("metro", 20_000.0),), shortlist=("P26", "P22", "P25", "P12")
    )
)


def listed(dataset: Dataset, chosen: Selection = CHOSEN) -> Listing:
    ranking = rank_sites(dataset, chosen.sites.request(), rng=np.random.default_rng(0), draws=50)
    return Listing(ranking, dataset, chosen.sites.order)


@pytest.fixture(scope="module")
def listing(dataset: Dataset) -> Listing:
    return listed(dataset)


def tables(document: Document) -> dict[str, Table]:
    return {b.sheet: b for s in document.sections for b in s.blocks if isinstance(b, Table)}


def texts(document: Document) -> str:
    return document_html(document)


def enquiry(board: Board, listing: Listing, language: Language, park: str = "P22") -> Document:
    near = site_neighbors(board.dataset, ["S06"], [park], year=board.year).get(park)
    return enquiry_document(board, CHOSEN, park, listing, near, words(language), link="http://127.0.0.1/sites?a=1")


def test_every_park_is_in_the_paper_with_its_rank_or_the_reason(
    board: Board, listing: Listing, language: Language
) -> None:
    t = words(language)
    document = sites_document(board, CHOSEN, listing, t)
    found = tables(document)
    ranked, rest = found[t("sites.parks")], found[t("sites.sheet_left_out")]
    assert len(ranked.rows) + len(rest.rows) == len(board.dataset.parks)
    assert [row[0].value for row in ranked.rows] == list(range(1, len(ranked.rows) + 1))
    assert all(0 <= (row[4].value or 0) <= 100 for row in ranked.rows)
    assert len(found[t("sites.shortlist")].columns) == 5
    for name in (t("site.criterion.rent"), t("site.criterion.vacant_area")):
        assert name in texts(document)
    assert t("site.missing.no_figure") in texts(document)
    assert "nan" not in texts(document).lower().replace("nanshan", "").replace("finance", "")


def test_points_add_up_and_a_missing_value_has_no_number(board: Board, listing: Listing) -> None:
    t = words("zh")
    table = tables(sites_document(board, CHOSEN, listing, t))[t("sites.sheet_of", park="P26")]
    points = [row[3].value for row in table.rows]
    low = 100 * float(listing.ranking.sites.loc["P26", c.LOW_SCORE])
    assert sum(p for p in points if p is not None) == pytest.approx(low)
    focus = next(row for row in table.rows if row[0].text == t("site.criterion.focus"))
    assert (focus[3].value, focus[3].text) == (None, "—")
    assert "无数据" in focus[1].text
    assert sum(row[2].value or 0 for row in table.rows) == pytest.approx(1)


def test_the_best_of_a_row_says_so_in_words(listing: Listing, language: Language) -> None:
    t = words(language)
    rows = {row.name: row for row in comparison(listing, ("P26", "P25", "P22"), t)}
    metro = rows[t("site.criterion.near_metro")]
    best = min(range(3), key=lambda n: metro.values[n] or 0)
    marked = [
        n for n, cell in enumerate(metro.cells) if cell == t("sites.best", value=cell.split("（")[0].split(" (")[0])
    ]
    assert marked == [best]
    assert rows[t("site.criterion.rent")].cells == (t("word.no_data"),) * 3
    assert rows[t("site.criterion.focus")].cells[0] == t("word.no_data")


def test_a_park_of_another_district_and_one_that_fails_are_told_apart(dataset: Dataset) -> None:
    t = words("zh")
    chosen = replace(CHOSEN, sites=replace(CHOSEN.sites, area="440305", reach=(Named("metro", 1_000.0),)))
    found = listed(dataset, chosen)
    head = comparison(found, ("P22", "P12"), t)[1]
    assert head.cells[0] == t("sites.other_district")
    failed = [row for row in left_out(found, t) if row[0] in found.ranking.excluded.index]
    assert failed
    assert all(t("site.criterion.near_metro") in why for *_, why in failed)


def test_an_enquiry_sheet_has_blanks_and_the_way_back(board: Board, listing: Listing, language: Language) -> None:
    t, document = words(language), enquiry(board, listing, language)
    asked = tables(document)[t("sites.questions")]
    assert [row[0].text for row in asked.rows] == [t(f"sites.question.{name}") for name in QUESTIONS]
    assert all(set(row[1].text) == {"＿"} for row in asked.rows)
    facts = {row[0].text: row[1].text for row in tables(document)[t("sites.card")].rows}
    assert facts[t("sites.contact")] == t("word.no_data")
    assert facts == dict(park_facts(board.dataset, "P22", t))
    assert document.link in texts(document)
    bare = enquiry_document(board, Selection(), "P60", None, None, t)
    assert t("sites.no_point") in texts(bare) or board.dataset.parks[c.LON].notna()["P60"]


def test_english_papers_hold_chinese_only_in_names(board: Board, dataset: Dataset, listing: Listing) -> None:
    t = words("en")
    names = [*dataset.parks[c.NAME], *dataset.hubs[c.NAME], *dataset.firms[c.SHORT_NAME].dropna()]
    for column in (c.OPERATOR, c.FOCUS, c.AREA_TEXT, c.SOURCE):
        names += list(dataset.parks[column].dropna())
    for document in (sites_document(board, CHOSEN, listing, t), enquiry(board, listing, "en")):
        lines = [document.title, document.subtitle, document.lead, *document.origin]
        for section in document.sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    lines += [*(column.title for column in block.columns), block.title, block.note]
                    lines += [cell.text for row in block.rows for cell in row]
        said = "\n".join(lines)
        for name in sorted(map(str, names), key=len, reverse=True):
            said = said.replace(name, "")
        assert HAN.findall(said) == []


def test_the_files_open(board: Board, listing: Listing) -> None:
    t = words("zh")
    document = sites_document(board, CHOSEN, listing, t, link="http://127.0.0.1/sites")
    book = load_workbook(BytesIO(document_xlsx(document)))
    sheet = book[t("sites.parks")]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not [cell for each in book for row in each.iter_rows() for cell in row if cell.data_type == "f"]
    assert [cell.value for cell in cells if isinstance(cell.value, int)][:1] == [1]
    assert document_pdf(enquiry(board, listing, "zh")).startswith(b"%PDF")


def test_the_public_is_shown_no_figure_that_is_withheld(secret_dataset: Dataset, plan: Plan) -> None:
    public = release(secret_dataset, read_viewer("public"))
    board = tally_goals(plan, public)
    chosen = Selection(sites=SitesChoices(subsector="S01"))
    found, t = listed(public, chosen), words("zh")
    near = site_neighbors(public, ["S01"], list(found.ids[:5]), year=board.year)
    withheld = set(public.firms.index[public.firms[c.SHORT_NAME].isna()])
    for park, each in near.items():
        assert each.bands[c.REVENUE_FIRMS].max() <= (public.observations[c.REVENUE_CNY].notna()).sum()
        assert each.firms.loc[each.firms.index.isin(withheld), c.REVENUE_CNY].isna().all()
        html = document_html(enquiry_document(board, chosen, park, found, each, t))
        assert "nan" not in html.lower().replace("nanshan", "")


def test_hostile_names_stay_text(plan: Plan) -> None:
    dataset = hostile_dataset()
    board = tally_goals(plan, dataset)
    parks = hostile_parks()
    chosen = Selection(sites=SitesChoices(subsector="S01", area="440305", shortlist=tuple(parks[:5])))
    found, t = listed(dataset, chosen), words("zh")
    html = document_html(sites_document(board, chosen, found, t))
    assert PAYLOADS[2] not in html
    assert "&lt;img src=x" in html
    shown = SitesOnMap(found, parks[1], site_neighbors(dataset, ["S01"], [parks[1]], year=2021)[parks[1]])
    parts = sites_map(board, chosen, tokens("light"), t, shown, notice="")
    for group in parts.groups:
        for child in group._children.values():
            options = str(getattr(child, "options", ""))
            assert "{{" not in options.replace("{{ this", "")
            assert "<script" not in options
            assert "<img" not in options

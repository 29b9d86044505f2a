"""What is taken away as a file: ``map``, ``export``, ``report``."""

from pathlib import Path
from typing import Annotated

import typer

from clusters.goals import Board
from clusters.roles import viewer_without_sign_in
from data.audit import EXPORTED
from data.dataset import Dataset
from data.durable import replacing_path
from data.errors import UnknownFormat
from data.reference import load_reference
from data.settings import settings
from data.store import version_before
from views import provenance
from views.verbs.asked import board_of, district_of
from views.verbs.noting import note_verb
from views.verbs.options import DEFAULT_PLAN, District, Json, Lang, Output, Place, PlanId, Year
from views.verbs.telling import stop, tell, words_in


def map_(
    output: Output,
    year: Year = None,
    subsector: Annotated[list[str] | None, typer.Option(help="Subsector id or name; repeat for several.")] = None,
    district: District = None,
    plan: PlanId = DEFAULT_PLAN,
    place: Place = "registered",
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """One self-contained HTML map that opens without a network."""
    t = words_in(lang)
    board = board_of(year, plan, None, place, t)
    from views.map_page import map_page
    from views.selection import Selection

    chosen = tuple(sorted(board.plan.subsector(s).id for s in subsector or []))
    district_id = district_of(board.dataset, district) or ""
    selection = Selection(year=board.year, subsectors=chosen, place=board.place, district=district_id, lang=t.language)
    page = map_page(board, selection, t, district_id=district_id)
    note_verb(EXPORTED, table="map", file=output.name, version=board.dataset.version, district=district_id)
    with replacing_path(output) as path:
        path.write_text(page, "utf-8")
    tell({"file": str(output), "bytes": output.stat().st_size, "year": board.year}, as_json)


def export(
    what: Annotated[
        str, typer.Argument(help="firms, observations, indicators, parks, hubs, districts, clusters or ground-clusters")
    ],
    output: Output,
    year: Year = None,
    plan: PlanId = DEFAULT_PLAN,
    place: Place = "registered",
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """A table as csv, xlsx, geojson, gpkg or parquet, by the suffix of the file.

    In csv a text that starts like a formula gets a leading apostrophe, which an import takes away again.
    """
    t = words_in(lang)
    from data.exporting import write_table
    from views.export_tables import EXPORTS

    if what not in EXPORTS:
        stop(t("cli.unknown_export", what=what, known=", ".join(EXPORTS)))
    board = board_of(year, plan, None, place, t)
    table = EXPORTS[what](board)
    note_verb(EXPORTED, table=what, file=output.name, version=board.dataset.version, rows=len(table))
    write_table(table, output, provenance.stamp(board, t))
    tell({"file": str(output), "rows": len(table)}, as_json)


def report(
    district: Annotated[str, typer.Argument(help="District id or name.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write: .pdf, .html or .xlsx.")],
    year: Year = None,
    plan: PlanId = DEFAULT_PLAN,
    place: Place = "registered",
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """A district's document for paper, a browser or a spreadsheet, by the suffix of the file."""
    t = words_in(lang)
    from views.document_file import FORMATS, document_file

    kind = next((kind for kind in FORMATS if output.suffix.lower() == f".{kind}"), None)
    if kind is None:
        raise UnknownFormat(output.suffix, [f".{kind}" for kind in FORMATS])
    city = board_of(year, plan, None, place, t)
    from clusters.briefing import district_briefing
    from views.district_document import district_document
    from views.selection import Selection, address_of, made_with

    asked = district_of(city.dataset, district) or ""
    found = district_briefing(city.plan, city.dataset, asked, year=city.year, place=city.place, previous=_before(city))
    chosen = Selection(year=city.year, place=city.place, district=asked, lang=t.language)
    query = made_with(chosen.query("district"), city.dataset, city.plan)
    link = address_of("district", query, base=settings().public_url)
    written = document_file(district_document(found, chosen, t, link=link), kind)
    note_verb(EXPORTED, table="report", file=output.name, version=city.dataset.version, district=asked)
    with replacing_path(output) as path:
        path.write_bytes(written)
    tell({"file": str(output), "bytes": len(written), "district": asked, "year": city.year}, as_json)


def _before(city: Board) -> Dataset | None:
    """The version before, for whoever keeps the data: what two releases differ by may be one firm."""
    keeps = viewer_without_sign_in().keeps_data
    return version_before(settings().home, city.dataset.version, load_reference()) if keeps else None

"""The house from a terminal: ``python cli.py VERB``.

Every verb takes ``--json`` (one document on stdout), exits 0 on success and 2 on bad input with one sentence on stderr.
"""

import json
import os
import sys
from dataclasses import asdict
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from clusters.goals import Board, tally_goals
from clusters.plan import open_plan
from clusters.release import visible_dataset
from clusters.roles import viewer_without_sign_in
from clusters.sign_in import sign_in
from data import columns as c
from data.audit import (
    ASKED_TO_IMPORT,
    EXPORTED,
    REFUSED,
    REFUSED_IMPORT,
    UNDONE,
    USED,
    Actor,
    at_this_machine,
    note,
    note_if_possible,
    notes,
)
from data.dataset import Dataset
from data.durable import replacing_path
from data.errors import UnknownChoice, UnknownFormat
from data.progress import Progress, unheard
from data.reference import load_reference
from data.settings import settings
from data.store import (
    current_dataset,
    current_version,
    list_versions,
    make_store,
    open_version,
    undo,
    use_version,
    version_before,
)
from views import provenance
from views.goals_json import board_document
from views.words import LANGUAGES, Language, Words, words

if TYPE_CHECKING:
    from clusters.site_records import SiteRequest
    from data.importing import Told

DEFAULT_PLAN = "shenzhen-digital-economy-2021-2023"
YEARS_AHEAD = 3
"""A gap is closed within these years where the plan has ended."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Lang = Annotated[str, typer.Option("--lang", envvar="JIQUN_LANG", help="zh or en.")]
Year = Annotated[int | None, typer.Option(help="Year of the figures; the latest well-covered one when left out.")]
PlanId = Annotated[str, typer.Option("--plan", help="Id of a plan, or the path of a plan file.")]
District = Annotated[str | None, typer.Option(help="District id or name; the whole city when left out.")]
Place = Annotated[str, typer.Option(help="Where revenue counts: registered or operating.")]
UserFile = Annotated[
    Path, typer.Argument(help="CSV, XLSX, XLS, GeoJSON, zipped Shapefile, GeoPackage, KML, Parquet or FlatGeobuf.")
]
Kind = Annotated[str | None, typer.Option(help="firms, observations, parks, boundaries, indicators or hubs.")]
Datum = Annotated[str, typer.Option(help="auto, wgs84, cgcs2000, gcj02, bd09 or an EPSG code.")]
MappingFile = Annotated[Path | None, typer.Option("--mapping", help="What the columns mean, as TOML.")]
FigureYear = Annotated[int | None, typer.Option("--year", help="Year of figures that name none.")]
Region = Annotated[
    str | None, typer.Option(help="Counties of this city, province or China (100000) by 6-digit code; else the city's.")
]
Output = Annotated[Path, typer.Option("-o", "--output", help="File to write.")]


@app.command()
def goals(
    year: Year = None,
    plan: PlanId = DEFAULT_PLAN,
    district: District = None,
    place: Place = "registered",
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """Goals of a plan and the clusters behind them."""
    t = _words(lang)
    board = _board(year, plan, district, place, t)
    document = board_document(board, t)
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))
        return
    from views.goals_text import board_text

    print(board_text(board, t))


@app.command()
def gaps(
    subsector: Annotated[str, typer.Option(help="Subsector id or name.")],
    district: District = None,
    year: Year = None,
    until: Annotated[int | None, typer.Option(help="Year by which the gap is to close; the plan's last.")] = None,
    target_cny: Annotated[int | None, typer.Option(help="Target in CNY; the next tier when left out.")] = None,
    growth: Annotated[float | None, typer.Option(help="Growth a year to assume, as 0.05; else that observed.")] = None,
    firm_cny: Annotated[int | None, typer.Option(help="Revenue of a new firm in CNY; else the sizes observed.")] = None,
    floor_m2: Annotated[float | None, typer.Option(help="Floor area that a new firm needs, m².")] = None,
    plan: PlanId = DEFAULT_PLAN,
    place: Place = "registered",
    seed: Annotated[int, typer.Option(help="The same seed gives the same intervals and chances.")] = 0,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """What would close the gap of a cluster to its next tier, in the city or in a district, and by whom it stands."""
    t = _words(lang)
    if place not in ("registered", "operating"):
        _stop(t("cli.unknown_place", place=place))
    import numpy as np

    from clusters.dependence import without_largest
    from clusters.gaps import close_gap
    from views.gaps_json import GapAnswer, gap_document
    from views.gaps_text import gap_text

    dataset, opened = visible_dataset(), open_plan(plan, *settings().plan_folders)
    district_id, subsector_id = _district(dataset, district), opened.subsector(subsector).id
    since = dataset.default_year if year is None else year
    by = until or (opened.period.end if opened.period.end > since else since + YEARS_AHEAD)
    if by <= since:
        _stop(t("cli.until_too_early", until=by, year=since))
    asked: dict[str, Any] = {"subsector_id": subsector_id, "district_id": district_id, "place": place}
    closing = close_gap(
        dataset, until=by, rng=np.random.default_rng(seed), year=since, target_cny=target_cny, growth=growth,
        firm_cny=firm_cny, floor_m2_per_firm=floor_m2, **asked,
    )  # fmt: skip
    left = without_largest(dataset, year=since, **asked)
    answer = GapAnswer(opened, dataset, subsector_id, district_id, closing, left)
    if as_json:
        print(json.dumps(gap_document(answer, t), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        print(gap_text(answer, t))


@app.command()
def sites(
    subsector: Annotated[str, typer.Option(help="Subsector id or name of the firm that looks for a site.")],
    district: District = None,
    near_m: Annotated[float, typer.Option(help="How near a firm is a neighbor, metres.")] = 3_000.0,
    within: Annotated[list[str] | None, typer.Option(help="A hub that has to be near, metro=1000; repeat.")] = None,
    area: Annotated[float | None, typer.Option(help="Area needed, m².")] = None,
    rent: Annotated[float | None, typer.Option(help="Highest rent, CNY a m² and month.")] = None,
    weight: Annotated[list[str] | None, typer.Option(help="Weight of a criterion, near_metro=3; repeat.")] = None,
    top: Annotated[int, typer.Option(help="How many parks are told in words.")] = 10,
    draws: Annotated[
        int, typer.Option(help="How many weights are drawn to see whether ranks hold; 0 for none.")
    ] = 2_000,
    seed: Annotated[int, typer.Option(help="The same number draws the same weights.")] = 0,
    grid: Annotated[
        Path | None, typer.Option(help="Write squares of the city instead: geojson, gpkg, parquet, csv or xlsx.")
    ] = None,
    mask: Annotated[Path | None, typer.Option(help="Polygons that rule squares out.")] = None,
    mask_datum: Annotated[str, typer.Option(help="auto, wgs84, gcj02, bd09 or an EPSG code.")] = "auto",
    allowed: Annotated[bool, typer.Option(help="The mask is where alone something may be built.")] = False,
    cell_m: Annotated[float, typer.Option(help="Side of a square, metres.")] = 1_000.0,
    year: Year = None,
    plan: PlanId = DEFAULT_PLAN,
    place: Place = "registered",
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """Parks ranked for a firm of a subsector, each with its reasons; or squares of the city by the same weights."""
    t = _words(lang)
    if place not in ("registered", "operating"):
        _stop(t("cli.unknown_place", place=place))
    import numpy as np

    from clusters.siting import SiteRequest, rank_sites

    dataset = visible_dataset()
    request = SiteRequest(
        subsector_id=open_plan(plan, *settings().plan_folders).subsector(subsector).id,
        year=year,
        place="operating" if place == "operating" else "registered",
        district_id=_district(dataset, district),
        near_m=near_m,
        hubs_within_m=_pairs(within, "metro=1000", t),
        min_area_m2=area,
        max_rent_cny_m2_month=rent,
        weights=_pairs(weight, "near_metro=3", t),
    )
    if grid is not None:
        told = None if mask_datum == "auto" else mask_datum
        _write_squares(dataset, request, grid, mask, told, allowed, cell_m, plan, as_json, t)
        return
    if mask is not None:
        _stop(t("cli.mask_without_grid"))
    ranking = rank_sites(dataset, request, rng=np.random.default_rng(seed) if draws else None, draws=draws)
    if as_json:
        from views.sites_json import sites_document

        print(json.dumps(sites_document(ranking, dataset, t), ensure_ascii=False, indent=1, allow_nan=False))
        return
    from views.sites_text import sites_text

    print(sites_text(ranking, dataset, t, top=top))


def _write_squares(
    dataset: Dataset,
    request: "SiteRequest",
    output: Path,
    mask_file: Path | None,
    mask_datum: str | None,
    allowed: bool,
    cell_m: float,
    plan: str,
    as_json: bool,
    t: Words,
) -> None:
    """Squares of the city with their scores, as a file."""
    from clusters.suitability import suitability
    from data.exporting import write_table
    from data.masks import read_mask
    from views.map_suitability import SquaresOnMap, mask_sentence
    from views.suitability_page import squares_stamp, squares_table

    mask = None if mask_file is None else read_mask(mask_file, areas=dataset.districts, told_datum=mask_datum)
    constraints = None if mask is None else mask.areas
    found = suitability(dataset, request, cell_m=cell_m, constraints=constraints, allowed_only=allowed)
    board = tally_goals(open_plan(plan, *settings().plan_folders), dataset, year=found.year, place=request.place)
    shown = SquaresOnMap(found, mask, "allowed" if allowed else "banned")
    _note(EXPORTED, table="squares", file=output.name, version=dataset.version)
    write_table(squares_table(found), output, squares_stamp(board, t, shown))
    report = {
        "file": str(output),
        "squares": len(found.cells),
        "ruled_out": int(found.cells[c.RULED_OUT].sum()),
        "scored": int(found.cells[c.SCORE].notna().sum()),
        "cell_m": cell_m,
        "mask": None if mask is None else mask.digest,
        "indicative": found.indicative,
        "note": mask_sentence(shown, t),
    }
    _report(report, as_json)


@app.command("map")
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
    t = _words(lang)
    board = _board(year, plan, None, place, t)
    from views.map_page import map_page
    from views.selection import Selection

    chosen = tuple(sorted(board.plan.subsector(s).id for s in subsector or []))
    district_id = _district(board.dataset, district) or ""
    selection = Selection(year=board.year, subsectors=chosen, place=board.place, district=district_id, lang=t.language)
    page = map_page(board, selection, t, district_id=district_id)
    _note(EXPORTED, table="map", file=output.name, version=board.dataset.version, district=district_id)
    with replacing_path(output) as path:
        path.write_text(page, "utf-8")
    _report({"file": str(output), "bytes": output.stat().st_size, "year": board.year}, as_json)


@app.command()
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
    t = _words(lang)
    from data.exporting import write_table
    from views.export_tables import EXPORTS

    if what not in EXPORTS:
        _stop(t("cli.unknown_export", what=what, known=", ".join(EXPORTS)))
    board = _board(year, plan, None, place, t)
    table = EXPORTS[what](board)
    _note(EXPORTED, table=what, file=output.name, version=board.dataset.version, rows=len(table))
    write_table(table, output, provenance.stamp(board, t))
    _report({"file": str(output), "rows": len(table)}, as_json)


@app.command()
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
    t = _words(lang)
    from views.document_file import FORMATS, document_file

    kind = next((kind for kind in FORMATS if output.suffix.lower() == f".{kind}"), None)
    if kind is None:
        raise UnknownFormat(output.suffix, [f".{kind}" for kind in FORMATS])
    city = _board(year, plan, None, place, t)
    from clusters.briefing import district_briefing
    from views.district_document import district_document
    from views.selection import Selection, address_of, made_with

    asked = _district(city.dataset, district) or ""
    found = district_briefing(city.plan, city.dataset, asked, year=city.year, place=city.place, previous=_before(city))
    chosen = Selection(year=city.year, place=city.place, district=asked, lang=t.language)
    query = made_with(chosen.query("district"), city.dataset, city.plan)
    link = address_of("district", query, base=settings().public_url)
    written = document_file(district_document(found, chosen, t, link=link), kind)
    _note(EXPORTED, table="report", file=output.name, version=city.dataset.version, district=asked)
    with replacing_path(output) as path:
        path.write_bytes(written)
    _report({"file": str(output), "bytes": len(written), "district": asked, "year": city.year}, as_json)


@app.command()
def synthesize(
    firms: Annotated[int, typer.Option(help="How many firms.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write, or a folder with --partitions.")],
    seed: Annotated[int, typer.Option(help="The same number and seed give the same register.")] = 0,
    partitions: Annotated[
        int | None, typer.Option(help="Write so many Parquet files into a folder, one in memory at a time.")
    ] = None,
    region: Region = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """A made-up register in the shape of the reference data, marked synthetic in every row; parquet or csv."""
    t = _words(lang)
    if partitions is not None:
        _write_partitions(output, firms, seed, partitions, region, as_json)
        return
    if region is not None:
        _stop(t("cli.region_needs_partitions"))
    from data.synthetic import synthesize as made_up
    from data.synthetic import write_register

    register = made_up(firms, seed, load_reference())
    with replacing_path(output) as path:
        write_register(register, path)
    _report({"file": str(output), "rows": len(register), "seed": seed, "synthetic": True}, as_json)


def _write_partitions(folder: Path, firms: int, seed: int, partitions: int, region: str | None, as_json: bool) -> None:
    """A made-up register in a folder."""
    from data.synthetic_parts import write_parts
    from geo.boundaries import load_region

    written = write_parts(
        folder, firms, seed, load_reference(), parts=partitions, engine=settings().engine,
        region=None if region is None else load_region(region), progress=_told_on_terminal(),
    )  # fmt: skip
    told = {"folder": str(folder), "files": partitions, "rows": firms, "bytes": written}
    _report({**told, "seed": seed, "synthetic": True}, as_json)


@app.command()
def check(
    file: UserFile,
    kind: Kind = None,
    datum: Datum = "auto",
    mapping: MappingFile = None,
    year: FigureYear = None,
    refused: Annotated[
        Path | None, typer.Option(help="Write the refused rows here, with reasons; xlsx or csv.")
    ] = None,
    save_mapping: Annotated[Path | None, typer.Option(help="Write what was understood here, as TOML.")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """What a file would bring: rows accepted, repaired, refused and why, the datum, open questions. Writes nothing."""
    t = _words(lang)
    from data.check_report import check_document, write_refused
    from data.findings import Effect
    from data.importing import check_file
    from data.mapping_files import save_mapping as write_mapping
    from views.check_text import check_json, check_lines
    from views.finding_words import reasons_by_row

    checked = check_file(file, _told(kind, datum, mapping, year), current_dataset())
    if refused is not None:
        reasons = reasons_by_row(checked.findings.of(Effect.REFUSED).to_pylist(), t)
        write_refused(checked, refused, reasons)
    if save_mapping is not None:
        write_mapping(checked.mapping, save_mapping)
    document = check_document(checked)
    if as_json:
        print(json.dumps(check_json(document, t), ensure_ascii=False, indent=1, allow_nan=False))
        return
    print("\n".join(check_lines(document, t)))


@app.command("import")
def import_(
    file: UserFile,
    kind: Kind = None,
    datum: Datum = "auto",
    mapping: MappingFile = None,
    year: FigureYear = None,
    merge: Annotated[bool, typer.Option("--merge", help="Upsert into what there is, instead of replacing it.")] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """A file as a new version of the data, which becomes the current one; prints its id."""
    _words(lang)
    from data.importing import import_file, note_import

    told, home = _told(kind, datum, mapping, year, merge=merge), settings().home
    _note(ASKED_TO_IMPORT, file=file.name)
    try:
        record = import_file(file, told, home, progress=_told_on_terminal())
    except ValueError as error:
        note_if_possible(home, _actor(), REFUSED_IMPORT, file=file.name, outcome=type(error).__name__)
        raise
    note_import(home, _actor(), record)
    print(json.dumps(asdict(record), ensure_ascii=False) if as_json else record.id)


@app.command()
def versions(
    diff: Annotated[str | None, typer.Option(help="Two versions, as 1..2: what sets them apart.")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """Every version of the data; the current one is marked."""
    t = _words(lang)
    if diff is not None:
        _print_differences(diff, as_json, t)
        return
    current, records = current_version(settings().home), list_versions(settings().home, load_reference())
    if as_json:
        print(json.dumps({"current": current, "versions": [asdict(r) for r in records]}, ensure_ascii=False, indent=1))
        return
    from views.versions_text import version_lines

    print("\n".join(version_lines(records, current, t)))


@app.command()
def use(
    version: Annotated[str, typer.Argument(help="Id of a version; 0 is the bundled set.")],
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """Make a version the current one, for every page and verb."""
    _words(lang)
    _note(USED, version=version)
    use_version(settings().home, version)
    _report({"version": version}, as_json)


@app.command("undo")
def undo_(as_json: Json = False, lang: Lang = "zh") -> None:
    """Back to the version that was current before the current one was imported; use goes forward again."""
    _words(lang)
    _note(UNDONE)
    _report({"version": undo(settings().home)}, as_json)


@app.command()
def audit(
    since: Annotated[str, typer.Option(help="First day or moment, in UTC: 2026-11, 2026-11-28 or 2026-11-28T08.")] = "",
    who: Annotated[str, typer.Option(help="Part of the id or the name of a person.")] = "",
    what: Annotated[str, typer.Option(help="Kind of event, as export or sign_in.")] = "",
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """Who brought, changed, took or looked at what; the oldest first."""
    t = _words(lang)
    if not viewer_without_sign_in().keeps_data:
        _stop(t("cli.audit_keepers_only"))
    found = notes(settings().home, since=since, who=who, what=what)
    if as_json:
        print(json.dumps(list(found), ensure_ascii=False, indent=1))
        return
    from views.audit_text import audit_line

    for one in found:
        print(audit_line(one))


@app.command()
def migrate(as_json: Json = False, lang: Lang = "zh") -> None:
    """Bring the database of the versions to the schema of this release; nothing to do where versions are files."""
    _words(lang)
    before, after = make_store(settings().home)
    _report({"before": before, "after": after}, as_json)


@app.command()
def locate(
    file: Annotated[
        Path, typer.Argument(help="Parquet file with a longitude and a latitude, WGS84, or a folder of such files.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write, or a folder for a folder.")],
    lon: Annotated[str, typer.Option(help="Column with the longitude.")] = c.LON,
    lat: Annotated[str, typer.Option(help="Column with the latitude.")] = c.LAT,
    as_json: Json = False,
) -> None:
    """The same rows with district_id (null outside) and park_ids (parks within 500 m).

    Of a folder every file becomes one, by JIQUN_ENGINE; started again, it goes on where it stopped.
    """
    if file.is_dir():
        from data.locating_folder import locate_folder
        from data.outlines import outlines_of

        city = load_reference()
        told = locate_folder(
            file, output, outlines_of(city.districts, city.parks), lon=lon, lat=lat, engine=settings().engine,
            progress=_told_on_terminal(),
        )  # fmt: skip
        _report({"folder": str(output), **told}, as_json)
        return
    from data.locating import locate_file

    with replacing_path(output) as path:
        told = locate_file(file, path, load_reference(), lon=lon, lat=lat)
    _report({"file": str(output), **told}, as_json)


@app.command()
def backup(output: Output, as_json: Json = False, lang: Lang = "zh") -> None:
    """The whole workspace in one file, .tar.zst or .tar.gz, while the app runs; it holds withheld figures too."""
    _words(lang)
    from data.backup import write_backup

    _report(write_backup(settings().home, output), as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that backup wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of a workspace that is not empty; it stays beside.")
    ] = False,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """The workspace as a backup has it, whole or not at all; start the app again afterwards."""
    _words(lang)
    from data.restore import restore_backup

    _report(restore_backup(file, settings().home, replace=replace), as_json)


@app.command()
def totals(
    register: Annotated[Path, typer.Argument(help="Folder of Parquet files, or one file: firm_id, lon, lat, revenue.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write area × subsector × year here: parquet, csv or xlsx.")
    ] = None,
    region: Region = None,
    year: Annotated[int | None, typer.Option(help="Year of the totals that are told; the latest.")] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """Firms and revenue by area, subsector and year of a register of any size, counted where the points lie.

    The work is shared out by partitions, by JIQUN_ENGINE. These are your own files: no figure is withheld.
    """
    t = _words(lang)
    from data.exporting import write_table
    from data.outlines import outlines_of
    from data.partition_cube import count_partitions
    from data.partitions import partitions_of
    from geo.boundaries import load_region
    from views.totals_text import totals_document, totals_text

    areas = load_reference().districts if region is None else load_region(region)
    partitions = partitions_of(register)
    counted = count_partitions(partitions, outlines_of(areas), engine=settings().engine, progress=_told_on_terminal())
    years = sorted(int(one) for one in counted.cube[c.YEAR].unique())
    if not years or year not in (None, *years):
        raise UnknownChoice("year", year, years)
    if output is not None:
        write_table(counted.cube, output, {c.SYNTHETIC: counted.synthetic})
    document = totals_document(counted, areas[c.NAME], partitions=len(partitions), year=year or years[-1])
    print(json.dumps(document, ensure_ascii=False, indent=1) if as_json else totals_text(document, t))


@app.command()
def serve(port: Annotated[int | None, typer.Option(help="Port; JIQUN_PORT or 8501 when left out.")] = None) -> None:
    """The app and its HTTP routes."""
    from geo.web_assets import check_fetched

    check_fetched()
    from app import run

    run(port or settings().port)


def _told(kind: str | None, datum: str, mapping: Path | None, year: int | None, *, merge: bool = False) -> "Told":
    """What the options say beside a file."""
    from data.importing import Told
    from data.mapping import TableKind
    from data.mapping_files import load_mapping
    from geo.datums import read_datum

    if kind is not None and kind not in tuple(TableKind):
        raise UnknownChoice("kind", kind, tuple(TableKind))
    return Told(
        kind=None if kind is None else TableKind(kind),
        datum=None if datum == "auto" else read_datum(datum).value,
        year=year,
        merge=merge,
        mapping=None if mapping is None else load_mapping(mapping),
    )


def _told_on_terminal() -> Progress:
    """Stages of long work on stderr, when a person looks at it."""
    if not sys.stderr.isatty():
        return unheard

    def tell(stage: str, done: int, total: int) -> None:
        print(f"\r\033[K{stage} {done:,}{f' / {total:,}' if total else ''}", end="", file=sys.stderr, flush=True)

    return tell


def _actor() -> Actor:
    return at_this_machine(str(viewer_without_sign_in()))


def _note(what: str, **facts: object) -> None:
    """Note what a verb is about to do; where people sign in it is not done when it cannot be noted."""
    (note if sign_in() else note_if_possible)(settings().home, _actor(), what, **facts)


def _print_differences(asked: str, as_json: bool, t: Words) -> None:
    before, dots, after = asked.partition("..")
    if not (before and dots and after):
        _stop(t("cli.unknown_range", range=asked))
    from data.differences import compare_versions
    from views.differences_text import differences_document, differences_text

    if not viewer_without_sign_in().keeps_data:  # what two releases differ by may be one firm
        note_if_possible(settings().home, _actor(), REFUSED, name="versions --diff", version=asked)
        _stop(t("cli.keepers_only"))
    old, new = (open_version(settings().home, version, load_reference()) for version in (before, after))
    found = compare_versions(old, new)
    if as_json:
        print(json.dumps(differences_document(found), ensure_ascii=False, indent=1))
    else:
        print(differences_text(found, new, t))


def _board(year: int | None, plan: str, district: str | None, place: str, t: Words) -> Board:
    if place not in ("registered", "operating"):
        _stop(t("cli.unknown_place", place=place))
    dataset = visible_dataset()
    opened = open_plan(plan, *settings().plan_folders)
    return tally_goals(opened, dataset, year=year, district_id=_district(dataset, district), place=place)


def _before(city: Board) -> Dataset | None:
    """The version before, for whoever keeps the data: what two releases differ by may be one firm."""
    keeps = viewer_without_sign_in().keeps_data
    return version_before(settings().home, city.dataset.version, load_reference()) if keeps else None


def _district(dataset: Dataset, asked: str | None) -> str | None:
    """District by id, name or short name."""
    if asked is None:
        return None
    for column in (c.DISTRICT_ID, c.NAME, c.LABEL_ZH, c.NAME_EN, c.LABEL_EN):
        found = dataset.districts.index[dataset.districts[column] == asked]
        if len(found):
            return str(found[0])
    from clusters.errors import UnknownDistrict

    raise UnknownDistrict(asked, list(dataset.districts.index))


def _pairs(asked: list[str] | None, example: str, t: Words) -> tuple[tuple[str, float], ...]:
    """Names with their numbers, written as ``name=number``."""
    found = []
    for text in asked or ():
        name, _, number = text.partition("=")
        try:
            found.append((name.strip(), float(number)))
        except ValueError:
            _stop(t("cli.unknown_pair", text=text, example=example))
    return tuple(found)


def _words(lang: str) -> Words:
    if lang not in LANGUAGES:
        _stop(f"--lang {lang!r}: zh / en")
    return words(lang)


def _report(document: dict[str, Any], as_json: bool) -> None:
    print(json.dumps(document, ensure_ascii=False) if as_json else " · ".join(f"{k} {v}" for k, v in document.items()))


def _stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise SystemExit(2)


def main() -> None:
    """Run a verb; bad input ends in one sentence and exit code 2. Both streams are UTF-8, whatever the console says."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    try:
        code = app(standalone_mode=False) if sys.argv[1:] else app()
        if code == INTERRUPTED:  # Typer has taken Ctrl-C and says nothing
            print("\n" + words(_language_asked())("cli.stopped"), file=sys.stderr)
        sys.exit(code)
    except typer.TyperException as error:  # a verb, option or value that Typer does not know
        _stop(" ".join(getattr(error, "format_message", error.__str__)().split()))
    except (ValueError, OSError) as error:
        from views.error_words import sentence

        _stop(sentence(error, words(_language_asked())))


def _language_asked() -> Language:
    """Language of the command line, or else of the environment; for errors that end a verb before it knows its own."""
    asked = [after for option, after in pairwise((*sys.argv, "")) if option == "--lang"]
    asked += [word.removeprefix("--lang=") for word in sys.argv if word.startswith("--lang=")]
    return "en" if (asked or [os.environ.get("JIQUN_LANG", "")])[-1] == "en" else "zh"


if __name__ == "__main__":
    main()

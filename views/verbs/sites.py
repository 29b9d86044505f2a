"""Where a firm may settle: ``sites``, parks ranked or squares of the city."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clusters.goals import tally_goals
from clusters.plan import open_plan
from clusters.release import visible_dataset
from data import columns as c
from data.audit import EXPORTED
from data.dataset import Dataset
from data.settings import settings
from views.verbs.asked import district_of, pairs
from views.verbs.noting import note_verb
from views.verbs.options import DEFAULT_PLAN, District, Json, Lang, Place, PlanId, Year
from views.verbs.telling import stop, tell, words_in
from views.words import Words

if TYPE_CHECKING:
    from clusters.site_records import SiteRequest


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
    t = words_in(lang)
    if place not in ("registered", "operating"):
        stop(t("cli.unknown_place", place=place))
    import numpy as np

    from clusters.siting import SiteRequest, rank_sites

    dataset = visible_dataset()
    request = SiteRequest(
        subsector_id=open_plan(plan, *settings().plan_folders).subsector(subsector).id,
        year=year,
        place="operating" if place == "operating" else "registered",
        district_id=district_of(dataset, district),
        near_m=near_m,
        hubs_within_m=pairs(within, "metro=1000", t),
        min_area_m2=area,
        max_rent_cny_m2_month=rent,
        weights=pairs(weight, "near_metro=3", t),
    )
    if grid is not None:
        told = None if mask_datum == "auto" else mask_datum
        _write_squares(dataset, request, grid, mask, told, allowed, cell_m, plan, as_json, t)
        return
    if mask is not None:
        stop(t("cli.mask_without_grid"))
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
    note_verb(EXPORTED, table="squares", file=output.name, version=dataset.version)
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
    tell(report, as_json)

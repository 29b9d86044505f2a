"""Registers of any size that stay files: ``synthesize`` one, ``locate`` its rows, ``totals`` of it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from data import columns as c
from data.durable import replacing_path
from data.errors import UnknownChoice
from data.reference import load_reference
from data.settings import settings
from views.verbs.options import Json, Lang, Region
from views.verbs.telling import stop, tell, told_on_terminal, words_in


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
    t = words_in(lang)
    if partitions is not None:
        _write_partitions(output, firms, seed, partitions, region, as_json)
        return
    if region is not None:
        stop(t("cli.region_needs_partitions"))
    from data.synthetic import synthesize as made_up
    from data.synthetic import write_register

    register = made_up(firms, seed, load_reference())
    with replacing_path(output) as path:
        write_register(register, path)
    tell({"file": str(output), "rows": len(register), "seed": seed, "synthetic": True}, as_json)


def _write_partitions(folder: Path, firms: int, seed: int, partitions: int, region: str | None, as_json: bool) -> None:
    """A made-up register in a folder."""
    from data.synthetic_parts import write_parts
    from geo.boundaries import load_region

    written = write_parts(
        folder, firms, seed, load_reference(), parts=partitions, engine=settings().engine,
        region=None if region is None else load_region(region), progress=told_on_terminal(),
    )  # fmt: skip
    told = {"folder": str(folder), "files": partitions, "rows": firms, "bytes": written}
    tell({**told, "seed": seed, "synthetic": True}, as_json)


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
            progress=told_on_terminal(),
        )  # fmt: skip
        tell({"folder": str(output), **told}, as_json)
        return
    from data.locating import locate_file

    with replacing_path(output) as path:
        told = locate_file(file, path, load_reference(), lon=lon, lat=lat)
    tell({"file": str(output), **told}, as_json)


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
    t = words_in(lang)
    from data.exporting import write_table
    from data.outlines import outlines_of
    from data.partition_cube import count_partitions
    from data.partitions import partitions_of
    from geo.boundaries import load_region
    from views.totals_text import totals_document, totals_text

    areas = load_reference().districts if region is None else load_region(region)
    partitions = partitions_of(register)
    counted = count_partitions(partitions, outlines_of(areas), engine=settings().engine, progress=told_on_terminal())
    years = sorted(int(one) for one in counted.cube[c.YEAR].unique())
    if not years or year not in (None, *years):
        raise UnknownChoice("year", year, years)
    if output is not None:
        write_table(counted.cube, output, {c.SYNTHETIC: counted.synthetic})
    document = totals_document(counted, areas[c.NAME], partitions=len(partitions), year=year or years[-1])
    print(json.dumps(document, ensure_ascii=False, indent=1) if as_json else totals_text(document, t))

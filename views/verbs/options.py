"""Options that several verbs share, each with its words of ``--help``."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_PLAN = "shenzhen-digital-economy-2021-2023"

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

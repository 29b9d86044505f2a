"""GeoPackage: an SQLite file, whose schema is read before GDAL opens it.

A view may call any function when it is read. Only tables are layers here, and a schema that asks for an extension, for
files or for a module that a GeoPackage has no need of is refused.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from data.readers.answer import Answer, Described
from data.readers.layers import first_filled, read_features
from data.readers.limits import Limits
from data.readers.raw_table import ReadOptions
from data.readers.refusing import Refusal

_UNSAFE = re.compile(r"load_extension|readfile|writefile|fts3_tokenizer|\battach\b|\bpragma", re.IGNORECASE)
_MODULE = re.compile(r"create\s+virtual\s+table\b.*?\busing\s+[\"'`\[]?(\w+)", re.IGNORECASE | re.DOTALL)
_MODULES = {"rtree", "fts3", "fts4", "fts5"}
_LAYERS = "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes', 'aspatial')"


def read_geopackage(path: Path, options: ReadOptions, limits: Limits, answer: Answer) -> Described:
    """Read one layer into the answer: the one that is named, or the first that has a feature."""
    names = layers_of(path)
    if options.layer is not None and options.layer not in names:
        raise Refusal("no_such_layer", layer=options.layer, known=", ".join(names))
    layer = options.layer or first_filled(path, names)
    if layer is None:
        raise Refusal("no_rows" if names else "no_layer")
    described = read_features(path, limits, answer, layer=layer)
    described.facts |= {"layer": layer, "layers": "\n".join(names)}
    return described


def layers_of(path: Path) -> list[str]:
    """Names of the tables that are layers.

    Raises
    ------
    Refusal
        ``unsafe_sql``, ``damaged``, or ``unsupported`` for another SQLite file.
    """
    _check_length(path)
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            schema = database.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
            for kind, name, sql in schema:
                _check_sql(kind, name, sql)
            tables = {name for kind, name, _ in schema if kind == "table"}
            if "gpkg_contents" not in tables:
                raise Refusal("unsupported", what="SQLite")
            return [name for (name,) in database.execute(_LAYERS) if name in tables]
    except (sqlite3.Error, UnicodeError) as problem:
        raise Refusal("damaged") from problem


def _check_length(path: Path) -> None:
    """Refuse a file that was cut: what is left of it would be read without a word about the rest."""
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100:
        raise Refusal("damaged")
    page, pages = int.from_bytes(header[16:18]), int.from_bytes(header[28:32])
    # the count of pages holds when the last writer kept it; a page size of 1 stands for 65,536
    if header[24:28] == header[92:96] and pages * (65_536 if page == 1 else page) > path.stat().st_size:
        raise Refusal("damaged")


def _check_sql(kind: str, name: str, sql: str) -> None:
    module = _MODULE.search(sql)
    replaced = kind in ("view", "trigger") and name.lower().startswith("gpkg_contents")
    if replaced or (kind != "table" and _UNSAFE.search(sql)) or (module and module[1].lower() not in _MODULES):
        raise Refusal("unsafe_sql", name=name)

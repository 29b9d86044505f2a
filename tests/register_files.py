"""Registers of tests kept without the way through reader and checks: our own columns, as ``synthesize`` writes them."""

import hashlib
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data import columns as c
from data.brought import About, Brought
from data.dataset import Dataset, Status
from data.errors import BadTable
from data.mapping import TableKind
from data.register import CODES, OF_FIRMS, TEXT, Register, build_register, by_firm_id, canonical, check_columns
from data.store import commit
from data.version_files import VersionRecord

NEEDED = (c.FIRM_ID, c.NAME, c.SUBSECTOR_ID, c.LON, c.LAT, c.YEAR, c.REVENUE_CNY)
_OF_YEAR = re.compile(r"revenue_(\d{4})_cny")


def import_register(path: Path, home: Path, reference: Dataset) -> VersionRecord:
    """Make a register a new version, and the current one; see ``read_register`` and ``data.store.commit``."""
    return commit(home, reference, _read_brought(path))


def read_register(path: Path, reference: Dataset) -> Register:
    """Read and check a register.

    Parameters
    ----------
    path : Path
        Parquet, with columns of ``data.columns``.
    reference : Dataset
        Its districts place the firms whose row names none.

    Raises
    ------
    MissingColumns
        When a column that every register needs is not there.
    BadTable
        When columns or rows break the rules; all faults of the rows at once.
    """
    firms, observations, sha256 = _read_tables(path)
    return build_register(firms, observations, reference, sha256[:8], name=path.name)


def _read_brought(path: Path) -> Brought:
    firms, observations, sha256 = _read_tables(path)
    return Brought(
        About(TableKind.FIRMS, path.name, sha256, accepted=len(firms)), firms=firms, observations=observations
    )


def _read_tables(path: Path) -> tuple[pa.Table, pa.Table, str]:
    """Firms, observations, and the SHA-256 of the file."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            schema = pq.read_schema(file)
            of_year = [name for name in schema.names if _OF_YEAR.fullmatch(name)]
            numbers = dict.fromkeys((str(c.YEAR), str(c.REVENUE_CNY), *of_year), "whole numbers")
            check_columns(path.name, schema, OF_FIRMS | numbers, needed=NEEDED)
            codes = [name for name in CODES if name in schema.names and not pa.types.is_null(schema.field(name).type)]
            with pq.ParquetFile(file, read_dictionary=codes) as parquet:
                raw = parquet.read()
            raw.validate(full=True)
            firms = [name for name in raw.column_names if name not in numbers]
            kept = canonical(raw.select(firms), OF_FIRMS)
            for name in numbers:
                kept = kept.append_column(name, raw[name].cast(pa.int64()))
        except pa.ArrowException as error:
            raise BadTable(path.name, [str(error)]) from error
    del raw
    kept = by_firm_id(kept)
    years = set(pc.unique(kept[c.YEAR]).drop_null().to_pylist())
    if twice := [name for name in of_year if _year_of(name) in years]:
        raise BadTable(path.name, [f"year {_year_of(twice[0])} stands in column {c.YEAR!r} and in {twice[0]!r}"])
    return kept.select(firms), _observations(kept, sorted(of_year)), sha256


def _year_of(column: str) -> int:
    found = _OF_YEAR.fullmatch(column)
    return int(found.group(1)) if found else 0


def _observations(raw: pa.Table, of_year: list[str]) -> pa.Table:
    """Observations by year and firm, as far as the rows of one file stand by firm."""
    when = np.asarray(pc.fill_null(raw[c.YEAR], 0))
    rows, years, amounts = [], [], []
    for name in (c.REVENUE_CNY, *of_year):
        year = _year_of(name)
        seen = np.asarray(pc.is_valid(raw[name])) & (np.asarray(pc.is_valid(raw[c.YEAR])) if not year else True)
        rows.append(np.flatnonzero(seen))
        years.append(np.full(int(seen.sum()), year) if year else when[seen])
        amounts.append(np.asarray(pc.fill_null(raw[name], 0))[seen])
    year_of = np.concatenate(years)
    order = np.argsort(year_of, kind="stable")
    row = pa.array(np.concatenate(rows).astype(np.int32)[order])
    made_up = pc.fill_null(raw[c.SYNTHETIC], False) if c.SYNTHETIC in raw.column_names else np.zeros(len(raw), bool)
    scope = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(len(row), np.int8), mask=~np.asarray(made_up)[row]), pa.array(["synthetic"], TEXT)
    )
    status = pa.array([str(Status.UNVERIFIED)], TEXT)
    columns = {
        c.FIRM_ID: pa.DictionaryArray.from_arrays(row, raw[c.FIRM_ID].combine_chunks()),
        c.YEAR: year_of[order],
        c.REVENUE_CNY: np.concatenate(amounts)[order],
        c.SCOPE: scope,
        c.STATUS: pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(row), np.int8)), status),
    }
    if c.SOURCE in raw.column_names:
        columns[c.SOURCE] = raw[c.SOURCE].take(row)
    return pa.table(columns)

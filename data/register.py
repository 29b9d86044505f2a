"""A register of firms in a Parquet file with our own columns, checked and turned into the tables of a version.

One row is a firm; ``year`` and ``revenue_cny`` are its latest observation, ``revenue_2019_cny`` and the like those of
other years; ``subsector_weights`` may split a firm. Nothing is repaired here: a file with a fault is refused in one
sentence that names every fault. Firms are kept by ascending id, so that a look-up may bisect, and observations by year
and firm.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data import columns as c
from data.dataset import Dataset, Status
from data.errors import BadTable, MissingColumns, NotParquet
from data.firm_points import PRECISIONS
from data.reference import subsector_ids
from data.weights import weight_problems
from geo.locate import locate_areas

TEXT = pa.large_string()
TEXTS = (c.FIRM_ID, c.NAME, c.SHORT_NAME, c.ADDRESS, c.PLACE_EVIDENCE, c.PLACE_CONFLICT, c.OFFICE_NOTE, c.NOTES)
CODES = (c.SUBSECTOR_ID, c.REGISTERED_DISTRICT_ID, c.OPERATING_DISTRICT_ID, c.LOCATION_PRECISION, c.PLACE_ID, c.LISTED,
         c.SUBSECTOR_BASIS, c.SUBSECTOR_WEIGHTS, c.CONFIDENTIALITY, c.STATUS, c.SOURCE)  # fmt: skip
NUMBERS = {c.LON: pa.float64(), c.LAT: pa.float64(), c.YEAR: pa.int64(), c.REVENUE_CNY: pa.int64()}
NEEDED = (c.FIRM_ID, c.NAME, c.SUBSECTOR_ID, *NUMBERS)
FIRST_YEAR, LAST_YEAR = 1900, 2100
MOST_CODES = 2**15 - 1
_OF_YEAR = re.compile(r"revenue_(\d{4})_cny")

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Register:
    """What a file holds.

    Attributes
    ----------
    firms : pyarrow.Table
        By ascending firm_id; texts, dictionaries of few texts, degrees (NaN without a place), ``synthetic``.
    observations : pyarrow.Table
        By year, then firm: firm_number (row number in ``firms``), year, revenue_cny, scope, status, source.
    digest : str
        First 8 hexadecimal digits of a SHA-256 over the file.
    """

    firms: pa.Table
    observations: pa.Table
    digest: str

    @property
    def synthetic(self) -> bool:
        """Whether any firm is made up."""
        return bool(pc.any(self.firms[c.SYNTHETIC]).as_py())


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
    NotParquet
    BadTable
        When columns or rows break the rules; all faults at once.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:8]
        try:
            with pq.ParquetFile(file) as parquet:
                _check_columns(path.name, parquet.schema_arrow)
                raw = parquet.read()
            raw.validate(full=True)
            raw = _by_firm_id(_canonical(raw))
        except pa.ArrowException as error:
            raise NotParquet(path.name, error) from error
    districts = sorted([*map(str, reference.districts.index), c.OUTSIDE, c.UNPLACED])
    if problems := list(_problems(raw, districts)):
        raise BadTable(path.name, problems)
    firms = _firms(raw, reference, districts)
    return Register(firms, _observations(raw, firms), digest)


def _check_columns(name: str, schema: pa.Schema) -> None:
    """Raise one error for columns that are missing, unknown or of a wrong type."""
    if missing := [column for column in NEEDED if column not in schema.names]:
        raise MissingColumns(name, missing, schema.names)
    problems = [f"column {n!r} stands twice" for n in sorted({n for n in schema.names if schema.names.count(n) > 1})]
    for field in schema:
        if field.name in TEXTS or field.name in CODES:
            kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
            right, expected = pa.types.is_string(kind) or pa.types.is_large_string(kind), "text"
        elif field.name in (c.LON, c.LAT):
            right, expected = pa.types.is_floating(field.type), "degrees"
        elif field.name in (c.YEAR, c.REVENUE_CNY) or _OF_YEAR.fullmatch(field.name):
            right, expected = pa.types.is_integer(field.type), "whole numbers"
        else:
            right, expected = field.name == c.SYNTHETIC and pa.types.is_boolean(field.type), "no such column"
        if not right and not pa.types.is_null(field.type):
            problems.append(f"column {field.name!r} came as {field.type}; expected {expected}")
    if problems:
        raise BadTable(name, problems)


def _canonical(raw: pa.Table) -> pa.Table:
    """Every column in the one type that we keep it in."""
    columns = {}
    for name, column in zip(raw.column_names, raw.columns, strict=True):
        other = pa.bool_() if name == c.SYNTHETIC else pa.int64() if _OF_YEAR.fullmatch(name) else TEXT
        plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        columns[name] = plain.cast(NUMBERS.get(name, other))
    return pa.table(columns).combine_chunks()


def _by_firm_id(raw: pa.Table) -> pa.Table:
    return raw if _ascends(raw[c.FIRM_ID]) else raw.take(pc.sort_indices(raw[c.FIRM_ID])).combine_chunks()


def _ascends(ids: pa.ChunkedArray) -> bool:
    """Whether each id is there and comes after the one before, so that none stands twice."""
    return not ids.null_count and pc.all(pc.greater(ids[1:], ids[:-1]), min_count=0).as_py() is True


def _problems(raw: pa.Table, districts: Sequence[str]) -> Iterator[str]:
    """Everything that is wrong with the rows, with an example of each."""
    ids = raw[c.FIRM_ID]
    if not len(raw):
        yield "no row"
        return
    for column in (c.FIRM_ID, c.NAME):
        if empty := int(pc.sum(pc.fill_null(pc.equal(raw[column], ""), True)).as_py()):
            yield f"{empty} rows without {column}"
    if not ids.null_count and not _ascends(ids):
        again = np.flatnonzero(np.asarray(pc.equal(ids[1:], ids[:-1])))
        yield f"{_example(c.FIRM_ID, ids[int(again[0])].as_py())} stands twice ({len(again)} such rows)"
    known = {
        c.SUBSECTOR_ID: subsector_ids(),
        c.REGISTERED_DISTRICT_ID: [d for d in districts if d not in (c.OUTSIDE, c.UNPLACED)],
        c.OPERATING_DISTRICT_ID: [d for d in districts if d != c.UNPLACED],
        c.LOCATION_PRECISION: PRECISIONS,
        c.STATUS: tuple(map(str, Status)),
    }
    for column, values in known.items():
        if column in raw.column_names:
            given = raw[column]
            strange = given.filter(pc.and_(pc.is_valid(given), pc.invert(pc.is_in(given, pa.array(values, TEXT)))))
            if len(strange):
                yield f"{_example(column, strange[0].as_py())} is none of {', '.join(values)} ({len(strange)} rows)"
    yield from weight_problems(raw, subsector_ids())
    lon, lat = _degrees(raw, c.LON), _degrees(raw, c.LAT)
    beyond = (np.abs(lon) > 180) | (np.abs(lat) > 90)
    if wrong := int((beyond | (np.isnan(lon) != np.isnan(lat))).sum()):
        yield f"{wrong} rows whose lon and lat are no place in degrees"
    yield from _problems_of_revenue(raw)


def _example(column: str, value: str) -> str:
    """A value of a column, short enough for a sentence."""
    return f"{column} {value[:40]!r}"


def _problems_of_revenue(raw: pa.Table) -> Iterator[str]:
    years, other = pc.unique(raw[c.YEAR]).drop_null().to_pylist(), _other_years(raw)
    if wrong := sorted(y for y in {*years, *other} if not FIRST_YEAR <= y <= LAST_YEAR):
        yield f"year {wrong[0]} is not from {FIRST_YEAR} to {LAST_YEAR}"
    if twice := sorted(set(years) & set(other)):
        yield f"year {twice[0]} stands in column {c.YEAR!r} and in {other[twice[0]]!r}"
    columns = [raw[name] for name in (c.REVENUE_CNY, *other.values())]
    if not any(len(column) - column.null_count for column in columns):
        yield "no row with revenue"
    if sum(pc.sum(pc.abs(column.cast(pa.float64(), safe=False))).as_py() or 0.0 for column in columns) >= 2.0**62:
        yield "revenues that add up to more CNY than can be counted"


def _other_years(raw: pa.Table) -> dict[int, str]:
    """Year and name of each column with the revenue of another year, ascending."""
    found = (_OF_YEAR.fullmatch(name) for name in raw.column_names)
    return dict(sorted((int(match.group(1)), match.group()) for match in found if match))


def _degrees(raw: pa.Table, column: str) -> NDArray[np.float64]:
    """Degrees as they stand; what is no number is NaN."""
    numbers = np.asarray(pc.fill_null(raw[column], float("nan")), np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _firms(raw: pa.Table, reference: Dataset, districts: Sequence[str]) -> pa.Table:
    lon, lat = _degrees(raw, c.LON), _degrees(raw, c.LAT)
    given = {name: raw[name] for name in (*TEXTS, *CODES) if name in raw.column_names}
    given[c.SHORT_NAME] = pc.coalesce(given.get(c.SHORT_NAME, pa.scalar(None, TEXT)), given[c.NAME])
    nothing = pa.chunked_array([pa.nulls(len(raw), TEXT)])
    precision = pa.array(np.where(np.isnan(lon), "none", "exact").tolist(), TEXT)
    given[c.LOCATION_PRECISION] = pc.coalesce(given.get(c.LOCATION_PRECISION, nothing), precision)
    given.setdefault(c.OPERATING_DISTRICT_ID, nothing)
    registered = given.get(c.REGISTERED_DISTRICT_ID, nothing)
    bare = np.flatnonzero(np.asarray(pc.is_null(registered)))
    found = np.full(len(raw), None, object)
    found[bare] = locate_areas(lon[bare], lat[bare], reference.districts)
    given[c.REGISTERED_DISTRICT_ID] = pc.coalesce(registered, pa.array(found, TEXT))
    known = {c.REGISTERED_DISTRICT_ID: districts, c.OPERATING_DISTRICT_ID: districts, c.SUBSECTOR_ID: subsector_ids()}
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        name: _coded(column, known.get(name)) if name in CODES else column for name, column in given.items()
    }
    made_up = pc.fill_null(raw[c.SYNTHETIC], False) if c.SYNTHETIC in raw.column_names else np.zeros(len(raw), bool)
    return pa.table({**columns, c.LON: lon, c.LAT: lat, c.SYNTHETIC: made_up}).combine_chunks()


def _coded(texts: pa.ChunkedArray, known: Sequence[str] | None = None) -> pa.Array | pa.ChunkedArray:
    """Texts as a dictionary with one or two bytes a row, in ascending order of the texts; many texts stay as they are.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray
    known : sequence of str, optional
        All texts that there may be; those that occur when left out.
    """
    values = pa.array(sorted(pc.unique(texts).drop_null().to_pylist() if known is None else known), TEXT)
    if len(values) > MOST_CODES:
        return texts
    codes = pc.index_in(texts, values).cast(pa.int8() if len(values) < 128 else pa.int16()).combine_chunks()
    return pa.DictionaryArray.from_arrays(codes, values)


def _observations(raw: pa.Table, firms: pa.Table) -> pa.Table:
    when = np.asarray(pc.fill_null(raw[c.YEAR], 0))
    rows, years, amounts = [], [], []
    for year, name in {0: str(c.REVENUE_CNY), **_other_years(raw)}.items():
        column = raw[name]
        seen = np.asarray(pc.is_valid(column)) & ((when > 0) if year == 0 else True)
        rows.append(np.flatnonzero(seen))
        years.append(when[seen] if year == 0 else np.full(int(seen.sum()), year))
        amounts.append(np.asarray(pc.fill_null(column, 0))[seen])
    year_of = np.concatenate(years).astype(np.int16)
    order = np.argsort(year_of, kind="stable")
    row = np.concatenate(rows).astype(np.int32)[order]
    scope = pc.if_else(firms[c.SYNTHETIC], pa.scalar("synthetic", TEXT), pa.scalar(None, TEXT))
    source = firms[c.SOURCE] if c.SOURCE in firms.column_names else _coded(pa.chunked_array([pa.nulls(len(raw), TEXT)]))
    status = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(len(row), np.int8)), pa.array([str(Status.UNVERIFIED)], TEXT)
    )
    return pa.table(
        {
            c.FIRM_NUMBER: row,
            c.YEAR: year_of[order],
            c.REVENUE_CNY: np.concatenate(amounts)[order],
            c.SCOPE: _coded(scope).take(pa.array(row)),
            c.STATUS: status,
            c.SOURCE: source.take(pa.array(row)),
        }
    ).combine_chunks()

"""Firms and their observations, checked and turned into the tables of a version.

Nothing is repaired here: tables with a fault are refused in one sentence that names every fault. Firms are kept by
ascending id, so that a look-up may bisect, and observations by year and firm. Texts of few values are dictionaries of
one or two bytes a row; an observation knows its firm by row number.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data import columns as c
from data.dataset import Dataset, Status
from data.errors import BadTable, MissingColumns
from data.firm_points import PRECISIONS
from data.reference import subsector_ids
from data.weights import weight_problems
from geo.locate import locate_areas

TEXT = pa.large_string()
TEXTS = (c.FIRM_ID, c.NAME, c.SHORT_NAME, c.HOLDING_ID, c.ADDRESS, c.BUSINESS_SCOPE, c.PLACE_EVIDENCE, c.PLACE_CONFLICT,
         c.OFFICE_NOTE, c.NOTES)  # fmt: skip
CODES = (c.SUBSECTOR_ID, c.REGISTERED_DISTRICT_ID, c.OPERATING_DISTRICT_ID, c.LOCATION_PRECISION, c.PLACE_ID, c.LISTED,
         c.SUBSECTOR_BASIS, c.SUBSECTOR_WEIGHTS, c.INDUSTRY_CODE, c.CONFIDENTIALITY, c.STATUS, c.SOURCE)  # fmt: skip
TRUTHS = (c.SYNTHETIC, c.DISTRICT_BY_POINT)
AMOUNTS = (c.REVENUE_CNY, c.VALUE_ADDED_CNY, c.EMPLOYEES)
OF_FIRMS: dict[str, str] = {
    **dict.fromkeys((*TEXTS, *CODES), "text"),
    **dict.fromkeys((c.LON, c.LAT), "degrees"),
    **dict.fromkeys(TRUTHS, "true or false"),
}
OF_OBSERVATIONS: dict[str, str] = {
    **dict.fromkeys((c.YEAR, *AMOUNTS), "whole numbers"),
    **dict.fromkeys((c.FIRM_ID, c.SCOPE, c.STATUS, c.SOURCE), "text"),
}
FIRST_YEAR, LAST_YEAR = 1900, 2100
MOST_CODES = 2**15 - 1

_IS: dict[str, Callable[[pa.DataType], bool]] = {
    "text": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
    "degrees": pa.types.is_floating,
    "whole numbers": pa.types.is_integer,
    "true or false": pa.types.is_boolean,
}
_KEPT_AS = {"text": TEXT, "degrees": pa.float64(), "whole numbers": pa.int64(), "true or false": pa.bool_()}


@dataclass(frozen=True, eq=False)
class Register:
    """The firms of a version.

    Attributes
    ----------
    firms : pyarrow.Table
        By ascending firm_id; texts, dictionaries of few texts, degrees (NaN without a place), ``synthetic``, and
        ``district_by_point``, so that other boundaries may place the firm again.
    observations : pyarrow.Table
        By year, then firm: firm_number (row number in ``firms``), year, revenue_cny, value_added_cny and employees
        when any are known, scope, status, source.
    digest : str
        8 hexadecimal digits that change with what it was made from.
    """

    firms: pa.Table
    observations: pa.Table
    digest: str

    @property
    def synthetic(self) -> bool:
        """Whether any firm is made up."""
        return bool(pc.any(self.firms[c.SYNTHETIC]).as_py())


def build_register(
    firms: pa.Table, observations: pa.Table, reference: Dataset, digest: str, *, name: str = "firms"
) -> Register:
    """Check firms and observations and bring them into the form of a version.

    Parameters
    ----------
    firms : pyarrow.Table
        Columns of ``OF_FIRMS``; ``firm_id`` and ``name`` must be there.
    observations : pyarrow.Table
        Columns of ``OF_OBSERVATIONS``; ``firm_id``, ``year`` and ``revenue_cny`` must be there.
    reference : Dataset
        Its districts place the firms whose row names none.
    digest : str
        See ``Register``.
    name : str, optional
        What an error calls the tables.

    Raises
    ------
    MissingColumns
        When a column that every register needs is not there.
    BadTable
        When columns or rows break the rules; all faults at once.
    """
    check_columns(name, firms.schema, OF_FIRMS, needed=(c.FIRM_ID, c.NAME))
    check_columns(name, observations.schema, OF_OBSERVATIONS, needed=(c.FIRM_ID, c.YEAR, c.REVENUE_CNY))
    known, seen = by_firm_id(canonical(firms, OF_FIRMS)), canonical(observations, OF_OBSERVATIONS)
    firm = row_numbers(seen[c.FIRM_ID], known[c.FIRM_ID])
    districts = sorted([*map(str, reference.districts.index), c.OUTSIDE, c.UNPLACED])
    if problems := [*_problems_of_firms(known, districts), *_problems_of_observations(seen, firm, known[c.FIRM_ID])]:
        raise BadTable(name, problems)
    return Register(_firms(known, reference, districts), _observations(seen, firm, len(known)), digest)


def check_columns(name: str, schema: pa.Schema, kinds: Mapping[str, str], *, needed: Iterable[str]) -> None:
    """Raise one error for columns that are missing, unknown or of a wrong type.

    Parameters
    ----------
    name : str
        What the error calls the table.
    schema : pyarrow.Schema
    kinds : mapping of str to str
        ``text``, ``degrees``, ``whole numbers`` or ``true or false`` of each column that there may be.
    needed : iterable of str

    Raises
    ------
    MissingColumns, BadTable
    """
    if missing := [column for column in needed if column not in schema.names]:
        raise MissingColumns(name, missing, schema.names)
    problems = [f"column {n!r} stands twice" for n in sorted({n for n in schema.names if schema.names.count(n) > 1})]
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        expected = kinds.get(field.name, "no such column")
        if not pa.types.is_null(kind) and not (expected in _IS and _IS[expected](kind)):
            problems.append(f"column {field.name!r} came as {field.type}; expected {expected}")
    if problems:
        raise BadTable(name, problems)


def canonical(table: pa.Table, kinds: Mapping[str, str]) -> pa.Table:
    """Every column in one piece and in the one type that we keep it in.

    Codes, and all texts of observations, are dictionaries then.

    Parameters
    ----------
    table : pyarrow.Table
        Checked by ``check_columns``.
    kinds : mapping of str to str
        ``OF_FIRMS`` or ``OF_OBSERVATIONS``.
    """
    coded = CODES if kinds is OF_FIRMS else tuple(column for column, kind in kinds.items() if kind == "text")
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if name in coded:
            columns[name] = _dictionary(column)
        else:
            plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
            columns[name] = plain.cast(_KEPT_AS[kinds[name]])
    return pa.table(columns).combine_chunks()


def by_firm_id(firms: pa.Table) -> pa.Table:
    """Firms by ascending id."""
    return firms if _ascends(firms[c.FIRM_ID]) else firms.take(pc.sort_indices(firms[c.FIRM_ID])).combine_chunks()


def row_numbers(ids: pa.ChunkedArray, firm_ids: pa.ChunkedArray) -> NDArray[np.int32]:
    """Row number of the firm of each id (a dictionary); -1 for an id that no firm has."""
    whole = _one_piece(ids)
    codes = np.asarray(whole.indices.fill_null(-1), np.int32)
    if len(firm_ids.chunks) == 1 and whole.dictionary.equals(firm_ids.chunk(0)):
        return codes
    at = pc.index_in(whole.dictionary, value_set=firm_ids).fill_null(-1)
    return np.append(np.asarray(at, np.int32), np.int32(-1))[codes]


def located_districts(firms: pa.Table, districts: gpd.GeoDataFrame) -> pa.Table:
    """Canonical firms, those without a registered district in that of the polygon that holds their point."""
    registered = _column(firms, c.REGISTERED_DISTRICT_ID)
    bare = np.flatnonzero(np.asarray(pc.is_null(registered)))
    if not len(bare):
        return firms
    found = np.full(len(firms), None, object)
    found[bare] = locate_areas(degrees(firms, c.LON)[bare], degrees(firms, c.LAT)[bare], districts)
    by_point = pa.array(found, TEXT)
    told = pc.fill_null(firms[c.DISTRICT_BY_POINT], False) if c.DISTRICT_BY_POINT in firms.column_names else False
    columns = dict(zip(firms.column_names, firms.columns, strict=True)) | {
        c.REGISTERED_DISTRICT_ID: _dictionary(pa.chunked_array([pc.coalesce(registered.cast(TEXT), by_point)])),
        c.DISTRICT_BY_POINT: pc.or_(pc.is_valid(by_point), told),
    }
    return pa.table(columns).combine_chunks()


def degrees(firms: pa.Table, column: str) -> NDArray[np.float64]:
    """Degrees as they stand; what is no number or not there is NaN."""
    if column not in firms.column_names:
        return np.full(len(firms), np.nan)
    numbers = np.asarray(pc.fill_null(firms[column], float("nan")), np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _dictionary(texts: pa.ChunkedArray) -> pa.DictionaryArray:
    """Texts as one dictionary of ``TEXT``."""
    if not pa.types.is_dictionary(texts.type):
        return _one_piece(texts.cast(TEXT).dictionary_encode())
    whole = _one_piece(texts)
    return pa.DictionaryArray.from_arrays(whole.indices.cast(pa.int32()), whole.dictionary.cast(TEXT))


def _one_piece(texts: pa.ChunkedArray) -> pa.DictionaryArray:
    whole = texts.unify_dictionaries().combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    """A column, all missing when the table does not have it."""
    return table[name] if name in table.column_names else pa.chunked_array([pa.nulls(len(table), TEXT)])


def _ascends(ids: pa.ChunkedArray) -> bool:
    """Whether each id is there and comes after the one before, so that none stands twice."""
    return not ids.null_count and pc.all(pc.greater(ids[1:], ids[:-1]), min_count=0).as_py() is True


def _problems_of_firms(firms: pa.Table, districts: Sequence[str]) -> Iterator[str]:
    """Everything that is wrong with the rows, with an example of each."""
    ids = firms[c.FIRM_ID]
    if not len(firms):
        yield "no row"
        return
    for column in (c.FIRM_ID, c.NAME):
        if empty := int(pc.sum(pc.fill_null(pc.equal(firms[column], ""), True)).as_py()):
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
        yield from _strangers(firms, column, values)
    yield from weight_problems(firms, subsector_ids())
    lon, lat = degrees(firms, c.LON), degrees(firms, c.LAT)
    beyond = (np.abs(lon) > 180) | (np.abs(lat) > 90)
    if wrong := int((beyond | (np.isnan(lon) != np.isnan(lat))).sum()):
        yield f"{wrong} rows whose lon and lat are no place in degrees"


def _strangers(table: pa.Table, column: str, values: Sequence[str]) -> Iterator[str]:
    """What a column of codes holds that is none of some values."""
    if column not in table.column_names:
        return
    codes = _one_piece(table[column])
    strange = pc.and_(pc.is_valid(codes.dictionary), pc.invert(pc.is_in(codes.dictionary, pa.array(values, TEXT))))
    rows = np.append(np.asarray(strange), False)[np.asarray(codes.indices.fill_null(-1))]
    if rows.any():
        first = codes[int(np.flatnonzero(rows)[0])].as_py()
        yield f"{_example(column, first)} is none of {', '.join(values)} ({int(rows.sum())} rows)"


def _example(column: str, value: object) -> str:
    """A value of a column, short enough for a sentence."""
    return f"{column} {str(value)[:40]!r}"


def _problems_of_observations(seen: pa.Table, firm: NDArray[np.int32], firm_ids: pa.ChunkedArray) -> Iterator[str]:
    if seen[c.REVENUE_CNY].null_count == len(seen):
        yield "no row with revenue"
    if missing := seen[c.YEAR].null_count:
        yield f"{missing} rows without year"
    if wrong := sorted(y for y in pc.unique(seen[c.YEAR]).drop_null().to_pylist() if not FIRST_YEAR <= y <= LAST_YEAR):
        yield f"year {wrong[0]} is not from {FIRST_YEAR} to {LAST_YEAR}"
    strangers = np.flatnonzero(firm < 0)
    if len(strangers):
        first = seen[c.FIRM_ID][int(strangers[0])].as_py()
        yield f"{_example(c.FIRM_ID, first)} of a revenue is none of the firms ({len(strangers)} rows)"
    elif not missing and not wrong:
        yield from _twice(seen, firm, firm_ids)
    for column in AMOUNTS:
        if column in seen.column_names:
            total = pc.sum(pc.abs(seen[column].cast(pa.float64(), safe=False))).as_py() or 0.0
            if total >= 2.0**62:
                what = "revenues that add up to more CNY" if column == c.REVENUE_CNY else f"a sum of {column} greater"
                yield f"{what} than can be counted"
    yield from _strangers(seen, c.STATUS, tuple(map(str, Status)))


def _twice(seen: pa.Table, firm: NDArray[np.int32], firm_ids: pa.ChunkedArray) -> Iterator[str]:
    """Firms with several rows for one year."""
    key = _keys(seen, firm, len(firm_ids))
    if not np.all(key[1:] > key[:-1]):
        key = np.sort(key)
        again = key[1:][key[1:] == key[:-1]]
        if len(again):
            year, row = divmod(int(again[0]), len(firm_ids))
            yield f"{_example(c.FIRM_ID, firm_ids[row].as_py())} has two rows for {year} ({len(again)} such rows)"


def _keys(seen: pa.Table, firm: NDArray[np.int32], firms: int) -> NDArray[np.int64]:
    """A number for each observation that orders them by year, then firm."""
    return np.asarray(np.asarray(seen[c.YEAR], np.int64) * firms + firm)


def _firms(known: pa.Table, reference: Dataset, districts: Sequence[str]) -> pa.Table:
    placed = located_districts(known, reference.districts)
    lon, lat = degrees(placed, c.LON), degrees(placed, c.LAT)
    given = {name: placed[name] for name in (*TEXTS, *CODES) if name in placed.column_names}
    given[c.SHORT_NAME] = pc.coalesce(given.get(c.SHORT_NAME, pa.scalar(None, TEXT)), given[c.NAME])
    precision = pa.DictionaryArray.from_arrays(np.isnan(lon).astype(np.int8), pa.array(["exact", "none"], TEXT))
    given[c.LOCATION_PRECISION] = pc.coalesce(_column(placed, c.LOCATION_PRECISION).cast(TEXT), precision.cast(TEXT))
    for name in (c.SUBSECTOR_ID, c.REGISTERED_DISTRICT_ID, c.OPERATING_DISTRICT_ID):
        given.setdefault(name, _column(placed, name))
    allowed: dict[str, Sequence[str]] = {c.REGISTERED_DISTRICT_ID: districts, c.OPERATING_DISTRICT_ID: districts,
                                         c.SUBSECTOR_ID: subsector_ids()}  # fmt: skip
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        name: _coded(column, allowed.get(name)) if name in CODES else column for name, column in given.items()
    }
    columns |= {name: _truths(placed, name) for name in TRUTHS}
    return pa.table({**columns, c.LON: lon, c.LAT: lat}).combine_chunks()


def _truths(table: pa.Table, name: str) -> pa.Array | pa.ChunkedArray:
    return pc.fill_null(table[name], False) if name in table.column_names else pa.array(np.zeros(len(table), bool))


def _coded(texts: pa.ChunkedArray | pa.Array, known: Sequence[str] | None = None) -> pa.Array | pa.ChunkedArray:
    """Texts as a dictionary with one or two bytes a row, in ascending order of the texts; many texts stay as they are.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray
    known : sequence of str, optional
        All texts that there may be; those that occur when left out.
    """
    whole = _dictionary(texts if isinstance(texts, pa.ChunkedArray) else pa.chunked_array([texts]))
    codes = np.asarray(whole.indices.fill_null(-1), np.int32)
    used = np.unique(codes)
    if known is None and len(used) > MOST_CODES:
        return whole.cast(TEXT)
    texts_used = whole.dictionary.take(pa.array(used[used >= 0]))
    values = pa.array(sorted(pc.unique(texts_used).drop_null().to_pylist() if known is None else known), TEXT)
    of_text = np.asarray(pc.index_in(whole.dictionary, value_set=values).fill_null(-1), np.int64)
    small = np.int8 if len(values) < 128 else np.int16
    at = np.append(of_text, -1).astype(small)[codes]
    return pa.DictionaryArray.from_arrays(pa.array(at, mask=np.less(at, 0)), values)


def _observations(seen: pa.Table, firm: NDArray[np.int32], firms: int) -> pa.Table:
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        c.FIRM_NUMBER: pa.array(firm),
        c.YEAR: seen[c.YEAR].cast(pa.int16()),
        c.REVENUE_CNY: seen[c.REVENUE_CNY],
    }
    for name in (c.VALUE_ADDED_CNY, c.EMPLOYEES):
        if name in seen.column_names and seen[name].null_count < len(seen):
            columns[name] = seen[name]
    for name in (c.SCOPE, c.STATUS, c.SOURCE):
        texts = _column(seen, name)
        if name == c.STATUS and texts.null_count:
            texts = pc.fill_null(texts.cast(TEXT), str(Status.UNVERIFIED))
        columns[name] = _coded(texts)
    table = pa.table(columns)
    key = _keys(seen, firm, firms)
    if not np.all(key[1:] > key[:-1]):
        table = table.take(pa.array(np.argsort(key, kind="stable")))
    return table.combine_chunks()

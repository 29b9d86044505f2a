"""Arrow tables as rows of the database and back, exactly: same columns, types, texts, order.

Rows travel by COPY as CSV, which Arrow writes and reads itself in all its threads; psycopg's binary COPY would have to
touch each of twenty million values in Python. A column that the table of the database has, by name and kind, is a
column there; others are in ``further``, by name. What SQL cannot say is in ``part_tables.columns``: the values of a
dictionary and their order, texts with a NUL (which PostgreSQL does not take; it stands as ␀ in the row), which missing
numbers were NaN, columns of types that neither column nor JSON holds. A SHA-256 over the values says at reading whether
all of it came back, so that rows that somebody changed by hand are not shown as the version that was imported.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import shapely
from psycopg import sql
from psycopg.types.json import Json

from data.errors import DamagedVersion
from data.postgis.database import Connection
from data.register import TEXT

PART, ROW, FURTHER = OURS = ("part", "row", "further")
BLOCK = 1 << 26  # a line of a CSV must fit in
SLICE = 1 << 16
NUL, SHOWN_NUL = "\0", "␀"
_KINDS: dict[str, Any] = {
    "text": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
    "float8": pa.types.is_floating,
    "int2": lambda kind: pa.types.is_int8(kind) or pa.types.is_int16(kind),
    "int4": lambda kind: pa.types.is_int8(kind) or pa.types.is_int16(kind) or pa.types.is_int32(kind),
    "int8": pa.types.is_signed_integer,
    "bool": pa.types.is_boolean,
    "geometry": lambda kind: pa.types.is_binary(kind) or pa.types.is_large_binary(kind),
}
_READ_AS = {"text": TEXT, "float8": pa.float64(), "bool": pa.bool_(), "geometry": TEXT}


def write_rows(connection: Connection, part: int, name: str, table: pa.Table) -> str:
    """Add the rows of a table to a part, and get the digest of its values.

    Parameters
    ----------
    connection : psycopg.Connection
        In a transaction.
    part : int
    name : str
        Of the table in the database.
    table : pyarrow.Table
    """
    kinds = _kinds_of(connection, name)
    told: dict[str, dict[str, Any]] = {}
    columns: dict[str, pa.ChunkedArray] = {ROW: pa.chunked_array([np.arange(len(table), dtype=np.int32)])}
    further: dict[str, pa.ChunkedArray] = {}
    for field, given in zip(table.schema, table.columns, strict=True):
        values, about = _decoded(given), told.setdefault(field.name, {})
        column = f"file_{field.name}" if field.name in OURS else field.name
        kind = kinds.get(column, "")
        if twin := _twin(field.name, values, table):
            about["as"] = twin
            continue
        if pa.types.is_dictionary(field.type):
            about["values"] = _one_piece(given).dictionary.to_pylist()
        values = _without_nul(values, about)
        null = pa.types.is_null(values.type)
        if kind and (null or _KINDS[kind](values.type)) and (kind != "geometry" or null or _is_plain(values)):
            about |= {"kind": kind, "column": column}
            columns[column] = _for_copy(values, kind, about)
        elif null or pa.types.is_boolean(values.type) or any(_KINDS[one](values.type) for one in ("text", "int8")):
            further[field.name] = values
        else:
            about["raw"] = base64.b64encode(_ipc(pa.table({field.name: given}))).decode()
    if further:
        columns[FURTHER] = pa.chunked_array([pa.array(list(_objects(further)), TEXT)])
    digest = content(table)
    connection.execute(
        "INSERT INTO part_tables (part, name, rows, sha256, columns, arrow_schema) VALUES (%s, %s, %s, %s, %s, %s)",
        (part, name, len(table), digest, Json(told), table.schema.serialize().to_pybytes()),
    )
    _copy_in(connection, part, name, pa.table(columns))
    return digest


def read_rows(connection: Connection, part: int, name: str, version: str, beside: Path) -> pa.Table:
    """A table of a part as it was written.

    Parameters
    ----------
    connection : psycopg.Connection
    part : int
    name : str
    version : str
        What an error names.
    beside : Path
        A file of this name is made and removed; it takes what comes, so that memory holds a table once.

    Raises
    ------
    DamagedVersion
        When it is not there, or its rows are not those that were written.
    """
    found = connection.execute(
        "SELECT rows, sha256, columns, arrow_schema FROM part_tables WHERE part = %s AND name = %s", (part, name)
    ).fetchone()
    if found is None:
        raise DamagedVersion(version, f"the database has no table {name} of part {part}")
    rows, digest, told, schema = found[0], found[1], found[2], pa.ipc.read_schema(pa.py_buffer(found[3]))
    try:
        raw = _copy_out(connection, part, name, told, beside)
        table = _rebuilt(raw, told, schema) if len(raw) else schema.empty_table()
    except (pa.ArrowException, ValueError, KeyError, IndexError, TypeError) as error:
        raise DamagedVersion(version, f"rows of {name}, part {part}: {' '.join(str(error).split())}") from error
    if (len(table), content(table)) != (rows, digest):
        raise DamagedVersion(version, f"somebody changed rows of {name}, part {part}, in the database")
    return table


def content(table: pa.Table) -> str:
    """SHA-256 of names, kinds and values, whatever the memory between them holds."""
    sha = hashlib.sha256(str(len(table)).encode())
    for name, given in zip(table.column_names, table.columns, strict=True):
        values = _decoded(given)
        sha.update(f"\n{name}\n{values.type}\n".encode())
        if pa.types.is_null(values.type):
            continue
        sha.update(np.packbits(np.asarray(pc.is_valid(values))).tobytes())
        sha.update(_bytes(values))
    return sha.hexdigest()


def _bytes(values: pa.ChunkedArray) -> bytes | memoryview:
    kind = values.type
    if _KINDS["text"](kind) or _KINDS["geometry"](kind):
        texts = pc.fill_null(values.cast(pa.large_binary()), b"")
        sizes = np.asarray(pc.binary_length(texts)).tobytes()
        return sizes + b"".join(_bytes_of_texts(chunk) for chunk in texts.chunks)
    if pa.types.is_floating(kind):
        numbers = np.asarray(pc.fill_null(values.cast(pa.float64()), 0.0))
        return np.where(np.isnan(numbers), np.nan, numbers).tobytes()
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return np.asarray(pc.fill_null(values, False if pa.types.is_boolean(kind) else 0)).tobytes()
    return repr(values.to_pylist()).encode()


def _bytes_of_texts(texts: pa.Array) -> bytes:
    _, ends, data = texts.buffers()
    if data is None or not len(texts):
        return b""
    at = np.frombuffer(ends, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return bytes(data.slice(int(at[0]), int(at[-1] - at[0])).to_pybytes())


# ---------------------------------------------------------------- out


def _kinds_of(connection: Connection, name: str) -> dict[str, str]:
    """Kind of each column of a table that a file may have; the schema's own word, so that no second list can differ."""
    found = connection.execute(
        "SELECT column_name, udt_name FROM information_schema.columns WHERE table_schema = 'jiqun' AND table_name = %s"
        " AND is_generated = 'NEVER'",
        (name,),
    ).fetchall()
    return {str(column): str(kind) for column, kind in found if column not in OURS}


def _decoded(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return values.cast(values.type.value_type) if pa.types.is_dictionary(values.type) else values


def _one_piece(values: pa.ChunkedArray) -> pa.DictionaryArray:
    whole = values.unify_dictionaries().combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole


def _is_plain(outlines: pa.ChunkedArray) -> bool:
    """Whether outlines come back from the database as the bytes that they are: flat, and written as Shapely does."""
    given = np.array(outlines.to_pylist(), object)
    shapes = shapely.from_wkb(given, on_invalid="ignore")
    return not shapely.has_z(shapes).any() and shapely.to_wkb(shapes).tolist() == given.tolist()


def _twin(name: str, values: pa.ChunkedArray, table: pa.Table) -> str:
    """Another column that an index which was written as a column says again."""
    if not name.startswith("__index_level_"):
        return ""
    return next(
        (o for o in table.column_names if o != name and table[o].type == values.type and table[o] == values), ""
    )


def _without_nul(values: pa.ChunkedArray, about: dict[str, Any]) -> pa.ChunkedArray:
    if not _KINDS["text"](values.type):
        return values
    rows = np.flatnonzero(np.asarray(pc.fill_null(pc.match_substring(values, NUL), False)))
    if not len(rows):
        return values
    about["odd"] = {int(row): values[int(row)].as_py() for row in rows}
    return pc.replace_substring(values, NUL, SHOWN_NUL)


def _for_copy(values: pa.ChunkedArray, kind: str, about: dict[str, Any]) -> pa.ChunkedArray:
    if pa.types.is_null(values.type):
        return pa.chunked_array([pa.nulls(len(values), TEXT)])
    if kind == "float8" and not values.null_count and pc.any(pc.is_nan(values)).as_py():
        about["nan"] = True
        return pc.if_else(pc.is_nan(values), None, values)
    if kind == "geometry":
        shapes = shapely.set_srid(shapely.from_wkb(np.array(values.to_pylist(), object)), 4326)
        return pa.chunked_array([pa.array(shapely.to_wkb(shapes, hex=True, include_srid=True, byte_order=1), TEXT)])
    return values


def _objects(further: dict[str, pa.ChunkedArray]) -> Iterator[str | None]:
    """The columns that have none of their own as one JSON object a row, without what is missing."""
    for cells in zip(*(column.to_pylist() for column in further.values()), strict=True):
        known = {name: cell for name, cell in zip(further, cells, strict=True) if cell is not None}
        yield (
            json.dumps({k.replace(NUL, SHOWN_NUL): v for k, v in known.items()}, ensure_ascii=False) if known else None
        )


def _ipc(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def _copy_in(connection: Connection, part: int, name: str, table: pa.Table) -> None:
    table = table.append_column(PART, pa.repeat(pa.scalar(part, pa.int64()), len(table)))
    query = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier("jiqun", name), sql.SQL(", ").join(map(sql.Identifier, table.column_names))
    )
    plain = pyarrow.csv.WriteOptions(include_header=False)
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for start in range(0, len(table), SLICE):
            sink = pa.BufferOutputStream()
            pyarrow.csv.write_csv(table.slice(start, SLICE), sink, plain)
            copy.write(sink.getvalue().to_pybytes())


# ---------------------------------------------------------------- back


def _copy_out(connection: Connection, part: int, name: str, told: dict[str, dict[str, Any]], beside: Path) -> pa.Table:
    kinds = {about["column"]: about["kind"] for about in told.values() if "kind" in about}
    wanted = [ROW, *kinds, FURTHER]
    query = sql.SQL("COPY (SELECT {} FROM {} WHERE part = {} ORDER BY row) TO STDOUT (FORMAT csv)").format(
        sql.SQL(", ").join(map(sql.Identifier, wanted)), sql.Identifier("jiqun", name), sql.Literal(part)
    )
    try:
        with beside.open("wb") as file, connection.cursor() as cursor, cursor.copy(query) as copy:
            for some in copy:
                file.write(some)
        if not beside.stat().st_size:
            return pa.table({})
        types = {column: _READ_AS.get(kind, pa.int64()) for column, kind in kinds.items()}
        return pyarrow.csv.read_csv(
            beside,
            pyarrow.csv.ReadOptions(column_names=wanted, block_size=BLOCK),
            pyarrow.csv.ParseOptions(newlines_in_values=True),
            pyarrow.csv.ConvertOptions(
                column_types={ROW: pa.int64(), FURTHER: TEXT, **types}, null_values=[""], strings_can_be_null=True,
                quoted_strings_can_be_null=False, true_values=["t"], false_values=["f"],
            ),
        )  # fmt: skip
    finally:
        beside.unlink(missing_ok=True)


def _rebuilt(raw: pa.Table, told: dict[str, dict[str, Any]], schema: pa.Schema) -> pa.Table:
    if not np.array_equal(np.asarray(raw[ROW]), np.arange(len(raw))):
        raise ValueError("rows are missing")
    further = [json.loads(text) if text else {} for text in raw[FURTHER].to_pylist()] if _has_further(told) else []
    columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    for field in schema:
        about = told[field.name]
        if "as" in about:
            continue
        if "raw" in about:
            columns[field.name] = pa.ipc.open_stream(base64.b64decode(about["raw"])).read_all()[field.name]
            continue
        if "kind" in about:
            values = raw[about["column"]]
        else:
            key = field.name.replace(NUL, SHOWN_NUL)
            plain = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
            values = pa.chunked_array([pa.array([one.get(key) for one in further], plain)])
        columns[field.name] = _as_written(values, about, field.type)
    for field in schema:
        if twin := told[field.name].get("as"):
            columns[field.name] = columns[twin]
    return pa.table([columns[name] for name in schema.names], schema=schema).combine_chunks()


def _has_further(told: dict[str, dict[str, Any]]) -> bool:
    return any(not {"as", "raw", "kind"} & about.keys() for about in told.values())


def _as_written(values: pa.ChunkedArray, about: dict[str, Any], kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if pa.types.is_null(kind):
        return pa.nulls(len(values))
    if "odd" in about:
        rows = np.zeros(len(values), bool)
        rows[[int(row) for row in about["odd"]]] = True
        exact = [about["odd"][row] for row in sorted(about["odd"], key=int)]
        values = pc.replace_with_mask(values.combine_chunks(), pa.array(rows), pa.array(exact, values.type))
    if about.get("nan"):
        values = pc.fill_null(values, float("nan"))
    if about.get("kind") == "geometry":
        shapes = shapely.from_wkb(np.array(values.to_pylist(), object))
        return pa.array(shapely.to_wkb(shapely.set_srid(shapes, 0)), kind)
    if pa.types.is_dictionary(kind):
        known = pa.array(about["values"], kind.value_type)
        at = pc.index_in(values.cast(kind.value_type), value_set=known, skip_nulls=True)
        if at.null_count > values.null_count:
            raise ValueError("a text is none of those that were written")
        at = at.combine_chunks() if isinstance(at, pa.ChunkedArray) else at
        return pa.DictionaryArray.from_arrays(at.cast(kind.index_type), known)
    return values.cast(kind)

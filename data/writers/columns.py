"""A table as Arrow columns whose cells become text by whole columns, never row by row.

The writers of CSV, XLSX and GeoJSON turn each column into the cells of its format and join them into rows. A column
that mixes texts and numbers, which Arrow does not know, is kept as two columns whose cells complete each other.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

TEXT = pa.large_string()
BATCH_ROWS = 65_536

Parts = tuple[pa.ChunkedArray, ...]
"""Values of one column by their type, each missing where another one is there; nearly always one."""
Columns = Mapping[str, Parts]


def columns_of(table: pd.DataFrame) -> Columns:
    """Columns of a table by name; what is no text, number or truth value becomes text."""
    return {str(name): _parts(table[name]) for name in table}


def _parts(column: pd.Series) -> Parts:
    try:
        return (_simple(column),)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        is_text = column.map(lambda value: isinstance(value, str))
        return _simple(column.where(is_text, None)), _simple(column.mask(is_text, None))


def _simple(column: pd.Series) -> pa.ChunkedArray:
    values = pa.chunked_array(pa.Table.from_pandas(column.to_frame("0"), preserve_index=False)["0"])
    if is_coded(values.type):
        if values.type.value_type not in (TEXT, pa.string(), pa.null()):
            return _simple(column.astype(column.cat.categories.dtype))
        chunks = [pa.DictionaryArray.from_arrays(k.indices, k.dictionary.cast(TEXT)) for k in values.chunks]
        return pa.chunked_array(chunks)
    kind = values.type
    if pa.types.is_integer(kind):
        return values.cast(pa.int64())
    if pa.types.is_floating(kind):
        return values.cast(pa.float64())
    if pa.types.is_boolean(kind):
        return values
    return values.cast(TEXT)


def is_coded(kind: pa.DataType) -> bool:
    """Whether a column holds numbers of texts beside the texts."""
    return bool(pa.types.is_dictionary(kind))


def row_count(columns: Columns) -> int:
    """Rows of a table; none without columns."""
    return max((len(parts[0]) for parts in columns.values()), default=0)


def batches(columns: Columns) -> Iterator[tuple[int, list[list[pa.Array]]]]:
    """Some rows at a time: number of the first, from 0, and the parts of each column."""
    for start in range(0, row_count(columns), BATCH_ROWS):
        yield start, [[_flat(p.slice(start, BATCH_ROWS)) for p in parts] for parts in columns.values()]


def _flat(values: pa.ChunkedArray) -> pa.Array:
    flat = values.combine_chunks()
    if not is_coded(flat.type):
        return flat
    return flat.dictionary_decode() if len(flat.dictionary) > len(flat) else flat


def text_cells(values: pa.Array, written: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Texts as cells; of coded texts each is written once."""
    if not is_coded(values.type):
        return written(values)
    texts = written(values.dictionary)
    return pa.DictionaryArray.from_arrays(values.indices, texts).dictionary_decode()


def completed(cells: Sequence[pa.Array]) -> pa.Array:
    """pa.Array of one column from those of its parts."""
    return cells[0] if len(cells) == 1 else pc.coalesce(*cells)


def joined(*pieces: pa.Array | str, missing: str | None = None, between: str = "") -> pa.Array:
    """One text a row from its pieces.

    Parameters
    ----------
    *pieces : array of texts, or str
        A ``str`` is the same in every row.
    missing : str, optional
        What stands for a missing piece; without it the whole text is missing.
    between : str
    """
    told = [pa.scalar(piece, TEXT) if isinstance(piece, str) else piece for piece in pieces]
    handling = "emit_null" if missing is None else "replace"
    return pc.binary_join_element_wise(
        *told, pa.scalar(between, TEXT), null_handling=handling, null_replacement=missing or ""
    )


def write_texts(file: IO[bytes], texts: pa.Array, *, skip: int = 0) -> None:
    """Write texts one after the other, straight from the memory that they lie in.

    Parameters
    ----------
    file : binary file
    texts : array of large_string
        None of them missing.
    skip : int
        How many bytes of the first to leave out.
    """
    _, offsets, content = texts.buffers()
    if len(texts) and content is not None:
        ends = np.frombuffer(offsets, np.int64)[[texts.offset, texts.offset + len(texts)]]
        file.write(memoryview(content)[int(ends[0]) + skip : int(ends[1])])

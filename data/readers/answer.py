"""How the walled-off child answers: cells as an Arrow file, everything else as JSON, never pickle.

The child is not trusted, for the file may have taken it over: what it wrote is validated before anybody uses it.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.readers.limits import Limits
from data.readers.raw_table import BadRow, FileKind, RawTable
from data.readers.refusing import REASONS, Refusal

TABLE, VERDICT, PROGRESS = "answer.arrow", "answer.json", "progress"
_ROW, _GEOMETRY = "row", "geometry"
_RESERVED = {"file", "reason", "self"}
_MAX_VERDICT = 256 << 20


@dataclass
class Described:
    """All of a ``RawTable`` that is not cells."""

    headings: Sequence[str]
    facts: dict[str, str] = field(default_factory=dict)
    crs: str | None = None


class Answer:
    """The child's side: takes batches of rows as they are read."""

    def __init__(self, scratch: Path, limits: Limits) -> None:
        self._scratch, self._limits = scratch, limits
        self._file: pa.ipc.RecordBatchFileWriter | None = None
        self._progress = os.open(scratch / PROGRESS, os.O_WRONLY | os.O_CREAT, 0o600)
        self.written = 0
        self.bad_rows: list[BadRow] = []

    def write(self, rows: NDArray[np.int64], columns: Sequence[pa.Array], geometry: pa.Array | None = None) -> None:
        """Append rows; ``columns`` are of one length and keep their types from batch to batch."""
        self.written += len(rows)
        if self.written > self._limits.rows:
            raise Refusal("too_many_rows", limit=self._limits.rows)
        if self.written * len(columns) > self._limits.cells:
            raise Refusal("too_many_cells", limit=self._limits.cells)
        for column in columns:
            self._check_lengths(rows, column)
        parts = {_ROW: pa.array(rows, pa.int64()), **{str(i): c for i, c in enumerate(columns)}}
        if geometry is not None:
            parts[_GEOMETRY] = geometry
        batch = pa.record_batch(list(parts.values()), list(parts))
        try:
            if self._file is None:
                self._file = pa.ipc.new_file(str(self._scratch / TABLE), batch.schema)
            self._file.write_batch(batch)
        except OSError as problem:  # the disk is full, or the file as large as it may be
            raise Refusal("too_much_memory") from problem
        os.pwrite(self._progress, b"%020d" % self.written, 0)

    def add_bad(self, bad: BadRow) -> None:
        """Keep a row that is no row of the table."""
        self.bad_rows.append(bad)
        if len(self.bad_rows) > self._limits.bad_rows:
            raise Refusal("too_many_bad_rows", limit=self._limits.bad_rows, row=self.bad_rows[0].row)

    def finish(self, kind: FileKind, described: Described) -> None:
        """Close the table and say what it is; a file without any row is refused."""
        if self._file is None or not self.written:
            if self.bad_rows:
                raise Refusal("only_bad_rows", count=len(self.bad_rows), row=self.bad_rows[0].row)
            raise Refusal("no_rows")
        self._file.close()
        self._say(
            {
                "kind": kind.value,
                "headings": list(described.headings),
                "crs": described.crs,
                "facts": described.facts,
                "bad_rows": [[bad.row, bad.reason, list(bad.text)] for bad in self.bad_rows],
            }
        )

    def refuse(self, refusal: Refusal) -> None:
        """Say that the file is not read."""
        self._say({"refused": refusal.reason, "values": refusal.values})

    def _say(self, verdict: dict[str, object]) -> None:
        text = json.dumps(verdict, ensure_ascii=False, default=str)
        (self._scratch / VERDICT).write_text(text, "utf-8", errors="replace")

    def _check_lengths(self, rows: NDArray[np.int64], column: pa.Array) -> None:
        cap = self._limits.cell_chars
        if not pa.types.is_large_string(column.type) or (pc.max(pc.binary_length(column)).as_py() or 0) <= cap:
            return
        too_long = np.flatnonzero(pc.fill_null(pc.greater(pc.utf8_length(column), cap), False))
        if len(too_long):
            raise Refusal("cell_too_long", row=int(rows[too_long[0]]), limit=cap)


def take_answer(scratch: Path) -> RawTable:
    """The server's side: what the child read.

    The cells are mapped, not loaded; on Linux the folder may be removed while they are in use.

    Raises
    ------
    Refusal
        As the child said, or ``reader_stopped`` when its answer is none.
    """
    try:
        return _take(scratch)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, pa.ArrowException) as problem:
        raise Refusal("reader_stopped") from problem


def _take(scratch: Path) -> RawTable:
    if (scratch / VERDICT).stat().st_size > _MAX_VERDICT:
        raise Refusal("too_much_memory")
    verdict: dict[str, Any] = json.loads((scratch / VERDICT).read_text("utf-8"))
    if "refused" in verdict:
        reason, values = verdict["refused"], dict(verdict["values"])
        if reason not in REASONS or _RESERVED & set(values):
            raise Refusal("reader_stopped")
        raise Refusal(reason, **values)
    with pa.memory_map(str(scratch / TABLE)) as mapped:
        table = pa.ipc.open_file(mapped).read_all()
    table.validate(full=True)
    geometry = table[_GEOMETRY] if _GEOMETRY in table.column_names else None
    cells = table.drop_columns([name for name in (_ROW, _GEOMETRY) if name in table.column_names])
    headings = tuple(map(str, verdict["headings"]))
    if cells.column_names != [str(i) for i in range(len(headings))] or not all(map(_is_cell, cells.schema.types)):
        raise Refusal("reader_stopped")
    crs = verdict["crs"]
    return RawTable(
        file_kind=FileKind(verdict["kind"]),
        headings=headings,
        cells=cells,
        rows=np.asarray(table[_ROW].cast(pa.int64()), np.int64),
        geometry=None if geometry is None else geometry.cast(pa.large_binary()),
        crs=None if crs is None else str(crs),
        facts={str(name): str(value) for name, value in verdict["facts"].items()},
        bad_rows=tuple(BadRow(int(r), str(why), tuple(map(str, text))) for r, why, text in verdict["bad_rows"]),
    )


def _is_cell(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_large_string(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
    )


def rows_so_far(scratch: Path) -> int:
    """How many rows the child says it has read."""
    try:
        return int((scratch / PROGRESS).read_bytes()[:20] or b"0")
    except (OSError, ValueError):
        return 0

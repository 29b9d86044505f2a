"""The columns of a raw table under our own names, as a mapping chooses them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.apostrophes import unguard
from data.exporting import is_export
from data.mapping import ColumnChoice, Mapping, column_keys
from data.readers.raw_table import FileKind, RawTable

TEXT = pa.large_string()
ROW, REASON = "行号", "原因"
"""What the file of refused rows adds to the columns of its source."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """A raw table seen through a mapping.

    Attributes
    ----------
    raw : RawTable
    mapping : Mapping
    """

    raw: RawTable
    mapping: Mapping

    def __len__(self) -> int:
        return len(self.raw.rows)

    @property
    def rows(self) -> NDArray[np.int64]:
        """Row number of each row in its file."""
        return self.raw.rows

    @cached_property
    def _is_guarded(self) -> bool:
        """Whether we wrote the file: its texts are guarded then."""
        headings = self.raw.headings
        return self.raw.file_kind is FileKind.CSV and (is_export(headings) or {ROW, REASON} <= set(headings))

    def choices(self, column: str) -> list[ColumnChoice]:
        """Columns of the file that were chosen for one of ours."""
        return [choice for choice in self.mapping.columns if choice.column == column]

    def is_asked(self, about: str, choice: ColumnChoice) -> bool:
        """Whether something of a column is still an open question."""
        key = column_keys(self.raw.headings)[choice.position]
        return any((q.about, q.subject) == (about, key) for q in self.mapping.questions)

    def cells(self, choice: ColumnChoice) -> pa.ChunkedArray:
        """Cells of a column as they stand."""
        return self.raw.cells.column(choice.position)

    def text(self, column: str) -> pa.ChunkedArray | None:
        """Cells of the first column chosen for one of ours, as text; ``None`` when there is none."""
        chosen = self.choices(column)
        return self.text_of(chosen[0]) if chosen else None

    def text_of(self, choice: ColumnChoice) -> pa.ChunkedArray:
        """Cells of a column as text, null where blank."""
        cells = self.cells(choice)
        if pa.types.is_large_string(cells.type):
            cells = unguard(cells) if self._is_guarded else cells
        elif pa.types.is_boolean(cells.type):
            cells = pc.if_else(cells, pa.scalar("true", TEXT), pa.scalar("false", TEXT))
        else:
            cells = cells.cast(TEXT)
        return pc.if_else(pc.equal(pc.utf8_trim_whitespace(cells), ""), pa.scalar(None, TEXT), cells)

    def or_nothing(self, column: str) -> pa.ChunkedArray:
        """Text of a column; all null when the file has none."""
        found = self.text(column)
        return pa.chunked_array([pa.nulls(len(self), TEXT)]) if found is None else found

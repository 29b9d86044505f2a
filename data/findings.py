"""What was found in the rows of a file: one line for each cell that was mended, doubted or refused.

A finding names the row and the column, says what stood there and what was made of it. ``refused`` keeps the whole row
out; ``repaired`` changed a cell; ``noted`` changes nothing and asks a person to look (an outlier, a second opinion that
disagrees). The words of a code are the pages' (``finding.<code>``); here it is a code and its two values.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("column", pa.string()),
        ("code", pa.string()),
        ("effect", pa.string()),
        ("before", pa.large_string()),
        ("after", pa.large_string()),
    ]
)


class Effect(StrEnum):
    """What a finding does to its row."""

    REFUSED = "refused"
    REPAIRED = "repaired"
    NOTED = "noted"


class Findings:
    """A growing list of findings, kept as Arrow so that a million of them stay small.

    Examples
    --------
    >>> found = Findings()
    >>> found.add("unreadable_number", Effect.REFUSED, [17], "revenue_cny", before=["约12"])
    >>> found.rows(Effect.REFUSED).tolist(), len(found)
    ([17], 1)
    """

    def __init__(self, tables: Iterable[pa.Table] = ()) -> None:
        self._tables = list(tables)

    def __len__(self) -> int:
        return sum(len(table) for table in self._tables)

    def add(
        self,
        code: str,
        effect: Effect,
        rows: ArrayLike,
        column: str,
        *,
        before: Sequence[object] | pa.Array | pa.ChunkedArray | None = None,
        after: Sequence[object] | pa.Array | pa.ChunkedArray | None = None,
    ) -> None:
        """Add one finding for each of some rows.

        Parameters
        ----------
        code : str
            What was found: ``finding.<code>`` of the words.
        effect : Effect
        rows : array_like of int
            Row numbers as in ``RawTable.rows``.
        column : str
            Column of ours; empty for the row as a whole.
        before, after : sequence, optional
            One value a row, written as text: what stood there, what was made of it.
        """
        numbers = np.atleast_1d(np.asarray(rows, np.int64))
        if not len(numbers):
            return
        said = [pa.array([text] * len(numbers), pa.string()) for text in (column, code, effect.value)]
        values = [_texts(given, len(numbers)) for given in (before, after)]
        self._tables.append(pa.table([pa.array(numbers), *said, *values], schema=SCHEMA))

    def extend(self, other: "Findings") -> None:
        """Take the findings of another list."""
        self._tables.extend(other._tables)

    def table(self) -> pa.Table:
        """All findings by row, those of one row in the order in which they were made."""
        whole = pa.concat_tables(self._tables) if self._tables else SCHEMA.empty_table()
        return whole.take(pa.array(np.argsort(np.asarray(whole["row"]), kind="stable")))

    def of(self, effect: Effect) -> pa.Table:
        """The findings of one effect, in the order in which they were made."""
        parts = [table.filter(pc.equal(table["effect"], effect.value)) for table in self._tables]
        return pa.concat_tables(parts) if parts else SCHEMA.empty_table()

    def rows(self, effect: Effect) -> NDArray[np.int64]:
        """Row numbers with a finding of this effect, ascending, each once."""
        return np.unique(np.asarray(self.of(effect)["row"], np.int64))


def _texts(values: Sequence[object] | pa.Array | pa.ChunkedArray | None, length: int) -> pa.Array | pa.ChunkedArray:
    if values is None:
        return pa.nulls(length, pa.large_string())
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values.cast(pa.large_string())
    return pa.array([None if v is None else str(v) for v in values], pa.large_string())

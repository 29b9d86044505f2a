"""Text with a cell between two separators: CSV, TSV, and what goes by the name of .xls and is none.

Read strictly, so that a quote that is never closed is seen before it has swallowed half the table, and in batches, so
that a million rows cost what ten thousand do. A row of another width than its table is set aside with its number.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa

from data.readers.answer import Answer, Described
from data.readers.cell_text import tidy, without_blank_rows
from data.readers.heading_rows import LOOKED_AT, Heads, find_heads
from data.readers.limits import Limits
from data.readers.raw_table import BadRow, ReadOptions
from data.readers.refusing import Refusal
from data.readers.text_encoding import CODECS, detect_encoding

SEPARATORS = (",", ";", "\t", "，")
_BATCH = 16_384
_DIRECTIVE = "sep="  # the first line by which Excel is told the separator

Row = list[str]


def read_delimited(path: Path, options: ReadOptions, limits: Limits, answer: Answer) -> Described:
    """Read a text file into the answer."""
    encoding, known_by = detect_encoding(path, options.encoding)
    codec = CODECS[encoding]
    with path.open(encoding=codec, newline="") as file:
        top = list(islice(file, LOOKED_AT))
    told = options.separator
    if told is None and top and top[0].lower().startswith(_DIRECTIVE):
        told = top[0].strip("\r\n")[len(_DIRECTIVE) :].strip('"') or None
    if told is not None and (len(told) != 1 or told in '"\r\n'):
        raise Refusal("unknown_separator", separator=told)
    separator = find_separator(top) if told is None else told

    with path.open(encoding=codec, newline="") as file:
        records = _Records(file, separator or ",", limits)
        start, rows = records.next_run()
        skipped = int(bool(top) and top[0].lower().startswith(_DIRECTIVE))
        heads = find_heads(rows[skipped:], told=options.heading_rows)
        width = len(heads.headings)
        if width > limits.columns:
            raise Refusal("too_many_columns", count=width, limit=limits.columns)
        above = skipped + heads.first + heads.count
        start, rows = start + above, rows[above:]
        while True:
            _write(start, rows, heads, answer)
            for bad in records.bad_rows:
                answer.add_bad(bad)
            records.bad_rows.clear()
            if records.ended:
                break
            start, rows = records.next_run()
    answer.bad_rows.sort(key=lambda bad: bad.row)
    facts = {"encoding": encoding, "encoding_by": known_by, "separator": separator, "heading_rows": str(heads.count)}
    return Described(heads.headings, facts | ({"title": "\n".join(heads.titles)} if heads.titles else {}))


def find_separator(lines: Sequence[str]) -> str:
    r"""The separator that gives the most rows the same number of cells; empty text for a table of one column.

    Examples
    --------
    >>> find_separator(["name;revenue\r\n", "A;1,5\r\n", "B;2,5\r\n"])
    ';'
    """
    best, best_score = "", (0.0, 0)
    for separator in SEPARATORS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=separator) if any(cell.strip() for cell in row)]
        except csv.Error:
            continue
        wide = Counter(width for width in widths if width > 1)
        if wide:
            width, rows = max(wide.items(), key=lambda item: (item[1], item[0]))
            best, best_score = max((best, best_score), (separator, (rows / len(widths), width)), key=lambda b: b[1])
    return best


class _Records:
    """Rows of the file in unbroken runs, each with the number of its first; a row with a stray quote ends a run."""

    def __init__(self, file: Iterator[str], separator: str, limits: Limits) -> None:
        csv.field_size_limit(limits.cell_chars)
        self._limits, self._separator = limits, separator
        self._lines: list[str] = []
        self._reader = csv.reader(self._remembered(file), delimiter=separator, strict=True)
        self._next = 1
        self.ended = False
        self.bad_rows: list[BadRow] = []

    def next_run(self) -> tuple[int, list[Row]]:
        """Number of the first row, and some thousand rows; perhaps none, even before the end."""
        self._lines.clear()
        start, rows = self._next, list[Row]()
        try:
            rows.extend(islice(self._reader, _BATCH))
            self.ended = len(rows) < _BATCH
            self._next += len(rows)
        except csv.Error as problem:  # the rows before it are in the list already
            self._next += len(rows) + 1
            self._set_aside(start + len(rows), str(problem), self._lines_of_record(len(rows)))
        return start, rows

    def _set_aside(self, number: int, problem: str, lines: list[str]) -> None:
        if len(lines) > 1 or "unexpected end" in problem:
            raise Refusal("unclosed_quote", row=number)
        if "field limit" in problem:
            raise Refusal("cell_too_long", row=number, limit=self._limits.cell_chars)
        text = lines[0].strip() if lines else ""
        self.bad_rows.append(BadRow(number, "stray_quote", tuple(text.split(self._separator))))

    def _lines_of_record(self, records: int) -> list[str]:
        """The lines that the reader took after so many whole records of this run."""
        again = csv.reader(self._lines, delimiter=self._separator, strict=True)
        for _ in islice(again, records):
            pass
        return self._lines[again.line_num :]

    def _remembered(self, file: Iterator[str]) -> Iterator[str]:
        for line in file:
            self._lines.append(line)
            yield line


def _write(start: int, rows: list[Row], heads: Heads, answer: Answer) -> None:
    width = len(heads.headings)
    kept = np.fromiter(map(len, rows), np.int64, len(rows)) == width
    for at in np.flatnonzero(~kept):
        row = [cell.strip() for cell in rows[at]]
        if not any(row):
            continue
        fitted = _fitted(row, heads.headings)
        if fitted is None:
            reason = "too_few_cells" if len(row) < width else "too_many_cells"
            answer.add_bad(BadRow(start + int(at), reason, tuple(row)))
        else:
            rows[at], kept[at] = fitted, True
    numbers = start + np.flatnonzero(kept)
    if not len(numbers):
        return
    if not kept.all():
        rows = [row for row, good in zip(rows, kept, strict=True) if good]
    columns = [tidy(pa.array(column, pa.large_string())) for column in zip(*rows, strict=True)]
    answer.write(*without_blank_rows(numbers, columns))


def _fitted(row: Row, headings: Sequence[str]) -> Row | None:
    """The row cut or filled to the table's width where only blanks are lost or missing."""
    width = len(headings)
    if len(row) > width:
        return None if any(row[width:]) else row[:width]
    return None if any(headings[len(row) :]) or not any(headings) else row + [""] * (width - len(row))

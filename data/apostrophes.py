"""The apostrophe that keeps a spreadsheet from running a text as a formula, and how a reader takes it away again.

A text of a CSV file that starts like a formula gets a leading apostrophe. A text that starts with apostrophes and then
like a formula gets one more, so that taking one away gives back exactly what was written. Only CSV needs it: in the
other formats a text has a type.
"""

import pyarrow as pa
import pyarrow.compute as pc

_START = r"[=+\-@\t\r＝＋－＠]"


def guard(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Texts none of which starts like a formula.

    Examples
    --------
    >>> guard(pa.array(["=1+1", "'=1+1", "1+1", "'a'", None])).to_pylist()
    ["'=1+1", "''=1+1", '1+1', "'a'", None]
    """
    return pc.replace_substring_regex(texts, f"^('*{_START})", r"'\1")


def unguard(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """What was given to ``guard``; for a CSV file of ours and for no other, whose apostrophes may mean themselves.

    Examples
    --------
    >>> unguard(pa.array(["'=1+1", "''=1+1", "1+1", "'a'", None])).to_pylist()
    ['=1+1', "'=1+1", '1+1', "'a'", None]
    """
    return pc.replace_substring_regex(texts, f"^'('*{_START})", r"\1")

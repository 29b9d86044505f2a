"""Columns whose texts are a few known words."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data import columns as c
from data.chosen import TEXT, Chosen
from data.dataset import Status
from data.findings import Effect, Findings


def read_word(
    chosen: Chosen, column: str, known: tuple[str, ...], otherwise: str, findings: Findings
) -> pa.ChunkedArray:
    """A column of known words; blank is ``otherwise``, and so is another word, which is told.

    Parameters
    ----------
    chosen : Chosen
    column : str
    known : tuple of str
    otherwise : str
        One of ``known``.
    findings : Findings
    """
    written = chosen.or_nothing(column)
    right = pc.is_in(written, pa.array(known, TEXT))
    at = pa.array(np.flatnonzero(np.asarray(written.is_valid()) & ~np.asarray(right)))
    findings.add(
        "unknown_word",
        Effect.REPAIRED,
        chosen.rows[at.to_numpy()],
        column,
        before=written.take(at),
        after=[otherwise] * len(at),
    )
    return pc.if_else(right, written, pa.scalar(otherwise, TEXT))


def read_statuses(chosen: Chosen, findings: Findings) -> pa.ChunkedArray:
    """How well each row's figures are known; ``unverified`` where the file does not say."""
    column = c.REVENUE_STATUS if chosen.choices(c.REVENUE_STATUS) else c.STATUS
    return read_word(chosen, column, tuple(s.value for s in Status), Status.UNVERIFIED.value, findings)

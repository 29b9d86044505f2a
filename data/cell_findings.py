"""What is told of the cells of a parsed column: those that nobody can read, and those read by a rule worth a look."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.chosen import Chosen
from data.findings import Effect, Findings
from data.mapping import ColumnChoice
from data.parsed import Parsed


def tell_of_cells(
    chosen: Chosen,
    choice: ColumnChoice,
    parsed: Parsed,
    column: str,
    findings: Findings,
    *,
    unreadable: str,
    effect: Effect = Effect.REFUSED,
) -> None:
    """Add the findings of one parsed column.

    Parameters
    ----------
    chosen : Chosen
    choice : ColumnChoice
        Column of the file that was parsed.
    parsed : Parsed
    column : str
        Column of ours.
    findings : Findings
    unreadable : str
        Code of a cell that no rule reads.
    effect : Effect, optional
        What such a cell does to its row.
    """
    if not (parsed.unreadable.any() or parsed.repaired.any()):
        return
    text = chosen.text_of(choice)
    at = np.flatnonzero(parsed.unreadable)
    findings.add(unreadable, effect, chosen.rows[at], column, before=text.take(pa.array(at)))
    for rule in pc.unique(parsed.rule).drop_null().to_pylist():
        at = np.flatnonzero(np.asarray(pc.fill_null(pc.equal(parsed.rule, rule), False)) & ~parsed.unreadable)
        taken = pa.array(at)
        findings.add(
            rule, Effect.REPAIRED, chosen.rows[at], column, before=text.take(taken), after=parsed.values.take(taken)
        )

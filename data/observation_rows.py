"""Yearly figures for firms that are known already: a row names its firm by id, or by a name that only one firm has."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data import columns as c
from data.amounts import note_oddities, observation_table, read_amounts
from data.chosen import TEXT, Chosen
from data.credit_codes import classify_ids
from data.dataset import Dataset
from data.findings import Effect, Findings
from data.firm_identity import known_figures, number_firms, refuse_repeated, refuse_second_figures
from data.progress import Progress
from data.statuses import read_statuses
from data.taken import Taken


def read_observations(chosen: Chosen, current: Dataset, *, findings: Findings, progress: Progress) -> Taken:
    """Observations of a file.

    Parameters
    ----------
    chosen : Chosen
    current : Dataset
        The version whose firms the rows are about.
    findings : Findings
        Hears of rows whose firm is not known, and of figures that are refused or odd.
    progress : Progress
    """
    rows, total = chosen.rows, len(chosen)
    progress("understanding", 0, total)
    amounts, questions = read_amounts(chosen, findings)
    progress("checking", 0, total)
    ids = _known_firms(chosen, current)
    at = pa.array(np.flatnonzero(np.asarray(ids.is_null())))
    said = pc.coalesce(chosen.or_nothing(c.FIRM_ID), chosen.or_nothing(c.NAME)).take(at)
    findings.add("unknown_firm", Effect.REFUSED, rows[at.to_numpy()], c.FIRM_ID, before=said)
    firm = number_firms(ids)
    refuse_second_figures(amounts, firm, rows, findings)
    refuse_repeated(amounts, firm, rows, findings)
    earlier = known_figures(ids, firm, current)
    note_oddities(amounts, firm[amounts.at], rows[amounts.at], findings, earlier=earlier)
    kept = ~np.isin(rows, findings.rows(Effect.REFUSED))
    table = observation_table(
        amounts, ids, chosen.text(c.SCOPE), read_statuses(chosen, findings), chosen.text(c.SOURCE), among=kept
    )
    return Taken({"observations": table}, questions)


def _known_firms(chosen: Chosen, current: Dataset) -> pa.Array:
    """Id of each row's firm among the firms of a version."""
    ids = pa.array(current.firms.index, TEXT, from_pandas=True)
    written = classify_ids(chosen.or_nothing(c.FIRM_ID)).ids
    known = pc.if_else(pc.is_in(written, ids), written, pa.scalar(None, TEXT))
    names = chosen.text(c.NAME)
    if names is None or not known.null_count:
        return _one_chunk(known)
    of_name = pd.Series(current.firms.index, index=pd.Index(current.firms[c.NAME].astype(object)))
    of_name = of_name[~of_name.index.duplicated(keep=False)]
    by_name = pd.Series(names.to_pandas()).map(of_name)
    return _one_chunk(pc.coalesce(known, pa.array(by_name, TEXT, from_pandas=True)))


def _one_chunk(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts

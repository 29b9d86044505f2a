"""Whether official figures can stand beside each other: no figure twice, none far from its neighbours.

Figures are of one series when indicator, scope and area agree. A carrier on a list is known by its name alone: it is
built once, wherever and whenever the list has it.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import columns as c
from data.findings import Effect, Findings
from data.indicator_names import CNY_PER_UNIT, COUNT_UNITS, indicator_names, key_of
from data.reference import CITY, COUNTRY

MOST_JUMP = 10.0
"""A figure this many times the one before it, or this part of it, is doubted: 万元 for 亿元 is a factor of 10⁴."""


def is_carrier(figures: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows name one newly built thing: one, of a unit that counts, with its name as the note."""
    return figures[c.UNIT].isin(COUNT_UNITS) & (figures[c.VALUE] == 1) & figures[c.NOTE].notna()


def check_once(figures: pd.DataFrame, rows: NDArray[np.int64], findings: Findings) -> "pd.Series[bool]":
    """Refuse what stands twice: all rows of it when they disagree, all but the first when they agree.

    Parameters
    ----------
    figures : DataFrame
        Indicators.
    rows : ndarray of int64
        Number of each row, for the findings.
    findings : Findings

    Returns
    -------
    Series of bool
        Whether a row stays; on the index of ``figures``.
    """
    carrier = is_carrier(figures) & _is_counted(figures)
    whole = _joined(figures, c.INDICATOR, c.SCOPE, c.AREA_ID, c.PERIOD)
    key = whole.where(
        ~carrier, figures[c.INDICATOR] + "\0\0" + figures[c.NOTE].map(key_of, na_action="ignore").fillna("")
    )
    said = (
        amounts(figures).map("{:.12g}".format).where(~carrier, _text(figures[c.PERIOD]))
    )  # 12 digits: no noise of units
    number = pd.Series(rows, index=figures.index)
    agree = said.groupby(key).transform("nunique") == 1
    first = ~key.duplicated()
    refused = key.duplicated(keep=False) & ~(agree & first)
    second = number[~first].groupby(key[~first]).first()
    other = number.groupby(key).transform("first").where(~first, key.map(second))
    at = refused.to_numpy(bool)
    written = figures[c.NOTE].where(carrier, figures[c.VALUE_TEXT])
    for code, some in (("indicator_twice", agree), ("indicator_two_values", ~agree)):
        these = at & some.to_numpy(bool)
        told = {"before": list(written[these]), "after": list(other[these].astype("int64"))}
        findings.add(code, Effect.REFUSED, rows[these], c.VALUE, **told)
    return ~refused


def check_plausible(figures: pd.DataFrame, rows: NDArray[np.int64], findings: Findings) -> None:
    """Note figures that a person should look at: beyond what a city can have, far from their neighbour in time.

    Parameters
    ----------
    figures : DataFrame
        Indicators.
    rows : ndarray of int64
        Number of each row, for the findings.
    findings : Findings
    """
    amount = amounts(figures)
    carrier = is_carrier(figures)
    odd = pd.Series(False, index=figures.index)
    for name in indicator_names():
        of = figures[c.INDICATOR] == name.name
        factor = CNY_PER_UNIT.get(name.unit, 1)
        small = (amount < name.least * factor) & (figures[c.AREA_ID] == CITY)  # a part of the city may have less
        large = (amount > name.most * factor) & (figures[c.AREA_ID] != COUNTRY)
        odd |= of & (small | large) & ~carrier
    at = odd.to_numpy(bool)
    findings.add("indicator_out_of_range", Effect.NOTED, rows[at], c.VALUE, before=list(figures[c.VALUE_TEXT][at]))
    _note_jumps(figures.assign(amount=amount, row=rows)[~odd & ~carrier & (amount > 0)], findings)


def amounts(figures: pd.DataFrame) -> pd.Series:
    """Figures in CNY where their unit is one of money, else as they are."""
    return figures[c.VALUE] * figures[c.UNIT].map(CNY_PER_UNIT).astype(float).fillna(1.0)


def _note_jumps(figures: pd.DataFrame, findings: Findings) -> None:
    ordered = figures[figures[c.YEAR].notna()].sort_values(c.YEAR, kind="stable")
    key = _joined(ordered, c.INDICATOR, c.SCOPE, c.AREA_ID)
    before = ordered.groupby(key)["amount"].shift()
    ratio = ordered["amount"] / before
    far = (ratio > MOST_JUMP) | (ratio < 1 / MOST_JUMP)
    falls = (ratio < 1) & _is_counted(ordered)  # a total since the plan began cannot fall
    earlier = ordered.groupby(key)[c.VALUE_TEXT].shift()
    for code, where in (("indicator_jump", far & ~falls), ("indicator_falling_count", falls)):
        at = where.to_numpy(bool)
        findings.add(
            code, Effect.NOTED, ordered["row"].to_numpy(np.int64)[at], c.VALUE,
            before=list(ordered[c.VALUE_TEXT][at]), after=list(earlier[at]),
        )  # fmt: skip


def _is_counted(figures: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows belong to an indicator that counts what was newly built."""
    return figures[c.INDICATOR].isin([name.name for name in indicator_names() if name.is_count])


def _joined(figures: pd.DataFrame, *columns: str) -> "pd.Series[str]":
    """Several columns as one text a row."""
    texts = zip(*(_text(figures[name]) for name in columns), strict=True)
    return pd.Series(["\0".join(row) for row in texts], figures.index, dtype=object)


def _text(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna(), "").astype(str)

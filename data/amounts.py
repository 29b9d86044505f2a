"""Yearly figures of firms in a file: one row a firm and year, or one column a year, each in its own unit."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data import columns as c
from data.cell_findings import tell_of_cells
from data.chosen import Chosen
from data.dataset import Status
from data.findings import Effect, Findings
from data.mapping import ColumnChoice, Question
from data.numbers import parse_counts, parse_money, parse_years
from data.observed import Observed
from data.parsed import Parsed

Ints = NDArray[np.int64]
YEARS_APART = 10_000  # more than any year, so that firm and year are one number
MEASURES = (c.REVENUE_CNY, c.VALUE_ADDED_CNY, c.EMPLOYEES)
LEAP = 4.0  # times last year's figure, or a quarter of it
SLIP = 10_000.0  # 元 for 万元, 万元 for 亿元
SLIP_BAND = 3.0  # a slip of the unit and a year's growth within this factor
MOST_A_HEAD, LEAST_A_HEAD = 50_000_000, 5_000  # CNY of revenue a person and year; above is rare even in trade


@dataclass(frozen=True, eq=False)
class Amounts:
    """Yearly figures, one entry a row of the file and year.

    Attributes
    ----------
    at : ndarray of int64
        Position of the row in the file's table.
    year : ndarray of int64
    figures : dict of str to pandas array
        Each of ``MEASURES`` that the file has, ``Int64``.
    """

    at: NDArray[np.int64]
    year: NDArray[np.int64]
    figures: dict[str, pd.Series]


def read_amounts(chosen: Chosen, findings: Findings) -> tuple[Amounts, tuple[Question, ...]]:
    """Every yearly figure of the file; a cell that is no number refuses its row.

    Parameters
    ----------
    chosen : Chosen
    findings : Findings

    Returns
    -------
    Amounts
    tuple of Question
        When figures name no year.
    """
    years = _years(chosen, findings)
    parts, open_year = [], False
    for measure in MEASURES:
        for choice in chosen.choices(measure):
            values = _figures(chosen, choice, measure, findings)
            if choice.year is not None:
                year = pd.Series(np.full(len(chosen), choice.year, np.int64), dtype="Int64")
            elif chosen.mapping.year is not None and not chosen.choices(c.YEAR):
                year = pd.Series(np.full(len(chosen), chosen.mapping.year, np.int64), dtype="Int64")
            else:
                year, open_year = years, open_year or (not chosen.choices(c.YEAR) and bool(values.notna().any()))
            kept = (values.notna() & year.notna()).to_numpy(bool)
            lacking = np.flatnonzero((values.notna() & year.isna()).to_numpy(bool))
            if chosen.choices(c.YEAR) and choice.year is None:
                findings.add("figure_without_year", Effect.REFUSED, chosen.rows[lacking], c.YEAR)
            at = np.flatnonzero(kept)
            parts.append(
                pd.DataFrame(
                    {"at": at, c.YEAR: year[kept].to_numpy(np.int64), "measure": measure, "value": values[kept]}
                )
            )
    questions = (Question("year", "", ()),) if open_year else ()
    parts = [part for part in parts if len(part)]
    if not parts:
        return Amounts(np.empty(0, np.int64), np.empty(0, np.int64), {}), questions
    long = pd.concat(parts, ignore_index=True)
    keys = ["at", c.YEAR]
    wide = {
        measure: long[long["measure"] == measure].drop_duplicates(keys).set_index(keys)["value"]
        for measure in MEASURES
        if (long["measure"] == measure).any()
    }
    together = pd.DataFrame(wide).astype("Int64").sort_index()
    at, year_of = (together.index.get_level_values(i).to_numpy(np.int64) for i in (0, 1))
    return Amounts(at, year_of, {m: together[m].reset_index(drop=True) for m in wide}), questions


def _years(chosen: Chosen, findings: Findings) -> pd.Series:
    choices = chosen.choices(c.YEAR)
    if not choices:
        return pd.Series(pd.array([pd.NA] * len(chosen), dtype="Int64"))
    parsed = parse_years(chosen.cells(choices[0]))
    tell_of_cells(chosen, choices[0], parsed, c.YEAR, findings, unreadable="unreadable_year")
    return _integers(parsed)


def _figures(chosen: Chosen, choice: ColumnChoice, measure: str, findings: Findings) -> pd.Series:
    if chosen.is_asked("unit", choice):
        return pd.Series(pd.array([pd.NA] * len(chosen), dtype="Int64"))  # until somebody says the unit
    cells = chosen.cells(choice)
    parsed = parse_counts(cells) if measure == c.EMPLOYEES else parse_money(cells, choice.unit)
    tell_of_cells(chosen, choice, parsed, measure, findings, unreadable="unreadable_number")
    return _integers(parsed)


def _integers(parsed: Parsed) -> pd.Series:
    numbers = parsed.values.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    missing = np.asarray(parsed.values.is_null())
    return pd.Series(pd.arrays.IntegerArray(numbers, missing))


def note_oddities(
    amounts: Amounts, firm: Ints, rows: Ints, findings: Findings, *, earlier: Observed | None = None
) -> None:
    """Note figures that a person should look at: leaps, slips of the unit, revenue a head beyond belief.

    Parameters
    ----------
    amounts : Amounts
    firm : ndarray of int64
        Number of the firm of each entry.
    rows : ndarray of int64
        Row number of each entry in its file.
    findings : Findings
    earlier : Observed, optional
        What is known already of the same firms, under the same numbers.

    Notes
    -----
    A figure is compared with the same firm's of the year before, in the file or else known already. Within a factor of
    ``SLIP_BAND`` of 10⁴ (or 10⁻⁴) times it, it is taken for a slip of the unit; beyond ``LEAP`` times, for a leap.
    Nothing is changed.
    """
    if c.REVENUE_CNY not in amounts.figures:
        return
    revenue = amounts.figures[c.REVENUE_CNY].to_numpy(np.float64, na_value=np.nan)
    _note_changes(_Series(firm, amounts.year, revenue, rows).after(earlier), findings)
    below = np.flatnonzero(revenue < 0)
    findings.add("negative_revenue", Effect.NOTED, rows[below], c.REVENUE_CNY, before=_whole(revenue[below]))
    if c.EMPLOYEES in amounts.figures:
        heads = amounts.figures[c.EMPLOYEES].to_numpy(np.float64, na_value=np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            each = revenue / heads
        odd = np.flatnonzero((heads > 0) & ((each > MOST_A_HEAD) | ((each < LEAST_A_HEAD) & (revenue > 0))))
        findings.add("revenue_a_head", Effect.NOTED, rows[odd], c.REVENUE_CNY, before=_whole(each[odd]))


class _Series(NamedTuple):
    """Yearly revenue of firms; ``row`` is -1 for what no row of the file says."""

    firm: Ints
    year: Ints
    revenue: NDArray[np.float64]
    row: Ints

    def after(self, earlier: Observed | None) -> "_Series":
        """The same with what was known before, where the file does not say otherwise."""
        if earlier is None:
            return self
        key, known = (s.firm.astype(np.int64) * YEARS_APART + s.year for s in (self, earlier))
        new = ~np.isin(known, key)
        return _Series(
            np.append(self.firm, earlier.firm[new]),
            np.append(self.year, earlier.year[new]),
            np.append(self.revenue, earlier.revenue[new]),
            np.append(self.row, np.full(int(new.sum()), -1)),
        )


def _note_changes(series: _Series, findings: Findings) -> None:
    order = np.lexsort((series.year, series.firm))
    firm, year, revenue, row = (part[order] for part in series)
    follows = (np.diff(firm) == 0) & (np.diff(year) == 1) & (row[1:] >= 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.abs(np.log(revenue[1:] / revenue[:-1]))
    slip = follows & (np.abs(size - np.log(SLIP)) <= np.log(SLIP_BAND))
    leap = follows & ~slip & (size > np.log(LEAP)) & np.isfinite(size)
    for mask, code in ((slip, "unit_slip"), (leap, "leap")):
        at = np.flatnonzero(mask)
        before, now = ([f"{year[i]}: {revenue[i]:.0f}" for i in end] for end in (at, at + 1))
        findings.add(code, Effect.NOTED, row[at + 1], c.REVENUE_CNY, before=before, after=now)


def _whole(values: NDArray[np.float64]) -> list[str]:
    return [f"{value:.0f}" for value in values]


def observation_table(
    amounts: Amounts,
    firm_ids: pa.ChunkedArray | pa.Array,
    scope: pa.ChunkedArray | None,
    status: pa.ChunkedArray | None,
    source: pa.ChunkedArray | None,
    *,
    among: NDArray[np.bool_],
) -> pa.Table:
    """Yearly figures as observations.

    Parameters
    ----------
    amounts : Amounts
    firm_ids : pyarrow array
        Id of the firm of each row of the file.
    scope, status, source : pyarrow array or None
        Of each row of the file.
    among : ndarray of bool
        Rows of the file that are taken.
    """
    entries = np.flatnonzero(among[amounts.at])
    at, size = pa.array(amounts.at[entries]), len(entries)

    def of(texts: pa.ChunkedArray | pa.Array | None, otherwise: str | None) -> pa.Array | pa.ChunkedArray:
        if texts is None:
            return pa.array([otherwise], pa.large_string()).take(pa.array(np.zeros(size, np.int64)))
        taken = texts.take(at)
        return taken if otherwise is None else taken.fill_null(otherwise)

    figures = {m: pa.array(series.iloc[entries], pa.int64(), from_pandas=True) for m, series in amounts.figures.items()}
    figures.setdefault(c.REVENUE_CNY, pa.nulls(size, pa.int64()))
    return pa.table(
        {
            c.FIRM_ID: of(firm_ids, None),
            c.YEAR: pa.array(amounts.year[entries]),
            **figures,
            c.SCOPE: of(scope, None),
            c.STATUS: of(status, Status.UNVERIFIED.value),
            c.SOURCE: of(source, None),
        }
    )

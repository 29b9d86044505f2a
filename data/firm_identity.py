"""Which rows are about the same firm: by its id, and without one by its name and the district that it is in.

An id that a spreadsheet has damaged (9.14403E+17) cannot be mended; the firm then goes by name and place, and the
report says so. A second row of a firm may add another year; it may not say a second figure for the same year.
"""

import hashlib
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data import columns as c
from data.amounts import Amounts
from data.chosen import TEXT, Chosen
from data.credit_codes import IdKind, classify_ids
from data.dataset import Dataset
from data.findings import Effect, Findings
from data.observed import Observed, observed_rows

Ints = NDArray[np.int64]
Texts: TypeAlias = pa.ChunkedArray | pa.Array
MADE = "N-"
MADE_DIGITS = 12


def made_id(name: str, district_id: str | None) -> str:
    """Id of a firm that has none: the same for the same name and district.

    Examples
    --------
    >>> made_id("甲公司", "440305") == made_id("甲公司", "440305") != made_id("甲公司", None)
    True
    """
    return MADE + hashlib.sha256(f"{name}\n{district_id or ''}".encode()).hexdigest()[:MADE_DIGITS].upper()


def firm_ids(chosen: Chosen, names: Texts, district_ids: Texts, findings: Findings) -> pa.Array:
    """Id of the firm of each row.

    Parameters
    ----------
    chosen : Chosen
    names, district_ids : pyarrow array of text
    findings : Findings
        Hears of codes that were mended, damaged or fail their check digit.
    """
    written = chosen.or_nothing(c.FIRM_ID)
    codes = classify_ids(written)
    for kind, code, effect in (
        (IdKind.DAMAGED_BY_SPREADSHEET, "damaged_by_spreadsheet", Effect.REPAIRED),
        (IdKind.BAD_CHECK_DIGIT, "bad_check_digit", Effect.NOTED),
    ):
        at = pa.array(np.flatnonzero(codes.kind == kind))
        findings.add(code, effect, chosen.rows[at.to_numpy()], c.FIRM_ID, before=written.take(at))
    at = pa.array(np.flatnonzero(codes.repaired))
    findings.add(
        "id_tidied", Effect.REPAIRED, chosen.rows[at.to_numpy()], c.FIRM_ID,
        before=written.take(at), after=codes.ids.take(at),
    )  # fmt: skip
    lacking = np.asarray(codes.ids.is_null()) | (codes.kind == IdKind.DAMAGED_BY_SPREADSHEET)
    if not lacking.any():
        return codes.ids
    at = np.flatnonzero(lacking & np.asarray(names.is_valid()))
    pairs = pd.DataFrame({"name": _objects(names, at), "place": _objects(district_ids, at)})
    number, unique = pd.factorize(pd.MultiIndex.from_frame(pairs))
    made = np.array([made_id(str(name), place if place == place else None) for name, place in unique], object)
    ids = codes.ids.to_numpy(zero_copy_only=False).copy()
    ids[lacking] = None
    ids[at] = made[number]
    return pa.array(ids, TEXT)


def number_firms(ids: pa.Array) -> Ints:
    """Number of the firm of each row, in the order in which firms appear; a row without an id is a firm of its own."""
    number = pd.factorize(pd.Series(ids.to_numpy(zero_copy_only=False)), use_na_sentinel=True)[0].astype(np.int64)
    alone = np.flatnonzero(number < 0)
    number[alone] = number.max(initial=-1) + 1 + np.arange(len(alone))
    return number


def first_of(number: Ints, among: NDArray[np.bool_]) -> Ints:
    """First row of each firm among some rows, in the order of the rows."""
    at = np.flatnonzero(among)
    _, first = np.unique(number[at], return_index=True)
    return np.sort(at[first])


def known_figures(ids: pa.Array, firm: Ints, current: Dataset) -> Observed:
    """What a version knows already of the firms of a file, under their numbers."""
    first = first_of(firm, np.ones(len(firm), bool))
    of_firm = ids.take(pa.array(first[np.argsort(firm[first])]))
    return observed_rows(current, pd.Index(of_firm.to_numpy(zero_copy_only=False), dtype="str"))


def refuse_second_figures(amounts: Amounts, firm: Ints, rows: Ints, findings: Findings) -> None:
    """Refuse rows that say again what an earlier row of the same firm said for the same year."""
    if not len(amounts.at):
        return
    entries = pd.DataFrame({"firm": firm[amounts.at], "year": amounts.year, "at": amounts.at})
    first = entries.groupby(["firm", "year"], sort=False)["at"].transform("first").to_numpy(np.int64)
    again = np.flatnonzero(first != amounts.at)
    if not len(again):
        return
    same = np.ones(len(again), bool)
    position = pd.Series(np.arange(len(entries)), index=pd.MultiIndex.from_arrays([amounts.at, amounts.year]))
    earlier = position.reindex(pd.MultiIndex.from_arrays([first[again], amounts.year[again]])).to_numpy(np.int64)
    for figures in amounts.figures.values():
        one, other = figures.iloc[again].reset_index(drop=True), figures.iloc[earlier].reset_index(drop=True)
        same &= ((one == other).fillna(False) | (one.isna() & other.isna())).to_numpy(bool)
    for mask, code in ((same, "duplicate_row"), (~same, "second_figure")):
        at, of = amounts.at[again[mask]], first[again[mask]]
        at, unique = np.unique(at, return_index=True)
        findings.add(code, Effect.REFUSED, rows[at], c.FIRM_ID, before=rows[of[unique]].tolist())


def refuse_repeated(amounts: Amounts, firm: Ints, rows: Ints, findings: Findings) -> None:
    """Refuse rows without a figure whose firm stands in an earlier row already."""
    bare = np.ones(len(rows), bool)
    bare[amounts.at] = False
    first = first_of(firm, np.ones(len(rows), bool))
    of = np.full(int(firm.max(initial=-1)) + 1, -1, np.int64)
    of[firm[first]] = first
    at = np.flatnonzero(bare & (of[firm] != np.arange(len(rows))))
    findings.add("duplicate_row", Effect.REFUSED, rows[at], c.FIRM_ID, before=rows[of[firm[at]]].tolist())


def note_namesakes(names: Texts, district_ids: Texts, firm: Ints, rows: Ints, findings: Findings) -> None:
    """Note firms of one name in one district under different ids."""
    first = first_of(firm, np.asarray(names.is_valid()))
    pairs = pd.DataFrame({"name": _objects(names, first), "place": _objects(district_ids, first), "at": first})
    earliest = pairs.groupby(["name", "place"], sort=False, dropna=False)["at"].transform("first").to_numpy(np.int64)
    again = np.flatnonzero(earliest != first)
    findings.add("same_name_and_place", Effect.NOTED, rows[first[again]], c.NAME, before=rows[earliest[again]].tolist())


def _objects(texts: Texts, at: Ints) -> NDArray[np.object_]:
    return np.array(texts.take(pa.array(at)).to_numpy(zero_copy_only=False), np.object_)

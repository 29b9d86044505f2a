"""Official figures as a file lists them: one row a figure, or one row for each newly built carrier.

An official figure decides whether a goal is met, so nothing in it is guessed: a row without a source, a year, a unit or
an area that is known stays out and says why. A carrier on a list is a row whose note is its name; it counts as one.
A total of carriers is what was built from the plan's first year to the end of the row's year.

Left out: revisions. The same figure twice with two values is refused on both rows; a person decides which one holds.
"""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from data import columns as c
from data.dataset import Status
from data.findings import Effect, Findings
from data.indicator_checks import check_once, check_plausible
from data.indicator_names import CNY_PER_UNIT, COUNT_UNITS, WrittenName, key_of, known_indicator, read_name
from data.reference import CITY, STATUSES, WIDER_AREAS

COLUMNS = (
    c.INDICATOR,
    c.SCOPE,
    c.AREA_ID,
    c.AREA_NAME,
    c.PERIOD,
    c.YEAR,
    c.VALUE,
    c.VALUE_TEXT,
    c.UNIT,
    c.STATUS,
    c.SOURCE,
    c.NOTE,
)
"""Columns of the result, as in the bundled set."""

T = TypeVar("T")
_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?)\s*(\D*)", re.IGNORECASE | re.ASCII)
_YEAR = re.compile(r"((?:19|20)\d\d|2100)(?:\.0+)?\s*年?(?:度|末|底)?", re.ASCII)
_PART = re.compile(
    r"((?:19|20)\d\d|2100)\s*年?度?[\s.\-/]*(?:Q[1-4]|H[12]|.{0,6}(?:季度?|半年|月))", re.IGNORECASE | re.ASCII
)
# other ways to write a unit, with the factor that the number takes
_UNITS = {
    "亿": ("亿元", 1),
    "万": ("万元", 1),
    "人民币元": ("元", 1),
    "亿元人民币": ("亿元", 1),
    "万元人民币": ("万元", 1),
    "千元": ("元", 10**3),
    "百万元": ("万元", 10**2),
    "千万元": ("万元", 10**3),
    "十亿元": ("亿元", 10),
    "％": ("%", 1),
}
_STATUS_WORDS = {
    **{status.value: status for status in Status},
    **STATUSES,
    "有出处": Status.SOURCED,
    "官方": Status.SOURCED,
    "二手来源": Status.SECONDARY,
    "未核对": Status.UNVERIFIED,
    "凭记忆": Status.MEMORY,
}


def read_indicators(table: pa.Table, rows: ArrayLike, districts: gpd.GeoDataFrame, findings: Findings) -> pd.DataFrame:
    """Indicators of a table of text.

    Parameters
    ----------
    table : pyarrow.Table
        Text columns under our names; any of indicator, scope, area_id, area_name, period, year, value, unit, status,
        source, note. A column that is missing is empty on every row.
    rows : array_like of int
        Number of each row, for the findings.
    districts : GeoDataFrame
        Districts that a row may speak of, beside the city and the country.
    findings : Findings
        Takes what was found; a refused row is not in the result.

    Returns
    -------
    DataFrame
        ``COLUMNS``, as in the bundled set: year Int64 (missing for a part of a year), value float64, all else text or
        ``None``.
    """
    given = _given(table)
    checks = _Checks(np.asarray(rows, np.int64), findings)
    names = _each(given[c.INDICATOR], read_name)
    checks.refuse("indicator_no_name", c.INDICATOR, names.isna())
    frame = pd.DataFrame(index=given.index, columns=list(COLUMNS), dtype=object)
    frame[c.INDICATOR] = _of(names, lambda n: n.name)
    frame[c.AREA_ID], frame[c.AREA_NAME] = _areas(given, districts, checks)
    frame[c.PERIOD], frame[c.YEAR] = _periods(given, checks)
    frame[c.NOTE] = given[c.NOTE]
    frame[c.VALUE_TEXT], frame[c.VALUE], frame[c.UNIT] = _figures(given, names, checks)
    frame[c.SCOPE] = _scopes(given, names, checks)
    frame[c.SOURCE], frame[c.STATUS] = given[c.SOURCE], _statuses(given, checks)
    _tell_names(given, names, checks)
    checks.kept &= check_once(frame[checks.kept], checks.rows[checks.kept], findings).reindex(
        given.index, fill_value=True
    )
    check_plausible(frame[checks.kept], checks.rows[checks.kept], findings)
    kept = frame[checks.kept].reset_index(drop=True)
    text = kept.drop(columns=[c.YEAR, c.VALUE])
    kept[text.columns] = text.astype(object).where(text.notna(), None)
    return kept.astype({c.AREA_ID: "str", c.YEAR: "Int64", c.VALUE: "float64", c.STATUS: "str"})


class _Checks:
    """Which rows are still in, and where to say why one is not; every fault of a row is said, not its first alone."""

    def __init__(self, rows: NDArray[np.int64], findings: Findings) -> None:
        self.rows, self.findings = rows, findings
        self.kept = pd.Series(True, index=range(len(rows)))

    def refuse(self, code: str, column: str, bad: pd.Series, before: pd.Series | None = None) -> None:
        self.say(code, Effect.REFUSED, column, bad, before)
        self.kept &= ~bad

    def say(
        self,
        code: str,
        effect: Effect,
        column: str,
        where: pd.Series,
        before: pd.Series | None = None,
        after: pd.Series | None = None,
    ) -> None:
        at = where.to_numpy(bool)
        shown = [None if s is None else [None if pd.isna(v) else v for v in s[at]] for s in (before, after)]
        self.findings.add(code, effect, self.rows[at], column, before=shown[0], after=shown[1])


def _given(table: pa.Table) -> pd.DataFrame:
    """The columns that we read as text without surrounding blanks; what is blank or not there is ``None``."""
    length = table.num_rows
    found = {}
    for name in COLUMNS:
        text = table[name].to_pandas().astype(object) if name in table.column_names else pd.Series([None] * length)
        found[name] = _each(pd.Series(text.array, index=range(length), dtype=object), lambda t: str(t).strip() or None)
    return pd.DataFrame(found, index=range(length))


def _each(texts: pd.Series, read: Callable[[str], T]) -> pd.Series:
    """What a function makes of each text, asked once for each different one; nothing of nothing."""
    made = {text: read(text) for text in texts.dropna().unique()}
    return pd.Series([made.get(text) if isinstance(text, str) else None for text in texts], texts.index, dtype=object)


def _of(values: pd.Series, read: Callable[[Any], T]) -> pd.Series:
    """What a function makes of each value; nothing of nothing."""
    return pd.Series([None if v is None or v != v else read(v) for v in values], values.index, dtype=object)


def _areas(given: pd.DataFrame, districts: gpd.GeoDataFrame, checks: _Checks) -> tuple[pd.Series, pd.Series]:
    known = _area_ids(districts)

    def find(text: str) -> str | None:
        key = key_of(text)
        return known.get(key) or known.get(key.removeprefix("深圳市")) or known.get(key.removeprefix("深圳"))

    by_id, by_name = _each(given[c.AREA_ID], find), _each(given[c.AREA_NAME], find)
    written = given[c.AREA_NAME].where(given[c.AREA_NAME].notna(), given[c.AREA_ID])
    checks.refuse("indicator_no_area", c.AREA_NAME, written.isna())
    for column, found in ((c.AREA_ID, by_id), (c.AREA_NAME, by_name)):
        checks.refuse("indicator_unknown_area", column, given[column].notna() & found.isna(), given[column])
    both = by_id.notna() & by_name.notna()
    checks.refuse("indicator_two_areas", c.AREA_NAME, both & (by_id != by_name), written)
    return by_id.where(by_id.notna(), by_name), written


def _area_ids(districts: gpd.GeoDataFrame) -> dict[str, str]:
    """Id of each area by every way to write it."""
    found = WIDER_AREAS | {area_id: area_id for area_id in WIDER_AREAS.values()}
    found |= dict.fromkeys(("深圳", "全市", "本市", "Shenzhen"), CITY)
    for column in (c.DISTRICT_ID, c.ADCODE, c.NAME, c.LABEL_ZH, c.NAME_EN, c.LABEL_EN):
        if column in districts:
            written = districts[column].dropna()
            found |= dict(zip(written.astype(str), written.index.astype(str), strict=True))
    # 前海 lies over 南山, whose row of a statistical table may name it too
    found |= {f"{name}(前海)": area_id for name, area_id in found.items()}
    return {key_of(name): area_id for name, area_id in found.items()}


def _periods(given: pd.DataFrame, checks: _Checks) -> tuple[pd.Series, pd.Series]:
    written = given[c.YEAR].where(given[c.YEAR].notna(), given[c.PERIOD])
    plain = _each(written, lambda text: unicodedata.normalize("NFKC", text))
    year = _each(plain, lambda text: int(found[1]) if (found := _YEAR.fullmatch(text)) else None)
    part = _each(plain, lambda text: bool(_PART.fullmatch(text)) or None).notna()
    checks.refuse("indicator_no_year", c.YEAR, written.isna() | (year.isna() & ~part), written)
    checks.say("indicator_part_of_year", Effect.NOTED, c.PERIOD, year.isna() & part & checks.kept, written)
    return written.where(year.isna(), _of(year, str)), year.astype("Int64")


def _figures(given: pd.DataFrame, names: pd.Series, checks: _Checks) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Text, number and unit of each figure; a unit may stand in its own column, behind the number or in the heading."""
    known = _of(names, lambda n: n.known)
    counted = _of(known, lambda k: k is not None and k.is_count).eq(True)
    one = counted & given[c.VALUE].isna() & given[c.NOTE].notna()  # a carrier on a list
    written = given[c.VALUE].mask(one, "1")
    checks.say("indicator_one_carrier", Effect.REPAIRED, c.VALUE, one, given[c.VALUE], written)
    read = _each(written, _number)
    beside = _of(read, lambda r: r[1])
    bracket = _of(names, lambda n: n.bracket if n.bracket and _is_unit(n.bracket) else None)
    stated = given[c.UNIT].where(given[c.UNIT].notna(), beside.where(beside.notna(), bracket))
    unit = _each(stated, lambda text: _unit(text)[0])
    factor = _each(stated, lambda text: _unit(text)[1]).fillna(1)
    checks.refuse("indicator_no_value", c.VALUE, written.isna())
    differs = beside.notna() & given[c.UNIT].notna() & (_each(beside, _unit) != _each(given[c.UNIT], _unit))
    checks.refuse("indicator_unreadable_value", c.VALUE, written.notna() & (read.isna() | differs), written)
    checks.refuse("indicator_no_unit", c.UNIT, unit.isna())
    fits = pd.Series([k is None or u is None or k.fits(u) for k, u in zip(known, unit, strict=True)], index=unit.index)
    checks.refuse("indicator_unfit_unit", c.UNIT, ~fits & names.notna(), stated)
    checks.say("indicator_unit", Effect.REPAIRED, c.UNIT, (unit != stated) & stated.notna() & checks.kept, stated, unit)
    number = _of(read, lambda r: r[0])
    value = pd.Series([None if pd.isna(n) else float(n * f) for n, f in zip(number, factor, strict=True)], unit.index)
    amount = unit.isin([*CNY_PER_UNIT, *COUNT_UNITS])
    impossible = amount & ((value < 0) | (unit.isin(COUNT_UNITS) & (value % 1 != 0) & value.notna()))
    checks.refuse("indicator_impossible_value", c.VALUE, impossible, written)
    return given[c.VALUE].where(~one, "1"), value.astype("float64"), unit


def _number(text: str) -> tuple[Decimal, str | None] | None:
    """A plain number and the unit behind it; nothing of 约12000 or >9000, which are no figures."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None:
        return None
    beside = found[2].strip() or None
    if beside is not None and not _is_unit(beside):
        return None
    try:
        number = Decimal(found[1].replace(",", ""))
    except InvalidOperation:
        return None
    return (number, beside) if abs(number) < Decimal(10) ** 18 else None


def _unit(text: str) -> tuple[str, int]:
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    return _UNITS.get(plain, (plain, 1))


def _is_unit(text: str) -> bool:
    return _unit(text)[0] in {*CNY_PER_UNIT, *COUNT_UNITS, "%", "人", "万人", "km2", "平方公里"}


def _scopes(given: pd.DataFrame, names: pd.Series, checks: _Checks) -> pd.Series:
    bracket = _of(names, lambda n: n.bracket if n.bracket and not _is_unit(n.bracket) else None)
    written = pd.Series(
        [_joined(column, more) for column, more in zip(given[c.SCOPE], bracket, strict=True)], given.index, dtype=object
    )
    scope = pd.Series(
        [_scope(name, text) for name, text in zip(names, written, strict=True)], given.index, dtype=object
    )
    needed = _of(names, lambda n: bool(n.known and n.known.scope)).eq(True)
    checks.refuse("indicator_no_scope", c.SCOPE, needed & scope.isna())
    counted = _of(names, lambda n: n.known is not None and n.known.is_count).eq(True)
    checks.say("indicator_scope_unsaid", Effect.NOTED, c.SCOPE, ~needed & ~counted & scope.isna() & checks.kept)
    return scope


def _joined(column: str | None, bracket: str | None) -> str | None:
    """Scope of the column with what the name adds to it."""
    if column is None or bracket is None or key_of(bracket) in key_of(column):
        return column or bracket
    return f"{column}, {bracket}"


def _scope(name: WrittenName | None, written: str | None) -> str | None:
    if written is None or name is None or name.known is None:
        return written
    return name.known.scopes.get(key_of(written), written)


def _statuses(given: pd.DataFrame, checks: _Checks) -> pd.Series:
    """A figure with a source is sourced, unless the file says less of it; one without never enters."""
    checks.refuse("indicator_no_source", c.SOURCE, given[c.SOURCE].isna())
    status = _each(given[c.STATUS], lambda text: _STATUS_WORDS.get(text.casefold()))
    checks.refuse("indicator_unknown_status", c.STATUS, given[c.STATUS].notna() & status.isna(), given[c.STATUS])
    return _of(status.where(given[c.STATUS].notna(), Status.SOURCED), str)


def _tell_names(given: pd.DataFrame, names: pd.Series, checks: _Checks) -> None:
    """Say which names were read as another one, and which are none of those that the plan is judged by."""
    name = _of(names, lambda n: n.name)
    known = _of(name, lambda n: known_indicator(n) is not None).eq(True)
    renamed = known & (given[c.INDICATOR] != name) & checks.kept
    checks.say("indicator_name", Effect.REPAIRED, c.INDICATOR, renamed, given[c.INDICATOR], name)
    strange = ~known & name.notna() & checks.kept
    checks.say("indicator_unknown_name", Effect.NOTED, c.INDICATOR, strange & ~name.duplicated(), given[c.INDICATOR])

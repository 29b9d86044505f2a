"""What the numbers of a table say: money in CNY, areas in m², persons, years, plain decimals.

A text that is more or less than a number (``约12``, ``>9000``, ``12-15``) is unreadable here, and so is what no column
can hold (``1e309``, ``inf``). A unit in a cell goes before the unit of its column.
"""

import math
import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

from data.parsed import SCIENTIFIC, TEXT, Cells, Parsed, Reading, parse_cells, plain_texts
from data.units import Measure, factor, unit_named

FIRST_YEAR, LAST_YEAR = 1900, 2100
CELL_UNIT = "cell_unit"
CURRENCY_SIGN = "currency_sign"
BRACKETS = "negative_in_brackets"
PERCENT = "percent_sign"
YEAR_OF_DATE = "year_of_date"

INT64 = 2**63
MONEY_DECIMALS, FLOAT_DECIMALS = 8, 17
_NUMBER = r"(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)(?P<power>e[+-]?[0-9]{1,3})?"
_AMOUNT = re.compile(
    rf"(?P<sign>[+-]?)\s*(?P<currency>¥|rmb|cny|人民[币幣])?\s*(?P<inner>[+-]?)\s*{_NUMBER}\s*(?P<unit>%|[^\W\d_][^0-9_]*2?)?"
)
_BRACKETS = re.compile(r"\(([^()]+)\)([^()]*)")
_YEAR = re.compile(r"(?:fy)?((?:19|20|21)[0-9]{2})(?:\.0+)?\s*(?:年度?|財年|财年)?")
_DATE = re.compile(
    r"([0-9]{4})(?:[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?|月)?|([0-9]{2})([0-9]{2}))"
    r"(?:[t ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?z?)?"
)


def parse_money(cells: Cells, unit: str | None) -> Parsed:
    """Amounts in whole CNY, exact; half a CNY goes to the even neighbour.

    Parameters
    ----------
    cells : pyarrow.Array or ChunkedArray
        ``1,234.5``, ``3.2亿元``, ``¥4500万``, ``(123)`` for a negative amount; or numbers.
    unit : str or None
        Unit of plain numbers, ``元``, ``万元``, ``亿元``, ...; ``None`` when every cell names its own, and then one
        that does not is unreadable.

    Returns
    -------
    Parsed
        int64.

    Raises
    ------
    UnknownChoice
        When ``unit`` is none of ours.

    Examples
    --------
    >>> parsed = parse_money(pa.array(["3.2", "4500万元", "约12"]), "亿元")
    >>> parsed.values.to_pylist(), parsed.rule.to_pylist(), parsed.unreadable.tolist()
    ([320000000, 45000000, None], [None, 'cell_unit', None], [False, False, True])
    """
    scale = None if unit is None else factor(unit, Measure.MONEY)

    def plain(texts: pa.Array) -> pa.Array:
        if scale is None:
            return pa.nulls(len(texts), pa.int64())
        numbers = plain_texts(texts, MONEY_DECIMALS).cast(pa.decimal128(15 + MONEY_DECIMALS, MONEY_DECIMALS))
        amounts = pc.round(
            pc.multiply(numbers, pa.scalar(int(scale), pa.decimal128(13, 0))), 0, round_mode="half_to_even"
        )
        countable = pc.less(pc.abs(amounts), pa.scalar(INT64, pa.decimal128(19, 0)))
        return pc.if_else(countable, amounts, pa.scalar(None, amounts.type)).cast(pa.int64())

    def odd(text: str, rule: str | None) -> Reading | None:
        return _whole(_amount(text, rule, unit, Measure.MONEY), round)

    return parse_cells(cells, pa.int64(), plain, odd)


def parse_areas(cells: Cells, unit: str | None) -> Parsed:
    """Areas in m²: ``12.5``, ``3.5万㎡``, ``120亩``, ``1.2平方公里``; a negative area is unreadable.

    Parameters
    ----------
    cells : pyarrow.Array or ChunkedArray
    unit : str or None
        Unit of plain numbers, ``m²``, ``万m²``, ``km²``, ``亩`` or ``公顷``; ``None`` when every cell names its own.

    Returns
    -------
    Parsed
        float64.

    Raises
    ------
    UnknownChoice
        When ``unit`` is none of ours.

    Examples
    --------
    >>> parse_areas(pa.array(["3", "1.5公顷"]), "亩").values.to_pylist()
    [2000.0, 15000.0]
    """
    scale = None if unit is None else factor(unit, Measure.AREA)

    def plain(texts: pa.Array) -> pa.Array:
        if scale is None:
            return pa.nulls(len(texts), pa.float64())
        numbers = plain_texts(texts, FLOAT_DECIMALS).cast(pa.float64())
        areas = pc.divide(pc.multiply(numbers, float(scale.numerator)), float(scale.denominator))
        return pc.if_else(pc.greater_equal(areas, 0), areas, pa.scalar(None, pa.float64()))

    def odd(text: str, rule: str | None) -> Reading | None:
        return _float(_amount(text, rule, unit, Measure.AREA), at_least=0)

    return parse_cells(cells, pa.float64(), plain, odd)


def parse_counts(cells: Cells, unit: str = "人") -> Parsed:
    """Whole numbers of persons, 0 or more: ``1,200``, ``1200人``, ``1.2万人``; half a person is unreadable.

    Parameters
    ----------
    cells : pyarrow.Array or ChunkedArray
    unit : str
        Unit of plain numbers: ``人``, ``千人`` or ``万人``.

    Returns
    -------
    Parsed
        int64.

    Raises
    ------
    UnknownChoice
        When ``unit`` is none of ours.

    Examples
    --------
    >>> parse_counts(pa.array(["1,200", "1.2万人", "3.5"])).values.to_pylist()
    [1200, 12000, None]
    """
    scale = factor(unit, Measure.PERSONS)

    def plain(texts: pa.Array) -> pa.Array:
        if scale != 1:
            return pa.nulls(len(texts), pa.int64())
        digits = pc.replace_substring_regex(plain_texts(texts, FLOAT_DECIMALS), r"\.0+$", "")
        whole = pc.match_substring_regex(digits, "^[0-9]+$")
        return pc.if_else(whole, digits, pa.scalar(None, TEXT)).cast(pa.int64())

    def odd(text: str, rule: str | None) -> Reading | None:
        return _whole(_amount(text, rule, unit, Measure.PERSONS), _counted)

    return parse_cells(cells, pa.int64(), plain, odd)


def parse_decimals(cells: Cells) -> Parsed:
    """Plain numbers as they stand; ``6.5%`` is 6.5, for the unit of the figure says percent.

    Parameters
    ----------
    cells : pyarrow.Array or ChunkedArray

    Returns
    -------
    Parsed
        float64, never infinite.

    Examples
    --------
    >>> parse_decimals(pa.array(["1,234.5", "6.5%", ">9000", "1e309"])).values.to_pylist()
    [1234.5, 6.5, None, None]
    """
    return parse_cells(cells, pa.float64(), plain_floats, lambda text, rule: _float(_amount(text, rule, None, None)))


def plain_floats(texts: pa.Array) -> pa.Array:
    """Texts that are plain decimal numbers as float64; null for any other."""
    return plain_texts(texts, FLOAT_DECIMALS).cast(pa.float64())


def parse_years(cells: Cells) -> Parsed:
    """Calendar years from 1900 to 2100: ``2022``, ``2022年度``, ``2022.0``, or the year of a date.

    A quarter, a month of several (``2022年1-9月``) or a span of years is no year.

    Parameters
    ----------
    cells : pyarrow.Array or ChunkedArray
        Text, numbers or dates.

    Returns
    -------
    Parsed
        int64.

    Examples
    --------
    >>> parsed = parse_years(pa.array(["2022年", "2021-12-31", "2022Q3", "22"]))
    >>> parsed.values.to_pylist(), parsed.rule.to_pylist()
    ([2022, 2021, None, None], [None, 'year_of_date', None, None])
    """

    def plain(texts: pa.Array) -> pa.Array:
        four = pc.match_substring_regex(texts, r"^(19|20)[0-9]{2}$")
        return pc.if_else(four, texts, pa.scalar(None, TEXT)).cast(pa.int64())

    return parse_cells(cells, pa.int64(), plain, _year)


def _year(text: str, rule: str | None) -> Reading | None:
    if named := _YEAR.fullmatch(text):
        return Reading(int(named[1]), rule) if FIRST_YEAR <= int(named[1]) <= LAST_YEAR else None
    if not (found := _DATE.fullmatch(text)):
        return None
    year, *rest = (int(part) for part in found.groups() if part)
    try:
        date(year, *[*rest, 1, 1][:2])
    except ValueError:
        return None
    return Reading(year, YEAR_OF_DATE) if FIRST_YEAR <= year <= LAST_YEAR else None


def _amount(
    text: str, rule: str | None, unit: str | None, measure: Measure | None
) -> tuple[Fraction, str | None] | None:
    """A number in base units, exact, with what may stand around it; without a measure that is a percent sign."""
    if bracketed := _BRACKETS.fullmatch(text):
        text, rule = f"-{bracketed[1]}{bracketed[2]}", BRACKETS
    found = _AMOUNT.fullmatch(text)
    if not found or (found["sign"] and found["inner"]) or (found["currency"] and measure is not Measure.MONEY):
        return None
    scale, rest = Fraction(1), (found["unit"] or "").strip()
    own = unit_named(rest, measure) if rest and measure else None
    if measure:
        if own is None and (rest or unit is None):
            return None
        scale = factor(own or str(unit), measure)
    elif rest not in ("", "%"):
        return None
    seen = {
        BRACKETS: rule == BRACKETS,
        CELL_UNIT: own and unit and own != unit,
        PERCENT: measure is None and rest,
        SCIENTIFIC: found["power"],
        CURRENCY_SIGN: found["currency"],
    }
    number = Fraction(found["number"].replace(",", "") + (found["power"] or ""))
    negative = "-" in (found["sign"], found["inner"])
    return (-number if negative else number) * scale, next((code for code, is_so in seen.items() if is_so), rule)


def _whole(amount: tuple[Fraction, str | None] | None, whole: Callable[[Fraction], int | None]) -> Reading | None:
    """An amount as an integer of 64 bits."""
    value = amount and whole(amount[0])
    return Reading(value, amount[1]) if amount and value is not None and abs(value) < INT64 else None


def _counted(amount: Fraction) -> int | None:
    return int(amount) if amount.denominator == 1 and amount >= 0 else None


def _float(amount: tuple[Fraction, str | None] | None, *, at_least: float = -math.inf) -> Reading | None:
    """An amount as a binary float."""
    try:
        return Reading(float(amount[0]), amount[1]) if amount and amount[0] >= at_least else None
    except OverflowError:
        return None

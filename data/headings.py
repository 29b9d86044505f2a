"""What a raw table means: a proposal for each of its columns, and the questions that nobody may guess.

Headings decide; cells decide where headings cannot. Of two columns that claim the same the better stays, and the other
is asked about. What is only like a known heading, or only looks like something, is proposed and asked about too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from data import columns as c
from data.column_contents import (
    MOST,
    NEARLY_ALL,
    easting_first,
    guess_column,
    is_numeric,
    median,
    sample,
    share_of_hub_kinds,
    share_with_money_unit,
)
from data.heading_words import Recognized, recognize, squeeze, year_alone
from data.mapping import METRES, ColumnChoice, Mapping, Question, TableKind, column_keys
from data.readers.raw_table import RawTable
from data.table_needs import FIGURES, fitting_kinds, open_needs, unit_question
from data.units import Measure, measure_of

_AXES = tuple(
    frozenset(squeeze(f"{before}{axis}{after}") for axis in axes for before in ("", "坐标", "point", "coord")
              for after in ("", "坐标", "坐標", "座标", "座標", "轴", "coord", "m"))
    for axes in (("x", "横", "橫"), ("y", "纵", "縱"))
)  # fmt: skip
_NAMES_OF: dict[str, TableKind] = {c.NAME: TableKind.FIRMS, c.PARK: TableKind.PARKS}
_NUMERIC = frozenset({c.LON, c.LAT, c.VALUE})
_FULL_CIRCLE = 360.0
_POLYGONS = (3, 6)  # of well-known binary: Polygon, MultiPolygon
_ENOUGH_SHAPES = 50


@dataclass(frozen=True)
class _Claim:
    """A column of the file and what it seems to be."""

    position: int
    heading: str
    says: Recognized
    filled: bool

    @property
    def worth(self) -> tuple[bool, float, int, int]:
        """Larger for the one of two claims that stays."""
        return self.filled, self.says.score, -self.says.rank, -self.position

    @property
    def target(self) -> tuple[str, int | None] | None:
        return None if self.says.column is None else (self.says.column, self.says.year)


def propose_mapping(raw: RawTable, kind: TableKind | None = None) -> Mapping:
    """A mapping of a raw table, with what it leaves open as questions.

    Parameters
    ----------
    raw : RawTable
    kind : TableKind, optional
        What the table is about; guessed from its columns when left out, and asked for when these do not tell.
    """
    samples = [sample(column) for column in raw.cells.columns]
    kinds = (kind,) if kind else _kinds(raw, samples)
    keys = column_keys(raw.headings)
    claims = _claims(raw, samples, kinds[0])
    kept, lost = _settle(claims)
    columns = tuple(_choice(claim, claim.position in kept, samples[claim.position]) for claim in claims)
    questions = (
        *([Question("kind", "", tuple(kinds))] if len(kinds) > 1 else ()),
        *_questions_of_file(raw),
        *_questions_of_columns(columns, claims, lost, keys, samples),
        *_questions_of_table(raw, kinds[0], columns, keys),
    )
    return Mapping(kinds[0], columns, questions=questions)


def _kinds(raw: RawTable, samples: Sequence[pa.Array]) -> tuple[TableKind, ...]:
    named: dict[TableKind, set[str]] = {}
    dated, names_of, hubs = False, None, False
    for kind in TableKind:
        claims = _claims(raw, samples, kind, likeness=not any(raw.headings))
        named[kind] = {claim.says.column for claim in claims if claim.says.column is not None}
        if kind is TableKind.FIRMS:
            figures = [claim.says for claim in claims if claim.says.column in FIGURES]
            dated = c.YEAR in named[kind] or any(says.year for says in figures)
            name = next((claim.position for claim in claims if claim.says.column == c.NAME), None)
            looks = None if name is None else guess_column(samples[name], kind)
            names_of = _NAMES_OF.get(looks[0]) if looks else None
        if kind is TableKind.HUBS:
            told = next((claim.position for claim in claims if claim.says.column == c.KIND), None)
            hubs = told is not None and share_of_hub_kinds(samples[told]) >= MOST
    polygons = _has_polygons(raw.geometry)
    return fitting_kinds(named, dated=dated, polygons=polygons, names_of=names_of, kinds_of_hubs=hubs)


def _has_polygons(geometry: pa.ChunkedArray | None) -> bool:
    """Whether the first shapes of a layer are areas."""
    if geometry is None:
        return False
    shapes = geometry.drop_null()[:_ENOUGH_SHAPES].to_pylist()
    return any(int.from_bytes(wkb[1:5], "little" if wkb[0] else "big") % 1000 & 0xFF in _POLYGONS for wkb in shapes)


def _claims(raw: RawTable, samples: Sequence[pa.Array], kind: TableKind, *, likeness: bool = True) -> list[_Claim]:
    """What each column seems to be, of a table of this kind."""
    says = []
    for heading, cells in zip(raw.headings, samples, strict=True):
        found = recognize(heading, kind, likeness=likeness) if heading else Recognized()
        if found.how == "fuzzy" and (found.column in _NUMERIC or measure_of(found.column)) and not is_numeric(cells):
            found = Recognized()
        says.append(found)
    for position, found in _by_content(raw.headings, samples, says, kind, likeness):
        says[position] = found
    return [
        _Claim(position, heading, found, len(cells) > 0)
        for position, (heading, found, cells) in enumerate(zip(raw.headings, says, samples, strict=True))
    ]


def _by_content(
    headings: Sequence[str], samples: Sequence[pa.Array], says: Sequence[Recognized], kind: TableKind, likeness: bool
) -> Iterator[tuple[int, Recognized]]:
    """What only the cells tell: X and Y, columns of years, columns without a heading, codes or words of an industry."""
    taken = {found.column for found in says}
    if not taken & {c.LON, c.LAT}:
        yield from _axes(headings, samples)
    years = [
        i for i, heading in enumerate(headings) if year_alone(heading) and len(samples[i]) and is_numeric(samples[i])
    ]
    figure = c.VALUE if kind is TableKind.INDICATORS else c.REVENUE_CNY
    if kind in (TableKind.FIRMS, TableKind.OBSERVATIONS, TableKind.INDICATORS) and not taken & {*FIGURES, c.VALUE}:
        for position in years:
            told = recognize(f"{figure} {headings[position]}", kind)
            if kind is TableKind.INDICATORS:
                yield position, replace(told, how="synonym", score=0.9)
            else:
                yield position, replace(told, how="content", score=0.5, candidates=FIGURES)
    for position, cells in enumerate(samples):
        if likeness and not headings[position] and (guess := guess_column(cells, kind)) and guess[0] not in taken:
            yield position, Recognized(guess[0], "content", 0.5 * guess[1], candidates=(guess[0],))
        if says[position].column == c.INDUSTRY_CODE and says[position].how == "synonym" and len(cells):
            codes = pc.match_substring_regex(cells, "^[A-T]?[0-9]{1,4}$")
            if pc.mean(codes).as_py() < 0.5:  # words: of an industry, or of one of our subsectors
                words = (c.INDUSTRY_CODE, c.SUBSECTOR_ID)
                yield position, replace(says[position], how="fuzzy", score=0.6, candidates=words)


def _axes(headings: Sequence[str], samples: Sequence[pa.Array]) -> Iterator[tuple[int, Recognized]]:
    """X and Y as longitude and latitude, whichever of them the surveyor called X."""
    words = [squeeze(heading) for heading in headings]
    places = [[i for i, word in enumerate(words) if word in axis] for axis in _AXES]
    if [len(found) for found in places] != [1, 1]:
        return
    (x,), (y,) = places
    east_first = easting_first(median(samples[x]), median(samples[y]))
    for position, column in ((x, c.LON if east_first else c.LAT), (y, c.LAT if east_first else c.LON)):
        if east_first is None:
            yield position, Recognized(None, "content", 0.5, candidates=(c.LON, c.LAT))
        else:
            yield position, Recognized(column, "synonym", 0.9)


def _settle(claims: Sequence[_Claim]) -> tuple[set[int], dict[int, str]]:
    """Positions of the claims that stay, and what each of the others wanted to be."""
    best: dict[tuple[str, int | None], _Claim] = {}
    for claim in sorted(claims, key=lambda one: one.worth, reverse=True):
        if claim.target:
            best.setdefault(claim.target, claim)
    kept = {claim.position for claim in best.values()}
    lost = {
        one.position: str(one.says.column) for one in claims if one.target and one.position not in kept and one.filled
    }
    return kept, lost


def _choice(claim: _Claim, stays: bool, cells: pa.Array) -> ColumnChoice:
    says = claim.says
    if not stays:
        return ColumnChoice(claim.position, claim.heading, None, how=says.how, score=says.score)
    unit = says.unit
    if says.how == "own" and unit is None:
        unit = {"CNY": "元", "m²": "m²", "CNY a m² and month": "元/m²·月"}.get(c.DECLARED[str(says.column)].unit)
    if says.column in (c.LON, c.LAT) and abs(median(cells)) > _FULL_CIRCLE:
        unit = METRES
    return ColumnChoice(claim.position, claim.heading, says.column, unit, says.year, says.how, says.score)


_EXPLAINS = re.compile("(填写|使用|填报)?说明|填表须知|字典|代码表|readme|notes?$|instructions?$", re.IGNORECASE)
"""Sheets that explain the others, as our templates have one."""


def _questions_of_file(raw: RawTable) -> Iterator[Question]:
    """Which of several sheets or layers, when the file has more than one."""
    for about in ("sheet", "layer"):
        names = [name for name in raw.facts.get(f"{about}s", "").split("\n") if name and not _EXPLAINS.match(name)]
        if len(names) > 1:
            yield Question(about, "", tuple(names))


def _questions_of_columns(
    columns: Sequence[ColumnChoice],
    claims: Sequence[_Claim],
    lost: dict[int, str],
    keys: Sequence[str],
    samples: Sequence[pa.Array],
) -> Iterator[Question]:
    """Columns that may be something, and units that neither heading nor cells name."""
    for choice, claim, key, cells in zip(columns, claims, keys, samples, strict=True):
        says = claim.says
        if claim.position in lost:
            if says.how != "content":
                yield Question("column", key, tuple(dict.fromkeys((lost[claim.position], *says.candidates))))
        elif says.how in ("fuzzy", "content") and says.candidates:
            yield Question("column", key, says.candidates)
        measure = measure_of(choice.column)
        if measure in (None, Measure.PERSONS) or choice.unit or not len(cells):
            continue
        if measure is not Measure.MONEY or share_with_money_unit(cells) < NEARLY_ALL:
            yield unit_question(str(choice.column), key)


def _questions_of_table(
    raw: RawTable, kind: TableKind, columns: Sequence[ColumnChoice], keys: Sequence[str]
) -> Iterator[Question]:
    if kind is TableKind.BOUNDARIES and not _has_polygons(raw.geometry):
        yield Question("column", "geometry")
    unused = tuple(key for key, choice in zip(keys, columns, strict=True) if choice.column is None)
    yield from open_needs(kind, columns, year=None, unused=unused, points=raw.geometry is not None)

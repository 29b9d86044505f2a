"""What a table is about, and what it must tell before its rows can be kept.

The kind follows from the columns that a table has. Where two kinds fit, a person is asked. What is missing is asked for
as a question about a column of ours, with the unused headings as answers; a table may lack a place altogether.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from data import columns as c
from data.mapping import ColumnChoice, Question, TableKind
from data.units import ASKED, measure_of

FIGURES = (c.REVENUE_CNY, c.VALUE_ADDED_CNY, c.EMPLOYEES)
DISTRICT_NAMES = (c.NAME, c.DISTRICT_ID, c.ADCODE)

_ABOUT_FIRMS = frozenset(
    {c.SUBSECTOR_ID, c.SUBSECTOR_WEIGHTS, c.INDUSTRY_CODE, c.BUSINESS_SCOPE, c.LISTED, c.OPERATING_DISTRICT_ID}
)
_PLACES = frozenset({c.ADDRESS, c.PARK, c.LON, c.LAT, c.REGISTERED_DISTRICT_ID})
_ABOUT_PARKS = frozenset({c.OPERATOR, c.AREA_M2, c.FLOOR_AREA_M2, c.VACANT_M2, c.RENT_CNY_M2_MONTH, c.FOCUS, c.PARK_ID})
_ABOUT_DISTRICTS = frozenset({c.OFFICIAL_AREA_M2, c.PARENT_ADCODE, c.KIND, c.ADCODE, c.DISTRICT_ID})


def fitting_kinds(
    columns: Mapping[TableKind, Collection[str]],
    *,
    dated: bool,
    polygons: bool,
    names_of: TableKind | None,
    kinds_of_hubs: bool = False,
) -> tuple[TableKind, ...]:
    """Kinds that a table may be of; the likest first, several when its columns do not tell.

    Parameters
    ----------
    columns : mapping
        For each kind the columns of ours that the headings name, were the table of that kind.
    dated : bool
        Whether the figures have a year.
    polygons : bool
        Whether the rows have areas.
    names_of : TableKind or None
        What the names in the cells look like: of firms or of parks.
    kinds_of_hubs : bool
        Whether the cells of a column of kinds name kinds of hubs.
    """
    firm, park = set(columns[TableKind.FIRMS]), set(columns[TableKind.PARKS])
    park_signs = len(park & _ABOUT_PARKS) + 2 * (c.PARK in firm and c.NAME not in firm)
    firm_signs = len(firm & {c.FIRM_ID, *FIGURES, *_ABOUT_FIRMS})
    if {c.INDICATOR, c.VALUE} <= set(columns[TableKind.INDICATORS]):
        return (TableKind.INDICATORS,)
    if kinds_of_hubs and c.NAME in columns[TableKind.HUBS] and not polygons and not firm_signs and not park_signs:
        return (TableKind.HUBS,)
    if polygons and not firm_signs:
        return (TableKind.PARKS,) if park_signs or names_of is TableKind.PARKS else (TableKind.BOUNDARIES,)
    if park_signs and c.NAME in park and not firm & {c.FIRM_ID, c.REVENUE_CNY}:
        return (TableKind.PARKS,)
    if firm & {c.FIRM_ID, c.NAME} and firm_signs:
        if set(FIGURES) & firm and dated and not firm & (_ABOUT_FIRMS | _PLACES):
            return (TableKind.OBSERVATIONS,)
        return (TableKind.FIRMS,)
    if c.NAME in firm and (names_of or c.NAME not in park):
        return (names_of or TableKind.FIRMS,)
    if len(set(columns[TableKind.BOUNDARIES]) & _ABOUT_DISTRICTS) > 1:
        return (TableKind.BOUNDARIES,)
    return tuple(TableKind)


def open_needs(
    kind: TableKind,
    columns: Sequence[ColumnChoice],
    *,
    year: int | None,
    unused: tuple[str, ...] = (),
    points: bool = False,
) -> Iterator[Question]:
    """What a table of this kind must still tell, but for the geometry of boundaries.

    Parameters
    ----------
    kind : TableKind
    columns : sequence of ColumnChoice
    year : int or None
        Year that was told for the whole file.
    unused : tuple of str
        Keys of the columns that are left out and could be the answer.
    points : bool
        Whether the rows have geometries, so that they need no columns to say where they lie.

    Yields
    ------
    Question
        ``column`` with a column of ours as subject, or ``year``.
    """
    have = {choice.column for choice in columns}

    def missing(*any_of: str) -> Iterator[Question]:
        if not have & set(any_of):
            yield Question("column", str(any_of[0]), unused)

    if kind in (TableKind.FIRMS, TableKind.PARKS):
        yield from missing(c.NAME)
        for one, other in ((c.LON, c.LAT), (c.LAT, c.LON)):
            if one in have:
                yield from missing(other)
    elif kind is TableKind.HUBS:
        yield from missing(c.NAME)
        yield from missing(c.KIND)
        for one, other in ((c.LON, c.LAT), (c.LAT, c.LON)):
            if one in have or not points:
                yield from missing(other)
    elif kind is TableKind.OBSERVATIONS:
        yield from missing(c.FIRM_ID, c.NAME)
        yield from missing(*FIGURES)
    elif kind is TableKind.BOUNDARIES:
        yield from missing(*DISTRICT_NAMES)
    else:
        for column in (c.INDICATOR, c.VALUE, c.SCOPE, c.SOURCE):
            yield from missing(column)
        yield from missing(c.AREA_NAME, c.AREA_ID)
        if not any(choice.unit for choice in columns if choice.column == c.VALUE):
            yield from missing(c.UNIT)
    dated = {c.REVENUE_CNY, c.VALUE_ADDED_CNY, c.VALUE} | ({c.EMPLOYEES} if kind is TableKind.OBSERVATIONS else set())
    if year is None and c.YEAR not in have and any(one.year is None for one in columns if one.column in dated):
        yield Question("year")


def unit_question(column: str, key: str) -> Question:
    """Asks for the unit of a column whose heading and cells name none."""
    measure = measure_of(column)
    return Question("unit", key, ASKED[measure] if measure else ())

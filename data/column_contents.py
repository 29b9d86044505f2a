"""What the cells of a column look like, from a few hundred of them spread over the table.

This decides where headings cannot: a table without headings, X and Y of surveyors (who call the northing X), amounts
that carry their units in the cells. What looks like something is a guess; whoever uses it asks a person.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data import columns as c
from data.credit_codes import IdKind, classify_ids
from data.degrees import CHINA_LAT, CHINA_LON, parse_degrees
from data.hub_kinds import read_hub_kinds
from data.mapping import TableKind
from data.numbers import parse_money, parse_years
from data.parsed import TEXT

SAMPLE = 400
MOST = 0.6
NEARLY_ALL = 0.9

_FIRM = re.compile(
    r"(?:公司|集团|集團|[^工]厂|[^工]廠|合作社|事务所|事務所|研究院|研究所|经营部|經營部|商行|工作室|分行|支行|合伙企业|中心"
    r"|(?:有限合伙)[)）])$|\b(?:co\.?,? ?ltd|inc|llc|limited|corp(?:oration)?)\.?$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:[省市区區县縣镇鎮]|街道|[路街道巷村])[^,]{0,40}(?:[号號栋棟楼樓层層室座园園路街]|大道|大厦|大廈|[0-9])"
)
_DISTRICT = re.compile(r"[\u4e00-\u9fff]{1,5}(?:区|區|县|縣|新区|合作区)")
_PARK = re.compile(
    r"[\u4e00-\u9fff].*(?:园|園|园区|園區|基地|科技城|产业带|大厦|大廈)(?:[A-Z一二三四五六七八九十0-9]+[期区座栋])?"
)
_SUBSECTOR = re.compile(r"S[0-9]{2}")
# a northing of China lies between these metres; an easting has 500 km in the middle of its zone, perhaps after the
# number of the zone, or is one of the web's Mercator
_NORTHING = (3.8e5, 7.3e6)
_EASTING_BARE = (1e5, 9e5)
_EASTING_FULL = (8e6, 4.7e7)


def sample(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """At most ``SAMPLE`` cells that are not blank, spread evenly, as text."""
    filled = column.filter(pc.is_valid(column))
    take = np.unique(np.linspace(0, max(len(filled) - 1, 0), SAMPLE).astype(np.int64))[: len(filled)]
    picked = filled.take(pa.array(take))
    return (picked.combine_chunks() if isinstance(picked, pa.ChunkedArray) else picked).cast(TEXT)


def is_numeric(cells: pa.Array) -> bool:
    """Whether at least half of the cells of a sample are numbers, with or without a unit of money; true of no cells."""
    numbers = parse_degrees(cells).values.is_valid()
    amounts = parse_money(cells, "元").values.is_valid()
    return not len(cells) or bool(pc.mean(pc.or_(numbers, amounts)).as_py() >= 0.5)


def share_with_money_unit(cells: pa.Array) -> float:
    """Share of the cells of a sample that name their own unit of money, 0 to 1."""
    return float(pc.mean(parse_money(cells, None).values.is_valid()).as_py() or 0.0) if len(cells) else 0.0


def share_of_hub_kinds(cells: pa.Array) -> float:
    """Share of the cells of a sample that name a kind of hub, 0 to 1."""
    return float(pc.mean(read_hub_kinds(cells).is_valid()).as_py() or 0.0) if len(cells) else 0.0


def median(cells: pa.Array) -> float:
    """Median of the numbers or angles in a sample; NaN when less than half are any."""
    numbers = parse_degrees(cells).values.drop_null()
    return float(np.median(np.asarray(numbers))) if len(numbers) and 2 * len(numbers) >= len(cells) else float("nan")


def easting_first(first: float, second: float) -> bool | None:
    """Whether of two medians the first is the easting (or longitude) and the second the northing (or latitude).

    Parameters
    ----------
    first, second : float
        Both degrees, or both metres of a Gauss-Krüger, UTM or web Mercator system.

    Returns
    -------
    bool or None
        ``None`` when both ways or none make a place in China.

    Examples
    --------
    >>> easting_first(2491234.0, 506123.0), easting_first(113.9, 22.5), easting_first(500000.0, 500000.0)
    (False, True, None)
    """
    forth, back = _is_place(first, second), _is_place(second, first)
    return None if forth == back else forth


def _is_place(east: float, north: float) -> bool:
    degrees = _in(east, CHINA_LON) and _in(north, CHINA_LAT)
    return degrees or ((_in(east, _EASTING_BARE) or _in(east, _EASTING_FULL)) and _in(north, _NORTHING))


def _in(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def guess_column(cells: pa.Array, kind: TableKind) -> tuple[str, float] | None:
    """The column of ours that a sample looks like, and the share of its cells that do.

    Examples
    --------
    >>> column, share = guess_column(pa.array(["2021", "2022", "2022"]), TableKind.FIRMS)
    >>> str(column), share
    ('year', 1.0)
    """
    texts = cells.to_pylist()
    if not texts:
        return None
    ids = [str(found) for found in classify_ids(cells).kind]
    named = {IdKind.VALID, IdKind.BAD_CHECK_DIGIT, IdKind.DAMAGED_BY_SPREADSHEET, IdKind.STOCK_CODE}
    degrees = np.array([value if value is not None else np.nan for value in parse_degrees(cells).values.to_pylist()])
    fine = np.array([bool(re.search(r"\.[0-9]{2}|[°度分]", text)) for text in texts])
    years = parse_years(cells).values
    looks: list[tuple[str, float, float]] = [
        (c.FIRM_ID, float(np.mean([one in named for one in ids])), MOST),
        (c.YEAR, float(np.mean(np.asarray(pc.fill_null(pc.greater_equal(years, 1980), False)))), NEARLY_ALL),
        (c.LON, float(np.mean(fine & (degrees >= CHINA_LON[0]) & (degrees <= CHINA_LON[1]))), NEARLY_ALL),
        (c.LAT, float(np.mean(fine & (degrees >= CHINA_LAT[0]) & (degrees <= CHINA_LAT[1]))), NEARLY_ALL),
        (c.SUBSECTOR_ID, _share(texts, _SUBSECTOR.fullmatch), MOST),
        (c.REGISTERED_DISTRICT_ID, _share(texts, _DISTRICT.fullmatch), MOST),
        (c.NAME, _share(texts, _FIRM.search), MOST),
        (c.ADDRESS, _share(texts, _ADDRESS.search), MOST),
        (c.PARK, _share(texts, _PARK.fullmatch), MOST),
    ]
    found = next(((column, share) for column, share, least in looks if share >= least), None)
    return found and (_IN_OTHER_TABLES.get(kind, {}).get(found[0], found[0]), found[1])


def _share(texts: Sequence[str], looks_so: Callable[[str], object]) -> float:
    return sum(bool(looks_so(text)) for text in texts) / len(texts)


_IN_OTHER_TABLES: dict[TableKind, dict[str, str]] = {
    TableKind.PARKS: {c.NAME: c.OPERATOR, c.PARK: c.NAME, c.REGISTERED_DISTRICT_ID: c.DISTRICT_ID},
    TableKind.BOUNDARIES: {c.REGISTERED_DISTRICT_ID: c.NAME},
    TableKind.INDICATORS: {c.REGISTERED_DISTRICT_ID: c.AREA_NAME},
}
"""What names of firms, parks and districts are in a table that is not about firms."""

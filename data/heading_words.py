"""Which column of ours one heading means: by our own name, by a synonym of the table, by likeness.

A heading is compared without blanks, punctuation, brackets and case, full-width letters as plain ones. A year and a
unit in it are taken out and kept. What is left must be a name or a synonym; likeness only makes a proposal that has to
be confirmed. A rate, a rank, a forecast or a part of the year is no figure of the year, whatever else a heading says.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import fuzz, process

from data import columns as c
from data.mapping import How, TableKind
from data.sources import REFERENCE
from data.units import Measure, measure_of, unit_named

STAMP = "stamp of our exports"
ANNUAL = frozenset({c.REVENUE_CNY, c.VALUE_ADDED_CNY, c.EMPLOYEES, c.VALUE})
"""Columns whose figures belong to a year."""

LIKE_CHINESE, LIKE_ENGLISH = 75, 85
"""Least likeness, 0 to 100: one of four characters may be wrong, or about one letter of seven."""

_LONGEST = 200
_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])\s*(?:年度|年末|年底|年)?")
_BRACKETS = re.compile(r"[(\[{【〔<《「]([^()\[\]{}【】〔〕<>《》「」]*)[)\]}】〕>》」]")
_NUMBERING = re.compile(r"^\s*(?:[0-9]{1,3}[.、)]|\*+|[①-⑳])\s*")
_NO_FIGURE = re.compile(
    r"增速|增长|增長|增幅|同比|环比|環比|占比|佔比|比重|比例|排名|位次|预测|預測|预计|預計|目标|目標|计划|計劃|人均|地均|税率|%"
    r"|growth|\brate\b|share|ratio|\brank|forecast|target|\bplan|per capita|\byoy\b"
    r"|美元|港元|港币|港幣|欧元|歐元|日元|usd|hkd|eur\b|jpy|us\$|hk\$"
)
_OTHER_TIME = re.compile(
    r"上年|上期|去年|同期|last year|previous|prior"
    r"|[0-9]\s*月|季度|上半年|下半年|月均|\bq[1-4]\b|\bh[12]\b|quarter|month"
)
_DATUMS = {
    "bd09": r"百度|baidu|(?<![a-z])bd(?=[_\s-]|$|0|l)[-_\s]?(?:09)?(?:ll|mc)?",
    "gcj02": r"高德|腾讯|騰訊|火星|amap|gaode|tencent|qq(?=[_\s-])|gcj[-_\s]?(?:02)?",
    "wgs84": r"wgs[-_\s]?(?:19)?(?:84)?|gps",
    "cgcs2000": r"cgcs[-_\s]?(?:2000)?|(?:国家|國家|大地)\s*2000|2000\s*(?:国家|國家|大地)",
}
_DATUM = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _DATUMS.items()))
_SYSTEM = re.compile(r"(?:大地)?[坐座][标標][系係]?")
_DATUM_ORDER = ("wgs84", "cgcs2000", "gcj02", "bd09")
_DEGREES = frozenset({c.LON, c.LAT})


@dataclass(frozen=True)
class Recognized:
    """What one heading says.

    Attributes
    ----------
    column : str or None
        Column of ours; ``None`` when it is known to be none of ours, or says nothing to us.
    how : str
        As in ``ColumnChoice``.
    score : float
        0 to 1; 0 when it says nothing to us.
    unit : str or None
    year : int or None
    rank : int
        Place of its synonym among those of the column, the plainest first.
    candidates : tuple of str
        Columns that it may mean as well, likest first.
    """

    column: str | None = None
    how: How = "synonym"
    score: float = 0.0
    unit: str | None = None
    year: int | None = None
    rank: int = 0
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Synonym:
    column: str | None
    how: How
    rank: int


def squeeze(text: str) -> str:
    """A heading as it is compared: no case, blanks, punctuation or full-width letters.

    Examples
    --------
    >>> squeeze(" Firm_ID： "), squeeze("营业\\n收入（万元）")
    ('firmid', '营业收入万元')
    """
    return re.sub(r"[\W_]+", "", _plain(text))


@lru_cache(maxsize=len(TableKind))
def synonyms(kind: TableKind) -> dict[str, _Synonym]:
    """Every squeezed heading that a table of this kind may have, and what it means there."""
    found: dict[str, _Synonym] = {}
    with (REFERENCE / "headings.csv").open(encoding="utf-8", newline="") as file:
        for rank, row in enumerate(csv.DictReader(file)):
            if kind not in row["kind"].split():
                continue
            word, column = squeeze(row["synonym"]), row["column"] or None
            own = row["note"] == STAMP or (column is not None and word == squeeze(column))
            found.setdefault(word, _Synonym(column, "own" if own else "synonym", rank))
    for name in c.DECLARED:
        found.setdefault(squeeze(name), _Synonym(name, "own", len(found)))
    return found


def recognize(heading: str, kind: TableKind, *, likeness: bool = True) -> Recognized:
    """What a heading of a table of this kind means.

    Parameters
    ----------
    heading : str
    kind : TableKind
    likeness : bool
        Whether to propose what the heading only resembles.

    Examples
    --------
    >>> found = recognize("2022年营业收入（万元）", TableKind.FIRMS)
    >>> str(found.column), found.year, found.unit, found.how
    ('revenue_cny', 2022, '万元', 'synonym')
    """
    text = _NUMBERING.sub("", _plain(heading[:_LONGEST]))
    years = sorted({int(year) for year in _YEAR.findall(_DATUM.sub("", text))})
    for writing, worth in _writings(text, kind):
        found = _known(writing, kind)
        if found and found.column in _DEGREES and (datum := heading_datum([text])):
            found = replace(found, score=found.score - 0.01 * _DATUM_ORDER.index(datum))
        if found and _may_mean(found.column, text):
            return _dated(replace(found, score=found.score * (worth if found.how != "own" else 1)), years)
    if year_alone(heading):
        return Recognized(year=years[0])
    return _dated(_resembling(text, kind), years) if likeness else Recognized()


def year_alone(heading: str) -> bool:
    """Whether a heading is a year and, it may be, a unit, as in a table with a column for each year."""
    text = _plain(heading)
    rest = squeeze(_YEAR.sub("", text, count=1))
    return bool(_YEAR.search(text)) and (not rest or unit_named(rest, Measure.MONEY) is not None)


def heading_datum(headings: Iterable[str]) -> str | None:
    """The datum that headings of coordinates name; ``None`` when they name none, or several.

    It is what somebody wrote over a column, so it is evidence to be held against the points, never a fact.

    Examples
    --------
    >>> heading_datum(["企业名称", "百度经度", "百度纬度"]), heading_datum(["lng_gcj02", "lat_bd09"])
    ('bd09', None)
    """
    named = {
        str(found.lastgroup)
        for heading in headings
        if _COORDINATE.search(text := _plain(heading)) and (found := _DATUM.search(text))
    }
    return named.pop() if len(named) == 1 else None


_COORDINATE = re.compile(
    r"[经經]度|[纬緯]度|坐[标標]|座[标標]|[东東北][经經纬緯]|lon|lng|lat|coord|(?<![a-z])[xy](?![a-z])"
)


def unit_in(heading: str, column: str | None) -> str | None:
    """The unit that a heading names for a column that somebody else told it to be.

    Examples
    --------
    >>> unit_in("年产出（万元）", "revenue_cny"), unit_in("占地/亩", "area_m2"), unit_in("单元", "revenue_cny")
    ('万元', '亩', None)
    """
    text, measure = _plain(heading[:_LONGEST]), measure_of(column)
    if beside := _unit_beside(column, _beside(text)):
        return beside
    parts = re.split(r"[/_:,\s]+", _YEAR.sub(" ", text))
    return unit_named(parts[-1], measure) if measure and len(parts) > 1 else None


def year_in(heading: str, column: str | None) -> int | None:
    """The year that a heading names for a column of yearly figures; ``None`` when it names none or several."""
    years = set(_YEAR.findall(_DATUM.sub("", _plain(heading[:_LONGEST]))))
    return int(years.pop()) if column in ANNUAL and len(years) == 1 else None


@dataclass(frozen=True)
class _Writing:
    """One way to read a heading: its words, and what stood beside them."""

    words: str
    beside: tuple[str, ...]


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _beside(text: str) -> tuple[str, ...]:
    """What stands in brackets."""
    return tuple(piece for inside in _BRACKETS.findall(text) for piece in re.split(r"[,;:、]\s*", inside) if piece)


def _writings(text: str, kind: TableKind) -> Iterator[tuple[_Writing, float]]:
    """Ways to read a heading, the fullest first, and how much each is worth."""
    beside = _beside(text)
    undated, bare = _YEAR.sub(" ", text), _BRACKETS.sub(" ", text)
    yield _Writing(text, beside), 1.0
    yield _Writing(undated, beside), 1.0
    yield _Writing(_YEAR.sub(" ", bare), beside), 0.95
    if _COORDINATE.search(text):
        yield _Writing(_SYSTEM.sub(" ", _DATUM.sub(" ", bare)), beside), 1.0
    either = re.split(r"[/|或]", bare)
    if len({found.column if (found := synonyms(kind).get(squeeze(part))) else part for part in either}) == 1:
        yield _Writing(either[0], beside), 0.95
    # a title or a merged cell over the column stands before its own words
    parts = _YEAR.sub(" ", bare).split()
    for first in range(1, len(parts)):
        if not " ".join(parts[first:]).isascii():
            yield _Writing(" ".join(parts[first:]), (*beside, *parts[:first])), 0.85


def _known(writing: _Writing, kind: TableKind) -> Recognized | None:
    """The synonym that the words are, with a unit at their end or beside them."""
    words, table = squeeze(writing.words), synonyms(kind)
    if found := table.get(words):
        return Recognized(found.column, found.how, 1.0, _unit_beside(found.column, writing.beside), rank=found.rank)
    for end in range(len(words) - 1, 1, -1):
        found = table.get(words[:end])
        measure = measure_of(found.column) if found else None
        if found and measure and (unit := unit_named(words[end:], measure)):
            return Recognized(found.column, found.how, 1.0, unit, rank=found.rank)
    return None


def _unit_beside(column: str | None, beside: tuple[str, ...]) -> str | None:
    measure = measure_of(column)
    if measure:
        return next((unit for piece in beside if (unit := unit_named(piece, measure))), None)
    return beside[-1] if beside and column == c.VALUE else None


def _may_mean(column: str | None, text: str) -> bool:
    """Whether nothing in a heading says that its figures are others than those of the column."""
    if column is None or (column not in ANNUAL and measure_of(column) is None):
        return True
    annual = column in ANNUAL and (_OTHER_TIME.search(text) or len(set(_YEAR.findall(text))) > 1)
    return not (_NO_FIGURE.search(text) or annual)


def _dated(found: Recognized, years: list[int]) -> Recognized:
    return replace(found, year=years[0]) if found.column in ANNUAL and len(years) == 1 else found


def _resembling(text: str, kind: TableKind) -> Recognized:
    """The likest columns; nothing when the likest word is one that is known to be none of ours."""
    words = squeeze(_YEAR.sub(" ", _BRACKETS.sub(" ", text)))
    table = synonyms(kind)
    least = LIKE_ENGLISH if words.isascii() else LIKE_CHINESE
    like = (
        process.extract(words, table.keys(), scorer=fuzz.ratio, score_cutoff=least, limit=5) if len(words) > 2 else []
    )
    scored = [(word, score / 100) for word, score, _ in like]
    if not words.isascii():  # a synonym with something before or after it
        within = [word for word in table if len(word) >= 4 and word in words]
        scored += [(word, 0.7) for word in sorted(within, key=len, reverse=True)[:1]]
    columns = [table[word].column for word, _ in scored]
    if not scored or columns[0] is None or not _may_mean(columns[0], text):
        return Recognized()
    candidates = tuple(dict.fromkeys(column for column in columns if column is not None))
    unit = _unit_beside(columns[0], _beside(text))
    return Recognized(columns[0], "fuzzy", min(scored[0][1], 0.8), unit, candidates=candidates)

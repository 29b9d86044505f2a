"""What an official figure is called: its name, scope (口径) and unit, whatever a file calls it.

Names are matched whole, never by likeness: 数字经济核心产业增加值 is not 数字经济产业增加值 but several times as large.
A name that the table does not know stays as it is written.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from data.sources import REFERENCE

CNY_PER_UNIT = {"元": 1, "万元": 10**4, "亿元": 10**8, "万亿元": 10**12}
COUNT_UNITS = frozenset({"家", "个", "所", "项"})
_WHOLE_CITY = re.compile(r"^(?:全市|本市|深圳市|深圳|全区|本区)")
_BRACKETS = re.compile(r"[(（]([^()（）]*)[)）]\s*$")


@dataclass(frozen=True)
class IndicatorName:
    """An indicator that the product knows.

    Attributes
    ----------
    name : str
        As a plan writes its metric.
    scope : str
        Scope (口径) that it must state; empty when its name leaves no doubt.
    unit : str
        Unit of ``least`` and ``most``; a row may use any other unit of money, or of counts.
    target_id : str
        Target of the bundled plan that it decides; empty for none.
    least, most : float
        What a whole city's figure plausibly lies between; beyond it a person should look.
    scopes : mapping of str to str
        Its scope by every way to write it, as ``key_of`` makes them.
    """

    name: str
    scope: str
    unit: str
    target_id: str
    least: float
    most: float
    scopes: Mapping[str, str]

    @property
    def is_count(self) -> bool:
        """Whether it counts things."""
        return self.unit in COUNT_UNITS

    def fits(self, unit: str) -> bool:
        """Whether a figure of it can have a unit: money is no percentage, and a count is no money."""
        return unit in (COUNT_UNITS if self.is_count else CNY_PER_UNIT)


@dataclass(frozen=True)
class WrittenName:
    """What the name of an indicator says.

    Attributes
    ----------
    name : str
        Canonical where it is known, else as written, without what stands in brackets at its end.
    known : IndicatorName or None
    bracket : str or None
        What stands in the brackets: a scope, or a unit.
    """

    name: str
    known: IndicatorName | None
    bracket: str | None


def read_name(written: str) -> WrittenName:
    """Read the name of an indicator.

    Examples
    --------
    >>> read = read_name("全市数字经济产业增加值（市统计局口径）")
    >>> read.name, read.known.target_id, read.bracket
    ('数字经济产业增加值', 'T1', '市统计局口径')
    >>> read_name("数字经济核心产业增加值").known is None
    True
    """
    found = _BRACKETS.search(written)
    bracket = found[1].strip() or None if found else None
    plain = _BRACKETS.sub("", written).strip() or written
    known = _by_key().get(key_of(plain)) or _by_key().get(key_of(_WHOLE_CITY.sub("", plain)))
    return WrittenName(known.name if known else plain, known, bracket)


def known_indicator(name: str) -> IndicatorName | None:
    """Indicator of a canonical name."""
    return next((each for each in indicator_names() if each.name == name), None)


def indicator_names() -> tuple[IndicatorName, ...]:
    """Every indicator that the product knows, in the order of its table."""
    return tuple(name for name, _ in _listed())


def key_of(text: str) -> str:
    """Text without what writers vary: width, case, blanks, commas and dots.

    Examples
    --------
    >>> key_of("信息传输、软件 和信息技术服务业") == key_of("信息传输，软件和信息技术服务业")
    True
    """
    return re.sub(r"[\s、，,.。·]", "", unicodedata.normalize("NFKC", text)).casefold()


@lru_cache(maxsize=1)
def _by_key() -> dict[str, IndicatorName]:
    return {key_of(text): name for name, synonyms in _listed() for text in (name.name, *synonyms)}


@lru_cache(maxsize=1)
def _listed() -> tuple[tuple[IndicatorName, tuple[str, ...]], ...]:
    table = pd.read_csv(REFERENCE / "indicator_names.csv", dtype=str, keep_default_na=False)
    return tuple(
        (
            IndicatorName(
                name=row["indicator"],
                scope=row["scope"],
                unit=row["unit"],
                target_id=row["target_id"],
                least=float(row["least"]),
                most=float(row["most"]),
                scopes={key_of(s): row["scope"] for s in (row["scope"], *row["scope_synonyms"].split(";")) if s},
            ),
            tuple(synonym for synonym in row["synonyms"].split(";") if synonym),
        )
        for row in table.to_dict("records")
    )

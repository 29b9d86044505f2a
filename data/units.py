"""Units of money, areas and persons as people write them, in a heading or in a cell.

Only units of our own kind are known: US dollars have no exchange rate here, so an amount of them is no money for us.
A unit is a factor to our own base units (CNY, m², persons), exact as a fraction: a 亩 is 2000/3 m².
"""

import re
import unicodedata
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from data import columns as c
from data.errors import UnknownChoice


class Measure(StrEnum):
    """What a number counts."""

    MONEY = "money"
    AREA = "area"
    PERSONS = "persons"
    RENT = "rent"


_WORDS: dict[Measure, dict[str, int | Fraction]] = {
    Measure.MONEY: {"元": 1, "千元": 10**3, "万元": 10**4, "百万元": 10**6, "千万元": 10**7, "亿元": 10**8,
                    "十亿元": 10**9, "百亿元": 10**10, "万亿元": 10**12},
    Measure.AREA: {"m²": 1, "万m²": 10**4, "km²": 10**6, "公顷": 10**4, "亩": Fraction(2000, 3),
                   "万亩": Fraction(2 * 10**7, 3)},
    Measure.PERSONS: {"人": 1, "千人": 10**3, "万人": 10**4},
    Measure.RENT: {"元/m²·月": 1},
}  # fmt: skip
UNITS: dict[Measure, dict[str, Fraction]] = {
    measure: {unit: Fraction(factor) for unit, factor in units.items()} for measure, units in _WORDS.items()
}
"""Factor of each unit that a mapping may name, by what it measures."""

ASKED: dict[Measure, tuple[str, ...]] = {
    Measure.MONEY: ("元", "千元", "万元", "亿元"),
    Measure.AREA: ("m²", "万m²", "km²", "亩", "公顷"),
    Measure.PERSONS: ("人",),
    Measure.RENT: ("元/m²·月",),
}
"""Units to choose from where a file names none."""

_MEASURE_OF = {"CNY": Measure.MONEY, "m²": Measure.AREA, "persons": Measure.PERSONS, "CNY a m² and month": Measure.RENT}
_SAME = (
    (r"^(?:单位|單位|unit)s?", ""),
    (r"萬", "万"),
    (r"億", "亿"),
    (r"畝", "亩"),
    (r"公頃|hectares?|^ha$", "公顷"),
    (r"^mu$", "亩"),
    (r"人民[币幣]|rmb|cny|yuan|圆|圓|¥|元整", "元"),
    (r"平方公里|平方千米|sqkm|squarekilomet(?:er|re)s?", "km2"),
    (r"平方米|平方公尺|平米|平方|㎡|sqm|squaremet(?:er|re)s?|平(?=$|/|每)", "m2"),
    (r"trillions?", "万亿"),
    (r"billions?|bn", "十亿"),
    (r"100m(?:n|illions?)?(?=$|元)|hundredmillions?|^yi(?=$|元)|元yi$|1e8", "亿"),
    (r"10m(?:n|illions?)?(?=$|元)|1e7", "千万"),
    (r"millions?|mn|mil(?=$|元)|^m(?=$|元)|(?<=元)m$|1e6", "百万"),
    (r"10k|10,?000|10thousands?|tenthousands?|^wan(?=$|元)|元wan$|1e4", "万"),
    (r"thousands?|1,?000|^k(?=$|元)|(?<=元)k$|1e3|'000|^000", "千"),
    (r"persons?|people|employees?|staff|[名位个個]$", "人"),
)  # fmt: skip
_SPELLED = tuple((re.compile(pattern), word) for pattern, word in _SAME)
_JOINTS = re.compile(r"[\s:()\[\]{}_^·•.]+|\b(?:in|of)\b")
_RENT = re.compile(r"元[/每](?:(?:m2)[/每]?(?:月|month)|(?:月|month)[/每]?m2)")
_LONGEST = 24


def measure_of(column: str | None) -> Measure | None:
    """What the numbers of one of our columns count; ``None`` when they have no unit to choose."""
    return _MEASURE_OF.get(c.DECLARED[column].unit) if column in c.DECLARED else None


@lru_cache(maxsize=1024)  # few units stand in many cells
def unit_named(text: str, measure: Measure) -> str | None:
    """The unit that a text spells, as a key of ``UNITS``; ``None`` when it is no unit of this measure.

    Examples
    --------
    >>> [unit_named(text, Measure.MONEY) for text in ("亿", "（萬元）", "10k CNY", "RMB million", "万美元")]
    ['亿元', '万元', '万元', '百万元', None]
    >>> unit_named("平方公里", Measure.AREA), unit_named("元/平方米·月", Measure.RENT)
    ('km²', '元/m²·月')
    """
    if len(text) > _LONGEST:
        return None
    word = _JOINTS.sub("", unicodedata.normalize("NFKC", text).casefold())
    for pattern, same in _SPELLED:
        word = pattern.sub(same, word)
    if measure is Measure.RENT:
        return "元/m²·月" if _RENT.fullmatch(word.replace("m2月", "m2/月")) else None
    word = word.replace("m2", "m²").removeprefix("元") if word != "元" else word
    if word and (whole := {Measure.MONEY: "元", Measure.PERSONS: "人"}.get(measure)):
        word = word.rstrip(whole) + whole  # 亿, 万
    return word if word in UNITS[measure] else None


def factor(unit: str, measure: Measure) -> Fraction:
    """How many of our base unit one of ``unit`` is.

    Raises
    ------
    UnknownChoice
        When ``unit`` is no key of ``UNITS`` for this measure.
    """
    if unit not in UNITS[measure]:
        raise UnknownChoice(f"unit of {measure.value}", unit, tuple(UNITS[measure]))
    return UNITS[measure][unit]

"""What an industry code or a word of a business scope says about the subsectors of the plan, by two editable tables.

``reference/industry_rules.csv`` gives a GB/T 4754-2017 code (小类, or 中类 for all below it) its weights over the
subsectors; they add up to one for each code. ``reference/scope_words.csv`` gives words, with points for how much one
proves. Each row says where it comes from and how well it is known; nearly all are judged and unverified.

The choices, where they are arguable:

- Only the edition of 2017 is read. Editions gave the same number to other trades (6550 was 集成电路设计 and is
  信息处理和存储支持服务), so a code beside a name that is not its own says nothing.
- A code that the table leaves out says nothing, not even by its 大类: 软件业 alone is spread over half the subsectors.
- Of two words one inside the other the longer is read, so that 工业互联网 is not 互联网. What stands in brackets that
  exclude or restrict (不含…, 除…外) is not read.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.errors import BadTable
from data.reference import subsector_ids
from data.sources import REFERENCE
from data.weights import WHOLE

RULES, WORDS = "industry_rules.csv", "scope_words.csv"
MOST_CHARACTERS = 2_000
"""Characters of a business scope that are read; a longer text could only slow us down."""

_CODE = re.compile(r"[A-T]?\s*(\d{3,4})(?!\d)(.*)", re.S)
_NO_NAME = re.compile(r"[\W\d_]+")
_RESTRICTED = r"\([^()]*(?:不含|不得|除|限制|禁止|许可|审批|批准)[^()]*\)"
_ENDS_A_PHRASE = r"[;,、。.:|\n\r]+"
_ROWS = 200_000  # at a time, so that the phrases of a large register never all stand in memory


@dataclass(frozen=True)
class CodeRule:
    """What a code says.

    Attributes
    ----------
    code, name : str
        Of GB/T 4754-2017.
    parts : mapping of str to int
        Ten-thousandths by subsector.
    """

    code: str
    name: str
    parts: Mapping[str, int]


@dataclass(frozen=True)
class Word:
    """A word and the points that it gives to each subsector, 1 (hardly anything) to 3 (its name)."""

    text: str
    points: Mapping[str, int]


@lru_cache(maxsize=1)
def code_rules() -> Mapping[str, CodeRule]:
    """Every rule by its code.

    Raises
    ------
    BadTable
        When a subsector is none of the plan's, a weight no decimal of four digits, or those of a code do not add up.
    """
    problems: list[str] = []
    names: dict[str, str] = {}
    parts: dict[str, dict[str, int]] = {}
    for row in _rows(RULES, problems):
        code, weight = row["code"], row["weight"]
        names[code] = row["name"]
        if not re.fullmatch(r"1|0\.\d{1,4}", weight) or row["subsector_id"] in parts.get(code, {}):
            problems.append(f"{code} {row['subsector_id']} has weight {weight!r}, or two")
        else:
            parts.setdefault(code, {})[row["subsector_id"]] = round(float(weight) * WHOLE)
    problems += [f"the weights of {code} do not add up to 1" for code, p in parts.items() if sum(p.values()) != WHOLE]
    if problems:
        raise BadTable(RULES, problems)
    return {code: CodeRule(code, names[code], dict(sorted(p.items()))) for code, p in parts.items()}


def rule_of_code(text: str) -> CodeRule | None:
    """The rule that a cell with an industry code names, or the name of an industry.

    Parameters
    ----------
    text : str
        ``6513``, ``I6513``, ``6513 应用软件开发`` or ``应用软件开发``. Of a code without a rule that of its 中类 holds.

    Examples
    --------
    >>> [rule_of_code(text).code for text in ("I6513", "6513 应用软件开发", "应用软件开发", "6510")]
    ['6513', '6513', '6513', '651']
    >>> rule_of_code("0111"), rule_of_code("6550 集成电路设计"), rule_of_code("I65")
    (None, None, None)
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _CODE.fullmatch(plain.upper())
    if found is None:
        return _rules_by_name().get(plain)
    code, beside = found[1], _NO_NAME.sub("", found[2])
    rule = code_rules().get(code)
    if rule is None:
        return code_rules().get(code[:3])
    own = _NO_NAME.sub("", rule.name.upper())
    return rule if not beside or beside in own or own in beside else None


@lru_cache(maxsize=1)
def scope_words() -> tuple[Word, ...]:
    """Every word once, the longest first.

    Raises
    ------
    BadTable
        When a subsector is none of the plan's, points are not 1 to 3, or a word stands twice for one subsector.
    """
    problems: list[str] = []
    points: dict[str, dict[str, int]] = {}
    for row in _rows(WORDS, problems):
        word = _plain(row["word"])
        if row["points"] not in ("1", "2", "3") or row["subsector_id"] in points.get(word, {}) or len(word) < 2:
            problems.append(f"{row['word']!r} for {row['subsector_id']} has points {row['points']!r}, or stands twice")
        else:
            points.setdefault(word, {})[row["subsector_id"]] = int(row["points"])
    if problems:
        raise BadTable(WORDS, problems)
    return tuple(Word(word, points[word]) for word in sorted(points, key=lambda word: (-len(word), word)))


def words_in(texts: pa.Array) -> tuple[NDArray[np.int64], list[tuple[int, ...]]]:
    """Words in each of many texts; a phrase that stands in many of them is read once.

    Parameters
    ----------
    texts : pyarrow text
        Names or business scopes.

    Returns
    -------
    number : ndarray of int
        For each text the position of its words in ``found``.
    found : list of tuple of int
        Positions in ``scope_words()``, each once, in the order in which a text has them; the first is without any.

    Examples
    --------
    >>> number, found = words_in(pa.array(["工业互联网平台开发；云计算（不含金融）", None, "餐饮"]))
    >>> number.tolist(), [[scope_words()[i].text for i in each] for each in found]
    ([1, 0, 0], [[], ['工业互联网平台', '云计算']])
    """
    known: dict[tuple[int, ...], int] = {(): 0}
    number = np.zeros(len(texts), np.int64)
    for start in range(0, len(texts), _ROWS):
        for row, words in _words_by_row(texts[start : start + _ROWS]):
            number[start + row] = known.setdefault(words, len(known))
    return number, list(known)


def _words_by_row(texts: pa.Array) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Row and words of each text that has any."""
    plain = pc.utf8_lower(pc.utf8_normalize(pc.utf8_slice_codeunits(texts, 0, MOST_CHARACTERS), "NFKC"))
    phrases = pc.split_pattern_regex(pc.replace_substring_regex(plain, _RESTRICTED, ""), _ENDS_A_PHRASE)
    coded, of = pc.list_flatten(phrases).dictionary_encode(), pc.list_parent_indices(phrases)
    hit = np.asarray(pc.match_substring_regex(coded.dictionary, "|".join(re.escape(w.text) for w in scope_words())))
    read = {int(i): _words_of(coded.dictionary[int(i)].as_py()) for i in np.flatnonzero(hit)}
    codes = np.asarray(coded.indices)
    held = np.flatnonzero(hit[codes]) if len(codes) else codes
    words: dict[int, dict[int, None]] = {}
    for row, code in zip(np.asarray(of)[held].tolist(), codes[held].tolist(), strict=True):
        words.setdefault(row, {}).update(dict.fromkeys(read[code]))
    return ((row, tuple(each)) for row, each in words.items() if each)


@lru_cache(maxsize=1)
def _finder() -> tuple[re.Pattern[str], Mapping[str, int]]:
    texts = [word.text for word in scope_words()]
    whole = (rf"(?<![a-z]){re.escape(text)}(?![a-z])" if text.isascii() else re.escape(text) for text in texts)
    return re.compile("|".join(whole)), {text: i for i, text in enumerate(texts)}


def _words_of(phrase: str) -> list[int]:
    pattern, position = _finder()
    return [position[match] for match in pattern.findall(phrase)]


@lru_cache(maxsize=1)
def _rules_by_name() -> Mapping[str, CodeRule]:
    return {rule.name: rule for rule in code_rules().values()}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def _rows(name: str, problems: list[str]) -> Iterator[dict[str, str]]:
    """Rows of a table whose subsector we know; the others are problems."""
    known = subsector_ids()
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["subsector_id"] in known:
                yield row
            else:
                problems.append(f"subsector {row['subsector_id']!r} is none of the plan's")

"""Which subsector of the plan a firm is in: as declared, else by its industry code, else by words of scope and name.

The first source that answers decides, in this order: declared weights, the declared subsector, the industry code, words
of the business scope and the name. Nothing is guessed: a row that no source answers has no subsector, and weights that
do not add up are told and not mended. Every answer says which rule gave it and how sure it is; what is not sure, what
two rules disagree on and what no rule answers is marked for review.

The choices, where they are arguable:

- A code whose weights the table spreads over several subsectors splits the firm. Words never do: they claim too much,
  since a scope lists all that a firm may do. Of several subsectors the one with most points is taken (of equal ones the
  one named first, as a scope names the main business first), the others are kept as candidates, and a person is asked.
- A word in the name counts twice. The score of words is the best subsector's share of all points and one more, so that
  one weak word is never sure.
- Words are asked only where nothing else answers, so they never contradict a code.

How well names alone do, on the 70 firms of the bundled set, whose own subsectors are judged and unverified: badly. 65
stay without a subsector; of the 5 that get one 4 get theirs, and one of 信息安全 is taken for 互联网. Both that are not
marked for review are right. Macro-F1 over the 11 subsectors that occur is 0.09 (电子商务 0.44, 高端软件 0.33, 数字创意
0.18, all others 0). Whoever wrote the words had seen those names, so strangers may fare worse. Business scopes are not
measured: the bundled set has none.

Left out: synonyms that the tables do not hold, text in traditional characters, what a firm really earns its money with.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.industry_rules import rule_of_code, scope_words, words_in
from data.reference import subsectors_by_name
from data.weights import WHOLE, main_subsector, write_weights

Texts: TypeAlias = pa.Array | pa.ChunkedArray | None
"""A column of text, a null where the row says nothing; ``None`` when the file has no such column."""

TEXT = pa.large_string()
CONFIDENT = 0.7
"""An answer with a lower score is marked for review."""
LONGEST = 200
"""Characters of a cell with subsectors; a longer one is no list of them."""
MOST_CANDIDATES = 3
MOST_WORDS = 4
NAME_COUNTS = 2

WEIGHTS_UNREADABLE = "weights_unreadable"
WEIGHTS_NOT_ONE = "weights_not_one"
UNKNOWN_SUBSECTOR = "unknown_subsector"
SEVERAL_SUBSECTORS = "several_subsectors"

_PART = re.compile(r"\s*(s\d\d|[^\d\s:=%()]\D*?)\s*[:=(]?\s*(\d+(?:\.\d+)?)\s*(%?)\s*\)?\s*(?:[;,、/|+]|$|(?<=[%)\s]))")
_BETWEEN_NAMES = re.compile(r"[;,、/|+\n]|和|与")
_ENDS_A_NAME = re.compile(r"(?:产业集群|产业|行业|领域|集群)$")


@dataclass(frozen=True, eq=False)
class Classified:
    """Subsector of each row, in the order of the rows.

    Attributes
    ----------
    subsector_id : pyarrow text
        The subsector with the largest part; null when nothing tells.
    subsector_weights : pyarrow text
        Parts in several subsectors, ``S02:0.6;S05:0.4``; null for a firm that is all in one.
    subsector_basis : pyarrow text
        The rule that answered: ``declared``, ``declared weights``, ``code 6513 -> S01``, ``words 云计算 -> S05``; null
        without a subsector.
    candidates : pyarrow text
        Of an answer by words of several subsectors, the best with their share of the points: ``S05:0.5;S04:0.3``.
    score : ndarray of float64
        From 0 to 1 (declared): how sure the answer is; NaN without one. Not a probability.
    review : ndarray of bool
        A person should look: no answer, a score below ``CONFIDENT``, or sources that disagree.
    problems : mapping of str to ndarray of int
        Rows, from 0, with a cell that could not be taken, by code: ``weights_unreadable``, ``weights_not_one`` and
        ``several_subsectors`` (named without weights) leave the row without a subsector, ``unknown_subsector`` lets the
        code or words answer.
    """

    subsector_id: pa.Array
    subsector_weights: pa.Array
    subsector_basis: pa.Array
    candidates: pa.Array
    score: NDArray[np.float64]
    review: NDArray[np.bool_]
    problems: Mapping[str, NDArray[np.int64]]


def classify_firms(*, declared: Texts, weights: Texts, codes: Texts, scopes: Texts, names: Texts) -> Classified:
    """Classify the rows of a register.

    Parameters
    ----------
    declared : pyarrow text or None
        A subsector by id or by name with or without 产业; or weights, as in the next.
    weights : pyarrow text or None
        ``高端软件:0.6;云计算:0.4`` or ``S02 60%, S05 40%``, exact decimals that add up to 1 or 100 %.
    codes : pyarrow text or None
        GB/T 4754-2017, see ``data.industry_rules.rule_of_code``.
    scopes, names : pyarrow text or None
        Business scope (经营范围) and name of the firm.

    Returns
    -------
    Classified

    Raises
    ------
    ValueError
        When there is no column at all, or they differ in length.

    Examples
    --------
    >>> found = classify_firms(declared=pa.array(["人工智能产业", "S02 60%, S05 40%", None, None, None]), weights=None,
    ...                        codes=pa.array([None, None, "6513", None, None]), scopes=None,
    ...                        names=pa.array(["甲公司", "乙公司", "丙公司", "丁云计算公司", "戊公司"]))
    >>> found.subsector_id.to_pylist(), found.subsector_weights.to_pylist()
    (['S02', 'S02', 'S01', 'S05', None], [None, 'S02:0.6;S05:0.4', None, None, None])
    >>> found.subsector_basis.to_pylist()
    ['declared', 'declared weights', 'code 6513 -> S01', 'words 云计算 -> S05', None]
    """
    rows = _rows(declared, weights, codes, scopes, names)
    told, said, coded = (_by_value(column, rows, read) for column, read in
                         ((weights, _read_weights), (declared, _read_declared), (codes, _read_code)))  # fmt: skip
    answers = [NOTHING]
    chosen = np.zeros(rows, np.int64)
    for source in (told, said, coded):
        open_ = chosen == 0
        chosen[open_] = np.where(source.decides, source.number + len(answers), 0)[open_]
        answers += source.answers
    left = np.flatnonzero(chosen == 0)
    number, by_words = _by_words(_plain(scopes, rows).take(pa.array(left)), _plain(names, rows).take(pa.array(left)))
    chosen[left] = number + len(answers)
    answers += by_words
    score = np.array([answer.score for answer in answers])[chosen]
    unsure = np.array([answer.subsector is None or answer.several for answer in answers])[chosen]
    columns = zip(*(answer[:4] for answer in answers), strict=True)
    subsector, parts, basis, candidates = (pa.array(column, TEXT).take(pa.array(chosen)) for column in columns)
    problems = _problems(told, said)
    review = unsure | ~(score >= CONFIDENT) | _disagree(told, said) | _disagree(_first(told, said), coded)
    review[problems.get(UNKNOWN_SUBSECTOR, np.empty(0, np.int64))] = True
    return Classified(subsector, parts, basis, candidates, score, review, problems)


class _Answer(NamedTuple):
    """What one source says of a row."""

    subsector: str | None = None
    weights: str | None = None
    basis: str | None = None
    candidates: str | None = None
    score: float = float("nan")
    several: bool = False
    problem: str | None = None
    parts: tuple[str, ...] = ()  # every subsector that it speaks for

    @property
    def decides(self) -> bool:
        """Whether no later source is asked: it answers, or it was meant to and cannot be taken."""
        return self.subsector is not None or self.problem not in (None, UNKNOWN_SUBSECTOR)


NOTHING = _Answer()


@dataclass(frozen=True, eq=False)
class _Source:
    """Answers of one column: each different one once, and which is that of each row."""

    number: NDArray[np.int64]
    answers: list[_Answer]

    @property
    def decides(self) -> NDArray[np.bool_]:
        return np.array([answer.decides for answer in self.answers])[self.number]


def _rows(*columns: Texts) -> int:
    lengths = {len(column) for column in columns if column is not None}
    if len(lengths) != 1:
        raise ValueError(f"columns of {sorted(lengths) or 'no'} rows; expected one column or more, all of one length")
    return lengths.pop()


def _plain(column: Texts, rows: int) -> pa.Array:
    if column is None:
        return pa.nulls(rows, TEXT)
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.cast(TEXT)


def _by_value(column: Texts, rows: int, read: Callable[[str], _Answer]) -> _Source:
    """Each different cell read once."""
    coded = pc.utf8_trim_whitespace(_plain(column, rows)).dictionary_encode()
    answers = [NOTHING, *(read(text) if text else NOTHING for text in coded.dictionary.to_pylist())]
    return _Source(np.asarray(coded.indices.fill_null(-1), np.int64) + 1, answers)


def _read_weights(text: str) -> _Answer:
    """Weights as a person writes them; percent when they say so, or add up to 100."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    found, end = [], 0
    while len(plain) <= LONGEST and (match := _PART.match(plain, end)):
        found.append(match)
        end = match.end()
    names = [_subsector_called(match[1]) for match in found]
    if not found or end < len(plain) or None in names or len(set(names)) < len(names):
        return _Answer(problem=WEIGHTS_UNREADABLE)
    if len({match[3] for match in found}) > 1:
        return _Answer(problem=WEIGHTS_UNREADABLE)
    shares = [Decimal(match[2]) for match in found]
    of = 100 if found[0][3] or sum(shares) == 100 else 1
    exact = [share / of * WHOLE for share in shares]
    if sum(shares) != of or any(share % 1 for share in exact):
        return _Answer(problem=WEIGHTS_NOT_ONE)
    parts = {str(name): int(share) for name, share in zip(names, exact, strict=True) if share}
    return _Answer(main_subsector(parts), write_weights(parts), "declared weights", score=1.0, parts=tuple(parts))


def _read_declared(text: str) -> _Answer:
    """A subsector, or several with weights; several without are not guessed at."""
    if (subsector := _subsector_called(text)) is not None:
        return _Answer(subsector, basis="declared", score=1.0, parts=(subsector,))
    weighed = _read_weights(text)
    if weighed.problem != WEIGHTS_UNREADABLE:
        return weighed
    several = {_subsector_called(part) for part in _BETWEEN_NAMES.split(unicodedata.normalize("NFKC", text))}
    return _Answer(problem=SEVERAL_SUBSECTORS if len(several - {None}) > 1 else UNKNOWN_SUBSECTOR)


def _subsector_called(text: str) -> str | None:
    """A subsector by id or by name with or without 产业."""
    by_name = subsectors_by_name()
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.upper() in by_name.values():
        return plain.upper()
    return by_name.get(_ENDS_A_NAME.sub("", plain))


def _read_code(text: str) -> _Answer:
    rule = rule_of_code(text)
    if rule is None:
        return NOTHING
    subsector, parts = main_subsector(rule.parts), write_weights(rule.parts)
    score = rule.parts[subsector] / WHOLE
    return _Answer(subsector, parts, f"code {rule.code} -> {parts or subsector}", score=score, parts=tuple(rule.parts))


def _by_words(scopes: pa.Array, names: pa.Array) -> tuple[NDArray[np.int64], list[_Answer]]:
    """Answer of the words of each row: its position, and every answer that there is once."""
    (in_scope, scope_sets), (in_name, name_sets) = words_in(scopes), words_in(names)
    pairs, number = np.unique(in_name * len(scope_sets) + in_scope, return_inverse=True)
    answers = [_answer_of_words(name_sets[n], scope_sets[s]) for n, s in zip(*np.divmod(pairs, len(scope_sets)),
                                                                             strict=True)]  # fmt: skip
    return number, answers


def _answer_of_words(in_name: Iterable[int], in_scope: Iterable[int]) -> _Answer:
    words, counts = scope_words(), dict.fromkeys(in_name, NAME_COUNTS)
    points: dict[str, int] = {}
    proof: dict[str, list[str]] = {}
    for i in {**counts, **dict.fromkeys(in_scope, 1)}:
        for subsector, number in words[i].points.items():
            points[subsector] = points.get(subsector, 0) + number * counts.get(i, 1)
            proof.setdefault(subsector, []).append(words[i].text)
    if not points:
        return NOTHING
    ranked = sorted(points, key=lambda subsector: -points[subsector])  # stable: of equal ones the first named
    total, best = sum(points.values()), ranked[0]
    basis = f"words {', '.join(proof[best][:MOST_WORDS])} -> {best}"
    several = len(points) > 1
    listed = ";".join(f"{subsector}:{points[subsector] / total:.2f}" for subsector in ranked[:MOST_CANDIDATES])
    return _Answer(best, None, basis, listed if several else None, points[best] / (total + 1), several)


def _first(told: _Source, said: _Source) -> _Source:
    """What is declared: by weights, else as one subsector."""
    number = np.where(told.decides, told.number, said.number + len(told.answers))
    return _Source(number, [*told.answers, *said.answers])


def _disagree(one: _Source, other: _Source) -> NDArray[np.bool_]:
    """Rows in which two sources answer and have no subsector in common."""
    pairs, number = np.unique(one.number * len(other.answers) + other.number, return_inverse=True)
    parts = ((one.answers[i].parts, other.answers[j].parts) for i, j in zip(*np.divmod(pairs, len(other.answers)),
                                                                           strict=True))  # fmt: skip
    return np.array([bool(a and b) and not set(a) & set(b) for a, b in parts], bool)[number]


def _problems(*sources: _Source) -> Mapping[str, NDArray[np.int64]]:
    found: dict[str, NDArray[np.int64]] = {}
    for code in (WEIGHTS_UNREADABLE, WEIGHTS_NOT_ONE, SEVERAL_SUBSECTORS, UNKNOWN_SUBSECTOR):
        bad = [np.array([answer.problem == code for answer in source.answers])[source.number] for source in sources]
        if len(rows := np.flatnonzero(np.logical_or.reduce(bad))):
            found[code] = rows
    return found

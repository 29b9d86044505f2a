"""Cells of text turned into values: plain ones all at once, odd ones once for each text that occurs.

A million plain numbers are converted by Arrow. What Arrow cannot read is shown, once for each different text, to a
function that knows the ways in which people write. A rule that changed more than the writing is named, so that a person
can look at it; what no rule reads is unreadable, never guessed.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Cells: TypeAlias = pa.Array | pa.ChunkedArray
TEXT = pa.large_string()

NO_VALUE = "no_value"
FULL_WIDTH = "full_width"
STRAY_MARKS = "stray_marks"
SCIENTIFIC = "scientific"


@dataclass(frozen=True, eq=False)
class Parsed:
    """Values of a column and how its odd cells were read.

    Attributes
    ----------
    values : pyarrow.Array
        One a cell, int64 or float64; null where the cell is blank or cannot be read.
    unreadable : ndarray of bool
        Where something stands that no rule reads.
    rule : pyarrow.Array of text
        Code of the rule that a person should see: ``full_width``, ``cell_unit``, ``degrees_minutes``, ... Null where
        the cell is blank, plain or unreadable.
    """

    values: pa.Array
    unreadable: NDArray[np.bool_]
    rule: pa.Array

    @cached_property
    def repaired(self) -> NDArray[np.bool_]:
        """Where a rule changed more than the writing."""
        return np.asarray(pc.is_valid(self.rule))


class Reading(NamedTuple):
    """What one odd text says, and by which rule."""

    value: int | float | None
    rule: str | None = None


Odd: TypeAlias = Callable[[str, str | None], Reading | None]
"""Reads one text, cleaned, with the rule of its cleaning; ``None`` when no rule reads it."""


def parse_cells(cells: Cells, kind: pa.DataType, plain: Callable[[pa.Array], pa.Array], odd: Odd) -> Parsed:
    """Values of all cells.

    Parameters
    ----------
    cells : pyarrow.Array or ChunkedArray
        Text or numbers. NaN is blank.
    kind : pyarrow.DataType
        Of the values.
    plain : callable
        Texts to values, null for every text that is not plain.
    odd : callable
    """
    texts, written = as_texts(cells)
    values = plain(texts)
    left = np.asarray(pc.and_(pc.is_valid(texts), pc.is_null(values)))
    unreadable = np.zeros(len(texts), bool)
    if not left.any():
        return Parsed(values, unreadable, pa.nulls(len(texts), pa.string()))
    mask = pa.array(left)
    coded = texts.filter(mask).dictionary_encode()
    readings = [_read(text, odd) for text in coded.dictionary.to_pylist()]
    read = [reading or Reading(None) for reading in readings]
    values = pc.replace_with_mask(values, mask, pa.array([r.value for r in read], kind).take(coded.indices))
    unreadable[left] = np.array([r is None for r in readings])[np.asarray(coded.indices)]
    rules = pa.array([r.rule if written else None for r in read], pa.string()).take(coded.indices)
    return Parsed(values, unreadable, pc.replace_with_mask(pa.nulls(len(texts), pa.string()), mask, rules))


def as_texts(cells: Cells) -> tuple[pa.Array, bool]:
    """Cells as one array of text, blank ones null; and whether they were written as text.

    A number of a binary float is written with the fewest digits that mean it, so that 0.1 is one tenth.
    """
    whole = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    if pa.types.is_dictionary(whole.type):
        whole = whole.cast(whole.type.value_type)
    written = pa.types.is_string(whole.type) or pa.types.is_large_string(whole.type)
    if pa.types.is_floating(whole.type):
        whole = pc.if_else(pc.fill_null(pc.is_nan(whole), False), pa.scalar(None, whole.type), whole)
    texts = whole.cast(TEXT)
    return (pc.if_else(pc.equal(texts, ""), pa.scalar(None, TEXT), texts) if written else texts), written


def plain_texts(texts: pa.Array, decimals: int) -> pa.Array:
    """Texts that are numbers of at most 15 digits and so many decimals, without their commas; null for any other."""
    grouped = pc.match_substring_regex(texts, r"^-?[0-9]{1,3}(,[0-9]{3}){1,4}(\.[0-9]*)?$")
    if pc.any(grouped).as_py():
        texts = pc.if_else(grouped, pc.replace_substring(texts, ",", ""), texts)
    plain = pc.match_substring_regex(texts, rf"^-?[0-9]{{1,15}}(\.[0-9]{{1,{decimals}}})?$")
    return pc.if_else(plain, texts, pa.scalar(None, TEXT))


_FULL_WIDTH = re.compile(r"[０-９．，－＋％]")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]|^['`’]+(?=[-+0-9.])")
_MINUS = str.maketrans("−‐‑", "---")
_DEGREES = str.maketrans("º˚´", "°°′")  # NFKC would make a letter or an accent of them
_NO_VALUE = {"", "/", "\\", "n/a", "na", "#n/a", "null", "none", "无", "無", "暂无", "未披露", "不详", "不詳", "未知"}
_DASHES = re.compile("[-–—_]+")
_LONGEST = 64


def _read(text: str, odd: Odd) -> Reading | None:
    """What a text says, once the marks that mean nothing are taken away; a dash says that there is no value."""
    if len(text) > _LONGEST:
        return None
    rule = FULL_WIDTH if _FULL_WIDTH.search(text) else None
    plain = unicodedata.normalize("NFKC", text.translate(_DEGREES)).casefold().strip()
    tidy = _INVISIBLE.sub("", plain).translate(_MINUS).strip()
    if tidy in _NO_VALUE or _DASHES.fullmatch(tidy):
        return Reading(None, NO_VALUE)
    return odd(tidy, rule or (STRAY_MARKS if tidy != plain else None))

"""What an id of a firm is: a unified social credit code that holds, one that was damaged, a stock code, or another id.

The code of GB 32100-2015 has 17 characters of 31 (digits and capitals without I, O, S, V, Z) and a check character that
makes the weighted sum a multiple of 31. A spreadsheet that takes an all-digit code for a number keeps 15 digits of it:
``9.14403E+17`` on the screen, zeros at the end in the file. Nothing brings the lost digits back, and a letter O for a
zero is not mended either: a code that we changed would be the code of somebody else. Capitals and blanks are mended.

References
----------
GB 32100-2015, 法人和其他组织统一社会信用代码编码规则.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.parsed import TEXT, Cells, as_texts

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
KEPT_BY_A_SPREADSHEET = 15  # digits

_WEIGHTS = np.array([pow(3, place, 31) for place in range(LENGTH - 1)] + [1], np.int64)
_VALUES = np.full(128, -1, np.int64)
_VALUES[[ord(letter) for letter in ALPHABET]] = np.arange(len(ALPHABET))
_STOCK = r"^(?:[0-9]{6}(?:\.(?:SZ|SH|SS|BJ))?|(?:SZ|SH|BJ)[0-9]{6}|[0-9]{4,5}\.HK)$"
_SCIENTIFIC = r"^[0-9](?:\.[0-9]+)?E\+?1[78]$"


class IdKind(StrEnum):
    """What an id is."""

    VALID = "valid"
    BAD_CHECK_DIGIT = "bad_check_digit"
    DAMAGED_BY_SPREADSHEET = "damaged_by_spreadsheet"
    STOCK_CODE = "stock_code"
    OTHER = "other"


@dataclass(frozen=True, eq=False)
class Ids:
    """The ids of a column and what each is.

    Attributes
    ----------
    ids : pyarrow.Array of text
        In capitals and without blanks where it is a credit or a stock code; another id as it stands. Null where blank.
    kind : ndarray of object
        ``IdKind``, ``None`` where blank.
    repaired : ndarray of bool
        Where the id differs from what stood there.
    """

    ids: pa.Array
    kind: NDArray[np.object_]
    repaired: NDArray[np.bool_]


def classify_ids(cells: Cells) -> Ids:
    """What each id of a column is.

    Parameters
    ----------
    cells : pyarrow.Array or ChunkedArray
        Text, or whole numbers.

    Examples
    --------
    >>> found = classify_ids(pa.array(["91350100m000100y43", "91350100M000100Y44", "9.14403E+17", "000034", "SYN-1"]))
    >>> [str(kind) for kind in found.kind]
    ['valid', 'bad_check_digit', 'damaged_by_spreadsheet', 'stock_code', 'other']
    >>> found.repaired.tolist()
    [True, False, False, False, False]
    """
    texts, _ = as_texts(cells)
    tidy = _tidy(texts)
    full = _flags(pc.match_substring_regex(tidy, rf"^[0-9A-Z]{{{LENGTH}}}$"))
    stock = _flags(pc.match_substring_regex(tidy, _STOCK))
    rounded = _flags(pc.match_substring_regex(tidy, rf"^[0-9]{{{KEPT_BY_A_SPREADSHEET}}}000$"))
    scientific = _flags(pc.match_substring_regex(tidy, _SCIENTIFIC))
    holds = np.zeros(len(texts), bool)
    holds[full] = check_digit_holds(tidy.filter(pa.array(full)))
    kind = np.full(len(texts), IdKind.OTHER, object)
    kind[stock], kind[full] = IdKind.STOCK_CODE, IdKind.BAD_CHECK_DIGIT
    kind[scientific | rounded] = IdKind.DAMAGED_BY_SPREADSHEET
    kind[holds], kind[~_flags(pc.is_valid(texts))] = IdKind.VALID, None
    ids = pc.if_else(pa.array(full | stock), tidy, texts)
    return Ids(ids, kind, _flags(pc.not_equal(ids, texts)))


def check_digit_holds(codes: pa.Array) -> NDArray[np.bool_]:
    """Whether the check character of each code is the one that the other 17 ask for.

    Parameters
    ----------
    codes : pyarrow.Array of text
        Codes of 18 ASCII characters.
    """
    if not len(codes):
        return np.zeros(0, bool)
    letters = np.asarray(codes.to_numpy(zero_copy_only=False), f"S{LENGTH}").view(np.uint8).reshape(-1, LENGTH)
    values = _VALUES[letters]
    return np.asarray((values >= 0).all(axis=1) & ((values * _WEIGHTS).sum(axis=1) % len(ALPHABET) == 0))


def _tidy(texts: pa.Array) -> pa.Array:
    """Capitals without blanks and invisible marks; full-width letters as plain ones."""
    if pc.all(pc.match_substring_regex(texts, "^[0-9A-Z.+-]*$"), min_count=0).as_py() is not False:
        return texts
    coded = texts.dictionary_encode()
    plain = [_BLANK.sub("", unicodedata.normalize("NFKC", text)).upper() for text in coded.dictionary.to_pylist()]
    return pa.array(plain, TEXT).take(coded.indices)


_BLANK = re.compile("[\\s\u200b-\u200f\u2060\ufeff]+|^['`’]+")


def _flags(found: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(found, False), bool)

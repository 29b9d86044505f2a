"""Kinds of hubs, and the words that files have for them: rows of ``hub_kinds.csv``."""

import csv
from functools import lru_cache

import pyarrow as pa

from data.heading_words import squeeze
from data.parsed import TEXT
from data.sources import REFERENCE

HUB_KINDS = ("metro", "rail", "border", "port", "airport")


@lru_cache(maxsize=1)
def words_of_kinds() -> dict[str, str]:
    """Kind by each word, without case, blanks and punctuation."""
    with (REFERENCE / "hub_kinds.csv").open(encoding="utf-8", newline="") as file:
        return {squeeze(row["word"]): row["kind"] for row in csv.DictReader(file)}


def plain_word(kind: str) -> str:
    """The word that our templates and tables use for a kind: the first of its words."""
    with (REFERENCE / "hub_kinds.csv").open(encoding="utf-8", newline="") as file:
        return next(row["word"] for row in csv.DictReader(file) if row["kind"] == kind)


def read_hub_kinds(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Kind that each text names; null where it names none.

    Examples
    --------
    >>> read_hub_kinds(pa.array(["地铁站", "高铁站", "Port", "码头 ", "公园", None])).to_pylist()
    ['metro', 'rail', 'port', 'port', None, None]
    """
    known = words_of_kinds()
    return pa.array([None if text is None else known.get(squeeze(text)) for text in texts.to_pylist()], TEXT)

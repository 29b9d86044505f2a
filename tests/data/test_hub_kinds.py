"""Words for kinds of hubs: every row of the table names a kind, and no word names two."""

import csv

import pyarrow as pa

from data.heading_words import squeeze
from data.hub_kinds import HUB_KINDS, plain_word, read_hub_kinds, words_of_kinds
from data.sources import REFERENCE


def test_every_row_names_a_kind_and_no_word_names_two() -> None:
    with (REFERENCE / "hub_kinds.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["kind"] for row in rows} == set(HUB_KINDS)
    assert len(rows) == len({squeeze(row["word"]) for row in rows}) == len(words_of_kinds())
    for row in rows:
        assert read_hub_kinds(pa.array([f" {row['word']} "])).to_pylist() == [row["kind"]]


def test_our_own_words_and_ids_are_read_and_nothing_is_guessed() -> None:
    assert read_hub_kinds(pa.array([plain_word(kind) for kind in HUB_KINDS])).to_pylist() == [*HUB_KINDS]
    assert read_hub_kinds(pa.array([*HUB_KINDS])).to_pylist() == [*HUB_KINDS]
    assert read_hub_kinds(pa.array(["", "公交站", "地铁站附近"])).to_pylist() == [None] * 3

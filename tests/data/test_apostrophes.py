"""A guarded text starts no formula, and the guard can be taken away exactly."""

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data.apostrophes import guard, unguard

STARTS = "=+-@\t\r＝＋－＠"
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text(f"'{STARTS}\na", max_size=6),
)
KINDS = [pa.string(), pa.large_string()]


def one(change: object, text: str | None, kind: pa.DataType = KINDS[0]) -> str | None:
    (changed,) = change(pa.array([text], kind)).to_pylist()  # type: ignore[operator]
    return changed


@pytest.mark.parametrize("kind", KINDS)
@given(text=TEXTS)
@example(text="''''＝")
@example(text="'\n=1")
def test_what_is_unguarded_is_what_was_guarded(kind: pa.DataType, text: str) -> None:
    assert one(unguard, one(guard, text, kind), kind) == text


@given(TEXTS)
def test_no_guarded_text_starts_like_a_formula(text: str) -> None:
    guarded = one(guard, text)
    assert guarded in (text, f"'{text}")
    assert not guarded.startswith(tuple(STARTS))


@given(TEXTS.filter(lambda text: not text.startswith(tuple(STARTS))))
def test_a_text_as_a_file_of_ours_may_hold_it_is_written_again_as_it_was(text: str) -> None:
    assert one(guard, one(unguard, text)) == text


@pytest.mark.parametrize("text", ["", "腾讯", "a=b", "'quoted'", "'", "''", " =1", "１＋１", "−1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert one(guard, text) == one(unguard, text) == text


def test_what_is_missing_stays_missing_in_a_column_of_several_pieces() -> None:
    column = pa.chunked_array([["=1", None], ["'=1"]])
    assert guard(column).to_pylist() == ["'=1", None, "''=1"]
    assert unguard(guard(column)).equals(column)

"""Ids of firms: the check digit tells a mistyped code, and a damaged one is never mended."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.credit_codes import ALPHABET, IdKind, check_digit_holds, classify_ids

EXAMPLE = "91350100M000100Y43"  # the worked example of GB 32100-2015


def with_check(body: str) -> str:
    """The standard's own formula, one character at a time."""
    total = sum(ALPHABET.index(letter) * 3**place for place, letter in enumerate(body))
    return body + ALPHABET[-total % 31]


def kinds(*texts: str | None) -> list[str | None]:
    return [kind and str(kind) for kind in classify_ids(pa.array(texts, pa.string())).kind]


bodies = st.text(ALPHABET, min_size=17, max_size=17)


def test_the_example_of_the_standard_holds() -> None:
    assert with_check(EXAMPLE[:17]) == EXAMPLE
    assert kinds(EXAMPLE) == ["valid"]


@given(st.lists(bodies, min_size=1))
def test_a_code_with_its_check_character_holds(written: list[str]) -> None:
    assert check_digit_holds(pa.array([with_check(body) for body in written])).all()


@given(bodies, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_seen(body: str, place: int, letter: str) -> None:
    code = with_check(body)
    wrong = code[:place] + letter + code[place + 1 :]
    assert (kinds(wrong) == ["valid"]) is (wrong == code)


@given(bodies, st.integers(0, 16))
def test_two_neighbours_that_changed_places_are_always_seen(body: str, place: int) -> None:
    code = with_check(body)
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if place < 16:  # the check character itself has weight 1, as the first one has
        assert (kinds(wrong) == ["valid"]) is (wrong == code)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("91350100M000100Y44", "bad_check_digit"),
        ("9135O100M000100Y43", "bad_check_digit"),  # the letter O for a zero
        ("9I350100M000100Y43", "bad_check_digit"),
        ("9.14403E+17", "damaged_by_spreadsheet"),
        ("9.1440300192203802E+17", "damaged_by_spreadsheet"),
        ("914403001922038000", "damaged_by_spreadsheet"),
        ("000034", "stock_code"),
        ("600000.SH", "stock_code"),
        ("sz000034", "stock_code"),
        ("00268.HK", "stock_code"),
        ("SYN-000001", "other"),
        ("440301103097413", "other"),
        ("19220382-1", "other"),
        ("NA", "other"),
        (None, None),
        ("", None),
    ],
)
def test_every_id_is_named_for_what_it_is(text: str | None, kind: str | None) -> None:
    assert kinds(text) == [kind]


def test_small_letters_blanks_and_full_width_letters_are_mended_in_codes_only() -> None:
    found = classify_ids(
        pa.array(["91350100m000100y43", "9135 0100 M000 100Y43", "９１350100M000100Y43", EXAMPLE, "ab c 1", None])
    )
    assert found.ids.to_pylist() == [EXAMPLE] * 4 + ["ab c 1", None]
    assert found.repaired.tolist() == [True, True, True, False, False, False]
    assert found.kind.tolist() == [IdKind.VALID] * 4 + [IdKind.OTHER, None]


def test_an_o_is_never_made_a_zero() -> None:
    found = classify_ids(pa.array(["9135O100M000100Y43"]))
    assert found.ids.to_pylist() == ["9135O100M000100Y43"]
    assert not found.repaired.any()


def test_a_column_of_numbers_has_lost_its_digits_or_not() -> None:
    found = classify_ids(pa.chunked_array([pa.array([914403001922038000, 914403001922038216, 34])]))
    assert [str(kind) for kind in found.kind] == ["damaged_by_spreadsheet", "valid", "other"]
    assert str(classify_ids(pa.array([9.14403e17])).kind[0]) == "damaged_by_spreadsheet"


@given(st.lists(st.one_of(st.none(), st.text(max_size=20), bodies.map(with_check))))
def test_any_text_has_a_kind_and_blanks_have_none(texts: list[str | None]) -> None:
    found = classify_ids(pa.array(texts, pa.large_string()))
    assert [kind is None for kind in found.kind] == [text in (None, "") for text in texts]
    assert len(found.ids) == len(found.repaired) == len(texts)
    assert np.array_equal(classify_ids(found.ids).kind, found.kind)

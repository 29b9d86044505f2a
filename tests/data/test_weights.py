"""Weights are exact decimals in one spelling, and a split of revenue by them loses no yuan."""

from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.weights import WHOLE, main_subsector, read_weights, split_amounts, weight_problems, write_weights

SUBSECTORS = [f"S{n:02d}" for n in range(1, 13)]


@st.composite
def parts_of_one(draw: st.DrawFn) -> dict[str, int]:
    """Two to five parts that add up to one."""
    names = draw(st.lists(st.sampled_from(SUBSECTORS), min_size=2, max_size=5, unique=True))
    cuts = sorted(draw(st.sets(st.integers(1, WHOLE - 1), min_size=len(names) - 1, max_size=len(names) - 1)))
    sizes = np.diff([0, *cuts, WHOLE]).tolist()
    return dict(zip(names, sizes, strict=True))


@given(parts_of_one())
def test_what_is_written_is_read_again(parts: dict[str, int]) -> None:
    text = write_weights(parts)
    assert text is not None
    read = read_weights(text)
    assert read == parts
    assert list(read) == sorted(read)
    assert sum(Fraction(part.partition(":")[2]) for part in text.split(";")) == 1


def test_a_firm_that_is_all_in_one_has_no_weights() -> None:
    assert write_weights({"S02": WHOLE}) is None
    assert write_weights({"S02": WHOLE, "S05": 0}) is None


@pytest.mark.parametrize(
    "text",
    [
        "S02:0.6;S05:0.41",
        "S02:0.6;S05:0.3",
        "S05:0.4;S02:0.6",
        "S02:1",
        "S02:0.60;S05:0.4",
        "S02:.6;S05:.4",
        "S02:0.6; S05:0.4",
        "S02:0.6;S02:0.4",
        "S02:0.60001;S05:0.39999",
        "S02:1.5;S05:-0.5",
        "S02:1;S05:0",
        "S02:60%;S05:40%",
        "S02",
        "",
        ";",
    ],
)
def test_any_other_spelling_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="no set of parts"):
        read_weights(text)


def test_the_main_subsector_has_the_largest_part_and_of_equal_ones_is_the_lowest() -> None:
    assert main_subsector(read_weights("S02:0.4;S05:0.6")) == "S05"
    assert main_subsector(read_weights("S02:0.5;S05:0.5")) == "S02"


@given(
    st.lists(st.tuples(st.integers(-(2**62), 2**62), parts_of_one()), max_size=5),
)
def test_parts_add_up_to_the_whole_and_are_the_exact_share_but_for_one_yuan(
    firms: list[tuple[int, dict[str, int]]],
) -> None:
    """Largest remainder, worked with fractions: the missing yuan go to the largest remainders, ties to the first."""
    weights = [list(parts.values()) for _, parts in firms]
    starts = np.cumsum([0, *map(len, weights)])[:-1]
    flat = np.array([w for each in weights for w in each], np.int64)
    found = split_amounts(np.array([amount for amount, _ in firms], np.int64), flat, starts).tolist()
    for (amount, _), each in zip(firms, weights, strict=True):
        mine, found = found[: len(each)], found[len(each) :]
        exact = [Fraction(amount * w, WHOLE) for w in each]
        expected = [share.__floor__() for share in exact]
        order = sorted(range(len(each)), key=lambda i, exact=exact: (-(exact[i] - exact[i].__floor__()), i))  # type: ignore[misc]
        for i in order[: amount - sum(expected)]:
            expected[i] += 1
        assert mine == expected
        assert sum(mine) == amount
    assert found == []


def test_every_fault_of_a_table_is_told_with_its_rows() -> None:
    told = ["S02:0.6;S05:0.4", "S02:0.6;S05:0.4", "S02:0.5;S99:0.5", "half S02", None]
    firms = pa.table({"subsector_id": ["S05", None, "S02", "S02", "S01"], "subsector_weights": told})
    unread, unknown, other = weight_problems(firms, SUBSECTORS)
    assert unread.startswith("subsector_weights 'half S02' is no set of parts")
    assert "names 'S99', which is none of S01, S02" in unknown
    assert other.endswith("(2 rows)")
    assert list(weight_problems(firms.drop_columns("subsector_weights"), SUBSECTORS)) == []

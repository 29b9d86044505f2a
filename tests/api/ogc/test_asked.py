"""What a request may ask for, and the one sentence that refuses everything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ogc.asked import DEFAULT_LIMIT, MOST, read_plain, read_version, read_wish
from api.ogc.periods import Period, read_period
from api.ogc.properties import PROPERTIES, filters_of


def test_nothing_asked_is_the_first_page_of_the_current_version() -> None:
    wish = read_wish([], "firms")
    assert (wish.limit, wish.offset, wish.box, wish.period, wish.filters, wish.version) == (
        *(DEFAULT_LIMIT, 0, None, None, ()),
        "",
    )


def test_a_wish_is_read() -> None:
    query = {"limit": "7", "offset": "14", "bbox": "113.9,22.5,1,114,22.6,2", "datetime": "2020-01-01/..",
             "subsector_id": "S05", "name": "", "data": "12.0a1b2c3d", "f": "json"}  # fmt: skip
    wish = read_wish(query.items(), "firms")
    assert (wish.limit, wish.offset, wish.box) == (7, 14, (113.9, 22.5, 114.0, 22.6))
    assert (wish.period, wish.filters, wish.version, wish.digest) == (
        *(Period(2020, None), (("subsector_id", "S05"),)),
        *("12", "0a1b2c3d"),
    )
    assert read_version([("data", "12")]) == ("12", "")


@pytest.mark.parametrize(("asked", "given_"), [("1001", MOST), ("999999999999", MOST), ("1000", MOST), ("1", 1)])
def test_more_than_the_largest_page_gives_the_largest_page(asked: str, given_: int) -> None:
    assert read_wish([("limit", asked)], "parks").limit == given_


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("limit", "0", "greater than or equal to 1"),
        ("limit", "-1", "a whole number in digits"),
        ("limit", "1.5", "a whole number in digits"),
        ("limit", "１０", "a whole number in digits"),
        ("limit", "1_0", "a whole number in digits"),
        ("offset", "x", "a whole number in digits"),
        ("offset", "99999999999", "less than or equal to"),
        ("bbox", "1,2,3", "four numbers"),
        ("bbox", "1,2,3,4,5", "four numbers"),
        ("bbox", "1,2,3,nan", "four numbers"),
        ("bbox", "1,2,3,inf", "four numbers"),
        ("bbox", "1,2,3,1e999", "finite"),
        ("bbox", "1,2,3,", "four numbers"),
        ("bbox", "1,3,2,2", "south"),
        ("bbox", "200,1,100,2", "180"),
        ("datetime", "2021", "no date and no interval"),
        ("datetime", "2021-02-30", "no day"),
        ("datetime", "2021-01-01/2020-01-01", "ends before it begins"),
        ("datetime", "2021-01-01T25:00:00Z", "no date"),
        ("datetime", "２０２１-01-01", "no date"),
        ("data", "../etc", "pattern"),
        ("data", "1.xyz", "pattern"),
        ("f", "html", "'json'"),
        ("f", "", "'json'"),
        ("limit", "", "a whole number in digits"),
        ("bbox", "", "four numbers"),
        ("name", "x" * 121, "120 characters"),
        ("colour", "red", "unknown parameter 'colour'; expected one of: f, data, limit"),
        ("model_config", "x", "unknown parameter"),
        ("revenue_cny", "1", "unknown parameter"),
    ],
)
def test_what_cannot_be_is_refused_with_one_sentence(name: str, value: str, said: str) -> None:
    with pytest.raises(ValueError, match="parameter") as told:
        read_wish([(name, value)], "firms")
    sentence = str(told.value)
    assert said in sentence
    assert "\n" not in sentence
    assert len(sentence) < 500


def test_a_parameter_stands_once() -> None:
    with pytest.raises(ValueError, match="limit stands twice"):
        read_wish([("limit", "1"), ("limit", "2")], "firms")
    with pytest.raises(ValueError, match="unknown parameter 'limit'"):
        read_plain([("limit", "1")])


@given(st.text(max_size=60), st.sampled_from(["limit", "offset", "bbox", "datetime", "data", "f", "name"]))
def test_any_text_is_read_or_refused(value: str, name: str) -> None:
    try:
        read_wish([(name, value)], "firms")
    except ValueError as error:
        assert len(str(error)) < 500  # noqa: PT017 - most texts are refused, and some are read


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2020-05-05", [2020]),
        ("2020-12-31T23:59:59.5+08:00", [2020]),
        ("../2020-06-30", [2019, 2020]),
        ("/2020-06-30", [2019, 2020]),
        ("2021-01-01T00:00:00Z/..", [2021, 2022]),
        ("../..", [2019, 2020, 2021, 2022]),
        ("1900-01-01/1901-01-01", []),
    ],
)
def test_a_period_holds_the_years_that_it_touches(text: str, years: list[int]) -> None:
    assert read_period(text).years([2019, 2020, 2021, 2022]) == years


def test_filters_are_texts_that_features_have() -> None:
    for name in PROPERTIES:
        assert filters_of(name)
        assert {each.kind for each in filters_of(name)} == {"string"}
        names = [each.column for each in PROPERTIES[name]]
        assert len(names) == len(set(names))

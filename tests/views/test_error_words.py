"""Errors that a reader can bring about are told in the reader's language, with the value that came and the way out."""

import pytest

from clusters.errors import BadValue
from clusters.site_records import SiteRequest
from data.settings import settings
from geo.errors import UnusableDatum
from views.error_words import sentence
from views.words import Words, words

HAN = "不能用"


@pytest.fixture(scope="module")
def zh() -> Words:
    return words("zh")


@pytest.mark.parametrize(
    "asked",
    [
        {"near_m": -1.0},
        {"hubs_within_m": (("metro", -3.0),)},
        {"hubs_within_m": (("zoo", 3.0),)},
        {"min_area_m2": -4.0},
        {"max_rent_cny_m2_month": -4.0},
    ],
)
def test_what_a_firm_asks_for_in_vain_is_said_in_chinese(asked: dict[str, object], zh: Words) -> None:
    with pytest.raises(BadValue) as raised:
        SiteRequest("S01", **asked)  # type: ignore[arg-type]
    said = sentence(raised.value, zh)
    assert HAN in said
    assert "must be" not in said


def test_a_bad_value_of_a_measure_keeps_its_own_sentence(zh: Words) -> None:
    assert sentence(BadValue("begin", -3, "a positive amount"), zh) == "begin must be a positive amount; got -3"


def test_a_datum_and_a_file_that_are_not_there_are_said_in_chinese(zh: Words) -> None:
    assert HAN in sentence(UnusableDatum("beijing54", "beijing54"), zh)
    with pytest.raises(FileNotFoundError) as raised:
        (settings().home / "nothing.csv").read_text()
    assert sentence(raised.value, zh).startswith("找不到")

"""Degrees in every writing, and coordinates in the wrong column."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.degrees import parse_degrees, swapped


@pytest.mark.parametrize(
    ("text", "degrees", "rule"),
    [
        ("113.9416", 113.9416, None), ("-22.5", -22.5, None), ("38512345.12", 38512345.12, None),
        ("2491234", 2491234.0, None),
        ("113°56'30\"E", 113.9416667, "degrees_minutes"), ("113度56分30秒", 113.9416667, "degrees_minutes"),
        ("东经113度56分30秒", 113.9416667, "degrees_minutes"), ("E113°56′30″", 113.9416667, "degrees_minutes"),
        ("113º56´30''", 113.9416667, "degrees_minutes"), ("１１３°５６′３０″", 113.9416667, "degrees_minutes"),
        ("113-56-30", 113.9416667, "degrees_minutes"), ("113:56:30.0", 113.9416667, "degrees_minutes"),
        ("113 56 30", 113.9416667, "degrees_minutes"), ("113°56.5'", 113.9416667, "degrees_minutes"),
        ("113度56分", 113.9333333, "degrees_minutes"), ("22°30'S", -22.5, "degrees_minutes"),
        ("-0°30'0\"", -0.5, "degrees_minutes"), ("113°59'60\"", 114.0, "degrees_minutes"),
        ("113.95°E", 113.95, "degree_sign"), ("22.5°", 22.5, "degree_sign"), ("北纬22.5", 22.5, "degree_sign"),
        ("22.5S", -22.5, "degree_sign"), ("１１３．５", 113.5, "full_width"), ("1.139E+02", 113.9, "scientific"),
        ("—", None, "no_value"),
    ],
)  # fmt: skip
def test_degrees_are_read_in_every_writing(text: str, degrees: float | None, rule: str | None) -> None:
    parsed = parse_degrees(pa.array([text]))
    assert parsed.values[0].as_py() == (None if degrees is None else pytest.approx(degrees, abs=1e-7))
    assert (parsed.rule[0].as_py(), parsed.unreadable.tolist()) == (rule, [False])


@pytest.mark.parametrize(
    "text",
    ["113,95", "113.9,22.5", "113°60'", "113°30'61\"", "200°0'0\"", "113°5.5'30\"", "E113°56'30\"E", "-22.5S",
     "约113.9",
     "113-56", "inf", "nan", "1e999", "°", "东", "三十度"],
)  # fmt: skip
def test_what_is_no_angle_is_unreadable(text: str) -> None:
    parsed = parse_degrees(pa.array([text]))
    assert (parsed.values.to_pylist(), parsed.unreadable.tolist()) == ([None], [True])


def test_numbers_stay_as_they_are_and_the_infinite_is_unreadable() -> None:
    parsed = parse_degrees(
        pa.chunked_array([pa.array([113.94161234567891, float("nan")]), pa.array([float("inf"), None])])
    )
    assert parsed.values.to_pylist() == [113.94161234567891, None, None, None]
    assert parsed.unreadable.tolist() == [False, False, True, False]
    assert parse_degrees(pa.array([113, None])).values.to_pylist() == [113.0, None]


@given(st.floats(-180, 180), st.sampled_from(["{}°{}'{:.6f}\"{}", "{}度{}分{:.6f}秒{}", "{3}{0} {1} {2:.6f}"]))
def test_degrees_minutes_and_seconds_come_back_within_a_ten_millionth(degrees: float, writing: str) -> None:
    whole, rest = divmod(abs(degrees) * 3600, 3600)
    minutes, seconds = divmod(rest, 60)
    text = writing.format(int(whole), int(minutes), seconds, "W" if degrees < 0 else "E")
    assert parse_degrees(pa.array([text])).values[0].as_py() == pytest.approx(degrees, abs=1e-7)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_the_shortest_writing_of_a_number_comes_back_the_same(numbers: list[float]) -> None:
    parsed = parse_degrees(pa.array([repr(number) for number in numbers], pa.large_string()))
    assert parsed.values.to_pylist() == numbers


@given(st.text(max_size=20))
def test_any_text_is_a_value_or_unreadable_and_never_an_error(text: str) -> None:
    parsed = parse_degrees(pa.array([text]))
    assert len(parsed.values) == 1
    assert not (parsed.values[0].is_valid and parsed.unreadable[0])


def test_swapped_coordinates_are_seen_where_they_can_be_nothing_else() -> None:
    lon = [113.9, 22.5, np.nan, 22.5, 500000.0, 0.0]
    lat = [22.5, 113.9, 113.9, np.nan, 2491234.0, 0.0]
    assert swapped(lon, lat).tolist() == [False, True, False, False, False, False]


@given(st.floats(73, 136), st.floats(3, 54))
def test_a_place_in_china_is_never_swapped_and_its_mirror_always(lon: float, lat: float) -> None:
    assert not swapped([lon], [lat])[0]
    assert swapped([lat], [lon])[0]

"""An atlas is a script that no name can break out of, and its address changes with what it holds."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from geo.atlas import make_atlas, script_json

SQUARE = box(114.0, 22.5, 114.1, 22.6)


def test_outlines_and_features_stand_in_the_script_by_name() -> None:
    feature = {"type": "Feature", "geometry": None, "properties": {"tip": "园区"}}
    script = make_atlas({"district:A": SQUARE}, {"park:P1": feature}, "/x?lang=zh").script
    entries = json.loads(script.removeprefix("jiqun.know(").removesuffix(");"))
    assert entries["park:P1"] == feature
    assert entries["district:A"]["type"] == "Polygon"
    assert len(entries["district:A"]["coordinates"][0]) == 5


def test_the_address_changes_with_the_content_alone() -> None:
    first, same = (make_atlas({"a": SQUARE}, {}, "/x?lang=zh").address for _ in range(2))
    assert first == same
    assert first.startswith("/x?lang=zh&v=")
    assert make_atlas({"b": SQUARE}, {}, "/x?lang=zh").address != first


@given(st.text())
def test_any_text_survives_and_ends_no_script(text: str) -> None:
    written = script_json({"name": text})
    assert json.loads(written) == {"name": text}
    assert "<" not in written
    assert "\u2028" not in written


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_cannot_say_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="Out of range"):
        script_json(number)

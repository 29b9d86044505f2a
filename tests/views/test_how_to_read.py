"""Beside every chart, table and map stands how to read it: the page is walked in its order, heading by heading."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.views.opened import app_page
from views.words import Language, words

SHOWN = {"dataframe", "table", "echarts_chart", "component_instance"}
PAGES = {
    "start": {},
    "overview": {"show": "ground"},
    "district": {"district": "440305"},
    "methods": {},
    "data": {},
}
READ_ONLY = 0  # of a table that is no form


def elements(block: Any) -> Iterator[tuple[str, Any]]:
    """Elements in the order of the page; of a popover only that it is there, of a fold nothing."""
    for child in block.children.values():
        if child.type in ("popover", "expander", "expandable"):
            yield child.type, child
        elif hasattr(child, "children"):
            yield from elements(child)
        else:
            yield child.type, child


def unexplained(page: AppTest) -> tuple[set[str], list[str], int]:
    """Keys of the buttons, what stands under a heading without one, and how much was looked at."""
    keys, missing, seen, heading, explained = set(), [], 0, "", False
    for kind, element in elements(page.main):
        value = getattr(element, "value", "")
        if kind == "markdown" and isinstance(value, str) and value.startswith("#### "):
            heading, explained = value, False
        elif kind == "popover" and "read_" in element.proto.id:
            keys.add(element.proto.id.split("-")[-1])
            explained = True
        elif kind == "dataframe" and element.proto.editing_mode != READ_ONLY:
            continue
        elif kind in SHOWN or (kind == "html" and "jq-table" in element.proto.body):
            seen += 1
            missing += [] if explained else [f"{kind} under {heading}"]
    return keys, missing, seen


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_shown_without_how_to_read_it(name: str, language: Language) -> None:
    page = app_page(name, lang=language, **PAGES[name]).run()
    assert not page.exception
    keys, missing, seen = unexplained(page)
    assert missing == []
    assert {"start": 0, "overview": 3, "district": 7, "methods": 2, "data": 1}[name] <= seen
    known = words(language).keys
    assert all(any(k.startswith(f"read.{key.removeprefix('read_')}") for k in known) for key in keys)
    expected = {
        "start": {"read_door_district", "read_door_compare", "read_door_sites"},
        "overview": {"read_goals", "read_map", "read_ladder", "read_matrix", "read_ground"},
        "district": {
            "read_clusters", "read_district_map", "read_firms", "read_profile", "read_part", "read_statistics",
            "read_parks", "read_duties",
        },
        "methods": {"read_coverage", "read_confidentiality"},
        "data": {"read_versions"},
    }  # fmt: skip
    assert keys >= expected[name]


def test_a_chart_without_words_would_be_seen() -> None:
    def script() -> None:
        import streamlit as st

        st.markdown("#### A heading")
        st.dataframe({"a": [1]})

    _, missing, seen = unexplained(AppTest.from_function(script).run())
    assert seen == 1
    assert missing == ["dataframe under #### A heading"]

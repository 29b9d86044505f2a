"""The media type that a reader gets."""

import pytest

from api.ogc.negotiating import chosen_type

OFFERED = ("application/geo+json", "application/json")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", OFFERED[0]),
        ("*/*", OFFERED[0]),
        ("application/geo+json, application/json", OFFERED[0]),  # QGIS and GDAL
        ("application/json", OFFERED[1]),
        ("application/json;q=0.9, application/geo+json;q=0.1", OFFERED[1]),
        ("APPLICATION/JSON; charset=utf-8", OFFERED[1]),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", OFFERED[0]),
        ("application/*", OFFERED[0]),
        ("application/geo+json;q=0, */*", OFFERED[1]),
        ("text/html", None),
        ("*/*;q=0", None),
        ("application/json;q=x", OFFERED[1]),
        (",;,", None),
    ],
)
def test_the_best_of_what_is_taken_is_chosen(accept: str, chosen: str | None) -> None:
    assert chosen_type(accept, OFFERED) == chosen

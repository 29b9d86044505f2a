"""GeoJSON, checked for what a reader could be sent elsewhere by, then read by GDAL.

A coordinate system may be given by a link, which GDAL would fetch; only names are taken. A file that names none is
WGS84 by its standard, but files of Chinese maps keep to no standard here: the datum is then said to be undeclared.
"""

import json
import mmap
import re
from pathlib import Path

from data.readers.answer import Answer, Described
from data.readers.layers import read_features
from data.readers.limits import Limits
from data.readers.refusing import Refusal
from data.readers.text_encoding import first_failure

_CRS = re.compile(rb'"crs"\s*:\s*')
_HIDDEN_CRS = re.compile(rb'"(c|\\u0063)(r|\\u0072)(s|\\u0073)"')
_LONGEST_CRS = 1 << 16
_FEATURES = re.compile(rb'"type"\s*:\s*"Feature(Collection)?"')


def read_geojson(path: Path, limits: Limits, answer: Answer) -> Described:
    """Read the features into the answer."""
    if first_failure(path, "utf-8-sig") is not None:
        raise Refusal("not_utf8")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        if not _FEATURES.search(text):
            raise Refusal("not_geojson")
        declared = _check_crs(text)
    described = read_features(path, limits, answer, empty_point_is_bad=True)
    if not declared:
        described.crs = None
    return described


def _check_crs(text: mmap.mmap) -> bool:
    """Whether any ``crs`` is a name; one of another type is refused wherever it stands, however it is spelled."""
    named = False
    for found in _HIDDEN_CRS.finditer(text):
        if b"\\" in found[0]:
            raise Refusal("crs_link")
    for found in _CRS.finditer(text):
        value = _value_at(text[found.end() : found.end() + _LONGEST_CRS])
        if isinstance(value, dict):
            if value["type"] != "name":
                raise Refusal("crs_link")
            named = True
    return named


def _value_at(text: bytes) -> object:
    """The value that a text begins with; of a repeated ``type`` the one that is no name."""
    if not text.startswith(b"{"):
        return None
    try:
        return json.JSONDecoder(object_pairs_hook=_last_unless_named).raw_decode(text.decode("utf-8", "replace"))[0]
    except (ValueError, RecursionError) as problem:
        raise Refusal("crs_link") from problem


def _last_unless_named(pairs: list[tuple[str, object]]) -> dict[str, object]:
    types = [value for key, value in pairs if key == "type"]
    return dict(pairs) | {"type": next((t for t in types if t != "name"), "name" if types else None)}

"""What a map draws again and again and no choice of a reader changes: outlines and whole features, sent once.

A page links to the atlas as it links to a library, so that a browser keeps it; layers then name its entries instead of
sending them again with every change of a filter. A document that stands alone holds the script itself.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class Atlas:
    """A script that tells ``map.js`` its entries.

    Attributes
    ----------
    script : str
    stamp : str
        Changes with the script.
    address : str
        Where a page finds the script.
    """

    script: str
    stamp: str
    address: str


def make_atlas(outlines: Mapping[str, BaseGeometry], features: Mapping[str, Mapping[str, Any]], address: str) -> Atlas:
    """Atlas of outlines and features by name.

    Parameters
    ----------
    outlines : mapping of str to geometry
        Degrees, WGS84.
    features : mapping of str to dict
        As `geo.layers.stack_features` makes them.
    address : str
        Where the script will be served, ending in a query that the stamp is added to.
    """
    entries = {name: mapping(outline) for name, outline in outlines.items()} | dict(features)
    script = f"jiqun.know({script_json(entries)});"
    stamp = hashlib.sha256(script.encode()).hexdigest()[:12]
    return Atlas(script, stamp, f"{address}&v={stamp}")


def script_json(value: Any) -> str:
    """JSON that may stand in a script: it can neither end the script nor a line of it.

    Examples
    --------
    >>> script_json({"a": "</script>"})
    '{"a":"\\\\u003c/script>"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")

"""How the OpenAPI document describes the tiles, from the names and choices that ``api.tiles`` checks them by."""

from collections.abc import Callable
from typing import Any, get_args

from api.tiles import LAYERS, MEASURES, MVT_TYPE, NAMES, THEMES, TIERS
from data.dataset import Place
from data.firm_points import PRECISIONS
from geo.pyramid import LAST_ZOOM

ABOUT = {
    "subsectors": "Subsectors to keep, by id, with commas.",
    "year": "Only firms observed in this year.",
    "tier": "Only subsectors whose total in the city has this tier.",
    "precisions": f"How well a place is known, with commas: {', '.join(PRECISIONS)}.",
    "place": "Where a firm counts.",
    "district": "Only firms that count in this district.",
    "data": "Version of the data; only the government of the city gets another than the current one.",
    "measure": "What the colour of a square tells; revenue needs a year and a reader who sees every figure.",
    "theme": "Light or dark colours.",
    "v": "Stamp of the data; with it the answer may be kept for good.",
}
CHOICES = {"tier": TIERS, "place": get_args(Place), "measure": tuple(MEASURES), "theme": THEMES}
KINDS = {
    "{z}/{x}/{y}.png": (
        "Firms counted in squares, as a picture",
        {"image/png": {"type": "string", "format": "binary"}},
    ),
    "{z}/{x}/{y}.pbf": ("Firms as points, as a vector tile", {MVT_TYPE: {"type": "string", "format": "binary"}}),
    "{z}/scale.json": ("What the colours of a zoom mean", {"application/json": {"type": "object"}}),
}


def tile_paths(server: str, refusals: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Paths of the tiles.

    Parameters
    ----------
    server : str
        Address of the server, under which they lie.
    refusals : callable
        Describes answers of some statuses; those of tiles to a bad filter are one sentence of plain text.
    """
    return {f"/tiles/{{layer}}/{end}": _path(server, end, refusals) for end in KINDS}


def _path(server: str, end: str, refusals: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    summary, answers = KINDS[end]
    places = [name for name in ("z", "x", "y") if f"{{{name}}}" in end]
    path: list[dict[str, Any]] = [{"name": "layer", "schema": {"type": "string", "enum": list(LAYERS)}}]
    path += [{"name": name, "schema": {"type": "integer", "minimum": 0}} for name in places]
    path[1]["schema"]["maximum"] = LAST_ZOOM
    query = [{"name": name, "description": ABOUT[name], "schema": _schema(name)} for name in NAMES]
    told = {
        status: {"description": about, "content": {"text/plain": {"schema": {"type": "string"}}}}
        for status, about in (
            ("400", "A filter that is not known, or a value that cannot be."),
            ("404", "There is no such tile, or no such version."),
            ("503", "The data cannot be opened."),
        )
    }
    empty = {"204": {"description": "A vector tile without a firm."}} if end.endswith("pbf") else {}
    return {
        "servers": [{"url": server}],
        "get": {
            "operationId": f"tile.{end.rpartition('.')[2]}",
            "summary": summary,
            "tags": ["Tiles"],
            "parameters": [
                *({**each, "in": "path", "required": True} for each in path),
                *({**each, "in": "query", "required": False} for each in query),
            ],
            "responses": {
                "200": {"description": summary, "content": {kind: {"schema": s} for kind, s in answers.items()}},
                **empty,
                "304": {"description": "The tile that the client holds (If-None-Match) is still right."},
                **told,
                **refusals("413", "414", "429"),
            },
        },
    }


def _schema(name: str) -> dict[str, Any]:
    """Schema of a filter; one that is left empty filters nothing."""
    if name == "year":
        return {"type": "string", "pattern": r"^(\d{4})?$"}
    return {"type": "string", **({"enum": [*CHOICES[name], ""]} if name in CHOICES else {})}

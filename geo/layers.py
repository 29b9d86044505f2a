"""Map layers: areas filled by class, places with their uncertainty, stacks of points, legend, focus and the whole page.

Folium builds them; ``geo/browser/map.js`` and ``map.css`` give the frame. The base map holds nothing that a reader can
change, so that new layers never mount the map again. Points that share a place are one stack that opens into a list:
moving them apart would invent places. All text that comes in is plain text and is made safe here.
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Literal

import folium
import geopandas as gpd
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from shapely.geometry import mapping

from geo.atlas import script_json
from geo.errors import GeoError
from geo.layer_records import (
    NO_DATA,
    Area,
    Badge,
    Bounds,
    Card,
    Focus,
    Frame,
    Hull,
    Inset,
    Legend,
    Palette,
    Picture,
    Ring,
    Stack,
    Tiles,
)
from geo.web_assets import check_fetched, inline_html, js_safe, library_address, use_local_libraries

RING_DASH: dict[Ring, str | None] = {"exact": None, "park": None, "grid": None, "street": "4 3", "district": "1 4"}

Layer = folium.FeatureGroup
"""One layer of a map, that a reader can switch on and off."""


def base_map(frame: Frame, palette: Palette) -> folium.Map:
    """Empty ground without tiles; the same arguments give the same script, so a page keeps its map.

    Raises
    ------
    AssetsMissing
        When the browser libraries were not fetched yet.
    """
    check_fetched()
    use_local_libraries()
    south_west, north_east = frame.bounds
    centre = ((south_west[0] + north_east[0]) / 2, (south_west[1] + north_east[1]) / 2)
    drawn = folium.Map(centre, zoom_start=10, tiles=None)
    drawn.options.update({"minZoom": 7, "maxZoom": 19, "zoomSnap": 0.05, "zoomDelta": 0.5, "scrollWheelZoom": False})
    own = [("jiqun_map", library_address("jiqun_map")), ("jiqun_atlas", frame.atlas.address)]
    drawn.default_js = [*drawn.default_js, *own]
    drawn.default_css = [*drawn.default_css, ("jiqun_map_css", library_address("jiqun_map_css"))]
    options = {
        "bounds": frame.bounds,
        "notice": js_safe(frame.notice),
        "colours": palette.css_variables(),
        "words": {key: str(text) for key, text in frame.words.items()},
        "watermark": js_safe(frame.watermark),
        "linked": frame.linked,
    }
    drawn.add_child(_Call("frame", options, target="map"))
    return drawn


def draw_areas(
    areas: Sequence[Area], palette: Palette, *, name: str, legend: Legend, inset: Inset | None = None, show: bool = True
) -> Layer:
    """Areas filled by class, with labels, legend and inset; no data is a plain fill with a broken edge."""
    group = _layer(name, show)
    features = [
        _feature(
            "district",
            a.area_id,
            f"district:{a.area_id}",
            a.tip,
            () if a.card is None else (a.card,),
            _area_words(a, palette) | {"style": _area_style(a, palette)},
        )
        for a in areas
    ]
    group.add_child(_features(features, palette, pane="areas"))
    if legend.rows:
        group.add_child(_legend(legend))
    if inset is not None:
        group.add_child(_inset(inset, palette))
    return group


def stack_features(stacks: Sequence[Stack], palette: Palette) -> dict[str, dict[str, Any]]:
    """Features of stacks by ``kind:id``, for an atlas."""
    return {f"{s.kind}:{s.stack_id}": _stack_feature(s, palette) for s in stacks}


def draw_stacks(stacks: Sequence[Stack | str], palette: Palette, *, name: str, show: bool = True) -> Layer:
    """Stacks as circles: size as given, the ring shows the precision, hollow when there is nothing to fill it.

    A stack that the atlas holds is named by its ``kind:id``.
    """
    group = _layer(name, show)
    group.add_child(_features([s if isinstance(s, str) else _stack_feature(s, palette) for s in stacks], palette))
    return group


def draw_hulls(hulls: Sequence[Hull], palette: Palette, *, name: str, show: bool = True, kind: str = "ground") -> Layer:
    """Outlines with a number, lightly filled, above areas and below points; the one in focus is drawn stronger."""
    group = _layer(name, show)
    features = []
    for hull in hulls:
        number = f'<div class="jq-hull">{js_safe(hull.label)}</div>'
        style = {
            "fillColor": palette.accent,
            "fillOpacity": 0.22 if hull.focus else 0.1,
            "color": palette.accent,
            "className": "jq-edge",
        }
        words = {"words": [[hull.lat, hull.lon, number]], "style": style | {"weight": 3 if hull.focus else 1.8}}
        features.append(_feature(kind, hull.hull_id, mapping(hull.outline), hull.tip, (hull.card,), words))
    group.add_child(_features(features, palette, pane="hulls"))
    return group


def draw_rings(
    lon: float, lat: float, rings: Sequence[tuple[float, str]], palette: Palette, *, name: str, show: bool = True
) -> Layer:  # fmt: skip
    """Circles on the ground around a point: the radius in metres and its words, which stand at the northern end."""
    group = _layer(name, show)
    told = [[metres, js_safe(words)] for metres, words in rings]
    group.add_child(_Call("rings", {"at": (lat, lon), "rings": told, "colour": palette.accent}))
    return group


def draw_badges(badges: Sequence[Badge], palette: Palette, *, name: str, legend: Legend, show: bool = True) -> Layer:
    """Dots with a letter over each; where letters would lie on each other, that of the first stays."""
    group = _layer(name, show)
    group.add_child(_features([_badge_feature(badge, palette) for badge in badges], palette))
    if legend.rows:
        group.add_child(_legend(legend))
    return group


def draw_tiles(tiles: Tiles, stacks: Sequence[Stack], palette: Palette, *, name: str, show: bool = True) -> Layer:
    """Points as tiles of the same server, with their legend, and those ``stacks`` that are in focus as features."""
    group = _layer(name, show)
    options = asdict(tiles) | {"cell_words": js_safe(tiles.cell_words), "point_words": js_safe(tiles.point_words)}
    group.add_child(_Call("tiles", options | {"library": library_address("leaflet_vectorgrid")}))
    group.add_child(_features([_stack_feature(s, palette) for s in stacks], palette))
    return group


def draw_picture(
    picture: Picture, *, name: str, show: bool = True, asks: bool = False, outlines: Sequence[str] = (), ink: str = ""
) -> Layer:
    """Cells as one picture with its legend.

    Where it ``asks``, a click on an area says where it was, for the server to answer. ``outlines`` name entries of the
    atlas that are drawn over it in ``ink``.
    """
    group = _layer(name, show)
    image = "data:image/png;base64," + base64.b64encode(picture.png).decode()
    group.add_child(_Call("picture", {"image": image, "bounds": picture.bounds, "asks": asks, "under": bool(outlines)}))
    for entry in outlines:
        group.add_child(_Call("outline", {"entry": entry, "colour": ink, "weight": 1}))
    group.add_child(_legend(picture.legend))
    return group


def draw_focus(
    focus: Focus, palette: Palette, *, name: str, outline: str = "", point: tuple[float, float] | None = None
) -> Layer:
    """What is in focus, outlined, and the view that goes with it.

    ``outline`` names an entry of the atlas, ``point`` is (lon, lat).
    """
    group = folium.FeatureGroup(name=js_safe(name), control=False)
    if outline:
        group.add_child(_Call("outline", {"entry": outline, "colour": palette.accent}))
    if point is not None:
        folium.CircleMarker(
            (point[1], point[0]), radius=17, color=palette.accent, weight=3, fill=False, class_name="jq-still"
        ).add_to(group)
    group.add_child(
        _Call(
            "view",
            {
                "focus": focus.name,
                "home": focus.home,
                "bounds": focus.bounds,
                "card": focus.card,
                "at": focus.at,
                "clear": focus.clear,
                "point": None if point is None else (point[1], point[0]),
            },
        )
    )
    return group


def standalone_page(
    frame: Frame, palette: Palette, groups: Iterable[Layer], *, title: str, lead: str, foot: Sequence[str]
) -> str:
    """One HTML document that opens from disk without a network.

    Parameters
    ----------
    frame, palette : Frame, Palette
    groups : iterable of FeatureGroup
        Layers of the map, the focus last.
    title, lead : str
        Heading and the line below it, plain text.
    foot : sequence of str
        Lines of the footer: versions, notices, sources; plain text.
    """
    drawn = base_map(frame, palette)
    for group in groups:
        group.add_to(drawn)
    folium.LayerControl(collapsed=False).add_to(drawn)
    figure = drawn.get_root()
    if not isinstance(figure, Figure):
        raise GeoError("a page is made of one map that stands alone")
    figure.render()
    map_name = drawn.get_name()
    link, script = f'<script src="{frame.atlas.address}"></script>', f"<script>{frame.atlas.script}</script>"
    header = f"{_meta()}<title>{js_safe(title)}</title>{figure.header.render().replace(link, script)}"
    # the two blocks below hold only escaped text and our own markup, and nothing compiles them again
    body = (
        f"<header><h1>{js_safe(title)}</h1>{js_safe(lead)}</header>"
        f'<div class="folium-map" id="{map_name}"></div>'
        f"<footer>{'<br>'.join(js_safe(line) for line in foot)}</footer>"
    )
    page = (
        f'<!DOCTYPE html><html><head>{header}</head><body class="jq-document">{body}'
        f"<script>{figure.script.render()}</script></body></html>"
    )
    return inline_html(page)


def layer_control() -> folium.LayerControl:
    """Switches for the layers, folded behind a button."""
    return folium.LayerControl(position="topleft", collapsed=True)


def bounds_of(frame: gpd.GeoDataFrame) -> Bounds:
    """Corners of all geometries, in the order of Leaflet."""
    west, south, east, north = (float(v) for v in frame.total_bounds)
    return ((south, west), (north, east))


class _Call(MacroElement):
    """Calls a function of ``map.js`` with JSON options, for a map or for one of its groups."""

    _template = Template(
        "{% macro script(this, kwargs) %}jiqun.{{ this.function }}({{ this.map_name() }}, "
        "{% if this.target == 'group' %}{{ this._parent.get_name() }}, {% endif %}{{ this.options }});{% endmacro %}"
    )

    def __init__(self, function: str, options: dict[str, Any], target: Literal["map", "group"] = "group") -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Call"
        self.function, self.target = function, target
        self.options = script_json(options)

    def map_name(self) -> str:
        owner: Element | None = self._parent
        while owner is not None and not isinstance(owner, folium.Map):
            owner = owner._parent
        if owner is None:
            raise GeoError("a layer's part can be drawn only on a map")
        return str(owner.get_name())


def _layer(name: str, show: bool) -> Layer:
    group = folium.FeatureGroup(name=js_safe(name), show=show)
    group.add_child(_Call("layer", {"show": show}))
    return group


def _feature(
    kind: str,
    feature_id: str,
    geometry: dict[str, Any] | str,
    tip: Sequence[str],
    cards: Sequence[Card],
    words: dict[str, Any],
) -> dict[str, Any]:
    """A feature as ``map.js`` reads it: what it is, what it says, and the ``words`` that stand beside it.

    ``geometry`` is GeoJSON, or the name of an outline in the atlas.
    """
    properties = {
        "kind": kind,
        "id": feature_id,
        "tip": [js_safe(line) for line in tip],
        "cards": [card.parts() for card in cards],
    }
    return {"type": "Feature", "geometry": geometry, "properties": properties | words}


def _area_words(area: Area, palette: Palette) -> dict[str, Any]:
    dark = area.step > NO_DATA and palette.ramp_ink[area.step] != palette.text
    marks = {"none": area.step == NO_DATA, "dark": dark, "focus": area.focus, "lifted": area.lifted}
    words = f"<b>{js_safe(area.label)}</b>" + (f"<span>{js_safe(area.value)}</span>" if area.value else "")
    kinds = " ".join(kind for kind, on in marks.items() if on)
    return {"words": [[area.lat, area.lon, f'<div class="jq-label {kinds}">{words}</div>']]}


def _stack_words(stack: Stack) -> dict[str, Any]:
    words: list[list[Any]] = []
    if stack.mark:
        colours = f"background:{stack.fill};color:{stack.ink};border-color:{stack.edge}"
        mark = f'<div class="jq-rank" style="{colours}">{js_safe(stack.mark)}</div>'
        words.append([stack.lat, stack.lon, mark, stack.front])
    elif stack.count > 1:
        words.append([stack.lat, stack.lon, f'<div class="jq-count" style="color:{stack.ink}">{stack.count}</div>'])
    if stack.label:
        gap = f"--gap:{stack.radius_px + 5:.0f}px"
        words.append([stack.lat, stack.lon, f'<div class="jq-place" style="{gap}">{js_safe(stack.label)}</div>'])
    return {"words": words, "uncertainty": stack.uncertainty_m, "keep": bool(stack.mark)}


def _stack_feature(stack: Stack, palette: Palette) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": (stack.lon, stack.lat)}
    words = _stack_words(stack) | {"style": _stack_style(stack, palette)}
    return _feature(stack.kind, stack.stack_id, point, stack.tip, stack.cards, words)


def _badge_feature(badge: Badge, palette: Palette) -> dict[str, Any]:
    kind = "jq-badge minor" if badge.minor else "jq-badge"
    letter = f'<div class="{kind}">{js_safe(badge.letter)}</div>'
    style = {
        "radius": 3 if badge.minor else 5,
        "fillColor": palette.text,
        "fillOpacity": 1,
        "color": palette.page,
        "weight": 1,
        "className": "jq-minor" if badge.minor else "",
    }
    words = {"words": [[badge.lat, badge.lon, letter]], "style": style}
    point = {"type": "Point", "coordinates": (badge.lon, badge.lat)}
    return _feature("hub", badge.badge_id, point, badge.tip, (badge.card,), words)


def _features(features: Sequence[dict[str, Any] | str], palette: Palette, *, pane: str = "overlayPane") -> _Call:
    """Features, or names of those in the atlas, with tooltip, popup and the edge that they get under the pointer."""
    return _Call("features", {"features": features, "pane": pane, "colour": palette.accent})


def _area_style(area: Area, palette: Palette) -> dict[str, Any]:
    if area.step == NO_DATA:
        return {
            "fillColor": palette.no_data,
            "fillOpacity": 1,
            "color": palette.edge_no_data,
            "weight": 1,
            "dashArray": "3 3",
        }
    return {"fillColor": palette.ramp[area.step], "fillOpacity": 1, "color": palette.edge, "weight": 1.2}


def _stack_style(stack: Stack, palette: Palette) -> dict[str, Any]:
    hollow = not stack.fill
    style = {
        "radius": round(stack.radius_px, 1),
        "fillColor": palette.page if hollow else stack.fill,
        "fillOpacity": 0.9,
        "color": stack.edge or (palette.muted if hollow else palette.page),
        "weight": 1.5,
    }
    if dash := RING_DASH[stack.ring]:
        style |= {"color": palette.text, "dashArray": dash}
    return style


def _legend(legend: Legend) -> _Call:
    return _Call("legend", {"html": legend.html()})


def _inset(inset: Inset, palette: Palette) -> _Call:
    return _Call(
        "inset",
        {
            "id": inset.area.area_id,
            "entry": f"district:{inset.area.area_id}",
            "style": _area_style(inset.area, palette),
            "title": js_safe(inset.title),
            "note": js_safe(inset.note),
            "hint": inset.hint,
        },
    )


def _meta() -> str:
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:"
    return (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    )

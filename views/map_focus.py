"""Where a map goes: home, or to the district, cluster, place or firm in focus, with the card to open there."""

from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from data import columns as c
from geo.layer_records import Bounds, Focus
from geo.layers import Layer, bounds_of, draw_focus
from views.map_scene import Scene
from views.selection import Focus as Asked

NEAR_DEGREES = 0.03


@dataclass(frozen=True)
class _Aim:
    """What to go to: an outline or a point (lon, lat), bounds, and the card (kind:id) to open at (lat, lon)."""

    outline: BaseGeometry | None = None
    point: tuple[float, float] | None = None
    bounds: Bounds | None = None
    card: str = ""
    at: tuple[float, float] | None = None


def focus_layer(scene: Scene, city: Bounds) -> Layer:
    """The layer that moves the map when the focus changes."""
    focus, resting = scene.selection.focus, scene.district_id
    aim = _Aim() if focus is None else _aim(scene, focus)
    home = bounds_of(scene.areas.loc[[resting]]) if resting else city
    outline = scene.areas.geometry[resting] if resting and aim.outline is None else aim.outline
    goal = Focus(f"{resting}|{focus or ''}", home, aim.bounds, aim.card, aim.at, clear=bool(resting))
    return draw_focus(goal, scene.tokens.palette, name="focus", geometry=outline, point=aim.point)


def _aim(scene: Scene, focus: Asked) -> _Aim:
    if focus.kind == "district":
        return _district(scene, focus)
    if focus.kind == "cluster":
        held = [d for d in scene.figures.index[scene.figures[c.TOTAL_CNY].notna()] if d not in scene.far]
        return _Aim(bounds=bounds_of(scene.areas.loc[held])) if held and not scene.district_id else _Aim()
    if focus.kind == "firm":
        firm = scene.dataset.firms.loc[focus.id]
        alone = (scene.firms[c.PLACE_ID] == firm[c.PLACE_ID]).sum() <= 1
        return _near(firm[c.LON], firm[c.LAT], str(focus) if alone else f"stack:{firm[c.PLACE_ID]}")
    if focus.kind == "stack":
        here = scene.dataset.firms[scene.dataset.firms[c.PLACE_ID] == focus.id]
        return _near(here[c.LON].iloc[0], here[c.LAT].iloc[0], str(focus))
    place = (scene.dataset.parks if focus.kind == "park" else scene.dataset.streets).loc[focus.id]
    return _near(place[c.LON], place[c.LAT], str(focus))


def _district(scene: Scene, focus: Asked) -> _Aim:
    row = scene.districts.loc[focus.id]
    outline, bounds = scene.areas.geometry[focus.id], bounds_of(scene.areas.loc[[focus.id]])
    if focus.id == scene.district_id:
        return _Aim(outline, bounds=bounds)
    return _Aim(outline, bounds=bounds, card=str(focus), at=(float(row[c.LABEL_LAT]), float(row[c.LABEL_LON])))


def _near(lon: float, lat: float, card: str) -> _Aim:
    """A point with some ground around it; a thing without a point leaves the map where it is."""
    if lon != lon:
        return _Aim()
    around: Bounds = ((lat - NEAR_DEGREES, lon - NEAR_DEGREES), (lat + NEAR_DEGREES, lon + NEAR_DEGREES))
    return _Aim(point=(float(lon), float(lat)), bounds=around, card=card)

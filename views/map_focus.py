"""Where a map goes: home, or to the district, cluster, place or firm in focus, with the card to open there."""

from dataclasses import dataclass

from data import columns as c
from data import lookup
from geo.layer_records import Bounds, Focus
from geo.layers import Layer, bounds_of, draw_focus
from views.map_ground import hull_in_focus
from views.map_scene import Scene
from views.selection import Focus as Asked

NEAR_DEGREES = 0.03


@dataclass(frozen=True)
class _Aim:
    """What to go to: an outline of the atlas or a point (lon, lat), bounds, a card (kind:id) to open at (lat, lon)."""

    outline: str = ""
    point: tuple[float, float] | None = None
    bounds: Bounds | None = None
    card: str = ""
    at: tuple[float, float] | None = None


def focus_layer(scene: Scene, city: Bounds, rest: Bounds | None = None) -> Layer:
    """The layer that moves the map when the focus changes; ``rest`` is where it rests, else the district or city."""
    focus, resting = scene.selection.focus, scene.district_id
    if focus and focus.kind == "ground" and hull_in_focus(scene, focus.id) is None:
        focus = None  # the map goes there once it is found
    aim = _Aim() if focus is None else _aim(scene, focus)
    home = rest or (bounds_of(scene.areas.loc[[resting]]) if resting else city)
    outline = aim.outline or (f"district:{resting}" if resting else "")
    drawn_near = focus is not None and focus.kind == "ground"
    clear = bool(resting) or scene.dataset.has_many_firms or drawn_near  # the legend would cover what the map is for
    goal = Focus(f"{resting}|{focus or ''}", home, aim.bounds, aim.card, aim.at, clear=clear)
    return draw_focus(goal, scene.tokens.palette, name="focus", outline=outline, point=aim.point)


def _aim(scene: Scene, focus: Asked) -> _Aim:
    if focus.kind == "district":
        return _district(scene, focus)
    if focus.kind == "cluster":
        held = [d for d in scene.figures.index[scene.figures[c.TOTAL_CNY].notna()] if d not in scene.far]
        return _Aim(bounds=bounds_of(scene.areas.loc[held])) if held and not scene.district_id else _Aim()
    if focus.kind == "firm":
        return _firm(scene, focus)
    if focus.kind == "ground":
        return _ground(scene, focus)
    return _near(*_place(scene, focus.id), str(focus))


def _ground(scene: Scene, focus: Asked) -> _Aim:
    hull = hull_in_focus(scene, focus.id)
    return _Aim() if hull is None else _Aim(bounds=hull[0], card=str(focus), at=hull[1])


def _firm(scene: Scene, focus: Asked) -> _Aim:
    """The firm's point; its card is that of the stack when it shares its place with others."""
    firm = lookup.firm(scene.dataset, focus.id)
    if firm is None or firm[c.LON] != firm[c.LON]:
        return _Aim()
    if scene.dataset.has_many_firms:
        together, stack_id = scene.firms, str(scene.firms.index[0])
    else:
        stack_id = str(scene.spots.get(focus.id, ""))
        together = scene.firms[scene.spots == stack_id]
    return _near(firm[c.LON], firm[c.LAT], str(focus) if len(together) <= 1 else f"stack:{stack_id}")


def _place(scene: Scene, place_id: str) -> tuple[float, float]:
    """Point of a park, a street or a district's label."""
    for table in (scene.dataset.parks, scene.dataset.streets):
        if place_id in table.index:
            return table[c.LON][place_id], table[c.LAT][place_id]
    return scene.districts[c.LABEL_LON][place_id], scene.districts[c.LABEL_LAT][place_id]


def _district(scene: Scene, focus: Asked) -> _Aim:
    row = scene.districts.loc[focus.id]
    outline, bounds = str(focus), bounds_of(scene.areas.loc[[focus.id]])
    if focus.id == scene.district_id:
        return _Aim(outline, bounds=bounds)
    return _Aim(outline, bounds=bounds, card=str(focus), at=(float(row[c.LABEL_LAT]), float(row[c.LABEL_LON])))


def _near(lon: float, lat: float, card: str) -> _Aim:
    """A point with some ground around it; a thing without a point leaves the map where it is."""
    if lon != lon:
        return _Aim()
    around: Bounds = ((lat - NEAR_DEGREES, lon - NEAR_DEGREES), (lat + NEAR_DEGREES, lon + NEAR_DEGREES))
    return _Aim(point=(float(lon), float(lat)), bounds=around, card=card)

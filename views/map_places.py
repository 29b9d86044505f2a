"""Parks and firms on a map: parks with their uncertainty, firms as stacks with the precision of their place."""

import numpy as np
import pandas as pd

from data import columns as c
from geo.layer_records import Card, Key, Ring, Stack
from geo.layers import Layer, draw_stacks
from views.map_scene import Scene
from views.tokens import seals

LEAST_PX = 4.5
PARK_UNCERTAINTY_M = 500.0  # bus-stop proxies: notes of the source say 300–500 m


def park_layer(scene: Scene) -> Layer:
    """Parks as small hollow marks in the circle that they may lie in."""
    parks = scene.dataset.parks
    parks = parks[parks[c.LON].notna()]
    if scene.district_id:
        parks = parks[parks[c.DISTRICT_ID] == scene.district_id]
    stacks = [
        Stack(
            kind="park",
            stack_id=p[c.PARK_ID],
            lon=p[c.LON],
            lat=p[c.LAT],
            radius_px=4,
            fill="",
            ink="",
            ring="park",
            tip=(p[c.NAME], scene.t("map.park_precision")),
            cards=(_park_card(scene, p),),
            label=p[c.NAME],
            uncertainty_m=PARK_UNCERTAINTY_M,
        )
        for p in parks.to_dict("records")
    ]
    return draw_stacks(
        stacks, scene.tokens.palette, name=scene.t("layer.parks"), show="parks" not in scene.selection.hide
    )


def _park_card(scene: Scene, park: dict[str, str]) -> Card:
    t = scene.t
    rows = [
        (
            t("field.district"),
            scene.name[park[c.DISTRICT_ID]] if park[c.DISTRICT_ID] in scene.name.index else t("word.no_data"),
        )
    ]
    for key, column in (("field.operator", c.OPERATOR), ("field.area", c.AREA_TEXT), ("field.focus", c.FOCUS)):
        rows.append((t(key), park[column] or t("word.no_data")))
    rows.append((t("field.precision"), t("map.park_precision")))
    return Card(park[c.NAME], tuple(rows), (t("map.source", source=park[c.SOURCE]), t(f"status.{park[c.STATUS]}")))


def firm_layer(scene: Scene) -> Layer:
    """Firms, those of one place as one stack that opens into a list."""
    places = scene.firms.groupby(c.PLACE_ID, sort=False)
    stacks = [_stack(scene, str(place_id), group) for place_id, group in places]
    stacks.sort(key=lambda s: -s.radius_px)  # small marks lie on top of large ones
    return draw_stacks(
        stacks, scene.tokens.palette, name=scene.t("layer.firms"), show="firms" not in scene.selection.hide
    )


def _stack(scene: Scene, place_id: str, group: pd.DataFrame) -> Stack:
    t, first = scene.t, group.iloc[0]
    total, alone = group[c.REVENUE_CNY].sum(min_count=1), len(group) == 1
    kinds = group[c.SUBSECTOR_ID].unique()
    seal = seals(scene.tokens.theme, t.language)[kinds[0]]
    fill, ink = (seal.fill, seal.ink) if len(kinds) == 1 else (scene.tokens.outline, scene.tokens.palette.page)
    ring: Ring = first[c.LOCATION_PRECISION]
    figure = t.money(total) if total == total else t("map.no_revenue", year=scene.board.year)
    head = first[c.SHORT_NAME] if alone else t("map.stack", place=_place_name(scene, place_id), n=len(group))
    return Stack(
        kind="firm" if alone else "stack",
        stack_id=first[c.FIRM_ID] if alone else place_id,
        lon=first[c.LON],
        lat=first[c.LAT],
        radius_px=max(radius_px(total), 8 if not alone else 0),
        fill=fill if total == total else "",
        ink=ink if total == total else scene.tokens.palette.text,
        ring=ring,
        tip=(head, figure, t("map.precision", precision=t(f"precision.{ring}"))),
        cards=tuple(_firm_card(scene, f) for f in group.to_dict("records")),
        count=len(group),
    )


def _firm_card(scene: Scene, firm: dict[str, object]) -> Card:
    t, revenue = scene.t, firm[c.REVENUE_CNY]
    subsector = str(firm[c.SUBSECTOR_ID])
    seal = seals(scene.tokens.theme, t.language)[subsector]
    district = firm[c.REGISTERED_DISTRICT_ID]
    known = isinstance(revenue, float | int) and revenue == revenue
    rows = [
        (t("field.subsector"), t(f"subsector.{subsector}")),
        (t("field.revenue", year=scene.board.year), t.money(float(revenue)) if known else t("word.no_data")),
        (t("field.registered"), scene.name[district] if district in scene.name.index else t("word.no_data")),
        (t("field.address"), str(firm[c.ADDRESS] or t("word.no_data"))),
        (t("field.precision"), t(f"precision.{firm[c.LOCATION_PRECISION]}")),
    ]
    small = []
    if firm[c.PLACE_CONFLICT]:
        small.append(t("map.conflict"))
    if firm[c.OPERATING_DISTRICT_ID] == c.OUTSIDE:
        small.append(t("map.office_outside"))
    if known:
        small.append(
            t("map.revenue_source", source=firm[c.REVENUE_SOURCE], status=t(f"status.{firm[c.REVENUE_STATUS]}"))
        )
    small.append(t("map.source", source=firm[c.SOURCE] or t("word.no_data")))
    return Card(
        f"{firm[c.SHORT_NAME]} {firm[c.FIRM_ID]}", tuple(rows), tuple(small), seal.character, seal.fill, seal.ink
    )


def _place_name(scene: Scene, place_id: str) -> str:
    for table in (scene.dataset.parks, scene.dataset.streets):
        if place_id in table.index:
            return str(table[c.NAME][place_id])
    return str(scene.name[place_id])


def firm_keys(scene: Scene) -> tuple[Key, ...]:
    """Keys of the legend: what the ring of a firm says of its place."""
    t, palette = scene.t, scene.tokens.palette
    return (
        Key(t("map.key_park"), palette.muted, palette.page, dot=True),
        Key(t("map.key_street"), palette.muted, palette.text, dot=True, dash="dashed"),
        Key(t("map.key_district"), palette.muted, palette.text, dot=True, dash="dotted"),
        Key(t("map.key_hollow"), palette.page, palette.muted, dot=True),
    )


def radius_px(total_cny: float) -> float:
    """Radius of a mark whose area is proportional to revenue, at least ``LEAST_PX``: 27 px for 5,600 亿元."""
    return LEAST_PX if total_cny != total_cny else max(LEAST_PX, 0.36 * float(np.sqrt(total_cny / 10**8)))

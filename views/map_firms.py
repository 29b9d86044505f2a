"""Firms on a map: those of one place as one stack, with the precision of that place."""

import numpy as np
import pandas as pd

from data import columns as c
from geo.layer_records import Card, Key, Ring, Stack
from geo.layers import Layer, draw_stacks
from views.map_scene import Scene
from views.tokens import Seal, seals
from views.words import Words

LEAST_PX = 4.5


def firm_layer(scene: Scene) -> Layer:
    """Firms, those of one place as one stack that opens into a list."""
    return draw_stacks(
        firm_stacks(scene),
        scene.tokens.palette,
        name=scene.t("layer.firms"),
        show="firms" not in scene.selection.hide,
    )


def firm_stacks(scene: Scene) -> list[Stack]:
    """Marks of the firms that are drawn as features."""
    if scene.dataset.has_many_firms:
        return [_stack(scene, str(scene.firms.index[0]), scene.firms)] if len(scene.firms) else []
    places = scene.firms.groupby(scene.spots, sort=False)
    stacks = [_stack(scene, str(place_id), group) for place_id, group in places]
    return sorted(stacks, key=lambda s: -s.radius_px)  # small marks lie on top of large ones


def _stack(scene: Scene, place_id: str, group: pd.DataFrame) -> Stack:
    t, first = scene.t, group.iloc[0]
    total, alone = group[c.REVENUE_CNY].sum(min_count=1), len(group) == 1
    kinds = group[c.SUBSECTOR_ID].unique()
    marks = seals(scene.tokens.theme, t.language)
    of_one_kind = len(kinds) == 1 and kinds[0] in marks
    fill, ink = (
        (marks[kinds[0]].fill, marks[kinds[0]].ink)
        if of_one_kind
        else (scene.tokens.outline, scene.tokens.palette.page)
    )
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
    seal = seals(scene.tokens.theme, t.language).get(subsector, Seal("", "", ""))
    district = firm[c.REGISTERED_DISTRICT_ID]
    known = isinstance(revenue, float | int) and revenue == revenue
    rows = [
        (t("field.subsector"), t(f"subsector.{subsector}") if f"subsector.{subsector}" in t else t("word.no_data")),
        (t("field.revenue", year=scene.board.year), t.money(float(revenue)) if known else t("word.no_data")),
        (t("field.registered"), scene.name[district] if district in scene.name.index else t("word.no_data")),
        (t("field.address"), _written(firm[c.ADDRESS], t)),
        (t("field.precision"), t(f"precision.{firm[c.LOCATION_PRECISION]}")),
    ]
    small = []
    if isinstance(firm[c.PLACE_CONFLICT], str) and firm[c.PLACE_CONFLICT]:
        small.append(t("map.conflict"))
    if firm[c.OPERATING_DISTRICT_ID] == c.OUTSIDE:
        small.append(t("map.office_outside"))
    if known:
        small.append(
            t(
                "map.revenue_source",
                source=_written(firm[c.REVENUE_SOURCE], t),
                status=t(f"status.{firm[c.REVENUE_STATUS]}"),
            )
        )
    small.append(t("map.source", source=_written(firm[c.SOURCE], t)))
    return Card(
        f"{firm[c.SHORT_NAME]} {firm[c.FIRM_ID]}", tuple(rows), tuple(small), seal.character, seal.fill, seal.ink
    )


def _written(value: object, t: Words) -> str:
    """What a file wrote into a cell, or that it wrote nothing."""
    return value if isinstance(value, str) and value else t("word.no_data")


def _place_name(scene: Scene, place_id: str) -> str:
    for table in (scene.dataset.parks, scene.dataset.streets):
        if place_id in table.index:
            return str(table[c.NAME][place_id])
    return str(scene.name[place_id]) if place_id in scene.name.index else scene.t("map.one_place")


def firm_keys(scene: Scene) -> tuple[Key, ...]:
    """Keys of the legend: what the ring of a firm says of its place."""
    t, palette = scene.t, scene.tokens.palette
    exact = bool((scene.firms[c.LOCATION_PRECISION] == "exact").any())
    return (
        Key(t("map.key_exact" if exact else "map.key_park"), palette.muted, palette.page, dot=True),
        Key(t("map.key_street"), palette.muted, palette.text, dot=True, dash="dashed"),
        Key(t("map.key_district"), palette.muted, palette.text, dot=True, dash="dotted"),
        Key(t("map.key_hollow"), palette.page, palette.muted, dot=True),
    )


def radius_px(total_cny: float) -> float:
    """Radius of a mark whose area is proportional to revenue, at least ``LEAST_PX``: 27 px for 5,600 亿元."""
    return LEAST_PX if total_cny != total_cny else max(LEAST_PX, 0.36 * float(np.sqrt(total_cny / 10**8)))

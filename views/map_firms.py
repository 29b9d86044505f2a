"""Firms on a map: those of one place as one stack, with the precision of that place."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from clusters.released_firms import GRID
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
    head = _firm_name(first.to_dict(), t) if alone else t("map.stack", place=_place_name(scene, place_id), n=len(group))
    return Stack(
        kind="firm" if alone else "stack",
        stack_id=first[c.FIRM_ID] if alone else place_id,
        lon=first[c.LON],
        lat=first[c.LAT],
        radius_px=max(radius_px(total), 8 if not alone else 0),
        fill=fill if total == total else "",
        ink=ink if total == total else scene.tokens.palette.text,
        ring=ring,
        tip=(head, _revenue_of(scene, group), t("map.precision", precision=t(f"precision.{ring}"))),
        cards=tuple(_firm_card(scene, f) for f in group.to_dict("records")),
        count=len(group),
    )


def _revenue_of(scene: Scene, group: pd.DataFrame) -> str:
    """Revenue of the firms of one place together, and how many are left out because theirs is not for this reader."""
    t, total, withheld = scene.t, group[c.REVENUE_CNY].sum(min_count=1), int(group[c.WITHHELD].sum())
    if total != total:
        return t("word.withheld") if withheld else t("map.no_revenue", year=scene.board.year)
    return f"{t.money(total)} · {t('map.firms_withheld', n=withheld)}" if withheld else t.money(total)


def _firm_name(firm: Mapping[Hashable, Any], t: Words) -> str:
    """Short name of a firm, or that it is not for this reader."""
    name = firm[c.SHORT_NAME]
    return name if isinstance(name, str) else t("map.nameless")


def _firm_card(scene: Scene, firm: dict[Hashable, Any]) -> Card:
    t, revenue = scene.t, firm[c.REVENUE_CNY]
    subsector = str(firm[c.SUBSECTOR_ID])
    seal = seals(scene.tokens.theme, t.language).get(subsector, Seal("", "", ""))
    district = firm[c.REGISTERED_DISTRICT_ID]
    known = isinstance(revenue, float | int) and revenue == revenue
    is_named = isinstance(firm[c.SHORT_NAME], str) or not firm[c.WITHHELD]
    rows = [
        (t("field.subsector"), t(f"subsector.{subsector}") if f"subsector.{subsector}" in t else t("word.no_data")),
        (
            t("field.revenue", year=scene.board.year),
            t.money(float(revenue)) if known else t.nothing(withheld=bool(firm[c.WITHHELD])),
        ),
        (t("field.registered"), scene.name[district] if district in scene.name.index else t("word.no_data")),
        (t("field.address"), _written(firm[c.ADDRESS], t) if is_named else t("word.withheld")),
        (t("field.precision"), t(f"precision.{firm[c.LOCATION_PRECISION]}")),
    ]
    small = [t("map.withheld")] if firm[c.WITHHELD] else []
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
    if is_named:
        small.append(t("map.source", source=_written(firm[c.SOURCE], t)))
    title = f"{_firm_name(firm, t)} {firm[c.FIRM_ID]}" if is_named else _firm_name(firm, t)
    return Card(title, tuple(rows), tuple(small), seal.character, seal.fill, seal.ink)


def _written(value: object, t: Words) -> str:
    """What a file wrote into a cell, or that it wrote nothing."""
    return value if isinstance(value, str) and value else t("word.no_data")


def _place_name(scene: Scene, place_id: str) -> str:
    for table in (scene.dataset.parks, scene.dataset.streets):
        if place_id in table.index:
            return str(table[c.NAME][place_id])
    if place_id.startswith(f"{GRID}:"):
        return scene.t("map.square")
    return str(scene.name[place_id]) if place_id in scene.name.index else scene.t("map.one_place")


def firm_keys(scene: Scene) -> tuple[Key, ...]:
    """Keys of the legend: what the ring of a firm says of its place."""
    t, palette = scene.t, scene.tokens.palette
    exact, squares = (bool((scene.firms[c.LOCATION_PRECISION] == kind).any()) for kind in ("exact", GRID))
    hollow = "map.key_hollow" if scene.dataset.release is None else "map.key_hollow_withheld"
    return (
        Key(t("map.key_exact" if exact else "map.key_park"), palette.muted, palette.page, dot=True),
        *((Key(t("map.key_grid"), palette.muted, palette.page, dot=True),) if squares else ()),
        Key(t("map.key_street"), palette.muted, palette.text, dot=True, dash="dashed"),
        Key(t("map.key_district"), palette.muted, palette.text, dot=True, dash="dotted"),
        Key(t(hollow), palette.page, palette.muted, dot=True),
    )


def radius_px(total_cny: float) -> float:
    """Radius of a mark whose area is proportional to revenue, at least ``LEAST_PX``: 27 px for 5,600 亿元."""
    return LEAST_PX if total_cny != total_cny else max(LEAST_PX, 0.36 * float(np.sqrt(total_cny / 10**8)))

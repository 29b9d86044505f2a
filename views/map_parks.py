"""Parks on a map: small hollow marks in the circle that they may lie in."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from data import columns as c
from data.dataset import Dataset
from geo.layer_records import Card, Stack
from geo.layers import Layer, draw_stacks
from views.map_scene import Scene
from views.words import Words

PARK_UNCERTAINTY_M = 500.0  # bus-stop proxies: notes of the source say 300–500 m


def park_layer(scene: Scene) -> Layer:
    """Parks of the city, or of the district that the map rests on; the atlas holds their marks."""
    parks = _with_point(scene.dataset.parks)
    if scene.district_id:
        parks = parks[parks[c.DISTRICT_ID] == scene.district_id]
    return draw_stacks(
        [f"park:{p}" for p in parks.index],
        scene.tokens.palette,
        name=scene.t("layer.parks"),
        show="parks" not in scene.selection.hide,
    )


def park_stacks(dataset: Dataset, t: Words) -> list[Stack]:
    """Marks of all parks that have a point."""
    district = dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    return [
        Stack(
            kind="park",
            stack_id=p[c.PARK_ID],
            lon=p[c.LON],
            lat=p[c.LAT],
            radius_px=4,
            fill="",
            ink="",
            ring="park",
            tip=(p[c.NAME], t("map.park_precision")),
            cards=(_card(p, district, t),),
            label=p[c.NAME],
            uncertainty_m=PARK_UNCERTAINTY_M,
        )
        for p in _with_point(dataset.parks).to_dict("records")
    ]


def _with_point(parks: pd.DataFrame) -> pd.DataFrame:
    return parks[parks[c.LON].notna()]


def _card(park: Mapping[Hashable, Any], district: "pd.Series[str]", t: Words) -> Card:
    rows = [
        (
            t("field.district"),
            district[park[c.DISTRICT_ID]] if park[c.DISTRICT_ID] in district.index else t("word.no_data"),
        )
    ]
    for key, column in (("field.operator", c.OPERATOR), ("field.area", c.AREA_TEXT), ("field.focus", c.FOCUS)):
        rows.append((t(key), park[column] or t("word.no_data")))
    rows.append((t("field.precision"), t("map.park_precision")))
    return Card(park[c.NAME], tuple(rows), (t("map.source", source=park[c.SOURCE]), t(f"status.{park[c.STATUS]}")))

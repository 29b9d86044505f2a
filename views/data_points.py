"""Points of a checked file on a map, as written and as they would be kept."""

from typing import Any

import numpy as np
import streamlit as st
from streamlit_folium import st_folium

from data import columns as c
from data.dataset import Dataset
from geo.crs import metric_crs, to_metric
from geo.layer_records import NO_DATA, Area, Bounds, Card, Focus, Frame, Key, Legend, Stack
from geo.layers import Layer, base_map, bounds_of, draw_areas, draw_focus, draw_stacks, layer_control
from views import loaded, state
from views.how_to_read import how_to_read
from views.map_atlas import map_atlas
from views.map_scene import FAR_DEGREES, display_areas
from views.provenance import legal_notice
from views.tokens import Tokens
from views.words import Words

HEIGHT, RADIUS_PX = 420, 5.0
NEAR_DEGREES = 0.012
MOVED_M = 1.0


def show_points(document: dict[str, Any], t: Words) -> None:
    """The map, and how far the points move."""
    points, look, data = document["points"], state.look(), loaded.dataset()
    moved = moved_m(points)
    known = moved[~np.isnan(moved)]
    shifted = known[known > MOVED_M]
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    title = bar.container(horizontal=True, vertical_alignment="center", width="content", gap="small")
    title.markdown(f"#### {t('data.map')}", width="content")
    how_to_read(title, "points", t, method="diagnose_points")
    near = bar.segmented_control(
        t("data.view"),
        [False, True],
        default=False,
        required=True,
        format_func=lambda n: t("data.view_near" if n else "data.view_all"),
        label_visibility="collapsed",
        key="points_view",
    )
    frame, groups = points_map(document, data, look, t, near=bool(near))
    st_folium(
        base_map(frame, look.palette),
        key="points_map",
        height=HEIGHT,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=list(groups),
        layer_control=layer_control(),
    )
    if len(shifted):
        said = t("data.moved", n=f"{len(points):,}", m=f"{np.median(shifted):,.0f}")
    else:
        said = t("data.not_moved" if len(known) else "data.not_placed", n=f"{len(points):,}")
    st.caption(said)


def points_map(
    document: dict[str, Any], data: Dataset, look: Tokens, t: Words, *, near: bool
) -> tuple[Frame, tuple[Layer, ...]]:
    """Frame and layers: districts, points as written, points as kept, and the view."""
    points, areas = document["points"], display_areas(data)
    lon = data.districts[c.LABEL_LON]
    city = bounds_of(areas[(lon - lon.median()).abs() <= FAR_DEGREES])
    moved = moved_m(points)
    before = [_mark(p, "before", p["before"], m, look, t) for p, m in zip(points, moved, strict=True)]
    after = [_mark(p, "after", p["after"], m, look, t) for p, m in zip(points, moved, strict=True) if p["after"]]
    legend = Legend(
        (
            (
                t("data.map_legend", n=f"{len(points):,}"),
                (
                    Key(t("data.map_after"), look.palette.accent, look.palette.page, dot=True),
                    Key(t("data.map_before"), look.palette.page, look.palette.muted, dot=True),
                ),
            ),
        ),
        t("data.map_note"),
    )
    frame = Frame(
        city,
        " · ".join((t("data.map_notice"), legal_notice(t))),
        map_atlas(data, t.language, look.theme),
        words={key: t(f"map.{key}") for key in ("map", "zoom_in", "zoom_out", "home", "layers", "close")},
        watermark=t("map.watermark") if document.get("synthetic") else "",
    )
    focus = Focus(f"points|{near}", city, _close_up(points, moved) if near else None, clear=near)
    return frame, (
        draw_areas(_areas(data, t), look.palette, name=t("layer.districts"), legend=legend),
        draw_stacks(before, look.palette, name=t("data.map_before")),
        draw_stacks(after, look.palette, name=t("data.map_after")),
        draw_focus(focus, look.palette, name="focus"),
    )


def moved_m(points: list[dict[str, Any]]) -> np.ndarray:
    """How far each point moves, in metres; NaN for one that is not kept or was not written in degrees."""
    if not points:
        return np.empty(0)
    ends = [[p["before"], p["after"] or (np.nan, np.nan)] for p in points]
    degrees = np.array(ends, float)
    degrees[(np.abs(degrees[..., 0]) > 180) | (np.abs(degrees[..., 1]) > 90)] = np.nan
    if np.isnan(degrees[:, 1, 0]).all():
        return np.full(len(points), np.nan)
    crs = metric_crs(float(np.nanmedian(degrees[:, 1, 0])))
    x, y = to_metric(degrees[..., 0], degrees[..., 1], crs=crs)
    return np.hypot(x[:, 1] - x[:, 0], y[:, 1] - y[:, 0])


def _mark(point: dict[str, Any], kind: str, place: tuple[float, float], moved: float, look: Tokens, t: Words) -> Stack:
    lon, lat = place
    row = t("data.row_n", row=point["row"])
    rows = [(t("data.as_written"), _degrees(point["before"]))]
    if point["after"]:
        rows.append((t("data.as_kept"), _degrees(point["after"])))
    if moved == moved:
        rows.append((t("data.distance"), f"{moved:,.0f} m"))
    title = point["name"] or row
    return Stack(
        kind=kind,
        stack_id=str(point["row"]),
        lon=lon,
        lat=lat,
        radius_px=RADIUS_PX,
        fill=look.palette.accent if kind == "after" else "",
        ink=look.palette.page,
        ring="exact",
        tip=(title, t(f"data.map_{kind}"), row),
        cards=(Card(title, tuple(rows), (row,)),),
    )


def _degrees(place: tuple[float, float]) -> str:
    return f"{place[0]:.6f}, {place[1]:.6f}"


def _areas(data: Dataset, t: Words) -> list[Area]:
    label, name = (c.LABEL_ZH, c.NAME) if t.language == "zh" else (c.LABEL_EN, c.NAME_EN)
    return [
        Area(
            area_id=str(area),
            label=row[label],
            value="",
            step=NO_DATA,
            lon=row[c.LABEL_LON],
            lat=row[c.LABEL_LAT],
            tip=(row[name],),
            card=None,
        )
        for area, row in data.districts.iterrows()
    ]


def _close_up(points: list[dict[str, Any]], moved: np.ndarray) -> Bounds | None:
    """Around the point in the middle of those that are kept, so that its move can be seen."""
    kept = [n for n, p in enumerate(points) if p["after"]]
    if not kept:
        return None
    ends = np.array([points[n]["after"] for n in kept])
    middle = kept[int(np.argmin(np.hypot(*(ends - np.median(ends, axis=0)).T)))]
    lon, lat = points[middle]["after"]
    return ((lat - NEAR_DEGREES, lon - NEAR_DEGREES), (lat + NEAR_DEGREES, lon + NEAR_DEGREES))

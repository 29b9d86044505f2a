"""Clusters on the ground on a map: their outlines with a number, above the districts and below the firms."""

import shapely

from clusters.found_clusters import FoundClusters
from clusters.goals import Board
from geo.layer_records import Bounds, Card, Hull
from geo.layers import Layer, draw_hulls
from views.ground_facts import GroundCluster, ground_of
from views.ground_search import LAYER, is_offered
from views.map_scene import Scene

TOLERANCE_DEGREES = 0.0002  # about twenty metres
DISPLAY_DIGITS = 5


def is_drawn(scene: Scene) -> bool:
    """Whether a map has the layer: that of a city whose figures are open; a document only when there is a result."""
    return not scene.district_id and is_offered(scene.dataset) and (scene.served or scene.ground is not None)


def ground_layer(scene: Scene) -> Layer:
    """Outlines of the clusters; empty until they were searched for."""
    t, palette, found = scene.t, scene.tokens.palette, scene.ground
    hulls = [] if found is None else _hulls(scene, found)
    return draw_hulls(hulls, palette, name=t("layer.ground"), show=LAYER in scene.selection.show)


def hull_in_focus(scene: Scene, asked: str) -> tuple[Bounds, tuple[float, float]] | None:
    """Bounds of a cluster and the (lat, lon) where its card opens; ``None`` when there is no such cluster."""
    found = scene.ground
    if found is None or int(asked) not in found.clusters.index:
        return None
    outline = found.clusters.geometry[int(asked)]
    west, south, east, north = outline.bounds
    at = shapely.get_coordinates(outline)
    lon, lat = at[at[:, 1].argmin()]  # a card opens upwards, and would leave the map from its middle
    return ((south, west), (north, east)), (float(lat), float(lon))


def _hulls(scene: Scene, found: FoundClusters) -> list[Hull]:
    told = ground_of(found, scene.board, scene.selection, scene.t)
    simple = found.clusters.geometry.simplify(TOLERANCE_DEGREES)
    outlines = shapely.transform(simple.to_numpy(), lambda xy: xy.round(DISPLAY_DIGITS))
    return [_hull(scene, one, outline, found) for one, outline in zip(told.clusters, outlines, strict=True)]


def _hull(scene: Scene, one: GroundCluster, outline: shapely.Geometry, found: FoundClusters) -> Hull:
    t = scene.t
    at = shapely.get_coordinates(outline)
    lon, lat = at[at[:, 1].argmax()]
    title, number = t("ground.name", n=one.cluster_id), str(one.cluster_id)
    tip = (
        title,
        " · ".join((t.firms(one.firms), t.amount(one.amount), t.tier_mark(one.amount.tier))),
        one.stability_words,
    )
    return Hull(
        hull_id=number, outline=outline, label=number, lon=float(lon), lat=float(lat), tip=tip,
        card=_card(one, title, scene.board, found, scene), focus=scene.is_focus("ground", number),
    )  # fmt: skip


def _card(one: GroundCluster, title: str, board: Board, found: FoundClusters, scene: Scene) -> Card:
    t = scene.t
    rows = (
        (t("measure.firms"), t.firms(one.firms)),
        (t("measure.revenue"), t.amount(one.amount)),
        (t("field.tier"), t.tier_mark(one.amount.tier)),
        (t("ground.districts"), one.districts),
        (t("ground.subsectors"), one.subsectors),
        (t("field.top_firm"), f"{one.top_firm} {t.share(one.top1_share)}"),
        (t("ground.stable_field"), one.stability_words),
    )
    small = [t("map.stamp", year=board.year), t("ground.no_goal")]
    if found.approximate:
        small.insert(1, t("ground.approximate", m=f"{float(str(found.facts['cell_m'])):,.0f}"))
    return Card(title, rows, tuple(small))

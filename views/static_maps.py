"""Maps for paper: the layers of the map on a page as one vector drawing, with legend, scale, notice and inset.

They draw what the page draws (``Scene``), so the figures and what is withheld are the same. When there are many firms
they are counted in cells, one picture within the drawing; each firm else is a mark whose area goes with its revenue.
"""

import io
from dataclasses import dataclass, replace
from math import cos, floor, log10, radians

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.transforms import Affine2D, ScaledTranslation, Transform
from PIL import Image
from shapely import box
from shapely.geometry.base import BaseGeometry

from clusters.goals import Board
from data import columns as c
from geo.layer_records import NO_DATA, Area, Key, Palette
from views.map_areas import area_legend, district_area
from views.map_firms import firm_stacks
from views.map_parks import park_stacks
from views.map_scene import Scene
from views.map_tiles import counted_cells
from views.provenance import map_notice
from views.selection import Selection
from views.static_figure import (
    BODY_PT,
    FULL_IN,
    SMALL_PT,
    bare,
    drawable,
    haloed,
    new_figure,
    svg_of,
    wrapped,
)
from views.tokens import tokens
from views.words import Words

DEGREE_M = 111_195.0  # of latitude
LEGEND_IN, NOTICE_IN = 1.75, 0.3
LINE_IN = 0.155
CITY_IN, DISTRICT_IN = 2.9, 3.6
"""Heights of the maps themselves."""
PX_PT = 0.55
"""Points on paper of a pixel of a mark on a screen."""
INSET_ROOM = 0.06
"""Part of the city's width that is left free for the inset at its right."""
LIFT_PT = 9.0
"""How far above its point a label stands where firms are marked at that point."""
CITY_ZOOM, DISTRICT_ZOOM = 12, 14
"""Cells of about 140 m and 35 m, so that the picture is finer than paper shows."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Frame:
    """Axes of a map and what lies in them: west, south, east, north, and points on paper for a degree of longitude."""

    axes: Axes
    box: Box
    width_in: float

    @property
    def stretch(self) -> float:
        """Degrees of longitude that are as long as one of latitude."""
        return 1 / cos(radians((self.box[1] + self.box[3]) / 2))

    def degrees(self, points: float) -> float:
        """Degrees of longitude of a length on paper."""
        return points / 72 / self.width_in * (self.box[2] - self.box[0])


def city_map_svg(board: Board, selection: Selection, t: Words, *, width_in: float = FULL_IN) -> str:
    """The city's districts by class of the chosen measure, with parks and firms.

    Parameters
    ----------
    board : Board
        The city's board.
    selection : Selection
        Measure, filters and hidden layers are respected; the focus is not.
    t : Words
    width_in : float
        On paper, inches.

    Returns
    -------
    str
        An SVG document without outside links.
    """
    scene = _scene(board, selection, t, "")
    west, south, east, north = map(float, scene.areas.drop(index=scene.far).total_bounds)
    return _map(scene, (west, south, east + (INSET_ROOM * (east - west) if scene.far else 0), north), width_in, CITY_IN)


def district_map_svg(
    board: Board, district_id: str, selection: Selection, t: Words, *, width_in: float = FULL_IN
) -> str:
    """One district on its quiet neighbours, with the parks and firms in it; see ``city_map_svg``."""
    scene = _scene(board, selection, t, district_id)
    return _map(scene, tuple(map(float, scene.areas.geometry[district_id].bounds)), width_in, DISTRICT_IN)


def _scene(board: Board, selection: Selection, t: Words, district_id: str) -> Scene:
    quiet = replace(selection, focus=None)
    return Scene(board, quiet, tokens("light"), t, district_id, served=False)


def _map(scene: Scene, bounds: Box, width_in: float, height_in: float) -> str:
    whole = height_in + NOTICE_IN
    figure = new_figure(width_in, whole)
    map_in = width_in - LEGEND_IN
    axes = figure.add_axes((0, NOTICE_IN / whole, map_in / width_in, height_in / whole))
    frame = _framed(axes, bounds, map_in, height_in, scene.tokens.palette)
    areas = [district_area(scene, str(d)) for d in scene.districts.index]
    if "districts" not in scene.selection.hide:
        for area in areas:
            _draw_area(axes, scene.areas.geometry[area.area_id], area, scene.tokens.palette)
    cells = _draw_firms(frame, scene)
    if "parks" not in scene.selection.hide:
        _draw_parks(frame, scene)
    if "districts" not in scene.selection.hide:
        _draw_labels(frame, areas, scene)
    _draw_scale(frame, scene.areas.union_all(), scene.tokens.palette)
    if scene.dataset.synthetic:
        axes.text(
            0.5, 0.5, scene.t("map.watermark"), transform=axes.transAxes, ha="center", va="center", rotation=20,
            fontsize=26, color=scene.tokens.palette.muted, alpha=0.3,
        )  # fmt: skip
    if scene.far and not scene.district_id:
        _draw_inset(figure, areas, scene, (map_in / width_in, whole, width_in))
    _draw_legend(figure, cells, scene, whole)
    notice = wrapped(drawable(map_notice(scene.board, scene.t)), round(width_in * 72 / SMALL_PT * 1.9))
    figure.text(
        0, (NOTICE_IN - 0.06) / whole, "\n".join(notice), fontsize=SMALL_PT - 1, va="top",
        color=scene.tokens.palette.muted,
    )  # fmt: skip
    return svg_of(figure)


def _framed(axes: Axes, bounds: Box, width_in: float, height_in: float, palette: Palette) -> _Frame:
    """Axes in which the bounds fit with a margin, at the same scale both ways."""
    west, south, east, north = bounds
    stretch = 1 / cos(radians((south + north) / 2))
    margin = 0.03 * max(east - west, north - south)
    wide, high = east - west + 2 * margin, north - south + 2 * margin
    shape = width_in / height_in
    wide, high = max(wide, high * stretch * shape), max(high, wide / stretch / shape)
    lon, lat = (west + east) / 2, (south + north) / 2
    west, south, east, north = lon - wide / 2, lat - high / 2, lon + wide / 2, lat + high / 2
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("auto")
    bare(axes)
    axes.add_patch(Rectangle((0, 0), 1, 1, transform=axes.transAxes, facecolor=palette.ground, linewidth=0))
    return _Frame(axes, (west, south, east, north), width_in)


def _draw_area(axes: Axes, outline: BaseGeometry, area: Area, palette: Palette) -> None:
    lacks = area.step == NO_DATA
    axes.add_patch(
        PathPatch(
            _path(outline),
            facecolor=palette.no_data if lacks else palette.ramp[area.step],
            edgecolor=palette.accent if area.focus else palette.edge_no_data if lacks else palette.edge,
            linewidth=1.4 if area.focus else 0.7,
            linestyle=(0, (3, 2)) if lacks else "solid",
            zorder=3 if area.focus else 2,
        )
    )


def _path(outline: BaseGeometry) -> Outline:
    """Rings of all polygons as one path; holes stay holes."""
    rings = [
        np.asarray(ring.coords)
        for polygon in shapely.get_parts(outline)
        if polygon.geom_type == "Polygon"
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    return Outline.make_compound_path(*(Outline(ring[:, :2], closed=True) for ring in rings))


def _draw_firms(frame: _Frame, scene: Scene) -> tuple[str, tuple[Key, ...]] | None:
    """Marks of the firms, or counted cells when there are many; those come with keys of their own."""
    if "firms" in scene.selection.hide:
        return None
    if scene.dataset.has_many_firms:
        return _draw_cells(frame, scene) if scene.shown else None
    for stack in firm_stacks(scene):
        _mark(frame, stack.lon, stack.lat, stack.radius_px, stack.fill, stack.ring, scene.tokens.palette, 6)
    return None


def _draw_cells(frame: _Frame, scene: Scene) -> tuple[str, tuple[Key, ...]]:
    picture = counted_cells(scene, frame.box, DISTRICT_ZOOM if scene.district_id else CITY_ZOOM)
    (south, west), (north, east) = picture.bounds
    pixels = np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGBA"))
    frame.axes.imshow(pixels, extent=(west, east, south, north), interpolation="none", aspect="auto", zorder=5)
    frame.axes.set_xlim(frame.box[0], frame.box[2])
    frame.axes.set_ylim(frame.box[1], frame.box[3])
    return picture.legend.rows[0]


def _draw_parks(frame: _Frame, scene: Scene) -> None:
    parks = scene.dataset.parks[c.DISTRICT_ID]
    for stack in park_stacks(scene.dataset, scene.t):
        if not scene.district_id or parks[stack.stack_id] == scene.district_id:
            _mark(frame, stack.lon, stack.lat, stack.radius_px, "", "park", scene.tokens.palette, 5)


def _mark(
    frame: _Frame, lon: float, lat: float, radius_px: float, fill: str, ring: str, palette: Palette, order: int
) -> None:
    """A circle on paper; its edge says how sure the place is."""
    dash = {"street": (0, (3, 2)), "district": (0, (1, 1.5))}.get(ring, "solid")
    sure = dash == "solid"
    frame.axes.plot(
        [lon], [lat], marker="o", markersize=2 * radius_px * PX_PT, linestyle="none", zorder=order,
        markerfacecolor=fill or palette.page, markeredgewidth=0,
    )  # fmt: skip
    frame.axes.add_patch(
        Circle(
            (0, 0), radius_px * PX_PT, facecolor="none", linestyle=dash, zorder=order, linewidth=0.7,
            edgecolor=(palette.page if fill else palette.muted) if sure else palette.text,
            transform=_at(frame, lon, lat),
        )
    )  # fmt: skip


def _at(frame: _Frame, lon: float, lat: float) -> Transform:
    """Points on paper around a place."""
    axes = frame.axes
    return Affine2D().scale(1 / 72) + axes.figure.dpi_scale_trans + ScaledTranslation(lon, lat, axes.transData)


def _draw_labels(frame: _Frame, areas: list[Area], scene: Scene) -> None:
    palette = scene.tokens.palette
    west, south, east, north = frame.box
    for area in areas:
        if not (west < area.lon < east and south < area.lat < north):
            continue
        quiet = bool(scene.district_id) and not area.focus
        dark = area.step != NO_DATA and area.step >= 2
        halo = palette.ramp[area.step] if dark else palette.page
        ink = palette.muted if quiet else palette.ramp_ink[area.step] if dark else palette.text
        style = {"ha": "center", "halo": halo, "color": ink, "zorder": 8}
        below = bool(area.value)
        lat = area.lat + (frame.degrees(LIFT_PT) / frame.stretch if area.lifted else 0)
        haloed(
            frame.axes, area.lon, lat, drawable(area.label), va="bottom" if below else "center",
            fontsize=SMALL_PT if quiet else BODY_PT, fontweight="normal" if quiet else "bold", **style,
        )  # fmt: skip
        if below:
            haloed(frame.axes, area.lon, lat, drawable(area.value), va="top", fontsize=SMALL_PT - 0.5, **style)


def _draw_scale(frame: _Frame, land: BaseGeometry, palette: Palette) -> None:
    """A bar of a round length at the bottom, on no land if there is room."""
    west, south, east, north = frame.box
    degree_m = DEGREE_M / frame.stretch
    most = 0.2 * (east - west) * degree_m
    length = max(n * 10 ** floor(log10(most)) for n in (1, 2, 5) if n * 10 ** floor(log10(most)) <= most)
    y, high, long = south + 0.05 * (north - south), north - south, length / degree_m
    ways = [west + part * (east - west) for part in (0.03, 0.4, 0.74)]
    x = next((x for x in ways if not land.intersects(box(x, south, x + long, y + 0.1 * high))), ways[0])
    words = f"{length / 1000:g} km"
    frame.axes.plot(
        [x, x + length / degree_m], [y, y], color=palette.text, linewidth=1.4, zorder=9, solid_capstyle="butt"
    )
    haloed(
        frame.axes, x, y + 0.012 * (north - south), words, halo=palette.page, fontsize=SMALL_PT, color=palette.text,
        va="bottom", zorder=9,
    )  # fmt: skip


def _draw_inset(figure: Figure, areas: list[Area], scene: Scene, size: tuple[float, float, float]) -> None:
    """The area far from the rest, in a frame of its own at the top right of the map."""
    right, whole, width = size
    side = 1.05
    t, palette = scene.t, scene.tokens.palette
    area = next(a for a in areas if a.area_id == scene.far[0])
    axes = figure.add_axes(
        ((right * width - side - 0.05) / width, (whole - side - 0.3) / whole, side / width, side / whole)
    )
    outline = scene.areas.geometry[area.area_id]
    _framed(axes, tuple(map(float, outline.bounds)), side, side, palette)
    _draw_area(axes, outline, area, palette)
    axes.add_patch(
        Rectangle(
            (0, 0), 1, 1, transform=axes.transAxes, facecolor="none", edgecolor=palette.edge_no_data, linewidth=0.8
        )
    )
    title = scene.name[area.area_id] if t.language == "zh" else scene.label[area.area_id]
    axes.text(0.5, 1.19, drawable(title), transform=axes.transAxes, ha="center", va="center", fontsize=SMALL_PT)
    axes.text(
        0.5, 1.07, drawable(t("map.inset", value=area.value)), transform=axes.transAxes, ha="center", va="center",
        fontsize=SMALL_PT - 1.5, color=palette.muted,
    )  # fmt: skip


def _draw_legend(figure: Figure, cells: tuple[str, tuple[Key, ...]] | None, scene: Scene, whole: float) -> None:
    """Keys in a column at the right."""
    width = float(figure.get_size_inches()[0])
    axes = figure.add_axes((1 - LEGEND_IN / width, 0, LEGEND_IN / width, 1))
    axes.set_xlim(0, LEGEND_IN)
    axes.set_ylim(0, whole)
    bare(axes)
    palette, legend = scene.tokens.palette, area_legend(scene)
    groups = [*legend.rows, *([cells] if cells else [])]
    most, y = round((LEGEND_IN - 0.15) * 72 / SMALL_PT * 1.9), whole - 0.12
    for title, keys in groups:
        for line in wrapped(drawable(title), most):
            axes.text(0.12, y, line, fontsize=SMALL_PT, fontweight="bold", color=palette.text, va="center")
            y -= LINE_IN
        for key in keys:
            _draw_key(axes, key, y, palette)
            for line in wrapped(drawable(key.words), most - 6):
                axes.text(0.4, y, line, fontsize=SMALL_PT, color=palette.text, va="center")
                y -= LINE_IN
        y -= 0.08
    for line in wrapped(drawable(legend.note), most + 3):
        axes.text(0.12, y, line, fontsize=SMALL_PT - 0.5, color=palette.muted, va="center")
        y -= LINE_IN


def _draw_key(axes: Axes, key: Key, y: float, palette: Palette) -> None:
    dash = {"dashed": (0, (3, 2)), "dotted": (0, (1, 1.5))}.get(key.dash, "solid")
    style = {"facecolor": _colour(key.fill), "edgecolor": _colour(key.edge), "linewidth": 0.8, "linestyle": dash}
    shape = Circle((0.23, y), 0.05, **style) if key.dot else Rectangle((0.14, y - 0.05), 0.2, 0.1, **style)
    axes.add_patch(shape)


def _colour(css: str) -> str:
    return "none" if css == "transparent" else css

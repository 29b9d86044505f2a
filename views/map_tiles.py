"""Many firms on a map: tiles that the server draws, or one picture in a document; a click is answered here."""

from itertools import pairwise

from data.density import density_ramp
from data.firm_points import firm_points
from geo.layer_records import Key, Legend, Picture, Tiles
from geo.layers import Layer, draw_picture, draw_tiles
from geo.tiles import grid_picture, scale
from views.map_firms import firm_stacks
from views.map_scene import Scene
from views.tokens import seals

PICTURE_ZOOM = 12  # cells of about 140 m, 600 × 350 of them for a city


def firm_tiles(scene: Scene) -> Layer:
    """Firms as tiles under the filters, and the one in focus as a mark with its card."""
    points, theme, t = firm_points(scene.dataset), scene.tokens.theme, scene.t
    choices = _choices(scene)
    marks = seals(theme, t.language)
    tiles = Tiles(
        cells=points.address("png", theme=theme, **choices),
        points=points.address("pbf", **choices),
        scale=points.address("scale", theme=theme, **choices),
        points_from=points.pyramid.point_zoom(),
        layer="firms",
        colours={subsector: seal.fill for subsector, seal in marks.items()} | {"": scene.tokens.outline},
        cell_words=t("map.cells", m="{m}"),
        point_words=t("map.points"),
    )
    return draw_tiles(tiles, firm_stacks(scene), scene.tokens.palette, name=t("layer.firms"), show=_is_shown(scene))


def firm_picture(scene: Scene) -> Layer:
    """Firms as one picture of counted cells."""
    picture = counted_cells(scene, tuple(map(float, scene.areas.total_bounds)), PICTURE_ZOOM)
    return draw_picture(picture, name=scene.t("layer.firms"), show=_is_shown(scene))


def counted_cells(scene: Scene, bounds: tuple[float, float, float, float], zoom: int) -> Picture:
    """Firms within bounds (west, south, east, north), counted in the cells of a zoom, and the legend of the counts."""
    pyramid, colours = firm_points(scene.dataset).pyramid, density_ramp(scene.tokens.theme)
    chosen = firm_points(scene.dataset).choose(**_choices(scene))
    png, (west, south, east, north) = grid_picture(pyramid, zoom, bounds, chosen, palette=colours)
    found = scale(pyramid, zoom, chosen, steps=len(colours))
    ends = [f"{a:,}" if b == a + 1 else f"{a:,}–{b - 1:,}" for a, b in pairwise(found.lowers)]
    ends += [f"≥ {found.lowers[-1]:,}"] if found.lowers else []
    keys = tuple(Key(words, colour) for words, colour in zip(ends, colours, strict=False))
    metres = f"{found.cell_m:,.0f}" if found.lowers else "—"
    legend = Legend(((scene.t("map.cells", m=metres), keys),))
    return Picture(png, ((south, west), (north, east)), legend)


def firm_at(scene: Scene, lon: float, lat: float, zoom: float) -> str | None:
    """Id of the drawn firm nearest to a click, within 10 pixels."""
    points = firm_points(scene.dataset)
    hit = points.pyramid.nearest(lon, lat, zoom, chosen=points.choose(**_choices(scene)))
    return None if hit is None else str(points.firm_ids[hit.point])


def _choices(scene: Scene) -> dict[str, object]:
    """The filters of the scene, as the tiles name them."""
    return {
        "subsectors": scene.shown,
        "precisions": scene.selection.precisions or None,
        "place": scene.board.place,
        "district": scene.district_id or None,
    }


def _is_shown(scene: Scene) -> bool:
    return "firms" not in scene.selection.hide

"""The squares of a city on a map by how well they suit: one picture, the best of each district as numbered outlines.

Squares come as one picture, since a city has thousands; a click asks the server which one it was. A document has the
picture too, and the cards of the numbered ones.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from clusters.goals import Board
from clusters.suitability import Suitability
from clusters.suitable_areas import BEST, best_by_district, suitability_classes
from data import columns as c
from data.masks import Mask
from geo.cell_picture import Fill, cell_picture
from geo.crs import STORAGE_CRS
from geo.layer_records import NO_DATA, Area, Bounds, Card, Focus, Frame, Hull, Key, Legend, Picture
from geo.layers import Layer, bounds_of, draw_areas, draw_focus, draw_hulls, draw_picture
from views.map_atlas import map_atlas
from views.map_hubs import has_hubs, hub_layer
from views.map_parks import park_layer
from views.map_parts import MapParts
from views.map_scene import Scene
from views.selection import Selection
from views.suitability_choices import MaskMeans
from views.tokens import Tokens
from views.words import Words

MOST_NUMBERED = 5
RULED_OUT, UNKNOWN = BEST + 1, BEST + 2
CELL_PX = {1_000: 6, 500: 4}
AROUND_DEGREES = 0.06


@dataclass(frozen=True, eq=False)
class SquaresOnMap:
    """What a map of squares shows.

    Attributes
    ----------
    found : Suitability
    mask : Mask or None
    mask_means : 'banned' or 'allowed'
    square : str
        Id of the square in focus; empty for none.
    """

    found: Suitability
    mask: Mask | None = None
    mask_means: MaskMeans = "banned"
    square: str = ""


def suitability_map(
    board: Board,
    selection: Selection,
    tokens: Tokens,
    t: Words,
    shown: SquaresOnMap,
    *,
    notice: str,
    served: bool = True,
) -> MapParts:
    """Frame and layers of the map, the focus last.

    Parameters
    ----------
    board : Board
        The city's board.
    selection : Selection
    tokens, t : Tokens, Words
        Theme and language.
    shown : SquaresOnMap
    notice : str
        Printed on the map.
    served : bool
        Whether there is a server that answers clicks; a document has none.
    """
    scene = Scene(board, selection.with_(subsectors=(), focus=None, district=""), tokens, t, "", served)
    city = bounds_of(scene.areas.drop(index=scene.far))
    words = {key: t(f"map.{key}") for key in ("map", "zoom_in", "zoom_out", "home", "layers", "close")}
    hubs = [hub_layer(scene)] if has_hubs(scene) else []
    layers = (
        _districts(scene),
        _squares(scene, shown),
        _numbered(scene, shown),
        *hubs,
        park_layer(scene),
        _view(scene, shown, city),
    )
    watermark = t("map.watermark") if board.dataset.synthetic else ""
    atlas = map_atlas(board.dataset, t.language, tokens.theme)
    return MapParts(Frame(city, notice, atlas, words=words, watermark=watermark), layers)


def classes_of(found: Suitability) -> "pd.Series[int]":
    """Class of every square: 0 to 3 by score, then ruled out, then unknown."""
    of_cell = suitability_classes(found.cells[c.SCORE]).of_cell.fillna(UNKNOWN).astype(np.int8)
    return of_cell.mask(found.cells[c.RULED_OUT].to_numpy(bool), RULED_OUT).astype(np.int8)


def squares_picture(found: Suitability, tokens: Tokens) -> tuple[bytes, Bounds]:
    """The squares as a PNG in the colours of a theme, and where it lies."""
    grid, palette = found.grid, tokens.palette
    classes = np.full(grid.inside.shape, -1, np.int8)
    classes[grid.inside] = classes_of(found).to_numpy(np.int8)
    fills = (
        *(Fill(colour, opacity=1.0) for colour in palette.ramp),
        Fill(palette.ground, palette.muted, opacity=0.9),
        Fill(palette.no_data, palette.muted, dotted=True, opacity=0.9),
    )
    return cell_picture(
        classes,
        fills,
        crs=grid.crs,
        cell_m=grid.cell_m,
        west_m=grid.first_column * grid.cell_m,
        south_m=grid.first_row * grid.cell_m,
        cell_px=CELL_PX.get(int(grid.cell_m), 6),
    )


def square_name(found: Suitability, cell_id: str, t: Words, names: "pd.Series[str]") -> str:
    """A square by its district and the middle of it, since it has no name."""
    district = found.cells[c.DISTRICT_ID][cell_id]
    lon, lat = _degrees(found, [cell_id])[0].centroid.coords[0]
    return t("suitability.square", district=names.get(district, t("word.unplaced")), lon=f"{lon:.3f}", lat=f"{lat:.3f}")


def mask_sentence(shown: SquaresOnMap, t: Words) -> str:
    """What rules squares out, or that nothing does and the map is indicative."""
    if shown.mask is None:
        return t("suitability.indicative")
    return t(f"suitability.mask_{shown.mask_means}", name=shown.mask.name, n=f"{len(shown.mask.polygons):,}")


def _districts(scene: Scene) -> Layer:
    areas = [
        Area(
            area_id=str(district),
            label=str(scene.label[district]),
            value="",
            step=NO_DATA,
            lon=float(scene.districts[c.LABEL_LON][district]),
            lat=float(scene.districts[c.LABEL_LAT][district]),
            tip=(str(scene.name[district]),),
            card=None,
        )
        for district in scene.districts.index
    ]
    return draw_areas(areas, scene.tokens.palette, name=scene.t("layer.districts"), legend=Legend(()))


def _squares(scene: Scene, shown: SquaresOnMap) -> Layer:
    png, bounds = squares_picture(shown.found, scene.tokens)
    return draw_picture(
        Picture(png, bounds, _legend(scene, shown)),
        name=scene.t("layer.squares"),
        asks=scene.served,
        outlines=[f"district:{district}" for district in scene.districts.index],
        ink=scene.tokens.palette.edge_no_data,
    )


def _legend(scene: Scene, shown: SquaresOnMap) -> Legend:
    t, palette, found = scene.t, scene.tokens.palette, shown.found
    least = (None, *suitability_classes(found.cells[c.SCORE]).least)
    classes = classes_of(found)
    keys = [
        Key(_class_words(number, least[number], t), palette.ramp[number])
        for number in range(BEST, -1, -1)
        if (classes == number).any()
    ]
    if (classes == RULED_OUT).any():
        keys.append(Key(t("suitability.ruled_out"), palette.ground, palette.muted, hatch=True))
    if (classes == UNKNOWN).any():
        keys.append(Key(t("suitability.unknown"), palette.no_data, palette.muted, dash="dotted"))
    title = t("suitability.legend", km=f"{found.grid.cell_m / 1_000:g}")
    return Legend(((title, tuple(keys)),), mask_sentence(shown, t))


def _class_words(number: int, least: float | None, t: Words) -> str:
    words = t(f"suitability.class_{number}")
    return words if least is None else t("suitability.class_from", words=words, least=f"{least:.2f}")


def _numbered(scene: Scene, shown: SquaresOnMap) -> Layer:
    """The best square of each of the first districts, and the one in focus."""
    best = best_by_district(shown.found, most=MOST_NUMBERED)
    numbers = {str(cell): str(number) for number, cell in enumerate(best.index, start=1)}
    if shown.square and shown.square not in numbers:
        numbers[shown.square] = "◎"
    outlines = _degrees(shown.found, list(numbers))
    hulls = [
        _hull(scene, shown, cell, number, outline)
        for (cell, number), outline in zip(numbers.items(), outlines, strict=True)
    ]
    return draw_hulls(hulls, scene.tokens.palette, name=scene.t("layer.best_squares"), kind="square")


def _hull(scene: Scene, shown: SquaresOnMap, cell: str, number: str, outline: shapely.Polygon) -> Hull:
    t, found = scene.t, shown.found
    title = square_name(found, cell, t, scene.name)
    score = found.cells[c.SCORE][cell]
    said = t("suitability.score", score=f"{score:.2f}") if score == score else t("suitability.no_score")
    return Hull(
        hull_id=cell,
        outline=outline,
        label=number,
        lon=float(outline.centroid.x),
        lat=float(outline.centroid.y),
        tip=(title, said),
        card=Card(title, ((t("suitability.score_field"), said),), (mask_sentence(shown, t),)),
        focus=cell == shown.square,
    )


def _degrees(found: Suitability, cells: list[str]) -> list[shapely.Polygon]:
    outlines = found.cells.geometry.loc[cells].to_crs(STORAGE_CRS).to_numpy()
    return list(shapely.transform(outlines, lambda xy: xy.round(5)))


def _view(scene: Scene, shown: SquaresOnMap, city: Bounds) -> Layer:
    bounds: Bounds | None = None
    if shown.square:
        west, south, east, north = _degrees(shown.found, [shown.square])[0].bounds
        around = AROUND_DEGREES
        bounds = ((south - around, west - around), (north + around, east + around))
    focus = Focus(f"square:{shown.square}", city, bounds)
    return draw_focus(focus, scene.tokens.palette, name="focus")
